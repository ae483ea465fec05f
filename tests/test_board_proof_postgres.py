"""The proof on PostgreSQL: every column of every table, changed and emptied by a superuser, past all triggers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, models, transaction

import test_board_runs as runs
from board_app import Running, execute, faults
from board_proof import full
from senpolicy_board import proof, trail
from senpolicy_board.store import Store
from senpolicy_board.tables import TABLES

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
    for name, table in TABLES.items():
        key = table._meta.pk.column
        one = f'"{key}" = (SELECT MAX("{key}") FROM {name})'
        for field in table._meta.concrete_fields:
            column, kind = f'"{field.column}"', field.target_field if field.remote_field else field
            if isinstance(kind, models.BooleanField):
                other = f"NOT COALESCE({column}, false)"
            elif isinstance(kind, models.IntegerField):
                other = f"COALESCE({column}, 0) + 7001"
            elif isinstance(kind, models.DateTimeField):
                other = f"COALESCE({column}, '2026-01-01') + interval '1 second'"
            elif isinstance(kind, models.DateField):
                other = f"COALESCE({column}, '2026-01-01') + 1"
            elif isinstance(kind, models.JSONField):
                other = "'{\"x\": 1}'"
            else:
                other = f"LEFT(COALESCE({column}, ''), 15) || 'x'"
            yield f"UPDATE {name} SET {column} = {other} WHERE {one}"
            if field.null:
                yield f"UPDATE {name} SET {column} = NULL WHERE {column} IS NOT NULL"
        yield f"DELETE FROM {name} WHERE {one}"


def found(owner: Store, head: str) -> tuple[str, ...]:
    return proof.prove(owner.connection, head, lambda _: (), last=True).faults


def test_a_board_that_the_program_before_django_made_is_proved_before_it_is_taken_over(board: Running) -> None:
    """It made JSON of PostgreSQL's other kind, which Django makes its own when it takes a board over."""
    owner = board.owner
    with owner.reading():
        last = trail.last()
    assert last
    with transaction.atomic(using=owner.alias), owner.connection.cursor() as cursor:
        for table, column in (("board_case", "facts"), ("scoring", "ratings"), ("meeting", "record")):
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE json USING {column}::json")
        assert found(owner, last[1]) == ()
        transaction.set_rollback(True, using=owner.alias)


def test_every_column_of_every_table_is_held_against_the_trail_on_postgresql(board: Running) -> None:
    missed, tried, owner = [], 0, board.owner
    with owner.reading():
        last = trail.last()
    assert last
    for one in changes():
        with transaction.atomic(using=owner.alias), owner.connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(one)
            if cursor.rowcount and not found(owner, last[1]):
                missed.append(one)
            tried += 1
            transaction.set_rollback(True, using=owner.alias)
    assert missed == []
    assert tried > 150
    assert found(owner, last[1]) == ()


def test_a_community_is_stopped_and_its_run_adjusted_on_postgresql(tmp_path: Path) -> None:
    made = runs.rated_low(tmp_path)
    made.app.board.policies = runs.stopping()
    runs.confirm(made)
    assert (runs.halt_of(made).seeds, runs.halt_of(made).apart) == (12, 200)
    runs.propose(made)
    for change in ("INSERT INTO halt_part (halt_id, kind, case_id) SELECT id, 'adjusted', 1 FROM halt",
                   "UPDATE halt SET community = 'Community 2'", "DELETE FROM halt"):  # fmt: skip
        with pytest.raises(DatabaseError, match=r"never"):
            execute(made.owner, change)
    assert runs.approve(made).status_code == 200
    with made.store.reading():
        assert runs.mapped(runs.case_of_now(runs.case_of(made, "RB-0001")), runs.stopping()).level == runs.TWO
    assert faults(made.store) == []
    made.store.close()
    made.owner.close()
