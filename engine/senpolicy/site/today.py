"""What a page says of a day that may have come or not: it holds both, and shows what is true on the reader's own day.

A script in the page compares the days with the reader's. Where no script runs, the page shows what is true on the day
on which it was made, and says which day that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup

from senpolicy.site.html import Cell
from senpolicy.site.words import format_date

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Today:
    """Marks parts of a page by their days. `day` is the one on which the page is made."""

    day: date

    def within(self, first: date | None, last: date | None) -> Markup:
        """Return the attributes of what is true from `first` to `last`, both days included (None: without end)."""
        hidden = Markup(" hidden") if (first and self.day < first) or (last and self.day > last) else ""
        days = [one.isoformat() if one else "" for one in (first, last)]
        return Markup('data-first="{}" data-last="{}"{}').format(*days, hidden)

    def split(self, first: date, before: Cell, then: Cell) -> Markup:
        """Return words for the days before `first`, and others for that day and those after it."""
        parts = ((None, first - _DAY, before), (first, None, then))
        spans = (Markup("<span {}>{}</span>").format(self.within(start, end), said) for start, end, said in parts)
        return Markup("").join(spans)

    @property
    def said(self) -> Markup:
        """The reader's day in words; where no script runs, the day on which the page was made, and that it is."""
        return Markup(
            '<time class="reader-day" datetime="{}">{}</time><span class="made-on">, the day on which this page was '
            "made</span>"
        ).format(self.day.isoformat(), format_date(self.day))


def present() -> Today:
    """Return the day that it is here."""
    return Today(datetime.now().astimezone().date())
