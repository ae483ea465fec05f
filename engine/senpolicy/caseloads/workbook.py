"""An Excel workbook whose figures are formulas: its sheets and their heads, the cells to fill in, and what follows.

A number that is not a formula is in a coloured cell, or is one that the engine decided (`number`). Beside each formula
is the value that the engine worked out, for whoever reads the file without working it out again. A spreadsheet's
numbers are exact up to 15 digits, so sums are in whole pence, and shares and factors in millionths; what would be
longer is divided before it is multiplied.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from typing import Literal, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from senpolicy.caseloads.shares import decimal

Kind = Literal["text", "pounds", "whole", "share", "percent"]
#: A given cell is the user's; a found one was worked out by the engine, and no formula here can.
Role = Literal["given", "found", "sum"]
#: A number, words, or None: an empty cell, or the empty text that a formula gives.
CellValue = int | Fraction | str | None
#: A share or a factor in a formula is a whole number of these.
MILLION = 1_000_000
#: Below this the numbers of a spreadsheet, and what it makes of a division, are exact to the last unit.
EXACT = 10**14
FORMATS: dict[Kind, str] = {
    "text": "General",
    "pounds": "#,##0.00",
    "whole": "#,##0",
    "share": "0.00##########",
    "percent": "0.0%",
}
FILLED: dict[Role, str] = {"given": "#FFF4C2", "found": "#E9D5F2"}
_LOOKS: dict[str, dict[str, str | int | bool]] = {
    "title": {"bold": True, "font_size": 14},
    "says": {"bold": True, "font_color": "#7A2F8F"},
    "head": {"bold": True, "bg_color": "#E4EAEE", "bottom": 1, "text_wrap": True},
    "label": {},
    "note": {"font_color": "#54606B", "indent": 1},
    "prose": {"text_wrap": True},
}
#: The last column that is made as wide as is said, the number of a sheet of A4 in Excel, and the height of a line.
LAST, A4, LINE = 80, 9, 16
#: What may be written into a given cell.
_ALLOWED: dict[Kind, tuple[str, str, int]] = {
    "pounds": ("decimal", "pounds of 0 or more", 0),
    "whole": ("integer", "a whole number of 0 or more", 0),
    "share": ("decimal", "a share or a factor, such as 0.05 for 5%", -1),
}


class FormulaStep(NamedTuple):
    """A figure that many rows have: its name in formulas, its heading, its formula, and how it is shown.

    A word in braces in a formula is another figure of the row, or a place that the workbook knows.
    """

    name: str
    says: str
    formula: str
    kind: Kind = "whole"


def pence_in_pounds(pence: int | None) -> Fraction | None:
    """Return pence in pounds, as a cell shows them; None for None."""
    return None if pence is None else Fraction(pence, 100)


class FormulaBook:
    """A workbook in the making; `says` is at the head of every sheet and the foot of every page, `made` its day."""

    def __init__(self, title: str, says: str, made: date) -> None:
        self._bytes, self.says = io.BytesIO(), says
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self._bytes, options)
        self.book.set_properties({"title": title, "comments": says, "created": datetime.combine(made, time())})
        # Whoever opens it has each figure worked out again.
        self.book.set_calc_mode("auto")
        self._formats: dict[tuple[Kind, Role, bool], xlsxwriter.format.Format] = {}
        self.words = {name: self.book.add_format({"valign": "top", **look}) for name, look in _LOOKS.items()}

    def sheet(self, name: str, title: str, about: str, widths: Sequence[int], wide: bool = False) -> FormulaSheet:
        """Return a new sheet with its head; `widths` are those of its columns, the last for all further ones.

        A wide one is printed over several pages side by side, any other within the width of one.
        """
        sheet = self.book.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, LAST if place == len(widths) - 1 else place, width)
        for row, (text, look) in enumerate(((title, "title"), (self.says, "says"), (about, "label"))):
            sheet.write_string(row, 0, text, self.words[look])
        sheet.set_row(0, 22)
        sheet.set_landscape()
        sheet.set_paper(A4)
        if wide:
            sheet.set_print_scale(70)
            sheet.repeat_columns(0, 1)
        else:
            sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L&8{self.says.replace('&', '&&')}&R&8&A, &P/&N")
        return FormulaSheet(self, sheet, name, tuple(widths))

    def style(self, kind: Kind, role: Role, bold: bool = False) -> xlsxwriter.format.Format:
        """Return the format of a cell."""
        key = (kind, role, bold)
        if key not in self._formats:
            look = {"num_format": FORMATS[kind], "bold": bold, "valign": "top", "indent": int(kind == "text")}
            if role in FILLED:
                look |= {"bg_color": FILLED[role], "border": 1, "border_color": "#C9B458"}
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def name(self, name: str, cell: str) -> None:
        """Give a cell a name by which formulas call it."""
        self.book.define_name(name, f"={cell}")

    def whole(self) -> bytes:
        """Return the finished workbook."""
        self.book.close()
        return self._bytes.getvalue()


@dataclass
class FormulaSheet:
    """A sheet; rows and columns are counted from 0."""

    book: FormulaBook
    sheet: xlsxwriter.worksheet.Worksheet
    name: str
    widths: tuple[int, ...]

    def at(self, row: int, column: int) -> str:
        """Return the address of a cell, for a formula of any sheet."""
        return f"'{self.name}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"

    def over(self, first: int, last: int, column: int, until: int | None = None) -> str:
        """Return the address of a column of cells, or of several side by side."""
        end = xl_rowcol_to_cell(last, column if until is None else until, row_abs=True, col_abs=True)
        return f"{self.at(first, column)}:{end}"

    def text(self, row: int, column: int, text: str, look: str = "label") -> None:
        """Write words, which are never taken for a formula."""
        self.sheet.write_string(row, column, text, self.book.words[look])
        if look == "prose":
            self._high(row, [(column, text)])

    def heads(self, row: int, names: Sequence[str]) -> None:
        """Write the headings of a table."""
        for place, name in enumerate(names):
            self.text(row, place, name, "head")
        self._high(row, list(enumerate(names)))

    def _high(self, row: int, texts: Sequence[tuple[int, str]]) -> None:
        """Make a row high enough for its words, as wide as its columns are."""
        lines = [-(-len(text) // max(self.widths[min(place, len(self.widths) - 1)] - 2, 1)) for place, text in texts]
        self.sheet.set_row(row, LINE * max(1, *lines))

    def table(self, top: int, columns: int = 2) -> None:
        """Keep the headings above row `top` in view and on every page, and the first columns in view."""
        self.sheet.freeze_panes(top, columns)
        self.sheet.repeat_rows(top - 1)

    def give(
        self, row: int, column: int, value: CellValue, kind: Kind, role: Role = "given", alone: bool = True
    ) -> None:
        """Write a cell to fill in; None is an empty one. What one of many alike takes is said by `allow`."""
        look = self.book.style(kind, role)
        if value is None:
            self.sheet.write_blank(row, column, None, look)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, look)
        else:
            self.sheet.write_number(row, column, decimal(Fraction(value)), look)
        if alone:
            self.allow(row, column, row, column, kind)

    def allow(self, first: int, left: int, last: int, right: int, kind: Kind) -> None:
        """Let nothing but figures of a kind be written into these cells."""
        if kind in _ALLOWED:
            sort, says, least = _ALLOWED[kind]
            told = {"error_title": "Not taken", "error_message": f"Write {says}, or leave the cell empty."}
            rule = {"validate": sort, "criteria": ">=", "value": least}
            self.sheet.data_validation(first, left, last, right, rule | told)

    def number(self, row: int, column: int, value: Fraction, kind: Kind) -> None:
        """Write a figure that the engine found and that is neither to fill in nor worked out here."""
        self.sheet.write_number(row, column, decimal(value), self.book.style(kind, "sum"))

    def choose(self, row: int, column: int, value: str, among: Sequence[str] | str) -> None:
        """Write a cell in which one of some words is chosen; these are given, or an address has them."""
        self.give(row, column, value, "text")
        source = f"={among}" if isinstance(among, str) else list(among)
        self.sheet.data_validation(row, column, row, column, {"validate": "list", "source": source})

    def sum(self, row: int, column: int, formula: str, value: CellValue, kind: Kind, bold: bool = False) -> None:
        """Write a formula with the value that the engine found; None is the empty text that a formula gives."""
        stored = "" if value is None else value if isinstance(value, str) else decimal(Fraction(value))
        self.sheet.write_formula(row, column, f"={formula}", self.book.style(kind, "sum", bold), stored)


def millionths(share: Fraction) -> int:
    """Return a share or factor, which has at most six decimals, in millionths."""
    return int(share * MILLION)
