"""Coverage of the golden cases over the policy: what lacks is named exactly, with a case that mends it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from copies import TOY
from golden_files import FOLDER, ROOT, decider, deciding, loaded
from running import senpolicy
from senpolicy.checking.golden import GoldenCase, Pinned, decided, load_text
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import Place, PolicyError
from senpolicy.language.conditions import AllOf, AnyOf, Test
from senpolicy.proving import coverage as covering
from senpolicy.proving.coverage import (
    Coverage,
    Item,
    Lacking,
    _Lacks,
    coverage,
    golden_cases,
    replaced,
    tried_by,
    wanted,
)
from wording import Wording


@pytest.fixture(scope="module")
def by() -> Decider:
    return decider(ROOT, None, "all")


@pytest.fixture(scope="module")
def golden() -> list[Pinned]:
    return golden_cases(FOLDER)


@pytest.fixture(scope="module")
def found(golden: list[Pinned]) -> Coverage:
    return coverage(loaded(ROOT), golden)


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def pasted(lacking: Sequence[Lacking]) -> list[Pinned]:
    """Return the cases to paste, read from their YAML as a file of golden cases would be."""
    items = [item for one in lacking for item in yaml.load(one.paste, yaml.BaseLoader)]
    last = decider(ROOT, None, "all").policy.as_of
    cases = [GoldenCase.model_construct(name=item["name"], case=item["case"], refused=[]) for item in items]
    return [Pinned(one, last, "all", Place("pasted.yaml")) for one in cases]


def tried(text: str, by: Decider) -> set[Item]:
    """Return what one case tries."""
    (case,) = read_text(text, "case.yaml", by.policy)
    assert isinstance(case, Case)
    decision = by.decide(case)
    assert isinstance(decision, Decision)
    return set(tried_by(decision))


def each(golden: Sequence[Pinned], items: Sequence[Item]) -> list[set[Item]]:
    """Return what each golden case tries, of these items."""
    alone = []
    for one in golden:
        decision = decided(one.golden, deciding(one))
        alone.append(set(tried_by(decision)) & set(items) if isinstance(decision, Decision) else set())
    return alone


def test_the_golden_cases_try_everything_that_can_be_tried_of_the_rules(found: Coverage) -> None:
    """Each answer, test, limit and date. Examples are the policy (Gatekeeper's habit)."""
    counts = found.counts()
    assert counts["row"][0] == counts["row"][1] > 40
    assert counts["open point"][0] == counts["open point"][1] > 10
    assert [found.words[item] for item in found.lacks] == [], "senpolicy coverage prints a case to paste for each"


@pytest.mark.slow
def test_removing_a_golden_case_makes_exactly_its_items_lack(golden: list[Pinned], found: Coverage) -> None:
    """A case that alone tries something is missed, by name; another is not missed at all."""
    alone = each(golden, [*found.tried])
    times = Counter(item for items in alone for item in items)
    only = [number for number, items in enumerate(alone) if any(times[item] == 1 for item in items)]
    assert len(only) > 20
    for number in [*only[:: len(only) // 4], next(number for number in range(len(golden)) if number not in only)]:
        less = coverage(loaded(ROOT), [*golden[:number], *golden[number + 1 :]])
        missed = {item for item in alone[number] if times[item] == 1}
        assert set(less.lacks) == set(found.lacks) | missed
        assert less.per_cent <= found.per_cent


@pytest.mark.slow
def test_the_cases_to_paste_mend_what_lacks(golden: list[Pinned]) -> None:
    """What lacks, with a case to paste. With all of them pasted nothing lacks, and nothing is asked for twice."""
    few = golden[::9]
    less = coverage(loaded(ROOT), few)
    assert less.lacks
    assert len(less.lacks) == len(set(less.lacks))
    whole = coverage(loaded(ROOT), [*few, *pasted(less.lacking)])
    assert whole.lacks == []
    assert whole.per_cent == Decimal("100.0")
    assert whole.tried == less.tried | set(less.lacks)


def test_a_golden_case_is_decided_by_all_that_its_file_pins(by: Decider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its scenario a case of bands would be refused in silence, or decided by another policy."""
    monkeypatch.setattr(_Lacks, "found", lambda self: ([], 0))  # What these few cases lack is not asked here.
    text = (FOLDER / "illustrative" / "bands-and-amounts.yaml").read_text(encoding="utf-8")
    pinned = load_text(text, "tests/golden/illustrative/bands-and-amounts.yaml")
    assert {one.scenario for one in pinned} == {"illustrative"}
    found = coverage(loaded(ROOT), pinned)
    assert found.idle == ()
    own = [decided(one.golden, deciding(one)) for one in pinned]
    every = {item for item, _, _ in wanted(by.policy)}
    assert found.tried == {item for one in own if isinstance(one, Decision) for item in tried_by(one)} & every
    without = coverage(loaded(ROOT), [replace(one, scenario=None) for one in pinned])
    assert without.idle
    assert any("is not decided, so it tries nothing" in line for _, line in without.lines())


def test_a_test_is_tried_only_where_it_decides(by: Decider) -> None:
    """At three, 'at least 5' alone keeps the row from holding; in an early years setting it does not matter."""
    rows = {item.row: item for item, _, _ in wanted(by.policy) if item.question == "scope" and item.version == 1}
    assert "five-to-fifteen" in rows
    (at_least,) = [place for place, test in enumerate(
        test for item, _, test in wanted(by.policy)
        if item.kind == "test" and item.way and item.row == "five-to-fifteen" and item.version == 1
    ) if test and test.operator == "at_least"][:1]  # fmt: skip
    item = Item("test", "scope", 1, "five-to-fifteen", at_least, False)
    decides = "case_ref: K-1\ndecision_date: 2025-10-01\nage: 3\nsetting: mainstream\n"
    assert item in tried(decides, by)
    assert item not in tried(decides.replace("mainstream", "early_years"), by)
    assert replace(item, way=True) not in tried(decides, by)
    assert replace(item, way=True) in tried(decides.replace("age: 3", "age: 5"), by)


@pytest.mark.parametrize(("rate", "step"), [("5999.99", -1), ("6000", 0), ("6000.01", 1)])
def test_a_limit_is_tried_one_below_at_and_one_above(by: Decider, rate: str, step: int) -> None:
    """On the limit that the whole policy turns on."""
    text = ("case_ref: K-1\ndecision_date: 2025-10-01\nage: 9\nsetting: mainstream\nplan: ehcp\n"
            f"ehcp_issued_on: 2023-06-12\nelement3_rate: {rate}\n")  # fmt: skip
    limits = [
        one for one in tried(text, by) if one.kind == "limit" and one.fact == "element3_rate" and one.limit == 600_000
    ]
    assert {one.value for one in limits if one.question == "route"} == {600_000 + step}


def test_a_limit_of_a_day_goes_by_days(by: Decider) -> None:
    """A plan issued on 31 March, on 1 April and on 2 April 2025 are three cases."""
    days = {item.value for item, _, _ in wanted(by.policy) if item.kind == "limit" and item.limit == date(2025, 4, 1)}
    assert days == {date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 2)}


def test_each_date_of_the_policy_wants_the_day_before_and_the_day(by: Decider) -> None:
    """Each date at the day before and on it."""
    days = {item.day for item, _, _ in wanted(by.policy) if item.kind == "date"}
    assert {date(2025, 3, 31), date(2025, 4, 1), date(2025, 8, 31), date(2025, 9, 1), date(2026, 8, 31)} <= days


def test_what_no_case_can_try_is_not_counted(found: Coverage, by: Decider) -> None:
    """A test that repeats what another says can never decide: it is neither tried nor lacking."""
    every = {item for item, _, _ in wanted(by.policy)}
    assert len(every) == len(found.tried) + len(found.lacks) + found.impossible
    assert found.impossible > 0


def test_replacing_a_test_touches_no_other() -> None:
    """By its place, since one test can stand twice in a row."""
    same = Test("a", "is", True, limit=True)
    condition = AllOf((same, AnyOf((same, same))))
    assert replaced(condition, 1, True) == AllOf((same, AnyOf((AllOf(()), same))))
    assert replaced(condition, 2, False) == AllOf((same, AnyOf((same, AnyOf(())))))


# The command


def test_coverage_is_told_in_words(snapshot: SnapshotAssertion) -> None:
    """What a policy officer reads, and pastes."""
    one, two = Item("row", "route", 2, "new-plan"), Item("date", day=date(2025, 4, 1))
    paste = '  - name: "x"\n    paragraph: "report 3.20"\n    case:\n      case_ref: GC-0001\n    expect: {}\n'
    words = {one: "route, from 1 September 2025: row new-plan", two: "a case on 1 April 2025"}
    told = Coverage(12, frozenset([Item("row", "scope", 0, "a"), two]), (Lacking((one,), paste),), 3, words)
    assert "\n".join(line for _, line in told.lines()) == snapshot.use_extension(Wording)


@pytest.mark.slow
def test_coverage_prints_json_and_fails_under_a_limit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit 0 or 1; one list on standard output."""
    shutil.copytree(FOLDER / "24-00120", tmp_path / "24-00120")
    status, out, _ = senpolicy(capsys, "coverage", str(tmp_path), "--json", "--fail-under", "100")
    (data,) = json.loads(out)
    assert status == 1
    assert Decimal(data["per_cent"]) < 100
    assert data["lacking"][0]["case"].startswith("  - name: ")
    assert senpolicy(capsys, "coverage", str(tmp_path), "--fail-under", "50")[0] == 0


def test_coverage_fails_just_below_the_limit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the toy policy: what is tried is enough where it is the limit itself, and without a limit anything is."""
    told = coverage(loaded(TOY), golden_cases(TOY / "tests" / "golden"))
    monkeypatch.setattr(covering, "coverage", lambda *_: told)  # Worked out once.
    assert 0 < told.per_cent < 100
    for limit, status in ((told.per_cent, 0), (told.per_cent + Decimal("0.1"), 1)):
        assert senpolicy(capsys, "coverage", "--root", str(TOY), "--fail-under", str(limit))[0] == status
    assert senpolicy(capsys, "coverage", "--root", str(TOY))[0] == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("cases: []\n", "missing"),
        ("as_of: 24/00120\nreadings: all\ncases: [x]\n", "shape"),
        ("as_of: 24/00120\nreadings: all\ncases: [{name: x}]\n", "missing"),
        ("as_of: [\n", "not-yaml"),
    ],
)
def test_a_file_that_holds_no_golden_cases_is_said_clearly(tmp_path: Path, text: str, code: str) -> None:
    """A file that was passed over would count as nothing lacking."""
    (tmp_path / "wrong.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as raised:
        golden_cases(tmp_path)
    assert code in {problem.code for problem in raised.value.problems}


def test_a_folder_without_golden_cases_is_said_clearly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit 1, and what to name."""
    status, _, err = senpolicy(capsys, "coverage", str(tmp_path))
    assert status == 1
    assert "no golden cases" in err


def test_a_missing_fact_is_tried_where_a_question_itself_waits_for_it(by: Decider) -> None:
    """`route` waits for the setting through `scope` alone, so a case without one tries it of `scope`."""
    items = {item for item, _, _ in wanted(by.policy) if item.kind == "missing fact"}
    assert {(item.question, item.fact) for item in items} >= {("scope", "setting"), ("route", "ehcp_issued_on")}
    done = tried("case_ref: K-1\ndecision_date: 2025-10-01\nage: 9\n", by) & items
    assert {item.question for item in done if item.fact == "setting"} == {"scope", "band"}
    assert "route" not in {item.question for item in done}
    done = tried("case_ref: K-1\ndecision_date: 2025-10-01\nage: 9\nsetting: mainstream\n", by) & items
    assert {item.fact for item in done if item.question == "scope"} == set()
    assert ("route", "plan") in {(item.question, item.fact) for item in done}
