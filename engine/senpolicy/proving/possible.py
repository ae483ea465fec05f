"""What is still possible for a case of which facts are missing, and the one fact whose answer would settle most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import z3

from senpolicy.deciding.decide import Decision
from senpolicy.deciding.text import WIDTH, Line, title
from senpolicy.files.digests import PlainData
from senpolicy.language.conditions import FactType, Test
from senpolicy.language.partition import cells_of, value_of
from senpolicy.policy.timeline import Policy
from senpolicy.proving.nearest import given_facts
from senpolicy.proving.whynot import say_name
from senpolicy.readings.formula import either, meets
from senpolicy.readings.judge import judge
from senpolicy.readings.symbolic_case import SymbolicCase, SymbolicResult

#: A question, and something that its result can be.
Key = tuple[str, SymbolicResult]


@dataclass(frozen=True)
class Learning:
    """What would be left if one missing fact were known: on average, out of as many possible results as now."""

    fact: str
    left: Fraction
    now: int

    def say_left(self, places: int) -> str:
        """Return what would be left, a number of results, to so many decimals."""
        return f"{Decimal(self.left.numerator) / self.left.denominator:.{places}f}"

    def to_json(self) -> dict[str, PlainData]:
        """Return the fact with what would be left of the possible results on average, to two decimals."""
        return {"fact": self.fact, "possible_now": self.now, "possible_then": self.say_left(2)}


@dataclass(frozen=True)
class Possible:
    """For each question everything that its result may still be, and the missing facts, most worth knowing first."""

    results: Mapping[str, tuple[SymbolicResult, ...]]
    learning: tuple[Learning, ...]

    @property
    def open(self) -> dict[str, tuple[SymbolicResult, ...]]:
        """The questions that may still have more than one result."""
        return {name: found for name, found in self.results.items() if len(found) > 1}

    def to_json(self) -> dict[str, PlainData]:
        """Return the answers and open points that are still possible, as plain data."""
        return {
            "answers": {
                name: [{"answer": one.answer, **({"open_points": list(one.open_points)} if one.open_points else {})}
                       for one in found]
                for name, found in self.open.items()
            },
            "best_to_learn": [one.to_json() for one in self.learning],
        }  # fmt: skip


def possible(decision: Decision) -> Possible:
    """Return the results that a case may still have when facts that it does not give become known.

    Exact: an answer or open point is possible when some values of the missing facts, which contradict neither each
    other nor what is given, lead to it; facts may stay unknown. Nothing is said of how likely it is.

    The fact that would settle most: for each missing fact, each kind of value that the tests can tell apart (and that
    contradicts nothing) is supposed to be known in turn; the results that stay possible are counted over all questions
    but the steps; the average, each kind of value counting the same, is what knowing the fact would leave. The least
    average comes first; facts that are equal in this keep their own order.
    """
    every = SymbolicCase(decision.policy, decision.period)
    now = given_facts(decision.case)
    solver = z3.Solver()
    solver.add(*every.possible)
    for name, fact in every.given.items():
        value = decision.case.day if name == "decision_date" else now.get(name)
        if value is not None:
            solver.add(fact.known, fact.value == fact.kind.number(value))
    flags = {
        (name, result): z3.Bool(f"{name} {number}")
        for name, question in decision.period.questions.items() if not question.step
        for number, result in enumerate(every.results(name)) if result.settled
    }  # fmt: skip
    solver.add([flag == every.results(name)[result] for (name, result), flag in flags.items()])
    found = _found(solver, flags)
    results = {name: tuple(one for of, one in flags if of == name and (of, one) in found) for name, _ in flags}
    learning = []
    if any(len(every_one) > 1 for every_one in results.values()):
        left = {key: flag for key, flag in flags.items() if key in found}
        for name, fact in every.given.items():
            if name in now or name not in every.asked:
                continue
            counts = []
            for group in _kinds(every, name):
                solver.push()
                solver.add(fact.known, either(z3.And(fact.value >= first, fact.value <= last) for first, last in group))
                counts.append(len(_found(solver, left)))
                solver.pop()
            counts = [count for count in counts if count]
            if counts and sum(counts) < len(found) * len(counts):
                learning.append(Learning(name, Fraction(sum(counts), len(counts)), len(found)))
    return Possible(results, tuple(sorted(learning, key=lambda one: one.left)))


def reached(of: Policy, day: date, facts: Mapping[str, Sequence[str]], question: str, answer: str) -> bool:
    """Return whether some case of a day has an answer to a question, of those with one of these values of each fact."""
    every = SymbolicCase(of, of.on(day))
    solver = z3.Solver()
    solver.add(*every.possible, every.given["decision_date"].value == day.toordinal())
    for name, values in facts.items():
        fact = every.symbols[name]
        solver.add(fact.known, fact.among(values))
    solver.add(every.answers[question].get(answer, z3.BoolVal(False)))
    return bool(solver.check() != z3.unsat)


def _kinds(every: SymbolicCase, name: str) -> list[list[tuple[int, int]]]:
    """Return the values of a fact by what the tests make of them, each kind as ranges."""
    asked: list[Test] = every.asked[name]
    groups: dict[tuple[bool | None, ...], list[tuple[int, int]]] = {}
    for first, last in cells_of(every.kinds[name], asked):
        value = value_of(every.kinds[name], first)
        groups.setdefault(tuple(judge(test, {name: value}) for test in asked), []).append((first, last))
    return list(groups.values())


def _found(solver: z3.Solver, flags: Mapping[Key, z3.BoolRef]) -> set[Key]:
    """Return the results of which each holds for some case that the solver holds; none where there is no such case."""
    left, found = dict(flags), set[Key]()
    while left and solver.check(either(left.values())) == z3.sat:
        model = solver.model()
        more = {key for key, flag in left.items() if meets(model, flag)}
        found |= more
        left = {key: flag for key, flag in left.items() if key not in more}
    return found


def lines(found: Possible, types: Mapping[str, FactType]) -> Iterator[Line]:
    """Yield the lines that say what is still possible, and which fact would settle most."""
    if not found.open:
        return
    yield "bold", "  Facts are missing. Still possible:"
    for name, results in found.open.items():
        words = [", ".join(one.open_points) if one.open_points else say_name(one.answer) for one in results]
        yield "", f"    {title(name):<{WIDTH}}{'; '.join(dict.fromkeys(words))}"
    for best in found.learning[:1]:
        fewer = f"of {best.now} possible results {best.say_left(1)} would be left on average"
        yield "green", f"  What would settle most: {types[best.fact].label} ({best.fact}); {fewer}."
