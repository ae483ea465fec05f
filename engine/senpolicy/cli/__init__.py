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

# What else is installed here has no say in how a policy is read, and is not searched for a part in it.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

import typer
from typer.main import get_group

from senpolicy.cli.further import add_commands
from senpolicy.cli.lazy import read_all
from senpolicy.cli.shared import COMMANDS, app, count, find_root, load_policy, print_json, say
from senpolicy.files.problems import PolicyError, WrongUse

__all__ = ["every_command", "find_root", "load_policy", "main", "program"]


def every_command() -> typer.Typer:
    """Return the application with all its commands, those of further packages among them."""
    add_commands()
    read_all(app)
    return app


@lru_cache
def _command(further: bool) -> Callable[[], object]:
    """Return the command line, made once: with the commands of further packages, or without."""
    if further:
        add_commands()
    return get_group(app)


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
            # Whatever else is installed is not looked through for a command of the engine's own.
            _command(further=len(sys.argv) < 2 or sys.argv[1] not in COMMANDS)()
        finally:
            sys.stdout.flush()  # A full disk is to be said here, not by the interpreter as it ends.
    except PolicyError as error:
        if "--json" in sys.argv and "check" not in sys.argv[1:2]:
            print_json([])  # Nothing could be decided; `check` has listed its problems already.
        from senpolicy.files.codes import worst_first  # Where there is no error it would be read for nothing.

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
