"""Triggers by which the database itself refuses what would undo the record, in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alembic import op

#: What is refused: a name, the table, what is done to it, when (by the row before and after), and the message.
Refused = tuple[str, str, str, str, str]


def refuse(refused: Iterable[Refused]) -> None:
    """Make a trigger for each of what is refused."""
    for name, table, doing, when, says in refused:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {doing} ON {table} FOR EACH ROW WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
        else:
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {when} THEN RAISE EXCEPTION '{says}'; END IF; RETURN {'OLD' if doing == 'DELETE' else 'NEW'}; "
                "END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {doing} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def never_emptied(tables: Iterable[str]) -> None:
    """Make PostgreSQL refuse to empty these tables at a stroke; SQLite has no such statement."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'this table is never emptied'; END $$"
    )
    for table in tables:
        op.execute(
            f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION never_emptied()"
        )


def never_replaced(tables: Mapping[str, str]) -> None:
    """Make SQLite refuse to put a row in the place of one that is there: REPLACE deletes it without asking a trigger.

    `tables` are those that are kept, each with what is the same in both rows, as a condition on NEW and on the table.
    """
    if op.get_bind().dialect.name == "sqlite":
        refuse(
            (f"{table}_once", table, "INSERT", f"EXISTS (SELECT 1 FROM {table} WHERE {same})",
             f"a row of {table.replace('_', ' ')} is never replaced")
            for table, same in tables.items()
        )  # fmt: skip
