"""A board's trail as a file, and the check of one: of a file, of a database's own file, or of a database by its URL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import Error

from senpolicy.files.problems import WrongUse
from senpolicy_board import proof, recording, schema, signing, trail
from senpolicy_board.store import Store, added, sqlite_settings
from senpolicy_board.tables import TrailEntry

_FIELDS = trail.FIELDS
_SQLITE = b"SQLite format 3\0"
_LONGEST = 20_000_000


def lines() -> Iterator[str]:
    """Yield each entry of a database's trail as a line of JSON, in order."""
    for entry in TrailEntry.objects.order_by("seq").values(*_FIELDS).iterator():
        yield json.dumps(entry, ensure_ascii=False) + "\n"


def verify(
    source: str, head: str | None = None, check: recording.Check | None = None, *, last: bool = False,
    key: Path | None = None,
) -> trail.Verified:  # fmt: skip
    """Check the trail of a file or a URL; `head` is a hash that must be among its entries: with `last`, the last one's.

    With `key`, the council's public key, `head` names the file of a head that it signed. Of a database every row is
    held against the trail, and its decision records are checked, by `check` where it is given. Nothing is written.
    Raises `WrongUse` where there is no trail, or one of a version that is not known, or no such key or head.
    """
    if key is None or head is None:
        if head is not None and head.endswith(".json"):
            raise WrongUse("A signed head is read with the council's public key. Name its file with --key.")
        return _verified(source, head, check, last=last)
    signed = signing.read(Path(head))
    signer, found = signed.signer(key), _verified(source, signed.hash, check, last=last)
    fault, note = "", f"the head of entry {signed.entry} is signed by the key {signer}"
    if signer is None:
        fault = f"the head of entry {signed.entry} is not signed by the key in '{key.name}', or was changed later"
    elif found.head_at not in (None, signed.entry):
        fault = f"the signed head names entry {signed.entry}, and its hash is that of entry {found.head_at}"
    if fault:
        return replace(found, faults=(fault, *found.faults))
    return replace(found, notes=(*found.notes, note), unseen=(*found.unseen, *signing.UNSEEN))


def _verified(source: str, head: str | None, check: recording.Check | None, *, last: bool) -> trail.Verified:
    if "://" in source:
        if not source.startswith("sqlite") or not source.partition(":///")[2]:
            return _of_url(source, head, check, last=last)
        source = source.partition(":///")[2]
    path = Path(source)
    if not path.is_file():
        raise WrongUse(f"There is no file '{path.name}'. Name a board's database, or what 'board trail' wrote.")
    if not path.stat().st_size:
        raise WrongUse(f"'{path.name}' is empty: it holds neither a board's database nor a trail.")
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            return _of_file(path, head, last=last)
    connection = _only_read(path)
    try:
        connection.ensure_connection()
        # Text that is not UTF-8 is read as something else than was recorded, so that its row is named.
        connection.connection.text_factory = lambda said: said.decode(errors="backslashreplace")
        found = proof.prove(connection, head, check, last=last)
        return replace(found, name=path.name, faults=(*_cut(connection, path), *found.faults))
    except (Error, sqlite3.Error, ValueError, OverflowError):
        raise WrongUse(f"'{path.name}' is not a database of a board, or is damaged.") from None
    finally:
        connection.close()


def _of_url(url: str, head: str | None, check: recording.Check | None, *, last: bool) -> trail.Verified:
    store = Store(url)
    try:
        return replace(proof.prove(store.connection, head, check, last=last), name="the database")
    except (Error, ImproperlyConfigured, ValueError):
        raise WrongUse("That database holds no board that can be read. Check its URL.") from None
    finally:
        store.close()


def _only_read(path: Path) -> BaseDatabaseWrapper:
    # Where nothing stands beside the file, nobody writes to it, and it may even lie where nothing can be written.
    alone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return connections[added(sqlite_settings(f"file:{quote(path.absolute().as_posix())}?mode=ro{alone}"))]


def _cut(connection: BaseDatabaseWrapper, path: Path) -> Iterator[str]:
    """Yield the fault of a file that is not as long as it says; one with a log beside it may be."""
    if not path.with_name(f"{path.name}-wal").exists():
        pages, size = (schema.one_of(connection, f"PRAGMA {one}") for one in ("page_count", "page_size"))
        if pages * size != path.stat().st_size:
            yield f"the file has {path.stat().st_size:,} bytes and says that it has {pages * size:,}: it has been cut"


def _of_file(path: Path, head: str | None, *, last: bool) -> trail.Verified:
    said: list[str] = []
    records: dict[str, int] = {}

    def entries() -> Iterator[trail.Entry]:
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

    found = trail.verify(entries(), head)
    faults = [*said, *found.faults, *proof.after_head(found, last=last)]
    unseen = (*proof.unseen(found, head), "nor are the rows of the database: this is its trail alone")
    return replace(found, faults=tuple(faults), records=records, unseen=unseen, name=path.name)


def _entry(data: Any) -> trail.Entry:
    if not isinstance(data, dict) or set(data) != set(_FIELDS):
        raise TypeError("other fields")
    if type(data["seq"]) is not int or not all(isinstance(data[name], str) for name in _FIELDS[1:]):
        raise TypeError("other types")
    return trail.Entry(**data)
