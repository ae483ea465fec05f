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
    return rates[band_of(plan, one["level"])] * plan["factors"][one["setting"]]


def phased_in(phase_in: dict[str, list[int]], pupils: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of whom some fact has one of the values that are named for it."""
    return [one for one in pupils if any(one[fact] in values for fact, values in phase_in.items())]


def units(pupils: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in pupils:
        found.setdefault((one["school"], one["setting"]), []).append(one)
    return found


def floors(plan: dict[str, Any], setting: str, p: int, n: int) -> dict[str, Fraction]:
    found = {}
    if plan["loss"] is not None:
        found["loss"] = p * (1 - plan["loss"])
    if plan["guarantee"].get(setting) is not None:
        core = plan["core"].get(setting, 0) * n
        found["guarantee"] = (p + core) * (1 + plan["guarantee"][setting]) - core
    return found


def up(plan: dict[str, Any], setting: str, value: Fraction, n: int) -> int:
    return n * ceil(value / n) if setting in plan["average_in"] else ceil(value)


def down(plan: dict[str, Any], setting: str, value: Fraction, n: int) -> int:
    return n * floor(value / n) if setting in plan["average_in"] else floor(value)


def unit_pay(
    plan: dict[str, Any],
    setting: str,
    some: list[dict[str, Any]],
    pay: Any,
    gain: Fraction | None,
    kept: Fraction | None,
    exact: bool,
) -> tuple[Any, Any, Any, str]:
    """Return P, R, what is paid in all, and which limit held it; `exact` keeps what is solved for unrounded."""
    inside = [one for one in some if one["present"] is not None]
    p = sum(one["present"] for one in inside)
    if not p:
        inside = []
    outside = sum(pay(one) for one in some if one not in inside)
    r = sum(pay(one) for one in inside)
    if not inside:
        return 0, outside, outside, "none"
    n, limited = len(inside), r
    if gain is not None:
        top = p * (1 + gain)
        limited = min(limited, top if exact and plan["solve"] == "gain_ceiling" else down(plan, setting, top, n))
    if kept is not None and kept < 1 and r > p:
        part = p + kept * (r - p)
        limited = part if exact else down(plan, setting, part, n)
    low = floors(plan, setting, p, n)
    if low:
        limited = max(limited, up(plan, setting, max(low.values()), n))
    held = "none"
    if limited < r:
        held = "gain"
    elif limited > r:
        held = "guarantee" if low.get("guarantee") == max(low.values()) else "loss"
    return p, r + outside, limited + outside, held


def cost_at(plan: dict[str, Any], pupils: list[dict[str, Any]], x: Fraction) -> Fraction:
    """Return the exact cost after limits where x is the scale, the ceiling or the share."""
    rates = {name: rate for name, (_, rate) in plan["bands"].items()}
    gain, kept = plan["gain"], None
    if plan["solve"] == "scale":
        pay = lambda one: own(plan, rates, one) * x  # noqa: E731
    else:
        pay = lambda one: floor(own(plan, rates, one))  # noqa: E731
        gain, kept = (x, None) if plan["solve"] == "gain_ceiling" else (None, x)
    return sum(
        (
            Fraction(unit_pay(plan, setting, some, pay, gain, kept, True)[2])
            for (_, setting), some in units(pupils).items()
        ),
        Fraction(0),
    )


def corners(plan: dict[str, Any], pupils: list[dict[str, Any]]) -> list[Fraction]:
    """Return every figure at which some school could come to one of its limits."""
    rates = {name: rate for name, (_, rate) in plan["bands"].items()}
    found = {Fraction(0)}
    for (_, setting), some in units(pupils).items():
        inside = [one for one in some if one["present"] is not None]
        p = sum(one["present"] for one in inside)
        if not p:
            continue
        n, marks = len(inside), []
        low = floors(plan, setting, p, n)
        if low:
            marks.append(up(plan, setting, max(low.values()), n))
        if plan["gain"] is not None:
            marks.append(down(plan, setting, p * (1 + plan["gain"]), n))
        if plan["solve"] == "scale":
            whole = sum(own(plan, rates, one) for one in inside)
            found |= {Fraction(mark) / whole for mark in marks if whole}
        else:
            whole = sum(floor(own(plan, rates, one)) for one in inside)
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
    pay = lambda one: floor(own(plan, rates, one))  # noqa: E731
    schools = {where: unit_pay(plan, where[1], some, pay, gain, kept, False) for where, some in units(pupils).items()}
    return {
        "solved": state,
        "scale": scale,
        "gain_ceiling": gain,
        "gain_scale": kept,
        "rates": rates,
        "schools": schools,
        "after": sum(one[2] for one in schools.values()),
    }


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
