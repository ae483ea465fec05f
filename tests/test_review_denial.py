"""A review that does not deny: what moves something is named, and "no decision changes" stands where that is proved."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from copies import copied, replace, toy, write
from golden_files import ROOT, loaded
from moves import MOVES, SLOW, STAYS, decision, negated_twice, own_limit, paying_question, set_value, weights
from running import senpolicy
from senpolicy.checking.opening import AS_IT_IS, Asked
from senpolicy.cli import changing
from senpolicy.comparing import budgets as divided
from senpolicy.comparing import reach
from senpolicy.comparing import review as reviewing
from senpolicy.comparing.differences import Side, report
from senpolicy.comparing.exact import PolicyComparison, Seen, compare_all
from senpolicy.comparing.movement import Money, Moved
from senpolicy.comparing.populations import EXCEEDED, KEPT, MAY_BE_EXCEEDED, Paid, PopulationDay, day_of, uncounted
from senpolicy.comparing.reach import COMPARED, OF_NO_EFFECT, WayToDecide, look_beside, not_looked_at
from senpolicy.comparing.report import ComparisonReport
from senpolicy.comparing.review import END, MARK, Review
from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.policy import corpus as corpora
from senpolicy.policy import timeline
from senpolicy.policy.layout import KINDS

ROUTE = "route"
#: What may be said only where all has been compared and nothing differs.
DENIALS = re.compile(r"no (decision|pound|budget|answer)s? (changes?|moves?)", re.IGNORECASE)
#: What a message of the program could hold of a case.
HELD = "K-0007 is nine years old"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The policy without its golden cases, which take long and are tried elsewhere."""
    return copied(tmp_path_factory.mktemp("base"))


def reviewed(base: Path, head: Path, pupils: int = 300) -> Review:
    found = changing._review(("base", base), ("head", head), None, pupils, AS_IT_IS, None)
    assert isinstance(found, Review)
    return found


def told(found: Review) -> Iterator[str]:
    """Every form in which a review and its comparison are told."""
    yield found.markdown()
    yield json.dumps(found.to_json(), ensure_ascii=False)
    if found.report:
        yield "\n".join(text for _, text in found.report.lines())
        yield found.report.markdown()
        yield json.dumps(found.report.to_json(), ensure_ascii=False)


def proofs(data: Any) -> Iterator[Any]:
    """Every value under the key of the proof, however deep."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        if key == "proved_alike":
            yield value
        yield from proofs(value)


def some(of: Iterable[str]) -> list[Any]:
    """Return every change of a kind as a parameter; those of SLOW are left to `make slow`."""
    return [pytest.param(one, marks=[pytest.mark.slow] if one in SLOW else []) for one in of]


@pytest.mark.parametrize("move", some(MOVES))
def test_what_moves_something_is_named_and_never_denied(base: Path, tmp_path: Path, move: str) -> None:
    """In the comment, as text, as Markdown and as data; and the exit status is not that of a limit that was kept."""
    change, words = MOVES[move]
    change(copied(tmp_path))
    found = reviewed(base, tmp_path)
    assert found.report is not None, found.problems
    for text in told(found):
        assert not DENIALS.search(text), DENIALS.search(text)
    for data in (found.to_json(), found.report.to_json()):
        assert set(proofs(data)) == {False}
    said = found.markdown()
    for word in words:
        assert word in said, said


@pytest.mark.parametrize("stay", some(STAYS))
def test_what_moves_nothing_is_proved(base: Path, tmp_path: Path, stay: str) -> None:
    """Texts, comments, values that nothing reads: the sentence that a reviewer looks for."""
    STAYS[stay](copied(tmp_path))
    found = reviewed(base, tmp_path)
    assert found.report is not None, found.problems
    said = found.markdown()
    assert "**Proved: no decision changes.**" in said, said
    assert "so no pound moves" in said
    assert "Proved: no decision changes." in "\n".join(text for _, text in found.report.lines())
    assert set(proofs(found.to_json())) == {True}
    assert "not compared" not in said


@pytest.mark.slow
def test_a_way_in_which_nobody_can_decide_is_passed_over_and_one_in_which_one_side_can_is_told(tmp_path: Path) -> None:
    """As of a decision before the values that a scenario's rules name, every command refuses it."""
    refused, whole = (Asked(one, scenario="option-d").of(loaded(ROOT)) for one in ("24/00117", None))
    negated_twice(copied(tmp_path))
    other = Asked("24/00117", scenario="option-d").of(corpora.load(tmp_path))
    with pytest.raises(PolicyError):
        compare_all([(refused, other)])
    assert look_beside([WayToDecide("that way", refused, other)], Seen()) == ([], [])
    both = [WayToDecide("that way", refused, whole, "one"), WayToDecide("that way", whole, refused, "other")]
    assert look_beside(both, Seen()) == (
        [], [f"In the {unable}, '$community_budgets_start' has no value yet on 2025-12-01, and this counts "
             "already (policy/scenarios/option-d/rules/protection.yaml:50:9): "
             f"only the {able} can decide that way."
             for able, unable in (("head", "base"), ("base", "head"))],
    )  # fmt: skip


