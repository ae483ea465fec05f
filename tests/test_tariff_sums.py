"""The sums of a tariff: three schools worked out by hand, and what always holds, against a reckoning of its own."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import tariff_oracle as oracle
from senpolicy.caseloads.tariff_sums import (
    NotCounted,
    PlanCost,
    PlannedBand,
    Seat,
    TariffPlan,
    TariffUnit,
    UnitLimits,
    YearAfter,
    cost,
    drift,
    if_mapped,
    limits,
    scale_lines,
    shared_out,
    whole_year,
)

NOBODY = NotCounted()


def hand(**changes: Any) -> TariffPlan:
    """Return the plan of the guide, with changes."""
    bands = (("band_1", "l1", 7000), ("band_2", "l2", 10000), ("band_3", "l3", 14000), ("band_4", "l4", 19000))
    plan = TariffPlan(
        "trial-1",
        envelope=100_000_00,
        bands=tuple(PlannedBand(name, (level,), pounds * 100) for name, level, pounds in bands),
        levels=("l0", "l1", "l2", "l3", "l4"),
        factors=dict.fromkeys(("mainstream", "srp", "special"), Fraction(1)),
        average_in=frozenset({"special"}),
        loss=Fraction(1, 20),
        guarantee={"special": Fraction(0)},
        solve="scale",
    )
    return replace(plan, **changes)


#: A special school with four pupils at £12,000 today, an SRP with three at £10,500, and a mainstream school with three
#: at £7,500, £6,500 and £8,000.
A = TariffUnit("A", "special", 48_000_00, whole_year(l2=2, l3=1, l4=1))
B = TariffUnit("B", "srp", 31_500_00, whole_year(l1=1, l2=1, l3=1))
C = TariffUnit("C", "mainstream", 22_000_00, whole_year(l1=2, l2=1))


def test_three_schools_by_hand_with_the_rates_as_planned() -> None:
    """The bands pay A 2 × 10,000 + 14,000 + 19,000 = 53,000, B 7,000 + 10,000 + 14,000 = 31,000, C 24,000: 108,000.

    A's floor is the guarantee, 48,000, above the loss limit, 45,600. B's floor is 31,500 less 5%, 29,925; C's 20,900.
    None is reached, so 108,000 is paid, 8,000 more than the envelope.
    """
    found = cost(hand(solve="none"), [A, B, C], NOBODY)

    assert (found.solved, found.scale, found.after_limits, found.headroom) == ("not_asked", 1, 108_000_00, -8_000_00)
    assert [one.new for one in found.units] == [53_000_00, 31_000_00, 24_000_00]
    assert [one.limits for one in found.units] == [
        UnitLimits(48_000_00, None, "guarantee"),
        UnitLimits(29_925_00, None, "loss"),
        UnitLimits(20_900_00, None, "loss"),
    ]


def test_three_schools_by_hand_with_the_largest_scale_of_the_rates() -> None:
    """A and C grow with the scale s, from 53,000 and 24,000 at 1. B is held at its floor of 29,925 until 31,000 s is
    more, which is where s is 0.965. So 77,000 s + 29,925 = 100,000, and s = 70,075 / 77,000 = 2803/3080 = 0.9101.

    Rates rounded down to a pound: 6,370, 9,100, 12,740 and 17,291. A gets 9,100 × 2 + 12,740 + 17,291 = 48,231, above
    its floor; B 28,210 by the bands and 29,925 by the loss limit; C 6,370 × 2 + 9,100 = 21,840. In all 99,996.
    """
    found = cost(hand(), [A, B, C], NOBODY)

    assert (found.solved, found.scale) == ("exactly", Fraction(2803, 3080))
    assert found.rates == {"band_1": 6_370_00, "band_2": 9_100_00, "band_3": 12_740_00, "band_4": 17_291_00}
    assert [(one.new, one.limited, one.held_by) for one in found.units] == [
        (48_231_00, 48_231_00, "none"),
        (28_210_00, 29_925_00, "loss"),
        (21_840_00, 21_840_00, "none"),
    ]
    assert (found.after_limits, found.headroom) == (99_996_00, 4_00)


def test_three_schools_by_hand_with_the_highest_ceiling_on_gains() -> None:
    """With the rates as planned A would gain 5,000 and C 2,000; B loses 500, within its limit. Paid without any gain:
    48,000 + 31,000 + 22,000 = 101,000. With an envelope of 104,000 there is 3,000 for gains.

    C reaches its 24,000 at 2,000 / 22,000 = 1/11 = 9.09%, A at 10.4%. Up to there both grow, by 70,000 g: at g = 3/70
    = 4.2857% the 3,000 are spent. Rounded down to 0.0428: A is paid 48,000 × 1.0428 = 50,054.40, which is 12,513.60 a
    pupil, and C 22,000 × 1.0428 = 22,941.60. In all 103,996.
    """
    found = cost(hand(solve="gain_ceiling", envelope=104_000_00), [A, B, C], NOBODY)

    assert (found.solved, found.gain_ceiling) == ("exactly", Fraction(428, 10_000))
    assert [(one.limited, one.held_by) for one in found.units] == [
        (50_054_40, "gain"),
        (31_000_00, "none"),
        (22_941_60, "gain"),
    ]
    assert (found.after_limits, found.headroom) == (103_996_00, 4_00)


def test_three_schools_by_hand_with_the_largest_share_of_gains() -> None:
    """Of the same gains, 7,000 in all, 3,000 can be kept: 3/7, rounded down 0.4285. A gets 48,000 + 2,142.50, for four
    pupils 12,535.625 each, rounded down to 12,535.62: 50,142.48. C gets 22,000 + 857 = 22,857.
    """
    found = cost(hand(solve="gain_scale", envelope=104_000_00), [A, B, C], NOBODY)

    assert (found.solved, found.gain_scale) == ("exactly", Fraction(857, 2_000))
    assert [one.limited for one in found.units] == [50_142_48, 31_000_00, 22_857_00]


def test_where_no_limit_on_gains_is_needed_that_is_said() -> None:
    """108,000 is within an envelope of 108,000, so nothing is cut."""
    for solve, share in (("gain_ceiling", None), ("gain_scale", 1)):
        found = cost(hand(solve=solve, envelope=108_000_00), [A, B, C], NOBODY)
        assert (found.solved, found.gain_ceiling, found.gain_scale, found.headroom) == ("idle", None, share, 0)


def test_an_envelope_that_no_scale_can_meet_is_told_with_the_least_that_can_be_paid() -> None:
    """The floors alone are 48,000 + 29,925 + 20,900 = 98,825. Without any gain it is 101,000 at the planned rates."""
    found = cost(hand(envelope=98_824_99), [A, B, C], NOBODY)
    assert (found.solved, found.scale, found.least, found.most) == ("no", None, 98_825_00, None)
    assert found.rates["band_1"] == 7_000_00

    capped = cost(hand(gain=Fraction(0), envelope=200_000_00), [A, B, C], NOBODY)
    assert (capped.solved, capped.scale, capped.most) == ("no", None, 101_500_00)  # Each at what it is paid today.

    gains = cost(hand(solve="gain_scale", envelope=100_999_99), [A, B, C], NOBODY)
    assert (gains.solved, gains.least, gains.most) == ("no", 101_000_00, 108_000_00)


def test_a_pupil_without_a_rate_of_today_is_paid_outside_all_limits() -> None:
    """Empty is not 0, and where nothing is paid today there is nothing to hold the new rates against."""
    unit = TariffUnit("D", "mainstream", 1_000_00, whole_year(l1=1), whole_year(l4=1))
    found = cost(hand(solve="none", gain=Fraction(0)), [unit], NOBODY)
    assert [(one.within, one.outside, one.held_by) for one in found.units] == [(1_000_00, 19_000_00, "gain")]

    nothing = cost(hand(solve="none", gain=Fraction(0)), [replace(unit, present=0)], NOBODY)
    assert [(one.within, one.outside, one.held_by) for one in nothing.units] == [(0, 26_000_00, "none")]


def test_the_guarantee_is_on_place_and_top_up_together_where_a_core_is_given() -> None:
    """£12,000 and £10,000 for the place are 22,000; 2% less is 21,560, so the top-up may fall to 11,560: 3.67%."""
    plan = hand(loss=None, guarantee={"special": Fraction(-2, 100)}, core={"special": 10_000_00})
    assert limits(plan, A).floor == 4 * 11_560_00
    assert limits(replace(plan, core={}), A).floor == 4 * 11_760_00


def test_the_first_financial_year_is_in_part_as_today() -> None:
    """Seven months of twelve: A 5/12 × 48,000 + 7/12 × 53,000 = 50,916.67 rounded up, B 31,208.34, C 23,166.67."""
    found = cost(hand(solve="none"), [A, B, C], NOBODY)
    assert found.first_year(Fraction(7, 12)) == 50_916_67 + 31_208_34 + 23_166_67
    assert found.first_year(Fraction(0)) == found.present


def test_what_a_school_is_paid_beside_its_pupils_counts_on_both_sides() -> None:
    """A payment of today counts among what must not fall, and a lump sum among what is paid."""
    found = cost(hand(solve="none"), [replace(B, other=1_000_00, lump=500_00)], NOBODY)
    (one,) = found.units
    assert (one.unit.paid, one.new, one.limits.floor, one.limited) == (32_500_00, 31_500_00, 30_875_00, 31_500_00)


@pytest.mark.parametrize(
    ("way", "rate"), [("lowest", 7_000_00), ("highest", 19_000_00), ("like_mapped", 10_800_00), ("as_today", 9_000_00)]
)
def test_those_not_mapped_are_costed_as_the_plan_says(way: Any, rate: int) -> None:
    """Ten are counted, and their bands pay 108,000: 10,800 each. Two more are paid 9,000 today."""
    others = NotCounted({"mainstream": 2}, 18_000_00)
    found = cost(hand(solve="none", others=way, envelope=200_000_00), [A, B, C], others)
    assert (found.others, found.headroom) == (2 * rate, 200_000_00 - 108_000_00 - 2 * rate)

    solved = cost(hand(others=way, envelope=120_000_00), [A, B, C], others)
    assert solved.solved == "exactly"
    assert 0 <= solved.headroom < 12 * 100


@pytest.mark.parametrize(("way", "pounds"), [("lowest", 13_300), ("highest", 41_800), ("like_mapped", 21_816)])
def test_who_is_not_mapped_is_paid_by_her_setting_and_by_the_least_or_the_most_where_it_is_not_known(
    way: Any, pounds: int
) -> None:
    """One in a mainstream school, by the factor 1, and one of whom it is not known: by 0.9, by 1.2, or as ten mapped
    are, four by 0.9, three by 1.2 and three by 1: 1.02. Twice 7,000 at the least where no setting has a factor.
    """
    factors = {"mainstream": Fraction(1), "srp": Fraction("1.2"), "special": Fraction("0.9")}
    others = NotCounted({"mainstream": 1, "": 1})
    found = cost(hand(solve="none", others=way, factors=factors), [A, B, C], others)
    assert found.others == pounds * 100
    if way == "lowest":
        assert cost(hand(solve="none", others=way, factors={}), [], others).others == 14_000_00


def test_the_scale_if_those_not_mapped_turn_out_in_each_way() -> None:
    """With one more pupil and an envelope of 110,000. At the lowest level 84,000 s + 29,925 is to be 110,000, and like
    the rest, at 10,800, 87,800 s + 29,925. At the highest all three schools come to their floors, of 98,825 together,
    and 19,000 s has to be the 11,175 that are left.
    """
    found = if_mapped(hand(envelope=110_000_00), [A, B, C], NotCounted({"mainstream": 1}, 0, 1))
    assert found == {
        "like_mapped": Fraction(80_075, 87_800),
        "lowest": Fraction(80_075, 84_000),
        "highest": Fraction(11_175, 19_000),
    }
    assert if_mapped(hand(), [], NotCounted({"srp": 1}))["like_mapped"] is None


def test_the_drift_that_the_headroom_bears_by_hand() -> None:
    """If all move up one level, A is paid 14,000 × 2 + 19,000 × 2 = 66,000, B 10,000 + 14,000 + 19,000 = 43,000, C
    10,000 × 2 + 14,000 = 34,000: 143,000, from 108,000. Two pupils who rise into the tariff cost 7,000 each: 157,000.
    Of an envelope of 110,000 the headroom is 2,000, which bears 2,000 / 49,000 = 2/49 of them.
    """
    found = cost(hand(solve="none", envelope=110_000_00), [A, B, C], NOBODY)
    moved = drift(found, {("mainstream", Seat("l1")): 2})
    assert (moved.all_up, moved.borne) == (157_000_00, Fraction(2, 49))
    assert (moved.moving, moved.rising) == (11, 2)  # The one pupil at the highest level cannot move.


def test_pence_are_shared_out_by_largest_remainder_and_of_equals_to_the_first() -> None:
    assert shared_out(100, [1, 1, 1], equal=True) == [34, 33, 33]
    assert shared_out(10, [3, 3, 1], equal=False) == [4, 4, 2]
    assert shared_out(5, [0, 0], equal=False) == [3, 2]


# What always holds.


def as_units(plan: dict[str, Any], pupils: list[dict[str, Any]]) -> list[TariffUnit]:
    """Return what limits are about, as the cohort has it: pupils who are protected each are together if they are alike."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in pupils:
        kind = "kept" if oracle.as_today(plan, one) else ""
        alike = (one["present"] is None, one["present"] or 0, one["level"], oracle.part(one))
        by_pupil = not kind and one["setting"] in plan.get("protect", ())
        found.setdefault((one["school"], one["setting"], kind, alike if by_pupil else ()), []).append(one)
    return [_unit(plan, where, some) for where, some in sorted(found.items())]


