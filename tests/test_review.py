"""The review of a change, and the walk of an officer from a decision to a green pull request."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
from dataclasses import replace as changed
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from copies import copied, replace, write
from golden_files import ROOT, loaded
from running import senpolicy
from senpolicy.checking import golden
from senpolicy.comparing import review
from senpolicy.comparing.differences import ComparisonReport, Side
from senpolicy.comparing.movement import Moved
from senpolicy.comparing.paying import say_parameter
from senpolicy.comparing.populations import EXCEEDED, KEPT, PopulationDay, day_of
from senpolicy.files.models.rules import Parameter
from senpolicy.files.problems import Place, Problem
from senpolicy.policy import corpus as corpora

ROUTE = "route"
LIMIT = review.limit_of(corpora.load(ROOT))


def day(*pounds: tuple[int | None, int | None], times: int = 6) -> PopulationDay:
    """A made population that moves from the first to the second, in pence, each so many times over."""
    cases = [
        Moved({ROUTE: ("a", "b")}, None if was is None else (was, was), None if now is None else (now, now), {})
        for was, now in pounds
        for _ in range(times)
    ]
    return day_of(date(2026, 9, 1), cases, ROUTE)


@pytest.mark.parametrize(
    ("was", "now", "share", "exceeded"),
    [(100_00, 100_00, "0", False), (100_00, 100_01, "0", True), (100_00, 101_00, "0.01", False),
     (100_00, 101_01, "0.01", True), (100_00, 99_00, "0", False), (None, 100_00, "0", False)],
)  # fmt: skip
def test_a_change_that_costs_more_than_the_limit_fails(was: int | None, now: int, share: str, exceeded: bool) -> None:
    """One penny over fails; what is known on one side only is not judged."""
    assert LIMIT is not None
    limit = LIMIT.model_copy(update={"share": Decimal(share)})
    found = review.Review("main", "HEAD", days=[day((was, now))], pupils=6, limit=limit)
    assert (found.verdict == EXCEEDED, found.failed) == (exceeded, exceeded)


@pytest.mark.parametrize(("low", "high"), [(1, 0), (0, 1), (1, 1)])
def test_the_limit_holds_at_the_low_end_and_at_the_high_end(low: int, high: int) -> None:
    """A change whose cost has a range passes only where neither of its ends is more than the limit."""
    assert LIMIT is not None
    limit, was = LIMIT.model_copy(update={"share": Decimal(0)}), (600_00, 900_00)
    for now, kept in ((was, True), ((was[0] + low, was[1] + high), False)):
        ends = day_of(date(2026, 9, 1), [Moved({ROUTE: ("a", "a")}, was, now, {})] * 6, ROUTE)
        found = review.Review("main", "HEAD", days=[ends], pupils=6, limit=limit)
        assert (found.verdict == KEPT, found.failed) == (kept, not kept)


@pytest.mark.parametrize(
    ("count", "said"),
    [(4, "for fewer than 5 pupils: withheld."), (5, "for 5 pupils: may be £50 to £75 a year.")],
)
@pytest.mark.parametrize("side", ["new", "gone"])
def test_what_is_known_on_one_side_only_is_told_from_five_pupils_on(side: str, count: int, said: str) -> None:
    one = Side("main", loaded(ROOT))
    days = [changed(day((100_00, 100_00)), **{side: (count, (50_00, 75_00))})]
    found = review.Review("main", "HEAD", ComparisonReport(one, one, compared=[]), days=days, pupils=6, limit=LIMIT)
    assert said in found.markdown()


def test_what_is_withheld_in_the_comment_is_judged_all_the_same() -> None:
    """Three pupils of whom each costs more: the total of the head is withheld, and the limit fails."""
    assert LIMIT is not None
    few = day((100_00, 200_00), times=3)
    assert few.movement.total.head is None
    assert review.Review("main", "HEAD", days=[few], pupils=3, limit=LIMIT).failed


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [("pounds_a_year", "7000.00", "£7,000 a year"), ("pounds", "1234567.50", "£1,234,567.50"), ("share", "0.75", "75%"),
     ("date", "2027-04-01", "1 April 2027"), ("per_cent", "1.20", "1.2%"), ("years", "16", "16 years"),
     ("years", "1", "1 year"), ("count", "14143", "14,143"), ("year_group", "-1", "nursery"), ("year", "2026", "2026"),
     ("levels", ["sen_support", "wider_support"], "sen support, wider support")],
)  # fmt: skip
def test_a_value_is_told_as_people_write_it(unit: str, value: Any, said: str) -> None:
    """No bare Decimal, and no date in figures, in the comment of a pull request."""
    source = {"document": "d", "paragraph": "1"}
    assert (
        say_parameter(Parameter.model_validate({"label": "x", "unit": unit, "value": value, "source": source})) == said
    )


def test_the_limit_of_this_repository_is_marked_as_its_own_assumption() -> None:
    """The report gives the intent and no figure."""
    assert LIMIT is not None
    assert (LIMIT.source.document, LIMIT.source.paragraph) == ("report", "2.4")
    assert "assumption of this repository" in LIMIT.assumption


def test_a_policy_that_does_not_pass_its_check_gets_a_comment_too() -> None:
    """The officer sees on the pull request what to mend first."""
    said = Problem(Place("policy/a.yaml", 4, 10), "ambiguous-number", "'1,200' could be two things.", "Write 1200.")
    found = review.Review("main", "HEAD", problems=[said])
    assert found.failed
    assert "`policy/a.yaml:4:10` '1,200' could be two things. `[ambiguous-number]` Write 1200." in found.markdown()


def test_a_comment_is_never_longer_than_a_comment_may_be() -> None:
    many = [Problem(Place("policy/a.yaml", n), "same-id", "x" * 100, "y") for n in range(2000)]
    text = review.Review("main", "HEAD", problems=many).markdown()
    assert text.startswith(review.MARK)
    assert len(text) < 65_536
    assert "The rest is left out" in text


def test_kinds_of_case_are_left_out_before_anything_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it comes to in money, and what golden cases say, is not what a long list pushes out."""
    side = Side("main", loaded(ROOT))
    monkeypatch.setattr(
        ComparisonReport, "markdown", lambda _, most=None: f"told {most}\n\n### x\n{'y' * 4000 * (most or 100)}"
    )
    found = review.Review("main", "HEAD", ComparisonReport(side, side, compared=[], outcomes=[]), golden_read=7)
    text = found.markdown()
    assert 40_000 <= text.count("y") <= 40_200, "ten of each"
    assert "All 7 come out as they are pinned." in text
    assert "The rest is left out" not in text


