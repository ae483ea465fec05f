"""Command lines that read the module of a command when it is called: no start waits for what another command needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

#: Commands in the order of the help: the name of each, its module within a package, and what `--help` says of it.
Commands = Mapping[str, tuple[str, str]]


def lazy_app(package: str, commands: Commands, **settings: Any) -> typer.Typer:
    """Return a command line whose commands are in modules of a package, each read when a command of it is called.

    Each module adds its commands to what is returned. `settings` are those of `typer.Typer`.
    """

    class Group(LazyGroup):
        pass

    Group.app = typer.Typer(cls=Group, rich_markup_mode=None, **settings)
    Group.listed = {name: (f"{package}.{module}", says) for name, (module, says) in commands.items()}
    return Group.app


def read_all(app: typer.Typer) -> None:
    """Read the modules of a command line and of the groups below it, so that all their commands are there."""
    kind = app.info.cls
    if isinstance(kind, type) and issubclass(kind, LazyGroup):
        for module, _ in kind.listed.values():
            import_module(module)
    for group in app.registered_groups:
        if group.typer_instance:
            read_all(group.typer_instance)


class LazyGroup(TyperGroup):
    """A group in which a command whose module has not been read is there by name, with what `--help` says of it."""

    app: typer.Typer
    listed: Commands

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        read = self.commands
        unread = {name: Unread(name, module, says, self.app) for name, (module, says) in self.listed.items()}
        self.commands = {**unread, **read}


class Unread(TyperCommand):
    """A command by its name; its module is read when it is called."""

    def __init__(self, name: str, module: str, says: str, app: typer.Typer) -> None:
        super().__init__(name, help=says)
        self._module, self._app = module, app

    @cached_property
    def _command(self) -> Any:
        import_module(self._module)
        return get_group(self._app).commands[self.name or ""]

    def make_context(self, *given: Any, **named: Any) -> Any:
        """Return the context of the command itself, within which it is run."""
        return self._command.make_context(*given, **named)
