"""The sums of a tariff: what a plan of bands and rates costs, and the rates or limits at which it fits an envelope.

Everything here is exact. Money is in whole pence, and scales, ceilings and shares are fractions. A school's pay rises
in a straight line with whatever is solved for, between its floor and its ceiling. So the cost of all schools is made of
straight pieces, and the largest value at which it is within the envelope lies on one of them, where it is worked out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal, NamedTuple

#: Ceilings and shares that were solved for are rounded down to this.
FINE = Fraction(1, 10_000)

Solve = Literal["none", "scale", "gain_ceiling", "gain_scale"]
Others = Literal["set_aside", "as_today", "like_mapped", "lowest", "highest"]
Solved = Literal["not_asked", "exactly", "idle", "no"]
HeldBy = Literal["none", "loss", "gain", "guarantee"]
#: The ways in which pupils who are not mapped yet may turn out to be.
MAPPED: tuple[Others, ...] = ("like_mapped", "lowest", "highest")


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
    for it, and `core` what is paid for a place there beside the rate.
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
        following = dict(zip(self.levels, self.levels[1:], strict=False)).get(level, level)
        return following if following in self.band_of else level


@dataclass(frozen=True)
class TariffUnit:
    """A school and setting: its counted pupils by level, and what is paid today, in pence.

    `within` are the pupils with a rate of today, to whom `present` is paid in all; the limits are about them. `outside`
    are those of whom no rate of today is known. `other` is what the school is paid today beside the pupils' rates,
    `lump` what it will be paid beside them; `factor` is its own.
    """

    school: str
    setting: str
    present: int = 0
    within: Mapping[str, int] = field(default_factory=dict)
    outside: Mapping[str, int] = field(default_factory=dict)
    other: int = 0
    lump: int = 0
    factor: Fraction = Fraction(1)

    @property
    def pupils(self) -> int:
        """How many pupils are counted."""
        return sum(self.within.values()) + sum(self.outside.values())

    @property
    def paid(self) -> int:
        """What is paid today in all; nothing where nobody is counted."""
        return self.present + self.other if self.pupils else 0

    @property
    def limited(self) -> Mapping[str, int]:
        """The pupils to whom limits apply, by level: none where nothing is paid today."""
        return self.within if self.paid else {}

    @property
    def free(self) -> Mapping[str, int]:
        """The pupils who are paid their band's rate outside all limits, by level."""
        return self.outside if self.paid else Counter(self.within) + Counter(self.outside)


@dataclass(frozen=True)
class NotCounted:
    """The pupils who are not mapped yet, or not settled: how many in each setting ("": not known), and their pay.

    `present` is what is paid for them today in pence, as far as it is known; `unpaid` for how many it is not.
    """

    pupils: Mapping[str, int] = field(default_factory=dict)
    present: int = 0
    unpaid: int = 0

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

    def at(self, x: Fraction | int) -> Fraction:
        """Return what is paid at x."""
        found = Fraction(self.start + self.slope * x)
        if self.ceiling is not None:
            found = min(found, Fraction(self.ceiling))
        return found if self.floor is None else max(found, Fraction(self.floor))

    def bends(self) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
        """Yield where the line changes, from 0 on: by how much its value if drawn back to 0, and its slope."""
        if not self.slope or (self.floor is not None and self.ceiling is not None and self.floor >= self.ceiling):
            return
        start, slope = Fraction(self.start), Fraction(self.slope)
        begins = Fraction(0) if self.floor is None else (self.floor - start) / slope
        ends = None if self.ceiling is None else (self.ceiling - start) / slope
        if ends is not None and ends <= 0:
            return  # It is at its ceiling from the beginning.
        yield (begins, start - (self.floor or 0), slope) if begins > 0 else (Fraction(0), start - self.at(0), slope)
        if ends is not None:
            yield ends, Fraction(self.ceiling or 0) - start, -slope


