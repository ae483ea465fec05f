"""What the commands write: whole or not at all, in its place, with every comment kept, and only what passes the check."""

from __future__ import annotations

import difflib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace as replaced
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from copies import TOY, copied, replace, state, toy
from golden_files import FROZEN, ROOT, loaded
from running import senpolicy
from senpolicy.checking import golden, lock, roles
from senpolicy.checking.corpus import check, sound
from senpolicy.cli.writing import _check_beside, _of_what_is_asked
from senpolicy.deciding.cases import read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.models.rules import Portion
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse
from senpolicy.policy import corpus as corpora
from senpolicy.policy.timeline import policy
from senpolicy.writing import adopting, correcting, files, new, tidying
from senpolicy.writing.lines import Flow, Lines, block, scalar
from wording import Wording

DECISION = ("--title", "A made-up decision: nobody took it", "--does", "Sets a made-up rate.",
            "--source", "made-up-record Decision", "--document-title", "A made-up record", "--publisher", "Nobody")  # fmt: skip


def run(capsys: pytest.CaptureFixture[str], desk: Path, *words: str) -> tuple[int, str]:
    status, _, err = senpolicy(capsys, *words, "--root", str(desk))
    return status, err


# The way a file is added to


def test_lines_are_added_where_they_belong_and_every_other_byte_stays() -> None:
    """Comments, empty lines, an odd layout and the ends of lines are the author's."""
    text = "# top\r\na:   # why\r\n  - one   # first\r\n\r\n  # before two\r\n  - two\r\n# after\r\nb: {x: 1}\r\n"
    lines = Lines(text, "f.yaml")
    lines.add(("a",), "three")
    assert str(lines) == text.replace("  - two\r\n", "  - two\r\n  - three\r\n")
    lines = Lines("a:\n- one\n- two:\n    x: |\n      # no comment\nb: 1\n", "f.yaml")
    lines.add(("a",), {"three": "3", "four": "no"})
    assert str(lines) == 'a:\n- one\n- two:\n    x: |\n      # no comment\n- three: 3\n  four: "no"\nb: 1\n'
    lines = Lines("a:\n  - one\n    # of one\n  # of what follows\nb: 1\n", "f.yaml")
    lines.add(("a",), "two")
    assert str(lines) == "a:\n  - one\n    # of one\n  - two\n  # of what follows\nb: 1\n"
    lines = Lines("a: [one, two]  # both\n", "f.yaml")
    lines.add(("a",), "three, or so")
    assert str(lines) == 'a: [one, two, "three, or so"]  # both\n'
    for last in ('"two]"', "'it''s]'", '"a \\"b\\" ]"', "two"):  # A bracket within quotes closes nothing.
        lines = Lines(f"a: [one, {last} ]  # [both]\n", "f.yaml")
        lines.add(("a",), "three")
        assert str(lines) == f"a: [one, {last}, three]  # [both]\n"
    lines = Lines(f"a: [{'x' * 108}]\n", "f.yaml")
    lines.add(("a",), "two")
    assert len(str(lines)) == 118 + 1
    for inline in (
        "a: [{x: 1}]\n",
        'a: [one, "t]w\n  o"]\n',
        f"a: [{'x' * 110}]\n",
        "a: []\n",
        "a:\n",
        "b: {a: [[one]]}\n",
    ):
        with pytest.raises(PolicyError):
            Lines(inline, "f.yaml").add(("b", "a") if "b" in inline else ("a",), "two")


@pytest.mark.parametrize("text", ["no", "1,200", "00120", "12:30", "a: b", "# x", "it's", '"q"', "- x", "£6k", "  a  b", "null",
                                  "24/00120", "[x]", "é", "\\n"])  # fmt: skip
def test_a_text_is_read_back_as_it_was_given(text: str) -> None:
    """Whatever somebody answers to a question is text, and never becomes a number, a word of YAML or a comment."""
    from senpolicy.files.problems import Problems
    from senpolicy.files.source import read

    problems = Problems()
    for made in (f"- {scalar(text)}", f"- {{x: {scalar(text, flow=True)}}}", "\n".join(block({"a": text * 60}))):
        node = read(made + "\n", "f.yaml", problems)
        assert node is not None
        said = node.data()
        said = (said[0]["x"] if isinstance(said[0], dict) else said[0]) if isinstance(said, list) else said["a"]
        assert said in (" ".join(text.split()), " ".join((text * 60).split()))
    assert not problems.found


# New decisions, values, open points, answers, cases


@pytest.mark.slow
def test_a_decision_with_a_value_is_written_and_passes_the_check(
    capsys: pytest.CaptureFixture[str], desk: Path
) -> None:
    before = state(desk)
    status, said = run(capsys, desk, "new", "decision", "26/00041", *DECISION, "--taken-on", "2026-11-03")
    assert (status, said.count("Written: ")) == (0, 2)  # Its day gives its place, so no list is written.
    status, said = run(capsys, desk, "new", "parameter", "26/00041", "made_up_rate", "--label", "A rate (made up)",
                       "--unit", "pounds_a_year", "--value", "7000.00", "--source", "made-up-record 2")  # fmt: skip
    assert status == 0, said
    loaded = corpora.load(desk)
    assert loaded.order[-1] == "26/00041"
    assert str(loaded.parameters["made_up_rate"][0][1].value) == "7000.00"
    after = state(desk)
    for name, was in before.items():
        kept = iter(after[name].splitlines())
        assert all(line in kept for line in was.splitlines()), f"{name} lost a line"
    assert set(after) - set(before) == {
        f"policy/26-00041/{name}.yaml" for name in ("decision", "documents", "parameters")
    }  # fmt: skip
    assert tidying.tidy(desk) == ({}, [])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("decision", "26-00041", *DECISION, "--taken-on", "2026-11-03"), "two figures, a slash and five"),
        (("decision", "24/00120", *DECISION, "--taken-on", "2026-11-03"), "recorded already"),
        (("decision", "26/00041", *DECISION, "--taken-on", "03/11/2026"), "Write year, month, day"),
        (("decision", "26/00041", *DECISION), "Say it with --taken-on"),
        (("decision", "26/00041", *DECISION, "--taken-on", "2026-11-03", "--succeeds", "24/00121x"), "24/00121"),
        (("decision", "26/00041", "--title", "x", "--taken-on", "2026-11-03", "--does", "x"), "Say it with --source"),
        (("parameter", "24/00120", "x", "--label", "x", "--unit", "pounds", "--value", "1,200", "--source", "report 1"), "1,200"),
        (("parameter", "24/00120", "x", "--label", "x", "--unit", "pounds", "--value", "12", "--source", "nowhere 1"), "nowhere"),
        (("parameter", "24/00120", "x", "--label", "x", "--unit", "pound", "--value", "12", "--source", "report 1"), "pounds"),
        (("parameter", "24/00120", "x", "--label", "x", "--unit", "pounds", "--value", "12", "--source", "report 1"), "locked"),
        (("open-point", "24/00120", "Z9-x", "--title", "x", "--says", "x", "--source", "report 3.20", "--settle", "x",
          "--allows", "route=nowhere"), "nowhere"),
        (("case", "24/00026", "--file", "x", "--name", "x", "--source", "report 3.7", "--fact", "decision_date=2025-10-01",
          "--fact", "setting=special", "--expect", "route=tariff"), "should be tariff by"),
        (("case", "24/00026", "--file", "x", "--name", "Write to jane" + chr(64) + "school.test", "--source", "report 3.7",
          "--fact", "decision_date=2025-10-01", "--fact", "setting=special", "--expect", "route=special_average_rate"), "mail"),
        (("case", "24/00026", "--file", "../x", "--name", "x", "--source", "report 3.7", "--fact", "age=9",
          "--expect", "route=tariff"), "not the name of a file"),
        (("answer", "route", "--decision", "24/00120", "--from", "tariff_start", "--of", "lower", "--answer", "tariff",
          "--says", "x", "--source", "report 3.20"), "not a row"),
    ],
)  # fmt: skip
def test_what_would_not_pass_the_check_is_refused_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], desk: Path, words: tuple[str, ...], why: str
) -> None:
    """Refused in words that say what to do, and never half done."""
    before = state(desk)
    status, said = run(capsys, desk, "new", *words)
    assert (status in (1, 2), why in said) == (True, True), said
    assert state(desk) == before