def test_no_pupil_is_counted_where_one_side_cannot_decide_and_its_fault_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody gets answers that every command refuses."""
    base, head = (timeline.policy(loaded(ROOT), include_proposed=one) for one in (False, True))
    tried: list[bool] = []

    def ways(*_: object) -> list[WayToDecide]:
        return [WayToDecide(says, base, head, proposals=True) for says in ("if it counted", "in a scenario")]

    def faults(of: timeline.Policy) -> list[Problem]:
        tried.append(of is head)
        return [fault] * (of is head)

    fault = Problem(Place("rules/moderation.yaml", 357), "overlap", "More than one answer holds. One such case: {}.")
    monkeypatch.setattr(reach, "faults", faults)
    monkeypatch.setattr(reviewing, "assumed_ways", ways)
    monkeypatch.setattr(reviewing, "_of_its_own", lambda _: True)
    assert reviewing._assumed(base.corpus, head.corpus) == []
    assert tried == [False, True] * 2, "each side of a way is tried once"
    assert reach.only_one_decides(ways()) == ["In the head, more than one answer holds (rules/moderation.yaml:357): "
                    "only the base can decide if it counted; or in a scenario."]  # fmt: skip
    monkeypatch.setattr(reach, "faults", lambda of: [fault])
    assert (reviewing._assumed(base.corpus, head.corpus), reach.only_one_decides(ways())) == ([], [])
    monkeypatch.setattr(reach, "faults", lambda of: [])
    assert reviewing._assumed(base.corpus, head.corpus) == ways()


def test_who_cannot_decide_is_told_where_answers_differ_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be found once nothing else differs, after the change is merged."""
    base, head = (
        toy(tmp_path / "base"),
        toy(tmp_path / "head", ("policy/fines-2024/parameters.yaml", "value: 3$", "value: 4")),
    )
    both = [Side(one.parent.name, corpora.load(one)) for one in (base, head)]
    fault = Problem(Place("rules/handling.yaml", 3), "overlap", "More than one answer holds. One such case: {}.")
    monkeypatch.setattr(reach, "faults", lambda of: [fault] * (of.corpus is both[1].corpus))
    found = report(*both)
    assert found.compared is not None
    assert found.compared[0].regions
    said = [one for one in found.not_compared if "can decide" in one]
    assert said == ["In the head, more than one answer holds (rules/handling.yaml:3): only the base can decide "
                    "without the adopted readings; or with the readings up to 'D1-closed-days-count' alone."]  # fmt: skip
    assert not found.proved_alike


def test_nothing_is_called_proved_where_only_a_part_was_asked_for(
    capsys: pytest.CaptureFixture[str], base: Path, tmp_path: Path
) -> None:
    """One decision, one question, one scenario: what was asked for is told, and that nothing is said of the rest."""
    weights(copied(tmp_path))
    for more in (("--as-of", "24/00120"), ("--question", "route"), ("--scenario", "illustrative"),
                 ("--readings", "none"), ("--include-proposed",)):  # fmt: skip
        _, text, _ = senpolicy(capsys, "compare", str(base), str(base), *more)
        assert not DENIALS.search(text), more
        assert "nothing is said of the rest" in text
        _, out, _ = senpolicy(capsys, "compare", str(base), str(base), *more, "--json")
        assert json.loads(out)[0]["proved_alike"] is False, more
    _, text, _ = senpolicy(capsys, "compare", str(base), str(tmp_path), "--question", "route")
    assert "Proved: the answer to 'route' never changes." in text
    assert "weight_idaci" in text


