"""Withholding small counts: none under five is shown, and none can be worked out from those that are.

What is published is a set of numbers: counts, their totals, and sums of pounds. A number is withheld where 1 to 4 cases
are behind it; of pounds those that have any, and of a difference those whose pounds differ. Then the solver plays the
reader, who knows every number that is shown, that no withheld count is zero, and even which combinations of answers
occur: can the reader tell a withheld number for certain? Where that is so, of those that tell it the smallest is
withheld beside it, and so on until it is in doubt; a total if need be. A count of 0 is shown. So is, in the end, what
the reader can work out from all that is shown: to withhold it would hide nothing.

Against the reader who has two reports about the same pupils, made before and after a change, nothing is done here: one
may be subtracted from the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TypeVar

import z3

from senpolicy.caseloads.small_counts import LEAST

Key = TypeVar("Key", bound=Hashable)
#: A case that is counted, or the pounds of a case on one side: its number, and the side.
Part = tuple[int, str]


@dataclass(frozen=True)
class Number:
    """A number that is to be published: the sum of some parts, less the sum of others (for a difference).

    `noughts` are parts that are zero, which the reader does not know.
    """

    plus: frozenset[Part]
    minus: frozenset[Part] = frozenset()
    noughts: frozenset[Part] = frozenset()

    @cached_property
    def cases(self) -> frozenset[int]:
        """The cases that are behind it and have a value."""
        return frozenset(number for number, _ in self.plus | self.minus)


def count(cases: Iterable[int]) -> Number:
    """Return the count of these cases as a number to be published."""
    return Number(frozenset((case, "") for case in cases))


def withheld(
    cells: Mapping[Key, Number], told: Collection[Key] = (), also: Collection[Key] = (), gone: Collection[Key] = (),
    least: int = LEAST,
) -> set[Key]:  # fmt: skip
    """Return the numbers that must not be shown.

    `told` are numbers that others tell too, so that withholding them here would hide nothing. Where a small one cannot
    be kept from a reader who knows them, or one of them is small itself, everything is withheld. `also` are numbers to
    be kept from the reader although many cases are behind them, `gone` those that are not shown anyway.
    """
    distinct = {one for one in cells.values() if one.cases or one.noughts}
    wanted = {cells[key] for key in also if key in cells}
    if not any(one in wanted or 0 < len(one.cases) < least for one in distinct):
        # Nothing is to be kept from the reader, so there is no need to play one.
        known = {cells[key] for key in told if key in cells}
        hidden = {cells[key] for key in gone if key in cells} & distinct - known
        return {key for key, one in cells.items() if one in hidden or key in gone}
    published = sorted(distinct, key=_order)
    reader = _Intruder(published, {cells[key] for key in told if key in cells})
    small = [one for one in published if one in wanted or 0 < len(one.cases) < least]
    aside = {cells[key] for key in gone if cells[key] in reader.total and cells[key] not in reader.told}
    hidden = {*small, *aside}
    for one in small:
        if one in reader.told:
            hidden = set(published)
        else:
            hidden |= reader.beside(one, hidden)
    hidden -= reader.work_out(hidden - {*small, *aside}, hidden)
    return {key for key, one in cells.items() if one in hidden or key in gone}


def parts_of(counts: Sequence[int]) -> list[frozenset[Part]]:
    """Return as many parts as there are in each of these counts, all different; ten at most, which is enough.

    Whether a reader can tell a count hangs on how small it is, and on which counts it is a part of.
    """
    every, sizes = itertools.count(), [min(number, 2 * LEAST) for number in counts]
    return [frozenset((one, "") for one in islice(every, size)) for size in sizes]


def withheld_in_group(known: Mapping[str, Sequence[int]], unknown: Sequence[int]) -> set[tuple[int, str]]:
    """Return which counts of a group must not be shown.

    `known` gives for each thing that can become of a pupil how many there are of each value of the group, and `unknown`
    how many there are of whom it is not known; each pupil is counted once. What is published is each of these, all of
    whom it is known ("known"), and all ("pupils"). A count is told as the place of a value and what is counted; the
    place of the totals is -1.

    How many of all there are, of how many it is known and how many become what is told by other groups and by the
    notes, so those are taken to be known, except where they are small themselves.
    """
    kinds = {**known, "unknown": unknown}
    parts = parts_of([number for counts in kinds.values() for number in counts])
    cells: dict[tuple[int, str], frozenset[Part]] = {}
    for at in range(len(unknown)):
        of = dict(zip(kinds, parts[at :: len(unknown)], strict=True))
        those = frozenset[Part]().union(*(of[kind] for kind in known))
        cells |= {(at, kind): some for kind, some in of.items()}
        cells |= {(at, "known"): those, (at, "pupils"): those | of["unknown"]}
    totals = {
        (-1, kind): frozenset[Part]().union(*(one for (_, of), one in cells.items() if of == kind))
        for kind in ("pupils", "known", *known)
    }
    few = any(0 < len(totals[-1, kind]) < LEAST for kind in known)
    told = [(-1, "pupils"), *([(-1, "known")] if len(totals[-1, "known"]) >= LEAST else [])]
    told += [] if few else [(-1, kind) for kind in known]
    gone = [(-1, kind) for kind in known] if few else []
    return withheld({key: Number(one) for key, one in (cells | totals).items()}, told, gone=gone)


def _order(one: Number) -> tuple[int, list[Part], list[Part], list[Part]]:
    return len(one.cases), sorted(one.plus), sorted(one.minus), sorted(one.noughts)


class _Intruder:
    """A reader who works out what follows from the numbers that are shown.

    Whether a sum of pounds can be told does not hang on the amounts, so each is taken as 1 here.
    """

    def __init__(self, published: list[Number], told: Collection[Number]) -> None:
        self.told = told
        places: dict[tuple[bool, Part], list[tuple[int, int]]] = {}
        for place, one in enumerate(published):
            for sign, nought, parts in ((1, False, one.plus), (-1, False, one.minus), (1, True, one.noughts)):
                for part in parts:
                    places.setdefault((nought, part), []).append((place, sign))
        # Parts that are behind the same numbers are of one kind; the reader does not know how much it is.
        # A context of its own: what the solver says must not hang on what it was asked before.
        own = z3.Context()
        alike = sorted({(nought, tuple(found)) for (nought, _), found in places.items()})
        kinds = {found: z3.Int(f"kind {number}", own) for number, found in enumerate(alike)}
        within: list[list[z3.ArithRef]] = [[] for _ in published]
        self.noughts: list[tuple[z3.ArithRef, set[Number]]] = []
        for (nought, found), amount in kinds.items():
            for place, sign in found:
                within[place].append(sign * amount)
            if nought:
                self.noughts.append((amount, {published[place] for place, _ in found}))
        self.total = {one: z3.Sum(within[place]) for place, one in enumerate(published)}
        self.known = [amount >= 0 for amount in kinds.values()]
        self.known += [total >= 1 for one, total in self.total.items() if one.cases and not one.minus]
        self.known += [self._as_it_is(one) for one in published if one in told]
        self.shown = {one: z3.Bool(f"shown {place}", own) for place, one in enumerate(published)}
        self.solver = z3.Solver(ctx=own)
        self.solver.add(self.known + [z3.Implies(sign, self._as_it_is(one)) for one, sign in self.shown.items()])

    def _as_it_is(self, one: Number) -> z3.BoolRef:
        return self.total[one] == len(one.plus) - len(one.minus)

    def work_out(self, some: Collection[Number], hidden: Collection[Number]) -> set[Number]:
        """Return which of these the reader can tell from all that is not hidden."""
        shown = [sign for one, sign in self.shown.items() if one not in hidden]
        found = set[Number]()
        for one in some:
            self.solver.push()
            self.solver.add(z3.Not(self._as_it_is(one)))
            if self.solver.check(shown) == z3.unsat:
                found.add(one)
            self.solver.pop()
        return found

    def beside(self, small: Number, hidden: Collection[Number]) -> set[Number]:
        """Return what to withhold beside a small number, so that it may be another; all where nothing less will do.

        Of the numbers that together tell it, one after another is taken: that behind which the fewest cases are.
        """
        found = set[Number]()
        noughts = [amount == 0 for amount, of in self.noughts if small not in of]
        otherwise = z3.And(z3.Not(self._as_it_is(small)), *noughts)
        while True:
            shown = {sign: one for one, sign in self.shown.items() if one not in hidden and one not in found}
            self.solver.push()
            self.solver.add(otherwise)
            told = self.solver.check(list(shown)) == z3.unsat
            core = [shown[sign] for sign in self.solver.unsat_core()] if told else []
            self.solver.pop()
            if not told:
                return found
            if not core:
                return set(self.total)
            found.add(min(core, key=_order))
