"""The report of plans of bands and rates: one page that asks for nothing else, its charts beside their tables.

Bars are of whole thousandths of the width. Each chart has the table of the same figures below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from senpolicy.caseloads.school_report import WIDE, BarSegment, people
from senpolicy.caseloads.small_counts import LEAST, WITHHELD, few, told
from senpolicy.caseloads.tariff_sums import SchoolPay
from senpolicy.caseloads.templates import page_template
from senpolicy.comparing.funnels import FunnelPoint
from senpolicy.comparing.tariffs import (
    HELD,
    SAYS,
    PlanAnswer,
    beside,
    say_change,
    withheld_groups,
)
from senpolicy.readings.say import say_date, say_money

#: How high the chart of schools and that of the funnel are, in units of the drawing.
HIGH = 300


@dataclass(frozen=True)
class Step:
    """A step from what is paid today to what a plan costs: its amount in pence, and its bar."""

    says: str
    amount: int
    bar: list[BarSegment]


@dataclass(frozen=True)
class Mark:
    """A school on a chart: where it is across and down, and what it is."""

    x: int
    top: int
    height: int
    colour: str
    says: str


def html(found: Sequence[PlanAnswer]) -> str:
    """Return the report of plans over one cohort as one HTML page."""
    page = page_template("tariff.html.j2", money=say_money, day=say_date, change=say_change)
    return page.render(
        plans=found, says=SAYS, beside=beside(found, shared=True)[1:] if len(found) > 1 else [], steps=steps,
        schools=schools, bands=bands, rests_on=rests_on, fewest=LEAST, funnel=funnel, columns=columns,
        withheld_schools=withheld_schools, withheld_groups=withheld_groups, short=short, bar_of=bar_of, high=HIGH,
    )  # fmt: skip


def short(one: PlanAnswer) -> Iterator[str]:
    """Yield in sentences what a plan costs, whether it fits, and who gains and loses."""
    cost, paid = one.cost, one.shown_schools
    fits = "within" if cost.headroom >= 0 else "above"
    envelope = f"{fits} the envelope of {say_money(one.plan.envelope)}"
    if one.costs_of_few:
        yield f"What it costs is withheld: it would tell what is kept for fewer than {LEAST} pupils. It is {envelope}."
    else:
        yield f"It costs {say_money(cost.whole)} a year, {say_money(abs(cost.headroom))} {envelope}."
    yield f"Today {say_money(cost.present)} is paid for those counted."
    yield one.solved_line()
    gain, lose = (sum(unit.change * sign > 0 for unit in paid) for sign in (1, -1))
    of = "schools and settings with counted pupils" if not one.too_few else "schools and settings that may be shown"
    yield f"Of {len(paid)} {of} {gain} gain and {lose} lose." if paid else "No school may be shown by itself."
    if not one.costs_of_few:
        yield one.drift_line(shared=True)


def steps(one: PlanAnswer) -> list[Step]:
    """Return how what is paid today becomes what the plan costs, step by step, on one scale with the envelope.

    A step that would tell of fewer than five pupils is left out, or put together with the next.
    """
    cost, envelope = one.cost, one.plan.envelope
    further = cost.after_limits + cost.further
    ends = (cost.present, cost.before_limits, cost.after_limits, further, cost.whole, envelope)
    longest = max(*ends, 1)

    def bar(start: int, end: int, colour: str) -> list[BarSegment]:
        if start == end:
            return []
        first, last = (WIDE * min(start, end) // longest, WIDE * max(start, end) // longest)
        return [BarSegment(colour, min(first, WIDE - 4), max(last - first, 4), say_money(end - start))]

    def change(says: str, start: int, end: int) -> Step:
        return Step(says, end - start, bar(start, end, "c1" if end >= start else "c4"))

    today, bands, limits, _, whole, _ = ends
    places = [Step("For places beyond these pupils", cost.further, bar(limits, further, "c2"))]
    both = [change("By the bands' rates and the limits", today, limits)]
    apart = [change("By the bands' rates", today, bands), change("By the limits", bands, limits)]
    kept = [
        Step("Kept for the others", whole - further, bar(further, whole, "c2")),
        Step("What the plan costs", whole, bar(0, whole, "certain")),
    ]
    return [
        Step("Paid today for the counted pupils", today, bar(0, today, "open")),
        *(both if one.few_in_bands else apart),
        *(places if one.has_places else ()),
        *(() if one.costs_of_few else kept),
        Step("The envelope", envelope, bar(0, envelope, "open")),
    ]


def bands(one: PlanAnswer) -> Iterator[tuple[str, str, str, str]]:
    """Yield each band in words: its name, pupils, rate, and cost before limits."""
    for name, pupils, rate, whole in one.bands:
        counts = (WITHHELD, WITHHELD) if one.few_in_bands else (f"{pupils:,}", say_money(whole))
        yield name, counts[0], "as today" if rate is None else say_money(rate), counts[1]


def rests_on(one: PlanAnswer) -> Iterator[str]:
    """Yield whom the figures are about and whom not; no number of fewer than five pupils, or that would tell of one."""
    pupils, day = one.cohort.pupils, say_date(one.file.day)
    counted = f"{pupils['counted']:,} pupils are counted for {day}"
    if one.counted_few:
        counted = f"How many are counted for {day} is withheld"
    aside = f"{pupils['not_mapped']:,} are not mapped, {pupils['undetermined']:,} undetermined"
    if one.file.phase_in:
        aside += f", {one.cohort.not_yet:,} not phased in"
    if one.set_aside_few:
        aside = "how many are not mapped, or undetermined, is withheld"
    out = f"{told(pupils['not_by_tariff'])} are not by the tariff, {told(pupils['refused'])} refused"
    yield f"{counted}; {aside}; {out}."
    leaving = f"{say_money(one.cohort.leaving)} is paid today for pupils whose money goes to another budget, and"
    if few(one.cohort.leaves):
        leaving = (
            f"What is paid today for pupils whose money goes to another budget, fewer than {LEAST}, is withheld, and"
        )
    yield f"{leaving} is in no figure of a school."
    yield from one.notes(shared=True)


def columns(one: PlanAnswer) -> list[tuple[str, Callable[[SchoolPay], str]]]:
    """Return what the table of schools shows of each beside its name and setting; some only where the plan has it."""
    after = one.cost.next_year
    next_of = {(unit.school, unit.setting): unit.limited for unit in after.schools} if after else {}
    found: list[tuple[str, Callable[[SchoolPay], str]]] = [
        ("Pupils", lambda unit: str(unit.pupils)),
        ("Today", lambda unit: say_money(unit.paid)),
        *([] if one.few_in_bands else [("By the bands", lambda unit: say_money(unit.new))]),
        ("Paid", lambda unit: say_money(unit.limited)),
        ("Change", lambda unit: say_money(unit.change)),
        ("In per cent", lambda unit: say_change(unit.change_part)),
        ("Held by", lambda unit: HELD.get(unit.held_by, "-")),
    ]
    # Where a school that is withheld has further places, those of all others would tell what it is paid for them.
    if one.has_places and not any(u.further for u in one.cost.schools if (u.school, u.setting) in one.too_few):
        found.append(("For further places", lambda unit: say_money(unit.further)))
    if next_of:
        found.append(("In the year after", lambda unit: say_money(next_of[unit.school, unit.setting])))
    return found


def withheld_schools(one: PlanAnswer) -> list[str]:
    """Return the schools and settings that are withheld, a school with several settings once."""
    found: dict[str, list[str]] = {}
    for school, setting in sorted(one.too_few):
        found.setdefault(school, []).append(setting)
    return [f"{school} ({', '.join(settings)})" for school, settings in found.items()]


def schools(one: PlanAnswer) -> list[Mark]:
    """Return a bar for each school in order of its change in per cent, above or below a line in the middle."""
    paid = [(unit, unit.change_part) for unit in one.shown_schools]
    parts = [(unit, part) for unit, part in paid if part is not None]
    most = max((abs(part) for _, part in parts), default=Fraction(0)) or Fraction(1)
    found = []
    for place, (unit, part) in enumerate(parts):
        height = max(int(abs(part) / most * (HIGH // 2)), 1)
        says = f"{unit.school}, {unit.setting}: {say_change(part)}"
        top = HIGH // 2 - height if part > 0 else HIGH // 2
        found.append(Mark(WIDE * place // len(parts), top, height, "c1" if part > 0 else "c4", says))
    return found


def funnel(one: PlanAnswer) -> list[tuple[FunnelPoint, Mark, Mark]]:
    """Return for each school of the funnel its range and its point: across by its pupils, up by its average level."""
    points = [point for point in one.funnel if (point.school, point.setting) not in one.too_few]
    levels = max(len(one.plan.banded), 2)
    most = max((point.pupils for point in points), default=1)

    def down(level: float) -> int:  # A place in the drawing; an average level and its range are never money.
        return HIGH - int((min(max(level, 1), levels) - 1) / (levels - 1) * (HIGH - 20)) - 10

    found = []
    for point in points:
        x = 10 + (WIDE - 20) * point.pupils // most
        says = f"{point.school}, {point.setting}: {point.average:.2f} of {people(point.pupils)}"
        top, bottom = down(point.high), down(point.low)
        colour = {"high": "c4", "low": "c2", "no": "certain"}[point.stands_out]
        found.append((point, Mark(x, top, bottom - top, "open", says), Mark(x, down(point.average), 0, colour, says)))
    return found


def bar_of(share: int | None, whole: int | None) -> list[BarSegment]:
    """Return the bar of a part of a whole; none where either is withheld."""
    if not share or not whole:
        return []
    return [BarSegment("c4", 0, max(WIDE * share // whole, 4), f"{share} of {whole}")]
