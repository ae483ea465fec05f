"""Everything that the board holds of one pupil, for a request of access by whoever may ask for it.

What refers to a case, and what refers to that, is found by the references of the tables: so a new table is in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from senpolicy.files.digests import PlainData
from senpolicy_board.images import SALT, plain
from senpolicy_board.tables import TABLES, Account, BoardCase, BoardRow, TrailEntry


def held_of(ref: str) -> dict[str, PlainData]:
    """Return all rows about the cases with a reference, by table, and the entries of the trail about them.

    Members are told by their labels; salts are left out, since they are for the proof alone. Empty tables are left out.
    """
    labels = dict(Account.objects.values_list("pk", "label"))
    actors = dict(Account.objects.values_list("key", "label"))
    found = {BoardCase._meta.db_table: list(BoardCase.objects.filter(ref=ref))}
    for table, row in _referring(found):
        found.setdefault(table, []).append(row)
    keys = [f"{kind}:{row.key}" for kind, table in _SUBJECTS for row in found.get(table, ())]
    about = Q(subject__in=keys)
    entries = [
        {"seq": one.seq, "at": one.at, "by": actors.get(one.actor, one.actor), "action": one.action}
        for one in TrailEntry.objects.filter(about).order_by("seq")
    ]  # fmt: skip
    rows: dict[str, PlainData] = {
        table: [_told(row, labels) for row in several] for table, several in found.items() if several
    }
    return {"reference": ref, **rows, "trail": entries} if rows else {}


#: What the trail calls the rows that it is about, and their tables.
_SUBJECTS = (("case", "board_case"), ("scoring", "scoring"), ("outcome", "outcome"))


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
        if field.attname in (SALT, "id") or value is None:
            continue
        told[field.name] = labels.get(value, str(value)) if field.related_model is Account else plain(value)
    return told
