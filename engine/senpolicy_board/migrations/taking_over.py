"""What a migration writes into the trail of a board that is there already."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, inspect, select

from senpolicy_board import held
from senpolicy_board.images import image
from senpolicy_board.replay import CONTINUED, ROWS, TAKEN_OVER
from senpolicy_board.tables import TrailEntry, shapes
from senpolicy_board.trail import MOST_ROWS, fields_of


def take_over(connection: Connection) -> None:
    """Write the image of every row that there is into the trail; nothing where the board is new."""
    found = connection.execute(
        select(TrailEntry.seq, TrailEntry.hash).order_by(TrailEntry.seq.desc()).limit(1)
    ).one_or_none()
    if found is None:
        return
    last = (found[0], found[1])
    images = [
        (shape.table, row[shape.key], image(shape, row))
        for shape in shapes().values()
        if inspect(connection).has_table(shape.table)
        for row in held.rows(connection, shape)
    ]
    now, action = datetime.now(UTC), TAKEN_OVER
    for start in range(0, len(images), MOST_ROWS):
        fields = fields_of(last, now, "command", action, "board", {ROWS: images[start : start + MOST_ROWS]})
        connection.execute(insert(TrailEntry).values(**fields))
        last, action = (fields["seq"], fields["hash"]), CONTINUED
