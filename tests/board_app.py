"""A board for tests: the application in this process, on a database of SQLite in a folder of its own."""

from __future__ import annotations

import atexit
import os
import re
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.db import transaction
from httpx import Client, WSGITransport

from golden_files import FROZEN
from senpolicy.files.models.board import Settled
from senpolicy_board import accounts, drawing, proof, trail
from senpolicy_board.pages.app import create_app
from senpolicy_board.policies import Policies
from senpolicy_board.settings import Passwords, Settings
from senpolicy_board.store import Store, compact, prepare
from senpolicy_board.tables import Account, Declared, Loaded

PASSWORD = "four words in a row"
#: The name under which a form sends its token.
TOKEN = "csrfmiddlewaretoken"
#: The role of PostgreSQL that the board uses.
ROLE = "board_in_tests"
#: As little work as argon2 allows: a test run hashes many passwords.
CHEAP = Passwords(time_cost=1, memory_cost=8, parallelism=1)
WHO = {"chair": "chair", "mod-1": "moderator", "mod-2": "moderator", "mod-3": "moderator",
       "officer": "officer", "observer": "observer"}  # fmt: skip
AREAS = ("communication_and_interaction", "cognition_and_learning", "social_emotional_mental_health",
         "sensory_and_physical")  # fmt: skip
#: What gives a sample its seed. Here it is always the same one, so that a test draws the same cases each time.
SEED_OF = drawing.seed_of
drawing.seed_of = lambda _: 7


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@lru_cache
def policies(scenario: str | None) -> Policies:
    """The policy of every board of a test run: reading it takes a second."""
    return Policies(Settings("", FROZEN, scenario=scenario))


def with_board_file(**parts: Any) -> Policies:
    """The illustrative policy of the tests, in whose board's file these parts are others."""
    made = copy(policies("illustrative"))
    whole, corpus = made.corpus.board, copy(made.corpus)
    assert whole
    board = whole.model_copy(update=parts)
    object.__setattr__(corpus, "files", corpus.files | {"rules/board.yaml": board})
    made.corpus, made.policy = corpus, copy(made.policy)
    object.__setattr__(made.policy, "corpus", corpus)
    return made


def made_up(**figures: object) -> dict[str, Settled]:
    """Figures of a board's file as if settled, each made up for a test, and saying so."""
    return {
        name: Settled(
            says=f"For a test: {name}", value=Decimal(str(value)), assumption="Illustrative: made up for a test."
        )
        for name, value in figures.items()
    }


@dataclass
class Running:
    """A board with its accounts, its clock, and a browser for each account."""

    settings: Settings
    store: Store
    clock: Clock
    app: Any
    #: The database as its owner opens it, who could take off what protects it: on SQLite the board's own.
    owner: Store
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Browser:
        if who not in self.browsers:
            self.browsers[who] = Browser(self.app)
            self.browsers[who].sign_in(who)
        return self.browsers[who]


class Browser:
    """Someone's browser without JavaScript: it keeps cookies, and fills in the forms that it is shown."""

    def __init__(self, app: Any, source: str = "127.0.0.1") -> None:
        self.client = Client(
            transport=WSGITransport(app, remote_addr=source), base_url="http://127.0.0.1", follow_redirects=True
        )

    def sign_in(self, who: str, password: str = PASSWORD) -> Any:
        return self.post("/sign-in", {"sign_in": who, "password": password}, on="/sign-in")

    def get(self, path: str, status: int = 200, **more: Any) -> BeautifulSoup:
        """Return a page, which must come with this status."""
        answer = self.client.get(path, **more)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return BeautifulSoup(answer.text, "html.parser")

    def token(self, path: str) -> str:
        page = BeautifulSoup(self.client.get(path).text, "html.parser")
        found = page.select(f"input[name={TOKEN}]")
        return str(found[-1]["value"]) if found else ""

    def post(self, path: str, data: dict[str, Any], *, on: str = "/account", **more: Any) -> Any:
        """Send a form, with the token of the page `on`; returns the answer after any redirect."""
        return self.client.post(path, data={TOKEN: self.token(on), **data}, **more)


def running(folder: Path, *, scenario: str | None = "illustrative", url: str | None = None, **more: Any) -> Running:
    """Return a new board with an account of every role."""
    clock = Clock()
    if url is None and "SENPOLICY_BOARD_URL" in os.environ:
        url = _database(os.environ["SENPOLICY_BOARD_URL"])
    # Figures are waited for, however busy the machine is.
    more = {"figures_seconds": 60, "figures_first_seconds": 60} | more
    settings = Settings(
        url or f"sqlite:///{folder}/board.db", FROZEN, scenario=scenario, passwords=CHEAP, now=clock, **more
    )  # fmt: skip
    if url is None:
        return _copied(settings, folder, clock)
    if settings.database.startswith("sqlite"):
        store = Store(settings.database)
        app = create_app(settings, store, policies(scenario))
        _accounts(store, settings)
        return Running(settings, store, clock, app, store)
    owner = Store(as_role(settings.database, urlsplit(os.environ["SENPOLICY_BOARD_URL"]).username or ""))
    prepare(owner, ROLE)
    store = Store(settings.database)
    app = create_app(settings, store, policies(scenario))
    _accounts(store, settings)
    return Running(settings, store, clock, app, owner)


def _copied(settings: Settings, folder: Path, clock: Clock) -> Running:
    """A board on a copy of a database that was made once: hashing and migrating take their time."""
    template = _templates() / f"{settings.scenario}.db"
    if template not in _MADE:
        store = Store(f"sqlite:///{template}")
        create_app(settings, store, policies(settings.scenario))
        _accounts(store, settings)
        compact(store)
        store.close()
        _MADE.append(template)
    shutil.copyfile(template, folder / "board.db")
    store = Store(settings.database)
    return Running(settings, store, clock, create_app(settings, store, policies(settings.scenario)), store)


