"""The files of a caseload: CSV, Parquet and Excel, read in pieces, and written whole or not at all."""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from senpolicy.conditions import FactType
from senpolicy.problems import Place, PolicyError, Problem, WrongUse

SUFFIXES = (".csv", ".parquet", ".xlsx")
#: How many rows are in memory at a time.
PIECE = 1 << 17
#: An Excel sheet has no more rows than these, the headings among them.
EXCEL_ROWS = 1 << 20
#: Text that begins so is run as a formula by a spreadsheet that reads a CSV.
RUNS = ("=", "+", "-", "@", "\t", "\r")
UNREADABLE = "(not a plain value)"


def suffix_of(path: Path) -> str:
    """Return the kind of caseload that a file name says; raises `WrongUse` for any other."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise WrongUse(f"'{path.name}' is no caseload. Use a name that ends in {', '.join(SUFFIXES)}.")
    return suffix


@dataclass
class Piece:
    """Some rows of a caseload: their numbers, their cells by column (null: empty), and rows that do not fit.

    `faults` gives for the place of a row within the piece what is wrong with the shape of it.
    """

    rows: np.ndarray[Any, Any]
    columns: dict[str, pa.Array]
    faults: dict[int, Problem] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)


class Caseload(Protocol):
    """A caseload's file: its name, its headings, how many rows it is known to have, and its rows in pieces.

    Rows are counted from 1, below the headings. A row of CSV or Excel without any cell filled in, but for blanks, is
    passed over, and counted; `pieces` raises `PolicyError` where the file is damaged further down, or gone by then.
    """

    name: str
    headings: list[str]
    rows: int | None

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[Piece]:
        """Yield the rows in their order; `only` names the columns that are wanted."""


def open_caseload(path: Path) -> Caseload:
    """Return the caseload in a file. Raises `PolicyError` where the file is at fault, `WrongUse` for another kind."""
    kinds: dict[str, Callable[[Path], Caseload]] = {".csv": Csv, ".parquet": Parquet, ".xlsx": Excel}
    return kinds[suffix_of(path)](path)


def _opened(path: Path) -> IO[bytes]:
    """Return a file to read from; raises `PolicyError` where it is not there, at the first look or at a later one."""
    try:
        return path.open("rb")
    except OSError as error:
        said = "This file is not there." if isinstance(error, FileNotFoundError) else "This file cannot be read."
        raise fault(path.name, "no-file", said, "Check its name and folder.") from None


def unread(caseload: Caseload) -> str:
    """Return in words what of a caseload's file is not read at all; an empty text where there is nothing."""
    more = caseload.further_sheets if isinstance(caseload, Excel) else 0
    return f"Only the first sheet was read; the file has {more} more." if more else ""


def fault(name: str, code: str, message: str, help: str, *, row: int = 0) -> PolicyError:
    """Return the error of a file that cannot be read."""
    return PolicyError([Problem(Place(name), code, message, help, row=row)])


class _Rows:
    """A file that is read row by row as plain cells: CSV and Excel."""

    name: str
    headings: list[str]
    rows: int | None = None

    def cells(self, types: dict[str, FactType]) -> Iterator[list[str | None]]:
        """Yield each row below the headings."""
        raise NotImplementedError

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[Piece]:
        """Yield the rows in their order; see `Caseload`."""
        size = PIECE // 2  # Cells as Python's own text take more room than a column.
        numbers: list[int] = []
        kept: list[list[str | None]] = []
        faults: dict[int, Problem] = {}
        for number, cells in enumerate(self.cells(types), 1):
            if _blank(cells):
                continue
            said = self._misfit(cells, number)
            if said:
                faults[len(kept)] = said
                cells = [None] * len(self.headings)
            numbers.append(number)
            kept.append(cells[: len(self.headings)])
            if len(kept) == size:
                yield self._piece(numbers, kept, faults, only)
                numbers, kept, faults = [], [], {}
        if kept:
            yield self._piece(numbers, kept, faults, only)

    def _misfit(self, cells: list[str | None], number: int) -> Problem | None:
        wide = len(self.headings)
        if len(cells) < wide or any(cells[wide:]):
            said = f"This row has {len(cells)} cells, and there are {wide} headings."
            help = "Look for a comma too many or too few, or a quotation mark that is not closed."
            return Problem(Place(self.name), "cells", said, help, row=number)
        if any(cell and not heading for cell, heading in zip(cells, self.headings, strict=False)):
            said = "A cell of this row stands in a column that has no heading."
            return Problem(Place(self.name), "cells", said, "Give the column its heading, or empty it.", row=number)
        return None

    def _piece(
        self, numbers: list[int], kept: list[list[str | None]], faults: dict[int, Problem], only: list[str] | None
    ) -> Piece:
        columns = {}
        for heading, cells in zip(self.headings, zip(*kept, strict=True), strict=True):
            if heading and (only is None or heading in only):
                columns[heading] = pa.array(cells, pa.string())
        return Piece(np.array(numbers, dtype=np.int64), columns, faults)


