"""The calculator in the page: the policy as plain data, which one short script decides from in the browser.

What the script reads is compiled once, with every limit bound to its value, so that it compares and nothing else. It
needs no network. That it gives the answers of the engine is tested on every golden case and on generated ones, by
`tests/browser/test_calculator.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from senpolicy.deciding import cases
from senpolicy.deciding.answers import figure
from senpolicy.files.digests import PlainData, canonical
from senpolicy.files.models.views import views_of
from senpolicy.language.conditions import AllOf, Condition, FactLimit, FactType, Not, Test
from senpolicy.language.days import DAYS_IN_YEAR
from senpolicy.policy.timeline import (
    CaseRuleInForce,
    CautionInForce,
    Figure,
    Outcome,
    Period,
    Policy,
    PortionInForce,
    QuestionInForce,
)
from senpolicy.readings.say import say_asked, say_figure, say_settled, say_value
from senpolicy.site.words import abbreviations_of, heading

ASSETS = Path(__file__).parent / "assets"
#: The scripts and styles of the page: the first decides, the second reads a list, the third shows.
FILES = ("evaluator.js", "list.js", "calculator.js", "calculator.css")
#: The methods of an edition that the script has too.
METHODS = frozenset({"highest_area"})


def write(policy: Policy, folder: Path) -> list[Path]:
    """Write the policy and the scripts of the calculator into `folder`; return the files that were written.

    The policy stands in a script of its own, `policy.js`, and not in a file to be fetched: so the page works from a
    disk, too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(compiled(policy), ensure_ascii=False, separators=(",", ":"))
    # `</` would end the script if the data were ever put into a page.
    (folder / "policy.js").write_text("window.senpolicy = " + data.replace("</", "<\\/") + ";\n", encoding="utf-8")
    for name in FILES:
        (folder / name).write_bytes((ASSETS / name).read_bytes())
    return [folder / name for name in ("policy.js", *FILES)]


def compiled(policy: Policy) -> dict[str, PlainData]:
    """Return the policy as plain data: facts, questions, open points, and what counts in each period.

    Money is whole pence, dates are ISO text, shares are text. Outcomes, cautions and rules about facts stand once, and
    periods name them by their place.
    """
    outcomes = _Pool[Outcome](lambda one: _outcome(one, policy))
    cautions, rules = _Pool(_caution), _Pool[CaseRuleInForce](lambda one: _rule(one, policy.types))
    periods: list[dict[str, PlainData]] = [
        {
            "start": period.start.isoformat() if period.start else "",
            "questions": [
                {
                    "name": question.name,
                    "outcomes": [outcomes.place(one) for one in question.outcomes],
                    "cautions": [cautions.place(one) for one in question.cautions],
                }
                for question in period.questions.values()
            ],
            "follows": [rules.place(one) for one in period.follows],
            "problems": [rules.place(one) for one in period.problems],
            "warnings": [rules.place(one) for one in period.warnings],
            "levels": _levels(policy, period),
        }
        for period in policy.periods
    ]
    asked: dict[str, QuestionInForce] = {}
    for period in policy.periods:
        asked |= period.questions
    points = {point for one in outcomes.things for point in one.open_points}
    views = views_of(policy.corpus.files)
    return {
        "as_of": policy.as_of,
        "digest": policy.digest,
        "scenario": policy.scenario.says if policy.scenario else None,
        "days_in_year": DAYS_IN_YEAR,
        "facts": [_fact(name, policy) for name in policy.corpus.facts.facts],
        "questions": {name: _question(one, policy) for name, one in asked.items()},
        "points": {name: _point(name, policy) for name in sorted(points)},
        "readings": {one.id: {"says": one.says, "because": one.because} for one in policy.readings},
        "outcomes": outcomes.data,
        "cautions": cautions.data,
        "rules": rules.data,
        "periods": periods,
        "abbreviations": sorted(abbreviations_of(policy.corpus)),
        "route": views.route,
        "pays": views.pays.model_dump() if views.pays else None,
        "groups": list(policy.corpus.facts.groups),
        # Ratings are asked for where an edition says how they lead to a level.
        "rated": any(period["levels"] for period in periods),
        "privacy": _privacy(),
    }


#: What the pool holds: outcomes, cautions, or rules about facts.
Thing = TypeVar("Thing")


@dataclass
class _Pool(Generic[Thing]):
    """Things that are held once, each at a place counted from 0, and what they are written as."""

    written: Callable[[Thing], dict[str, PlainData]]
    things: list[Thing] = field(default_factory=list)
    data: list[dict[str, PlainData]] = field(default_factory=list)
    places: dict[bytes, int] = field(default_factory=dict)

    def place(self, one: Thing) -> int:
        """Return the place of a thing, which is added where nothing is written alike yet."""
        data = self.written(one)
        key = canonical(data)
        if key not in self.places:
            self.places[key] = len(self.data)
            self.things.append(one)
            self.data.append(data)
        return self.places[key]


