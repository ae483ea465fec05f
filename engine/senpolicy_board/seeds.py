"""Which cases are seeds: rated like any other by those who are given them, and never sampled, decided or counted."""

from __future__ import annotations

from senpolicy_board.tables import Account, BoardCase, Scoring, Seed

#: What a seed is for.
KINDS = {
    "practice": "Practice: the agreed levels are shown after each",
    "qualification": "Qualification: who lies too far from them rates no live case",
    "live": "Live: mixed into the work of who has qualified, without their knowing",
}


def seed_of(case: BoardCase) -> Seed | None:
    """Return the seed that a case is, the newest that two have agreed; None for any other case."""
    return max((one for one in case.seeds.all() if one.approved_at is not None), key=lambda one: one.pk, default=None)


def proposed(case: BoardCase) -> Seed | None:
    """Return the seed that waits for its second member to agree, None where there is none."""
    return next((one for one in case.seeds.all() if one.approved_at is None and one.retired_at is None), None)


def knows(case: BoardCase, account: Account) -> bool:
    """Return whether an account knows the levels of a seed that a case is, was or was to be: they set or read them."""
    return any(account.pk in (one.set_by_id, one.checker_id) for one in case.seeds.all())


def may_rate(case: BoardCase, account: Account) -> bool:
    """Return whether a case is a seed that an account may rate: in use, and none whose levels they know."""
    seed = seed_of(case)
    return seed is not None and seed.retired_at is None and not knows(case, account)


def checks(case: BoardCase, account: Account) -> bool:
    """Return whether an account is the second member of a seed that a case is, or is proposed to be."""
    return any(one.checker_id == account.pk and one.retired_at is None for one in case.seeds.all())


def in_part(rating: Scoring | BoardCase, kind: str) -> bool:
    """Return whether a halt does something to a rating of a moderator, or to that with which a case came."""
    return any(part.kind == kind for part in rating.halted.all())
