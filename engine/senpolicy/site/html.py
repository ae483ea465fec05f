"""The pieces of HTML that pages are made of: tables that can be read aloud, links, and figures that can be checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

Cell = str | Markup


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, wide: bool = False) -> Markup:
    """Return a table with a caption, a scope for every head, and the first cell of each row as its head.

    It stands in a region of its own that can be scrolled by keyboard. On a narrow screen its rows are stacked, unless
    it is `wide`; the roles keep it a table for a screen reader then. No line is empty, so Markdown leaves it as it is.
    """
    head = Markup("").join(Markup('<th scope="col" role="columnheader">{}</th>').format(one) for one in heads)
    lines = [
        Markup('<div class="table" role="region" aria-label="{}" tabindex="0">').format(caption),
        Markup('<table class="data{}" role="table"><caption>{}</caption>').format(" wide" if wide else "", caption),
        Markup('<thead role="rowgroup"><tr role="row">{}</tr></thead><tbody role="rowgroup">').format(head),
    ]
    for row in rows:
        first, *rest = row
        cells = Markup("").join(
            Markup('<td role="cell" data-label="{}">{}</td>').format(name, cell)
            for name, cell in zip(heads[1:], rest, strict=True)
        )
        lines.append(Markup('<tr role="row"><th scope="row" role="rowheader">{}</th>{}</tr>').format(first, cells))
    lines.append(Markup("</tbody></table></div>"))
    return Markup("\n").join(lines)


def link(href: str, text: Cell) -> Markup:
    """Return a link."""
    return Markup('<a href="{}">{}</a>').format(href, text)


def figure(value: Any, text: str, **about: str) -> Markup:
    """Return text with the plain value behind it and what it is the value of, so that a test can compare the two.

    `about` becomes data- attributes, such as parameter="lower_support_limit".
    """
    attributes = Markup("").join(
        Markup(' data-{}="{}"').format(name.replace("_", "-"), one) for name, one in about.items()
    )
    return Markup('<data class="figure" value="{}"{}>{}</data>').format(plain_value(value), attributes, text)


def plain_value(value: Any) -> str:
    """Return a value as it would stand in a file: digits, ISO date, ids with a space between; "" for none.

    >>> plain_value(Decimal("6000.00")), plain_value(["a", "b"]), plain_value(None)
    ('6000.00', 'a b', '')
    """
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return " ".join(plain_value(one) for one in value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def items(parts: Iterable[Cell], kind: str = "ul") -> Markup:
    """Return a list, without an empty line."""
    inner = Markup("\n").join(Markup("<li>{}</li>").format(one) for one in parts)
    return Markup("<{0}>\n{1}\n</{0}>").format(Markup(kind), inner)


def joined(parts: Iterable[Cell], between: str = ", ") -> Markup:
    """Return parts with something between them."""
    return Markup(escape(between)).join(parts)
