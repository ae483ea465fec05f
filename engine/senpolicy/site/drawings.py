"""Drawings made at build time: SVG that is as wide as its page, with letters of one size on every screen.

Places across are shares of the width and places down are pixels, so nothing is scaled: what can be read on a wide
screen can be read on a narrow one. Each drawing has a title and a description, and stands beside a list or table that
says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from senpolicy.language.days import MONTHS

#: The narrowest width in pixels in which one column of a timeline can be read.
NARROWEST = 66


@dataclass(frozen=True)
class Bar:
    """A row of a timeline: what it is, and by stretch of time whether it is so."""

    name: str
    held: Sequence[bool]

    @property
    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield the first stretch of each run, and the one after its last."""
        start = 0
        while start < len(self.held):
            end = start
            while end < len(self.held) and self.held[end]:
                end += 1
            if end > start:
                yield start, end
            start = max(end, start + 1)


def timeline(name: str, title: str, description: str, edges: Sequence[date], bars: Sequence[Bar]) -> Markup:
    """Return a timeline: a row for each bar, a line on each day on which one stretch of time ends and another starts.

    `name` makes the ids of title and description; there is one stretch more than edges.
    """
    columns, row, top = len(edges) + 1, 42, 46
    down = top + row * len(bars)
    parts = [
        Markup(
            '<svg class="timeline" width="100%" height="{}" style="min-width: {}px" role="img" '
            'aria-labelledby="{}-title" aria-describedby="{}-desc">'
        ).format(down, NARROWEST * columns, name, name),
        _named(name, title, description),
    ]
    for place, day in enumerate(edges, 1):
        x = _share(place, columns)
        parts.append(Markup('<line class="edge" x1="{0}" y1="40" x2="{0}" y2="{1}"/>').format(x, down))
        month = MONTHS[day.month - 1]
        whole, short = f"{day.day} {month}", f"{day.day} {month[:3]}"
        for text, kind, y in ((whole, "long", 16), (short, "short", 16), (str(day.year), "year", 33)):
            parts.append(_text(text, x, y, f"head middle {kind}"))
    for number, bar in enumerate(bars):
        y = top + number * row
        for place, (start, end) in enumerate(bar.runs):
            x, width = _share(start, columns), _share(end - start, columns)
            parts.append(
                Markup('<rect class="bar" x="{}" y="{}" width="{}" height="14" rx="2"/>').format(x, y + 20, width)
            )
            if place == 0:
                # Near the right edge a name would run off: it ends where the bar ends.
                late = start * 2 > columns
                parts.append(_text(bar.name, _share(end if late else start, columns), y + 15, "end" if late else ""))
    return Markup("\n").join([*parts, Markup("</svg>")])


def described(bars: Sequence[Bar], stretches: Sequence[str]) -> str:
    """Return what a timeline shows, in words: "Tariff: From 1 May 2031."."""
    said = []
    for bar in bars:
        when = [stretch for stretch, here in zip(stretches, bar.held, strict=True) if here]
        said.append(f"{bar.name}: {'; '.join(when)}.")
    return " ".join(said)


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
