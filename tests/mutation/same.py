"""Whether two corpora decide every case alike: by solver, on the whole domain, for every decision that can be named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import z3

from senpolicy.language.conditions import AllOf, Condition, Not, Test, Value
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Period, Policy, QuestionInForce
from senpolicy.proving.proofs import policies
from senpolicy.readings.formula import Symbols, Truth, either, every, formula
from senpolicy.readings.symbolic_case import SymbolicCase

Signature = dict[tuple[str, ...], Any]


@dataclass(frozen=True)
class Difference:
    """A case that two corpora decide differently, or refuse differently; and with which policy."""

    facts: Mapping[str, Value]
    as_of: str
    scenario: str
    what: str


class CannotCompare(Exception):
    """Raised where the solver gives no answer in time, or the facts themselves differ."""


def difference(one: Corpus, other: Corpus, *, milliseconds: int = 300_000) -> Difference | None:
    """Return a case that is decided differently, or None: then it is proved that there is none.

    Compared are answers with their figures, open points, what is said to be missing, cautions, and which cases are
    refused; not the reasons and their wording.
    """
    seen: list[tuple[Any, ...]] = []
    for left, right in zip(policies(one), policies(other), strict=True):
        if {name: kind.values for name, kind in left.types.items()} != {
            name: kind.values for name, kind in right.types.items()
        }:
            raise CannotCompare("The facts have other values.")
        for first in left.periods:
            for second in right.periods:
                start, end = _shared(first, second)
                rules = (replace(first, start=None, end=None), replace(second, start=None, end=None), left.types)
                if start > end or rules[0] == rules[1]:
                    continue
                if any(rules == known and since <= start and end <= until for known, since, until in seen):
                    continue
                seen.append((rules, start, end))
                pair = (replace(first, start=start, end=end), replace(second, start=start, end=end))
                found = _differs(*pair, left, right, milliseconds)
                if found:
                    return found
    return None


def _shared(first: Period, second: Period) -> tuple[date, date]:
    start = max(first.start or date.min, second.start or date.min)
    return start, min(first.end or date.max, second.end or date.max)


def _differs(first: Period, second: Period, left: Policy, right: Policy, milliseconds: int) -> Difference | None:
    one, other = SymbolicCase(left, first, complete=True), SymbolicCase(right, second, complete=True)
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    accepted, also = every(one.possible), every(other.possible)
    asked = [(("facts", "refused"), accepted, also)]
    theirs, ours = signature(one), signature(other)
    nothing = z3.BoolVal(False)
    for key in sorted({*theirs, *ours}):
        here, there = theirs.get(key, nothing), ours.get(key, nothing)
        if not here.eq(there):
            asked.append((key, z3.And(accepted, here), z3.And(accepted, there)))
    solver.add(either(z3.Xor(here, there) for _, here, there in asked))
    result = solver.check()
    if result == z3.unknown:
        raise CannotCompare("The solver gave no answer in time.")
    if result == z3.unsat:
        return None
    model = _plain(solver, one)
    differs = [key for key, here, there in asked
               if z3.is_true(model.eval(z3.Xor(here, there), model_completion=True))]  # fmt: skip
    scenario = left.scenario.scenario if left.scenario else ""
    return Difference(one.read(model), left.as_of, scenario, ": ".join(differs[0]))


def _plain(solver: z3.Solver, space: SymbolicCase) -> Any:
    """Return a model with as few facts as the solver allows, on a day and in sizes that people know."""
    wishes = [z3.Not(fact.known) for fact in reversed(space.given.values())]
    for fact in space.given.values():
        if fact.kind.type == "money":
            wishes.append(fact.value <= 5_000_000)
        if fact.kind.type == "date":
            wishes += [fact.value >= date(2020, 1, 1).toordinal(), fact.value <= date(2030, 12, 31).toordinal()]
    for wish in wishes:
        solver.push()
        solver.add(wish)
        if solver.check() != z3.sat:
            solver.pop()
    solver.check()
    return solver.model()


def signature(space: SymbolicCase) -> Signature:
    """Return all that a decision says of a case in a period, as a formula for each thing that it can say."""
    said: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for name, question in space.period.questions.items():
        truths = space.truths[name]
        for outcome, truth in zip(question.outcomes, truths, strict=True):
            gives = repr(sorted((key, repr(value)) for key, value in outcome.gives.items()))
            comes_to = (outcome.answer or f"open point {outcome.point}", outcome.reading or outcome.assumed, gives)
            said[name, "answer", *comes_to].append(truth.holds)
            if outcome.answer is None:
                said[name, "open", outcome.point or ""].append(truth.holds)
        first = _first_missing(space, question)
        for fact, is_first in first.items():
            if fact in space.period.questions:
                for key in [key for key in said if key[0] == fact and key[1] in ("open", "missing")]:
                    said[(name, *key[1:])] += [z3.And(is_first, either(said[key]))]
            else:
                said[name, "missing", fact].append(is_first)
        for caution in question.cautions:
            said[name, "caution", caution.id].append(formula(caution.condition, space.symbols).holds)
    return {key: either(parts) for key, parts in said.items()}


def _first_missing(space: SymbolicCase, question: QuestionInForce) -> dict[str, Any]:
    """Return for each fact in `ask` the formula that `decide` names it: it is the first that is wanted."""
    none_holds = z3.Not(either(truth.holds for truth in space.truths[question.name]))
    weighed = [_weighed(one.condition, space.symbols) for one in question.outcomes]
    found: dict[str, Any] = {}
    before: list[Any] = []
    for name in question.ask:
        wanted = either(by_fact[name] for _, by_fact in weighed if name in by_fact)
        found[name] = z3.And(none_holds, wanted, z3.Not(either(before)))
        before.append(wanted)
    return found


def _weighed(condition: Condition, symbols: Symbols) -> tuple[Truth, dict[str, Any]]:
    """Return a condition's formulas, and for each of its facts the formula that this fact keeps it from being known."""
    if isinstance(condition, Test):
        truth = formula(condition, symbols)
        return truth, {condition.fact: _unknown(truth)}
    if isinstance(condition, Not):
        truth, by_fact = _weighed(condition.part, symbols)
        return Truth(truth.fails, truth.holds), by_fact
    parts = [_weighed(part, symbols) for part in condition.parts]
    holds, fails = [truth.holds for truth, _ in parts], [truth.fails for truth, _ in parts]
    together = isinstance(condition, AllOf)
    truth = Truth(every(holds), either(fails)) if together else Truth(either(holds), every(fails))
    found: dict[str, list[Any]] = defaultdict(list)
    for part, by_fact in parts:
        for name, wanted in by_fact.items():
            found[name].append(z3.And(_unknown(part), wanted))
    return truth, {name: z3.And(_unknown(truth), either(wanted)) for name, wanted in found.items()}


def _unknown(truth: Truth) -> Any:
    return z3.And(z3.Not(truth.holds), z3.Not(truth.fails))
