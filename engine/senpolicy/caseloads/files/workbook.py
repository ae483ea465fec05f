"""A table as the first visible sheet of an Excel workbook, headings in its first row.

The workbook's XML is gone through by a parser before anything of it is believed: it says which cells are filled, and
how. The values are calamine's. A cell that is filled and yet empty to the reader refuses its row.
"""

from __future__ import annotations

import math
import posixpath
import re
import zipfile
from array import array
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import IO, TYPE_CHECKING, Any
from xml.parsers import expat

import pyarrow as pa

from senpolicy.caseloads.files.cells import UNREADABLE
from senpolicy.caseloads.files.limits import DAY, Limits
from senpolicy.caseloads.files.rows import Fault, Rows, damaged, fault, told_hidden, too_many
from senpolicy.files.identifiers import found_in

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

#: A sheet of Excel has no more rows than these.
MOST_ROWS = 1 << 20
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
#: What in the format of a number means nothing but itself.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
Start = Callable[[dict[str, str]], None]


class Workbook(Rows):
    """The first sheet that shows of a workbook."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        super().__init__(limits)
        book, [(sheet, self._sheet)] = opened_book(file, limits, first=True)
        ranges = sheet.merged_cell_ranges or []
        self._book, self._rows = book, _from_the_left(sheet)
        first = next(self._rows, [])
        self.headings = ["" if heading is None else str(heading).strip() for heading in first]
        if not any(self.headings):
            said = "The first sheet that shows has no headings in its first row."
            raise fault("empty", said, "Put the caseload on the first sheet, headings first.")
        if self._sheet.fault(0):
            raise fault(*self._sheet.fault(0))  # type: ignore[misc]
        self._start = date(1904, 1, 1) if book.starts_1904 else date(1899, 12, 30)
        self._merged = {
            row
            for (top, left), (last, right) in ranges
            if any(self.headings[left : right + 1])
            for row in range(top, min(last, self._sheet.last) + 1)
        }
        self._unread: set[int] = set()
        self._recent: dict[int, list[Any]] = {}  # The values of the rows of the part that is being read.

    def cells(self) -> Iterator[list[str | None]]:
        """Yield each row below the headings, to the last that the XML fills.

        calamine ends with the last row that holds a value, and a formula without one may be below it. What calamine
        has below the last row that is filled is yielded too, and not believed.
        """
        read = 0
        for read, values in enumerate(self._rows, 1):
            yield self._cells(read, values)
        nothing = [None] * len(self.headings)
        for number in range(read + 1, self._sheet.last + 1):
            yield self._cells(number, nothing)

    def _cells(self, number: int, values: list[Any]) -> list[str | None]:
        cells = [excel_text(value) for value in values]
        if not self._sheet.agrees(number, cells):
            self._unread.add(number)
        self._recent[number] = values
        return cells

    def odd(self, number: int) -> Fault | None:
        """Return what is wrong with a row."""
        if number in self._merged:
            said = "A cell of this row is merged with others."
            return "merged-cells", said, "Take the cells apart, and fill in each."
        if number in self._unread and not self._sheet.fault(number):
            said = "A cell of this row is filled in, and cannot be read."
            return "cell-not-read", said, "Open the workbook in the spreadsheet and save it; write plain values."
        return self._sheet.fault(number)

    def days(self, kept: list[list[str | None]], numbers: list[int]) -> Iterator[tuple[str, pa.Array]]:
        """Yield for each column of numbers that may be days of Excel the days that they would be."""
        found = [self._recent[number] for number in numbers]
        self._recent = {}
        for place, heading in enumerate(self.headings):
            days = [self._day(values[place]) for values in found]
            if heading and any(days):
                yield f"{place}{DAY}", pa.array(days, pa.string())

    def _day(self, value: Any) -> str | None:
        """Return the day for which a plain number counts; below 2000 it is a year or a sum, and no day."""
        if type(value) not in (int, float) or not 0 <= value < 100_000 or value != int(value):
            return None
        day = self._start + timedelta(days=int(value))
        return day.isoformat() if day.year >= 2000 else None

    def notes(self) -> Iterator[str]:
        """Yield which sheet was read, and what is hidden in it."""
        yield from self._book.notes()
        yield from self._sheet.notes()


_PASSWORD = "Save it again without the password."


def opened_book(
    file: IO[bytes], limits: Limits, *, first: bool = False
) -> tuple[Book, list[tuple[CalamineSheet, Sheet]]]:
    """Return what a workbook says of itself, and its sheets that show, or the first of them: as calamine and as XML.

    Raises `PolicyError` where the file is not a workbook, is locked with a password, or is too large.
    """
    import python_calamine

    try:
        with zipfile.ZipFile(file) as archive:
            _check_kind(archive)
            book = Book(archive)
            wanted = book.all_shown[:1] if first else book.all_shown
            checked = [Sheet(archive, book, limits, number) for number in wanted]
        file.seek(0)
        read = python_calamine.CalamineWorkbook.from_filelike(file)
        if read.sheet_names != book.names:
            raise KeyError
        return book, [(read.get_sheet_by_index(number), one) for number, one in zip(wanted, checked, strict=True)]
    except python_calamine.PasswordError:
        raise fault("not-excel", "This workbook is locked with a password.", _PASSWORD) from None
    except (python_calamine.CalamineError, zipfile.BadZipFile, expat.ExpatError, LookupError, ValueError):
        raise fault(*damaged(".xlsx")) from None


def _from_the_left(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Yield the rows of a sheet from its first column on: calamine begins with the first that holds anything."""
    left = sheet.start[1] if sheet.start else 0
    for values in sheet.iter_rows():
        yield [None] * left + values


