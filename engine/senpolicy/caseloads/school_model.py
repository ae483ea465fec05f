"""A school's own model: what its pupils attract in each period of a transition, and what is not settled yet.

Each pupil of a caseload is decided once for each period of the policy, with the facts as they are. Nothing is summed
that the policy does not give: where it sets no highest amount, the highest amount is not known. What is shown to others
is made of groups of at least five pupils that fare alike throughout; all others are counted together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from senpolicy.caseloads.engines import DEFAULT, Engine, engine
from senpolicy.caseloads.files.cells import as_text
from senpolicy.caseloads.run import decided
from senpolicy.caseloads.school_years import ModelYear, Stretch, falls_due, stretches, years_in
from senpolicy.caseloads.small_counts import LEAST
from senpolicy.caseloads.tables import Caseload, RowBatch
from senpolicy.deciding.cases import Refused
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.files.digests import PlainData
from senpolicy.files.models import rules as m
from senpolicy.files.models.groups import Group
from senpolicy.files.models.views import Pays, Protects, SchoolModelView, needed, views_of
from senpolicy.files.problems import WrongUse, listed
from senpolicy.language.conditions import FactType, pence, pounds, tests
from senpolicy.language.days import DAYS_IN_YEAR, part_of_year, years_after
from senpolicy.policy.timeline import CautionInForce, Outcome, Period, Policy
from senpolicy.readings.columns import compiled
from senpolicy.readings.say import say_date, say_document

_DAY = r"^\d{4}-\d{2}-\d{2}$"


@dataclass(frozen=True)
class Modelled:
    """What of a policy a model shows, by rules/views.yaml: its route, what is protected, and what is paid."""

    route: str
    protects: Protects
    pays: Pays
    beside: SchoolModelView

    @property
    def questions(self) -> tuple[str, str, str]:
        """Return the three questions, in the order in which they are shown; that of a `PupilResult`."""
        return self.route, self.protects.question, self.pays.question


def modelled(policy: Policy) -> Modelled:
    """Return what of a policy a model shows; raises `WrongUse` where rules/views.yaml does not say so."""
    views = views_of(policy.corpus.files)
    route = needed(views.route, "route")
    beside = views.model or SchoolModelView()
    return Modelled(route, needed(views.protects, "protects"), needed(views.pays, "pays"), beside)


@dataclass(frozen=True)
class ModelPeriod:
    """A stretch of days on which the rules stay the same, both ends included, as far as a model shows it.

    `begins` and `ends` say whether the policy itself changes there; where it does not, a year is shown.
    """

    first: date
    last: date
    begins: bool
    ends: bool
    period: Period
    modelled: Modelled

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def whole_year(self) -> bool:
        """Whether its amounts are simply those of a year: it is one, or longer."""
        return self.days >= DAYS_IN_YEAR

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Every way in which a question can come out in these days, by id."""
        return {one.id: one for question in self.period.questions.values() for one in question.outcomes}

    @property
    def cautions(self) -> tuple[tuple[str, CautionInForce], ...]:
        """What can go with an answer that a model shows of these days: its question, and the caution.

        Which of them go with the answers of one pupil is not told: in a group that is shown it would tell of her.
        """
        asked = [name for name in self.modelled.questions if name in self.period.questions]
        return tuple((name, one) for name in asked for one in self.period.questions[name].cautions)

    def share(self, a_year: int, *, up: bool = False) -> int:
        """Return the part of a yearly amount in pence that falls to these days (`days.part_of_year`)."""
        return part_of_year(a_year, self.days, up=up)

    def __str__(self) -> str:
        return f"{say_date(self.first)} to {say_date(self.last)}"


def spans(policy: Policy, earliest: date) -> tuple[ModelPeriod, ...]:
    """Return the periods of a policy from the one in which `earliest` lies, those with the same rules as one."""
    of = modelled(policy)
    merged: list[tuple[date | None, date | None, Period]] = []
    for period in policy.periods:
        if merged and merged[-1][2].questions == period.questions:
            merged[-1] = (merged[-1][0], period.end, merged[-1][2])
        else:
            merged.append((period.start, period.end, period))
    found = []
    for start, end, period in merged:
        if end is not None and end < earliest:
            continue
        first = start or (years_after(end + timedelta(days=1), -1) if end else earliest)
        last = end or max(first, years_after(first, 1) - timedelta(days=1))
        found.append(ModelPeriod(first, last, start is not None, end is not None, period, of))
    return tuple(found)


