"""Which kinds of table are read, and what one may take meanwhile: rows, columns, memory, time and room on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from senpolicy.files.problems import WrongUse

SUFFIXES = (".csv", ".parquet", ".xlsx")


class Limits(NamedTuple):
    """The most that one table may have, and that the process which reads it may take.

    `rows` count from the first below the headings; `memory` is the address space of the process in bytes; `seconds` are
    those of the processor, and as many by the clock between one piece and the next; `room` is the size in bytes of what
    was read, as it waits on the disk or in memory.
    """

    rows: int = 5_000_000
    columns: int = 256
    memory: int = 3 << 30
    seconds: int = 300
    room: int = 8 << 30


#: For a caseload: three times the pupils of England who have special educational needs.
LIMITS = Limits()

#: How the name of a column ends, as it comes from the reader, that holds the days for which numbers may count.
DAY = "d"


def suffix_of(path: Path, what: str = "a caseload") -> str:
    """Return the kind of table that a file name says; raises `WrongUse` for any other, saying `what` it is not."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise WrongUse(f"'{path.name}' is not {what}. Use a name that ends in {', '.join(SUFFIXES)}.")
    return suffix