def _unit(plan: dict[str, Any], where: tuple[Any, ...], some: list[dict[str, Any]]) -> TariffUnit:
    school, setting, kind, alike = where
    if kind:
        return TariffUnit(school, setting, kept=_seats(some), kept_paid=sum(oracle.today(one) for one in some))
    within = [one for one in some if one["present"] is not None]
    elsewhere = [one for one in within if one.get("elsewhere")]
    return TariffUnit(
        school, setting, sum(oracle.today(one) for one in within), _seats(within),
        _seats([one for one in some if one["present"] is None and not one.get("elsewhere")]), alone=bool(alike),
        elsewhere=_seats(elsewhere), elsewhere_present=sum(oracle.today(one) for one in elsewhere),
        places=plan.get("places", {}).get((school, setting)),
    )  # fmt: skip


def _seats(pupils: list[dict[str, Any]]) -> Counter[Seat]:
    return Counter(Seat(one["level"], oracle.part(one)) for one in pupils)


def as_plan(plan: dict[str, Any]) -> TariffPlan:
    return TariffPlan(
        "made",
        plan["envelope"],
        tuple(PlannedBand(name, tuple(levels), rate) for name, (levels, rate) in plan["bands"].items()),
        tuple(oracle.LEVELS),
        plan["factors"],
        frozenset(plan["average_in"]),
        plan["loss"],
        plan["gain"],
        plan["guarantee"],
        plan["core"],
        "set_aside",
        plan["solve"],
        plan["step"],
        dict.fromkeys(plan.get("own", ()), "own"),
        frozenset(plan.get("protect", ())),
        YearAfter(*plan["next"]) if plan.get("next") else None,
    )


