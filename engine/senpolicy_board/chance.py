"""What chance explains: tests and intervals of scipy, a kept library. It is read when one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from senpolicy_board.agreement import ALIKE, FEW, Figure


def _scipy() -> ModuleType:
    # Half a second, which a board that shows no figure does without.
    from scipy import stats

    found: ModuleType = stats
    return found


def rank_test(found: Sequence[int], base: Sequence[int]) -> tuple[float, float]:
    """Return how often one of `found` is above one of `base` (a tie counts half), and how likely by chance alone.

    By the test of Mann and Whitney, two-sided.
    """
    result = _scipy().mannwhitneyu(found, base, alternative="two-sided", method="asymptotic")
    return float(result.statistic) / (len(found) * len(base)), float(result.pvalue)


def mean_of(values: Sequence[float], share: float) -> Figure:
    """Return the mean of some values with its interval by Student's t; no interval of one, or where all are alike.

    No value at all gives no figure. An interval of few values is wide, as it should be:

    >>> found = mean_of([0, 1, 0, 1, 1], 0.95)
    >>> [round(end, 2) for end in (found.value, found.low, found.high)]
    [0.6, -0.08, 1.28]
    """
    if not values:
        return Figure(why=FEW)
    mean = sum(values) / len(values)
    if len(set(values)) == 1:
        return Figure(mean, why=FEW if len(values) == 1 else ALIKE)
    low, high = _scipy().ttest_1samp(values, mean).confidence_interval(share)
    return Figure(mean, float(low), float(high))
