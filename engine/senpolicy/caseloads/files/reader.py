"""The process that reads one table: `apart` starts it, and it knows nothing of any policy.

It limits itself first. Then it writes each part of the table into the file that it was handed, as a stream of Arrow of
its own, and one line of JSON to standard output for each: the headings, where a part is, the end, or the problems.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from senpolicy.caseloads.files.limits import Limits
from senpolicy.caseloads.files.rows import MOST_BYTES, Fault, Rows, blank, damaged, fault, too_many
from senpolicy.files.problems import PolicyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: No cell is needed beyond so many letters: what is longer is cut, and refused by whoever reads the cell.
LONGEST = 1_000
#: Rows from whose cells it is told which columns hold the same words again and again.
TRIED = 10_000


class TableSource(Protocol):
    """A table as it lies in its file."""

    headings: list[str]

    def parts(self, piece: int) -> Iterator[tuple[list[int] | range, list[tuple[str, pa.Array]], dict[int, Fault]]]:
        """Yield the numbers of rows, their columns by the place of the heading, and the faults by place."""

    def notes(self) -> Iterator[str]:
        """Yield what is to be said of the file once all of it is read."""


def main(asked: bytes, opened: int, kept: int) -> None:
    """Read the table that is asked for, and end; whatever goes wrong becomes a line of problems.

    `opened` and `kept` are the descriptors of the table's file, and of the one for what is read.
    """
    request = json.loads(asked)
    limits, kind = Limits(*request["limits"]), request["suffix"]
    _limit(limits)
    try:
        with os.fdopen(opened, "rb") as file, os.fdopen(kept, "wb") as spool:
            _read(_source(kind, file, limits), spool, request["piece"], limits)
    except PolicyError as error:
        _say(problems=[(one.row, one.code, one.message, one.help) for one in error.problems])
    except MemoryError:
        os._exit(1)  # As if it had died of it, which other libraries do.
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            said = "The disk is full, so that the table could not be read."
            _say(problems=[(0, "disk-full", said, "Make room for temporary files, or name another folder in TMPDIR.")])
        elif error.errno == errno.EFBIG:
            _say(problems=[(0, "too-large", "This table is larger than one may be.", "Split it.")])
        else:
            _say(problems=[(0, *damaged(kind))])
    except (Exception, pa.ArrowException):
        _say(problems=[(0, *damaged(kind))])
    sys.stdout.flush()
    os._exit(0)  # What was read need not be taken apart.


def _limit(limits: Limits) -> None:
    pa.set_memory_pool(pa.system_memory_pool())  # The others reserve more than they use.
    with suppress(ImportError):
        import resource

        for what, most, last in (
            (resource.RLIMIT_AS, limits.memory, limits.memory),
            (resource.RLIMIT_CPU, limits.seconds, limits.seconds + 5),  # At the last it is killed without a word.
            (resource.RLIMIT_FSIZE, limits.room, limits.room),
            (resource.RLIMIT_CORE, 0, 0),
        ):
            with suppress(ValueError, OSError):  # A lower limit is set already, or this system has none of the kind.
                resource.setrlimit(what, (most, last))


def _say(**said: Any) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _source(kind: str, file: IO[bytes], limits: Limits) -> TableSource:
    check_kind(kind.removeprefix("grid").removeprefix("tree"), file)
    if kind == ".csv":
        return Csv(file, limits)
    if kind == ".parquet":
        return Parquet(file, limits)
    from senpolicy.caseloads.files import grids, workbook  # A small CSV takes longer to import them than to read.

    if kind == "tree.xml":
        return grids.XmlTexts(file, limits)
    if kind == "grid.csv":
        return grids.CsvGrid(file, limits)
    return workbook.Workbook(file, limits) if kind == ".xlsx" else grids.WorkbookGrid(file, limits)


#: How files of other kinds begin.
_BEGINNINGS = {
    ".xlsx": (b"PK\x03\x04", b"PK\x05\x06"),
    ".parquet": (b"PAR1", b"PARE"),
    "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    "PDF": (b"%PDF",),
    ".xml": (b"<?xml",),
    "page": (b"<!DOCTYPE", b"<html", b"<HTML", b"<!doctype"),
}


def check_kind(kind: str, file: IO[bytes]) -> None:
    """Raise `PolicyError` where a file begins as one of another kind than its name says."""
    head = file.read(4096)
    file.seek(0)
    head = head.lstrip(b"\xef\xbb\xbf \r\n")
    begins = next((name for name, marks in _BEGINNINGS.items() if head.startswith(marks)), "")
    if begins in ("", kind):
        return
    code = damaged(kind)[0]
    if begins == "old":
        names = file.read(1 << 20)  # A folder of streams is in its first part, or in its last.
        file.seek(max(file.seek(0, os.SEEK_END) - (1 << 20), 0))
        if "EncryptedPackage".encode("utf-16-le") in names + file.read():
            raise fault(code, "This workbook is locked with a password.", "Save it again without the password.")
        help = "Save it as an Excel workbook (.xlsx)."
        raise fault(code, "This is an old Excel workbook (.xls), or a document of another program.", help)
    if begins in (".xlsx", ".parquet"):
        what = "an Excel workbook, or another archive" if begins == ".xlsx" else "a Parquet file"
        raise fault(code, f"This is {what} under another kind of name.", f"Give it a name that ends in {begins}.")
    said = "This is a PDF, not a table." if begins == "PDF" else "This is a web page or an XML file, not a table."
    raise fault(code, said, "Save the table itself, as .csv or .xlsx.")


def _read(source: TableSource, spool: IO[bytes], piece: int, limits: Limits) -> None:
    if len(source.headings) > limits.columns:
        raise too_many("columns", limits.columns)
    _say(headings=[normal(heading) for heading in source.headings])
    alike, last = SimilarReferences(), 0
    reference = source.headings.index("case_ref") if "case_ref" in source.headings else None
    for rows, columns, faults in source.parts(piece):
        last = rows[-1]
        if last > limits.rows:
            raise too_many("rows", limits.rows)
        plain = [(name, plain_column(column)) for name, column in columns]
        if reference is not None:
            alike.add(rows, next(column for name, column in plain if name == str(reference)))
        numbers = pa.array(np.asarray(rows, dtype=np.int64))
        batch = pa.record_batch([numbers, *(column for _, column in plain)], ["", *(name for name, _ in plain)])
        for few in cut(batch):
            at = spool.tell()
            with pa.ipc.new_stream(pa.PythonFile(spool, "w"), few.schema) as writer:
                writer.write_batch(few)
            spool.flush()
            _say(part=(at, spool.tell() - at), faults=_faults(faults, rows, few))
    _say(notes=[*source.notes(), *alike.notes()])


def _faults(faults: dict[int, Fault], rows: list[int] | range, batch: pa.RecordBatch) -> list[Any]:
    if not faults:
        return []
    at = rows.index(batch.column(0)[0].as_py())
    return [(place - at, rows[place], *said) for place, said in faults.items() if 0 <= place - at < batch.num_rows]


def cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield a batch in slices that take no more bytes than one part may, as far as rows allow."""
    slices = min(-(-batch.nbytes // (4 * MOST_BYTES)), batch.num_rows) or 1
    step = -(-batch.num_rows // slices)
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def normal(text: str) -> str:
    """Return text in the one form of Unicode in which names are compared (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def plain_column(column: pa.Array) -> pa.Array:
    """Return cells with texts in one form of Unicode (NFC), and none of them longer than any may be."""
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, plain_column(column.dictionary))
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    if (pc.max(pc.binary_length(column)).as_py() or 0) > LONGEST:
        column = pc.utf8_slice_codeunits(column, 0, LONGEST)
    return column if pc.all(pc.string_is_ascii(column)).as_py() is not False else pc.utf8_normalize(column, "NFC")


# References.


class SimilarReferences:
    """References that are the same but for capitals, the hyphen and 0 in front, such as K-1, k-1, K1 and K-01."""

    def __init__(self) -> None:
        self._taken: list[tuple[list[int] | range, pa.Array]] = []
        self._styles: set[Style] | None = None

    def add(self, rows: list[int] | range, refs: pa.Array) -> None:
        """Take the references of some rows."""
        if pa.types.is_dictionary(refs.type):
            refs = refs.dictionary_decode()
        if pa.types.is_string(refs.type) or pa.types.is_large_string(refs.type):
            refs = pc.fill_null(refs.cast(pa.string()), "")
            self._taken.append((rows, refs))
            self._styles = styles(refs) if self._styles is None else self._styles and self._styles & styles(refs)

    def notes(self) -> Iterator[str]:
        """Yield one sentence where two rows have references that are alike and not the same."""
        if not self._taken or self._styles:  # All are written in one style: what differs is not alike.
            return
        known = [(rows, keys(refs)) for rows, refs in self._taken]
        found = np.sort(np.concatenate([some for _, some in known]))
        following = found[1:]
        differ = (found[:-1] >> HOW == following >> HOW) & (found[:-1] != following)
        if not differ.any():
            return
        one = following[differ][0] >> HOW
        told = ", ".join(str(row) for rows, some in known for row in _where(rows, some, one)[:4])
        count = len(np.unique(following[differ] >> HOW))
        which = "The references" if count == 1 else f"{count} groups of references, such as those"
        said = f"{which} of rows {told} differ in nothing but capitals, a hyphen or a 0 in front."
        yield f"{said} If they are of one pupil, keep one row."


Style = tuple[str, int]
#: Of each byte what it is in a reference.
_SORTS = np.array([1 if 48 <= one <= 57 else 2 if 65 <= one <= 90 else 3 if 97 <= one <= 122 else 4 * (one == 45)
                   for one in range(256)], np.uint8)  # fmt: skip


def styles(refs: pa.Array) -> set[Style]:
    """Return each style in which all of these references are written: two of one style are the same or not alike.

    A style is how the letters are written and whether a hyphen follows, and either the length, or 0 where no figures
    have a 0 in front.
    """
    starts = np.frombuffer(refs.buffers()[1], np.int32)[refs.offset : refs.offset + len(refs) + 1]
    lengths, starts = np.diff(starts), starts[:-1]
    begins = re.match(r"[A-Za-z]{1,4}-?", refs[0].as_py())
    if not begins or lengths.min() <= begins.end():
        return set()
    text = _SORTS[np.frombuffer(refs.buffers()[2], np.uint8)]
    sorts = [text[starts + place] for place in range(begins.end() + 1)]
    if any((sort != sort[0]).any() for sort in sorts) or sorts[-1][0] != 1:
        return set()
    written = "".join(str(sort[0]) for sort in sorts)
    found = {(written, int(lengths[0]))} if (lengths == lengths[0]).all() else set()
    first = np.frombuffer(refs.buffers()[2], np.uint8)[starts + begins.end()]
    return found if ((first == 48) & (lengths > begins.end() + 1)).any() else found | {(written, 0)}


def _where(rows: list[int] | range, some: NDArray[np.uint64], one: np.uint64) -> list[int]:
    return [rows[place] for place in np.flatnonzero((some >> HOW == one) & (some != 0)).tolist()]


#: How many bits of a key say how a reference is written; the others say which it is.
HOW = np.uint64(9)


def keys(refs: pa.Array) -> NDArray[np.uint64]:
    """Return a number for each reference: which letters and which number, and how they are written; 0 for none.

    Two references have the same number where they are the same, and the same but for its last bits (`HOW`) where they
    are alike. One to four letters, an optional hyphen and one to eight figures are a reference.
    """
    length = pc.fill_null(pc.binary_length(refs), 0).to_numpy(zero_copy_only=False)
    short = pc.if_else(pc.and_(pc.greater(pc.binary_length(refs), 1), pc.less(pc.binary_length(refs), 14)), refs, "")
    bytes16 = pc.ascii_rpad(pc.fill_null(short, ""), 16).cast(pa.binary()).cast(pa.binary(16))
    letters = np.frombuffer(bytes16.buffers()[1], np.uint8).reshape(-1, 16)[:, :13].T.astype(np.uint64)
    which = np.zeros(len(refs), np.uint64)
    number, how, sound = which.copy(), which.copy(), (length > 1) & (length < 14)
    figures = np.zeros(len(refs), np.int8)
    state = np.zeros(len(refs), np.int8)  # In the letters, behind the hyphen, in the figures, behind the end.
    for place, one in enumerate(letters):
        small = (one >= 97) & (one <= 122)
        letter, figure = small | ((one >= 65) & (one <= 90)), (one >= 48) & (one <= 57)
        hyphen, end = (one == 45) & (state == 0) & (place > 0), (one == 32) & (place >= length)
        sound &= (letter & (state == 0) & (place < 4)) | hyphen | (figure & (state < 3) & (place > 0)) | end
        which = np.where(letter, which * 27 + (one & 31), which)
        number = np.where(figure, number * 10 + (one - 48), number)
        how |= (np.where(small & (place < 4), 1 << place, 0) | np.where(hyphen, 16, 0)).astype(np.uint64)
        figures += figure
        state = np.where(hyphen, 1, np.where(figure, 2, np.where(end, 3, state))).astype(np.int8)
    how |= length.astype(np.uint64) << np.uint64(5)
    sound &= (figures > 0) & (figures < 9)
    return np.where(sound, (which * np.uint64(10**8) + number) << HOW | how, 0).astype(np.uint64)


# The kinds of file.


class Csv(Rows):
    """A table as CSV: UTF-8, commas, headings in the first row that is not blank.

    The page's own reader of a list (publish/assets/list.js) keeps to the same rules: see tests/faulty/csv.
    """

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        super().__init__(limits)
        self._file = file
        with self._lines() as lines:
            first = next((cells for cells in lines if not blank(cells)), None)
        if first is None:
            raise fault("empty", "This file is empty.", "Write the headings, and the rows below them.")
        self.headings = [heading.strip() for heading in first]
        if len(self.headings) == 1 and re.search(r"[;\t|]", self.headings[0]):
            said = "The columns of this file are not separated by commas."
            raise fault("separator", said, "Save it as 'CSV UTF-8 (comma delimited)'.")

    @contextmanager
    def _lines(self) -> Iterator[Iterator[list[str]]]:
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        try:
            yield reader
        except UnicodeDecodeError:
            said = "This file is not written in UTF-8."
            raise fault("not-utf-8", said, "Save it as 'CSV UTF-8 (comma delimited)'.") from None
        except csv.Error as error:
            help = "Write each cell that has a comma or a quotation mark between quotation marks."
            said = "A quotation mark is opened here and never closed, or is in the middle of a cell."
            if "limit" in str(error):
                said = "A cell here is longer than any case needs."
            raise fault("not-csv", f"Near line {reader.line_num}: {said}", help) from None
        finally:
            text.detach()

    def cells(self) -> Iterator[list[str | None]]:
        """Yield each row below the headings."""
        with self._lines() as lines:
            next(cells for cells in lines if not blank(cells))
            yield from lines  # type: ignore[misc]

    def done(self) -> int:
        """Return about how many bytes of the file are read."""
        return self._file.tell()


class Parquet:
    """A table as Parquet; its columns may have types of their own."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self._file = file
        parquet = pq.ParquetFile(file)
        self._schema = parquet.schema_arrow
        self.headings = list(self._schema.names)
        if parquet.metadata.num_rows > limits.rows:
            raise too_many("rows", limits.rows)
        if len(self.headings) > limits.columns:
            raise too_many("columns", limits.columns)
        for number, one in enumerate(self._schema, 1):
            if not _is_plain(one.type):
                said = f"The cells of column {number} are lists, bytes or the like, not plain values."
                raise fault("not-plain-cells", said, "Write text, numbers, days, or true and false.")

    def parts(self, piece: int) -> Iterator[tuple[range, list[tuple[str, pa.Array]], dict[int, Fault]]]:
        """Yield the rows in their order; see `TableSource`."""
        done = 0
        try:
            for batch in pq.ParquetFile(self._file, read_dictionary=self._words()).iter_batches(piece):
                rows = range(done + 1, done + 1 + batch.num_rows)
                done += batch.num_rows
                if len(rows):
                    yield rows, [(str(place), column) for place, column in enumerate(batch.columns)], {}
        except (pa.ArrowInvalid, OSError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise fault(*damaged(".parquet", done)) from None

    def _words(self) -> list[str]:
        """Return the columns in which the same words are in many rows: they are read once each."""
        texts = [one.name for one in self._schema if pa.types.is_string(one.type)]
        tried = next(pq.ParquetFile(self._file).iter_batches(TRIED, columns=texts), None) if texts else None
        if tried is None or tried.num_rows < TRIED:
            return []
        return [name for name in texts if pc.count_distinct(tried[name]).as_py() * 20 < tried.num_rows]

    def notes(self) -> Iterator[str]:
        """Yield nothing: a file of Parquet has no more than its table."""
        yield from ()


def _is_plain(sort: pa.DataType) -> bool:
    if pa.types.is_dictionary(sort):
        return _is_plain(sort.value_type)
    kinds = (pa.types.is_nested, pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return (
        not any(kind(sort) for kind in kinds)
        and not pa.types.is_binary_view(sort)
        and not isinstance(sort, pa.BaseExtensionType)
    )
