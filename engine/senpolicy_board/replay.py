"""The replay of a trail: what every row of every table must be, and what a database holds otherwise.

It reads entries and rows as plain data, so it knows neither the web framework nor the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from senpolicy.files.digests import canonical
from senpolicy_board.images import SEALED, Cell, Image, Row, Shape, image, plain

#: Under this name the detail of an entry holds the rows that it changed: table, key, and image (None: deleted).
ROWS = "rows"
#: The entry by which a board whose trail was older wrote down every row that it held.
TAKEN_OVER = "taken over"
#: The entry that holds further rows of the one before it: an entry has a bounded length.
CONTINUED = "continued"

Key = int | str


@dataclass
class Rebuilt:
    """What a trail gives: of each table the image of each row by its key.

    `taken_over` is the number of the entry by which an older board's rows were written down, None where the trail was
    whole from its start; `taken` are those rows. `faults` name the entries whose rows cannot be read.
    """

    tables: dict[str, dict[Key, Image]] = field(default_factory=dict)
    taken_over: int | None = None
    taken: dict[str, dict[Key, Image]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    _taking: bool = False

    def add(self, seq: int, action: str, detail: str) -> None:
        """Take in the next entry of the trail."""
        if action == TAKEN_OVER:
            self.taken_over = seq
        self._taking = action == TAKEN_OVER or (self._taking and action == CONTINUED)
        if f'"{ROWS}":' not in detail:
            return
        try:
            changed = json.loads(detail).get(ROWS, [])
            for table, key, made in changed:
                rows = self.tables.setdefault(str(table), {})
                if made is None:
                    rows.pop(key, None)
                else:
                    rows[key] = dict(made)
                    if self._taking:
                        self.taken.setdefault(str(table), {})[key] = rows[key]
        except (ValueError, TypeError, AttributeError, RecursionError):
            self.faults.append(f"the rows that entry {seq} changed cannot be read")


def name_of(shape: Shape, key: Cell, row: Row) -> str:
    """Return how a row is named in a message: its table and its id for addresses, or its key; nothing of a pupil."""
    shown = row.get("key") if "key" in shape.columns and shape.key != "key" else key
    return f"{shape.table} {shown if isinstance(shown, int | str) else key}"


def differences(shape: Shape, given: Mapping[Key, Row], rows: Iterable[Row]) -> Iterator[str]:
    """Yield in words what the rows of a table hold that the trail does not give, and what it gives that they lack."""
    met = set[Key]()
    for row in rows:
        key = row[shape.key]
        name = name_of(shape, key, row)
        expected = given.get(key) if isinstance(key, int | str) else None
        if expected is None:
            yield f"{name}: the database holds this row, and the trail does not give it"
            continue
        met.add(key)
        try:
            held = image(shape, row)
            unlike = [one for one in {**expected, **held} if _told(expected.get(one)) != _told(held.get(one))]
        except (TypeError, ValueError):
            unread = [one for one in shape.columns if not _plain(row.get(one))]
            yield f"{name}: a value of this row cannot be read: {', '.join(unread)}"
            continue
        if unlike:
            yield f"{name}: the trail gives otherwise: {', '.join(_columns(shape, one) for one in sorted(unlike))}"
    for key, expected in given.items():
        if key not in met:
            yield f"{name_of(shape, key, expected)}: the trail gives this row, and the database does not hold it"


def _plain(value: Cell) -> bool:
    try:
        _told(plain(value)).encode()
    except (TypeError, ValueError):
        return False
    return True


def _told(value: Cell) -> str:
    # Not by ==: 1 and true are two values.
    return canonical(value).decode()


def _columns(shape: Shape, name: str) -> str:
    return name if name != SEALED else f"one of what is sealed ({', '.join(sorted(shape.sealed))})"
