"""Bringing a policy of an older form to the present one: only its form changes, no line is lost, and it is shown."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
import yaml

from bending import unfold
from copies import append, copied, replace, state
from golden_files import ROOT
from running import senpolicy
from senpolicy.checking.corpus import sound
from senpolicy.files.models.rules import QuestionFile
from senpolicy.language.conditions import Value
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import policy
from senpolicy.readings.judge import judge
from senpolicy.writing import upgrading
from senpolicy.writing.sections import RowAt, gathered, in_sections, remarks

HANDLING, FACTS = "rules/handling.yaml", "rules/facts.yaml"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A copy of the toy policy; rules/handling.yaml is in the older form, with three rows that share two conditions."""
    return Path(shutil.copytree(ROOT / "tests" / "toy", tmp_path / "toy"))


def run(capsys: pytest.CaptureFixture[str], root: Path, *words: str) -> tuple[int, str, str]:
    return senpolicy(capsys, "upgrade", "--root", str(root), *words)


def refused(capsys: pytest.CaptureFixture[str], root: Path) -> str:
    """Return what is said of a policy that cannot be upgraded, after checking that nothing was written."""
    before = state(root)
    status, out, err = run(capsys, root)
    assert (status, out) == (1, "")
    assert state(root) == before
    return err


# Rows that share their first conditions

UPGRADED = """\
    sections:
      - heading: "Lent is loan and the item is lost: no"
        given: {all: [{fact: lent, is: loan}, {fact: lost, is: false}]}
        answers:
          - id: within-grace
            answer: let_off
            says: A return within the days of grace costs nothing.
            source: {document: byelaws, paragraph: "2"}
            reads: [D1-closed-days-count]
            when: {fact: days_late, at_most: $grace_days}
          - id: late
            answer: fined
            says: A later return is fined.
            source: {document: byelaws, paragraph: "3"}
            reads: [D1-closed-days-count]
            when: {all: [{fact: days_late, more_than: $grace_days}, {fact: card, one_of: [adult, young]}]}
        open:
          - point: S1-cards-of-schools
            when: {all: [{fact: days_late, more_than: $grace_days}, {fact: card, is: school}]}
"""


def test_rows_that_share_conditions_are_gathered_and_the_others_stay(
    capsys: pytest.CaptureFixture[str], toy: Path
) -> None:
    before = state(toy)
    text = before[HANDLING].decode()
    head, tail = text[: text.index("      - id: within-grace")], text[text.index("cautions:") :]
    digest = policy(sound(corpora.load(toy))).digest
    status, _, err = run(capsys, toy)
    assert status == 0
    assert state(toy) == {**before, HANDLING: (head + UPGRADED + tail).encode()}
    assert policy(sound(corpora.load(toy))).digest == digest
    assert f"{HANDLING}:21:18: warning: This heading repeats the condition below it." in err
    # Two decisions, one of them with its reading or without, and no scenario.
    assert "Shown to say the same, as of every decision, with readings and scenarios: 8 policies." in err


def test_twice_is_as_once_and_a_heading_is_asked_for_until_somebody_writes_one(
    capsys: pytest.CaptureFixture[str], toy: Path
) -> None:
    run(capsys, toy)
    before = state(toy)
    status, _, err = run(capsys, toy)
    assert (status, state(toy)) == (0, before)
    assert "[heading-to-write]" in err
    replace(toy, HANDLING, r'heading: ".*"', "heading: Loans that were brought back")
    assert run(capsys, toy)[2] == "Every file is of the present form.\n"


