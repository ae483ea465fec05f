"""All problems in one run: between the files too while one of them cannot be read, and never one that only follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from copies import copied
from golden_files import FROZEN
from mistaking import Copy, Mistake, every
from running import senpolicy
from senpolicy.checking.recovery import check_all
from senpolicy.files.problems import PolicyError, Problem
from senpolicy.policy import corpus as corpora
from senpolicy.policy.layout import NEEDED

PARAMETERS = "policy/24-00120/parameters.yaml"
POINTS = "policy/24-00120/open-points.yaml"
MODERATION = "rules/moderation.yaml"
SCOPE = "rules/scope.yaml"
SCENARIO = "policy/scenarios/illustrative.yaml"
READINGS = "policy/readings.yaml"
FACTS = "rules/facts.yaml"
PROPERTIES = "rules/properties.yaml"
BACKGROUND = "policy/24-00120/background.yaml"
TAKEN, OTHER, BEFORE = (f"policy/{name}/decision.yaml" for name in ("24-00117", "26-00014", "before-24-00120"))
REPLACED = 'status: replaced\nsince: 2025-04-01\nshown_by: {document: report, paragraph: "3.20", lines: "167"}'
Change = Callable[[str], str]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the policy, in which each test puts back what it changed."""
    return Copy(tmp_path_factory.mktemp("partly"))


@contextmanager
def changed(copy: Copy, changes: dict[str, Change]) -> Iterator[list[Problem]]:
    """Change files of the copy, give every problem of the policy, and put the files back."""
    before = {file: (copy.root / file).read_bytes() for file in changes}
    try:
        for file, change in changes.items():
            (copy.root / file).write_text(change(before[file].decode()), encoding="utf-8")
        yield [one for one in copy.problems(READINGS, deep=False) if not one.warning]
    finally:
        for file, text in before.items():
            (copy.root / file).write_bytes(text)


