"""The commands. Messages go to standard error, results to standard output; exit 0 fine, 1 problems, 2 wrong use."""

from __future__ import annotations

import io
import os
import sys

from senpolicy.cli import (
    board_files,
    changing,
    checking,
    deciding,
    modelling,
    moderating,
    publishing,
    recording,
    writing,
)
from senpolicy.cli.shared import app, count, find_root, load_policy, print_json, say
from senpolicy.problems import PolicyError, WrongUse

__all__ = [
    "app",
    "board_files",
    "changing",
    "checking",
    "deciding",
    "find_root",
    "load_policy",
    "main",
    "modelling",
    "moderating",
    "publishing",
    "recording",
    "writing",
]


def main() -> None:
    """Run the command line; problems and wrong use become messages, never tracebacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # The same bytes whatever the language of the machine.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except PolicyError as error:
        if "--json" in sys.argv and "check" not in sys.argv[1:2]:
            print_json([])  # Nothing could be decided; `check` has listed its problems already.
        from senpolicy.codes import worst_first

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