def _fact(name: str, policy: Policy) -> dict[str, PlainData]:
    fact = policy.corpus.facts.facts[name]
    data: dict[str, PlainData] = {"name": name, "label": fact.label, "type": fact.type, "required": fact.required}
    kind = policy.types.get(name)
    if kind is None:
        return data
    data |= {"unit": kind.unit, "values": list(kind.values), "labels": list(kind.value_labels)}
    data |= {"lowest": kind.lowest, "highest": kind.highest, "note": fact.note, "area": fact.area}
    if kind.unit == "year_group" and kind.lowest is not None and kind.highest is not None:
        data["labels"] = [say_value(one, kind) for one in range(kind.lowest, kind.highest + 1)]
    return data


def _question(question: QuestionInForce, policy: Policy) -> dict[str, PlainData]:
    file = policy.corpus.questions[question.name]
    added = policy.scenario.answers.get(question.name, {}) if policy.scenario else {}
    answers = {**file.answers, **added}
    return {"asks": file.asks, "answers": answers, "step": question.step, "ask": list(question.ask)}


def _point(name: str, policy: Policy) -> dict[str, PlainData]:
    number, point = policy.corpus.open_points[name]
    told = [f"{heading(say_settled(*one))}." for one in policy.settled if one[1].point == name]
    return {
        "decision": number,
        "title": point.title,
        "says": " ".join([point.says, *told]),
        "where": [f"{one.document} {one.paragraph}" for one in point.where],
        "allows": point.allows,
        "allows_text": point.allows_text,
    }


def _outcome(outcome: Outcome, policy: Policy) -> dict[str, PlainData]:
    return {
        "id": outcome.id,
        "answer": outcome.answer,
        "points": list(outcome.open_points),
        "says": outcome.says,
        "where": f"{outcome.decision}, {outcome.source.document} {outcome.source.paragraph}",
        "reading": outcome.reading,
        "assumed": bool(outcome.assumed),
        "when": _condition(outcome.condition, policy.types),
        "gives": {name: _given(value) for name, value in outcome.gives.items()},
    }


def _given(value: Figure | PortionInForce) -> dict[str, PlainData]:
    if isinstance(value, PortionInForce):
        data: dict[str, PlainData] = {"of": value.fact, "round": value.round}
        if value.share is not None:
            top, bottom = value.share.as_integer_ratio()
            data["share"] = [str(top), str(bottom)]
        if value.until is not None:
            data["until"] = value.until.isoformat()
        return data
    return {"is": figure(value), "says": say_figure(value)}


def _caution(caution: CautionInForce) -> dict[str, PlainData]:
    where = f"{caution.source.document} {caution.source.paragraph}"
    return {"id": caution.id, "says": caution.says, "where": where, "when": _condition(caution.condition, {})}


def _rule(rule: CaseRuleInForce, types: dict[str, FactType]) -> dict[str, PlainData]:
    return {
        "id": rule.id,
        "fact": rule.field,
        "says": rule.says,
        "help": rule.help,
        "when": _condition(rule.condition, types),
        "value": _plain(rule.value),
    }


def _condition(condition: Condition, types: dict[str, FactType]) -> dict[str, PlainData]:
    if isinstance(condition, Test):
        return _test(condition, types.get(condition.fact))
    if isinstance(condition, Not):
        return {"not": _condition(condition.part, types)}
    word = "all" if isinstance(condition, AllOf) else "any"
    return {word: [_condition(part, types) for part in condition.parts]}


def _test(test: Test, kind: FactType | None) -> dict[str, PlainData]:
    """Return a test with its limit and, where it will be shown, what it asks in words, as it stands and negated."""
    if isinstance(test.limit, FactLimit):
        return {"fact": test.fact, "asks": test.operator, "other": test.limit.fact, "by": test.limit.by}
    data: dict[str, PlainData] = {"fact": test.fact, "asks": test.operator, "limit": _plain(test.limit)}
    if kind and kind.ordered and test.operator != "known":
        words = [say_asked(test, kind, negated=negated).removeprefix("is ") for negated in (False, True)]
        data["words"] = [f"{one} {say_value(test.limit, kind)}" for one in words]
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _levels(policy: Policy, period: Period) -> dict[str, PlainData] | None:
    """Return how ratings by area lead to a level, None where the edition in use has no such method."""
    facts, edition = policy.corpus.facts.facts, period.edition
    level = next((name for name, fact in facts.items() if fact.from_ratings), None)
    if edition is None or edition.banding is None or level is None or edition.banding.method not in METHODS:
        return None
    return {
        "fact": level,
        "order": [one.id for one in sorted(edition.levels, key=lambda one: one.order)],
        "ratings": {area.id: [name for name, fact in facts.items() if fact.area == area.id] for area in edition.areas},
    }


def _privacy() -> dict[str, PlainData]:
    """Return the patterns by which what identifies a child is known, as `senpolicy.deciding.cases` has them."""
    return {
        "longest": cases.LONGEST,
        "identifiers": [_pattern(one) for one in cases.IDENTIFIERS],
        "words": _pattern(cases.IDENTIFYING_WORDS),
    }


def _pattern(pattern: re.Pattern[str]) -> list[str]:
    """Return a pattern with its flags, as JavaScript writes them."""
    return [pattern.pattern, "i" if pattern.flags & re.IGNORECASE else ""]
