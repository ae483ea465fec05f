"""Agreement between raters: how often they agree, how far beyond chance, and who rates higher or lower than the board.

Levels are counted from 1, the least need. A unit holds ratings of one area of one case: those of all its moderators,
who have no order, or a Community's and the board's, in that order. All pairs of a unit are compared.

The coefficients are those of kept libraries: Cohen's kappa with quadratic weights (scikit-learn) and Krippendorff's
alpha for ordered levels (krippendorff). Intervals come from a bootstrap over cases: as many cases are drawn again, with
repetition, many times over, and the middle 95% of what comes out is the interval (the percentile method). The draws
rest on a seed, so the same ratings give the same figures. `spread` works out the coefficients for all draws at once; a
test holds it against the libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import combinations
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from senpolicy.caseloads.small_counts import LEAST
from senpolicy.comparing.intervals import wilson
from senpolicy.comparing.suppression import Number, withheld

Kind = Literal["moderator", "community", "board"]
Numbers = NDArray[np.float64] | NDArray[np.int64]

#: Why there is no figure.
FEW, HELD_BACK, ALIKE, UNSTEADY = "too few", "withheld", "all alike", "not to be had"


@dataclass(frozen=True)
class Score:
    """One rating: the level at which a rater puts one area of a case, or the case as a whole, on a day."""

    case: str
    community: str
    area: str
    level: int
    rater: str
    kind: Kind
    day: date


@dataclass(frozen=True)
class AgreementSettings:
    """What a board settles for itself, as rules/board.yaml has it: assumptions, none of them the policy's.

    `least` cases, below which no figure of agreement is given; `least_of_group` for the figures of one Community, level
    or month. `tolerance` in levels: how far a Community's mean may lie from the board's, as in the moderation of exams.
    `baseline` months at the start, against which later ones are held. `doubt`: a month counts as drifted where chance
    alone would show as much in fewer than so many of all its comparisons. The upper levels hold at most the share
    `upper` of the start. `near` steps between ratings that still count as alike. `draws` and `seed` of the bootstrap,
    and the share of the draws that an interval holds.
    """

    least: int = 20
    least_of_group: int = 10
    tolerance: float = 0.5
    baseline: int = 3
    doubt: float = 0.05
    upper: float = 0.25
    near: int = 1
    draws: int = 1000
    seed: int = 1
    share: float = 0.95


@dataclass(frozen=True)
class Figure:
    """A figure with its interval. Where `value` is None, `why` says why; `bound` what may be said instead."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""
    bound: str = ""


@dataclass(frozen=True)
class RatingUnit:
    """Ratings of one area of a case that are compared with each other."""

    case: str
    community: str
    levels: tuple[int, ...]


@dataclass(frozen=True)
class OfLevel:
    """Agreement where one of the two (of a Community and the board: the board) rated a level; None: withheld."""

    level: int
    cases: int | None
    exact: Figure


@dataclass(frozen=True)
class Agreement:
    """Agreement on one area. `cases` is None where the count is withheld."""

    cases: int | None
    exact: Figure
    within_one: Figure
    kappa: Figure
    alpha: Figure
    by_level: tuple[OfLevel, ...] = ()


@dataclass(frozen=True)
class Leaning:
    """By how many levels a Community rates higher than the board on average (lower where negative).

    `outside` says that the mean lies beyond the tolerance, `clearly` that its whole interval does.
    """

    community: str
    cases: int | None
    mean: Figure
    outside: bool = False
    clearly: bool = False


def between_moderators(scores: Iterable[Score]) -> list[RatingUnit]:
    """Return the ratings of moderators of each case that at least two have rated; scores of one area."""
    found: dict[str, list[Score]] = {}
    for one in scores:
        if one.kind == "moderator":
            found.setdefault(one.case, []).append(one)
    several = (sorted(many, key=lambda one: one.rater) for many in found.values() if len(many) > 1)
    return [RatingUnit(many[0].case, many[0].community, tuple(one.level for one in many)) for many in several]


def with_the_board(scores: Iterable[Score]) -> list[RatingUnit]:
    """Return each Community's rating with the board's: its decision where one stands, else each moderator's own."""
    theirs: dict[str, Score] = {}
    ours: dict[str, dict[str, list[int]]] = {}
    for one in scores:
        if one.kind == "community":
            theirs[one.case] = one
        else:
            ours.setdefault(one.case, {}).setdefault(one.kind, []).append(one.level)
    units = []
    for case, score in theirs.items():
        kinds = ours.get(case, {})
        units += [
            RatingUnit(case, score.community, (score.level, level))
            for level in kinds.get("board") or kinds.get("moderator") or ()
        ]
    return units


