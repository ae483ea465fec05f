"""The commands of the moderation board: board, and below it add-account, load, retain, backup."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from senpolicy.cli.shared import (
    AsOf,
    Proposed,
    Readings,
    Root,
    Scenario,
    count,
    day_of,
    find_root,
    load_policy,
    say,
    without_board,
)
from senpolicy.files.problems import WrongUse

if TYPE_CHECKING:
    from senpolicy_board.settings import Settings


board = typer.Typer(help="Run the moderation board, and look after it.", rich_markup_mode=None)

Database = Annotated[
    str, typer.Option("--database", help="sqlite:///board.db, or postgresql://user@host/name.", show_default=True)
]
HERE = "sqlite:///board.db"


def _settings(database: str, root: Path | None, **more: Any) -> Settings:
    from senpolicy_board.settings import Settings

    return Settings(database, find_root(root), **more)


@board.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    database: Database = HERE,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8020,
    host: Annotated[
        str, typer.Option("--host", help="The address to listen on; another than loopback needs --proxy.")
    ] = "127.0.0.1",
    proxy: Annotated[
        str | None,
        typer.Option("--proxy", help="The name under which a proxy with TLS shows the board.", show_default=False),
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    root: Root = None,
) -> None:
    """Start the board as a web application on this machine, or run one of the commands below."""
    if context.invoked_subcommand is not None:
        return
    try:
        import uvicorn

        from senpolicy_board.pages.app import create_app
    except ImportError:
        raise without_board("The board") from None
    if proxy is None and host not in ("127.0.0.1", "localhost", "::1"):
        raise WrongUse(
            f"'{host}' can be reached from other machines, and passwords would travel in the open. Leave --host out, "
            "and put a proxy with TLS before the board: --proxy board.example (docs/how-to/run-a-board.md)."
        )
    if scenario is not None and Path(scenario).suffix:
        raise WrongUse("The board takes a scenario by its name in policy/scenarios/.")
    load_policy(
        root, as_of, include_proposed, readings, scenario
    )  # Every kind of case is tried before anyone signs in.
    hosts = ("127.0.0.1", "localhost", "[::1]", *([proxy] if proxy else []))
    settings = _settings(
        database, root, as_of=as_of, include_proposed=include_proposed, readings=readings, scenario=scenario,
        secure=proxy is not None, hosts=hosts,
    )  # fmt: skip
    application = create_app(settings)
    say(f"The board is at http://{host}:{port}/ until you press Ctrl+C.")
    # No access log: it would keep who looked at what outside the trail.
    uvicorn.run(
        application, host=host, port=port, access_log=False, log_level="warning", server_header=False,
        proxy_headers=False,
    )  # fmt: skip


@board.command("add-account")
def add_account(
    sign_in: Annotated[str, typer.Argument(help="The name to sign in with: moderator-3.", show_default=False)],
    role: Annotated[str, typer.Argument(help="chair, moderator, officer or observer.", show_default=False)],
    label: Annotated[
        str | None, typer.Option("--label", help="What records show: Moderator 3.", show_default="the name")
    ] = None,
    database: Database = HERE,
    root: Root = None,
) -> None:
    """Add an account; the password is asked for, or read from standard input."""
    from senpolicy_board import accounts
    from senpolicy_board.store import Store, migrate

    settings, store = _settings(database, root), Store(database)
    migrate(store)
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    with store.writing() as db:
        shown = label or sign_in.replace("-", " ").capitalize()
        accounts.add(db, settings, sign_in, shown, role, password)
    store.close()
    say(f"Added: {sign_in}, {role}, shown as '{shown}'.")


@board.command("load")
def load(
    caseload: Annotated[Path, typer.Argument(help="CSV, Excel, Parquet, YAML or JSON.", show_default=False)],
    title: Annotated[str, typer.Option("--title", help="What records show: Autumn 2026.", show_default=False)],
    by: Annotated[str, typer.Option("--by", help="The sign-in name of who loads it.", show_default=False)],
    database: Database = HERE,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    root: Root = None,
) -> None:
    """Load a caseload onto the board, whole or not at all."""
    from sqlalchemy import select

    from senpolicy_board import loading
    from senpolicy_board.accounts import may
    from senpolicy_board.policies import Policies
    from senpolicy_board.store import Store, migrate
    from senpolicy_board.tables import Account

    load_policy(root, as_of, include_proposed, readings, scenario)
    settings = _settings(
        database, root, as_of=as_of, include_proposed=include_proposed, readings=readings, scenario=scenario
    )  # fmt: skip
    store, policies = Store(database), Policies(settings)
    migrate(store)
    with store.reading() as db:
        account = db.scalar(select(Account).where(Account.sign_in == by))
    if account is None or not may(account.role, "load a caseload"):
        raise WrongUse(f"'{by}' is not an account that may load a caseload. Name a chair or an officer.")
    found = loading.read(caseload, policies)
    with store.writing() as db:
        loading.keep(db, settings, policies, found, title, account)
    for refused in found.refused:
        for problem in refused.problems:
            say(str(problem))
    for note in found.notes:
        say(note)
    policies.close()
    store.close()
    say(f"{count(len(found.rows), 'case')} loaded, {len(found.refused)} refused.")
    raise typer.Exit(1 if found.refused else 0)


@board.command("retain")
def retain(
    before: Annotated[str, typer.Option("--before", help="Loaded before this day: 2026-09-01.", show_default=False)],
    database: Database = HERE,
    root: Root = None,
) -> None:
    """Remove pupils' facts of every caseload that was loaded before a day; the trail stays, and verifies."""
    from datetime import UTC, datetime, time

    from senpolicy_board import loading
    from senpolicy_board.store import Store, compact, migrate

    day = day_of(before)
    settings, store = _settings(database, root), Store(database)
    migrate(store)
    with store.writing() as db:
        counts = loading.remove(db, settings, datetime.combine(day, time(), UTC))
    compact(store)
    store.close()
    said = ", ".join(f"{number} {what}" for what, number in counts.items())
    say(f"Removed: {said}. A board that runs forgets them when it is started again.")


@board.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="A new file to copy the database to.", show_default=False)],
    database: Database = HERE,
) -> None:
    """Copy a database of SQLite while the board runs, whole as of one moment."""
    from senpolicy_board import store as stores

    store = stores.Store(database)
    stores.backup(store, file)
    store.close()
    say(f"Copied to {file.name}.")
