"""Withholding small counts: none under five is shown, and none can be worked out from those that are.

What is published is a set of numbers: counts, their totals, and sums of pounds. A number is withheld where 1 to 4 cases
stand behind it; of pounds those that have any. Then the solver plays the reader, who knows every number that is shown,
that no withheld count is nought, and even which combinations of answers occur: can the reader tell a withheld number
for certain? Where that is so, those are withheld beside it that would be otherwise if it were another, as few cases as
can be in all, a total if need be. Nought is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import z3

LEAST = 5
Key = TypeVar("Key", bound=Hashable)
#: A case that is counted, or the pounds of a case on one side: its number, and the side.
Part = tuple[int, str]


@dataclass(frozen=True)
class Number:
    """A number that is to be published: the sum of some parts, less the sum of others (for a difference)."""

    plus: frozenset[Part]
    minus: frozenset[Part] = frozenset()

    @cached_property
    def cases(self) -> frozenset[int]:
        """The cases that stand behind it."""
        return frozenset(number for number, _ in self.plus | self.minus)


def count(cases: Iterable[int]) -> Number:
    """Return the count of these cases as a number to be published."""
    return Number(frozenset((case, "") for case in cases))


def withheld(cells: Mapping[Key, Number], told: Collection[Key] = (), least: int = LEAST) -> set[Key]:
    """Return the numbers that must not be shown.

    `told` are numbers that others tell too, so that withholding them here would hide nothing. Where a small one cannot
    be kept from a reader who knows them, or one of them is small itself, everything is withheld.
    """
    published = sorted({one for one in cells.values() if one.cases}, key=_order)
    reader = _Reader(published, {cells[key] for key in told if key in cells})
    small = [one for one in published if len(one.cases) < least]
    hidden = set(small)
    for one in small:
        if one in reader.told:
            hidden = set(published)
        elif not reader.in_doubt(one, hidden):
            hidden |= reader.beside(one, hidden)
    return {key for key, one in cells.items() if one in hidden}


def _order(one: Number) -> tuple[int, list[Part], list[Part]]:
    return len(one.cases), sorted(one.plus), sorted(one.minus)


class _Reader:
    """A reader who works out what follows from the numbers that are shown.

    Whether a sum of pounds can be told does not hang on the amounts, so each stands for 1 here.
    """

    def __init__(self, published: list[Number], told: Collection[Number]) -> None:
        self.told = told
        places: dict[Part, list[tuple[int, int]]] = {}
        for place, one in enumerate(published):
            for sign, parts in ((1, one.plus), (-1, one.minus)):
                for part in parts:
                    places.setdefault(part, []).append((place, sign))
        # Parts that stand behind the same numbers are of one kind; the reader does not know how much it comes to.
        kinds = {found: z3.Int(f"kind {number}") for number, found in enumerate(sorted({*map(tuple, places.values())}))}
        within: list[list[z3.ArithRef]] = [[] for _ in published]
        for found, amount in kinds.items():
            for place, sign in found:
                within[place].append(sign * amount)
        self.total = {one: z3.Sum(within[place]) for place, one in enumerate(published)}
        self.known = [amount >= 0 for amount in kinds.values()]
        self.known += [total >= 1 for one, total in self.total.items() if not one.minus]
        self.known += [self._as_it_is(one) for one in published if one in told]
        self.shown = {one: z3.Bool(f"shown {place}") for place, one in enumerate(published)}
        self.solver = z3.Solver()
        self.solver.add(self.known + [z3.Implies(sign, self._as_it_is(one)) for one, sign in self.shown.items()])

    def _as_it_is(self, one: Number) -> z3.BoolRef:
        return self.total[one] == len(one.plus) - len(one.minus)

    def in_doubt(self, small: Number, hidden: Collection[Number]) -> bool:
        """Return whether a number may be another, for all that the shown ones say."""
        shown = [sign for one, sign in self.shown.items() if one not in hidden]
        return bool(self.solver.check([*shown, z3.Not(self._as_it_is(small))]) == z3.sat)

    def beside(self, small: Number, hidden: Collection[Number]) -> set[Number]:
        """Return what to withhold beside a small number, so that it may be another; all where nothing less will do."""
        found = z3.Optimize()
        found.add([*self.known, z3.Not(self._as_it_is(small))])
        for one in self.total:
            if one not in hidden:
                found.add_soft(self._as_it_is(one), len(one.cases))
        if found.check() != z3.sat:
            return set(self.total)
        model = found.model()
        return {one for one in self.total if not z3.is_true(model.eval(self._as_it_is(one), model_completion=True))}
