"""The timeline: which rule is in force on a day, as the policy was once a decision had been taken.

Two axes of time. *In force*: a version counts from its first day until the next one's. *As of*: only decisions that had
been taken count; a decision that is only proposed is left out unless it is asked for.
"""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property, partial
from typing import Any, TypeVar

from senpolicy.files.models import rules as m
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.scenarios import ScenarioFile, ScenarioParameter, ScenarioRow
from senpolicy.files.models.standings import NOT_COUNTED
from senpolicy.files.problems import WrongUse, listed
from senpolicy.language.conditions import AllOf, Condition, FactLimit, FactType, Not, Test, Value, changed, pence
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.days import Days, known_by
from senpolicy.policy.meaning import digest_of_policy
from senpolicy.policy.scenarios import MadeOnce, laid_over, made_once
from senpolicy.policy.settling import Settled, points_on, settlements

#: A figure of an answer: money is integer pence, a share is a Decimal.
Figure = Value | Decimal
Row = TypeVar("Row", m.AnswerRow, m.OpenRow)
#: What sets a value, after the number of its decision ("" where a scenario assumes it); None where nothing does.
Setting = tuple[str, "m.Parameter | ScenarioParameter"] | None


@dataclass(frozen=True)
class PortionInForce:
    """A figure worked out from a fact in pounds a year: a share of it to the penny, or its days until one."""

    fact: str
    share: Decimal | None = None
    round: str = "down"
    until: date | None = None


@dataclass(frozen=True)
class Outcome:
    """One way in which a question can come out: an answer, or an open point.

    `id` is "question/row". For an answer that a reading gives to an open point, `reading` is its id and `point` the
    point; for one that a decision gives by its own word, `settled` is its number. Of an open point, `others` are the
    further points that leave the same cases open, and `allows` the answers that the text would allow. `gives` holds
    figures in plain exact values (Decimal shares, integer pence, date, text, bool), a `PortionInForce`, or None where
    nothing sets the value yet. `assumed` is the id of the assumption of a scenario that the answer rests on, "" for
    none.
    """

    id: str
    question: str
    condition: Condition
    decision: str
    source: m.Source
    answer: str | None = None
    point: str | None = None
    says: str = ""
    gives: dict[str, Figure | PortionInForce] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    reading: str | None = None
    assumed: str = ""
    others: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    settled: str = ""

    @property
    def open_points(self) -> tuple[str, ...]:
        """The points that leave its cases open; none where it is an answer."""
        return () if self.answer is not None or self.point is None else (self.point, *self.others)


@dataclass(frozen=True)
class CautionInForce:
    """A caution that counts in a period, with its limits bound."""

    id: str
    condition: Condition
    says: str
    decision: str
    source: m.Source


@dataclass(frozen=True)
class QuestionInForce:
    """A question as it is in a period: its outcomes and cautions, with every limit bound to its value.

    `version` is the place of the version in the question's file, counted from 0.
    """

    name: str
    step: bool
    ask: tuple[str, ...]
    decision: str
    outcomes: tuple[Outcome, ...]
    cautions: tuple[CautionInForce, ...]
    version: int = field(default=0, compare=False)


@dataclass(frozen=True)
class CaseRuleInForce:
    """What facts of a case say of each other: a consequence, a contradiction or something worth a look.

    `field` is the fact that it is about; `value` the value that follows, for a consequence.
    """

    id: str
    field: str
    says: str
    condition: Condition
    help: str = ""
    value: Value = None


@dataclass(frozen=True)
class Period:
    """A stretch of days, first and last inclusive, on which no rule changes, nor any value that one rests on.

    None: without end. `edition` is the edition of descriptors that is in use, with the levels that count; None where no
    fact has levels. `out_of_force` is for each fact or question what of it does not count: all of it, or some values.
    """

    start: date | None
    end: date | None
    questions: dict[str, QuestionInForce]
    follows: tuple[CaseRuleInForce, ...] = ()
    problems: tuple[CaseRuleInForce, ...] = ()
    warnings: tuple[CaseRuleInForce, ...] = ()
    edition: EditionFile | None = None
    out_of_force: Mapping[str, Test] = field(default_factory=dict)

    def decides_as(self, other: Period) -> bool:
        """Return whether another decides by the same versions, rules and values, whatever its days."""
        versions = [[question.version for question in one.questions.values()] for one in (self, other)]
        return versions[0] == versions[1] and replace(other, start=self.start, end=self.end) == self


