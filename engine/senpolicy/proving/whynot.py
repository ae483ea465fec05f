"""Why not another answer: the rows that would give it, and what of each does not hold for this case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from senpolicy.deciding.answers import test_json
from senpolicy.deciding.decide import UNDETERMINED, Answer, Decision
from senpolicy.deciding.text import Line, say_answer, title
from senpolicy.files.digests import PlainData
from senpolicy.files.problems import WrongUse, did_you_mean, listed
from senpolicy.language.conditions import AllOf, Condition, FactType, Not, Test, TestResult, Value
from senpolicy.policy.timeline import Outcome, Period, Policy, QuestionInForce
from senpolicy.readings.judge import trace
from senpolicy.readings.say import lowered, say_asked, say_date, say_margin, say_value


@dataclass(frozen=True)
class InTheWay:
    """What keeps a condition from holding: a test that fails or waits for a fact, or ways of which one would do."""

    result: TestResult | None = None
    one_of: tuple[tuple[InTheWay, ...], ...] = ()

    def to_json(self, policy: Policy) -> dict[str, PlainData]:
        """Return the test, or the ways, as plain data."""
        if self.result:
            return test_json(self.result, policy)
        return {"one_of": [[part.to_json(policy) for part in way] for way in self.one_of]}


def in_the_way(condition: Condition, facts: Mapping[str, Value], *, negated: bool = False) -> tuple[InTheWay, ...]:
    """Return everything that would have to be otherwise for a condition to hold; nothing where it holds."""
    if isinstance(condition, Test):
        (result,) = trace(condition, facts, negated=negated).tests
        return () if result.held is (not negated) else (InTheWay(result),)
    if isinstance(condition, Not):
        return in_the_way(condition.part, facts, negated=not negated)
    parts = [in_the_way(part, facts, negated=negated) for part in condition.parts]
    if isinstance(condition, AllOf) is not negated:
        return tuple(one for part in parts for one in part)
    if len(parts) == 1 or not all(parts):
        return parts[0] if len(parts) == 1 else ()
    return (InTheWay(None, tuple(parts)),)


@dataclass(frozen=True)
class CandidateRow:
    """A row that would give an answer, with what is in its way (nothing: it holds)."""

    outcome: Outcome
    in_the_way: tuple[InTheWay, ...]


@dataclass(frozen=True)
class WhyNot:
    """Why a question does not give what is wanted: one of these answers, or an open point.

    `rows` would give it; `earlier` says the same of the earlier answers that they ask for; `other_days` are the
    periods of the policy in which a row gives it, where no row does on the day of the decision.
    """

    question: str
    wanted: tuple[str, ...]
    answer: Answer
    rows: tuple[CandidateRow, ...]
    earlier: tuple[WhyNot, ...] = ()
    other_days: tuple[Period, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it is the answer after all."""
        return any(not row.in_the_way for row in self.rows)

    def to_json(self, policy: Policy) -> dict[str, PlainData]:
        """Return the rows with what is in the way of each, as plain data."""
        data: dict[str, PlainData] = {
            "question": self.question,
            "wanted": list(self.wanted),
            "answer": self.answer.answer,
            "holds": self.holds,
            "rows": [
                {"rule": row.outcome.id, "decision": row.outcome.decision, **row.outcome.source.to_json(),
                 "says": row.outcome.says, "in_the_way": [one.to_json(policy) for one in row.in_the_way]}
                for row in self.rows
            ],
        }  # fmt: skip
        if self.earlier:
            data["earlier"] = [one.to_json(policy) for one in self.earlier]
        if self.other_days:
            data["other_days"] = [
                {"from": period.start.isoformat() if period.start else None,
                 "until": period.end.isoformat() if period.end else None}
                for period in self.other_days
            ]  # fmt: skip
        return data


def target_of(text: str, policy: Policy) -> tuple[str, str]:
    """Return the question and the answer (or open point) that "route=tariff", or just "tariff", names.

    Raises `WrongUse` where nothing has that name, or more than one question has such an answer.
    """
    known = _answers(policy)
    question, sign, answer = text.rpartition("=")
    if sign and question not in known:
        raise WrongUse(f"'{question}' is not a question of this policy. {did_you_mean(question, known)}")
    if sign and answer not in known[question]:
        said = f"'{answer}' is neither an answer nor an open point of '{question}'."
        raise WrongUse(f"{said} {did_you_mean(answer, known[question])}".rstrip())
    if sign:
        return question, answer
    found = [question for question, answers in known.items() if text in answers]
    if not found:
        every = [answer for answers in known.values() for answer in answers]
        help = did_you_mean(text, every) or f"Use one of {listed(dict.fromkeys(every))}."
        raise WrongUse(f"No question has the answer '{text}'. {help}")
    if len(found) > 1:
        said = ", ".join(f"{question}={text}" for question in found)
        raise WrongUse(f"'{text}' is an answer to {len(found)} questions. Write one of {said}.")
    return found[0], text


def _answers(policy: Policy) -> dict[str, list[str]]:
    known = {name: list(kind.values) for name, kind in policy.types.items() if kind.is_answer}
    for period in policy.periods:
        for name, question in period.questions.items():
            known[name] += [one.point for one in question.outcomes if one.point and one.point not in known[name]]
    return known


