"""The commands that check the policy itself: check, schemas, figures."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.checking import figures as checked
from senpolicy.checking import golden as golden_cases
from senpolicy.checking import lock, offered
from senpolicy.checking.exhaustive import policies as to_be_tried
from senpolicy.checking.exhaustive import told_once
from senpolicy.checking.faithfulness import look_up
from senpolicy.checking.golden import GoldenFile
from senpolicy.checking.golden_files import check as check_golden
from senpolicy.checking.horizon import warnings
from senpolicy.checking.opening import Asked, open_corpus
from senpolicy.checking.recovery import check_all, identifying
from senpolicy.checking.schemas import disagreements
from senpolicy.checking.schemas import schemas as made
from senpolicy.checking.settling import to_come
from senpolicy.cli.reporting import Format, report
from senpolicy.cli.shared import (
    AsJson,
    Root,
    app,
    count,
    day_of,
    faults_of,
    find_root,
    print_json,
    print_lines,
    progress_bar,
    say,
)
from senpolicy.cli.shared import today as by_the_clock
from senpolicy.files.codes import explained, worst_first
from senpolicy.files.problems import Problem, WrongUse
from senpolicy.policy.corpus import Corpus, load
from senpolicy.policy.layout import RECORDS


@app.command()
def check(
    root: Root = None,
    sources: Annotated[
        Path | None,
        typer.Option("--sources", help="Look every figure up in the documents of this folder.", show_default=False),
    ] = None,
    today: Annotated[
        str | None,
        typer.Option("--today", help="Warn of what is due on this day or soon after: 2026-09-01.", show_default=False),
    ] = None,
    report_as: Annotated[
        Format, typer.Option("--format", help="As text, JSON, a SARIF 2.1.0 log, or GitHub's annotations.")
    ] = Format.TEXT,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain", help="Say what a code means: what to avoid, what to prefer, and why.", metavar="CODE"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the whole corpus: YAML, names, dates, sources, gaps and overlaps.

    All problems are shown, worst first. With --sources: is each figure in the paragraph that it cites? With --today:
    what falls due?
    """
    if explain is not None:
        print_lines([("", explained(explain).text())])
        return
    day = None if today is None else day_of(today)
    top = find_root(root)
    problems, said = _checked(top, sources, day)
    problems = worst_first(problems)
    errors = sum(not problem.warning for problem in problems)
    said = [*said[:-1], f"{said[-1]}{count(errors, 'problem')}, {count(len(problems) - errors, 'warning')}."]
    report(problems, said, Format.JSON if as_json else report_as, top)
    raise typer.Exit(1 if errors else 0)


def _checked(top: Path, sources: Path | None, day: date | None) -> tuple[list[Problem], list[str]]:
    """Return every problem of the corpus, and what is to be said of it as a whole."""
    found = check_all(top)
    loaded, problems = found.corpus, found.problems
    if loaded is None:
        return problems, [found.left_out, ""]
    said = []
    problems += to_come(loaded, day or by_the_clock())
    if not any(not problem.warning and problem.place.file.startswith("policy/") for problem in problems):
        problems += [*lock.check(loaded), *disagreements(loaded)]
    if any(not problem.warning for problem in problems):
        problems += identifying(loaded.root, loaded.facts)
        said.append("Rules and cases are tried once that is mended: more may be found then.")
    else:
        policies = cache(lambda scenario: Asked(include_proposed=True, scenario=scenario).of(loaded))
        problems += check_golden(loaded, policies)
        problems += told_once((one, faults_of(one)) for one in to_be_tried(loaded))
        if day:
            problems += warnings(loaded, day)
    if sources is not None:
        report = look_up(loaded, _texts(loaded, sources))
        problems += [*report.problems, *(one.problem() for one in report.not_checkable)]
        said.append(
            f"{len(report.found)} figures found in the sources, {len(report.not_checkable)} not checkable here."
        )
    counted = (
        f"{len(loaded.decisions)} decisions, {len(loaded.questions)} questions, {len(loaded.open_points)} open points"
    )
    return problems, [*said, f"{counted}: "]


