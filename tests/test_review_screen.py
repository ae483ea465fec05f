"""The first screen of a review: within its bounds whatever a change does, and right about what changes for whom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from copies import copied, toy
from golden_files import ROOT
from review_changes import TWENTY
from senpolicy.checking.opening import AS_IT_IS
from senpolicy.cli import changing
from senpolicy.comparing.review import END, MARK
from senpolicy.comparing.screen import MOST_CHARACTERS, MOST_LINES, WIDEST, Screen, cut

LONG = "a sentence of many words that goes on, and on, about `a_value` and **what is bold**, " * 6


def first_screen(text: str) -> str:
    """What is read before the first fold; or all, but for the last line."""
    return text.split("<details>")[0].removesuffix(f"{END}\n")


def assert_within_bounds(screen: str) -> None:
    lines = screen.splitlines()
    assert lines[0] == MARK
    assert len(lines) <= MOST_LINES == 25
    assert len(screen) <= MOST_CHARACTERS == 2_500
    assert max(map(len, lines)) <= WIDEST == 200
    for line in lines:
        assert line.count("**") % 2 == 0, line
        assert line.count("`") % 2 == 0, line


@pytest.mark.slow
@pytest.mark.parametrize("change", TWENTY)
def test_the_first_screen_says_what_changes_for_whom(tmp_path: Path, change: str) -> None:
    """Twenty changes of every kind: a person who reads no further than the fold is told the truth, and enough of it."""
    told = TWENTY[change]
    base, head = copied(tmp_path / "base"), copied(tmp_path / "head")
    told.write(head)
    found = changing._review(("base", base), ("head", head), None, 2_000, AS_IT_IS, None)
    text = found.markdown()
    screen = first_screen(text)
    assert_within_bounds(screen)
    for word in told.words:
        assert word in screen, screen
    assert ("**Proved: no decision changes.**" in screen) is told.alike
    assert text.count("<details>") == text.count("</details>") >= 1
    assert text.endswith(f"{END}\n")


@pytest.mark.parametrize("many", [0, 1, 3, 40])
@pytest.mark.parametrize("long", [1, 40])
def test_whatever_is_told_the_screen_keeps_its_bounds(many: int, long: int) -> None:
    """The longest sentences, and any number of them: lines go before they are cut short, and how many is told."""
    said = [LONG[: 12 * long]] * many
    screen = Screen(LONG[:150], said, said, said, said, said, said, said)
    lines = [MARK, "## What this change does", "", *screen.lines(), ""]
    text = "\n".join(lines) + "\n"
    assert_within_bounds(text)
    assert "more, below" in text or many < 40


def test_what_is_cut_short_ends_what_it_began() -> None:
    assert cut("A short one.", 20) == "A short one."
    assert cut("**Bold and long, and longer** than a line", 20) == "**Bold and** …"
    assert cut("It is `a_value_of_many_words` there", 20) == "It is …"
    assert len(cut(LONG, 120)) <= 120


def test_a_cause_is_told_once(tmp_path: Path) -> None:
    """What follows is named on the screen, and told below it; the whole is exactly there, and folded."""
    base = toy(tmp_path / "base")
    head = toy(tmp_path / "head", ("policy/fines-2024/parameters.yaml", r"value: 3$", "value: 4"))
    text = changing._review(("base", base), ("head", head), None, None, AS_IT_IS, None).markdown()
    screen, following, whole = text.split("<details>")
    assert_within_bounds(screen)
    assert "**Handling changes** on every day, where" in screen
    assert "days late: 4" in screen
    assert "from fined to let off" in screen
    assert "Follows from that, folded below: charge" in screen
    assert "Decided at all changes too" in screen
    assert "Charge" not in screen
    assert "**Charge**, in " in following
    assert re.search(r"\d+ kinds of case are decided otherwise", whole)
    assert "One such case:" in whole


def test_what_the_files_of_this_repository_say_of_reviews() -> None:
    """The how-to names what the screen holds."""
    text = (ROOT / "docs/how-to/compare-two-versions.md").read_text(encoding="utf-8")
    assert "one screen" in text
