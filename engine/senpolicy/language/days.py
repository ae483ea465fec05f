"""Years, months and days: their names, the same day years later, the part of a yearly amount for some days."""

from __future__ import annotations

from datetime import date

#: A part of a year is worked out by days of this many: an assumption of this repository, told wherever it shows.
DAYS_IN_YEAR = 365
#: The one list of months, in English on every machine.
MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
MONTHS += ["August", "September", "October", "November", "December"]


def years_after(day: date, years: int) -> date:
    """Return the same day so many years later (earlier, below 0); 29 February becomes 1 March where there is none.

    Beyond the calendar it is the calendar's first or last day.

    >>> years_after(date(2024, 2, 29), 1)
    datetime.date(2025, 3, 1)
    """
    year = day.year + years
    if not date.min.year <= year <= date.max.year:
        return date.min if years < 0 else date.max
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def part_of_year(a_year: int, days: int, *, up: bool = False) -> int:
    """Return the part of a yearly amount in whole pence that falls to some days, by days of 365, rounded down or up.

    It is never more than the amount for a year, however many the days: a year with a 29 February is a year.

    >>> part_of_year(730_000, 153), part_of_year(730_000, 366)
    (306000, 730000)
    """
    top = a_year * min(days, DAYS_IN_YEAR)
    return -(-top // DAYS_IN_YEAR) if up else top // DAYS_IN_YEAR