@pytest.mark.walk
def test_some_cases_of_a_row_are_answered_otherwise_in_a_version_of_their_own(
    capsys: pytest.CaptureFixture[str], desk: Path
) -> None:
    """The old version stays, byte for byte; the new one has no gap and no overlap."""
    run(capsys, desk, "new", "decision", "26/00041", *DECISION, "--proposed")
    before = (desk / "rules/exceptional_need_claim.yaml").read_text(encoding="utf-8")
    words = ("new", "answer", "exceptional_need_claim", "--decision", "26/00041", "--from", "tariff_start", "--of", "mainstream",
             "--when", "plan is ehcp because The made-up decision says so", "--answer", "available",
             "--says", "Made up.", "--source", "made-up-record 2")  # fmt: skip
    status, said = run(capsys, desk, *words)
    assert status == 0, said
    after = (desk / "rules/exceptional_need_claim.yaml").read_text(encoding="utf-8")
    assert after.startswith(before.replace("[scope, setting, route]", "[scope, setting, route, plan]"))
    versions = corpora.load(desk).questions["exceptional_need_claim"].versions
    assert versions[-1].decision == "26/00041"
    assert len(versions[-1].answers) == len(versions[-2].answers) + 1
    assert tidying.tidy(desk)[0] == {}


def test_whoever_writes_what_a_property_rules_out_is_told_to_ask_for_something_else() -> None:
    """Rules that were never written cannot be mended, and those of the policy are not at fault."""
    found = Problem(Place("rules/properties.yaml", 70, 5), "property", "No answer.", "Mend the rules, or record why.")
    asked, plan = (_of_what_is_asked(found, one).help for one in (None, "26/00041"))
    assert asked.startswith("Nothing was written. Ask for another row, condition or answer;")
    assert plan.startswith("Nothing was written. Change the plan;")
    gap = replaced(found, code="gap")
    assert _of_what_is_asked(gap, None) == gap


REPORT = new.Cited("notice", "1")
FILMS = new.NewAnswer("handling", "fines-2026", "half_fines_start", "late", "late-film", "let_off", "Made up.", REPORT,
                      [Flow({"fact": "item", "is": "film"})])  # fmt: skip


def made_of_it(root: Path, asked: new.NewAnswer) -> Decider:
    """Write a new answer into the toy policy, and return what decides by it."""
    for file, text in new.answer(corpora.load(root), asked).items():
        (root / file).write_text(text, encoding="utf-8")
    return Decider(policy(sound(corpora.load(root))))


def handled(by: Decider, **facts: str | int | bool) -> str:
    """Return what becomes of a late return, 12 days late, under the toy policy."""
    case = {"case_ref": "L-1", "decision_date": "2026-05-01", "card": "adult", "lost": False, "days_late": 12, **facts}
    (found,) = by.decide_all(read_text(json.dumps(case), "loans.yaml", by.policy))
    assert isinstance(found, Decision)
    return found.answers["handling"].answer


def test_a_new_answer_takes_some_cases_out_of_a_row_from_its_day_on(tmp_path: Path) -> None:
    """A film is let off from 1 April 2026; all else is as it was, and what the question asks for has the item too."""
    by = made_of_it(toy(tmp_path), FILMS)
    assert handled(by, item="film") == "let_off"
    assert handled(by, item="film", decision_date="2026-03-31") == handled(by, item="book") == "fined"
    assert handled(by, item="film", lost=True) == "billed"
    question = by.policy.corpus.questions["handling"]
    assert question.ask == ["lent", "lost", "days_late", "card", "item"]
    assert [(one.decision, one.start) for one in question.versions] == [
        ("fines-2024", None), ("fines-2026", "$half_fines_start")
    ]  # fmt: skip
    assert [one.id for one in question.versions[-1].answers] == [
        "reading-room", "gone", "within-grace", "late", "late-film"
    ]  # fmt: skip


def test_a_new_answer_without_tests_takes_the_place_of_its_row(tmp_path: Path) -> None:
    """The row as a whole is answered otherwise; a second one goes into the version that is the decision's already."""
    root = toy(tmp_path)
    by = made_of_it(root, replaced(FILMS, row="gone", id="gone-free", when=()))
    assert [one.id for one in by.policy.corpus.questions["handling"].versions[-1].answers] == [
        "reading-room", "within-grace", "late", "gone-free"
    ]  # fmt: skip
    assert (handled(by, item="film", lost=True), handled(by, item="film")) == ("let_off", "fined")
    by = made_of_it(root, FILMS)
    assert len(by.policy.corpus.questions["handling"].versions) == 2
    assert (handled(by, item="film", lost=True), handled(by, item="film")) == ("let_off", "let_off")


def test_a_new_answer_of_two_tests_is_for_cases_that_meet_both(tmp_path: Path) -> None:
    """Those that meet one of them alone stay in the row; a fact that is asked for already is not asked for twice."""
    both = [Flow({"fact": "card", "is": "adult"}), *FILMS.when]
    by = made_of_it(toy(tmp_path), replaced(FILMS, when=both))
    assert by.policy.corpus.questions["handling"].ask == ["lent", "lost", "days_late", "card", "item"]
    cases = [("film", "adult"), ("film", "young"), ("book", "adult")]
    assert [handled(by, item=item, card=card) for item, card in cases] == ["let_off", "fined", "fined"]


