"""What the trail writes down of a row: an image, by which the row can be checked, and that tells nothing of a pupil.

Ids, times, states and whose a row is are written as they are. Columns that hold a pupil's facts, free words or a secret
are sealed together: one digest over the row's salt and what they hold. Once retention has emptied them and the salt,
the digest tells nothing. Nothing here knows the web framework or the database: a row is a mapping of its columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from senpolicy.files.digests import canonical

#: Under this name an image holds the seal of the columns that are sealed; None: they are empty.
SEALED = "sealed"
#: The column that holds the salt of a row; a table without one seals only what nobody can guess.
SALT = "salt"


#: A row by its columns, and what a column holds.
Cell: TypeAlias = Any
Row: TypeAlias = Mapping[str, Cell]
#: What the trail writes down of a row.
Image: TypeAlias = dict[str, Cell]


@dataclass(frozen=True)
class Shape:
    """A table: its name, its columns, which of them is its key, and which are sealed."""

    table: str
    key: str
    columns: tuple[str, ...]
    sealed: frozenset[str]


def plain(value: Cell) -> Cell:
    """Return a value as JSON holds it: moments in UTC to the microsecond, days as ISO text, others as they are."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def image(shape: Shape, row: Row) -> Image:
    """Return the image of a row. A column that the row lacks is one that is empty.

    Raises TypeError or ValueError where a value is not plain data.
    """
    held = {name: plain(row.get(name)) for name in shape.columns}
    made = {name: value for name, value in held.items() if name not in shape.sealed and value is not None}
    if shape.sealed:
        made[SEALED] = _seal(shape, held)
    return made


def _seal(shape: Shape, held: Row) -> str | None:
    content = {name: held[name] for name in shape.sealed if name != SALT and held[name] is not None}
    salt = held.get(SALT)
    if not content and salt is None:
        return None
    # The table and the key are in it, so that nothing of two rows can be exchanged with its seal.
    said = canonical([salt or "", shape.table, held[shape.key], content])
    return f"sha256:{hashlib.sha256(said).hexdigest()}"
