"""Levels of an earlier edition of the descriptors, read in those of the one in use by tables of the council's own.

Cases stay as they are, in the words of their edition. A level for which no table has a row is unmapped, never guessed.
"""

import csv
import hashlib
import io
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from senpolicy.files.problems import WrongUse
from senpolicy_board import trail
from senpolicy_board.policies import Policies
from senpolicy_board.rating import counts_at
from senpolicy_board.settings import Settings
from senpolicy_board.tables import Account, BoardCase, LevelTable

#: The newest table between two editions, by their ids; between an edition and itself: of levels that were renamed.
Tables: TypeAlias = Mapping[tuple[str, str], LevelTable]


def read(content: bytes, policies: Policies) -> tuple[str, str, dict[str, str]]:
    """Return a table of levels from CSV: the two editions, and the new level of each old one.

    The headings are the ids of the editions. A cell is never repeated in a message: it may be another file than meant.
    Raises `WrongUse` where it is not such a table, or a level is not one of its edition, or has two rows.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True) if any(row)]
    except (UnicodeDecodeError, csv.Error):
        raise WrongUse("This is not a table: give a file of CSV in UTF-8.") from None
    editions = policies.corpus.editions
    if len(rows) < 2 or any(len(row) != 2 for row in rows) or not set(rows[0]) <= set(editions):
        known = ", ".join(sorted(editions))
        raise WrongUse(f"A table of levels has two columns, an edition heading each, and a row a level: {known}.")
    (old, new), *pairs = rows
    levels = {name: {level.id for level in editions[name].levels} for name in (old, new)}
    for number, (one, other) in enumerate(pairs, 2):
        # Within one edition the old name is one that it no longer has.
        if (one in levels[old]) is (old == new):
            says = "still has" if old == new else "does not have"
            raise WrongUse(f"Row {number} of the table begins with a level that the edition {old} {says}.")
        if other not in levels[new]:
            raise WrongUse(f"Row {number} of the table ends with a level that the edition {new} does not have.")
    if len(dict(pairs)) < len(pairs):
        raise WrongUse("A level has two rows in the table. Leave it one, or none where the council has not decided.")
    return old, new, dict(pairs)


def take_over(settings: Settings, policies: Policies, content: bytes, by: Account) -> LevelTable:
    """Keep a table of levels, with its digest and who took it over in the trail; it counts from now on.

    Raises `WrongUse` as `read` does, and where the very same table counts already.
    """
    old, new, levels = read(content, policies)
    digest, last = f"sha256:{hashlib.sha256(content).hexdigest()}", tables().get((old, new))
    if last is not None and last.digest == digest:
        raise WrongUse("This very table has been taken over already, and counts.")
    kept: LevelTable = LevelTable.objects.create(
        digest=digest, from_edition=old, to_edition=new, levels=levels, taken_at=settings.now(), taken_by=by
    )
    trail.append(settings.now(), by.key, "table of levels taken over", f"levels:{kept.key}", digest=digest)
    return kept


def tables() -> Tables:
    """Return the tables that count: the newest between two editions."""
    return {
        (one.from_edition, one.to_edition): one for one in LevelTable.objects.select_related("taken_by").order_by("id")
    }


def mapped(level: str | None, day: date | None, policies: Policies, by: Tables) -> tuple[str | None, list[LevelTable]]:
    """Return the level of the edition in use as which a level of the edition of a day counts, and by which tables.

    None where it is unmapped, or there is no edition.
    """
    edition, last = policies.edition_on(day), policies.edition_on(None)
    used: list[LevelTable] = []
    if edition is None or last is None:
        return None, used
    at, passed = edition.edition, set[str]()
    while level is not None:
        known = {one.id for one in policies.corpus.editions[at].levels}
        if at == last.edition and level in known:
            return level, used
        # A name that the edition no longer has is read first. Then the table that leads straight to the edition in use
        # goes before one that leads elsewhere; of several of those the one that was taken over last.
        on = [new for old, new in by if old == at and new not in passed and (new == at) is (level not in known)
              and new in policies.corpus.editions]  # fmt: skip
        if not on:
            break
        table = by[at, last.edition if last.edition in on else max(on, key=lambda new: by[at, new].id)]
        passed |= {at} - {table.to_edition}
        used.append(table)
        level, at = table.levels.get(level), table.to_edition
    return None, used


def order_on(day: date, policies: Policies, by: Tables) -> dict[str, int]:
    """Return the order among the levels in use of each level that a case of a day can have; none where unmapped."""
    edition, last = policies.edition_on(day), {level.id: level.order for level in policies.levels_on(None)}
    renamed = by.get((edition.edition, edition.edition)) if edition else None
    names = {level.id for level in policies.levels_on(day)} | set(renamed.levels if renamed else ())
    found = {name: mapped(name, day, policies, by)[0] for name in names}
    return {name: last[level] for name, level in found.items() if level in last}


def elsewhere(case: BoardCase, policies: Policies) -> tuple[str, str, list[LevelTable]] | None:
    """Return as what the level of a case counts: the edition in use, its level, "" where unmapped, and by which tables.

    None where it is one of the edition in use, or not known.
    """
    level = counts_at(case, policies)
    (found, by), last = mapped(level, case.decision_date, policies, tables()), policies.edition_on(None)
    if level is None or last is None or (found == level and not by):
        return None
    return last.edition, policies.level_label(found) if found else "", by


def unmapped(policies: Policies, by: Tables) -> list[tuple[str, str]]:
    """Return the levels of editions no longer in use that no way of tables leads from, each with its edition."""
    days = {one.edition.edition: one.start or date.min for one in policies.policy.periods if one.edition}
    return [
        (name, level.id)
        for name, day in days.items()
        for level in policies.levels_on(day)
        if mapped(level.id, day, policies, by)[0] is None
    ]
