"""Every case that can be given in one period, and what each question comes to for it, as formulas for the solver.

Where `readings.formula.Space` speaks of cases with everything that follows from them, this speaks of what a case gives:
what follows, and the level to which ratings lead, is worked out in the formulas. An undetermined question comes to the
open points and the missing facts that the decision would name, so two corpora, or two cases, can be told apart by
everything that they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import z3

from senpolicy.deciding.decide import UNDETERMINED, Answer
from senpolicy.language.conditions import Condition, FactType, Not, Test, Value, tests
from senpolicy.language.days import years_after
from senpolicy.language.partition import bounds, joined, limits_of
from senpolicy.policy.timeline import Outcome, Period, Policy, QuestionInForce
from senpolicy.readings.formula import (
    Derived,
    Symbol,
    Truth,
    case_rule,
    either,
    every,
    formula,
    opposite,
    symbol,
)
from senpolicy.readings.say import say_value

Facts = Mapping[str, Value]

#: What a made-up case looks like where nothing speaks against it: issued lately, with amounts (in pence) of this size.
LATELY = date(2020, 1, 1)
USUAL = (100_000, 5_000_000)


@dataclass(frozen=True, order=True)
class Result:
    """What a question comes to: an answer, or undetermined with open points and the facts that are missing.

    `figures` are those that go with it, as the rules give them: a share of a fact stays a share.
    """

    answer: str
    open_points: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    figures: tuple[tuple[str, Any], ...] = ()

    @property
    def settled(self) -> bool:
        """Whether it is an answer, or a point that the policy leaves open: no fact can settle it further."""
        return not self.missing


def result_of(answer: Answer, question: QuestionInForce) -> Result:
    """Return what the answer to a question comes to, with the figures as the rules give them."""
    held = next((one for one in question.outcomes if one.id == answer.held), None)
    figures = _figures(held) if held else ()
    return Result(answer.answer, answer.open_points, answer.missing_facts, figures)


def _figures(outcome: Outcome) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(outcome.gives.items(), key=lambda figure: figure[0]))


def _result(outcome: Outcome) -> Result:
    if outcome.answer is None:
        return Result(UNDETERMINED, outcome.open_points, (), _figures(outcome))
    return Result(outcome.answer, (), (), _figures(outcome))


class EveryCase:
    """Every case that can be given on the days of one period, and what it comes to.

    `given` are the facts as a case gives them, `within` that their values are of their kinds and the day lies in the
    period, `refused` that the facts contradict each other. `kinds` are the types of the facts, those of the policy
    unless two policies are to be compared. Raises `Unprovable` for what the solver cannot be told.
    """

    def __init__(self, policy: Policy, period: Period, kinds: Mapping[str, FactType] | None = None) -> None:
        self.policy, self.period = policy, period
        self.kinds = {name: kind for name, kind in (kinds or policy.types).items() if not kind.is_answer}
        self.given = {name: symbol(kind) for name, kind in self.kinds.items()}
        self.within = [*self._within()]
        self.refused = either([case_rule(rule, self.given).holds for rule in period.problems])
        self.symbols: dict[str, Symbol | Derived] = dict(self._known())
        self.truths: dict[str, list[Truth]] = {}
        self._results: dict[str, dict[Result, z3.BoolRef]] = {}
        self._rows: dict[str, dict[Result, list[tuple[Outcome, z3.BoolRef]]]] = {}
        for name, question in period.questions.items():
            truths = [formula(one.condition, self.symbols) for one in question.outcomes]
            self.truths[name] = truths
            answers: dict[str, list[z3.BoolRef]] = {}
            for outcome, truth in zip(question.outcomes, truths, strict=True):
                if outcome.answer is not None:
                    answers.setdefault(outcome.answer, []).append(truth.holds)
            given = {answer: either(parts) for answer, parts in answers.items()}
            self.symbols[name] = Derived(policy.types[name], given)

    def _within(self) -> Iterator[z3.BoolRef]:
        for name, fact in self.given.items():
            lowest, highest = bounds(fact.kind)
            yield every((fact.value >= lowest, fact.value <= highest))
            if name == "decision_date":
                yield fact.known
                if self.period.start:
                    yield fact.value >= self.period.start.toordinal()
                if self.period.end:
                    yield fact.value <= self.period.end.toordinal()

    def _known(self) -> dict[str, Symbol]:
        """Return the facts with what follows from them, as `cases.with_consequences` and `cases.mapped_level` do."""
        known = dict(self.given)
        # Each time round at least one fact more is known, or nothing changes any longer.
        for _ in self.period.follows:
            for rule in self.period.follows:
                fact, holds = known[rule.field], case_rule(rule, known).holds
                value = z3.If(fact.known, fact.value, z3.IntVal(fact.kind.number(rule.value)))
                known[rule.field] = Symbol(fact.kind, either((fact.known, holds)), value)
        return known | self._mapped(known)

    def _mapped(self, known: Mapping[str, Symbol]) -> dict[str, Symbol]:
        edition, declared = self.policy.edition, self.policy.corpus.facts.facts
        level = next((name for name, fact in declared.items() if fact.from_ratings), None)
        if edition is None or level is None or not edition.banding or edition.banding.method != "highest_area":
            return {}
        fact = known[level]
        rating_of = {one.area: known[name] for name, one in declared.items() if one.area}
        ratings = [rating_of[area.id] for area in edition.areas if area.id in rating_of]
        top = len(fact.kind.values) - 1
        reached = either(every((one.known, one.value == top)) for one in ratings)
        rated = every(one.known for one in ratings) if len(ratings) == len(edition.areas) else z3.BoolVal(False)
        highest: Any = z3.IntVal(0)
        for one in ratings:
            highest = z3.If(every((one.known, one.value > highest)), one.value, highest)
        leads = every((either(one.known for one in ratings), either((reached, rated))))
        return {level: Symbol(fact.kind, either((fact.known, leads)), z3.If(fact.known, fact.value, highest))}

    @property
    def possible(self) -> list[z3.BoolRef]:
        """Return what all cases have in common that are decided at all."""
        return [*self.within, opposite(self.refused)]

    def results(self, question: str) -> dict[Result, z3.BoolRef]:
        """Return everything that a question can come to on paper, each with the formula that it does."""
        if question not in self._results:
            found: dict[Result, list[z3.BoolRef]] = {}
            for outcome, truth in zip(self.period.questions[question].outcomes, self.truths[question], strict=True):
                found.setdefault(_result(outcome), []).append(truth.holds)
            for result, holds, _ in self._unsettled(self.period.questions[question]):
                found.setdefault(result, []).append(holds)
            self._results[question] = {result: either(parts) for result, parts in found.items()}
        return self._results[question]

    def rows(self, question: str) -> dict[Result, list[tuple[Outcome, z3.BoolRef]]]:
        """Return for everything that a question can come to the rows that it rests on, each with the formula that so.

        Where a fact is missing they are those that wait for it; where an earlier question is not settled, its rows.
        """
        if question not in self._rows:
            found: dict[Result, list[tuple[Outcome, z3.BoolRef]]] = {}
            own = [*zip(self.period.questions[question].outcomes, self.truths[question], strict=True)]
            for outcome, truth in own:
                found.setdefault(_result(outcome), []).append((outcome, truth.holds))
            for result, holds, earlier in self._unsettled(self.period.questions[question]):
                if earlier:
                    rows = self.rows(earlier[0])[earlier[1]]
                else:
                    rows = [(one, every((opposite(truth.holds), opposite(truth.fails)))) for one, truth in own]
                found.setdefault(result, []).extend((one, every((holds, waits))) for one, waits in rows)
            self._rows[question] = found
        return self._rows[question]

    def _unsettled(self, question: QuestionInForce) -> Iterator[tuple[Result, z3.BoolRef, tuple[str, Result] | None]]:
        """Yield what the question comes to where a fact is missing, as `decide` finds the one to ask for first.

        With each stands the earlier question that it is taken from and what that one comes to, None for its own.
        """
        none_holds = opposite(either(truth.holds for truth in self.truths[question.name]))
        wanted: dict[str, list[z3.BoolRef]] = {}
        for outcome in question.outcomes:
            for name, waits in self._waiting(outcome.condition):
                wanted.setdefault(name, []).append(waits)
        before: list[z3.BoolRef] = [none_holds]
        for name in question.ask:
            if name not in wanted:
                continue
            waits = either(wanted[name])
            first = every([*before, waits])
            before.append(opposite(waits))
            if name not in self.period.questions:
                yield Result(UNDETERMINED, (), (name,)), first, None
                continue
            for result, holds in self.results(name).items():
                if result.answer == UNDETERMINED:
                    unsettled = Result(UNDETERMINED, result.open_points, result.missing)
                    yield unsettled, every((first, holds)), (name, result)

    def _waiting(self, condition: Condition) -> Iterator[tuple[str, z3.BoolRef]]:
        """Yield each fact with the formula that the condition waits for it, it and all that it stands in not known."""
        truth = formula(condition, self.symbols)
        unknown = every((opposite(truth.holds), opposite(truth.fails)))
        if isinstance(condition, Test):
            yield condition.fact, unknown
        else:
            for part in (condition.part,) if isinstance(condition, Not) else condition.parts:
                for name, waits in self._waiting(part):
                    yield name, every((unknown, waits))

    def cautions(self) -> Iterator[tuple[str, str, z3.BoolRef]]:
        """Yield each caution that counts in the period: its question, its id and the formula that it goes along."""
        for question in self.period.questions.values():
            for caution in question.cautions:
                yield question.name, caution.id, formula(caution.condition, self.symbols).holds

    def gives(self, facts: Facts) -> Iterator[z3.BoolRef]:
        """Yield that a case gives exactly these facts, and no others."""
        for name, fact in self.given.items():
            value = facts.get(name)
            yield opposite(fact.known) if value is None else every((fact.known, fact.value == fact.kind.number(value)))

    def read(self, model: z3.ModelRef) -> dict[str, Value]:
        """Return the facts of the case that the solver holds."""
        found: dict[str, Value] = {}
        for name, fact in self.given.items():
            if z3.is_true(model.eval(fact.known, model_completion=True)):
                found[name] = fact.kind.value_of(model.eval(fact.value, model_completion=True).as_long())
        return found

    @cached_property
    def asked(self) -> dict[str, list[Test]]:
        """Return every test of the period by its fact: of the questions, their cautions, and the rules about facts."""
        found: dict[str, list[Test]] = {}
        for condition in conditions_of(self.period):
            for test in tests(condition):
                found.setdefault(test.fact, []).append(test)
        return found


def conditions_of(period: Period) -> Iterator[Condition]:
    """Yield every condition of a period: of its outcomes, cautions, contradictions and consequences."""
    for question in period.questions.values():
        yield from (outcome.condition for outcome in question.outcomes)
        yield from (caution.condition for caution in question.cautions)
    for rule in (*period.problems, *period.follows):
        yield rule.condition


def say_ranges(found: Sequence[tuple[int, int]], kind: FactType, limits: Iterable[Any] = ()) -> str:
    """Return ranges of a fact's values in words, as its tests would put them: "at least 5 and below 16".

    `limits` are those of the tests; a range that starts or ends next to one is put in terms of it.
    """
    lowest, highest = bounds(kind)
    if not kind.ordered:
        return _either(say_value(kind.value_of(one), kind) for first, last in found for one in range(first, last + 1))
    known = {kind.number(limit) for limit in limits}
    more, least, less, most = ("after", "on or after", "before", "on or before") if kind.type == "date" else (
        "more than", "at least", "below", "at most")  # fmt: skip
    said = []
    for first, last in joined(found):
        if first == last:
            said.append(say_value(kind.value_of(first), kind))
            continue
        parts = []
        if first > lowest:
            past = first not in known and first - 1 in known
            parts.append(f"{more if past else least} {say_value(kind.value_of(first - past), kind)}")
        if last < highest:
            short = last not in known and last + 1 in known
            parts.append(f"{less if short else most} {say_value(kind.value_of(last + short), kind)}")
        said.append(" and ".join(parts) or "any")
    return _either(said)


def lowered(label: str) -> str:
    """Return a label as it stands within a sentence: "The day of issue" becomes "the day of issue"."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _either(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def usual_days(policy: Policy) -> tuple[date, date]:
    """Return the days among which a made-up case lies if it can: a year before the policy's first change to one after.

    Of a policy that never changes: from the first to the last day of which its rules speak. They bound no proof: a
    period without a first or last day has every day of the calendar.
    """
    starts = [period.start for period in policy.periods if period.start]
    if starts:
        return years_after(starts[0], -1), years_after(starts[-1], 1)
    asked = (test for period in policy.periods for condition in conditions_of(period) for test in tests(condition))
    spoken = limits_of(test for test in asked if test.fact == "decision_date")
    return (min(spoken), max(spoken)) if spoken else (date.min, date.max)