def largest(lines: Sequence[Line], most: int | Fraction) -> Fraction | None:
    """Return the largest x from 0 on at which these lines together are at most `most`; None where none is the largest.

    Either they are above it at 0 already, or they never go above it; `least_of` and `most_of` tell which.

    >>> largest([Line(0, 10), Line(0, 20, floor=30, ceiling=50)], 60)
    Fraction(2, 1)
    >>> largest([Line(0, 10, ceiling=40)], 50)
    """
    # Between two bends all lines together are start + slope × x; so kept, its fractions stay small.
    start, slope = least_of(lines), Fraction(0)
    if start > most:
        return None
    for at, further, steeper in sorted(bend for line in lines for bend in line.bends()):
        if start + slope * at > most:
            break
        start, slope = start + further, slope + steeper
    return (most - start) / slope if slope else None


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
    """What a plan pays a school and setting, in pence: `new` by the bands' rates, `limited` within the limits too.

    `within_new` and `within` are the parts of both that the limits are about.
    """

    unit: TariffUnit
    within_new: int
    within: int
    outside: int
    held_by: HeldBy
    limits: UnitLimits

    @property
    def new(self) -> int:
        """What the bands' rates give before limits."""
        return self.within_new + self.outside

    @property
    def limited(self) -> int:
        """What is paid."""
        return self.within + self.outside

    @property
    def change(self) -> int:
        """How much more is paid than today."""
        return self.limited - self.unit.paid

    @property
    def change_part(self) -> Fraction | None:
        """The change as a part of what is paid today; None where nothing is."""
        return Fraction(self.change, self.unit.paid) if self.unit.paid else None


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

    @property
    def present(self) -> int:
        """What is paid today for the counted pupils, as far as it is known."""
        return sum(one.unit.paid for one in self.units)

    @property
    def before_limits(self) -> int:
        """What the bands' rates cost."""
        return sum(one.new for one in self.units)

    @property
    def after_limits(self) -> int:
        """What is paid for the counted pupils."""
        return sum(one.limited for one in self.units)

    @property
    def headroom(self) -> int:
        """What of the envelope is left."""
        return self.plan.envelope - self.after_limits - self.others

    def first_year(self, part: Fraction) -> int:
        """Return what counted pupils cost in a year of which `part` is on the tariff and the rest as today.

        It is rounded up for each school; a pupil whose rate of today is not known counts for nothing until then.
        """
        return sum(math.ceil((1 - part) * one.unit.paid + part * one.limited) for one in self.units)

    def pay(self, level: str, unit: TariffUnit) -> int:
        """Return what a band's rate gives a pupil of a level in a school and setting, in whole pence."""
        return _pay(self.plan, self.rates, level, unit)


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
    most = sum(one.limited for one in open_paid)
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
    yield Line(_outside(plan, rates, unit), 0)
    if not paid:
        yield Line(new, 0)
    elif new <= paid:  # Nothing is gained.
        yield Line(new, 0, floor)
    else:
        yield Line(paid, new - paid if by_share else paid, floor, max(new, floor or 0))


def scale_lines(plan: TariffPlan, units: Iterable[TariffUnit]) -> Iterator[Line]:
    """Yield what each school and setting is paid as all rates grow from nothing, in exact pence."""
    for unit in units:
        ends = limits(plan, unit)
        yield Line(unit.lump if unit.pupils else 0, _exact(plan, unit.limited, unit), ends.floor, ends.ceiling)
        yield Line(0, _exact(plan, unit.free, unit))


def _exact(plan: TariffPlan, pupils: Mapping[str, int], unit: TariffUnit) -> Fraction:
    whole = sum(plan.band_of[level].rate * number for level, number in pupils.items())
    return whole * plan.factors.get(unit.setting, Fraction(1)) * unit.factor


def _pay(plan: TariffPlan, rates: Mapping[str, int], level: str, unit: TariffUnit) -> int:
    return math.floor(rates[plan.band_of[level].id] * plan.factors.get(unit.setting, Fraction(1)) * unit.factor)


