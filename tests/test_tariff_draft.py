"""A plan of rates as a proposed decision: what is written, that it passes all that is asked of a decision, and when not.

Every figure here is made up. The plan is the one of `make tariff`; its draft is made once, on a copy of the policy.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import random
import shutil
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from copies import copied, state
from golden_files import FROZEN, ROOT
from running import senpolicy
from senpolicy.caseloads.population import schools_table, simulate
from senpolicy.caseloads.tariff_cohort import tariff_of
from senpolicy.checking import golden
from senpolicy.checking.opening import Asked
from senpolicy.checking.tariffs import read_plan
from senpolicy.comparing.taken import limit_of
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.deciding.text import say_answer
from senpolicy.files.models.tariffs import TariffNext, TariffPlanFile
from senpolicy.files.problems import WrongUse
from senpolicy.language.conditions import pence
from senpolicy.policy import corpus
from senpolicy.policy.corpus import Corpus
from senpolicy.writing import tidying
from senpolicy.writing.drafting import CARRIED, TariffDraft, draft, left_out
from senpolicy.writing.files import checked, put
from test_toy_outputs import calm
from wording import Wording

PLAN = ROOT / "docs" / "how-to" / "illustrative-county.yaml"
#: Of no decision that there can be, so that the tests go on whatever is recorded.
NUMBER, DAY = "26/99999", date(2026, 9, 1)
#: Rates that were solved for: not those of the plan's file.
RATES = {"band_1": 626500, "band_2": 895000, "band_3": 1253100, "band_4": 1700600}
CORPUS = corpus.load(FROZEN)


def plan(**changes: object) -> TariffPlanFile:
    file = read_plan(PLAN, CORPUS).file
    return file.model_copy(update=changes)


def asked(file: TariffPlanFile, number: str = NUMBER, scenario: str | None = None) -> TariffDraft:
    rates = {name: RATES.get(name) or pence(Decimal(band.rate)) for name, band in file.bands.items()}
    return TariffDraft(number, file, rates, file.limits.gain, Asked(scenario=scenario).of(CORPUS))


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return a copy of the policy with the draft of the county's plan, and what was written."""
    root = copied(tmp_path_factory.mktemp("drafted"), FROZEN)
    shutil.copytree(ROOT / golden.FOLDER / "24-00026", root / golden.FOLDER / "24-00026")
    texts = tidying.in_order(draft(root, asked(plan())))
    put(root, texts)
    return root, texts


@pytest.fixture(scope="module")
def whole(drafted: tuple[Path, dict[str, str]]) -> Corpus:
    return corpus.load(drafted[0])


def decide(of: Corpus, *, proposed: bool, **facts: str) -> Decision:
    case = {"case_ref": "K-1", "decision_date": "2026-09-01", "age": "11", "year_group": "7", "plan": "ehcp", **facts}
    policy = Asked(include_proposed=proposed).of(of)
    (read,) = read_text(json.dumps([case]), "case.json", policy)
    assert isinstance(read, Case)
    decision = Decider(policy).decide(read)
    assert isinstance(decision, Decision)
    return decision


@pytest.mark.slow
def test_the_policy_passes_its_check_with_the_draft_and_nothing_is_out_of_order(
    drafted: tuple[Path, dict[str, str]],
) -> None:
    """What `check` finds of files, names, locks and every kind of case; and what `fmt --check` would tidy."""
    root, texts = drafted
    assert [one for one in checked(root) if not one.warning] == []
    assert tidying.tidy(root, [root / name for name in texts if name.startswith(("policy/", "rules/"))]) == ({}, [])
    assert {name.partition("/")[0] for name in texts} == {"policy", "rules", "descriptors", "tests", "changelog.d"}


def added(root: Path, texts: dict[str, str]) -> str:
    """Return what a draft adds to each file of a policy, line by line; of an edition, which is a copy, its head."""
    said: list[str] = []
    for name, text in sorted(texts.items()):
        old = (root / name).read_text(encoding="utf-8") if (root / name).exists() else ""
        new = text.partition("\nlevels:")[0] if name.startswith("descriptors/") else text
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, n=0, lineterm="")
        said += [line for line in lines if not line.startswith("@@")]
    return calm("\n".join(said) + "\n")


def test_a_draft_adds_all_of_this(drafted: tuple[Path, dict[str, str]], snapshot: SnapshotAssertion) -> None:
    """Every line of the draft: none goes missing or changes unread."""
    assert added(FROZEN, drafted[1]) == snapshot(extension_class=Wording)


