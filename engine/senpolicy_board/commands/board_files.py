"""The commands that write what a board holds: below board, precedents, golden, records and trail."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import Error

from senpolicy.cli.shared import (
    AsOf,
    Proposed,
    Readings,
    Root,
    Scenario,
    count,
    ends_in,
    find_root,
    make_folder,
    say,
    write,
)
from senpolicy.comparing.precedents import as_file
from senpolicy.files.problems import WrongUse
from senpolicy_board import precedents as stored
from senpolicy_board import recording, signing, trail_file
from senpolicy_board import trail as trail_log
from senpolicy_board.commands import HERE, Database, asked, board
from senpolicy_board.policies import policies_of
from senpolicy_board.settings import Settings
from senpolicy_board.store import opened
from senpolicy_board.subject_access import held_of
from senpolicy_board.tables import BoardCase, DecisionRecord


@board.command("precedents")
def precedents(
    output: Annotated[Path, typer.Option("-o", "--output", help="The JSON file to write.", show_default=False)],
    database: Database = HERE,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    root: Root = None,
) -> None:
    """Write the board's precedents to a file, for compare --precedents."""
    ends_in(output, ".json")
    settings = Settings(database, find_root(root), as_of, include_proposed, readings, scenario)
    with opened(settings.database) as store, policies_of(settings) as policies, store.reading():
        found = stored.precedents(policies)
    write(output, as_file([one.precedent for one in found]))
    say(f"{count(len(found), 'precedent')} written to {output.name}.")


@board.command("golden")
def golden(
    precedent: Annotated[str, typer.Argument(help="The id of a precedent, or its beginning.", show_default=False)],
    database: Database = HERE,
    as_of: AsOf = None,
    include_proposed: Proposed = False,
    readings: Readings = "all",
    scenario: Scenario = None,
    root: Root = None,
) -> None:
    """Print a precedent as a golden case, to be added to the tests of the policy."""
    settings = Settings(database, find_root(root), as_of, include_proposed, readings, scenario)
    with opened(settings.database) as store, policies_of(settings) as policies:
        with store.reading():
            found = [one.precedent for one in stored.precedents(policies)]
        named = [one for one in found if precedent and one.id.startswith(precedent)]
        if len(named) != 1:
            many = "several precedents start" if named else "no precedent starts"
            raise WrongUse(f"Of this board {many} with that id. The page of precedents and its file hold the ids.")
        print(stored.golden(named[0], policies), end="")


@board.command("records")
def records(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The folder to write to, made if need be.", show_default=False)
    ],
    database: Database = HERE,
) -> None:
    """Write the decision record of each case that the board has decided, for verify-record."""
    with opened(database) as store, store.writing():
        kept = list(DecisionRecord.objects.filter(content__isnull=False))
        trail_log.append(
            datetime.now(UTC), "command", "viewed", "board", what="decision records, as files", cases=len(kept)
        )
    make_folder(output)
    for one in kept:
        write(output / recording.file_name(one), recording.text_of(one) or "")
    say(f"{count(len(kept), 'decision record')} written to {output.name}.")


@board.command("subject")
def subject(
    reference: Annotated[str, typer.Argument(help="The pupil's reference: K-0007.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="The JSON file to write.", show_default=False)],
    database: Database = HERE,
    root: Root = None,
) -> None:
    """Write everything that the board holds of one pupil, for a request of access.

    Facts, ratings, notes, evidence (its files as base64), what was decided, appeals, notices and decision records, and
    which entries of the trail are about them; not the minutes of meetings. Someone reads the file before it goes out:
    notes may speak of others.
    """
    ends_in(output, ".json")
    settings = Settings(database, find_root(root))
    with opened(settings.database) as store, store.writing():
        found = held_of(reference.upper())
        for case in BoardCase.objects.filter(ref=reference.upper()):
            trail_log.append(
                settings.now(), "command", "viewed", f"case:{case.key}", what="all that is held, as a file"
            )
    if not found:
        raise WrongUse(
            f"The board holds nothing of '{reference}'. Check the reference; its facts may have been removed."
        )
    write(output, json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    say(
        f"{output.name} holds every row and entry that refers to {reference.upper()}. Minutes of meetings "
        "are not in it: read those too, and read the file before it goes out."
    )


@board.command("head")
def head(
    database: Database = HERE,
    sign: Annotated[
        Path | None,
        typer.Option("--sign", help="Sign it by the private key in this file; the signed head is printed as JSON.",
                     show_default=False),
    ] = None,
    given: Annotated[
        str | None,
        typer.Option("--given", help="Sign this head, as it was printed elsewhere: 'entry 12: HASH'.",
                     show_default=False),
    ] = None,
) -> None:  # fmt: skip
    """Print the number and the hash of the trail's last entry, to be kept outside the board.

    Whoever keeps it can show later, with verify-record --trail --head, that nothing up to that entry was changed. With
    --sign the council vouches for it by a key of its own. With --given no database is read, so the key can stay on a
    machine of its own.
    """
    last = _last(database) if given is None else _given(given)
    if sign is None:
        print(f"entry {last[0]}: {last[1]}")
    else:
        print(signing.sign(sign, lambda: asked("Passphrase"), *last), end="")


def _last(database: str) -> tuple[int, str]:
    try:
        with opened(database, current=False) as store, store.reading():
            last = trail_log.last()
    except (Error, ImproperlyConfigured):
        raise WrongUse("That database holds no board that can be read. Name another with --database.") from None
    if last is None:
        raise WrongUse("This board's trail is empty: nothing has been done on it yet.")
    return last


def _given(said: str) -> tuple[int, str]:
    found = re.fullmatch(rf"entry ([1-9][0-9]{{0,11}}): ({signing.HASH})", said.strip())
    if found is None:
        raise WrongUse("This is not a head. Write it as 'senpolicy board head' printed it: 'entry 12: HASH'.")
    return int(found[1]), found[2]


@board.command("trail")
def trail(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The file to write, a line an entry.", show_default=False)
    ],
    database: Database = HERE,
) -> None:
    """Write the board's audit trail to a file, for verify-record --trail."""
    ends_in(output, ".jsonl", ".txt")
    with opened(database, current=False) as store, store.reading():
        found = "".join(trail_file.lines())
    write(output, found)
    say(f"{found.count(chr(10)):,} entries written to {output.name}.")
