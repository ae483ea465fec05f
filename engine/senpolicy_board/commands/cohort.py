"""The command that writes what a board has settled for `senpolicy tariff`: below board, cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from senpolicy.cli.shared import AsOf, Proposed, Readings, Root, Scenario, count, ends_in, find_root, say, write
from senpolicy.files.problems import WrongUse
from senpolicy_board import cohort as made
from senpolicy_board import trail
from senpolicy_board.commands import HERE, Database, board
from senpolicy_board.policies import policies_of
from senpolicy_board.settings import Settings
from senpolicy_board.store import opened


@board.command("cohort")
def cohort(
    output: Annotated[Path, typer.Option("-o", "--output", help="The CSV file to write.", show_default=False)],
    mapped: Annotated[
        bool, typer.Option("--mapped", help="Take in pupils who are mapped and not settled yet, as they were mapped.")
    ] = False,
    database: Database = HERE,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    root: Root = None,
) -> None:
    """Write the pupils whose level the board has settled to a file, for tariff --cohort.

    A row for each pupil, with the level that the board decided, and the facts and groups of the case. It is of single
    pupils: keep it as you keep the caseload. The trail says that it was written.
    """
    ends_in(output, ".csv")
    settings = Settings(database, find_root(root), as_of, include_proposed, readings, scenario)
    with opened(database) as store, policies_of(settings) as policies:
        with store.reading():
            found, counts = made.rows(policies, mapped=mapped)
        if not found:
            raise WrongUse(
                "The board has settled no pupil's level yet. Settle cases first, or take in those who are mapped: "
                "--mapped."
            )
        with store.writing():
            trail.append(settings.now(), "command", "viewed", "board", what="cohort, as a file", cases=len(found))
        write(output, made.as_csv(found, policies).decode())
    left = counts["not mapped"] + counts["waiting"] + (0 if mapped else counts["mapped"])
    why = "since their Community was stopped or its run set aside"
    wait = f"; {counts['waiting']} wait, {why}" if counts["waiting"] else ""
    also = (f", {counts['mapped']} as mapped" if mapped else "") + wait
    say(f"{count(len(found), 'pupil')} written to {output.name}: {counts['settled']} settled{also}; {left} left out.")
