"""What a moderator's ratings say: a level by area, or one of two answers that are not a level.

"No need in this area" raises no level. "I cannot judge" leaves the area open, and says what is missing. Both are kept
beside the levels, never among them: so no figure counts either as a level, and no decision can agree one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date

from senpolicy.caseloads.small_counts import LEAST
from senpolicy.files.digests import PlainData
from senpolicy_board.policies import Policies
from senpolicy_board.rating import CANNOT_JUDGE, NO_NEED, Rated, mapped, rated
from senpolicy_board.tables import BoardCase, Scoring

#: Under this name stands the level of a case as a whole, beside those of its areas.
WHOLE = "level"
#: The answers that are not a level, as a form says them, and in a table.
ANSWERS = {NO_NEED: "No need in this area", CANNOT_JUDGE: "I cannot judge it from what is here"}
_SHORT = {NO_NEED: "No need", CANNOT_JUDGE: "Cannot judge"}
#: What is said of the case as a whole where there is no need in any area.
NO_LEVEL = "No level: no need in any area"
#: Before an answer in what a form sends. No id of a level begins with it.
MARK = "="
#: How many letters it takes at least to say what is missing.
_LEAST_WORDS = 10


def too_far(found: Iterable[Rated], policies: Policies, day: date | None) -> bool:
    """Return whether ratings lie further apart than the board settles, or one cannot judge at which."""
    furthest, kept = policies.furthest, list(found)
    if furthest is None:
        return False
    order = {level.id: level.order for level in policies.levels_on(day)}
    known = [order[one.level] for one in kept if one.level in order]
    apart = len(known) > 1 and max(known) - min(known) > furthest
    return apart or any(one.unjudged and one.level is None for one in kept)


def lacking(ratings: Rated, policies: Policies, day: date | None) -> list[str]:
    """Return in words what ratings lack before they can be confirmed; nothing where they are complete."""
    method, found = policies.rated_by_method(day), []
    whole = ratings.level or ratings.answers.get(WHOLE) or (method and ratings.answers)
    left = [one.label for one in policies.areas if not (ratings.areas.get(one.id) or ratings.answers.get(one.id))]
    if not whole or left:
        which = f" Still to rate: {', '.join(left)}." if left else ""
        found.append(f"Rate every area{'' if method else ', and choose an overall level'}.{which}")
    if ratings.unjudged and len(ratings.missing) < _LEAST_WORDS:
        found.append("Say what is missing, so that somebody can get it.")
    return found


def read(sent: Mapping[str, str], missing: str, levels: Container[str]) -> dict[str, PlainData] | None:
    """Return ratings as they are kept, from what a form sends by area and under `WHOLE` ("": left open).

    None where something of it is neither a level nor an answer. That there is no need is said of areas alone.
    """
    answers = {name: said.removeprefix(MARK) for name, said in sent.items() if said.startswith(MARK)}
    chosen = {name: said or None for name, said in sent.items() if name not in answers}
    if any(one is not None and one not in levels for one in chosen.values()):
        return None
    if any(one not in ANSWERS for one in answers.values()) or answers.get(WHOLE) == NO_NEED:
        return None
    areas: dict[str, PlainData] = {name: chosen.get(name) for name in sent if name != WHOLE}
    found: dict[str, PlainData] = {"areas": areas, "level": chosen.get(WHOLE)}
    found |= {"answers": answers} if answers else {}
    return found | ({"missing": missing} if missing else {})


def says(ratings: Rated, area: str, policies: Policies, day: date | None) -> str:
    """Return in words what ratings say of an area, or under `WHOLE` of the case."""
    level = ratings.level if area == WHOLE else ratings.areas.get(area)
    if level is None and area == WHOLE and ratings.unjudged:
        return _SHORT[CANNOT_JUDGE]
    if (
        level is None
        and area == WHOLE
        and ratings.areas
        and all(ratings.answers.get(name) == NO_NEED for name in ratings.areas)
    ):
        return NO_LEVEL
    answer = ratings.answers.get(area)
    return _SHORT[answer] if answer else policies.level_label(level, day)


def columns(case: BoardCase, by: Iterable[Scoring], policies: Policies) -> list[tuple[str, list[str], str]]:
    """Return the school's ratings and these of moderators, beside each other: whose, by area, in all."""
    day = case.decision_date
    every = list[tuple[str, Rated]]()
    for who, one in (
        ("As mapped", mapped(case, policies)),
        *((one.account.label, rated(one, policies, day)) for one in by),
    ):
        every += [(who, one.before), (f"{who}, adjusted", one)] if one.before else [(who, one)]
    areas = [area.id for area in policies.areas]
    return [
        (who, [says(one, area, policies, day) for area in areas], says(one, WHOLE, policies, day)) for who, one in every
    ]


def missing(case: BoardCase, by: Iterable[Scoring], policies: Policies) -> list[tuple[str, str, str]]:
    """Return what is not here to judge a case by: whose ratings say so, of what, and in which words."""
    labels = {one.id: one.label for one in policies.areas} | {WHOLE: "the case as a whole"}
    found = []
    for one in by:
        ratings = rated(one, policies, case.decision_date)
        of = [labels.get(name, name) for name, answer in ratings.answers.items() if answer == CANNOT_JUDGE]
        if of:
            found.append((one.account.label, ", ".join(of), ratings.missing))
    return found


def counted(answers: Counter[str]) -> list[str]:
    """Return in words how many ratings of areas gave an answer that is not a level; counts under five are not told.

    >>> counted(Counter(no_need=12, cannot_judge=3))
    ['12 said that there is no need in the area', 'fewer than 5 could not judge it']
    """
    words = {NO_NEED: "said that there is no need in the area", CANNOT_JUDGE: "could not judge it"}
    many = {name: str(count) if count >= LEAST else f"fewer than {LEAST}" for name, count in answers.items() if count}
    return [f"{many[name]} {said}" for name, said in words.items() if name in many]


def apart(counts: Sequence[int | None]) -> list[int | None]:
    """Return the counts of cases by area without each that lies less than five below a larger one (None: not told).

    The difference would tell how few cases there are of which an area has an answer that is not a level.

    >>> apart([40, 38, 30, None])
    [40, None, 30, None]
    """
    kept: list[int] = []
    for one in sorted({count for count in counts if count is not None}, reverse=True):
        if not kept or kept[-1] - one >= LEAST:
            kept.append(one)
    return [one if one in kept else None for one in counts]