@pytest.mark.slow
def test_a_question_that_is_asked_on_other_days_is_named(base: Path, tmp_path: Path) -> None:
    """Both versions know it, and one asks it later: a decision of before then says less."""
    paying_question(copied(tmp_path / "base"))
    paying_question(copied(tmp_path / "head"))
    decision_file = tmp_path / "head/policy/26-00041/parameters.yaml"
    decision_file.write_text(
        decision_file.read_text(encoding="utf-8")
        + "  made_up_start:\n    label: First day (made up)\n    unit: date\n    value: 2027-04-01\n    "
        'source: {document: report, paragraph: "3.20"}\n',
        encoding="utf-8",
    )
    replace(
        tmp_path / "head",
        "rules/supplement.yaml",
        r"^  - decision: 26/00041",
        "  - from: $made_up_start\n    decision: 26/00041",
    )
    sides = [Side(name, corpora.load(tmp_path / name)) for name in ("base", "head")]
    found = report(*sides)
    assert not found.proved_alike
    assert "The question 'supplement' is asked in the base only until 31 March 2027." in found.not_compared


@pytest.mark.slow
def test_a_decision_between_two_others_is_compared_too(base: Path, tmp_path: Path) -> None:
    """`--as-of` reaches it, though the next decision takes back what it does."""
    copied(tmp_path)
    set_to = {"26/00041": "6000.01", "26/00042": "6000.00"}
    decision(tmp_path, {"lower_support_limit": ("pounds_a_year", set_to["26/00041"])})
    write(
        tmp_path,
        "policy/26-00042/decision.yaml",
        "number: 26/00042\ntitle: Made up\nstatus: taken\ntaken: {day: 2026-11-04}\n",
    )
    text = (tmp_path / "policy/26-00041/parameters.yaml").read_text(encoding="utf-8")
    write(tmp_path, "policy/26-00042/parameters.yaml", text.replace("6000.01", set_to["26/00042"]))
    replace(tmp_path, "policy/decisions.yaml", r"^  - 26/00041$", "\\g<0>\n  - 26/00042")
    found = report(Side("a", corpora.load(base)), Side("b", corpora.load(tmp_path)))
    assert not found.proved_alike
    assert [one.head.as_of for one in found.compared or () if one.regions] == ["26/00041"]


def test_every_kind_of_file_is_compared_or_known_to_move_nothing() -> None:
    """A new kind of file is to be sorted in here; until then a change of it is named, and nothing is proved."""
    assert set(KINDS) == {*COMPARED, *OF_NO_EFFECT}
    assert not {*COMPARED} & {*OF_NO_EFFECT}


def test_what_both_know_is_said_to_be_answered_alike_where_not_all_could_be_compared() -> None:
    """That is worth knowing, and is no proof."""
    policy = timeline.policy(loaded(ROOT))
    side = Side("a", policy.corpus)
    seen = ComparisonReport(side, side, [PolicyComparison(policy, policy, ())], beside=[], budgets=[],
                            not_compared=["The fact 'x' is in the head only."])  # fmt: skip
    text = Review("a", "b", seen).markdown()
    assert "Where both know the facts and the question, both answer alike, by the policy as it is." in text
    assert "nothing is proved" in text
    assert not DENIALS.search(text)


def test_what_rests_on_no_decision_is_not_denied_with_the_pounds() -> None:
    """Plans, imports and views: no decision rests on them, and what people are told does."""
    policy, plan = timeline.policy(loaded(ROOT)), "policy/tariffs/made-up.yaml"
    side, left = Side("a", policy.corpus), not_looked_at([plan, "rules/route.yaml", "imports/codes.yaml"])
    assert left == ["into which cases a school's or the council's own file is read (imports/codes.yaml)",
                    f"what a plan of bands and rates costs ({plan})"]  # fmt: skip
    proved = ComparisonReport(
        side, side, [PolicyComparison(policy, policy, ())], beside=[], budgets=[], not_looked_at=left[1:]
    )
    said = Review("a", "b", proved).markdown()
    assert f"- **Not compared:** {left[1]}" in said.split("<details>")[0]
    assert f"- Not compared: {left[1]}." in said.split("so no pound moves")[1]


