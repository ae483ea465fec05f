"""What a package of its own adds to the commands: found by its entry points, so that none is imported by name."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

import typer

from senpolicy.cli.shared import app, without_board

#: Groups of commands, each by its name: a `typer.Typer`.
COMMANDS = "senpolicy.commands"
#: What checks a trail: called with its file or URL, a hash that it must hold, and what checks a decision record.
TRAILS = "senpolicy.trails"


def found(group: str) -> dict[str, Any]:
    """Return what installed packages give in a group of entry points, by name, without what lacks libraries."""
    given = {}
    for point in entry_points(group=group):
        with suppress(ImportError):
            given[point.name] = point.load()
    return given


@lru_cache
def add_commands() -> None:
    """Add the commands of further packages, once; where the board is not installed, its command says so."""
    given = found(COMMANDS)
    for name, commands in given.items():
        app.add_typer(commands, name=name)
    if "board" not in given:
        app.command("board", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(lacking)


def lacking(context: typer.Context) -> None:
    """Run the moderation board, which is not installed here."""
    raise without_board("The board")
