"""Reopening a case, and dismissing an appeal: by the chair, and by a second member where two decided the case."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy_board import interests
from senpolicy_board.pages.reviews import deciders, locked, said_of
from senpolicy_board.reopening import pending, takes_two
from senpolicy_board.scoring import sound_words
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import BoardOutcome
from senpolicy_board.web import Routes, Visit

routes = Routes()
_LATER = "Look at what has been said of the case since you opened the page."


def _as_shown(visit: Visit, outcome: BoardOutcome, because: str) -> None:
    """Raise `Stop` where something has been said of the outcome that the page which sent the form did not show."""
    if visit.number("reviews", 0, 10_000) != len(outcome.reviews.all()):
        raise Stop(409, "This page is out of date", _LATER, wrote=because)


@routes.page("/outcomes/{key}/reopen", "reopen a case", ["POST"])
def reopen(visit: Visit, key: str) -> HttpResponse:
    """Reopen a case, or dismiss the appeal against its outcome, with a reason; the outcome is kept as it was.

    What two members decided is only asked to be reopened: a second member agrees, or leaves it as it is.
    """
    because = sound_words(visit.policies, visit.text("because", 500), "Say why.")
    with visit.store.writing():
        case, outcome = locked(visit, key, "stands")
        if visit.text("do", 20) == "dismiss":
            if not pending(outcome, "appeal") or visit.account.pk in deciders(outcome):
                says = "There is an appeal to dismiss, and it is dismissed by another than those who decided the case."
                raise Stop(409, "This appeal cannot be dismissed by you", says, wrote=because)
            _as_shown(visit, outcome, because)
            said_of(visit, case, outcome, "dismissed", because)
        elif not takes_two(outcome):
            interests.reopen(visit, outcome, case, "reopened", because)
        elif pending(outcome, "asked"):
            raise Stop(409, "It waits already", "Another member agrees to reopen it, or not.", wrote=because)
        else:
            said_of(visit, case, outcome, "asked", because)
    return visit.go(f"/cases/{case.key}/history")


@routes.page("/outcomes/{key}/reopen/second", "approve", ["POST"])
def second(visit: Visit, key: str) -> HttpResponse:
    """Agree that a case is reopened, as another member than the one who asks for it; or leave it, with a reason."""
    because = visit.text("because", 500)
    with visit.store.writing():
        case, outcome = locked(visit, key, "stands")
        asked = pending(outcome, "asked")
        if asked is None:
            raise Stop(409, "Nobody asks for it any longer", _LATER, wrote=because)
        if asked.by_id == visit.account.pk:
            raise Stop(403, "You asked for this yourself", "Another member agrees to reopen the case, or not.")
        _as_shown(visit, outcome, because)
        if visit.text("do", 20) == "agree":
            said = sound_words(visit.policies, because, "") if because else None
            interests.reopen(visit, outcome, case, "reopened", said)
        else:
            said_of(visit, case, outcome, "kept", sound_words(visit.policies, because, "Say why it is not reopened."))
    return visit.go(f"/cases/{case.key}/history")
