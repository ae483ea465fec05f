"""The proof of a board's database: its chain, its schema, every row by the replay of its trail, and its records.

What a check found is told; and what no check of the database alone can see is told too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from django.db.backends.base.base import BaseDatabaseWrapper

from senpolicy_board import held, recording, replay, schema, trail
from senpolicy_board.images import Cell, Image, Shape, image
from senpolicy_board.older import UNPROVED, Older

#: What a database cannot show by itself, whatever is in it.
WITHOUT_HEAD = (
    "no hash from outside was given (--head), so this does not show whether someone who can write to the database "
    "wrote the whole trail again and the rows with it",
    "nor whether entries at its end, such as views, that changed no row were cut off or added",
    "nor whether an older copy, or a copy without its log (board.db-wal), lies in the database's place",
)


@dataclass
class TrailReading:
    """A trail as it is read, entry by entry: what it gives, the seals and records that it names, and its older part."""

    rebuilt: replay.Rebuilt = field(default_factory=replay.Rebuilt)
    seals: set[str] = field(default_factory=set)
    records: dict[str, int] = field(default_factory=dict)
    older: Older = field(default_factory=Older)

    def add(self, entry: Cell) -> None:
        """Take in the next entry; that a detail was changed is for the chain to find, so a bad one gives nothing."""
        detail = str(entry.detail)
        self.rebuilt.add(entry.seq, str(entry.action), detail)
        try:
            said = json.loads(detail)
        except (ValueError, RecursionError):
            return
        if not isinstance(said, dict):
            return
        many = said.get("seals")
        seals = [one for one in (said.get("seal"), *(many if isinstance(many, list) else ())) if isinstance(one, str)]
        self.seals.update(seals, [f"{entry.subject} {one}" for one in seals])
        if isinstance(said.get("record"), str):
            self.records[said["record"]] = entry.seq
        # An older trail gives no row before it is taken over; in a newer one an entry may change none.
        if not self.rebuilt.tables:
            self.older.add(entry, said)


def prove(
    connection: BaseDatabaseWrapper, head: str | None = None, check: recording.Check | None = None, *,
    last: bool = False,
) -> trail.Verified:  # fmt: skip
    """Check a database of the board; it is only read. `last`: the head must be that of the last entry.

    Raises `WrongUse` where it is not a board's or of a version that is not known, Django's `Error` where it is damaged.
    """
    revision, read = schema.revision(connection), TrailReading()
    chain = trail.verify(_entries(connection, read), head)
    faults = [*chain.faults, *read.rebuilt.faults, *_damage(connection), *schema.changed_schema(connection, revision)]
    whole = revision >= schema.WHOLE or bool(read.rebuilt.tables)
    shapes = schema.shapes(revision)
    odd = sorted(set(read.rebuilt.tables) - set(shapes))
    faults += [f"the trail gives rows of the table {name[:60]}, which is not one of the board's" for name in odd]
    faults += _of_rows(connection, shapes, read, check, whole=whole)
    faults += after_head(chain, last=last)
    blind = (*unseen(chain, head), *_of_older(read, whole=whole))
    return replace(chain, faults=tuple(faults), unseen=blind, records=read.records, contents=True, whole=whole)


def after_head(chain: trail.Verified, *, last: bool) -> Iterator[str]:
    """Yield the fault of entries after the one whose hash was given, where it must be the last."""
    if last and chain.head_at is not None and chain.head_at != chain.entries:
        yield f"entry {chain.head_at + 1:,} came after the one whose hash was given, which must be the last"


def unseen(chain: trail.Verified, head: str | None) -> Iterator[str]:
    """Yield in words what the check of a chain does not show."""
    if head is None:
        yield from WITHOUT_HEAD
    elif chain.head_at is not None and chain.head_at < chain.entries:
        yield (
            f"the hash that was given is that of entry {chain.head_at:,}: of entries {chain.head_at + 1:,} to "
            f"{chain.entries:,}, and of rows that they changed, this does not show whether someone who can write to "
            "the database wrote them later; a later hash does"
        )


def _entries(connection: BaseDatabaseWrapper, read: TrailReading) -> Iterator[trail.Entry]:
    if "trail" not in schema.tables_in(connection):
        return  # The check of the schema says so.
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(trail.FIELDS)} FROM trail ORDER BY seq")
        for row in cursor:
            entry = trail.Entry(*row)
            read.add(entry)
            yield entry


def _damage(connection: BaseDatabaseWrapper) -> Iterator[str]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check(3)")
            yield from (f"the file is damaged: {one}" for (one,) in cursor.fetchall() if one != "ok")


def _of_rows(
    connection: BaseDatabaseWrapper, shapes: Mapping[str, Shape], read: TrailReading, check: recording.Check | None,
    *, whole: bool,
) -> Iterator[str]:  # fmt: skip
    """Yield what is wrong with the rows of every table. Each is read as often as it is needed, and none is kept."""
    present = schema.tables_in(connection)
    there = {name: shape for name, shape in shapes.items() if name in present}
    for name, shape in there.items() if whole else ():
        yield from replay.differences(shape, read.rebuilt.tables.get(name, {}), held.rows(connection, shape))
    for name in trail.SEALED_ROWS:
        if name in there:
            yield from trail.broken_seals(name, held.rows(connection, there[name]), read.seals)
    if "decision_record" in there and {"outcome", "board_case"} <= set(there):
        cases = {row["id"]: row for row in _some(connection, there["board_case"], "id", "ref", "removed_at")}
        outcomes = _some(connection, there["outcome"], "id", "case_id")
        of_outcome = {row["id"]: cases.get(row["case_id"], {}) for row in outcomes}
        yield from recording.faults(held.rows(connection, there["decision_record"]), of_outcome, read.records, check)
    if read.older.entries:
        taken = read.rebuilt.taken or {name: _images(connection, shape) for name, shape in there.items()}
        yield from read.older.faults(taken)


def _some(connection: BaseDatabaseWrapper, shape: Shape, *columns: str) -> Iterator[Image]:
    return held.rows(connection, Shape(shape.table, shape.key, columns, frozenset()))


def _images(connection: BaseDatabaseWrapper, shape: Shape) -> dict[replay.Key, Image]:
    found = {}
    for row in held.rows(connection, shape):
        with suppress(TypeError, ValueError):
            found[row[shape.key]] = image(shape, row)
    return found


def _of_older(read: TrailReading, *, whole: bool) -> Iterator[str]:
    """Yield in words what a trail that is older, or began as one, does not show."""
    taken = read.rebuilt.taken_over
    if not whole or taken is not None:
        until = (
            f"entry {taken:,}, which took over every row as it was then,"
            if taken
            else "the board is brought up to date"
        )
        yield (
            f"entries before {until} are of an older board, which did not write down every row. Not proved of that "
            f"time: {UNPROVED}"
        )
