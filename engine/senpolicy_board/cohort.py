"""What a board has settled, as the cohort of a tariff: a row for each pupil, with the level that counts."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from senpolicy_board import communities, exporting, rating
from senpolicy_board.mapping import newest
from senpolicy_board.policies import Policies
from senpolicy_board.seeds import in_part
from senpolicy_board.tables import BoardCase, BoardOutcome


def rows(policies: Policies, *, mapped: bool) -> tuple[list[dict[str, str]], Counter[str]]:
    """Return the cells of each pupil's row by column, and how many pupils are there or left out, and why.

    Those whose case the board has settled are there, at the level that it decided; with `mapped` those too whose level
    the board has not decided, as they were mapped, but not where their Community was stopped before, or its run set
    aside. Ratings by area are left out: the level is what counts.
    """
    decided = {
        one.case_id: str((one.content or {}).get("to"))
        for one in BoardOutcome.objects.filter(state="stands", content__isnull=False)
    }
    found, counts, among = list[dict[str, str]](), Counter[str](), communities.stopped()
    for case in newest():
        level = decided.get(case.pk) if case.settled_at else None
        waits = communities.waits(case, policies, among) or in_part(case, rating.ASIDE)
        kind = "settled" if level else "waiting" if waits else "mapped" if case.level else "not mapped"
        counts[kind] += 1
        if level or (mapped and kind == "mapped"):
            found.append(_row(case, level or str(rating.counts_at(case, policies)), policies))
    return found, counts


def _row(case: BoardCase, level: str, policies: Policies) -> dict[str, str]:
    aside = {area.fact for area in policies.areas}
    facts = {name: str(value) for name, value in (case.facts or {}).items() if name not in aside}
    groups = {name: str(value) for name, value in (case.groups or {}).items() if value}
    return {"case_ref": case.ref or "", **groups, **facts, policies.level_fact: level}


def as_csv(found: list[dict[str, str]], policies: Policies) -> bytes:
    """Return rows as CSV, with the columns of which any row has a cell, in the order of the policy's own."""
    facts = policies.corpus.facts
    there = {name for row in found for name in row}
    columns = [one for one in dict.fromkeys((*facts.facts, *facts.groups)) if one in there]
    schema = pa.schema([(name, pa.string()) for name in columns])
    return exporting.written(".csv", schema, [[row.get(name) for row in found] for name in columns])
