"""Works the formulas of a workbook out afresh, as a spreadsheet does: the few functions that the engine writes."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RANGE = re.compile(r"(?:(\w+)!)?\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)|(?:(\w+)!)?\$?([A-Z]+)\$?(\d+)(?![\d(])")


def place(letters: str) -> int:
    """Return the number of a column, from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class Formulas:
    """A workbook: by sheet, the value that each cell is stored with, and its formula."""

    def __init__(self, path: Path) -> None:
        self.values: dict[tuple[str, int, int], float | str] = {}
        self.formulas: dict[tuple[str, int, int], str] = {}
        with zipfile.ZipFile(path) as book:
            shared: list[str] = []
            if "xl/sharedStrings.xml" in book.namelist():
                strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
                shared = ["".join(one.itertext()) for one in strings.iter(f"{SHEET}si")]
            names = [
                one.get("name", "")
                for one in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
            ]
            for number, name in enumerate(names, 1):
                for cell in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{SHEET}c"):
                    self._take(name, cell, shared)

    def _take(self, sheet: str, cell: ElementTree.Element, shared: list[str]) -> None:
        found = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r", ""))
        assert found
        at = (sheet, int(found[2]), place(found[1]))
        value, formula = cell.find(f"{SHEET}v"), cell.find(f"{SHEET}f")
        if formula is not None:
            self.formulas[at] = formula.text or ""
        if value is not None and value.text:
            self.values[at] = shared[int(value.text)] if cell.get("t") == "s" else float(value.text)

    @cached_property
    def sheets(self) -> list[str]:
        """The names of the sheets that hold anything."""
        return list(dict.fromkeys(sheet for sheet, _, _ in self.values))

    def cells(self, sheet: str, text: str) -> NDArray[np.object_] | float | str:
        """Return a range of the sheet, or of another that it names, worked out."""
        found = _RANGE.fullmatch(text)
        assert found, text
        if found[2]:
            rows, columns = range(int(found[3]), int(found[5]) + 1), range(place(found[2]), place(found[4]) + 1)
            cells = [[self.worked_out(found[1] or sheet, row, at) for at in columns] for row in rows]
            return np.array(cells, dtype=object)
        return self.worked_out(found[6] or sheet, int(found[8]), place(found[7]))

    def worked_out(self, sheet: str, row: int, column: int) -> float | str:
        """Return what a cell comes to by its formula, or what it holds."""
        at = (sheet, row, column)
        if at not in self.formulas:
            return self.values.get(at, 0.0)
        text = _RANGE.sub(lambda found: f"cells({found[0]!r})", re.sub(r"\s", "", self.formulas[at]))
        names = {"cells": lambda one: self.cells(sheet, one), **FUNCTIONS, "FALSE": False}
        result: float | str = eval(text, {"__builtins__": {}}, names)
        return result


def _each(value: float | NDArray[np.object_], way: str, places: float) -> NDArray[np.float64]:
    rounded = {"near": lambda one: math.floor(one + 0.5), "down": math.trunc, "up": math.ceil}[way]
    numbers = np.asarray(value, dtype=float) * 10**places
    return np.vectorize(rounded, otypes=[float])(numbers) / 10**places


def _numbers(cells: NDArray[np.object_]) -> Iterable[float]:
    return (one for one in cells.ravel() if isinstance(one, int | float))


def _fits(cell: float | str, wanted: float | str) -> bool:
    if wanted == ">0":
        return isinstance(cell, float) and cell > 0
    return isinstance(cell, str) and bool(cell) if wanted == "?*" else cell == wanted


FUNCTIONS = {
    "ROUND": lambda value, places: _each(value, "near", places),
    "ROUNDDOWN": lambda value, places: _each(value, "down", places),
    "ROUNDUP": lambda value, places: _each(value, "up", places),
    "SUM": lambda cells: sum(_numbers(cells)),
    "SUMPRODUCT": lambda cells: float(np.sum(cells)),
    "COUNTIF": lambda cells, wanted: sum(_fits(one, wanted) for one in cells.ravel()),
    "SUMIF": lambda cells, wanted, sums: sum(
        amount for one, amount in zip(cells.ravel(), sums.ravel(), strict=True) if _fits(one, wanted)
    ),
    "VLOOKUP": lambda wanted, table, column, near: next(row[column - 1] for row in table if row[0] == wanted),
}