def holds_for(seed: int, *, further: bool = False) -> str:
    """Hold one made-up county against the reckoning and the invariants; return what became of solving."""
    chance = random.Random(seed)
    written, pupils = oracle.county(chance)
    if further:
        written, pupils = oracle.with_further_fields(chance, written, pupils)
    plan, units = as_plan(written), as_units(written, pupils)
    found, wanted = cost(plan, units, NOBODY), oracle.reckon(written, pupils)
    assert (found.solved, found.scale, found.gain_ceiling, found.gain_scale) == (
        wanted["solved"],
        wanted["scale"],
        wanted["gain_ceiling"],
        wanted["gain_scale"],
    )
    assert found.rates == wanted["rates"]
    assert {
        (one.school, one.setting): (one.paid, one.new, one.limited, one.held_by) for one in found.schools
    } == wanted["schools"]
    assert found.further == wanted["further"]
    assert (found.next_year.after_limits if found.next_year else None) == wanted["next"]
    assert found.after_limits == wanted["after"]
    within_limits(found)
    if found.solved == "no":
        assert found.least is not None
        assert found.least > plan.envelope or (found.most is not None and found.most <= plan.envelope)
    elif plan.solve != "none":
        assert found.headroom >= 0
    if found.solved == "exactly" and plan.solve == "scale":
        nearly_spent(found, units)
    doubled(plan, units, found)
    more_costs_more(plan, units)
    in_any_order(plan, units, found, chance)
    return found.solved


