"""The proof on PostgreSQL: every column of every table, changed and emptied by a superuser, past all triggers."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Boolean, Connection, Date, Integer, text

from board_app import Running
from board_proof import full
from senpolicy_board import proof, trail
from senpolicy_board.tables import Base, Utc

pytestmark = pytest.mark.skipif(
    "SENPOLICY_BOARD_URL" not in os.environ, reason="it needs a PostgreSQL server, which make board-postgres starts"
)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = full(tmp_path_factory.mktemp("proof"))
    yield made
    made.store.close()
    made.owner.close()


def changes() -> Iterator[str]:
    """A statement for each way of changing each column, drawn from the schema: a new one is covered by itself."""
    for table in Base.metadata.sorted_tables:
        key = next(iter(table.primary_key)).name
        one = f'"{key}" = (SELECT MAX("{key}") FROM {table.name})'
        for column in table.columns:
            kind = column.type.impl if isinstance(column.type, Utc) else column.type
            name = f'"{column.name}"'
            if isinstance(kind, Boolean):
                other = f"NOT COALESCE({name}, false)"
            elif isinstance(kind, Integer):
                other = f"COALESCE({name}, 0) + 7001"
            elif isinstance(kind, Date):
                other = f"COALESCE({name}, '2026-01-01') + 1"
            elif isinstance(column.type, Utc):
                other = f"COALESCE({name}, '2026-01-01') + interval '1 second'"
            else:
                other = (
                    "'{\"x\": 1}'" if kind.__class__.__name__ == "JSON" else f"LEFT(COALESCE({name}, ''), 15) || 'x'"
                )
            yield f"UPDATE {table.name} SET {name} = {other} WHERE {one}"
            if column.nullable:
                yield f"UPDATE {table.name} SET {name} = NULL WHERE {name} IS NOT NULL"
        yield f"DELETE FROM {table.name} WHERE {one}"


def found(connection: Connection, head: str) -> tuple[str, ...]:
    return proof.prove(connection, head, lambda _: (), last=True).faults


def test_every_column_of_every_table_is_held_against_the_trail_on_postgresql(board: Running) -> None:
    missed, tried = [], 0
    with board.owner.reading() as db:
        last = trail.last(db)
    assert last
    for one in changes():
        with board.owner.engine.connect() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            if connection.execute(text(one)).rowcount and not found(connection, last[1]):
                missed.append(one)
            tried += 1
            connection.rollback()
    assert missed == []
    assert tried > 150
    with board.owner.engine.connect() as connection:
        assert found(connection, last[1]) == ()
