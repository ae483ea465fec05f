"""Workbooks with live formulas: each cell that is worked out holds its formula, and the engine's own figure as value.

A program that does not work formulas out on load shows the engine's figures; one that does has to find the same.
Text is never a formula. Money is worked out in whole pence within a formula: no penny is lost to binary fractions.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from senpolicy.caseloads.tables import whole
from senpolicy.language.conditions import pounds

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format


@dataclass(frozen=True)
class Live:
    """A cell that is worked out: its formula, and the engine's figure; money in pence, else a whole number."""

    formula: str
    value: int
    money: bool = True


@dataclass(frozen=True)
class Pence:
    """A cell of money, in pence; `input`: somebody may write another amount there."""

    value: int
    input: bool = False


@dataclass(frozen=True)
class Share:
    """A cell of a share that somebody may change, from 0 to 1."""

    value: Decimal


Cell = str | int | Decimal | date | Pence | Share | Live | None


class Sheet:
    """A sheet that is written row by row."""

    def __init__(self, book: Book, name: str, widths: Sequence[int]) -> None:
        self._book, self._sheet = book, book.made.add_worksheet(name)
        self.name, self.row = name, 0
        for place, width in enumerate(widths):
            self._sheet.set_column(place, place, width)

    def write(self, *cells: Cell, bold: bool = False) -> int:
        """Write a row, and return its number as the spreadsheet shows it, from 1."""
        for place, cell in enumerate(cells):
            self._cell(place, cell, bold)
        self.row += 1
        return self.row

    def freeze(self, rows: int, columns: int) -> None:
        """Keep the first rows and columns in view."""
        self._sheet.freeze_panes(rows, columns)

    def between(self, row: int, column: int, lowest: int, highest: int, message: str) -> None:
        """Let a cell, counted from 0, take numbers between two alone."""
        rule = {"validate": "decimal", "criteria": "between", "minimum": lowest, "maximum": highest}
        self._sheet.data_validation(
            row, column, row, column, rule | {"error_title": "Out of range", "error_message": message}
        )

    def _cell(self, place: int, cell: Cell, bold: bool) -> None:
        of = self._book.formats
        if isinstance(cell, str):
            self._sheet.write_string(self.row, place, cell, of["bold" if bold else "text"])
        elif isinstance(cell, Pence):
            self._sheet.write_number(
                self.row, place, Decimal(pounds(cell.value)), of["input" if cell.input else "money"]
            )
        elif isinstance(cell, Share):
            self._sheet.write_number(self.row, place, cell.value, of["share"])
        elif isinstance(cell, Live):
            value = pounds(cell.value) if cell.money else str(cell.value)
            style = ("bold " if bold else "") + ("money" if cell.money else "number")
            self._sheet.write_formula(self.row, place, cell.formula, of[style], value)
        elif isinstance(cell, date):
            self._sheet.write_datetime(self.row, place, cell, of["day"])
        elif cell is not None:
            self._sheet.write_number(self.row, place, cell, of["number"])


class Book:
    """A workbook in the making."""

    def __init__(self, made: Workbook) -> None:
        self.made = made
        money = {"num_format": "£#,##0.00"}
        styles = {
            "text": {"text_wrap": True, "valign": "top"},
            "bold": {"bold": True, "text_wrap": True, "valign": "top"},
            "number": {"num_format": "#,##0", "valign": "top"},
            "bold number": {"num_format": "#,##0", "bold": True, "valign": "top"},
            "money": money | {"valign": "top"},
            "bold money": money | {"bold": True, "valign": "top"},
            "input": money | {"bg_color": "#FFF3C4", "border": 1},
            "share": {"num_format": "0%", "bg_color": "#FFF3C4", "border": 1},
            "day": {"num_format": "d mmmm yyyy", "align": "left", "valign": "top"},
        }
        self.formats: dict[str, Format] = {name: made.add_format(style) for name, style in styles.items()}

    def sheet(self, name: str, widths: Sequence[int]) -> Sheet:
        """Return a new sheet with columns of these widths."""
        return Sheet(self, name, widths)


@contextmanager
def workbook(path: Path) -> Iterator[Book]:
    """Give a workbook that is at `path`, whole, when the block has ended well; it waits in memory until then."""
    import xlsxwriter

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with whole(path) as file:
        content = io.BytesIO()
        made = xlsxwriter.Workbook(content, options)
        yield Book(made)
        made.close()
        file.write(content.getvalue())


def column(place: int) -> str:
    """Return the letters of a column, counted from 0.

    >>> column(0), column(26), column(701)
    ('A', 'AA', 'ZZ')
    """
    letters = ""
    while place >= 0:
        place, letter = place // 26 - 1, place % 26
        letters = chr(ord("A") + letter) + letters
    return letters
