"""The commands. Messages go to standard error, results to standard output; exit 0 fine, 1 problems, 2 wrong use."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from senpolicy.problems import PolicyError, Problem, WrongUse

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
AsOf = Annotated[str | None, typer.Option("--as-of", help="The policy as it stood once this decision had been taken.")]
Proposed = Annotated[bool, typer.Option("--include-proposed", help="Count decisions that are only proposed.")]
Readings = Annotated[str, typer.Option("--readings", help="Adopted readings that count: all, none, or up to an id.")]
Scenario = Annotated[
    str | None,
    typer.Option("--scenario", help="Lay the assumed values of this scenario over the policy, for modelling only."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


@app.command()
def check(root: Root = None, as_json: AsJson = False) -> None:
    """Check the whole corpus: YAML, names, dates, sources, gaps and overlaps."""
    from senpolicy import corpus as corpora
    from senpolicy.check import check as check_corpus

    top = find_root(root)
    loaded = corpora.load(top)
    problems = check_corpus(loaded)
    if not any(not problem.warning for problem in problems):
        problems += _faults(_policy(loaded, None, True, "all"))
    if as_json:
        _print_json(
            [{"file": problem.place.file, "warning": problem.warning, **problem.to_json()} for problem in problems]
        )
    else:
        for problem in problems:
            say(str(problem))
    errors = sum(not problem.warning for problem in problems)
    counted = (
        f"{len(loaded.decisions)} decisions, {len(loaded.questions)} questions, {len(loaded.open_points)} open points"
    )
    say(f"{counted}: {errors or 'no'} problem{'' if errors == 1 else 's'}, {len(problems) - errors} warnings.")
    raise typer.Exit(1 if errors else 0)


@app.command()
def decide(
    file: Annotated[Path, typer.Argument(help="Cases as YAML or JSON: one case or a list.", show_default=False)],
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    everything: Annotated[bool, typer.Option("--all", help="Show the answers that did not hold too.")] = False,
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Decide each case in FILE and say why."""
    from senpolicy.cases import Case, read_file
    from senpolicy.decide import Decider, Decision

    policy = load_policy(root, as_of, include_proposed, readings, scenario)
    cases = read_file(file, policy)
    results = Decider(policy).decide_all(cases, everything=everything)
    for case in cases:
        for warning in case.warnings if isinstance(case, Case) else ():
            say(str(warning))
    if as_json:
        _print_json([result.to_json() for result in results])
    else:
        from senpolicy.explain import lines

        _print_lines(line for result in results for line in lines(result, everything=everything))
    decided = [result for result in results if isinstance(result, Decision)]
    refused = len(results) - len(decided)
    unsettled = sum(any(one.answer == "undetermined" for one in result.answers.values()) for result in decided)
    say(
        f"{len(results)} cases: {len(decided)} decided, "
        f"of which {unsettled} with something undetermined; {refused} not decided."
    )
    raise typer.Exit(1 if refused else 0)


@app.command()
def prove(
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    question: Annotated[str | None, typer.Option("--question", help="Prove this question or property alone.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", help="The time for each question and property.")] = 60,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where something was not proved in time, too.")] = False,
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Prove that every case has one answer or one open point on every date, and what else is declared.

    Without --as-of or --scenario: as of each decision that has been taken, and under each scenario.
    """
    import time

    from senpolicy import corpus as corpora
    from senpolicy import prove as proofs
    from senpolicy.check import sound

    chosen = proofs.policies(sound(corpora.load(find_root(root))), as_of=as_of, include_proposed=include_proposed,
                             readings=readings, scenario=scenario)  # fmt: skip
    with _progress("Proving") as progress:
        report = proofs.prove(chosen, clock=time.monotonic, seconds=seconds, only=question, progress=progress)
    if as_json:
        _print_json(report.to_json())
    else:
        _print_lines(report.lines())
    say(f"{len(report.proved)} proved, {len(report.faults)} faults, {len(report.unproved)} not proved in {seconds:g} s.")
    raise typer.Exit(1 if report.faults or (strict and report.unproved) else 0)


def load_policy(
    root: Path | None, as_of: str | None, include_proposed: bool, readings: str, scenario: str | None = None
) -> Any:
    """Return the checked policy; raises `PolicyError` when the corpus has problems, `WrongUse` for unknown names."""
    from senpolicy import corpus as corpora
    from senpolicy.check import sound

    policy = _policy(sound(corpora.load(find_root(root))), as_of, include_proposed, readings, scenario)
    faults = _faults(policy)
    if faults:
        raise PolicyError(faults)
    return policy


def _policy(corpus: Any, as_of: str | None, include_proposed: bool, readings: str, scenario: str | None = None) -> Any:
    from senpolicy.timeline import policy

    return policy(corpus, as_of=as_of, include_proposed=include_proposed, readings=readings, scenario=scenario)


def _faults(policy: Any) -> list[Problem]:
    """Return the faults of the rules on every kind of case; a pass is remembered by the digest of what it rests on."""
    engine = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        engine.update(path.read_bytes())
    readings = ",".join(reading.id for reading in policy.readings)
    scenario = policy.scenario.scenario if policy.scenario else ""
    named = "\n".join([policy.digest, *policy.decisions, readings, scenario, engine.hexdigest()])
    passed = _cache() / "agreed" / hashlib.sha256(named.encode()).hexdigest()
    if passed.exists():
        return []
    from senpolicy.regions import faults

    with _progress("Checking every kind of case") as progress:
        found = faults(policy, progress)
    if not found:
        try:
            passed.parent.mkdir(parents=True, exist_ok=True)
            passed.touch()
        except OSError:
            pass  # A place to remember is a convenience: without one the check is made again.
    return found


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "senpolicy"


def find_root(given: Path | None) -> Path:
    """Return the folder of the policy: the one given, the nearest above this one that has it, or the checkout's own."""
    if given is not None:
        return given
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(__file__).resolve().parents):
        if (folder / "policy").is_dir() and (folder / "rules").is_dir():
            return folder
    raise WrongUse("There is no folder with policy/ and rules/ here or above. Name it with --root.")


def say(text: str) -> None:
    """Print a message on standard error."""
    print(text, file=sys.stderr)


def _print_json(data: list[Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def _print_lines(lines: Iterable[tuple[str, str]]) -> None:
    if not sys.stdout.isatty():
        for _, text in lines:
            print(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for style, text in lines:
        indent = len(text) - len(text.lstrip())
        for number, wrapped in enumerate(Text(text, style=style).wrap(console, max(console.width - 2, 30))):
            console.print(" " * (indent + 2 if number else 0), wrapped, sep="", end="\n", soft_wrap=True)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def main() -> None:
    """Run the command line; problems and wrong use become messages, never tracebacks."""
    try:
        app()
    except PolicyError as error:
        for problem in error.problems:
            say(str(problem))
        say(f"{sum(not problem.warning for problem in error.problems)} problems.")
        sys.exit(1)
    except WrongUse as error:
        say(str(error))
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
