"""The command that models a school's pupils: model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.caseloads import school_governors as governors_page
from senpolicy.caseloads import school_model as modelling
from senpolicy.caseloads import school_report as report
from senpolicy.caseloads.groups import open_grouped
from senpolicy.caseloads.school_options import with_options
from senpolicy.caseloads.school_proposal import with_proposal
from senpolicy.caseloads.school_workbook import workbook
from senpolicy.checking.tariffs import read_plan
from senpolicy.cli import brought
from senpolicy.cli.editions import under_editions
from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    LeaveUnread,
    On,
    Proposed,
    Readings,
    Root,
    Scenario,
    Schools,
    app,
    count,
    day_of,
    ends_in,
    load_policy,
    print_json,
    print_lines,
    progress_bar,
    say,
    today,
    write,
)
from senpolicy.cli.stopping import stop_in_order
from senpolicy.files.problems import WrongUse, shown_name

#: So many problems of rows are told on the screen, which is not flooded.
SHOWN = 10


@app.command("model")
def model_command(
    file: Annotated[
        Path, typer.Argument(help="A caseload as CSV, Parquet or Excel: a row for each pupil.", show_default=False)
    ],
    scenario: Scenario = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="The report to write: .html, or .xlsx with live formulas.", show_default="the screen"
        ),
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
    governors: Annotated[
        Path | None,
        typer.Option("--governors", help="Write one page for governors, too (.html).", show_default=False),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="A plan of bands and rates (YAML), shown as proposed.", show_default=False),
    ] = None,
    terms: Annotated[
        list[str] | None,
        typer.Option("--term-begins", help="A day on which a term begins; once for each term.", show_default=False),
    ] = None,
    leave_unread: LeaveUnread = False,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    schools: Schools = None,
    on: On = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Model what a school's pupils attract in each period of the policy, what changes when, and what is open."""
    ends_in(output, ".html", ".htm", ".xlsx")
    ends_in(governors, ".html", ".htm")
    if output is not None and governors is not None and output.resolve() == governors.resolve():
        raise WrongUse("The report and the page for governors would be one file. Give each its own name.")
    for page in (output, governors):
        for read in (file, plan, schools):
            if page is not None and page.exists() and read and read.exists() and page.samefile(read):
                raise WrongUse(f"The output would replace '{read.name}'. Give it another name.")
    begin = sorted({day_of(one) for one in terms or ()})
    if share and output is not None and output.suffix.lower() == ".xlsx":
        raise WrongUse("A workbook has a row for each pupil, and is not to be passed on. Write a page with --share.")
    if share and governors is not None:
        raise WrongUse("One could be set against the other. Write the page for governors, or a report with --share.")
    stop_in_order()
    policy = load_policy(root, as_of, include_proposed, readings, scenario)
    proposed = read_plan(plan, policy.corpus).file if plan else None
    if proposed:
        policy = under_editions(policy, [proposed.edition], include_proposed, readings)[proposed.edition]
    notes: list[str] = []

    def modelled(path: Path) -> modelling.SchoolModel:
        caseload = open_grouped(path, policy, leave_unread=leave_unread)
        with progress_bar("Modelling") as progress:
            made = modelling.model(caseload, policy, by=by, share=share, progress=progress, terms=begin)
        if not share:
            made = with_options(made, caseload)
            made = with_proposal(made, caseload, proposed) if proposed else made
        notes.extend(caseload.notes)
        return replace(made, file=shown_name(file), made_on=today())

    found = brought.caseload_or_import(file, policy, schools, on, modelled)
    if output is not None:
        made = workbook(found) if output.suffix.lower() == ".xlsx" else report.html(found)
        write(output, made)
        say(f"Written: {output.name}")
    if governors is not None:
        write(governors, governors_page.html(found))
        say(f"Written: {governors.name}")
    if as_json:
        print_json(report.to_json(found))
    elif output is None and governors is None:
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
    if found.mark:
        say(found.mark)
    raise typer.Exit(1 if found.refused else 0)