def _blank(cells: Iterable[str | None]) -> bool:
    return not any(cell and not cell.isspace() for cell in cells)


class Csv(_Rows):
    """A caseload as CSV: UTF-8, commas, headings in the first row that is not blank.

    The page's own reader of a list (publish/assets/list.js) keeps to the same rules: see tests/faulty/csv.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        with self._lines() as lines:
            first = next((cells for cells in lines if not _blank(cells)), None)
        if first is None:
            raise fault(self.name, "empty", "This file holds nothing.", "Write the headings, and one row a case.")
        self.headings = [heading.strip() for heading in first]
        if len(self.headings) == 1 and re.search(r"[;\t|]", self.headings[0]):
            raise fault(
                self.name,
                "separator",
                "The columns of this file are not separated by commas.",
                "Save it as 'CSV UTF-8 (comma delimited)'.",
            )

    @contextmanager
    def _lines(self) -> Iterator[Iterator[list[str]]]:
        with _opened(self.path) as binary, io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            try:
                yield reader
            except UnicodeDecodeError:
                raise fault(
                    self.name,
                    "not-utf-8",
                    "This file is not written in UTF-8.",
                    "Save it as 'CSV UTF-8 (comma delimited)'.",
                ) from None
            except csv.Error as error:
                help = "Write each cell that has a comma or a quotation mark between quotation marks."
                said = "A quotation mark is opened here and never closed, or stands in the middle of a cell."
                if "limit" in str(error):
                    said = "A cell here is longer than any case needs."
                raise fault(self.name, "not-csv", f"Near line {reader.line_num}: {said}", help) from None

    def cells(self, types: dict[str, FactType]) -> Iterator[list[str | None]]:
        """Yield each row below the headings."""
        with self._lines() as lines:
            next(cells for cells in lines if not _blank(cells))
            yield from lines  # type: ignore[misc]


class Excel(_Rows):
    """A caseload as the first sheet of an Excel file, headings in its first row."""

    def __init__(self, path: Path) -> None:
        import python_calamine

        self.name = path.name
        _opened(path).close()
        try:
            book = python_calamine.CalamineWorkbook.from_path(str(path))
            sheet = book.get_sheet_by_index(0)
            self._values = sheet.to_python(skip_empty_area=False)
            self._starts_1904 = _starts_1904(path)
            self._errors: dict[int, set[int]] = {}
            for row, column in _error_cells(path):
                self._errors.setdefault(row, set()).add(column)
            ranges = sheet.merged_cell_ranges or []
        except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, KeyError):
            raise fault(
                self.name,
                "not-excel",
                "This cannot be read as an Excel file.",
                "Save it again as an Excel workbook (.xlsx), without a password.",
            ) from None
        if not self._values or not any(self._values[0]):
            raise fault(
                self.name,
                "empty",
                "The first sheet holds no headings in its first row.",
                "Put the caseload on the first sheet, headings first.",
            )
        self.headings = [str(heading).strip() for heading in self._values[0]]
        self.rows = len(self._values) - 1
        self._merged = {
            row
            for (top, left), (last, right) in ranges
            if any(self.headings[left : right + 1])
            for row in range(top, min(last, self.rows) + 1)
        }
        self.further_sheets = len(book.sheet_names) - 1

    def cells(self, types: dict[str, FactType]) -> Iterator[list[str | None]]:
        """Yield each row below the headings."""
        kinds = [types.get(heading) for heading in self.headings]
        first = date(1904, 1, 1) if self._starts_1904 else date(1899, 12, 30)
        for number, values in enumerate(self._values[1:], 1):
            cells = [excel_text(value, kind, first) for value, kind in zip(values, kinds, strict=True)]
            for column in self._errors.get(number, ()):
                if column < len(cells):
                    cells[column] = UNREADABLE  # It was read as an empty one.
            yield cells

    def _misfit(self, cells: list[str | None], number: int) -> Problem | None:
        said = help = code = ""
        if number in self._merged:
            code, said = "merged-cells", "A cell of this row is merged with others."
            help = "Take the cells apart, and fill in each."
        elif number in self._errors:
            code, said = "error-cell", "A formula in this row comes to an error, such as #N/A."
            help = "Mend it, or empty the cell when it is not known."
        return Problem(Place(self.name), code, said, help, row=number) if code else super()._misfit(cells, number)


_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*["']([^"']*)["']""")
_IS_ERROR = re.compile(rb"""\st=["']e["']""")


