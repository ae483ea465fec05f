"""A decision recorded by the guide in the browser: the files that an editor writes, and what the workflows make of them.

The guide's own words are what is done: `docs/how-to/in-the-browser.md`. The decision is made up, and so is every figure.
"""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from copies import copied, write
from forge import POLICY, Forge, step
from golden_files import ROOT, loaded
from running import senpolicy
from senpolicy.caseloads import population
from senpolicy.checking import golden
from senpolicy.comparing.review import limit_of
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.policy.timeline import policy

GUIDE = ROOT / "docs" / "how-to" / "in-the-browser.md"
#: What goes on from it: an edition of the Continuum, a band for each level, and a rate for each band.
BANDS = ROOT / "docs" / "how-to" / "bands-and-rates.md"
MOST_STEPS = 12
PUPILS = 400


def steps(guide: Path = GUIDE) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Yield the steps of the guide: the number, and the pieces to write, each after the sentence that says where."""
    parts = re.split(r"^## (\d+)\. .*$", guide.read_text(encoding="utf-8"), flags=re.M)
    for number, body in zip(parts[1::2], parts[2::2], strict=True):
        found = re.findall(r"(.*?)^```\w+\n(.*?)^```\n", body, flags=re.S | re.M)
        yield int(number), [(before.strip().split("\n\n")[-1], piece) for before, piece in found]


def write_as_told(folder: Path, guide: Path = GUIDE) -> None:
    """Do in a folder what the steps of the guide say; a sentence that the test does not know is a fault of one of both."""
    for number, pieces in steps(guide):
        for sentence, piece in pieces:
            said = re.fullmatch(r"(New file|In|At the end of) `([^`]+)`(?:, before `([^`]+)`)?:", sentence)
            assert said, f"step {number}: {sentence}"
            file = folder / said[2]
            text = "" if said[1] == "New file" else file.read_text(encoding="utf-8")
            at = text.index(f"\n{said[3]}") + 1 if said[3] else len(text)
            write(folder, said[2], text[:at] + piece + text[at:])


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    """A forge with the policy of this repository, on which the steps of the guide were made and pushed."""
    folder = tmp_path_factory.mktemp("browser")
    copied(folder / "officer")
    shutil.copytree(ROOT / golden.FOLDER, folder / "officer" / golden.FOLDER)
    made = Forge(folder, folder / "officer")
    write_as_told(made.officer)
    made.push("record-26-00041")
    return made


@pytest.fixture(scope="module")
def head(forge: Forge) -> Path:
    """The branch as the workflows leave it: looked at, tidied, locked."""
    forge.look("record-26-00041")
    job, ran = forge.take("record-26-00041")
    assert ran.status == 0, ran.said
    assert forge.send(job, "record-26-00041").status == 0
    return forge.clone("record-26-00041", "head")


def test_the_guide_has_few_steps_and_each_is_numbered() -> None:
    numbers = [number for number, _ in steps()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= MOST_STEPS


@pytest.mark.walk
def test_no_step_is_refused(forge: Forge, head: Path) -> None:
    """The workflows add the lock alone, and then find nothing that is wrong."""
    lock = "policy/26-00041/lock.yaml"
    before = {path.relative_to(forge.officer).as_posix() for path in forge.officer.rglob("*.yaml")}
    after = {path.relative_to(head).as_posix() for path in head.rglob("*.yaml") if ".venv" not in path.parts}
    assert after - before == {lock}
    for name in sorted(before):
        assert (head / name).read_bytes() == (forge.officer / name).read_bytes(), "the guide writes what is in order"
    for name in ("Check", "Files in order", "What has been taken is locked", "Golden cases", "Prove"):
        ran = step(head, POLICY, name, forge.aside)
        assert ran.status == 0, ran.said
        assert "::error" not in ran.said, ran.said


@pytest.mark.walk
def test_bands_and_rates_go_on_from_it_in_as_few_steps(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Twelve steps in all; check, fmt and prove find nothing, a band's rate is paid, and the review's sums are right."""
    assert len([*steps(), *steps(BANDS)]) <= MOST_STEPS
    copied(tmp_path)
    shutil.copytree(ROOT / golden.FOLDER, tmp_path / golden.FOLDER)
    for guide in (GUIDE, BANDS):
        write_as_told(tmp_path, guide)
    for words in (("fmt", "--check"), ("check",), ("golden",), ("prove", "--strict")):
        status, out, err = senpolicy(capsys, *words, "--root", str(tmp_path))
        assert status == 0, (words, out, err)
    by = Decider(policy(loaded(tmp_path)))
    pupil = "case_ref: MU-09\nage: 9\nyear_group: 4\nsetting: {}\nplan: ehcp\nadaptation_level: {}\ndecision_date: 2026-10-01\n"
    paid = [pounds_of(pupil.format("mainstream", f"specific_{level}"), by) for level in (1, 2, 3, 4)]
    assert paid == [(Decimal(rate),) * 2 for rate in ("7000.00", "9000.00", "11000.00", "13000.00")]
    assert pounds_of(pupil.format("special", "specific_1"), by) is None
    assert pounds_of(pupil.format("srp", "sen_support"), by) is None
    (told,) = json.loads(senpolicy(capsys, "review", str(ROOT), str(tmp_path), "--json", "--pupils", str(PUPILS))[1])
    assert (told["stopped"], told["golden"]) == (None, [])
    sides = [Decider(policy(loaded(ROOT))), by]
    made = population.simulate(loaded(ROOT), PUPILS, random.Random(limit_of(loaded(ROOT)).seed))
    assert [day["day"] for day in told["made_population"]] == ["2025-09-01", "2026-04-01", "2026-09-01"]
    for day in told["made_population"]:
        assert tuple(day["total"][side] for side in ("base", "head")) == by_hand(sides, made, day["day"])[:2]


