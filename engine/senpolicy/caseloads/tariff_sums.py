"""The sums of a tariff: what a plan of bands and rates costs, and the rates or limits at which it fits an envelope.

Everything here is exact. Money is in whole pence, and scales, ceilings and shares are fractions. A school's pay rises
in a straight line with whatever is solved for, between its floor and its ceiling. So the cost of all schools is made of
straight pieces, and the largest value at which it is within the envelope lies on one of them, where it is worked out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, cmp_to_key
from typing import Literal, NamedTuple

#: Ceilings and shares that were solved for are rounded down to this.
FINE = Fraction(1, 10_000)

Solve = Literal["none", "scale", "gain_ceiling", "gain_scale"]
Others = Literal["set_aside", "as_today", "like_mapped", "lowest", "highest"]
Solved = Literal["not_asked", "exactly", "idle", "no"]
HeldBy = Literal["none", "loss", "gain", "guarantee"]
#: The ways in which pupils who are not mapped yet may turn out to be.
MAPPED: tuple[Others, ...] = ("like_mapped", "lowest", "highest")


class Seat(NamedTuple):
    """A level, and for what part of the year its pupils are there."""

    level: str
    part: Fraction = Fraction(1)

    def __hash__(self) -> int:
        """Return a hash without that of a fraction, which takes many times as long: a year has few parts."""
        return hash((self.level, self.part.numerator))

    def of(self, year: int) -> int:
        """Return what is paid for the part of the year where so many pence are for the whole, rounded down."""
        return year * self.part.numerator // self.part.denominator


#: How many pupils there are at each level, for each part of the year.
Seats = Mapping[Seat, int]


def whole_year(**pupils: int) -> dict[Seat, int]:
    """Return pupils by level who are all there for the whole year.

    >>> whole_year(l1=2)
    {Seat(level='l1', part=Fraction(1, 1)): 2}
    """
    return {Seat(level): number for level, number in pupils.items()}


def in_years(pupils: Seats) -> Fraction:
    """Return how many pupils of a whole year they are together."""
    return sum((seat.part * number for seat, number in pupils.items()), Fraction(0))


@dataclass(frozen=True)
class YearAfter:
    """How a plan goes on in the year after: by how much every rate rises, and the limit on losses of that year."""

    uplift: Fraction
    loss: Fraction


@dataclass(frozen=True)
class PlannedBand:
    """A band of a plan: the levels that are in it, and its rate in pence a year."""

    id: str
    levels: tuple[str, ...]
    rate: int


@dataclass(frozen=True)
class TariffPlan:
    """A plan of bands and rates, as the sums need it. Money is in pence a year.

    `levels` are all those of its edition, the least need first. `guarantee` has a setting only where a share is given
    for it, and `core` what is paid for a place there beside the rate. `own` has the levels whose pupils are paid as
    today, each with its band; none of them is in `bands`. `protect` has the settings whose limits are pupil by pupil.
    """

    id: str
    envelope: int
    bands: tuple[PlannedBand, ...]
    levels: tuple[str, ...]
    factors: Mapping[str, Fraction]
    average_in: frozenset[str] = frozenset()
    loss: Fraction | None = None
    gain: Fraction | None = None
    guarantee: Mapping[str, Fraction] = field(default_factory=dict)
    core: Mapping[str, int] = field(default_factory=dict)
    others: Others = "set_aside"
    solve: Solve = "none"
    step: int = 100
    own: Mapping[str, str] = field(default_factory=dict)
    protect: frozenset[str] = frozenset()
    after: YearAfter | None = None

    @cached_property
    def band_of(self) -> Mapping[str, PlannedBand]:
        """The band that each level is in."""
        return {level: band for band in self.bands for level in band.levels}

    @cached_property
    def banded(self) -> tuple[str, ...]:
        """The levels that are in a band, the least need first."""
        return tuple(level for level in self.levels if level in self.band_of)

    def next_level(self, level: str) -> str:
        """Return the next level of more need, the level itself where that is in no band."""
        following = self._following.get(level, level)
        return following if following in self.band_of else level

    @cached_property
    def _following(self) -> Mapping[str, str]:
        return dict(zip(self.levels, self.levels[1:], strict=False))


@dataclass(frozen=True)
class TariffUnit:
    """What the limits of a plan are about: a school and setting, or there the pupils who are alike in all that counts.

    `within` are the pupils with a rate of today, to whom `present` is paid in all; the limits are about them. `outside`
    are those of whom no rate of today is known. `other` is what the school is paid today beside the pupils' rates,
    `lump` what it will be paid beside them; `factor` is its own. `alone` is where limits are pupil by pupil: all of its
    pupils are then alike. `kept` are pupils who are paid as today, `kept_paid` in all, in no limit and no average.

    `elsewhere` are those of `within` for whom another authority pays, who are paid `elsewhere_present` today: they
    count in the limits and the average, and in no cost. `places` is for how many pupils the school is paid its average,
    where that is given.
    """

    school: str
    setting: str
    present: int = 0
    within: Seats = field(default_factory=dict)
    outside: Seats = field(default_factory=dict)
    other: int = 0
    lump: int = 0
    factor: Fraction = Fraction(1)
    alone: bool = False
    kept: Seats = field(default_factory=dict)
    kept_paid: int = 0
    elsewhere: Seats = field(default_factory=dict)
    elsewhere_present: int = 0
    places: int | None = None

    @cached_property
    def seats(self) -> Counter[Seat]:
        """The counted pupils for whom the plan pays, by level and part of the year."""
        return Counter(self.within) + Counter(self.outside) + Counter(self.kept) - Counter(self.elsewhere)

    @cached_property
    def pupils(self) -> int:
        """How many pupils are counted, and paid for by the plan."""
        return self.seats.total()

    @property
    def paid(self) -> int:
        """What is paid today in all to those whom limits are about; nothing where nobody is counted."""
        return self.present + self.other if self.within or self.outside else 0

    @property
    def today(self) -> int:
        """What is paid today for those for whom the plan pays."""
        return self.paid - self.elsewhere_present + self.kept_paid

    @property
    def limited(self) -> Seats:
        """The pupils to whom limits apply: none where nothing is paid today."""
        return self.within if self.paid else {}

    @property
    def free(self) -> Seats:
        """The pupils who are paid their band's rate outside all limits."""
        return self.outside if self.paid else Counter(self.within) + Counter(self.outside) - Counter(self.elsewhere)

    @cached_property
    def share(self) -> Fraction:
        """The part of what the limited pupils are paid that the plan pays for."""
        whole = in_years(self.limited) if self.elsewhere else Fraction(0)
        return 1 - in_years(self.elsewhere) / whole if whole else Fraction(1)

    @cached_property
    def times(self) -> Fraction:
        """How many times what the limited pupils are paid counts in the cost, with the places beyond those counted."""
        number = sum(self.limited.values())
        return self.share + (Fraction(self.places - number, number) if self.places is not None and number else 0)


