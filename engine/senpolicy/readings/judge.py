"""The reading *judge*: true, false or not known, by plain comparison. It is the reference for every other reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from senpolicy.conditions import AnyOf, Condition, Not, Test, TestResult, Value

Facts = Mapping[str, Value]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, limit: value == limit,
    "one_of": lambda value, limit: value in limit,
    "below": lambda value, limit: value < limit,
    "at_most": lambda value, limit: value <= limit,
    "at_least": lambda value, limit: value >= limit,
    "more_than": lambda value, limit: value > limit,
}


def judge(condition: Condition, facts: Facts) -> bool | None:
    """Return whether a condition holds for a case: True, False, or None where it rests on a fact not known.

    Kleene's strong three values: `all` is false as soon as one part is, whatever is not known; `any` is true as soon as
    one part is; `not` leaves not known as it is.
    """
    if isinstance(condition, Test):
        value = facts.get(condition.fact)
        if condition.operator == "known":
            return (value is not None) == condition.limit
        return None if value is None else COMPARISONS[condition.operator](value, condition.limit)
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


def results(condition: Condition, facts: Facts, *, negated: bool = False) -> list[TestResult]:
    """Return how every test of a condition came out, in the order in which it is written.

    `held` is the test's own truth; `negated` says that it stands under a `not`.
    """
    if isinstance(condition, Test):
        value = facts.get(condition.fact)
        return [TestResult(condition, value, judge(condition, facts), margin(condition, value), negated)]
    if isinstance(condition, Not):
        return results(condition.part, facts, negated=not negated)
    return [result for part in condition.parts for result in results(part, facts, negated=negated)]


def support(condition: Condition, facts: Facts, *, wanted: bool | None = True) -> list[TestResult]:
    """Return the tests that make a condition come out as `wanted`, leaving out those that did not matter.

    For a condition that holds: every test of an `all`, and of an `any` the parts that hold. For one that does not (or
    is not known): the parts that fail (or are not known).
    """
    return _support(condition, facts, wanted, False)


def _support(condition: Condition, facts: Facts, wanted: bool | None, negated: bool) -> list[TestResult]:
    if judge(condition, facts) is not wanted:
        return []
    if isinstance(condition, Test):
        return results(condition, facts, negated=negated)
    if isinstance(condition, Not):
        inner = None if wanted is None else not wanted
        return _support(condition.part, facts, inner, not negated)
    return [result for part in condition.parts for result in _support(part, facts, wanted, negated)]


def margin(test: Test, value: Value) -> int | None:
    """Return how far an ordered fact stands from its limit (pence, days, whole numbers), None where that says nothing."""
    limit = test.limit
    if isinstance(value, bool) or isinstance(limit, bool):
        return None
    if isinstance(value, date) and isinstance(limit, date):
        return abs((value - limit).days)
    if isinstance(value, int) and isinstance(limit, int):
        return abs(value - limit)
    return None
