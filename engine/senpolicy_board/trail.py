"""The audit trail: every view, score, change and closing, each entry chained to the one before it by a hash.

An entry holds who (an account's key), what, when, about what (the kind of row and its key) and a detail. Of a pupil it
holds seals only: digests of a secret salt and the content, which tell nothing once the salt is gone. The hash of an
entry is SHA-256 over the canonical JSON of all its fields and the hash before it; see `hash_of`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from senpolicy.files.digests import canonical as canonical_json
from senpolicy_board.tables import BoardCase, BoardOutcome, Meeting, Scoring, TrailEntry

#: What stands for the hash before the first entry.
START = "0" * 64
#: The number of the lock under which entries are appended, where the database has such locks.
_LOCK = 7_461_702


def canonical(content: Any) -> str:
    """Return plain data as JSON that is the same for the same content: keys sorted, no spaces, dates as ISO text."""
    return canonical_json(content, _plain).decode()


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not plain data")


def new_salt() -> str:
    """Return 32 random bytes as text."""
    return secrets.token_hex(32)


def seal(salt: str, content: Any) -> str:
    """Return "sha256:" and the digest of a salt and a content."""
    said = f"{salt}\n{canonical(content)}"
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def hash_of(seq: int, at: str, actor: str, action: str, subject: str, detail: str, previous: str) -> str:
    """Return the hash of an entry: SHA-256 over the canonical JSON list of its fields, in this order."""
    fields = [seq, at, actor, action, subject, detail, previous]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def append(db: Session, at: datetime, actor: str, action: str, subject: str, **detail: Any) -> TrailEntry:
    """Append one entry within the transaction of what it records, and return it.

    The transaction must be one that writes (`Store.writing`), so that no two entries continue the same one.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    db.flush()
    last = db.execute(select(TrailEntry.seq, TrailEntry.hash).order_by(TrailEntry.seq.desc()).limit(1)).one_or_none()
    seq, previous = (last[0] + 1, last[1]) if last else (1, START)
    moment, said = at.isoformat(timespec="microseconds"), canonical(detail)
    entry = TrailEntry(
        seq=seq, at=moment, actor=actor, action=action, subject=subject, detail=said, previous=previous,
        hash=hash_of(seq, moment, actor, action, subject, said, previous),
    )  # fmt: skip
    db.add(entry)
    db.flush()
    return entry


@dataclass(frozen=True)
class Verified:
    """What came of checking a trail: how many entries, the hash of the last, and what is wrong, in words."""

    entries: int
    head: str
    faults: tuple[str, ...]


def verify(entries: Iterable[TrailEntry], head: str | None = None) -> Verified:
    """Check the chain of entries, first to last; `head` is a hash that must be among them, from a closed record.

    Every fault is named by the number of its entry. An empty trail verifies.
    """
    faults: list[str] = []
    count, previous, met = 0, START, head is None or head == START
    for entry in entries:
        count += 1
        if entry.seq != count:
            faults.append(f"entry {entry.seq} stands where entry {count} should")
            count = entry.seq
        if entry.previous != previous:
            faults.append(f"entry {entry.seq} does not continue the entry before it")
        made = hash_of(
            entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.detail, entry.previous
        )  # fmt: skip
        if made != entry.hash:
            faults.append(f"entry {entry.seq} is not what was recorded")
        previous = entry.hash
        met = met or previous == head
    if not met:
        faults.append("the trail does not hold the entry whose hash was given: it has been cut short or replaced")
    return Verified(count, previous, tuple(faults))


def content_of(row: BoardCase | Scoring | BoardOutcome) -> dict[str, Any] | None:
    """Return what a row's seal is over, None once it has been removed."""
    if isinstance(row, BoardCase):
        if row.facts is None:
            return None
        return {"ref": row.ref, "decision_date": row.decision_date, "facts": row.facts, "groups": row.groups}
    if isinstance(row, Scoring):
        return None if row.ratings is None else {"ratings": row.ratings, "note": row.note}
    return row.content


def broken_seals(db: Session) -> list[str]:
    """Return in words each row whose content is not what was sealed, or whose seal the trail does not hold."""
    recorded: set[str] = set()
    for (detail,) in db.execute(select(TrailEntry.detail)):
        recorded |= _seals(detail)
    rows: list[BoardCase | Scoring | BoardOutcome] = [
        *db.scalars(select(BoardCase)),
        *db.scalars(select(Scoring).where(Scoring.confirmed_at.is_not(None))),
        *db.scalars(select(BoardOutcome)),
    ]
    closed = db.scalars(select(Meeting).where(Meeting.closed_at.is_not(None)))
    found = [f"meeting {one.key} is not what was closed" for one in closed if seal("", one.record) not in recorded]
    for row in rows:
        content, name = content_of(row), f"{row.__tablename__} {row.key}"
        if content is not None and (row.salt is None or seal(row.salt, content) != row.seal):
            found.append(f"{name} is not what was recorded")
        if row.seal not in recorded:
            found.append(f"{name} has a seal that the trail does not hold")
    return found


def _seals(said: str) -> set[str]:
    try:
        detail = json.loads(said)
    except (ValueError, RecursionError):  # That it was changed is for the chain to find.
        return set()
    if not isinstance(detail, dict):
        return set()
    found = {detail["seal"]} if isinstance(detail.get("seal"), str) else set()
    return found | {one for one in detail.get("seals", ()) if isinstance(one, str)}
