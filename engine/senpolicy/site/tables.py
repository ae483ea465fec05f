"""Tables that are written in Markdown, as HTML with a caption and the scope of every head."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from senpolicy.site.html import link, table

_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*")
_CAPTION = re.compile(r"Table: (.+)")
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*\s*")
_FENCE = re.compile(r"\s*(```|~~~)")
_CELLS = re.compile(r"(?<!\\)\|")
_PIECES = re.compile(r"(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|\[[^\]]+\]\([^)\s]+\))")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def with_captions(markdown: str) -> str:
    """Return Markdown with each of its tables as HTML, the cells still Markdown.

    The caption is the line `Table: ...` right above the table, which is then taken out, or else the heading above it.
    """
    lines, done = markdown.split("\n"), []
    heading, fenced, place = "", False, 0
    while place < len(lines):
        line = lines[place]
        fenced ^= bool(_FENCE.match(line))
        found = _HEADING.fullmatch(line)
        heading = found.group(1) if found and not fenced else heading
        following = lines[place + 1] if place + 1 < len(lines) else ""
        if fenced or "|" not in line or not _RULE.fullmatch(following) or "|" not in following:
            done.append(line)
            place += 1
            continue
        end = place + 2
        while end < len(lines) and "|" in lines[end]:
            end += 1
        done += _table(_taken(done) or _plain(heading), [lines[place], *lines[place + 2 : end]])
        place = end
    return "\n".join(done)


def _taken(done: list[str]) -> str:
    """Return the caption that stands at the end of the lines before, and take it out."""
    above = next((number for number in range(len(done) - 1, -1, -1) if done[number].strip()), None)
    found = _CAPTION.fullmatch(done[above].strip()) if above is not None else None
    if found is None:
        return ""
    del done[above:]
    return found.group(1)


def _plain(text: str) -> str:
    return re.sub(r"[`*]|\[|\]\([^)]*\)", "", text)


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _CELLS.split(line.strip().removeprefix("|").removesuffix("|"))]


def _table(caption: str, lines: list[str]) -> list[str]:
    heads, *rows = [_cells(line) for line in lines]
    written = [(row + [""] * len(heads))[: len(heads)] for row in rows]
    made = table(caption, [_plain(head) for head in heads], [[inline(cell) for cell in row] for row in written])
    return ["", *made.split("\n"), ""]


def inline(text: str) -> Markup:
    """Return one cell of Markdown as HTML: `code`, **bold**, *emphasis*, links; all else stands as it is.

    >>> inline("see [this](../a.md#b) and `x`")
    Markup('see <a href="../a.html#b">this</a> and <code>x</code>')
    """
    return Markup("").join(_piece(piece) for piece in _PIECES.split(text))


def _piece(piece: str) -> Markup:
    if piece.startswith("`") and piece.endswith("`") and len(piece) > 2:
        return Markup("<code>{}</code>").format(piece.strip("`"))
    if piece.startswith("**") and piece.endswith("**") and len(piece) > 4:
        return Markup("<strong>{}</strong>").format(inline(piece[2:-2]))
    if piece.startswith("*") and piece.endswith("*") and len(piece) > 2:
        return Markup("<em>{}</em>").format(piece[1:-1])
    found = _LINK.fullmatch(piece)
    if found:
        return link(re.sub(r"\.md(?=#|$)", ".html", found.group(2)), inline(found.group(1)))
    return escape(piece)
