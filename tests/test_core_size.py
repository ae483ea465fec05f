"""The code that decides stays small enough to be read in one sitting.

How much a whole run of `senpolicy decide` loads is a sign of tools/signs, held by tests/test_signs.py.
"""

from __future__ import annotations

import ast
import io
import tokenize

import pytest

from golden_files import ROOT

ENGINE = ROOT / "engine" / "senpolicy"
#: What a decision passes through between the policy's files and its answers. What only words problems, writes an answer
#: out or holds the shape of other files is in modules of its own (docs/explanation/architecture.md). Not counted, as
#: before: the case itself (deciding/cases), levels from ratings (policy/banding), and scenarios, by which no pupil is
#: decided.
CORE = [
    "files/source.py",
    "files/models/rules.py",
    "files/models/scalars.py",
    "files/models/units.py",
    "policy/corpus.py",
    "policy/settling.py",
    "policy/timeline.py",
    "policy/days.py",
    "language/conditions.py",
    "readings/judge.py",
    "readings/fire.py",
    "readings/durable.py",
    "deciding/decide.py",
]
#: Lines of code: about what one person reads in an afternoon, so that whoever doubts a decision can read it all. Before
#: this is raised, something that does not decide should move out. It was 1,500 until facts, values, answers and levels
#: got days and decisions settled open points. What was moved out of these files, and decides, is counted still:
#: scalars.py, days.py, and units.py, which is 112 of the lines.
MOST = 1705
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def code_lines(text: str) -> int:
    """Return how many lines hold code: neither blank, nor comments alone, nor docstrings, those of fields included."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def test_the_core_that_decides_stays_within_its_bound() -> None:
    counted = {name: code_lines((ENGINE / name).read_text(encoding="utf-8")) for name in CORE}
    assert sum(counted.values()) <= MOST, counted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"""Words."""\n\n# Why.\nx = 1  # one\n', 1),
        ('def f():\n    """Two\n    lines."""\n    return """a\n    b"""\n', 3),
        ('class A:\n    a: int = 1\n    """What it is."""\n\n\nx = [\n    1,\n]\n', 5),
    ],
)
def test_lines_of_code_are_counted_without_words_about_it(text: str, expected: int) -> None:
    assert code_lines(text) == expected
