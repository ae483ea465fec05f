"""The workbook of a tariff: its stored values are the engine's, and LibreOffice works each of them out from the inputs."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from math import ceil, floor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from syrupy.assertion import SnapshotAssertion

from formulas import evaluated
from running import senpolicy
from senpolicy.caseloads.tariff_sums import NotCounted, PlanCost, Seat, TariffPlan, TariffUnit, cost
from senpolicy.comparing.tariff_steps import MILLION, NotMapped, like_mapped
from senpolicy.comparing.tariff_workbook import workbook
from senpolicy.comparing.tariffs import SAYS, PlanAnswer, answer
from senpolicy.files.problems import WrongUse
from test_tariff import FILES, LEVELS, cohort, example_with, plan, policy, pupil, school, schools, written
from wording import Wording, steady
from workbooks import Cell, cells, changed, listing, recalculated

Sheets = dict[tuple[str, str], Cell]
SETTINGS = ("mainstream", "srp", "special")
SOLVE = ("none", "scale", "gain_ceiling", "gain_scale")


@cache
def made(seed: int, **more: str) -> PlanAnswer:
    """Return a plan over a made cohort that has every odd thing: rates by need, own factors, pupils without a rate."""
    chance = random.Random(seed)
    names = [f"S{number}" for number in range(5)]
    table = [
        school(name, kind, "" if kind == "mainstream" else chance.choice(["9333.33", "12000.01", "7050", "0", ""]),
               factor=chance.choice(["", "", "1.05", "0.987654"]), lump=chance.choice(["", "1000.01"]),
               present_other=chance.choice(["", "", "777.77"]), need="")
        for name in names for kind in SETTINGS
    ]  # fmt: skip
    table += [school("S0", "special", "15000.55", need="autism"), school("S1", "srp", "8000.05", need="speech")]
    rows = [
        pupil(f"K-{number:03}", chance.choice(names[:4]), (kind := chance.choice(SETTINGS)),
              LEVELS[chance.choice(["l1", "l1", "l2", "l3", "l4"])] if chance.random() < 0.9 else "",
              need=chance.choice(["", "autism", "speech"]),
              element3_rate=chance.choice(["", "0", "6500.01", "8000.33", "11250"]) if kind == "mainstream" else "")
        for number in range(chance.choice([3, 40, 90]))
    ]  # fmt: skip
    rows += [pupil("K-990", "S1", "", ""), pupil("K-991", "S1", "srp", "")]
    solve = SOLVE[seed % 4]
    limits = {
        "loss": chance.choice([None, "0.05", "0.333333", "0.015"]),
        "gain": chance.choice([None, "0.1", "0.123457"]) if solve in ("none", "scale") else None,
        "guarantee": {"special": chance.choice(["none", "0.00", "-0.015", "0.005"]), "srp": chance.choice(["none", "-0.05"])},
    }  # fmt: skip
    bands = {"band_1": {"levels": [LEVELS["l1"], LEVELS["l2"]], "rate": "7000.07"},
             "band_2": {"levels": [LEVELS["l3"]], "rate": "11000.99"},
             "band_3": {"levels": [LEVELS["l4"]], "rate": "19123.45"}}  # fmt: skip
    settings = {one: chance.choice(["1.00", "0.95", "1.033333"]) for one in SETTINGS}
    averages = [one for one in SETTINGS if chance.random() < 0.5]
    text = written(bands=bands, settings=settings, average_in=averages, limits=limits, solve=solve,
                   core=chance.choice([{}, {"special": "10000"}]), round_down_to=chance.choice(["1.00", "0.01", "5"]),
                   others=chance.choice(["set_aside", "as_today", "like_mapped", "lowest", "highest"]), day="2026-09-01",
                   tariff_part=chance.choice([None, "7/12", "0.416667"]), envelope=str(len(rows) * 8300))  # fmt: skip
    return answer(plan(text), policy(), cohort(rows, schools(*table)))


@cache
def made_further(seed: int) -> PlanAnswer:
    """Return a plan with further fields over a made cohort: parts of a year, places, pupils' own limits, and as today."""
    chance = random.Random(seed)
    own, alone = seed % 3 != 0, seed % 2 == 0
    table = [
        school(name, kind, "" if kind == "mainstream" else chance.choice(["9333.33", "12000.01", "7050"]),
               factor=chance.choice(["", "0.987654"]),
               lump="" if kind == "mainstream" and alone else chance.choice(["", "1000.01"]))
        for name in ("S0", "S1", "S2") for kind in SETTINGS
    ]  # fmt: skip
    table.append(school("P", "special", chance.choice(["9333.33", "12000.01"]), pupils_paid="23", factor="", lump=""))
    rows = [
        pupil(f"K-{number:03}", f"S{chance.randrange(3)}", (kind := chance.choice(SETTINGS)),
              LEVELS[chance.choice(["l1", "l2", "l3"])], weight=chance.choice(["", "", "7/12", "213/365", "0.5"]),
              element3_rate=chance.choice(["", "0", "6500.01", "8000.33", "11250"]) if kind == "mainstream" else "")
        for number in range(60)
    ]  # fmt: skip
    rows += [pupil(f"K-{100 + number}", "P", "special", LEVELS[f"l{1 + number % 3}"]) for number in range(7)]
    rows += [pupil("K-200", "S1", "srp", LEVELS["l4"]), pupil("K-201", "S1", "mainstream", LEVELS["l4"], element3_rate="20000.01"),
             pupil("K-300", "S1", "srp", "")]  # fmt: skip
    bands: dict[str, dict[str, object]] = {
        "band_1": {"levels": [LEVELS["l1"], LEVELS["l2"]], "rate": "7000.07"},
        "band_2": {"levels": [LEVELS["l3"]], "rate": "11000.99"},
        "band_3": {"levels": [LEVELS["l4"]], "rate": "own" if own else "19123.45"},
    }
    solve = SOLVE[seed % 4]
    limits = {
        "loss": chance.choice([None, "0.05", "0.333333"]),
        "gain": chance.choice([None, "0.123457"]) if solve in ("none", "scale") else None,
        "guarantee": {"special": chance.choice(["none", "0.00", "-0.015"]), "mainstream": chance.choice(["none", "-0.05"])},
    }  # fmt: skip
    text = written(bands=bands, settings={one: chance.choice(["1.00", "0.95"]) for one in SETTINGS}, limits=limits,
                   average_in=["special", *(["srp"] if chance.random() < 0.5 else [])], solve=solve,
                   protect={"mainstream": "pupil"} if alone else {}, round_down_to="0.01",
                   others=chance.choice(["as_today", "like_mapped", "highest"]), envelope=str(len(rows) * 8900))  # fmt: skip
    return answer(plan(text), policy(), cohort(rows, schools(*table)))


