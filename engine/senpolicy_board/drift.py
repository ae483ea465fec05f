"""Drift: how cases spread over the levels month by month, held against the months at the start.

Each month is held against the baseline by a Mann-Whitney test, which asks one plain thing: of a case of this month and
one of the baseline, how often does this month's stand at the higher level (a tie counting half)? 50 of 100 is no drift.
How likely chance alone would show as much is multiplied by the number of months that are looked at (Bonferroni), since
who looks often enough finds something. Beside it stands the share of cases at the upper levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from senpolicy.caseloads.small_counts import LEAST
from senpolicy.comparing.intervals import wilson
from senpolicy.comparing.suppression import Number, withheld
from senpolicy_board.agreement import FEW, AgreementSettings, Figure
from senpolicy_board.chance import rank_test


@dataclass(frozen=True)
class Placed:
    """A case with the level at which it stands (1: the least need), and the day for which it was decided."""

    case: str
    level: int
    day: date


@dataclass(frozen=True)
class Month:
    """A month, or all months of the baseline: the cases by level (None: withheld), and how they differ.

    `higher` is how often a case of this month stands above one of the baseline; `chance` how likely chance alone would
    show as much, for all months looked at together; `drifted` is "up", "down" or "".
    """

    name: str
    cases: int | None
    levels: tuple[int | None, ...]
    upper: Figure
    higher: Figure
    chance: float | None = None
    drifted: str = ""


@dataclass(frozen=True)
class Drift:
    """The baseline and the months after it. `upper_from` is the lowest of the upper levels, None where none is."""

    baseline: Month | None
    months: tuple[Month, ...]
    upper_from: int | None


def drift(cases: Sequence[Placed], levels: int, bounds: AgreementSettings) -> Drift:
    """Return how the cases of each month spread over the levels, and which months differ from those at the start."""
    by_month: dict[str, list[int]] = {}
    for one in sorted(cases, key=lambda one: (one.day, one.case)):
        by_month.setdefault(f"{one.day:%Y-%m}", []).append(one.level)
    names = list(by_month)
    start, later = names[: bounds.baseline], names[bounds.baseline :]
    base = [level for name in start for level in by_month[name]]
    if not base:
        return Drift(None, (), None)
    upper = next(
        (level for level in range(2, levels + 1) if sum(one >= level for one in base) <= bounds.upper * len(base)), None
    )
    called = start[0] if len(start) == 1 else f"{start[0]} to {start[-1]}"
    baseline = _month(called, base, levels, upper, bounds)
    compared = [name for name in later if min(len(by_month[name]), len(base)) >= bounds.least_of_group]
    months = [
        _held_against(base, by_month[name], _month(name, by_month[name], levels, upper, bounds), len(compared), bounds)
        for name in later
    ]
    return Drift(baseline, tuple(months), upper)


def _month(name: str, found: Sequence[int], levels: int, upper: int | None, bounds: AgreementSettings) -> Month:
    """Return a month with its small counts withheld, and what would tell them."""
    cells = {level: _number(found, [level]) for level in range(1, levels + 1)}
    above = range(upper, levels + 1) if upper else range(0)
    kept = {("all", 0): _number(found, range(1, levels + 1))}
    kept |= {("level", level): one for level, one in cells.items()}
    kept |= {
        ("upper", 0): _number(found, above),
        ("lower", 0): _number(found, [one for one in cells if one not in above]),
    }
    hidden = withheld(kept, [("all", 0)])
    counts = tuple(None if ("level", level) in hidden else len(one.cases) for level, one in cells.items())
    total = None if 0 < len(found) < LEAST else len(found)
    share, few = Figure(why=FEW), len(found) < bounds.least_of_group
    if not few and upper and not {("upper", 0), ("lower", 0)} & hidden:
        part = len(kept["upper", 0].cases) / len(found)
        share = Figure(part, *wilson(part, len(found), bounds.share))
    elif not few:
        share = Figure(why="withheld" if upper else "no upper levels")
    return Month(name, total, counts, share, Figure(why=FEW))


def _number(found: Sequence[int], levels: Sequence[int]) -> Number:
    return Number(frozenset((place, "") for place, level in enumerate(found) if level in levels))


def _held_against(
    base: Sequence[int], found: Sequence[int], month: Month, looks: int, bounds: AgreementSettings
) -> Month:
    if min(len(found), len(base)) < bounds.least_of_group:
        return month
    if len({*base, *found}) == 1:
        return Month(month.name, month.cases, month.levels, month.upper, Figure(0.5), 1.0)
    higher, alone = rank_test(found, base)
    chance = min(1.0, alone * looks)
    drifted = ("up" if higher > 0.5 else "down") if chance < bounds.doubt else ""
    return Month(month.name, month.cases, month.levels, month.upper, Figure(higher), chance, drifted)
