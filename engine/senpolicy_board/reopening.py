"""Reopening a case: what one member decided the chair reopens; what two decided takes a second member to reopen."""

from __future__ import annotations

from senpolicy_board.tables import BoardCase, BoardOutcome, CaseReview, IssuedNotice

#: What is said against an outcome and waits for an answer, each with the answer that ends it and leaves the outcome.
ANSWERED = {"appeal": "dismissed", "asked": "kept"}


def pending(outcome: BoardOutcome | None, kind: str) -> CaseReview | None:
    """Return the appeal ("appeal") or the wish to reopen ("asked") that waits for an answer, None where none does."""
    if outcome is None or outcome.state != "stands":
        return None
    said = [one for one in outcome.reviews.all() if one.kind in (kind, ANSWERED[kind])]
    last = max(said, key=lambda one: one.pk, default=None)
    return last if last and last.kind == kind else None


def reopened(outcome: BoardOutcome) -> CaseReview | None:
    """Return the entry by which an outcome was reopened, None where it was not."""
    entries = [one for one in outcome.reviews.all() if one.kind in ("reopened", "interest")]
    return max(entries, key=lambda one: one.pk, default=None)


def why_again(case: BoardCase) -> str:
    """Return in words that a case waits again since it was reopened, and on what; "" for one that was not."""
    if case.outcome is not None:
        return ""
    last = max((one for one in case.outcomes.all() if one.state == "reopened"), key=lambda one: one.pk, default=None)
    entry = reopened(last) if last else None
    if last is None or entry is None:
        return ""
    if entry.kind == "interest":
        return "reopened, since a member declared an interest"
    said = [one for one in last.reviews.all() if one.kind in ("appeal", "dismissed")]
    appealed = max(said, key=lambda one: one.pk, default=None)
    return "reopened on appeal" if appealed and appealed.kind == "appeal" else "reopened"


def since(issued: IssuedNotice) -> CaseReview | None:
    """Return the entry by which the decision that a notice told of was reopened, None where it still counts."""
    told = [
        one for one in issued.case.outcomes.all()
        if one.state in ("stands", "reopened") and one.approved_at and one.approved_at <= issued.issued_at
    ]  # fmt: skip
    last = max(told, key=lambda one: one.pk, default=None)
    return reopened(last) if last else None


def takes_two(outcome: BoardOutcome) -> bool:
    """Return whether two members reopen it: two decided it."""
    return outcome.approved_by_id is not None