def test_comments_and_ends_of_lines_are_kept(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """A comment moves with the row that it is above or in; one beside a condition that goes stays in its row."""
    for pattern, by in (
        ("    answers:\n      - id: reading-room", "    answers:  # all of them\n      # first\n      - id: reading-room"),
        ("      - id: within-grace", "      # grace\n      - id: within-grace  # its id"),
        (r"            - \{fact: lost, is: false\}\n            - \{fact: days_late, more_than: \$grace_days\}\n"
         r"            - \{fact: card, one_of", "            - {fact: lost, is: false}  # not lost\n            # late\n"
         "            - {fact: days_late, more_than: $grace_days}\n            - {fact: card, one_of"),
        ("    open:\n", "    # left open\n    open:  # one\n      # cards # of schools\n"),
        ("says: A later return is fined.", 'says: "A later return is #1."'),
        ("cautions:\n", "    # last\n\n# beside\ncautions:\n"),
    ):  # fmt: skip
        replace(toy, HANDLING, pattern, by)
    text = (toy / HANDLING).read_text(encoding="utf-8").replace("\n", "\r\n")
    (toy / HANDLING).write_text(text, encoding="utf-8", newline="")
    before = remarks(text)
    assert sum(before.values()) == 11
    assert run(capsys, toy)[0] == 0
    made = (toy / HANDLING).read_bytes().decode()
    assert made.count("\r\n") == made.count("\n")
    assert remarks(made) == before
    plain = made.replace("\r\n", "\n")
    assert "          # grace\n          - id: within-grace  # its id\n" in plain
    assert "            # not lost\n            # late\n            when: {all: [" in plain
    left_open = "          # left open\n          # one\n          # cards # of schools\n          - point: S1"
    assert f"        open:\n{left_open}" in plain
    assert "    # last\n\n# beside\ncautions:\n" in plain


def test_a_sign_within_a_text_is_not_taken_for_a_comment() -> None:
    text = "# a\nb: c\t# d\ne: 'f # g'\nh: i#j\nk: |\n  l # m\n# a\n"
    assert remarks(text) == {"# a": 2, "# d": 1}


@pytest.mark.parametrize(("indent", "flow"), [(2, False), (2, None), (4, False), (4, None)])
def test_another_layout_is_kept(capsys: pytest.CaptureFixture[str], toy: Path, indent: int, flow: bool | None) -> None:
    """Dashes below their key, wide dashes, and every key on a line of its own: lines are moved as they are."""
    path = toy / HANDLING
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    text = yaml.safe_dump(data, sort_keys=False, indent=indent, default_flow_style=flow, width=70)
    path.write_text(text, encoding="utf-8")
    before = policy(sound(corpora.load(toy))).digest
    assert run(capsys, toy)[0] == 0
    after = sound(corpora.load(toy))
    assert policy(after).digest == before
    (section,) = after.questions["handling"].versions[0].sections
    assert (len(section.answers), len(section.open)) == (2, 1)
    was = [line.lstrip(" -") for line in text.splitlines() if "D1-closed-days-count" in line or "says:" in line]
    made = [line.lstrip(" -") for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(was) == 5
    assert set(was) <= set(made)


def test_no_line_becomes_too_long_by_moving(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    words = "A later return is fined, and it does not matter at all on which of the six days of the week it was made."
    reason = "The days of grace are over, as the byelaws count them, closed days and all other days among them."
    assert 100 < len(words) < 110
    replace(toy, HANDLING, "says: A later return is fined.", f"says: {words}")
    replace(toy, HANDLING, r"- \{fact: days_late, more_than: \$grace_days\}\n            - \{fact: card, one",
            f"- {{fact: days_late, more_than: $grace_days, because: {reason.replace(',', '')}}}\n"
            "            - {fact: card, one")  # fmt: skip
    assert run(capsys, toy)[0] == 0
    lines = (toy / HANDLING).read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 120
    late = yaml.safe_load("\n".join(lines))["versions"][0]["sections"][0]["answers"][1]
    assert late["says"] == words
    assert late["when"]["all"][0]["because"] == reason.replace(",", "")


@pytest.mark.parametrize(
    ("rows", "shared"),
    [
        (["a", "a", "a", "a"], [0, 0, 0, 0]),  # It would take as many lines.
        (["a", "a", "a", "a", "a"], [1, 1, 1, 1, 1]),
        (["ab", "ac", "b", "ad", "ae", "ba", "af"], [1, 1, 0, 1, 1, 0, 1]),
        (["abcd", "abce", "abcf", "ag", "ba"], [3, 3, 3, 0, 0]),
        (["abcd", "abce", "abcf", "abcdg", *["ah", "ai", "aj", "ak", "al"]], [3, 3, 3, 3, 1, 1, 1, 1, 1]),
        ([], []),
    ],
)
def test_rows_are_gathered_where_that_saves_more_than_it_costs(rows: list[str], shared: list[int]) -> None:
    """A letter is a condition. A section costs three tests: its heading, its `given` and a key."""
    held = [RowAt("answers", number, tuple(row)) for number, row in enumerate(rows)]
    assert [gathered(held)[row] for row in held] == shared


# The whole policy, as it was before sections


@pytest.mark.slow
def test_the_policy_without_sections_is_brought_to_the_present_form(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    copied(tmp_path)
    (tmp_path / "rules" / "views.yaml").unlink()
    for name in ("route", "moderation", "scope", "protection", "amount"):
        path = tmp_path / "rules" / f"{name}.yaml"
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for version in data["versions"]:
            unfold(version)
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    real = sound(corpora.load(ROOT))
    before = {path: len(text.splitlines()) for path, text in state(tmp_path).items()}
    status, _, err = run(capsys, tmp_path)
    assert status == 0
    assert "rules/views.yaml: warning: This file is missing" in err
    after = {path: len(text.splitlines()) for path, text in state(tmp_path).items()}
    assert {path for path in before if before[path] != after[path]} >= {"rules/route.yaml", "rules/moderation.yaml"}
    assert after["rules/route.yaml"] < before["rules/route.yaml"] * 0.8
    upgraded = sound(corpora.load(tmp_path))
    assert any(version.sections for version in upgraded.questions["route"].versions)
    for number in real.order:
        for proposed in (False, True):
            if real.decisions[number].counts(proposed):
                for readings in ("none", "all"):
                    ours, theirs = (
                        policy(one, as_of=number, include_proposed=proposed, readings=readings)
                        for one in (real, upgraded)
                    )
                    assert ours.digest == theirs.digest
    assert "Upgraded" not in run(capsys, tmp_path)[2]


def test_the_policy_of_this_repository_is_of_the_present_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, ROOT, "--check") == (0, "", "Every file is of the present form.\n")


# Calculations


def issued_after_decision(facts: dict[str, Value]) -> bool | None:
    """What the engine worked out at commit 88d83c1 (engine/senpolicy/calculations.py)."""
    issued, decided = facts.get("ehcp_issued_on"), facts.get("decision_date")
    if not isinstance(issued, date) or not isinstance(decided, date):
        return None
    return issued > decided


def age_far_from_year_group(facts: dict[str, Value]) -> bool | None:
    """Likewise."""
    age, year = facts.get("age"), facts.get("year_group")
    if not isinstance(age, int) or not isinstance(year, int):
        return None
    return not year + 4 - 2 <= age <= year + 5 + 2


def with_calculations(folder: Path) -> Path:
    """Return a copy of the policy in which rules name the calculations that the engine once had."""
    copied(folder)
    replace(folder, FACTS, r"when: \{fact: ehcp_issued_on, more_than: \{fact: decision_date\}\}",
            "calculation: issued_after_decision  # as ever")  # fmt: skip
    replace(folder, FACTS, r"when:\n      any:\n        - \{fact: age, below.*\n        - \{fact: age, more_than.*",
            "calculation: age_far_from_year_group")  # fmt: skip
    return folder


def test_a_calculation_becomes_the_condition_that_says_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Tried on every age and year, and on days around one, each of them known or not."""
    real = sound(corpora.load(ROOT))
    folder = with_calculations(tmp_path)
    assert "Run senpolicy upgrade" in senpolicy(capsys, "check", "--root", str(folder))[2]
    texts, told = upgrading.conditions(folder)
    assert [(one.code, one.warning) for one in told] == [("calculation-rewritten", True)] * 2
    was, now = (folder / FACTS).read_text(encoding="utf-8").splitlines(), texts[FACTS].splitlines()
    changed = {one: other for one, other in zip(was, now, strict=True) if one != other}
    assert list(changed) == [
        "    calculation: issued_after_decision  # as ever",
        "    calculation: age_far_from_year_group",
    ]
    assert [now[one.place.line - 1] for one in told] == list(changed.values())
    assert changed[next(iter(changed))].endswith("}}  # as ever")
    (folder / FACTS).write_text(texts[FACTS], encoding="utf-8")
    upgraded = policy(sound(corpora.load(folder)))
    assert upgraded.digest == policy(real).digest
    rules = {one.id: one.condition for one in (*upgraded.periods[-1].problems, *upgraded.periods[-1].warnings)}
    for age, year in product((None, *range(30)), (None, *range(-1, 15))):
        facts: dict[str, Value] = {"age": age, "year_group": year}
        assert judge(rules["age-and-year-apart"], facts) is age_far_from_year_group(facts)
    days = (None, *(date(2026, 3, 1) + timedelta(days=number) for number in range(-2, 3)))
    for issued, decided in product(days, days):
        facts = {"ehcp_issued_on": issued, "decision_date": decided}
        assert judge(rules["issued-after-decision"], facts) is issued_after_decision(facts)


def test_a_calculation_that_is_not_known_is_for_a_person(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = with_calculations(tmp_path)
    replace(folder, FACTS, "calculation: issued_after_decision", "calculation: issued_after_decisions")
    replace(folder, FACTS, "calculation: age_far_from_year_group", "calculation:\n      age_far_from_year_group")
    err = refused(capsys, folder)
    assert "[unknown-calculation]\n  help: Did you mean 'issued_after_decision'?" in err
    assert "[not-upgraded]\n  help: Write it instead of the two: when: {any: [{fact: age, below:" in err


# What is only looked at, and what is refused


def test_a_look_prints_the_changes_and_writes_nothing(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    before = state(toy)
    status, out, err = run(capsys, toy, "--check")
    assert (status, state(toy)) == (1, before)
    assert out.startswith(f"--- {HANDLING}\n+++ {HANDLING}\n@@ ")
    assert "\n-            - {fact: lent, is: loan}\n" in out
    assert f"Of an older form: {HANDLING}\n" in err
    status, out, _ = run(capsys, toy, "--check", "--json")
    (file,) = json.loads(out)
    assert (status, file["file"], file["changed"]) == (1, HANDLING, True)
    assert [(one["code"], one["line"]) for one in file["to_choose"]] == [("heading-to-write", 21)]
    run(capsys, toy)
    replace(toy, HANDLING, r'heading: ".*"', "heading: Loans that were brought back")
    assert run(capsys, toy, "--check", "--json")[:2] == (0, "[]\n")


def test_a_policy_without_views_is_told_what_to_write(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    (toy / "rules" / "views.yaml").unlink()
    status, _, err = run(capsys, toy)
    assert status == 0
    assert "rules/views.yaml: warning: This file is missing" in err
    assert not (toy / "rules" / "views.yaml").exists()


def test_the_day_of_a_later_value_is_asked_for_and_not_made_up(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """A decision sets a value again and does not say from when: it counts from the first day on, as before."""
    later = '  most_charged: {label: The most, unit: pounds, value: 4.00, source: {document: notice, paragraph: "1"}}\n'
    append(toy, "policy/fines-2026/parameters.yaml", later)
    before = (toy / "policy/fines-2026/parameters.yaml").read_bytes()
    status, _, err = run(capsys, toy)
    assert status == 0
    assert f"policy/fines-2026/parameters.yaml:{len(before.splitlines())}:3: warning: 'most_charged' is set by" in err
    assert "help: Add the first day, as in 'from: 2026-04-01': until then it is as it was." in err
    assert (toy / "policy/fines-2026/parameters.yaml").read_bytes() == before


def test_limits_and_figures_are_declared_as_the_rules_use_them(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    """Of a fact in braces too; somebody is to look at each, and what they decide stays the same."""
    run(capsys, toy)  # The rows of handling.yaml are gathered first.
    digest = policy(sound(corpora.load(toy))).digest
    replace(toy, FACTS, r", limits: \[grace_days\]", "")
    replace(toy, FACTS, r"\n    limits: \[most_charged\]", "")
    for name in ("charge", "amnesty"):
        replace(toy, f"rules/{name}.yaml", r"figures:\n(?:  .*\n)+", "")
    status, _, err = run(capsys, toy)
    assert status == 0, err
    corpus = sound(corpora.load(toy))
    assert policy(corpus).digest == digest
    assert {name: fact.limits for name, fact in corpus.facts.facts.items() if fact.limits} == {
        "days_late": ["grace_days"], "run_up": ["most_charged"]
    }  # fmt: skip
    assert {name: figure.unit for name, figure in corpus.questions["charge"].figures.items()} == {
        "to_pay": "pounds", "bill_low": "pounds", "bill_high": "pounds"
    }  # fmt: skip
    assert corpus.questions["amnesty"].figures["open_until"].unit == "date"
    assert "The limits of 'run_up' are those that the rules hold it against today: most_charged. [declared]" in err
    assert "'always_with'" in err
    assert senpolicy(capsys, "fmt", "--check", "--root", str(toy))[0] == 0
    assert "[declared]" not in run(capsys, toy, "--check")[2]


def test_a_policy_that_is_at_fault_is_not_upgraded(capsys: pytest.CaptureFixture[str], toy: Path) -> None:
    replace(toy, HANDLING, "card, is: school", "card, is: schol")
    append(toy, FACTS, "follows:\n  - x\n")
    assert f"{FACTS}:" in refused(capsys, toy)
    (toy / FACTS).write_bytes(b"\xff")
    assert "not written in UTF-8" in refused(capsys, toy)
    assert senpolicy(capsys, "upgrade", "--root", str(toy / "docs"))[0] == 2


@pytest.mark.parametrize(
    ("pattern", "by", "code", "line"),
    [
        # A row that begins with its condition, a version that begins with its rows, rows in brackets.
        (r"      - point: S1-cards-of-schools\n        when:((?:\n.*){5})", r"      - when:\1\n        point: S1-cards-of-schools",
         "not-upgraded", 38),
        (r"  - decision: fines-2024\n    answers:((?:\n.*)+)\ncautions", r"  - answers:\1\n    decision: fines-2024\ncautions",
         "not-upgraded", 10),
        (r"      - point: S1-cards-of-schools\n        when:(?:\n.*){5}", "      - {point: S1-cards-of-schools, when: {all: [{fact: lent, "
         "is: loan}, {fact: lost, is: false},\n         {fact: days_late, more_than: $$grace_days}, {fact: card, is: school}]}}",
         "in-one-line", 38),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_moved_are_told_of(
    capsys: pytest.CaptureFixture[str], toy: Path, pattern: str, by: str, code: str, line: int
) -> None:
    replace(toy, HANDLING, pattern, by.replace("$$", "$"))
    sound(corpora.load(toy))
    err = refused(capsys, toy)
    assert f"[{code}]" in err
    assert err.startswith(f"{HANDLING}:{line}:")


def test_what_would_not_say_the_same_is_not_written(
    capsys: pytest.CaptureFixture[str], toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digests of meaning are compared, whatever made the texts."""

    def wrong(text: str, name: str, question: QuestionFile, corpus: Corpus) -> str:
        return in_sections(text, name, question, corpus).replace("at_most: $grace_days", "below: $grace_days")

    monkeypatch.setattr(upgrading, "in_sections", wrong)
    assert "As of fines-2024, readings 'none', the policy would not say the same. [not-the-same]" in refused(
        capsys, toy
    )


def test_nothing_is_left_half_written(
    capsys: pytest.CaptureFixture[str], toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that refuses a file leaves every file as it was, and no draft behind."""
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    assert "[not-written]" in refused(capsys, toy)
