"""Like cases decided differently: found by their ratings against the descriptors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: More pairs than this are not shown: the first stand for the rest.
MOST = 50


@dataclass(frozen=True)
class Decided:
    """A case with its ratings by area (1: the least need), the level at which it was decided, and its name."""

    case: str
    name: str
    community: str
    ratings: Mapping[str, int]
    level: int


@dataclass(frozen=True)
class Pair:
    """Two cases whose decisions lie further apart than their ratings: `steps` apart by rating, `levels` by decision."""

    one: Decided
    other: Decided
    steps: int
    levels: int


def unlike(cases: Sequence[Decided], near: int) -> list[Pair]:
    """Return pairs with the same ratings, or at most `near` steps apart in all, whose decisions lie further apart.

    Only cases with ratings of the same areas are held against each other. Those with the same ratings come first, then
    those furthest apart.
    """
    by_areas: dict[tuple[str, ...], list[Decided]] = {}
    for one in cases:
        by_areas.setdefault(tuple(sorted(one.ratings)), []).append(one)
    found = []
    for areas, group in by_areas.items():
        if not areas:
            continue
        ratings = np.array([[one.ratings[area] for area in areas] for one in group], dtype=np.int64)
        decided = np.array([one.level for one in group], dtype=np.int64)
        for first in range(len(group) - 1):
            steps = np.abs(ratings[first + 1 :] - ratings[first]).sum(axis=1)
            levels = np.abs(decided[first + 1 :] - decided[first])
            for place in np.flatnonzero((steps <= near) & (levels > steps)).tolist():
                other = group[first + 1 + place]
                found.append(Pair(group[first], other, int(steps[place]), int(levels[place])))
    return sorted(found, key=lambda pair: (pair.steps, -pair.levels, pair.one.name, pair.other.name))