def _error_cells(path: Path) -> Iterator[tuple[int, int]]:
    """Yield row and column, from 0, of each cell of the first sheet that holds an error; calamine reads it as empty.

    Raises KeyError where the workbook does not say which of its parts that sheet is.
    """
    with zipfile.ZipFile(path) as archive:
        sheets = re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", archive.read("xl/workbook.xml"))
        named = {name.rpartition(b":")[2]: value for name, value in _ATTRIBUTE.findall(b"".join(sheets[:1]))}
        parts = re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", archive.read("xl/_rels/workbook.xml.rels"))
        targets = {part[b"Id"]: part[b"Target"] for part in (dict(_ATTRIBUTE.findall(part)) for part in parts)}
        target = targets[named[b"id"]].decode()
        with archive.open(target[1:] if target.startswith("/") else f"xl/{target}") as file:
            left = b""
            while chunk := file.read(1 << 20):
                text = left + chunk
                for found in _IS_ERROR.finditer(text):
                    tag = text[text.rfind(b"<", 0, found.start()) : text.find(b">", found.end())]
                    cell = re.match(rb"""<(?:\w+:)?c\s(?:.*\s)?r=["']([A-Z]{1,3})([0-9]{1,7})["']""", tag, re.S)
                    if cell:
                        yield int(cell[2]) - 1, _column(cell[1])
                left = text[max(text.rfind(b"<"), 0) :]


def _column(letters: bytes) -> int:
    """Return which column a sheet's letters name, from 0.

    >>> _column(b"A"), _column(b"AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _starts_1904(path: Path) -> bool:
    """Return whether the workbook counts its days from 1904, as old ones from a Mac do."""
    with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as file:
        return re.search(rb'date1904="(1|true)"', file.read(1_000_000)) is not None


def excel_text(value: Any, kind: FactType | None, first: date = date(1899, 12, 30)) -> str | None:
    """Return an Excel cell as the text of a case's field, None for an empty one.

    A number is read as its shortest decimal form; in a column of dates it is a serial day counted from `first`.

    >>> excel_text(6000.01, None)
    '6000.01'
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        whole = value == int(value)
        if kind and kind.type == "date" and whole and 61 <= value < 100_000:
            return (first + timedelta(days=int(value))).isoformat()
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if (value.hour, value.minute, value.second) == (0, 0, 0) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else UNREADABLE


class Parquet:
    """A caseload as Parquet; its columns may have types of their own."""

    def __init__(self, path: Path) -> None:
        self.name, self._path = path.name, path
        with _opened(path) as file:
            try:
                parquet = pq.ParquetFile(file)
            except (pa.ArrowInvalid, OSError):
                raise fault(self.name, "not-parquet", "This cannot be read as Parquet.", "Write it again.") from None
            self.headings = list(parquet.schema_arrow.names)
            self.rows = parquet.metadata.num_rows
            self._texts = [one.name for one in parquet.schema_arrow if pa.types.is_string(one.type)]

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[Piece]:
        """Yield the rows in their order; see `Caseload`."""
        done = 0
        # Words that stand in many rows are read once each.
        words = [name for name in self._texts if name in types and types[name].type != "money"]
        with _opened(self._path) as file:
            try:
                for batch in pq.ParquetFile(file, read_dictionary=words).iter_batches(PIECE, columns=only):
                    numbers = np.arange(done + 1, done + 1 + batch.num_rows, dtype=np.int64)
                    done += batch.num_rows
                    cells = (
                        one.cast(pa.string()) if pa.types.is_string_view(one.type) else one for one in batch.columns
                    )
                    yield Piece(numbers, dict(zip(batch.schema.names, cells, strict=True)))
            except (pa.ArrowInvalid, OSError) as error:
                raise fault(
                    self.name, "not-parquet", f"This file is damaged after row {done}.", "Write it again."
                ) from error


_PLAIN_TYPES = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_integer,
    pa.types.is_date32,
)


