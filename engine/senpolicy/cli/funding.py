"""The commands that take money or make pupils: budgets, simulate."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.caseloads import budgets as sums
from senpolicy.caseloads import glance as glances
from senpolicy.caseloads import ledger as ledgers
from senpolicy.caseloads import population as made
from senpolicy.caseloads.groups import open_grouped
from senpolicy.checking.opening import open_corpus
from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    LeaveUnread,
    Proposed,
    Root,
    Scenario,
    app,
    count,
    ends_in,
    find_root,
    load_policy,
    print_json,
    print_lines,
    say,
    write,
)
from senpolicy.cli.stopping import stop_in_order
from senpolicy.files.models.views import needed, views_of
from senpolicy.files.problems import WrongUse


@app.command()
def budgets(
    file: Annotated[
        Path,
        typer.Argument(help="CSV, Parquet or Excel with a row for each Community; see the guide.", show_default=False),
    ],
    year: Annotated[int, typer.Option("--year", help="The year of the budgets: 1, 2 or 3.", show_default=False)],
    quantum: Annotated[
        str, typer.Option("--quantum", help="The pot of that year in pounds: 50000000.00", show_default=False)
    ],
    scenario: Scenario = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The CSV file to write.", show_default="the screen")
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Work out the Communities' budgets of a year, exactly; a range where the policy leaves a share open."""
    stop_in_order()
    if output is not None and output.exists() and file.exists() and output.samefile(file):
        raise WrongUse("The output would replace the file of the Communities. Give it another name.")
    ends_in(output, ".csv")
    pot = sums.read_quantum(quantum)
    policy = load_policy(root, as_of, include_proposed, "all", scenario, faults=False)
    table = sums.read_file(file, policy)
    found = sums.work_out(policy, table, year, pot)
    if output is not None:
        write(output, found.to_csv())
    if as_json:
        print_json(found.to_json())
    elif output is None:
        print(found.to_csv(), end="")
    for line in (*found.lines(), *table.notes):
        say(line)


@app.command("ledger")
def ledger_command(
    file: Annotated[
        Path,
        typer.Argument(help="CSV, Parquet or Excel with a row for each Community; see the guide.", show_default=False),
    ],
    claims: Annotated[
        Path, typer.Option("--claims", help="A caseload with the Community of each pupil.", show_default=False)
    ],
    quantum: Annotated[
        list[str],
        typer.Option("--quantum", help="The pot in pounds: one for each year, or one for all.", show_default=False),
    ],
    year: Annotated[
        int | None,
        typer.Option("--year", help="The year of the budgets: 1, 2 or 3.", show_default="all, at a glance"),
    ] = None,
    allocations: Annotated[
        Path | None, typer.Option("--allocations", help="What has been set aside, and for whom.", show_default=False)
    ] = None,
    share: Annotated[
        str | None,
        typer.Option("--share", help="The share of claims that is kept, from 0 to 1.", show_default="the policy's"),
    ] = None,
    contingency: Annotated[
        str, typer.Option("--contingency", help="The share of the budget that is kept back, from 0 to 1.")
    ] = "0",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The HTML or Excel file to write.", show_default="the screen")
    ] = None,
    leave_unread: LeaveUnread = False,
    scenario: Scenario = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Work out what earlier claims take of a Community's budget, what is allocated, and what is left; year by year."""
    stop_in_order()
    ends_in(output, ".html", ".xlsx")
    for read in (file, claims, *([allocations] if allocations else [])):
        if output is not None and output.exists() and read.exists() and output.samefile(read):
            raise WrongUse(f"The output would replace '{read.name}'. Give it another name.")
    kept = ledgers.read_share(share, "--share") if share is not None else None
    back = ledgers.read_share(contingency, "--contingency")
    pots = [sums.read_quantum(one) for one in quantum]
    policy = load_policy(root, as_of, include_proposed, "all", scenario, faults=False)
    years = sums.years_of(policy) if year is None else [year]
    if len(pots) not in (1, len(years)):
        raise WrongUse(
            f"There are {len(pots)} pots for {count(len(years), 'year')}. Give one, or one for each in order."
        )
    table = sums.read_file(file, policy)
    first, last = (sums.division(policy, years[end]) for end in (0, -1)) if years else (None, None)
    if first is None or last is None:
        raise WrongUse(f"As of {policy.as_of} the policy has no budgets to work out.")
    set_aside = ledgers.read_allocations(allocations, policy, first.first, last.last) if allocations else []
    caseload = open_grouped(claims, policy, leave_unread=leave_unread)
    done = glances.glance(policy, table, years, pots, caseload, set_aside, share=kept, contingency=back)
    if output is not None:
        # Their libraries are read for a page or a workbook alone.
        from senpolicy.caseloads import glance_report, glance_workbook

        as_page = output.suffix.lower() == ".html"
        write(output, glance_report.html(done) if as_page else glance_workbook.workbook(done))
        say(f"Written: {output.name}")
    if as_json:
        print_json([row.to_json() for row in done.ledgers[0].rows] if year is not None else done.to_json())
    elif output is None:
        print_lines(("", line) for line in (ledgers.table(done.ledgers[0]) if year is not None else done.lines()))
    for one in done.ledgers:
        for line in (*one.budgets.lines(), *one.lines()):
            say(line)
    for line in (*caseload.notes, *(done.notes() if year is None or output is not None else ())):
        say(line)
    raise typer.Exit(1 if any(one.refused for one in done.ledgers) else 0)


@app.command()
def simulate(
    pupils: Annotated[int, typer.Option("--pupils", help="How many pupils to make up.", show_default=False)],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same pupils.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The CSV file to write.", show_default="the screen")
    ] = None,
    edition: Annotated[
        str | None,
        typer.Option("--edition", help="Map them in all settings to the levels of this edition of descriptors."),
    ] = None,
    schools: Annotated[
        Path | None,
        typer.Option("--schools", help="The CSV file to write of their schools, with what is paid there today."),
    ] = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Make up a caseload after published figures, for trying things without a child's data; and show its fit.

    With --edition the pupils are mapped, so that they can be put on a tariff; --schools writes the schools' table that
    goes with them, and maps them to the edition in use where none is named.
    """
    ends_in(output, ".csv")
    ends_in(schools, ".csv")
    if output is None and as_json:
        raise WrongUse("--json shows the fit; name the file for the pupils with -o.")
    if schools is not None and schools == output:
        raise WrongUse("The pupils and their schools would be written to one file. Give each its own.")
    stop_in_order()
    corpus = open_corpus(find_root(root))
    tariff = needed(views_of(corpus.files).tariff, "tariff") if schools is not None else None
    if tariff and edition is None:
        edition = corpus.facts.facts[tariff.level].values_from
    population = made.simulate(corpus, pupils, random.Random(seed), edition)
    if tariff and schools is not None:
        write(schools, made.schools_table(population, tariff))
    if output is not None:
        write(output, population.to_csv())
        if as_json:
            print_json([one.to_json() for one in made.fit(population)])
        else:
            print_lines(made.lines(population))
        say(f"{pupils} made pupils, seed {seed}: written to {output.name}.")
    else:
        print(population.to_csv(), end="")
        for _, line in made.lines(population):
            say(line)
    if schools is not None:
        say(f"Their schools, made up like them: written to {schools.name}.")
