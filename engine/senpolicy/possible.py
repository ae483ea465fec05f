"""What is still possible for a case of which facts are missing, and the one fact whose answer would settle most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import z3

from senpolicy.conditions import Test
from senpolicy.decide import Decision
from senpolicy.everycase import EveryCase, Result, ranges
from senpolicy.nearest import given_facts
from senpolicy.readings.formula import code, either
from senpolicy.readings.judge import judge


@dataclass(frozen=True)
class Learning:
    """What would be left if one missing fact were known: on average, out of as many possible results as now."""

    fact: str
    left: Fraction
    now: int

    def to_json(self) -> dict[str, Any]:
        """Return the fact with what would be left of the possible results on average, to two decimals."""
        return {"fact": self.fact, "possible_now": self.now, "possible_then": f"{float(self.left):.2f}"}


@dataclass(frozen=True)
class Possible:
    """For each question everything that it may still come to, and the missing facts, most worth knowing first."""

    results: Mapping[str, tuple[Result, ...]]
    learning: tuple[Learning, ...]

    @property
    def open(self) -> dict[str, tuple[Result, ...]]:
        """The questions that may still come to more than one thing."""
        return {name: found for name, found in self.results.items() if len(found) > 1}

    def to_json(self) -> dict[str, Any]:
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
    """Return what a case may still come to when facts that it does not give become known.

    Exact: an answer or open point is possible when some values of the missing facts, which contradict neither each
    other nor what is given, lead to it; facts may stay unknown. Nothing is said of how likely it is.

    The fact that would settle most: for each missing fact, each kind of value that the tests can tell apart (and that
    contradicts nothing) is supposed to be known in turn; the results that stay possible are counted over all questions
    but the steps; the average, each kind of value counting the same, is what knowing the fact would leave. The least
    average stands first; facts that are equal in this stand in their own order.
    """
    every = EveryCase(decision.policy, decision.period)
    now = given_facts(decision.case)
    solver = z3.Solver()
    solver.add(*every.possible)
    for name, fact in every.given.items():
        value = decision.case.day if name == "decision_date" else now.get(name)
        if value is not None:
            solver.add(fact.known, fact.value == code(fact.kind, value))
    names = [name for name, question in decision.period.questions.items() if not question.step]
    found = _found(every, solver, names)
    assert found is not None, "the case itself is possible"
    before = sum(map(len, found.values()))
    learning = []
    for name in every.given:
        if name in now or name not in every.asked or all(len(results) == 1 for results in found.values()):
            continue
        counts = []
        for group in _kinds(every, name):
            fact = every.given[name]
            solver.push()
            solver.add(fact.known, either(z3.And(fact.value >= first, fact.value <= last) for first, last in group))
            left = _found(every, solver, names)
            solver.pop()
            if left is not None:
                counts.append(sum(map(len, left.values())))
        if counts and sum(counts) < before * len(counts):
            learning.append(Learning(name, Fraction(sum(counts), len(counts)), before))
    return Possible(found, tuple(sorted(learning, key=lambda one: one.left)))


def _kinds(every: EveryCase, name: str) -> list[list[tuple[int, int]]]:
    """Return the values of a fact by what the tests make of them, each kind as ranges."""
    asked: list[Test] = every.asked[name]
    groups: dict[tuple[bool | None, ...], list[tuple[int, int]]] = {}
    for first, last in ranges(every.kinds[name], asked):
        value = every.given[name].read(first)
        groups.setdefault(tuple(judge(test, {name: value}) for test in asked), []).append((first, last))
    return list(groups.values())


def _found(every: EveryCase, solver: z3.Solver, names: list[str]) -> dict[str, tuple[Result, ...]] | None:
    """Return what each question can come to for the cases that the solver holds, None where there is no such case."""
    if solver.check() != z3.sat:
        return None
    left = {name: {result: holds for result, holds in every.results(name).items() if result.settled} for name in names}
    found: dict[str, list[Result]] = {name: [] for name in names}

    def note() -> None:
        model = solver.model()
        for name in names:
            for result, holds in list(left[name].items()):
                if z3.is_true(model.eval(holds, model_completion=True)):
                    found[name].append(result)
                    del left[name][result]

    note()
    while solver.check(either(holds for results in left.values() for holds in results.values())) == z3.sat:
        note()
    order = {name: list(every.results(name)) for name in names}
    return {name: tuple(sorted(results, key=order[name].index)) for name, results in found.items()}