_MADE: list[Path] = []


@lru_cache
def _templates() -> Path:
    """A folder of this process alone: a file of a process that was killed may have the name of any other."""
    folder = Path(tempfile.mkdtemp(prefix="senpolicy-board-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def copied(board: Running, folder: Path, *, policy: Policies | None = None, **more: Any) -> Running:
    """A board of its own with everything that another, on SQLite, holds: much faster than to do it all again."""
    with closing(sqlite3.connect(board.settings.database.removeprefix("sqlite:///"))) as db:
        db.execute("VACUUM INTO ?", (str(folder / "board.db"),))
    clock = Clock(board.clock.at)
    settings = replace(board.settings, database=f"sqlite:///{folder}/board.db", now=clock, **more)
    store = Store(settings.database)
    app = create_app(settings, store, policy or policies(settings.scenario))
    return Running(settings, store, clock, app, store)


def boards(make: Callable[[Path], Running], *, proves: bool = True) -> tuple[Any, Any]:
    """Return two fixtures, `first` and `board`: a board that is made once, and the copy of it that each test has.

    On PostgreSQL each test makes its own. With `proves`, whatever a test did must be in the trail.
    """

    @pytest.fixture(scope="module")
    def first(tmp_path_factory: pytest.TempPathFactory) -> Running | None:
        return None if "SENPOLICY_BOARD_URL" in os.environ else make(tmp_path_factory.mktemp(make.__name__))

    @pytest.fixture
    def board(first: Running | None, tmp_path: Path) -> Iterator[Running]:
        made = copied(first, tmp_path) if first else make(tmp_path)
        yield made
        if proves:
            assert faults(made.store) == []
        made.store.close()

    return first, board


def version_of(page: Any) -> str:
    """Return the version of what a page shows, which its form sends back."""
    field = page.select_one("input[name=version]")
    assert field, "the page has no form with a version"
    return str(field["value"])


def faults(store: Store) -> list[str]:
    """What the proof of a board's database finds; its decision records are checked elsewhere, since that takes long."""
    with store.reading():
        return list(proof.prove(store.connection, check=lambda _: ()).faults)


def execute(store: Store, said: str, *values: Any) -> int:
    """Say something to a database, past the tables that the board knows; returns how many rows it changed."""
    with transaction.atomic(using=store.alias), store.connection.cursor() as cursor:
        cursor.execute(said, values or None)
        return cursor.rowcount


def as_role(url: str, role: str, name: str = "") -> str:
    """The URL of a database of PostgreSQL for another role; of another database of its server, where one is named."""
    parts = urlsplit(url)
    return f"postgresql://{role}@{parts.hostname}:{parts.port}/{name or parts.path.removeprefix('/')}"


def _database(url: str) -> str:
    """A new database of the PostgreSQL at `url`: a board of its own for each test."""
    server, name = Store(url), f"board_{secrets.token_hex(6)}"
    with server.connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {ROLE} LOGIN")
    server.close()
    return as_role(url, ROLE, name)


def _accounts(store: Store, settings: Settings) -> None:
    with store.writing():
        for who, role in WHO.items():
            accounts.add(settings, who, who.replace("-", " ").capitalize(), role, PASSWORD)


def caseload(count: int = 12, *, day: str = "2026-10-01") -> str:
    """Return a made-up caseload as CSV, the same each time: three Communities, levels of every kind."""
    levels = ("universal", "sen_support", "wider_support_and_strategies", "specific_allocation_1",
              "specific_allocation_2")  # fmt: skip
    rows = [
        "case_ref,decision_date,age,year_group,setting,plan,ehcp_issued_on,additional_cost,proposed_allocation,"
        + "community,school,"
        + ",".join(f"rating_{area}" for area in AREAS)
    ]
    for number in range(1, count + 1):
        special = number % 3 == 0
        rated = [levels[(number * step) % (2 + number % 4)] for step in (1, 2, 3, 5)]
        cells = [
            f"BD-{number:04}", day, "9", "4", "special" if special else "mainstream", "ehcp",
            "" if special else "2024-05-01", "" if special else "13000", str(3000 + 500 * (number % 9)),
            f"Community {number % 3 + 1}", f"School {number % 5 + 1}", *rated,
        ]  # fmt: skip
        rows.append(",".join(cells))
    return "\n".join(rows) + "\n"


def load(board: Running, text: str | None = None, title: str = "Autumn 2026") -> str:
    """Load a caseload as the officer, and return its key."""
    answer = board["officer"].post(
        "/caseloads", {"title": title}, files={"file": ("cases.csv", (text or caseload()).encode(), "text/csv")}
    )  # fmt: skip
    assert answer.status_code == 200, answer.text[:2000]
    found = re.search(r"/caseloads/([0-9a-f]{16})", str(answer.url))
    assert found, answer.text[:3000]
    declare(board)
    return found.group(1)


def declare(board: Running) -> None:
    """Have every member declare that they have no interest in what is loaded."""
    with board.store.writing():
        done = set(Declared.objects.values_list("account_id", "caseload_id"))
        for who in Account.objects.filter(role__in=("chair", "moderator")):
            for caseload in Loaded.objects.filter(removed_at=None):
                if (who.pk, caseload.pk) not in done:
                    Declared.objects.create(account=who, caseload=caseload, declared_at=board.clock())
        trail.append(board.clock(), "command", "interests declared", "board")
