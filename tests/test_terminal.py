"""Writing by answering questions, as an officer does at a terminal: each kind, a wrong answer, and changing one's mind."""

from __future__ import annotations

from pathlib import Path

import pytest

from copies import state
from senpolicy.checking import golden
from senpolicy.policy import corpus as corpora
from terminal import CTRL_C, talk

Answers = list[tuple[str, str]]


DECISION: Answers = [
    ("Its title: ", "A made-up decision (nobody took it)"),
    ("The day on which it was taken", "03/11/2026"),
    ("'03/11/2026' is not a day. Write year, month, day: 2026-09-01.", "2026-11-03"),
    ("What it does, in one plain sentence: ", ""),  # Asked again: it is needed.
    ("What it does, in one plain sentence: ", "Sets a made-up rate."),
    ("Where that is written", "made-up-record"),
    ("names no paragraph", "made-up-record 2"),
    ("'made-up-record' is new here. Its title: ", "A made-up record"),
    ("Who published it: ", "Nobody"),
    ("Its date", "3 November"),
    ("is not a day", ""),
    ("Where a person finds it", ""),
]


def test_a_person_who_changes_their_mind_leaves_nothing_behind(desk: Path) -> None:
    """Ctrl+C at a question in the middle: no folder, no half a file, and no traceback."""
    before = state(desk)
    status, shown = talk(("new", "decision", "26/00041"), [*DECISION[:6], ("names no paragraph", CTRL_C)], desk)
    assert status not in (0, None)
    assert "Aborted" in shown
    assert "Traceback" not in shown
    assert state(desk) == before


@pytest.mark.walk
def test_every_kind_is_written_from_answers_and_a_wrong_one_is_asked_for_again(desk: Path) -> None:
    """Decision, value, open point, answer, case, correction and reading, one after the other, with nothing but answers."""

    def told(words: tuple[str, ...], answers: Answers) -> None:
        status, shown = talk(words, answers, desk)
        assert status == 0, shown
        assert "Written: " in shown

    told(("new", "decision", "26/00041"), DECISION)
    told(("new", "parameter", "26/00041", "made_up_start"), [
        ("What it is", "The first day (made up)"),
        ("Its unit", "day"),
        ("'day' is not a unit.", "date"),
        ("Its value (such as 2026-09-01)", "1 April 2027"),
        ("is not a date", "2027-04-01"),
        ("Where it is written", "nowhere 2"),
        ("'nowhere' is not a document of this policy.", "made-up-record 2"),
    ])  # fmt: skip
    told(("new", "parameter", "26/00041", "made_up_rate"), [
        ("What it is", "A rate (made up)"),
        ("Its unit", "pounds_a_year"),
        ("Its value (in plain figures", "7,500"),
        ("'7,500' is not a plain number.", "7500.00"),
        ("Where it is written", "made-up-record 2"),
    ])  # fmt: skip
    told(("new", "open-point", "26/00041", "Z1-made-up"), [
        ("What is open", "What is open (made up)"),
        ("Where the text clashes", "It does not say (made up)."),
        ("Where: document", "made-up-record"),
        ("names no paragraph", "made-up-record 3"),
        ("What it would take", "A word of nobody (made up)."),
    ])  # fmt: skip
    told(("new", "answer", "amount"), [
        ("The number of the decision", "26/0004"),
        ("'26/0004' is not a decision of this policy. Did you mean '26/00041'?", "26/00041"),
        ("The name of the date", "made_up_rate"),
        ("'made_up_rate' is not a date of this policy.", "made_up_start"),
        ("The row, or open point", "P-tariff-rate"),
        ("Did you mean 'P-tariff-rates'?", "P-tariff-rates"),
        ("Which of its cases", "plan be ehcp"),
        ("is not a test", ""),
        ("What they are answered instead", "knwon"),
        ("'knwon' is not an answer of 'amount'. Did you mean 'known'?", "known"),
        ("The reason", "The made-up rate is paid."),
        ("Where that is written", "made-up-record 2"),
        ("'known' goes with 'pounds_a_year'", "$made_up_rate"),
    ])  # fmt: skip
    told(("new", "case", "24/00026"), [
        ("The file that it goes into", "Made up"),
        ("is not the name of a file", "made-up"),
        ("What it shows", "A special school goes on (made up)"),
        ("On which document", "report"),
        ("names no paragraph", "report 3.7"),
        ("A fact of it", "settings=special"),
        ("Did you mean 'setting'?", "setting=special"),
        ("A fact of it", "decision_date"),
        ("is not a name and a value", "decision_date=2025-10-01"),
        ("A fact of it", ""),
        ("An expected answer", "routes=special_average_rate"),
        ("Did you mean 'route'?", "route=special_average_rate"),
        ("An expected answer", ""),
    ])  # fmt: skip
    told(("new", "correction", "24/00120", "oldest_age", "--value", "15"), [
        ("What was wrong", "Was 16 (made up)."),
        ("How one knows", "Made up for a test."),
        ("The role that corrects it", "Director Ann Example"),
        ("'Ann' is not a word of a role.", "The policy team"),
        ("The first day that it affects", "2025-31-01"),
        ("is not a day", "2025-04-01"),
    ])  # fmt: skip
    told(("adopt", "A1-rate-of-exactly-6000", "direct_existing_rate"), [
        ("The role that adopts it", "Ann Example"),
        ("This names no role.", "The moderation board"),
        ("The reason", "Made up for a test."),
    ])  # fmt: skip
    found = corpora.load(desk)
    assert found.order[-1] == "26/00041"
    assert [str(found.parameters[name][0][1].value) for name in ("made_up_start", "made_up_rate", "oldest_age")] == [
        "2027-04-01", "7500.00", "15"]  # fmt: skip
    assert found.open_points["Z1-made-up"][0] == "26/00041"
    assert found.questions["amount"].versions[-1].decision == "26/00041"
    assert found.readings[-1].by == "The moderation board"
    assert (desk / golden.FOLDER / "24-00026" / "made-up.yaml").is_file()


@pytest.mark.walk
@pytest.mark.parametrize(
    ("words", "answers"),
    [
        (("new", "parameter", "24/00026", "x"), [("What it is", "x"), ("Its unit", CTRL_C)]),
        (("new", "open-point", "24/00026", "Z1-x"), [("What is open", CTRL_C)]),
        (("new", "answer", "amount"), [("The number of the decision", CTRL_C)]),
        (("new", "case", "24/00026"), [("The file that it goes into", "x"), ("What it shows", CTRL_C)]),
        (("new", "correction", "24/00120", "oldest_age"), [("What was wrong", CTRL_C)]),
        (("adopt", "A1-rate-of-exactly-6000", "direct_existing_rate"), [("The role that adopts it", CTRL_C)]),
    ],
)
def test_whatever_is_being_written_nothing_is_left_of_it(desk: Path, words: tuple[str, ...], answers: Answers) -> None:
    before = state(desk)
    status, shown = talk(words, answers, desk)
    assert status not in (0, None)
    assert "Traceback" not in shown
    assert state(desk) == before


@pytest.mark.walk
def test_what_cannot_be_is_said_before_anything_is_asked(desk: Path) -> None:
    """Nobody answers ten questions to learn that the decision is not there."""
    status, shown = talk(("new", "parameter", "24/00027", "x"), [], desk)
    assert (status, "'24/00027' is not a decision of this policy. " in shown) == (2, True)
