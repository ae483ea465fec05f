"""Which facts tell the cases that differ from all others: by what the rows ask that are not the same in two policies.

What every row of a question asks, or the question on which all others rest, such as an age, says little of a change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from senpolicy.comparing.cubes import CAUTIONS, DECIDED, Region
from senpolicy.comparing.shapes import ConditionShape, plain_condition
from senpolicy.language.conditions import Condition, FactLimit, Test, tests
from senpolicy.policy.timeline import Period, Policy

#: How near a fact is to what differs, the nearest least: whether its own limit stays, whether every question rests on
#: it, how many rows ask for it, and how many questions lie between.
Nearness = tuple[bool, bool, int, int]
#: That of a fact for which no row asks that differs.
FAR: Nearness = (True, True, 10_000, 10_000)


def nearness(base: Policy, head: Policy, regions: Iterable[Region]) -> Mapping[str, Nearness]:
    """Return how near each fact is to the rows that differ where one matter does; such as are not asked are left out.

    `regions` are of one matter. Where none of its own rows differs, nothing is returned.
    """
    found: dict[str, Nearness] = {}
    for about, first in dict.fromkeys((one.about, days[0] or date.min) for one in regions for days in one.days):
        sides = [of.on(first) for of in (base, head)]
        was, now = ([*_rows(period, about)] for period in sides)
        kept = {key for key, _ in was} & {key for key, _ in now}
        apart = [[condition for key, condition in rows if key not in kept] for rows in (was, now)]
        asked = [{plain_condition(test) for condition in one for test in tests(condition)} for one in apart]
        common = {name for period in sides for name in _common(period)}
        many = Counter(name for _, condition in (*was, *now) for name in {*_named(condition)})
        for condition in (*apart[0], *apart[1]):
            for test in tests(condition):
                same = plain_condition(test) in asked[0] and plain_condition(test) in asked[1]
                for name in _facts(test):
                    for fact, far in _behind(name, sides).items():
                        found[fact] = min(found.get(fact, FAR), (same, fact in common, many[name], far))
    return found


def by_nearness(names: Iterable[str], near: Mapping[str, Nearness]) -> list[str]:
    """Return facts with the nearest first, those that are as near as another in their own order."""
    return sorted(names, key=lambda name: near.get(name, FAR))


def _rows(period: Period, about: str) -> Iterator[tuple[ConditionShape, Condition]]:
    """Yield the rows of a matter: what each means, and its condition."""
    kind, _, name = about.rpartition(": ")
    if about == DECIDED:
        yield from ((plain_condition(one.condition), one.condition) for one in period.problems)
    elif name in period.questions and kind == CAUTIONS:
        yield from (
            ((one.id, plain_condition(one.condition)), one.condition) for one in period.questions[name].cautions
        )
    elif name in period.questions:
        for one in period.questions[name].outcomes:
            figures = tuple(sorted(one.gives.items(), key=lambda figure: figure[0]))
            yield (plain_condition(one.condition), one.answer, one.open_points, figures), one.condition


def _common(period: Period) -> set[str]:
    """Return the facts behind the first question, where all others but the steps rest on it; else none."""
    first, *others = [name for name, one in period.questions.items() if not one.step] or [""]
    if not others or not all(first in _behind(name, [period]) for name in others):
        return set()
    return {*_behind(first, [period])}


def _facts(test: Test) -> list[str]:
    return [test.fact, *([test.limit.fact] if isinstance(test.limit, FactLimit) else [])]


def _named(condition: Condition) -> Iterator[str]:
    yield from (name for test in tests(condition) for name in _facts(test))


def _behind(name: str, periods: Sequence[Period]) -> dict[str, int]:
    """Return the facts on which a fact or an answer rests, itself included, and how many steps each is away."""
    far, found, new = 0, dict[str, int](), {name}
    while new:
        found |= dict.fromkeys(new, far)
        far += 1
        behind = {other for one in new for period in periods for other in _one_behind(one, period)}
        new = behind - found.keys()
    return found


def _one_behind(name: str, period: Period) -> Iterator[str]:
    if name in period.questions:
        yield from (other for one in period.questions[name].outcomes for other in _named(one.condition))
    yield from (other for one in period.follows if one.field == name for other in _named(one.condition))
