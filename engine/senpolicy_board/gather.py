"""What the board's database holds, as ratings and decisions that can be counted: see `agreement`, `drift`, `alike`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median_low
from threading import Lock
from typing import Any

from django.db.models import Count, Max

from senpolicy_board import alike, editions
from senpolicy_board import drift as drifting
from senpolicy_board.agreement import AgreementSettings, Overview, Score, overview
from senpolicy_board.judging import WHOLE
from senpolicy_board.loading import group_of
from senpolicy_board.policies import Policies
from senpolicy_board.rating import ASIDE, CANNOT_JUDGE, mapped, rated
from senpolicy_board.scoring import barred, confirmed, with_all
from senpolicy_board.seeds import in_part, seed_of
from senpolicy_board.store import Store
from senpolicy_board.tables import BoardCase, BoardOutcome, Conflict, Interest, LevelTable, Scoring


@dataclass(frozen=True)
class Ratings:
    """Everything that is counted: ratings, where cases stand, and settled cases with their ratings.

    `mapped` says that levels of an earlier edition of the descriptors are counted in those of the one in use, by a
    table of the council; `earlier` that some have no row in one, so they are not counted. `answers` says how many
    ratings of areas gave each answer that is not a level; no other figure counts them.
    """

    scores: tuple[Score, ...]
    placed: tuple[drifting.Placed, ...]
    decided: tuple[alike.Decided, ...]
    earlier: bool = False
    mapped: bool = False
    answers: Counter[str] = field(default_factory=Counter)


def ratings(policies: Policies) -> Ratings:
    """Return the ratings and decisions of every case whose facts are there still."""
    group = policies.corpus.board.community if policies.corpus.board else ""
    scores, answers = list[Score](), Counter[str]()
    placed, decided, by = [], [], editions.tables()
    earlier, mapped, last = False, False, policies.edition_on(None)
    for case in with_all(BoardCase.objects.filter(facts__isnull=False).order_by("id")):
        if case.decision_date is None or seed_of(case):
            continue
        order = editions.order_on(case.decision_date, policies, by)
        found = CaseRatings(case, policies, order, group_of(case, group))
        scores += found.scores()
        answers.update(answer for _, one in found.rated for area, answer in one.answers.items() if area != WHOLE)
        level = order.get(str(found.final))
        if level is not None:
            placed.append(drifting.Placed(case.key, level, case.decision_date))
        if level is not None and case.settled_at is not None:
            decided.append(alike.Decided(case.key, case.ref or "", found.community, found.described(), level))
        mapped |= bool(order) and policies.edition_on(case.decision_date) != last
        earlier |= any(one not in order for one in (found.final, *found.mapped.areas.values()) if one)
    return Ratings(tuple(scores), tuple(placed), tuple(decided), earlier, mapped, answers)


class CaseRatings:
    """One case, read as ratings."""

    def __init__(self, case: BoardCase, policies: Policies, order: dict[str, int], community: str) -> None:
        self.case, self.order, self.community = case, order, community
        self.mapped = mapped(case, policies)
        # What someone rated before declaring a conflict does not count.
        kept = [one for one in confirmed(case) if not barred(case, one.account) and one.ratings]
        self.rated = [(one.account.key, rated(one, policies, case.decision_date)) for one in kept]
        self.board = (case.standing.content or {}).get("to") if case.standing else None

    @property
    def final(self) -> str | None:
        """The level of the board's decision where one is valid, else as it was mapped."""
        return self.board or self.mapped.level

    def scores(self) -> list[Score]:
        """Return the Community's ratings, the moderators' and the board's."""
        whole = {**self.mapped.areas, WHOLE: self.mapped.level}
        found = self._of(self.community, "community", whole if self.community and not in_part(self.case, ASIDE) else {})
        for who, one in self.rated:
            found += self._of(who, "moderator", {**one.areas, WHOLE: one.level})
        return found + self._of("board", "board", {WHOLE: self.board})

    def _of(self, rater: str, kind: Any, levels: dict[str, str | None]) -> list[Score]:
        case = self.case
        assert case.decision_date is not None
        return [
            Score(case.key, self.community, area, self.order[level], rater, kind, case.decision_date)
            for area, level in levels.items()
            if level in self.order
        ]

    def described(self) -> dict[str, int]:
        """Return the ratings by area: the middle of the moderators' where there are any, else the Community's.

        None at all where nobody could judge an area: what such a case is like is not known.
        """
        many = [one.areas for _, one in self.rated] or [self.mapped.areas]
        unjudged = [{area for area, said in one.answers.items() if said == CANNOT_JUDGE} for _, one in self.rated]
        if unjudged and set.intersection(*unjudged):
            return {}
        known = {
            area: [self.order[level] for one in many if (level := one.get(area)) and level in self.order]
            for area in self.mapped.areas
        }
        return {area: median_low(levels) for area, levels in known.items() if levels}


def described(case: BoardCase, policies: Policies) -> dict[str, int]:
    """Return the ratings of a case by area, as orders of the edition of its day: see `CaseRatings.described`."""
    order = {level.id: level.order for level in policies.levels_on(case.decision_date)}
    return CaseRatings(case, policies, order, "").described()


