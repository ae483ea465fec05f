"""The page on which a school reads its own list and models it: one file, which asks for nothing and sends nothing.

What it knows is data: the policy as the calculator has it, imports/ as the commands read it, and what a model says in
words. Its scripts are joined here into one file, with a policy of content by which a browser refuses every request.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from senpolicy.caseloads import budgets
from senpolicy.caseloads.importing.run import definitions, fact_headings
from senpolicy.caseloads.school_model import cited, modelled, point, reason, spans
from senpolicy.files.digests import PlainData
from senpolicy.files.models.imports import CodeMeaning
from senpolicy.files.models.views import views_of
from senpolicy.files.problems import WrongUse
from senpolicy.policy.editions import under_edition
from senpolicy.policy.timeline import Policy
from senpolicy.site import calculator, look

#: The page, from the site's root.
PAGE = "schools/your-list.html"
FOLDER = calculator.ASSETS / "school"
KEPT = calculator.ASSETS / "kept"
#: What the page and its worker run, in order: kept libraries, what the calculator has, and what is the page's own.
LIBRARIES = ("fflate-0.8.2", "js-yaml-4.1.1")
SHARED = ("evaluator.js", "list.js")
SCRIPTS = (
    "values.js", "files.js", "records.js", "keys.js", "importing.js", "plans.js", "model.js", "ledger.js",
    "answering.js",
)  # fmt: skip


def page(policy: Policy) -> bytes:
    """Return the page as one file; raises `WrongUse` for a policy that says too little for it.

    Its own policy of content allows its scripts and its style by their digests, a worker made of the first script, and
    nothing else: no request, no image, no form.
    """
    kept = (f"/*\n{_text(KEPT / f'{one}.LICENSE.txt')}*/\n{_text(KEPT / f'{one}.min.js')}" for one in LIBRARIES)
    engine = "\n".join(
        [*kept, *(_text(calculator.ASSETS / name) for name in SHARED), *(_text(FOLDER / name) for name in SCRIPTS)]
    )
    own, style = _text(FOLDER / "page.js"), look.colours() + _text(FOLDER / "page.css")
    allowed = {
        "default-src": "'none'",
        "script-src": f"{_digest(engine)} {_digest(own)}",
        "style-src": _digest(style),
        "worker-src": "blob:",
        "connect-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    data = json.dumps(compiled(policy), ensure_ascii=False, separators=(",", ":"))
    parts = {
        "POLICY": "; ".join(f"{name} {value}" for name, value in allowed.items()),
        "STYLE": style,
        "ENGINE": engine,
        "PAGE": own,
        "DATA": data.replace("</", "<\\/"),  # It would end the script.
    }
    made = _text(FOLDER / "page.html")
    return re.sub("@@([A-Z]+)@@", lambda found: parts[found[1]], made).encode()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def compiled(policy: Policy) -> dict[str, PlainData]:
    """Return what the page knows, as plain data; raises `WrongUse` for a policy that says too little for it."""
    return {"policy": calculator.compiled(policy), "imports": imports_of(policy), "model": model_of(policy)}


def imports_of(policy: Policy) -> dict[str, PlainData]:
    """Return how files are read, from imports/, as plain data; raises `WrongUse` where the policy has none of it.

    Codes and facts are pairs in their order, for a script puts names that are figures before others. `limits` has for
    each parameter that a reading names the days from which it has a value, "" for the first, each with the value.
    """
    kinds, told = definitions(policy)
    named = {(one.before or "").removeprefix("$") for one in told.facts.values()} - {""}
    return {
        "columns": {name: _plain(one) for name, one in kinds.columns.items()},
        "lists": {name: _codes(one.codes) for name, one in kinds.lists.items()},
        "kinds": [
            {**_plain(one), "kind": one.kind, "codes": {name: _codes(codes) for name, codes in one.codes.items()}}
            for one in kinds.kinds
        ],
        "headings": [[heading, name] for heading, name in fact_headings(policy).items()],
        "facts": [[name, _plain(one)] for name, one in told.facts.items()],
        "leaver_words": list(told.leaver_words),
        "fee_words": list(told.fee_words),
        "provision_words": list(told.provision_words),
        "other_amounts": list(told.other_amounts),
        "flags": {name: one.says for name, one in told.flags.items()},
        "limits": {name: _limits(name, policy) for name in sorted(named)},
    }


def _plain(one: BaseModel) -> dict[str, PlainData]:
    return one.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _codes(codes: Mapping[str, CodeMeaning]) -> list[PlainData]:
    return [[name, _plain(one)] for name, one in codes.items()]


def _limits(name: str, policy: Policy) -> list[PlainData]:
    found: list[PlainData] = []
    for period in policy.periods:
        setter = policy.parameter(name, period.start or date.min)
        value = setter[1].value if setter else None
        found.append(
            [period.start.isoformat() if period.start else "", value.isoformat() if isinstance(value, date) else None]
        )
    return found


def model_of(policy: Policy) -> dict[str, PlainData]:
    """Return what a model of a school shows, as plain data; raises `WrongUse` where rules/views.yaml does not say so.

    `spans` are the periods of the policy, those with the same rules as one: for each the reason of every way in which a
    question can come out, by its place among `reasons`, the last day that it gives, and the cautions of its answers.
    """
    of = modelled(policy)
    reasons, cautions = dict[str, int](), dict[str, int]()
    found: list[PlainData] = []
    for span in spans(policy, date.min):
        told = {name: reasons.setdefault(reason(name, span, policy), len(reasons)) for name in span.outcomes}
        untils = {
            name: last.isoformat()
            for name, one in span.outcomes.items()
            if isinstance(last := one.gives.get(of.protects.until), date)
        }
        beside = []
        for question, one in span.cautions:
            data = {"question": question, "id": one.id, "says": one.says, "decision": one.decision}
            text = json.dumps(data | one.source.to_json() | {"cited": cited(one.source, policy)})
            beside.append(cautions.setdefault(text, len(cautions)))
        found.append(
            {
                "at": len(found),
                "start": span.first.isoformat() if span.begins else None,
                "end": span.last.isoformat() if span.ends else None,
                "reasons": told,
                "untils": untils,
                "cautions": beside,
            }
        )
    points = {
        name: {"name": one.name, "title": one.title, "settle": one.settle, "where": list(one.where)}
        for name in policy.corpus.open_points
        for one in [point(name, 0, policy)]
    }
    return {
        "route": of.route,
        "questions": list(of.questions),
        "protects": of.protects.model_dump(mode="json"),
        "pays": of.pays.model_dump(mode="json"),
        "before": of.beside.before,
        "years": dict(of.beside.years),
        "options": list(of.beside.options),
        "spans": found,
        "reasons": list(reasons),
        "cautions": [json.loads(one) for one in cautions],
        "points": points,
        "ledger": _ledger(policy),
        **_plans(policy),
    }


def _ledger(policy: Policy) -> dict[str, PlainData] | None:
    """Return how a budget's first claims are found, and in each year by which rows one may be kept; None without."""
    try:
        formula = budgets.formula_of(policy)
    except WrongUse:
        return None
    how = formula.protected
    if how is None:
        return None
    years: list[PlainData] = []
    for number in budgets.years_of(policy):
        division = budgets.division(policy, number)
        rows = policy.on(division.first).questions[how.question].outcomes
        may = [one.id for one in rows if how.answer in (one.answer, *one.allows)]
        days = {"first": division.first.isoformat(), "last": division.last.isoformat()}
        years.append({"year": number, **days, "may": list[PlainData](may)})
    named: dict[str, PlainData] = {"question": how.question, "answer": how.answer, "rate": how.claim}
    return named | {"least": how.least, "most": how.most, "column": formula.column, "years": years}