@pytest.mark.walk
def test_the_review_is_right_to_the_penny(capsys: pytest.CaptureFixture[str], head: Path) -> None:
    """The sums over the made-up pupils are those of deciding each by itself, before and after."""
    status, out, _ = senpolicy(capsys, "review", str(ROOT), str(head), "--json", "--pupils", str(PUPILS))
    (told,) = json.loads(out)
    assert (status, told["stopped"], told["limit"]["verdict"]) == (1, None, "may be exceeded"), "as the guide says"
    assert told["golden"] == [], "no golden case of before comes out otherwise"
    sides = [Decider(policy(loaded(root))) for root in (ROOT, head)]
    base = sides[0].policy.corpus
    made = population.simulate(base, PUPILS, random.Random(limit_of(base).seed))
    assert [day["day"] for day in told["made_population"]] == ["2026-04-01"]
    comment = senpolicy(capsys, "review", str(ROOT), str(head), "--markdown", "--pupils", str(PUPILS))[1]
    for day in told["made_population"]:
        was, now, low, high = by_hand(sides, made, day["day"])
        assert [day["total"][side] for side in ("base", "head")] == [was, now]
        assert f"may be -£{-low:,} to +£{high:,} (".replace(".00 ", " ") in comment


def by_hand(
    sides: list[Decider], made: population.Population, day: str
) -> tuple[dict[str, str], dict[str, str], Decimal, Decimal]:
    """Return the pounds of the pupils whose pounds are known on both sides, each pupil decided by itself.

    The sums before and after, and the least and the most by which they may differ.
    """
    facts = sides[0].policy.corpus.facts.facts
    pairs: list[tuple[tuple[Decimal, Decimal], tuple[Decimal, Decimal]]] = []
    for row in zip(*(made.columns[name] for name in made.headings), strict=True):
        given = {name: one for name, one in zip(made.headings, row, strict=True) if one and name in facts}
        text = "\n".join(f"{name}: {one}" for name, one in (given | {"decision_date": day}).items())
        was, now = (pounds_of(text, by) for by in sides)
        if was and now:
            pairs.append((was, now))
    sums = [{end: f"{sum(one[side][at] for one in pairs):.2f}" for at, end in enumerate(("low", "high"))}
            for side in (0, 1)]  # fmt: skip
    moved = [(was, now) for was, now in pairs if was != now]
    return sums[0], sums[1], *(sum((now[at] - was[1 - at] for was, now in moved), Decimal(0)) for at in (0, 1))


def pounds_of(text: str, by: Decider) -> tuple[Decimal, Decimal] | None:
    """Return the least and most that a case is paid a year; None where it is not decided, or nobody knows it."""
    (case,) = read_text(text, "case.yaml", by.policy)
    result = by.decide(case) if isinstance(case, Case) else case
    if not isinstance(result, Decision):
        return None
    amount = result.plain_answers()["amount"]
    if amount["answer"] == "known":
        return (Decimal(amount["pounds_a_year"]),) * 2
    if "protected_low" in amount:
        return Decimal(amount["protected_low"]), Decimal(amount["protected_high"])
    return None if amount["answer"] == "undetermined" else (Decimal(0), Decimal(0))


def test_the_budgets_of_the_second_year_are_those_of_the_decision(
    capsys: pytest.CaptureFixture[str], forge: Forge
) -> None:
    """40% by history and 60% by the formula with its weights, worked out here by fractions; to the penny in all."""
    file, pot = ROOT / "docs/how-to/illustrative-communities.csv", 2_500_000
    told = {}
    for name, root in (("base", ROOT), ("head", forge.officer)):
        status, out, err = senpolicy(capsys, "budgets", str(file), "--year", "2", "--quantum", str(pot), "--json",
                                     "--root", str(root))  # fmt: skip
        assert status == 0, err
        told[name] = json.loads(out)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))

    def part(row: dict[str, str], column: str) -> Fraction:
        return Fraction(row[column]) / sum(Fraction(one[column]) for one in rows)

    for row, was, now in zip(rows, told["base"], told["head"], strict=True):
        basket = (
            part(row, "idaci") * 50 + part(row, "looked_after") * 20 + part(row, "low_prior_attainment") * 30
        ) / 100
        exact = pot * (
            Fraction(40, 100) * part(row, "historic") + Fraction(60, 100) * (part(row, "pupils") + basket) / 2
        )
        assert abs(Fraction(now["budget"]) - exact) < Fraction(1, 100)
        assert Fraction(was["low"]) < exact < Fraction(was["high"])
    assert sum(Decimal(one["budget"]) for one in told["head"]) == pot
