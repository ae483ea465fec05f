"""A question as a reduced decision diagram: one fact is asked for at a time, until the answer is settled.

A node splits by the cells of one fact (`partition`), of which *not known* is one. A leaf says what holds, or which fact
is missing. Facts are asked for in the order of the question's `ask`, so the first fact that is missing on a path is the
one that the question misses. Equal parts are one node, so two diagrams are the same where they are one object.

What a diagram says of a case is what *judge* says of it, without a condition left to be weighed. A caseload's query is
made from it, and where a question has no answer, or two, is seen in its leaves.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from senpolicy.language.conditions import (
    AllOf,
    AnyOf,
    Condition,
    FactLimit,
    FactType,
    Not,
    Test,
    Value,
    facts_of,
)
from senpolicy.language.partition import FactCell, joined, partition

#: A diagram that would have more nodes than this is not made.
MOST_NODES = 20_000
#: How a value is held against a limit, both as numbers (`FactType.number`).
COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "is": operator.eq,
    "one_of": lambda number, numbers: number in numbers,
    "below": operator.lt,
    "at_most": operator.le,
    "at_least": operator.ge,
    "more_than": operator.gt,
}


class TooLarge(Exception):
    """Raised for a question whose diagram has more than `MOST_NODES` nodes."""


@dataclass(frozen=True)
class Ending:
    """The result of a question: the places of the conditions that hold, or else the fact that is missing.

    With neither no condition can hold. `missing` is "" where all the facts that are missing are left out of the order.
    """

    held: tuple[int, ...] = ()
    missing: str | None = None


#: What a leaf can give: an ending, or what the maker of the diagram takes it for.
Given = Ending | int | str


@dataclass(frozen=True, eq=False)
class Leaf:
    """The end of a path: an `Ending`, or what the maker of the diagram takes it for."""

    gives: Given


@dataclass(frozen=True, eq=False)
class Split:
    """A fact, and what comes next for each of its cells; cells that lead to the same are in one branch.

    Neighbours are one cell. The branches are in the order of their first cells, that of a fact not known first.
    """

    fact: str
    branches: tuple[tuple[tuple[FactCell | None, ...], Node], ...]

    def child(self, number: int | None) -> Node:
        """Return what comes next where the fact has this number (`FactType.number`), None where it is not known."""
        for cells, child in self.branches:
            for cell in cells:
                if (number is None) if cell is None else (number is not None and cell.first <= number <= cell.last):
                    return child
        raise ValueError(f"'{self.fact}' cannot be {number}")


Node = Leaf | Split


def followed(node: Node, facts: Mapping[str, Value], types: Mapping[str, FactType]) -> Given:
    """Return what the leaf gives to which the facts of a case lead; a fact that is left out is not known."""
    while isinstance(node, Split):
        value = facts.get(node.fact)
        node = node.child(None if value is None else types[node.fact].number(value))
    return node.gives


def paths(node: Node) -> Iterator[tuple[dict[str, FactCell | None], Ending]]:
    """Yield each leaf that gives an ending: one way to it, as a cell for each fact asked for, and the ending."""
    waiting: list[tuple[Node, dict[str, FactCell | None]]] = [(node, {})]
    seen = {node}
    while waiting:
        one, way = waiting.pop()
        if isinstance(one, Leaf):
            if isinstance(one.gives, Ending):
                yield way, one.gives
            continue
        for cells, child in one.branches:
            if child not in seen:
                seen.add(child)
                waiting.append((child, {**way, one.fact: cells[0]}))


# What is left of a condition once some facts have been asked for: true, false, or a smaller condition, in which a test
# of a fact that is not known is `Missing`.


@dataclass(frozen=True)
class Missing:
    """A test of a fact that is not known."""

    fact: str


Residual = bool | Missing | Condition


def asked(residual: Residual, kind: FactType, cell: FactCell | None, rank: Mapping[str, int]) -> Residual:
    """Return what is left of a condition when a fact lies in a cell that its tests do not cut, None for not known.

    `rank` is the place of each fact in the order in which they are asked for.
    """

    def test(one: Test) -> Residual:
        if one.fact != kind.name:
            return one
        if one.operator == "known":
            return bool((cell is not None) == one.limit)
        return Missing(one.fact) if cell is None else COMPARED[one.operator](cell.first, limit_numbers(one, kind))

    return _left(residual, test, rank)


def limit_numbers(test: Test, kind: FactType) -> int | tuple[int, ...] | None:
    """Return a test's limit, or each of its limits, as numbers; None where it is another fact."""
    if isinstance(test.limit, FactLimit):
        return None
    if isinstance(test.limit, tuple):
        return tuple(kind.number(one) for one in test.limit)
    return kind.number(test.limit)


