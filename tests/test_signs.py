"""The signs that the engine grows no less simple: each bound of tools/signs/signs.yaml, and that the counting is right."""

from __future__ import annotations

import ast
import sys

import pytest

from golden_files import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import signs
from signs import code, loaded, rooms, words

HELD = [one for one in signs.every_sign() if one.held is not None]


@pytest.fixture(scope="module")
def today() -> dict[str, int]:
    return signs.figures(ROOT)


@pytest.mark.slow
def test_every_figure_is_a_sign_and_every_sign_has_a_figure(today: dict[str, int]) -> None:
    assert set(today) == {one.name for one in signs.every_sign()}


@pytest.mark.slow
@pytest.mark.parametrize("sign", HELD, ids=lambda one: one.name.replace(" ", "-"))
def test_no_sign_grows_above_its_bound(sign: signs.Sign, today: dict[str, int]) -> None:
    assert today[sign.name] <= sign.held, (
        "Make it fewer. The bound is in tools/signs/signs.yaml; make signs WORDS=1 shows phrases."
    )


def test_a_bound_is_no_further_than_its_aim_asks() -> None:
    """Once an aim is reached, it is what is held."""
    assert [one.name for one in HELD if one.aim is None or one.held < one.aim] == []


def test_a_statement_is_one_line_however_long_and_words_about_it_are_none() -> None:
    text = '"""Words."""\n\n# Why.\nx = [\n    1,\n    2,\n]\n\n\ndef f():\n    """Two\n    lines."""\n    return """a\n    b"""\n'
    assert code.logical_lines(text) == 3


def test_names_that_hide_a_type_are_counted_in_code_alone() -> None:
    text = '"""Any object."""\nfrom typing import Any\n\nx: Any = json.object  # Any\ny: dict[str, object] = {}\n'
    assert sorted(code.hiding_names(text)) == ["Any", "Any", "object"]


def test_only_the_cast_of_types_is_counted() -> None:
    assert (
        code.casts(ast.parse("cast(int, a)\ntyping.cast(int, a)\ncolumn.cast('int64')\nsqlalchemy.cast(a, b)\n")) == 2
    )


def test_an_import_in_a_function_in_a_function_is_counted_once() -> None:
    text = "import a\ndef f():\n    import b\n    def g():\n        from c import d\nclass C:\n    import e\n"
    assert code.inner_imports(ast.parse(text)) == 2


def test_rooms_in_a_circle_are_one_floor() -> None:
    arrows = {"a": {"b", "c"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}
    assert rooms.circles(arrows) == {frozenset("a"), frozenset("bc"), frozenset("d")}
    assert rooms.floors(arrows) == 3


def test_a_decision_loads_the_code_that_decides_and_none_of_the_rooms_above() -> None:
    found = {path.relative_to(ROOT / "engine" / "senpolicy").parts[0] for path in loaded.modules(ROOT)}
    assert {"readings", "deciding", "policy", "language"} <= found
    assert not found & {"site", "proving", "comparing", "explaining", "caseloads", "writing"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("This is no file of cases, and nought comes to nought.", 4),
        ("'x' Stands\n  twice: it is\n  no caseload.", 2),
        ("There is no file of cases here; the other is no longer needed.", 0),
        ("This is not understood, and outstanding.", 0),
    ],
)
def test_phrases_of_the_word_list_are_found_where_they_are_not_good_english(text: str, count: int) -> None:
    assert words.said(text) == count


def test_a_message_is_what_a_user_reads_and_a_docstring_is_not() -> None:
    text = '''"""A module stands."""
x = "stands"  # It stands.
y = f"The '{x}' stands {'and no more' if x else 'here'}."


@app.command("x")
def x():
    """Show what stands."""
    def y():
        """It stands."""
'''
    found = list(words.of_module(text))
    assert sorted(what for _, message, what in found if message) == [
        "Show what stands.",
        "The '…' stands ….",
        "and no more",
    ]
    assert sorted(what for _, message, what in found if not message) == [
        "# It stands.",
        "A module stands.",
        "It stands.",
    ]


def test_a_commit_that_is_not_here_is_told_without_a_traceback() -> None:
    with (
        pytest.raises(SystemExit, match="'no-such-commit' is not a commit of this repository"),
        signs.tree_of("no-such-commit"),
    ):
        pass
