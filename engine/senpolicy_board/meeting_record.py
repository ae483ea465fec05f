"""The record of a meeting: who was present, and what is closed with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from senpolicy.files.digests import PlainData
from senpolicy_board import trail
from senpolicy_board.accounts import may
from senpolicy_board.interests import counted_dissents
from senpolicy_board.tables import Meeting, Present


def must_stay(meeting: Meeting) -> set[str]:
    """Return the keys of the members who cannot be taken off a meeting.

    Once it has an outcome, these are all who were present: the outcome rests on its quorum. So do those who proposed,
    approved, declined or dissented, whoever was written down.
    """
    outcomes = meeting.outcomes.select_related("proposed_by", "approved_by").prefetch_related("dissents__account")
    acted = {who.key for one in outcomes for who in (one.proposed_by, one.approved_by) if who}
    acted |= {one.account.key for outcome in outcomes for one in outcome.dissents.all()}
    there = {one.account.key for one in meeting.present.select_related("account")} if outcomes else set()
    return acted | there


def set_present(meeting: Meeting, wanted: set[int]) -> None:
    """Have those be present at a meeting whose accounts have these ids, and nobody else."""
    there = {one.account_id: one for one in meeting.present.all()}
    for account_id in sorted(there.keys() - wanted):
        there[account_id].delete()
    for account_id in sorted(wanted - there.keys()):
        Present.objects.create(meeting=meeting, account_id=account_id)


def record_of(meeting: Meeting, quorum: int, left: Sequence[str]) -> dict[str, PlainData]:
    """Return what a meeting closes with: members, numbers, the seal of every outcome, and the end of the trail.

    `quorum` is how many members had to be present who may decide, `left` the keys of the cases that still wait.
    Keys and seals are there for cases and reasons: with
    them the record can be checked, and tells nothing by itself.
    """
    counts = Counter(
        f"{one.kind}" if one.state == "stands" else f"{one.kind}, {one.state}" for one in meeting.outcomes.all()
    )  # fmt: skip
    last = trail.last()
    return {
        "title": meeting.title,
        "area": meeting.area,
        "held_on": meeting.held_on.isoformat(),
        "present": [{"account": one.account.key, "label": one.account.label} for one in meeting.present.all()],
        "quorum": {
            "needed": quorum,
            "present": sum(may(one.account.role, "decide") for one in meeting.present.all()),
        },
        "minutes": meeting.minutes,
        "noted": [{"outcome": one.outcome.key, "seal": one.outcome.seal} for one in meeting.noted.all()],
        "outcomes": [
            {
                "case": one.case.key,
                "outcome": one.key,
                "kind": one.kind,
                "state": one.state,
                "seal": one.seal,
                "proposed_by": one.proposed_by.label,
                "approved_by": one.approved_by.label if one.approved_by else None,
                "dissent": sorted(said.account.label for said in counted_dissents(one.case, one)),
            }
            for one in meeting.outcomes.all()
        ],
        "left": list(left),
        "counts": dict(sorted(counts.items())),
        "trail": {"entries": last[0], "hash": last[1]} if last else None,
    }
