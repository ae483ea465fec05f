"""The commands that take money or make pupils: budgets, simulate."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.caseloads import budgets as sums
from senpolicy.caseloads import population as made
from senpolicy.checking.opening import open_corpus
from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    Proposed,
    Root,
    Scenario,
    app,
    ends_in,
    find_root,
    load_policy,
    print_json,
    print_lines,
    say,
    stop_in_order,
    write,
)
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


@app.command()
def simulate(
    pupils: Annotated[int, typer.Option("--pupils", help="How many pupils to make up.", show_default=False)],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same pupils.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The CSV file to write.", show_default="the screen")
    ] = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Make up a caseload after published figures, for trying things without a child's data; and show its fit."""
    ends_in(output, ".csv")
    if output is None and as_json:
        raise WrongUse("--json shows the fit; name the file for the pupils with -o.")
    stop_in_order()
    population = made.simulate(open_corpus(find_root(root)), pupils, random.Random(seed))
    if output is not None:
        write(output, population.to_csv())
        if as_json:
            print_json([one.to_json() for one in made.fit(population)])
        else:
            print_lines(made.lines(population))
        say(f"{pupils} made pupils, seed {seed}: written to {output.name}.")
        return
    print(population.to_csv(), end="")
    for _, line in made.lines(population):
        say(line)
