"""A board's trail as a file, and the check of one: of a file, of a database's own file, or of a database by its URL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from senpolicy.files.problems import WrongUse
from senpolicy_board import recording, trail
from senpolicy_board.store import Store
from senpolicy_board.tables import TrailEntry

_FIELDS = ("seq", "at", "actor", "action", "subject", "detail", "previous", "hash")
_SQLITE = b"SQLite format 3\0"
_LONGEST = 20_000_000


@dataclass(frozen=True)
class TrailCheck:
    """What a check found: the entries, the hash of the last, and what is wrong, the first break first.

    `contents` says that the database was at hand, so that what it keeps could be held against its seals. `records` are
    the digests of decision records that the trail names, each with the number of its entry.
    """

    name: str
    entries: int
    head: str
    faults: tuple[str, ...]
    contents: bool
    records: Mapping[str, int]


def lines(db: Session) -> Iterator[str]:
    """Yield each entry of a database's trail as a line of JSON, in order."""
    for entry in db.scalars(select(TrailEntry).order_by(TrailEntry.seq)).yield_per(1000):
        yield json.dumps({name: getattr(entry, name) for name in _FIELDS}, ensure_ascii=False) + "\n"


def verify(source: str, head: str | None = None, check: recording.Check | None = None) -> TrailCheck:
    """Check the trail of a file or a URL; `head` is a hash that must be among its entries.

    Of a database the seals of what it keeps are checked too, and its decision records, by `check` where it is given.
    Nothing is written, and a database is only read. Raises `WrongUse` where there is no trail.
    """
    if "://" in source:
        store = Store(source)
        try:
            with store.reading() as db:
                return _of_database(db, "the database", head, check)
        except SQLAlchemyError:
            raise WrongUse("That database holds no board that can be read. Check its URL.") from None
        finally:
            store.close()
    path = Path(source)
    if not path.is_file():
        raise WrongUse(f"There is no file '{path.name}'. Name a board's database, or what 'board trail' wrote.")
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            return _of_file(path, head)
    # Where nothing stands beside the file, nobody writes to it, and it may even lie where nothing can be written.
    alone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    engine = create_engine(f"sqlite:///file:{path.absolute().as_posix()}?mode=ro{alone}&uri=true")
    try:
        with Session(engine) as db:
            return _of_database(db, path.name, head, check)
    except (SQLAlchemyError, ValueError):
        raise WrongUse(f"'{path.name}' is no database of a board, or is damaged.") from None
    finally:
        engine.dispose()


def _of_database(db: Session, name: str, head: str | None, check: recording.Check | None) -> TrailCheck:
    found = trail.verify(db.scalars(select(TrailEntry).order_by(TrailEntry.seq)).yield_per(1000), head)
    faults = (*found.faults, *trail.broken_seals(db), *recording.faults(db, check))
    return TrailCheck(name, found.entries, found.head, faults, True, recording.named(db))


def _of_file(path: Path, head: str | None) -> TrailCheck:
    said: list[str] = []
    records: dict[str, int] = {}

    def entries() -> Iterator[TrailEntry]:
        with path.open(encoding="utf-8") as file:
            number = 0
            while True:
                number += 1
                try:
                    line = file.readline(_LONGEST)
                    if not line:
                        return
                    entry = _entry(json.loads(line))
                    records.update(recording.digest_in(entry.seq, entry.detail))
                    yield entry
                except (ValueError, TypeError, KeyError, RecursionError):
                    said.append(f"line {number} is not an entry of a trail; what follows was not checked")
                    return

    found = trail.verify(entries(), None if head is None else head)
    return TrailCheck(path.name, found.entries, found.head, (*said, *found.faults), False, records)


def _entry(data: Any) -> TrailEntry:
    if not isinstance(data, dict) or set(data) != set(_FIELDS):
        raise TypeError("other fields")
    if type(data["seq"]) is not int or not all(isinstance(data[name], str) for name in _FIELDS[1:]):
        raise TypeError("other types")
    return TrailEntry(**data)
