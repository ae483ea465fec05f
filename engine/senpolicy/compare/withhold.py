"""Withholding small counts: none under five is shown, and none can be worked out from those that are.

What is published is a set of counts: cells, their totals, and the number of cases behind each sum of pounds. A count is
withheld where it is 1 to 4. Then the solver plays the reader: knowing every count that is shown, that no withheld count
is nought, and even which combinations of answers occur, can it tell a withheld count for certain? Where it can, the
smallest count is withheld beside it that leaves it in doubt, a total if need be; and so on until nothing can be told. A
sum of pounds is shown only where the number of cases behind it is. A count of nought is shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

import z3

LEAST = 5
Key = TypeVar("Key", bound=Hashable)


def withheld(cells: Mapping[Key, Iterable[int]], least: int = LEAST) -> set[Key]:
    """Return the cells that must not be shown. Each cell is the numbers of the cases that are counted in it."""
    sets = {key: frozenset(cases) for key, cases in cells.items()}
    published = sorted({one for one in sets.values() if one}, key=lambda one: (len(one), min(one)))
    reader = _Reader(published)
    hidden = {one for one in published if len(one) < least}
    waiting = list(hidden)
    while waiting:
        small = waiting[-1]
        if reader.in_doubt(small, hidden):
            waiting.pop()
            continue
        shown = [one for one in published if one not in hidden]
        beside = next((one for one in shown if reader.in_doubt(small, hidden | {one})), shown[0] if shown else None)
        if beside is None:
            break  # Nothing is shown at all.
        hidden.add(beside)
        # What is withheld now must not be told either, and may have been what kept another in doubt.
        waiting = list(hidden)
    return {key for key, cases in sets.items() if cases in hidden}


class _Reader:
    """A reader of the counts who knows which combinations occur, and works out what follows."""

    def __init__(self, published: list[frozenset[int]]) -> None:
        places: dict[int, list[int]] = {}
        for place, one in enumerate(published):
            for case in one:
                places.setdefault(case, []).append(place)
        kinds = {tuple(found): z3.Int(f"cases of kind {number}") for number, found in
                 enumerate(dict.fromkeys(map(tuple, places.values())))}  # fmt: skip
        self.total = {
            one: z3.Sum([count for found, count in kinds.items() if place in found])
            for place, one in enumerate(published)
        }
        self.shows = {one: z3.Bool(f"shown {place}") for place, one in enumerate(published)}
        self.solver = z3.Solver()
        self.solver.add([count >= 0 for count in kinds.values()] + [total >= 1 for total in self.total.values()])
        self.solver.add([z3.Implies(self.shows[one], total == len(one)) for one, total in self.total.items()])

    def in_doubt(self, small: frozenset[int], hidden: set[frozenset[int]]) -> bool:
        """Return whether the count may be another, for all that the shown ones say."""
        shown = [sign for one, sign in self.shows.items() if one not in hidden]
        return bool(self.solver.check([*shown, self.total[small] != len(small)]) == z3.sat)
