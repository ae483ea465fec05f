"""The command that decides: cases one by one, or a whole caseload."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from senpolicy import __version__
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
    load_policy,
    make_folder,
    print_json,
    print_lines,
    progress_bar,
    say,
    warn,
    write,
)
from senpolicy.deciding.cases import Refused, read_file
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.deciding.text import lines
from senpolicy.files.problems import WrongUse
from senpolicy.policy.timeline import Policy


@app.command()
def decide(
    file: Annotated[
        Path, typer.Argument(help="Cases as YAML or JSON; or a caseload as CSV, Parquet or Excel.", show_default=False)
    ],
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    everything: Annotated[bool, typer.Option("--all", help="Show the answers that did not hold too.")] = False,
    scenario: Scenario = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="For a caseload: the file to write.", show_default=False)
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="For a caseload: duckdb or spark.")] = "duckdb",
    verify: Annotated[
        int, typer.Option("--verify", min=0, help="For a caseload: how many rows to decide again by both evaluators.")
    ] = 1000,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Which rows those are; by default others each time.", show_default=False),
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Tell no count of fewer than five, so that the counts may be passed on.")
    ] = False,
    records: Annotated[
        Path | None,
        typer.Option("--records", help="Write the record of each decision into this folder.", show_default=False),
    ] = None,
    leave_unread: LeaveUnread = False,
    schools: Schools = None,
    on: On = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Decide each case in FILE and say why; or decide a whole caseload and write it to a file."""
    if file.suffix.lower() in (".csv", ".parquet", ".xlsx", ".xml"):
        if output is None:
            raise WrongUse(f"Name the file to write: senpolicy decide {file.name} -o decided{_suffix(file)}")
        if records is not None:
            raise WrongUse("--records is for cases in YAML or JSON: each is decided by both evaluators, with reasons.")
        policy = load_policy(root, as_of, include_proposed, readings, scenario, beside=False)
        from senpolicy.cli import brought, stopping  # A case by itself is never imported.

        stopping.stop_in_order()  # Killed outright it leaves nothing either.
        brought.caseload_or_import(
            file,
            policy,
            schools,
            on,
            lambda found: _decide_caseload(found, output, policy, engine, verify, seed, share, as_json, leave_unread),
        )
    if output is not None:
        raise WrongUse("-o is for a caseload, whose name ends in .csv, .parquet or .xlsx; cases go to the screen.")
    policy = load_policy(root, as_of, include_proposed, readings, scenario, beside=False)
    results = Decider(policy).decide_all(read_file(file, policy), everything=everything)
    warn(result.case for result in results if not isinstance(result, Refused))
    if as_json:
        print_json([result.to_json() for result in results])
    else:
        print_lines(line for result in results for line in lines(result, everything=everything))
    decided = [result for result in results if isinstance(result, Decision)]
    if records is not None:
        _write_records(decided, records)
    refused = len(results) - len(decided)
    unsettled = sum(any(one.answer == "undetermined" for one in result.answers.values()) for result in decided)
    say(
        f"{count(len(results), 'case')}: {len(decided)} decided, "
        f"of which {unsettled} with something undetermined; {refused} not decided."
    )
    if policy.scenario:
        say(policy.scenario.says)
    raise typer.Exit(1 if refused else 0)


def _suffix(file: Path) -> str:
    return ".csv" if file.suffix.lower() == ".xml" else file.suffix.lower()


def _write_records(decided: list[Decision], folder: Path) -> None:
    from senpolicy.deciding import record as decision_record  # Most decisions are only shown.

    make_folder(folder)
    for decision in decided:
        record = decision_record.record_of(decision, secrets.token_hex(16), __version__)
        write(folder / decision_record.file_name(record), decision_record.text_of(record))
    say(f"{count(len(decided), 'record')} written.")


def _decide_caseload(
    file: Path,
    output: Path,
    policy: Policy,
    engine: str,
    verify: int,
    seed: int | None,
    share: bool,
    as_json: bool,
    leave_unread: bool,
) -> None:
    from senpolicy.caseloads import run as caseload  # A case by itself needs none of the libraries for tables.

    seed = secrets.randbelow(1_000_000) if seed is None else seed
    with progress_bar("Deciding") as progress:
        summary = caseload.decide(
            file,
            output,
            policy,
            engine_name=engine,
            verify=verify,
            seed=seed,
            progress=progress,
            leave_unread=leave_unread,
        )
    if as_json:
        print_json([summary.to_json(share=share)])
    else:
        for line in summary.lines(share=share):
            say(line)
    if policy.scenario:
        say(policy.scenario.says)
    raise typer.Exit(1 if summary.refused_rows else 0)
