"""Blind second scoring: who may see what of a case, and what ratings come to.

The order is the point. A moderator rates a case of the sample before anything shows them its level, its band or what
the engine makes of it; the server asks for that at every page, not the page itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet

from senpolicy_board.accounts import may
from senpolicy_board.judging import too_far
from senpolicy_board.loading import picked
from senpolicy_board.policies import Policies
from senpolicy_board.rating import AGAIN, ASIDE, rated
from senpolicy_board.seeds import in_part, knows, may_rate, seed_of
from senpolicy_board.stopping import Stop, there
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, Loaded, Scoring

#: Why someone may not judge a case, as a choice: no words of their own, so that none can name anybody.
CONFLICTS = {
    "family": "The child is of my family or household",
    "friend": "I know the child or the family outside work",
    "school": "I work for the school or trust, or govern it",
    "earlier": "I decided or assessed this case before",
    "other": "Another reason that the chair knows of",
}


#: What `may_see_answer` asks of the case of an outcome.
ASKED = ("case__conflicts", "case__scorings", "case__caseload__declared")


def with_all(cases: QuerySet[BoardCase]) -> QuerySet[BoardCase]:
    """Return cases with all that a page or a figure asks of each, in few queries."""
    return cases.select_related("caseload").prefetch_related(
        "scorings__account__interests", "scorings__halted__halt", "halted__halt", "conflicts__account", "picks",
        "notices__issued_by", "caseload__declared",
        Prefetch("outcomes", BoardOutcome.objects.select_related("proposed_by", "approved_by", "meeting")),
        "outcomes__records", "outcomes__dissents__account", "outcomes__reviews__by", "seeds",
    )  # fmt: skip


def case_of(key: str, *, changing: bool = False) -> BoardCase:
    """Return the case with this key; with `changing` nobody else changes it until the transaction ends.

    Raises `Stop` where there is none, or its facts have been removed.
    """
    found = BoardCase.objects.select_for_update(of=("self",)) if changing else BoardCase.objects.all()
    case = there(
        with_all(found.filter(key=key)).first(), "case", "It may have been loaded again under another address."
    )
    if case.facts is None:
        says = "The time for keeping this pupil's facts is over. The trail still shows that the case was handled."
        raise Stop(410, "The facts of this case have been removed", says)
    return case


def barred(case: BoardCase, account: Account) -> bool:
    """Return whether an account has declared a conflict of interest in a case, or in its school or Community."""
    groups = case.groups or {}
    return any(one.account_id == account.id for one in case.conflicts.all()) or any(
        one.value is not None and groups.get(one.part) == one.value for one in account.interests.all()
    )


def undeclared(account: Account, caseload: Loaded) -> bool:
    """Return whether a member has still to declare their interests in a caseload, before they see anything of it."""
    return may(account.role, "decide") and all(one.account_id != account.pk for one in caseload.declared.all())


def must_declare(account: Account, caseload: Loaded) -> None:
    """Raise `Stop`, to the page on which it is done, where a member has still to declare their interests."""
    if undeclared(account, caseload):
        raise Stop(303, to=f"/caseloads/{caseload.key}/interests")


def own(case: BoardCase, account: Account) -> Scoring | None:
    """Return an account's own ratings of a case, confirmed or not; None where there are none."""
    return next((one for one in case.scorings.all() if one.account_id == account.id), None)


def confirmed(case: BoardCase) -> list[Scoring]:
    """Return the confirmed ratings of a case, in the order in which they were begun.

    Not those of who is barred, nor those that two have set aside. A seed has none: how it is rated says something of
    the moderators, and decides nothing.
    """
    every = () if seed_of(case) else case.scorings.all()
    return [
        one for one in every
        if one.confirmed_at is not None and not barred(case, one.account) and not in_part(one, ASIDE)
    ]  # fmt: skip