def excel_text(value: Any) -> str | None:
    """Return an Excel cell as text, None for an empty one; a number as its shortest decimal form.

    >>> excel_text(6000.01)
    '6000.01'
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return UNREADABLE
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if (value.hour, value.minute, value.second) == (0, 0, 0) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else UNREADABLE


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return
    help = "Save it as an Excel workbook (.xlsx)."
    if "xl/workbook.bin" in names:
        raise fault("not-excel", "This is a binary workbook (.xlsb).", help)
    if "mimetype" in names:
        raise fault("not-excel", "This is a document of OpenOffice or LibreOffice (.ods).", help)
    raise fault("not-excel", "This archive is not an Excel workbook.", help)


# What the XML says. Names of elements and attributes come as "address of the namespace, blank, name".


class _Handlers(dict[str, Any]):
    """What is done at each element, by its name as the parser gives it: looked up by its local name once."""

    def __init__(self, by_name: Mapping[str, Callable[..., None]]) -> None:
        self._by_name = by_name

    def __missing__(self, name: str) -> Callable[..., None]:
        self[name] = self._by_name.get(name.rpartition(" ")[2], _nothing_done)
        return self[name]  # type: ignore[no-any-return]


def _nothing_done(given: object = None) -> None:
    pass


def _walk(
    file: IO[bytes],
    starts: Mapping[str, Start],
    ends: Mapping[str, Callable[[], None]] | None = None,
    text: Callable[[str], None] | None = None,
    with_parser: Callable[[expat.XMLParserType], None] = _nothing_done,
) -> None:
    """Go through a part of a workbook; raises `ExpatError` where it is not XML, or brings definitions of its own."""
    parser = expat.ParserCreate(namespace_separator=" ")
    with_parser(parser)
    start, end = _Handlers(starts), _Handlers(ends or {})
    parser.StartElementHandler = lambda name, given: start[name](given)
    if ends:
        parser.EndElementHandler = lambda name: end[name]()
    if text:
        parser.CharacterDataHandler = text

    def refused(*_: object) -> None:
        raise expat.ExpatError("A document type, which no spreadsheet writes.")

    parser.StartDoctypeDeclHandler = refused
    parser.ParseFile(file)


class Book:
    """What a workbook says of itself: its sheets in their order, which is the first that shows, and how it counts days.

    `works_out` says that it asks the spreadsheet to work everything out when it opens it.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.names: list[str] = []
        self.starts_1904 = self.works_out = False
        self._hidden: list[bool] = []
        self._ids: list[str] = []
        with archive.open("xl/workbook.xml") as file:
            _walk(file, {"workbookPr": self._properties, "calcPr": self._working_out, "sheet": self._sheet})
        targets: dict[str, tuple[str, str]] = {}

        def relation(given: dict[str, str]) -> None:
            if given["Id"] in targets:
                raise KeyError
            targets[given["Id"]] = given["Target"], given["Type"].rpartition("/")[2]

        with archive.open("xl/_rels/workbook.xml.rels") as file:
            _walk(file, {"Relationship": relation})
        if len(set(self.names)) < len(self.names):
            raise KeyError
        sheets = [number for number, one in enumerate(self._ids) if targets[one][1] == "worksheet"]
        shown = [number for number in sheets if not self._hidden[number]]
        if not shown:
            raise fault("empty", "No sheet of this workbook shows.", "Let the sheet with the caseload show, and save.")
        self.shown, self.all_shown = shown[0], shown
        self._targets = {number: targets[self._ids[number]][0] for number in shown}

    def part(self, number: int) -> str:
        """Return the part of the archive that holds a sheet that shows."""
        return posixpath.normpath(posixpath.join("/xl", self._targets[number]))[1:]

    def _properties(self, given: dict[str, str]) -> None:
        said = given.get("date1904", "0")
        if said not in ("0", "false", "1", "true"):  # Each day would be another one, by four years.
            raise ValueError
        self.starts_1904 = _true(said)

    def _working_out(self, given: dict[str, str]) -> None:
        self.works_out = _true(given.get("fullCalcOnLoad")) or given.get("calcCompleted") in ("0", "false")

    def _sheet(self, given: dict[str, str]) -> None:
        self.names.append(given["name"])
        self._hidden.append(given.get("state", "visible") != "visible")
        self._ids.append(next(value for key, value in given.items() if key.endswith(" id")))

    def notes(self) -> Iterator[str]:
        """Yield which sheet was read, where there are more."""
        more = len(self.names) - 1
        if not more:
            return
        name = self.names[self.shown]
        told = f"sheet {self.shown + 1}" if any(found_in(name, "", frozenset(), frozenset())) else f"the sheet '{name}'"
        which = "the first sheet" if self.shown == 0 else f"{told}, the first that shows,"
        hidden = sum(self._hidden)
        told = f", {hidden} of them hidden" if hidden else ""
        yield f"Only {which} was read; the file has {more} more{told}."


