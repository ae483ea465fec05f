"""What ratings give, and as what they count: two members may have adjusted the run that they are of.

What was rated or mapped is never changed. An adjustment is read beside it, wherever levels are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from senpolicy.files.models.editions import Level
from senpolicy_board.tables import BoardCase, Halt, HaltPart, Scoring

#: The answers that are not a level, as they are kept.
NO_NEED, CANNOT_JUDGE = "no_need", "cannot_judge"
#: What a halt does to a rating: its case is rated by one more, or put into a sample; it is set aside, or adjusted.
AGAIN, SAMPLED, ASIDE, ADJUSTED = "again", "sampled", "aside", "adjusted"


@dataclass(frozen=True)
class RatedArea:
    """An area of need that is rated: its id, the fact that holds the rating, and its name."""

    id: str
    fact: str
    label: str


class RatingMethod(Protocol):
    """What is asked of the policy to read ratings: see `senpolicy_board.policies.Policies`, which has it."""

    @property
    def areas(self) -> Sequence[RatedArea]:
        """The areas that are rated."""

    def levels_on(self, day: date | None) -> list[Level]:
        """Return the levels of a day, from the least need to the most."""

    def rated_by_method(self, day: date | None) -> bool:
        """Return whether the edition of a day says how ratings lead to a level."""

    def level_of(self, ratings: Mapping[str, str | None], day: date | None) -> str | None:
        """Return the level to which ratings by area lead."""


@dataclass(frozen=True)
class Rated:
    """What a moderator's ratings give: a level by area, and the overall level (None: not known).

    `answers` are those that are not a level, by area; under `judging.WHOLE` that of the case as a whole. `missing` says
    in the moderator's words what is not here to judge by. `before` are the ratings as they were given, where two
    members have adjusted the run that they are of.
    """

    areas: Mapping[str, str | None]
    level: str | None
    answers: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    before: Rated | None = None

    @property
    def unjudged(self) -> bool:
        """Whether some of it cannot be judged."""
        return CANNOT_JUDGE in self.answers.values()


def rated(scoring: Scoring, policies: RatingMethod, day: date | None) -> Rated:
    """Return what ratings give: by the method of the day's edition if it has one, else the moderator's own level."""
    ratings = scoring.ratings or {}
    areas = {name: level or None for name, level in ratings.get("areas", {}).items()}
    made = Rated(areas, ratings.get("level") or None, ratings.get("answers", {}), ratings.get("missing", ""))
    if policies.rated_by_method(day):
        made = replace(made, level=_by_method(made, policies, day))
    return adjusted(made, scoring.halted.all() if scoring.pk else (), policies, day)


def _by_method(made: Rated, policies: RatingMethod, day: date | None) -> str | None:
    # The method takes the highest level of all areas. One without need raises none, so it is read as another of them.
    given = next((level for level in made.areas.values() if level), None)
    filled = {name: given if made.answers.get(name) == NO_NEED else level for name, level in made.areas.items()}
    return policies.level_of(filled, day)


def given_areas(case: BoardCase, policies: RatingMethod) -> dict[str, str | None]:
    """Return the school's ratings by area, as the case gives them."""
    facts = case.facts or {}
    return {area.id: facts.get(area.fact) for area in policies.areas}


def mapped(case: BoardCase, policies: RatingMethod) -> Rated:
    """Return as what a case was mapped: its ratings by area and its level, as they count."""
    made = Rated(given_areas(case, policies), case.level)
    return adjusted(made, case.halted.all(), policies, case.decision_date)


def counts_at(case: BoardCase, policies: RatingMethod) -> str | None:
    """Return the level at which a case counts: the board's decision where one is valid, else as it was mapped."""
    outcome = case.standing
    return outcome.content["to"] if outcome and outcome.content else mapped(case, policies).level


def adjusted(made: Rated, parts: Iterable[HaltPart], policies: RatingMethod, day: date | None) -> Rated:
    """Return ratings as they count once their run was adjusted; as they are where it was not."""
    found = made
    for halt in [one.halt for one in parts if one.kind == ADJUSTED]:
        found = shifted(found, halt, policies, day)
    return found if found is made else replace(found, before=made)


def shifted(made: Rated, halt: Halt, policies: RatingMethod, day: date | None) -> Rated:
    """Return ratings with the levels that a halt adjusts moved: in its one area, or in every area and over all.

    A level goes no further than the last of the edition of the day; one that it does not have stays. Where the edition
    takes the overall level from those of the areas, so does this.
    """
    order, by = [one.id for one in policies.levels_on(day)], halt.levels or 0

    def moved(level: str | None) -> str | None:
        return order[max(0, min(len(order) - 1, order.index(level) + by))] if level in order else level

    areas = {name: moved(level) if halt.area in (None, name) else level for name, level in made.areas.items()}
    found = replace(made, areas=areas, level=made.level if halt.area else moved(made.level))
    over = _by_method(found, policies, day) if policies.rated_by_method(day) else None
    return replace(found, level=over) if over else found