def agreement(
    units: Sequence[RatingUnit], levels: int, bounds: AgreementSettings, *, ordered: bool, by_level: bool = True
) -> Agreement:
    """Return the agreement within units, with intervals; `ordered` where the first of two is the Community's."""
    cases = sorted({unit.case for unit in units})
    if len(cases) < bounds.least:
        few = Figure(why=FEW)
        return Agreement(len(cases) if not 0 < len(cases) < LEAST else None, few, few, few, few)
    draws = _Draws(units, cases, levels, bounds)
    exact, within = _shares(units, draws, bounds)
    kappa = _coefficient(_kappa(units, levels, ordered), draws.kappas(ordered), bounds)
    alpha = _coefficient(_alpha(units, levels), draws.alphas(), bounds)
    levelled = _by_level(units, levels, bounds, ordered) if by_level else ()
    return Agreement(len(cases), exact, within, kappa, alpha, levelled)


def _pairs(units: Iterable[RatingUnit]) -> list[tuple[str, int, int]]:
    return [(unit.case, one, other) for unit in units for one, other in combinations(unit.levels, 2)]


def _kappa(units: Sequence[RatingUnit], levels: int, ordered: bool) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    pairs = _pairs(units)
    if len({level for _, *two in pairs for level in two}) < 2:
        return None
    ones, others = [one for _, one, _ in pairs], [other for _, _, other in pairs]
    if not ordered:  # Nobody is the first of two moderators, so each pair counts both ways.
        ones, others = ones + others, others + ones
    return float(cohen_kappa_score(ones, others, labels=list(range(1, levels + 1)), weights="quadratic"))


def _alpha(units: Sequence[RatingUnit], levels: int) -> float | None:
    import krippendorff

    counts = np.zeros((len(units), levels), dtype=int)
    for row, unit in enumerate(units):
        for level in unit.levels:
            counts[row, level - 1] += 1
    if (counts.sum(axis=0) > 0).sum() < 2:
        return None
    domain = list(range(1, levels + 1))
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="ordinal", value_domain=domain))


def _coefficient(value: float | None, drawn: Numbers, bounds: AgreementSettings) -> Figure:
    if value is None or not isfinite(value):
        return Figure(why=ALIKE)
    low, high = _middle(drawn, bounds)
    return Figure(value, low, high, "" if low is not None else UNSTEADY)


def _middle(drawn: Numbers, bounds: AgreementSettings) -> tuple[float | None, float | None]:
    """Return the middle share of what was drawn; none where many draws give nothing, or all the same."""
    known = drawn[np.isfinite(drawn)]
    if len(known) < 0.95 * len(drawn) or np.ptp(known) == 0:
        return None, None
    outside = (1 - bounds.share) / 2
    low, high = np.quantile(known, [outside, 1 - outside])
    return float(low), float(high)


def _shares(units: Sequence[RatingUnit], draws: _Draws, bounds: AgreementSettings) -> tuple[Figure, Figure]:
    """Return the shares of pairs that agree exactly, and to within one level, as far as their counts may be told."""
    apart: dict[str, list[tuple[int, str]]] = {"all": [], "exact": [], "within": [], "adjacent": [], "beyond": []}
    apart["inexact"] = []
    numbers = {case: number for number, case in enumerate(draws.cases)}
    for place, (case, one, other) in enumerate(_pairs(units)):
        part, gap = (numbers[case], str(place)), abs(one - other)
        names = ["all", "exact" if gap == 0 else "inexact"]
        names += ["within"] if gap < 2 else ["beyond"]
        names += ["adjacent"] if gap == 1 else []
        for name in names:
            apart[name].append(part)
    cells = {name: Number(frozenset(parts)) for name, parts in apart.items()}
    hidden = withheld(cells, ["all"])
    figures = []
    for name, rest, drawn in (("exact", "inexact", draws.exact()), ("within", "beyond", draws.within())):
        many, total = len(apart[name]), len(apart["all"])
        if name in hidden or rest in hidden:
            figures.append(Figure(why=HELD_BACK, bound=_bound(cells[name], cells[rest], total)))
            continue
        low, high = _middle(drawn, bounds)
        if low is None:
            low, high = wilson(many / total, len(draws.cases), bounds.share)
        figures.append(Figure(many / total, low, high))
    return figures[0], figures[1]


