"""Drawings made at build time: SVG that is as wide as its page, with letters of one size on every screen.

Places across are shares of the width and places down are pixels, so nothing is scaled: what can be read on a wide
screen can be read on a narrow one. Each drawing has a title and a description, and stands beside a list or table that
says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from markupsafe import Markup, escape

from senpolicy.language.days import MONTHS

#: The narrowest width in pixels in which one column of a timeline can be read.
NARROWEST = 66


@dataclass(frozen=True)
class Bar:
    """A row of a timeline: what it is, and by stretch of time whether it is so, for whom only, and whether as planned.

    `only` is empty where it is so for all; `planned` is where what was decided is not known. `late` is where it goes on
    if what was planned is not in place: it is drawn as what is planned.
    """

    name: str
    held: Sequence[bool]
    only: Sequence[str]
    planned: Sequence[bool]
    late: Sequence[bool]

    @property
    def runs(self) -> Iterator[tuple[int, int, str]]:
        """Yield the first stretch of each run, the one after its last, and how it is drawn."""
        rows = zip(self.held, self.only, self.planned, self.late, strict=True)
        kinds = ["planned" if late else "" if not held else "planned" if planned else "some" if only else "bar"
                 for held, only, planned, late in rows]  # fmt: skip
        start = 0
        for kind, run in groupby(kinds):
            end = start + len(list(run))
            if kind:
                yield start, end, kind
            start = end

    def told(self, stretches: Sequence[str]) -> list[str]:
        """Return when it is so, in words: "From 1 May 2031 (planned)"."""
        found = []
        rows = zip(stretches, self.held, self.only, self.planned, self.late, strict=True)
        for stretch, held, only, planned, late in rows:
            notes = [f"only where {only}"] * bool(only and not planned) + ["planned"] * (planned and not late)
            notes += ["if the plan is not in place"] * late
            found += [f"{stretch} ({', '.join(notes)})" if notes else stretch] if held or late else []
        return found


def timeline(
    name: str, title: str, description: str, edges: Sequence[date], bars: Sequence[Bar], today: Sequence[Markup]
) -> Markup:
    """Return a timeline: a row for each bar, a line on each day on which one stretch of time ends and another starts.

    `name` makes the ids of title and description; there is one stretch more than edges. `today` has the attributes for
    each stretch by which a page shows what is so on the reader's day: that stretch is tinted.
    """
    columns, row, top = len(edges) + 1, 42, 62
    down = top + row * len(bars)
    parts = [
        Markup(
            '<svg class="timeline" width="100%" height="{}" style="min-width: {}px" role="img" '
            'aria-labelledby="{}-title" aria-describedby="{}-desc">'
        ).format(down, NARROWEST * columns, name, name),
        _named(name, title, description),
    ]
    for place, within in enumerate(today):
        x, middle = _share(place, columns), _share(2 * place + 1, 2 * columns)
        parts.append(Markup("<g {}>").format(within))
        parts.append(Markup('<rect class="today" x="{}" y="40" width="{}" height="{}"/>').format(
            x, _share(1, columns), down - 40))  # fmt: skip
        parts.append(_text("Today", middle, 56, "head middle"))
        parts.append(Markup("</g>"))
    for place, day in enumerate(edges, 1):
        x = _share(place, columns)
        parts.append(Markup('<line class="edge" x1="{0}" y1="40" x2="{0}" y2="{1}"/>').format(x, down))
        month = MONTHS[day.month - 1]
        whole, short = f"{day.day} {month}", f"{day.day} {month[:3]}"
        for text, kind, y in ((whole, "long", 16), (short, "short", 16), (str(day.year), "year", 33)):
            parts.append(_text(text, x, y, f"head middle {kind}"))
    for number, bar in enumerate(bars):
        y = top + number * row
        for place, (start, end, kind) in enumerate(bar.runs):
            x, width = _share(start, columns), _share(end - start, columns)
            parts.append(Markup('<rect class="{}" x="{}" y="{}" width="{}" height="14" rx="2"/>').format(
                kind, x, y + 20, width))  # fmt: skip
            if place == 0:
                # Near the right edge a name would run off: it ends where the bar ends.
                late = start * 2 > columns
                parts.append(_text(bar.name, _share(end if late else start, columns), y + 15, "end" if late else ""))
    return Markup("\n").join([*parts, Markup("</svg>")])


def _named(name: str, title: str, description: str) -> Markup:
    return Markup('<title id="{0}-title">{1}</title>\n<desc id="{0}-desc">{2}</desc>').format(name, title, description)


def _text(text: str, x: str, y: int, kind: str) -> Markup:
    marks = Markup(' class="{}"').format(kind) if kind else ""
    return Markup('<text{} x="{}" y="{}">{}</text>').format(marks, x, y, escape(text))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.4g}%"


@dataclass(frozen=True)
class Span:
    """A row of a drawing of ranges: its name, its ends, and both in words. One figure where the ends are equal."""

    name: str
    low: int
    high: int
    said: str


def spans(name: str, title: str, description: str, rows: Sequence[Span], group: int = 1) -> Markup:
    """Return ranges on one scale that starts at 0: for each a line of words, and below it the range as a bar.

    `name` makes the ids of title and description; after each `group` of rows there is a gap.
    """
    most, row, gap = max((one.high for one in rows), default=1) or 1, 40, 14
    down = row * len(rows) + gap * (max(len(rows) - 1, 0) // group)
    parts = [
        Markup(
            '<svg class="timeline" width="100%" height="{}" role="img" aria-labelledby="{}-title" '
            'aria-describedby="{}-desc">'
        ).format(down, name, name),
        _named(name, title, description),
    ]
    for number, one in enumerate(rows):
        y = number * row + gap * (number // group)
        start, width = _share(one.low, most), _share(max(one.high - one.low, most // 200), most)
        parts.append(_text(f"{one.name}: {one.said}", "0", y + 14, ""))
        parts.append(Markup('<line class="edge" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(y + 27))
        parts.append(
            Markup('<rect class="bar" x="{}" y="{}" width="{}" height="12" rx="2"/>').format(start, y + 21, width)
        )
    return Markup("\n").join([*parts, Markup("</svg>")])


@dataclass(frozen=True)
class Part:
    """A part of a whole: its share in hundredths, in words, and how it is drawn (bar, some, second or planned)."""

    share: Decimal
    said: str
    kind: str


def wholes(name: str, title: str, rows: Sequence[tuple[str, Sequence[Part]]]) -> Markup:
    """Return wholes as bars of one width, each cut into its parts, with a line of words above it.

    `name` makes the ids of title and description. The words name the parts in the order in which they are drawn.
    """
    row = 52
    said = [f"{of}: {', '.join(part.said for part in parts)}" for of, parts in rows]
    drawn = [
        Markup('<svg class="timeline" width="100%" height="{}" role="img" aria-labelledby="{}-title" '
               'aria-describedby="{}-desc">').format(row * len(rows), name, name),
        _named(name, title, " ".join(f"{one}." for one in said)),
    ]  # fmt: skip
    for number, (words, (_, parts)) in enumerate(zip(said, rows, strict=True)):
        y, start = number * row, Decimal(0)
        drawn.append(_text(words, "0", y + 16, ""))
        for part in parts:
            drawn.append(Markup('<rect class="{} part" x="{:f}%" y="{}" width="{:f}%" height="18"/>').format(
                part.kind, start, y + 24, part.share))  # fmt: skip
            start += part.share
    return Markup("\n").join([*drawn, Markup("</svg>")])
