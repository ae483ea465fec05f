"""The command that models a school's pupils: model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from senpolicy.caseloads import school_model as modelling
from senpolicy.caseloads import school_report as report
from senpolicy.caseloads.run import open_caseload
from senpolicy.cli import brought
from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    On,
    Proposed,
    Readings,
    Root,
    Scenario,
    Schools,
    app,
    count,
    ends_in,
    load_policy,
    print_json,
    print_lines,
    progress_bar,
    say,
    stop_in_order,
    write,
)

#: So many problems of rows are told on the screen, which is not flooded.
SHOWN = 10


@app.command("model")
def model_command(
    file: Annotated[
        Path, typer.Argument(help="A caseload as CSV, Parquet or Excel: a row for each pupil.", show_default=False)
    ],
    scenario: Scenario = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The HTML report to write.", show_default="the screen")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", help="Show each by itself, too: a group of rules/facts.yaml, such as school.", show_default=False
        ),
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Show no group of fewer than five pupils, so that it may be passed on.")
    ] = False,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    schools: Schools = None,
    on: On = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Model what a school's pupils attract in each period of the policy, what changes when, and what is open."""
    ends_in(output, ".html", ".htm")
    stop_in_order()
    policy = load_policy(root, as_of, include_proposed, readings, scenario)
    notes: list[str] = []

    def modelled(path: Path) -> modelling.SchoolModel:
        caseload = open_caseload(path)
        with progress_bar("Modelling") as progress:
            made = modelling.model(caseload, policy, by=by, share=share, progress=progress)
        notes.extend(caseload.notes)
        return made

    found = brought.caseload_or_import(file, policy, schools, on, modelled)
    if output is not None:
        write(output, report.html(found))
        say(f"Written: {output.name}")
    if as_json:
        print_json(report.to_json(found))
    elif output is None:
        print_lines(report.lines(found))
    problems = report.problems(found)
    for problem in problems[:SHOWN]:
        say(str(problem))
    if found.refused:
        said = f"{count(len(found.refused), 'row')} left out. Row 1 is the first below the headings."
        if len(problems) > SHOWN:
            said += f" To see what is wrong with every row: senpolicy decide {file.name} -o decided.csv"
        say(said)
    for note in notes:
        say(note)
    if policy.scenario:
        say(policy.scenario.says)
    raise typer.Exit(1 if found.refused else 0)