def as_text(column: pa.Array, kind: FactType | None) -> pa.Array:
    """Return cells of any type as the text of a case's field; an empty text is null."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    sort = column.type
    if pa.types.is_null(sort):
        return pa.nulls(len(column), pa.string())
    if pa.types.is_boolean(sort):
        return pc.if_else(column, "true", "false")
    if pa.types.is_floating(sort):
        text = pc.replace_substring_regex(column.cast(pa.string()), r"\.0$", "")
    elif pa.types.is_decimal(sort):
        money = kind is not None and kind.type == "money"
        zeros, kept = (r"(\.\d\d)0+$", r"\1") if money else (r"\.0+$", "")
        text = pc.replace_substring_regex(column.cast(pa.string()), zeros, kept)
    elif pa.types.is_timestamp(sort) or pa.types.is_date64(sort):
        text = pc.replace_substring_regex(column.cast(pa.string()), r"[ T]00:00:00(\.0+)?(Z|[+-]\d{4})?$", "")
    elif any(plain(sort) for plain in _PLAIN_TYPES):
        text = column.cast(pa.string())
    else:
        text = pc.if_else(pc.is_valid(column), UNREADABLE, None)
    if kind and kind.type == "boolean":  # Spreadsheets write TRUE, and some programs True.
        lower = pc.ascii_lower(text)
        text = pc.if_else(pc.is_in(lower, pa.array(["true", "false"])), lower, text)
    return pc.if_else(pc.equal(text, ""), None, text)


# Writing.


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to that stands at `path` when the block has ended well, and leaves nothing behind otherwise.

    The file has no name until then, where the file system can do that. Raises `PolicyError` in plain words when the
    disk is full or the folder cannot be written to.
    """
    try:
        with _unnamed(path) as (file, publish):
            yield file
            file.flush()
            os.fsync(file.fileno())
            publish()
    except OSError as error:
        raise _unwritten(path, error) from None


@contextmanager
def _unnamed(path: Path) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    folder = path.parent
    draft = Path(tempfile.mktemp(prefix=f".{path.name}.", suffix=".part", dir=folder))
    try:
        handle = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666)
    except (OSError, AttributeError) as error:
        if isinstance(error, OSError) and error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT):
            raise
        with draft.open("xb") as file:
            try:
                yield file, lambda: _into_place(draft, path)
            finally:
                draft.unlink(missing_ok=True)
        return
    with os.fdopen(handle, "wb") as file:

        def publish() -> None:
            # A file without a name can only be given one that is free; so it gets one for a moment, then its own.
            # A folder's handle has to be named for the link to be followed to the file itself (Python issue 37612).
            os.link(f"/proc/self/fd/{handle}", draft, src_dir_fd=handle, follow_symlinks=True)
            try:
                _into_place(draft, path)
            finally:
                draft.unlink(missing_ok=True)

        yield file, publish


def _into_place(draft: Path, path: Path) -> None:
    draft.replace(path)
    with suppress(OSError):  # The name itself is to outlast a power cut, where the file system can do that.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _unwritten(path: Path, error: Exception) -> PolicyError:
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT):
        return fault(path.name, "disk-full", "The disk is full; nothing was written.", "Make room, or write elsewhere.")
    if number == errno.EFBIG:
        said = "The file would be larger than is allowed here; nothing was written."
        return fault(path.name, "too-large", said, "Split the caseload, or write Parquet, which is smaller.")
    said = "This file cannot be written; nothing was written."
    return fault(path.name, "not-written", said, "Check that the folder is there and may be written to.")


class Writer(Protocol):
    """Takes tables one after the other."""

    def write(self, table: pa.Table) -> None:
        """Add the rows of a table; every table has the same columns."""

    def close(self) -> None:
        """Finish the file."""

    def abandon(self) -> None:
        """Let go of everything; after `close` there is nothing left to let go of."""


def writer(suffix: str, file: IO[bytes], schema: pa.Schema) -> Writer:
    """Return what writes tables of this schema to a file of this kind."""
    if suffix == ".parquet":
        return ParquetWriter(file, schema)
    return CsvWriter(file, schema) if suffix == ".csv" else ExcelWriter(file, schema)


def guarded(column: pa.Array) -> pa.Array:
    """Return text such that a spreadsheet takes no cell for a formula: one that begins like one gets a quotation mark.

    >>> guarded(pa.array(["=1+1", "K-1"])).to_pylist()
    ["'=1+1", 'K-1']
    """
    runs = pc.match_substring_regex(column, r"^[=+\-@\t\r]")
    return pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column)


