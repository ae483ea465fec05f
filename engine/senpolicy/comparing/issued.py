"""Decisions already issued, held against a corrected policy: which would differ, from which day, and the pounds.

A decision records the facts that its tests asked for, no others. Where the head asks for more, that is said: the cases
themselves (`--cases`) then settle it. Pounds are those that both decisions give; an amount that nobody knows is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from senpolicy.checking.examples import decide_facts
from senpolicy.comparing.movement import Money, money_of, views_of_both
from senpolicy.deciding.cases import Case, Refused, read_row
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.deciding.record import FORMAT, verify
from senpolicy.files.models.views import Pays
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse
from senpolicy.language.conditions import pence, pounds
from senpolicy.language.days import part_of_year
from senpolicy.policy.timeline import Policy, PortionInForce, policy
from senpolicy.proving.nearest import differing, given_facts

#: What of an answer is not compared: the reasons.
ASIDE = ("because", "did_not_hold", "cautions")


@dataclass(frozen=True)
class Issued:
    """A decision as it was issued: the case, as far as it is known, and its answers as plain data.

    `whole` says that the case was at hand, and not only what the decision records of it; `by_base` that it was
    decided by the base, as of whichever decision: by its digest.
    """

    ref: str
    day: date
    case: Case | Refused
    answers: Mapping[str, Any]
    whole: bool
    by_base: bool


@dataclass(frozen=True)
class IssuedOutcome:
    """What becomes of an issued decision under the head.

    `changed` are the answers that differ (as issued, as they would be). `first` and `last` are the days, both included,
    on which base and head differ for the facts as they are; None: without end, or no such day. `asks` are facts that
    the head needs and the decision does not record. `base` and `head` are pounds a year in pence, None if not known.
    """

    issued: Issued
    changed: Mapping[str, tuple[Any, Any]]
    first: date | None = None
    last: date | None = None
    asks: tuple[str, ...] = ()
    base: Money | None = None
    head: Money | None = None
    note: str = ""

    @property
    def difference(self) -> Money | None:
        """The pounds a year by which the head gives more, low and high, in pence; None where one is not known."""
        if self.base is None or self.head is None:
            return None
        return self.head[0] - self.base[0], self.head[1] - self.base[1]

    @property
    def for_the_days(self) -> Money | None:
        """The difference for the days from the first to the last (`days.part_of_year`), to the penny towards zero."""
        if self.difference is None or self.first is None or self.last is None:
            return None
        days = (self.last - self.first).days + 1
        low, high = (part_of_year(money, days, up=money < 0) for money in self.difference)
        return low, high

    def to_json(self) -> dict[str, Any]:
        """Return what becomes of the decision as plain data, pounds as text."""
        data: dict[str, Any] = {
            "case_ref": self.issued.ref,
            "decision_date": self.issued.day.isoformat(),
            "changed": {name: {"issued": was, "would_be": now} for name, (was, now) in self.changed.items()},
        }
        if self.first:
            data["differs"] = {"from": self.first.isoformat(), "until": self.last.isoformat() if self.last else None}
        if self.asks:
            data["not_recorded"] = list(self.asks)
        for name, money in (("issued", self.base), ("would_be", self.head), ("difference", self.difference),
                            ("difference_for_the_days", self.for_the_days)):  # fmt: skip
            if money is not None and (self.changed or self.first):
                data.setdefault("pounds_a_year", {})[name] = {"low": pounds(money[0]), "high": pounds(money[1])}
        if not self.issued.by_base:
            data["by_another_version"] = True
        return data | ({"note": self.note} if self.note else {})


def read_issued(file: Path, decider: Decider, cases: Sequence[Case | Refused] = ()) -> list[Issued]:
    """Return the decisions of a file as `senpolicy decide --json` prints them, those that were not issued left out.

    Decision records (`senpolicy decide --records`) are read too; a record that is not valid is refused by itself. The
    facts are those of `cases` where one has the same reference and day, otherwise those that the decision records.
    Raises `PolicyError` where the file is not such a list.
    """
    place = Place(file.name)
    try:
        data = json.loads(file.read_bytes().decode("utf-8-sig"), parse_float=str)
    except OSError:
        raise PolicyError(
            [Problem(place, "no-file", "This file is not there, or cannot be read.", "Check its name.")]
        ) from None
    except (ValueError, RecursionError):
        raise PolicyError([Problem(place, "not-json", "This cannot be read as JSON.", _HELP)]) from None
    known = {(case.ref, case.day): case for case in cases if isinstance(case, Case)}
    found, problems = [], []
    for number, item in enumerate(data if isinstance(data, list) else [data], 1):
        if isinstance(item, dict) and "problems" in item:
            continue
        try:
            ref, day, answers = str(item["case_ref"]), date.fromisoformat(item["decision_date"]), dict(item["answers"])
            sealed = item.get("format") == FORMAT
            if sealed:
                answers = _sealed_answers(item)
            case = known.get((ref, day)) or (_sealed if sealed else _recorded)(item, number, file.name, decider)
            compact = {name: _compact(answer) for name, answer in answers.items()}
            by_base = _is_of(item["policy"], decider.policy)
            found.append(Issued(ref, day, case, compact, sealed or (ref, day) in known, by_base))
        except (KeyError, TypeError, ValueError, AttributeError):
            problems.append(Problem(place, "not-a-decision", "This is not a decision.", _HELP, row=number))
    if problems:
        raise PolicyError(problems)
    return found


def _is_of(named: Mapping[str, Any], base: Policy) -> bool:
    """Return whether a decision names the base, maybe as of another decision; an older one names its files."""
    older = named["digest"] == base.corpus.files_digest
    return older or named["digest"] in (base.digest, _digest_as_of(base, named["as_of"]))


@lru_cache(maxsize=4)
def _digest_as_of(base: Policy, as_of: str) -> str:
    """Return the digest of the base as of a decision, "" where it has none."""
    standings = {base.corpus.decisions[one].status for one in (*base.decisions, as_of) if one in base.corpus.decisions}
    readings = base.readings[-1].id if base.readings else "none"
    scenario = base.scenario.scenario if base.scenario else None
    try:
        return policy(base.corpus, as_of=as_of, include_proposed="proposed" in standings, readings=readings,
                      scenario=scenario).digest  # fmt: skip
    except WrongUse:
        return ""


_HELP = "Give the list that 'senpolicy decide CASES --json' prints, or the records of 'senpolicy decide --records'."


def _sealed_answers(record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the answers of a decision record in the form in which decisions are printed, without the steps."""
    questions = {one["question"]: one for one in record.get("reasons", {}).get("questions", [])}
    return {
        name: {"answer": one["answer"], **questions.get(name, {}).get("figures", {}),
               **{part: one[part] for part in ("missing_facts", "open_points") if one[part]}}
        for name, one in record["answers"].items() if not questions.get(name, {}).get("step")
    }  # fmt: skip


