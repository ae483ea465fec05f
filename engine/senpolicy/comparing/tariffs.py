"""What plans of bands and rates cost over one cohort: by band, school and group, and several plans side by side."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np

from senpolicy.caseloads.shares import say_decimal, say_per_cent
from senpolicy.caseloads.small_counts import LEAST, WITHHELD, few, told
from senpolicy.caseloads.tables import Caseload
from senpolicy.caseloads.tariff_cohort import FATES, Numbers, Schools, TariffCohort, pupils_are, read_cohort
from senpolicy.caseloads.tariff_sums import (
    PlanCost,
    PlannedBand,
    SchoolPay,
    Seat,
    TariffDrift,
    TariffPlan,
    YearAfter,
    cost,
    drift,
    if_mapped,
    shared_out,
)
from senpolicy.checking.tariffs import PlanWithPlaces
from senpolicy.comparing.funnels import FunnelPoint, funnel_point
from senpolicy.comparing.intervals import newcombe
from senpolicy.comparing.suppression import Number, Part, parts_of, withheld, withheld_in_group
from senpolicy.comparing.tariff_together import together
from senpolicy.files.digests import PlainData
from senpolicy.files.models.tariffs import TariffPlanFile
from senpolicy.files.problems import Problems, WrongUse, listed
from senpolicy.language.conditions import pence, pounds
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import say_date, say_money

#: What every output says.
SAYS = "The bands, rates, limits and envelope are those of the plan's author. No decision sets them."
#: What a limit is called by which a school is held.
HELD = {"loss": "the limit on losses", "gain": "the limit on gains", "guarantee": "the guarantee"}
#: So many schools that gain or lose most are told on the screen.
MOST = 5
#: The columns of the CSV.
COLUMNS = (
    "plan", "school", "setting", "pupils", "present", "new", "limited", "change", "held_by", "solved", "scale",
    "set_aside", "scale_if_like_mapped", "scale_if_lowest", "scale_if_highest", "cautions", "says",
)  # fmt: skip


def plan_of(file: TariffPlanFile, levels: Sequence[str]) -> TariffPlan:
    """Return a plan as the sums need it; `levels` are those of its edition, the least need first."""
    guarantee = {name: Fraction(share) for name, share in file.limits.guarantee.items() if share is not None}
    loss, gain = file.limits.loss, file.limits.gain
    rated = {name: band.rate for name, band in file.bands.items() if isinstance(band.rate, Decimal)}
    return TariffPlan(
        file.plan,
        pence(file.envelope),
        tuple(PlannedBand(name, tuple(file.bands[name].levels), pence(rate)) for name, rate in rated.items()),
        tuple(levels),
        {name: Fraction(factor) for name, factor in file.settings.items()},
        frozenset(file.average_in),
        None if loss is None else Fraction(loss),
        None if gain is None else Fraction(gain),
        guarantee,
        {name: pence(core) for name, core in file.core.items()},
        file.others,
        file.solve,
        pence(file.round_down_to),
        {level: name for name, band in file.bands.items() if name not in rated for level in band.levels},
        frozenset(file.protect),
        YearAfter(Fraction(file.next.uplift), Fraction(file.next.loss)) if file.next else None,
    )


@dataclass(frozen=True)
class GroupRow:
    """The pupils of a group who have one value: what they are paid, in pence, and how many of them lose.

    `paid_today` are those of them with a rate of today, of whom `lose` are paid less; `interval` is that of the
    difference between their share and that of all others, None where there is nobody to compare. All figures are None
    where they are withheld; `lose` may be withheld alone, or with `present` and `paid_today`.
    """

    group: str
    value: str
    pupils: int | None
    present: int | None
    new: int | None
    limited: int | None
    paid_today: int | None
    lose: int | None
    interval: tuple[float, float] | None  # Its ends are square roots, which no fraction is.

    @property
    def change(self) -> int | None:
        """How much more is paid than today; None where either is withheld."""
        return None if self.limited is None or self.present is None else self.limited - self.present

    def to_json(self) -> dict[str, PlainData]:
        """Return it as plain data; null for what is withheld, or has nobody behind it."""
        share = Fraction(self.lose, self.paid_today) if self.lose is not None and self.paid_today else None
        return {
            "group": self.group,
            "value": self.value,
            "pupils": self.pupils,
            "present": _money(self.present),
            "new": _money(self.new),
            "limited": _money(self.limited),
            "change": _money(self.change),
            "lose": _exact(share),
            "interval": [f"{end:.4f}" for end in self.interval] if self.interval else None,
        }


@dataclass(frozen=True)
class PlanAnswer:
    """What a plan costs over a cohort, and all that it rests on."""

    file: TariffPlanFile
    plan: TariffPlan
    policy: Policy
    cohort: TariffCohort
    cost: PlanCost

    @cached_property
    def if_mapped(self) -> dict[str, Fraction | None]:
        """The scale that fits the envelope, if those not mapped turn out in each way."""
        return if_mapped(self.plan, [one.unit for one in self.cost.units], self.cohort.others)

    @cached_property
    def paid_elsewhere(self) -> int:
        """For how many of the counted pupils another authority pays."""
        return int(self.cohort.elsewhere.sum())

    @cached_property
    def drift(self) -> TariffDrift:
        """What becomes of the cost where pupils move up one level."""
        return drift(self.cost, self.cohort.rising(self.plan))

    @cached_property
    def pay(self) -> tuple[Numbers, Numbers, Numbers]:
        """What each counted pupil is paid today, by the band's rate, and after averages and limits, in pence.

        What a school is paid beside its pupils' rates is shared out to those who have a rate of today, to all where
        none has. So these add up to what the schools are paid. Where no rate of today is known, only such a part is.
        Nothing is paid for pupils for whom another authority pays.
        """
        cohort, parts = self.cohort, self.cohort.parts
        units, unit = self.cost.units, cohort.divided(self.plan)[1]
        seats = [Seat(level, part) for level in cohort.levels for part in parts]
        rates = np.zeros((len(units), len(seats)), np.int64)
        for place, one in enumerate(units):
            there = {*one.unit.within, *one.unit.outside}
            rates[place] = [self.cost.pay(seat, one.unit) if seat in there else 0 for seat in seats]
        own, known = rates[unit, cohort.level * len(parts) + cohort.part], cohort.present >= 0
        today, new, paid = np.where(known, cohort.present, 0), own.copy(), own.copy()
        # Whole numbers in the ratio of the parts of the year, by which an average is shared out.
        whole = lcm(*(part.denominator for part in parts))
        length = np.array([int(part * whole) for part in parts], np.int64)[cohort.part]
        order = np.argsort(unit, kind="stable")
        ends = np.searchsorted(unit[order], np.arange(len(units) + 1))
        for place, one in enumerate(units):
            rows, averaged = order[ends[place] : ends[place + 1]], one.unit.setting in self.plan.average_in
            if not len(rows):
                continue
            if one.unit.kept:
                new[rows] = paid[rows] = today[rows]
                continue
            gone = rows[cohort.elsewhere[rows]]
            today[gone] = new[gone] = paid[gone] = 0
            rows = rows[~cohort.elsewhere[rows]]
            inside = rows[known[rows]]
            # Those to whom limits apply are paid a part of `here`, all others their rate and a part beside it.
            limited = bool(one.unit.paid and len(inside))
            some = inside if len(inside) else rows
            rates_of = own[some].tolist()
            if one.unit.other:
                today[some] += shared_out(one.unit.other, today[some].tolist(), False)
            if one.unit.lump:
                new[some] += shared_out(one.unit.lump, rates_of, False)
            if not limited and one.here:
                paid[some] += shared_out(one.here, length[some].tolist() if averaged else rates_of, False)
            elif limited and (averaged or one.here != sum(rates_of)):
                paid[some] = shared_out(one.here, length[some].tolist() if averaged else rates_of, False)
        return today, new, paid

    @cached_property
    def groups(self) -> tuple[GroupRow, ...]:
        """The counted pupils by every group that the cohort or its schools give, small counts withheld."""
        here = ~self.cohort.elsewhere
        today, new, paid = (one[here] for one in self.pay)
        known = self.cohort.present[here] >= 0
        lose = known & (paid < today)
        sums = (
            np.ones_like(paid),
            today,
            new,
            paid,
            known.astype(np.int64),
            lose.astype(np.int64),
        )
        found: list[GroupRow] = []
        for name, every in self.cohort.groups.items():
            values = [every[at] for at in np.flatnonzero(here).tolist()]
            if not values:
                continue
            places = {value: at for at, value in enumerate(sorted(set(values)))}
            different, place = list(places), np.array([places[value] for value in values], np.int64)
            totals = np.zeros((len(sums), len(different)), np.int64)
            for at, one in enumerate(sums):
                np.add.at(totals[at], place, one)
            found += _shown(name, different, totals.tolist())
        return tuple(found)

    @cached_property
    def too_few(self) -> set[tuple[str, str]]:
        """The schools and settings of which a report that may be shared says nothing.

        Fewer than five pupils are counted there, or else so few elsewhere could be worked out: from the total, and from
        those groups that are made of whole schools.
        """
        parts = parts_of([one.pupils for one in self.cost.schools])
        cells = {(one.school, one.setting): some for one, some in zip(self.cost.schools, parts, strict=True)}
        groups = {("total", ""): frozenset[Part]().union(*parts)}
        here = np.flatnonzero(~self.cohort.elsewhere).tolist()
        places = [int(self.cohort.unit[at]) for at in here]
        for name, every in self.cohort.groups.items():
            values = [every[at] for at in here]
            pairs = set(zip(values, places, strict=True))
            often = Counter(place for _, place in pairs)
            split = {value for value, place in pairs if often[place] > 1}
            for value in {*values} - split:
                of = [parts[place] for one, place in pairs if one == value]
                groups[name, value] = frozenset[Part]().union(*of)
        gone = {(one.group, one.value) for one in self.groups if one.pupils is None} & set(groups)
        numbers = {("school", key): Number(some) for key, some in cells.items() if some}
        numbers |= {("group", key): Number(some) for key, some in groups.items()}
        hidden = withheld(
            numbers, [("group", key) for key in set(groups) - gone], gone=[("group", key) for key in gone]
        )
        return {key for kind, key in hidden if kind == "school"}

    @cached_property
    def bands(self) -> tuple[tuple[str, int, int | None, int], ...]:
        """Each band, by id: its counted pupils, its rate in pence, and what it costs before limits.

        The rate is None where pupils are paid as today.
        """
        pupils, costs = Counter[str](), Counter[str]()
        for one in self.cost.units:
            for seat, number in (one.unit.seats - Counter(one.unit.kept)).items():
                band = self.plan.band_of[seat.level].id
                pupils[band] += number
                costs[band] += number * self.cost.pay(seat, one.unit)
        kept = np.array([level in self.plan.own for level in self.cohort.levels] or [False])[self.cohort.level]
        for level, paid in zip(self.cohort.level[kept].tolist(), self.cohort.present[kept].tolist(), strict=True):
            band = self.plan.own[self.cohort.levels[level]]
            pupils[band] += 1
            costs[band] += paid
        names = sorted({*self.cost.rates, *self.plan.own.values()})
        return tuple((name, pupils[name], self.cost.rates.get(name), costs[name]) for name in names)

    @cached_property
    def mapping(self) -> tuple[tuple[str, dict[str, int], int], ...]:
        """Each setting: its counted pupils by level, and how many are not mapped or not settled there."""
        counts: dict[str, Counter[str]] = {}
        for one in self.cost.schools:
            for seat, number in one.seats.items():
                counts.setdefault(one.setting, Counter())[seat.level] += number
            counts.setdefault(one.setting, Counter())
        others = self.cohort.others.pupils
        levels = self.cohort.levels
        return tuple(
            (setting, {level: counts[setting][level] for level in levels if level in counts.get(setting, ())},
             others.get(setting, 0))
            for setting in sorted({*counts, *others})
        )  # fmt: skip

    @cached_property
    def funnel(self) -> tuple[FunnelPoint, ...]:
        """The average level of each school and setting with five counted pupils or more in bands with a rate."""
        order = {level: place for place, level in enumerate(self.plan.banded, 1)}
        of_unit: list[tuple[str, str, Counter[str]]] = []
        of_setting: dict[str, Counter[str]] = {}
        for one in self.cost.schools:
            of_setting.setdefault(one.setting, Counter()).update(one.levels)
            if one.levels.total() >= LEAST:
                of_unit.append((one.school, one.setting, one.levels))
        return tuple(
            funnel_point(
                school, setting,
                *({order[level]: count for level, count in one.items()} for one in (levels, of_setting[setting])),
            )
            for school, setting, levels in of_unit
        )  # fmt: skip

    @property
    def first_year(self) -> int | None:
        """What counted pupils cost in the first financial year; None where the plan does not say which part it is."""
        return None if self.file.tariff_part is None else self.cost.first_year(self.file.tariff_part)

    @property
    def says(self) -> str:
        """Whose the figures are, and what the scenario that is laid over the policy says of itself."""
        return f"{SAYS} {self.policy.scenario.says if self.policy.scenario else ''}".rstrip()

    @cached_property
    def set_aside_few(self) -> bool:
        """Whether some of those who are not counted are so few that how many they are may not be shared."""
        cohort = self.cohort
        theirs = cohort.pupils["not_mapped"] + cohort.pupils["undetermined"] + cohort.not_yet - cohort.others.number
        return few(
            cohort.others.number, cohort.pupils["not_mapped"], cohort.pupils["undetermined"], cohort.not_yet, theirs
        )

    @property
    def costs_of_few(self) -> bool:
        """Whether what is kept for the others is of fewer than five pupils, so that it may not be shared."""
        return self.plan.others != "set_aside" and few(self.cohort.others.number)

    @property
    def counted_few(self) -> bool:
        """Whether how many are counted would tell of fewer than five pupils: of all, or of those paid for elsewhere."""
        return few(self.cohort.pupils["counted"], self.paid_elsewhere)

    @cached_property
    def few_in_bands(self) -> bool:
        """Whether a band has fewer than five pupils. With the rates and a total, other bands would tell of them."""
        return few(*(pupils for _, pupils, _, _ in self.bands))

    @cached_property
    def tells_of_few(self) -> bool:
        """Whether sums that may be shared tell, beside each other, of fewer than five pupils; who shares is warned."""
        kept = sum(number for one in self.cost.units for number in one.unit.kept.values())
        return few(kept) or self.counted_few or self.costs_of_few or self.few_in_bands

    @cached_property
    def shown_schools(self) -> list[SchoolPay]:
        """The schools and settings by their change, without those of which a report that may be shared says nothing."""
        return [one for one in by_change(self.cost) if (one.school, one.setting) not in self.too_few]

    def first_line(self, shared: bool = False) -> str:
        """Return how many pupils are set aside, or how they are costed, and what that leaves open.

        In what is `shared` no number of fewer than five pupils is told, and nothing that follows from one.
        """
        others, pupils, plan = self.cohort.others.number, self.cohort.pupils, self.plan
        theirs = pupils["not_mapped"] + pupils["undetermined"] + self.cohort.not_yet - others
        hides = shared and self.set_aside_few
        if not others and theirs:
            who = f"all {theirs:,} who are" if not hides else "all who are"
            who = "the one who is" if theirs == 1 and not hides else who
            return f"No pupil is set aside: for {who} not mapped, or whose route is open, another authority pays."
        if not others:
            return "No pupil is set aside: all who are on the tariff are mapped."
        priced = "" if hides and few(others) else f", at {say_money(self.cost.others)}"
        done = {
            "set_aside": "set aside, and not in the cost",
            "as_today": f"costed as today{priced}",
            "like_mapped": f"costed like those mapped{priced}",
            "lowest": f"costed at the lowest level{priced}",
            "highest": f"costed at the highest level{priced}",
        }[plan.others]
        turn_out = "map or come in" if self.file.phase_in else "map"
        if hides:
            said = "how many are not mapped, and of how many the route is open, is withheld"
        else:
            said = f"{pupils['not_mapped']:,} not mapped, {pupils['undetermined']:,} whose route is open"
            if self.file.phase_in:
                said += f", {self.cohort.not_yet:,} not phased in by {' or '.join(self.file.phase_in)}"
            if theirs:
                said += f", less {theirs:,} for whom another authority pays"
        ways = ", ".join(
            f"{'there is none' if scale is None else f'{say_decimal(scale, 4)} ({scale})'} if {words}"
            for words, scale in zip(
                (f"they {turn_out} like the rest", "all at the lowest level", "all at the highest"),
                self.if_mapped.values(),
                strict=True,
            )
        )
        ways = "withheld, for it would tell how many they are" if hides and few(others) else ways
        fits = f"The scale of all rates that fits the envelope with them: {ways}."
        return f"{pupils_are(others, shared)} {done}: {said}. {fits}"

    def solved_line(self) -> str:
        """Return what became of what the plan asks to be solved, with the figures that were found."""
        found = self.cost
        said = {
            "exactly": "What the plan asks for was worked out exactly",
            "idle": "No limit on gains is needed",
            "no": self.not_solved(),
            "not_asked": "Nothing was to be worked out",
        }[found.solved]
        named = (
            ("scale of all rates", found.scale),
            ("limit on gains", found.gain_ceiling),
            ("share of gains", found.gain_scale),
        )
        shown = [f"{what} {say_decimal(value, 4)} ({value})" for what, value in named if value is not None]
        return f"{said}{': ' + ', '.join(shown) if shown else ''}."

    def drift_line(self, shared: bool = False) -> str:
        """Return how much of a move up by one level the envelope bears, and what it would cost if all did."""
        moved = self.drift
        bears = "The envelope leaves nothing for pupils who move up a level"
        if moved.borne is not None:
            share = say_decimal(100 * moved.borne, 2)
            bears = f"The envelope bears that {share}% of the pupils who can move up one level do"
        who = "all" if shared else f"all {moved.moving:,}"
        return f"{bears}; if {who} who can did, it would cost {say_money(moved.all_up)}."

    def not_solved(self) -> str:
        """Return why there is no largest figure: nothing fits the envelope, or everything does."""
        fits = (self.cost.least or 0) <= self.plan.envelope
        return "Every scale fits the envelope, so none is the largest" if fits else "Nothing fits the envelope"

    def unsolved(self) -> Iterator[str]:
        """Yield why a plan has no answer, and what to do about it: nobody is counted, or no figure is the largest."""
        found = self.cost
        if not self.cohort.pupils["counted"]:
            pupils = self.cohort.pupils
            todo = "Mend the rows that were refused." if pupils["refused"] else "Look at the plan's day."
            todo = "Map the cohort first." if pupils["not_mapped"] else todo
            yield f"Nobody is counted: no pupil is both on the tariff and mapped. No average is known. {todo}"
        elif found.solved == "no":
            least = say_money(found.least or 0)
            cost = f"at least {least}" if found.most is None else f"from {least} to {say_money(found.most)}"
            cost = least if found.most == found.least else cost
            yield f"{self.not_solved()}: the plan costs {cost}, whatever the figure. {self._to_solve()}"

    def _to_solve(self) -> str:
        if (self.cost.least or 0) <= self.plan.envelope:
            raised = "Give a band a rate above 0" if self.plan.gain is None else "Raise the limit on gains"
            return f"{raised}, or leave solve out."
        lower = ", lower the rates" if self.plan.solve != "scale" else ""
        return f"Raise the envelope{lower}, or let schools lose more."

    def notes(self, shared: bool = False) -> Iterator[str]:
        """Yield what a reader has to know besides; for `shared` see `first_line`."""
        cohort, plan, found = self.cohort, self.plan, self.cost
        yield from self.unsolved()
        if cohort.moved:
            rows = "row of the cohort has" if cohort.moved == 1 and not shared else "rows of the cohort have"
            moved, day = told(cohort.moved, shared).capitalize(), say_date(self.file.day)
            yield f"{moved} {rows} another day than {day}, for which all are decided."
        unknown = int((cohort.present < 0).sum())
        if unknown:
            yield (
                f"{pupils_are(unknown, shared)} counted without a rate of today, and paid the band's rate outside all "
                "limits. What they are paid is part of each change, as if nothing were paid for them today."
            )
        if cohort.phase_not_known:
            yield (
                f"Of {told(cohort.phase_not_known, shared)} who are not phased in a fact is not known by which they "
                "might be."
            )
        if plan.others == "as_today" and cohort.others.unpaid:
            yield f"{pupils_are(cohort.others.unpaid, shared)} of the others without a rate of today, and in no cost."
        yield from self._further_notes(shared)
        empty = [one for one in found.schools if not one.pupils]
        if empty:
            rows = "row of the schools' table has" if len(empty) == 1 else "rows of the schools' table have"
            yield f"{len(empty)} {rows} nobody who is counted."
            averaged = sum(one.setting in plan.average_in for one in empty)
            if averaged:
                yield f"{averaged} of them would be paid an average of their own, which is not known without pupils."
        for setting, share in plan.guarantee.items():
            if plan.loss is not None and setting not in plan.core and share >= -plan.loss:
                yield f"In '{setting}' the guarantee holds: it allows no larger a loss than the limit on losses does."
        for setting in sorted(plan.core.keys() - plan.guarantee.keys()):
            yield f"In '{setting}' the plan gives core funding and no guarantee: no figure rests on the core funding."
        if found.solved == "idle":
            yield "No limit on gains is needed: all gains fit the envelope."
        if self.first_year is not None:
            yield (
                f"In the first financial year {_exact(self.file.tariff_part)} is on the tariff, and the rest as today: "
                f"the counted pupils cost {say_money(self.first_year)}, rounded up for each school."
            )
        if plan.guarantee:
            yield (
                "The guarantee is taken to be on what a school is paid today for its counted pupils, rounded up; the "
                "national rules for it are not held here."
            )

    def _further_notes(self, shared: bool) -> Iterator[str]:
        """Yield what further fields of the plan, the cohort and the schools' table do to the figures."""
        plan, found = self.plan, self.cost
        part_year = sum(number for one in found.schools for seat, number in one.seats.items() if seat.part != 1)
        if part_year:
            yield (
                f"{pupils_are(part_year, shared)} counted for a part of the year: they are paid that part of a year's "
                "pay, today and by the plan, rounded down to a penny."
            )
        if self.paid_elsewhere:
            yield (
                f"{pupils_are(self.paid_elsewhere, shared)} counted for whom another authority pays: in the average of "
                "their school, and in no cost, band or group. A limit is about all of a school's pupils, so what the "
                "plan pays of it can be below the floor of its own pupils, or above their ceiling."
            )
        if found.further:
            yield (
                f"{say_money(found.further)} is for places beyond the counted pupils, each at the average of its "
                "school. It is in the cost of the plan, and in no school's change."
            )
        kept = sum(number for one in found.units for number in one.unit.kept.values())
        if plan.own:
            bands = listed(sorted({*plan.own.values()}))
            who = pupils_are(kept, shared)
            yield f"{who} paid as today, in {bands}, outside limits, averages and what is solved for."
            yield "Those not mapped are taken to be in a band with a rate, and nobody moves up into one without."
            if few(kept):
                yield f"Fewer than {LEAST} are paid as today. Do not pass this on: totals tell what they are paid."
        if plan.protect:
            yield (
                f"In {listed(sorted(plan.protect))} limits are pupil by pupil. Of a school whose pupils are held by "
                "several limits the one is named that moves the most money."
            )
        if (after := found.next_year) and plan.after:
            rise, sort = abs(plan.after.uplift), "less" if plan.after.uplift < 0 else "more"
            yield (
                f"In the year after, with {say_per_cent(rise)} {sort} on every rate, rounded down, the counted pupils "
                f"cost {say_money(after.after_limits)}, and no school loses more than {say_per_cent(plan.after.loss)} "
                "of what it is paid this year. No guarantee and no limit on gains of that year is known, or in it."
            )

    def to_json(self) -> dict[str, PlainData]:
        """Return the answer as plain data; money as text, shares exact."""
        found, moved = self.cost, self.drift
        price: dict[str, PlainData] = {
            "present": pounds(found.present),
            "before_limits": pounds(found.before_limits),
            "after_limits": pounds(found.after_limits),
            "others": pounds(found.others),
            "leaving": pounds(self.cohort.leaving),
            "least": _money(found.least),
            "most": _money(found.most),
        }
        if self.has_places:
            price["places"] = pounds(found.further)
        answer: dict[str, PlainData] = {
            "plan": self.plan.id,
            "title": self.file.title,
            "says": SAYS,
            "day": self.file.day.isoformat(),
            "edition": self.file.edition,
            "policy": {"as_of": self.policy.as_of, "digest": self.policy.digest},
            "envelope": pounds(self.plan.envelope),
            "solved": found.solved,
            "scale": _exact(found.scale),
            "gain_ceiling": _exact(found.gain_ceiling),
            "gain_scale": _exact(found.gain_scale),
            "pupils": self._pupils(),
            "set_aside": self.first_line(),
            "cost": price,
            "headroom": pounds(found.headroom),
            "if_mapped": {way: _exact(scale) for way, scale in self.if_mapped.items()},
            "bands": [
                {"band": name, "pupils": pupils, "rate": "own" if rate is None else pounds(rate), "cost": pounds(whole)}
                for name, pupils, rate, whole in self.bands
            ],
            "mapping": [
                {"setting": setting, "levels": dict[str, PlainData](levels), "not_mapped_or_open": others}
                for setting, levels, others in self.mapping
            ],
            "schools": [dict[str, PlainData](one) for one in self.schools()],
            "groups": [one.to_json() for one in self.groups],
            "drift": {
                "if_all_move_up": pounds(moved.all_up),
                "headroom_bears": _exact(moved.borne),
                "pupils": moved.moving,
                "from_below_the_tariff": moved.rising,
            },
            "funnel": [one.to_json() for one in self.funnel],
            "first_year": None
            if self.first_year is None
            else {"tariff_part": _exact(self.file.tariff_part), "cost": pounds(self.first_year)},
            "notes": list(self.notes()),
            "cautions": dict[str, PlainData](self.cohort.cautions),
        }
        if (after := found.next_year) and self.plan.after:
            answer["next_year"] = {
                "uplift": _exact(self.plan.after.uplift),
                "loss": _exact(self.plan.after.loss),
                "cost": pounds(after.after_limits),
            }
        if self.policy.scenario and self.policy.scenario.says:
            answer["scenario"] = {"name": self.policy.scenario.scenario, "says": self.policy.scenario.says}
        return answer

    def _pupils(self) -> dict[str, PlainData]:
        """Return how many rows are which; those not phased in only where the plan phases them in."""
        found: dict[str, PlainData] = {name: self.cohort.pupils[name] for name in FATES}
        if self.file.phase_in is not None:
            found["not_phased_in"] = self.cohort.not_yet
        if self.paid_elsewhere:
            found["counted_and_paid_for_by_another"] = self.paid_elsewhere
        return found

    @cached_property
    def has_places(self) -> bool:
        """Whether some school is paid for a number of places."""
        return any(one.unit.places is not None for one in self.cost.units)

    def schools(self) -> Iterator[dict[str, str | int]]:
        """Yield each school and setting with its figures, money as text; some only where the plan has their fields."""
        after = self.cost.next_year
        next_of = {(one.school, one.setting): one.limited for one in after.schools} if after else {}
        for one in sorted(self.cost.schools, key=lambda one: (one.school, one.setting)):
            row: dict[str, str | int] = {
                "school": one.school,
                "setting": one.setting,
                "pupils": one.pupils,
                "present": pounds(one.paid),
                "new": pounds(one.new),
                "limited": pounds(one.limited),
                "change": pounds(one.change),
                "held_by": one.held_by,
            }
            if self.has_places:
                row["for_places"] = pounds(one.further)
            if self.plan.protect:
                row["pupils_held"] = one.held.total()
            if after:
                row["next_year"] = pounds(next_of[one.school, one.setting])
            yield row

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the answer as lines: a style for terminals, and the text."""
        found, plan = self.cost, self.plan
        yield "bold", f"{plan.id}: {self.file.title}"
        yield "", self.first_line()
        yield "", SAYS
        if self.policy.scenario and self.policy.scenario.says:
            yield "", self.policy.scenario.says
        pupils = self.cohort.pupils
        yield (
            "",
            (
                f"{pupils['counted']} counted for {say_date(self.file.day)}, {pupils['not_by_tariff']} not by the "
                f"tariff, {pupils['refused']} refused; levels of the edition '{self.file.edition}', policy as of "
                f"{self.policy.as_of}."
            ),
        )
        yield "", ""
        yield "bold", "Cost"
        for what, amount in (
            ("paid today", found.present), ("by the bands", found.before_limits), ("after limits", found.after_limits),
            *([("further places", found.further)] if self.has_places else []), ("others", found.others),
            ("envelope", plan.envelope), ("headroom", found.headroom),
            ("leaving to another budget", self.cohort.leaving),
        ):  # fmt: skip
            yield "", f"  {what:<26}{say_money(amount):>20}"
        yield "", f"  {self.solved_line()}"
        yield "bold", "Bands"
        for name, number, rate, whole in self.bands:
            paid = "as today" if rate is None else say_money(rate)
            yield "", f"  {name:<26}{number:>8} at {paid:>12}{say_money(whole):>20}"
        yield "bold", "Settings"
        for setting, rows in _by_setting(self.cost):
            gain, lose = (sum(one.change * sign > 0 for one in rows) for sign in (1, -1))
            schools = f"{len(rows):>8} school{'' if len(rows) == 1 else 's'}"
            held = Counter(one.held_by for one in rows if one.pupils)
            limits = ", ".join(
                f"{count} held by {HELD[name]}" for name, count in sorted(held.items()) if name != "none"
            )
            change = sum(one.change for one in rows)
            yield (
                "",
                (
                    f"  {setting:<26}{schools}, {gain} gain, {lose} lose, {say_money(change)} in all"
                    f"{'; ' + limits if limits else ''}"
                ),
            )
        yield from self._school_lines()
        yield "bold", "Drift"
        yield "", f"  {self.drift_line()}"
        yield from self._group_lines()
        out = [one for one in self.funnel if one.stands_out == "high"]
        if out:
            yield "bold", "Schools whose average level is above where 99.8% would lie if all of a setting mapped alike"
            yield from (("", f"  {one.school}, {one.setting}: {one.average:.2f}, up to {one.high:.2f}") for one in out)
        for note in self.notes():
            yield "dim", note
        for name, says in self.cohort.cautions.items():
            yield "dim", f"Caution with the routes of the cohort: {says} ({name})"

    def _school_lines(self) -> Iterator[tuple[str, str]]:
        """Yield the schools that lose most, and gain most, by their part of what is paid today."""
        order = [one for one in by_change(self.cost) if one.change_part is not None]
        for title, some in (
            ("Schools that lose most", [one for one in order[:MOST] if one.change < 0]),
            ("Schools that gain most", [one for one in order[: -MOST - 1 : -1] if one.change > 0]),
        ):
            if some:
                yield "bold", title
            for one in some:
                share = say_change(one.change_part)
                held = "" if one.held_by == "none" else f", held by {HELD[one.held_by]}"
                where = f"{one.school}, {one.setting}"
                yield "", f"  {where:<26}{one.pupils:>8} pupils{say_money(one.change):>18} ({share}){held}"

    def _group_lines(self) -> Iterator[tuple[str, str]]:
        labels = {name: one.label for name, one in self.policy.corpus.facts.groups.items()}
        withheld = withheld_groups(self)
        before = ""
        for one in self.groups:
            if one.group != before:
                before = one.group
                yield "bold", labels.get(one.group, one.group)
                if one.group in withheld:
                    yield "", f"  withheld, too few or it would tell of too few: {', '.join(withheld[one.group])}"
            if one.pupils is None:
                continue
            change = "change withheld" if one.change is None else say_money(one.change)
            lose = "how many lose is withheld" if one.lose is None else f"{one.lose} lose"
            yield (
                "",
                (f"  {one.value or '(not given)':<26}{one.pupils:>8} pupils{change:>18}, {lose}"),
            )


def withheld_groups(one: PlanAnswer) -> dict[str, list[str]]:
    """Return the values of each group of which nothing is shown."""
    found: dict[str, list[str]] = {}
    for row in one.groups:
        if row.pupils is None:
            found.setdefault(row.group, []).append(row.value or "(not given)")
    return found


def answer(written: PlanWithPlaces, policy: Policy, cohort: TariffCohort) -> PlanAnswer:
    """Return what a plan costs over a cohort.

    Raises `PolicyError` where pupils are counted at a level that is in no band of it, or in a setting without a factor.
    """
    file, problems = written.file, Problems()
    plan = plan_of(file, cohort.levels)
    counted, kinds = np.bincount(cohort.level, minlength=len(cohort.levels)), len(cohort.where)
    for level, number in zip(cohort.levels, counted.tolist(), strict=True):
        if number and level not in plan.band_of and level not in plan.own:
            said = f"{pupils_are(number)} counted at the level '{level}', which is in no band."
            help = "Put it into a band, or lay a scenario over the policy by which its pupils are not on the tariff."
            problems.add(written.at("bands"), "level-without-band", said, help)
    settings = Counter[str]()
    for where, number in zip(cohort.where, np.bincount(cohort.unit, minlength=kinds).tolist(), strict=True):
        settings[where.setting] += number
    for setting, number in sorted(settings.items()):
        if number and setting not in plan.factors:
            said = f"{pupils_are(number)} counted in '{setting}', for which the plan gives no factor."
            problems.add(written.at("settings"), "no-setting", said, f"Add {setting}: 1.00, or another factor.")
    problems.stop_on_errors()
    units = cohort.units(plan)
    problems.found += together(written, plan, cohort, units)
    problems.stop_on_errors()
    found = cost(plan, units, cohort.others)
    _can_be_added_up(written, found)
    return PlanAnswer(file, plan, policy, cohort, found)


def _can_be_added_up(written: PlanWithPlaces, found: PlanCost) -> None:
    """Raise `PolicyError` where schools together are paid more pence than numpy's numbers hold."""
    problems, after = Problems(), found.next_year
    for at, of in ((_what_makes_it(found), found), *((("next", after),) if after else ())):
        whole = sum(max(one.within_new, one.within) + one.outside + one.further for one in of.units)
        if whole >= 2**62:
            said = f"The schools together would be paid {say_money(whole)} a year, more than can be added up."
            problems.add(written.at(at), "out-of-range", said, "Look at its figures: one of them has too many digits.")
            break
    problems.stop_on_errors()


