"""The commands that take a change of the policy: compare, review."""

from __future__ import annotations

import json
import random
import shlex
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from senpolicy.caseloads import population as simulate
from senpolicy.caseloads.population import Population
from senpolicy.checking import golden
from senpolicy.checking.opening import Asked, open_policy
from senpolicy.cli.shared import (
    TRYING,
    AsJson,
    AsOf,
    LeaveUnread,
    Proposed,
    Readings,
    Root,
    Scenario,
    app,
    find_root,
    passed_folder,
    print_json,
    print_lines,
    progress_bar,
    say,
)
from senpolicy.comparing import differences
from senpolicy.comparing import review as reviewing
from senpolicy.comparing.review import Review
from senpolicy.comparing.revisions import known, version
from senpolicy.comparing.taken import CHANGELOG, NOTES
from senpolicy.files.digests import PlainData
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse
from senpolicy.policy.corpus import Corpus, load
from senpolicy.policy.scenarios import beneath


@app.command()
def compare(
    base: Annotated[
        str,
        typer.Argument(help="A folder, a revision (main), a decision (24/00117) or a scenario.", show_default=False),
    ],
    head: Annotated[str, typer.Argument(help="Another folder, revision, decision or scenario.", show_default=False)],
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="A caseload: who moves, and the pounds; no small counts.", show_default=False),
    ] = None,
    decided: Annotated[
        Path | None,
        typer.Option(
            "--decided",
            help="What `decide --json` printed, a record, or a folder of them: what would differ.",
            show_default=False,
        ),
    ] = None,
    precedents: Annotated[
        Path | None,
        typer.Option(
            "--precedents", help="What `board precedents` wrote: which would be overturned.", show_default=False
        ),
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", help="Compare the answers to this question alone.", show_default=False)
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    leave_unread: LeaveUnread = False,
    scenario: Scenario = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Compare two versions of the policy: for which cases, and on which days, a decision changes; or that none does.

    Without --as-of: as each version is, and as of each decision that both have taken. A decision as a version is the
    policy of --root once that decision had been taken; a scenario is the policy of --root under it.
    """
    chosen = Asked(as_of, include_proposed, readings, scenario)
    with (
        two_versions(base, head, find_root(root), chosen) as (before, after),
        _one_file(decided) as file,
        progress_bar("Comparing") as progress,
    ):
        report = differences.report(before, after, chosen, cases, file, progress, question, precedents, leave_unread)
    if as_json:
        print_json([report.to_json()])
    elif markdown:
        print(report.markdown())
    else:
        print_lines(report.lines())
    raise typer.Exit(1 if report.problems else 0)


@contextmanager
def two_versions(base: str, head: str, top: Path, chosen: Asked) -> Iterator[tuple[differences.Side, differences.Side]]:
    """Yield two versions by their names: folders, revisions, or decisions or scenarios of the policy below `top`.

    Raises `PolicyError` where one of them has problems, and `WrongUse` for names that are not known.
    """
    # A folder or a revision could bear the number of a decision: it is taken first, as it always was.
    own = {name: _opened(top, chosen) for name in (base, head) if not known(name, top)}
    taken = {name for name, corpus in own.items() if name in corpus.order}
    under = {name for name, corpus in own.items() if name in corpus.scenarios}

    def side(name: str, folder: Path) -> differences.Side:
        as_of, scenario = name if name in taken else None, name if name in under else None
        asked = replace(chosen, as_of=as_of or chosen.as_of, scenario=scenario or chosen.scenario)
        corpus = _opened(folder, asked)
        return differences.Side(name, corpus, as_of, scenario, asked.of(corpus).digest if as_of or scenario else None)

    or_else = " Or name a decision or a scenario of this policy."
    named = [version(str(top) if one in taken | under else one, top, or_else=or_else) for one in (base, head)]
    with named[0] as ours, named[1] as theirs:
        yield side(base, ours), side(head, theirs)


def _opened(folder: Path, chosen: Asked) -> Corpus:
    """Return the whole corpus below a folder, its rules tried as they are asked for.

    Not that of the policy, which leaves out what proposals would bring: they are compared too.
    """
    asked = replace(chosen, as_of=None)
    opened = open_policy(folder, asked, passed=passed_folder(), progress=progress_bar(TRYING))
    return load(folder) if chosen.scenario is None else beneath(opened.corpus)


#: What a review reads beside the policy: golden cases, and change notes before and after they are published.
BESIDE = (golden.FOLDER, NOTES, CHANGELOG)


@app.command()
def review(
    base: Annotated[str, typer.Argument(help="A folder, or a revision of the repository: main.", show_default=False)],
    head: Annotated[str, typer.Argument(help="The folder or revision with the change: HEAD.", show_default=False)],
    decided: Annotated[
        Path | None,
        typer.Option("--decided", help="Decisions already issued: a JSON file of `decide`, or a folder of them."),
    ] = None,
    precedents: Annotated[
        Path | None,
        typer.Option(
            "--precedents", help="What `board precedents` wrote: which would be overturned.", show_default=False
        ),
    ] = None,
    cases: Annotated[
        Path | None,
        typer.Option(
            "--cases", help="The council's own caseload: how many of it move; no small counts.", show_default=False
        ),
    ] = None,
    pupils: Annotated[
        int | None,
        typer.Option("--pupils", min=1, help="How many pupils to make up.", show_default="as many as the margins have"),
    ] = None,
    readings: Readings = "all",
    leave_unread: LeaveUnread = False,
    scenario: Scenario = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Say in one comment what a change does: for whom, from which day, the money, golden cases, decisions issued.

    Exits with 1 where the policy does not pass its check, a lock was broken, facts differ, or the change costs more, or
    may, than policy/limits.yaml of the base allows.
    """
    top = find_root(root)
    chosen = Asked(readings=readings, scenario=scenario)
    try:
        with (
            version(base, top, BESIDE) as ours,
            version(head, top, BESIDE) as theirs,
            _one_file(decided) as file,
        ):
            found = _review((base, ours), (head, theirs), file, pupils, chosen, precedents, cases, leave_unread)
        named = {"decided": decided, "precedents": precedents, "cases": cases, "pupils": pupils, "scenario": scenario,
                 "readings": None if readings == "all" else readings}  # fmt: skip
        given = [f" --{name} {shlex.quote(str(value))}" for name, value in named.items() if value is not None]
        given += [" --leave-unread"] if leave_unread else []
        found = replace(found, options="".join(given))
        told = found.to_json() if as_json else found.markdown()
    except WrongUse:
        raise
    except Exception as error:  # Whatever the fault: whoever reads the comment is told, and reads no older one.
        found = _stopped(base, head, error)
        told = found.to_json() if as_json else found.markdown()
    if isinstance(told, str):
        print(told, end="")
    else:
        print_json([told])
    raise typer.Exit(1 if found.failed else 0)


def _stopped(base: str, head: str, error: Exception) -> Review:
    """Return the review that says why there is none."""
    if isinstance(error, PolicyError):
        for problem in error.problems:
            say(str(problem))
        return Review(base, head, problems=list(error.problems), stopped="It met what is named here.")
    if isinstance(error, OSError):
        return Review(base, head, stopped=f"A file could not be read or written: {error.strerror}.")
    # Without its message, which may hold what a case holds.
    say("".join(traceback.format_tb(error.__traceback__)).rstrip())
    return Review(base, head, stopped=f"The program failed ({type(error).__name__}). Report this: it is a fault of it.")


def _review(
    base: tuple[str, Path],
    head: tuple[str, Path],
    decided: Path | None,
    pupils: int | None,
    chosen: Asked,
    precedents: Path | None,
    cases: Path | None = None,
    leave_unread: bool = False,
) -> Review:
    sides, problems = [], []
    for name, folder in (base, head):
        try:
            sides.append(differences.Side(name, _opened(folder, chosen)))
        except PolicyError as error:
            problems += [problem for problem in error.problems if not problem.warning]
    if problems:
        return Review(base[0], head[0], problems=problems)
    before, after = sides
    with progress_bar("Comparing") as progress:
        settling = cases if decided else None
        report = differences.report(
            before, after, chosen, settling, decided, progress, precedents=precedents, leave_unread=leave_unread
        )

    if cases is not None:
        under = chosen.of(before.corpus), chosen.of(after.corpus)
        report = replace(report, movement=differences.moved_caseload(cases, *under, leave_unread=leave_unread))

    # Like the limit, the pupils over whom it is counted are the base's: a change does not choose its own measure.
    measure = next((one.corpus for one in sides if simulate.FILE in one.corpus.files), None)

    def population(seed: int) -> Population:
        assert measure is not None
        margins = simulate.margins_of(measure)
        return simulate.simulate(measure, pupils or margins.pupils, random.Random(seed))

    pinned = golden.every(base[1]), golden.every(head[1])
    return reviewing.review(before, after, report, pinned, population if measure else None, chosen)


@contextmanager
def _one_file(decided: Path | None) -> Iterator[Path | None]:
    """Yield one file with every decision of a folder, or the file as it is; raises `WrongUse` for an empty folder."""
    if decided is None or not decided.is_dir():
        yield decided
        return
    files = sorted(decided.rglob("*.json"))
    if not files:
        raise WrongUse(f"There is no JSON file in '{decided}'. Name the folder that holds what was decided.")
    together: list[PlainData] = []
    for path in files:
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            said = "This is not a file of decisions."
            raise PolicyError(
                [Problem(Place(path.name), "not-a-decision", said, "Take it out of the folder.")]
            ) from None
        together += read if isinstance(read, list) else [read]
    with TemporaryDirectory(prefix="senpolicy-") as folder:
        file = Path(folder) / "decided.json"
        file.write_text(json.dumps(together), encoding="utf-8")
        yield file
