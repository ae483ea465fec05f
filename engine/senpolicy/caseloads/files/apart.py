"""Reads a table in a process of its own, so that no file can take the memory, the time or the life of this one.

The process reads the file once, within `Limits`. It writes what it read, part by part, into a file without a name, and
tells line by line where each part is. A table can then be gone through as often as need be. Where the process dies,
or goes beyond a limit, that is a problem of the file.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import tempfile
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from senpolicy.caseloads.files.limits import DAY, LIMITS, Limits
from senpolicy.caseloads.files.readers import ForkedReader, Readers
from senpolicy.files.problems import Place, PolicyError, Problem, shown_name

READERS = Readers()


@dataclass(frozen=True)
class TableChunk:
    """Some rows of a table: their numbers, their cells by heading, and what is wrong with the shape of a row.

    `days` holds for a heading the cells that are days, where a number is meant for a day; `faults` a problem for the
    place of a row within the part.
    """

    rows: pa.Array
    cells: dict[str, pa.Array]
    days: dict[str, pa.Array]
    faults: dict[int, Problem]


class ChunkedTable:
    """A table that is read apart: `headings` are known at once, `parts` and `notes` as the reading goes on.

    `notes` are sentences about the file as a whole: what of it was not read, what is hidden, what looks alike.
    """

    def __init__(self, path: Path, suffix: str, piece: int, limits: Limits = LIMITS, *, on_disk: bool = True) -> None:
        """Begin to read a file of this kind in parts of `piece` rows at most; raises `PolicyError` for its faults.

        What was read waits on the disk, in a file without a name; or in memory alone, where the system can do that.
        """
        self.name, self._limits = shown_name(path), limits
        with _opened(path, self.name) as file:
            self._spool = _spool(on_disk)
            asked = json.dumps({"suffix": suffix, "piece": piece, "limits": limits})
            self._reader = READERS.read(asked, file.fileno(), self._spool.fileno())
        weakref.finalize(self, _let_go, self._reader, self._spool)
        self._places: list[tuple[int, int, dict[int, Problem]]] = []
        self._notes: tuple[str, ...] | None = None
        self._failed: PolicyError | None = None
        self._left, self._silent = b"", False
        self.headings: list[str] = self._said()["headings"]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the file as a whole; waits until all of it is read, and raises as `parts` does."""
        while self._notes is None:
            self._more()
        return self._notes

    def parts(self, only: list[str] | None = None) -> Iterator[TableChunk]:
        """Yield the rows in their order; `only` names the columns that are wanted.

        Raises `PolicyError` where the file is damaged further down, or goes beyond a limit.
        """
        number = 0
        while True:
            while number == len(self._places) and self._notes is None:
                self._more()
            if number == len(self._places):
                return
            at, size, faults = self._places[number]
            number += 1
            batch = pa.ipc.open_stream(self._read(at, size)).read_next_batch()
            cells: dict[str, pa.Array] = {}
            days: dict[str, pa.Array] = {}
            for name, column in zip(batch.schema.names[1:], batch.columns[1:], strict=True):
                heading = self.headings[int(name.removesuffix(DAY))]
                if heading and (only is None or heading in only):
                    (days if name.endswith(DAY) else cells)[heading] = column
            yield TableChunk(batch.column(0), cells, days, faults)

    def _read(self, at: int, size: int) -> pa.Buffer:
        found = bytearray()
        while len(found) < size:
            some = os.pread(self._spool.fileno(), size - len(found), at + len(found))
            if not found and len(some) == size:
                return pa.py_buffer(some)
            found += some
        return pa.py_buffer(bytes(found))

    def _more(self) -> None:
        """Take one more message of the reader: a part, or the end."""
        said = self._said()
        if "notes" in said:
            self._notes = tuple(said["notes"])
        else:
            faults = {place: self._problem(*words) for place, *words in said["faults"]}
            self._places.append((*said["part"], faults))

    def _said(self) -> dict[str, Any]:
        """Return the next message; raises `PolicyError` where it is a problem, or where none comes any more."""
        if self._failed is None:
            line = self._line()
            said: dict[str, Any] = json.loads(line) if line else {"problems": [_broken_off(self._late(), self._limits)]}
            if "problems" not in said:
                return said
            self._failed = PolicyError([self._problem(*words) for words in said["problems"]])
        raise self._failed

    def _late(self) -> bool:
        """Return whether the reader was ended because it takes too long."""
        return self._silent or self._reader.code() == -signal.SIGXCPU

    def _problem(self, row: int, code: str, message: str, help: str) -> Problem:
        return Problem(Place(self.name), code, message, help, row=row)

    def _line(self) -> bytes:
        """Return one line of the reader; an empty one where it has ended, or has been silent for too long."""
        found = [self._left]
        until = time.monotonic() + self._limits.seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._reader.output, selectors.EVENT_READ)
            while b"\n" not in found[-1]:
                if not selector.select(until - time.monotonic()):
                    self._silent = True
                    return b""
                if not (some := os.read(self._reader.output, 1 << 20)):
                    return b""
                found.append(some)
        line, _, self._left = b"".join(found).partition(b"\n")
        return line


def _spool(on_disk: bool) -> IO[bytes]:
    """Return the file to which what was read is written; it is closed with the table."""
    if on_disk or not hasattr(os, "memfd_create"):
        return tempfile.TemporaryFile()
    return os.fdopen(os.memfd_create("table"), "w+b")


def _opened(path: Path, name: str) -> IO[bytes]:
    try:
        # Without waiting: what is a pipe would otherwise wait for its writer.
        file = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")
    except IsADirectoryError:
        raise _no_file(name, "This is a folder, not a file.", "Name the file in it that holds the table.") from None
    except (OSError, ValueError) as error:
        said = "This file is not there." if isinstance(error, FileNotFoundError) else "This file cannot be read."
        raise _no_file(name, said, "Check its name and folder.") from None
    if not path.is_file():
        file.close()
        raise _no_file(name, "This is not a file on a disk.", "Save it as a file first.")
    return file


def _no_file(name: str, message: str, help: str) -> PolicyError:
    return PolicyError([Problem(Place(name), "no-file", message, help)])


def _broken_off(late: bool, limits: Limits) -> tuple[int, str, str, str]:
    """Return the row, code, message and help of a file whose reader has ended before the end."""
    if late:
        said = f"To read this file takes longer than {limits.seconds} seconds."
        return 0, "too-large", said, "Split the table, or save it again without what is not needed."
    said = "To read this file takes more memory than a table may take, or the file is damaged."
    return 0, "too-large", said, "Save it again with the table alone, or as CSV; split it if it is large."


def _let_go(reader: ForkedReader, spool: IO[bytes]) -> None:
    """End the reader, whatever it does, and close what it writes to."""
    reader.close()
    spool.close()
