"""A file that is not a caseload yet, where a caseload is asked for: it is imported first, and what was read is told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from senpolicy.cli.shared import day_of, say, today
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.policy.timeline import Policy

T = TypeVar("T")
#: Files that are never caseloads, and can be imported.
RETURNS = (".xml",)
#: The heading that every caseload has, and no school's own list.
REFERENCE = "case_ref"


def caseload_or_import(
    file: Path, policy: Policy, schools: Path | None, on: str | None, then: Callable[[Path], T]
) -> T:
    """Return what `then` makes of a caseload: of the file itself, or of what is read from it where it is not one.

    Raises what `then` raises for the file itself where no import knows the file either.
    """
    day = day_of(on) if on else today()
    if file.suffix.lower() in RETURNS:
        return _imported(file, policy, schools, day, then)
    try:
        return then(file)
    except PolicyError as error:
        try:
            return _imported(file, policy, schools, day, then)
        except _NotKnown as found:
            # Of a list of its kind it helps to know what is wrong with the list, not that it is not a caseload.
            no_caseload = any(one.code == "missing-field" and f"'{REFERENCE}'" in one.message for one in error.problems)
            if no_caseload and found.fault and all(one.code != "kind-not-known" for one in found.fault.problems):
                raise found.fault from None
            raise error from None


class _NotKnown(Exception):
    """Raised where a file is of no kind that can be imported; `fault` is what the import says of it."""

    def __init__(self, fault: PolicyError | None = None) -> None:
        super().__init__()
        self.fault = fault


def _imported(file: Path, policy: Policy, schools: Path | None, day: date, then: Callable[[Path], T]) -> T:
    from senpolicy.caseloads.importing import run as importing  # Most caseloads are caseloads.
    from senpolicy.cli.importing import preview_lines, summary_lines

    try:
        found = importing.import_file(file, policy, day, schools=schools)
    except (PolicyError, WrongUse) as error:
        if file.suffix.lower() in RETURNS or (isinstance(error, PolicyError) and schools and "register" in str(error)):
            raise
        raise _NotKnown(error if isinstance(error, PolicyError) else None) from None
    if any(heading == REFERENCE for heading, _ in found.taken.columns):
        raise _NotKnown  # It is meant as a caseload, so what is wrong with it is told.
    for line in (*preview_lines(found), *summary_lines(found, 0)):
        say(line)
    say(f"What a person must confirm is not counted. To confirm it: senpolicy import {found.name} --questions FILE")
    with tempfile.TemporaryDirectory(prefix="senpolicy-") as folder:
        caseload = Path(folder) / f"{file.stem}.csv"
        importing.write_caseload(found, caseload)
        return then(caseload)
