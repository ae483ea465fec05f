"""Strict YAML: nothing is guessed, everything knows its place, and no file grows in memory."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from senpolicy.files.problems import Place, PolicyError, Problem, Problems, did_you_mean, nearest
from senpolicy.files.source import MAX_DEPTH, Node, read
from wording import Wording


def tree(text: str, *, check_words: bool = True) -> Node:
    """Return the tree of a text that has no problems."""
    problems = Problems()
    node = read(text, "a.yaml", problems, check_words=check_words)
    assert node is not None
    assert list(problems) == []
    return node


def found(text: str, *, check_words: bool = True) -> list[Problem]:
    """Return the problems that leave the text readable."""
    problems = Problems()
    read(text, "a.yaml", problems, check_words=check_words)
    return list(problems)


def stopped(text: str) -> Problem:
    """Return the problem that makes the whole text unreadable."""
    with pytest.raises(PolicyError) as raised:
        read(text, "a.yaml", Problems())
    return raised.value.problems[-1]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_mark_of_a_merge_is_called_so_whatever_ends_the_lines(newline: str) -> None:
    """Also the last one that is left: of itself it would only seem to be no key."""
    assert stopped(f"a: 1{newline}======={newline}b: 2{newline}").code == "merge-mark"


@pytest.mark.parametrize(
    "text",
    ["24/00120", "6000.00", "6000.10", "0.50", "2025-04-01", "9-1", "1e3", "abc", "3.20", "v1.0", "+", "-x", "0", "-1",
     "10", "$name", "a b", "a:b", "=", "<<", "yesterday", "no-one", "on-site", "0.5", "nullable", "trueish", "12-30",
     "1.000"],
)  # fmt: skip
def test_a_plain_scalar_keeps_the_text_that_its_author_wrote(text: str) -> None:
    """Design: PyYAML reads a date as a date and 6000.10 as 6000.1; here the type of the field decides."""
    assert tree(f"a: {text}\n").data() == {"a": text}


@pytest.mark.parametrize(
    "text", ["00120", "12:30", "no", "1,200", "£6k", "true", "null", "~", "", "2025-04-01", "1_000"]
)
def test_what_stands_in_quotes_is_text_and_nothing_else(text: str) -> None:
    """Quotes are the way to say that a text is meant."""
    assert tree(f"a: \"{text}\"\nb: '{text}'\n").data() == {"a": text, "b": text}


def test_only_true_false_and_nothing_need_no_quotes() -> None:
    """The three plain words that mean what they say."""
    assert tree("a: true\nb: false\nc: null\nd: ~\ne:\n").data() == {
        "a": True,
        "b": False,
        "c": None,
        "d": None,
        "e": None,
    }


@pytest.mark.parametrize(
    ("word", "meant"),
    [("yes", "true"), ("No", "false"), ("on", "true"), ("OFF", "false"), ("y", "true"), ("N", "false"),
     ("True", "true"), ("FALSE", "false"), ("Null", "null"), ("NULL", "null")],
)  # fmt: skip
def test_a_word_that_yaml_would_read_as_something_else_is_a_problem(word: str, meant: str) -> None:
    """Design: PyYAML reads `no` as False."""
    (problem,) = found(f"a:\n  - {word}\n")
    assert (problem.code, problem.place) == ("ambiguous-word", Place("a.yaml", 2, 5))
    assert f"'{word}'" in problem.message
    assert meant in problem.help
    assert f'"{word}"' in problem.help


@pytest.mark.parametrize(
    ("number", "plain"),
    [("00120", "120"), ("007", "7"), ("-012", "6000"), ("1,200", "1200"), ("1,200.50", "1200.50"), ("12:30", "6000"),
     ("1:30:00", "6000"), ("0x10", "6000"), ("0o17", "6000"), ("0b101", "6000"), ("1_000", "1000"), ("007.50", "7.50")],
)  # fmt: skip
def test_a_number_that_could_be_read_in_two_ways_is_a_problem(number: str, plain: str) -> None:
    """Design: PyYAML reads `00120` as 80 and `12:30` as 750."""
    (problem,) = found(f"a: {number}\n")
    assert (problem.code, problem.place) == ("ambiguous-number", Place("a.yaml", 1, 4))
    assert f"such as {plain}," in problem.help


@pytest.mark.parametrize("amount", ["£6000", "£6k", "£6,000.00", "$5", "€5", "6k", "6000£", "5M", "£ 6000"])
def test_a_currency_mark_is_a_problem(amount: str) -> None:
    """The unit says that a value is in pounds."""
    (problem,) = found(f"a: {amount}\n")
    assert problem.code == "ambiguous-number"
    assert "6000" in problem.help


@pytest.mark.parametrize("quote", ["\u201c", "\u201d", "\u2018", "\u2019"])
def test_a_curly_quotation_mark_is_a_problem(quote: str) -> None:
    """It comes with text copied from a document, and quotes nothing."""
    assert [problem.code for problem in found(f"a: {quote}3.20{quote}\n")] == ["smart-quote"]


def test_an_empty_value_is_no_curly_quotation_mark() -> None:
    """An empty text starts with anything, if one does not look."""
    assert found("a:\nb: ''\n") == []


def test_words_are_left_to_the_reader_of_the_field_where_that_is_asked_for() -> None:
    """In a case file the field's own message says it, without the word."""
    assert found("a: no\nb: 00120\nc: £6k\n", check_words=False) == []


