"""The audit trail: every view, score, change and closing, each entry chained to the one before it by a hash.

An entry holds who (an account's key), what, when, about what (the kind of row and its key) and a detail. The detail
holds the image of each row that the entry's transaction changed (`senpolicy_board.images`), so that the trail gives
every row of every table. Of a pupil it holds seals only: digests of a secret salt and the content, which tell nothing
once the salt is gone. The hash of an entry is SHA-256 over the canonical JSON of all its fields and the hash before it;
see `hash_of`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.signals import post_delete, post_save

from senpolicy.files.digests import canonical as canonical_json
from senpolicy_board.images import Cell, Image, Row, image
from senpolicy_board.replay import CONTINUED, ROWS, Key
from senpolicy_board.store import using
from senpolicy_board.tables import BoardCase, BoardOutcome, BoardRow, Scoring, TrailEntry, new_salt, shapes

__all__ = ["append", "new_salt", "seal", "verify"]

#: What stands for the hash before the first entry.
START = "0" * 64
#: The number of the lock under which entries are appended, where the database has such locks.
_LOCK = 7_461_702
#: How many rows one entry holds at most.
MOST_ROWS = 5_000


def canonical(content: Cell) -> str:
    """Return plain data as JSON that is the same for the same content: keys sorted, no spaces, dates as ISO text."""
    return canonical_json(content, _plain).decode()


def _plain(value: Cell) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not plain data")


def seal(salt: str, content: Cell) -> str:
    """Return "sha256:" and the digest of a salt and a content."""
    said = f"{salt}\n{canonical(content)}"
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def hash_of(seq: int, at: str, actor: str, action: str, subject: str, detail: str, previous: str) -> str:
    """Return the hash of an entry: SHA-256 over the canonical JSON list of its fields, in this order."""
    fields = [seq, at, actor, action, subject, detail, previous]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


class Entry(NamedTuple):
    """An entry as it is read: its number, and the rest as text."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    previous: str
    hash: str


#: The columns of an entry.
FIELDS = Entry._fields


def append(at: datetime, actor: str, action: str, subject: str, **detail: Cell) -> TrailEntry:
    """Append one entry within the transaction of what it records, and return it.

    It holds the image of every row that the transaction has changed since the entry before; where these are many, in
    further entries that continue it. The transaction must be one that writes (`Store.writing`), so that no two entries
    continue the same one.
    """
    connection = connections[using().alias]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
    images = _images()
    first, *more = [images[start : start + MOST_ROWS] for start in range(0, len(images), MOST_ROWS)] or [[]]
    entry = _entry(at, actor, action, subject, {**detail, **({ROWS: first} if first else {})})
    for rows in more:
        _entry(at, actor, CONTINUED, subject, {ROWS: rows})
    return entry


def _entry(at: datetime, actor: str, action: str, subject: str, detail: Row) -> TrailEntry:
    entry: TrailEntry = TrailEntry.objects.create(**fields_of(last(), at, actor, action, subject, detail))
    return entry


def last() -> tuple[int, str] | None:
    """Return the number and the hash of the last entry, None where there is none."""
    return TrailEntry.objects.order_by("-seq").values_list("seq", "hash").first()


def fields_of(
    before: tuple[int, str] | None, at: datetime, actor: str, action: str, subject: str, detail: Row
) -> Image:
    """Return the columns of the entry that continues the one with this number and hash; None: it is the first."""
    seq, previous = (before[0] + 1, before[1]) if before else (1, START)
    moment, said = at.isoformat(timespec="microseconds"), canonical(detail)
    return {
        "seq": seq, "at": moment, "actor": actor, "action": action, "subject": subject, "detail": said,
        "previous": previous, "hash": hash_of(seq, moment, actor, action, subject, said, previous),
    }  # fmt: skip


# What a transaction has changed, and no entry holds yet: by table and key the row, None once it is deleted.


def note_changes(sender: type[Model], instance: Model, **told: Cell) -> None:
    """Note a row that has been written or deleted, so that the next entry holds it. Django calls it for each.

    Raises RuntimeError outside of a transaction that writes.
    """
    if not isinstance(instance, BoardRow) or isinstance(instance, TrailEntry):
        return
    changed = using().changed
    if changed is None:
        raise RuntimeError("a row is only written in a transaction that writes")
    changed[instance._meta.db_table, instance.pk] = None if told["signal"] is post_delete else instance


post_save.connect(note_changes)
post_delete.connect(note_changes)


def add_all(rows: Sequence[BoardRow]) -> None:
    """Add many rows of one table in few statements; each is noted for the next entry as one that is saved is."""
    if rows:
        QuerySet[BoardRow](type(rows[0])).bulk_create(rows, batch_size=500)
    for row in rows:
        note_changes(type(row), row, signal=post_save)


