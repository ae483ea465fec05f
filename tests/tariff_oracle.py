"""A reckoning of a tariff pupil by pupil, written from the formulas of docs/how-to/set-the-tariff.md alone.

It shares no code with the engine, adds nothing up beforehand, and knows no straight lines: it tries every figure at
which a school could meet one of its limits, and looks between the two that the envelope lies between.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

LEVELS = ["l0", "l1", "l2", "l3", "l4"]  # l0 is below the tariff.
SETTINGS = ["mainstream", "srp", "special"]


def band_of(plan: dict[str, Any], level: str) -> str:
    return next(name for name, (levels, _) in plan["bands"].items() if level in levels)


def own(plan: dict[str, Any], rates: dict[str, Any], one: dict[str, Any]) -> Any:
    """Return what a band's rate is for a whole year."""
    return rates[band_of(plan, one["level"])] * plan["factors"][one["setting"]]


def part(one: dict[str, Any]) -> Fraction:
    """Return for what part of the year a pupil is there."""
    return Fraction(one.get("part", 1))


def today(one: dict[str, Any]) -> int:
    """Return what is paid for a pupil today."""
    return floor(one["present"] * part(one))


def as_today(plan: dict[str, Any], one: dict[str, Any]) -> bool:
    """Return whether a pupil's band has no rate but her own."""
    return one["level"] in plan.get("own", ())


