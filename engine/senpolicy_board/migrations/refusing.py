"""Triggers by which the database itself refuses what would undo the record, in SQLite and in PostgreSQL.

Each is a text that follows from what it refuses, so that a check can ask whether it is there still, as it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from alembic import op

#: What is refused: a name, the table, what is done to it, when (by the row before and after), and the message.
Refused = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Trigger:
    """A trigger: its name, its table, when it is asked, and what it does: in PostgreSQL the text of its function."""

    name: str
    table: str
    when: str
    does: str

    def make(self, dialect: str) -> Iterator[str]:
        """Yield the statements that make it."""
        if dialect == "sqlite":
            yield self.text
            return
        each, function = ("STATEMENT", "never_emptied") if "TRUNCATE" in self.when else ("ROW", self.name)
        yield f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${self.does}$$"
        yield f"CREATE TRIGGER {self.name} {self.when} ON {self.table} FOR EACH {each} EXECUTE FUNCTION {function}()"

    @property
    def text(self) -> str:
        """The one statement by which SQLite makes it, and which it keeps."""
        return f"CREATE TRIGGER {self.name} {self.when} ON {self.table} FOR EACH ROW {self.does}"


def refusing(dialect: str, refused: Iterable[Refused]) -> Iterator[Trigger]:
    """Yield a trigger for each of what is refused."""
    for name, table, doing, when, says in refused:
        if dialect == "sqlite":
            does = f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"
        else:
            back = "OLD" if doing == "DELETE" else "NEW"
            does = f" BEGIN IF {when} THEN RAISE EXCEPTION '{says}'; END IF; RETURN {back}; END "
        yield Trigger(name, table, f"BEFORE {doing}", does)


def never_emptied(dialect: str, tables: Iterable[str]) -> Iterator[Trigger]:
    """Yield what makes PostgreSQL refuse to empty these tables at a stroke; SQLite has no such statement."""
    for table in tables if dialect == "postgresql" else ():
        yield Trigger(
            f"{table}_emptied", table, "BEFORE TRUNCATE", " BEGIN RAISE EXCEPTION 'this table is never emptied'; END "
        )


def never_replaced(dialect: str, tables: Mapping[str, str]) -> Iterator[Trigger]:
    """Yield what makes SQLite refuse to put a row in the place of one: REPLACE deletes it without asking a trigger.

    `tables` are those that are kept, each with what is the same in both rows, as a condition on NEW and on the table.
    """
    if dialect == "sqlite":
        refused = (
            (f"{table}_once", table, "INSERT", f"EXISTS (SELECT 1 FROM {table} WHERE {same})",
             f"a row of {table.replace('_', ' ')} is never replaced")
            for table, same in tables.items()
        )  # fmt: skip
        yield from refusing(dialect, refused)


def make(triggers: Iterable[Trigger]) -> None:
    """Make triggers in the database that is being brought up to date."""
    dialect = op.get_bind().dialect.name
    for one in triggers:
        for said in one.make(dialect):
            op.execute(said)


def drop(triggers: Iterable[Trigger]) -> None:
    """Take triggers off the database that is being brought up to date; their functions go with them."""
    dialect = op.get_bind().dialect.name
    for one in triggers:
        op.execute(f"DROP TRIGGER {one.name}" + (f" ON {one.table}" if dialect == "postgresql" else ""))
        if dialect == "postgresql" and "TRUNCATE" not in one.when:
            op.execute(f"DROP FUNCTION {one.name}()")
