"""Sampling as in the moderation of exams: strata by Community, level and size, a seed, all cases above the trigger.

The same caseload, plan and seed draw the same cases, whoever draws them: each case gets a number from the seed and its
reference, and the lowest of a stratum are drawn.
"""

from __future__ import annotations

import hashlib
import math
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
    """What is asked of a sample: the strata, the share of each in hundredths, and the fewest and most of each."""

    by: tuple[str, ...] = BY
    per_cent: int = 10
    fewest: int = 1
    most: int = 5

    def to_json(self) -> dict[str, PlainData]:
        """Return the plan as plain data."""
        return {"by": list(self.by), "per_cent": self.per_cent, "fewest": self.fewest, "most": self.most}


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
    open_units = [unit for unit in units if not unit.out]
    strata: dict[str, list[SamplingUnit]] = {}
    for unit in open_units:
        strata.setdefault(stratum_of(unit, plan, limits), []).append(unit)
    found = []
    for name in sorted(strata):
        inside = sorted(strata[name], key=lambda unit: place(seed, unit.ref))
        above = [unit for unit in inside if unit.above]
        others = [unit for unit in inside if not unit.above]
        found += [Drawn(unit, "above_trigger", name) for unit in above]
        found += [Drawn(unit, "stratum", name) for unit in others[: max(0, wanted(len(inside), plan) - len(above))]]
    return found


def replacement(
    units: Sequence[SamplingUnit], plan: Plan, seed: int, gone: SamplingUnit, drawn: set[str]
) -> Drawn | None:
    """Return the next case of the same stratum that has not been drawn, None where there is none left."""
    limits = limits_of(units)
    name = stratum_of(gone, plan, limits)
    inside = [
        unit for unit in units
        if not unit.out and unit.key not in drawn and unit.key != gone.key and stratum_of(unit, plan, limits) == name
    ]  # fmt: skip
    following = min(inside, key=lambda unit: place(seed, unit.ref), default=None)
    return Drawn(following, "replacement", name) if following else None