def _texts(corpus: Corpus, folder: Path) -> dict[str, bytes]:
    """Return the documents of the policy that lie in `folder`, by file name; raises `WrongUse` for no folder."""
    if not folder.is_dir():
        raise WrongUse(f"There is no folder '{folder}'. Name the one that holds the council's documents.")
    names = {document.file for document in corpus.documents.values() if document.file}
    return {name: (folder / name).read_bytes() for name in sorted(names) if (folder / name).is_file()}


@app.command()
def golden(
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 for a decision or an answer without a golden case, too.")
    ] = False,
    report_as: Annotated[
        Format, typer.Option("--format", help="As text, JSON, a SARIF 2.1.0 log, or GitHub's annotations.")
    ] = Format.TEXT,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Decide each golden case, and say on its line what differs, and why.

    Warnings name the decisions, answers and open points that no case expects yet.
    """
    top = find_root(root)
    corpus = open_corpus(top, RECORDS)
    cases = golden_cases.every(top)
    by = golden_cases.deciders(corpus)
    problems: list[Problem] = []
    with progress_bar("Deciding") as progress:
        for done, pinned in enumerate(cases, start=1):
            problems += golden_cases.problems(pinned, by(pinned))
            if progress:
                progress(done, len(cases))
    lacks = list(golden_cases.lacking(corpus, cases))
    said = f"{count(len(cases), 'golden case')}: {count(len(problems), 'difference')}, {len(lacks)} lacking."
    report([*problems, *lacks], [said], Format.JSON if as_json else report_as, top, "Golden cases")
    raise typer.Exit(1 if problems or (strict and lacks) else 0)


@app.command()
def schemas(
    folder: Annotated[Path, typer.Argument(help="Where to write them, one file a kind.", show_default=False)],
    only_check: Annotated[bool, typer.Option("--check", help="Write nothing; say which are not up to date.")] = False,
    root: Root = None,
) -> None:
    """Write the JSON Schemas of every kind of file, for editors and other programs.

    With --check nothing is written: exit 1 where a schema in the folder is not the one that would be written.
    """
    top = find_root(root)
    texts = {
        name: json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for name, schema in made(GoldenFile, load(top, without=RECORDS)).items()
    }
    if only_check:
        now = texts.pop(offered.FILE)
        old = [name for name, text in texts.items() if not _same(folder / name, text)]
        old += [path.name for path in folder.glob("*.json") if path.name not in (*texts, offered.FILE)]
        for name in sorted(old):
            say(f"{folder.name}/{name} is not what the models say. Run: make schemas")
        _names_to_renew(folder, now)
        raise typer.Exit(1 if old else 0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.schema.json"):
            if path.name not in texts:
                path.unlink()
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"The schemas cannot be written there: {error.strerror}. Name a folder that can be.") from None
    say(f"{len(texts)} schemas written.")


def _names_to_renew(folder: Path, now: str) -> None:
    """Say how many names editors are not told of as they are now; it is put right on the main branch."""
    try:
        stored = json.loads((folder / offered.FILE).read_text(encoding="utf-8"))
        names = list(offered.new_names(stored, json.loads(now)))
    except (OSError, ValueError, KeyError):
        names = ["all"]
    if names:
        said = "The workflow of the main branch renews it once this is merged."
        say(f"{folder.name}/{offered.FILE} has {count(len(set(names)), 'name')} missing or out of date. {said}")


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


@app.command()
def figures(root: Root = None, as_json: AsJson = False) -> None:
    """List the figures of the sources with their arithmetic worked out, and those that contradict each other."""
    corpus = open_corpus(find_root(root))
    if as_json:
        print_json(checked.to_json(corpus))
        return
    print_lines(checked.lines(corpus))
    file = checked.recorded(corpus)
    if file:
        say(f"{count(len(file.figures), 'figure')}, {count(len(file.contradictions), 'contradiction')}.")
    else:
        say(f"No figures are recorded: there is no {checked.FILE}.")
