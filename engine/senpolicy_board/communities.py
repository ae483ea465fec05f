"""A Community whose ratings lie clearly beyond the tolerance from the board's is stopped, as a moderator is.

What counts is the mean over its cases of how many levels higher than the board it rated each, with the interval of the
page of consistency: the whole of it must lie beyond. Ratings that came after a Community was stopped wait until two
members have ended that: they are not agreed, and go to no tariff. No pupil's funding waits (response, lines 906-908).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from senpolicy_board import editions, halts
from senpolicy_board.agreement import Score, leanings, with_the_board
from senpolicy_board.gather import CaseRatings
from senpolicy_board.judging import WHOLE
from senpolicy_board.loading import group_of
from senpolicy_board.policies import Policies
from senpolicy_board.scoring import with_all
from senpolicy_board.seeds import seed_of
from senpolicy_board.tables import BoardCase, Halt

if TYPE_CHECKING:
    from senpolicy.files.models.board import Settled
    from senpolicy_board.web import Visit


def again(policies: Policies) -> Settled | None:
    """Return how much of what a stopped Community rated is rated again, in per cent; None: none is ever stopped."""
    return policies.corpus.board.consistency.again if policies.corpus.board else None


def of(case: BoardCase, policies: Policies) -> str:
    """Return the Community of a case, "" where it is not known."""
    return group_of(case, policies.corpus.board.community) if policies.corpus.board else ""


def after_rating(visit: Visit, case: BoardCase) -> None:
    """Stop whoever a rating that was just confirmed shows to lie too far from the board: moderator or Community."""
    halts.look(visit, case)
    look(visit, case)


def look(visit: Visit, case: BoardCase) -> None:
    """Stop the Community of a case that was just rated or decided, where it lies clearly beyond the tolerance."""
    share, name, policies = again(visit.policies), of(case, visit.policies), visit.policies
    if share is None or not name or seed_of(case) is not None or name in stopped():
        return
    scores, by = list[Score](), editions.tables()
    for one in _rated_since(name, policies, _ended(name)):
        order = editions.order_on(one.decision_date, policies, by) if one.decision_date else {}
        scores += [score for score in CaseRatings(one, policies, order, name).scores() if score.area == WHOLE]
    units = with_the_board(scores)
    found = leanings(units, policies.bounds)
    if not found or not found[0].clearly or found[0].mean.value is None:
        return
    gaps: dict[str, list[int]] = {}
    for unit in units:
        gaps.setdefault(unit.case, []).append(unit.levels[0] - unit.levels[1])
    beyond = sum(abs(sum(one) / len(one)) > policies.bounds.tolerance for one in gaps.values())
    apart = round(100 * found[0].mean.value)
    halts.stop(visit, Halt(community=name, at=visit.now, beyond=beyond, seeds=len(gaps), apart=apart), share)


def _ended(name: str) -> datetime | None:
    """Return when the last halt of a Community ended, None where it was never stopped."""
    return max((one.settled_at for one in _all_of(name) if one.settled_at), default=None)


def _all_of(name: str) -> list[Halt]:
    # The names are sealed in the trail, but not in the database; few Communities are ever stopped.
    return [one for one in Halt.objects.order_by("id") if one.community == name]


def _rated_since(name: str, policies: Policies, since: datetime | None) -> list[BoardCase]:
    """Return the cases of a Community that the board has rated or decided, as mapped since a moment; no seeds."""
    done = Q(scorings__confirmed_at__isnull=False) | Q(outcomes__state="stands")
    cases = halts.of_community(name, policies).filter(done, decision_date__isnull=False).distinct().order_by("id")
    return [one for one in with_all(cases) if seed_of(one) is None and (since is None or rated_at(one) > since)]


def rated_at(case: BoardCase) -> datetime:
    """Return when a case got the level as which it was mapped: when it was loaded, or last mapped on the board."""
    at: datetime = max((case.caseload.loaded_at, *(one.at for one in case.mapped.all())))
    return at


def stopped() -> dict[str, Halt]:
    """Return the halts of Communities that have not ended, by the name of the Community."""
    return {one.community: one for one in Halt.objects.filter(settled_at=None) if one.community is not None}


def waits(case: BoardCase, policies: Policies, among: dict[str, Halt] | None = None) -> bool:
    """Return whether the mapped level of a case waits: its Community was stopped before, and nobody has ended that."""
    halt = (stopped() if among is None else among).get(of(case, policies))
    return halt is not None and case.settled_at is None and rated_at(case) > halt.at


def not_agreed(case: BoardCase, policies: Policies) -> str:
    """Return in words why the level as it was mapped cannot be agreed, to follow on "it"; "" where it can be."""
    if case.level not in {level.id for level in policies.levels_on(case.decision_date)}:
        return "is not known, or is no longer a level"
    if waits(case, policies):
        return "came after its Community was stopped, and waits until two members have ended that"
    return ""