def _what_makes_it(found: PlanCost) -> str:
    """Return the key of a plan from which what it pays follows most of all."""
    if any(one.within > one.within_new for one in found.units):
        return "limits"
    return "envelope" if found.solved == "exactly" and found.plan.solve == "scale" else "bands"


def answers(
    plans: Sequence[PlanWithPlaces],
    policies: Mapping[str, Policy],
    caseload: Caseload,
    schools: Schools,
    *,
    verify: int = 200,
    progress: Callable[[int, int], None] | None = None,
) -> list[PlanAnswer]:
    """Return what plans cost over a caseload, in their order; `policies` has the policy of each edition.

    Raises `PolicyError` as `answer` and `read_cohort` do, and `WrongUse` for two plans of one name.
    """
    if len({one.file.plan for one in plans}) < len(plans):
        raise WrongUse("Two of these plans have one name. Give each its own.")
    cohorts: dict[tuple[str, date, str], TariffCohort] = {}
    found = []
    for number, one in enumerate(plans, 1):
        under, phase_in = policies[one.file.edition], one.file.phase_in
        key = (one.file.edition, one.file.day, str(phase_in))
        if key not in cohorts:
            cohorts[key] = read_cohort(caseload, under, schools, one.file.day, phase_in=phase_in, verify=verify)
        found.append(answer(one, under, cohorts[key]))
        if progress:
            progress(number, len(plans))
    return found


