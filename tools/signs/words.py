"""How often the engine says what the word list of CONTRIBUTING.md advises against: in messages, and in words on code.

Messages are what a user reads: every text in the code but docstrings, the docstrings of commands, which are their help,
and the pages of codes. A text of one word is a name. The site's and the board's pages are not counted yet.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
#: Rooms of which nothing is counted; the site was called `publish` once.
LEFT_OUT = ("board", "site", "publish")


@dataclass(frozen=True)
class Phrase:
    """A row of the list: a pattern for what is not to be written, and one for where it is good English."""

    found: re.Pattern[str]
    good: re.Pattern[str] | None

    def count(self, text: str) -> int:
        """Return how often the text says it."""
        return len(self.found.findall(self.good.sub(" ", text) if self.good else text))


@cache
def word_list() -> tuple[Phrase, ...]:
    """Return the list, as the table under "Words" in CONTRIBUTING.md has it."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.split(r"^#+ ", text.partition("\n### Words\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [row.split("|") for row in section.splitlines() if row.startswith("| `")]
    return tuple(Phrase(_pattern(row[1]) or re.compile("(?!)"), _pattern(row[3])) for row in rows)


def _pattern(cell: str) -> re.Pattern[str] | None:
    words = [r"\s+".join(map(re.escape, one.split())) for one in re.findall(r"`([^`]+)`", cell)]
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) if words else None


def said(text: str) -> int:
    """Return how often a text says anything of the list."""
    return sum(phrase.count(text) for phrase in word_list())


def figures(tree: Path) -> dict[str, int]:
    """Return the figures of the signs about words."""
    written = list(texts(tree / "engine" / "senpolicy"))
    return {
        "phrases of the word list in messages": sum(said(text) for _, message, text in written if message),
        "phrases of the word list in docstrings and comments": sum(
            said(text) for _, message, text in written if not message
        ),
    }


def places(tree: Path) -> Iterator[str]:
    """Yield each text that says anything of the list, with its place, those of messages first."""
    found = [one for one in texts(tree / "engine" / "senpolicy") if said(one[2])]
    for place, message, text in sorted(found, key=lambda one: not one[1]):
        yield f"{place}: {'message' if message else 'code'}: {' '.join(text.split())}"


def texts(package: Path) -> Iterator[tuple[str, bool, str]]:
    """Yield each text of the engine with its file and line, and whether it is a message."""
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        if name.parts[0] not in LEFT_OUT:
            written = path.read_text(encoding="utf-8")
            yield from ((f"{name}:{line}", message, text) for line, message, text in of_module(written))
    for path in sorted(package.rglob("codes.yaml")):
        for code, page in _pages(yaml.safe_load(path.read_text(encoding="utf-8"))):
            yield from ((f"{path.name}, {code}", True, text) for text in page.values())


def _pages(groups: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for group in groups.values():
        yield from group.items()


def of_module(text: str) -> Iterator[tuple[int, bool, str]]:
    """Yield each text of a module: its line, whether it is a message, and what it says, with "…" for what is put in."""
    module = ast.parse(text)
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    commands = {id(node.body[0].value) for node in ast.walk(module) if _is_command(node)}
    parts: set[int] = set()
    for node in ast.walk(module):  # A joined text comes before its parts.
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in ast.walk(node) if part is not node and isinstance(part, ast.Constant)}
            pieces = [str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield node.lineno, True, "".join(pieces)
            yield from (
                (inner.lineno, True, inner.value)
                for value in node.values
                if isinstance(value, ast.FormattedValue)
                for inner in ast.walk(value.value)
                if _is_said(inner)
            )
        elif _is_said(node) and id(node) not in parts:
            yield node.lineno, id(node) not in docstrings or id(node) in commands, node.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], False, token.string


def _is_said(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def _is_command(node: ast.AST) -> bool:
    """Tell whether a function is a command, whose docstring its help shows."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in ("command", "callback")
        for one in node.decorator_list
    )
