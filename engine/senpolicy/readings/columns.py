"""The reading *columns*: the whole policy as one Ibis expression over a table of cases.

Every fact is a whole number that is never null (`FactType.number`); what is not known is a number below every value. So
SQL's own three values play no part. The diagram of each question (`senpolicy.language.diagram`) is written as a nest of
CASE over whole numbers, which every engine runs alike and without a float. What several branches of a diagram lead to
is worked out once, in a column of its own.

What comes out for a question is again one whole number, which `Columns.answers` turns into words: the answer, the rule,
the open points, the missing facts and the figures. Its cautions are a second number, with a bit for each. This reading
leans on what `check` has shown of the rules: that no two outcomes hold for one case, and that none is without one.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache, reduce
from types import MappingProxyType
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from senpolicy.files.models.editions import EditionFile
from senpolicy.language.conditions import (
    UNDETERMINED,
    AllOf,
    AnyOf,
    Condition,
    FactLimit,
    FactType,
    Not,
    Value,
    facts_of,
)
from senpolicy.language.days import DAYS_IN_YEAR
from senpolicy.language.diagram import COMPARED, Diagrams, Ending, Leaf, Node, Split, limit_numbers
from senpolicy.language.partition import FactCell, bounds, joined, relates
from senpolicy.policy.diagrams import diagram_of, read_by
from senpolicy.policy.timeline import (
    CaseRuleInForce,
    CautionInForce,
    Figure,
    Outcome,
    Period,
    Policy,
    PortionInForce,
)

#: For each type of fact, the number that means "not known": lower than any value.
UNKNOWN = {"choice": -1, "boolean": -1, "date": 0, "money": -1, "integer": -(2**62)}
#: For each type of fact, the column that holds it.
WIDTH = {"choice": "int16", "boolean": "int8", "date": "int32", "money": "int64", "integer": "int64"}
#: The result of a question when the rules fail on a case, and when no version of it is in force.
FAULT, ABSENT = 0, -1
#: From how many nodes on a part of a diagram to which several branches lead has a column of its own.
SHARED_FROM = 4
#: The type of money in a table of answers.
MONEY = pa.decimal128(13, 2)

Numbers = NDArray[np.int64]
Expression = Any  # Ibis has types of its own for each kind of column; they say nothing that is needed here.


def code(kind: FactType, value: Value) -> int:
    """Return a value as its whole number; None as the one for "not known"."""
    return UNKNOWN[kind.type] if value is None else kind.number(value)


@dataclass(frozen=True)
class PossibleOutcome:
    """One way in which a question can come out, whatever the period: an outcome, or a fact that is missing."""

    question: str
    outcome: Outcome | None = None
    fact: str = ""

    @property
    def answer(self) -> str:
        """The answer, or "undetermined"."""
        return (self.outcome.answer if self.outcome else None) or UNDETERMINED

    @property
    def same(self) -> tuple[Hashable, ...]:
        """What tells it apart from another: missing facts are the same for every question."""
        if self.outcome is None:
            return (self.fact,)
        one = self.outcome
        return (
            self.question,
            one.id,
            one.answer,
            one.open_points,
            tuple(sorted((k, repr(v)) for k, v in one.gives.items())),
        )


@lru_cache(maxsize=4)
def compiled(policy: Policy, keeps: tuple[str, ...] = ()) -> Columns:
    """Return the columns of a policy: for the same object the same, since it takes a second to compile them."""
    return Columns(policy, keeps)


class Columns:
    """A policy compiled for a table of cases.

    `cases` is the table that the expression reads: `row` and every fact as whole numbers (`UNKNOWN`, `WIDTH`).
    `expression` is what it gives for each row: the number of each question, the facts on which figures rest,
    `problems` and `warnings` with a bit for each rule of `problem_rules` and `warning_rules` that the case breaks, and
    `<question>_cautions` with a bit for each caution of `cautions` that goes with the answer; and the facts that it
    `keeps`, with what follows from others filled in.
    """

    def __init__(self, policy: Policy, keeps: tuple[str, ...] = ()) -> None:
        self.policy, self.keeps = policy, keeps
        self.types = policy.types
        self.facts = [name for name, kind in policy.types.items() if not kind.is_answer]
        self.questions = list(dict.fromkeys(name for period in policy.periods for name in period.questions))
        self.ways: dict[str, list[PossibleOutcome]] = {name: [] for name in self.questions}
        self._undetermined: list[PossibleOutcome] = []
        self._diagrams = Diagrams(policy.types)
        self._queries: dict[str, str] = {}
        self._count_ways()
        #: Numbers below this are undetermined; above it, `answer * stride + way`.
        self.stride = 1 + max(len(self._undetermined), *(len(ways) for ways in self.ways.values()))
        self.problem_rules = _distinct(period.problems for period in policy.periods)
        self.warning_rules = _distinct(period.warnings for period in policy.periods)
        #: For each question that has cautions, each of them by its id, in the order in which a decision names them.
        self.cautions = {name: found for name in self.questions if (found := self._cautions_of(name))}
        #: The columns that the expression reads, and how wide each is.
        self.reads = {"row": "int64", **{name: WIDTH[self.types[name].type] for name in self.facts}}
        self.cases = ibis.table({name: f"!{width}" for name, width in self.reads.items()}, name="cases")

    def _cautions_of(self, name: str) -> dict[str, CautionInForce]:
        """Return a question's cautions by id; of one that has other words later on, the latest."""
        periods = [period.questions[name] for period in self.policy.periods if name in period.questions]
        found = {one.id: one for question in periods for one in question.cautions}
        order = dict.fromkeys(one.id for one in self.policy.corpus.questions[name].cautions)
        return {one: found[one] for one in order if one in found}

    # The numbers of the ways in which a question can come out.

    def _count_ways(self) -> None:
        seen: set[tuple[Hashable, ...]] = set()
        for period in self.policy.periods:
            for name, question in period.questions.items():
                ways = [PossibleOutcome(name, outcome) for outcome in question.outcomes]
                ways += [
                    PossibleOutcome(name, fact=fact) for fact in dict.fromkeys([*question.ask, *read_by(question)])
                ]
                for way in ways:
                    if way.same not in seen:
                        seen.add(way.same)
                        (self._undetermined if way.answer == UNDETERMINED else self.ways[name]).append(way)
        self._places = {way.same: place for place, way in enumerate(self._undetermined, 1)}
        for ways in self.ways.values():
            self._places |= {way.same: place for place, way in enumerate(ways)}

    def number(self, way: PossibleOutcome) -> int:
        """Return the number of a way: of an undetermined one the same for every question that takes it over."""
        place = self._places[way.same]
        if way.answer == UNDETERMINED:
            return place
        return (self.types[way.question].number(way.answer) + 1) * self.stride + place

    # The expression.

    @cached_property
    def expression(self) -> Expression:
        """The Ibis expression over `cases`."""
        table = self.cases.mutate(
            problems=self._bits(self.cases, self.problem_rules, "problems"),
            warnings=self._bits(self.cases, self.warning_rules, "warnings"),
        )
        for _ in range(self._rounds()):
            for rules in _side_by_side([period.follows for period in self.policy.periods]):
                table = table.mutate(**{_the(rules).field: self._followed(table, rules)})
        table = self._mapped(table)
        for name in self.questions:
            diagrams, named = [*self._questions(name)], dict[Node, str]()
            for layer in _shared(diagrams):
                # No fact has a name with a stroke in it.
                parts = {node: f"{name}/{len(named) + place}" for place, node in enumerate(layer)}
                found = {column: self._emitted(table, node, "int32", named) for node, column in parts.items()}
                table = table.mutate(**found)
                named |= parts
            table = table.mutate(**{name: self._by_period(table, diagrams, "int32", named)})
            table = table.drop(*named.values()) if named else table
        later = self._bits(table, self.warning_rules, "warnings", answers=True)
        # A caution asks for no answer later than its own question's, so all are worked out side by side.
        cautions = {f"{name}_cautions": self._caution_bits(table, name) for name in self.cautions}
        return table.mutate(warnings=(table.warnings + later).cast("int32"), **cautions).select(*self.gives)

    @property
    def gives(self) -> dict[str, str]:
        """The columns that the expression gives, and how wide each is."""
        facts = {name: WIDTH[self.types[name].type] for name in dict.fromkeys([*self.figure_facts, *self.keeps])}
        return {
            "row": "int64",
            "problems": "int32",
            "warnings": "int32",
            **facts,
            **dict.fromkeys(self.questions, "int32"),
            **dict.fromkeys([f"{name}_cautions" for name in self.cautions], "int32"),
        }

    @cached_property
    def figure_facts(self) -> list[str]:
        """The facts from which figures are worked out, and the day of the decision."""
        found = [
            value.fact
            for way in self._all_ways()
            if way.outcome
            for value in way.outcome.gives.values()
            if isinstance(value, PortionInForce)
        ]
        return list(dict.fromkeys(["decision_date", *found]))

    def sql(self, dialect: str) -> str:
        """Return the expression as a query in the dialect of an engine, over a table `cases`."""
        if dialect not in self._queries:
            self._queries[dialect] = self._query(dialect)
        return self._queries[dialect]

    def _query(self, dialect: str) -> str:
        fused = ibis.options.sql.fuse_selects
        ibis.options.sql.fuse_selects = False  # Fused, each earlier answer would be worked out again at every use.
        try:
            return str(ibis.to_sql(self.expression, dialect=dialect, pretty=False))
        finally:
            ibis.options.sql.fuse_selects = fused

    def _by_period(
        self, table: Expression, diagrams: Sequence[Node], width: str, named: Mapping[Node, str] = MappingProxyType({})
    ) -> Expression:
        """Return each period's diagram for the days of that period; `named` are the nodes that have a column."""
        branches = []
        for period, diagram, following in zip(self.policy.periods, diagrams, [*diagrams[1:], None], strict=True):
            if diagram is not following:
                value = self._emitted(table, diagram, width, named)
                branches.append((table.decision_date <= period.end.toordinal() if period.end else None, value))
        *bounded, (_, last) = branches
        return ibis.cases(*bounded, else_=last) if bounded else last

    def _emitted(self, table: Expression, node: Node, width: str, named: Mapping[Node, str]) -> Expression:
        if node in named:
            return table[named[node]]
        if isinstance(node, Leaf):
            return table[node.gives] if isinstance(node.gives, str) else ibis.literal(node.gives, width)
        column, kind = table[node.fact], self.types[node.fact]
        found = [(self._stretches(kind, cells), child) for cells, child in node.branches]
        # All else is what would take the longest to spell out.
        *branches, (_, last) = sorted(found, key=lambda one: (len(one[0]), one[0]))
        return ibis.cases(
            *[(_within(column, stretches), self._emitted(table, child, width, named)) for stretches, child in branches],
            else_=self._emitted(table, last, width, named),
        )

    def _bits(self, table: Expression, rules: list[CaseRuleInForce], kind: str, *, answers: bool = False) -> Expression:
        """Return a bit for each rule about facts that holds: of those that ask for an answer, or of the others."""
        bits = ibis.literal(0, "int32")
        for place, rule in enumerate(rules):
            own = [next((one for one in getattr(period, kind) if one.id == rule.id), None)
                   for period in self.policy.periods]  # fmt: skip
            if answers is not any(self.types[name].is_answer for name in facts_of(rule.condition)):
                continue
            if relates(rule.condition):
                sides = [self._related(table, one.condition)[0] if one else ibis.literal(False) for one in own]
                held = ibis.ifelse(self._on_days(table, sides), ibis.literal(1 << place, "int32"), 0)
            else:
                diagrams = [self._holds(one.condition if one else None, 1 << place, 0) for one in own]
                held = self._by_period(table, diagrams, "int32")
            bits = bits + held
        return bits.cast("int32")

    def _on_days(self, table: Expression, values: Sequence[Expression]) -> Expression:
        """Return each period's value for the days of that period; one that goes on is asked for once."""
        pairs = zip(self.policy.periods, values, [*values[1:], None], strict=True)
        *bounded, (_, last) = [
            (period.end and table.decision_date <= period.end.toordinal(), one)
            for period, one, following in pairs if one is not following
        ]  # fmt: skip
        return ibis.cases(*bounded, else_=last) if bounded else last

    def _related(self, table: Expression, condition: Condition) -> tuple[Expression, Expression]:
        """Return that a condition holds, and that it fails, where it holds facts against one another."""
        if isinstance(condition, Not):
            holds, fails = self._related(table, condition.part)
            return fails, holds
        if isinstance(condition, AllOf | AnyOf):
            parts = [self._related(table, part) for part in condition.parts]
            both = [reduce(operator.and_, side, ibis.literal(True)) for side in zip(*parts, strict=True)]
            one = [reduce(operator.or_, side, ibis.literal(False)) for side in zip(*parts, strict=True)]
            return (both[0], one[1]) if isinstance(condition, AllOf) else (one[0], both[1])
        kind, column = self.types[condition.fact], table[condition.fact]
        known, limit = column != UNKNOWN[kind.type], limit_numbers(condition, kind)
        if condition.operator == "known":
            return (known, ~known) if condition.limit else (~known, known)
        if isinstance(condition.limit, FactLimit):
            other = table[condition.limit.fact]
            known &= other != UNKNOWN[kind.type]
            limit = other.cast("int64") + condition.limit.by
        held = column.isin(limit) if isinstance(limit, tuple) else COMPARED[condition.operator](column, limit)
        return known & held, known & ~held

    def _caution_bits(self, table: Expression, name: str) -> Expression:
        bits = ibis.literal(0, "int32")
        for place, caution in enumerate(self.cautions[name]):
            diagrams = []
            for period in self.policy.periods:
                asked = period.questions[name].cautions if name in period.questions else ()
                held = tuple(one.condition for one in asked if one.id == caution)
                diagrams.append(self._holds(AnyOf(held), 1 << place, 0))
            bits = bits + self._by_period(table, diagrams, "int32")
        return bits.cast("int32")

    def _rounds(self) -> int:
        """Return how often the rules of what follows are gone through: one may rest on what another has filled in."""
        rules = self.policy.periods[-1].follows
        filled = {rule.field for rule in rules}
        rests = any(filled & set(facts_of(rule.condition)) for rule in rules)
        return len(rules) if rests else min(len(rules), 1)

    def _followed(self, table: Expression, rules: list[CaseRuleInForce | None]) -> Expression:
        name = _the(rules).field
        kind = self.types[name]
        diagrams = []
        for rule in rules:
            value = kind.number(rule.value) if rule else 0
            diagrams.append(self._holds(rule.condition if rule else None, value, UNKNOWN[kind.type]))
        column = table[name]
        filled = self._by_period(table, diagrams, WIDTH[kind.type])
        return ibis.ifelse(column == UNKNOWN[kind.type], filled, column).cast(f"!{WIDTH[kind.type]}")

    def _mapped(self, table: Expression) -> Expression:
        """Add the level to which ratings by area lead, where the method of the edition in use is the highest area."""
        level = next((name for name, fact in self.policy.corpus.facts.facts.items() if fact.from_ratings), None)
        if level is None:
            return table
        given, editions = table[level], [period.edition for period in self.policy.periods]
        mapped = {id(one): self._level_by_ratings(table, one, level) for one in editions}
        if all(one is None for one in mapped.values()):
            return table
        found = [mapped[id(one)] for one in editions]
        filled = self._on_days(table, [given if one is None else one for one in found])
        return table.mutate(**{level: filled.cast(f"!{WIDTH['choice']}")})

    def _level_by_ratings(self, table: Expression, edition: EditionFile | None, level: str) -> Expression | None:
        """Return the level that is given or to which ratings lead in an edition, None where they lead to none."""
        if edition is None or edition.banding is None or edition.banding.method != "highest_area":
            return None
        rated = {fact.area: name for name, fact in self.policy.corpus.facts.facts.items() if fact.area}
        names = [rated[area.id] for area in edition.areas if area.id in rated]
        if not names:
            return None
        # The numbers of levels follow the order of need, and "not known" is below them all.
        highest, lowest = (
            ibis.greatest(*(table[name] for name in names)),
            ibis.least(*(table[name] for name in names)),
        )
        settled = highest == max(map(self.types[level].number, (one.id for one in edition.levels)), default=0)
        if len(names) == len(edition.areas):
            settled |= lowest > UNKNOWN["choice"]
        return ibis.ifelse((table[level] == UNKNOWN["choice"]) & settled, highest, table[level])

    # The diagrams.

    def _holds(self, condition: Condition | None, then: int, otherwise: int) -> Node:
        """Return the diagram of whether a condition holds for sure."""
        if condition is None:
            return self._diagrams.leaf(otherwise)
        return self._diagrams.condition(condition, then, otherwise)

    def _questions(self, name: str) -> Iterator[Node]:
        """Yield the diagram of a question in each period; one that stays as it was is not made again."""
        before: Period | None = None
        made: Node = self._diagrams.leaf(ABSENT)
        for period in self.policy.periods:
            if before is None or before.questions.get(name) != period.questions.get(name):
                made = self._question(period, name)
            before = period
            yield made

    def _question(self, period: Period, name: str) -> Node:
        """Return the diagram whose leaves give a number, or the name of an earlier question whose number is taken."""
        if name not in period.questions:
            return self._diagrams.leaf(ABSENT)
        question = period.questions[name]
        numbers = [self.number(PossibleOutcome(name, outcome)) for outcome in question.outcomes]
        earlier = list(period.questions)[: list(period.questions).index(name)]

        def gives(ending: Ending) -> int | str:
            if ending.held:
                return numbers[ending.held[0]]
            if not ending.missing:
                return FAULT
            return (
                ending.missing if ending.missing in earlier else self.number(PossibleOutcome(name, fact=ending.missing))
            )

        return diagram_of(self.policy, question, self._diagrams, gives)

    def _stretches(self, kind: FactType, cells: Sequence[FactCell | None]) -> list[tuple[int, int]]:
        """Return the numbers of a fact's column that lie in these cells, as first and last, those that touch joined."""
        if kind.is_answer:  # An answer is all the numbers of its ways.
            size = self.stride
            return joined(
                (ABSENT, size - 1) if one is None else ((one.first + 1) * size, (one.last + 2) * size - 1)
                for one in cells
            )
        # What no case gives goes with the value beside it, so that a comparison has to be made on one side alone.
        unknown, whole = UNKNOWN[kind.type], bounds(kind)
        last = 1 << 62 if kind.ordered else whole.last
        return joined(
            (unknown, unknown) if one is None
            else (unknown + 1 if one.first == whole.first else one.first, last if one.last == whole.last else one.last)
            for one in cells
        )  # fmt: skip

    # The words.

    def _all_ways(self) -> list[PossibleOutcome]:
        return [*self._undetermined, *(way for ways in self.ways.values() for way in ways)]

    def answers(self, resolved: pa.Table) -> pa.Table:
        """Return the answers in words for each row of what the expression gave, in the same order.

        For each question: `<question>` the answer, `<question>_rule` the outcome that held, `<question>_open_points`,
        `<question>_missing`, `<question>_cautions` the ids of what goes with the answer, and `<question>_<figure>` for
        each figure: pounds and shares as decimals, days as dates.
        """
        columns: dict[str, pa.Array] = {}
        steps = {name for period in self.policy.periods for name, one in period.questions.items() if one.step}
        for name in sorted(self.questions, key=lambda one: one in steps):
            numbers = np.maximum(resolved[name].to_numpy(), FAULT)  # No way has the number of a fault.
            for suffix, words in self._words[name].items():
                columns[f"{name}{suffix}"] = words.of(numbers)
            columns[f"{name}_cautions"] = self._caution_words(name, resolved)
            numbers = np.where(self._silent(name, numbers, resolved), FAULT, numbers)
            for figure, ways in self._figures[name].items():
                for part, values in _figure(numbers, ways, resolved).items():
                    columns[f"{name}_{figure}{part}"] = values
        return pa.table(columns)

    def _caution_words(self, name: str, resolved: pa.Table) -> pa.DictionaryArray:
        """Return the ids of the cautions that go with each answer, a blank between two; null where there are none."""
        given = list(self.cautions.get(name, ()))
        bits = pa.array(resolved[f"{name}_cautions"].to_numpy() if given else np.zeros(len(resolved), np.int32))
        told = pc.if_else(pc.equal(bits, 0), None, bits).dictionary_encode()
        words = [
            " ".join(one for place, one in enumerate(given) if number >> place & 1)
            for number in told.dictionary.to_pylist()
        ]
        return pa.DictionaryArray.from_arrays(told.indices, pa.array(words, pa.string()))

    def _silent(self, name: str, numbers: Numbers, resolved: pa.Table) -> Numbers:
        """Return where a question's figures say nothing: none of the facts on which its amounts rest is known."""
        found = np.zeros(len(numbers), dtype=bool)
        for way in (*self._undetermined, *self.ways[name]):
            gives = list(way.outcome.gives.values()) if way.outcome and way.question == name else []
            portions = [value for value in gives if isinstance(value, PortionInForce)]
            if portions and not any(isinstance(value, int) and not isinstance(value, bool) for value in gives):
                here = np.flatnonzero(numbers == self.number(way))
                day = resolved["decision_date"].to_numpy()[here]
                known = np.zeros(len(here), dtype=bool)
                for portion in portions:
                    last = (portion.until or date.max).toordinal()
                    known |= (resolved[portion.fact].to_numpy()[here] >= 0) & (day <= last)
                found[here] = ~known
        return found

    @cached_property
    def _words(self) -> dict[str, dict[str, Words]]:
        """For each question and kind of word, the word of every number; None where there is none."""
        found: dict[str, dict[str, Words]] = {}
        for name in self.questions:
            size = (len(self.types[name].values) + 1) * self.stride
            words: dict[str, list[str | None]] = {
                one: [None] * size for one in ("", "_rule", "_open_points", "_missing")
            }
            for way in (*self._undetermined, *self.ways[name]):
                number, outcome = self.number(way), way.outcome
                words[""][number] = way.answer
                words["_rule"][number] = outcome.id if outcome and way.question == name else None
                if way.answer == UNDETERMINED:
                    words["_open_points"][number] = " ".join(outcome.open_points) if outcome else None
                    words["_missing"][number] = way.fact or None
            found[name] = {suffix: Words(one) for suffix, one in words.items()}
        return found

    @cached_property
    def _figures(self) -> dict[str, dict[str, dict[int, Figure | PortionInForce]]]:
        """For each question and figure, what each number gives."""
        found: dict[str, dict[str, dict[int, Figure | PortionInForce]]] = {name: {} for name in self.questions}
        for way in self._all_ways():
            for figure, value in way.outcome.gives.items() if way.outcome else ():
                found[way.question].setdefault(figure, {})[self.number(way)] = value
        return found


