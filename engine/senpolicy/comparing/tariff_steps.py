"""The steps by which a workbook follows each school's figure, and what those not mapped cost: formulas and values.

Every step of `caseloads/tariff_sums` is a column of its own, in whole pence and millionths. A word in braces is another
step of the same school, or a place that the workbook knows. The values are the engine's, or follow from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from senpolicy.caseloads.tariff_sums import PlanCost, Seat, UnitPay, in_years
from senpolicy.caseloads.workbook import MILLION, CellValue, FormulaStep, millionths

#: The limits, of those that move as much money the one first that is named.
LIMITS = ("guarantee", "loss", "gain")
#: What a cell gives where a limit is not set, or there is nothing to limit.
_NONE = '""'


class FormulaFigure(NamedTuple):
    """A figure with the value that the engine has for it."""

    name: str
    says: str
    formula: str
    value: int


class Follows(NamedTuple):
    """Which further fields of a plan a workbook follows.

    `parts` is of how many parts of a year it counts, so that each pupil is there for a whole number of them. `own` are
    the bands that pay as today.
    """

    parts: int = 1
    places: bool = False
    own: tuple[str, ...] = ()
    alone: bool = False
    elsewhere: bool = False


def _times(high: str, low: str, by: str) -> str:
    """Return the formula of an amount × millionths in whole pence; it is in millions and what these leave."""
    return f"{{{high}}}*({by})+INT({{{low}}}*({by})/1000000)"


def _rest(low: str, by: str) -> str:
    """Return the formula of the millionths of a penny that the same drops."""
    return f"{{{low}}}*({by})-1000000*INT({{{low}}}*({by})/1000000)"


def _if(name: str, formula: str) -> str:
    return f'IF({{{name}}}="",{_NONE},{formula})'


_HIGHER = "OR({guaranteed}>{loss},AND({guaranteed}={loss},{guaranteed_rest}>={loss_rest}))"
_FLOOR_BY = (
    f'IF({{share}}="",IF({{loss}}="","none","loss"),IF({{loss}}="","guarantee",IF({_HIGHER},"guarantee","loss")))'
)
_UP = 'IF({floor_by}="loss",{loss}+IF({loss_rest}>0,1,0),{guaranteed}+IF({guaranteed_rest}>0,1,0))'
_FLOOR = f"{{each}}*INT(({_UP}+{{each}}-1)/{{each}})"
_KEPT = f"{{each}}*INT(({{paid}}+{_times('gain_high', 'gain_low', 'Kept')})/{{each}})"
_MOST = f"{{each}}*INT(({_times('paid_high', 'paid_low', '1000000+Gain')})/{{each}})"
# The same where an average is of pupils who are there for parts of a year: an amount is then multiplied by these first.
_UP_PARTS = (
    'IF({floor_by}="loss",{loss}*{parts}-INT(-{loss_rest}*{parts}/1000000),'
    "{guaranteed}*{parts}-INT(-{guaranteed_rest}*{parts}/1000000))"
)
_FLOOR_PARTS = f"-INT(-{{each}}*INT(({_UP_PARTS}+{{each}}-1)/{{each}})/{{parts}})"


def _down_parts(high: str, low: str, by: str, and_: str = "") -> str:
    amount = f"({and_}{_times(high, low, by)})*{{parts}}+INT(({_rest(low, by)})*{{parts}}/1000000)"
    return f"INT({{each}}*INT(({amount})/{{each}})/{{parts}})"


def _ceiling(kept: str, most: str) -> str:
    limit = f'IF(Gain="",{_NONE},{most})'
    return f"IF({{paid}}=0,{_NONE},IF(AND(Kept<1000000,{{new}}>{{paid}}),{kept},{limit}))"


_LUMP = "IF({with_rate}+{without}=0,0,ROUND({given_lump}*100,0))"
#: Before the rates of each level, and after them.
FIRST = (
    FormulaStep("school", "School", "{given_school}"),
    FormulaStep("setting", "Setting", "{given_setting}"),
    FormulaStep("place", "Setting, counted from the first", "MATCH({setting},{settings},0)"),
    FormulaStep("factor", "Own factor, in millionths", "ROUND({given_factor}*1000000,0)"),
)
RATE = "INT((INDEX({whole},{place})*{factor}+INT(INDEX({dropped},{place})*{factor}/1000000))/1000000)"
THEN = (
    FormulaStep("with_rate", "Pupils with a rate of today", "SUM({within})"),
    FormulaStep("without", "Pupils without", "SUM({outside})"),
    FormulaStep("pupils", "Pupils", "{with_rate}+{without}"),
    FormulaStep("present", "Their rates of today",
         'IF({given_rate}="",ROUND({given_total}*100,0),ROUND({given_rate}*100,0)*{with_rate})'),
    FormulaStep("paid", "Paid today (P)", "IF({with_rate}+{without}=0,0,{present}+ROUND({given_other}*100,0))"),
    FormulaStep("limited", "Pupils within the limits", "IF({paid}=0,0,{with_rate})"),
    FormulaStep("each", "Rounded for each of so many",
         'IF(AND(INDEX({averages},{place})="yes",{limited}>0),{limited},1)'),
    FormulaStep("new", "By the bands, within the limits (R)",
         f"{_LUMP}+IF({{paid}}=0,0,SUMPRODUCT({{within}},{{rates}}))"),
    FormulaStep("free", "By the bands, outside the limits",
         "SUMPRODUCT({outside},{rates})+IF({paid}=0,SUMPRODUCT({within},{rates}),0)"),
    FormulaStep("paid_high", "P in whole £10,000s", "INT({paid}/1000000)"),
    FormulaStep("paid_low", "what these leave of P", "{paid}-1000000*{paid_high}"),
    FormulaStep("loss", "P less the limit on losses",
         f'IF(OR({{paid}}=0,Loss=""),{_NONE},{_times("paid_high", "paid_low", "1000000-Loss")})'),
    FormulaStep("loss_rest", "and millionths of a penny", _if("loss", _rest("paid_low", "1000000-Loss"))),
    FormulaStep("share", "Guarantee, in millionths",
         f'IF(OR({{paid}}=0,INDEX({{guarantees}},{{place}})=""),{_NONE},ROUND(INDEX({{guarantees}},{{place}})*1000000,0))'),
    FormulaStep("core", "Core funding of these pupils", "{limited}*ROUND(INDEX({cores},{place})*100,0)"),
    FormulaStep("both_high", "P and core funding, in whole £10,000s", "INT(({paid}+{core})/1000000)"),
    FormulaStep("both_low", "what these leave", "{paid}+{core}-1000000*{both_high}"),
    FormulaStep("guaranteed", "What is guaranteed",
         _if("share", _times("both_high", "both_low", "1000000+{share}") + "-{core}")),
    FormulaStep("guaranteed_rest", "and millionths of a penny", _if("share", _rest("both_low", "1000000+{share}"))),
    FormulaStep("floor_by", "The floor is by", _FLOOR_BY),
    FormulaStep("floor", "Floor, rounded up",
         f'IF({{floor_by}}="none",{_NONE},{_FLOOR})'),
    FormulaStep("gain_high", "R above P, in whole £10,000s", "INT(({new}-{paid})/1000000)"),
    FormulaStep("gain_low", "what these leave", "{new}-{paid}-1000000*{gain_high}"),
    FormulaStep("ceiling", "Ceiling, rounded down", _ceiling(_KEPT, _MOST)),
    FormulaStep("within_paid", "Paid within the limits", "MAX({floor},MIN({new},{ceiling}))"),
    FormulaStep("held_by", "Held by", 'IF({within_paid}<{new},"gain",IF({within_paid}>{new},{floor_by},"none"))'),
    FormulaStep("before", "By the bands in all", "{new}+{free}"),
    FormulaStep("after", "Paid in all", "{within_paid}+{free}"),
    FormulaStep("moved", "Moved by a limit", "ABS({within_paid}-{new})"),
    FormulaStep("today", "Paid today in all", "{paid}"),
    FormulaStep("change", "Change", "{after}-{today}"),
)  # fmt: skip


def then(follows: Follows) -> Iterator[FormulaStep]:
    """Yield the steps after the rates of each level, with those of the further fields that a workbook follows."""
    averaged = 'AND(INDEX({averages},{place})="yes",{limited}>0)'
    instead: dict[str, str] = {}
    if follows.parts > 1:
        kept, most = (_down_parts("gain_high", "gain_low", "Kept", "{paid}+"),
                      _down_parts("paid_high", "paid_low", "1000000+Gain"))  # fmt: skip
        instead["each"] = f"IF({averaged},SUMPRODUCT({{within}},{{lengths}}),1)"
        instead["floor"] = f'IF({{floor_by}}="none",{_NONE},{_FLOOR_PARTS})'
        instead["ceiling"] = _ceiling(kept, most)
    if follows.alone:
        each = instead.get("each", next(one.formula for one in THEN if one.name == "each"))
        instead["each"] = f'IF({{given_alone}}="yes",MAX({{limited}},1),{each})'
    if follows.elsewhere:
        instead["free"] = (
            "SUMPRODUCT({outside},{rates})+IF({paid}=0,SUMPRODUCT({within},{rates})-SUMPRODUCT({theirs},{rates}),0)"
        )
    kept, less, theirs, paid = ("+{kept}" if follows.own else ""), "", "", "{within_paid}"
    if follows.elsewhere:
        less, theirs, paid = "-{theirs_new}", "-{theirs_present}", "{here}"
    instead["pupils"] = f"{{with_rate}}+{{without}}{'+{kept_pupils}' if follows.own else ''}"
    instead["pupils"] += "-{elsewhere}" if follows.elsewhere else ""
    instead |= {"before": f"{{new}}{less}+{{free}}{kept}", "after": f"{paid}+{{free}}{kept}",
                "today": f"{{paid}}{theirs}{kept}"}  # fmt: skip
    for one in THEN:
        yield one._replace(formula=instead[one.name]) if one.name in instead else one
        yield from _further_after(one.name, follows, averaged)


def _further_after(name: str, follows: Follows, averaged: str) -> Iterator[FormulaStep]:
    """Yield the steps of further fields that come after a step."""
    if name == "without":
        if follows.own:
            bands = range(len(follows.own))
            kept, paid = ("{given_kept_pupils_%d}", "ROUND({given_kept_%d}*100,0)")
            yield FormulaStep("kept_pupils", "Pupils who are paid as today", "+".join(kept % one for one in bands))
            yield FormulaStep("kept", "Paid to them", "+".join(paid % one for one in bands))
        if follows.elsewhere:
            yield FormulaStep("elsewhere", "For so many of the former another authority pays", "SUM({theirs})")
    elif name == "present" and follows.elsewhere:
        yield FormulaStep("theirs_present", "of which another authority pays",
             'IF({given_rate}="",ROUND({given_theirs}*100,0),ROUND({given_rate}*100,0)*{elsewhere})')  # fmt: skip
    elif name == "each" and follows.parts > 1:
        yield FormulaStep("parts", "in so many parts of a year", f"IF({averaged},Parts,1)")
    elif name == "within_paid" and follows.elsewhere:
        years, theirs = "{limited}", "{elsewhere}"
        if follows.parts > 1:
            years, theirs = (f"SUMPRODUCT({{{one}}},{{lengths}})" for one in ("within", "theirs"))
        part = f"INT({{within_paid}}*({years}-{theirs})/{years})"
        here = f"IF(OR({{elsewhere}}=0,{{limited}}=0),{{within_paid}},{part})"
        yield FormulaStep("here", "of which the plan pays", here)
        yield FormulaStep("theirs_new", "R for which another authority pays",
             "IF({paid}=0,0,SUMPRODUCT({theirs},{rates}))")  # fmt: skip
    elif name == "moved" and follows.places:
        average = "INT(({given_places}-{limited})*{within_paid}/MAX({limited},1))"
        places = f'IF(OR({{given_places}}="",{{limited}}=0),0,{average})'
        yield FormulaStep("further", "For places beyond these pupils", places)


def first_year(change: str, today: str) -> tuple[str, str]:
    """Return the formulas of whole parts of the first year in the change of a school, and of what that year costs.

    `change` and `today` are addresses of pence; in the second formula `{whole}` is that of the first.
    """
    left = f"({change}-First_whole*{{whole}})"
    return f"INT({change}/First_whole)", f"{today}+First_parts*{{whole}}-INT(-First_parts*{left}/First_whole)"


def year_after(follows: Follows) -> Iterator[FormulaStep]:
    """Yield the steps of the year after, behind the rates of each level in that year.

    A word that begins with `of_` is a step of this year.
    """
    theirs = "-IF(OR({of_paid}=0,{paid}=0),{of_elsewhere},0)" if follows.elsewhere else ""
    theirs_new = "-IF(OR({of_paid}=0,{paid}=0),SUMPRODUCT({theirs},{rates}),0)" if follows.elsewhere else ""
    alone = '{given_alone}="yes"' if follows.alone else "FALSE"
    lump = _LUMP.replace("{with_rate}", "{of_with_rate}").replace("{without}", "{of_without}")
    yield FormulaStep("paid", "Paid in this year (P)", "{of_within_paid}+{of_free}")
    yield FormulaStep("pupils", "Pupils", f"{{of_with_rate}}+{{of_without}}{theirs}")
    yield FormulaStep("new", "By the bands in the year after (R)",
         f"{lump}+SUMPRODUCT({{within}},{{rates}})+SUMPRODUCT({{outside}},{{rates}}){theirs_new}")  # fmt: skip
    by_pupil = f'OR(INDEX({{averages}},{{of_place}})="yes",{alone})'
    each = f"IF(AND({{paid}}>0,{{pupils}}>0,{by_pupil}),{{pupils}},1)"
    yield FormulaStep("each", "Rounded for each of so many", each)
    yield FormulaStep("paid_high", "P in whole £10,000s", "INT({paid}/1000000)")
    yield FormulaStep("paid_low", "what these leave of P", "{paid}-1000000*{paid_high}")
    loss = _times("paid_high", "paid_low", "1000000-Next_loss")
    yield FormulaStep("loss", "P less the limit on losses", f"IF({{paid}}=0,{_NONE},{loss})")
    yield FormulaStep("loss_rest", "and millionths of a penny", _if("loss", _rest("paid_low", "1000000-Next_loss")))
    yield FormulaStep("floor", "Floor, rounded up",
         _if("loss", "{each}*INT(({loss}+IF({loss_rest}>0,1,0)+{each}-1)/{each})"))  # fmt: skip
    yield FormulaStep("within_paid", "Paid within the limit", "MAX({new},{floor})")
    here = "{within_paid}"
    if follows.elsewhere:
        here = "{here}"
        yield FormulaStep("here", "of which the plan pays",
             "IF(OR({of_elsewhere}=0,{of_paid}=0,{paid}=0),{within_paid},"
             "INT({within_paid}*({pupils}-{of_elsewhere})/MAX({pupils},1)))")  # fmt: skip
    yield FormulaStep("after", "Paid in all in the year after", f"{here}{'+{of_kept}' if follows.own else ''}")


#: The steps that are words; all others are whole numbers.
WORDS = {"school", "setting", "floor_by", "held_by"}


def values(pay: UnitPay, found: PlanCost, place: int, seats: Sequence[Seat], follows: Follows) -> dict[str, CellValue]:
    """Return the value of every step of a school and setting; `place` is that of its setting.

    The rates of its `seats` are `rate_0` and so on.
    """
    plan, unit, paid, new = found.plan, pay.unit, pay.unit.paid, pay.within_new
    averaged = unit.setting in plan.average_in and bool(unit.limited) and not unit.alone
    limited = sum(unit.limited.values())
    core = limited * plan.core.get(unit.setting, 0)
    loss: tuple[int | None, int | None] = (None, None)
    guaranteed: tuple[int | None, int | None] = (None, None)
    given = plan.guarantee.get(unit.setting)
    if paid and plan.loss is not None:
        loss = divmod(paid * (MILLION - millionths(plan.loss)), MILLION)
    if paid and given is not None:
        whole, rest = divmod((paid + core) * (MILLION + millionths(given)), MILLION)
        guaranteed = whole - core, rest
    return {
        "school": unit.school, "setting": unit.setting, "place": place, "factor": millionths(unit.factor),
        **{f"rate_{at}": found.pay(seat, unit) for at, seat in enumerate(seats)},
        "with_rate": sum(unit.within.values()), "without": sum(unit.outside.values()), "pupils": unit.pupils,
        "present": unit.present, "paid": paid, "limited": limited,
        "each": int(in_years(unit.limited) * follows.parts) if averaged else max(limited, 1) if unit.alone else 1,
        "parts": follows.parts if averaged else 1, "kept_pupils": sum(unit.kept.values()), "kept": unit.kept_paid,
        "moved": abs(pay.within - new), "further": pay.further, "today": unit.today,
        "new": new, "free": pay.outside, "paid_high": paid // MILLION, "paid_low": paid % MILLION,
        "loss": loss[0], "loss_rest": loss[1], "share": millionths(given) if paid and given is not None else None,
        "core": core, "both_high": (paid + core) // MILLION, "both_low": (paid + core) % MILLION,
        "guaranteed": guaranteed[0], "guaranteed_rest": guaranteed[1],
        "floor_by": pay.limits.floor_by, "floor": pay.limits.floor,
        "gain_high": (new - paid) // MILLION, "gain_low": (new - paid) % MILLION, "ceiling": pay.limits.ceiling,
        "within_paid": pay.within, "held_by": pay.held_by, "before": pay.new, "after": pay.limited,
        "change": pay.limited - unit.today, "elsewhere": sum(unit.elsewhere.values()),
        "theirs_present": unit.elsewhere_present, "here": pay.here, "theirs_new": new - pay.here_new,
    }  # fmt: skip


def values_after(pay: UnitPay, found: PlanCost, seats: Sequence[Seat]) -> dict[str, CellValue]:
    """Return the value of every step of the year after, of a school and setting as it is paid in that year."""
    plan, unit, new = found.plan, pay.unit, pay.within_new + pay.outside
    pupils = sum(unit.within.values()) - (0 if unit.paid else sum(unit.elsewhere.values()))
    for_each = bool(unit.paid and pupils) and (unit.alone or unit.setting in plan.average_in)
    loss: tuple[int | None, int | None] = (None, None)
    if unit.paid and plan.loss is not None:
        loss = divmod(unit.paid * (MILLION - millionths(plan.loss)), MILLION)
    return {
        "school": unit.school, "setting": unit.setting,
        **{f"rate_{at}": found.pay(seat, unit) for at, seat in enumerate(seats)},
        "paid": unit.paid, "pupils": pupils, "new": new, "each": pupils if for_each else 1,
        "paid_high": unit.paid // MILLION, "paid_low": unit.paid % MILLION,
        "loss": loss[0], "loss_rest": loss[1], "floor": pay.limits.floor,
        "within_paid": pay.within + pay.outside, "here": pay.here + pay.outside, "after": pay.limited,
    }  # fmt: skip


# Those who are not mapped.


class NotMapped(NamedTuple):
    """What the cost of those not mapped follows from, pupils and factors in millionths.

    `factors` is the sum of their factors where the setting is known, `unknown` how many are in none that is; `counted`
    and `counted_factors` are the same of the counted pupils, and `rates` the sum of these pupils' rates in pence. Where
    some are there for a part of the year, a year has so many `parts`, and the first two count these and not pupils.
    """

    factors: int
    unknown: int
    counted: int
    counted_factors: int
    rates: int
    parts: int | None = None


def by_an_end(way: str, pick: str, of: NotMapped, factor: int, cost: int) -> Iterator[FormulaFigure]:
    """Yield the steps where all are at the lowest or the highest level; where a setting is not known, by `factor`."""
    total = of.factors + of.unknown * factor
    says = f"These × factor; where it is not known, by the {'least' if pick == 'MIN' else 'greatest'}"
    yield FormulaFigure(f"t_{way}", says, f"{{A}}+{{U}}*{pick}({{factors}})", total)
    yield FormulaFigure(f"h_{way}", "  in whole millions", f"INT({{t_{way}}}/1000000)", total // MILLION)
    left = f"({{t_{way}}}-1000000*{{h_{way}}})"
    whole = f"{{{way}}}*{{h_{way}}}-INT(-{{{way}}}*{left}/1000000)"
    # What is rounded up twice is what is rounded up once by both divisors.
    whole = whole if of.parts is None else f"-INT(-({whole})/Other_parts)"
    yield FormulaFigure(f"cost_{way}", f"{way}: × the rate of the {way} level, rounded up", whole, cost)


def like_mapped(of: NotMapped, cost: int) -> Iterator[FormulaFigure]:
    """Yield the steps where all are like the counted pupils: S × (C × A + U × B) ÷ 1,000,000 ÷ C ÷ C, rounded up.

    It is multiplied and divided by hand, in groups of six digits: the whole has more than a spreadsheet's number holds.
    """
    held: dict[str, int] = {"A": of.factors, "U": of.unknown, "B": of.counted_factors, "C": of.counted, "S": of.rates}
    for name, says, formula in (
        ("S", "like_mapped: rates of all counted pupils, before factors (S)", "SUMPRODUCT({pupils},{rates})"),
        ("C", "  counted pupils (C)", "{counted}"),
        ("A", "  those not mapped × factor (A), and how many are in no known setting (U)", "{A}"),
        ("B", "  counted pupils × factor (B)", "{counted_factors}"),
    ):
        yield FormulaFigure(f"long_{name}", says, formula, held[name])
        if name != "C":
            yield from _parted(f"long_{name}", held[name], "    in whole millions", "    and what these leave")
    parts = {name: divmod(held[name], MILLION) for name in "SAB"}
    # Each sum hands on what is above its six digits.
    sums = (
        ("x0", "  C × A + U × B: the lowest six digits", "{long_C}*{long_A_low}+{U}*{long_B_low}",
         of.counted * parts["A"][1] + of.unknown * parts["B"][1]),
        ("x1", "  the digits above", "{long_C}*{long_A_high}+{U}*{long_B_high}+{x0_high}",
         of.counted * parts["A"][0] + of.unknown * parts["B"][0]),
    )  # fmt: skip
    low, middle = sums[0][3], sums[1][3] + sums[0][3] // MILLION
    x = (low % MILLION, middle % MILLION, middle // MILLION)
    for name, says, formula, value in ((*sums[0][:3], low), (*sums[1][:3], middle)):
        yield FormulaFigure(name, says, formula, value)
        yield from _parted(name, value, "    handed on", "    kept")
    high, rest = parts["S"]
    carried, digits = 0, list[int]()
    for place, (formula, value) in enumerate((
        ("{long_S_low}*{x0_low}", rest * x[0]),
        ("{long_S_low}*{x1_low}+{long_S_high}*{x0_low}+{y0_high}", rest * x[1] + high * x[0]),
        ("{long_S_low}*{x1_high}+{long_S_high}*{x1_low}+{y1_high}", rest * x[2] + high * x[1]),
        ("{long_S_high}*{x1_high}+{y2_high}", high * x[2]),
    )):  # fmt: skip
        whole = value + carried
        says = "  the same × S: the lowest six digits" if not place else "  the digits above"
        yield FormulaFigure(f"y{place}", says, formula, whole)
        if place < 3:
            yield from _parted(f"y{place}", whole, "    handed on", "    kept")
        carried, kept = divmod(whole, MILLION)
        digits.append(kept if place < 3 else whole)
    groups = [digits[3], digits[2], digits[1] + (digits[0] > 0)]
    names = ["y3", "y2_low", "z1"]
    says = "  ÷ 1,000,000: the second group, one more where the lowest is not 0"
    yield FormulaFigure("z1", says, "{y1_low}+IF({y0_low}>0,1,0)", groups[2])
    for time in ("p", "q"):
        found, steps = _divided(time, names, groups, "{long_C}", of.counted)
        yield from steps
        groups, names = found, [f"{time}3", f"{time}2", f"{time}1_up"]
    if of.parts is not None:
        time = "r"
        yield from _divided(time, names, groups, "Other_parts", of.parts)[1]
    together = f"{{{time}3}}*1000000000000+{{{time}2}}*1000000+{{{time}1_up}}"
    yield FormulaFigure("cost_like_mapped", "like_mapped: by the mean rate of the counted, rounded up",
                 f"IF({{long_C}}=0,0,{together})", cost)  # fmt: skip


def _parted(name: str, value: int, high: str, low: str) -> Iterator[FormulaFigure]:
    yield FormulaFigure(f"{name}_high", high, f"INT({{{name}}}/1000000)", value // MILLION)
    yield FormulaFigure(f"{name}_low", low, f"{{{name}}}-1000000*{{{name}_high}}", value % MILLION)


def _divided(
    time: str, names: Sequence[str], groups: Sequence[int], called: str, by: int
) -> tuple[list[int], list[FormulaFigure]]:
    """Return groups of six digits divided by a number and rounded up, and the steps that lead there.

    `called` is what the number is called in formulas. Where it is 0 all is 0.
    """
    found, steps, left = list[int](), list[FormulaFigure](), 0
    for place, name, group in zip((3, 2, 1), names, groups, strict=True):
        number = left * MILLION + group
        dividend = f"({f'{{{time}{place + 1}_left}}*1000000+' if place < 3 else ''}{{{name}}})"
        found.append(number // by if by else 0)
        left = number % by if by else 0
        what = "C" if called == "{long_C}" else "the parts of a year"
        says = f"  ÷ {what}: the highest group" if place == 3 else "  the next group"
        steps.append(
            FormulaFigure(f"{time}{place}", says, f"IF({called}=0,0,INT({dividend}/MAX({called},1)))", found[-1])
        )
        over = f"IF({called}=0,0,{dividend}-{called}*{{{time}{place}}})"
        steps.append(FormulaFigure(f"{time}{place}_left", "    left over", over, left))
    found[-1] += left > 0
    steps.append(
        FormulaFigure(
            f"{time}1_up", "    the last group, rounded up", f"{{{time}1}}+IF({{{time}1_left}}>0,1,0)", found[-1]
        )
    )
    return found, steps


def rated(pay: UnitPay) -> Mapping[Seat, int]:
    """Return the counted pupils of a school and setting with a band's rate, by level and part of the year."""
    return Counter(pay.unit.within) + Counter(pay.unit.outside) - Counter(pay.unit.elsewhere)