@cache
def made_more(seed: int) -> PlanAnswer:
    """Return a plan over a made cohort with other authorities' pupils, several bands as today, and pupils' own limits.

    An even seed has the year after; an odd one parts of a year, those of the unmapped too, and the first financial year.
    """
    chance = random.Random(seed)
    years = seed % 2 == 1
    part = lambda: chance.choice(["", "7/12", "213/365", "0.5"]) if years else ""  # noqa: E731
    table = [school(name, kind, "" if kind == "mainstream" else chance.choice(["9333.33", "12000.01", "7050", "0"]),
                    need="", factor="0.987654" if name == "S1" else "")
             for name in ("S0", "S1", "S2") for kind in SETTINGS]  # fmt: skip
    table.append(school("S2", "special", "15000.55", need="autism", factor=""))
    rows = [
        pupil(f"K-{number:03}", f"S{chance.randrange(3)}", (kind := chance.choice(SETTINGS)),
              LEVELS[chance.choice(["l1", "l2", "l2"])] if chance.random() < 0.8 else "",
              weight=part(), paid_by="other" if kind != "mainstream" and chance.random() < 0.4 else "",
              need=chance.choice(["", "autism"]), element3_rate=chance.choice(["0", "6500.01", "8000.33", "11250"])
              if kind == "mainstream" else "")
        for number in range(60)
    ]  # fmt: skip
    rows += [pupil(f"K-{200 + number}", "S1", "srp", LEVELS[f"l{3 + number % 2}"], paid_by="", weight=part(), need="")
             for number in range(5)]  # fmt: skip
    rows += [pupil("K-300", "S0", "mainstream", LEVELS["l2"], element3_rate="", weight="", paid_by="", need=""),
             pupil("K-301", "", "", "", weight=part(), paid_by="", need="")]  # fmt: skip
    bands: dict[str, dict[str, object]] = {
        "band_1": {"levels": [LEVELS["l1"]], "rate": "7000.07"}, "band_2": {"levels": [LEVELS["l2"]], "rate": "11000.99"},
        "band_3": {"levels": [LEVELS["l3"]], "rate": "own"}, "band_4": {"levels": [LEVELS["l4"]], "rate": "own"},
    }  # fmt: skip
    solve = SOLVE[seed // 2 % 4]
    limits = {"loss": chance.choice(["0.05", "0.333333"]), "guarantee": {"special": chance.choice(["none", "0.00", "-0.015"])},
              "gain": chance.choice([None, "0.123457"]) if solve in ("none", "scale") else None}  # fmt: skip
    text = written(bands=bands, settings={one: chance.choice(["1.00", "0.95"]) for one in SETTINGS}, limits=limits,
                   average_in=["special", "srp"], solve=solve, protect={"mainstream": "pupil"}, round_down_to="0.01",
                   tariff_part="7/12" if years else None, next=None if years else
                   {"uplift": chance.choice(["0.02", "-0.031415"]), "loss": chance.choice(["0", "0.015"])},
                   others=("like_mapped", "highest", "lowest", "as_today")[seed // 2 % 4], envelope=str(len(rows) * 7900))  # fmt: skip
    return answer(plan(text), policy(), cohort(rows, schools(*table)))


def odd() -> dict[str, PlanAnswer]:
    """Return the guide's example where nothing is paid today or next year, or all of a school is another authority's."""
    theirs = {f"K-0{number}": {"paid_by": "other"} for number in range(1, 5)}
    after = {"uplift": "0.1", "loss": "0.05"}
    nothing = {"loss": "1", "guarantee": {"special": "-1"}}
    unpaid = {name: {"present_rate": "0"} for name in "AB"}
    nobody = {f"K-{number:02}": {"adaptation_level": ""} for number in range(1, 13)}
    return {
        "nothing": example_with({}, unpaid, next={"uplift": "-1", "loss": "1"}, limits=nothing),
        "theirs": example_with(theirs, next=after),
        "theirs-unpaid": example_with(theirs, {"A": unpaid["A"]}, next=after),
        "nobody": example_with(nobody, others="like_mapped"),
        "part": example_with({"K-11": {"weight": "1/3"}}, others="like_mapped"),
    }


def below(found: Sheets, sheet: str, label: str) -> int:
    """Return the row, as the sheet counts them, that a label in the first column begins."""
    return next(int(at[1:]) for (name, at), one in found.items() if name == sheet and at[0] == "A" and at[1].isdigit()
                and one.value == label and int(at[1:]) > 4)  # fmt: skip


def pence(found: Sheets, sheet: str, at: str) -> int:
    """Return the pence of a cell that is in pounds."""
    value = found[sheet, at].value
    assert isinstance(value, float), (sheet, at, value)
    assert abs(value * 100 - round(value * 100)) < 1e-4
    return round(value * 100)


def differences(found: Sheets, one: PlanAnswer, wanted: PlanCost) -> list[str]:
    """Return where a workbook is not what the engine has."""
    said = []
    units = sorted(wanted.schools, key=lambda pay: (pay.school, pay.setting))
    for row, pay in enumerate(units, 6):
        figures = (pay.paid, pay.new, pay.limited, pay.change)
        shown = tuple(pence(found, "By school", f"{column}{row}") for column in "DEFG")
        told = tuple(found["By school", f"{column}{row}"].value for column in "ABCI")
        if (figures, (pay.school, pay.setting, pay.pupils, pay.held_by)) != (shown, told):
            said.append(f"{pay.school}, {pay.setting}: {shown} {told} for {figures} {pay.held_by}")
    part, after = one.file.tariff_part, wanted.next_year
    for row, pay in enumerate(units, 6):
        if part is not None and pence(found, "By school", f"K{row}") != ceil(
            (1 - part) * pay.paid + part * pay.limited
        ):
            said.append(f"{pay.school}, {pay.setting}: in the first financial year")
        of = {(pay.school, pay.setting): pay.limited for pay in after.schools}[pay.school, pay.setting] if after else 0
        if after and pence(found, "By school", f"J{row}") != of:
            said.append(f"{pay.school}, {pay.setting}: in the year after not {of}")
    whole = {
        "Paid today for the counted pupils": wanted.present,
        "By the bands' rates": wanted.before_limits,
        "After limits": wanted.after_limits,
        "Kept for the others": wanted.others,
        "What the plan costs": wanted.whole,
        "The envelope": wanted.plan.envelope,
        "Headroom": wanted.headroom,
    }
    if one.has_places:
        whole["For places beyond these pupils"] = wanted.further
    if part is not None:
        whole["The counted pupils in the first financial year"] = wanted.first_year(part)
    if after:
        whole["The counted pupils in the year after"] = after.after_limits
    for label, amount in whole.items():
        shown_there = pence(found, "Result", f"B{below(found, 'Result', label)}")
        if shown_there != amount:
            said.append(f"{label}: {shown_there} for {amount}")
    for band, pupils, rate, costs in replace(one, cost=wanted).bands:
        row = below(found, "Result", band if rate is not None else f"{band}, paid as today")
        if rate is None:
            if (found["Result", f"B{row}"].value, pence(found, "Result", f"D{row}")) != (pupils, costs):
                said.append(f"{band}: not {pupils}, {costs}")
            continue
        shown_band = (found["Result", f"B{row}"].value, *(pence(found, "Result", f"{column}{row}") for column in "CD"))
        if shown_band != (pupils, rate, costs):
            said.append(f"{band}: {shown_band} for {(pupils, rate, costs)}")
    for setting in SETTINGS:
        row = below(found, "Result", setting)
        paid = sum(pay.limited for pay in units if pay.setting == setting)
        if pence(found, "Result", f"E{row}") != paid:
            said.append(f"{setting}: not {paid}")
    checks = [found["Result", f"B{row}"].value for row in range(below(found, "Result", "What must hold") + 1, 200)
              if ("Result", f"B{row}") in found]  # fmt: skip
    paid_rates = [wanted.rates[wanted.plan.band_of[level].id] for level in wanted.plan.banded]
    rises = "yes" if paid_rates == sorted(paid_rates) else "NO: look here"
    if checks != ["yes", "yes", "yes", rises, "yes"]:
        said.append(f"what must hold: {checks}")
    return said


@pytest.mark.parametrize(("seed", "of"), [(seed, of) for of in (made, made_further, made_more) for seed in range(4)])
def test_the_stored_values_are_the_engines(seed: int, of: Callable[[int], PlanAnswer]) -> None:
    one = of(seed)
    assert differences(cells(workbook(one)), one, one.cost) == []


@pytest.mark.parametrize(("seed", "of"), [(5, made), (2, made_further), (0, made_more), (1, made_more)])
def test_no_cell_of_a_result_holds_a_constant(seed: int, of: Callable[[int], PlanAnswer]) -> None:
    """A number is a formula that calls upon other cells, or is in a cell that is coloured as one to fill in."""
    found = cells(workbook(of(seed)))
    constants = [at for at, one in found.items() if isinstance(one.value, float) and not one.formula and not one.filled]
    assert constants == []
    idle = [
        at
        for at, one in found.items()
        if one.formula and not re.search(r"[A-Z]\$?[0-9]|[A-Z][a-z]+(_[a-z]+)?\b(?!\()", one.formula)
    ]
    assert idle == []
    assert [at for at, one in found.items() if one.formula and one.filled] == []
    after = {"Rates after": 15, "Year after": 20} if of(seed).plan.after else {}
    for sheet, least in {**dict.fromkeys(("Result", "By school", "Steps", "Rates"), 20), **after}.items():
        assert [at for (name, at), one in found.items() if name == sheet and one.filled] == [], sheet
        assert sum(name == sheet and bool(one.formula) for (name, _), one in found.items()) > least, sheet


def test_the_command_writes_it_and_every_sheet_says_whose_the_figures_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, _, err = senpolicy(capsys, "tariff", *FILES, "-o", str(tmp_path / "tariff.xlsx"))
    found = cells((tmp_path / "tariff.xlsx").read_bytes())
    assert (status, "Written: tariff.xlsx" in err) == (0, True)
    sheets = {sheet for sheet, _ in found}
    assert len(sheets) == 8
    assert all(str(found[sheet, "A2"].value).startswith(SAYS) for sheet in sheets)
    told = [str(one.value) for (sheet, _), one in found.items() if sheet == "Read me"]
    assert any("not for publication" in one for one in told)
    assert any(one.startswith("1 pupil is set aside") for one in told)
    # The figures that the guide works out by hand.
    assert [pence(found, "By school", f"F{row}") for row in (6, 7, 8)] == [48_231_00, 29_925_00, 21_840_00]
    assert pence(found, "Result", f"B{below(found, 'Result', 'Headroom')}") == 4_00
    assert found["Plan", "B7"].filled
    assert "2803/3080" in str(found["Plan", "D7"].value)


def test_a_workbook_holds_one_plan(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(written(plan="trial-2"), encoding="utf-8")
    files = [FILES[0], str(tmp_path / "other.yaml"), *FILES[1:]]
    status, _, err = senpolicy(capsys, "tariff", *files, "-o", str(tmp_path / "tariff.xlsx"))
    assert (status, "holds one plan" in err, (tmp_path / "tariff.xlsx").exists()) == (2, True, False)


def test_figures_that_a_spreadsheet_does_not_hold_exactly_are_refused() -> None:
    rows, table = [pupil("K-1", "S", "special")], schools(school("S", "special", "9000"))
    dear = written(bands={"a": {"levels": [LEVELS["l1"]], "rate": "1000000"}}, solve="none")
    with pytest.raises(WrongUse, match="would not be exact"):
        workbook(answer(plan(dear), policy(), cohort(rows, table)))


def test_parts_of_a_year_with_too_many_digits_are_refused() -> None:
    """Each part is a fraction of its own; what all of them are made of has then more digits than a cell holds."""
    odd = {"1": "1/997", "2": "1/991", "3": "1/983", "4": "1/977"}
    counted = example_with({f"K-0{at}": {"weight": part} for at, part in odd.items()})
    rows = [pupil("K-1", "C", "mainstream", element3_rate="7000", weight="")]
    rows += [pupil(f"K-9{at}", "C", "mainstream", "", weight=part) for at, part in odd.items()]
    unmapped = answer(plan(written(solve="none")), policy(), cohort(rows, schools(school("C", "mainstream"))))
    for one, said in ((counted, "what 'A' is paid"), (unmapped, "those not mapped")):
        with pytest.raises(WrongUse, match=said):
            workbook(one)


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert workbook(made(1)) == workbook(made(1))


@pytest.mark.parametrize("name", ["as-written", "with-further-fields"])
def test_every_sheet_and_formula_is_as_read(name: str, snapshot: SnapshotAssertion) -> None:
    """All of a workbook, as text. That its formulas are right is held by `make workbook`; here none changes unread."""
    changes: dict[str, Any] = {
        "as-written": {"tariff_part": "7/12", "limits": {"loss": "0.05", "gain": "0.1", "guarantee": {"special": "0.00"}}},
        "with-further-fields": {"solve": "gain_ceiling", "protect": {"mainstream": "pupil"}, "others": "like_mapped",
                                "settings": {"mainstream": "0.95", "srp": "1.00", "special": "1.033333"}},
    }[name]  # fmt: skip
    further = name == "with-further-fields"
    one = example_with(
        {"K-01": {"weight": "7/12"}} if further else None, {"S3": {"pupils_paid": "9"}} if further else None, **changes
    )
    said = steady(listing(workbook(one)), one.policy.as_of)
    assert said == snapshot(extension_class=Wording)


# By LibreOffice: make workbook.


class Change(NamedTuple):
    """What is changed: a cell and its new text, and what the engine then has."""

    sheet: str
    cell: str
    text: str
    plan: TariffPlan
    units: tuple[TariffUnit, ...]
    others: NotCounted | None = None


def as_solved(one: PlanAnswer) -> TariffPlan:
    """Return a plan whose own figures are those that were solved for."""
    bands = tuple(replace(band, rate=one.cost.rates[band.id]) for band in one.plan.bands)
    return replace(one.plan, bands=bands, gain=one.cost.gain_ceiling, solve="none")


def by_engine(one: PlanAnswer, change: Change) -> PlanCost:
    """Return what the engine has for a plan that solves nothing; the share of gains stays the one that was found."""
    plan, units = change.plan, change.units
    found = cost(plan, units, change.others or one.cohort.others)
    if one.cost.gain_scale is not None:
        from senpolicy.caseloads.tariff_sums import _paid

        rates = {band.id: band.rate for band in plan.bands}
        found = replace(
            found, units=_paid(plan, rates, units, None, one.cost.gain_scale), gain_scale=one.cost.gain_scale
        )
    return found


def change_rate(chance: random.Random, one: PlanAnswer, found: Sheets) -> Change:
    band = chance.choice(one.plan.bands)
    pounds = f"{chance.randrange(6000, 21000)}.{chance.randrange(100):02}"
    rate = int(pounds.replace(".", ""))
    scaled = solved = one.plan.solve == "scale" and one.cost.scale is not None
    if solved:
        scaled = rate * Fraction(str(found["Plan", "B7"].value)) // one.plan.step * one.plan.step
    plan = as_solved(one)
    bands = tuple(replace(it, rate=int(scaled) if solved else rate) if it.id == band.id else it for it in plan.bands)
    return Change("Plan", f"B{below(found, 'Plan', band.id)}", pounds, replace(plan, bands=bands), units_of(one))


def units_of(one: PlanAnswer) -> tuple[TariffUnit, ...]:
    return tuple(sorted((pay.unit for pay in one.cost.units), key=lambda unit: (unit.school, unit.setting)))


def change_count(chance: random.Random, one: PlanAnswer, found: Sheets) -> Change:
    units = list(units_of(one))
    place, level = chance.randrange(len(units)), chance.randrange(4)
    unit, number = units[place], chance.randrange(12)
    name = Seat(list(LEVELS.values())[level])
    single = found.get(("Schools", f"D{place + 6}"))
    within = chance.random() < 0.7 or single is None
    column = "HIJK"[level] if within else "LMNO"[level]
    if within:
        counts = {**unit.within, name: number}
        # What is paid today follows from the pupils where the school has one rate; else it stays.
        rate = None if single is None else round(float(single.value or 0) * 100)
        present = unit.present if rate is None else rate * sum(counts.values())
        units[place] = replace(unit, within={key: some for key, some in counts.items() if some}, present=present)
    else:
        counts = {**unit.outside, name: number}
        units[place] = replace(unit, outside={key: some for key, some in counts.items() if some})
    return Change("Schools", f"{column}{place + 6}", str(number), as_solved(one), tuple(units))


def change_limit(chance: random.Random, one: PlanAnswer, found: Sheets) -> Change:
    which = chance.choice(
        ["loss", "gain", "guarantee", "factor"] if one.cost.gain_scale is None else ["loss", "guarantee"]
    )
    text = chance.choice(["0.025", "0.1", "0.000001", "0.047619", ""])
    plan = as_solved(one)
    share = Fraction(text) if text else None
    if which in ("loss", "gain"):
        label = {"loss": "The most that a school may lose", "gain": "The most that a school may gain"}[which]
        row = below(found, "Plan", label)
        return Change("Plan", f"B{row}", text, replace(plan, **{which: share}), units_of(one))
    setting = chance.choice(SETTINGS)
    row = below(found, "Plan", setting)
    if which == "factor":
        factor = chance.choice(["0.9", "1.111111", "1.0005"])
        factors = {**plan.factors, setting: Fraction(factor)}
        return Change("Plan", f"B{row}", factor, replace(plan, factors=factors), units_of(one))
    guarantee = {key: some for key, some in {**plan.guarantee, setting: share}.items() if some is not None}
    return Change("Plan", f"E{row}", text, replace(plan, guarantee=guarantee), units_of(one))


def change_elsewhere(chance: random.Random, one: PlanAnswer, found: Sheets) -> Change:
    """For how many pupils of a school another authority pays."""
    units = list(units_of(one))
    place, seat = chance.choice([(at, seat) for at, unit in enumerate(units) for seat in sorted(unit.elsewhere)])
    unit, number = units[place], chance.randrange(units[place].within[seat] + 1)
    said = seat.level if seat.part == 1 else f"{seat.level}, {seat.part} of the year"
    heading = f"Of those with one, another authority pays for: {said}"
    column = next(at[:-1] for (sheet, at), cell in found.items() if sheet == "Schools" and cell.value == heading)
    theirs = {key: some for key, some in {**unit.elsewhere, seat: number}.items() if some}
    single = found.get(("Schools", f"D{place + 6}"))
    present = unit.elsewhere_present
    if single is not None:
        present = round(float(single.value or 0) * 100) * sum(theirs.values())
    units[place] = replace(unit, elsewhere=theirs, elsewhere_present=present)
    return Change("Schools", f"{column}{place + 6}", str(number), as_solved(one), tuple(units))


def change_later(chance: random.Random, one: PlanAnswer, found: Sheets) -> Change:
    """By what rates rise in the year after; where there is none, for what part of the year the unmapped are there."""
    plan, others = as_solved(one), one.cohort.others
    if plan.after:
        text = chance.choice(["0.05", "-0.123456", "0"])
        row = below(found, "Plan", "Every rate rises in the year after by")
        changed = replace(plan, after=replace(plan.after, uplift=Fraction(text)))
        return Change("Plan", f"B{row}", text, changed, units_of(one))
    assert others.years is not None
    parts = found["Others", f"B{below(found, 'Others', 'A year has so many of these parts')}"].value
    number, setting = chance.randrange(10_000), chance.choice(SETTINGS)
    years = {**others.years, setting: Fraction(number, round(float(parts or 0)))}
    row = below(found, "Others", setting)
    return Change("Others", f"B{row}", str(number), plan, units_of(one), replace(others, years=years))


#: Each is made once in every plan.
CHANGES: tuple[Callable[[random.Random, PlanAnswer, Sheets], Change], ...] = (change_rate, change_count, change_limit)
SEEDS = range(10)


Plans = Mapping[str, tuple[PlanAnswer, Sequence[Callable[[random.Random, PlanAnswer, Sheets], Change]]]]


def every_plan() -> Plans:
    """Return plans by name, each with the changes that are tried of it."""
    # Counts of the others are in other columns.
    some, further = (change_rate, change_limit), (change_rate, change_limit, change_elsewhere, change_later)
    return (
        {f"same-{seed}": (made(seed), CHANGES) for seed in SEEDS}
        | {f"same-further-{seed}": (made_further(seed), some) for seed in range(4)}
        | {f"same-more-{seed}": (made_more(seed), further) for seed in range(8)}
        | {f"same-odd-{name}": (one, ()) for name, one in odd().items()}
    )


@pytest.mark.workbook
def test_libreoffice_gives_every_stored_value_again_and_the_engines_answer_to_each_change(tmp_path: Path) -> None:
    answers_to_each_change(every_plan(), lambda books: recalculated(books, tmp_path))


@pytest.mark.parametrize(
    "kind", ["plain", *(pytest.param(one, marks=pytest.mark.slow) for one in ("further", "year-after", "parts", "odd"))]
)
def test_the_formulas_give_every_stored_value_again_and_the_engines_answer_to_each_change(kind: str) -> None:
    """As LibreOffice does, which is not at hand in each run."""
    plans: dict[str, Callable[[], Plans]] = {
        "plain": lambda: {"same": (made(3), CHANGES)},
        "further": lambda: {"same": (made_further(1), (change_rate, change_limit))},
        "year-after": lambda: {"same": (made_more(0), (change_elsewhere, change_later))},
        "parts": lambda: {"same": (made_more(1), (change_elsewhere, change_later))},
        "odd": lambda: {f"same-odd-{name}": (one, ()) for name, one in odd().items()},
    }
    answers_to_each_change(plans[kind](), lambda books: {name: evaluated(book) for name, book in books.items()})


def answers_to_each_change(plans: Plans, work_out: Callable[[dict[str, bytes]], Mapping[str, Sheets]]) -> None:
    """Hold to the engine plans as they are, and each with a change while all formulas keep old values."""
    books: dict[str, bytes] = {}
    wanted: dict[str, tuple[PlanAnswer, PlanCost]] = {}
    old: dict[str, Sheets] = {}
    for number, (same, (one, kinds)) in enumerate(plans.items()):
        chance = random.Random(number)
        book = workbook(one)
        books[same], old[same], wanted[same] = book, cells(book), (one, one.cost)
        for kind in kinds:
            change, name = kind(chance, one, old[same]), f"{kind.__name__}-{same}"
            books[name] = changed(book, {(change.sheet, change.cell): change.text})
            wanted[name] = one, by_engine(one, change)
            old[name] = cells(books[name])
    found = work_out(books)
    wrong = {name: some for name, (one, costs) in wanted.items() if (some := differences(found[name], one, costs))}
    assert wrong == {}
    for name in plans:
        before, after = old[name], found[name]
        moved = [at for at, one in before.items() if one.formula and not alike(one, after.get(at))]
        assert moved == []
    # Each change but one of a cell without effect is seen, so the formulas were worked out.
    unseen = [name for name, (one, costs) in wanted.items() if name.startswith("change") and
              differences(old[name], one, costs) == []]  # fmt: skip
    print(f"{len(books)} workbooks, {len(books) - len(plans)} of them changed, {len(unseen)} changes without effect")
    assert len(unseen) <= len(books) / 3


@pytest.mark.parametrize("parts", [None, 365])
@pytest.mark.parametrize("size", [1, 800, 50_000])
def test_sums_of_more_digits_than_a_cell_holds_are_worked_out_in_groups(size: int, parts: int | None) -> None:
    """Each stored figure is that of its formula, and the last is the exact cost, rounded up once."""
    chance = random.Random(size)
    pupils = size * chance.randint(5, 9)
    of = NotMapped(chance.randint(1, pupils * MILLION) * (parts or 1), size, pupils, pupils * MILLION + size // 2,
                   pupils * chance.randint(7_000_00, 95_000_00), parts)  # fmt: skip
    exact = Fraction(of.rates * (of.counted * of.factors + of.unknown * of.counted_factors), MILLION * of.counted**2)
    wanted, held = (
        ceil(exact / (parts or 1)),
        {"A": of.factors, "U": of.unknown, "counted": of.counted, "counted_factors": of.counted_factors},
    )
    for figure in like_mapped(of, wanted):
        if figure.name != "long_S":
            formula = re.sub(
                r"\{(\w+)\}", lambda name: str(held[name[1]]), figure.formula.replace("Other_parts", str(parts))
            )
            assert figure.value == worked_out(formula), figure
        held[figure.name] = figure.value
    assert held["cost_like_mapped"] == wanted


def worked_out(formula: str) -> int:
    """Return what a formula of whole numbers comes to, with exact fractions."""
    text = re.sub(r"(?<![<>=])=(?!=)", "==", re.sub(r"\d+", r"Fraction(\g<0>)", formula))
    names = {"Fraction": Fraction, "INT": floor, "MAX": max, "IF": lambda holds, one, other: one if holds else other}
    return int(eval(text, names))  # Of a formula of this repository alone.


def alike(one: Cell, other: Cell | None) -> bool:
    value = None if other is None else other.value
    if isinstance(one.value, float) and isinstance(value, float):
        return (
            abs(one.value - value) <= 1e-9 * max(1, abs(one.value))
            if one.value != round(one.value)
            else one.value == value
        )
    return (one.value or None) == (value or None)