def _distinct(periods: Iterable[Iterable[CaseRuleInForce]]) -> list[CaseRuleInForce]:
    return list({rule.id: rule for rules in periods for rule in rules}.values())


def _side_by_side(periods: list[tuple[CaseRuleInForce, ...]]) -> list[list[CaseRuleInForce | None]]:
    """Return the rules of what follows, each with its form in every period."""
    longest = max(len(rules) for rules in periods)
    return [[rules[at] if at < len(rules) else None for rules in periods] for at in range(longest)]


def _the(rules: list[CaseRuleInForce | None]) -> CaseRuleInForce:
    return next(rule for rule in rules if rule)


def _shared(diagrams: Sequence[Node]) -> Iterator[list[Node]]:
    """Yield the parts of diagrams to which several branches lead, those first on which others rest."""
    uses, sizes, depths = Counter[Node](), dict[Node, int](), dict[Node, int]()

    def walk(node: Node) -> None:
        uses[node] += 1
        if uses[node] > 1:
            return
        children = [child for _, child in node.branches] if isinstance(node, Split) else []
        for child in children:
            walk(child)
        sizes[node] = 1 + sum(sizes[child] for child in children)

    for diagram in dict.fromkeys(diagrams):
        walk(diagram)
    apart = [node for node, times in uses.items() if times > 1 and sizes[node] >= SHARED_FROM]

    def depth(node: Node) -> int:
        if node not in depths:
            below = max((depth(child) for _, child in node.branches), default=0) if isinstance(node, Split) else 0
            depths[node] = below + (node in apart)
        return depths[node]

    for level in range(1, 1 + max((depth(node) for node in apart), default=0)):
        yield [node for node in apart if depths[node] == level]


