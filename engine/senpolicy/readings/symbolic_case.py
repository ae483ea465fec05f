"""Every case that can be in one period, and the result of each question for it, as formulas for the solver.

A case is either taken as it is given, and what follows from it is worked out in the formulas, as is the level to which
ratings lead; or it is complete, and everything that follows from its facts is among them. An undetermined question
gives the open points and the missing facts that the decision would name, so two corpora, or two cases, can be told
apart by everything that they say.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import z3

from senpolicy.language.conditions import UNDETERMINED, Condition, FactType, Not, Test, Value, tests
from senpolicy.language.partition import bounds, value_of
from senpolicy.policy.timeline import Figure, Outcome, Period, Policy, PortionInForce, QuestionInForce
from senpolicy.readings.formula import (
    Derived,
    Symbol,
    Symbols,
    Truth,
    Unprovable,
    either,
    every,
    formula,
    meets,
    opposite,
    symbol,
)


@dataclass(frozen=True, order=True)
class SymbolicResult:
    """The result of a question: an answer, or undetermined with open points and the facts that are missing.

    `figures` are those that go with it, as the rules give them: a share of a fact stays a share.
    """

    answer: str
    open_points: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    figures: tuple[tuple[str, Figure | PortionInForce], ...] = ()

    @property
    def settled(self) -> bool:
        """Whether it is an answer, or a point that the policy leaves open: no fact can settle it further."""
        return not self.missing


def figures_of(outcome: Outcome) -> tuple[tuple[str, Figure | PortionInForce], ...]:
    """Return the figures of an outcome as a result holds them."""
    return tuple(sorted(outcome.gives.items(), key=lambda figure: figure[0]))


def _result(outcome: Outcome) -> SymbolicResult:
    if outcome.answer is None:
        return SymbolicResult(UNDETERMINED, outcome.open_points, (), figures_of(outcome))
    return SymbolicResult(outcome.answer, (), (), figures_of(outcome))


class Swap:
    """Turns formulas about one case into the same formulas about a second case that differs in these terms."""

    def __init__(self, pairs: list[tuple[z3.ExprRef, z3.ExprRef]]) -> None:
        self.pairs = pairs

    def __call__(self, what: Any) -> Any:
        """Return the same formula about the second case."""
        return z3.substitute(what, *self.pairs) if self.pairs else what


class SymbolicCase:
    """Every case that can be in one period, facts not known included, and how each question comes out for it.

    `given` are the facts as a case gives them, and `kinds` their types: those of the policy unless two policies are to
    be compared. `within` says that their values are of their kinds and that the day lies in the period, `refused` that
    they contradict each other. `symbols` are the facts and the earlier answers as rules meet them. `truths` and
    `answers` hold for each question the formulas of its outcomes, in their order, and of its answers.

    Of a case that is `complete` everything is given that follows from what is given; of any other it is worked out.
    `supposed` are answers that earlier questions are taken to have, whatever their outcomes say.

    Raises `Unprovable` for what the solver cannot be told.
    """

    def __init__(
        self, policy: Policy, period: Period, kinds: Mapping[str, FactType] | None = None, *,
        complete: bool = False, supposed: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.policy, self.period = policy, period
        self.kinds = {name: kind for name, kind in (kinds or policy.types).items() if not kind.is_answer}
        self.given = {name: symbol(kind) for name, kind in self.kinds.items()}
        self.within = [*self._within()]
        self.refused = either(_written(rule.id, rule.condition, self.given).holds for rule in period.problems)
        self.symbols: dict[str, Symbol | Derived] = dict(self.given if complete else self._known())
        self.symbols |= {name: Derived(kind, {}) for name, kind in policy.types.items() if kind.is_answer}
        self._follows = [*self._complete()] if complete else []
        self.truths: dict[str, list[Truth]] = {}
        self.answers: dict[str, dict[str, z3.BoolRef]] = {}
        self._results: dict[str, dict[SymbolicResult, z3.BoolRef]] = {}
        self._rows: dict[str, dict[SymbolicResult, list[tuple[Outcome, z3.BoolRef]]]] = {}
        for name, question in period.questions.items():
            self.truths[name] = [_written(one.id, one.condition, self.symbols) for one in question.outcomes]
            found: dict[str, list[z3.BoolRef]] = {}
            for outcome, truth in zip(question.outcomes, self.truths[name], strict=True):
                if outcome.answer is not None:
                    found.setdefault(outcome.answer, []).append(truth.holds)
            self.answers[name] = {answer: either(parts) for answer, parts in found.items()}
            if supposed and name in supposed:
                self.answers[name] = {supposed[name]: z3.BoolVal(True)}
            self.symbols[name] = Derived(policy.types[name], self.answers[name])

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

    @property
    def possible(self) -> list[z3.BoolRef]:
        """Return what all cases have in common that are decided at all."""
        return [*self.within, opposite(self.refused), *self._follows]

    def _complete(self) -> Iterator[z3.BoolRef]:
        for rule in self.period.follows:
            yield z3.Implies(_written(rule.id, rule.condition, self.symbols).holds, self.symbols[rule.field].known)

    def _known(self) -> dict[str, Symbol]:
        """Return the facts with what follows from them, as `cases.with_consequences` and `cases.mapped_level` do."""
        known = dict(self.given)
        # Each time round at least one fact more is known, or nothing changes any longer.
        for _ in self.period.follows:
            for rule in self.period.follows:
                fact, holds = known[rule.field], formula(rule.condition, known).holds
                value = z3.If(fact.known, fact.value, z3.IntVal(fact.kind.number(rule.value)))
                known[rule.field] = Symbol(fact.kind, either((fact.known, holds)), value)
        return known | self._mapped(known)

    def _mapped(self, known: Mapping[str, Symbol]) -> dict[str, Symbol]:
        edition, declared = self.period.edition, self.policy.corpus.facts.facts
        level = next((name for name, fact in declared.items() if fact.from_ratings), None)
        if edition is None or level is None or not edition.banding or edition.banding.method != "highest_area":
            return {}
        fact = known[level]
        rating_of = {one.area: known[name] for name, one in declared.items() if one.area}
        ratings = [rating_of[area.id] for area in edition.areas if area.id in rating_of]
        top = max(map(fact.kind.number, (one.id for one in edition.levels if one.id in fact.kind.values)), default=0)
        reached = either(every((one.known, one.value == top)) for one in ratings)
        rated = every(one.known for one in ratings) if len(ratings) == len(edition.areas) else z3.BoolVal(False)
        highest: z3.ArithRef = z3.IntVal(0)
        for one in ratings:
            highest = z3.If(every((one.known, one.value > highest)), one.value, highest)
        leads = every((either(one.known for one in ratings), either((reached, rated))))
        return {level: Symbol(fact.kind, either((fact.known, leads)), z3.If(fact.known, fact.value, highest))}

    def results(self, question: str) -> dict[SymbolicResult, z3.BoolRef]:
        """Return every result that a question can have on paper, each with the formula that it does."""
        if question not in self._results:
            found: dict[SymbolicResult, list[z3.BoolRef]] = {}
            for outcome, truth in zip(self.period.questions[question].outcomes, self.truths[question], strict=True):
                found.setdefault(_result(outcome), []).append(truth.holds)
            for result, holds, _ in self._unsettled(self.period.questions[question]):
                found.setdefault(result, []).append(holds)
            self._results[question] = {result: either(parts) for result, parts in found.items()}
        return self._results[question]

    def rows(self, question: str) -> dict[SymbolicResult, list[tuple[Outcome, z3.BoolRef]]]:
        """Return for every result that a question can have its rows, each with the formula that the result rests on it.

        Where a fact is missing they are those that wait for it; where an earlier question is not settled, its rows.
        """
        if question not in self._rows:
            found: dict[SymbolicResult, list[tuple[Outcome, z3.BoolRef]]] = {}
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

    def waiting(self, question: str) -> Iterator[tuple[str, z3.BoolRef]]:
        """Yield each fact for which a question itself waits, with the formula that it is the first to be missing."""
        for result, waits, earlier in self._unsettled(self.period.questions[question]):
            if earlier is None:
                yield result.missing[0], waits

    def _unsettled(
        self, question: QuestionInForce
    ) -> Iterator[tuple[SymbolicResult, z3.BoolRef, tuple[str, SymbolicResult] | None]]:
        """Yield the result of the question where a fact is missing, as `decide` finds the one to ask for first.

        With each comes the earlier question that it is taken from and the result of that one, None for its own.
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
                yield SymbolicResult(UNDETERMINED, (), (name,)), first, None
                continue
            for result, holds in self.results(name).items():
                if result.answer == UNDETERMINED:
                    unsettled = SymbolicResult(UNDETERMINED, result.open_points, result.missing)
                    yield unsettled, every((first, holds)), (name, result)

    def _waiting(self, condition: Condition) -> Iterator[tuple[str, z3.BoolRef]]:
        """Yield each fact with the formula that the condition waits for it, it and all that it is part of not known."""
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

    def gives(self, facts: Mapping[str, Value]) -> Iterator[z3.BoolRef]:
        """Yield that a case gives exactly these facts, and no others."""
        for name, fact in self.given.items():
            value = facts.get(name)
            yield opposite(fact.known) if value is None else every((fact.known, fact.value == fact.kind.number(value)))

    def read(self, model: z3.ModelRef, swap: Swap | None = None) -> dict[str, Value]:
        """Return the known facts of the case that the solver holds, or with `swap` those of the second one."""
        found = {name: self.value(model, name, swap) for name in self.given}
        return {name: value for name, value in found.items() if value is not None}

    def value(self, model: z3.ModelRef, name: str, swap: Swap | None = None) -> Value:
        """Return the value of a fact as the case gives it, or of an earlier answer; None where it is not known."""
        one, swap = self.given.get(name) or self.symbols[name], swap or Swap([])
        if isinstance(one, Derived):
            return next((answer for answer, holds in one.answers.items() if meets(model, swap(holds))), None)
        if not meets(model, swap(one.known)):
            return None
        return value_of(one.kind, model.eval(swap(one.value), model_completion=True).as_long())

    @cached_property
    def asked(self) -> dict[str, list[Test]]:
        """Return every test of the period by its fact: of the questions, their cautions, and the rules about facts."""
        found: dict[str, list[Test]] = {}
        for condition in conditions_of(self.period):
            for test in tests(condition):
                found.setdefault(test.fact, []).append(test)
        return found

    def overlap(self, question: str) -> z3.BoolRef:
        """Return the formula that more than one outcome of a question holds."""
        holds = [truth.holds for truth in self.truths[question]]
        return either(every((one, other)) for one, other in itertools.combinations(holds, 2))

    def allowed(self, question: str) -> dict[str, z3.BoolRef]:
        """Return for each answer that open points of a question allow the formula that one of them holds."""
        found: dict[str, list[z3.BoolRef]] = {}
        for outcome, truth in zip(self.period.questions[question].outcomes, self.truths[question], strict=True):
            for answer in () if outcome.answer else outcome.allows:
                found.setdefault(answer, []).append(truth.holds)
        return {answer: either(holds) for answer, holds in found.items()}

    def gap(self, question: str) -> z3.BoolRef:
        """Return the formula that no outcome of a question can hold."""
        return every(truth.fails for truth in self.truths[question])


def _written(rule: str, condition: Condition, symbols: Symbols) -> Truth:
    """Return the formulas of the condition of a rule, which is named where they cannot be written."""
    try:
        return formula(condition, symbols)
    except Unprovable as fault:
        fault.rule = rule
        raise


def conditions_of(period: Period) -> Iterator[Condition]:
    """Yield every condition of a period: of its outcomes, cautions, contradictions and consequences."""
    for question in period.questions.values():
        yield from (outcome.condition for outcome in question.outcomes)
        yield from (caution.condition for caution in question.cautions)
    for rule in (*period.problems, *period.follows):
        yield rule.condition
