"""What waits for a member, and what of the board's cases they may look up: searched and filtered, never unblinding.

A filter by school, Community, moderator, difference or open answer shows only cases whose answer the member may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from senpolicy.deciding.decide import UNDETERMINED
from senpolicy_board import decisions, reopening
from senpolicy_board.loading import group_of
from senpolicy_board.scoring import STUCK, barred, confirmed, may_see_answer, needed, own, stuck, who_rate, with_all
from senpolicy_board.seeds import knows
from senpolicy_board.standardisation import GivenWork, given
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, Pick, Scoring

if TYPE_CHECKING:
    from senpolicy_board.policies import Policies
    from senpolicy_board.web import Visit

#: What is asked of each case to find the next to rate.
BESIDE = ("conflicts", "scorings__account__interests", "scorings__halted__halt", "halted", "seeds")
#: Of which cases a list is, and in which state they are, each in words.
SHOW = {"mine": "What waits for me", "all": "Every case in a sample"}
STATES = {
    "differing": "Ratings differ", "open": "An answer is open or a fact is missing",
    "proposed": "A decision is proposed", "settled": "Settled",
}  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """A case of a list: what is to be done with it, where, and how far it has come; nothing of a level.

    `seen`: the member may see its answer.
    """

    case: BoardCase
    does: str
    path: str
    state: str
    seen: bool


@dataclass(frozen=True)
class Filters:
    """By what a list is narrowed: "" or nothing where it is not. `parts` are schools and the like by their group."""

    reference: str = ""
    show: str = "mine"
    state: str = ""
    moderator: str = ""
    parts: Mapping[str, str] | None = None

    def unblind(self) -> bool:
        """Return whether it asks for what a member may see only with the answer of a case."""
        return bool(self.state or self.moderator or self.parts)


def sampled(seeds: Collection[int] = ()) -> QuerySet[BoardCase]:
    """Return the cases that are in a sample, and those with the ids of seeds that are given, whose facts are there."""
    picks = Pick.objects.filter(replaced_at=None).values("case")
    return BoardCase.objects.filter(Q(pk__in=picks) | Q(pk__in=seeds), facts__isnull=False)


def waiting(visit: Visit, filters: Filters) -> Iterator[Waiting]:
    """Yield the cases of a list, in the order in which they were loaded.

    None that bars the member, and none of a caseload for which a member has still to declare their interests.
    """
    work = given(visit.account, visit.policies) if visit.may("score") else GivenWork(live=True)
    asked = BoardOutcome.objects.filter(state="stands", reviews__kind__in=reopening.ANSWERED).values("case")
    cases = sampled(work.seeds)
    cases = cases if filters.show == "all" else cases.filter(Q(settled_at=None) | Q(pk__in=asked))
    if visit.may("decide"):
        cases = cases.filter(caseload__declared__account=visit.account)
    raters = who_rate() if visit.may("hold meetings") else ()
    # What a case gives is long, and is not asked for here.
    for case in with_all(cases.defer("facts").order_by("id")):
        if barred(case, visit.account) or filters.reference.upper() not in (case.ref or "").upper():
            continue
        found = _waits(visit, case, work, raters) or (_looked_up(visit, case) if filters.show == "all" else None)
        if found is not None and _fits(visit, found, filters):
            yield found


def _waits(visit: Visit, case: BoardCase, work: GivenWork, raters: Sequence[Account]) -> Waiting | None:
    account, wanted = visit.account, needed(case, visit.policies)
    mine, done, seen = own(case, account), len(confirmed(case)), may_see_answer(case, account)
    where = f"/cases/{case.key}/decide"
    if case.settled_at is not None:
        history = f"/cases/{case.key}/history"
        asked = reopening.pending(case.outcome, "asked")
        if visit.may("approve") and seen and asked and asked.by_id != account.pk:
            return Waiting(case, "Agree to reopen it, or not", history, "asked to be reopened", seen)
        if visit.may("reopen a case") and seen and not asked and reopening.pending(case.outcome, "appeal"):
            return Waiting(case, "Reopen it, or dismiss the appeal", history, "an appeal waits", seen)
        return None
    if visit.may("score") and (mine is None or mine.confirmed_at is None):
        if (mine is None and done >= wanted) or not work.allows(case) or knows(case, account):
            return None
        does = "Go on rating" if mine else "Rate"
        # How many have rated it would tell whoever rates last that the others differ.
        return Waiting(case, does, f"/cases/{case.key}/score", "waits for your rating", seen)
    if visit.may("decide") and seen:
        outcome, again = case.outcome, reopening.why_again(case)
        if outcome and outcome.state == "proposed" and outcome.proposed_by_id != account.id:
            return Waiting(case, "Approve or decline", where, "a decision is proposed", seen)
        if outcome is None and done >= wanted:
            return Waiting(case, "Compare and decide", where, again or "all ratings confirmed", seen)
        state = STUCK if outcome is None and raters and stuck(case, raters, visit.policies) else again
        if visit.may("hold meetings") and outcome is None and state:
            return Waiting(case, "See what is missing", where, state, seen)
    return None


def _looked_up(visit: Visit, case: BoardCase) -> Waiting | None:
    if not may_see_answer(case, visit.account):
        return None
    said = (
        "settled" if case.settled_at else f"{len(confirmed(case))} of {needed(case, visit.policies)} ratings confirmed"
    )
    return Waiting(case, "Look at", f"/cases/{case.key}", said, seen=True)


def _fits(visit: Visit, one: Waiting, filters: Filters) -> bool:
    case = one.case
    if filters.unblind() and not one.seen:
        return False
    wanted = {
        "": True, "differing": filters.state == "differing" and decisions.differing(case, visit.policies),
        "open": UNDETERMINED in (case.answers or {}).values(), "settled": case.settled_at is not None,
        "proposed": case.outcome is not None and case.outcome.state == "proposed",
    }  # fmt: skip
    raters = {scoring.account.label for scoring in confirmed(case)} if filters.moderator else set()
    return (
        wanted[filters.state]
        and (not filters.moderator or filters.moderator in raters)
        and all(group_of(case, name) == value for name, value in (filters.parts or {}).items())
    )


def next_to_rate(account: Account, after: BoardCase, policies: Policies) -> BoardCase | None:
    """Return the next case for an account to rate, those loaded after `after` first; None where there is none."""
    done, work = (
        Scoring.objects.filter(account=account, confirmed_at__isnull=False).values("case"),
        given(account, policies),
    )
    cases = (
        sampled(work.seeds)
        .filter(settled_at=None, caseload__declared__account=account)
        .exclude(pk__in=done)
        .exclude(pk=after.pk)
        .defer("facts", "answers")
    )
    found = [
        case for case in cases.order_by("id").prefetch_related(*BESIDE)
        if not barred(case, account) and work.allows(case) and not knows(case, account)
        and (own(case, account) is not None or len(confirmed(case)) < needed(case, policies))
    ]  # fmt: skip
    return min(found, key=lambda case: (case.pk < after.pk, case.pk), default=None)
