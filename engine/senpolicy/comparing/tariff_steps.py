"""The steps by which a workbook follows each school's figure, and what those not mapped cost: formulas and values.

Every step of `caseloads/tariff_sums` is a column of its own, in whole pence and millionths. A word in braces is another
step of the same school, or a place that the workbook knows. The values are the engine's, or follow from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil
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

    `parts` is of how many parts of a year it counts, so that each pupil is there for a whole number of them.
    """

    parts: int = 1
    places: bool = False
    kept: bool = False
    alone: bool = False


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
    FormulaStep("paid", "Paid today (P)", "IF({pupils}=0,0,{present}+ROUND({given_other}*100,0))"),
    FormulaStep("limited", "Pupils within the limits", "IF({paid}=0,0,{with_rate})"),
    FormulaStep("each", "Rounded for each of so many",
         'IF(AND(INDEX({averages},{place})="yes",{limited}>0),{limited},1)'),
    FormulaStep("new", "By the bands, within the limits (R)",
         "IF({pupils}=0,0,ROUND({given_lump}*100,0))+IF({paid}=0,0,SUMPRODUCT({within},{rates}))"),
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
    places = 'IF(OR({given_places}="",{limited}=0),0,INT(({given_places}-{limited})*{within_paid}/MAX({limited},1)))'
    averaged = 'AND(INDEX({averages},{place})="yes",{limited}>0)'
    instead: dict[str, str] = {}
    if follows.kept:
        instead |= {"pupils": "{with_rate}+{without}+{kept_pupils}", "before": "{new}+{free}+{kept}",
                    "after": "{within_paid}+{free}+{kept}", "today": "{paid}+{kept}",
                    "new": "IF({with_rate}+{without}=0,0,ROUND({given_lump}*100,0))"
                           "+IF({paid}=0,0,SUMPRODUCT({within},{rates}))",
                    "paid": "IF({with_rate}+{without}=0,0,{present}+ROUND({given_other}*100,0))"}  # fmt: skip
    if follows.parts > 1:
        kept, most = (_down_parts("gain_high", "gain_low", "Kept", "{paid}+"),
                      _down_parts("paid_high", "paid_low", "1000000+Gain"))  # fmt: skip
        instead["each"] = f"IF({averaged},SUMPRODUCT({{within}},{{lengths}}),1)"
        instead["floor"] = f'IF({{floor_by}}="none",{_NONE},{_FLOOR_PARTS})'
        instead["ceiling"] = _ceiling(kept, most)
    if follows.alone:
        each = instead.get("each", next(one.formula for one in THEN if one.name == "each"))
        instead["each"] = f'IF({{given_alone}}="yes",MAX({{limited}},1),{each})'
    for one in THEN:
        yield one._replace(formula=instead[one.name]) if one.name in instead else one
        if one.name == "without" and follows.kept:
            yield FormulaStep("kept_pupils", "Pupils who are paid as today", "{given_kept_pupils}")
            yield FormulaStep("kept", "Paid to them", "ROUND({given_kept}*100,0)")
        if one.name == "each" and follows.parts > 1:
            yield FormulaStep("parts", "in so many parts of a year", f"IF({averaged},Parts,1)")
        if one.name == "moved" and follows.places:
            yield FormulaStep("further", "For places beyond these pupils", places)


_LEFT = "({change}-First_whole*{first_whole})"
FIRST_YEAR = (
    FormulaStep("first_whole", "Change in whole parts of the first year", "INT({change}/First_whole)"),
    FormulaStep("first_year", "First financial year, rounded up",
         f"{{today}}+First_parts*{{first_whole}}-INT(-First_parts*{_LEFT}/First_whole)"),
)  # fmt: skip
#: The steps that are words; all others are whole numbers.
WORDS = {"school", "setting", "floor_by", "held_by"}


def values(
    pay: UnitPay, found: PlanCost, place: int, part: Fraction | None, seats: Sequence[Seat], follows: Follows
) -> dict[str, CellValue]:
    """Return the value of every step of a school and setting; `place` is that of its setting, `part` the first year's.

    The rates of its `seats` are `rate_0` and so on.
    """
    plan, unit, paid, new = found.plan, pay.unit, pay.unit.paid, pay.within_new
    change = pay.limited - unit.today
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
    made: dict[str, CellValue] = {
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
        "change": change,
    }  # fmt: skip
    if part is not None:
        made["first_whole"] = change // part.denominator
        made["first_year"] = ceil((1 - part) * unit.today + part * pay.limited)
    return made