def by_change(found: PlanCost) -> list[SchoolPay]:
    """Return the schools and settings with counted pupils, from the one that loses the largest part of today's pay."""
    some = (one for one in found.schools if one.pupils)
    return sorted(some, key=lambda one: (one.change_part or Fraction(0), one.school, one.setting))


def _by_setting(found: PlanCost) -> Iterator[tuple[str, list[SchoolPay]]]:
    for setting in sorted({one.setting for one in found.schools}):
        yield setting, [one for one in found.schools if one.setting == setting]


def _shown(name: str, values: Sequence[str], totals: Sequence[Sequence[int]]) -> Iterator[GroupRow]:
    """Yield the rows of a group, less what would tell of fewer than five pupils."""
    pupils, present, new, paid, known, lose = totals
    keep = [one - other for one, other in zip(known, lose, strict=True)]
    unknown = [one - other for one, other in zip(pupils, known, strict=True)]
    hidden = withheld_in_group({"lose": lose, "keep": keep}, unknown)
    everybody, losing = sum(known), sum(lose)
    for at, value in enumerate(values):
        if (at, "pupils") in hidden:
            yield GroupRow(name, value, None, None, None, None, None, None, None)
            continue
        paid_today = (at, "known") not in hidden
        shown = paid_today and (at, "lose") not in hidden
        rest = everybody - known[at]
        # An interval is of the total too, and tells it.
        compared = shown and known[at] and rest and not hidden & {(-1, "known"), (-1, "lose")}
        interval = newcombe(lose[at], known[at], losing - lose[at], rest) if compared else None
        yield GroupRow(
            name, value, pupils[at], present[at] if paid_today else None, new[at], paid[at],
            known[at] if shown else None, lose[at] if shown else None, interval,
        )  # fmt: skip


