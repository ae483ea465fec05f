"""The commands that look at what the policy says: open-points, prove, coverage."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.checking.opening import open_corpus
from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    Proposed,
    Readings,
    Root,
    Scenario,
    app,
    find_root,
    load_policy,
    print_json,
    print_lines,
    progress_bar,
    say,
)
from senpolicy.deciding.cases import read_file
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.explaining import open_points as register
from senpolicy.policy.layout import RECORDS
from senpolicy.proving import coverage as covering
from senpolicy.proving import proofs


@app.command("open-points")
def open_points(
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="Cases as YAML or JSON: show those that each point touches.", show_default=False),
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """List what the policy leaves open: what it would allow, what would settle it, and how it is read."""
    policy = load_policy(root, as_of, include_proposed, readings)
    touched, refused = None, 0
    if cases is not None:
        results = Decider(policy).decide_all(read_file(cases, policy))
        decided = [result for result in results if isinstance(result, Decision)]
        touched, refused = register.touched(policy.corpus, decided), len(results) - len(decided)
    entries = register.entries(policy.corpus, [number for number, _ in policy.settled])
    if as_json:
        print_json(register.to_json(entries, touched))
    else:
        print_lines(register.lines(entries, touched))
    states = [entry.state for entry in entries]
    opened, read, noted, settled = (states.count(state) for state in ("open", "read", "note", "settled"))
    more = f", {settled} settled" if settled else ""
    say(f"{len(states)} points: {opened} open, {read} read, {noted} notes{more}.")
    if refused:
        say(f"Not decided and not counted: {refused} of the cases; senpolicy decide says why.")
    raise typer.Exit(1 if refused else 0)


@app.command()
def prove(
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    question: Annotated[str | None, typer.Option("--question", help="Prove this question or property alone.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", help="The time for each question and property.")] = 60,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where something was not proved in time, too.")
    ] = False,
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Prove that every case has one answer or one open point on every date, and what else is declared.

    Without --as-of or --scenario: as of each decision that has been taken, and under each scenario.
    """
    chosen = proofs.policies(open_corpus(find_root(root)), as_of=as_of, include_proposed=include_proposed,
                             readings=readings, scenario=scenario)  # fmt: skip
    with progress_bar("Proving") as progress:
        report = proofs.prove(chosen, clock=time.monotonic, seconds=seconds, only=question, progress=progress)
    if as_json:
        print_json(report.to_json())
    else:
        print_lines(report.lines())
    say(
        f"{len(report.proved)} proved, {len(report.faults)} faults, {len(report.unproved)} not proved in {seconds:g} s."
    )
    raise typer.Exit(1 if report.faults or (strict and report.unproved) else 0)


@app.command()
def coverage(
    folder: Annotated[Path | None, typer.Argument(help="The golden cases.", show_default="tests/golden")] = None,
    fail_under: Annotated[
        float, typer.Option("--fail-under", min=0, max=100, help="Exit with 1 if less than this per cent is tried.")
    ] = 0,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Show what of the policy the golden cases try, and for all that they do not, a case to paste."""
    top = find_root(root)
    corpus = open_corpus(top, RECORDS)
    with progress_bar("Trying") as progress:
        found = covering.coverage(corpus, covering.golden_cases(folder or top / "tests" / "golden"), progress)
    if as_json:
        print_json([found.to_json()])
    else:
        print_lines(found.lines())
    raise typer.Exit(1 if found.per_cent < fail_under else 0)