def why_not(decision: Decision, question: str, wanted: tuple[str, ...]) -> WhyNot:
    """Return what keeps a question from coming to one of the answers or open points that are wanted."""
    facts = dict(decision.case.facts)
    facts |= {
        name: None if answer.answer == UNDETERMINED else answer.answer for name, answer in decision.answers.items()
    }
    return _why_not(decision, question, wanted, facts)


def _why_not(decision: Decision, question: str, wanted: tuple[str, ...], facts: Mapping[str, Value]) -> WhyNot:
    in_force = decision.period.questions[question]
    rows = tuple(CandidateRow(one, in_the_way(one.condition, facts)) for one in _giving(in_force, wanted))
    holds = any(not row.in_the_way for row in rows)
    asked: dict[tuple[str, tuple[str, ...]], None] = {}
    for row in () if holds else rows:
        for result in _results(row.in_the_way):
            if result.test.fact in decision.answers and not result.negated:
                limit = result.test.limit
                asked[result.test.fact, limit if isinstance(limit, tuple) else (limit,)] = None
    earlier = tuple(_why_not(decision, name, answers, facts) for name, answers in asked)
    days = () if rows else tuple(
        period for period in decision.policy.periods
        if question in period.questions and _giving(period.questions[question], wanted)
    )  # fmt: skip
    return WhyNot(question, wanted, decision.answers[question], rows, earlier, days)


def _giving(question: QuestionInForce, wanted: tuple[str, ...]) -> list[Outcome]:
    return [one for one in question.outcomes if (one.answer or one.point) in wanted or one.point in wanted]


def _results(parts: tuple[InTheWay, ...]) -> Iterator[TestResult]:
    for part in parts:
        if part.result:
            yield part.result
        for way in part.one_of:
            yield from _results(way)


def lines(why: WhyNot, policy: Policy) -> Iterator[Line]:
    """Yield the lines that say why not: each row that would give the answer, and what is in its way."""
    wanted = " or ".join(say_name(one) for one in why.wanted)
    if why.holds:
        yield "bold", f"  Why not {wanted}? That is already the answer for {title(why.question).lower()}."
        return
    yield "bold", f"  Why not {wanted}? {title(why.question)} is {say_answer(why.answer)}."
    yield from _rows(why, policy, "    ")
    if why.other_days:
        days = ", ".join(say_stretch(period.start, period.end) for period in why.other_days)
        yield "", f"    No row gives it on this day. Rows give it {days}."
    elif not why.rows:
        yield "", "    No row of this policy gives it on any day."


def _rows(why: WhyNot, policy: Policy, indent: str) -> Iterator[Line]:
    for row in why.rows:
        outcome = row.outcome
        place = f"{outcome.decision}, {outcome.source.document} {outcome.source.paragraph}"
        yield "", f"{indent}{outcome.says or outcome.id} ({place})"
        for part in row.in_the_way:
            yield from _in_the_way(part, policy, f"{indent}  ")
    for earlier in why.earlier:
        wanted = " or ".join(say_name(one) for one in earlier.wanted)
        now = say_answer(earlier.answer)
        yield "", f"{indent}{title(earlier.question)} is {now}. It would be {wanted} by:"
        yield from _rows(earlier, policy, f"{indent}  ")


def _in_the_way(part: InTheWay, policy: Policy, indent: str) -> Iterator[Line]:
    if part.result:
        yield "yellow" if part.result.held is None else "red", f"{indent}- {say_in_the_way(part.result, policy.types)}"
        return
    yield "", f"{indent}- one of these:"
    for number, way in enumerate(part.one_of):
        if number:
            yield "", f"{indent}  or"
        for one in way:
            yield from _in_the_way(one, policy, f"{indent}  ")


def say_in_the_way(result: TestResult, types: Mapping[str, FactType]) -> str:
    """Return a test that does not hold, in words: "age: 17, which would have to be below 16 (1 away)"."""
    test, kind = result.test, types[result.test.fact]
    asked = say_asked(test, kind, negated=result.negated).removeprefix("is ")
    limit = "" if test.operator == "known" else say_value(test.limit, kind)
    if test.operator == "known":
        asked = "known" if test.limit is not result.negated else "not known"
    elif kind.type == "boolean":
        asked, limit = "", say_value(test.limit is not result.negated, kind)
    elif test.operator in ("is", "one_of"):
        asked = "other than" if result.negated else ""
    wanted = " ".join(word for word in (asked, limit) if word)
    label = lowered(kind.label or test.fact)
    if kind.is_answer:
        value = say_name(str(result.value)) if result.value else "undetermined"
        return f"{label}: {value}, which would have to be {wanted}"
    away = f" ({say_margin(result.margin, kind)} away)" if result.margin else ""
    return f"{label}: {say_value(result.value, kind)}, which would have to be {wanted}{away}"


def say_name(answer: str) -> str:
    """Return an answer in words; the id of an open point stays as it is."""
    return answer if "-" in answer else answer.replace("_", " ")


def say_stretch(start: date | None, end: date | None) -> str:
    """Return a stretch of days in words, both ends included; None: without end."""
    if start is None:
        return f"until {say_date(end)}" if end else "on every day"
    return f"from {say_date(start)}" + (f" to {say_date(end)}" if end else " on")
