"""What the board's database holds, as ratings and decisions that can be counted: see `agreement`, `drift`, `alike`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median_low
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from senpolicy.board import alike
from senpolicy.board import drift as drifting
from senpolicy.board.agreement import Bounds, Overview, Score, overview
from senpolicy.board.loading import group_of
from senpolicy.board.policies import Policies
from senpolicy.board.scoring import barred, confirmed, given_areas, rated
from senpolicy.board.store import Store
from senpolicy.board.tables import BoardCase, Conflict, Outcome, Scoring

#: The "area" under which the level of a case as a whole stands.
WHOLE = "level"


@dataclass(frozen=True)
class Ratings:
    """Everything that is counted: ratings, where cases stand, and settled cases with their ratings."""

    scores: tuple[Score, ...]
    placed: tuple[drifting.Placed, ...]
    decided: tuple[alike.Decided, ...]


def ratings(db: Session, policies: Policies) -> Ratings:
    """Return the ratings and decisions of every case whose facts are there still."""
    order = {level.id: level.order for level in policies.levels}
    group = policies.corpus.board.community if policies.corpus.board else ""
    scores: list[Score] = []
    placed, decided = [], []
    statement = select(BoardCase).where(BoardCase.facts.is_not(None)).order_by(BoardCase.id)
    with_all = statement.options(
        selectinload(BoardCase.scorings).selectinload(Scoring.account),
        selectinload(BoardCase.outcomes),
        selectinload(BoardCase.conflicts),
    )
    for case in db.scalars(with_all):
        if case.decision_date is None:
            continue
        found = _Case(case, policies, order, group_of(case, group))
        scores += found.scores()
        level = order.get(str(found.final))
        if level is not None:
            placed.append(drifting.Placed(case.key, level, case.decision_date))
        if level is not None and case.settled_at is not None:
            decided.append(alike.Decided(case.key, case.ref or "", found.community, found.described(), level))
    return Ratings(tuple(scores), tuple(placed), tuple(decided))


class _Case:
    """One case, read as ratings."""

    def __init__(self, case: BoardCase, policies: Policies, order: dict[str, int], community: str) -> None:
        self.case, self.order, self.community = case, order, community
        self.given = given_areas(case, policies)
        # What someone rated before declaring a conflict does not count.
        kept = [one for one in confirmed(case) if not barred(case, one.account) and one.ratings]
        self.rated = [(one.account.key, rated(one, policies)) for one in kept]
        standing = next((one for one in case.outcomes if one.state == "stands" and one.content), None)
        self.board = (standing.content or {}).get("to") if standing else None

    @property
    def final(self) -> str | None:
        """The level of the board's decision where one stands, else as it was mapped."""
        return self.board or self.case.level

    def scores(self) -> list[Score]:
        """Return the Community's ratings, the moderators' and the board's."""
        found = self._of(self.community, "community", {**self.given, WHOLE: self.case.level}) if self.community else []
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
        """Return the ratings by area: the middle of the moderators' where there are any, else the Community's."""
        many = [one.areas for _, one in self.rated] or [self.given]
        known = {
            area: [self.order[level] for one in many if (level := one.get(area)) and level in self.order]
            for area in self.given
        }
        return {area: median_low(levels) for area, levels in known.items() if levels}


@dataclass(frozen=True)
class Consistency:
    """All that the page of consistency shows. `areas` are (id, name), the case as a whole last."""

    areas: tuple[tuple[str, str], ...]
    levels: tuple[str, ...]
    agreement: Overview
    drift: drifting.Drift
    unlike: tuple[alike.Pair, ...]
    bounds: Bounds
    cases: int


@dataclass
class _Kept:
    """Figures with the state of the database that they are of, and when they were worked out."""

    state: Any
    removed: int
    at: float
    made: Consistency


#: Figures may be so many seconds old, so that a board at work does not reckon all of them again at every look.
_FRESH = 60
_LOCK = Lock()
_KEPT: WeakKeyDictionary[Store, _Kept] = WeakKeyDictionary()


def consistency(store: Store, policies: Policies, bounds: Bounds) -> Consistency:
    """Return all figures of consistency.

    They are worked out again where something has been rated, decided or removed, though not more than once a minute;
    what has been removed is gone from them at once.
    """
    with store.reading() as db:
        removed = db.scalar(select(func.count(BoardCase.removed_at))) or 0
    kept = _KEPT.get(store)
    usable = kept is not None and kept.removed == removed and kept.made.bounds == bounds
    if kept and usable and time.monotonic() - kept.at < _FRESH:
        return kept.made
    if not _LOCK.acquire(blocking=not usable):
        assert kept is not None
        return kept.made
    try:
        with store.reading() as db:
            state = _state(db, bounds)
            again = _KEPT.get(store)
            if again and again.state == state:
                again.at = time.monotonic()
                return again.made
            found = ratings(db, policies)
        made = policies.solve(lambda: worked_out(found, policies, bounds))
        _KEPT[store] = _Kept(state, removed, time.monotonic(), made)
        return made
    finally:
        _LOCK.release()


def _state(db: Session, bounds: Bounds) -> Any:
    """Return what changes whenever any figure could: no case, rating or decision comes or goes without it."""
    cases = db.execute(select(func.count(), func.max(BoardCase.id), func.count(BoardCase.removed_at))).one()
    scored = db.execute(select(func.count(Scoring.confirmed_at), func.max(Scoring.confirmed_at))).one()
    states = db.execute(select(Outcome.state, func.count()).group_by(Outcome.state).order_by(Outcome.state)).all()
    settled = db.execute(select(func.count(BoardCase.settled_at), func.max(BoardCase.settled_at))).one()
    conflicts = db.scalar(select(func.count()).select_from(Conflict))
    return tuple(cases), tuple(scored), tuple(map(tuple, states)), tuple(settled), conflicts, bounds


def worked_out(found: Ratings, policies: Policies, bounds: Bounds) -> Consistency:
    """Return all figures of consistency."""
    areas = [(area.id, area.label) for area in policies.areas] + [(WHOLE, "The case as a whole")]
    levels = tuple(level.label for level in policies.levels)
    names = [area for area, _ in areas]
    return Consistency(
        tuple(areas),
        levels,
        overview(found.scores, names, WHOLE, len(levels), bounds),
        drifting.drift(found.placed, len(levels), bounds),
        tuple(alike.unlike(found.decided, bounds.near)),
        bounds,
        len({score.case for score in found.scores if score.kind != "community"}),
    )
