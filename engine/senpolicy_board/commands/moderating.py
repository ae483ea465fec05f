"""The commands that look after a moderation board: below board, add-account, load, retain and backup."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.cli.shared import AsOf, Proposed, Readings, Root, Scenario, count, day_of, find_root, load_policy, say
from senpolicy.files.problems import WrongUse
from senpolicy_board import accounts, editions, loading, signing
from senpolicy_board.commands import HERE, Database, asked, board
from senpolicy_board.policies import policies_of
from senpolicy_board.settings import Settings
from senpolicy_board.store import backup as copy
from senpolicy_board.store import compact, opened
from senpolicy_board.store import prepare as allow
from senpolicy_board.tables import Account


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
    """Add an account; the password is asked for, or read from standard input.

    A recovery code is printed, to be given to its holder on paper: it opens the account once where strangers lock it.
    """
    settings, password = Settings(database, find_root(root)), asked("Password", twice=True)
    with opened(database) as store, store.writing():
        shown = label or sign_in.replace("-", " ").capitalize()
        code = accounts.new_recovery(settings, accounts.add(settings, sign_in, shown, role, password), "command")
    print(f"recovery code: {code}")
    say(f"Added: {sign_in}, {role}, shown as '{shown}'. Give them the recovery code on paper; it works once.")


@board.command("account")
def account(
    sign_in: Annotated[str, typer.Argument(help="The name that the account signs in with.", show_default=False)],
    do: Annotated[
        str,
        typer.Argument(help="disable, enable, reset, leave, drop-second-factor or recovery-code.", show_default=False),
    ],
    database: Database = HERE,
    root: Root = None,
) -> None:
    """Disable, enable or reset an account, take its second factor off, or close it when its holder leaves.

    With reset the new password is asked for, or read from standard input; its holder then sets another. With
    recovery-code another code is printed, to be given to the holder on paper: it opens what strangers have locked.
    """
    settings, password = Settings(database, find_root(root)), asked("Password", twice=True) if do == "reset" else ""
    with opened(database) as store, store.writing():
        code = accounts.do(settings, sign_in, do, password)
    if code:
        print(f"recovery code: {code}")
    say(f"Done: {sign_in}, {do}. Its sessions have ended.")


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
    """Load a caseload onto the board; rows that are at fault are refused, and listed."""
    load_policy(root, as_of, include_proposed, readings, scenario)
    settings = Settings(
        database, find_root(root), as_of=as_of, include_proposed=include_proposed, readings=readings, scenario=scenario
    )  # fmt: skip
    with opened(database) as store, policies_of(settings) as policies:
        with store.reading():
            account = Account.objects.filter(sign_in=by).first()
        if account is None or not accounts.may(account.role, "load a caseload"):
            raise WrongUse(f"'{by}' is not an account that may load a caseload. Name a chair or an officer.")
        found = loading.read(caseload, policies)
        with store.writing():
            loading.keep(settings, policies, found, title, account)
    for said in (*(str(problem) for refused in found.refused for problem in refused.problems), *found.notes):
        say(said)
    say(f"{count(len(found.rows), 'case')} loaded, {len(found.refused)} refused.")
    raise typer.Exit(1 if found.refused else 0)


@board.command("levels")
def levels(
    table: Annotated[
        Path | None,
        typer.Argument(help="CSV: two editions as headings, a level of each in every row.", show_default=False),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="The sign-in name of the chair who takes it over.")] = "",
    database: Database = HERE,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    root: Root = None,
) -> None:
    """Take over the council's table of levels between two editions, or show the levels that no table maps.

    Cases of the older edition stay in its words, and are counted in the levels of the newer one. The digest of the
    table and who took it over are in the trail.
    """
    settings = Settings(database, find_root(root), as_of, include_proposed, readings, scenario)
    with opened(database) as store, policies_of(settings) as policies:
        if table is not None:
            content = signing.content(table)
            with store.writing():
                account = Account.objects.filter(sign_in=by, role="chair", active=True).first()
                if account is None:
                    raise WrongUse(f"'{by}' is not the account of a chair. Name one who takes the table over: --by.")
                kept = editions.take_over(settings, policies, content, account)
            say(f"Taken over: {kept.from_edition} to {kept.to_edition}, {kept.digest}.")
        with store.reading():
            left = editions.unmapped(policies, editions.tables())
    for edition, level in left:
        print(f"{edition}: {level} is unmapped")


@board.command("retain")
def retain(
    before: Annotated[str, typer.Option("--before", help="Loaded before this day: 2026-09-01.", show_default=False)],
    database: Database = HERE,
    root: Root = None,
) -> None:
    """Remove pupils' facts of every caseload that was loaded before a day; the trail stays, and verifies."""
    day = day_of(before)
    settings = Settings(database, find_root(root))
    with opened(database) as store:
        with store.writing():
            counts = loading.remove(settings, datetime.combine(day, time(), UTC))
        compact(store)
    said = ", ".join(f"{number} {what}" for what, number in counts.items())
    say(f"Removed: {said}. A board that runs forgets them when it is started again.")


@board.command("prepare")
def prepare(
    role: Annotated[
        str, typer.Option("--role", help="The role that the board uses; it must exist.", show_default=False)
    ],
    database: Annotated[
        str, typer.Option("--database", help="postgresql://owner@host/name, as the tables' owner.", show_default=False)
    ],
) -> None:
    """Bring a PostgreSQL database up to date as its owner, and let a role use it that owns nothing.

    The board refuses to run as a role that owns its tables: such a one could drop the triggers that protect the record.
    """
    with opened(database, current=False) as store:
        allow(store, role)
    say(f"Prepared. Start the board as {role}.")


@board.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="A new file to copy the database to.", show_default=False)],
    database: Database = HERE,
) -> None:
    """Copy a database of SQLite while the board runs, whole as of one moment."""
    with opened(database, current=False) as store:
        copy(store, file)
    say(f"Copied to {file.name}.")
