"""A page of the board as tagged PDF (PDF/UA-1): its own HTML, drawn by Typst, which needs nothing of the machine."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import fontpkg_source_sans_3
import typst
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

SHEET = Path(__file__).parent / "templates" / "sheet.typ"
#: How many sheets a page takes, where that can be, and the sizes of its letters in points that are tried for it. A
#: notice is a letter, and is read by people who do not read forms every day.
MOST_SHEETS = 2
SIZES = {"case": (9, 8.5, 8), "letter": (11.5, 10.5, 9.5)}
#: Elements that stand in a line of text. In all others white space at either end says nothing.
_INLINE = ("a", "code", "span", "strong")
#: Elements that nothing closes.
_EMPTY = ("meta", "br", "link")
#: A piece of text that no font here can draw, as Typst writes it when it refuses.
_NOT_DRAWN = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


def pdf(html: str) -> bytes:
    """Return a page that stands in sheet.html.j2 as a tagged PDF (PDF/UA-1), with the same words in the same order.

    Its letters are the largest with which it takes no more than `MOST_SHEETS`. A character that no font here can draw,
    such as a small picture in a reason, is told by its name, in brackets.
    """
    whole = {node.tag: node for node in _within(_read(html))}
    language, _, region = whole["html"].attributes["lang"].partition("-")
    names: dict[int, str] = {}
    letter = "letter" in whole["body"].classes
    sizes = list(SIZES["letter" if letter else "case"])
    while True:
        title, body = _plain(whole["title"], names), _plain(whole["body"], names)
        page = {"title": "".join(title["kids"]), "lang": language, "region": region, "letter": letter}
        given = {"page": json.dumps(page | {"size": sizes[0], "kids": body["kids"]})}
        try:
            made = PdfReader(
                io.BytesIO(typst.compile(SHEET, font_paths=_fonts(), sys_inputs=given, pdf_standards=["ua-1"]))
            )
        except typst.TypstError as error:
            found = {ord(one): _named(one) for one in _not_drawn(error.diagnostic)}
            if not found.keys() - names.keys():
                raise
            names |= found
            continue
        if len(made.pages) <= MOST_SHEETS or not sizes[1:]:
            return _with_row_headers(made)
        sizes.pop(0)


@dataclass
class _Element:
    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    inside: list[_Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


class _SheetReader(HTMLParser):
    """Reads a page as the templates write it, where every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [_Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in _EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def _read(html: str) -> _Element:
    reader = _SheetReader()
    reader.feed(html)
    reader.close()
    return reader.open[0]


def _within(element: _Element) -> Iterator[_Element]:
    for one in element.inside:
        if isinstance(one, _Element):
            yield one
            yield from _within(one)


def _plain(element: _Element, names: Mapping[int, str]) -> dict[str, Any]:
    """Return an element as the sheet reads it: its tag, its classes, and its text and elements in order."""
    kids: list[Any] = []
    for one in element.inside:
        if isinstance(one, str):
            kids.append(re.sub(r"\s+", " ", one).translate(names))
        elif "noprint" not in one.classes:
            kids.append(_plain(one, names))
    if element.tag not in _INLINE:
        # Between blocks all white space is at an end: it is that of the layout of the template.
        blocks = [isinstance(kid, dict) and kid["tag"] not in _INLINE for kid in kids]
        for at, kid in enumerate(kids):
            if isinstance(kid, str):
                kid = kid.lstrip() if at == 0 or blocks[at - 1] else kid
                kids[at] = kid.rstrip() if at == len(kids) - 1 or blocks[at + 1] else kid
    return {"tag": element.tag, "class": element.classes, "kids": [kid for kid in kids if kid != ""]}


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts of the sheet, the same on every machine."""
    return typst.Fonts(include_system_fonts=False, font_paths=[fontpkg_source_sans_3.ROOT / "files"])


def _not_drawn(refusal: str) -> set[str]:
    texts = (
        _ESCAPED.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2], text)
        for text in _NOT_DRAWN.findall(refusal)
    )
    return {one for text in texts for one in text if not " " <= one <= "~"}


def _named(character: str) -> str:
    return f"[{unicodedata.name(character, f'U+{ord(character):04X}')}]"


def _with_row_headers(made: PdfReader) -> bytes:
    """Return a PDF whose tables say of the first cell of each row that it heads the row.

    Typst tags the headers of columns, and has no way yet to name those of rows that its Python package reaches.
    """
    writer = PdfWriter(clone_from=made)
    writer.pdf_header = made.pdf_header
    tree: Any = writer.root_object["/StructTreeRoot"]
    ids: dict[str, Any] = {}
    for number, row in enumerate(_rows(tree), 1):
        first, *others = (one.get_object() for one in row["/K"])
        named = TextStringObject(f"row{number}")
        first[NameObject("/S")], first[NameObject("/ID")] = NameObject("/TH"), named
        _of_table(first)[NameObject("/Scope")] = NameObject("/Row")
        for one in others:
            _of_table(one)["/Headers"].append(named)
        ids[named] = first.indirect_reference
    if ids:
        listed = tree["/IDTree"]["/Names"]
        ids |= dict(zip(listed[::2], listed[1::2], strict=True))
        listed[:] = [part for name in sorted(ids) for part in (name, ids[name])]
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _rows(element: Any) -> Iterator[Any]:
    """Yield the rows in the bodies of tables, in order, from the tree of tags."""
    for one in element.get("/K", []):
        kid = one.get_object()
        if isinstance(kid, DictionaryObject):
            if element.get("/S") == "/TBody":
                yield kid
            yield from _rows(kid)


def _of_table(cell: Any) -> Any:
    """Return the attributes of a cell that belong to its table."""
    held = cell["/A"]
    return next(one for one in (held if isinstance(held, ArrayObject) else [held]) if one["/O"] == "/Table")
