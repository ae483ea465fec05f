"""A condition: a small immutable tree of tests, joined by all, any and not.

Everything that the engine does with a rule is a reading of this tree (`senpolicy.readings`). A test names a fact, one
operator in words and a limit. Values are exact: money is integer pence, dates are dates, a choice is text, yes or no is
a bool; a fact that is not known is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

FactKind = Literal["money", "integer", "date", "choice", "boolean"]

Value = bool | int | str | date | None

#: The result of a question that has no answer.
UNDETERMINED = "undetermined"

#: What each operator of the language asks, in words that can follow the name of a fact.
OPERATORS: dict[str, str] = {
    "is": "is",
    "one_of": "is one of",
    "below": "is below",
    "at_most": "is at most",
    "at_least": "is at least",
    "more_than": "is more than",
    "known": "is known",
}
ORDERED = frozenset({"below", "at_most", "at_least", "more_than"})


@dataclass(frozen=True)
class FactType:
    """What a fact can be: its type, and its values in order where they are named, or its bounds (inclusive)."""

    name: str
    type: FactKind
    label: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()
    value_labels: tuple[str, ...] = ()
    lowest: int | None = None
    highest: int | None = None
    is_answer: bool = False

    @property
    def ordered(self) -> bool:
        """Whether its values can be compared: money, whole numbers and dates can."""
        return self.type in ("money", "integer", "date")

    def number(self, value: Any) -> int:
        """Return a value as a number: pence, a day's ordinal, 0 or 1, the place in `values` (ValueError: in none)."""
        if isinstance(value, date):
            return value.toordinal()
        return self.values.index(value) if self.type == "choice" else int(value)


@dataclass(frozen=True)
class FactLimit:
    """Another fact of the same case as a limit, and how much is added to it: pence, days or whole numbers."""

    fact: str
    by: int = 0


@dataclass(frozen=True)
class Test:
    """One question put to one fact.

    `operand` is what the author wrote: a value, a list of values, `$` and the name of a parameter, or another fact.
    `limit` is what it means once bound to a date and a decision: a value, a tuple of values for `one_of`, True or
    False for `known`, a `FactLimit` where it is another fact.
    """

    fact: str
    operator: str
    operand: Any
    because: str = ""
    limit: Any = None
    parameter: str = ""

    __test__ = False  # The name is the field's word; pytest is not to collect it.


@dataclass(frozen=True)
class AllOf:
    """Holds when every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """Holds when at least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """Holds when its part does not."""

    part: Condition


Condition = Test | AllOf | AnyOf | Not


def tests(condition: Condition) -> Iterator[Test]:
    """Yield every test of a condition, in the order in which it is written."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, Not):
        yield from tests(condition.part)
    else:
        for part in condition.parts:
            yield from tests(part)


def facts_of(condition: Condition) -> list[str]:
    """Return the names of the facts that a condition asks for, each once, in order of first use."""
    names = (
        (test.fact, test.limit.fact if isinstance(test.limit, FactLimit) else test.fact) for test in tests(condition)
    )
    return list(dict.fromkeys(name for both in names for name in both))


def limit_for(test: Test, facts: Mapping[str, Value]) -> Any:
    """Return the limit of a test for one case; None where it is another fact, and that one is not known."""
    if not isinstance(test.limit, FactLimit):
        return test.limit
    other = facts.get(test.limit.fact)
    if isinstance(other, date):
        return date.fromordinal(max(1, min(other.toordinal() + test.limit.by, date.max.toordinal())))
    return other + test.limit.by if isinstance(other, int) else None


def changed(condition: Condition, change: Callable[[Test], Condition]) -> Condition:
    """Return the condition with `change(test)` in the place of every test."""
    if isinstance(condition, Test):
        return change(condition)
    if isinstance(condition, Not):
        return Not(changed(condition.part, change))
    return type(condition)(tuple(changed(part, change) for part in condition.parts))


@dataclass(frozen=True)
class TestResult:
    """How one test came out for one case: held True, False, or None where the fact is not known.

    `margin` is how far an ordered fact was from its limit, always 0 or more: pence, days, or whole numbers.
    """

    test: Test
    value: Value
    held: bool | None
    margin: int | None = None
    negated: bool = False

    __test__ = False


def written(kind: str, value: Any) -> Any:
    """Return a value as plain data: money as text with two decimals, a date as ISO text, others as they are.

    >>> written("money", 600001)
    '6000.01'
    """
    if isinstance(value, tuple):
        return [written(kind, one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if kind == "money" and isinstance(value, int):
        return pounds(value)
    return value


def pounds(pence: int) -> str:
    """Return integer pence as text in pounds with two decimals.

    >>> pounds(600001)
    '6000.01'
    """
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def pence(amount: Decimal) -> int:
    """Return an amount in pounds as integer pence; raises ValueError when it has parts of a penny.

    >>> pence(Decimal("6000.01"))
    600001
    """
    scaled = amount.scaleb(2)
    if scaled != scaled.to_integral_value():
        raise ValueError("parts of a penny")
    return int(scaled)