@dataclass(frozen=True)
class NotCounted:
    """The pupils who are not mapped yet, or not settled: how many in each setting ("": not known), and their pay.

    `present` is what is paid for them today in pence, as far as it is known; `unpaid` for how many it is not. `years`
    is how many pupils of a whole year they are, where some are there for a part of it.
    """

    pupils: Mapping[str, int] = field(default_factory=dict)
    present: int = 0
    unpaid: int = 0
    years: Mapping[str, Fraction] | None = None

    @property
    def number(self) -> int:
        """How many there are."""
        return sum(self.pupils.values())


class Line(NamedTuple):
    """What is paid as a figure x grows from 0: start + slope × x, but at least the floor, and at most the ceiling.

    A floor above the ceiling is paid whatever the figure.
    """

    start: Fraction | int
    slope: Fraction | int
    floor: Fraction | int | None = None
    ceiling: Fraction | int | None = None

    def times(self, by: Fraction) -> Line:
        """Return what is paid so many times over."""
        ends = (None if end is None else by * end for end in (self.floor, self.ceiling))
        return self if by == 1 else Line(by * self.start, by * self.slope, *ends)

    def at(self, x: Fraction | int) -> Fraction:
        """Return what is paid at x."""
        found = Fraction(self.start + self.slope * x)
        if self.ceiling is not None:
            found = min(found, Fraction(self.ceiling))
        return found if self.floor is None else max(found, Fraction(self.floor))

    def whole(self, of: int) -> WholeLine:
        """Return the same in whole numbers, where a unit of pence or of the slope is divided into `of` parts."""
        floor, ceiling = (None if one is None else _times(one, of) for one in (self.floor, self.ceiling))
        return WholeLine(_times(self.start, of), _times(self.slope, of), floor, ceiling)


