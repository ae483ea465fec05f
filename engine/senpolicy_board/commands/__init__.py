"""The commands of the board, which `senpolicy` finds by the entry points in this package's pyproject.toml."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.cli.lazy import lazy_app
from senpolicy.cli.shared import AsOf, Proposed, Readings, Root, Scenario, find_root, load_policy, without_board
from senpolicy.files.problems import WrongUse
from senpolicy_board.settings import Settings

#: As in the engine's own list of its commands: the module of each, and its first paragraph.
COMMANDS = {
    "add-account": ("moderating", "Add an account; the password is asked for, or read from standard input."),
    "account": (
        "moderating",
        "Disable, enable or reset an account, take its second factor off, or close it when its holder leaves.",
    ),
    "load": ("moderating", "Load a caseload onto the board; rows that are at fault are refused, and listed."),
    "levels": (
        "moderating",
        "Take over the council's table of levels between two editions, or show the levels that no table maps.",
    ),
    "retain": (
        "moderating",
        "Remove pupils' facts of every caseload that was loaded before a day; the trail stays, and verifies.",
    ),
    "prepare": (
        "moderating",
        "Bring a PostgreSQL database up to date as its owner, and let a role use it that owns nothing.",
    ),
    "backup": ("moderating", "Copy a database of SQLite while the board runs, whole as of one moment."),
    "precedents": ("board_files", "Write the board's precedents to a file, for compare --precedents."),
    "golden": ("board_files", "Print a precedent as a golden case, to be added to the tests of the policy."),
    "records": (
        "board_files",
        "Write the decision record of each case that the board has decided, for verify-record.",
    ),
    "subject": ("board_files", "Write everything that the board holds of one pupil, for a request of access."),
    "cohort": ("cohort", "Write the pupils whose level the board has settled to a file, for tariff --cohort."),
    "head": ("board_files", "Print the number and the hash of the trail's last entry, to be kept outside the board."),
    "trail": ("board_files", "Write the board's audit trail to a file, for verify-record --trail."),
}

board = lazy_app("senpolicy_board.commands", COMMANDS, "Run the moderation board, and look after it.")

Database = Annotated[
    str, typer.Option("--database", help="sqlite:///board.db, or postgresql://user@host/name.", show_default=True)
]
HERE = "sqlite:///board.db"


def asked(what: str, *, twice: bool = False) -> str:
    """Return a secret that is asked for without showing it, `twice` where it is new, or read from standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, confirmation_prompt=twice))
    return sys.stdin.readline().rstrip("\n")


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
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Have everyone set a second factor before they go on.")
    ] = False,
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
        from senpolicy_board.commands.serving import serve  # The web application is read where it is started alone.
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
    serve(
        host, port,
        Settings(
            database, find_root(root), as_of=as_of, include_proposed=include_proposed, readings=readings,
            scenario=scenario, secure=proxy is not None, hosts=hosts, second_factor=second_factor,
        ),
    )  # fmt: skip