@dataclass(frozen=True)
class Consistency:
    """All that the page of consistency shows.

    `areas` are (id, name), the whole case last; `earlier`, `mapped` and `answers` are those of `Ratings`.
    """

    areas: tuple[tuple[str, str], ...]
    levels: tuple[str, ...]
    agreement: Overview
    drift: drifting.Drift
    unlike: tuple[alike.Pair, ...]
    bounds: AgreementSettings
    cases: int
    earlier: bool
    mapped: bool
    answers: Counter[str]


@dataclass(frozen=True)
class State:
    """What the figures hang on, counted: no case, rating, decision or conflict comes or goes without changing it."""

    cases: int
    ratings: int
    decisions: int
    conflicts: int
    removed: int
    rest: tuple[Any, ...]

    def since(self, earlier: State) -> int:
        """Return how many cases, ratings, decisions and conflicts have come since an earlier state; 1 at least."""
        mine, theirs = ((one.cases, one.ratings, one.decisions, one.conflicts) for one in (self, earlier))
        return max(1, sum(max(0, now - then) for now, then in zip(mine, theirs, strict=True)))


@dataclass(frozen=True)
class Shown:
    """Figures with the moment and the state of the database that they are of.

    `behind` is how much has come since that is not in them; 0 where they are of what the database holds now.
    """

    made: Consistency
    at: datetime
    state: State
    behind: int = 0


class Figures:
    """The figures of consistency, worked out beside the pages that show them.

    They are worked out again when someone looks and anything that they hang on has changed, one time after another and
    for at most a tenth of the time. Whoever looks meanwhile is shown those before, and told what is not in them. What
    has been removed is never shown again.
    """

    def __init__(self, store: Store, policies: Policies, now: Callable[[], datetime]) -> None:
        self._store, self._policies, self._now = store, policies, now
        self._lock = Lock()
        self._kept: Shown | None = None
        self._making: Future[Shown] | None = None
        self._rests_until = 0.0

    def start(self) -> None:
        """Have the figures worked out, so that who looks first need not wait."""
        with self._lock:
            self._begin()

    def look(self, wait: float, wait_first: float) -> Shown | None:
        """Return the figures of what the database holds now, else those before, else None while there are none.

        New ones are waited for so many seconds: `wait` where there are earlier ones, `wait_first` where not. Raises
        what working them out raised.
        """
        with self._store.reading():
            state = state_of()
        with self._lock:
            kept = self._kept if self._kept and self._kept.state.removed == state.removed else None
            if kept and kept.state == state:
                return kept
            if kept is None or time.monotonic() >= self._rests_until:
                self._begin()
            making = self._making
        if making is not None:
            try:
                made = making.result(wait if kept else wait_first)
            except TimeoutError:
                made = None
            # What was begun before something was removed holds it still.
            if made and made.state.removed == state.removed:
                kept = made
        if kept is None or kept.state == state:
            return kept
        return replace(kept, behind=state.since(kept.state))

    def _begin(self) -> None:
        if self._making is None or self._making.done():
            self._making = self._policies.begin(self._make)

    def _make(self) -> Shown:
        start = time.monotonic()
        try:
            with self._store.reading():
                at, state = self._now(), state_of()
                found = ratings(self._policies)
            self._store.close()
            made = Shown(worked_out(found, self._policies, self._policies.bounds), at, state)
            with self._lock:
                self._kept = made
            return made
        finally:
            end = time.monotonic()
            self._rests_until = end + 9 * (end - start)


def state_of() -> State:
    """Return what the figures hang on, as the database has it."""
    cases = BoardCase.objects.aggregate(
        all=Count("id"), removed=Count("removed_at"), settled=Count("settled_at"), at=Max("settled_at"), last=Max("id")
    )
    scored = Scoring.objects.aggregate(all=Count("confirmed_at"), at=Max("confirmed_at"))
    states = BoardOutcome.objects.order_by("state").values_list("state").annotate(Count("id"))
    rest = (cases["at"], cases["last"], scored["at"], LevelTable.objects.count(), *states)
    conflicts = Conflict.objects.count() + Interest.objects.count()
    return State(cases["all"], scored["all"], cases["settled"], conflicts, cases["removed"], rest)


def worked_out(found: Ratings, policies: Policies, bounds: AgreementSettings) -> Consistency:
    """Return all figures of consistency."""
    areas = [(area.id, area.label) for area in policies.areas] + [(WHOLE, "The case as a whole")]
    levels = tuple(level.label for level in policies.levels_on(None))
    return Consistency(
        tuple(areas),
        levels,
        overview(found.scores, [area for area, _ in areas], WHOLE, len(levels), bounds),
        drifting.drift(found.placed, len(levels), bounds),
        tuple(alike.unlike(found.decided, bounds.near)),
        bounds,
        len({score.case for score in found.scores if score.kind != "community"}),
        found.earlier,
        found.mapped,
        found.answers,
    )
