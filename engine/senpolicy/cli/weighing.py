"""The command that puts options side by side: options."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.checking.opening import Asked, faults_of
from senpolicy.cli.shared import (
    AsJson,
    AsOf,
    LeaveUnread,
    Proposed,
    Readings,
    Root,
    app,
    ends_in,
    load_policy,
    passed_folder,
    print_json,
    print_lines,
    progress_bar,
    say,
    write,
)
from senpolicy.cli.stopping import stop_in_order
from senpolicy.comparing import options as weighing
from senpolicy.files.problems import PolicyError, WrongUse, listed


@app.command("options")
def options_command(
    cohort: Annotated[
        Path, typer.Argument(help="A caseload (CSV, Parquet, Excel), or a file of cases.", show_default=False)
    ],
    scenarios: Annotated[
        str | None,
        typer.Option("--scenarios", help="Which, in this order: option-a,option-c.", show_default="every one"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The HTML, CSV or JSON file to write.", show_default="the screen"),
    ] = None,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    leave_unread: LeaveUnread = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Put the policy and its scenarios side by side over a caseload: routes, what is paid and protected, what is open.

    Small counts are withheld.
    """
    ends_in(output, ".html", ".htm", ".csv", ".json")
    if output is not None and output.exists() and cohort.exists() and output.samefile(cohort):
        raise WrongUse(f"The output would replace '{cohort.name}'. Give it another name.")
    stop_in_order()
    policy = load_policy(root, as_of, include_proposed, readings)
    asked = Asked(as_of, include_proposed, readings)
    known = list(policy.corpus.scenarios)
    chosen = known if scenarios is None else list(dict.fromkeys(one.strip() for one in scenarios.split(",")))
    for name in chosen:
        if name not in known:
            raise WrongUse(f"'{name}' is not a scenario of this policy. Use some of {listed(known)}.")
    under = [replace(asked, scenario=name).of(policy.corpus) for name in chosen]
    faults = [fault for one in under for fault in faults_of(one, passed_folder())]
    if faults:
        raise PolicyError(faults)
    with progress_bar("Weighing") as progress:
        found = weighing.options(cohort, [policy, *under], progress, leave_unread)
    kind = output.suffix.lower() if output else ""
    if output is not None:
        made = json.dumps(found.to_json(), ensure_ascii=False, indent=2) + "\n" if kind == ".json" else found.to_csv()
        if kind in (".html", ".htm"):
            made = weighing.html(found)
        write(output, made)
        say(f"Written: {output.name}")
    if as_json:
        print_json([found.to_json()])
    elif output is None:
        print_lines(found.lines())
    if as_json or output is not None:
        say(weighing.SAYS)
    for note in found.notes:
        say(note)
    refused = max(one.refused for one in found.options)
    if refused:
        said = "Some rows are not decided. To see what is wrong with each:"
        say(f"{said} senpolicy decide {cohort.name} -o decided.csv")
    raise typer.Exit(1 if refused else 0)