@dataclass(frozen=True, eq=False)
class Policy:
    """The policy as of a decision: its periods in order of time, what it was made from, what its decisions settle."""

    as_of: str
    decisions: tuple[str, ...]
    readings: tuple[m.Reading, ...]
    types: dict[str, FactType]
    periods: tuple[Period, ...]
    corpus: Corpus = field(repr=False, compare=False)
    binder: _Binder = field(repr=False, compare=False)
    scenario: ScenarioFile | None = None
    settled: tuple[Settled, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The digest of what decides: two policies with the same one decide every case alike (`policy.meaning`)."""
        return digest_of_policy(self.corpus, self.scenario, self.decisions, self.readings, self.types, self.periods)

    def parameter(self, name: str, day: date) -> Setting:
        """Return what sets `name` on a day, after the number of its decision ("" where a scenario assumes it).

        Of several that of the last start, of equals the later decision's; None where none has been set by then.
        """
        return self.binder.setting(name, day)

    def on(self, day: date) -> Period:
        """Return the period in which `day` lies."""
        return self.periods[bisect.bisect_right(self.periods, day, key=lambda period: period.start or date.min) - 1]


def setting(corpus: Corpus, counted: Collection[str], scenario: ScenarioFile | None, name: str, day: date) -> Setting:
    """Return what sets the value `name` on a day, after the number of its decision ("" where a scenario assumes it).

    Of several set by the decisions that are `counted` that of the last start, of equals the later decision's; None
    where none has been set by then.
    """
    if scenario and name in scenario.parameters:
        return "", scenario.parameters[name]
    # The corpus holds them in the order of the decisions, and of equals `max` would take the first.
    setters = [one for one in reversed(corpus.parameters.get(name, [])) if one[0] in counted]
    by_then = [one for one in setters if (one[1].start or date.min) <= day]
    return max(by_then, key=lambda one: one[1].start or date.min, default=None)


@made_once
def policy(
    corpus: Corpus,
    *,
    as_of: str | None = None,
    include_proposed: bool = False,
    readings: str = "all",
    scenario: str | None = None,
) -> Policy:
    """Return the policy as it was once decision `as_of` had been taken (None: every decision that has been).

    `readings` is "all", "none", or the id up to which adopted readings count. `scenario` lays the assumed values of a
    scenario over the policy, for modelling only. Raises `WrongUse` for a decision, reading or scenario that is not
    known, or for a decision that does not count: only proposed when proposals are left out, called in, or withdrawn.
    """
    decisions = _taken(corpus, as_of, include_proposed)
    counted = _counted(corpus, readings)
    both = (*(number for number in corpus.beside if corpus.decisions[number].counts()), *decisions)
    kept = _kept(corpus)
    corpus, both, assumed = laid_over(corpus, scenario, both) if scenario is not None else (corpus, both, None)
    corpus = known_by(corpus, both)
    binder = _Binder(corpus, both, counted, corpus.types_under(assumed), assumed, kept)
    # What counts since ever, or never, starts no period of its own.
    starts = sorted(binder.changes() - {date.min, date.max})
    periods: list[Period] = []
    for first, following in zip([None, *starts], [*starts, None], strict=True):
        end, day, facts = following and following - timedelta(days=1), first or date.min, corpus.facts
        problems, warnings = (binder.case_rules(rules, day) for rules in (facts.problems, facts.warnings))
        out = binder.days.out_of_force(day)
        problems += tuple(CaseRuleInForce(*one) for one in binder.days.refusals(out))
        period = Period(first, end, binder.questions_on(day), binder.follows(day), problems, warnings,
                        binder.days.edition(day), out)  # fmt: skip
        # Many a value starts on which no case rests.
        if periods and periods[-1].decides_as(period):
            periods[-1] = replace(periods[-1], end=end)
        else:
            periods.append(period)
    decided = tuple(number for number in decisions if number in both)
    return Policy(decided[-1], decided, tuple(counted), binder.types, tuple(periods), corpus, binder, assumed,
                  binder.settled)  # fmt: skip


def _taken(corpus: Corpus, as_of: str | None, include_proposed: bool) -> list[str]:
    if as_of is not None and as_of not in corpus.order:
        raise WrongUse(f"'{as_of}' is not a decision of this policy. Use one of {listed(corpus.order)}.")
    known = corpus.order[: corpus.order.index(as_of) + 1] if as_of else corpus.order
    taken = [number for number in known if corpus.decisions[number].counts(include_proposed)]
    if as_of and as_of not in taken:
        raise WrongUse(f"'{as_of}' {NOT_COUNTED[corpus.decisions[as_of].status]}")
    return taken


def _counted(corpus: Corpus, readings: str) -> tuple[m.Reading, ...]:
    ids = {reading.id: number for number, reading in enumerate(corpus.readings, 1)}
    if readings not in {"all", "none", *ids}:
        raise WrongUse(f"'{readings}' is not an adopted reading. Use all, none, or one of {listed(ids)}.")
    return corpus.readings[: {**ids, "all": len(ids), "none": 0}[readings]]


@made_once
def _kept(corpus: Corpus) -> MadeOnce[Setting]:
    return MadeOnce()


class _Binder:
    """Puts values in the place of names, for a day and the decisions that count."""

    def __init__(
        self, corpus: Corpus, decisions: tuple[str, ...], readings: tuple[m.Reading, ...], types: dict[str, FactType],
        scenario: ScenarioFile | None, kept: MadeOnce[Setting],
    ) -> None:  # fmt: skip
        self.corpus, self.decisions, self.types, self.scenario = corpus, frozenset(decisions), types, scenario
        self.days = Days(corpus, self.decisions, types, scenario)
        self.settled = settlements(corpus, self.decisions)
        self.points = cache(lambda day: points_on(day, self.settled, corpus, readings))
        self.kept, self.of = kept, (len(readings), scenario and scenario.scenario, frozenset(types.items()))
        #: What the scenario alone answers on the day that is being bound, by question.
        self.made: dict[str, set[str | None]] = {}

    def changes(self) -> set[date]:
        """Return every day on which a version, a caution, a value or anything else that has days starts or ends."""
        days = self.days.changes() | {one.start for _, one in self.settled}
        for question in self.corpus.questions.values():
            begun: list[m.Version | m.Caution] = [*question.versions, *question.cautions]
            for one in begun:
                before = one.before if isinstance(one, m.Caution) else None
                days |= {self.days.span(one)[0], self.days.day(before)} if one.decision in self.decisions else set()
        for setters in self.corpus.parameters.values():
            days |= {p.start for number, p in setters if p.start and number in self.decisions}
        return days

    def setting(self, name: str, day: date) -> Setting:
        """Return what sets a value on a day, as `Policy.parameter` does."""
        assuming = self.days.assuming(self.scenario, name, day)
        return self.kept.read(name, setting(self.corpus, self.decisions, assuming, name, day))

    def value(self, name: str, day: date) -> Any:
        """Return what `$name` names on a day, None where nothing sets it yet."""
        found = self.setting(name.removeprefix("$"), day)
        return found[1].value if found else None

    def questions_on(self, day: date) -> dict[str, QuestionInForce]:
        found = {}
        for name, question in self.corpus.questions.items():
            in_force = [
                (self.days.span(version)[0], self.corpus.rank(version.decision), index)
                for index, version in enumerate(question.versions)
                if version.decision in self.decisions and self.days.span(version)[0] <= day
            ]
            if in_force:
                found[name] = self.bound_once(question, max(in_force)[2], day)
                said = {one.answer for one in found[name].outcomes if not one.assumed}
                self.made[name] = {one.answer for one in found[name].outcomes} - said
        return found

    def bound_once(self, question: m.QuestionFile, place: int, day: date) -> QuestionInForce:
        """Return a question in force: one and the same where all that it rests on is the same."""
        cautions = [one for one in question.cautions if one.decision in self.decisions
                    and self.days.span(one)[0] <= day < self.days.day(one.before)]  # fmt: skip
        settled = tuple((by, id(one)) for by, one in self.settled if one.start <= day)
        made = tuple((name, *sorted(map(str, answers))) for name, answers in self.made.items())
        rests_on = (id(question.versions[place]), settled, made, *self.of,
                    frozenset(self.days.gave_way(day)), *(one.id for one in cautions))  # fmt: skip
        make = partial(self.in_force, question, place, cautions, day)
        return self.kept.made(rests_on, partial(self.setting, day=day), make)

    def in_force(self, question: m.QuestionFile, place: int, warned: list[m.Caution], day: date) -> QuestionInForce:
        name, version = question.question, question.versions[place]
        outcomes = [
            Outcome(f"{name}/{row.id}", name, self.bound(row.when, day), by, row.source, row.answer, assumed=assumed,
                    says=row.says or "", gives=self.gives(row.gives, day), reads=tuple(row.reads))
            for row in self.counting(version.answers, day) for by, assumed in [version.by(row)]
        ]  # fmt: skip
        for open_row in self.counting(version.open, day):
            outcomes += self.open_row(name, open_row, day, {row.name for row in version.rows})
        cautions = [CautionInForce(one.id, self.bound(one.when, day), one.says, one.decision, one.source)
                    for one in warned]  # fmt: skip
        return QuestionInForce(name, question.step, tuple(question.ask), version.decision, tuple(outcomes),
                               tuple(cautions), place)  # fmt: skip

    def counting(self, rows: Iterable[Row], day: date) -> list[Row]:
        """Return the rows that count with the readings that count on a day."""
        read = self.points(day).read
        return [row for row in rows if read.issuperset(row.if_read) and read.isdisjoint(row.if_open)]

    def open_row(self, question: str, row: m.OpenRow, day: date, taken: set[str]) -> list[Outcome]:
        """Return the outcomes of a row under `open`: its open points, less what is settled, read or assumed.

        `taken` are the names of the version's own rows.
        """
        now, stays = self.points(day), [(point, word) for point, words in row.still_open.items() for word in words]
        either = [one for one in row.either if not any(one == point for point, _ in now.words.intersection(stays))]
        points = (row.point, *row.also, *either)
        assumed = {one: self.assumed(question, one, day, taken) for one in points}
        given = {*now.answers, *((one, question) for one in points if assumed[one])}
        left = [one for one in points if one not in now.settled and (one, question) not in given]
        if either and len(left) < len(points):
            return []  # Which of them it is matters now, so the fact that tells is to be asked for.
        number, point = self.corpus.open_points[row.point]
        allows = tuple(row.allows or point.allows.get(question, ()))
        whole = Outcome(f"{question}/{row.name}", question, self.bound(row.when, day), number, point.where[0], None,
                        row.point, point.title, self.gives(row.gives, day), allows=allows)  # fmt: skip
        if not left and (row.point, question) in now.answers:
            answer, reading, by = now.answers[row.point, question]
            answered = replace(whole, answer=answer, reading=reading)
            return [replace(answered, decision=by[0], settled=by[0], source=by[1].source or whole.source,
                            says=by[1].says or whole.says) if by else answered]  # fmt: skip
        found, rest = [], [whole.condition]
        for one, condition in assumed[row.point]:
            rest.append(Not(condition))
            settled = replace(whole, id=f"{question}/{one.id}", condition=AllOf((whole.condition, condition)),
                              answer=one.answer, says=one.says, assumed=one.assumption,
                              gives={**whole.gives, **self.gives(one.gives, day)})  # fmt: skip
            found += [] if set(left) - {row.point} else [settled]
        first, *others = left or [row.point]
        number, point = self.corpus.open_points[first]
        return [*found, replace(whole, condition=AllOf(tuple(rest)) if found else whole.condition, says=point.title,
                                decision=number, source=point.where[0], point=first, others=tuple(others))]  # fmt: skip

    def assumed(self, question: str, point: str, day: date, taken: set[str]) -> list[tuple[ScenarioRow, Condition]]:
        """Return the answers that the scenario gives to an open point on a day, each with its condition.

        Left out is one that asks for a level or an answer of the scenario's own which it does not give by then.
        """
        bind, others = partial(self.bound, day=day), self.days.gave_way(day)
        return [*self.scenario.rows_of(question, point, bind, self.made, others, taken)] if self.scenario else []

    def follows(self, day: date) -> tuple[CaseRuleInForce, ...]:
        return tuple(
            CaseRuleInForce(f"follows-{rule.fact}", rule.fact, rule.because,
                            self.bound(rule.when, day), value=typed(rule.value, self.types[rule.fact].type))
            for rule in self.corpus.facts.follows if not rule.decision or rule.decision in self.decisions
        )  # fmt: skip

    def case_rules(self, rules: list[m.CaseRule], day: date) -> tuple[CaseRuleInForce, ...]:
        return tuple(
            self.kept.made((id(rule), self.of), partial(self.setting, day=day), partial(self.case_rule, rule, day))
            for rule in rules if not rule.decision or rule.decision in self.decisions
        )  # fmt: skip

    def case_rule(self, rule: m.CaseRule, day: date) -> CaseRuleInForce:
        return CaseRuleInForce(rule.id, rule.field, rule.says, self.bound(rule.when, day), rule.help)

    def gives(self, written: Mapping[str, m.Portion | str | bool], day: date) -> dict[str, Figure | PortionInForce]:
        return {name: self.figure(value, day) for name, value in written.items()}

    def figure(self, written: m.Portion | str | bool, day: date) -> Figure | PortionInForce:
        if isinstance(written, m.Portion):
            share, until = (self.value(one, day) if one else None for one in (written.share, written.until))
            unset = (written.share and share is None) or (written.until and until is None)
            # Not set yet: without its share the figure would be the whole.
            return None if unset else PortionInForce(written.of, share, written.round, until)
        if not isinstance(written, str) or not written.startswith("$"):
            return written
        unit, value = (found[1].unit, found[1].value) if (found := self.setting(written[1:], day)) else ("", None)
        value = value / 100 if value is not None and unit == "per_cent" else value  # It is shown as a share is.
        return pence(value) if value is not None and unit in ("pounds", "pounds_a_year") else value

    def bound(self, written: m.ConditionModel, day: date) -> Condition:
        return changed(written.condition, lambda test: self.bound_test(test, day))

    def bound_test(self, test: Test, day: date) -> Test:
        kind, operand, parameter = self.types[test.fact], test.operand, ""
        other = operand if isinstance(operand, m.FactLimitModel) else None
        limit = (other.by or 0) if other else operand
        if isinstance(limit, str) and limit.startswith("$"):
            parameter, limit = limit[1:], self.value(limit, day)
        if test.operator != "known":
            limit = typed(limit, "integer" if other and kind.type == "date" else kind.type)
        wanted = limit if isinstance(limit, tuple) else (limit,)
        if other and limit is not None:
            limit = FactLimit(other.fact, int(limit))
        elif kind.type == "choice" and isinstance(wanted[0], str) and not set(wanted) <= set(kind.values):
            # A level of an edition that is not used here, or a value that a later decision brings.
            known = tuple(one for one in wanted if one in kind.values)
            return Test(test.fact, "one_of", operand, test.because, known, parameter)
        return Test(test.fact, test.operator, operand, test.because, limit, parameter)


def typed(value: Any, kind: str) -> Any:
    """Return a written or set value as the engine holds it: integer pence, int, date, text, bool, or a tuple."""
    if isinstance(value, (tuple, list)):
        return tuple(typed(one, kind) for one in value)
    if kind == "money" and value is not None:
        return pence(Decimal(value))
    if kind == "integer" and value is not None:
        return int(value)
    if kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return value