def plain_case(every: EveryCase, formulas: Iterable[z3.BoolRef], days: Iterable[date] = ()) -> dict[str, Value] | None:
    """Return the facts of one case that meets these formulas, None where none can.

    It gives as few facts as it can, one of `days` if it can, or one of the policy's usual days, and amounts of a size
    that people know.
    """
    solver = z3.Solver()
    solver.add(*every.within, *formulas)
    if solver.check() != z3.sat:
        return None
    facts, day = every.given, every.given["decision_date"].value
    wishes = [day == wanted.toordinal() for wanted in days]
    first, last = usual_days(every.policy)
    wishes += [day >= first.toordinal(), day <= last.toordinal()]
    wishes += [opposite(fact.known) for name, fact in reversed(facts.items()) if name != "decision_date"]
    for name, fact in facts.items():
        if fact.kind.type == "date" and name != "decision_date":
            wishes += [fact.value >= LATELY.toordinal(), fact.value <= day]
        elif fact.kind.type == "money":
            wishes += [fact.value <= USUAL[1], fact.value >= USUAL[0], fact.value % 100 == 0]
    for wish in wishes:
        solver.push()
        solver.add(wish)
        if solver.check() != z3.sat:
            solver.pop()
    assert solver.check() == z3.sat, "the wishes that are kept can be met"
    return every.read(solver.model())