def put(old: str, new: str, times: int = 1) -> Change:
    """Return the change of one text into another, which must be there."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, times)

    return change


def both(first: Change, second: Change) -> Change:
    """Return two changes as one."""
    return lambda text: second(first(text))


def codes(problems: list[Problem]) -> set[tuple[str, str]]:
    return {(one.place.file, one.code) for one in problems}


COMMA = put("value: 2025-08-31", "value: 2025-8-31")
SETTING = put("{fact: setting, one_of: [pupil", "{fact: seting, one_of: [pupil")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # A value that is no date, and in another file a fact mistyped.
        ({PARAMETERS: COMMA, SCOPE: SETTING}, {(PARAMETERS, "date"), (SCOPE, "unknown-fact")}),
        # A fact mistyped beside a question that cannot be read: that one is listed, so it is still known.
        ({"rules/route.yaml": lambda _: "\tx", SCOPE: SETTING}, {("rules/route.yaml", "tab"), (SCOPE, "unknown-fact")}),
        # A level mistyped in a policy of which the readings cannot be read.
        ({READINGS: lambda _: "\tx", PARAMETERS: put("- wider_support_and_strategies", "- wider")},
         {(READINGS, "tab"), (PARAMETERS, "unknown-value")}),
        # A decision that does not say all of its standing, and one that is put in force and is replaced, beside another
        # decision that cannot be read.
        ({OTHER: lambda _: "\tx", TAKEN: put("status: taken", "status: called_in"), BEFORE: put(REPLACED, "status: in_force")},
         {(OTHER, "tab"), (TAKEN, "later-standing"), (BEFORE, "later-standing")}),
        # An open point that is only a note, beside points that cannot be read.
        ({"policy/24-00117/open-points.yaml": lambda _: "\tx", MODERATION: put("point: G2-moderation-above-the-trigger", "point: A5-exceeds-or-at-least")},
         {("policy/24-00117/open-points.yaml", "tab"), (MODERATION, "point-does-not-block")}),
    ],
)  # fmt: skip
def test_what_is_wrong_between_files_is_said_in_the_same_run(
    copy: Copy, changes: dict[str, Change], expected: set[tuple[str, str]]
) -> None:
    """Mending one thing only to be told of the next is how an afternoon goes."""
    with changed(copy, changes) as found:
        assert codes(found) == expected, found


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({PARAMETERS: lambda _: "\tx", MODERATION: put("$moderation_trigger", "$moderation_triger", 9)}, {(PARAMETERS, "tab")}),
        ({PARAMETERS: COMMA, MODERATION: put("$moderation_trigger", "$moderation_triger", 9)}, {(PARAMETERS, "date")}),
        ({PARAMETERS: put("  moderation_trigger:", "  moderation trigger:")}, {(PARAMETERS, "wording")}),
        ({READINGS: put("    point: A2", "    piont: A2")}, {(READINGS, "unknown-word")}),
        ({SCENARIO: put("settles:\n", "settels:\n")}, {(SCENARIO, "unknown-word")}),
        ({FACTS: put("  setting:\n    label:", "  setting:\n    lable:")}, {(FACTS, "unknown-word")}),
    ],
)  # fmt: skip
def test_a_name_is_not_called_unknown_where_it_may_stand_in_what_was_not_read(
    copy: Copy, changes: dict[str, Change], expected: set[tuple[str, str]]
) -> None:
    """A hundred messages that all come from one would hide it."""
    with changed(copy, changes) as found:
        assert codes(found) == expected, found


FILES = [path.relative_to(FROZEN).as_posix() for path in corpora.paths(FROZEN)]
SOME = {*NEEDED, PARAMETERS, "policy/24-00120/decision.yaml", "rules/amount.yaml"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        pytest.param(one, text, marks=[] if one in SOME and text == "a: b\n" else pytest.mark.mistakes)
        for one in FILES
        for text in ("a: b\n", "\tx")
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(copy: Copy, file: str, text: str) -> None:
    """Whichever it is, and whether its YAML or its shape is at fault: nothing else is blamed for it."""
    with changed(copy, {file: lambda _: text}) as found:
        assert {one.place.file for one in found} == {file}, found


@pytest.mark.mistakes
@pytest.mark.parametrize("mistake", [one for one in every() if not one.deep], ids=lambda one: one.what)
def test_of_a_mistake_that_keeps_a_file_from_being_read_nothing_else_is_said(mistake: Mistake, copy: Copy) -> None:
    """Each mistake of the corpus stands alone, so whatever else were said would only follow from it.

    `check` may help with more than `decide` can: it knows the words of the other files.
    """
    with copy.wrong(mistake), copy.remembering():
        said = check_all(copy.root)
        if said.corpus is None:
            with pytest.raises(PolicyError) as raised:
                corpora.load(copy.root)
            first, second = (
                {(one.place, one.code, one.message) for one in found}
                for found in (said.problems, raised.value.problems)
            )
            assert first == second


def test_without_a_fault_of_reading_the_two_ways_to_read_say_the_same(copy: Copy) -> None:
    """`decide` stops at the first stage that fails; `check` does not, and must not say less."""
    with changed(copy, {PARAMETERS: COMMA, SCOPE: put("age, below: $early", "age, bellow: $early")}) as found:
        with pytest.raises(PolicyError) as raised:
            corpora.load(copy.root)
        assert set(raised.value.problems) == set(found)
    sound = check_all(copy.root)
    assert (sound.left_out, sound.corpus is not None) == ("", True)


def test_the_report_says_in_one_line_that_more_may_be_found(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Green after the next mend is not promised; and what may tell who a child is is found whatever else is wrong."""
    copied(tmp_path, FROZEN)
    path = tmp_path / PARAMETERS
    path.write_text(COMMA(path.read_text(encoding="utf-8")), encoding="utf-8")
    cases = tmp_path / "tests" / "cases"
    cases.mkdir(parents=True)
    (cases / "c.yaml").write_text("note: jane" + chr(64) + "school.test\n", encoding="utf-8")
    status, _, said = senpolicy(capsys, "check", "--root", str(tmp_path))
    assert status == 1
    assert "[identifies-a-child]" in said
    assert said.splitlines()[-2:] == [
        "One file could not be read whole: more may be found once that is mended.", "2 problems, no warnings."
    ]  # fmt: skip
    path.write_text((FROZEN / PARAMETERS).read_text(encoding="utf-8"), encoding="utf-8")
    (cases / "c.yaml").unlink()
    rule = tmp_path / SCOPE
    rule.write_text(SETTING(rule.read_text(encoding="utf-8")), encoding="utf-8")
    status, _, said = senpolicy(capsys, "check", "--root", str(tmp_path))
    assert status == 1
    assert "Rules and cases are tried once that is mended: more may be found then.\n" in said
