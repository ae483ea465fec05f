"""Sampling as in the moderation of exams: strata by Community, level and size, a seed, all cases above the trigger.

The same caseload, plan and seed draw the same cases, whoever draws them: each case gets a number from the seed and its
reference, and the lowest of a stratum are drawn. Strata are every combination of Community, level and size, or, with
far fewer cases, each Community, each level and each size by itself.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from senpolicy.files.digests import PlainData

#: What a sample is stratified by.
BY = ("community", "level", "size")
#: The sizes of a case: the lower, middle and upper third of the sizes known in its caseload.
SIZES = ("smaller", "middle", "larger")
UNKNOWN = "not known"


@dataclass(frozen=True)
class SamplingUnit:
    """A case as a sample sees it: its key and reference, its strata (None: not known), and what is certain of it.

    `size` is in pence a year. `above` is drawn whatever the plan. `out` is never drawn: it is settled already.
    """

    key: str
    ref: str
    community: str | None
    level: str | None
    size: int | None
    above: bool = False
    out: bool = False


@dataclass(frozen=True)
class Plan:
    """What is asked of a sample: the strata, the share of each in hundredths, and the fewest and most of each.

    `crossed`: a stratum is a combination of all in `by`; else each of them has strata of its own.
    """

    by: tuple[str, ...] = BY
    per_cent: int = 10
    fewest: int = 1
    most: int = 5
    crossed: bool = True

    def to_json(self) -> dict[str, PlainData]:
        """Return the plan as plain data."""
        said: dict[str, PlainData] = {"by": list(self.by), "per_cent": self.per_cent, "fewest": self.fewest}
        return {**said, "most": self.most, "crossed": self.crossed}


@dataclass(frozen=True)
class Drawn:
    """A case that was drawn, why ("above_trigger" or "stratum"), and its stratum in words."""

    unit: SamplingUnit
    why: str
    stratum: str


def size_of(unit: SamplingUnit, limits: tuple[int, int] | None) -> str:
    """Return the size of a case in words, by the two limits between thirds."""
    if unit.size is None or limits is None:
        return UNKNOWN
    return SIZES[(unit.size > limits[0]) + (unit.size > limits[1])]


def limits_of(units: Sequence[SamplingUnit]) -> tuple[int, int] | None:
    """Return the largest size of the lower and of the middle third of the sizes known; None where none is.

    >>> limits_of([SamplingUnit(str(size), "", None, None, size) for size in (1, 2, 3, 4, 5, 6)])
    (2, 4)
    """
    known = sorted(unit.size for unit in units if unit.size is not None)
    if not known:
        return None
    return known[max(0, math.ceil(len(known) / 3) - 1)], known[max(0, math.ceil(2 * len(known) / 3) - 1)]


def stratum_of(unit: SamplingUnit, plan: Plan, limits: tuple[int, int] | None) -> str:
    """Return the stratum of a case in words: "Community 2 | sen_support | smaller"."""
    said = {"community": unit.community or UNKNOWN, "level": unit.level or UNKNOWN, "size": size_of(unit, limits)}
    return " | ".join(said[name] for name in plan.by) or "all"


def strata_of(unit: SamplingUnit, plan: Plan, limits: tuple[int, int] | None) -> tuple[str, ...]:
    """Return every stratum in which a case is, in words: one combination, or one of each kind by itself."""
    whole = stratum_of(unit, plan, limits)
    return (whole,) if plan.crossed or not plan.by else tuple(dict.fromkeys(whole.split(" | ")))


def seed_of(entry_hash: str) -> int:
    """Return the seed that follows from the hash of an entry of the trail, which nobody can choose or foresee.

    >>> seed_of("00000007" + "0" * 56)
    7
    """
    return int(entry_hash[:8], 16)


def wanted(count: int, plan: Plan) -> int:
    """Return how many of a stratum of so many cases are drawn: the share, rounded up, within fewest and most.

    >>> [wanted(count, Plan(per_cent=10, fewest=1, most=5)) for count in (0, 1, 11, 400)]
    [0, 1, 2, 5]
    """
    share = math.ceil(Fraction(count * plan.per_cent, 100))
    return min(count, max(plan.fewest, min(plan.most, share)))


def place(seed: int, ref: str) -> str:
    """Return by what the cases of a stratum are ordered: a digest of the seed and the reference."""
    return hashlib.sha256(f"{seed}/{ref}".encode()).hexdigest()


def draw(units: Sequence[SamplingUnit], plan: Plan, seed: int) -> list[Drawn]:
    """Return the cases drawn: every one above the trigger, then of each stratum as many as the plan asks for.

    A case above the trigger counts towards its stratum, so that a stratum is not seen more than it needs.
    """
    limits = limits_of(units)
    inside = sorted((unit for unit in units if not unit.out), key=lambda unit: place(seed, unit.ref))
    strata = {unit.key: strata_of(unit, plan, limits) for unit in inside}
    counts = Counter(name for several in strata.values() for name in several)
    lacks = {name: wanted(count, plan) for name, count in counts.items()}
    found, rest = [], []
    for unit in inside:
        if unit.above:
            found.append(Drawn(unit, "above_trigger", stratum_of(unit, plan, limits)))
            _seen(lacks, strata[unit.key])
        else:
            rest.append(unit)
    # First those that are lacking in most strata at once. What is lacking only falls, so one pass for each number does.
    for many in range(max(1, len(plan.by)), 0, -1):
        left = []
        for unit in rest:
            if sum(lacks[name] > 0 for name in strata[unit.key]) >= many:
                found.append(Drawn(unit, "stratum", stratum_of(unit, plan, limits)))
                _seen(lacks, strata[unit.key])
            else:
                left.append(unit)
        rest = left
    return sorted(found, key=lambda one: (one.stratum, one.why, place(seed, one.unit.ref)))


def _seen(lacks: dict[str, int], names: Sequence[str]) -> None:
    for name in names:
        lacks[name] -= 1


def replacement(
    units: Sequence[SamplingUnit], plan: Plan, seed: int, gone: SamplingUnit, drawn: set[str]
) -> Drawn | None:
    """Return the next case that has not been drawn and shares most strata with it, None where none shares any."""
    limits = limits_of(units)
    names = set(strata_of(gone, plan, limits))
    shared = {
        unit.key: len(names.intersection(strata_of(unit, plan, limits)))
        for unit in units if not unit.out and unit.key not in drawn and unit.key != gone.key
    }  # fmt: skip
    inside = [unit for unit in units if shared.get(unit.key)]
    following = min(inside, key=lambda unit: (-shared[unit.key], place(seed, unit.ref)), default=None)
    return Drawn(following, "replacement", stratum_of(following, plan, limits)) if following else None
