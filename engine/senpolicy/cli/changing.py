"""The commands that take a change of the policy: compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    Proposed,
    Readings,
    Root,
    Scenario,
    app,
    faults_of,
    find_root,
    policy_of,
    print_json,
    print_lines,
    progress_bar,
)
from senpolicy.problems import PolicyError


@app.command()
def compare(
    base: Annotated[str, typer.Argument(help="A folder, or a revision of the repository: main.", show_default=False)],
    head: Annotated[str, typer.Argument(help="Another folder or revision.", show_default=False)],
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="A caseload: who moves, and the pounds; no small counts.", show_default=False),
    ] = None,
    decided: Annotated[
        Path | None,
        typer.Option("--decided", help="What `decide --json` printed: what would differ.", show_default=False),
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", help="Compare the answers to this question alone.", show_default=False)
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Compare two versions of the policy: for which cases, and on which days, a decision changes; or that none does.

    Without --as-of: as each version stands, and as of each decision that both have taken.
    """
    from senpolicy import compare as comparing
    from senpolicy.check import sound
    from senpolicy.corpus import load
    from senpolicy.revisions import version

    chosen: dict[str, Any] = {"include_proposed": include_proposed, "readings": readings, "scenario": scenario}
    with version(base, find_root(root)) as ours, version(head, find_root(root)) as theirs:
        before, after = comparing.Side(base, sound(load(ours))), comparing.Side(head, sound(load(theirs)))
        for side in (before, after):
            faults = faults_of(policy_of(side.corpus, None, **chosen))
            if faults:
                raise PolicyError(faults)
        with progress_bar("Comparing") as progress:
            report = comparing.report(before, after, as_of, chosen, cases, decided, progress, question)
    if as_json:
        print_json([report.to_json()])
    elif markdown:
        print(report.markdown())
    else:
        print_lines(report.lines())
    raise typer.Exit(1 if report.problems else 0)