def test_a_key_that_is_written_twice_is_a_problem_at_the_second_place_and_the_first_one_counts() -> None:
    """Design: PyYAML lets the last of two equal keys win in silence."""
    problems = Problems()
    node = read("a: 1\nb:\n  c: 2\n  c: 3\na: 4\n", "a.yaml", problems)
    assert [(one.code, one.place.line, one.field) for one in problems] == [
        ("written-twice", 4, "c"),
        ("written-twice", 5, "a"),
    ]
    assert "line 1" in list(problems)[1].message
    assert node is not None
    assert node.data() == {"a": "1", "b": {"c": "2"}}


def test_every_key_and_value_knows_its_place() -> None:
    """Lines and columns are counted from 1."""
    node = tree("a: 1\nb:\n  - c: x\n  - {d: z}\n")
    assert node.at(("a",)) == Place("a.yaml", 1, 4)
    assert node.at(("a",), key=True) == Place("a.yaml", 1, 1)
    assert node.at(("b", 0, "c")) == Place("a.yaml", 3, 8)
    assert node.at(("b", 1, "d"), key=True) == Place("a.yaml", 4, 6)
    assert node.at(("b", 1, "e")) == Place("a.yaml", 4, 5), "of the last part of the way that exists"
    assert node.at(("b", 7)) == Place("a.yaml", 3, 3)
    assert node.at(()) == Place("a.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: &x 1\nb: *x\n", "alias", 1),
        ("a: *x\n", "alias", 1),
        ("a:\n  - &x {b: 1}\n", "alias", 2),
        ("&x a: 1\n", "alias", 1),
        ("a: !!str 1\n", "tag", 1),
        ("a: ! 1\n", "tag", 1),
        ("a: !x {b: 1}\n", "tag", 1),
        ("!x a: 1\n", "tag", 1),
        ("a: 1\n---\nb: 1\n", "second-document", 2),
        ("a: 1\n...\n---\nb: 1\n", "second-document", 3),
        ("? [a]\n: 1\n", "not-yaml", 1),
        ("a: 1\n{b: 1}: 2\n", "not-yaml", 2),
        ("a:\n  - {b: 1\nc: 2\n", "not-yaml", 2),
        ("a: [1, 2\nb: 3\nc: 4\n", "not-yaml", 1),
        ('a: 1\nb: "x\nc: 2\nd: 3\n', "not-yaml", 2),
        ("a: 1\nb 2\nc: 3\n", "not-yaml", 2),
        ("a: 1\nb:2\nc: 3\n", "not-yaml", 2),
        ("a: b: c\n", "not-yaml", 1),
        ("a: 1\n b: 2\n", "not-yaml", 2),
        ("a:\n  b: 1\n c: 2\n", "not-yaml", 3),
        ("- a\nb: 1\n", "not-yaml", 2),
        ("a: 1\n- b\n", "not-yaml", 2),
        ("a: @b\n", "not-yaml", 1),
        ("a: `b`\n", "not-yaml", 1),
        ("a: %b\n", "not-yaml", 1),
        ("a: 1\n\tb: 2\n", "tab", 2),
        ("a:\n\t- b\n", "tab", 2),
        ("a: 1\n\u00a0 b: 2\n c: 3", "no-break-space", 2),
        ("a:\u00a01\nb: 2\n", "no-break-space", 1),
        ("a: 1\nb: \x00\n", "unprintable", 2),
        ("a: \x7f\n", "unprintable", 1),
        ("a: \ud800\n", "unprintable", 1),
        ("a: " + "[" * (MAX_DEPTH + 1), "too-deep", 1),
        ("- " * (MAX_DEPTH + 1), "too-deep", 1),
    ],
)
def test_what_makes_a_text_unreadable_is_said_in_plain_words_with_its_line(text: str, code: str, line: int) -> None:
    """Every such problem has a place and says what to do; none is the YAML reader's own message."""
    problem = stopped(text)
    assert (problem.code, problem.place.file, problem.place.line) == (code, "a.yaml", line)
    assert problem.place.column
    assert problem.help
    for jargon in ("mapping", "scalar", "token", "expected", "simple key", "flow", "node", "block"):
        assert jargon not in problem.message + problem.help


