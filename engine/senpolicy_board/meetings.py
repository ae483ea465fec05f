"""Closing a meeting: the record that stands for good, and holds nothing of a pupil."""

from __future__ import annotations

from collections import Counter

from senpolicy.files.digests import PlainData
from senpolicy_board import trail
from senpolicy_board.tables import Meeting


def record_of(meeting: Meeting) -> dict[str, PlainData]:
    """Return what a meeting comes to: members, numbers, the seal of every outcome, and where the trail stood.

    Keys and seals stand for cases and reasons: with them the record can be checked, and tells nothing by itself.
    """
    counts = Counter(
        f"{one.kind}" if one.state == "stands" else f"{one.kind}, {one.state}" for one in meeting.outcomes.all()
    )  # fmt: skip
    last = trail.last()
    return {
        "title": meeting.title,
        "held_on": meeting.held_on.isoformat(),
        "present": [{"account": one.account.key, "label": one.account.label} for one in meeting.present.all()],
        "minutes": meeting.minutes,
        "outcomes": [
            {
                "case": one.case.key,
                "outcome": one.key,
                "kind": one.kind,
                "state": one.state,
                "seal": one.seal,
                "proposed_by": one.proposed_by.label,
                "approved_by": one.approved_by.label if one.approved_by else None,
            }
            for one in meeting.outcomes.all()
        ],
        "counts": dict(sorted(counts.items())),
        "trail": {"entries": last[0], "hash": last[1]} if last else None,
    }
