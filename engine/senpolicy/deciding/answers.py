"""What a decision holds, and how it is written as plain data in the form of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypedDict

from senpolicy.deciding.cases import Case
from senpolicy.files.digests import PlainData
from senpolicy.files.models.rules import Portion, Settlement
from senpolicy.files.problems import Place, Problem
from senpolicy.language.conditions import TestResult, Value, pounds, tests, written
from senpolicy.policy.settling import Settled
from senpolicy.policy.timeline import CautionInForce, Figure, Outcome, Period, Policy
from senpolicy.readings.judge import Trace, trace

#: An amount for the days from the decision's day until another, both included; `assumes` is how they are counted.
PartOfYear = TypedDict("PartOfYear", {"from": date, "until": date, "days": int, "amount": int, "assumes": str})
#: A figure that goes with the answer to one case.
GivenFigure = Figure | PartOfYear


@dataclass(frozen=True)
class Reason:
    """Why an answer is what it is: the outcome that held (or may still hold), and every test of it.

    `facts` are those that the question was decided by, earlier answers among them. How each test came out is worked out
    when it is asked for: of most cases of a caseload nobody asks.
    """

    outcome: Outcome
    facts: Mapping[str, Value] = field(repr=False)

    @cached_property
    def _trace(self) -> Trace:
        return trace(self.outcome.condition, self.facts)

    @property
    def tests(self) -> tuple[TestResult, ...]:
        """Every test, in the order in which it is written."""
        return self._trace.tests

    @property
    def supporting(self) -> tuple[TestResult, ...]:
        """The tests that make it come out so (`readings.judge.Trace`)."""
        return self._trace.supporting

    def settled(self, policy: Policy) -> list[Settled]:
        """Return what decisions settle by the row, by a value that it names, or by a reading on which it rests."""
        day = self.facts["decision_date"]
        return settled_by(self.outcome, policy, day) if isinstance(day, date) else []

    def to_json(self, policy: Policy) -> dict[str, PlainData]:
        """Return rule, decision, document, paragraph and tests as plain data."""
        outcome = self.outcome
        data: dict[str, PlainData] = {
            "rule": outcome.id,
            "decision": outcome.decision,
            **outcome.source.to_json(),
            "says": outcome.says,
            "tests": [test_json(result, policy) for result in self.tests],
        }
        if outcome.point:
            # Where a decision answers the point, it is that decision on which the answer rests.
            told = _open_point(outcome.point, policy)
            data = {**told, **data} if outcome.settled else data | told
            data["allows"] = list(outcome.allows) or policy.corpus.open_points[outcome.point][1].allows_text
        if outcome.others:
            data["others"] = [_open_point(name, policy) for name in outcome.others]
        if outcome.reads:
            data["readings"] = list(outcome.reads)
        if outcome.reading:
            data["reading"] = outcome.reading
        if settled := self.settled(policy):
            data["settled"] = [settled_json(*one) for one in settled]
        if outcome.assumed and policy.scenario:
            data["assumed"] = {"scenario": policy.scenario.scenario, "assumption": outcome.assumed}
        return data


def _open_point(name: str, policy: Policy) -> dict[str, PlainData]:
    number, point = policy.corpus.open_points[name]
    where = [source.to_json() for source in point.where]
    data: dict[str, PlainData] = {"open_point": name, "title": point.title, "decision": number, "where": where}
    settled = [settled_json(*one) for one in policy.settled if one[1].point == name]
    return data | ({"settled": settled} if settled else {})


def settled_by(outcome: Outcome, policy: Policy, day: date) -> list[Settled]:
    """Return what decisions have settled by a day by an outcome: its row, a value that it names, or a reading.

    A value that a scenario assumes settles nothing.
    """
    if not policy.settled:
        return []
    question, _, name = outcome.id.partition("/")
    version = policy.on(day).questions[question].version
    figures = (row.gives for row in policy.corpus.questions[question].versions[version].rows if row.name == name)
    named = [value for gives in figures for value in gives.values()]
    parts = [one for value in named for one in ((value.share, value.until) if isinstance(value, Portion) else (value,))]
    values = {f"${test.parameter}" for test in tests(outcome.condition) if test.parameter}
    assumed = {f"${name}" for name in (policy.scenario.parameters if policy.scenario else ())}
    rests_on = {outcome.id, *values, *outcome.reads, outcome.reading, *parts} - assumed
    return [
        (number, settles)
        for number, settles in policy.settled
        if settles.start <= day
        and (
            (outcome.point == settles.point and outcome.settled == number)
            or any(one in rests_on and ("/" not in one or outcome.decision == number) for one in settles.by)
        )
    ]


def settled_json(number: str, settles: Settlement) -> dict[str, PlainData]:
    """Return what a decision settles as plain data; `leaves` where it settles the point in part."""
    data: dict[str, PlainData] = {"open_point": settles.point, "decision": number, "from": settles.start.isoformat()}
    if settles.by:
        data["by"] = list(settles.by)
    if settles.answers:
        data["answers"] = dict(settles.answers)
    return data | {key: said for key, said in (("says", settles.says), ("leaves", settles.leaves)) if said}


@dataclass(frozen=True)
class Answer:
    """The result of one question for one case.

    `answer` is an answer of the question or "undetermined", then with `missing_facts` (what to find out first) or
    `open_points`, or both. `gives` holds exact figures that go with the answer; `held` is the id of the one outcome
    that held, "" where none did.
    """

    question: str
    answer: str
    because: tuple[Reason, ...]
    missing_facts: tuple[str, ...] = ()
    open_points: tuple[str, ...] = ()
    gives: Mapping[str, GivenFigure] = field(default_factory=dict)
    cautions: tuple[CautionInForce, ...] = ()
    did_not_hold: tuple[Reason, ...] = ()
    step: bool = False
    held: str = ""

    @property
    def assumed(self) -> bool:
        """Whether the answer is an assumption of a scenario, and none of the policy."""
        return any(reason.outcome.assumed and reason.outcome.id == self.held for reason in self.because)

    def to_json(self, policy: Policy) -> dict[str, PlainData]:
        """Return the answer as plain data; money and shares as text, dates as ISO text."""
        data: dict[str, PlainData] = {"answer": self.answer}
        data |= {name: figure(value) for name, value in self.gives.items()}
        if self.missing_facts:
            data["missing_facts"] = list(self.missing_facts)
        if self.open_points:
            data["open_points"] = list(self.open_points)
        data["because"] = [reason.to_json(policy) for reason in self.because]
        if self.cautions:
            data["cautions"] = [
                {"id": one.id, "says": one.says, "decision": one.decision, **one.source.to_json()}
                for one in self.cautions
            ]
        if self.did_not_hold:
            data["did_not_hold"] = [reason.to_json(policy) for reason in self.did_not_hold]
        return data


@dataclass(frozen=True)
class Decision:
    """All answers for one case, the policy that they rest on, and the steps on the way."""

    case: Case
    policy: Policy = field(repr=False)
    period: Period = field(repr=False)
    answers: Mapping[str, Answer]

    @property
    def missing_ratings(self) -> list[str]:
        """The ratings that are not known and without which the others do not settle the level."""
        missing = self.case.mapped.missing if self.case.mapped else ()
        return [name for name, fact in self.policy.corpus.facts.facts.items() if fact.area in missing]

    def plain_answers(self) -> dict[str, dict[str, PlainData]]:
        """Return the answers as plain data, without those that are only steps."""
        return {name: one.to_json(self.policy) for name, one in self.answers.items() if not one.step}

    def to_json(self) -> dict[str, PlainData]:
        """Return the decision as plain data in the form of the contract."""
        data: dict[str, PlainData] = {
            "case_ref": self.case.ref,
            "decision_date": self.case.day.isoformat(),
            "policy": {"as_of": self.policy.as_of, "digest": self.policy.digest},
            **scenario_mark(self.policy),
            "answers": self.plain_answers(),
        }
        steps = {name: one.to_json(self.policy) for name, one in self.answers.items() if one.step}
        if steps:
            data["steps"] = steps
        mapped = self.case.mapped
        if mapped and mapped.level:
            data["mapped"] = {
                "level": mapped.level.id,
                "areas": list(mapped.areas),
                "statements": [{"id": one.id, "says": one.says} for one in mapped.statements],
            }
        elif mapped:
            data["mapped"] = {"missing_facts": self.missing_ratings}
        if self.case.followed:
            data["followed"] = {
                name: {"value": written(self.policy.types[name].type, self.case.facts[name]), "because": why}
                for name, why in self.case.followed.items()
            }
        return data


def scenario_mark(policy: Policy) -> dict[str, PlainData]:
    """Return the mark that every output under a scenario carries, nothing where there is none."""
    if policy.scenario is None:
        return {}
    return {"scenario": {"name": policy.scenario.scenario, "says": policy.scenario.says}}


@dataclass(frozen=True)
class NotIssued:
    """A case for which no decision is issued, kept with the accounts of both evaluators."""

    case: Case
    message: str
    accounts: Mapping[str, list[str]]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why it is not issued."""
        help = "Do not decide this case by hand from either account; report it."
        return (Problem(Place(""), "not-issued", self.message, help, row=self.case.row),)

    def to_json(self) -> dict[str, PlainData]:
        """Return what is given instead of the decision."""
        problems = [problem.to_json() for problem in self.problems]
        return {"case_ref": self.case.ref, "problems": problems, "accounts": dict(self.accounts)}