def test_budgets_that_are_divided_alike_are_so_for_every_table() -> None:
    """No sentence for a policy against itself, as of each decision, under each scenario."""
    corpus = loaded(ROOT)
    for number in corpus.order:
        if corpus.decisions[number].status != "proposed":
            one = timeline.policy(corpus, as_of=number)
            assert divided.moves(one, one) == []


def test_what_a_budget_pays_first_is_compared(tmp_path: Path) -> None:
    """A ledger rests on it: other figures, none at all, and another amount above which an allocation is marked."""
    corpus, file = loaded(ROOT), "rules/budgets.yaml"
    base = timeline.policy(corpus)
    for pattern, by, said in (
        (r"^  most: high$", "  most: low", "Ledgers have 'low' as 'most' of what a budget pays first; it was 'high'."),
        (r"(?s)^protected:.*", "", "Ledgers say what a budget pays first in the base only"),
    ):
        head = copied(tmp_path / by.strip(" :"))
        replace(head, file, pattern, by)
        (found,) = divided.moves(base, timeline.policy(corpora.load(head)))
        assert said in found
    head = copied(tmp_path / "trigger")
    set_value(head, "moderation_trigger", "7000.00")
    (found,) = divided.moves(base, timeline.policy(corpora.load(head)))
    assert found == "Ledgers mark allocations above £7,000 a year; they did above £6,000 a year."
    assert divided.what_moves([found], corpus) == "The ledgers of the Communities move"
    assert divided.what_moves([found, "Year 1: it is."], corpus) == "The budgets of the Communities move"


# Money


@pytest.mark.slow
def test_a_question_that_pays_counts_against_the_limit_of_the_base(base: Path, tmp_path: Path) -> None:
    """Whatever it is called; and a change that sets a limit of its own is not held to that."""
    own_limit(copied(tmp_path))
    paying_question(tmp_path)
    found = reviewed(base, tmp_path, 600)
    assert found.limit is not None
    assert found.limit.share == Decimal("0.00")
    assert (found.verdict, found.failed) == (EXCEEDED, True)
    for one in found.days:
        paid = one.others["supplement"]
        assert paid.pupils > 5
        assert paid.base == (0, 0)
        assert paid.head == paid.change == (120_000 * paid.pupils, 120_000 * paid.pupils)
    said = found.markdown()
    assert "The change costs more than the limit allows" in said
    assert "The limit of the base counts, 0%; the change itself sets 5%" in said


def test_pounds_that_no_sum_counts_are_named_and_the_limit_is_not_known(base: Path, tmp_path: Path) -> None:
    """A figure whose name does not say that it is pounds a year."""
    paying_question(copied(tmp_path), "made_up_bonus")
    ours, theirs = corpora.load(base), corpora.load(tmp_path)
    assert uncounted(ours, ours) == uncounted(theirs, theirs) == []
    left = uncounted(ours, theirs)
    assert left == ["what the question 'supplement' pays as 'made_up_bonus'"]
    found = Review("main", "HEAD", days=[paid_day(((1, 1), (1, 1)))], limit=reviewing.limit_of(ours), uncounted=left)
    assert (found.verdict, found.failed) == ("not known", True)
    assert f"Not counted: {left[0]}" in "\n".join(found._money())


@pytest.mark.slow
def test_pupils_are_made_after_the_margins_of_the_base(base: Path, tmp_path: Path) -> None:
    """A change does not choose the pupils over whom it is counted."""
    paying_question(copied(tmp_path))
    replace(tmp_path, "policy/margins.yaml", r"sen_support: 34112, ehcp: 14579", "sen_support: 1, ehcp: 14579")
    paying_question(copied(tmp_path / "paying"))
    assert reviewed(base, tmp_path).days == reviewed(base, tmp_path / "paying").days


