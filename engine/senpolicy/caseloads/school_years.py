"""The years and terms of a school's model: which days they have, and what of a yearly amount falls to them.

Amounts fall to days, by days of 365, and never more than the amount to a year. On which day of them money is paid, no
policy has to say. Every stretch of days gets what has fallen due by its end less what had by its beginning. So school
years, financial years and terms are cut from the same sums, and all add up to the same pennies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from senpolicy.language.days import DAYS_IN_YEAR, part_of_year, years_after
from senpolicy.readings.say import say_date

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """Days of one period, both ends included; `period` is which of the model's periods they are of, from 0."""

    first: date
    last: date
    period: int

    def __str__(self) -> str:
        return f"{say_date(self.first)} to {say_date(self.last)}"


@dataclass(frozen=True)
class ModelYear:
    """A year of one kind that begins in `begins`, or what of it the model shows: from `first` to `last`.

    `stretches` are those of its days, by their places.
    """

    kind: str
    begins: int
    first: date
    last: date
    whole: bool
    stretches: tuple[int, ...]

    @property
    def name(self) -> str:
        """What the year is called: "school year 2025 to 2026"."""
        return f"{self.kind} {self.begins} to {self.begins + 1}"

    def __str__(self) -> str:
        return self.name if self.whole else f"{self.name}, {say_date(self.first)} to {say_date(self.last)} only"


def stretches(
    periods: Sequence[tuple[date, date]], years: Mapping[str, str], terms: Iterable[date]
) -> tuple[Stretch, ...]:
    """Return the days of the periods, cut wherever a year or a term begins, in order."""
    cuts = {first for kind in years.values() for first, _ in _years(kind, periods[0][0], periods[-1][1])} | {*terms}
    found = []
    for at, (first, last) in enumerate(periods):
        begins = [first, *sorted(one for one in cuts if first < one <= last)]
        ends = [*(one - _DAY for one in begins[1:]), last]
        found += [Stretch(one, end, at) for one, end in zip(begins, ends, strict=True)]
    return tuple(found)


def years_in(days: Sequence[Stretch], years: Mapping[str, str]) -> tuple[ModelYear, ...]:
    """Return the years of each kind that have any of these days, the kinds in their order."""
    found = []
    for kind, begins in years.items():
        for first, last in _years(begins, days[0].first, days[-1].last):
            within = tuple(at for at, one in enumerate(days) if first <= one.first and one.last <= last)
            if within:
                from_, until = days[within[0]].first, days[within[-1]].last
                found.append(ModelYear(kind, first.year, from_, until, (from_, until) == (first, last), within))
    return tuple(found)


def falls_due(a_year: int, since: date, stretch: Stretch, *, up: bool = False) -> int:
    """Return what of a yearly amount in pence falls to a stretch of a period that began on a day.

    `up` rounds what has fallen due by any day up to the penny, and not down.

    >>> falls_due(730_000, date(2025, 9, 1), Stretch(date(2025, 9, 1), date(2026, 3, 31), 0))
    424000
    """
    before, end = days_due(since, stretch)
    return _due(a_year, end, up) - _due(a_year, before, up)


def days_due(since: date, stretch: Stretch) -> tuple[int, int]:
    """Return how many days count before a stretch of a period that began on a day, and until its end: 365 a year."""
    before, end = (_counted(since, day) for day in (stretch.first, stretch.last + _DAY))
    return before, end


def _counted(since: date, until: date) -> int:
    """Return how many days count from a day to another, which is left out: at most 365 of each year from the first."""
    years = until.year - since.year
    while years and years_after(since, years) > until:
        years -= 1
    return years * DAYS_IN_YEAR + min((until - years_after(since, years)).days, DAYS_IN_YEAR)


def _due(a_year: int, days: int, up: bool) -> int:
    """Return what has fallen due after so many days that count."""
    return a_year * (days // DAYS_IN_YEAR) + part_of_year(a_year, days % DAYS_IN_YEAR, up=up)


def _years(begins: str, earliest: date, latest: date) -> list[tuple[date, date]]:
    """Return the first and last days of the years that begin on this day, as far as any of their days are wanted."""
    found = []
    for number in range(max(earliest.year - 1, date.min.year), min(latest.year, date.max.year - 1) + 1):
        first, last = (date.fromisoformat(f"{year:04}-{begins}") for year in (number, number + 1))
        if first <= latest and last > earliest:
            found.append((first, last - _DAY))
    return found
