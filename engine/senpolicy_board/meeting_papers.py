"""What a meeting has before it, for the page of it: agenda, appeals, wishes to reopen, what was decided outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from senpolicy_board import agenda, interests
from senpolicy_board.images import Cell
from senpolicy_board.scoring import ASKED, may_see_answer
from senpolicy_board.tables import BoardCase, Meeting

if TYPE_CHECKING:
    from senpolicy_board.web import Visit


def papers(visit: Visit, meeting: Meeting) -> dict[str, Cell]:
    """Return what an open meeting has before it; of a case that the visitor may not see, only that there is one."""
    policies, is_open = visit.policies, meeting.closed_at is None
    items = agenda.items(meeting.area, policies) if is_open else []
    appeals = agenda.appeals(meeting.area, policies) if is_open else []
    noted = meeting.noted.select_related("outcome__case").prefetch_related(*(f"outcome__{one}" for one in ASKED))
    outside = agenda.outside(meeting.area, policies) if is_open else [one.outcome for one in noted]

    def seen(case: BoardCase) -> bool:
        return visit.may("see a case") and may_see_answer(case, visit.account)

    shown = [one for one in items if seen(one.case)]
    said = {
        kind: (title, [one for one in several if seen(one.outcome.case)], len(several))
        for kind, title in (("appeal", "Appeals"), ("asked", "Asked to be reopened"))
        if (several := [one for one in appeals if one.kind == kind])
    }
    return {
        "agenda": shown, "unseen": len(items) - len(shown), "waiting": len(items), "kinds": interests.KINDS,
        "said": said, "outside": [one for one in outside if seen(one.case)], "decided_outside": len(outside),
        "area": agenda.areas(policies).get(meeting.area or ""), "quorum": agenda.quorum(policies),
        "labels": interests.parts(policies), "policies": policies,
    }  # fmt: skip
