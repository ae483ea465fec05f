"""What the commands share: the options, the policy that is asked for, and how things are said and written."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_cache_path

from senpolicy.checking import opening
from senpolicy.files.digests import PlainData
from senpolicy.files.problems import Problem, WrongUse
from senpolicy.policy.layout import BESIDE, RECORDS
from senpolicy.policy.timeline import Policy

#: What a bar says while the rules are tried.
TRYING = "Checking every kind of case"

app = typer.Typer(
    name="senpolicy",
    help="Decide, check and explain a funding policy that is written as YAML.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Root = Annotated[
    Path | None,
    typer.Option("--root", help="The folder that holds policy/, rules/ and descriptors/.", show_default="found"),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="The policy as it was once this decision had been taken.")]
Proposed = Annotated[bool, typer.Option("--include-proposed", help="Count decisions that are only proposed.")]
Readings = Annotated[str, typer.Option("--readings", help="Adopted readings that count: all, none, or up to an id.")]
Scenario = Annotated[
    str | None,
    typer.Option(
        "--scenario", help="Lay the assumed values of this scenario, or file, over the policy, for modelling only."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


def count(number: int, what: str) -> str:
    """Return a number and what it counts: "no problems", "1 problem", "2 problems"."""
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def day_of(text: str) -> date:
    """Return the day that is written; raises `WrongUse` for anything else."""
    from senpolicy.files.models.rules import read_date

    try:
        return read_date(text)
    except ValueError:
        raise WrongUse(f"'{text}' is not a day. Write year, month, day: 2026-09-01.") from None


def load_policy(
    root: Path | None,
    as_of: str | None,
    include_proposed: bool,
    readings: str,
    scenario: str | None = None,
    *,
    faults: bool = True,
    beside: bool = True,
) -> Policy:
    """Return the checked policy; raises `PolicyError` when the corpus has problems, `WrongUse` for unknown names.

    `scenario` is the name of one, or a file that holds one. Without `faults`, the rules that decide cases are not tried
    on every kind of case: for what decides none. Without `beside`, the files on which no case rests are left unread.
    """
    return opening.open_policy(
        find_root(root),
        opening.Asked(as_of, include_proposed, readings, scenario),
        without=RECORDS if beside else BESIDE,
        tried=faults,
        passed=passed_folder(),
        progress=progress_bar(TRYING),
    )


def make_folder(folder: Path) -> None:
    """Make a folder to write to, unless it is there; raises `WrongUse` where none can be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = f"'{folder.name}' cannot be made a folder: {error.strerror}."
        raise WrongUse(f"{said} Name a folder that can be written to.") from None


def ends_in(output: Path | None, *endings: str) -> None:
    """Raise `WrongUse` where the name of a file to write does not say the kind of file that will be written."""
    if output is not None and output.suffix.lower() not in endings:
        kinds = " or ".join(endings)
        raise WrongUse(f"'{output.name}' would not be what its name says. Use a name that ends in {kinds}.")


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    from senpolicy.caseloads.tables import whole

    if not path.parent.is_dir():
        raise WrongUse(f"The folder for '{path.name}' does not exist. Make it, or name another.")
    with whole(path) as file:
        file.write(text.encode("utf-8"))


def faults_of(policy: Policy) -> list[Problem]:
    """Return the faults of the rules on every kind of case; a pass is remembered."""
    return opening.faults_of(policy, passed_folder(), progress_bar(TRYING))


def passed_folder() -> Path | None:
    """Return the folder of the system's caches in which passes are remembered; None for a user without a home."""
    try:
        return user_cache_path("senpolicy") / "agreed"
    except RuntimeError:
        return None


def find_root(given: Path | None) -> Path:
    """Return the folder of the policy: the one given, the nearest above this one that has it, or the engine's own.

    The engine's own is the checkout that it stands in, or what an installed package carries.
    """
    if given is not None:
        if any((given / name).is_dir() for name in ("policy", "rules", "descriptors")):
            return given
        raise WrongUse(f"There is no policy in '{given}'. Name the folder that holds policy/, rules/ and descriptors/.")
    try:
        here = Path.cwd()
    except OSError:
        raise WrongUse("The folder of this command is gone. Go to another, or name the policy's with --root.") from None
    engine = Path(__file__).resolve().parent
    for folder in (here, *here.parents, engine.parent / "data", *engine.parents):
        if (folder / "policy").is_dir() and (folder / "rules").is_dir():
            return folder
    raise WrongUse("There is no folder with policy/ and rules/ here or above. Name it with --root.")


def stop_in_order() -> None:
    """Have a command that is asked to stop (SIGTERM) clear away what it has begun, say so, and end with status 143."""

    def stopped(*_: object) -> None:
        say("Stopped before the end; nothing was written.")
        sys.exit(143)

    signal.signal(signal.SIGTERM, stopped)


def without_board(what: str) -> WrongUse:
    """Return the error of what needs the libraries of the board, where they are not installed."""
    return WrongUse(
        f"{what} needs more libraries. In a copy of the repository 'make .venv' installs them, elsewhere "
        "pip install 'sen-funding-policy[board]'."
    )


def say(text: str) -> None:
    """Print a message on standard error."""
    print(text, file=sys.stderr)


def print_json(data: Sequence[PlainData]) -> None:
    """Print one JSON list on standard output."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


def print_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Print lines, each with its style, on standard output: in colour and wrapped on a terminal, plain elsewhere."""
    if not sys.stdout.isatty():
        for _, text in lines:
            print(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for style, text in lines:
        indent = len(text) - len(text.lstrip())
        lines_of_it = Text(text.lstrip(), style=style).wrap(console, max(console.width - indent - 2, 30))
        for number, wrapped in enumerate(lines_of_it):
            wrapped.rstrip()
            console.print(" " * (indent + 2 if number else indent), wrapped, sep="", end="\n", soft_wrap=True)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give what to tell of steps done and steps in all, while a bar shows them; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
