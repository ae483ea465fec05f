"""What a board's database must be made of: the tables and triggers of its version, and who may not own them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from senpolicy.files.problems import WrongUse
from senpolicy_board.migrations.refusing import Trigger
from senpolicy_board.migrations.versions import v0001_first, v0002_records, v0003_proof, v0004_refused_rows
from senpolicy_board.tables import Base

#: The migrations in their order; the board's database holds the name of the last.
VERSIONS = (v0001_first, v0002_records, v0003_proof, v0004_refused_rows)
REVISIONS = tuple(one.revision for one in VERSIONS)
#: The first migration from which on the trail gives every row.
WHOLE = v0003_proof.revision
_OTHERS = {"alembic_version"}
#: Tables that were not there from the start, each with the migration that made it.
_LATER = (("0002", "decision_record"), ("0003", "notice"), ("0004", "refused_row"))


def revision(connection: Connection) -> str:
    """Return the last migration of a database; raises `WrongUse` where it is not known here, or there is none."""
    try:
        said = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except SQLAlchemyError:
        said = None
    if said is None:
        raise WrongUse("This is not a database of a board, or the table that names its version has been removed.")
    if said not in REVISIONS:
        raise WrongUse(
            f"This database is of version {str(said)[:20]}, which this program does not know: it knows {REVISIONS[-1]} "
            "and older. Use the program that wrote it, or a newer one."
        )
    return str(said)


def triggers(revision: str, dialect: str) -> dict[str, Trigger]:
    """Return the triggers that a database of a revision must have, by their names."""
    found: dict[str, Trigger] = {}
    for one in VERSIONS:
        if one.revision <= revision:
            found |= {trigger.name: trigger for trigger in one.triggers(dialect)}
    return found


def changed_schema(connection: Connection, revision: str) -> Iterator[str]:
    """Yield in words what is not there of the tables and triggers of a revision, and what is there besides."""
    expected, there = triggers(revision, connection.dialect.name), _triggers(connection)
    for name, one in expected.items():
        if name not in there:
            yield f"the trigger {name} of the table {one.table} has been removed"
        elif there[name] != (one.text if connection.dialect.name == "sqlite" else one.does):
            yield f"the trigger {name} of the table {one.table} is not as it was made, or is switched off"
    yield from (
        f"there is a trigger that the board did not make: {name[:60]}" for name in there if name not in expected
    )
    tables, known = set(inspect(connection).get_table_names()), set(Base.metadata.tables)
    newer = {name for since, name in _LATER if revision < since}
    yield from (f"the table {name} is not there" for name in sorted(known - tables - newer))
    if revision == REVISIONS[-1]:
        for name in sorted(known & tables):
            has = {one["name"] for one in inspect(connection).get_columns(name)}
            made = set(Base.metadata.tables[name].columns.keys())
            yield from (f"the table {name} has another column: {one[:60]}" for one in sorted(has - made))
            yield from (f"the column {one} of the table {name} is not there" for one in sorted(made - has))
    yield from (
        f"there is a table that the board did not make: {name[:60]}" for name in sorted(tables - known - _OTHERS)
    )


def _triggers(connection: Connection) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = (
            "SELECT t.tgname, CASE WHEN t.tgenabled IN ('O', 'A') THEN p.prosrc ELSE '' END FROM pg_trigger t "
            "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
        )
    return {str(name): str(sql) for name, sql in connection.execute(text(asked))}
