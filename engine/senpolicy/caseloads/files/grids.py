"""Files as they come from another program: every cell of a table with its place, every leaf of an XML file.

A caseload has its headings in the first row; a school's export has titles, groups and totals around them. So nothing is
taken for a heading here: the rows of all sheets that show are given as they lie, and `importing` looks for headings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, repeat
from pathlib import Path
from typing import IO
from xml.parsers import expat

import pyarrow as pa

from senpolicy.caseloads.files.apart import ChunkedTable
from senpolicy.caseloads.files.limits import LIMITS, Limits
from senpolicy.caseloads.files.rows import Fault, blank, fault, told_hidden, too_many

#: The kinds of file that can be read so, by the ending of the name.
GRIDS = (".csv", ".txt", ".tsv", ".xlsx")
TREES = (".xml",)
#: The columns of the table as which a grid is handed on, before those of its cells.
PLACES = ("sheet", "row", "hidden", "first_day")
#: From which year a workbook counts days.
FROM_1900, FROM_1904 = "1900", "1904"
LEAF = ("tag", "where", "text")
PIECE = 1 << 15
#: A list holds names, so that it waits in memory and not on the disk while it is read.
LIST_LIMITS = LIMITS._replace(room=1 << 30)
#: How deep elements may lie in one another; the returns of the Department go down seven.
DEEPEST = 32
#: Separators that are tried, and by how many lines one is chosen.
SEPARATORS = ",;\t|"
TRIED_LINES = 60


#: A row as it is read: sheet, number, whether it is hidden, from when its workbook counts days, and its cells.
_Row = tuple[str, int, bool, str, list[str]]


@dataclass(frozen=True)
class GridRow:
    """One row of a sheet: its number as the program shows it (from 1), whether it is hidden, and its cells as text."""

    number: int
    hidden: bool
    cells: list[str]


@dataclass(frozen=True)
class Grid:
    """All rows of one sheet that hold anything; a CSV file is one sheet without a name.

    `serials` says whether a bare number can be a day as most spreadsheets count, from 1900; a few count from 1904.
    """

    sheet: str
    rows: list[GridRow]
    serials: bool = True


@dataclass(frozen=True)
class XmlText:
    """One element of an XML file that holds text: the path of its names, and which of its like each part of it is.

    `Message/Persons/Person` with (1, 1, 3) is the third person.
    """

    path: str
    where: tuple[int, ...]
    text: str


def grids_of(path: Path, limits: Limits = LIST_LIMITS) -> tuple[list[Grid], tuple[str, ...]]:
    """Return the sheets of a CSV file or workbook that show, and what is to be said of the file as a whole.

    Raises `PolicyError` where the file cannot be read, or is larger than `limits`.
    """
    kind = ".xlsx" if path.suffix.lower() == ".xlsx" else ".csv"
    table = ChunkedTable(path, f"grid{kind}", PIECE, limits, on_disk=False)
    found: dict[str, Grid] = {}
    for part in table.parts():
        columns = [part.cells[name].to_pylist() for name in table.headings]
        for sheet, number, hidden, first_day, *cells in zip(*columns, strict=True):
            grid = found.setdefault(sheet, Grid(sheet, [], first_day == FROM_1900))
            grid.rows.append(GridRow(int(number), hidden == "yes", [cell or "" for cell in cells]))
    return list(found.values()), table.notes


def leaves_of(path: Path, limits: Limits = LIST_LIMITS) -> Iterator[XmlText]:
    """Yield every element of an XML file that holds text, in the order of the file.

    Raises `PolicyError` where the file is not XML, brings definitions of its own, or is larger than `limits`.
    """
    table = ChunkedTable(path, "tree.xml", PIECE, limits, on_disk=False)
    for part in table.parts():
        columns = (part.cells[name].to_pylist() for name in LEAF)
        for tag, where, text in zip(*columns, strict=True):
            yield XmlText(tag, tuple(int(one) for one in where.split(".")), text or "")


# In the process that reads.


class CsvGrid:
    """A CSV file as a grid: UTF-8, UTF-16 or Windows-1252, whichever separator its lines are made with."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._text = decoded(file.read())
        self._separator = _separator(self._text)
        width = max((len(cells) for _, cells in self._lines()), default=0)
        if not width:
            raise fault("empty", "This file is empty.", "Export the list again.")
        if width > limits.columns:
            raise too_many("columns", limits.columns)
        self._width, self._limits = width, limits
        self.headings = [*PLACES, *(str(place) for place in range(width))]

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with the line of the file on which it begins."""
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._separator, strict=True)
        begins = 1
        try:
            for cells in reader:
                if not blank(cells):
                    yield begins, cells
                begins = reader.line_num + 1
        except csv.Error as error:
            said = f"Near line {reader.line_num}: a cell here is longer than any list needs, or is not closed."
            if "limit" not in str(error):  # What follows would be taken for one cell, and its pupils would be lost.
                said = f"In the row on line {begins} a quotation mark is never closed, or text follows the closed one."
            raise fault("not-csv", said, "Export the list again.") from None

    def parts(self, piece: int) -> Iterator[tuple[range, list[tuple[str, pa.Array]], dict[int, Fault]]]:
        """Yield the rows; see `reader.TableSource`."""
        rows = (("", line, False, FROM_1900, cells) for line, cells in self._lines())
        yield from _pieces(rows, self._width, piece, self._limits)

    def notes(self) -> Iterator[str]:
        """Yield nothing: what is to be said of a CSV file is said of its rows."""
        yield from ()


def decoded(data: bytes) -> str:
    """Return a file's text: in Unicode where it says so or is sound as UTF-8, and else in Windows-1252.

    Raises `PolicyError` where it is neither.

    >>> decoded("caf\u00e9".encode("cp1252")) == decoded("caf\u00e9".encode())
    True
    """
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    help = "Save it as 'CSV UTF-8 (comma delimited)'."
    raise fault("not-text", "This file is not a text in UTF-8, UTF-16 or Windows-1252.", help)


def _separator(text: str) -> str:
    """Return the separator by which most of the first lines have more than one cell, the widest where several do."""
    first = [line for line in text.split("\n", TRIED_LINES)[:TRIED_LINES] if line.strip()]
    widths = {one: sum(line.count(one) for line in first) for one in SEPARATORS}
    shared = {one: sum(one in line for line in first) for one in SEPARATORS}
    return max(SEPARATORS, key=lambda one: (shared[one], widths[one], -SEPARATORS.index(one)))


class WorkbookGrid:
    """A workbook as a grid: every sheet that shows, with rows numbered as the spreadsheet numbers them."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        from senpolicy.caseloads.files.workbook import opened_book

        self._limits = limits
        self._book, self._sheets = opened_book(file, limits)
        self._width = max((sheet.end[1] + 1 for sheet, _ in self._sheets if sheet.end), default=0)
        if not self._width and not any(checked.refuses for _, checked in self._sheets):
            raise fault("empty", "The sheets of this workbook that show are empty.", "Export the list again.")
        if self._width > limits.columns:
            raise too_many("columns", limits.columns)
        self.headings = [*PLACES, *(str(place) for place in range(self._width))]

    def _rows(self) -> Iterator[_Row]:
        from senpolicy.caseloads.files.workbook import excel_text

        for sheet, checked in self._sheets:
            left = sheet.start[1] if sheet.start else 0
            # calamine ends with the last row that holds a value, and a formula without one may be below it.
            last = max(checked.last, sheet.end[0] if sheet.end else 0)
            for number, values in zip(range(last + 1), chain(sheet.iter_rows(), repeat([])), strict=False):
                cells = [*[""] * left, *((excel_text(value) or "") for value in values)]
                said = checked.fault(number)
                if said:
                    raise fault(said[0], f"Sheet row {number + 1}: {said[1]}", said[2])
                if not checked.agrees(number, [cell or None for cell in cells]):
                    said = ("cell-not-read", f"Sheet row {number + 1}: a cell is filled in, and cannot be read.",
                            "Open the workbook in the spreadsheet and save it; write plain values.")  # fmt: skip
                    raise fault(*said)
                if not blank(cells):
                    begins = FROM_1904 if self._book.starts_1904 else FROM_1900
                    yield sheet.name, number + 1, number in checked.hidden_rows, begins, cells

    def parts(self, piece: int) -> Iterator[tuple[range, list[tuple[str, pa.Array]], dict[int, Fault]]]:
        """Yield the rows; see `reader.TableSource`."""
        yield from _pieces(self._rows(), self._width, piece, self._limits)

    def notes(self) -> Iterator[str]:
        """Yield that a bare number is not read as a day, where it would be another one, and what is hidden."""
        if self._book.starts_1904:
            yield "This workbook counts days from 1904. A day that is a bare number in it is not read."
        hidden = len(self._book.names) - len(self._sheets)
        if hidden:
            yield f"{hidden} hidden sheet{' was' if hidden == 1 else 's were'} not read."
        shown = [checked for _, checked in self._sheets]
        yield from told_hidden(sum(len(one.hidden_rows) for one in shown), sum(one.hidden_columns for one in shown))