def test_json(result: TestResult, policy: Policy) -> dict[str, PlainData]:
    """Return a test as plain data: the fact, its value, what was asked of it and whether it held (null: not known).

    `margin` is how far the value was from the limit: pounds as text, or days, or whole numbers.
    """
    test, kind = result.test, policy.types[result.test.fact].type
    data: dict[str, PlainData] = {
        "fact": test.fact,
        "value": written(kind, result.value),
        "asked": f"not {test.operator}" if result.negated else test.operator,
        "limit": test.limit if test.operator == "known" else written(kind, test.limit),
        "held": result.held if result.held is None or not result.negated else not result.held,
    }
    if test.parameter:
        data["parameter"] = test.parameter
        if policy.scenario and test.parameter in policy.scenario.parameters:
            data["assumed"] = policy.scenario.parameters[test.parameter].assumption
    if result.margin is not None:
        data["margin"] = pounds(result.margin) if kind == "money" else result.margin
    if test.because:
        data["because"] = test.because
    return data


def figure(value: GivenFigure) -> PlainData:
    """Return a figure of an answer as plain data: money (integer pence) and shares as text, dates as ISO text."""
    if isinstance(value, dict):
        ends = {"from": figure(value["from"]), "until": figure(value["until"])}
        return {**ends, "days": value["days"], "amount": figure(value["amount"]), "assumes": value["assumes"]}
    if isinstance(value, int) and not isinstance(value, bool):
        return pounds(value)
    if isinstance(value, Decimal):
        return str(value.quantize(Decimal("0.01")) if value == value.quantize(Decimal("0.01")) else value.normalize())
    if isinstance(value, date):
        return value.isoformat()
    return value
