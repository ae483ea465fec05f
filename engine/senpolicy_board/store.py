"""The database of a board: SQLite in a file, or PostgreSQL by a URL; brought up to date, and used in transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from senpolicy.files.problems import WrongUse
from senpolicy_board import trail
from senpolicy_board.tables import Base

__all__ = ["Base", "Store", "migrate"]

#: After so many pages of 4 kB what SQLite wrote beside the database is moved into it.
_CHECKPOINT = 16_384
#: What may be done with the file of a database: its owner reads and writes it.
_OWNER = 0o600
#: How many seconds one who writes waits for another to finish.
_PATIENCE = 30


#: What sees to it that no change is written without its entry in the trail.
_RECORDED: dict[str, Callable[..., None]] = {
    "after_flush": trail.note_changes,
    "before_commit": trail.must_be_recorded,
    "after_soft_rollback": trail.forget_changes,
    "do_orm_execute": trail.only_by_rows,
}


class Store:
    """A database of the board. Raises `WrongUse` where the URL is not one, or nothing answers there."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._read = sessionmaker(self.engine, expire_on_commit=False)
        writer = self.engine.execution_options(begin="IMMEDIATE")
        self._write = sessionmaker(writer, expire_on_commit=False)
        for name, does in _RECORDED.items():
            event.listen(self._write, name, does)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that only reads."""
        with self._read() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose transaction is committed at the end, or undone as a whole where anything is raised.

        In SQLite only one runs at a time; the others wait.
        """
        with self._write.begin() as db:
            yield db

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise WrongUse(
            "This is not the URL of a database. Write sqlite:///board.db, or postgresql://user@host/name."
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise WrongUse("The board keeps a record, so it needs a file: sqlite:///board.db.")
        if not Path(parsed.database).absolute().parent.is_dir():
            raise WrongUse(f"The folder for '{Path(parsed.database).name}' does not exist. Make it, or name another.")
        _owner_alone(Path(parsed.database))
        engine = create_engine(
            parsed, connect_args={"timeout": _PATIENCE, "isolation_level": None}, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise WrongUse("The board keeps its record in SQLite or PostgreSQL. Give a URL of one of the two.")
    try:
        return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    except (ImportError, NoSuchModuleError):
        raise WrongUse("PostgreSQL needs the library psycopg: pip install 'sen-funding-policy[postgres]'.") from None


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


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    """Set a new connection to SQLite up: written through to the disk at each commit, references checked."""
    for said in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
                 f"wal_autocheckpoint={_CHECKPOINT}"):  # fmt: skip
        connection.execute(f"PRAGMA {said}")


def _begin(connection: Any) -> None:
    # Who means to write says so at once: a transaction that only finds out later might have read what is old by then.
    kind = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def migrate(store: Store, revision: str = "head") -> None:
    """Bring the database up to date; an empty one gets its tables. Raises `WrongUse` where it cannot be reached."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with store.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        _outside(store, "PRAGMA wal_checkpoint(TRUNCATE)")
    except CommandError:
        raise WrongUse(
            "This database is of a version that this program does not know. Use the program that wrote it, or a "
            "newer one."
        ) from None
    except (OperationalError, DBAPIError) as error:
        said = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
        help = "Check its URL, and that it may be written to; its owner brings it up to date with 'board prepare'."
        raise WrongUse(f"The database cannot be used: {said}. {help}") from None


#: What the board's role may do with a table of PostgreSQL; with others it may not do more than read and add rows.
_MAY = {"alembic_version": "SELECT", "trail": "SELECT, INSERT"}
_MAY |= dict.fromkeys(
    ("signed_in", "scoring", "present", "caseload", "board_case", "refused_row"), "SELECT, INSERT, UPDATE, DELETE"
)


def prepare(store: Store, role: str) -> None:
    """Bring a database of PostgreSQL up to date as its owner, and let `role` use it; that one owns nothing.

    Raises `WrongUse` for SQLite, which knows no roles, and where the role does not exist or owns the tables.
    """
    if store.engine.dialect.name != "postgresql":
        raise WrongUse("Roles are PostgreSQL's. The files of SQLite are their owner's alone already.")
    migrate(store)
    quoted = store.engine.dialect.identifier_preparer.quote(role)
    with store.engine.begin() as connection:
        if connection.execute(text("SELECT current_user")).scalar_one() == role:
            raise WrongUse(f"'{role}' is the role that owns the tables. Name another, which the board then uses.")
        if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar():
            raise WrongUse(f"There is no role '{role}'. Make it first: CREATE ROLE {quoted} LOGIN.")
        for name in inspect(connection).get_table_names():
            connection.exec_driver_sql(f"REVOKE ALL ON {name} FROM {quoted}")
            connection.exec_driver_sql(f"GRANT {_MAY.get(name, 'SELECT, INSERT, UPDATE')} ON {name} TO {quoted}")
        connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {_schema(connection)} TO {quoted}")


def _schema(connection: Connection) -> str:
    return connection.dialect.identifier_preparer.quote(connection.dialect.default_schema_name or "public")


def must_not_own(store: Store) -> None:
    """Raise `WrongUse` where the role that uses a database of PostgreSQL could take off what protects the record."""
    if store.engine.dialect.name != "postgresql":
        return
    asked = (
        "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (SELECT 1 FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'MEMBER'))"
    )
    with store.engine.connect() as connection:
        if connection.execute(text(asked)).scalar_one():
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
    if store.engine.dialect.name != "sqlite":
        return
    connection = store.engine.raw_connection()
    try:
        driver = connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        for one in said:
            driver.execute(one)
    finally:
        connection.close()


def backup(store: Store, path: Path) -> None:
    """Copy a database of SQLite to a file while it is in use, whole as of one moment.

    Raises `WrongUse` for PostgreSQL, which has pg_dump, and where the file is there already.
    """
    if store.engine.dialect.name != "sqlite":
        raise WrongUse("This copies SQLite. For PostgreSQL use pg_dump.")
    if path.exists() or not path.absolute().parent.is_dir():
        raise WrongUse(f"'{path.name}' cannot be written there. Name a new file in a folder that exists.")
    _owner_alone(path)
    with store.engine.connect() as connection:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        with sqlite3.connect(path) as target:
            source.backup(target)
        target.close()


def reachable(store: Store) -> bool:
    """Return whether the database answers."""
    with store.reading() as db:
        return bool(db.execute(text("SELECT 1")).scalar_one())