def _left(residual: Residual, test: Callable[[Test], Residual], rank: Mapping[str, int]) -> Residual:
    """Return what is left of a condition, `test` saying what is left of each test.

    Of facts that are missing side by side the first is left: as long as they count at all, it is the one that is told.
    """
    if isinstance(residual, bool | Missing):
        return residual
    if isinstance(residual, Test):
        return test(residual)
    if isinstance(residual, Not):
        part = _left(residual.part, test, rank)
        if isinstance(part, bool):
            return not part
        return part if isinstance(part, Missing) else Not(part)
    decisive = isinstance(residual, AnyOf)
    parts: list[Any] = []
    for one in residual.parts:
        part = _left(one, test, rank)
        if part is decisive:
            return decisive
        if not isinstance(part, bool) and part not in parts:
            parts.append(part)
    if lacking := [part for part in parts if isinstance(part, Missing)]:
        first = min(lacking, key=lambda part: rank[part.fact])
        parts = [first, *(part for part in parts if not isinstance(part, Missing))]
    if len(parts) > 1:
        return type(residual)(tuple(parts))
    alone: Residual = parts[0] if parts else not decisive
    return alone


def _leaves(residual: Residual) -> Iterator[Test | Missing]:
    if isinstance(residual, Test | Missing):
        yield residual
    elif isinstance(residual, Not):
        yield from _leaves(residual.part)
    elif isinstance(residual, AllOf | AnyOf):
        for part in residual.parts:
            yield from _leaves(part)


def missing(residual: Residual) -> set[str]:
    """Return the facts not known on which a condition still rests."""
    return {one.fact for one in _leaves(residual) if isinstance(one, Missing)}


def wants(residual: Residual, fact: str) -> bool:
    """Return whether a condition can no longer hold, and rests on this fact for as long as it does not fail."""
    if isinstance(residual, Missing):
        return residual.fact == fact
    if isinstance(residual, AllOf):
        return any(wants(part, fact) for part in residual.parts)
    if isinstance(residual, AnyOf):
        return all(wants(part, fact) for part in residual.parts)
    return False


Residuals = tuple[Residual, ...]


