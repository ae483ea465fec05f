"""Reopening a case: what one member decided the chair reopens; what two decided takes a second member to reopen."""

from __future__ import annotations

from senpolicy_board.tables import BoardOutcome, CaseReview

#: What is said against an outcome and waits for an answer, each with the answer that ends it and leaves the outcome.
ANSWERED = {"appeal": "dismissed", "asked": "kept"}


def pending(outcome: BoardOutcome | None, kind: str) -> CaseReview | None:
    """Return the appeal ("appeal") or the wish to reopen ("asked") that waits for an answer, None where none does."""
    if outcome is None or outcome.state != "stands":
        return None
    said = [one for one in outcome.reviews.all() if one.kind in (kind, ANSWERED[kind])]
    last = max(said, key=lambda one: one.pk, default=None)
    return last if last and last.kind == kind else None


def takes_two(outcome: BoardOutcome) -> bool:
    """Return whether two members reopen it: two decided it."""
    return outcome.approved_by_id is not None
