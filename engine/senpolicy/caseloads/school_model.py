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
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from senpolicy.caseloads.engines import DEFAULT, Engine, engine
from senpolicy.caseloads.files.cells import as_text
from senpolicy.caseloads.run import decided
from senpolicy.caseloads.small_counts import LEAST
from senpolicy.caseloads.tables import Caseload, RowBatch
from senpolicy.deciding.cases import Refused
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.files.digests import PlainData
from senpolicy.files.models import rules as m
from senpolicy.files.models.views import Pays, Protects, needed, views_of
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

    @property
    def questions(self) -> tuple[str, str, str]:
        """Return the three questions, in the order in which they are shown; that of a `PupilResult`."""
        return self.route, self.protects.question, self.pays.question


def modelled(policy: Policy) -> Modelled:
    """Return what of a policy a model shows; raises `WrongUse` where rules/views.yaml does not say so."""
    views = views_of(policy.corpus.files)
    route = needed(views.route, "route")
    return Modelled(route, needed(views.protects, "protects"), needed(views.pays, "pays"))


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


@dataclass(frozen=True)
class SchoolModel:
    """A model: its sections, the whole file first, and all that it rests on."""

    policy: Policy
    file: str
    by: m.Group | None
    share: bool
    spans: tuple[ModelPeriod, ...]
    sections: tuple[Section, ...]
    refused: tuple[Refused, ...]

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
) -> SchoolModel:
    """Return the model of a caseload. `engine_name` and what is raised are as of `caseload.decide`.

    Raises `WrongUse` for a column that is not there too.
    """
    group = policy.corpus.facts.groups.get(by) if by else None
    if by and group is None:
        raise WrongUse(f"A model cannot be split by '{by}'. Use one of {listed(policy.corpus.facts.groups)}.")
    if by and by not in caseload.headings:
        raise WrongUse(f"'{caseload.name}' has no column '{by}' to split by.")
    columns = compiled(policy)
    every = spans(policy, earliest(caseload, columns.types))
    pupils: dict[str, _Pupil] = {}
    refused: dict[int, Refused] = {}
    with closing(engine(engine_name, columns)) if isinstance(engine_name, str) else nullcontext(engine_name) as running:
        for at, span in enumerate(every):
            for done in decided(_Dated(caseload, span), columns, by=running, verify=verify, seed=seed):
                for one in done.refused:
                    refused.setdefault(one.row, one)
                _take(done.table, at, span, by, policy, pupils)
            if progress:
                progress(at + 1, len(every))
    out = {one.ref for one in refused.values()}
    by_group: dict[str, dict[_Likeness, Cohort]] = {}
    for ref, pupil in pupils.items():
        if ref in out:  # A pupil who is refused in one period is left out of all.
            continue
        fates = tuple(pupil.fates.get(at) for at in range(len(every)))
        likeness = (fates, tuple(pupil.sums[at].has if at in pupil.sums else () for at in range(len(every))))
        alike = by_group.setdefault(pupil.group, {}).setdefault(likeness, Cohort(fates))
        alike.pupils += 1
        if not alike.sums:
            alike.sums = [Sums() for _ in every]
        for at, sums in pupil.sums.items():
            alike.sums[at].add(sums)
    sections = _sections(by_group, every, policy, group, share)
    return SchoolModel(policy, caseload.name, group, share, every, sections, tuple(refused.values()))


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


class _Dated:
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


@dataclass
class _Pupil:
    group: str
    fates: dict[int, PupilResult] = field(default_factory=dict)
    sums: dict[int, Sums] = field(default_factory=dict)


def _take(
    table: pa.Table, at: int, span: ModelPeriod, by: str | None, policy: Policy, pupils: dict[str, _Pupil]
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
        pupil = pupils.setdefault(row["case_ref"], _Pupil(group))
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


def _sections(
    by_group: dict[str, dict[_Likeness, Cohort]],
    every: tuple[ModelPeriod, ...],
    policy: Policy,
    group: m.Group | None,
    share: bool,
) -> tuple[Section, ...]:
    parts = []
    for name in sorted(by_group):
        alike = list(by_group[name].values())
        shown, together = may_be_shared(alike) if share else (alike, 0)
        label = (name or f"{group.label}: not given") if group else ""
        parts.append((label, shown, together, sum(one.pupils for one in alike)))
    sections = [
        _section(label, shown, together, pupils, every, policy, share) for label, shown, together, pupils in parts
    ]
    # Nothing of the few pupils of a small school goes into the total, or the total would tell of them.
    counted = [part for part in parts if not share or part[3] >= LEAST]
    whole = _section(
        "",
        [one for _, shown, _, _ in counted for one in shown],
        sum(together for _, _, together, _ in counted),
        sum(pupils for *_, pupils in counted),
        every,
        policy,
        share,
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


def _section(
    name: str,
    alike: Sequence[Cohort],
    together: int,
    pupils: int,
    every: tuple[ModelPeriod, ...],
    policy: Policy,
    share: bool,
) -> Section:
    if share and pupils < LEAST:
        return Section(name, 0, 0, True, ())
    if together and together == pupils:
        return Section(name, pupils, together, False, ())
    views = tuple(_view(at, span, alike, every, policy) for at, span in enumerate(every))
    return Section(name, pupils, together, False, views)


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
        for question, then, said in _changed(before, all_spans[at - 1], fate, span) if before else ():
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
        tuple(_point(name, count, policy) for name, count in _most_first(points)),
        tuple(Obstacle(name, policy.types[name].label, count, "", ()) for name, count in _most_first(missing)),
    )


def _changed(
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


def _point(name: str, pupils: int, policy: Policy) -> Obstacle:
    number, point = policy.corpus.open_points[name]
    where = tuple(dict.fromkeys(cited(source, policy) for source in point.where))
    return Obstacle(f"{name} of {number}", point.title, pupils, point.settle, where)


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
    return [f"Open: {', '.join(_point(name, 0, policy).where)}" for name in said.points]


def reason(rule: str, span: ModelPeriod, policy: Policy) -> str:
    """Return an outcome in words, with the paragraph that it rests on."""
    outcome = span.outcomes[rule]
    place = f"{cited(outcome.source, policy)}, {outcome.decision}"
    if outcome.assumed:
        place = f"assumed; left open by {place}"
    elif assumed(rule, span, policy):
        place = f"rests on an assumption; {place}"
    return f"{outcome.says or outcome.id} ({place})"