def to_csv(found: Sequence[PlanAnswer]) -> str:
    """Return a row for each plan, school and setting as CSV; each says what the figures are."""
    text = io.StringIO()
    rows = [[*one.schools()] for one in found]
    further = dict.fromkeys(name for some in rows for row in some for name in row if name not in COLUMNS)
    writer = csv.DictWriter(text, [*COLUMNS, *further], "", lineterminator="\n")
    writer.writeheader()
    for one, schools in zip(found, rows, strict=True):
        ways = {f"scale_if_{way}": _exact(scale) or "" for way, scale in one.if_mapped.items()}
        beside = {
            "plan": one.plan.id,
            "solved": one.cost.solved,
            "scale": _exact(one.cost.scale) or "",
            "says": one.says,
        }
        beside["cautions"] = " ".join(one.cohort.cautions)
        aside = {"set_aside": one.cohort.others.number if one.plan.others == "set_aside" else 0}
        writer.writerows({**beside, **aside, **ways, **row} for row in schools)
    return text.getvalue()


def beside(found: Sequence[PlanAnswer], shared: bool = False) -> list[list[str]]:
    """Return several plans as a table, a column each: below their names what it is about, and the figure of each.

    In what is `shared` no figure tells of fewer than five pupils, and only schools that are shown are counted.
    """

    def kept(said: str, hides: bool) -> str:
        return WITHHELD if shared and hides else said

    def schools(one: PlanAnswer, sign: int) -> str:
        some = one.shown_schools if shared else one.cost.schools
        return str(sum(unit.change * sign > 0 for unit in some))

    def aside(one: PlanAnswer) -> str:
        return told(one.cohort.others.number if one.plan.others == "set_aside" else 0, shared)

    rows: list[tuple[str, Callable[[PlanAnswer], str]]] = [
        ("counted", lambda one: kept(f"{one.cohort.pupils['counted']:,}", one.counted_few)),
        ("set aside", aside),
        ("paid today", lambda one: say_money(one.cost.present)),
        ("by the bands", lambda one: kept(say_money(one.cost.before_limits), one.few_in_bands)),
        ("after limits", lambda one: say_money(one.cost.after_limits)),
        ("further places", lambda one: say_money(one.cost.further)),
        ("others", lambda one: kept(say_money(one.cost.others), one.costs_of_few)),
        ("envelope", lambda one: say_money(one.plan.envelope)),
        ("headroom", lambda one: kept(say_money(one.cost.headroom), one.costs_of_few)),
        ("solved", lambda one: one.cost.solved),
        ("scale", lambda one: _exact(one.cost.scale) or "-"),
        ("limit on gains", lambda one: _exact(one.cost.gain_ceiling) or "-"),
        ("share of gains", lambda one: _exact(one.cost.gain_scale) or "-"),
        ("schools that gain", lambda one: schools(one, 1)),
        ("schools that lose", lambda one: schools(one, -1)),
        ("drift that is borne", lambda one: kept(_exact(one.drift.borne) or "none", one.costs_of_few)),
    ]
    table = [["", *(one.plan.id for one in found)], *([name, *(show(one) for one in found)] for name, show in rows)]
    return [row for row in table if row[0] != "further places" or any(one.has_places for one in found)]


def side_by_side(found: Sequence[PlanAnswer]) -> Iterator[tuple[str, str]]:
    """Yield several plans as a table, a column each: a style for terminals, and the text."""
    rows = beside(found)
    wide = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [f"{row[0]:<{wide[0]}}", *(f"{cell:>{wide[at]}}" for at, cell in enumerate(row) if at)]
        yield "" if number else "bold", "  ".join(cells)


def say_change(part: Fraction | None) -> str:
    """Return a change as a part of what is paid today in per cent, to the nearest tenth; "-" where nothing is paid.

    >>> say_change(Fraction(-1_575, 31_500)), say_change(None)
    ('-5.0%', '-')
    """
    if part is None:
        return "-"
    said = say_decimal(100 * part, 1, round)
    return f"{'' if said.startswith('-') else '+'}{said}%"


def _money(amount: int | None) -> str | None:
    return None if amount is None else pounds(amount)


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
