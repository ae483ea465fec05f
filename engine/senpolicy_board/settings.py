"""What an instance of the board is started with. Nothing here is read from the environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path


@dataclass(frozen=True)
class Passwords:
    """How much work a password's hash takes by argon2id: rounds, kibibytes of memory, lanes."""

    time_cost: int = 3
    memory_cost: int = 65_536
    parallelism: int = 4
    shortest: int = 12


@dataclass(frozen=True)
class Settings:
    """The database, the policy, and the limits of a board.

    `database` is a URL (sqlite:///board.db, postgresql://user@host/name). `secure` marks the cookies as
    for TLS only: set where a proxy with TLS stands before the board. `hosts` are the names by which browsers may ask
    for it. New figures of consistency are waited for `figures_seconds`, while those before can be shown; the first
    ones for `figures_first_seconds`. After `lock_after` failures in a row a known browser is locked for `lock_for`;
    after `lock_all_after` an account is locked for `lock_all_for`, in all browsers that are not known. With
    `second_factor` nobody goes on without one. A case has `most_evidence` pieces of evidence at most.
    """

    database: str
    root: Path
    as_of: str | None = None
    include_proposed: bool = False
    readings: str = "all"
    scenario: str | None = None
    secure: bool = False
    second_factor: bool = False
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=10)
    lock_after: int = 5
    lock_for: timedelta = timedelta(minutes=15)
    lock_all_after: int = 50
    lock_all_for: timedelta = timedelta(hours=1)
    most_upload: int = 5_000_000
    most_form: int = 200_000
    most_evidence: int = 20
    nearest_seconds: float = 8
    figures_seconds: float = 0.3
    figures_first_seconds: float = 10
    passwords: Passwords = field(default_factory=Passwords)
    now: Callable[[], datetime] = field(default=partial(datetime.now, UTC))
