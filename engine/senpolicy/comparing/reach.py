"""How far a comparison reaches: every other way in which both versions decide, and what cannot be compared at all.

A sentence such as "no decision changes" is about more than the policy as it is: `--as-of`, `--include-proposed`,
`--readings` and `--scenario` decide otherwise, and what only one version knows is compared by nobody. Here is what
has to be looked at, or named, before anything is called proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from senpolicy.caseloads import budgets
from senpolicy.checking.exhaustive import faults
from senpolicy.checking.opening import Asked
from senpolicy.comparing.cubes import Days, say_days
from senpolicy.comparing.exact import PolicyComparison, Seen, compare_all, joined_days, overlap, policies, same_facts
from senpolicy.comparing.paying import paying
from senpolicy.comparing.search import shared
from senpolicy.comparing.shapes import PeriodShape, shape
from senpolicy.files.models import views
from senpolicy.files.problems import PolicyError
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import BESIDE, KINDS, SCENARIO_FOLDER, matches
from senpolicy.policy.timeline import Period, Policy, policy
from senpolicy.readings.say import lowered, say_list

#: The kinds of file that are compared: what they say is in the policies, or in the division of the budgets.
COMPARED = (
    "policy/decisions.yaml",
    "policy/readings.yaml",
    *(pattern for pattern in KINDS if pattern.startswith(SCENARIO_FOLDER)),
    "policy/*/decision.yaml",
    "policy/*/parameters.yaml",
    "policy/*/open-points.yaml",
    "rules/facts.yaml",
    "rules/questions.yaml",
    "rules/*.yaml",
    budgets.FILE,
    "descriptors/*/edition.yaml",
)
#: The kinds of file on which no answer and no pound rests.
OF_NO_EFFECT = (
    *(pattern for pattern in BESIDE if pattern != budgets.FILE),
    # They say how a file becomes cases, and decide none.
    *(pattern for pattern in KINDS if pattern.startswith("imports/") and pattern not in BESIDE),
    "policy/documents.yaml",
    "policy/*/documents.yaml",
)


#: Those of them on which rests what people are told, beside decisions and budgets: what that is.
TOLD = {
    "imports/*.yaml": "into which cases a school's or the council's own file is read",
    "policy/tariffs/*.yaml": "what a plan of bands and rates costs",
    views.FILE: "what tables, models and plans are made of",
}


@dataclass(frozen=True)
class WayToDecide:
    """One way in which both versions decide, in words, and the two policies: "under the scenario 'illustrative'"."""

    says: str
    base: Policy
    head: Policy
    kind: str = ""
    """What it has in common with other ways: where one of them differs, the others need not be looked at."""
    proposals: bool = False
    """Whether proposed decisions count."""

    @cached_property
    def refused(self) -> tuple[str, str]:
        """Why every command refuses each version: the first fault of its rules, and where; "" for none.

        Every kind of case is tried, which takes long.
        """
        said = []
        for one in (self.base, self.head):
            first = next(iter(faults(one)), None)
            # The case that shows it is left out: whoever mends it is shown it by the check.
            said.append(f"{first.message.partition('. ')[0].rstrip('.')} ({first.place})" if first else "")
        return said[0], said[1]


@dataclass(frozen=True)
class DifferingWay:
    """What differs in one other way of deciding."""

    says: str
    compared: tuple[PolicyComparison, ...]


def look_beside(ways: Iterable[WayToDecide], seen: Seen) -> tuple[list[DifferingWay], list[str]]:
    """Return in which of these ways something differs, and in sentences in which only one version can decide at all.

    `seen` holds the pairs of policies that were compared before. Of ways of one kind only the first that differs is
    told. Where the rules of both have faults, as under a scenario whose rules name a value that is set later, nobody
    can decide, and nothing can differ. Raises `PolicyError` for what cannot be compared.
    """
    found: dict[str, DifferingWay] = {}
    gaps: list[WayToDecide] = []
    for way in ways:
        if way.kind in found:
            continue
        try:
            compared = compare_all([(way.base, way.head)], seen_before=seen)
        except PolicyError:
            if not any(way.refused):
                raise
        else:
            differing = tuple(one for one in compared if one.regions)
            if not differing:
                continue
            if not any(way.refused):
                found[way.kind] = DifferingWay(way.says, differing)
        gaps.append(way)
    return list(found.values()), only_one_decides(gaps)


def only_one_decides(ways: Iterable[WayToDecide]) -> list[str]:
    """Return in sentences in which of these ways one version alone can decide, and why; one fault is told once."""
    found: dict[tuple[bool, str], list[str]] = {}
    for way in ways:
        base, head = way.refused
        if bool(base) is not bool(head):
            told = found.setdefault((bool(head), head or base), [])
            told += [way.says] * (way.says not in told)
    return [
        f"In the {'head' if in_head else 'base'}, {lowered(fault)}: "
        f"only the {'base' if in_head else 'head'} can decide {'; or '.join(says)}."
        for (in_head, fault), says in found.items()
    ]


def ways_apart(ways: Iterable[WayToDecide]) -> Iterator[WayToDecide]:
    """Yield the first way of each kind, where the rules of both versions are not the same in it."""
    kinds = set[str]()
    for way in ways:
        if way.kind not in kinds:
            kinds.add(way.kind)
            if _shapes(way.base) != _shapes(way.head):
                yield way


def _shapes(of: Policy) -> list[tuple[date | None, date | None, PeriodShape]]:
    return [(period.start, period.end, shape(of, period)) for period in of.periods]


def ways_beside(base: Corpus, head: Corpus) -> Iterator[WayToDecide]:
    """Yield every way to decide beside the policy as it is, of those that both versions know.

    With the proposed decisions, under each scenario, without the readings and with the first of them alone; each as it
    is and as of each decision.
    """
    for says, asked in _assuming(base, head):
        yield from _each(says, base, head, asked)
    yield from _each("without the adopted readings", base, head, Asked(readings="none"))
    known, before = {one.id for one in head.readings}, None
    for reading in base.readings:
        if reading.id in known:
            decided = [policy(corpus, readings=reading.id).periods for corpus in (base, head)]
            if decided != before:  # Most readings say how words are understood, and decide nothing.
                yield from _each(
                    f"with the readings up to '{reading.id}' alone", base, head, Asked(readings=reading.id)
                )
            before = decided


def assumed_ways(base: Corpus, head: Corpus) -> Iterator[WayToDecide]:
    """Yield, of these, those that suppose something: the proposed decisions, or a scenario; each as it is."""
    for says, asked in _assuming(base, head):
        yield WayToDecide(says, asked.of(base), asked.of(head), says, asked.include_proposed)


def _assuming(base: Corpus, head: Corpus) -> Iterator[tuple[str, Asked]]:
    proposed = any(one.status == "proposed" for corpus in (base, head) for one in corpus.decisions.values())
    if proposed:
        yield "if the proposed decisions counted", Asked(include_proposed=True)
    for name in base.scenarios:
        if name in head.scenarios:
            says = f"under the scenario '{name}'"
            without, along = Asked(scenario=name), Asked(scenario=name, include_proposed=True)
            yield says, without
            # A scenario of an earlier day leaves out what is proposed, too.
            if proposed and any(without.of(one).decisions != along.of(one).decisions for one in (base, head)):
                yield f"{says}, if the proposed decisions counted", along


def _each(says: str, base: Corpus, head: Corpus, asked: Asked) -> Iterator[WayToDecide]:
    for place, (ours, theirs) in enumerate(policies(base, head, asked)):
        yield WayToDecide(
            f"{says}, as of {theirs.as_of}" if place else says, ours, theirs, says, asked.include_proposed
        )


def not_compared(base: Corpus, head: Corpus, ways: Iterable[WayToDecide], files: Iterable[str]) -> list[str]:
    """Return in plain sentences what only one version knows or asks, so that nobody can hold it against the other.

    `ways` are all ways in which both decide, and `files` the paths of those files whose contents differ.
    """
    found = [*_questions(base, head)]
    for name in base.scenarios.keys() ^ head.scenarios.keys():
        found += [f"The scenario '{name}' is in the {_only(name in base.scenarios)}."]
    for way in ways:
        told = [problem.message for problem in same_facts(way.base, way.head)]
        told += [*_asked_apart(way.base, way.head), *_allowed_apart(way.base, way.head)]
        # What holds of the policy as it is need not be said again of every other way to decide.
        found += [f"{one[:-1]} ({way.says})." if way.says else one for one in told if one not in found]
    patterns = (*COMPARED, *OF_NO_EFFECT)
    for name in files:
        kinds = [pattern for pattern in KINDS if matches(name, pattern)]
        if kinds and kinds[0] not in patterns:
            found.append(f"The file '{name}' differs, and is of a kind that is not compared.")
    return list(dict.fromkeys(found))


def not_looked_at(files: Iterable[str]) -> list[str]:
    """Return what people are told that rests on these files, and that no comparison looks at: with their paths."""
    found = {says: [name for name in files if matches(name, pattern)] for pattern, says in TOLD.items()}
    return [f"{says} ({say_list(names)})" for says, names in found.items() if names]


def _only(in_base: bool) -> str:
    return "base only" if in_base else "head only"


def _questions(base: Corpus, head: Corpus) -> Iterator[str]:
    pays = {**paying(base), **paying(head)}
    for name in dict.fromkeys([*base.questions, *head.questions]):
        ours, theirs = base.questions.get(name), head.questions.get(name)
        if ours is None or theirs is None:
            says = f" It pays: {'; '.join(pays[name].says)}." if name in pays else ""
            yield f"The question '{name}' is in the {_only(ours is not None)}.{says}"
        elif ours.step is not theirs.step:
            yield f"The question '{name}' is a step on the way in the {_only(ours.step)}."


def _asked_apart(base: Policy, head: Policy) -> Iterator[str]:
    """Yield which questions that both know only one of two policies asks, and on which days."""
    found: dict[tuple[str, bool], list[Days]] = {}
    for ours in base.periods:
        for theirs in head.periods:
            if overlap(ours, theirs):
                for name in ours.questions.keys() ^ theirs.questions.keys():
                    if name in base.corpus.questions and name in head.corpus.questions:
                        found.setdefault((name, name in ours.questions), []).append(shared(ours, theirs))
    for (name, in_base), days in sorted(found.items()):
        when = ", ".join(say_days(one) for one in joined_days(days))
        yield f"The question '{name}' is asked in the {_only(in_base)} {when}."


def _allowed_apart(base: Policy, head: Policy) -> Iterator[str]:
    """Yield at which open points, that both leave open on a day, the text would allow other answers."""
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for ours in base.periods:
        for theirs in head.periods:
            for name in ours.questions.keys() & theirs.questions.keys() if overlap(ours, theirs) else ():
                was, now = (_allowed(period, name) for period in (ours, theirs))
                for point in was.keys() & now.keys():
                    if was[point] != now[point]:
                        sides = found.setdefault((name, point), (set(), set()))
                        for side, rows in zip(sides, (was[point], now[point]), strict=True):
                            side |= {answer for row in rows for answer in row}
    for name, point in sorted(found):
        before, after = found[name, point]
        told = [f"'{one}' in the {side} only" for side, own in (("base", before - after), ("head", after - before))
                for one in sorted(own)]  # fmt: skip
        which = f": {say_list(told)}" if told else ""
        yield f"The open point '{point}' would allow other answers to '{name}' in the head{which}."


def _allowed(period: Period, question: str) -> dict[str, set[frozenset[str]]]:
    found: dict[str, set[frozenset[str]]] = {}
    for one in period.questions[question].outcomes:
        if one.answer is None and one.point:
            found.setdefault(one.point, set()).add(frozenset(one.allows))
    return found
