"""A fact cut into its cells: ranges of values that no test tells apart, and *not known* as a cell of its own.

Every test compares a fact with constants, so each fact falls into finitely many cells, and what a rule does with one
value of a cell it does with every other. Whatever tries every kind of case, proves, compares, asks or decides a whole
caseload takes its cells from here.

A limit is a cell of its own, so that it can be tried and told by itself; a choice is cut into its values. A test that
holds a fact against another fact (`FactLimit`) has no constant, so it cuts nothing: who meets one says it beside the
cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from senpolicy.language.conditions import Condition, FactLimit, FactType, Test, Value, tests

#: The largest amount that a case can give, in pence: nine figures before the point.
MOST_PENCE = 99_999_999_999
#: Without bounds of its own, a whole number may be as large as this, or as far below 0.
MOST_WHOLE = 10**15 - 1


class FactCell(NamedTuple):
    """Values of a fact that belong together: the first and the last, as numbers (`FactType.number`).

    Any of them can represent it. The cell of a fact that is not known is None.

    >>> plan = FactType("plan", "choice", values=("sen_support", "ehcp"))
    >>> plan.number("ehcp"), value_of(plan, 1)
    (1, 'ehcp')
    """

    first: int
    last: int


def value_of(kind: FactType, number: int) -> Value:
    """Return the value of a fact that has a number: the inverse of `FactType.number`."""
    if kind.type == "date":
        return date.fromordinal(number)
    if kind.type == "choice":
        return kind.values[number]
    return bool(number) if kind.type == "boolean" else number


def bounds(kind: FactType) -> FactCell:
    """Return everything that a fact can be, as one cell."""
    if kind.type == "choice":
        return FactCell(0, len(kind.values) - 1)
    if kind.type == "date":
        return FactCell(date.min.toordinal(), date.max.toordinal())
    lowest, highest = {"boolean": (0, 1), "money": (0, MOST_PENCE), "integer": (-MOST_WHOLE, MOST_WHOLE)}[kind.type]
    return FactCell(lowest if kind.lowest is None else kind.lowest, highest if kind.highest is None else kind.highest)


def relates(condition: Condition) -> bool:
    """Return whether a condition holds a fact against another one."""
    return any(isinstance(test.limit, FactLimit) for test in tests(condition))


def limits_of(tests: Iterable[Test]) -> list[Any]:
    """Return the constants with which tests compare, each once, in the order in which they are written."""
    compared = (test.limit for test in tests if test.operator != "known" and not isinstance(test.limit, FactLimit))
    listed = (limit if isinstance(limit, tuple) else (limit,) for limit in compared if limit is not None)
    return list(dict.fromkeys(one for limits in listed for one in limits))


def cells_of(kind: FactType, tests: Iterable[Test] = (), also: Iterable[Value] = ()) -> list[FactCell]:
    """Return the known values of a fact as cells, in order; `also` are limits that no test has.

    >>> age = FactType("age", "integer", lowest=0, highest=25)
    >>> cells_of(age, [Test("age", "at_least", 5, limit=5)])
    [FactCell(first=0, last=4), FactCell(first=5, last=5), FactCell(first=6, last=25)]
    >>> cells_of(FactType("plan", "choice", values=("sen_support", "ehcp")))
    [FactCell(first=0, last=0), FactCell(first=1, last=1)]
    """
    whole = bounds(kind)
    if not kind.ordered:
        return [FactCell(number, number) for number in range(whole.first, whole.last + 1)]
    limits = {kind.number(limit) for limit in (*limits_of(tests), *also)}
    inside = {at for limit in limits for at in (limit, limit + 1) if whole.first <= at <= whole.last}
    starts = sorted({whole.first} | inside)
    return [FactCell(first, after - 1) for first, after in zip(starts, [*starts[1:], whole.last + 1], strict=True)]


def partition(kind: FactType, tests: Iterable[Test] = (), also: Iterable[Value] = ()) -> list[FactCell | None]:
    """Return the cells of a fact (see `cells_of`), and None for a fact that is not known as the last of them.

    >>> partition(FactType("claim", "boolean"))
    [FactCell(first=0, last=0), FactCell(first=1, last=1), None]
    """
    return [*cells_of(kind, tests, also), None]


def clipped(cut: Iterable[FactCell], first: int, last: int) -> list[FactCell]:
    """Return the parts of cells that lie between two numbers, both included.

    >>> clipped([FactCell(0, 4), FactCell(5, 5), FactCell(6, 15)], 5, 9)
    [FactCell(first=5, last=5), FactCell(first=6, last=9)]
    """
    return [
        FactCell(max(one.first, first), min(one.last, last)) for one in cut if one.first <= last and one.last >= first
    ]


def edges(kind: FactType, cut: Sequence[FactCell]) -> list[Value]:
    """Return the values on both sides of each border between cells, in order; of one cell alone its first value.

    Each cell has at least one of them, and each limit is tried at one below, at and one above.

    >>> age = FactType("age", "integer", lowest=0, highest=25)
    >>> edges(age, cells_of(age, also=[5]))
    [4, 5, 6]
    """
    ends = {one.first for one in cut[1:]} | {one.last for one in cut[:-1]} or {one.first for one in cut}
    return [value_of(kind, number) for number in sorted(ends)]


def beside(kind: FactType, limit: Value) -> list[Value]:
    """Return the values one below a limit, at it, and one above, whether the fact can have them or not.

    >>> beside(FactType("cost", "money"), 600_000)
    [599999, 600000, 600001]
    """
    return [value_of(kind, kind.number(limit) + by) for by in (-1, 0, 1)]


def joined(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges in order, those that touch made one.

    >>> joined([(6, 9), (1, 2), (3, 5), (11, 11)])
    [(1, 9), (11, 11)]
    """
    together: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if together and first <= together[-1][1] + 1:
            together[-1] = (together[-1][0], max(last, together[-1][1]))
        else:
            together.append((first, last))
    return together


def covers(kind: FactType, found: Iterable[tuple[int, int]]) -> bool:
    """Return whether ranges are all that a fact can be."""
    return joined(found) == [bounds(kind)]
