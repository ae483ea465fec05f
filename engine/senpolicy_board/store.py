"""The database of a board: SQLite in a file, or PostgreSQL by a URL; brought up to date, and used in transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.utils import Error

from senpolicy.files.problems import WrongUse
from senpolicy_board import schema, tables

#: After so many pages of 4 kB what SQLite wrote beside the database is moved into it.
_CHECKPOINT = 16_384
#: What may be done with the file of a database: its owner reads and writes it.
_OWNER = 0o600
#: How many seconds one who writes waits for another to finish.
_PATIENCE = 30
#: Said to each new connection to SQLite: written through to the disk at each commit, and what is deleted is wiped.
_PREPARE = "".join(
    f"PRAGMA {said};"
    for said in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", f"wal_autocheckpoint={_CHECKPOINT}")
)
_NUMBERS = count(1)
#: What Django is told of a database.
Asked: TypeAlias = dict[str, Any]


@dataclass
class Using:
    """What is being done with a database: its name in Django, and in a transaction that writes what it has changed.

    `changed` are the rows that no entry of the trail holds yet, by table and key (None: deleted); None where it only
    reads.
    """

    alias: str
    changed: dict[tuple[str, int | str], tables.BoardRow | None] | None = None


_USING: ContextVar[Using | None] = ContextVar("using", default=None)


def using() -> Using:
    """Return what is being done; raises RuntimeError outside of any."""
    found = _USING.get()
    if found is None:
        raise RuntimeError("no database is in use")
    return found


class Router:
    """Tells Django which database to ask: the one in use. Only the board's own tables are made."""

    def db_for_read(self, model: type[models.Model], **hints: models.Model) -> str | None:
        """Return the database in use."""
        found = _USING.get()
        return found.alias if found else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: str) -> bool:
        """Return whether the tables of an application are made: the board's alone."""
        return app_label == "board"


class Store:
    """A database of the board. Raises `WrongUse` where the URL is not one."""

    def __init__(self, url: str) -> None:
        self.alias = added(_settings(url))

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """This thread's connection."""
        return connections[self.alias]

    @property
    def sqlite(self) -> bool:
        """Whether it is SQLite; else it is PostgreSQL."""
        return self.connection.vendor == "sqlite"

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Have the tables asked for in this database, each query for itself."""
        token = _USING.set(Using(self.alias))
        try:
            yield
        finally:
            _USING.reset(token)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Give a transaction that only reads."""
        with self._transaction("DEFERRED", Using(self.alias)):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Give a transaction that is committed at the end, or undone as a whole where anything is raised.

        In SQLite only one runs at a time; the others wait. Raises RuntimeError where it ends with a change that no
        entry of the trail holds.
        """
        if self.connection.in_atomic_block:
            raise RuntimeError("a transaction that writes stands alone")
        one = Using(self.alias, {})
        # Who means to write says so at once: one that only finds out later might have read what is old by then.
        with self._transaction("IMMEDIATE", one):
            yield
            if one.changed:
                raise RuntimeError("a change without its entry in the trail")

    @contextmanager
    def _transaction(self, kind: str, one: Using) -> Iterator[None]:
        connection = self.connection
        if self.sqlite and not connection.in_atomic_block:
            connection.ensure_connection()
            connection.transaction_mode = kind  # type: ignore[attr-defined]  # Of SQLite's connections alone.
        token = _USING.set(one)
        try:
            with transaction.atomic(using=self.alias):
                yield
        finally:
            _USING.reset(token)

    def close(self) -> None:
        """Let go of this thread's connection."""
        self.connection.close()


@contextmanager
def opened(url: str, *, current: bool = True) -> Iterator[Store]:
    """Give a database, let go of at the end; it is brought up to date first unless it is not to be `current`.

    Raises `WrongUse` as `Store` and `migrate` do.
    """
    with closing(Store(url)) as store:
        if current:
            migrate(store)
        yield store


def added(asked: Asked) -> str:
    """Add a database to those that Django knows, and return its name there."""
    alias = f"board-{next(_NUMBERS)}"
    connections.settings[alias] = connections.configure_settings({DEFAULT_DB_ALIAS: {}, alias: asked})[alias]
    return alias


def _settings(url: str) -> Asked:
    """Return what Django is told of a database; raises `WrongUse` where the URL is not one."""
    wrong = "This is not the URL of a database. Write sqlite:///board.db, or postgresql://user@host/name."
    kind, found, rest = url.partition("://")
    if not found:
        raise WrongUse(wrong)
    kind = kind.partition("+")[0]
    if kind == "sqlite":
        name = rest.removeprefix("/")
        if not name or name == ":memory:":
            raise WrongUse("The board keeps a record, so it needs a file: sqlite:///board.db.")
        if not Path(name).absolute().parent.is_dir():
            raise WrongUse(f"The folder for '{Path(name).name}' does not exist. Make it, or name another.")
        _owner_alone(Path(name))
        return sqlite_settings(name, init_command=_PREPARE)
    if kind not in ("postgresql", "postgres"):
        raise WrongUse("The board keeps its record in SQLite or PostgreSQL. Give a URL of one of the two.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongUse(wrong) from None
    named = {"USER": parts.username, "PASSWORD": parts.password, "HOST": parts.hostname}
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path.removeprefix("/")) or "postgres",
        "PORT": str(port or ""), "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True,
        **{name: unquote(value or "") for name, value in named.items()},
    }  # fmt: skip