def test_a_new_answer_of_a_later_decision_says_from_when(tmp_path: Path) -> None:
    """Without a day it would decide the cases of every day; the first decision's own version has none to say."""
    asked = replaced(FILMS, question="amnesty", start=None, row="none-yet", id="none", answer="no_promise", when=())
    with pytest.raises(WrongUse, match="fines-2026 changes 'amnesty' from a day on"):
        made_of_it(toy(tmp_path), asked)
    by = made_of_it(tmp_path / "toy", replaced(asked, decision="fines-2024"))
    versions = by.policy.corpus.questions["amnesty"].versions
    assert [(one.decision, one.start, [row.id for row in one.answers]) for one in versions] == [
        ("fines-2024", None, ["not-lent", "none"]),
        ("fines-2026", "$half_fines_start", ["not-lent", "young", "others"]),
    ]


def test_a_value_of_the_decision_s_own_becomes_a_limit_of_the_fact(tmp_path: Path) -> None:
    """Held against another's value, the fact has to name it first: which is meant, nobody can tell."""
    root = toy(tmp_path)
    value = new.NewValue("fines-2026", "week", "A week", "count", "7", REPORT)
    (root / "policy/fines-2026/parameters.yaml").write_text(*new.parameter(corpora.load(root), value).values())
    by = made_of_it(root, replaced(FILMS, when=[Flow({"fact": "days_late", "at_most": "$week"})]))
    assert by.policy.corpus.facts.facts["days_late"].limits == ["grace_days", "week"]
    with pytest.raises(PolicyError, match="'\\$most_charged' is not a limit of 'price', but of 'run_up'"):
        made_of_it(root, replaced(FILMS, id="dear", when=[Flow({"fact": "price", "below": "$most_charged"})]))