def test_what_was_found_before_a_text_became_unreadable_is_said_too() -> None:
    """All problems at once, as far as they can be known."""
    with pytest.raises(PolicyError) as raised:
        read("a: no\nb: &x 1\n", "a.yaml", Problems())
    assert [problem.code for problem in raised.value.problems] == ["ambiguous-word", "alias"]
    with pytest.raises(PolicyError) as raised:
        read("a: no\nb: 1: 2\n", "a.yaml", Problems())
    assert [problem.code for problem in raised.value.problems] == ["ambiguous-word", "not-yaml"]


def test_a_nesting_as_deep_as_allowed_is_read() -> None:
    """The limit itself is fine."""
    assert tree("[" * MAX_DEPTH + "]" * MAX_DEPTH).kind == "list"


def test_a_bomb_of_aliases_takes_no_memory() -> None:
    """Nine levels of nine would be 387 million values; the reader stops at the first anchor."""
    names = "abcdefghi"
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise(names))
    tracemalloc.start()
    try:
        assert stopped(bomb).code == "alias"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n# nothing\n...\n", "\n\n"])
def test_a_text_that_holds_nothing_is_nothing(text: str) -> None:
    """Nothing, or one empty scalar."""
    node = read(text, "a.yaml", Problems())
    assert node is None or (node.kind, node.content) == ("scalar", "")


SCALARS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=12)
DATA = st.recursive(
    SCALARS | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3),
)


@settings(max_examples=200, deadline=None)
@example(data=["\u00c2\u00a0", "Zo\u00c3\u00ab", "&amp;"])
@given(data=DATA)
def test_what_another_writer_of_yaml_wrote_is_read_as_it_was_meant(data: Any) -> None:
    """Texts, lists and maps come back as they were; nothing is taken for a number or a date."""
    assert tree(yaml.safe_dump(data, allow_unicode=True), check_words=False).data() == data


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="- :{}[]\"'#&*!|>%@,?\n\t\u00a0Ka1.\u201c", max_size=60))
def test_any_text_is_a_tree_or_a_problem_with_a_place_and_a_help(text: str) -> None:
    """No text ends in an error of another kind."""
    problems = Problems()
    try:
        read(text, "a.yaml", problems)
    except PolicyError as error:
        problems.found = list(error.problems)
    for problem in problems:
        assert problem.place.line
        assert problem.help


def test_the_nearest_word_is_found_whatever_its_letters() -> None:
    """Ids hold capitals; what is typed often does not."""
    assert nearest("e1-completed-year", ["A1-exactly-6000", "E1-completed-years"]) == "E1-completed-years"
    assert nearest("zzz", ["A1-exactly-6000"]) is None
    assert did_you_mean("belov", ["below", "at_most"]) == "Did you mean 'below'?"


#: A file with each way to write something, and how one is mistyped: what is taken out, or put in its place.
FILE = """\
# What is here
list: [one, "two", 'three']
map: {a: 1, b: "x: y"}
block:
  - id: first
    says: Words, and more of them
    when: {all: [{fact: age, below: 5}, {fact: plan, is: ehcp}]}
  - id: second
    says: >-
      A text
      of two lines
    when:
      fact: age
"""
SLIPS = {
    ":": ["", "=", ";", " :", "::"], ",": ["", ";", ",,"], "{": ["", "["], "}": ["", "]"], "[": ["", "("], "]": ["", ")"],
    '"': ["", "\u201c", '""'], "'": ["", "\u2019"], "- ": ["-", "* ", "\u2022 ", "\u2013 "], " a": ["\u00a0a"], ">-": ["", ">", "|"],
    "    s": ["\ts", "   s", "     s"], "  -": ["\t-", " -"], "\n  - id": [" - id"], "#": [""], "1": ["1,000", "\u00a36", "01", "yes"],
    "age": ["age # x", "age: x", "&age", "*age", "!age", "@age", "`age", "%age", "no"],
}  # fmt: skip


def test_what_is_said_of_each_slip_of_a_key(snapshot: SnapshotAssertion) -> None:
    """The first place of each that can be mistyped, and the last: told where it is, or read as it can only be meant."""
    said = []
    for was, typed in SLIPS.items():
        places = dict.fromkeys((FILE.index(was), FILE.rindex(was)))
        for at, now in ((at, now) for now in typed for at in places):
            text = FILE[:at] + now + FILE[at + len(was) :]
            line = text.count("\n", 0, at + (was[0] == "\n"))
            said.append(f"== {text.splitlines()[line].strip()}")
            problems = Problems()
            try:
                read(text, "a.yaml", problems)
            except PolicyError as error:
                said += map(str, error.problems[-1:])
            said += map(str, problems)
    assert "\n".join(said) == snapshot(extension_class=Wording)
