"""A tree of questions to a school, made by asking the engine: at each step the fact that it misses first.

Every leaf is a decision of the engine on a case of its own, by both evaluators. A value of a fact stands for all that
lead to the same: the values between two limits of the rules, or the choices that make no difference.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from senpolicy.checking.examples import decide_facts
from senpolicy.deciding.answers import Answer, Decision, NotIssued
from senpolicy.deciding.cases import Refused
from senpolicy.deciding.decide import UNDETERMINED, Decider
from senpolicy.files.models.properties import declared_properties
from senpolicy.language.conditions import FactType, Value, tests
from senpolicy.language.partition import bounds, cells_of, limits_of, value_of
from senpolicy.policy.timeline import Period, Policy
from senpolicy.readings.say import say_list, say_value
from senpolicy.site.periods import PagePeriod
from senpolicy.site.words import format_date

WITNESS = "T-1"


@dataclass(frozen=True)
class Branch:
    """What a school may answer: the words for it, the values that it stands for, and where it leads.

    `values` are the values of a choice; for money, whole numbers and dates one pair of ends, both included, None for no
    end.
    """

    words: str
    values: tuple[Any, ...]
    to: Node


@dataclass(frozen=True)
class Ask:
    """A fact to find out; not `whole` where some values contradict what is known, so that no branch stands for them."""

    fact: str
    branches: tuple[Branch, ...]
    whole: bool = True


@dataclass(frozen=True)
class DecisionLeaf:
    """What the engine decides. `key` is all that a page shows of it; `decision` is that of one case that lands here.

    `before` is that of the same case by an earlier decision of the council, where two are held against each other.
    """

    key: tuple[tuple[Hashable, ...], ...]
    decision: Decision = field(compare=False, repr=False, hash=False)
    before: Decision | None = field(compare=False, repr=False, hash=False, default=None)


Node = Ask | DecisionLeaf
#: What the engine decides, by the facts that are known; None where they contradict each other.
Decisions = dict[frozenset[tuple[str, Value]], Decision | None]


class Grower:
    """Grows trees for one stretch of time: until each question of `wanted` has an answer or an open point.

    `told` are the questions whose answers a leaf shows, none for all: leaves that show the same are one. Without
    `unsettled` an answer counts even where a fact that is not known may still change it, as the policy declares.
    `decisions` are those made already in this stretch, by the facts that are known; growers of one stretch share them.
    """

    def __init__(
        self,
        decider: Decider,
        stretch: PagePeriod,
        wanted: Sequence[str],
        *,
        told: Sequence[str] = (),
        unsettled: bool = True,
        decisions: Decisions | None = None,
    ) -> None:
        self.told = told
        self.decisions: Decisions = {} if decisions is None else decisions
        self.decider, self.policy, self.stretch, self.wanted = decider, decider.policy, stretch, wanted
        self.limits: dict[str, set[Any]] = {}
        self.unsettled = [
            (one.question, one.fact)
            for declared in declared_properties(self.policy.corpus.files)
            if unsettled and declared.more_facts
            for one in declared.more_facts.exceptions
        ]
        self.add_limits(self.policy, stretch.period)

    def add_limits(self, policy: Policy, period: Period) -> None:
        """Tell apart from here on what the rules of a period tell apart."""
        conditions = [outcome.condition for question in period.questions.values() for outcome in question.outcomes]
        conditions += [rule.condition for rule in (*period.follows, *period.problems)]
        for test in (test for condition in conditions for test in tests(condition)):
            if policy.types[test.fact].ordered:
                self.limits.setdefault(test.fact, set()).update(limits_of((test,)))

    def grow(self, facts: Mapping[str, Value]) -> Node | None:
        """Return the tree for a case of which these facts are known; None where they contradict each other."""
        decision = self.decision(facts)
        if decision is None:
            return None
        if fact := self.asks_for(decision):
            return self.ask(fact, facts)
        if self.told:
            return DecisionLeaf(
                tuple(read(decision.answers[name]) for name in self.told if name in decision.answers), decision
            )
        return DecisionLeaf(tuple(shown(answer) for answer in decision.answers.values() if not answer.step), decision)

    def asks_for(self, decision: Decision) -> str | None:
        """Return the fact to ask for next, None where each question of `wanted` is settled."""
        for name in self.wanted:
            answer = decision.answers.get(name)
            if answer and answer.answer == UNDETERMINED and answer.missing_facts:
                return answer.missing_facts[0]
        for name in self.wanted:
            if fact := _tightens(decision, name):
                return fact
        for question, fact in self.unsettled:
            # An answer that is given without this fact may change when it becomes known.
            if decision.case.facts.get(fact) is None and question in self._passed(decision):
                return fact
        return None

    def decision(self, facts: Mapping[str, Value]) -> Decision | None:
        """Return what the engine decides when these facts are known; None where they contradict each other.

        Raises TypeError where it issues no decision.
        """
        key = frozenset(facts.items())
        if key not in self.decisions:
            made = decide_facts(self.decider, {**facts, "decision_date": self.stretch.day}, WITNESS)
            if isinstance(made, NotIssued):
                raise TypeError(made.message)
            self.decisions[key] = None if isinstance(made, Refused) else made
        return self.decisions[key]

    def _passed(self, decision: Decision) -> set[str]:
        """Return the questions on whose answers those of `wanted` rest in this case."""
        found, waiting = set[str](), [name for name in self.wanted if name in decision.answers]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                tested = {result.test.fact for reason in decision.answers[name].because for result in reason.tests}
                waiting += [one for one in tested if one in decision.answers]
        return found

    def ask(self, fact: str, facts: Mapping[str, Value]) -> Node | None:
        """Return the question for a fact, its values that lead to the same joined."""
        kind = self.policy.types[fact]
        grown = [(values, self.grow({**facts, fact: witness})) for values, witness in self.values(kind)]
        found = [(values, node) for values, node in grown if node is not None]
        if not found:
            return None
        joined: list[tuple[tuple[Any, ...], Node]] = []
        for values, node in found:
            same = next((place for place, (_, other) in enumerate(joined) if other == node), None)
            if kind.ordered and joined and joined[-1][1] == node:
                joined[-1] = ((joined[-1][0][0], values[1]), node)
            elif not kind.ordered and same is not None:
                joined[same] = ((*joined[same][0], *values), node)
            else:
                joined.append((values, node))
        if len(joined) == 1:
            return joined[0][1]  # Every value that fits leads to the same.
        branches = tuple(Branch(say_values(values, kind), values, node) for values, node in joined)
        return Ask(fact, branches, len(found) == len(grown))

    def values(self, kind: FactType) -> Iterator[tuple[tuple[Any, ...], Value]]:
        """Yield what a fact can be, with one value of each: a choice, or values between two limits (ends included)."""
        if kind.ordered:
            yield from self.ranges(kind)
            return
        cells = cells_of(kind)
        for cell in reversed(cells) if kind.type == "boolean" else cells:  # Yes is told before no.
            yield (value_of(kind, cell.first),), value_of(kind, cell.first)

    def ranges(self, kind: FactType) -> Iterator[tuple[tuple[Any, ...], Value]]:
        """Yield each limit of an ordered fact, and the values between two of them, with one value of each."""
        # No day after the decision can be given.
        until = self.stretch.day if kind.type == "date" else kind.highest
        limits = [limit for limit in self.limits.get(kind.name, ()) if until is None or limit <= until]
        whole = bounds(kind)
        for cell in cells_of(kind, also=limits):
            first, last = value_of(kind, cell.first), value_of(kind, cell.last)
            if cell.first == cell.last:
                yield (first, first), first
            elif kind.type != "date" or cell.first <= self.stretch.day.toordinal():
                low = None if cell.first == whole.first and kind.type == "date" else first
                high = None if cell.last == whole.last and kind.highest is None else last
                yield (low, high), _between(low, until if high is None else high, kind)


def _tightens(decision: Decision, name: str) -> str | None:
    """Return a fact that would tighten the figures of an answer, or tell which of several points leaves it open.

    It is one because of which the row holds: the row asks that the fact is not known.
    """
    answer = decision.answers.get(name)
    if answer is None:
        return None
    for reason in answer.because:
        for result in reason.tests if answer.gives or reason.outcome.others else ():
            if result.test.operator == "known" and decision.case.facts.get(result.test.fact) is None:
                return result.test.fact
    return None


def _between(low: Any, high: Any, kind: FactType) -> Any:
    """Return a value between two ends, plain to read where there is room."""
    if isinstance(high, date) and low is None:
        return high - timedelta(days=200)
    if isinstance(low, date):
        return low + (high - low) / 2
    if high is None:
        return low + (200_000 if kind.type == "money" else 1)
    middle = (low + high) // 2
    rounded: int = middle - middle % 100_000 if kind.type == "money" else middle
    return rounded if rounded >= low else middle


def say_values(values: tuple[Any, ...], kind: FactType) -> str:
    """Return in words what a branch stands for: "less than £6,000", "5 to 15", "from 1 September 2025"."""
    if not kind.ordered:
        if kind.type == "boolean":
            return " or ".join("yes" if value else "no" for value in values)
        return say_list([say_value(value, kind) for value in values], "or")
    low, high = values
    if low == high:
        return f"exactly {say_value(low, kind)}" if kind.type == "money" and low else _exact(low, kind)
    if kind.type == "date":
        if low is None:
            return f"before {format_date(high + timedelta(days=1))}"
        return f"from {format_date(low)}" + (f" to {format_date(high)}" if high else "")
    if kind.type == "money":
        if high is None:
            return f"more than {say_value(low - 1, kind)}" if low else "any amount"
        next_is_whole = (high + 1) % 100 == 0
        if low:
            most = (
                f"less than {say_value(high + 1, kind)}" if next_is_whole else f"not more than {say_value(high, kind)}"
            )
            return f"more than {say_value(low - 1, kind)} but {most}"
        return f"less than {say_value(high + 1, kind)}" if next_is_whole else f"{say_value(high, kind)} or less"
    below, above = ("below", "above") if kind.unit == "year_group" else ("under", "over")
    if low == kind.lowest:
        return f"{say_value(high, kind)} or {below}"
    if high == kind.highest:
        return f"{say_value(low, kind)} or {above}"
    return f"{say_value(low, kind)} to {say_value(high, kind)}"


def _exact(value: Any, kind: FactType) -> str:
    return "nothing" if kind.type == "money" else say_value(value, kind)


def shown(answer: Answer) -> tuple[Hashable, ...]:
    """Return all that a page shows of an answer, so that two that read alike are one."""
    rows = tuple(reason.outcome.id for reason in answer.because) if answer.held else ()
    cautions = tuple(one.id for one in answer.cautions)
    return answer.question, answer.answer, answer.missing_facts, answer.open_points, rows, cautions


def read(answer: Answer) -> tuple[Hashable, ...]:
    """Return what a table tells of an answer: what it is and gives, what keeps it open, and the paragraphs."""
    where = {(one.outcome.decision, one.outcome.source.document, one.outcome.source.paragraph)
             for one in answer.because}  # fmt: skip
    given = tuple(sorted(answer.gives.items()))
    return answer.question, answer.answer, answer.missing_facts, answer.open_points, given, frozenset(where)


def covers(branch: Branch, value: Value) -> bool:
    """Return whether a branch stands for a value."""
    ends = branch.values
    if isinstance(value, (bool, str)):
        return value in ends
    low, high = ends
    return bool((low is None or low <= value) and (high is None or value <= high))


def paths(
    node: Node, so_far: tuple[tuple[str, str], ...] = ()
) -> Iterator[tuple[tuple[tuple[str, str], ...], DecisionLeaf]]:
    """Yield every way through a tree: the facts with the words of the answers, and the leaf."""
    if isinstance(node, DecisionLeaf):
        yield so_far, node
    else:
        for branch in node.branches:
            yield from paths(branch.to, (*so_far, (node.fact, branch.words)))


def numbered(root: Node) -> tuple[list[Ask], list[DecisionLeaf]]:
    """Return the questions and the leaves of a tree, each once, in the order in which a reader meets them."""
    asks: list[Ask] = []
    leaves: list[DecisionLeaf] = []
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, DecisionLeaf):
            if node not in leaves:
                leaves.append(node)
        elif node not in asks:
            asks.append(node)
            waiting += [branch.to for branch in node.branches]
    return asks, leaves