def _pieces(
    rows: Iterator[_Row], width: int, piece: int, limits: Limits
) -> Iterator[tuple[range, list[tuple[str, pa.Array]], dict[int, Fault]]]:
    """Yield rows of cells as columns, a few thousand at a time; shorter rows are filled up with empty cells."""
    kept: list[list[str]] = []
    done = 0
    for number in count(1):
        row = next(rows, None)
        if row is not None:
            sheet, line, hidden, first_day, cells = row
            kept.append([sheet, str(line), "yes" if hidden else "", first_day, *cells, *[""] * (width - len(cells))])
        if number > limits.rows:
            raise too_many("rows", limits.rows)
        if kept and (row is None or len(kept) == piece):
            columns = [
                (str(place), pa.array(column, pa.string())) for place, column in enumerate(zip(*kept, strict=True))
            ]
            yield range(done + 1, done + 1 + len(kept)), columns, {}
            done, kept = done + len(kept), []
        if row is None:
            return


class XmlTexts:
    """An XML file as its leaves: elements that hold text and no others."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._file, self._limits = file, limits
        self.headings = list(LEAF)

    def parts(self, piece: int) -> Iterator[tuple[range, list[tuple[str, pa.Array]], dict[int, Fault]]]:
        """Yield the leaves; see `reader.TableSource`."""
        walk, done = _Walk(), 0
        try:
            while True:
                block = self._file.read(1 << 20)
                walk.parser.Parse(block, not block)
                if walk.found and (not block or len(walk.found) >= piece):
                    done += len(walk.found)
                    if done > self._limits.rows * 4:
                        raise too_many("rows", self._limits.rows)
                    columns = zip(*walk.found, strict=True)
                    rows = range(done - len(walk.found) + 1, done + 1)
                    yield rows, [(str(place), pa.array(one, pa.string())) for place, one in enumerate(columns)], {}
                    walk.found.clear()
                if not block:
                    break
        except expat.ExpatError as error:
            said = f"Near line {error.lineno}: this is not sound XML." if error.lineno else "This is not sound XML."
            raise fault("not-xml", said, "Export it again; a return is one whole XML file.") from None
        if not done:
            raise fault("empty", "Nothing is written in this XML file.", "Export it again.")

    def notes(self) -> Iterator[str]:
        """Yield nothing."""
        yield from ()


class _Walk:
    """Goes through an XML file and keeps each leaf: its path, which of its like each part is, and its text."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._begin, self._end
        self.parser.CharacterDataHandler = self._more
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._names: list[str] = []
        self._numbers: list[int] = []
        self._likes: list[dict[str, int]] = [{}]
        self._text: list[str] = []
        self._leaf = False

    def _refuse(self, *_: str | int | None) -> None:
        raise fault("not-xml", "This XML file brings definitions of its own, which no return does.", "Export it again.")

    def _begin(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        likes = self._likes[-1]
        likes[name] = likes.get(name, 0) + 1
        self._names.append(name)
        self._numbers.append(likes[name])
        if len(self._names) > DEEPEST:
            raise fault("not-xml", f"Elements of this file lie more than {DEEPEST} deep.", "Export it again.")
        self._likes.append({})
        self._text, self._leaf = [], True

    def _more(self, text: str) -> None:
        self._text.append(text)

    def _end(self, name: str) -> None:
        if self._leaf:
            text = "".join(self._text).strip()
            self.found.append(("/".join(self._names), ".".join(map(str, self._numbers)), text))
        self._names.pop()
        self._numbers.pop()
        self._likes.pop()
        self._text, self._leaf = [], False