def within_limits(found: PlanCost) -> None:
    for one in found.units:
        floor, ceiling = one.limits.floor, one.limits.ceiling
        assert floor is None or one.within >= floor
        assert ceiling is None or one.within <= max(ceiling, floor or 0)


def nearly_spent(found: PlanCost, units: list[TariffUnit]) -> None:
    """One step more on every band would be too much, and what rounding leaves of the envelope is less than a step each.

    The first is so to the last part of a penny. What is then paid in whole pence may be less again, by what rounding
    down takes, and by no more (`lost`).
    """
    plan, step = replace(found.plan, solve="none"), found.plan.step
    higher = replace(plan, bands=tuple(replace(band, rate=found.rates[band.id] + step) for band in plan.bands))
    exactly = sum((line.at(1) for line in scale_lines(higher, units)), Fraction(0))
    dearer = cost(higher, units, NOBODY)
    assert exactly > plan.envelope
    assert 0 <= exactly - dearer.after_limits - dearer.further < lost(plan, units)
    assert found.headroom < lost(plan, units, step)


def lost(plan: TariffPlan, units: list[TariffUnit], step: int = 0) -> Fraction:
    """Return what rounding down cannot take in whole, in pence, where each rate is less than `step` below the exact one.

    A pupil's year is rounded down to a penny: less than a penny is lost, and of a part a/b of the year a/b of that.
    Then the part is rounded down: of a whole number of pence × a/b at most (b - 1)/b. For the whole year that is 0. A
    limit lets through what a school's pupils lose together, or less: floors and ceilings are in whole pence for both.
    Where another authority pays for some of them the plan's share of it is lost, and rounded once more; so is what is
    paid for further places. Each of these takes less than a penny. Who is paid as today loses nothing.
    """
    whole = Fraction(0)
    for unit in units:
        rate = step * plan.factors[unit.setting] * unit.factor
        for pupils, times in ((unit.limited, unit.times), (unit.free, Fraction(1))):
            for seat, number in pupils.items():
                whole += times * number * (seat.part * (rate + 1) + 1 - Fraction(1, seat.part.denominator))
        whole += (unit.share < 1) + (unit.times > unit.share)
    return whole