def _within(column: Expression, stretches: Sequence[tuple[int, int]]) -> Expression:
    single = [first for first, last in stretches if first == last]
    tests = [
        column.between(first, last) if last < 1 << 62 else column >= first for first, last in stretches if first != last
    ]
    if single:
        tests.append(column == single[0] if len(single) == 1 else column.isin(single))
    return reduce(operator.or_, tests)


class Words:
    """The word of each number of a question, None where there is none."""

    def __init__(self, words: list[str | None]) -> None:
        distinct = sorted({word for word in words if word is not None})
        places = {word: place for place, word in enumerate(distinct)}
        self._places = np.array([-1 if word is None else places[word] for word in words], dtype=np.int16)
        self._distinct = pa.array(distinct, pa.string())

    def of(self, numbers: Numbers) -> pa.DictionaryArray:
        """Return for each number its word, as a column that holds each word once."""
        found = self._places.take(numbers)
        places = pa.Array.from_buffers(pa.int16(), len(found), [_known(found), pa.py_buffer(found)])
        return pa.DictionaryArray.from_arrays(places, self._distinct)


def _known(numbers: Numbers | NDArray[np.int16]) -> pa.Buffer:
    """Return the bits that say which numbers are none: those below zero."""
    return pa.py_buffer(np.packbits(numbers >= 0, bitorder="little"))