def phased_in(phase_in: dict[str, list[int]], pupils: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of whom some fact has one of the values that are named for it."""
    return [one for one in pupils if any(one[fact] in values for fact, values in phase_in.items())]


def units(plan: dict[str, Any], pupils: list[dict[str, Any]]) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Return the pupils whom one limit is about: those of a school and setting, or where they are protected each."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for one in pupils:
        if not as_today(plan, one):
            by_pupil = one["setting"] in plan.get("protect", ())
            found.setdefault((one["school"], one["setting"], one["ref"] if by_pupil else ""), []).append(one)
    return found


def floors(plan: dict[str, Any], setting: str, p: int, n: Fraction) -> dict[str, Fraction]:
    found = {}
    if plan["loss"] is not None:
        found["loss"] = p * (1 - plan["loss"])
    if plan["guarantee"].get(setting) is not None:
        core = plan["core"].get(setting, 0) * n
        found["guarantee"] = (p + core) * (1 + plan["guarantee"][setting]) - core
    return found


def up(plan: dict[str, Any], setting: str, value: Fraction, n: Fraction) -> int:
    return ceil(n * ceil(value / n)) if setting in plan["average_in"] else ceil(value)


def down(plan: dict[str, Any], setting: str, value: Fraction, n: Fraction) -> int:
    return floor(n * floor(value / n)) if setting in plan["average_in"] else floor(value)


def inside_of(some: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those whom limits are about: none where nothing is paid today."""
    inside = [one for one in some if one["present"] is not None]
    return inside if sum(today(one) for one in inside) else []


def unit_pay(
    plan: dict[str, Any],
    where: tuple[str, str, str],
    some: list[dict[str, Any]],
    pay: Any,
    gain: Fraction | None,
    kept: Fraction | None,
    exact: bool,
) -> dict[str, Any]:
    """Return P, R, what limits make of R, what is paid beside, and what of all that the plan pays for.

    `exact` keeps what is solved for unrounded.
    """
    school, setting, _ = where
    inside = inside_of(some)
    outside = [one for one in some if one not in inside and not one.get("elsewhere")]
    beside = sum(pay(one) for one in outside)
    here = [one for one in inside if not one.get("elsewhere")]
    p, r, n = sum(today(one) for one in inside), sum(pay(one) for one in inside), sum(part(one) for one in inside)
    limited, held = r, "none"
    if inside:
        if gain is not None:
            top = p * (1 + gain)
            limited = min(limited, top if exact and plan["solve"] == "gain_ceiling" else down(plan, setting, top, n))
        if kept is not None and kept < 1 and r > p:
            share = p + kept * (r - p)
            limited = share if exact else down(plan, setting, share, n)
        low = floors(plan, setting, p, n)
        if low:
            limited = max(limited, up(plan, setting, max(low.values()), n))
        if limited < r:
            held = "gain"
        elif limited > r:
            held = "guarantee" if low.get("guarantee") == max(low.values()) else "loss"
    number = Fraction(sum(part(one) for one in here))
    paid_here = limited * number / n if inside else Fraction(0)
    places = plan.get("places", {}).get((school, setting))
    more = Fraction(limited * (places - len(inside)), len(inside)) if places is not None and inside else Fraction(0)
    return {
        "p": sum(today(one) for one in here),
        "r": sum(pay(one) for one in here) + beside,
        "all": limited,
        "beside": beside,
        "paid": (paid_here if exact else floor(paid_here)) + beside,
        "further": more if exact else floor(more),
        "held": held,
        "moved": abs(limited - r),
        "pupils": len(here) + len(outside),
    }


def cost_at(plan: dict[str, Any], pupils: list[dict[str, Any]], x: Fraction) -> Fraction:
    """Return the exact cost after limits where x is the scale, the ceiling or the share."""
    rates = {name: rate for name, (_, rate) in plan["bands"].items()}
    gain, kept = plan["gain"], None
    if plan["solve"] == "scale":
        pay = lambda one: own(plan, rates, one) * x * part(one)  # noqa: E731
    else:
        pay = lambda one: floor(floor(own(plan, rates, one)) * part(one))  # noqa: E731
        gain, kept = (x, None) if plan["solve"] == "gain_ceiling" else (None, x)
    found = [unit_pay(plan, where, some, pay, gain, kept, True) for where, some in units(plan, pupils).items()]
    still = sum(today(one) for one in pupils if as_today(plan, one))
    return sum((Fraction(one["paid"]) + one["further"] for one in found), Fraction(still))


def corners(plan: dict[str, Any], pupils: list[dict[str, Any]]) -> list[Fraction]:
    """Return every figure at which some school could come to one of its limits."""
    rates = {name: rate for name, (_, rate) in plan["bands"].items()}
    found = {Fraction(0)}
    for (_, setting, _), some in units(plan, pupils).items():
        inside = inside_of(some)
        p, n = sum(today(one) for one in inside), sum((part(one) for one in inside), Fraction(0))
        if not inside:
            continue
        marks = []
        low = floors(plan, setting, p, n)
        if low:
            marks.append(up(plan, setting, max(low.values()), n))
        if plan["gain"] is not None:
            marks.append(down(plan, setting, p * (1 + plan["gain"]), n))
        if plan["solve"] == "scale":
            whole = sum(own(plan, rates, one) * part(one) for one in inside)
            found |= {Fraction(mark) / whole for mark in marks if whole}
        else:
            whole = sum(floor(floor(own(plan, rates, one)) * part(one)) for one in inside)
            wide = p if plan["solve"] == "gain_ceiling" else whole - p
            found |= {Fraction(mark - p) / wide for mark in (*marks, whole) if wide}
    return sorted(one for one in found if one >= 0 and (plan["solve"] != "gain_scale" or one <= 1))


def solved(plan: dict[str, Any], pupils: list[dict[str, Any]]) -> tuple[str, Fraction | None]:
    """Return what became of solving, and the exact figure."""
    envelope, at = plan["envelope"], corners(plan, pupils)
    if cost_at(plan, pupils, Fraction(0)) > envelope:
        return "no", None
    if plan["solve"] == "gain_scale":
        at = [*at, Fraction(1)]
    beyond = at[-1] + 1
    if plan["solve"] != "scale":
        end = Fraction(1) if plan["solve"] == "gain_scale" else beyond
        if cost_at(plan, pupils, end) <= envelope:
            return "idle", Fraction(1) if plan["solve"] == "gain_scale" else None
    elif cost_at(plan, pupils, beyond) == cost_at(plan, pupils, beyond + 1) <= envelope:
        return "no", None
    else:
        while cost_at(plan, pupils, beyond) <= envelope:
            beyond *= 2
    at = [*at, beyond] if plan["solve"] != "gain_scale" else at
    first, last = next(
        (a, b) for a, b in pairwise(at) if cost_at(plan, pupils, a) <= envelope < cost_at(plan, pupils, b)
    )
    low, high = cost_at(plan, pupils, first), cost_at(plan, pupils, last)
    return "exactly", first + (last - first) * (envelope - low) / (high - low)


def reckon(plan: dict[str, Any], pupils: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the printed figures of a plan over counted pupils, in pence."""
    rates, gain, kept = {name: rate for name, (_, rate) in plan["bands"].items()}, plan["gain"], None
    scale: Fraction | None = Fraction(1)
    state, figure = ("not_asked", None) if plan["solve"] == "none" else solved(plan, pupils)
    if plan["solve"] == "scale":
        scale = figure
        if figure is not None:
            rates = {name: floor(rate * figure / plan["step"]) * plan["step"] for name, rate in rates.items()}
    elif state == "exactly":
        figure = floor(figure * 10000) / Fraction(10000) if figure is not None else None
        gain, kept = (figure, None) if plan["solve"] == "gain_ceiling" else (gain, figure)
    elif state == "idle":
        gain, kept = (None, None) if plan["solve"] == "gain_ceiling" else (gain, figure)
    if state == "no":
        scale = None
    schools = by_school(plan, pupils, rates, gain, kept)
    answer = {
        "solved": state,
        "scale": scale,
        "gain_ceiling": gain,
        "gain_scale": kept,
        "rates": rates,
        "schools": {where: (one["p"], one["r"], one["paid"], one["held"]) for where, one in schools.items()},
        "after": sum(one["paid"] for one in schools.values()),
        "further": sum(one["further"] for one in schools.values()),
        "next": None,
    }
    if plan.get("next"):
        answer["next"] = year_after(plan, pupils, rates, gain, kept)
    return answer


def by_school(
    plan: dict[str, Any], pupils: list[dict[str, Any]], rates: dict[str, int], gain: Any, kept: Any
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what each school and setting is paid, rounded; of several limits that hold there, the one that moves most."""
    pay = lambda one: floor(floor(own(plan, rates, one)) * part(one))  # noqa: E731
    schools: dict[tuple[str, str], dict[str, Any]] = {}
    moved: dict[tuple[str, str], dict[str, int]] = {}
    for where, some in units(plan, pupils).items():
        one, at = unit_pay(plan, where, some, pay, gain, kept, False), where[:2]
        held = schools.setdefault(at, {"p": 0, "r": 0, "paid": 0, "further": 0, "held": "none"})
        for name in ("p", "r", "paid", "further"):
            held[name] += one[name]
        by = moved.setdefault(at, {})
        by[one["held"]] = by.get(one["held"], 0) + one["moved"]
    for at, by in moved.items():
        for name in ("gain", "loss", "guarantee"):
            if by.get(name, 0) and by[name] >= by.get(schools[at]["held"], 0):
                schools[at]["held"] = name
    for one in pupils:
        if as_today(plan, one):
            held = schools.setdefault(
                (one["school"], one["setting"]), {"p": 0, "r": 0, "paid": 0, "further": 0, "held": "none"}
            )
            for name in ("p", "r", "paid"):
                held[name] += today(one)
    return schools


def year_after(plan: dict[str, Any], pupils: list[dict[str, Any]], rates: dict[str, int], gain: Any, kept: Any) -> int:
    """Return what the counted pupils cost in the year after: P is what limits leave this year, the rates rise."""
    uplift, loss = plan["next"]
    pay = lambda one: floor(own(plan, rates, one))  # noqa: E731
    dearer = {name: floor(rate * (1 + uplift)) for name, rate in rates.items()}
    whole = sum(today(one) for one in pupils if as_today(plan, one))
    for where, some in units(plan, pupils).items():
        this = unit_pay(plan, where, some, pay, gain, kept, False)
        every = [one for one in some if not one.get("elsewhere") or one in inside_of(some)]
        p = this["all"] + this["beside"] if inside_of(some) else this["beside"]
        r = sum(floor(own(plan, dearer, one)) for one in every)
        n, here = len(every), sum(not one.get("elsewhere") for one in every)
        paid = max(r, up(plan, where[1], p * (1 - loss), Fraction(n))) if p else r
        # Where nothing is paid this year there is no average in the next.
        own_alone = sum(floor(own(plan, dearer, one)) for one in every if not one.get("elsewhere"))
        whole += floor(Fraction(paid * here, n)) if p else own_alone
    return whole


def county(chance: random.Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a made-up plan and pupils, small enough to be looked at, with every odd thing that can be in one."""
    step = chance.choice([1, 100, 100, 5000])
    rate = chance.choice([0, 5, 700000])
    bands: dict[str, Any] = {}
    cuts = sorted(chance.sample([1, 2, 3, 4], chance.randint(1, 4)))
    for number, first in enumerate(cuts):
        last = cuts[number + 1] if number + 1 < len(cuts) else 5
        rate += chance.choice([0, 1, 33, 250000, 400000])
        bands[f"b{number}"] = (LEVELS[1 if number == 0 else first : last], rate)
    pupils = []
    averages = {
        (f"S{n}", setting): chance.choice([None, 0, 1, 905000, 1200001]) for n in range(4) for setting in SETTINGS
    }
    for number in range(chance.randint(0, 14)):
        school, setting = f"S{chance.randrange(4)}", chance.choice(SETTINGS)
        mine = chance.choice([None, 0, 1, 650000, 800033]) if setting == "mainstream" else averages[school, setting]
        pupils.append({"ref": f"K-{number:04}", "school": school, "setting": setting,
                       "level": chance.choice(LEVELS[1:]), "present": mine})  # fmt: skip
    solve = chance.choice(["none", "scale", "scale", "gain_ceiling", "gain_scale"])
    share = lambda: chance.choice([Fraction(0), Fraction(1, 20), Fraction(1, 3), Fraction(1)])  # noqa: E731
    plan = {
        "bands": bands,
        "factors": {
            one: chance.choice([Fraction(1), Fraction(1), Fraction(19, 20), Fraction(3, 2)]) for one in SETTINGS
        },
        "average_in": [one for one in SETTINGS if chance.random() < 0.4],
        "loss": chance.choice([None, share()]),
        "gain": chance.choice([None, share()]) if solve in ("none", "scale") else None,
        "guarantee": {
            one: chance.choice([Fraction(0), Fraction(-1, 50), Fraction(1, 50)])
            for one in SETTINGS
            if chance.random() < 0.4
        },
        "core": {"special": 1000000} if chance.random() < 0.2 else {},
        "solve": solve,
        "step": step,
        "envelope": chance.choice([0, 100, 1500000, 5000000, 9000001, 14000000, 40000000]),
    }
    return plan, pupils


def with_further_fields(
    chance: random.Random, plan: dict[str, Any], pupils: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a made-up plan and pupils with further fields of a plan, as far as they may go together."""
    plan, pupils = dict(plan), [dict(one) for one in pupils]
    if chance.random() < 0.4 and len(plan["bands"]) > 1:
        dropped = chance.choice(sorted(plan["bands"]))
        plan["own"] = plan["bands"][dropped][0]
        plan["bands"] = {name: one for name, one in plan["bands"].items() if name != dropped}
        for one in pupils:
            if one["level"] in plan["own"] and one["present"] is None:
                one["present"] = 910007
    plan["protect"] = [one for one in SETTINGS if one not in plan["average_in"] and chance.random() < 0.5]
    limited = plan["loss"] is not None or plan["gain"] is not None or plan["guarantee"]
    if chance.random() < 0.3 and limited:
        plan["next"] = (
            chance.choice([Fraction(0), Fraction(1, 50), Fraction(-1, 3)]),
            chance.choice([Fraction(0), Fraction(1, 20)]),
        )
    elif chance.random() < 0.7:
        plan["core"] = {}
        for one in pupils:
            one["part"] = chance.choice(
                [Fraction(1), Fraction(1), Fraction(7, 12), Fraction(213, 365), Fraction(1, 999)]
            )
    for one in pupils:
        if one["setting"] in plan["average_in"] and chance.random() < 0.3 and not as_today(plan, one):
            one["elsewhere"] = True
    plan["places"] = {}
    for (school, setting, _), some in units(plan, pupils).items():
        whole = len(inside_of(some)) == len(some) and not any(one.get("elsewhere") or part(one) < 1 for one in some)
        if setting in plan["average_in"] and whole and chance.random() < 0.5:
            plan["places"][school, setting] = len(some) + chance.choice([0, 1, 40])
    return plan, pupils
