"""What a board's database must be made of: the tables and triggers of its version, and who may not own them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import Error

from senpolicy.files.problems import WrongUse
from senpolicy_board import held, tables
from senpolicy_board.images import Cell, Shape
from senpolicy_board.protections import TRIGGERS, Trigger

#: The migrations in their order, by the beginnings of their names.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
#: The first migration from which on the trail gives every row.
WHOLE = "0003"
#: Where the migrations are named: in Django's table, and in that of older boards.
_DJANGO, _ALEMBIC = "django_migrations", "alembic_version"
#: Tables that were not there from the start, each with the migration that made it.
_LATER = (
    ("0002", "decision_record"), ("0003", "notice"), ("0004", "refused_row"), ("0005", "known_browser"),
    ("0006", "level_table"), *(("0007", name) for name in ("declared", "interest", "review", "dissent", "noted")),
    *(("0008", name) for name in ("evidence", "seed", "halt", "halt_part")),
    ("0009", "mapping_list"), ("0009", "mapped_level"),
)  # fmt: skip


class UnknownVersion(Exception):
    """Raised where a database is of a version that this program does not know."""


def one_of(connection: BaseDatabaseWrapper, asked: str) -> Cell:
    """Return the one value that a query gives, None where it gives no row."""
    with connection.cursor() as cursor:
        cursor.execute(asked)
        row = cursor.fetchone()
    return row[0] if row else None


def names() -> list[str]:
    """Return the names of the migrations, in their order."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return sorted(name for app, name in loader.disk_migrations if app == "board")


def tables_in(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the tables that there are."""
    return connection.introspection.table_names()


def _said(connection: BaseDatabaseWrapper) -> str | None:
    """Return what a database says of its version, None where it says nothing."""
    there = tables_in(connection)
    if _DJANGO in there:
        said = one_of(connection, f"SELECT MAX(name) FROM {_DJANGO} WHERE app = 'board'")
        if said is not None:
            return str(said)[:4]
    said = one_of(connection, f"SELECT version_num FROM {_ALEMBIC}") if _ALEMBIC in there else None
    return None if said is None else str(said)


def taken_over(connection: BaseDatabaseWrapper) -> str | None:
    """Return the version of a database, once what an older program noted of it is noted as Django does.

    None where it has no tables yet. Raises `UnknownVersion` where it is of a version that is not known.
    """
    said, there = _said(connection), tables_in(connection)
    if said is not None and said not in REVISIONS:
        raise UnknownVersion
    if said is not None and _ALEMBIC in there:
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        with transaction.atomic(using=connection.alias):
            for name in names():
                if name[:4] <= said:
                    recorder.record_applied("board", name)
    return said


def revision(connection: BaseDatabaseWrapper) -> str:
    """Return the last migration of a database; raises `WrongUse` where it is not known here, or there is none."""
    try:
        said = _said(connection)
    except Error:
        said = None
    if said is None:
        raise WrongUse("This is not a database of a board, or the table that names its version has been removed.")
    if said not in REVISIONS:
        raise WrongUse(
            f"This database is of version {said[:20]}, which this program does not know: it knows {REVISIONS[-1]} "
            "and older. Use the program that wrote it, or a newer one."
        )
    return said


def shapes(revision: str) -> dict[str, Shape]:
    """Return the shape of each table as it was at a revision; columns that came later are empty in it."""
    found = tables.shapes()
    if revision < "0005":
        one = found["signed_in"]
        found["signed_in"] = replace(one, columns=(*one.columns, "csrf"), sealed=frozenset({"csrf"}))
    return found


def triggers(revision: str, dialect: str) -> dict[str, Trigger]:
    """Return the triggers that a database of a revision must have, by their names."""
    made = (one(dialect) for name, one in TRIGGERS.items() if name <= revision)
    return {trigger.name: trigger for triggers in made for trigger in triggers}


def changed_schema(connection: BaseDatabaseWrapper, revision: str) -> Iterator[str]:
    """Yield in words what is not there of the tables and triggers of a revision, and what is there besides."""
    expected, there = triggers(revision, connection.vendor), _triggers(connection)
    for name, one in expected.items():
        if name not in there:
            yield f"the trigger {name} of the table {one.table} has been removed"
        elif there[name] != (one.text if connection.vendor == "sqlite" else one.does):
            yield f"the trigger {name} of the table {one.table} is not as it was made, or is switched off"
    yield from (
        f"there is a trigger that the board did not make: {name[:60]}" for name in there if name not in expected
    )
    found, known = set(tables_in(connection)), set(tables.TABLES)
    newer = {name for since, name in _LATER if revision < since}
    yield from (f"the table {name} is not there" for name in sorted(known - found - newer))
    if revision == REVISIONS[-1]:
        for name in sorted(known & found):
            has = set(held.columns(connection, name))
            made = {field.attname for field in tables.TABLES[name]._meta.concrete_fields}
            yield from (f"the table {name} has another column: {one[:60]}" for one in sorted(has - made))
            yield from (f"the column {one} of the table {name} is not there" for one in sorted(made - has))
    yield from (
        f"there is a table that the board did not make: {name[:60]}"
        for name in sorted(found - known - {_DJANGO, _ALEMBIC})
    )


def _triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    if connection.vendor == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = (
            "SELECT t.tgname, CASE WHEN t.tgenabled IN ('O', 'A') THEN p.prosrc ELSE '' END FROM pg_trigger t "
            "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
        )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {str(name): str(sql) for name, sql in cursor.fetchall()}