def _true(said: str | None) -> bool:
    return said in ("1", "true")


def _no_size(size: str | None) -> bool:
    return size is not None and not size.strip("0.")


def _percents(archive: zipfile.ZipFile) -> set[str]:
    """Return the styles in which a number shows as a percentage."""
    formats, found = {"9", "10"}, set[str]()
    count, counting = 0, False

    def number_format(given: dict[str, str]) -> None:
        if "%" in _LITERAL.sub("", given.get("formatCode", "")):
            formats.add(given.get("numFmtId", ""))

    def style(given: dict[str, str]) -> None:
        nonlocal count
        if counting and given.get("numFmtId") in formats:
            found.add(str(count))
        count += counting

    def counted(given: dict[str, str] | None = None) -> None:
        nonlocal counting
        counting = given is not None

    if "xl/styles.xml" in archive.namelist():
        with archive.open("xl/styles.xml") as file:
            _walk(file, {"numFmt": number_format, "cellXfs": counted, "xf": style}, {"cellXfs": counted})
    return found


class Sheet:
    """What the XML of a sheet says of its cells; rows and columns are counted from 0.

    A row of many cells is kept as two numbers: in which columns a cell is filled, and in which one is there at all.
    """

    def __init__(self, archive: zipfile.ZipFile, book: Book, limits: Limits, number: int) -> None:
        self._works_out, self._percents = book.works_out, _percents(archive)
        self._limits, self.last = limits, 0
        self._filled, self._there = array("Q"), array("Q")
        self._wide: dict[int, tuple[int, int]] = {}
        self._faults: dict[int, Fault] = {}
        self.hidden_rows, self._hidden_columns = set[int](), set[int]()
        self._all_hidden = self._in_data = False
        self._anywhere = 0  # In which columns a cell is there in any row.
        self._arrays: list[tuple[int, int, int, int]] = []
        self._columns: dict[str, int] = {}  # By their letters.
        self._row = self._column = -1
        self._row_name, self._row_hides, self._row_filled, self._row_there = "", False, 0, 0
        self._cell: dict[str, str] | None = None
        self._formula, self._stored, self._value = False, False, ""
        self._text: list[str] | None = None
        # A stored value in pieces: where the next piece begins if nothing lies between, and whether something does.
        self._next, self._in_value, self._pieces = -1, False, False
        starts = {"c": self._begin_cell, "v": self._begin_value, "t": self._begin_text, "f": self._begin_formula,
                  "row": self._begin_row, "sheetData": self._begin_data, "col": self._see_column,
                  "sheetFormatPr": self._see_format}  # fmt: skip
        ends = {"c": self._end_cell, "v": self._end_value, "t": self._end_text, "row": self._end_row,
                "sheetData": self._end_data}  # fmt: skip
        with archive.open(book.part(number)) as file:
            _walk(file, starts, ends, self._more, self._with_parser)
        self._spread()

    def _with_parser(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        parser.StartCdataSectionHandler = self._section

    def fault(self, row: int) -> Fault | None:
        """Return what is wrong with the cells of a row, None where nothing is."""
        return self._faults.get(row)

    @property
    def refuses(self) -> bool:
        """Whether something is wrong with the cells of any row."""
        return bool(self._faults)

    def agrees(self, row: int, cells: list[str | None]) -> bool:
        """Return whether what calamine read of a row is what the XML fills in it."""
        filled, there = self._masks(row)
        empty = [place for place, cell in enumerate(cells) if cell is None]
        return len(cells) - len(empty) <= there.bit_count() and not any(filled >> place & 1 for place in empty)

    def notes(self) -> Iterator[str]:
        """Yield how much of what was read is hidden."""
        yield from told_hidden(len(self.hidden_rows), sum(self._masks(0)[1] >> one & 1 for one in self._hidden_columns))

    @property
    def hidden_columns(self) -> int:
        """How many columns are hidden that have a cell in any row."""
        return sum(self._anywhere >> column & 1 for column in self._hidden_columns)

    def _masks(self, row: int) -> tuple[int, int]:
        if row in self._wide:
            return self._wide[row]
        return (self._filled[row], self._there[row]) if row < len(self._filled) else (0, 0)

    def _see_column(self, given: dict[str, str]) -> None:
        if _true(given.get("hidden")) or _no_size(given.get("width")):
            last = min(int(given["max"]), self._limits.columns)
            self._hidden_columns.update(range(int(given["min"]) - 1, last))

    def _see_format(self, given: dict[str, str]) -> None:
        self._all_hidden = _true(given.get("zeroHeight"))

    def _begin_data(self, given: dict[str, str]) -> None:
        self._in_data = True

    def _end_data(self) -> None:
        self._in_data = False

    def _begin_row(self, given: dict[str, str]) -> None:
        if self._in_data:
            self._row = int(given["r"]) - 1 if "r" in given else self._row + 1
            if self._row < 0:
                raise ValueError
            self._row_name, self._column = str(self._row + 1), -1
            hides = _true(given.get("hidden")) if "hidden" in given else self._all_hidden
            self._row_hides = hides or _no_size(given.get("ht"))
            self._row_filled = self._row_there = 0

    def _begin_cell(self, given: dict[str, str]) -> None:
        if self._in_data:
            self._cell, self._formula, self._stored, self._value, self._pieces = given, False, False, "", False
            self._column = self._column_of(given["r"]) if "r" in given else self._column + 1

    def _column_of(self, place: str) -> int:
        """Return the column of a cell; raises ValueError where its place is none, or one of another row."""
        letters = place.removesuffix(self._row_name)
        if letters not in self._columns:
            row, column = _place(place)
            if row != self._row:
                raise ValueError
            self._columns[letters] = column
        return self._columns[letters]

    def _begin_formula(self, given: dict[str, str]) -> None:
        if self._cell is not None:
            self._formula = True
            if given.get("t") in ("array", "dataTable") and "ref" in given:
                begin, _, end = given["ref"].partition(":")
                self._arrays.append((*_place(begin), *_place(end or begin)))

    def _begin_text(self, given: dict[str, str]) -> None:
        if self._cell is not None:
            self._text = []

    def _begin_value(self, given: dict[str, str]) -> None:
        if self._cell is not None:
            self._text, self._next = [], -1
            self._stored = self._in_value = True

    def _more(self, text: str) -> None:
        if self._text is not None:
            if self._in_value:
                self._see_piece(len(text.encode()))
            self._text.append(text)

    def _see_piece(self, length: int) -> None:
        at = self._parser.CurrentByteIndex
        self._pieces |= self._next not in (-1, at) and self._cell is not None and self._cell.get("t") != "str"
        self._next = at + length

    def _section(self) -> None:
        self._pieces |= self._in_value

    def _end_value(self) -> None:
        if self._in_value:
            self._see_piece(0)
            self._in_value = False
        self._end_text()

    def _end_text(self) -> None:
        if self._text is not None:
            self._value, self._text = self._value + "".join(self._text), None

    def _end_cell(self) -> None:
        cell, self._cell = self._cell, None
        if cell is None:
            return
        kind, value, formula = cell.get("t", "n"), self._value, self._formula
        if not value and not formula and kind != "str":  # A text may be an empty one that was worked out.
            return
        if self._column >= self._limits.columns:
            raise too_many("columns", self._limits.columns)
        bit = 1 << self._column
        if self._row_there & bit:
            raise ValueError  # A cell that is there twice.
        self._row_there |= bit
        if value and kind != "s":  # Of a shared text only calamine knows whether it is an empty one.
            self._row_filled |= bit
        stored = value or (kind == "str" and self._stored)
        if kind == "e":
            self._refuse(_ERROR, cell)
        elif formula and (not stored or (self._works_out and _nothing(kind, value))):
            self._refuse(_NO_VALUE, cell)
        elif self._pieces:  # calamine reads the first piece alone: 9 of 9&#48;00.
            self._refuse(_PIECES, cell)
        elif kind == "n" and self._percents and cell.get("s") in self._percents:
            self._refuse(_PERCENT, cell)

    def _refuse(self, said: Fault, cell: dict[str, str]) -> None:
        where = f"cell {cell['r']}" if "r" in cell else "this row"
        self._faults.setdefault(self._row, (said[0], said[1].format(where), said[2]))

    def _end_row(self) -> None:
        row = self._row
        if not self._in_data or not self._row_there:
            return
        if row >= MOST_ROWS:
            raise ValueError
        if row > self._limits.rows:
            raise too_many("rows", self._limits.rows)
        self.last = max(self.last, row)
        self._anywhere |= self._row_there
        if self._row_hides:
            self.hidden_rows.add(row)
        filled, there = self._masks(row)
        if there:
            raise ValueError  # A row that is there twice.
        filled, there = self._row_filled, self._row_there
        if there >> 64:  # Rare, and kept by itself.
            self._wide[row] = filled, there
            return
        if row >= len(self._filled):
            more = array("Q", bytes(8 * (row + 1 - len(self._filled))))
            self._filled.extend(more)
            self._there.extend(more)
        self._filled[row], self._there[row] = filled, there

    def _spread(self) -> None:
        """Refuse the rows over which a formula spreads, where a cell of them has no value."""
        for top, left, bottom, right in self._arrays:
            for row in range(top, min(bottom, self.last) + 1):
                there = self._masks(row)[1]
                if not all(there >> column & 1 for column in range(left, min(right, self._limits.columns) + 1)):
                    self._faults.setdefault(row, (_NO_VALUE[0], _NO_VALUE[1].format("this row"), _NO_VALUE[2]))


_ERROR = (
    "error-cell",
    "The formula in {} gives an error, such as #N/A.",
    "Mend it, or empty the cell when it is not known.",
)
_NO_VALUE = (
    "formula-without-value",
    "The formula in {} has not been worked out.",
    "Open the workbook in the spreadsheet and save it, or write the value itself.",
)
_PIECES = (
    "cell-not-read",
    "The value in {} is written in pieces, and cannot be read for certain.",
    "Open the workbook in the spreadsheet and save it; write plain values.",
)
_PERCENT = ("percentage", "The number in {} is shown as a percentage.", "Write the number itself, and show it as one.")


def _nothing(kind: str, value: str) -> bool:
    """Return whether a stored value is what a program writes that works nothing out: 0, or an empty text."""
    try:
        return not value or (kind in ("n", "str") and Decimal(value) == 0)
    except InvalidOperation:
        return False


def _place(said: str) -> tuple[int, int]:
    """Return row and column of a cell's name, from 0; raises ValueError for anything else.

    >>> _place("A1"), _place("AB12")
    ((0, 0), (11, 27))
    """
    found = _PLACE.fullmatch(said)
    if not found:
        raise ValueError
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1