class PupilAnswer(NamedTuple):
    """What one question gave for a pupil: the answer, the rule that held, the open points, the missing facts."""

    answer: str
    rule: str
    points: tuple[str, ...]
    missing: tuple[str, ...]


class PupilResult(NamedTuple):
    """What becomes of a pupil in one span: the answers to `Modelled.questions`, in their order."""

    route: PupilAnswer
    protection: PupilAnswer
    amount: PupilAnswer


@dataclass
class Sums:
    """Amounts of some pupils in pence, for a year and (`part_`) for the days of a span.

    `known` is what the policy gives, `supposed` what a scenario assumes, `low` and `high` the part that is protected of
    amounts not known. `unknown` is for how many pupils there is more than these, `protected` for how many a part is
    protected; `assumed` says that a scenario counts in any of it.
    """

    known: int = 0
    supposed: int = 0
    low: int = 0
    high: int = 0
    part_known: int = 0
    part_supposed: int = 0
    part_low: int = 0
    part_high: int = 0
    unknown: int = 0
    protected: int = 0
    assumed: bool = False

    def add(self, other: Sums) -> None:
        """Add the amounts of other pupils."""
        for one in fields(Sums):
            mine, its = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, (mine or its) if one.name == "assumed" else mine + its)

    @property
    def has(self) -> tuple[bool, ...]:
        """Of which of the yearly amounts there is any, and whether a part is protected."""
        return (self.known > 0, self.supposed > 0, self.low > 0, self.high > 0, self.protected > 0)

    @property
    def most(self) -> int | None:
        """The most that it can be in a year, None where the policy gives no such figure."""
        return None if self.unknown else self.known + self.supposed

    def to_json(self) -> dict[str, PlainData]:
        """Return the amounts as plain data; money as text, null for what is not known."""
        money = {
            "certain_a_year": self.known,
            "assumed_a_year": self.supposed,
            "protected_low_a_year": self.low,
            "protected_high_a_year": self.high,
            "at_most_a_year": self.most,
            "certain_in_period": self.part_known,
            "assumed_in_period": self.part_supposed,
            "protected_low_in_period": self.part_low,
            "protected_high_in_period": self.part_high,
        }
        return {
            **{name: None if one is None else pounds(one) for name, one in money.items()},
            "pupils_with_more_not_known": self.unknown,
            "assumed": self.assumed,
        }


@dataclass
class Due:
    """What falls to some days of the amounts of some pupils, in pence; see `Sums`.

    `unknown` is for how many pupils there is more than these on any of the days, `pupils` how many count on any.
    """

    known: int = 0
    supposed: int = 0
    low: int = 0
    high: int = 0
    pupils: int = 0
    unknown: int = 0
    protected: int = 0
    assumed: bool = False

    def add(self, other: Due) -> None:
        """Add the amounts of the same pupils on other days: of pupils nothing is added."""
        self.known += other.known
        self.supposed += other.supposed
        self.low += other.low
        self.high += other.high

    def to_json(self) -> dict[str, PlainData]:
        """Return the amounts as plain data, money as text."""
        return {
            "pupils": self.pupils,
            "certain": pounds(self.known),
            "assumed": pounds(self.supposed),
            "protected_low_in_period": pounds(self.low),
            "protected_high_in_period": pounds(self.high),
            "pupils_with_more_not_known": self.unknown,
        }


@dataclass
class ModelledPupil:
    """A pupil of a model: reference, the group that it is counted to, what becomes of it, and its amounts, by span.

    `before` is what was paid before in pence a year, None where the file does not say.
    """

    ref: str
    group: str
    before: int | None = None
    fates: dict[int, PupilResult] = field(default_factory=dict)
    sums: dict[int, Sums] = field(default_factory=dict)

    def due(self, days: Stretch, span: ModelPeriod) -> Due:
        """Return what falls to some days of a span."""
        sums = self.sums.get(days.period)
        if sums is None:
            return Due()
        known, supposed, low = (falls_due(one, span.first, days) for one in (sums.known, sums.supposed, sums.low))
        return Due(known, supposed, low, falls_due(sums.high, span.first, days, up=True))


#: By which pupils are grouped: what becomes of them in each span, and of what there is an amount in it.
_Likeness = tuple[tuple[PupilResult | None, ...], tuple[tuple[bool, ...], ...]]