def _within(plan: TariffPlan, rates: Mapping[str, int], unit: TariffUnit) -> int:
    lump = unit.lump if unit.pupils else 0
    return lump + sum(number * _pay(plan, rates, level, unit) for level, number in unit.limited.items())


def _outside(plan: TariffPlan, rates: Mapping[str, int], unit: TariffUnit) -> int:
    return sum(number * _pay(plan, rates, level, unit) for level, number in unit.free.items())


def limits(plan: TariffPlan, unit: TariffUnit, gain: Fraction | None = None) -> UnitLimits:
    """Return the floor and ceiling of a school and setting; `gain` takes the place of the plan's own limit on gains.

    Floors are rounded up and ceilings down: for each pupil where the school's average is paid, else for the whole.
    """
    if not unit.paid:
        return UnitLimits(None, None)
    gain = plan.gain if gain is None else gain
    number, floors = sum(unit.limited.values()), dict[HeldBy, Fraction]()
    if plan.loss is not None:
        floors["loss"] = unit.paid * (1 - plan.loss)
    if unit.setting in plan.guarantee:
        core = number * plan.core.get(unit.setting, 0)
        floors["guarantee"] = (unit.paid + core) * (1 + plan.guarantee[unit.setting]) - core
    each = number if unit.setting in plan.average_in and number else 1
    ceiling = None if gain is None else each * math.floor(unit.paid * (1 + gain) / each)
    if not floors:
        return UnitLimits(None, ceiling)
    by = max(floors, key=lambda one: (floors[one], one == "guarantee"))
    return UnitLimits(each * math.ceil(floors[by] / each), ceiling, by)


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
        number = sum(unit.limited.values())
        each = number if unit.setting in plan.average_in and number else 1
        ceiling = each * math.floor((unit.paid + share * (new - unit.paid)) / each)
    paid = new if ceiling is None else min(new, ceiling)
    paid = paid if ends.floor is None else max(paid, ends.floor)
    held_by: HeldBy = "gain" if paid < new else ends.floor_by if paid > new else "none"
    return UnitPay(unit, new, paid, outside, held_by, UnitLimits(ends.floor, ceiling, ends.floor_by))


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
    levels, settings = Counter[str](), Counter[str]()
    for unit in units:
        for pupils in (unit.within, unit.outside):
            levels.update(pupils)
            settings[unit.setting] += sum(pupils.values())
    factors = [plan.factors[one] for one in sorted(plan.factors)] or [Fraction(1)]
    counted = sum(settings.values())
    if not plan.banded:
        return Fraction(0)
    if way == "like_mapped":
        if not counted:
            return Fraction(0)
        rate = Fraction(sum(rates[plan.band_of[one].id] * number for one, number in levels.items()), counted)
        unknown = sum((plan.factors[one] * number for one, number in settings.items()), Fraction(0)) / counted
    else:
        end = plan.banded[0 if way == "lowest" else -1]
        rate, unknown = Fraction(rates[plan.band_of[end].id]), (min if way == "lowest" else max)(factors)
    return sum((number * rate * plan.factors.get(one, unknown) for one, number in others.pupils.items()), Fraction(0))


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


def drift(found: PlanCost, rising: Mapping[tuple[str, str], int]) -> TariffDrift:
    """Return what becomes of the cost where the same share of pupils in each school moves up one level.

    `rising` are pupils outside the tariff who would come into it, by setting and by the level that they would have.
    """
    plan = found.plan
    lines, moving = [Line(found.others, 0)], 0
    for one in found.units:
        for pupils, start, limited in ((one.unit.limited, one.within_new, True), (one.unit.free, one.outside, False)):
            more = 0
            for level, number in pupils.items():
                following = plan.next_level(level)
                more += number * (found.pay(following, one.unit) - found.pay(level, one.unit))
                moving += number if following != level else 0
            lines += _drifting(one, start, more, found.gain_scale) if limited else [Line(start, more)]
    new = sum(
        number * _pay(plan, found.rates, level, TariffUnit("", setting)) for (setting, level), number in rising.items()
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