def _bound(one: Number, rest: Number, total: int) -> str:
    """Return what may be said of a share whose count is withheld: only that few cases stand against it, or for it."""
    if 0 < len(rest.cases) < LEAST <= len(one.cases):
        return f"over {100 * (total - LEAST) // total}%"
    if 0 < len(one.cases) < LEAST <= len(rest.cases):
        return f"under {-(-100 * LEAST // total)}%"
    return ""


def _by_level(
    units: Sequence[RatingUnit], levels: int, bounds: AgreementSettings, ordered: bool
) -> tuple[OfLevel, ...]:
    """Return how often, where one has rated a level, the other has too; few and telling counts withheld."""
    numbers = {case: number for number, case in enumerate(sorted({unit.case for unit in units}))}
    cells: dict[tuple[int, str], set[tuple[int, str]]] = {(0, "all"): set()}
    for place, (case, one, other) in enumerate(_pairs(units)):
        # The board's rating is the one by which it is counted; of two moderators each is, in turn.
        for way, (mine, given) in enumerate([(other, one)] if ordered else [(one, other), (other, one)]):
            part = (numbers[case], f"{place}/{way}")
            for key in ((0, "all"), (mine, "all"), (mine, "exact" if mine == given else "other")):
                cells.setdefault(key, set()).add(part)
    counted = {key: Number(frozenset(parts)) for key, parts in cells.items()}
    hidden = withheld(counted, [(0, "all")])
    found = []
    for level in range(1, levels + 1):
        total, same = counted.get((level, "all"), Number(frozenset())), counted.get((level, "exact"))
        count = None if (level, "all") in hidden else len(total.cases)
        if count is not None and count < bounds.least_of_group:
            figure = Figure(why=FEW)
        elif count is None or {(level, "exact"), (level, "other")} & hidden:
            rest = counted.get((level, "other"), Number(frozenset()))
            bound = _bound(same or Number(frozenset()), rest, len(total.plus)) if count is not None else ""
            figure = Figure(why=HELD_BACK, bound=bound)
        else:
            share = len(same.plus) / len(total.plus) if same else 0.0
            figure = Figure(share, *wilson(share, count, bounds.share))
        found.append(OfLevel(level, count, figure))
    return tuple(found)


def leanings(units: Sequence[RatingUnit], bounds: AgreementSettings) -> list[Leaning]:
    """Return for each Community by how much it rates higher than the board, the largest first; few counts withheld."""
    numbers = {case: number for number, case in enumerate(sorted({unit.case for unit in units}))}
    gaps: dict[str, dict[str, list[int]]] = {}
    for unit in units:
        gaps.setdefault(unit.community, {}).setdefault(unit.case, []).append(unit.levels[0] - unit.levels[1])
    cells = {name: Number(frozenset((numbers[case], "") for case in cases)) for name, cases in gaps.items()}
    everybody = Number(frozenset((number, "") for number in numbers.values()))
    hidden = withheld({("", "all"): everybody, **{("of", name): one for name, one in cells.items()}}, [("", "all")])
    found = []
    for name, cases in gaps.items():
        count = None if ("of", name) in hidden else len(cases)
        if count is None or count < bounds.least_of_group:
            found.append(Leaning(name, count, Figure(why=FEW if len(cases) < bounds.least_of_group else HELD_BACK)))
            continue
        means = np.array([sum(one) / len(one) for one in cases.values()])
        mean, chance = float(means.mean()), np.random.default_rng(bounds.seed)
        drawn = chance.choice(means, size=(bounds.draws, len(means))).mean(axis=1)
        low, high = _middle(drawn, bounds)
        figure = Figure(mean, low, high, "" if low is not None else ALIKE)
        nearest = min(abs(low), abs(high)) if low is not None and high is not None and low * high > 0 else 0.0
        nearest = abs(mean) if low is None else nearest
        outside = abs(mean) > bounds.tolerance
        found.append(Leaning(name, count, figure, outside, outside and nearest > bounds.tolerance))
    return sorted(found, key=lambda one: (one.mean.value is None, -abs(one.mean.value or 0), one.community))


# The bootstrap.


@lru_cache(4)
def _times(cases: int, draws: int, seed: int) -> Numbers:
    """Return how often each case is drawn in each draw; the areas of one caseload mostly have as many cases."""
    times: Numbers = np.random.default_rng(seed).multinomial(cases, np.full(cases, 1 / cases), size=draws)
    times = times.astype(float)
    times.setflags(write=False)
    return times


