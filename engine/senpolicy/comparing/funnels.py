"""Funnels: whether a school's average level lies further from that of all like schools than chance explains.

Averages and standard errors are square roots and floats; nothing is paid by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from senpolicy.files.digests import PlainData

#: Standard errors on each side of the middle of a funnel: 99.8% of schools that map alike lie between.
FUNNEL = 3.09


@dataclass(frozen=True)
class FunnelPoint:
    """A school's average level, and between which it would lie if the school mapped as all of its setting do.

    Levels are counted from 1, the lowest that counts; `stands_out` is "high", "low" or "no".
    """

    school: str
    setting: str
    pupils: int
    average: float
    low: float
    high: float

    @property
    def stands_out(self) -> str:
        """Whether the average lies outside."""
        return "high" if self.average > self.high else "low" if self.average < self.low else "no"

    def to_json(self) -> dict[str, PlainData]:
        """Return it as plain data; averages as text with two decimals."""
        ends = {"average_level": self.average, "low": self.low, "high": self.high}
        return {
            "school": self.school,
            "setting": self.setting,
            "pupils": self.pupils,
            **{name: f"{value:.2f}" for name, value in ends.items()},
            "stands_out": self.stands_out,
        }


def funnel_point(school: str, setting: str, levels: Mapping[int, int], whole: Mapping[int, int]) -> FunnelPoint:
    """Return the point of a school: how many of its pupils are at each level, and how many of all of its setting.

    Levels are numbered from the least need. Both need a pupil.
    """
    number, every = sum(levels.values()), sum(whole.values())
    middle = sum(level * count for level, count in whole.items()) / every
    spread = sum((level - middle) ** 2 * count for level, count in whole.items()) / every
    half = FUNNEL * sqrt(spread / number)
    average = sum(level * count for level, count in levels.items()) / number
    return FunnelPoint(school, setting, number, average, middle - half, middle + half)