def _changed(base: PlainData, under: PlainData) -> PlainData:
    """Return what an edition has in the place of a part of the policy: of entries with names those that differ."""
    if not isinstance(base, list) or not isinstance(under, list) or len(base) != len(under):
        return under
    pairs = list(zip(base, under, strict=True))
    named = all(
        isinstance(one, dict) and isinstance(two, dict) and one.get("name", "") == two.get("name") for one, two in pairs
    )
    return {"but": [two for one, two in pairs if one != two]} if named else under


def _plans(policy: Policy) -> dict[str, PlainData]:
    """Return how a plan of bands and rates is shown, and by edition what of the policy is another with its levels."""
    told = views_of(policy.corpus.files).tariff
    if told is None:
        return {"tariff": None, "editions": {}}
    base = calculator.compiled(policy)
    editions: dict[str, PlainData] = {}
    for name, edition in policy.corpus.editions.items():
        under = calculator.compiled(under_edition(policy, name))
        editions[name] = {
            "title": edition.title,
            "not_the_councils": edition.not_the_councils,
            "policy": {
                part: _changed(base[part], value)
                for part, value in under.items()
                if value != base[part] and part != "scenario"
            },
        }
    elsewhere = told.elsewhere.group if told.elsewhere else None
    of = {
        "answer": told.answer,
        "level": told.level,
        "place": told.place,
        "part_column": told.weight,
        "elsewhere": elsewhere,
        "paid_today": told.paid_today,
        "own_rates": list[PlainData](told.own_rates),
        "guaranteed": list[PlainData](told.guaranteed),
    }
    return {"tariff": of, "editions": editions}