def _sealed(record: Mapping[str, Any], number: int, name: str, decider: Decider) -> Case | Refused:
    """Return the case of a decision record: all its facts but those that follow; refused where it is not valid."""
    checked_again = verify(record)
    if checked_again.faults or checked_again.removed:
        said = ("This decision record is not valid: " + checked_again.faults[0] if checked_again.faults
                else "This decision record no longer holds the pupil's facts.")  # fmt: skip
        help = "See 'senpolicy verify-record'." if checked_again.faults else "Give the case with --cases."
        return Refused(str(record["case_ref"]), (Problem(Place(name), "not-a-decision", said, help),), number)
    facts = record["facts"]
    cells = {"case_ref": record["case_ref"], "decision_date": record["decision_date"]}
    for fact, one in facts["known"].items():
        kind = decider.policy.types.get(fact)
        if fact not in facts["followed"] and kind and not kind.is_answer:
            cells[fact] = one["value"] if isinstance(one["value"], bool) else str(one["value"])
    return read_row(cells.items(), number, name, decider.policy)


def _recorded(item: Mapping[str, Any], number: int, name: str, decider: Decider) -> Case | Refused:
    """Return the case that a decision records in its tests."""
    cells = {"case_ref": item["case_ref"], "decision_date": item["decision_date"]}
    followed = set(item.get("followed", {}))
    for answer in [*item["answers"].values(), *item.get("steps", {}).values()]:
        for reason in [*answer.get("because", []), *answer.get("did_not_hold", [])]:
            for test in reason.get("tests", []):
                kind = decider.policy.types.get(test["fact"])
                if kind and not kind.is_answer and test["value"] is not None and test["fact"] not in followed:
                    value = test["value"]
                    cells[test["fact"]] = value if isinstance(value, bool) else str(value)
    return read_row(cells.items(), number, name, decider.policy)


def _compact(answer: Mapping[str, Any]) -> dict[str, Any]:
    # A part of a year, a figure of several parts, only follows from the rest.
    return {name: value for name, value in answer.items() if name not in ASIDE and not isinstance(value, Mapping)}