def test_a_pupil_is_in_the_plans_band_at_its_rate_only_where_proposals_count(whole: Corpus) -> None:
    """The rate is the one that was solved for. A special school is paid its average, which no rule works out."""
    second = {"adaptation_level": "specific_allocation_2"}
    in_srp = decide(whole, proposed=True, setting="srp", **second)
    assert say_answer(in_srp.answers["band"]) == "band 2"
    assert say_answer(in_srp.answers["amount"]) == "known, £8,950 a year"
    assert say_answer(in_srp.answers["protection"]) == "limits on gains and losses, maximum loss 5%"
    special = decide(whole, proposed=True, setting="special", **second)
    assert say_answer(special.answers["band"]) == "band 2"
    assert "P-special-average-rate" in special.answers["amount"].open_points
    below = decide(whole, proposed=True, setting="srp", adaptation_level="sen_support")
    assert below.answers["band"].open_points == ("P-bands-not-named",)
    least = decide(whole, proposed=True, setting="mainstream", adaptation_level="universal", element3_rate="4000")
    assert least.answers["route"].answer == "community_budget"
    before = decide(whole, proposed=False, setting="srp", adaptation_level="specific_allocation")
    assert before.answers["amount"].open_points == ("P-tariff-rates",)


def test_every_value_of_the_draft_is_the_plans_and_says_whose_it_is(whole: Corpus) -> None:
    """Rates, the limit, the levels below and the first day; no guarantee, no limit on gains, no rate in an average."""
    own = {name: one for name, setters in whole.parameters.items() for number, one in setters if number == NUMBER}
    assert {name: one.value for name, one in own.items()} == {
        "first_day_26_99999": DAY, "rate_of_band_1": Decimal("6265.00"), "rate_of_band_2": Decimal("8950.00"),
        "rate_of_band_3": Decimal("12531.00"), "rate_of_band_4": Decimal("17006.00"), "maximum_loss": Decimal(5),
        "community_levels": ["universal", "sen_support", "wider_support_and_strategies"],
    }  # fmt: skip
    assert all("plan's author" in (one.note or "") for one in own.values())
    decision = whole.decisions[NUMBER]
    assert (decision.status, decision.planned) == ("proposed", DAY)
    assert {one.point: bool(one.leaves) for one in decision.settles} == {
        "P-bands-not-named": True, "P-tariff-rates": True, "G4-protection-on-the-tariff": True,
    }  # fmt: skip
    assert "TODO" not in " ".join((whole.root / f"policy/26-99999/{name}.yaml").read_text(encoding="utf-8")
                                  for name in ("decision", "parameters", "documents"))  # fmt: skip


def test_the_golden_cases_of_the_draft_come_out_as_the_plan_says(whole: Corpus) -> None:
    """One for each band in each setting, with its rate where no average is paid."""
    every = golden.every(whole.root)
    pinned, by = [one for one in every if "26-99999" in one.place.file], golden.deciders(whole)
    assert len(pinned) == 12 < len(every)
    assert len({one.golden.case["case_ref"] for one in every}) == len(every), "none has the reference of another"
    assert [one for case in pinned for one in golden.problems(case, by(case))] == []
    assert sum("amount" in one.golden.expect for one in pinned) == 8


def test_a_draft_carries_each_field_of_a_plan_or_says_that_it_leaves_it_out(whole: Corpus) -> None:
    """A field that nobody thought of here fails: it would bear on what is paid, and the decision would not say so."""
    other: dict[str, object] = {
        "envelope": Decimal("7.00"), "solve": "none", "core": {"special": Decimal(10000)},
        "tariff_part": Fraction(7, 12), "others": "as_today", "protect": {"mainstream": "pupil"},
        "next": TariffNext(uplift=Decimal("0.02"), loss=Decimal("0.05")),
    }  # fmt: skip
    refused = {"phase_in"}
    assert set(TariffPlanFile.model_fields) == CARRIED | other.keys() | refused
    before = list(left_out(plan()))
    assert [name for name, one in other.items() if list(left_out(plan(**{name: one}))) == before] == []
    said = " ".join(whole.decisions[NUMBER].notes)
    assert all(one in said for one in before)
    assert "All were scaled alike" in said
    told = " ".join(left_out(plan(**other)))
    for words in ("£7 a year", "core funding of £10,000", "7/12 of the first financial year", "costed as today",
                  "hold for each pupil", "every rate by 2%"):  # fmt: skip
        assert words in told, words


def test_what_cannot_be_drafted_is_refused(tmp_path: Path) -> None:
    """A number that exists, or is none; a plan costed under a scenario; a band that is called as an answer already."""
    bands = plan().bands
    for wrong, said in (
        (asked(plan(), number="24/00120"), "24/00120 is recorded already"),
        (asked(plan(), number="26-41"), "is not the number of a decision"),
        (asked(plan(), scenario="illustrative"), "Leave --scenario out"),
        (asked(plan(phase_in={"year_group": ["0"]})), "phases pupils in"),
        (
            asked(plan(bands={**bands, "band_4": bands["band_4"].model_copy(update={"rate": "own"})})),
            "as today in 'band_4'",
        ),
        (asked(plan(bands={"not_applicable": bands["band_1"]})), "is an answer of 'band' already"),
    ):
        with pytest.raises(WrongUse, match=said):
            draft(FROZEN, wrong)
    assert state(tmp_path) == {}