@pytest.mark.parametrize(
    ("make", "asked", "why"),
    [
        (new.answer, replaced(FILMS, decision="fines-2025"), "'fines-2025' is not a decision of this policy. Use one of"),
        (new.answer, replaced(FILMS, question="handing"), "'handing' is not a question of this policy. Did you mean 'handling'?"),
        (new.answer, replaced(FILMS, row="x"), "'x' is not a row of 'handling' on that day. Use one of 'reading-room', 'gone',"),
        (new.answer, replaced(FILMS, row="latee"), "Did you mean 'late'?"),
        (new.answer, replaced(FILMS, id="gone"), "'gone' is the id of a row of this version already."),
        (new.answer, replaced(FILMS, start="half_fines"), "'half_fines' is not a parameter of this policy."),
        (new.answer, replaced(FILMS, start="young_share"), "'young_share' is not a date."),
        (new.parameter, new.NewValue("fines-2025", "x", "X", "count", "1", REPORT), "'fines-2025' is not a decision"),
        (new.parameter, new.NewValue("fines-2026", "young_share", "X", "share", "1", REPORT), "sets 'young_share' already"),
        (new.open_point, new.NewOpenPoint("fines-2025", "Z1-x", "X", "X", [REPORT], "X"), "'fines-2025' is not a decision"),
        (new.open_point, new.NewOpenPoint("fines-2026", "S1-cards-of-schools", "X", "X", [REPORT], "X"),
         "is an open point of fines-2024 already"),
        (new.open_point, new.NewOpenPoint("fines-2026", "Z1-x", "X", "X", [REPORT], "X", state="open"), "--allows"),
        (new.decision, new.NewDecision("26-1", "X", "taken", []), "'26-1' is not the number of a decision."),
        (new.decision, new.NewDecision("fines-2026", "X", "taken", []), "recorded already, in policy/fines-2026/decision.yaml"),
        (new.decision, new.NewDecision("fines-2027", "X", "taken", [], [new.NewDocument("notice", "X", "X")]),
         "'notice' is a document of this policy already."),
        (new.case, new.NewCase("fines-2025", "x", "X", "notice 1", {}, {}), "'fines-2025' is not a decision"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused_with_what_to_do(make: Callable[..., Any], asked: Any, why: str) -> None:
    """Before a line of it is made: a name that is not known, or that something has already."""
    with pytest.raises(WrongUse) as raised:
        make(loaded(TOY), asked)
    assert why in str(raised.value)


NOTICE, LINES = new.Cited("notice", "1"), new.Cited("notice", "2", "10-12")
DAY, ACT = date(2027, 4, 1), [("week", "Makes a week free", NOTICE)]
#: Each kind of piece with each that can be said of it, in the toy policy: what is asked, by whom it is written.
PIECES: dict[str, tuple[Callable[..., dict[str, str]], Any]] = {
    "a decision of a day": (new.decision, new.NewDecision("27/00001", "A week ", "taken", ACT, day=date(2026, 7, 6))),
    "a decision between two days, with papers": (
        new.decision,
        new.NewDecision("fines-2027", "A week.", "taken", [*ACT, ("two", "Says when", LINES)], [
            new.NewDocument("minutes", "Minutes", "The library", DAY, "https://example.invalid/minutes"),
            new.NewDocument("letter", "A letter", "The library"),
        ], earliest=date(2026, 7, 1), latest=date(2026, 7, 31), why="Minutes of July", succeeds=["fines-2026"],
           notes=["Nobody was asked: yet."]),
    ),
    "a decision of a day that is not known": (
        new.decision, new.NewDecision("27/00001", "A week", "taken", ACT, unknown="No paper says when."),
    ),
    "a decision that is proposed": (
        new.decision, new.NewDecision("27/00001", "A week", "proposed", ACT, planned=DAY),
    ),
    "a number": (new.parameter, new.NewValue("fines-2026", "week", "Days of a week", "count", "7", LINES)),
    "a text, and why": (new.parameter, new.NewValue("fines-2026", "word", "A word", "text", "7", NOTICE, note="So: it is.")),
    "a list": (new.parameter, new.NewValue("fines-2026", "words", "Words", "text", ["no", "a, b"], NOTICE)),
    "a value that is left open": (
        new.parameter, new.NewValue("fines-2026", "part", "A part", "share", None, NOTICE, open_point="S1-cards-of-schools"),
    ),
    "a later value": (
        new.parameter, new.NewValue("fines-2026", "grace_days", "Days", "count", "4", NOTICE, start=DAY, reaches_back=True),
    ),
    "a first value": (new.parameter, new.NewValue("25/00009", "week", "Days of a week", "count", "7", NOTICE)),
    "a note": (
        new.open_point,
        new.NewOpenPoint("fines-2024", "W1-week", "A week", "Says a week.", [NOTICE, LINES], "A word.", allows_text=["7", "a, b"]),
    ),
    "the first open point of a decision": (
        new.open_point,
        new.NewOpenPoint("fines-2026", "W1-week", "A week", "Says a week.", [NOTICE], "A word.", {"handling": ["fined", "let_off"]},
                         state="open"),
    ),
    "a settlement by rows": (
        new.settlement,
        new.NewSettlement("fines-2026", "S1-cards-of-schools", DAY, ["handling/late", "handling/gone"], leaves="When."),
    ),
    "a settlement by a word": (
        new.settlement,
        new.NewSettlement("fines-2026", "S1-cards-of-schools", DAY, answers={"handling": "let_off"}, says="Schools are let off.",
                          source=NOTICE, reaches_back=True),
    ),
    "a case of a new file": (
        new.case,
        new.NewCase("fines-2026", "a-week", "A week late", "notice 1", {"decision_date": "2026-05-01", "lost": "false", "card": "true"},
                    {"handling": "fined", "charge.to_pay": "1.20", "charge.open": "A B", "amnesty.answer": "promised",
                     "amnesty.open_until": "2026-08-31"}),
    ),
    "a case of another reading": (
        new.case, new.NewCase("fines-2026", "a-week", "A week late", "notice 1", {"lost": "yes"}, {"handling": "fined"}, "none"),
    ),
    "a reading by an answer": (
        lambda corpus, asked: adopting.adopt(corpus, asked, DAY),
        adopting.Adoption("S1-cards-of-schools", "let_off", "The library committee", "Schools: borrow.", DAY),
    ),
    "a reading that is not the first of its id": (
        lambda corpus, asked: adopting.adopt(corpus, asked, DAY),
        adopting.Adoption("L1-price-of-lost-items", "charge=owed", "The library committee", "So.", DAY, "L1-x", "All of it."),
    ),
    "a correction": (
        correcting.correction,
        correcting.Mending("fines-2024", "most_charged", "It is £4: not £5.", "So.", "The library committee", DAY,
                           date(2024, 1, 8), date(2024, 2, 1), "4.00"),
    ),
    "a correction of no value": (
        correcting.correction,
        correcting.Mending("fines-2026", "documents", "One more.", "So.", "The library committee", DAY, None),
    ),
}  # fmt: skip


def test_each_piece_is_written_with_all_that_is_said_of_it(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """Line by line, beside the line before: what is not said is left out, and what YAML would take for more is quoted."""
    root = toy(
        tmp_path,
        ("policy/decisions.yaml", r"fines-2026\]", "fines-2026, 25/00009]"),
        ("policy/fines-2024/open-points.yaml", r"(card is fined\n    state: open)", r"\1  # open until it is read"),
    )
    (root / "policy/25-00009").mkdir()
    (root / "policy/25-00009/decision.yaml").write_text(
        "number: 25/00009\ntitle: None\nstatus: proposed\n", encoding="utf-8"
    )
    corpus = corpora.load(root)
    said = []
    for name, (make, asked) in PIECES.items():
        said.append(f"== {name}")
        for file, text in make(corpus, asked).items():
            path = root / file
            before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            said += difflib.unified_diff(before, text.splitlines(), "", file, n=1, lineterm="")
    assert "\n".join(said) == snapshot(extension_class=Wording)


@pytest.mark.parametrize("start", [None, "community_budgets_start"])
def test_an_edition_begins_with_all_but_the_head_of_another(start: str | None) -> None:
    corpus = loaded(FROZEN)
    asked = new.NewEdition(
        "later", "illustrative", "Later", "draft", new.Cited("report", "3.20"), "24/00120" if start else None, start
    )
    [(file, text)] = new.edition(corpus, asked).items()
    was = (FROZEN / "descriptors/illustrative/edition.yaml").read_text(encoding="utf-8")
    assert file == "descriptors/later/edition.yaml"
    head, _, body = text.partition("\nlevels:")
    assert body == was.partition("\nlevels:")[2]
    brought = (
        ["decision: 24/00120", "replaces: continuum-draft-2025-06", "from: $community_budgets_start"] if start else []
    )
    assert head.splitlines() == [
        *[line for line in was.splitlines()[:1] if line.startswith("# yaml-language-server")],
        "# Later.",
        "edition: later",
        "title: Later",
        "status: draft",
        *brought,
        'source: {document: report, paragraph: "3.20"}',
        "not_the_councils: true",
    ]


def test_nothing_is_added_to_a_file_that_holds_nothing(tmp_path: Path) -> None:
    root = toy(tmp_path)
    (root / "policy/fines-2026/open-points.yaml").write_text("open_points: {}\n", encoding="utf-8")
    wanted = new.NewOpenPoint("fines-2026", "Z1-x", "X", "X", [REPORT], "X")
    with pytest.raises(PolicyError, match="'open_points' is empty here"):
        new.open_point(corpora.load(root), wanted)


def test_a_golden_case_is_added_with_a_reference_of_its_own(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    words = ("new", "case", "24/00026", "--file", "old-arrangements-go-on", "--name", "A special school goes on",
             "--source", "report 3.7", "--fact", "decision_date=2025-10-01", "--fact", "setting=special",
             "--expect", "route=special_average_rate", "--expect", "moderation=not_applicable")  # fmt: skip
    before = golden.every(desk)
    status, said = run(capsys, desk, *words)
    assert status == 0, said
    after = golden.every(desk)
    assert len(after) == len(before) + 1
    references = [one.golden.case["case_ref"] for one in after]
    assert len(set(references)) == len(references)


# Readings


def last_adopted(desk: Path) -> date:
    """Return the day of the last reading: the first on which another can be adopted, and never one to come."""
    return corpora.load(desk).readings[-1].adopted_on


@pytest.mark.walk
def test_a_reading_is_adopted_by_a_role_and_its_point_is_read(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    point = "A1-rate-of-exactly-6000"
    point_open = r"(title: An existing rate of exactly £6,000\n    state: open)$"
    replace(desk, "policy/24-00120/open-points.yaml", point_open, r"\1  # open until read")
    status, said = run(capsys, desk, "adopt", point, "direct_existing_rate", "--by", "The moderation board",
                       "--because", "Made up for a test.", "--on", last_adopted(desk).isoformat())  # fmt: skip
    assert status == 0, said
    loaded = corpora.load(desk)
    assert (loaded.readings[-1].point, loaded.readings[-1].answers) == (point, {"route": "direct_existing_rate"})
    assert loaded.open_points[point][1].state == "read"
    assert loaded.readings[-1].adopted_on == loaded.readings[-2].adopted_on
    assert f"{point}:\n    title: An existing rate of exactly £6,000\n    state: read  # open until read\n" in (
        desk / "policy/24-00120/open-points.yaml"
    ).read_text(encoding="utf-8")
    assert (
        run(capsys, desk, "adopt", point, "community_budget", "--by", "The moderation board", "--because", "x")[0] == 2
    )


@pytest.mark.parametrize(
    ("point", "answer", "by", "on", "why"),
    [
        ("A1-rate-of-exactly-6000", "tariff", "The board", "0", "would allow"),
        ("A1-rate-of-exactly-6000", "direct_existing_rate", "Jane Doe", "0", "never a person's name"),
        ("A1-rate-of-exactly-6000", "direct_existing_rate", "Director Jane Doe", "0", "'Jane' is not a word of a role"),
        ("A1-rate-of-exactly-6000", "direct_existing_rate", "Head of finance Doe", "0", "'Doe' is not a word of a role"),
        ("A1-rate-of-exactly-6000", "direct_existing_rate", "the chair, jacob", "0", "'jacob' is not a word of a role"),
        ("A1-rate-of-exactly-6000", "direct_existing_rate", "chair doe", "0", "'doe' is not a word of a role"),
        ("A1-rate-of-exactly-6000", "direct_existing_rate", "Dr Doe, chair of the board", "0", "never a person's"),
        ("A1-rate-of-exactly-6000", "direct_existing_rate", "The board", "-1", "kept in order"),
        ("A1-rate-of-exactly-6000", "direct_existing_rate", "The board", "2999-01-01", "yet to come"),
        ("A1-rate-of-exactly-600", "direct_existing_rate", "The board", "0", "Did you mean"),
        ("A5-exceeds-or-at-least", "x", "The board", "0", "a note"),
    ],
)  # fmt: skip
def test_a_reading_that_cannot_be_adopted_is_refused(
    capsys: pytest.CaptureFixture[str], desk: Path, point: str, answer: str, by: str, on: str, why: str
) -> None:
    before = state(desk)
    on = on if on.startswith("2999") else (last_adopted(desk) + timedelta(days=int(on))).isoformat()
    status, said = run(capsys, desk, "adopt", point, answer, "--by", by, "--because", "x", "--on", on)
    assert (status, why in said) == (2, True), said
    assert state(desk) == before


def test_an_answer_names_its_question_where_several_have_it() -> None:
    from senpolicy.files.models.rules import OpenPoint

    point = OpenPoint.model_validate({"title": "x", "state": "open", "says": "x", "where": [], "settle": "x",
                                      "allows": {"a": ["x", "y"], "b": ["x"]}, "allows_text": ["in words"]})  # fmt: skip
    assert adopting.allowed("P", point, "a=x,b=x") == {"a": "x", "b": "x"}
    assert adopting.allowed("P", point, "y") == {"a": "y"}
    assert adopting.allowed("P", point, "in words") == {}
    for wrong in ("x", "b=y", "z", ""):
        with pytest.raises(WrongUse):
            adopting.allowed("P", point, wrong)


# The lock


def test_what_the_real_decisions_set_is_locked() -> None:
    """Also that the lock is up to date: a decision that is taken is locked with the pull request that records it."""
    loaded = corpora.load(ROOT)
    assert lock.check(loaded) == []
    assert set(lock.locks_of(loaded)) == set(lock.taken(loaded)) > {"24/00120"}


@pytest.mark.parametrize(
    "by", ["The founders of this repository", "Moderation Board", "SEN finance team", "The Head of Education and SEN",
           "the board's chair", "The Cabinet Member for Education"],
)  # fmt: skip
def test_a_role_may_sign_however_it_is_written(by: str) -> None:
    """Capitals, an apostrophe, several words: what is refused is a person."""
    assert roles.fault_of(by, loaded(ROOT).files[roles.FILE]) is None


def test_without_a_list_of_roles_nobody_signs_and_nothing_is_said_of_who_has_signed(desk: Path) -> None:
    """What other policies hold is theirs; the command asks for the list first."""
    (desk / roles.FILE).unlink()
    corpus = corpora.load(desk)
    assert check(corpus) == []
    with pytest.raises(WrongUse, match=r"policy/roles\.yaml"):
        adopting.role(corpus, "The moderation board")


@pytest.mark.parametrize(
    ("note", "code", "line"),
    [
        ("mends: high_needs_uplifx, corrected_on: 2026-11-27, by: The team, from: 2025-04-01", "unknown-parameter", 2),
        (
            "mends: standing, corrected_on: 2026-11-27, by: The team, from: 2025-04-02, until: 2025-04-01",
            "dates-reversed",
            2,
        ),
    ],
)
def test_a_correction_is_of_what_its_decision_set_and_ends_after_it_begins(
    desk: Path, note: str, code: str, line: int
) -> None:
    made = desk / "policy/25-00092/corrections.yaml"
    assert not made.exists()
    made.write_text(f"corrections:\n  - {{id: c1, says: x, because: x, {note}}}\n", encoding="utf-8")
    found = [one for one in lock.check(corpora.load(desk)) if one.code == code]
    assert [(one.place.file, one.place.line) for one in found] == [("policy/25-00092/corrections.yaml", line)]


@pytest.mark.parametrize(
    ("file", "pattern", "by", "mends"),
    [
        ("policy/documents.yaml", r"title: Decision page of key decision 25/00092", "title: Another page", "documents"),
        ("policy/24-00120/parameters.yaml", r"value: 2025-08-31", "value: 2025-08-30", "claims_paid_until"),
        ("policy/24-00120/parameters.yaml", r"  oldest_age:", "  eldest_age:", "eldest_age"),
        ("policy/25-00092/decision.yaml", r"day: 2026-02-18", "day: 2026-02-19", "standing"),
        ("policy/25-00092/decision.yaml", r"status: taken", "status: proposed", None),
        ("policy/25-00092/decision.yaml", r"documents: \[decision-page-25-00092\]", "documents: [report]", "documents"),
    ],
)
def test_a_locked_decision_does_not_change_without_a_note(
    desk: Path, file: str, pattern: str, by: str, mends: str | None
) -> None:
    """A figure, a name, a date, the standing, the papers; and with a note for that very thing it may, once."""
    replace(desk, file, pattern, by)
    found = lock.check(corpora.load(desk))
    assert {problem.code for problem in found if not problem.warning} == {"locked"}
    assert file in {problem.place.file for problem in found} or mends in (None, "documents")
    if mends is None:
        return
    note = "".join(
        f"  - {{id: c{n}, mends: {name}, says: x, because: x, corrected_on: 2026-11-27, by: The team, from: 2025-04-01}}\n"
        for n, name in enumerate({mends, "oldest_age"} if mends == "eldest_age" else {mends})
    )
    decision = "25-00092" if mends in ("documents", "standing") else "24-00120"
    made = desk / "policy" / decision / "corrections.yaml"
    earlier = made.read_text(encoding="utf-8") if made.is_file() else "corrections:\n"
    made.write_text(earlier + note, encoding="utf-8")
    assert [problem.code for problem in lock.check(corpora.load(desk))] == ["not-locked"]
    made = lock.renewed(corpora.load(desk))
    from senpolicy.writing import locking

    before = state(desk / "policy")
    files.put(desk, locking.texts(corpora.load(desk)))
    assert lock.check(corpora.load(desk)) == []
    assert {number: one.file for number, one in lock.locks_of(corpora.load(desk)).items()} == made
    now = state(desk / "policy")
    assert [name for name, text in now.items() if before[name] != text] == [f"{decision}/lock.yaml"]
    kept = iter(now[f"{decision}/lock.yaml"].splitlines())
    assert all(line in kept for line in before[f"{decision}/lock.yaml"].splitlines()), (
        "lines are added, none is changed"
    )
    if "2025-08-30" in by:
        replace(desk, file, r"value: 2025-08-30", "value: 2025-08-29")
        assert "locked" in {problem.code for problem in lock.check(corpora.load(desk))}, (
            "an old note mends no new change"
        )


@pytest.mark.parametrize(
    ("file", "pattern", "by"),
    [
        ("policy/24-00117/parameters.yaml", r"value: 35000000.00", "value: 35000000"),
        ("policy/24-00120/parameters.yaml", r"(  oldest_age:\n    label: .*\n)(    unit: .*\n)(    value: .*\n)", r"\1\3\2"),
        ("policy/24-00120/parameters.yaml", r"value: 2025-08-31", "value: 2025-08-31   # inclusive"),
        ("policy/24-00120/decision.yaml", r"documents: \[report, prod,", "documents: [prod, report,"),
        ("policy/documents.yaml", r"title: (Decision page of key decision 25/00092.*)$", r"title: >-\n      \1"),
    ],
)  # fmt: skip
def test_another_way_to_write_the_same_is_no_change(desk: Path, file: str, pattern: str, by: str) -> None:
    """Decimals, layout, comments, order: what was decided is what is said, not how it is written."""
    replace(desk, file, pattern, by)
    assert lock.check(corpora.load(desk)) == []


def test_labels_notes_and_open_points_are_not_locked(desk: Path) -> None:
    """They explain; what was decided is the value."""
    replace(desk, "policy/24-00120/parameters.yaml", r"label: The youngest age of the new process", "label: Youngest")
    replace(
        desk, "policy/24-00120/decision.yaml", r"title: Special Educational Needs \(SEN\) Funding System", "title: x"
    )
    assert lock.check(corpora.load(desk)) == []


def test_a_mistake_is_mended_with_a_note_by_command(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    before = (desk / "policy/24-00120/parameters.yaml").read_text(encoding="utf-8")
    words = ("new", "correction", "24/00120", "oldest_age", "--says", "Was 15 (made up for a test).", "--because", "x",
             "--by", "The policy team", "--from", "2025-04-01", "--value", "14")  # fmt: skip
    status, said = run(capsys, desk, *words)
    assert (status, "not in the lock yet" in said) == (0, True), said
    after = (desk / "policy/24-00120/parameters.yaml").read_text(encoding="utf-8")
    assert sum(one != other for one, other in zip(before.splitlines(), after.splitlines(), strict=True)) == 1
    assert run(capsys, desk, "lock", "--check")[0] == 1
    assert run(capsys, desk, "lock")[0] == 0
    assert run(capsys, desk, "lock", "--check")[0] == 0


def test_the_first_file_of_its_kind_finds_its_schema_too(desk: Path) -> None:
    """A command that starts such a file has none of the same kind to take the line from."""
    for path in (desk / "policy").glob("*/corrections.yaml"):
        path.unlink()
    file = "policy/24-00120/corrections.yaml"
    assert files.heading(desk, file) == []
    shutil.copytree(ROOT / "schemas", desk / "schemas")
    assert files.heading(desk, file) == ["# yaml-language-server: $schema=../../schemas/policy-corrections.schema.json"]


# Tidying

UNTIDY = """\
# The head of the file stays at the top.
parameters:
    # what it is for
    one:
        unit: pounds   # pounds, not pence
        # above the label
        label: One
        source: {paragraph: "1", document: report}

        value: 1.00
        note: >-
          folded
          text
    another: {unit: count, label: Two, value: 2, source: {document: report, paragraph: "1"}}
"""
TIDY = """\
# The head of the file stays at the top.
parameters:
  # what it is for
  one:
    # above the label
    label: One
    unit: pounds   # pounds, not pence

    value: 1.00
    source: {paragraph: "1", document: report}
    note: >-
      folded
      text
  another: {unit: count, label: Two, value: 2, source: {document: report, paragraph: "1"}}
"""


def test_a_file_is_put_in_order_with_every_comment_and_twice_is_as_once() -> None:
    name = "policy/24-00120/parameters.yaml"
    assert tidying.tidy_text(UNTIDY, name) == TIDY
    assert tidying.tidy_text(TIDY, name) == TIDY


def test_items_of_a_list_keep_their_dash_and_their_comments() -> None:
    text = ("readings:\n# of the first\n- point: P\n  # why its id\n  id: R\n  adopted_on: 2026-11-24\n  by: The team\n"
            "  says: x\n  because: x\n")  # fmt: skip
    made = tidying.tidy_text(text, "policy/readings.yaml")
    assert made == ("readings:\n  # of the first\n  # why its id\n  - id: R\n    point: P\n    adopted_on: 2026-11-24\n"
                    "    by: The team\n    says: x\n    because: x\n")  # fmt: skip


def turned(data: Any) -> Any:
    """Return plain data with the keys of each map the other way round."""
    if isinstance(data, dict):
        return {key: turned(one) for key, one in reversed(data.items())}
    return [turned(one) for one in data] if isinstance(data, list) else data


def as_turned(data: Any, other: Any, under: str = "") -> Iterator[str]:
    """Yield under which keys of two texts' data a map has its keys the other way round; the data must be the same."""
    if isinstance(data, dict):
        keys, others = list(data), list(other)
        assert keys in (others, others[::-1]), under
        if keys != others:
            yield under
        for key, one in data.items():
            yield from as_turned(one, other[key], key)
    elif isinstance(data, list):
        assert len(data) == len(other)
        for one, two in zip(data, other, strict=True):
            yield from as_turned(one, two, under)
    else:
        assert data == other


#: Whose keys are names that the author gives: their order is the author's.
OWN_NAMES = {"parameters", "documents", "open_points", "facts", "answers", "values", "figures", "columns", "terms", "locked",
             "allows", "gives", "into", "expect", "case", "charge", "amnesty", "groups", "source"}  # fmt: skip


@pytest.mark.parametrize("folder", ["toy", "toy_further", "toy_later"])
@pytest.mark.parametrize("indent", [2, 4])
def test_every_key_is_put_in_its_place_again_and_takes_its_comment_along(folder: str, indent: int) -> None:
    """Of each kind of file, with the keys turned round, lists that are not indented, and a comment above each key."""
    tried = 0
    for path in sorted((ROOT / "tests" / folder).rglob("*.yaml")):
        name = path.relative_to(ROOT / "tests" / folder).as_posix()
        if tidying.model_of(name) is None:
            continue
        # Written out in lines: what is in brackets has no order of its own.
        plain = yaml.safe_dump(
            yaml.safe_load(path.read_text(encoding="utf-8")), sort_keys=False, allow_unicode=True, width=1000
        )
        data = yaml.safe_load(tidying.tidy_text(plain, name))
        text = yaml.safe_dump(turned(data), sort_keys=False, allow_unicode=True, indent=indent, width=1000)
        # What is above the first key of a map is its head, and stays there.
        text = re.sub(r"(?<![:])\n( *)([\w/-]+):", r"\n\1# about \2\n\1\2:", text)
        made = tidying.tidy_text(text, name)
        assert {*as_turned(yaml.safe_load(made), data)} <= OWN_NAMES, name
        assert re.findall(r"# about (\S+)\n *(?:- )?(?! |- |\1:)(.*)", made) == [], name
        assert tidying.tidy_text(made, name) == made
        tried += 1
    assert tried > 6


def test_what_a_comment_belongs_to_is_not_guessed() -> None:
    text = TIDY.replace("    label: One\n", "").replace(
        "      text\n", "      text\n    label: One\n    # about what?\n"
    )
    with pytest.raises(PolicyError, match="cannot be told"):
        tidying.tidy_text(text, "policy/24-00120/parameters.yaml")


def test_every_file_of_the_repository_is_in_order() -> None:
    """What `make lint` would otherwise have to say to the next officer about a file that they did not touch."""
    assert tidying.tidy(ROOT) == ({}, [])


@pytest.mark.walk
def test_tidying_changes_bytes_and_never_what_is_loaded(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    for name in ("policy/24-00120/decision.yaml", "policy/readings.yaml"):
        path = desk / name
        path.write_text(path.read_text(encoding="utf-8").replace("\n  ", "\n    "), encoding="utf-8")
    was = corpora.load(desk)
    assert run(capsys, desk, "fmt", "--check")[0] == 1
    assert run(capsys, desk, "fmt")[0] == 0
    now = corpora.load(desk)
    assert (was.files_digest != now.files_digest, was.files == now.files) == (True, True)
    assert run(capsys, desk, "fmt", "--check")[0] == 0


def test_fmt_writes_nothing_where_it_is_asked_to_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit 1 and the command to run where a file is not in order; 0, and not a word of a command, where all are."""
    root = toy(tmp_path)
    assert run(capsys, root, "fmt", "--check") == (0, "")
    replace(root, "policy/readings.yaml", r"^    by: .*\n", "")
    replace(root, "policy/readings.yaml", r"^    point: ", "    by: The library committee\n    point: ")
    before = state(root)
    said = "Not in order: policy/readings.yaml\n  help: senpolicy fmt\n"
    assert run(capsys, root, "fmt", "--check") == (1, said)
    assert state(root) == before
    assert run(capsys, root, "fmt") == (0, "Tidied: policy/readings.yaml\n")
    assert state(root) == state(TOY)
    replace(root, "policy/readings.yaml", r"^    by: .*\n", "    # why\n\n    by: [x\n")
    assert run(capsys, root, "fmt")[0] == run(capsys, root, "fmt", "--check")[0] == 1


def test_nothing_is_left_half_written(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two files cannot be put in place: the first is as it was, and no draft or folder is left."""
    before, times = state(desk), []

    def fails(self: Path, target: Path) -> Path:
        times.append(target)
        if len(times) == 2:
            raise OSError(28, "No space left on device")
        shutil.copyfile(self, target)
        self.unlink()
        return target

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(PolicyError, match="Nothing was changed"):
        files.put(
            desk, {"policy/readings.yaml": "readings: []\n", "policy/26-00041/decision.yaml": "number: 26/00041\n"}
        )
    assert state(desk) == before
    assert not (desk / "policy/26-00041").exists()


def test_questions_that_nobody_is_there_to_answer_are_named_with_their_option(
    capsys: pytest.CaptureFixture[str], desk: Path
) -> None:
    status, said = run(capsys, desk, "new", "case", "24/00026", "--file", "x")
    assert (status, "--name" in said) == (2, True)


def test_the_answer_of_a_rule_is_written_in_its_language() -> None:
    from senpolicy.cli.writing import read_test

    assert read_test("age  at_least $youngest_age") == Flow(fact="age", at_least="$youngest_age")
    assert read_test("plan one_of ehcp,sen_support because A plan.")["one_of"] == ["ehcp", "sen_support"]
    assert read_test("existing_claim is true")["is"] is True
    for wrong in ("age", "age atleast 5", "age at_least"):
        with pytest.raises(WrongUse):
            read_test(wrong)


def test_a_document_and_its_paragraph_are_told_apart() -> None:
    assert new.Cited.of("report 3.20").paragraph == "3.20"
    with pytest.raises(WrongUse):
        new.Cited.of("report")
    assert json.dumps(new.Cited.of("eqia Parent and Carers").flow())


@pytest.mark.slow
def test_what_is_written_is_tried_as_it_counts_and_not_beside_proposals_alone(desk: Path) -> None:
    """25/00108 has versions of its own from September 2026: they must not hide a gap in those that are taken."""
    base = sound(corpora.load(desk))
    later = "  - from: $tariff_start\n    decision: 24/00120\n"
    text = (desk / "rules/protection.yaml").read_text(encoding="utf-8")
    before, after = text.split(later)
    rows = re.sub(r"^      - id: transition-over\n(?:       .*\n)+", "", after, count=1, flags=re.M)
    (desk / "rules/protection.yaml").write_text(before + later + rows, encoding="utf-8")
    assert rows != after
    assert "gap" in {problem.code for problem in _check_beside(base)(desk)}


# What is written passes check, fmt and prove

AT = ("--source", "week 1")
#: Each command that writes, one after another, over the toy policy.
STEPS: list[tuple[str, ...]] = [
    ("new", "decision", "fines-2027", "--title", "A week of grace", "--taken-on", "2026-07-06", "--does", "Changes it.",
     *AT, "--document-title", "Notice of a week", "--publisher", "The made-up library"),
    ("new", "parameter", "fines-2027", "week_start", "--label", "The first day", "--unit", "date", "--value",
     "2026-09-01", *AT),
    ("new", "parameter", "fines-2027", "week_days", "--label", "Days that are free", "--unit", "count", "--value", "7", *AT),
    ("new", "parameter", "fines-2027", "most_charged", "--value", "4.00", "--from", "2026-09-01", *AT),
    ("new", "parameter", "fines-2027", "young_share", "--value", "0.25", "--reaches-back", "--note", "Meant so.", *AT),
    ("new", "open-point", "fines-2027", "W1-half-days", "--title", "Whether half a day counts", "--says",
     "The notice counts days.", *AT, "--settle", "A word in the notice.", "--allows-text", "whole days alone"),
    ("new", "answer", "handling", "--decision", "fines-2027", "--from", "week_start", "--of", "late", "--when",
     "days_late at_most $week_days", "--answer", "let_off", "--id", "within-a-week", "--says", "A week is free.", *AT),
    ("new", "answer", "charge", "--decision", "fines-2027", "--from", "week_start", "--of", "half-by-the-day",
     "--answer", "owed", "--id", "quarter", "--gives", "to_pay={of: run_up, share: $young_share, round: up}", "--says",
     "A part of the fine is charged.", *AT),
    ("new", "answer", "amnesty", "--decision", "fines-2027", "--from", "week_start", "--of", "others", "--answer",
     "asked", "--answer-label", "The card stays open where a reader asks.", "--id", "asked", "--says", "On request.", *AT),
    ("new", "settlement", "fines-2027", "D1-which-days-count", "--from", "2026-09-01", "--by", "D1-closed-days-count", *AT),
    ("new", "correction", "fines-2024", "grace_days", "--says", "It is 4.", "--because", "The byelaws say so.", "--by",
     "The library committee", "--from", "2024-01-01", "--on", "2026-07-07", "--value", "4"),
    ("lock",),
]  # fmt: skip


@pytest.mark.slow
def test_each_command_writes_what_check_fmt_and_prove_let_pass(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """From a decision to its rules, its values with days, an answer more, and what it settles."""
    root = toy(tmp_path)
    for words in STEPS:
        status, said = run(capsys, root, *words)
        assert status == 0, (words, said)
        assert tidying.tidy(root) == ({}, []), words
        found = [*check(corpora.load(root)), *lock.check(corpora.load(root))]
        assert [one for one in found if not one.warning] == [], words
    for look in (("check",), ("prove", "--strict")):
        status, said = run(capsys, root, *look)
        assert status == 0, (look, said)
    corpus = corpora.load(root)
    values = dict(corpus.parameters["most_charged"])
    assert (values["fines-2027"].start, values["fines-2027"].label) == (date(2026, 9, 1), values["fines-2024"].label)
    assert corpus.facts.facts["days_late"].limits == ["grace_days", "week_days"]
    assert corpus.questions["amnesty"].answers["asked"] == "The card stays open where a reader asks."
    (row,) = (one for one in corpus.questions["charge"].versions[-1].answers if one.id == "quarter")
    assert row.gives["to_pay"] == Portion(of="run_up", share="$young_share", round="up")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("most_charged", "--value", "4.00"), "'most_charged' is £5 until then. The first day on which this value"),
        (("most_charged", "--value", "-4.00", "--from", "2026-09-01"), "below 0"),
        (("most_charged", "--value", "4.00", "--from", "2024-09-01"), "was not taken before 2026"),
        (("most_charged", "--value", "4.00", "--reaches-back"), "Say in 'note' why"),
        (("most_charged", "--unit", "count", "--value", "4", "--from", "2026-09-01"), "Use one unit"),
    ],
)  # fmt: skip
def test_a_later_value_is_written_with_its_day_or_not_at_all(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    root = toy(tmp_path)
    replace(root, "policy/fines-2026/decision.yaml", r"^taken: .*$", "taken: {day: 2026-02-02}")
    before = state(root)
    status, said = run(capsys, root, "new", "parameter", "fines-2026", *words, "--source", "notice 1")
    assert status != 0
    assert says in said
    assert state(root) == before


def test_a_value_that_was_left_open_settles_its_point(tmp_path: Path) -> None:
    """One value after another is added to what settles the point, and what is left open is said until the last."""
    root, source = copied(tmp_path), new.Cited("report", "3.20")
    made = new.NewDecision("26/00041", "Made up", "taken", [("x", "Sets weights.", source)], (), date(2026, 11, 3))
    wanted = {"weight_idaci": "0.50", "weight_looked_after": "0.30", "weight_low_prior_attainment": "0.20"}
    steps: list[new.Texts] = [new.decision(corpora.load(root), made)]
    for name, value in wanted.items():
        files.put(root, tidying.in_order(steps[-1]))
        leaves = "The other weights." if name != "weight_low_prior_attainment" else None
        steps.append(new.parameter(corpora.load(root), new.NewValue(
            "26/00041", name, "A weight", "share", value, source, date(2027, 4, 1), leaves=leaves)))  # fmt: skip
    files.put(root, tidying.in_order(steps[-1]))
    corpus = sound(corpora.load(root))
    (one,) = corpus.decisions["26/00041"].settles
    assert (one.point, one.by, one.start, one.leaves) == (
        "C4-weights-of-the-basket", [f"${name}" for name in wanted], date(2027, 4, 1), None
    )  # fmt: skip
    assert tidying.tidy(root) == ({}, [])


def test_a_new_edition_begins_with_what_another_says(tmp_path: Path) -> None:
    root = copied(tmp_path)
    asked = new.NewEdition("continuum-2027", "continuum-draft-2025-06", "The Continuum of 2027 (made up)", "draft",
                           new.Cited("report", "3.16"), "24/00120")  # fmt: skip
    files.put(root, tidying.in_order(new.edition(corpora.load(root), asked)))
    editions = sound(corpora.load(root)).editions
    was, made = editions["continuum-draft-2025-06"], editions["continuum-2027"]
    assert (made.title, made.levels, made.source.paragraph) == (asked.title, was.levels, "3.16")
    assert tidying.tidy(root) == ({}, [])
    later = replaced(asked, id="continuum-2028", of="illustrative", start="tariff_start")
    files.put(root, tidying.in_order(new.edition(corpora.load(root), later)))
    made = sound(corpora.load(root)).editions["continuum-2028"]
    assert (made.replaces, made.start, made.levels) == (asked.of, "$tariff_start", editions["illustrative"].levels)
    for wrong, why in (
        (replaced(asked, id="y", start="tariff"), "not a parameter"),
        (replaced(asked, id="y", decision=None, start="tariff_start"), "which decision brings it"),
        (replaced(asked, id="y", of="x"), "not an edition"),
        (replaced(asked, id=asked.of), "stays as it is"),
    ):
        with pytest.raises(WrongUse, match=why):
            new.edition(corpora.load(root), wrong)


@pytest.mark.parametrize(
    ("title", "day", "says"),
    [("A week of grace", "2062-07-06", "a day that is still to come"), ("Of UPN A123456789012", "2026-07-06", "")],
)
def test_a_decision_of_a_day_to_come_or_with_a_child_s_number_is_not_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, title: str, day: str, says: str
) -> None:
    """The check refuses both, so neither is written."""
    root = toy(tmp_path)
    before = state(root)
    status, said = run(capsys, root, "new", "decision", "fines-2027", "--title", title, "--taken-on", day, "--does",
                       "Changes it.", "--source", "notice 1")  # fmt: skip
    assert (status, state(root)) == (1, before), said
    assert says in said


@pytest.mark.parametrize("words", [("new", "parameter", "fines-2026", "x"), ("fmt",), ("lock",), ("upgrade",)])
def test_nothing_is_written_into_an_installed_copy(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    """The next installation would undo it; to look is allowed."""
    root = toy(tmp_path / "lib" / "site-packages")
    before = state(root)
    status, said = run(capsys, root, *words)
    assert (status, state(root)) == (2, before)
    assert "the copy of an installed package" in said
    if words != ("new", "parameter", "fines-2026", "x"):
        assert run(capsys, root, *words, "--check")[0] in (0, 1)
