"""Comparing two versions of the policy: in which cases, and on which days, an answer differs. Exact, by solver.

A case is told apart by everything that its decision says: answers, open points, missing facts, figures, cautions, and
whether it is decided at all. Where nothing differs that is a proof, over every possible case, facts not known included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from senpolicy.checking.opening import AS_IT_IS, Asked
from senpolicy.comparing.cubes import ACCEPTED, CAUTIONS, DECIDED, REFUSED, Days, Region, days_of
from senpolicy.comparing.search import Search, shared
from senpolicy.comparing.shapes import PeriodShape, shape
from senpolicy.deciding.decide import Decider
from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.language.partition import joined
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Period, Policy
from senpolicy.readings.formula import steady

__all__ = [
    "ACCEPTED",
    "CAUTIONS",
    "DECIDED",
    "REFUSED",
    "PolicyComparison",
    "Region",
    "compare",
    "compare_all",
    "shape",
]

Progress = Callable[[int, int], None]

#: How it is said of a fact that every case needs it under one version only.
NEEDED = "Every case needs the fact "


@dataclass(frozen=True)
class PolicyComparison:
    """What differs between two policies as of one decision each, region by region."""

    base: Policy
    head: Policy
    regions: tuple[Region, ...]
    limits: Mapping[str, frozenset[Any]] = field(repr=False, default_factory=dict)


def same_facts(base: Policy, head: Policy) -> list[Problem]:
    """Return how the facts of two policies differ, so that their cases cannot be held against each other."""
    found: dict[str, list[str]] = {}
    ours, theirs = (one.corpus.facts.facts for one in (base, head))
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        here, there = ours.get(name), theirs.get(name)
        kinds = base.types.get(name), head.types.get(name)
        if here is None or there is None:
            said = f"The fact '{name}' is in the {'base' if here else 'head'} only."
        elif here.type != there.type:
            said = f"The fact '{name}' is of another type in the head: {there.type}; it was {here.type}."
        elif here.required is not there.required:
            side = "base" if here.required else "head"
            said = f"{NEEDED}'{name}' in the {side} only, which refuses a case without it."
        elif apart := _values_apart(*(kind.values if kind else () for kind in kinds)):
            said = f"The fact '{name}' has other values in the head: {apart}."
        elif here.values_from and kinds[0] and kinds[1] and kinds[0].values != kinds[1].values:
            said = f"The fact '{name}' has its levels in another order in the head."
        elif (here.lowest, here.highest) != (there.lowest, there.highest):
            said = f"The fact '{name}' has other bounds in the head."
        else:
            continue
        # What an edition does to the level it does to each rating: it is told once.
        levels = bool(here and there and here.values_from and there.values_from)
        found.setdefault(said.replace(f"'{name}'", "{}", 1) if levels else said, []).append(name)
    help = "What both versions know is compared, and nothing is called proved; with --cases the shared facts are."
    return [Problem(Place("rules/facts.yaml"), "facts-differ", _of_each(*one), help) for one in found.items()]


def _of_each(said: str, names: Sequence[str]) -> str:
    """Return what differs of a fact, and of those others that have the same levels."""
    first, *others = (f"'{name}'" for name in names)
    more = f"; so {'have' if others[1:] else 'has'} {', '.join(others)}." if others else "."
    return said.replace("{}", first, 1).removesuffix(".") + more


def _values_apart(base: tuple[str, ...], head: tuple[str, ...]) -> str:
    """Return which values only one side has, in words; "" where both have the same."""
    gone, new = ([f"'{one}'" for one in ours if one not in theirs] for ours, theirs in ((base, head), (head, base)))
    said = [f"{', '.join(names)} in the {side} only" for names, side in ((gone, "base"), (new, "head")) if names]
    return "; ".join(said)


def policies(base: Corpus, head: Corpus, asked: Asked = AS_IT_IS) -> list[tuple[Policy, Policy]]:
    """Return the pairs of policies to compare: each corpus whole, then as of each decision that both took.

    A decision that only one has taken is held against the nearest before it that both have. Where a decision is
    `asked` for, as of that one alone. Raises `WrongUse` for names that are not known.
    """
    last = asked.of(base), asked.of(head)
    if asked.as_of:
        return [last]
    both = [number for number in last[0].decisions if number in last[1].decisions]
    earlier = [number for number in reversed(both) if (number, number) != (last[0].as_of, last[1].as_of)]
    named = [(number, number) for number in earlier]
    for side, of in enumerate(last):
        before = None
        for number in of.decisions:
            if number in both:
                before = number
            elif before and number != of.as_of:
                named.append((before, number) if side else (number, before))
    return [last, *((replace(asked, as_of=one).of(base), replace(asked, as_of=other).of(head)) for one, other in named)]


@dataclass
class Seen:
    """What pairs of policies have been compared, and what was found for the days that their periods share."""

    shapes: list[list[list[tuple[date | None, date | None, PeriodShape]]]] = field(default_factory=list)
    known: list[_Stretch] = field(default_factory=list)


def compare_all(
    chosen: Iterable[tuple[Policy, Policy]],
    progress: Progress | None = None,
    only: str | None = None,
    seen_before: Seen | None = None,
) -> list[PolicyComparison]:
    """Return what differs between each pair of policies, without what an earlier pair tells already.

    `seen_before` holds what was compared before; such a pair is not compared again.
    """
    found: list[PolicyComparison] = []
    before = seen_before or Seen()
    seen, known = before.shapes, before.known
    for base, head in chosen:
        shapes = [[(period.start, period.end, shape(of, period)) for period in of.periods] for of in (base, head)]
        if shapes not in seen:
            seen.append(shapes)
            with steady():
                compared = compare(base, head, progress, only, known)
            told = {(one, one.days) for earlier in found for one in earlier.regions}
            new = tuple(one for one in compared.regions if (one, one.days) not in told)
            if new or not found:
                found.append(PolicyComparison(base, head, new, compared.limits))
    return found


@dataclass(frozen=True)
class _Stretch:
    """What was found on the days that two periods share, for other pairs of policies with the same rules.

    `rules` are those that decide, `cautions` the others; by them other pairs are told apart.
    """

    rules: Any
    cautions: Any
    search: Search
    answers: tuple[Region, ...]
    regions: tuple[Region, ...]


def compare(
    base: Policy, head: Policy, progress: Progress | None = None, only: str | None = None,
    known: list[_Stretch] | None = None,
) -> PolicyComparison:  # fmt: skip
    """Return every region in which a decision differs between two sound policies with the same facts.

    `only` names one question, of which the answer alone is compared; `known` keeps what was found for the comparison of
    another pair. Raises `PolicyError` where the facts differ, where a rule cannot be written as a formula, where a
    policy is not sound after all, or where the solver and the evaluators give different results.
    """
    problems = same_facts(base, head)
    if problems:
        raise PolicyError(problems)
    known = [] if known is None else known
    found: dict[Region, Region] = {}
    limits: dict[str, set[Any]] = {}
    stretches = [(ours, theirs) for ours in base.periods for theirs in head.periods if overlap(ours, theirs)]
    deciders = Decider(base), Decider(head)
    for done, (ours, theirs) in enumerate(stretches, 1):
        if shape(base, ours) != shape(head, theirs):
            stretch = _stretch((base, ours), (head, theirs), deciders, only, known)
            for name, asked in stretch.search.limits.items():
                limits.setdefault(name, set()).update(asked)
            for region in stretch.regions:
                key = replace(region, days=())
                other = found.get(key)
                days = joined_days([*other.days, *region.days]) if other else region.days
                found[key] = replace(other or region, days=tuple(days))
        if progress:
            progress(done, len(stretches))
    order = [DECIDED, *base.corpus.questions, *head.corpus.questions, CAUTIONS]
    regions = sorted(found.values(), key=lambda one: (order.index(one.about.partition(":")[0]), repr(one)))
    return PolicyComparison(base, head, tuple(regions), {name: frozenset(asked) for name, asked in limits.items()})


def _stretch(
    base: tuple[Policy, Period], head: tuple[Policy, Period], deciders: tuple[Decider, Decider], only: str | None,
    known: list[_Stretch],
) -> _Stretch:  # fmt: skip
    """Return what differs on the days that two periods share, as far as it is `known` from there."""
    rules, cautions = [], []
    days = shared(base[1], head[1])
    for of, period in (base, head):
        plain = {name: replace(question, cautions=()) for name, question in period.questions.items()}
        rules.append((of.types, period.edition, days, plain, period.problems, period.follows))
        cautions.append([question.cautions for question in period.questions.values()])
    like = next((one for one in known if one.rules == rules), None)
    if like and like.cautions == cautions:
        return like
    search = Search(base[0], head[0], base[1], head[1], deciders, only)
    answers = like.answers if like else tuple(search.answers())
    further = search.cautions(like.search if like else None)
    known.append(_Stretch(rules, cautions, search, answers, (*answers, *further)))
    return known[-1]


def overlap(one: Period, other: Period) -> bool:
    """Return whether two periods share a day."""
    return max(one.start or date.min, other.start or date.min) <= min(one.end or date.max, other.end or date.max)


def joined_days(days: Iterable[Days]) -> list[Days]:
    """Return stretches of days in order, those that touch made one."""
    numbers = [((first or date.min).toordinal(), (last or date.max).toordinal()) for first, last in days]
    return [days_of(first, last) for first, last in joined(numbers)]
