"""The files of a caseload: CSV, Parquet and Excel, taken in pieces, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from senpolicy.caseloads.files.apart import ChunkedTable
from senpolicy.caseloads.files.limits import LIMITS, Limits, suffix_of
from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.language.conditions import FactType

#: How many rows are in memory at a time.
PIECE = 1 << 17
#: An Excel sheet has no more rows than these, the headings among them.
EXCEL_ROWS = 1 << 20
#: From this day on Excel counts days rightly: before it there is one that never was, and before 1900 none at all.
EXCEL_DAYS = date(1900, 3, 1)
#: Text that begins so is run as a formula by a spreadsheet that reads a CSV.
RUNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class RowBatch:
    """Some rows of a caseload: their numbers, their cells by column (null: empty), and rows that do not fit.

    `faults` gives for the place of a row within the piece what is wrong with the shape of it.
    """

    rows: NDArray[np.int64]
    columns: dict[str, pa.Array]
    faults: dict[int, Problem] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)


class Caseload(Protocol):
    """A caseload's file: its name, its headings, and its rows in pieces.

    Rows are counted from 1, below the headings. A row of CSV or Excel without any cell filled in, but for blanks, is
    passed over, and counted; `pieces` raises `PolicyError` where the file is damaged further down. `notes` say of the
    file as a whole what of it was not read, what is hidden in it, and which references are alike.
    """

    name: str
    headings: list[str]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the file as a whole."""

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[RowBatch]:
        """Yield the rows in their order; `only` names the columns that are wanted."""


def open_caseload(path: Path, limits: Limits = LIMITS) -> Caseload:
    """Return the caseload in a file. Raises `PolicyError` where the file is at fault, `WrongUse` for another kind."""
    return Brought(path, limits)


def fault(name: str, code: str, message: str, help: str, *, row: int = 0) -> PolicyError:
    """Return the error of a file that cannot be read."""
    return PolicyError([Problem(Place(name), code, message, help, row=row)])


class Brought:
    """A caseload as a person brings it, read in a process of its own; see `senpolicy.caseloads.files.apart`."""

    def __init__(self, path: Path, limits: Limits = LIMITS) -> None:
        self._table = ChunkedTable(path, suffix_of(path), PIECE, limits)
        self.name, self.headings = self._table.name, self._table.headings

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the file as a whole; waits until all of it is read."""
        return self._table.notes

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[RowBatch]:
        """Yield the rows in their order; see `Caseload`."""
        for part in self._table.parts(only):
            columns = part.cells | {
                name: pc.coalesce(days, part.cells[name])
                for name, days in part.days.items()
                if name in types and types[name].type == "date"
            }
            yield RowBatch(part.rows.to_numpy(), columns, part.faults)


# Writing.


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to that is at `path` when the block has ended well, and leaves nothing behind otherwise.

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
    """Writes CSV: text as it is, money with its two decimals, days as ISO dates."""

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
    """Writes an Excel sheet: text never as a formula, money as exact numbers, days as dates, as text before 1900."""

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
        elif isinstance(cell, date) and cell < EXCEL_DAYS:
            self._sheet.write_string(row, place, cell.isoformat())
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
