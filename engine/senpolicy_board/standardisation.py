"""Standardisation: practice and qualification before live rating, seeds in live work, and each moderator's difference.

How many cases and what tolerance is the board's own to say (rules/board.yaml). Where it says nothing, nobody is asked
to qualify, and no seed is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from senpolicy.files.models.board import StandardisationSettled
from senpolicy_board.agreement import Figure
from senpolicy_board.chance import mean_of
from senpolicy_board.policies import Policies
from senpolicy_board.rating import rated
from senpolicy_board.scoring import confirmed, own
from senpolicy_board.seeds import knows, may_rate, seed_of
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import Account, BoardCase, Halt, Scoring, Seed

if TYPE_CHECKING:
    from senpolicy_board.web import Visit


def asked(policies: Policies) -> StandardisationSettled | None:
    """Return what the board's file asks for, None where it says nothing."""
    return policies.corpus.board.standardisation if policies.corpus.board else None


@dataclass(frozen=True)
class SeedResult:
    """How a moderator rated a seed: by how many levels higher than agreed (lower where negative; None: no level).

    `beyond`: further than the tolerance. Who gives no level for a case that has one is beyond it.
    """

    case: BoardCase
    kind: str
    difference: int | None
    beyond: bool
    at: datetime


def results(account: Account, policies: Policies) -> list[SeedResult]:
    """Return how an account rated the seeds that are in use, in the order in which they confirmed them."""
    settled, found = asked(policies), []
    done = Scoring.objects.filter(
        account=account, confirmed_at__isnull=False, ratings__isnull=False, case__seeds__approved_at__isnull=False
    )
    for one in (
        done.select_related("case").prefetch_related("case__seeds", "halted").distinct().order_by("confirmed_at", "id")
    ):
        seed, day = seed_of(one.case), one.case.decision_date
        if seed is None or seed.retired_at is not None or one.confirmed_at is None:
            continue
        order = {level.id: level.order for level in policies.levels_on(day)}
        mine, agreed = (order.get(str(rated(each, policies, day).level)) for each in (one, as_ratings(seed)))
        apart = None if mine is None or agreed is None else mine - agreed
        beyond = apart is None or (settled is not None and abs(apart) > settled.within.value)
        found.append(SeedResult(one.case, seed.kind, apart, beyond, one.confirmed_at))
    return found


def as_ratings(seed: Seed) -> Scoring:
    """Return the agreed levels of a seed as ratings, to be read as those of a moderator are."""
    return Scoring(ratings=seed.agreed)


def of_kind(found: Sequence[SeedResult], kind: str) -> list[SeedResult]:
    """Return the results on the seeds of a kind."""
    return [one for one in found if one.kind == kind]


def practice_left(found: Sequence[SeedResult], settled: StandardisationSettled) -> int:
    """Return how many practice cases have still to be rated."""
    return max(0, int(settled.practice.value if settled.practice else 0) - len(of_kind(found, "practice")))


def qualified(found: Sequence[SeedResult], settled: StandardisationSettled) -> bool:
    """Return whether the last qualification cases, as many as are asked for, lie within the tolerance but for a few."""
    last = of_kind(found, "qualification")[-int(settled.qualification.value) :]
    return len(last) >= settled.qualification.value and sum(one.beyond for one in last) <= settled.outside.value


@dataclass(frozen=True)
class GivenWork:
    """What a moderator is given now: whether live cases are, which seeds by the ids of their cases, and why no more."""

    live: bool
    seeds: frozenset[int] = frozenset()
    why: str = ""

    def allows(self, case: BoardCase) -> bool:
        """Return whether a case is given."""
        return case.pk in self.seeds or (self.live and seed_of(case) is None)


