"""Intervals of shares, and of the difference between two shares.

Their ends are square roots, so they are floats; no sum of money rests on them.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

#: How sure an interval is to hold what it is about.
CONFIDENCE = 0.95


def wilson(share: float, cases: int, confidence: float) -> tuple[float, float]:
    """Return the interval of a share by Wilson's score, which has one for shares of none and of all too.

    >>> [round(end, 3) for end in wilson(1.0, 10, 0.95)]
    [0.722, 1.0]
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z / (1 + z * z / cases) * sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(one: int, of: int, other: int, out_of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of how much larger the share one/of is than other/out_of, from both Wilson's intervals.

    Newcombe, Statistics in Medicine 17 (1998), 873, method 10. Its first example is 56 of 70 beside 48 of 80:

    >>> [round(end, 4) for end in newcombe(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    first, second = one / of, other / out_of
    (low, high), (least, most) = wilson(first, of, confidence), wilson(second, out_of, confidence)
    difference = first - second
    down = sqrt((first - low) ** 2 + (most - second) ** 2)
    up = sqrt((high - first) ** 2 + (second - least) ** 2)
    return difference - down, difference + up
