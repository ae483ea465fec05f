"""The command that writes the working of an equality impact assessment: equality."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.caseloads.groups import open_grouped
from senpolicy.caseloads.tables import Caseload
from senpolicy.caseloads.tariff_cohort import open_schools, read_schools
from senpolicy.checking.opening import Asked
from senpolicy.checking.tariffs import read_plan
from senpolicy.cli.changing import two_versions
from senpolicy.cli.editions import under_editions
from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    LeaveUnread,
    Proposed,
    Readings,
    Root,
    Scenario,
    app,
    ends_in,
    find_root,
    print_json,
    print_lines,
    progress_bar,
    say,
    write,
)
from senpolicy.cli.stopping import stop_in_order
from senpolicy.comparing import differences, equality, tariffs
from senpolicy.comparing.equality_report import html, lines
from senpolicy.comparing.movement import moved_rows
from senpolicy.files.problems import WrongUse
from senpolicy.policy.timeline import Policy


@app.command("equality")
def equality_command(
    cohort: Annotated[
        Path, typer.Argument(help="A caseload (CSV, Parquet, Excel): a row for each pupil.", show_default=False)
    ],
    base: Annotated[
        str,
        typer.Argument(help="A folder, a revision (main), a decision (24/00117) or a scenario.", show_default=False),
    ],
    head: Annotated[str, typer.Argument(help="Another folder, revision, decision or scenario.", show_default=False)],
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="A plan of bands and rates (YAML), for its effect too.", show_default=False),
    ] = None,
    schools: Annotated[
        Path | None, typer.Option("--schools", help="With --plan: the table of the schools.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The HTML or JSON file to write.", show_default="the screen")
    ] = None,
    leave_unread: LeaveUnread = False,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Write the working of an equality impact assessment: the effect on each group, beside what is promised."""
    ends_in(output, ".html", ".json")
    for file in (cohort, plan, schools):
        if output is not None and output.exists() and file and file.exists() and output.samefile(file):
            raise WrongUse(f"The output would replace '{file.name}'. Give it another name.")
    if (plan is None) is not (schools is None):
        raise WrongUse("A plan needs the table of the schools: give --plan and --schools together.")
    stop_in_order()
    chosen = Asked(as_of, include_proposed, readings, scenario)
    with two_versions(base, head, find_root(root), chosen) as (before, after):
        ours, theirs = differences.chosen_of(before, after, chosen)[0]
    caseload = open_grouped(cohort, ours, theirs, leave_unread=leave_unread)
    with progress_bar("Comparing") as progress:
        cases = moved_rows(caseload, ours, theirs, progress)
    costed = _costed(plan, schools, caseload, theirs, chosen, leave_unread) if plan and schools else None
    found = equality.working(cases, (base, head), ours, theirs, caseload.name, caseload.notes, costed)
    if output is not None:
        data = json.dumps([found.to_json()], ensure_ascii=False, indent=2) + "\n"
        write(output, html(found) if output.suffix.lower() == ".html" else data)
        say(f"Written: {output.name}")
    if as_json:
        print_json([found.to_json()])
    elif output is None:
        print_lines(lines(found))
    raise typer.Exit(1 if found.refused else 0)


def _costed(
    plan: Path, schools: Path, caseload: Caseload, head: Policy, chosen: Asked, leave_unread: bool
) -> tariffs.PlanAnswer:
    """Return what a plan costs over the caseload, under the head."""
    written = read_plan(plan, head.corpus)
    policies = under_editions(head, [written.file.edition], chosen.include_proposed, chosen.readings)
    table = read_schools(open_schools(schools), policies[written.file.edition], leave_unread)
    return tariffs.answers([written], policies, caseload, table)[0]