def _images() -> list[tuple[str, Key, Image | None]]:
    known, found = shapes(), []
    changed = using().changed
    if changed is None:
        raise RuntimeError("an entry is only written in a transaction that writes")
    for (table, key), row in changed.items():
        shape = known[table]
        made = None if row is None else image(shape, {name: getattr(row, name) for name in shape.columns})
        found.append((table, key, made))
    changed.clear()
    return found


@dataclass(frozen=True)
class Verified:
    """What came of checking a trail: how many entries, the hash of the last, and what is wrong, the first break first.

    `head_at` is the number of the entry whose hash was given, None where none was or it is not there. `notes` tell of
    what is not a fault of the chain: a clock that ran backwards. `unseen` says what the check does not show; `records`
    are the digests of decision records that the trail names, each with the number of its entry. `contents` says that
    the database was at hand, and `whole` that every row was held against the trail, which an older one does not allow.
    `name` is that of what was checked.
    """

    entries: int
    head: str
    faults: tuple[str, ...]
    head_at: int | None = None
    notes: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    records: Mapping[str, int] = field(default_factory=dict)
    contents: bool = False
    whole: bool = False
    name: str = ""


def verify(entries: Iterable[Entry | TrailEntry], head: str | None = None) -> Verified:
    """Check the chain of entries, first to last; `head` is a hash that must be among them, from a closed record.

    Every fault is named by the number of its entry. An empty trail verifies.
    """
    faults, notes = list[str](), list[str]()
    count, previous, latest = 0, START, ""
    head_at = 0 if head == START else None
    for entry in entries:
        count += 1
        if type(entry.seq) is not int:
            faults.append(f"an entry near entry {count} has no number")
            continue
        if entry.seq != count:
            faults.append(f"entry {entry.seq} stands where entry {count} should")
            count = entry.seq
        if entry.previous != previous:
            faults.append(f"entry {entry.seq} does not continue the entry before it")
        if _made(entry) != entry.hash:
            faults.append(f"entry {entry.seq} is not what was recorded")
        if str(entry.at) < latest:
            notes.append(
                f"entry {entry.seq} is dated before the entry that it follows: the clock was set back, from "
                f"{latest[:19]} to {entry.at[:19]}"
            )
        latest = str(entry.at)
        previous = entry.hash
        head_at = count if previous == head else head_at
    if head is not None and head_at is None:
        faults.append(
            "the trail does not hold the entry whose hash was given: it has been cut short or written again, or an "
            "older copy lies in its place, or one without its log"
        )
    return Verified(count, previous, tuple(faults), head_at, tuple(notes))


def _made(entry: Entry | TrailEntry) -> str:
    try:
        return hash_of(entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.detail, entry.previous)
    except (TypeError, ValueError):  # A value that is not text.
        return ""


#: The tables whose rows have a seal of their own that the trail names.
SEALED_ROWS = ("board_case", "scoring", "outcome", "notice", "meeting")
#: Of which columns the seal of a row of each table is made.
_CONTENT = {"board_case": ("ref", "decision_date", "facts", "groups"), "scoring": ("ratings", "note")}


def content_in(table: str, row: Row) -> Cell:
    """Return what the seal of a row of a table is over, None once it has been removed."""
    if table not in _CONTENT:
        return row["body" if table == "notice" else "content"]
    names = _CONTENT[table]
    whole = {"board_case": "facts", "scoring": "ratings"}[table]
    return None if row[whole] is None else {name: row[name] for name in names}


def content_of(row: BoardCase | Scoring | BoardOutcome) -> Cell:
    """Return what a row's seal is over, None once it has been removed."""
    table = row._meta.db_table
    return content_in(table, {name: getattr(row, name) for name in _CONTENT.get(table, ("content",))})


def broken_seals(table: str, rows: Iterable[Row], recorded: Container[str]) -> Iterator[str]:
    """Yield in words each row whose content is not what was sealed, or whose seal the trail does not hold.

    `recorded` are the seals that the trail names, alone and behind the subject of their entry.
    """
    for row in rows:
        name = f"{table} {row['key']}"
        try:
            if table == "meeting":
                closed = row["closed_at"] is not None
                if closed and f"meeting:{row['key']} {seal('', row['record'])}" not in recorded:
                    yield f"{name} is not what was closed"
            elif table != "scoring" or row["confirmed_at"] is not None:
                content = content_in(table, row)
                if content is not None and (row["salt"] is None or seal(row["salt"], content) != row["seal"]):
                    yield f"{name} is not what was recorded"
                if row["seal"] not in recorded:
                    yield f"{name} has a seal that the trail does not hold"
        except (TypeError, ValueError):
            yield f"{name}: a value of this row cannot be read"
