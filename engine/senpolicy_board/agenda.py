"""What a meeting of an area board has before it: cases to decide, appeals, and what was decided outside a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from senpolicy.files.models.board import AreaBoard
from senpolicy.readings.say import say_date
from senpolicy_board import decisions
from senpolicy_board.accounts import may
from senpolicy_board.loading import group_of
from senpolicy_board.policies import Policies
from senpolicy_board.reopening import ANSWERED, pending, why_again
from senpolicy_board.scoring import confirmed, may_see_answer, needed, with_all
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, CaseReview, Meeting

if TYPE_CHECKING:
    from senpolicy_board.web import Visit


def areas(policies: Policies) -> dict[str, AreaBoard]:
    """Return the area boards by id, as rules/board.yaml has them; none where it names none."""
    board = policies.corpus.board
    return {one.id: one for one in board.meetings.areas} if board and board.meetings else {}


def quorum(policies: Policies) -> int:
    """Return how many members must be present who may decide a case; 0 where the board has settled none."""
    board = policies.corpus.board
    return int(board.meetings.quorum.value) if board and board.meetings else 0


def of_area(case: BoardCase, area: str | None, policies: Policies) -> bool:
    """Return whether a case comes to the meetings of an area: its Community is of it, or of no area that is listed."""
    board = policies.corpus.board
    community = group_of(case, board.community) if board else ""
    listed = {name: one.id for one in areas(policies).values() for name in one.communities}
    return area is None or listed.get(community, area) == area


def deciders(meeting: Meeting, case: BoardCase) -> list[Account]:
    """Return the members present at a meeting who may decide a case: they may see it, and have no interest in it."""
    there = [one.account for one in meeting.present.select_related("account") if may(one.account.role, "decide")]
    return [one for one in there if may_see_answer(case, one)]


def not_quorate(visit: Visit, meeting: Meeting, case: BoardCase) -> str:
    """Return why a meeting cannot decide a case by the visitor's word now, "" where it can."""
    there, policies = deciders(meeting, case), visit.policies
    needed = quorum(policies)
    if meeting.held_on > visit.now.date():
        return f"This meeting is on {say_date(meeting.held_on)}. Choose another, or decide outside a meeting."
    if not of_area(case, meeting.area, policies):
        return "This meeting is of another area. Choose that of the case, or decide outside a meeting."
    if visit.account.pk not in {one.pk for one in there}:
        return "You are not among the members present at this meeting. The chair writes down who is present first."
    if len(there) < needed:
        return (
            f"The meeting is not quorate for this case: {len(there)} of its members may decide it, and {needed} must "
            "be present. Who has neither rated the case nor chairs does not count. Decide it at another meeting."
        )
    return ""


@dataclass(frozen=True)
class AgendaItem:
    """A case on an agenda: how many levels apart it was put, the pence a year at stake, since when it waits, and why.

    `spread` is None where a rating gives no level: it lies at no known distance. `stake` is None where a sum is not
    known.
    """

    case: BoardCase
    spread: int | None
    stake: int | None
    since: datetime
    why: str


def items(area: str | None, policies: Policies) -> list[AgendaItem]:
    """Return the cases of an area that wait for a decision: by disagreement, money at stake, and waiting time.

    Those with a rating that gives no level come first.
    """
    cases = with_all(
        BoardCase.objects.filter(settled_at=None, facts__isnull=False, scorings__confirmed_at__isnull=False).distinct()
    )
    found = [_item(case, policies) for case in cases if _waits(case, policies) and of_area(case, area, policies)]
    order = {one.case.pk: (one.spread is not None, -(one.spread or 0)) for one in found}
    return sorted(found, key=lambda one: (order[one.case.pk], -(one.stake or 0), one.stake is not None, one.since))


def _waits(case: BoardCase, policies: Policies) -> bool:
    return len(confirmed(case)) >= needed(case, policies)


def _item(case: BoardCase, policies: Policies) -> AgendaItem:
    since = max(one.confirmed_at for one in confirmed(case) if one.confirmed_at is not None)
    outcome, unknown = case.outcome, decisions.without_level(case, policies)
    spread = None if unknown else decisions.spread(case, policies)
    why = "waits for approval" if outcome else why_again(case) or "to be decided"
    stake = None if spread is None else decisions.at_stake(case, policies) if spread else 0
    return AgendaItem(case, spread, stake, since, why)


def appeals(area: str | None, policies: Policies) -> list[CaseReview]:
    """Return the appeals against outcomes of an area, and the wishes to reopen them, that wait for an answer."""
    outcomes = _of_area(BoardOutcome.objects.filter(state="stands", reviews__isnull=False).distinct(), area, policies)
    return [said for one in outcomes for kind in ANSWERED if (said := pending(one, kind))]


def outside(area: str | None, policies: Policies) -> list[BoardOutcome]:
    """Return the valid outcomes of an area that were decided outside a meeting, and that no meeting has noted yet."""
    found = BoardOutcome.objects.filter(state="stands", meeting=None, noted=None, content__isnull=False)
    return _of_area(found, area, policies)


def _of_area(outcomes: Iterable[BoardOutcome], area: str | None, policies: Policies) -> list[BoardOutcome]:
    kept = {one.pk: one for one in outcomes}
    cases = {case.pk: case for case in with_all(BoardCase.objects.filter(outcomes__in=kept).distinct())}
    found = [
        outcome for case in cases.values() for outcome in case.outcomes.all()
        if outcome.pk in kept and case.facts is not None and of_area(case, area, policies)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.approved_at or one.proposed_at)