def _figure(numbers: Numbers, ways: dict[int, Figure | PortionInForce], resolved: pa.Table) -> dict[str, pa.Array]:
    """Return a figure's column, and for the part of a year its days in a second one."""
    values = list(ways.values())
    if any(
        isinstance(value, PortionInForce) or (isinstance(value, int) and not isinstance(value, bool))
        for value in values
    ):
        return _amounts(numbers, ways, resolved)
    shares = [value for value in values if isinstance(value, Decimal)]
    if len(shares) == len(values):
        kind = pa.decimal128(18, max(2, *(-int(value.as_tuple().exponent) for value in shares)))
    elif all(isinstance(value, bool) for value in values):
        kind = pa.bool_()
    elif all(isinstance(value, date) for value in values):
        kind = pa.date32()
    else:
        kind, ways = pa.string(), {number: str(value) for number, value in ways.items()}
    highest = max(int(numbers.max(initial=0)), *ways)
    return {"": pa.array([ways.get(number) for number in range(highest + 1)], kind).take(pa.array(numbers))}


def _amounts(numbers: Numbers, ways: dict[int, Figure | PortionInForce], resolved: pa.Table) -> dict[str, pa.Array]:
    """Return money worked out from facts, exactly, in whole pence on the way."""
    pence = np.full(len(numbers), -1, dtype=np.int64)
    days = np.full(len(numbers), -1, dtype=np.int64)
    parts = False
    for number, value in ways.items():
        here = np.flatnonzero(numbers == number)
        if isinstance(value, PortionInForce):
            whole = resolved[value.fact].to_numpy()[here]
            top, bottom = np.int64(1), np.int64(1)
            if value.until is not None:
                parts = True
                top = value.until.toordinal() - resolved["decision_date"].to_numpy()[here].astype(np.int64) + 1
                days[here] = np.where((whole >= 0) & (top > 0), top, -1)
                top, bottom = np.minimum(top, DAYS_IN_YEAR), np.int64(DAYS_IN_YEAR)  # As `days.part_of_year`.
            elif value.share is not None:
                top, bottom = (np.int64(part) for part in value.share.as_integer_ratio())
            rounded = whole * top // bottom if value.round == "down" else -(-whole * top // bottom)
            pence[here] = np.where((whole >= 0) & (top > 0 if value.until else True), rounded, -1)
        elif isinstance(value, int):
            pence[here] = value
    found = {"": money(pence)}
    if parts:
        found["_days"] = pa.array(days, mask=days < 0)
    return found


def money(pence: Numbers) -> pa.Array:
    """Return pence as exact pounds with two decimals; a number below zero as null."""
    halves = np.empty((len(pence), 2), dtype=np.int64)
    halves[:, 0], halves[:, 1] = pence, 0  # The low and the high half of each number of 128 bits.
    return pa.Array.from_buffers(MONEY, len(pence), [_known(pence), pa.py_buffer(halves)])