class Diagrams:
    """Makes diagrams over facts of these types; what it has made once it does not make again."""

    def __init__(self, types: Mapping[str, FactType]) -> None:
        self.types = types
        self._made: dict[Hashable, Node] = {}
        # What is left of a condition is met again and again: one object is used for all that are equal, so that it is
        # known by its identity.
        self._same: dict[Residual, Residual] = {}
        self._pending: dict[int, set[str]] = {}

    def leaf(self, gives: Given) -> Leaf:
        """Return the leaf that gives this: for the same the same."""
        made = self._made.setdefault(gives, Leaf(gives))
        assert isinstance(made, Leaf)
        return made

    def pending(self, residual: Residual) -> set[str]:
        """Return the facts that are still to be asked for, of what `_one` has returned."""
        found = self._pending.get(id(residual))
        if found is None:
            found = self._pending[id(residual)] = {one.fact for one in _leaves(residual) if isinstance(one, Test)}
        return found

    def _one(self, residual: Residual) -> Residual:
        return self._same.setdefault(residual, residual)

    def condition(self, condition: Condition, then: Given, otherwise: Given) -> Node:
        """Return the diagram of whether a condition holds for sure: its leaves give `then` or `otherwise`.

        >>> made = Diagrams({"late": FactType("late", "boolean")}).condition(Test("late", "is", True, limit=True), 1, 0)
        >>> [(cells, leaf.gives) for cells, leaf in made.branches]
        [((None, FactCell(first=0, last=0)), 0), ((FactCell(first=1, last=1),), 1)]
        """

        def settled(residuals: Residuals) -> Leaf | None:
            (one,) = residuals
            if one is True:
                return self.leaf(then)
            stuck = not self.pending(one) or any(wants(one, fact) for fact in missing(one))
            return self.leaf(otherwise) if stuck else None

        return self._grown((condition,), facts_of(condition), settled)

    def question(
        self,
        conditions: Sequence[Condition],
        order: Sequence[str],
        gives: Callable[[Ending], Given] = lambda ending: ending,
        *,
        every: bool = False,
    ) -> Node:
        """Return the diagram of a question: which of its conditions holds, or which fact is missing.

        `order` is that in which facts are asked for; each that the conditions name and it leaves out comes after it. A
        path ends at the first condition that holds, since no other can, or where none can hold any longer while a fact
        is not known. With `every` it ends only where it is settled which conditions hold, or where two do. `gives`
        turns an ending into what its leaf gives. Raises `TooLarge`.
        """
        named = (fact for condition in conditions for fact in facts_of(condition))

        def settled(residuals: Residuals) -> Leaf | None:
            held = tuple(place for place, one in enumerate(residuals) if one is True)
            possible = [one for one in residuals if not isinstance(one, bool)]
            waiting = set[str]().union(*map(self.pending, possible))
            if held:
                return None if every and waiting and len(held) == 1 else self.leaf(gives(Ending(held)))
            if not possible:
                return self.leaf(gives(Ending()))
            open_to = waiting.union(*map(missing, possible))
            first = next((fact for fact in order if fact in open_to), "")
            # With `every` a fact that is asked for later may still show that no condition can hold.
            if not waiting or (not every and all(wants(one, first) for one in possible)):
                return self.leaf(gives(Ending(missing=first)))
            return None

        return self._grown(tuple(conditions), [*order, *named], settled)

    def _grown(self, residuals: Residuals, order: Sequence[str], settled: Callable[[Residuals], Leaf | None]) -> Node:
        grown: dict[tuple[int, ...], Node] = {}
        left: dict[tuple[int, str, FactCell | None], Residual] = {}
        rank = {fact: place for place, fact in reversed([*enumerate(order)])}

        def grow(residuals: Residuals) -> Node:
            key = tuple(map(id, residuals))
            if key not in grown:
                if len(grown) > MOST_NODES:
                    raise TooLarge
                grown[key] = settled(residuals) or split(residuals)
            return grown[key]

        def after(one: Residual, kind: FactType, cell: FactCell | None) -> Residual:
            key = id(one), kind.name, cell
            if key not in left:
                left[key] = self._one(asked(one, kind, cell, rank))
            return left[key]

        def split(residuals: Residuals) -> Node:
            waiting = [self.pending(one) for one in residuals]
            kind = self.types[next(fact for fact in order if any(fact in one for one in waiting))]
            asks = [kind.name in one for one in waiting]
            found = (test for one, is_asked in zip(residuals, asks, strict=True) if is_asked for test in _leaves(one))
            *known, not_known = partition(
                kind, (one for one in found if isinstance(one, Test) and one.fact == kind.name)
            )
            together: dict[Node, list[FactCell | None]] = {}
            for cell in (not_known, *known):
                child = grow(
                    tuple(
                        after(one, kind, cell) if is_asked else one
                        for one, is_asked in zip(residuals, asks, strict=True)
                    )
                )
                together.setdefault(child, []).append(cell)
            if len(together) == 1:
                return next(iter(together))
            return self._split(kind.name, together)

        # A condition without a test, such as that of a caution for every case, is true or false from the start.
        return grow(tuple(self._one(_left(one, lambda test: test, rank)) for one in residuals))

    def _split(self, fact: str, together: Mapping[Node, Sequence[FactCell | None]]) -> Node:
        branches = tuple((tuple(_neighbours_joined(cells)), child) for child, cells in together.items())
        return self._made.setdefault((fact, branches), Split(fact, branches))


def _neighbours_joined(cells: Sequence[FactCell | None]) -> Iterator[FactCell | None]:
    if None in cells:
        yield None
    yield from (FactCell(*ends) for ends in joined(cell for cell in cells if cell is not None))