@dataclass
class Cohort:
    """Pupils who fare alike in every span: how many, what becomes of them (None: not counted yet), their amounts.

    They are alike in what there is an amount of, too: a sum over five of whom one alone has an amount would be hers.
    """

    fates: tuple[PupilResult | None, ...]
    pupils: int = 0
    sums: list[Sums] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)


@dataclass(frozen=True)
class ModelRow:
    """A line of a table: some pupils of a span, and why; `until` is the last day that the outcome gives, if any."""

    key: tuple[str, ...]
    label: str
    pupils: int
    sums: Sums
    reasons: tuple[str, ...]
    until: date | None = None


@dataclass(frozen=True)
class AnswerChange:
    """Pupils for whom the answer to a question, the route or the protection, becomes another on a span's first day."""

    question: str
    before: str
    after: str
    pupils: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Obstacle:
    """What keeps an answer from being given: an open point or a missing fact, and for how many pupils."""

    name: str
    title: str
    pupils: int
    settle: str
    where: tuple[str, ...]


@dataclass(frozen=True)
class SectionPeriod:
    """The result of one span for a section."""

    span: ModelPeriod
    pupils: int
    total: Sums
    routes: tuple[ModelRow, ...]
    protection: tuple[ModelRow, ...]
    changes: tuple[AnswerChange, ...]
    points: tuple[Obstacle, ...]
    missing: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Section:
    """The pupils of a school, of a Community, or of the whole file, span by span.

    `together` is how many pupils are counted but shown in no table, so that nobody can be identified. If these are all
    the pupils, there are no views. `hidden` means that not even the number of pupils is shown: they are too few.
    """

    name: str
    pupils: int
    together: int
    hidden: bool
    views: tuple[SectionPeriod, ...]
    due: tuple[Due, ...] = ()
    years: tuple[tuple[ModelYear, Due], ...] = ()


@dataclass(frozen=True)
class OptionPeriod:
    """What one value of a fact makes of a span for those who lack it there: who, how they are funded, how much."""

    span: ModelPeriod
    pupils: Mapping[str, ModelledPupil]
    routes: tuple[tuple[str, int], ...]
    sums: Sums


@dataclass(frozen=True)
class ModelOption:
    """One value of a fact that is missing for some pupils, and what it makes of each span in which it matters."""

    fact: str
    asks: str
    value: str
    says: str
    periods: tuple[OptionPeriod, ...]

    def to_json(self) -> dict[str, PlainData]:
        """Return the option as plain data."""
        return {
            "fact": self.fact,
            "value": self.value,
            "periods": [
                {
                    "from": one.span.first.isoformat(),
                    "until": one.span.last.isoformat(),
                    "pupils": len(one.pupils),
                    **one.sums.to_json(),
                    "routes": dict(one.routes),
                }
                for one in self.periods
            ],
        }


@dataclass(frozen=True)
class ProposedBand:
    """A band of a plan: its rate in pounds a year, and by reference what it would pay in pence, by which factor."""

    id: str
    rate: Decimal
    paid: Mapping[str, tuple[int, Fraction]]

    @property
    def sum(self) -> int:
        """What it would pay in a year, in pence."""
        return sum(amount for amount, _ in self.paid.values())