# Those who are not mapped.


class NotMapped(NamedTuple):
    """What the cost of those not mapped follows from, pupils and factors in millionths.

    `factors` is the sum of their factors where the setting is known, `unknown` how many are in none that is; `counted`
    and `counted_factors` are the same of the counted pupils, and `rates` the sum of these pupils' rates in pence.
    """

    factors: int
    unknown: int
    counted: int
    counted_factors: int
    rates: int


def by_an_end(way: str, pick: str, of: NotMapped, factor: int, cost: int) -> Iterator[FormulaFigure]:
    """Yield the steps where all are at the lowest or the highest level; where a setting is not known, by `factor`."""
    total = of.factors + of.unknown * factor
    says = f"Pupils × factor; where it is not known, by the {'least' if pick == 'MIN' else 'greatest'}"
    yield FormulaFigure(f"t_{way}", says, f"{{A}}+{{U}}*{pick}({{factors}})", total)
    yield FormulaFigure(f"h_{way}", "  in whole millions", f"INT({{t_{way}}}/1000000)", total // MILLION)
    left = f"({{t_{way}}}-1000000*{{h_{way}}})"
    yield FormulaFigure(f"cost_{way}", f"{way}: × the rate of the {way} level, rounded up",
                 f"{{{way}}}*{{h_{way}}}-INT(-{{{way}}}*{left}/1000000)", cost)  # fmt: skip


def like_mapped(of: NotMapped, cost: int) -> Iterator[FormulaFigure]:
    """Yield the steps where all are like the counted pupils: S × (C × A + U × B) ÷ 1,000,000 ÷ C ÷ C, rounded up.

    It is multiplied and divided by hand, in groups of six digits: the whole has more than a spreadsheet's number holds.
    """
    held: dict[str, int] = {"A": of.factors, "U": of.unknown, "B": of.counted_factors, "C": of.counted, "S": of.rates}
    for name, says, formula in (
        ("S", "like_mapped: rates of all counted pupils, before factors (S)", "SUMPRODUCT({pupils},{rates})"),
        ("C", "  counted pupils (C)", "{counted}"),
        ("A", "  pupils × factor (A), and of those in no known setting their number (U)", "{A}"),
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
        found, steps = _divided(time, names, groups, of.counted)
        yield from steps
        groups, names = found, [f"{time}3", f"{time}2", f"{time}1_up"]
    together = "{q3}*1000000000000+{q2}*1000000+{q1_up}"
    yield FormulaFigure("cost_like_mapped", "like_mapped: by the mean rate of the counted, rounded up",
                 f"IF({{long_C}}=0,0,{together})", cost)  # fmt: skip


def _parted(name: str, value: int, high: str, low: str) -> Iterator[FormulaFigure]:
    yield FormulaFigure(f"{name}_high", high, f"INT({{{name}}}/1000000)", value // MILLION)
    yield FormulaFigure(f"{name}_low", low, f"{{{name}}}-1000000*{{{name}_high}}", value % MILLION)


def _divided(time: str, names: Sequence[str], groups: Sequence[int], by: int) -> tuple[list[int], list[FormulaFigure]]:
    """Return groups of six digits divided by the counted pupils and rounded up, and the steps that lead there."""
    found, steps, left = list[int](), list[FormulaFigure](), 0
    for place, name, group in zip((3, 2, 1), names, groups, strict=True):
        number = left * MILLION + group
        dividend = f"({f'{{{time}{place + 1}_left}}*1000000+' if place < 3 else ''}{{{name}}})"
        found.append(number // by if by else 0)
        left = number % by if by else 0
        says = "  ÷ C: the highest group" if place == 3 else "  the next group"
        steps.append(
            FormulaFigure(f"{time}{place}", says, f"IF({{long_C}}=0,0,INT({dividend}/MAX({{long_C}},1)))", found[-1])
        )
        over = f"IF({{long_C}}=0,0,{dividend}-{{long_C}}*{{{time}{place}}})"
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
    return Counter(pay.unit.within) + Counter(pay.unit.outside)