def needed(case: BoardCase, policies: Policies) -> int:
    """Return how many moderators must rate a case: one more where two lie further apart than the board settles.

    One who cannot judge the level lies at no known distance from the others, so one more rates then too; and
    where a moderator of it or its Community was stopped and it was drawn to be checked.
    """
    found = [rated(one, policies, case.decision_date) for one in confirmed(case)]
    again = any(in_part(one, AGAIN) and not in_part(one, ASIDE) for one in (case, *case.scorings.all()))
    return policies.scorers + (again or too_far(found, policies, case.decision_date))


#: Said of a case that lacks ratings which nobody may give.
STUCK = "No moderator is left who may rate this case. Add an account for another moderator."


def who_rate() -> list[Account]:
    """Return the accounts that may rate cases at all, with what `barred` asks of each."""
    every = Account.objects.filter(active=True).prefetch_related("interests")
    return [one for one in every if may(one.role, "score")]


def stuck(case: BoardCase, raters: Sequence[Account], policies: Policies) -> bool:
    """Return whether a case of a sample lacks more ratings than there are `raters` left who may rate it."""
    left = sum(may_score(case, one) for one in raters)
    return picked(case) is not None and len(confirmed(case)) + left < needed(case, policies)


def may_see_answer(case: BoardCase, account: Account) -> bool:
    """Return whether an account may see a case's level, band and answers.

    Never with a conflict, nor before they have declared their interests in its caseload. Who may score sees them once
    their own ratings are confirmed, or the board's decision stands, after which nobody scores the case.
    """
    if barred(case, account) or undeclared(account, case.caseload):
        return False
    if not may(account.role, "score"):
        return True
    mine = own(case, account)
    return case.settled_at is not None or (mine is not None and mine.confirmed_at is not None)


def may_score(case: BoardCase, account: Account) -> bool:
    """Return whether an account may rate a case now: sampled or a seed, not settled, not confirmed.

    Nobody rates a case in which they have a conflict, nor one whose levels they know of a seed.
    """
    mine = own(case, account)
    return (
        may(account.role, "score")
        and not barred(case, account)
        and ((picked(case) is not None and not knows(case, account)) or may_rate(case, account))
        and case.settled_at is None
        and (mine is None or mine.confirmed_at is None)
    )


def must_not_be_barred(case: BoardCase, account: Account) -> None:
    """Raise `Stop` where an account has declared a conflict of interest in a case, or has still to declare."""
    must_declare(account, case.caseload)
    if barred(case, account):
        says = "You have declared a conflict of interest in it. That stands, and the case is for other members."
        raise Stop(403, "This case is barred for you", says)


def must_see_answer(case: BoardCase, account: Account) -> None:
    """Raise `Stop` where an account may not see as what the case is decided."""
    must_not_be_barred(case, account)
    if not may_see_answer(case, account):
        if may_score(case, account):
            raise Stop(303, to=f"/cases/{case.key}/score")
        says = "A moderator sees a case once it is in the sample and their own ratings are confirmed."
        raise Stop(403, "This case is not open to you", says)


def naming(policies: Policies, what: str, said: str) -> list[str]:
    """Return in words what may tell who somebody is in something that was typed; nothing where nothing does.

    The words themselves are in it, for whoever typed them: it goes onto their page, and nowhere else.
    """
    found = policies.names_in(said)
    if not found:
        return []
    whole = [one for one in dict.fromkeys(found) if not any(one != other and one in other for other in found)]
    shown = ", ".join(f"“{one}”" for one in whole)
    return [f"{what} may name somebody, or tell who a child is, by {shown}. Take that out, or write it another way."]


def sound_words(policies: Policies, said: str, missing: str) -> str:
    """Return words that go into the record. Raises `Stop` where there are none, or they may name somebody."""
    if not said:
        raise Stop(422, "A reason is missing", missing)
    if found := naming(policies, "The reason", said):
        raise Stop(422, "These words cannot be kept", found[0], wrote=said)
    return said