@dataclass(frozen=True)
class TariffProposal:
    """What a plan of bands and rates would pay a year from its day on, before limits: never decided.

    `not_mapped` has for each pupil whose level alone is missing the least and the most that any band would pay.
    `left_out` are pupils on the tariff for whose setting or level the plan has no rate, or who are not phased in.
    `notes` say what of the plan is not in the figures.
    """

    id: str
    title: str
    day: date
    bands: tuple[ProposedBand, ...]
    not_mapped: Mapping[str, tuple[int, int]]
    left_out: frozenset[str]
    notes: tuple[str, ...]

    @property
    def sum(self) -> int:
        """What it would pay for the pupils who are mapped, in pence."""
        return sum(one.sum for one in self.bands)

    @property
    def mapped(self) -> int:
        """For how many pupils it would pay."""
        return sum(len(one.paid) for one in self.bands)

    @property
    def low(self) -> int:
        """The least that it would pay for those not mapped, if all of them were on the tariff."""
        return sum(least for least, _ in self.not_mapped.values())

    @property
    def high(self) -> int:
        """The most that it would pay for those not mapped."""
        return sum(most for _, most in self.not_mapped.values())

    def to_json(self) -> dict[str, PlainData]:
        """Return the proposal as plain data, money as text."""
        return {
            "plan": self.id,
            "title": self.title,
            "day": self.day.isoformat(),
            "proposed_a_year": pounds(self.sum),
            "pupils": self.mapped,
            "bands": [
                {"band": one.id, "pupils": len(one.paid), "proposed_a_year": pounds(one.sum)} for one in self.bands
            ],
            "not_mapped": {
                "pupils": len(self.not_mapped),
                "low_a_year": pounds(self.low),
                "high_a_year": pounds(self.high),
            },
            "no_rate": len(self.left_out),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class SchoolModel:
    """A model: its sections, the whole file first, and all that it rests on.

    `days` are the stretches of which its years are made. `pupils` are all that count, in order of reference.
    """

    policy: Policy
    file: str
    by: Group | None
    share: bool
    spans: tuple[ModelPeriod, ...]
    sections: tuple[Section, ...]
    refused: tuple[Refused, ...]
    days: tuple[Stretch, ...] = ()
    pupils: tuple[ModelledPupil, ...] = ()
    terms: tuple[date, ...] = ()
    options: tuple[ModelOption, ...] = ()
    proposal: TariffProposal | None = None
    made_on: date | None = None

    @property
    def mark(self) -> str:
        """What every figure is marked with that rests on a scenario, or on what is only proposed; "" without either."""
        policy = self.policy
        said = [policy.scenario.says] if policy.scenario and policy.scenario.says else []
        proposed = [one for one in policy.decisions if policy.corpus.decisions[one].status == "proposed"]
        said += [f"Proposed, and not decided: {', '.join(proposed)}."] if proposed else []
        return " ".join(said)

    def stands(self, span: ModelPeriod) -> str:
        """Return whether a span is over, runs or is to come on the day of the run; "" where that day is not told."""
        if self.made_on is None:
            return ""
        if span.first > self.made_on:
            return "to come"
        return "now" if self.made_on <= span.last or not span.ends else "ended"

    @property
    def paid_before(self) -> tuple[int, int, int]:
        """What was paid before a year in pence, for how many pupils, and of how many the file does not say."""
        said = [one.before for one in self.pupils]
        return sum(one or 0 for one in said), sum(bool(one) for one in said), said.count(None)

    @property
    def whole(self) -> Section:
        """All pupils of the file."""
        return self.sections[0]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the model assumes, whatever the policy and the scenario."""
        said = [
            "Each pupil's facts stay as they are in the file. A birthday, a new plan or a new rate that comes later is "
            "not guessed: every period is decided with the same age, year, plan and rate.",
            "Each period counts in full, a longer one than a year as one year. The part of a year that falls to a "
            f"shorter period is worked out by days of {DAYS_IN_YEAR}, and rounded to the penny for each pupil: down "
            "for the least, up for the most.",
            "A pupil counts from the period in which the date of the row lies.",
        ]
        if self.whole.years:
            said.append(
                "On which days money is paid, the papers do not say. What falls to a year or a term is worked out by "
                "days, so that years and terms add up to the same sums; what is paid in to the school by then may "
                "differ."
            )
            said.append(
                "A term lasts until the next begins, so that terms add up to their year."
                if self.terms
                else "The papers do not name the days of terms. Give those on which yours begin with --term-begins."
            )
        if not self.spans[-1].ends:
            said.append("The last period has no end yet. Its first year is shown.")
        if not self.spans[0].begins:
            said.append("The first period has no first day in the policy. Its last year is shown.")
        return tuple(said)

    @property
    def readings(self) -> tuple[m.Reading, ...]:
        """The adopted readings on which what is shown rests, in order of adoption."""
        used: set[str] = set()
        for section in self.sections:
            for view in section.views:
                for row in (*view.routes, *view.protection):
                    used |= set(row.reasons)
        named = set()
        for span in self.spans:
            for one in span.outcomes.values():
                if reason(one.id, span, self.policy) in used:
                    named |= {*one.reads, one.reading}
        return tuple(one for one in self.policy.readings if one.id in named)


def model(
    caseload: Caseload,
    policy: Policy,
    *,
    by: str | None = None,
    share: bool = False,
    engine_name: str | Engine = DEFAULT,
    verify: int = 1000,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    terms: Sequence[date] = (),
) -> SchoolModel:
    """Return the model of a caseload. `engine_name` and what is raised are as of `caseload.decide`.

    `terms` are days on which terms begin.

    Raises `WrongUse` for a column that is not there too.
    """
    group = policy.corpus.facts.groups.get(by) if by else None
    if by and group is None:
        raise WrongUse(f"A model cannot be split by '{by}'. Use one of {listed(policy.corpus.facts.groups)}.")
    if by and by not in caseload.headings:
        raise WrongUse(f"'{caseload.name}' has no column '{by}' to split by.")
    columns = compiled(policy)
    every = spans(policy, earliest(caseload, columns.types))
    days = stretches([(one.first, one.last) for one in every], every[0].modelled.beside.years, terms)
    pupils: dict[str, ModelledPupil] = {}
    refused: dict[int, Refused] = {}
    with closing(engine(engine_name, columns)) if isinstance(engine_name, str) else nullcontext(engine_name) as running:
        for at, span in enumerate(every):
            for done in decided(Dated(caseload, span), columns, by=running, verify=verify, seed=seed):
                for one in done.refused:
                    refused.setdefault(one.row, one)
                take(done.table, at, span, by, policy, pupils)
            if progress:
                progress(at + 1, len(every))
    out = {one.ref for one in refused.values()}
    counted = [pupil for ref, pupil in sorted(pupils.items(), key=_in_order) if ref not in out]
    _before(counted, caseload, columns.types, every[0].modelled.beside.before)
    by_group: dict[str, dict[_Likeness, Cohort]] = {}
    for pupil in counted:  # A pupil who is refused in one period is left out of all.
        fates = tuple(pupil.fates.get(at) for at in range(len(every)))
        likeness = (fates, tuple(pupil.sums[at].has if at in pupil.sums else () for at in range(len(every))))
        alike = by_group.setdefault(pupil.group, {}).setdefault(likeness, Cohort(fates))
        alike.pupils += 1
        if not alike.sums:
            alike.sums = [Sums() for _ in every]
            alike.due = [Due() for _ in days]
        for at, sums in pupil.sums.items():
            alike.sums[at].add(sums)
        for stretch, falls in zip(days, alike.due, strict=True):
            falls.add(pupil.due(stretch, every[stretch.period]))
    sections = _sections(by_group, _Frame(every, days, policy, share), group)
    refusals = tuple(refused.values())
    return SchoolModel(
        policy, caseload.name, group, share, every, sections, refusals, days, tuple(counted), tuple(terms)
    )


def _in_order(item: tuple[str, ModelledPupil]) -> tuple[int, str]:
    """Return by what pupils are put in order: K-2 comes before K-10."""
    return len(item[0]), item[0]


def earliest(caseload: Caseload, types: dict[str, FactType]) -> date:
    """Return the earliest day of a caseload's rows; the last day of the calendar where none can be read."""
    found: list[date] = []
    for piece in caseload.pieces(types, only=["decision_date"]):
        if "decision_date" in piece.columns:
            found += _days(as_text(piece.columns["decision_date"], types["decision_date"])).values()
    return min(found, default=date.max - timedelta(days=2 * DAYS_IN_YEAR))


def _days(texts: pa.Array) -> dict[str, date]:
    """Return the days among texts, each once; 2025-02-30 is none."""
    found = {}
    for text in texts.filter(pc.fill_null(pc.match_substring_regex(texts, _DAY), False)).unique().to_pylist():
        with suppress(ValueError):
            found[text] = date.fromisoformat(text)
    return found


class Dated:
    """A caseload with every row moved to a span: to its first day, or to the row's own where that is later.

    A row whose day comes after the span is left out.
    """

    def __init__(self, caseload: Caseload, span: ModelPeriod) -> None:
        self._caseload, self._span = caseload, span
        self.name, self.headings, self.notes = caseload.name, caseload.headings, ()

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[RowBatch]:
        """Yield the rows; see `Caseload`."""
        first, last = self._span.first.isoformat(), self._span.last.isoformat()
        for piece in self._caseload.pieces(types, only):
            if "decision_date" not in piece.columns:
                yield piece
                continue
            own = as_text(piece.columns["decision_date"], types["decision_date"])
            is_day = pc.is_in(own, pa.array(list(_days(own)), pa.string()))
            stays = pc.invert(pc.and_(is_day, pc.fill_null(pc.greater(own, last), False)))
            moved = pc.if_else(pc.and_(is_day, pc.fill_null(pc.less(own, first), False)), first, own)
            places = np.flatnonzero(stays.to_numpy(zero_copy_only=False))
            if not len(places):
                continue
            kept = {name: column.take(pa.array(places)) for name, column in piece.columns.items()}
            kept["decision_date"] = moved.take(pa.array(places))
            faults = {at: piece.faults[place] for at, place in enumerate(places.tolist()) if place in piece.faults}
            yield RowBatch(piece.rows[places], kept, faults)


def _before(pupils: Sequence[ModelledPupil], caseload: Caseload, types: dict[str, FactType], fact: str | None) -> None:
    """Fill in what was paid before, where a fact says so and the file has it."""
    if fact is None or fact not in caseload.headings:
        return
    paid: dict[str, str] = {}
    for piece in caseload.pieces(types, only=["case_ref", fact]):
        texts = (as_text(piece.columns[name], types.get(name)).to_pylist() for name in ("case_ref", fact))
        paid |= {(ref or "").strip(): amount for ref, amount in zip(*texts, strict=True) if amount and amount.strip()}
    for pupil in pupils:
        if pupil.ref in paid:
            pupil.before = pence(Decimal(paid[pupil.ref].strip()))


def take(
    table: pa.Table, at: int, span: ModelPeriod, by: str | None, policy: Policy, pupils: dict[str, ModelledPupil]
) -> None:
    """Add what one piece of the caseload gives in a span."""
    questions, pays = span.modelled.questions, span.modelled.pays
    figures = [f"{pays.question}_{name}" for name in (pays.known, pays.least, pays.most)]
    rules = [f"{name}_rule" for name in rests_on(pays.question, policy)]
    parts = [f"{name}{part}" for name in questions for part in ("", "_rule", "_open_points", "_missing")]
    wanted = dict.fromkeys(["case_ref", *([by] if by else []), *figures, *rules, *parts])
    known: dict[tuple[Any, ...], tuple[PupilResult, bool]] = {}
    supposed = {one for one in span.outcomes if assumed(one, span, policy)} if policy.scenario else set()
    for row in table.select([name for name in wanted if name in table.column_names]).to_pylist():
        key = tuple(row.get(name) for name in (*rules, *parts))
        if key not in known:
            known[key] = (
                PupilResult(*(_said(row, name) for name in questions)),
                any(row.get(name) in supposed for name in rules),
            )
        fate, is_supposed = known[key]
        group = (row.get(by) or "").strip() if by else ""  # A blank behind a name makes no other school.
        pupil = pupils.setdefault(row["case_ref"], ModelledPupil(row["case_ref"], group))
        pupil.fates[at] = fate
        amounts = [None if row.get(name) is None else pence(row[name]) for name in figures]
        pupil.sums[at] = _sums(fate, amounts, span, is_supposed)


def _said(row: dict[str, Any], name: str) -> PupilAnswer:
    points, missing = row[f"{name}_open_points"] or "", row[f"{name}_missing"] or ""
    return PupilAnswer(row[name], row[f"{name}_rule"] or "", tuple(points.split()), tuple(missing.split()))


def _sums(fate: PupilResult, amounts: Sequence[int | None], span: ModelPeriod, is_supposed: bool) -> Sums:
    whole, low, high = (one or 0 for one in amounts)
    known, supposed = (0, whole) if is_supposed else (whole, 0)
    return Sums(
        known,
        supposed,
        low,
        high,
        span.share(known),
        span.share(supposed),
        span.share(low),
        span.share(high, up=True),
        int(fate.amount.answer == UNDETERMINED),
        int(amounts[1] is not None),
        is_supposed,
    )


def rests_on(question: str, policy: Policy) -> list[str]:
    """Return a question and all those on whose answers it rests."""
    found = [question]
    for name in found:
        found += [
            one for one in policy.corpus.questions[name].ask if one in policy.corpus.questions and one not in found
        ]
    return found


def assumed(rule: str, span: ModelPeriod, policy: Policy) -> bool:
    """Return whether an outcome rests on an assumption of a scenario: itself, or by a value that it names."""
    if policy.scenario is None or rule not in span.outcomes:
        return False
    outcome = span.outcomes[rule]
    named = {test.parameter for test in tests(outcome.condition)}
    version = policy.corpus.questions[outcome.question].versions[span.period.questions[outcome.question].version]
    for row in version.rows:
        if rule == f"{outcome.question}/{row.name}":
            for value in row.gives.values():
                written = (value.share, value.until) if isinstance(value, m.Portion) else (value,)
                named |= {one[1:] for one in written if isinstance(one, str) and one.startswith("$")}
    return bool(outcome.assumed) or bool(named & set(policy.scenario.parameters))


# What is shown.


@dataclass(frozen=True)
class _Frame:
    """What every section of a model is made with."""

    every: tuple[ModelPeriod, ...]
    days: tuple[Stretch, ...]
    policy: Policy
    share: bool


def _sections(by_group: dict[str, dict[_Likeness, Cohort]], frame: _Frame, group: Group | None) -> tuple[Section, ...]:
    parts = []
    for name in sorted(by_group):
        alike = list(by_group[name].values())
        shown, together = may_be_shared(alike) if frame.share else (alike, 0)
        label = (name or f"{group.label}: not given") if group else ""
        parts.append((label, shown, together, sum(one.pupils for one in alike)))
    sections = [_section(label, shown, together, pupils, frame) for label, shown, together, pupils in parts]
    # Nothing of the few pupils of a small school goes into the total, or the total would tell of them.
    counted = [part for part in parts if not frame.share or part[3] >= LEAST]
    whole = _section(
        "",
        [one for _, shown, _, _ in counted for one in shown],
        sum(together for _, _, together, _ in counted),
        sum(pupils for *_, pupils in counted),
        frame,
    )
    return (whole, *sections) if group else (whole,)


def may_be_shared(every: Iterable[Cohort]) -> tuple[list[Cohort], int]:
    """Return those groups of pupils that may be shown, and how many pupils are counted together instead.

    Each group that is shown has at least five pupils, and so has the rest. All that is told is a sum over such groups;
    so is whatever can be worked out from it, period against period, by adding and subtracting.
    """
    shown = sorted(every, key=lambda one: (-one.pupils, repr(one.fates), [sums.has for sums in one.sums]))
    together = 0
    while shown and (shown[-1].pupils < LEAST or 0 < together < LEAST):
        together += shown.pop().pupils
    return shown, together


def _section(name: str, alike: Sequence[Cohort], together: int, pupils: int, frame: _Frame) -> Section:
    if frame.share and pupils < LEAST:
        return Section(name, 0, 0, True, ())
    if together and together == pupils:
        return Section(name, pupils, together, False, ())
    views = tuple(_view(at, span, alike, frame.every, frame.policy) for at, span in enumerate(frame.every))
    due = tuple(_due(alike, frame.days, [at]) for at in range(len(frame.days)))
    years = years_in(frame.days, frame.every[0].modelled.beside.years)
    sums = tuple((one, _due(alike, frame.days, one.stretches)) for one in years)
    return Section(name, pupils, together, False, views, due, sums)


def _due(alike: Sequence[Cohort], days: Sequence[Stretch], places: Sequence[int]) -> Due:
    """Return what falls to some of the stretches, of all these pupils."""
    found = Due()
    periods = dict.fromkeys(days[at].period for at in places)
    for one in alike:
        fates = [fate for at in periods if (fate := one.fates[at]) is not None]
        found.pupils += one.pupils if fates else 0
        found.unknown += one.pupils if any(fate.amount.answer == UNDETERMINED for fate in fates) else 0
        found.protected += max((one.sums[at].protected for at in periods), default=0)
        found.assumed |= any(one.sums[at].assumed for at in periods)
        for at in places:
            found.add(one.due[at])
    return found


def _view(
    at: int, span: ModelPeriod, every: Sequence[Cohort], all_spans: tuple[ModelPeriod, ...], policy: Policy
) -> SectionPeriod:
    total = Sums()
    pupils = 0
    tables: tuple[dict[tuple[str, ...], _Line], ...] = ({}, {})
    points: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    changes: dict[tuple[str, str, str], tuple[int, set[str]]] = {}
    for one in every:
        fate = one.fates[at]
        if fate is None:
            continue
        pupils += one.pupils
        total.add(one.sums[at])
        for table, question, said in zip(
            tables, span.modelled.questions[:2], (fate.route, fate.protection), strict=True
        ):
            key = (said.answer, *said.points, *said.missing) if said.answer == UNDETERMINED else (said.answer,)
            line = table.setdefault(key, _Line(label(question, said, policy)))
            line.pupils += one.pupils
            line.sums.add(one.sums[at])
            line.reasons |= set(reasons(said, span, policy))
            if last := _until(said, span):
                line.until = max(last, line.until or last)
        points.update(dict.fromkeys({point for said in fate for point in said.points}, one.pupils))
        missing.update(dict.fromkeys({fact for said in fate for fact in said.missing}, one.pupils))
        before = one.fates[at - 1] if at else None
        for question, then, said in changes_of(before, all_spans[at - 1], fate, span) if before else ():
            was, now = label(question, then, policy), label(question, said, policy)
            if was != now:
                count, why = changes.get((question, was, now), (0, set()))
                changes[question, was, now] = (count + one.pupils, why | set(reasons(said, span, policy)))
    routes, protection = (
        tuple(
            ModelRow(key, line.label, line.pupils, line.sums, tuple(sorted(line.reasons)), line.until)
            for key, line in sorted(
                table.items(), key=lambda item: (item[0][0] == UNDETERMINED, -item[1].pupils, item[0])
            )
        )
        for table in tables
    )
    return SectionPeriod(
        span,
        pupils,
        total,
        routes,
        protection,
        tuple(
            AnswerChange(question, was, now, count, tuple(sorted(why)))
            for (question, was, now), (count, why) in sorted(
                changes.items(), key=lambda item: (item[0][0] != span.modelled.route, -item[1][0], item[0])
            )
        ),
        tuple(point(name, count, policy) for name, count in _most_first(points)),
        tuple(Obstacle(name, policy.types[name].label, count, "", ()) for name, count in _most_first(missing)),
    )


def changes_of(
    before: PupilResult, was_in: ModelPeriod, after: PupilResult, span: ModelPeriod
) -> Iterator[tuple[str, PupilAnswer, PupilAnswer]]:
    """Yield what may have become another: the route, and the protection where it does more than repeat the route."""
    yield span.modelled.route, before.route, after.route
    protects = _until(before.protection, was_in) or _until(after.protection, span)
    if protects or not any(one.protection.answer == one.route.answer == UNDETERMINED for one in (before, after)):
        yield span.modelled.protects.question, before.protection, after.protection


def _until(said: PupilAnswer, span: ModelPeriod) -> date | None:
    """Return the last day that an answer gives, None where it gives none."""
    last = span.outcomes[said.rule].gives.get(span.modelled.protects.until) if said.rule in span.outcomes else None
    return last if isinstance(last, date) else None


@dataclass
class _Line:
    label: str
    pupils: int = 0
    sums: Sums = field(default_factory=Sums)
    reasons: set[str] = field(default_factory=set)
    until: date | None = None


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def cited(source: m.Source, policy: Policy) -> str:
    """Return a source by what people call the document, and its paragraph: "equality assessment 19b"."""
    return f"{say_document(source.document, policy.corpus.documents)} {source.paragraph}"


def point(name: str, pupils: int, policy: Policy) -> Obstacle:
    """Return an open point as what keeps an answer from being given, for so many pupils."""
    number, opened = policy.corpus.open_points[name]
    where = tuple(dict.fromkeys(cited(source, policy) for source in opened.where))
    return Obstacle(f"{name} of {number}", opened.title, pupils, opened.settle, where)


def label(question: str, said: PupilAnswer, policy: Policy) -> str:
    """Return an answer in the plain words of the rules, or what keeps it from being given."""
    if said.answer != UNDETERMINED:
        added = policy.scenario.answers.get(question, {}) if policy.scenario else {}
        return {**policy.corpus.questions[question].answers, **added}[said.answer]
    if said.missing:
        return (
            f"Not settled, because a fact is missing: {', '.join(policy.types[name].label for name in said.missing)}."
        )
    titles = "; ".join(policy.corpus.open_points[name][1].title for name in said.points)
    return f"Not settled, because the papers leave it open: {titles}."


def reasons(said: PupilAnswer, span: ModelPeriod, policy: Policy) -> list[str]:
    """Return why a question came out so: the rule in words with its paragraph, or the paragraphs of an open point."""
    if said.answer != UNDETERMINED and said.rule in span.outcomes:
        return [reason(said.rule, span, policy)]
    return [f"Open: {', '.join(point(name, 0, policy).where)}" for name in said.points]


def reason(rule: str, span: ModelPeriod, policy: Policy) -> str:
    """Return an outcome in words, with the paragraph that it rests on."""
    outcome = span.outcomes[rule]
    place = f"{cited(outcome.source, policy)}, {outcome.decision}"
    if outcome.assumed:
        place = f"assumed; left open by {place}"
    elif assumed(rule, span, policy):
        place = f"rests on an assumption; {place}"
    return f"{outcome.says or outcome.id} ({place})"
