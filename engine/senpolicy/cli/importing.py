"""The command that reads what a school or the council holds: import."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from senpolicy.caseloads.files.limits import suffix_of
from senpolicy.caseloads.importing import learning
from senpolicy.caseloads.importing import run as importing
from senpolicy.caseloads.importing.reading import IN_PAYMENT
from senpolicy.caseloads.importing.run import Imported
from senpolicy.cli.shared import (
    AsJson,
    Root,
    app,
    count,
    day_of,
    ends_in,
    load_policy,
    print_json,
    print_lines,
    say,
    today,
    write,
)
from senpolicy.cli.stopping import stop_in_order
from senpolicy.files.problems import WrongUse

#: Of so many pupils the preview says where they are.
MOST_PLACES = 6


@app.command("import")
def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="A list, return or schedule: .csv, .xlsx or .xml; or the folder of a return.", show_default=False
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            help="The kind of file, or a reading of your own (.yaml).",
            show_default="recognised by its headings",
        ),
    ] = None,
    schools: Annotated[
        Path | None,
        typer.Option("--schools", help="An extract of the national register of schools.", show_default=False),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="The day for which the cases are to be decided.", show_default="today")
    ] = None,
    as_at: Annotated[
        str | None,
        typer.Option("--as-at", help="The day of which the file is.", show_default="as the file says itself"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The caseload to write: .csv, .xlsx or .parquet.", show_default=False),
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what was read as what, and write nothing.")] = False,
    confirm: Annotated[
        list[str] | None,
        typer.Option(
            "--confirm",
            help="A fact whose candidates are right; FACT=VALUE for all others; or a file of answered questions.",
            show_default=False,
        ),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", help="Write what must be confirmed to this file (.csv).", show_default=False),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys", help="The key file by which a pupil keeps its reference; it is yours to keep.", show_default=False
        ),
    ] = None,
    learn: Annotated[
        str | None,
        typer.Option("--learn", help="Propose a reading for lists like this, under this name.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Read what a school or the council holds into a caseload: what is certain, what a person must confirm."""
    if output is None and not preview and not as_json and questions is None and learn is None:
        raise WrongUse(
            f"Name the caseload to write: senpolicy import {file.name} -o cases.csv; or look first with --preview."
        )
    if output is not None:
        suffix_of(output)
    for one in (output, questions, keys):
        if one is not None and one.exists() and file.exists() and one.samefile(file):
            raise WrongUse(f"'{one.name}' is the file that is read. Give what is written another name.")
    ends_in(questions, ".csv")
    ends_in(keys, ".json")
    stop_in_order()
    policy = load_policy(root, None, False, "all", faults=False)
    day = day_of(on) if on else today()
    if learn is not None:
        print(learning.proposed(file, learn, importing.definitions(policy)[0], day), end="")
        say(f"A proposal. Check it, save it as {learn}.yaml, and name it with --kind.")
        return
    found = importing.import_file(
        file, policy, day, kind=kind, schools=schools, keys=keys, of_day=day_of(as_at) if as_at else None
    )
    confirmed = importing.confirm(found, confirm or [])
    if as_json:
        print_json(found.to_json())
    elif preview:
        print_lines(("", line) for line in preview_lines(found))
    if not preview and keys is not None and (output or questions):
        write(keys, found.keys.text())  # Before what holds its references.
        say(f"Written: {keys.name}. Keep it, and do not pass it on.")
    if not preview and questions is not None:
        write(questions, importing.questions_text(found))
        say(f"Written: {questions.name}, {count(sum(1 for _ in found.questions()), 'question')}")
    if not preview and output is not None:
        say(f"Written: {output.name}, {count(importing.write_caseload(found, output), 'case')}")
    for line in summary_lines(found, confirmed):
        say(line)


def summary_lines(found: Imported, confirmed: int) -> Iterator[str]:
    """Yield what became of the file in a few sentences."""
    out = len(found.pupils) - len(found.kept)
    open_ones = sum(1 for _ in found.questions())
    yield f"Read as: {found.taken.kind.title}."
    yield f"{count(len(found.pupils), 'pupil')}, {out} left out; for {found.on.isoformat()}."
    if found.taken.of_day is None:
        yield "The file does not say of which day it is: year groups are taken as of that day. If not, use --as-at."
    if confirmed:
        yield f"{count(confirmed, 'fact')} confirmed."
    if open_ones:
        yield f"{count(open_ones, 'question')} open; these facts are not in the caseload. Write them with --questions."
    for name, left in found.unsure.items():
        names, pupils = (
            count(len({value for _, value in left}), "name"),
            count(len({id(one) for one, _ in left}), "pupil"),
        )
        yield (
            f"Left out of '{name}': {names}, of {pupils}, that may be of a person as well as of a place. "
            f"If it is a place's: --confirm {name}"
        )
    yield from found.taken.notes


def preview_lines(found: Imported) -> Iterator[str]:
    """Yield what was taken for what, by column, with counts; what must be confirmed; what was left out and why.

    No cell is shown, and no heading that is not known: it may be a child's name.
    """
    told, says = found.taken, found.told.flags
    yield f"{found.name}: {told.kind.title}"
    if told.of_day:
        yield f"Of {told.of_day.isoformat()}, for {found.on.isoformat()}."
    read = ((name, sum(one.facts.get(name) is not None for one in found.kept)) for name in found.types)
    asked = Counter(name for pupil in found.kept for name in pupil.candidates)
    flagged: dict[str, list[str]] = defaultdict(list)
    for pupil in found.kept:
        for flag in pupil.flags:
            flagged[flag].append(importing.place_of(pupil))
    out = Counter(one.excluded for one in found.pupils if one.excluded)
    parts = {
        "Columns": [
            f"{heading}: {found.labels[column]}" if column else f"column {place}: left unread"
            for place, (heading, column) in enumerate(told.columns, 1)
        ],
        "Read, for certain": [f"{name}: {known} of {len(found.kept)}" for name, known in read if known],
        "To be confirmed": [f"{name}: {n}{' (told only)' if name == IN_PAYMENT else ''}" for name, n in asked.items()],
        "Worth a look": [
            f"{len(places)} x {says[flag].says}{_where(places)}"
            for flag, places in sorted(flagged.items(), key=lambda one: -len(one[1]))
        ],
        "Left out": [
            *(f"{number} x {says[why].says}" for why, number in out.items()),
            *(f"{number} x {what}" for what, number in told.left_out.items() if number),
        ],
    }
    for title, lines in parts.items():
        yield ""
        yield title
        yield from (f"  {line}" for line in lines or ["nothing"])


def _where(places: list[str]) -> str:
    """Return where the first of some pupils are, by row of the list; "" where they have no place."""
    told = [one for one in places if one]
    if not told:
        return ""
    shown = [one.removeprefix("row ") for one in told[:MOST_PLACES]]
    if len(told) > MOST_PLACES:
        shown.append(f"{len(told) - MOST_PLACES} more")
    rows = "rows " if len(told) > 1 and told[0].startswith("row ") else told[0][: -len(shown[0])] if shown[0] else ""
    return f" ({rows}{', '.join(shown[:-1])}{' and ' if len(shown) > 1 else ''}{shown[-1]})"
