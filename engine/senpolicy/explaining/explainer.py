"""Explaining a case further: what is still possible, why not another answer, and what would lead to one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from senpolicy.deciding.decide import Decider, Decision
from senpolicy.deciding.text import Line
from senpolicy.files.digests import PlainData
from senpolicy.proving import nearest as near
from senpolicy.proving import possible as still
from senpolicy.proving import whynot
from senpolicy.proving.nearest import Nearest, NearestChange, OtherDay, Target
from senpolicy.proving.possible import Possible, possible
from senpolicy.proving.whynot import WhyNot, say_name, target_of, why_not

ADVICE = (
    "These are other cases, and no advice: they say what would lead there. A pupil's age or needs are what they are."
)


@dataclass(frozen=True)
class Explained:
    """A decision with what was asked about it; None, or nothing, where it was not asked."""

    decision: Decision
    possible: Possible
    why_not: WhyNot | None
    search: Nearest | None
    changes: tuple[NearestChange, ...]
    nowhere: tuple[Target, ...]
    other_days: tuple[OtherDay, ...] | None

    def to_json(self) -> dict[str, PlainData]:
        """Return the decision as plain data, and beside it what was asked about it."""
        data = self.decision.to_json()
        if self.possible.open:
            data["still_possible"] = self.possible.to_json()
        if self.why_not:
            data["why_not"] = self.why_not.to_json(self.decision.policy)
        if self.search:
            data["nearest"] = [change.to_json() for change in self.changes]
            data["nothing_leads_to"] = [{"question": name, "answer": answer} for name, answer in self.nowhere]
        if self.other_days is not None:
            data["other_days"] = [day.to_json() for day in self.other_days]
        return data

    def lines(self) -> Iterator[Line]:
        """Yield what was asked, as lines below the explanation of the decision."""
        policy = self.decision.policy
        yield from still.lines(self.possible, policy.types)
        if self.why_not:
            yield from whynot.lines(self.why_not, policy)
        if self.search:
            yield "bold", "  What would lead to another answer, fewest facts first, then the nearest:"
            yield "dim", f"    {ADVICE}"
            yield from near.lines(list(self.changes), self.search)
            for name, answers in self._nowhere().items():
                yield "dim", f"    On this day nothing leads {name.replace('_', ' ')} to {', '.join(answers)}."
        if self.other_days is not None:
            yield "bold", "  On other days:"
            yield from near.day_lines(list(self.other_days))
            if not self.other_days:
                yield "", "    The same facts give the same answers on every day."
        yield "", ""

    def _nowhere(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, answer in self.nowhere:
            found.setdefault(name, []).append(say_name(answer))
        return found


class Explainer:
    """Explains decided cases. Raises `WrongUse` at once for an answer that is not known."""

    def __init__(
        self, decider: Decider, wanted: str | None = None, *, nearest: bool = False, other_days: bool = False
    ) -> None:
        self.decider, self.nearest, self.other_days = decider, nearest, other_days
        self.target = target_of(wanted, decider.policy) if wanted else None

    def explain(self, decision: Decision, left: Callable[[], float] | None = None) -> Explained:
        """Return what was asked about a decision; raises `OutOfTime` once `left` says that no seconds are left."""
        changes: list[NearestChange] = []
        nowhere: list[Target] = []
        search = Nearest(self.decider, decision, left) if self.nearest or self.other_days else None
        why = why_not(decision, self.target[0], (self.target[1],)) if self.target else None
        if self.nearest and search and self.target:
            changes = search.towards(self.target)
            nowhere = [] if changes or (why and why.holds) else [self.target]
        elif self.nearest and search:
            changes, nowhere = search.anywhere()
        days = tuple(search.other_days()) if self.other_days and search else None
        shown = search if self.nearest else None
        return Explained(decision, possible(decision), why, shown, tuple(changes), tuple(nowhere), days)