def doubled(plan: TariffPlan, units: list[TariffUnit], found: PlanCost) -> None:
    """Twice the money, all through, changes no share; exactly so where no part of a penny is rounded."""
    twice = replace(
        plan,
        envelope=2 * plan.envelope,
        step=2 * plan.step,
        bands=tuple(replace(band, rate=2 * band.rate) for band in plan.bands),
        core={name: 2 * one for name, one in plan.core.items()},
    )
    whole = all(limits(plan, unit).floor in (None, _exact_floor(plan, unit)) for unit in units)
    if plan.solve == "scale" and plan.gain is None and whole:
        doubled_units = [
            replace(
                one,
                present=2 * one.present,
                kept_paid=2 * one.kept_paid,
                elsewhere_present=2 * one.elsewhere_present,
            )
            for one in units
        ]
        again = cost(twice, doubled_units, NOBODY)
        assert (again.solved, again.scale) == (found.solved, found.scale)
        assert again.rates == {band: 2 * rate for band, rate in found.rates.items()}


def _exact_floor(plan: TariffPlan, unit: TariffUnit) -> Fraction:
    doubling = limits(replace(plan, core={name: 2 * one for name, one in plan.core.items()}),
                      replace(unit, present=2 * unit.present)).floor  # fmt: skip
    return Fraction(doubling or 0, 2)


