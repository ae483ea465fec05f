"""The commands that look further into cases: explain, timeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    Proposed,
    Readings,
    Root,
    Scenario,
    app,
    day_of,
    load_policy,
    print_json,
    print_lines,
    warn,
)
from senpolicy.deciding.cases import Case, Refused, read_file
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.deciding.text import lines
from senpolicy.explaining.explainer import Explained, Explainer
from senpolicy.explaining.timeline_of_a_case import Timeline
from senpolicy.explaining.timeline_of_a_case import timeline as timeline_of


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(metavar="CASE", help="Cases as YAML or JSON.", show_default=False)],
    why_not: Annotated[
        str | None,
        typer.Option("--why-not", help="Why not this answer: route=tariff, or tariff alone.", show_default=False),
    ] = None,
    nearest: Annotated[
        bool, typer.Option("--nearest", help="The smallest changes of fact that would lead to another answer.")
    ] = False,
    other_days: Annotated[
        bool, typer.Option("--other-days", help="The answers that the same facts give on other days.")
    ] = False,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Explain each case: why, what is still possible, why not another answer, and what would lead to it."""
    policy = load_policy(root, as_of, include_proposed, readings, scenario, beside=False)
    explainer = Explainer(Decider(policy), why_not, nearest=nearest, other_days=other_days)
    results = explainer.decider.decide_all(read_file(file, policy))
    warn(result.case for result in results if not isinstance(result, Refused))
    explained = [explainer.explain(result) if isinstance(result, Decision) else result for result in results]
    if as_json:
        print_json([one.to_json() for one in explained])
    else:
        for result, one in zip(results, explained, strict=True):
            print_lines(lines(result))
            print_lines(one.lines() if isinstance(one, Explained) else ())
    raise typer.Exit(1 if any(not isinstance(result, Decision) for result in results) else 0)


@app.command()
def timeline(
    file: Annotated[Path, typer.Argument(metavar="CASE", help="Cases as YAML or JSON.", show_default=False)],
    until: Annotated[
        str | None, typer.Option("--until", help="The last day: 2027-08-31.", show_default="a year after the last date")
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Show on which days any answer of a case changes, and what changes.

    A case may give facts with dates beside its own: changes: [{from: 2026-01-05, facts: {setting: srp}}].
    """
    policy = load_policy(root, as_of, include_proposed, readings, scenario, beside=False)
    last = None if until is None else day_of(until)
    decider = Decider(policy)
    cases = read_file(file, policy, beside=("changes",))
    warn(case for case in cases if isinstance(case, Case))
    results = [timeline_of(decider, case, last) if isinstance(case, Case) else case for case in cases]
    if as_json:
        print_json([result.to_json() for result in results])
    else:
        for result in results:
            print_lines(result.lines() if isinstance(result, Timeline) else lines(result))
    raise typer.Exit(1 if any(not isinstance(result, Timeline) for result in results) else 0)