def outcomes(issued: Sequence[Issued], base: Decider, head: Decider) -> list[IssuedOutcome]:
    """Return what becomes of each issued decision under the head; without pounds where no views say what pays."""
    pays = views_of_both(base.policy, head.policy).pays
    return [_outcome(one, base, head, pays) for one in issued]


def _outcome(one: Issued, base: Decider, head: Decider, pays: Pays | None) -> IssuedOutcome:
    if isinstance(one.case, Refused):
        return IssuedOutcome(
            one, {}, note="Its facts cannot be read: " + "; ".join(str(p.message) for p in one.case.problems)
        )
    facts = given_facts(one.case)
    now = _decided(head, one, facts, one.day)
    if now is None:
        note = "The head would not decide it: its facts contradict each other there."
        return IssuedOutcome(one, {}, one.day, base=_issued_money(one, pays), note=note)
    answers = {name: _compact(answer) for name, answer in now.plain_answers().items()}
    untold = {name: _untold(now, name) for name in now.answers}
    issued = {
        name: {key: value for key, value in answer.items() if key not in untold.get(name, ())}
        for name, answer in one.answers.items()
    }
    changed = {name: (one.answers.get(name), answers.get(name)) for name in dict.fromkeys([*issued, *answers])
               if issued.get(name) != answers.get(name)}  # fmt: skip
    asks = {name for was, then in changed.values() for name in (then or {}).get("missing_facts", [])
            if name not in (was or {}).get("missing_facts", [])}  # fmt: skip
    was = _decided(base, one, facts, one.day)
    not_told = [name for name, figures in untold.items()
                if figures and name not in changed and not (was and _untold(was, name) == figures)]  # fmt: skip
    note = f"Its facts do not tell the figures of: {', '.join(not_told)}." if not_told else ""
    first, last = _days(one, facts, base, head, bool(changed))
    was_money, money = _issued_money(one, pays), money_of(now, pays)
    if first and first > one.day:
        # Nothing differs on its own day; the pounds are those of the day from which on something does.
        later = [_decided(decider, one, facts, first) for decider in (base, head)]
        was_money, money = (money_of(decision, pays) if decision else None for decision in later)
    return IssuedOutcome(one, changed, first, last, tuple(sorted(asks)), was_money, money, note)


def _untold(decision: Decision, question: str) -> dict[str, Any]:
    """Return the figures that an answer lacks since a fact is not known, each as its row gives it.

    What was issued records the facts of its tests, and a figure may rest on one that no row tests.
    """
    answer, facts = decision.answers.get(question), decision.case.facts
    gives = answer.because[0].outcome.gives if answer and answer.held else {}
    if answer is None or not any(isinstance(one, PortionInForce) and facts.get(one.fact) is None
                                 for one in gives.values()):  # fmt: skip
        return {}
    return {name: value for name, value in gives.items() if value is not None and name not in answer.gives}


def _decided(decider: Decider, one: Issued, facts: Mapping[str, Any], day: date) -> Decision | None:
    known = {name: value for name, value in facts.items() if name in decider.policy.types}
    found = decide_facts(decider, {**known, "decision_date": day}, one.ref)
    return found if isinstance(found, Decision) else None


def _issued_money(one: Issued, pays: Pays | None) -> Money | None:
    if pays is None:
        return None
    amount = one.answers.get(pays.question) or {}
    if amount.get("answer") == pays.nothing:
        return 0, 0
    low, high = (amount.get(pays.known, amount.get(name)) for name in (pays.least, pays.most))
    return (pence(Decimal(low)), pence(Decimal(high))) if low is not None and high is not None else None


def _days(
    one: Issued, facts: Mapping[str, Any], base: Decider, head: Decider, changed: bool
) -> tuple[date | None, date | None]:
    """Return the first and last day on which the two differ for these facts, the first such stretch alone."""
    first = one.day if changed else None
    starts = sorted({period.start for decider in (base, head) for period in decider.policy.periods
                     if period.start and period.start > one.day})  # fmt: skip
    for day in [one.day, *starts]:
        was, now = (_decided(decider, one, facts, day) for decider in (base, head))
        differs = (was is None) is not (now is None) or bool(was and now and differing(was, now))
        if day == one.day:
            differs = differs or changed
        if differs and first is None:
            first = day
        if not differs and first is not None:
            return first, day - timedelta(days=1)
    return first, None


def differing_only(found: Sequence[IssuedOutcome]) -> Iterator[IssuedOutcome]:
    """Yield the decisions that would come out differently, on their own day or later, or that cannot be told."""
    return (one for one in found if one.changed or one.first or one.note)
