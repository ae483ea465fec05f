"""Command lines that read the module of a command when it is called: no start waits for what another command needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

#: Commands in the order of the help: the name of each, its module within a package, and what `--help` says of it.
Commands = Mapping[str, tuple[str, str]]


def lazy_app(package: str, commands: Commands, help: str, *, no_args_is_help: bool = False) -> typer.Typer:
    """Return a command line whose commands are in modules of a package, each read when a command of it is called.

    A module adds its commands to what is returned, and they replace what held their place until then.
    """
    app = typer.Typer(
        help=help,
        no_args_is_help=no_args_is_help,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for name, (module, says) in commands.items():

        class Placeholder(Unread):
            pass

        Placeholder.app, Placeholder.module = app, f"{package}.{module}"
        app.command(name, cls=Placeholder, help=says)(_placeholder)
    return app


class Unread(TyperCommand):
    """A command by its name alone, whose module is read when it is called."""

    app: typer.Typer
    module: str

    def make_context(self, *given: Any, **named: Any) -> Any:
        """Return the context of the command itself, within which it is run."""
        import_module(self.module)
        known = len(self.app.registered_commands), len(self.app.registered_groups)
        return _group(self.app, known).commands[self.name or ""].make_context(*given, **named)


@cache
def _group(app: typer.Typer, known: tuple[int, int]) -> TyperGroup:
    """Return the commands of a command line, made once for as many as are `known` by now."""
    return get_group(app)


def _placeholder() -> None:
    """Do nothing: the command itself runs once its module is read."""


def read_all(app: typer.Typer) -> None:
    """Read the modules of a command line and of the groups below it, so that all their commands are there."""
    for command in [*app.registered_commands]:
        if command.cls and issubclass(command.cls, Unread):
            import_module(command.cls.module)
    for group in app.registered_groups:
        if group.typer_instance:
            read_all(group.typer_instance)
