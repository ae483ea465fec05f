"""What changed from one decision to the next: the values, the rules, and for whom the answers differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from senpolicy.answers import Decision
from senpolicy.cases import Refused, checked
from senpolicy.decide import Decider
from senpolicy.problems import Place
from senpolicy.publish.periods import stretches
from senpolicy.publish.school_pages import WANTED, Saying, SchoolYear, Way, years
from senpolicy.publish.site import Site
from senpolicy.publish.tree import WITNESS, Node, paths
from senpolicy.timeline import Policy, policy


@dataclass(frozen=True)
class Differing:
    """One way to a result, and what it came to before."""

    way: Way
    before: Decision


@dataclass(frozen=True)
class Change:
    """Two decisions one after the other, and by stretch of time the ways whose answers differ."""

    base: Policy
    head: Policy
    ways: tuple[tuple[SchoolYear, tuple[Differing, ...]], ...]

    @property
    def alike(self) -> bool:
        """Whether every case is decided alike: no rule differs, in any stretch of time."""
        return _rules(self.base) == _rules(self.head)


def _rules(of: Policy) -> list[object]:
    return [(one.first, one.period.questions, one.period.follows, one.period.problems) for one in stretches(of)]


def add(site: Site, found: Sequence[SchoolYear]) -> None:
    """Add the page of what changed; `found` are the stretches as the policy stands now."""
    taken = [policy(site.corpus, as_of=number) for number in site.policy.decisions]
    changes = [_change(site, base, head, found) for base, head in pairwise(taken)]
    site.made("policy/changes.md", "changes.md.j2", changes=changes, say=Saying(site))


def _change(site: Site, base: Policy, head: Policy, found: Sequence[SchoolYear]) -> Change:
    if _rules(base) == _rules(head):
        return Change(base, head, ())
    after = found if _rules(head) == _rules(site.policy) else years(head)
    decider = Decider(base)
    return Change(base, head, tuple((year, tuple(_differing(decider, year))) for year in after))


def _differing(decider: Decider, year: SchoolYear) -> Iterator[Differing]:
    seen: set[Node] = set()
    for steps, leaf in paths(year.tree):
        case = leaf.decision.case
        known = checked(WITNESS, case.day, dict(case.facts), decider.policy, Place(""))
        before = None if isinstance(known, Refused) else decider.decide(known)
        if leaf not in seen and isinstance(before, Decision) and _told(before) != _told(leaf.decision):
            seen.add(leaf)
            yield Differing(Way(steps, leaf), before)


def _told(decision: Decision) -> list[object]:
    return [
        (one.answer, one.open_points, one.missing_facts) for name, one in decision.answers.items() if name in WANTED
    ]