def more_costs_more(plan: TariffPlan, units: list[TariffUnit]) -> None:
    """With `solve: none`: a pupil who moves up never lowers the cost of the school, nor do higher rates."""
    still = replace(plan, solve="none", gain=plan.gain)
    before = cost(still, units, NOBODY)
    for place, unit in enumerate(units):
        for level in unit.within:
            if level in unit.elsewhere or unit.alone:
                continue  # The one of another authority would be of this one; those protected each are all alike.
            up = Counter(unit.within) - Counter([level]) + Counter([level._replace(level=plan.next_level(level.level))])
            moved = [*units[:place], replace(unit, within=up), *units[place + 1 :]]
            assert cost(still, moved, NOBODY).units[place].limited >= before.units[place].limited
    dearer = replace(still, bands=tuple(replace(band, rate=band.rate + 7) for band in plan.bands))
    assert cost(dearer, units, NOBODY).after_limits >= before.after_limits


def in_any_order(plan: TariffPlan, units: list[TariffUnit], found: PlanCost, chance: random.Random) -> None:
    some, bands = list(units), list(plan.bands)
    chance.shuffle(some)
    chance.shuffle(bands)
    again = cost(replace(plan, bands=tuple(bands)), some, NOBODY)
    assert (again.scale, again.rates, again.after_limits) == (found.scale, found.rates, found.after_limits)
    assert set(map(str, again.units)) == set(map(str, found.units))


def test_generated_counties_are_as_the_reckoning_has_them() -> None:
    """Three hundred of them; ten thousand by `make tariff-sums`."""
    assert {holds_for(seed) for seed in range(300)} == {"not_asked", "exactly", "idle", "no"}


def test_generated_counties_with_further_fields_are_as_the_reckoning_has_them() -> None:
    """Parts of a year, other authorities' pupils, places, protection by pupil, bands as today, the year after."""
    assert {holds_for(seed, further=True) for seed in range(300)} == {"not_asked", "exactly", "idle", "no"}


@pytest.mark.million
def test_ten_thousand_generated_counties_are_as_the_reckoning_has_them() -> None:
    for seed in range(300, 10_300):
        holds_for(seed)
        holds_for(seed, further=True)


def test_a_plan_whose_rates_are_what_is_paid_today_changes_nothing() -> None:
    """With `solve: none`, whatever the limits, as long as no guarantee is above 0."""
    today = {"l1": 7_000_00, "l2": 10_000_00, "l3": 14_000_00, "l4": 19_000_00}
    for loss, gain, average in (
        (None, None, ()),
        (Fraction(0), Fraction(0), ()),
        (Fraction(1, 20), None, ("special",)),
    ):
        plan = hand(solve="none", loss=loss, gain=gain, average_in=frozenset(average))
        units = [
            replace(one, present=sum(today[seat.level] * number for seat, number in one.within.items()))
            for one in (A, B, C)
        ]
        assert [one.change for one in cost(plan, units, NOBODY).schools] == [0, 0, 0]


def test_an_average_changes_no_total_but_where_a_limit_is_rounded_for_each_pupil() -> None:
    for seed in range(100):
        written, pupils = oracle.county(random.Random(seed))
        plan, units = as_plan(written | {"solve": "none"}), as_units(written, pupils)
        mixed, single = (cost(replace(plan, average_in=frozenset(one)), units, NOBODY)
                         for one in (oracle.SETTINGS, ()))  # fmt: skip
        for one, other in zip(mixed.units, single.units, strict=True):
            assert one.new == other.new
            assert abs(one.limited - other.limited) < max(1, one.unit.pupils)