def given(account: Account, policies: Policies) -> GivenWork:
    """Return what a moderator is given now: practice, then qualification, then live cases with seeds among them."""
    settled = asked(policies)
    if settled is None:
        return GivenWork(live=True)
    if open_halt(account) is not None:
        return GivenWork(False, why="You were stopped: too many seeds lay beyond the tolerance. Two members decide.")
    found = results(account, policies)
    waiting = {kind: _waiting(account, kind) for kind in ("practice", "qualification", "live")}
    if left := practice_left(found, settled):
        why = f"Rate {left} more practice {'case' if left == 1 else 'cases'} first."
        return GivenWork(False, frozenset(waiting["practice"]), _none(waiting["practice"], why))
    if not qualified(found, settled):
        rest = waiting["qualification"]
        why = f"Rate qualification cases until of the last {settled.qualification.value} at most "
        why += f"{settled.outside.value} lie further than {settled.within.value} from the agreed level."
        return GivenWork(False, frozenset(rest), _none(rest, why))
    due = 0
    if settled.live:
        live = Scoring.objects.filter(account=account, confirmed_at__isnull=False, case__picks__isnull=False)
        due = live.values("case").distinct().count() // int(settled.live.value) - len(of_kind(found, "live"))
    return GivenWork(True, frozenset(waiting["live"][: max(0, due)]))


def open_halt(account: Account) -> Halt | None:
    """Return the halt of a moderator that has not ended, None where there is none."""
    found: Halt | None = Halt.objects.filter(account=account, settled_at=None).first()
    return found


def must_be_given(case: BoardCase, account: Account, policies: Policies) -> None:
    """Raise `Stop` where a moderator is not given a case now: they have not qualified, or it is a seed of later."""
    work = given(account, policies)
    if not work.allows(case):
        raise Stop(403, "This case is not given to you yet", work.why or "See your work.")


def after(case: BoardCase, following: BoardCase | None) -> str:
    """Return where a moderator goes after confirming: to what was agreed, or the next case, or to compare.

    Of a seed in live work nothing shows that it is one.
    """
    seed = seed_of(case)
    if seed is not None and seed.kind != "live":
        return f"/cases/{case.key}/agreed"
    return f"/cases/{following.key}/score?done={case.key}" if following else f"/cases/{case.key}/decide"


def beside(case: BoardCase, account: Account) -> list[Scoring]:
    """Return the ratings that a member is shown beside each other: of a seed their own alone."""
    mine = own(case, account) if seed_of(case) else None
    return [mine] if mine and mine.confirmed_at else confirmed(case)


def end_use(visit: Visit, case: BoardCase, account: Account) -> None:
    """Take a seed out of use whose levels rest on the word of an account that has declared an interest in its case."""
    for one in case.seeds.all() if knows(case, account) else ():
        if one.retired_at is None:
            one.retired_at = visit.now
            one.save()
            visit.record("seed taken out of use", f"seed:{one.key}", case=case.key, interest=True)


def _none(rest: Sequence[int], why: str) -> str:
    return why if rest else f"{why} None is left: the chair sets more."


def _waiting(account: Account, kind: str) -> list[int]:
    """Return the ids of the cases of the seeds of a kind that an account has still to rate, in their order."""
    done = Scoring.objects.filter(account=account, confirmed_at__isnull=False).values("case")
    seeds = Seed.objects.filter(kind=kind, approved_at__isnull=False, retired_at=None, agreed__isnull=False)
    found = seeds.exclude(case__in=done).order_by("id").select_related("case").prefetch_related("case__seeds")
    return [one.case_id for one in found if may_rate(one.case, account) and one == seed_of(one.case)]


@dataclass(frozen=True)
class Standing:
    """How a moderator stands against the seeds: practice done, whether they qualified, and each kind in figures.

    Of a kind: how many, how many beyond the tolerance, and the mean difference in levels, with its interval.
    """

    account: Account
    practice_left: int
    qualified: bool
    stopped: bool
    kinds: dict[str, tuple[int, int, Figure]]


def standing(account: Account, policies: Policies, settled: StandardisationSettled) -> Standing:
    """Return how a moderator stands."""
    found = results(account, policies)
    kinds = {}
    for kind in ("practice", "qualification", "live"):
        some = of_kind(found, kind)
        known = [one.difference for one in some if one.difference is not None]
        kinds[kind] = (len(some), sum(one.beyond for one in some), mean_of(known, policies.bounds.share))
    return Standing(
        account, practice_left(found, settled), qualified(found, settled), open_halt(account) is not None, kinds
    )
