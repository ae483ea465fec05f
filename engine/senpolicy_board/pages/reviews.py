"""What was decided of a case, from the first to the last: dissent and appeals, each an entry of its own."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy_board.interests import counted_dissents
from senpolicy_board.pages.cases import seen
from senpolicy_board.reopening import pending, takes_two
from senpolicy_board.scoring import case_of, must_see_answer, sound_words
from senpolicy_board.stopping import Stop, there
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, CaseReview, Dissent
from senpolicy_board.web import Routes, Visit

routes = Routes()


@routes.page("/cases/{key}/history", "see a case")
def history(visit: Visit, key: str) -> HttpResponse:
    """Show every outcome of a case with what was said against it, and the forms for saying more."""
    case = seen(visit, key, "history")
    outcome = case.outcome
    appealed, asked = pending(outcome, "appeal"), pending(outcome, "asked")
    return visit.page(
        "history.html.j2", case=case, policies=visit.policies, outcome=outcome, appealed=appealed, asked=asked,
        may_dissent=outcome is not None and not _no_dissent(outcome, visit.account),
        may_dismiss=outcome is not None and appealed is not None and visit.account.pk not in deciders(outcome),
        takes_two=outcome is not None and takes_two(outcome),
        counted=[said.pk for one in case.outcomes.all() for said in counted_dissents(case, one)],
    )  # fmt: skip


def deciders(outcome: BoardOutcome) -> tuple[int, int | None]:
    """Return the ids of the accounts that decided an outcome, the second None where one did."""
    return outcome.proposed_by_id, outcome.approved_by_id


def _no_dissent(outcome: BoardOutcome, account: Account) -> str:
    """Return why an account cannot dissent from an outcome, "" where it can."""
    if account.pk in deciders(outcome):
        return "It rests on your own word. Declare an interest, or ask the chair to reopen the case."
    if any(one.account_id == account.pk for one in outcome.dissents.all()):
        return "Your dissent is recorded already."
    meeting = outcome.meeting
    if meeting is None:
        return "A meeting has noted it already." if outcome.noted.exists() else ""
    if meeting.closed_at is not None:
        return "The record of its meeting is closed."
    there = any(one.account_id == account.pk for one in meeting.present.all())
    return "" if there else "You are not among the members present at its meeting."


def to_change(visit: Visit, key: str) -> tuple[BoardCase, BoardOutcome]:
    """Return a case that this account may see and its outcome with this key: nobody else changes them meanwhile."""
    found = BoardOutcome.objects.select_related("case").filter(key=key, case__facts__isnull=False).first()
    case = case_of(there(found, "outcome", "See the case's page.").case.key, changing=True)
    must_see_answer(case, visit.account)
    return case, next(one for one in case.outcomes.all() if one.key == key)


def locked(visit: Visit, key: str, *states: str) -> tuple[BoardCase, BoardOutcome]:
    """Return a case and its outcome in one of these states, which nobody else changes until the transaction ends."""
    case, outcome = to_change(visit, key)
    if outcome.state not in states:
        raise Stop(409, "This outcome is not the one that counts", "See what was decided of the case since.")
    return case, outcome


#: What the trail calls what is said against an outcome.
_SAID = {
    "appeal": "appeal recorded", "dismissed": "appeal dismissed", "asked": "reopening asked for",
    "kept": "reopening declined",
}  # fmt: skip


def said_of(visit: Visit, case: BoardCase, outcome: BoardOutcome, kind: str, because: str) -> None:
    """Keep what is said against an outcome, with its entry in the trail; the outcome stays as it is."""
    CaseReview.objects.create(outcome=outcome, kind=kind, because=because, at=visit.now, by=visit.account)
    visit.record(_SAID[kind], f"outcome:{outcome.key}", case=case.key)


@routes.page("/outcomes/{key}/dissent", "decide", ["POST"])
def dissent(visit: Visit, key: str) -> HttpResponse:
    """Record a member's dissent from an outcome, with the reason; the outcome stays as it is."""
    because = sound_words(visit.policies, visit.text("because", 500), "Say why you dissent.")
    with visit.store.writing():
        case, outcome = locked(visit, key, "proposed", "stands")
        if says := _no_dissent(outcome, visit.account):
            raise Stop(409, "Dissent cannot be recorded", says, wrote=because)
        Dissent.objects.create(outcome=outcome, account=visit.account, because=because, at=visit.now)
        visit.record("dissent recorded", f"outcome:{key}", case=case.key)
    return visit.go(f"/cases/{case.key}/history")


@routes.page("/outcomes/{key}/appeal", "record an appeal", ["POST"])
def appeal(visit: Visit, key: str) -> HttpResponse:
    """Record that an outcome is appealed against; it stays valid, and the next meeting of its area has the appeal."""
    because = sound_words(visit.policies, visit.text("because", 500), "Say what the appeal is about.")
    with visit.store.writing():
        case, outcome = locked(visit, key, "stands")
        if pending(outcome, "appeal"):
            raise Stop(409, "An appeal waits already", "It is on the agenda of the next meeting.", wrote=because)
        said_of(visit, case, outcome, "appeal", because)
    return visit.go(f"/cases/{case.key}/history")