def sqlite_settings(name: str, **options: str) -> Asked:
    """Return what Django is told of a file of SQLite."""
    return {
        "ENGINE": "django.db.backends.sqlite3", "NAME": name, "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": _PATIENCE, **options},
    }  # fmt: skip


def _owner_alone(path: Path) -> None:
    """Make a database's file, and those beside it, such that nobody but their owner can read or write them.

    What SQLite makes beside a file later, it makes as it finds the file.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OWNER))
        for one in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            if one.exists() and one.stat().st_mode & 0o077:
                one.chmod(_OWNER)
    except OSError:
        return  # It is said where the database is used: it cannot be written to, or is another's.


def migrate(store: Store, revision: str | None = None) -> None:
    """Bring the database up to date, or to a revision; an empty one gets its tables.

    Raises `WrongUse` where it cannot be reached, or is of a version that is not known.
    """
    try:
        there = schema.taken_over(store.connection)
        if there != schema.REVISIONS[-1]:
            to = [] if revision is None else [next(one for one in schema.names() if one.startswith(revision))]
            call_command("migrate", "board", *to, database=store.alias, interactive=False, verbosity=0)
        _outside(store, "PRAGMA wal_checkpoint(TRUNCATE)")
    except schema.UnknownVersion:
        raise WrongUse(
            "This database is of a version that this program does not know. Use the program that wrote it, or a "
            "newer one."
        ) from None
    except ImproperlyConfigured:
        raise WrongUse("PostgreSQL needs the library psycopg: pip install 'sen-funding-policy[postgres]'.") from None
    except (Error, MigrationSchemaMissing) as error:
        said = (str(error).strip().splitlines() or ["no answer"])[0]
        help = "Check its URL, and that it may be written to; its owner brings it up to date with 'board prepare'."
        raise WrongUse(f"The database cannot be used: {said}. {help}") from None


#: What the board's role may do with a table of PostgreSQL; with others it may not do more than read and add rows.
_MAY = {"alembic_version": "SELECT", "django_migrations": "SELECT", "trail": "SELECT, INSERT",
        "level_table": "SELECT, INSERT"}  # fmt: skip
_MAY |= dict.fromkeys(
    ("signed_in", "known_browser", "scoring", "present", "caseload", "board_case", "refused_row", "declared"),
    "SELECT, INSERT, UPDATE, DELETE",
)


def prepare(store: Store, role: str) -> None:
    """Bring a database of PostgreSQL up to date as its owner, and let `role` use it; that one owns nothing.

    Raises `WrongUse` for SQLite, which knows no roles, and where the role does not exist or owns the tables.
    """
    if store.sqlite:
        raise WrongUse("Roles are PostgreSQL's. The files of SQLite are their owner's alone already.")
    migrate(store)
    connection = store.connection
    quoted = connection.ops.quote_name(role)
    with transaction.atomic(using=store.alias), connection.cursor() as cursor:
        if schema.one_of(connection, "SELECT current_user") == role:
            raise WrongUse(f"'{role}' is the role that owns the tables. Name another, which the board then uses.")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            raise WrongUse(f"There is no role '{role}'. Make it first: CREATE ROLE {quoted} LOGIN.")
        for name in schema.tables_in(connection):
            cursor.execute(f"REVOKE ALL ON {name} FROM {quoted}")
            cursor.execute(f"GRANT {_MAY.get(name, 'SELECT, INSERT, UPDATE')} ON {name} TO {quoted}")
        within = connection.ops.quote_name(schema.one_of(connection, "SELECT current_schema()"))
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {within} TO {quoted}")


def must_not_own(store: Store) -> None:
    """Raise `WrongUse` where the role that uses a database of PostgreSQL could take off what protects the record."""
    if store.sqlite:
        return
    asked = (
        "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (SELECT 1 FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'MEMBER'))"
    )
    if schema.one_of(store.connection, asked):
        raise WrongUse(
            "This role owns the board's tables, so whoever runs the board could drop what protects its record. Run "
            "'senpolicy board prepare --role NAME' as the owner, and start the board as NAME "
            "(docs/how-to/run-a-board.md)."
        )


def compact(store: Store) -> None:
    """Give back what removed rows took up, so that nothing of them is left in the file; PostgreSQL does it itself."""
    _outside(store, "PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")


def _outside(store: Store, *said: str) -> None:
    """Say something to SQLite outside of any transaction; nothing to PostgreSQL."""
    with store.connection.cursor() as cursor:
        for one in said if store.sqlite else ():
            cursor.execute(one)


def backup(store: Store, path: Path) -> None:
    """Copy a database of SQLite to a file while it is in use, whole as of one moment.

    Raises `WrongUse` for PostgreSQL, which has pg_dump, and where the file is there already.
    """
    if not store.sqlite:
        raise WrongUse("This copies SQLite. For PostgreSQL use pg_dump.")
    if path.exists() or not path.absolute().parent.is_dir():
        raise WrongUse(f"'{path.name}' cannot be written there. Name a new file in a folder that exists.")
    _owner_alone(path)
    store.connection.ensure_connection()
    with closing(sqlite3.connect(path)) as target:
        store.connection.connection.backup(target)
