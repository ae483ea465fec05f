"""What the commands share: the options, the policy that is asked for, and how things are said and written."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from platformdirs import user_cache_path

from senpolicy.checking import opening
from senpolicy.cli.lazy import lazy_app
from senpolicy.files.digests import PlainData
from senpolicy.files.models.units import read_date
from senpolicy.files.problems import Problem, WrongUse
from senpolicy.policy.layout import BESIDE, RECORDS
from senpolicy.policy.timeline import Policy

if TYPE_CHECKING:
    from senpolicy.deciding.cases import Case

#: What a bar says while the rules are tried.
TRYING = "Checking every kind of case"

#: The commands in the order of the help: the module of each, and what `--help` says of it, its own first paragraph.
COMMANDS = {
    "decide": ("deciding", "Decide each case in FILE and say why; or decide a whole caseload and write it to a file."),
    "explain": (
        "explaining",
        "Explain each case: why, what is still possible, why not another answer, and what would lead to it.",
    ),
    "timeline": ("explaining", "Show on which days any answer of a case changes, and what changes."),
    "check": ("checking", "Check the whole corpus: YAML, names, dates, sources, gaps and overlaps."),
    "golden": ("checking", "Decide each golden case, and say on its line what differs, and why."),
    "schemas": ("checking", "Write the JSON Schemas of every kind of file, for editors and other programs."),
    "figures": (
        "checking",
        "List the figures of the sources with their arithmetic worked out, and those that contradict each other.",
    ),
    "open-points": (
        "proving",
        "List what the policy leaves open: what it would allow, what would settle it, and how it is read.",
    ),
    "prove": (
        "proving",
        "Prove that every case has one answer or one open point on every date, and what else is declared.",
    ),
    "coverage": (
        "proving",
        "Show what of the policy the golden cases try, and for all that they do not, a case to paste.",
    ),
    "compare": (
        "changing",
        "Compare two versions of the policy: for which cases, and on which days, a decision changes; "
        "or that none does.",
    ),
    "review": (
        "changing",
        "Say in one comment what a change does: for whom, from which day, the money, golden cases, decisions issued.",
    ),
    "equality": (
        "equality",
        "Write the working of an equality impact assessment: the effect on each group, beside what is promised.",
    ),
    "adopt": ("writing", "Adopt a reading of an open point, until the council settles it: by a role, with the reason."),
    "lock": (
        "writing",
        "Lock what the decisions that have been taken set, so that it changes only with a note of correction.",
    ),
    "fmt": (
        "writing",
        "Put the keys of files in order and their lines in line, without losing a comment; or refuse, and say why.",
    ),
    "upgrade": (
        "writing",
        "Bring files of an older form to the present one, once it is shown that the policy then says the same.",
    ),
    "budgets": (
        "funding",
        "Work out the Communities' budgets of a year, exactly; a range where the policy leaves a share open.",
    ),
    "tariff": (
        "tariffs",
        "Cost plans of bands and rates over a mapped cohort, or solve them for an envelope: by school and group.",
    ),
    "ledger": (
        "funding",
        "Work out what earlier claims take of a Community's budget, what is allocated, and what is left; year by year.",
    ),
    "simulate": (
        "funding",
        "Make up a caseload after published figures, for trying things without a child's data; and show its fit.",
    ),
    "import": (
        "importing",
        "Read what a school or the council holds into a caseload: what is certain, what a person must confirm.",
    ),
    "options": (
        "weighing",
        "Put the policy and its scenarios side by side over a caseload: routes, what is paid and protected, what is "
        "open.",
    ),
    "model": (
        "modelling",
        "Model what a school's pupils attract in each period of the policy, what changes when, and what is open.",
    ),
    "serve": (
        "serving",
        "Answer other systems over HTTP: decide, explain, timeline, budgets, tariff. It keeps and logs nothing.",
    ),
    "publish": ("publishing", "Write the site's pages as Markdown, and the configuration that builds them."),
    "verify-record": (
        "recording",
        "Check decision records: nothing changed, and each answer follows from the facts and the rules.",
    ),
    "new": ("writing", "Write something new into the policy, or refuse and say why."),
}

app = lazy_app(
    "senpolicy.cli",
    COMMANDS,
    "Decide, check and explain a funding policy that is written as YAML.",
    no_args_is_help=True,
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
Schools = Annotated[
    Path | None,
    typer.Option("--schools", help="For a school's own list or a return: the register of schools.", show_default=False),
]
On = Annotated[
    str | None,
    typer.Option("--on", help="For a school's own list or a return: the day to decide for.", show_default="today"),
]
LeaveUnread = Annotated[
    bool,
    typer.Option("--leave-unread", help="Leave columns unread that rules/facts.yaml does not declare."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


def count(number: int, what: str) -> str:
    """Return a number and what it counts: "no problems", "1 problem", "2 problems"."""
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def today() -> date:
    """Return the day that it is here."""
    return datetime.now().astimezone().date()


def day_of(text: str) -> date:
    """Return the day that is written; raises `WrongUse` for anything else."""
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
    if output is not None and output.is_dir():
        raise WrongUse(f"'{output}' is a folder. Name a file in it that ends in {' or '.join(endings)}.")
    if output is not None and output.suffix.lower() not in endings:
        kinds = " or ".join(endings)
        raise WrongUse(f"'{output.name}' would not be what its name says. Use a name that ends in {kinds}.")


def write(path: Path, made: str | bytes) -> None:
    """Write a file whole or not at all."""
    from senpolicy.caseloads.tables import whole  # It reads the libraries for tables, which few commands need.

    if not path.parent.is_dir():
        raise WrongUse(f"The folder for '{path.name}' does not exist. Make it, or name another.")
    with whole(path) as file:
        file.write(made.encode("utf-8") if isinstance(made, str) else made)


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

    The engine's own is the checkout that it is in, or what an installed package carries.
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


def without_board(what: str) -> WrongUse:
    """Return the error of what needs the libraries of the board, where they are not installed."""
    return WrongUse(
        f"{what} needs more libraries. In a copy of the repository 'make .venv' installs them, elsewhere "
        "pip install 'sen-funding-policy[board]'."
    )


def say(text: str) -> None:
    """Print a message on standard error."""
    print(text, file=sys.stderr)


def warn(cases: Iterable[Case]) -> None:
    """Print the warnings of cases that could be read, on standard error."""
    for case in cases:
        for warning in case.warnings:
            say(str(warning))


def print_json(data: Sequence[PlainData]) -> None:
    """Print one JSON list on standard output."""
    print(as_json_text(data), end="")


def as_json_text(data: Sequence[PlainData]) -> str:
    """Return one JSON list as the commands print it."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def print_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Print lines, each with its style, on standard output: in colour and wrapped on a terminal, plain elsewhere."""
    if not sys.stdout.isatty():
        for _, text in lines:
            print(text)
        return
    from senpolicy.cli import terminal  # Not read where nobody sees it.

    terminal.print_lines(lines)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give what to tell of steps done and steps in all, while a bar shows them; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from senpolicy.cli import terminal  # Not read where nobody sees it.

    with terminal.progress_bar(what) as told:
        yield told
