"""What changed from one decision to the next: the values, the rules, and for whom the answers differ.

For whom is worked out by one tree for both: it asks for a fact that either of the two decisions asks for, and tells
apart the values that either tells apart. So every pupil on a way comes to both answers that the page shows for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from senpolicy.deciding.answers import Decision, GivenFigure
from senpolicy.deciding.decide import Decider
from senpolicy.language.conditions import Value
from senpolicy.policy.timeline import Period, Policy, policy
from senpolicy.site.pages import Site
from senpolicy.site.periods import PagePeriod, stretches
from senpolicy.site.school_pages import AnswerPath, Saying, days_of, events, planned_from, wanted
from senpolicy.site.tree import DecisionLeaf, Grower, Node, paths
from senpolicy.site.words import format_date, slug

#: What is compared of an answer: the answer, its open points, and its figures.
AnswerKey = tuple[str, tuple[str, ...], tuple[tuple[str, GivenFigure], ...]]


@dataclass(frozen=True)
class Differing:
    """Every way to one and the same difference, and what the decisions came to before and after it."""

    ways: tuple[AnswerPath, ...]
    before: Decision
    after: Decision

    @property
    def questions(self) -> list[str]:
        """The questions whose answer differs, in their order."""
        was, now = told(self.before), told(self.after)
        return [name for name in wanted(self.after.policy).questions if was.get(name) != now.get(name)]


@dataclass(frozen=True)
class PeriodChange:
    """Days in which neither of two policies changes: the tree for both, and every difference."""

    stretch: PagePeriod
    tree: Node
    differing: tuple[Differing, ...]


@dataclass(frozen=True)
class PolicyChange:
    """Two decisions one after the other, and by stretch of time for whom the answers differ."""

    base: Policy
    head: Policy
    spans: tuple[PeriodChange, ...]

    @property
    def alike(self) -> bool:
        """Whether every case is decided alike: no rule differs, in any stretch of time."""
        return _rules(self.base) == _rules(self.head)


class Both(Grower):
    """Grows one tree for two policies in days in which neither changes: a leaf is what both come to."""

    def __init__(self, base: Decider, head: Decider, ours: PagePeriod, theirs: PagePeriod) -> None:
        asks = wanted(head.policy).questions
        super().__init__(head, theirs, asks)
        self.before = Grower(base, ours, asks)
        self.add_limits(base.policy, ours.period)

    def grow(self, facts: Mapping[str, Value]) -> Node | None:
        """Return the tree for a case of which these facts are known; None where they contradict each other."""
        after = super().grow(facts)
        if not isinstance(after, DecisionLeaf):
            return after
        before = self.before.decision(facts)
        if before is None:
            return None
        if fact := self.before.asks_for(before):
            return self.ask(fact, facts)
        return DecisionLeaf((_key(before), _key(after.decision)), after.decision, before)


def told(decision: Decision) -> dict[str, AnswerKey]:
    """Return by question what is held against each other of a decision: the answer, its figures and open points."""
    return {
        name: (one.answer, one.open_points, tuple(sorted(one.gives.items())))
        for name, one in decision.answers.items()
        if name in wanted(decision.policy).questions
    }


def _key(decision: Decision) -> tuple[tuple[str, AnswerKey], ...]:
    return tuple(told(decision).items())


def _rules(of: Policy) -> list[Period]:
    """Return the periods of a policy with what decides in them alone."""
    return [replace(one.period, start=one.first, end=None, warnings=()) for one in stretches(of)]


def add(site: Site) -> None:
    """Add the page of what changed."""
    changes = [change(base, head) for base, head in pairwise(policies(site))]
    site.shared["changes"] = changes
    asked = wanted(site.policy).questions
    beside = [site.words(name) for name, one in site.corpus.questions.items() if name not in asked and not one.step]
    of_days = days_of_change(site.policy)
    site.shared["days_of_change"] = of_days
    named = days_of(site.policy)
    for one in of_days:
        site.made(
            one.page,
            "day-of-change.md.j2",
            change=one,
            others=[other for other in of_days if other is not one],
            named=[other for other in named if other.day in (one.last, one.day)],
        )
    site.made("schools/what-has-changed.md", "what-has-changed.md.j2", events=events(site.policy),
              planned_from=planned_from(site))  # fmt: skip
    site.made("policy/changes.md", "changes.md.j2", beside=beside)


@dataclass(frozen=True)
class DayOfChange:
    """A day from which pupils are decided otherwise: the days before and after it, and every difference.

    `place` is that of the days after it among the stretches of time.
    """

    day: date
    place: int
    before: PagePeriod
    after: PagePeriod
    differing: tuple[Differing, ...]

    @property
    def page(self) -> str:
        """The page of the day."""
        return f"schools/from-{slug(format_date(self.day))}.md"

    @property
    def last(self) -> date:
        """The last day of the rules before."""
        return self.day - timedelta(days=1)

    def by_place(self, say: Saying) -> dict[str, list[Differing]]:
        """Return the differences by the first step of their first way: where the pupil is."""
        found: dict[str, list[Differing]] = {}
        for one in self.differing:
            steps = one.ways[0].steps
            found.setdefault(say.step(*steps[0]) if steps else "Every pupil", []).append(one)
        return found


def days_of_change(of: Policy) -> list[DayOfChange]:
    """Return the days on which the answers of some pupil change by the days alone, the last one first.

    A pupil's facts are the same on both sides of a day. Raises TypeError where no decision is issued.
    """
    decider, found = Decider(of), []
    for place, (before, after) in enumerate(pairwise(stretches(of)), 1):
        tree = Both(decider, decider, before, after).grow({})
        if tree is not None and after.first and (differing := tuple(_differing(tree))):
            found.append(DayOfChange(after.first, place, before, after, differing))
    return found[::-1]


def policies(site: Site) -> list[Policy]:
    """Return the policy as of each decision that was taken, in order."""
    return [policy(site.corpus, as_of=number) for number in site.policy.decisions]


def change(base: Policy, head: Policy) -> PolicyChange:
    """Return for whom the answers differ between two policies; raises TypeError where no decision is issued."""
    if _rules(base) == _rules(head):
        return PolicyChange(base, head, ())
    deciders = Decider(base), Decider(head)
    found: list[PeriodChange] = []
    for ours, theirs in shared(stretches(base), stretches(head)):
        tree = Both(*deciders, ours, theirs).grow({})
        if tree is not None:
            found.append(PeriodChange(theirs, tree, tuple(_differing(tree))))
    return PolicyChange(base, head, tuple(found))


def shared(base: Sequence[PagePeriod], head: Sequence[PagePeriod]) -> Iterator[tuple[PagePeriod, PagePeriod]]:
    """Yield the stretches in which neither of two policies changes, each as the one and as the other has it."""
    for ours in base:
        for theirs in head:
            firsts = [one.first for one in (ours, theirs) if one.first]
            lasts = [one.last for one in (ours, theirs) if one.last]
            first, last = max(firsts, default=None), min(lasts, default=None)
            if first is None or last is None or first <= last:
                yield PagePeriod(first, last, ours.period), PagePeriod(first, last, theirs.period)


def _differing(tree: Node) -> Iterator[Differing]:
    """Yield each difference once, with every way that leads to it."""
    found: dict[DecisionLeaf, list[AnswerPath]] = {}
    for steps, leaf in paths(tree):
        was, now = leaf.key
        if was != now:
            found.setdefault(leaf, []).append(AnswerPath(steps, leaf))
    # Those who are covered by both come first.
    for leaf, ways in sorted(found.items(), key=lambda one: one[0].key[0][0] != one[0].key[1][0]):
        assert leaf.before is not None
        yield Differing(tuple(ways), leaf.before, leaf.decision)
