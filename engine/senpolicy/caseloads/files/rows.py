"""A table that is read row by row, whatever kind of file it is in, and the problems that each kind can have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from senpolicy.caseloads.files.limits import Limits
from senpolicy.files.problems import Place, PolicyError, Problem

#: A part is cut off where its cells take more bytes than these.
MOST_BYTES = 64 << 20

#: The code, the message and the help of a problem.
Fault = tuple[str, str, str]


def damaged(kind: str, row: int | None = None) -> Fault:
    """Return the problem of a file that cannot be read as what its name says."""
    known = {
        ".csv": ("not-csv", "This cannot be read as CSV.", "Save it again as 'CSV UTF-8 (comma delimited)'."),
        ".parquet": ("not-parquet", "This cannot be read as Parquet.", "Write it again."),
        ".xlsx": ("not-excel", "This cannot be read as an Excel workbook.", "Save it again as one (.xlsx)."),
        ".xml": ("not-xml", "This cannot be read as XML.", "Export it again; a return is one whole XML file."),
    }
    code, message, help = known[kind]
    return code, f"This file is damaged after row {row}." if row else message, help


def fault(code: str, message: str, help: str) -> PolicyError:
    """Return the error of a file that cannot be read; the name of the file is put in by whoever asked."""
    return PolicyError([Problem(Place(""), code, message, help)])


def too_many(what: str, most: int) -> PolicyError:
    """Return the error of a table with more rows or columns than one may have."""
    return fault("too-large", f"This table has more than {most:,} {what}.", f"Leave out {what} that are not needed.")


class Rows:
    """A file that is read row by row as plain cells: CSV and Excel.

    Rows are counted from 1, below the headings. A row without any cell filled in, but for blanks, is passed over, and
    counted.
    """

    headings: list[str]
    name: str

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def cells(self) -> Iterator[list[str | None]]:
        """Yield each row below the headings."""
        raise NotImplementedError

    def odd(self, number: int) -> Fault | None:
        """Return what is wrong with a row beyond the number of its cells."""

    def done(self) -> int:
        """Return about how many bytes of the file are read."""
        return 0

    def days(self, kept: list[list[str | None]], numbers: list[int]) -> Iterator[tuple[str, pa.Array]]:
        """Yield further columns, of days; see `senpolicy.caseloads.files.apart.Part`."""
        yield from ()

    def notes(self) -> Iterator[str]:
        """Yield what is to be said of the file once all of it is read."""
        yield from ()

    def parts(self, piece: int) -> Iterator[tuple[list[int], list[tuple[str, pa.Array]], dict[int, Fault]]]:
        """Yield the rows in their order; see `Source`."""
        numbers: list[int] = []  # Half a piece: cells as Python's own text take more room than a column.
        kept: list[list[str | None]] = []
        faults: dict[int, Fault] = {}
        begun = self.done()
        for number, cells in enumerate(self.cells(), 1):
            said = self.odd(number)
            if not said and blank(cells):
                continue
            said = said or self._misfit(cells)
            if said:
                faults[len(kept)] = said
                cells = [None] * len(self.headings)
            numbers.append(number)
            kept.append(cells[: len(self.headings)])
            if number > self.limits.rows:
                raise too_many("rows", self.limits.rows)
            if len(kept) == piece // 2 or (number % 16 == 0 and self.done() - begun > MOST_BYTES):
                yield numbers, self._columns(kept, numbers), faults
                numbers, kept, faults, begun = [], [], {}, self.done()
        if kept:
            yield numbers, self._columns(kept, numbers), faults

    def _columns(self, kept: list[list[str | None]], numbers: list[int]) -> list[tuple[str, pa.Array]]:
        columns = [(str(place), pa.array(cells, pa.string())) for place, cells in enumerate(zip(*kept, strict=True))]
        return [*(one for one in columns if self.headings[int(one[0])]), *self.days(kept, numbers)]

    def _misfit(self, cells: list[str | None]) -> Fault | None:
        wide = len(self.headings)
        if len(cells) < wide or any(cells[wide:]):
            said = f"This row has {len(cells)} cells, and there are {wide} headings."
            return "cells", said, "Look for a comma too many or too few, or a quotation mark that is not closed."
        if any(cell and not heading for cell, heading in zip(cells, self.headings, strict=False)):
            said = "A cell of this row is in a column that has no heading."
            return "cells", said, "Give the column its heading, or empty it."
        return None


def blank(cells: Iterable[str | None]) -> bool:
    """Return whether no cell of a row is filled in, but for blanks."""
    return not any(cell and not cell.isspace() for cell in cells)


def told_hidden(rows: int, columns: int) -> Iterator[str]:
    """Yield that so many hidden rows and columns were read, where there are any."""
    parts = [f"{n} hidden {what}{'' if n == 1 else 's'}" for n, what in ((rows, "row"), (columns, "column")) if n]
    if parts:
        yield f"{' and '.join(parts)} {'was' if rows + columns == 1 else 'were'} read like the others."