def test_a_lock_that_was_merely_rewritten_is_seen(tmp_path: Path) -> None:
    """Within one version nothing shows it; against the base it does."""
    from senpolicy.checking import lock
    from senpolicy.writing import files, locking

    copied(tmp_path)
    replace(tmp_path, "policy/24-00120/parameters.yaml", r"value: 2025-08-31", "value: 2025-08-30")
    (tmp_path / "policy/24-00120/lock.yaml").unlink()
    files.put(tmp_path, locking.texts(corpora.load(tmp_path)))
    head = corpora.load(tmp_path)
    assert lock.check(head) == []
    assert [problem.code for problem in review.locks(loaded(ROOT), head)] == ["locked"]


def test_golden_cases_that_come_out_otherwise_are_named() -> None:
    """Under another corpus, by the decision and the readings that each pins."""
    pinned = [one for one in golden.every(ROOT) if one.place.file.endswith("old-arrangements-go-on.yaml")]
    assert review.golden_differences(pinned, loaded(ROOT)) == []
    wrong = changed(pinned[0], golden=pinned[0].golden.model_copy(update={"cautions": ["section-f", "x"]}))
    gone = changed(pinned[0], as_of="99/99999")
    assert len(review.golden_differences([wrong, gone], loaded(ROOT))) == 2