def test_the_command_refuses_before_it_costs_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each in one sentence, and nothing is written: not into an installed copy either."""
    missing = ("--cohort", str(tmp_path / "cohort.csv"), "--schools", str(tmp_path / "schools.csv"))
    installed = tmp_path / "site-packages" / "data"
    (installed / "rules").mkdir(parents=True)
    (installed / "policy").mkdir()
    before = state(tmp_path)
    for words, said in (
        ((str(PLAN), "--draft", "24/00120"), "24/00120 is recorded already, in policy/24-00120/decision.yaml"),
        ((str(PLAN), str(PLAN), "--draft", NUMBER), "A draft is of one plan."),
        ((str(PLAN), "--draft", NUMBER, "--as-of", "24/00120"), "Leave --as-of out."),
        ((str(PLAN), "--draft", NUMBER, "--root", str(installed)), "the copy of an installed package"),
    ):
        status, _, told = senpolicy(capsys, "tariff", *words, *missing)
        assert (status, said in told) == (2, True), told
    assert state(tmp_path) == before


def test_a_rate_for_some_settings_apart_is_a_value_and_a_row_of_its_own(
    tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    """Factors differ and nothing is averaged: each setting's rate is the band's times its factor, rounded down."""
    root = copied(tmp_path, FROZEN)
    file = plan(
        average_in=[], settings={"mainstream": Decimal(1), "srp": Decimal("1.1"), "special": Decimal("1.333333")}
    )
    texts = tidying.in_order(draft(root, asked(file)))
    put(root, texts)
    some = {name: text for name, text in texts.items() if name.startswith("rules/") or "parameters" in name}
    assert added(FROZEN, some) == snapshot(extension_class=Wording)
    whole = corpus.load(root)
    for setting, rate in (("mainstream", "£12,531"), ("srp", "£13,784.10"), ("special", "£16,707.99")):
        found = decide(whole, proposed=True, setting=setting, adaptation_level="specific_allocation_3")
        assert say_answer(found.answers["amount"]) == f"known, {rate} a year"
    assert "rate_of_band_3_in_special" in whole.parameters


@pytest.mark.slow
def test_the_plan_of_the_guide_is_drafted_as_the_guide_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It brings an edition of its own. The examples of the levels in use stay examples, and scenarios stay as they were."""
    root, guide = copied(tmp_path / "policy"), ROOT / "docs" / "how-to"
    shutil.copytree(ROOT / "tests" / "cases", root / "tests" / "cases", dirs_exist_ok=True)
    given = [str(guide / "illustrative-tariff.yaml"), "--cohort", str(guide / "illustrative-cohort.csv"),
             "--schools", str(guide / "illustrative-schools.csv")]  # fmt: skip
    status, _, told = senpolicy(capsys, "tariff", *given, "--root", str(root), "--draft", NUMBER)
    assert status == 0, told
    for words in (("check",), ("fmt", "--check"), ("prove", "--strict", "--include-proposed")):
        assert senpolicy(capsys, *words, "--root", str(root))[0] == 0, words


@pytest.mark.slow
def test_the_command_writes_a_draft_that_is_proved_and_reviewed_at_the_pounds_of_the_tariff(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pupils are those that a review makes up: it tells as many, and their pounds to the penny."""
    root, pupils = copied(tmp_path / "policy"), 3000
    limit = limit_of(CORPUS)
    assert limit
    made = simulate(CORPUS, pupils, random.Random(limit.seed))
    (tmp_path / "cohort.csv").write_text(made.to_csv(), encoding="utf-8")
    own = tariff_of(Asked().of(CORPUS))
    mapped = simulate(CORPUS, 10, random.Random(1), "illustrative")
    heads = next(csv.reader(io.StringIO(schools_table(mapped, own))))[:2]
    rows = sorted({(school, kind) for school, kind in zip(made.columns["school"], made.columns["setting"], strict=True)
                   if school})  # fmt: skip
    table = "\n".join([",".join([*heads, "present_rate"]),
                       *(f"{school},{kind},{'' if kind == 'mainstream' else 8000}" for school, kind in rows)])  # fmt: skip
    (tmp_path / "schools.csv").write_text(table + "\n", encoding="utf-8")
    one = {"plan": "one-band", "title": "One band (made up)", "edition": "continuum-draft-2025-06",
           "day": "2026-09-01", "envelope": 60000000, "bands": {"band_1": {"levels": ["specific_allocation"], "rate": 9000}},
           "settings": {"mainstream": 1, "srp": 1, "special": 1}, "limits": {"guarantee": {"special": "none"}}}  # fmt: skip
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(one), encoding="utf-8")
    words = ("--cohort", str(tmp_path / "cohort.csv"), "--schools", str(tmp_path / "schools.csv"), "--root", str(root))
    status, out, told = senpolicy(capsys, "tariff", str(tmp_path / "plan.yaml"), *words, "--draft", NUMBER, "--json")
    assert status == 0, told
    (found,) = json.loads(out)
    assert senpolicy(capsys, "prove", "--strict", "--include-proposed", "--root", str(root))[0] == 0
    status, out, _ = senpolicy(capsys, "review", str(ROOT), str(root), "--pupils", str(pupils))
    counted, pounds = found["pupils"]["counted"], Decimal(found["cost"]["before_limits"])
    assert counted
    assert f"Known after the change only, for {counted} pupils: £{pounds:,.0f} a year." in out
    assert "golden cases would come out otherwise" not in out
