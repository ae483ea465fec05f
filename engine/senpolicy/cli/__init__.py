"""The commands. Messages go to standard error, results to standard output; exit 0 fine, 1 problems, 2 wrong use."""

from __future__ import annotations

import atexit
import errno
import gc
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

# What else is installed here has no say in how a policy is read, and is not searched for a part in it.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from senpolicy.cli.shared import app, count, find_root, load_policy, print_json, say
from senpolicy.files.problems import PolicyError, WrongUse

if TYPE_CHECKING:
    import typer

__all__ = ["every_command", "find_root", "load_policy", "main", "program"]

#: The modules that hold the commands, in the order in which the help lists them.
MODULES = ("deciding", "checking", "changing", "writing", "modelling", "publishing", "recording")
#: The commands that read their own module alone: the others need not be ready when one of these is called.
ALONE = {"decide": "deciding", "explain": "deciding", "timeline": "deciding", "check": "checking"}


def every_command() -> typer.Typer:
    """Return the application with all its commands, those of further packages among them."""
    from senpolicy.cli.further import add_commands

    for module in MODULES:
        import_module(f"senpolicy.cli.{module}")
    add_commands()
    return app


@lru_cache
def _command(module: str) -> Callable[[], object]:
    """Return the command line, made once: of one module's commands, or of all where none is named."""
    from typer.main import get_command

    if module:
        import_module(f"senpolicy.cli.{module}")
    else:
        every_command()
    return get_command(app)


def program() -> None:
    """Run `main` as the whole of this process, which ends with its exit code once all exit handlers have run.

    It ends there: to take apart first what was read takes longer than to decide a case.
    """
    codes: list[int] = []

    def end() -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        if codes:  # Without one, something went wrong that Python is to tell.
            os._exit(codes[0])

    atexit.register(end)  # The first that is registered is the last that is run.
    try:
        main()
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            codes.append(ended.code or 0)
        raise
    codes.append(0)


def main() -> None:
    """Run the command line; problems and wrong use become messages, never tracebacks."""
    # What is read at the start stays: looking through it again and again for garbage is a tenth of a short run.
    gc.set_threshold(100_000, 50, 50)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # The same bytes whatever the language of the machine.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            _command(ALONE.get(sys.argv[1], "") if len(sys.argv) > 1 else "")()
        finally:
            sys.stdout.flush()  # A full disk is to be said here, not by the interpreter as it ends.
    except PolicyError as error:
        if "--json" in sys.argv and "check" not in sys.argv[1:2]:
            print_json([])  # Nothing could be decided; `check` has listed its problems already.
        from senpolicy.files.codes import worst_first

        for problem in worst_first(error.problems):
            say(str(problem))
        say(f"{count(sum(not problem.warning for problem in error.problems), 'problem').capitalize()}.")
        sys.exit(1)
    except WrongUse as error:
        say(str(error))
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            if not isinstance(error.filename, str | os.PathLike):
                raise
            say(f"'{os.fspath(error.filename)}' cannot be used: {error.strerror}. Check its name and its rights.")
            sys.exit(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        say("The disk is full; what was printed is not whole. Make room, or print elsewhere.")
        sys.exit(1)