class _Draws:
    """Cases drawn again and again, and what each draw comes to."""

    def __init__(
        self, units: Sequence[RatingUnit], cases: Sequence[str], levels: int, bounds: AgreementSettings
    ) -> None:
        self.cases, self.levels = cases, levels
        numbers = {case: number for number, case in enumerate(cases)}
        pairs, meetings = np.zeros((len(cases), levels, levels)), np.zeros((len(cases), levels, levels))
        for unit in units:
            for one, other in combinations(unit.levels, 2):
                pairs[numbers[unit.case], one - 1, other - 1] += 1
                for two in ((one, other), (other, one)):
                    meetings[numbers[unit.case], two[0] - 1, two[1] - 1] += 1 / (len(unit.levels) - 1)
        many, times = len(cases), _times(len(cases), bounds.draws, bounds.seed)
        shape = (bounds.draws, levels, levels)
        self.pairs: Numbers = (times @ pairs.reshape(many, -1)).reshape(shape)
        self.meetings: Numbers = (times @ meetings.reshape(many, -1)).reshape(shape)

    def exact(self) -> Numbers:
        return spread_within(self.pairs, 0)

    def within(self) -> Numbers:
        return spread_within(self.pairs, 1)

    def kappas(self, ordered: bool) -> Numbers:
        return spread_kappa(self.pairs if ordered else self.pairs + self.pairs.transpose(0, 2, 1))

    def alphas(self) -> Numbers:
        return spread_alpha(self.meetings)


def _gaps(levels: int) -> Numbers:
    steps = np.arange(levels)
    gaps: Numbers = np.abs(steps[:, None] - steps[None, :])
    return gaps


def spread_within(pairs: Numbers, most: int) -> Numbers:
    """Return for each matrix of pairs (draws x level x level) the share that lies at most so many levels apart."""
    near = _gaps(pairs.shape[1]) <= most
    shares: Numbers = (pairs * near).sum(axis=(1, 2)) / pairs.sum(axis=(1, 2))
    return shares


def spread_kappa(pairs: Numbers) -> Numbers:
    """Return Cohen's kappa with quadratic weights for each matrix of pairs; not a number where it is not defined."""
    weights, total = _gaps(pairs.shape[1]) ** 2, pairs.sum(axis=(1, 2))
    by_chance = pairs.sum(axis=2)[:, :, None] * pairs.sum(axis=1)[:, None, :] / total[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        kappas: Numbers = 1 - (weights * pairs).sum(axis=(1, 2)) / (weights * by_chance).sum(axis=(1, 2))
    return kappas


def spread_alpha(meetings: Numbers) -> Numbers:
    """Return Krippendorff's alpha for ordered levels for each matrix of coincidences; not a number if not defined."""
    each = meetings.sum(axis=2)
    total = each.sum(axis=1)
    up_to = each.cumsum(axis=1)
    # The distance of two levels: the ratings from one to the other, with half of those at both ends.
    middle = up_to - each / 2
    apart = (middle[:, :, None] - middle[:, None, :]) ** 2
    by_chance = each[:, :, None] * each[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = (meetings * apart).sum(axis=(1, 2)) / (by_chance * apart).sum(axis=(1, 2))
        alphas: Numbers = 1 - (total - 1) * wanted
    return alphas


@dataclass(frozen=True)
class Overview:
    """Agreement by area, between moderators and between Communities and the board, and how Communities lean."""

    moderators: Mapping[str, Agreement]
    communities: Mapping[str, Agreement]
    leanings: tuple[Leaning, ...]
    tolerance: float
    outside: tuple[str, ...] = field(default=())


def overview(
    scores: Sequence[Score], areas: Sequence[str], whole: str, levels: int, bounds: AgreementSettings
) -> Overview:
    """Return all figures of agreement; `whole` is the area under which the level of the case as a whole stands."""
    by_area = {area: [one for one in scores if one.area == area] for area in areas}
    moderators = {
        area: agreement(between_moderators(found), levels, bounds, ordered=False, by_level=area == whole)
        for area, found in by_area.items()
    }
    both = {area: with_the_board(found) for area, found in by_area.items()}
    communities = {
        area: agreement(units, levels, bounds, ordered=True, by_level=area == whole) for area, units in both.items()
    }
    leaning = leanings(both.get(whole, []), bounds)
    outside = tuple(one.community for one in leaning if one.outside)
    return Overview(moderators, communities, tuple(leaning), bounds.tolerance, outside)