def _times(figure: Fraction | int, of: int) -> int:
    """Return a figure × a number that its denominator divides."""
    return figure.numerator * (of // figure.denominator)


class WholeLine(NamedTuple):
    """A line all of whose figures are whole numbers; its slope is not below 0."""

    start: int
    slope: int
    floor: int | None
    ceiling: int | None

    def first(self) -> int:
        """Return what is paid at 0."""
        found = self.start if self.ceiling is None else min(self.start, self.ceiling)
        return found if self.floor is None else max(found, self.floor)

    def bends(self) -> Iterator[Bend]:
        """Yield where the line changes, from 0 on: the place as a quotient, and what is added there.

        What is added is by how much its value if drawn back to 0 grows, and by how much its slope.
        """
        start, slope, floor, ceiling = self
        if not slope or (floor is not None and ceiling is not None and floor >= ceiling):
            return
        if ceiling is not None and ceiling <= start:
            return  # It is at its ceiling from the beginning.
        if floor is not None and floor > start:
            yield floor - start, slope, start - floor, slope
        else:
            yield 0, 1, start - self.first(), slope
        if ceiling is not None:
            yield ceiling - start, slope, ceiling - start, -slope


#: Where a line changes, as a quotient, and what is added there to its value if drawn back to 0, and to its slope.
Bend = tuple[int, int, int, int]


def _by_place(one: Bend, other: Bend) -> int:
    """Return which of two bends comes first, without dividing: below 0, the one; above 0, the other."""
    return one[0] * other[1] - other[0] * one[1]


def largest(lines: Sequence[Line], most: int | Fraction) -> Fraction | None:
    """Return the largest x from 0 on at which these lines together are at most `most`; None where none is the largest.

    Either they are above it at 0 already, or they never go above it; `least_of` and `most_of` tell which.

    >>> largest([Line(0, 10), Line(0, 20, floor=30, ceiling=50)], 60)
    Fraction(2, 1)
    >>> largest([Line(0, 10, ceiling=40)], 50)
    """
    # All in whole numbers, which are as exact as fractions, and many times as fast.
    of = math.lcm(most.denominator, *{one.denominator for line in lines for one in line if one is not None})
    whole, end = [line.whole(of) for line in lines], _times(most, of)
    # Between two bends all lines together are start + slope × x.
    start, slope = sum(line.first() for line in whole), 0
    if start > end:
        return None
    bends = [bend for line in whole for bend in line.bends()]
    for at, by, further, steeper in sorted(bends, key=cmp_to_key(_by_place)):
        if start * by + slope * at > end * by:
            break
        start, slope = start + further, slope + steeper
    return Fraction(end - start, slope) if slope else None


def least_of(lines: Iterable[Line]) -> Fraction:
    """Return what lines pay together at 0, which is the least."""
    return sum((line.at(0) for line in lines), Fraction(0))


def most_of(lines: Iterable[Line]) -> Fraction | None:
    """Return what lines pay together in the end, None where they grow for ever."""
    total = Fraction(0)
    for line in lines:
        if line.slope and line.ceiling is None:
            return None
        end = max(line.ceiling or 0, line.floor or 0) if line.slope else line.at(0)
        total += end
    return total


@dataclass(frozen=True)
class UnitLimits:
    """The floor and the ceiling of a school and setting in whole pence, None where there is none; what the floor is."""

    floor: int | None
    ceiling: int | None
    floor_by: HeldBy = "none"


@dataclass(frozen=True)
class UnitPay:
    """What a plan pays one unit, in pence: `new` by the bands' rates, `limited` within the limits.

    `within_new` and `within` are the parts of both that the limits are about, for those too for whom another authority
    pays; `here_new` is that part of the former which the plan pays for.
    """

    unit: TariffUnit
    within_new: int
    within: int
    outside: int
    held_by: HeldBy
    limits: UnitLimits
    here_new: int

    @property
    def new(self) -> int:
        """What the bands' rates give before limits."""
        return self.here_new + self.outside + self.unit.kept_paid

    @property
    def here(self) -> int:
        """What the plan pays of what the limited pupils are paid."""
        return math.floor(self.within * self.unit.share)

    @property
    def limited(self) -> int:
        """What is paid."""
        return self.here + self.outside + self.unit.kept_paid

    @property
    def further(self) -> int:
        """What is paid for places beyond the counted pupils, each at the average of these, rounded down in all."""
        number = sum(self.unit.limited.values())
        return (self.unit.places - number) * self.within // number if self.unit.places is not None and number else 0


@dataclass(frozen=True)
class SchoolPay:
    """What a plan pays a school and setting: the sums of one unit, or of several where limits are pupil by pupil."""

    school: str
    setting: str
    units: tuple[UnitPay, ...]

    @cached_property
    def seats(self) -> Counter[Seat]:
        """The counted pupils, by level and part of the year."""
        return sum((one.unit.seats for one in self.units), Counter[Seat]())

    @cached_property
    def levels(self) -> Counter[str]:
        """The counted pupils with a band's rate, by level."""
        found = Counter[str]()
        for one in self.units:
            for seat, number in (one.unit.seats - Counter(one.unit.kept)).items():
                found[seat.level] += number
        return found

    @cached_property
    def pupils(self) -> int:
        """How many pupils are counted."""
        return self.seats.total()

    @cached_property
    def paid(self) -> int:
        """What is paid today."""
        return sum(one.unit.today for one in self.units)

    @cached_property
    def new(self) -> int:
        """What the bands' rates give before limits."""
        return sum(one.new for one in self.units)

    @cached_property
    def limited(self) -> int:
        """What is paid."""
        return sum(one.limited for one in self.units)

    @cached_property
    def further(self) -> int:
        """What is paid for places beyond the counted pupils."""
        return sum(one.further for one in self.units)

    @property
    def change(self) -> int:
        """How much more is paid than today."""
        return self.limited - self.paid

    @property
    def change_part(self) -> Fraction | None:
        """The change as a part of what is paid today; None where nothing is."""
        return Fraction(self.change, self.paid) if self.paid else None

    @cached_property
    def held(self) -> Counter[HeldBy]:
        """How many pupils each limit holds, where limits are pupil by pupil."""
        found = Counter[HeldBy]()
        for one in self.units:
            found[one.held_by] += one.unit.pupils if one.unit.alone and one.held_by != "none" else 0
        return +found

    @property
    def held_by(self) -> HeldBy:
        """Which limit holds it: of several that hold its pupils the one by which the most money is moved."""
        moved = Counter[HeldBy]()
        for one in self.units:
            moved[one.held_by] += abs(one.within - one.within_new)
        order = sorted(moved, key=lambda one: (moved[one], one == "guarantee", one == "loss"))
        return order[-1] if order and moved[order[-1]] else "none"


@dataclass(frozen=True)
class PlanCost:
    """What a plan costs, in pence, and what was solved.

    `gain_ceiling` is the limit on gains that was used, the plan's own unless it was solved for. `least` and `most` are
    what counted pupils and the others can cost in all; they are given where `solved` is "no", and
    `most` is None where it grows for ever. `others` is what is kept for those not mapped.
    """

    plan: TariffPlan
    solved: Solved
    scale: Fraction | None
    gain_ceiling: Fraction | None
    gain_scale: Fraction | None
    rates: Mapping[str, int]
    units: tuple[UnitPay, ...]
    others: int
    least: int | None = None
    most: int | None = None

    @cached_property
    def schools(self) -> tuple[SchoolPay, ...]:
        """Each school and setting, in the order of the units."""
        found: dict[tuple[str, str], list[UnitPay]] = {}
        for one in self.units:
            found.setdefault((one.unit.school, one.unit.setting), []).append(one)
        return tuple(SchoolPay(*where, tuple(some)) for where, some in found.items())

    @property
    def present(self) -> int:
        """What is paid today for the counted pupils, as far as it is known."""
        return sum(one.unit.today for one in self.units)

    @property
    def before_limits(self) -> int:
        """What the bands' rates cost."""
        return sum(one.new for one in self.units)

    @property
    def after_limits(self) -> int:
        """What is paid for the counted pupils."""
        return sum(one.limited for one in self.units)

    @property
    def further(self) -> int:
        """What is paid for places beyond the counted pupils."""
        return sum(one.further for one in self.units)

    @property
    def whole(self) -> int:
        """What the plan costs: the counted pupils, further places, and the others."""
        return self.after_limits + self.further + self.others

    @property
    def headroom(self) -> int:
        """What of the envelope is left."""
        return self.plan.envelope - self.whole

    def first_year(self, part: Fraction) -> int:
        """Return what counted pupils cost in a year of which `part` is on the tariff and the rest as today.

        It is rounded up for each school; a pupil whose rate of today is not known counts for nothing until then.
        """
        return sum(math.ceil((1 - part) * one.paid + part * one.limited) for one in self.schools)

    def pay(self, seat: Seat, unit: TariffUnit) -> int:
        """Return what a band's rate gives a pupil of a level in a school and setting, in whole pence."""
        key = (seat, unit.setting, unit.factor.numerator, unit.factor.denominator)
        if key not in self._paid_for:
            self._paid_for[key] = _pay(self.plan, self.rates, seat, unit)
        return self._paid_for[key]

    @cached_property
    def _paid_for(self) -> dict[tuple[Seat, str, int, int], int]:
        return {}

    @cached_property
    def next_year(self) -> PlanCost | None:
        """What the counted pupils cost in the year after, from what they are paid now; None where the plan has none.

        Nothing is kept for others there, and no envelope is known.
        """
        after = self.plan.after
        if after is None:
            return None
        rates = {band: math.floor(rate * (1 + after.uplift)) for band, rate in self.rates.items()}
        bands = tuple(replace(band, rate=rates[band.id]) for band in self.plan.bands)
        plan = replace(
            self.plan, bands=bands, loss=after.loss, gain=None, guarantee={}, core={}, solve="none", after=None
        )
        units = [_year_after(one) for one in self.units]
        return PlanCost(plan, "not_asked", Fraction(1), None, None, rates, _paid(plan, rates, units), 0)


def _year_after(pay: UnitPay) -> TariffUnit:
    """Return a unit to whom is paid as today what a plan pays this year: all of its pupils then have a rate."""
    unit, paid = pay.unit, pay.within + pay.outside
    elsewhere = unit.elsewhere if unit.paid else {}
    return replace(
        unit,
        present=paid,
        within=Counter(unit.limited) + Counter(unit.free),
        outside={},
        other=0,
        elsewhere=elsewhere,
        elsewhere_present=pay.within - pay.here if elsewhere else 0,
    )


def cost(plan: TariffPlan, units: Sequence[TariffUnit], others: NotCounted) -> PlanCost:
    """Return what a plan costs, solved for what it asks."""
    own = {band.id: band.rate for band in plan.bands}
    if plan.solve == "scale":
        return _by_scale(plan, units, others, own)
    aside = others_cost(plan, own, units, others, plan.others)
    if plan.solve == "none":
        return PlanCost(plan, "not_asked", Fraction(1), plan.gain, None, own, _paid(plan, own, units), aside)
    return _by_gain(plan, units, aside, own)


def _by_scale(plan: TariffPlan, units: Sequence[TariffUnit], others: NotCounted, own: Mapping[str, int]) -> PlanCost:
    lines = [*scale_lines(plan, units), *others_lines(plan, units, others, plan.others)]
    scale = largest(lines, plan.envelope)
    if scale is None:
        aside = others_cost(plan, own, units, others, plan.others)
        most = most_of(lines)
        least, upmost = math.ceil(least_of(lines)), None if most is None else math.ceil(most)
        return PlanCost(plan, "no", None, plan.gain, None, own, _paid(plan, own, units), aside, least, upmost)
    rates = {band: math.floor(rate * scale / plan.step) * plan.step for band, rate in own.items()}
    aside = others_cost(plan, rates, units, others, plan.others)
    return PlanCost(plan, "exactly", scale, plan.gain, None, rates, _paid(plan, rates, units), aside)


def _by_gain(plan: TariffPlan, units: Sequence[TariffUnit], aside: int, own: Mapping[str, int]) -> PlanCost:
    by_share = plan.solve == "gain_scale"
    lines = [line for unit in units for line in _gain_lines(plan, own, unit, by_share)]
    left, least = plan.envelope - aside, least_of(lines)
    open_paid = _paid(plan, own, units)
    most = sum(one.limited + one.further for one in open_paid)
    if most <= left:
        share = Fraction(1) if by_share else None
        return PlanCost(plan, "idle", Fraction(1), None, share, own, open_paid, aside)
    found = largest(lines, left) if least <= left else None
    if found is None:
        low, high = math.ceil(least) + aside, most + aside
        return PlanCost(plan, "no", None, None, None, own, open_paid, aside, low, high)
    found = found // FINE * FINE
    ceiling, share = (None, found) if by_share else (found, None)
    paid = _paid(plan, own, units, ceiling, share)
    return PlanCost(plan, "exactly", Fraction(1), ceiling, share, own, paid, aside)


def _gain_lines(plan: TariffPlan, rates: Mapping[str, int], unit: TariffUnit, by_share: bool) -> Iterator[Line]:
    """Yield what a school and setting is paid as the ceiling on gains grows, or the share of gains that is kept."""
    new, paid, floor = _within(plan, rates, unit), unit.paid, limits(plan, unit).floor
    yield Line(_outside(plan, rates, unit) + unit.kept_paid, 0)
    if not paid:
        line = Line(new, 0)
    elif new <= paid:  # Nothing is gained.
        line = Line(new, 0, floor)
    else:
        line = Line(paid, new - paid if by_share else paid, floor, max(new, floor or 0))
    yield line.times(unit.times)


def scale_lines(plan: TariffPlan, units: Iterable[TariffUnit]) -> Iterator[Line]:
    """Yield what each school and setting is paid as all rates grow from nothing, in exact pence."""
    for unit in units:
        ends, lump = limits(plan, unit), unit.lump if unit.within or unit.outside else 0
        yield Line(lump, _exact(plan, unit.limited, unit), ends.floor, ends.ceiling).times(unit.times)
        yield Line(unit.kept_paid, _exact(plan, unit.free, unit))


def _exact(plan: TariffPlan, pupils: Seats, unit: TariffUnit) -> Fraction:
    # Whole numbers while all are there for the whole year: fractions take ten times as long.
    whole = sum((plan.band_of[one.level].rate * (number if one.part == 1 else number * one.part)
                 for one, number in pupils.items()), start=0)  # fmt: skip
    return whole * _factor(plan, unit)


def _factor(plan: TariffPlan, unit: TariffUnit) -> Fraction:
    factor = plan.factors.get(unit.setting, Fraction(1))
    return factor if unit.factor == 1 else factor * unit.factor


def _pay(plan: TariffPlan, rates: Mapping[str, int], seat: Seat, unit: TariffUnit) -> int:
    factor = _factor(plan, unit)
    return seat.of(rates[plan.band_of[seat.level].id] * factor.numerator // factor.denominator)


def _sum(plan: TariffPlan, rates: Mapping[str, int], pupils: Seats, unit: TariffUnit) -> int:
    return sum(number * _pay(plan, rates, seat, unit) for seat, number in pupils.items())


def _within(plan: TariffPlan, rates: Mapping[str, int], unit: TariffUnit) -> int:
    return (unit.lump if unit.within or unit.outside else 0) + _sum(plan, rates, unit.limited, unit)


def _outside(plan: TariffPlan, rates: Mapping[str, int], unit: TariffUnit) -> int:
    return _sum(plan, rates, unit.free, unit)


def _each(plan: TariffPlan, unit: TariffUnit) -> Fraction:
    """Return for how many pupils what a limit gives is rounded each by itself; 1 where it is rounded as a whole."""
    if unit.alone:
        return Fraction(sum(unit.limited.values()) or 1)
    return in_years(unit.limited) or Fraction(1) if unit.setting in plan.average_in else Fraction(1)


def _up(amount: Fraction, each: Fraction) -> int:
    return math.ceil(amount) if each == 1 else math.ceil(each * math.ceil(amount / each))


def _down(amount: Fraction, each: Fraction) -> int:
    return math.floor(amount) if each == 1 else math.floor(each * math.floor(amount / each))


def limits(plan: TariffPlan, unit: TariffUnit, gain: Fraction | None = None) -> UnitLimits:
    """Return the floor and ceiling of a school and setting; `gain` takes the place of the plan's own limit on gains.

    Floors are rounded up and ceilings down: for each pupil where the school's average is paid, else for the whole.
    """
    if not unit.paid:
        return UnitLimits(None, None)
    gain = plan.gain if gain is None else gain
    number, each, floors = sum(unit.limited.values()), _each(plan, unit), dict[HeldBy, Fraction]()
    if plan.loss is not None:
        floors["loss"] = unit.paid * (1 - plan.loss)
    if unit.setting in plan.guarantee:
        core = number * plan.core.get(unit.setting, 0)
        floors["guarantee"] = (unit.paid + core) * (1 + plan.guarantee[unit.setting]) - core
    ceiling = None if gain is None else _down(unit.paid * (1 + gain), each)
    if not floors:
        return UnitLimits(None, ceiling)
    by = max(floors, key=lambda one: (floors[one], one == "guarantee"))
    return UnitLimits(_up(floors[by], each), ceiling, by)


def _paid(
    plan: TariffPlan,
    rates: Mapping[str, int],
    units: Iterable[TariffUnit],
    gain: Fraction | None = None,
    share: Fraction | None = None,
) -> tuple[UnitPay, ...]:
    """Return what is paid at these rates, with a limit on gains in the place of the plan's own or a share of them."""
    return tuple(_unit_pay(plan, rates, unit, gain, share) for unit in units)


def _unit_pay(
    plan: TariffPlan, rates: Mapping[str, int], unit: TariffUnit, gain: Fraction | None, share: Fraction | None
) -> UnitPay:
    new, outside, ends = _within(plan, rates, unit), _outside(plan, rates, unit), limits(plan, unit, gain)
    ceiling = ends.ceiling
    if share is not None and share < 1 and unit.paid and new > unit.paid:
        ceiling = _down(unit.paid + share * (new - unit.paid), _each(plan, unit))
    paid = new if ceiling is None else min(new, ceiling)
    paid = paid if ends.floor is None else max(paid, ends.floor)
    held_by: HeldBy = "gain" if paid < new else ends.floor_by if paid > new else "none"
    here = new - _sum(plan, rates, unit.elsewhere, unit) if unit.paid else new
    return UnitPay(unit, new, paid, outside, held_by, UnitLimits(ends.floor, ceiling, ends.floor_by), here)


# Those who are not mapped.


def others_lines(
    plan: TariffPlan, units: Iterable[TariffUnit], others: NotCounted, way: Others
) -> Iterator[Line]:  # fmt: skip
    """Yield what those not mapped cost as all rates grow from nothing, if they turn out in some way."""
    if way == "as_today":
        yield Line(others.present, 0)
    elif way != "set_aside":
        yield Line(0, _others_exact(plan, {band.id: band.rate for band in plan.bands}, units, others, way))


def others_cost(
    plan: TariffPlan, rates: Mapping[str, int], units: Iterable[TariffUnit], others: NotCounted, way: Others
) -> int:
    """Return what those not mapped cost at these rates in pence, rounded up; 0 where they are set aside."""
    if way == "as_today":
        return others.present
    return 0 if way == "set_aside" else math.ceil(_others_exact(plan, rates, units, others, way))


def _others_exact(
    plan: TariffPlan, rates: Mapping[str, int], units: Iterable[TariffUnit], others: NotCounted, way: Others
) -> Fraction:
    """Return the same exactly. Each is paid by her own setting's factor; where it is not known, by the least or most.

    Like those mapped: each level has the part of them that it has of the counted pupils of all settings.
    """
    if not plan.banded:
        return Fraction(0)
    if way == "like_mapped":
        levels, settings = Counter[str](), Counter[str]()
        for unit in units:
            for seat, number in (unit.seats - Counter(unit.kept) if unit.kept else unit.seats).items():
                levels[seat.level] += number
                settings[unit.setting] += number
        counted = sum(settings.values())
        if not counted:
            return Fraction(0)
        rate = Fraction(sum(rates[plan.band_of[one].id] * number for one, number in levels.items()), counted)
        unknown = sum((plan.factors[one] * number for one, number in settings.items()), Fraction(0)) / counted
    else:
        factors = [plan.factors[one] for one in sorted(plan.factors)] or [Fraction(1)]
        end = plan.banded[0 if way == "lowest" else -1]
        rate, unknown = Fraction(rates[plan.band_of[end].id]), (min if way == "lowest" else max)(factors)
    number_of = others.pupils if others.years is None else others.years
    return sum((number * rate * plan.factors.get(one, unknown) for one, number in number_of.items()), Fraction(0))


def if_mapped(plan: TariffPlan, units: Sequence[TariffUnit], others: NotCounted) -> dict[str, Fraction | None]:
    """Return the scale of all rates that fits the envelope, if those not mapped turn out in each way; None: no such.

    Those like the mapped are not known where nobody is mapped.
    """
    lines = list(scale_lines(plan, units))
    counted = any(unit.pupils for unit in units)
    return {
        way: largest([*lines, *others_lines(plan, units, others, way)], plan.envelope)
        if counted or way != "like_mapped"
        else None
        for way in MAPPED
    }


# Drift.


@dataclass(frozen=True)
class TariffDrift:
    """What becomes of the cost where pupils move up one level, in pence.

    `all_up` is the cost where all do. `borne` is the largest share of them at which the envelope still suffices, from 0
    to 1; None where it does not suffice as it is. `moving` are the pupils who can, `rising` those among them who come
    from below the tariff.
    """

    all_up: int
    borne: Fraction | None
    moving: int
    rising: int


def drift(found: PlanCost, rising: Mapping[tuple[str, Seat], int]) -> TariffDrift:
    """Return what becomes of the cost where the same share of pupils in each school moves up one level.

    `rising` are pupils outside the tariff who would come into it, by setting and by the level that they would have.
    Pupils who are paid as today stay so, and nobody becomes one of them.
    """
    plan = found.plan
    lines, moving = [Line(found.others, 0)], 0
    for one in found.units:
        for pupils, start, limited in ((one.unit.limited, one.within_new, True), (one.unit.free, one.outside, False)):
            more = 0
            for seat, number in pupils.items():
                following = seat._replace(level=plan.next_level(seat.level))
                more += number * (found.pay(following, one.unit) - found.pay(seat, one.unit))
                moving += number if following != seat else 0
            moved = _drifting(one, start, more, found.gain_scale) if limited else [Line(start, more)]
            lines += [line.times(one.unit.times if limited else Fraction(1)) for line in moved]
        lines.append(Line(one.unit.kept_paid, 0))
    new = sum(
        number * _pay(plan, found.rates, seat, TariffUnit("", setting)) for (setting, seat), number in rising.items()
    )
    lines.append(Line(0, new))
    up = math.ceil(sum((line.at(1) for line in lines), Fraction(0)))
    borne = Fraction(1) if up <= plan.envelope else largest(lines, plan.envelope)
    number = sum(rising.values())
    return TariffDrift(up, borne, moving + number, number)


def _drifting(one: UnitPay, start: int, more: int, share: Fraction | None) -> list[Line]:
    """Return what a school and setting is paid within its limits as pupils move up; where a share is kept, of gains."""
    if share is None or not one.unit.paid:
        return [Line(start, more, one.limits.floor, one.limits.ceiling)]
    paid, floor = one.unit.paid, one.limits.floor
    kept = Line(share * (start - paid), share * more, 0)
    if floor is not None and floor >= paid:
        return [Line(paid + share * (start - paid), share * more, floor)]
    return [Line(start, more, floor, paid), kept]


# A pupil's pay.


def shared_out(total: int, own: Sequence[int], equal: bool) -> list[int]:
    """Return a sum in pence divided over pupils by their own rates, or in equal parts, so that the parts add up to it.

    Each gets the part rounded down; the pence left go one each to the largest remainders, of equals to the first.

    >>> shared_out(100, [1, 1, 1], equal=True), shared_out(90, [70, 30], equal=False)
    ([34, 33, 33], [63, 27])
    """
    weights = [1] * len(own) if equal or not sum(own) else list(own)
    whole = sum(weights)
    parts = [divmod(total * one, whole) for one in weights]
    left = total - sum(part for part, _ in parts)
    order = sorted(range(len(own)), key=lambda at: -parts[at][1])
    extra = set(order[:left])
    return [part + (at in extra) for at, (part, _) in enumerate(parts)]
