"""Every row and entry of the board that refers to one pupil, for a request of access by whoever may ask for it.

What refers to a case, and what refers to that, is found by the references of the tables: so a new table is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_

from django.db.models import Q

from senpolicy.files.digests import PlainData
from senpolicy_board.images import SALT, plain
from senpolicy_board.tables import TABLES, Account, BoardCase, BoardRow, Halt, HaltPart, TrailEntry


def held_of(ref: str) -> dict[str, PlainData]:
    """Return all rows about the cases with a reference, by table, and the entries of the trail about them.

    Members are told by their labels. The salts of rows are left out, since they are for the proof alone; so are empty
    tables, and the minutes of meetings, which refer to no case.
    """
    labels = dict(Account.objects.values_list("pk", "label"))
    actors = dict(Account.objects.values_list("key", "label"))
    found = {BoardCase._meta.db_table: list(BoardCase.objects.filter(ref=ref))}
    for table, row in _referring(found):
        found.setdefault(table, []).append(row)
    # A halt is of many cases, and does not refer to one: those that did something to a rating of this case are told.
    halts = {part.halt_id: part.halt for part in found.get(HaltPart._meta.db_table, []) if isinstance(part, HaltPart)}
    found |= {Halt._meta.db_table: list(halts.values())} if halts else {}
    # An entry may be about a case of its subject, or name the case among others: those of a sample, of a caseload.
    keys = [row.key for several in found.values() for row in several if hasattr(row, "key")]
    about = [Q(subject__endswith=f":{key}") | Q(detail__contains=f'"{key}"') for key in keys]
    entries = [
        {"seq": one.seq, "at": one.at, "by": actors.get(one.actor, one.actor), "action": one.action}
        for one in TrailEntry.objects.filter(reduce(or_, about, Q(pk=None))).order_by("seq")
    ]  # fmt: skip
    rows: dict[str, PlainData] = {
        table: [_told(row, labels) for row in several] for table, several in found.items() if several
    }
    return {"reference": ref, **rows, "trail": entries} if rows else {}


def _referring(found: dict[str, list[BoardRow]]) -> Iterator[tuple[str, BoardRow]]:
    """Yield the rows of other tables that refer to these, and those that refer to them, each once."""
    waiting, met = [row for several in found.values() for row in several], set[tuple[str, int | str]]()
    while waiting:
        row = waiting.pop(0)
        for name, table in TABLES.items():
            for field in table._meta.concrete_fields:
                # What replaced a case in a sample is a case of another pupil.
                if field.related_model is not type(row) or field.related_model is table:
                    continue
                for one in table.objects.filter(**{field.name: row}):
                    if (name, one.pk) not in met:
                        met.add((name, one.pk))
                        waiting.append(one)
                        yield name, one


def _told(row: BoardRow, labels: dict[int, str]) -> PlainData:
    told: dict[str, PlainData] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        # What replaced a case in a sample is of another pupil here too.
        if field.attname in (SALT, "id") or value is None or field.related_model is type(row):
            continue
        if field.related_model is Account:
            told[field.name] = labels.get(value, str(value))
        else:
            # Ids are left out, so another row is told by its key, where it has one.
            told[field.name] = plain(getattr(getattr(row, field.name), "key", value))
    return told
