"""What a migration writes into the trail of a board that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db.backends.base.base import BaseDatabaseWrapper

from senpolicy_board import held, schema
from senpolicy_board.images import Image, image
from senpolicy_board.replay import CONTINUED, ROWS, TAKEN_OVER, Key
from senpolicy_board.trail import FIELDS, MOST_ROWS, fields_of

Images = Sequence[tuple[str, Key, Image | None]]


def take_over(connection: BaseDatabaseWrapper, revision: str) -> None:
    """Write the image of every row that there is into the trail; nothing where the board is new."""
    if schema.one_of(connection, "SELECT MAX(seq) FROM trail") is None:
        return
    there = schema.tables_in(connection)
    shapes = [shape for name, shape in schema.shapes(revision).items() if name in there]
    images = ((one.table, row[one.key], image(one, row)) for one in shapes for row in held.rows(connection, one))
    write(connection, TAKEN_OVER, list(images))


def end_sessions(connection: BaseDatabaseWrapper) -> None:
    """End every session, with an entry that says so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM signed_in ORDER BY digest")
        found = [("signed_in", digest, None) for (digest,) in cursor.fetchall()]
        if found:
            cursor.execute("DELETE FROM signed_in")
            write(connection, "sessions ended", found)


def write(connection: BaseDatabaseWrapper, action: str, images: Images) -> None:
    """Write images of rows into the trail, in as many entries as they need; with none, nothing."""
    now, marks = datetime.now(UTC), ", ".join(["%s"] * len(FIELDS))
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash FROM trail ORDER BY seq DESC LIMIT 1")
        last = cursor.fetchone()
        for start in range(0, len(images), MOST_ROWS):
            fields = fields_of(last, now, "command", action, "board", {ROWS: images[start : start + MOST_ROWS]})
            cursor.execute(
                f"INSERT INTO trail ({', '.join(FIELDS)}) VALUES ({marks})", [fields[name] for name in FIELDS]
            )
            last, action = (fields["seq"], fields["hash"]), CONTINUED