class ParquetWriter:
    """Writes Parquet: words once each, statistics only where they help to find a row."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        words = [one.name for one in schema if pa.types.is_dictionary(one.type)]
        self._writer = pq.ParquetWriter(
            file, schema, compression="snappy", use_dictionary=words, write_statistics=["case_ref", "decision_date"]
        )

    def write(self, table: pa.Table) -> None:
        """Add the rows of a table."""
        self._writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()

    def abandon(self) -> None:
        """Let go of everything."""
        self._writer.close()


class CsvWriter:
    """Writes CSV: text as it stands, money with its two decimals, days as ISO dates."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._schema = pa.schema([(one.name, _plain(one.type)) for one in schema])
        options = pa.csv.WriteOptions(quoting_style="needed")
        self._writer = pa.csv.CSVWriter(file, self._schema, write_options=options)

    def write(self, table: pa.Table) -> None:
        """Add the rows of a table."""
        columns = []
        for column, sort in zip(table.columns, self._schema.types, strict=True):
            cells = column.combine_chunks()
            if pa.types.is_dictionary(cells.type):
                cells = pa.DictionaryArray.from_arrays(cells.indices, guarded(cells.dictionary)).dictionary_decode()
            elif pa.types.is_string(cells.type):
                cells = guarded(cells)
            columns.append(cells.cast(sort))
        self._writer.write(pa.table(columns, self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()

    def abandon(self) -> None:
        """Let go of everything."""
        self._writer.close()


def _plain(sort: pa.DataType) -> pa.DataType:
    return sort.value_type if pa.types.is_dictionary(sort) else sort


class ExcelWriter:
    """Writes an Excel sheet: text never as a formula, money as exact numbers, days as dates."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        import xlsxwriter

        self._folder = tempfile.TemporaryDirectory(prefix="senpolicy-")
        options = {
            "constant_memory": True,
            "tmpdir": self._folder.name,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        # Put together in that folder, and then copied: half of an archive is a file that cannot be closed in order.
        self._file, self._archive = file, Path(self._folder.name) / "sheet.xlsx"
        self._book = xlsxwriter.Workbook(str(self._archive), options)
        self._sheet = self._book.add_worksheet("decided")
        self._formats = {
            "text": None,
            "quoted": self._book.add_format({"quote_prefix": True}),
            "money": self._book.add_format({"num_format": "0.00"}),
            "share": self._book.add_format({"num_format": "0.00####"}),
            "day": self._book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        heading = self._book.add_format({"bold": True})
        for place, name in enumerate(schema.names):
            self._sheet.write_string(0, place, name, heading)
        self._sheet.freeze_panes(1, 1)
        self._row = 1

    def write(self, table: pa.Table) -> None:
        """Add the rows of a table."""
        if self._row + table.num_rows > EXCEL_ROWS:
            raise fault(
                "",
                "too-many-rows",
                f"An Excel sheet has no room for more than {EXCEL_ROWS - 1} rows.",
                "Write CSV or Parquet.",
            )
        for cells in zip(*(column.to_pylist() for column in table.columns), strict=True):
            for place, cell in enumerate(cells):
                self._cell(self._row, place, cell)
            self._row += 1

    def _cell(self, row: int, place: int, cell: Any) -> None:
        if cell is None:
            return
        if isinstance(cell, str):
            self._sheet.write_string(row, place, cell, self._formats["quoted" if cell.startswith(RUNS) else "text"])
        elif isinstance(cell, bool):
            self._sheet.write_boolean(row, place, cell)
        elif isinstance(cell, date):
            self._sheet.write_datetime(row, place, cell, self._formats["day"])
        elif isinstance(cell, Decimal):
            self._sheet.write_number(
                row, place, cell, self._formats["money" if cell.as_tuple().exponent == -2 else "share"]
            )
        else:
            self._sheet.write_number(row, place, cell)

    def close(self) -> None:
        """Finish the file."""
        self._sheet.autofilter(0, 0, max(self._row - 1, 1), max(self._sheet.dim_colmax or 0, 0))
        from xlsxwriter.exceptions import FileCreateError

        try:
            self._book.close()
        except FileCreateError as error:
            raise (error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error))) from None
        with self._archive.open("rb") as archive:
            shutil.copyfileobj(archive, self._file)
        self._folder.cleanup()

    def abandon(self) -> None:
        """Let go of everything."""
        if self._sheet.row_data_fh:
            self._sheet.row_data_fh.close()
        self._folder.cleanup()