@pytest.mark.walk
def test_what_nothing_changes_is_proved_and_moves_no_pound(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    copied(tmp_path)
    replace(
        tmp_path, "policy/24-00120/parameters.yaml", r"label: The youngest age of the new process", "label: Youngest"
    )
    status, out, _ = senpolicy(capsys, "review", str(ROOT), str(tmp_path), "--markdown")
    assert status == 0
    assert "**Proved: no decision changes.**" in out
    assert "no pound moves" in out


@pytest.mark.walk
def test_an_officer_records_a_decision_by_commands_and_files_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A made-up decision 26/00041 that sets a rate: recorded, mistyped, mended by the message, reviewed, locked, green."""
    desk = copied(tmp_path)
    shutil.copytree(ROOT / golden.FOLDER / "24-00026", desk / golden.FOLDER / "24-00026")

    def run(*words: str) -> tuple[int, str, str]:
        return senpolicy(capsys, *words, "--root", str(desk))

    source = ("--source", "made-up-record 2")
    assert run("new", "decision", "26/00041", "--title", "A made-up decision (nobody took it)", "--taken-on", "2026-11-03",
               "--does", "Sets a made-up rate.", *source, "--document-title", "A made-up record",
               "--publisher", "Nobody")[0] == 0  # fmt: skip
    for name, unit, value in (("made_up_start", "date", "2027-04-01"), ("made_up_rate", "pounds_a_year", "7000.00")):
        assert run("new", "parameter", "26/00041", name, "--label", f"{name} (made up)", "--unit", unit,
                   "--value", value, *source)[0] == 0  # fmt: skip

    # By hand the rate is mistyped; the message names the line, and what to write there.
    file = "policy/26-00041/parameters.yaml"
    replace(desk, file, r"value: 7000\.00", "value: 7,500")
    status, _, said = run("check")
    where, advice = (
        re.search(rf"{file}:(\d+):\d+: '7,500'", said),
        re.search(r"Write a plain number such as (\d+)", said),
    )
    assert (status, bool(where), bool(advice)) == (1, True, True), said
    assert where is not None
    assert advice is not None
    lines = (desk / file).read_text(encoding="utf-8").splitlines()
    lines[int(where.group(1)) - 1] = lines[int(where.group(1)) - 1].replace("7,500", advice.group(1))
    write(desk, file, "\n".join(lines) + "\n")

    assert run("new", "answer", "amount", "--decision", "26/00041", "--from", "made_up_start",
               "--of", "P-tariff-rates", "--answer", "known", "--gives", "pounds_a_year=$made_up_rate",
               "--says", "The made-up rate is paid.", *source)[0] == 0  # fmt: skip
    assert run("new", "case", "26/00041", "--file", "made-up", "--name", "The made-up rate is paid (made up)",
               "--source", "made-up-record 2", "--fact", "decision_date=2027-04-01", "--fact", "age=9",
               "--fact", "setting=mainstream", "--fact", "plan=ehcp", "--fact", "ehcp_issued_on=2026-10-01",
               "--fact", "additional_cost=9000", "--fact", "adaptation_level=specific_allocation",
               "--expect", "amount=known", "--expect", "amount.pounds_a_year=7500.00")[0] == 0  # fmt: skip

    status, out, _ = senpolicy(capsys, "review", str(ROOT), str(desk), "--markdown", "--pupils", "400")
    assert status == 0
    for said in (
        "decided otherwise, from 1 April 2027",
        "Records 26/00041, A made-up decision (nobody took it) (taken).",
        "26/00041 sets made_up_rate (made up): £7,500 a year (`made_up_rate`).",
        "- `P-tariff-rates` of 24/00120: ",
        "from undetermined (P-tariff-rates) to known, £7,500 a year",
        "Amount: known, £7,500 a year (was undetermined (P-tariff-rates))",
        "decision_date: 2027-04-01",
        "over 400 made-up pupils",
        "Known after the change only",
        "come out as they are pinned",
    ):
        assert said in out, said
    money = r"On 1 April 2027, for the [1-9][0-9,]* pupils whose pounds a year are known under both versions:\n"
    assert re.search(money, out), out

    assert run("lock", "--check")[0] == 1
    assert run("lock")[0] == 0
    status, _, said = run("fmt", "--check")
    assert status == 0, said
    write(desk, "changelog.d/made-up.decisions.md", "Recorded 26/00041 (made up). Dates affected: from 1 April 2027.\n")
    assert list(_changelog().faults(desk / "changelog.d")) == []
    status, _, said = run("check")
    assert (status, "no problems, no warnings" in said) == (0, True), said


@pytest.mark.walk
def test_each_command_of_the_guide_is_taken_as_it_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (ROOT / "docs/how-to/write-a-change.md").read_text(encoding="utf-8")
    copied(tmp_path)
    block = text.partition("## A decision that sets a rate, from end to end")[2].split("```")[1]
    commands = [shlex.split(one) for one in block.replace("\\\n", " ").strip().splitlines()]
    assert len(commands) == 6
    for _, *words in commands:
        if words[0] != "review":  # It names revisions of this repository.
            status, _, said = senpolicy(capsys, *words, "--root", str(tmp_path))
            assert status == 0, said


# Change notes


def _changelog() -> Any:
    spec = importlib.util.spec_from_file_location("changelog", ROOT / "tools" / "changelog.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_notes_of_this_repository_say_which_dates_they_affect() -> None:
    assert list(_changelog().faults(ROOT / "changelog.d")) == []


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("a.rules.md", "A rule.", "which dates"),
        ("a.decisions.md", "A. Dates affected: from April 2027.", "which dates"),
        ("a.corrections.md", "A. Dates affected: from 31 April 2027.", "calendar"),
        ("a.rules.md", "A. Dates affected: from 1 May 2027 to 1 April 2027.", "Swap"),
        ("a.rule.md", "A. Dates affected: all.", "kind"),
        ("a.md", "A. Dates affected: all.", "kind"),
        ("a.engine.md", " ", "empty"),
    ],
)
def test_a_note_without_its_dates_is_refused(tmp_path: Path, name: str, text: str, word: str) -> None:
    write(tmp_path, name, text)
    (found,) = _changelog().faults(tmp_path)
    assert word in found


def test_notes_are_moved_into_the_section_of_their_kind(tmp_path: Path) -> None:
    write(tmp_path, "b.rules.md", "A new rule.\nDates affected: all.\n")
    write(tmp_path, "c.site.md", "A page.\n")
    before = "# Changelog\n\n## Unreleased\n\n### Rules\n\n- An old rule.\n\n### Engine\n\n- x\n\n## 1.0\n\n- y\n"
    assert _changelog().collected(before, tmp_path) == (
        "# Changelog\n\n## Unreleased\n\n### Rules\n\n- An old rule.\n- A new rule.\n  Dates affected: all.\n\n"
        "### Engine\n\n- x\n\n### Site\n\n- A page.\n\n## 1.0\n\n- y\n"
    )


def test_every_workflow_reads_only_but_for_the_comment_and_pins_its_actions() -> None:
    """What runs a pull request's code has no token that may write."""
    text = (ROOT / ".github/workflows/policy.yml").read_text(encoding="utf-8")
    assert re.findall(r"[\w-]+: write\b", text) == ["pull-requests: write"]
    used = re.findall(r"uses: (\S+)", text)
    assert len(used) == 6
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one) for one in used)
    run_by_the_writer = text.split("  comment:", 1)[1]
    assert "checkout" not in run_by_the_writer
    assert "if [ -d decided ]; then more+=(--decided decided); fi" in text
    assert "if [ -f precedents.json ]; then more+=(--precedents precedents.json); fi" in text
    assert review.MARK in text, "the workflow finds its comment again by the mark"


@pytest.mark.parametrize("lines", [["<details>", "", "```yaml"], ["<details>", "```", "a", "```"], ["plain"]])
def test_a_comment_that_is_cut_closes_what_it_opened(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    """Else all that GitHub shows below it would be folded, or taken for a file."""
    monkeypatch.setattr(review.Review, "_lines", lambda self, most: iter([*lines, *["x" * 99] * 1_000]))
    text = review.Review("main", "HEAD").markdown()
    assert len(text) < 65_536
    kept, _, left = text.partition("\n\n*The rest is left out: a comment has an end.*")
    assert kept.count("```") % 2 == 0
    assert kept.count("<details>") == kept.count("</details>")
    assert kept.startswith("\n".join(lines))
    assert kept.rstrip("`\n").removesuffix("\n</details>").rstrip("`\n").endswith("x" * 99), "a whole line is its last"
    assert "`senpolicy review main HEAD --markdown`" in left
