"""The reading *judge*: true, false or not known, by plain comparison. It is the reference for every other reading."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from senpolicy.language.conditions import AnyOf, Condition, FactLimit, Not, Test, TestResult, Value, limit_for

Facts = Mapping[str, Value]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "is": operator.eq,
    "one_of": lambda value, limit: value in limit,
    "below": operator.lt,
    "at_most": operator.le,
    "at_least": operator.ge,
    "more_than": operator.gt,
}


def judge(condition: Condition, facts: Facts) -> bool | None:
    """Return whether a condition holds for a case: True, False, or None where it rests on a fact not known.

    Kleene's strong three values: `all` is false as soon as one part is, whatever is not known; `any` is true as soon as
    one part is; `not` leaves not known as it is.
    """
    if isinstance(condition, Test):
        value = facts.get(condition.fact)
        if condition.operator == "known":
            known: bool = condition.limit
            return (value is not None) is known
        limit = limit_for(condition, facts) if isinstance(condition.limit, FactLimit) else condition.limit
        return None if value is None or limit is None else COMPARISONS[condition.operator](value, limit)
    if isinstance(condition, Not):
        held = judge(condition.part, facts)
        return None if held is None else not held
    decisive = isinstance(condition, AnyOf)
    unknown = False
    for part in condition.parts:
        held = judge(part, facts)
        if held is decisive:
            return decisive
        unknown = unknown or held is None
    return None if unknown else not decisive


@dataclass(frozen=True)
class Trace:
    """A condition with how each of its tests came out, in the order in which they are written.

    `supporting` are the tests that make it come out so: of an `all` that holds every one, of an `any` those parts that
    hold; of a condition that fails (or is not known) the parts that fail (or are not known).
    """

    held: bool | None
    tests: tuple[TestResult, ...]
    supporting: tuple[TestResult, ...]


def trace(condition: Condition, facts: Facts, *, negated: bool = False) -> Trace:
    """Return a condition's truth with every test's value, limit and margin; `negated` when it is under a `not`."""
    if isinstance(condition, Test):
        value, held = facts.get(condition.fact), judge(condition, facts)
        result = (TestResult(condition, value, held, margin(condition, value), negated),)
        return Trace(held, result, result)
    if isinstance(condition, Not):
        inner = trace(condition.part, facts, negated=not negated)
        return Trace(None if inner.held is None else not inner.held, inner.tests, inner.supporting)
    parts = [trace(part, facts, negated=negated) for part in condition.parts]
    decisive = isinstance(condition, AnyOf)
    truths = [part.held for part in parts]
    held = decisive if decisive in truths else None if None in truths else not decisive
    return Trace(
        held,
        tuple(test for part in parts for test in part.tests),
        tuple(test for part in parts if part.held is held for test in part.supporting),
    )


def margin(test: Test, value: Value) -> int | None:
    """Return how far an ordered fact is from its limit (pence, days, whole numbers), None for others."""
    limit = test.limit
    if isinstance(value, bool) or isinstance(limit, bool):
        return None
    if isinstance(value, date) and isinstance(limit, date):
        return abs((value - limit).days)
    if isinstance(value, int) and isinstance(limit, int):
        return abs(value - limit)
    return None