def paid_day(*pounds: tuple[Money, Money]) -> PopulationDay:
    return day_of(
        date(2026, 9, 1), [Moved({ROUTE: ("a", "a")}, was, now, {}) for was, now in pounds for _ in range(6)], ROUTE
    )


@pytest.mark.parametrize(
    ("was", "now", "word"),
    [
        ((100, 100), (101, 101), EXCEEDED),
        ((100, 100), (100, 100), KEPT),
        ((50, 75), (50, 75), KEPT),
        ((50, 75), (65, 65), MAY_BE_EXCEEDED),
        ((50, 75), (40, 60), MAY_BE_EXCEEDED),
        ((50, 75), (30, 50), KEPT),
        ((50, 75), (76, 90), EXCEEDED),
    ],
)
def test_a_range_says_what_may_be(was: Money, now: Money, word: str) -> None:
    """Exceeded for certain, perhaps, or not at all; perhaps fails the review too, and no word means both."""
    limit = reviewing.limit_of(loaded(ROOT))
    assert limit is not None
    found = Review("main", "HEAD", days=[paid_day((was, now), ((700, 900), (700, 900)))], pupils=12, limit=limit)
    assert found.verdict == word
    assert found.failed is (word != KEPT)
    lines = "\n".join(found._money())
    # Where nothing changes, nothing was held against the limit.
    assert f"**{'not tested' if was == now else word}**" in lines
    assert "passed" not in lines
    assert ("may be" in lines.replace("may be exceeded", "")) is True


def test_pupils_and_pounds_of_a_row_are_counted_over_the_same_pupils() -> None:
    """Twelve on a route, of whom six have pounds that are known: the row is of those six, and the others stand apart."""
    cases = [Moved({ROUTE: ("a", "a")}, (100_00, 100_00), (200_00, 200_00), {})] * 6
    cases += [Moved({ROUTE: ("a", "a")}, None, (500_00, 500_00), {})] * 5
    limit = reviewing.limit_of(loaded(ROOT))
    lines = "\n".join(
        Review("main", "HEAD", days=[day_of(date(2026, 9, 1), cases, ROUTE)], pupils=11, limit=limit)._money()
    )
    assert "| a | 6 | £600 | 6 | £1,200 | +£600 |" in lines
    assert "for the 6 pupils whose pounds a year are known under both versions" in lines
    assert "not known under both: a 5 before and 5 after" in lines
    assert "Known after the change only, for 5 pupils: £2,500 a year" in lines


def test_a_sum_of_several_pupils_differs_by_the_sum_of_their_differences() -> None:
    """A range that stays as it is is no doubt about what another pupil's costs."""
    paid = Paid.of([((50, 75), (50, 75)), ((100, 100), (130, 130))])
    assert (paid.base, paid.head, paid.change) == ((150, 175), (180, 205), (30, 30))


# A fault of the program


def whole(text: str) -> bool:
    lines = text.splitlines()
    return lines[0] == MARK and lines[-1] == END


