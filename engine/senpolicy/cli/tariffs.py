"""The command that costs and solves plans of bands and rates: tariff."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from senpolicy.caseloads.groups import left_unread
from senpolicy.caseloads.run import open_caseload
from senpolicy.caseloads.tariff_cohort import open_schools, read_schools
from senpolicy.checking.tariffs import read_plan
from senpolicy.cli import brought
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
    count,
    ends_in,
    load_policy,
    print_json,
    print_lines,
    progress_bar,
    say,
    write,
)
from senpolicy.cli.stopping import stop_in_order
from senpolicy.comparing import tariffs
from senpolicy.files.problems import WrongUse

if TYPE_CHECKING:
    from senpolicy.cli.drafting import DraftWriter

#: So many problems of rows are told on the screen, which is not flooded.
SHOWN = 10


@app.command()
def tariff(
    plans: Annotated[
        list[Path], typer.Argument(help="Plans of bands and rates (YAML), side by side if several.", show_default=False)
    ],
    cohort: Annotated[
        Path,
        typer.Option("--cohort", help="A mapped caseload, or a list or return: a row a pupil.", show_default=False),
    ],
    schools: Annotated[
        Path, typer.Option("--schools", help="A table of the schools and what is paid today.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The HTML, Excel, CSV or JSON file to write.", show_default="the screen"),
    ] = None,
    register: Annotated[
        Path | None,
        typer.Option(
            "--register", help="For a school's own list or a return: the register of schools.", show_default=False
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", help="For a school's own list or a return: the day to read it for.", show_default="the plan's"
        ),
    ] = None,
    scenario: Scenario = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    draft: Annotated[
        str | None,
        typer.Option("--draft", help="Write the plan into the policy as a proposed decision of this number: 26/00041."),
    ] = None,
    verify: Annotated[
        int, typer.Option("--verify", min=0, help="How many rows to decide by both evaluators too.")
    ] = 200,
    leave_unread: LeaveUnread = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Cost plans of bands and rates over a mapped cohort, or solve them for an envelope: by school and group."""
    ends_in(output, ".html", ".xlsx", ".csv", ".json")
    if len(plans) > 1 and output is not None and output.suffix.lower() == ".xlsx":
        raise WrongUse("A workbook holds one plan. Write one for each.")
    for file in (cohort, schools, *plans):
        if output is not None and output.exists() and file.exists() and output.samefile(file):
            raise WrongUse(f"The output would replace '{file.name}'. Give it another name.")
    stop_in_order()
    drafted = None if draft is None else _drafting(root, draft, plans, as_of)
    with ThreadPoolExecutor(2) as pool:  # The tables are read by processes of their own while the policy is.
        tables = pool.submit(open_caseload, cohort), pool.submit(open_schools, schools)
        policy = load_policy(root, as_of, include_proposed, readings, scenario, faults=False)
        written = [read_plan(path, policy.corpus) for path in plans]
    table = read_schools(tables[1].result(), policy, leave_unread)
    policies = under_editions(policy, (one.file.edition for one in written), include_proposed, readings)
    notes: list[str] = []

    def costed(path: Path) -> list[tariffs.PlanAnswer]:
        caseload = tables[0].result() if path == cohort else open_caseload(path)
        caseload = left_unread(caseload, policy) if leave_unread else caseload
        with progress_bar("Costing") as progress:
            answers = tariffs.answers(written, policies, caseload, table, verify=verify, progress=progress)
        notes.extend(caseload.notes)
        return answers

    first = written[0].file
    found = brought.caseload_or_import(cohort, policies[first.edition], register, on or first.day.isoformat(), costed)
    if drafted is not None:
        drafted(first, policy, found[0])
    data = [one.to_json() for one in found] if as_json or (output and output.suffix.lower() == ".json") else []
    if output is not None:
        kind = output.suffix.lower()
        made: str | bytes = json.dumps(data, ensure_ascii=False, indent=2) + "\n" if kind == ".json" else ""
        if kind in (".html", ".xlsx"):
            # Their libraries are read for a page or a workbook alone.
            from senpolicy.comparing import tariff_report, tariff_workbook

            made = tariff_report.html(found) if kind == ".html" else tariff_workbook.workbook(found[0])
        write(output, made or tariffs.to_csv(found))
        say(f"Written: {output.name}")
    if as_json:
        print_json(data)
    elif output is None:
        for number, answer in enumerate(found):
            print_lines([("", "")] if number else [])
            print_lines(answer.lines())
        if len(found) > 1:
            print_lines([("", ""), ("bold", "Side by side"), *tariffs.side_by_side(found)])
    for answer in found if as_json or output is not None else ():
        say(f"{answer.plan.id}: {answer.first_line()} {answer.says}")
        for said in answer.unsolved():
            say(f"{answer.plan.id}: {said}")
    refused = {one.row: one for answer in found for one in answer.cohort.refused}
    for _, row in sorted(refused.items())[:SHOWN]:
        for problem in row.problems:
            say(str(problem))
    if refused:
        said = f"{count(len(refused), 'row')} left out. Row 1 is the first below the headings."
        if len(refused) > SHOWN:
            said += f" To see what is wrong with every row: senpolicy decide {cohort.name} -o decided.csv"
        say(said)
    for note in (*notes, *table.notes):
        say(note)
    raise typer.Exit(1 if refused or any(one.cost.solved == "no" for one in found) else 0)


def _drafting(root: Path | None, number: str, plans: list[Path], as_of: str | None) -> DraftWriter:
    from senpolicy.cli.drafting import drafting  # What writes and proves is read for a draft alone.

    return drafting(root, number, plans, as_of)
