"""Interests that members declare, in single cases and in whole schools and Communities, and what goes with them.

A declared interest takes the member's part in a case with it: their rating counts no longer, their proposal is
declined, and what stood by their word, or by too few ratings without theirs, is reopened. Each is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db.models import Q

from senpolicy_board.images import Image
from senpolicy_board.scoring import barred, confirmed, needed, with_all
from senpolicy_board.standardisation import end_use
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, CaseReview, Declared, Dissent, Interest, Loaded

if TYPE_CHECKING:
    from senpolicy_board.policies import Policies
    from senpolicy_board.web import Visit

#: What a member's interest in a school or Community is, as a choice: no words of their own.
KINDS = {
    "work": "I work for it, govern it or advise it",
    "family": "A child of my family or household goes there",
    "other": "Another reason that the chair knows of",
}
#: Said of a proposal whose author has declared an interest.
SET_ASIDE = "Set aside: whoever proposed it has declared an interest in the case."


def parts(policies: Policies, *, many: bool = False) -> dict[str, str]:
    """Return the groups of a caseload in which one may have an interest, those that name something, with their labels.

    With `many` these are the plurals.
    """
    named = {name: one for name, one in policies.corpus.facts.groups.items() if one.named}
    return {name: one.plural if many else one.label for name, one in named.items()}


def values(policies: Policies, groups: Iterable[Image | None]) -> dict[str, list[str]]:
    """Return of each such group what cases with these groups have of it, sorted; nothing of which pupil is where."""
    kept = [one or {} for one in groups]
    found = {name: sorted({str(one.get(name) or "") for one in kept} - {""}) for name in parts(policies)}
    return {name: several for name, several in found.items() if several}


def declare(visit: Visit, caseload: Loaded, chosen: Mapping[str, Sequence[str]], kind: str) -> None:
    """Keep that a member has declared their interests in a caseload, and the further ones that they chose.

    `chosen` are schools, Communities and the like by their group. What they did in a case of one is set aside.
    """
    account = visit.account
    if not Declared.objects.filter(account=account, caseload=caseload).exists():
        Declared.objects.create(account=account, caseload=caseload, declared_at=visit.now)
    there = {(one.part, one.value) for one in account.interests.all()}
    new = [(part, value) for part, many in chosen.items() for value in many if (part, value) not in there]
    for part, value in new:
        Interest.objects.create(account=account, part=part, value=value, kind=kind, declared_at=visit.now)
    visit.record("interests declared", f"caseload:{caseload.key}", further=len(new), kind=kind or None)
    if new:
        again = Account.objects.get(pk=account.pk)
        done = Q(outcomes__isnull=False) | Q(seeds__retired_at=None, seeds__isnull=False)
        for case in with_all(BoardCase.objects.filter(done, facts__isnull=False).distinct()):
            if barred(case, again):
                set_aside(visit, case, again)


def set_aside(visit: Visit, case: BoardCase, account: Account) -> None:
    """Set aside what an account that is barred from a case did in it."""
    end_use(visit, case, account)
    outcome = case.outcome
    if outcome is None:
        return
    if outcome.state == "proposed":
        if outcome.proposed_by_id == account.pk:
            outcome.state, outcome.declined_because = "declined", SET_ASIDE
            outcome.save()
            visit.record("proposal set aside", f"outcome:{outcome.key}", case=case.key)
        return
    decided = account.pk in (outcome.proposed_by_id, outcome.approved_by_id)
    if decided or len(confirmed(case)) < needed(case, visit.policies):
        reopen(visit, outcome, case, "interest", None)


def reopen(visit: Visit, outcome: BoardOutcome, case: BoardCase, kind: str, because: str | None) -> None:
    """Reopen a case: its outcome stays as it was decided, and no longer counts."""
    review = CaseReview.objects.create(outcome=outcome, kind=kind, because=because, at=visit.now, by=visit.account)
    outcome.state, case.settled_at = "reopened", None
    outcome.save()
    case.save()
    visit.record("case reopened", f"outcome:{outcome.key}", case=case.key, kind=kind, review=review.pk)


def counted_dissents(case: BoardCase, outcome: BoardOutcome) -> list[Dissent]:
    """Return the dissents from an outcome of a case that count: not those of members who are barred from it since."""
    return [one for one in outcome.dissents.all() if not barred(case, one.account)]


def disqualified(case: BoardCase) -> list[tuple[str, bool]]:
    """Return who is barred from a case, by label, each with whether they had confirmed ratings: for all to see."""
    found = {one.account.label: False for one in case.conflicts.all()}
    found |= {
        one.account.label: True
        for one in case.scorings.all() if one.confirmed_at is not None and barred(case, one.account)
    }  # fmt: skip
    return sorted(found.items())