@pytest.mark.parametrize(
    "where",
    [
        "differences.report",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("review.review", "review.Review.markdown")),
    ],
)
def test_a_fault_in_the_middle_is_said_in_the_comment(
    capsys: pytest.CaptureFixture[str], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Neither an empty comment nor an old one, and nothing of what was found until then is taken for the whole."""
    STAYS["a comment"](copied(tmp_path))
    times = iter([True])
    real = Review.markdown

    def fails(*given: Any, **named: Any) -> Any:
        if where != "review.Review.markdown" or next(times, False):
            raise ZeroDivisionError(HELD)
        return real(*given, **named)

    monkeypatch.setattr(f"senpolicy.comparing.{where}", fails)
    status, out, err = senpolicy(capsys, "review", str(base), str(tmp_path), "--markdown", "--pupils", "50")
    assert status == 1
    assert whole(out)
    assert "not made to its end" in out
    assert "ZeroDivisionError" in out
    assert not DENIALS.search(out)
    assert HELD not in out + err


def test_a_fault_in_the_middle_is_said_as_data_too(
    capsys: pytest.CaptureFixture[str], base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("senpolicy.comparing.differences.report", lambda *_, **__: 1 // 0)
    status, out, _ = senpolicy(capsys, "review", str(base), str(base), "--json")
    (data,) = json.loads(out)
    assert (status, data["failed"], data["proved_alike"]) == (1, True, False)
    assert "ZeroDivisionError" in data["stopped"]


def test_what_cannot_be_read_is_said_in_the_comment(
    capsys: pytest.CaptureFixture[str], base: Path, tmp_path: Path
) -> None:
    """Decisions issued that are none: the comment says so, and so does the terminal."""
    write(tmp_path, "decided.json", "{")
    named = "review", str(base), str(base), "--decided", str(tmp_path / "decided.json"), "--markdown"
    status, out, err = senpolicy(capsys, *named)
    assert status == 1
    assert whole(out)
    assert "[not-json]" in out
    assert "[not-json]" in err


@pytest.mark.slow
def test_every_comment_has_its_first_and_last_line(base: Path) -> None:
    assert whole(reviewed(base, base).markdown())
    assert whole(Review("main", "HEAD", stopped="x").markdown())
    assert whole(Review("main", "HEAD", aside=["x" * 70_000]).markdown())


# The workflow that posts the comment


def step(name: str) -> str:
    """The script of a step of the workflow, and the text that stands for a review which was not made."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/policy.yml").read_text(encoding="utf-8"))["jobs"]
    (script,) = [one["run"] for job in jobs.values() for one in job["steps"] if one.get("name") == name]
    return str(script)


def ran(folder: Path, script: str, stand_in: str, program: str) -> int:
    """Run a script in a folder with a program in the place of the real one; return its exit status."""
    path = folder / stand_in
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    path.chmod(0o755)
    text = (ROOT / ".github/workflows/policy.yml").read_text(encoding="utf-8")
    env = {**os.environ, **yaml.safe_load(text)["env"], "BASE": "x", "GITHUB_STEP_SUMMARY": str(folder / "summary"),
           "REPOSITORY": "a/b", "NUMBER": "1", "PATH": f"{path.parent}:{os.environ['PATH']}"}  # fmt: skip
    # As the forge runs it: bash, and an error ends it.
    return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder, env=env, check=False).returncode


@pytest.mark.parametrize(
    ("program", "status", "kept"),
    [
        ("exit 1", 1, False),
        (f"echo '{MARK}'; echo half; kill -9 $$", 1, False),
        ("echo 'Traceback'; exit 1", 1, False),
        ("exit 0", 1, False),
        (f"printf '%s\\nwhole\\n%s\\n' '{MARK}' '{END}'; exit 1", 1, True),
        (f"printf '%s\\nwhole\\n%s\\n' '{MARK}' '{END}'", 0, True),
    ],
)
def test_the_workflow_posts_a_whole_review_or_says_that_there_is_none(
    tmp_path: Path, program: str, status: int, kept: bool
) -> None:
    """A program that is killed, that prints nothing or half: never an empty comment, and the summary says the same."""
    assert ran(tmp_path, step("Review"), ".venv/bin/senpolicy", program) == status
    said = (tmp_path / "review.md").read_text(encoding="utf-8")
    assert whole(said)
    assert ("whole" in said.splitlines()) is kept
    assert ("not made to its end" in said) is not kept
    assert (tmp_path / "summary").read_text(encoding="utf-8") == said


@pytest.mark.parametrize("older", ["", "7"])
@pytest.mark.parametrize("there", [True, False])
def test_an_older_comment_is_written_over_where_there_is_no_review(tmp_path: Path, there: bool, older: str) -> None:
    """The job before it may have been stopped before it kept anything."""
    if there:
        write(tmp_path, "review.md", f"{MARK}\nThis one.\n{END}\n")
    gh = f'case "$*" in *--paginate*) echo "{older}";; *) echo "$*" >> calls; cp review.md posted;; esac'
    assert ran(tmp_path, step("Write the comment, or write it anew"), "bin/gh", gh) == 0
    posted = (tmp_path / "posted").read_text(encoding="utf-8")
    assert whole(posted)
    assert ("This one." if there else "not made to its end") in posted
    assert ("PATCH" if older else "POST") in (tmp_path / "calls").read_text(encoding="utf-8")
