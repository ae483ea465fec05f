"""Which codes of problems the engine uses, read from its source; run by `make lint`, so that none is left without a page.

A code is a short word in small letters where one is passed: to `Problem`, to whatever adds a problem, or just before a
message. Codes that are put together from parts are listed here.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from senpolicy.files.codes import codes

ENGINE = Path(__file__).resolve().parents[1] / "engine"
_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")
#: What takes a code: the name of the function, and the places of its arguments at which one can stand.
_TAKES = re.compile(r"Problem|add|stop|\w*fault\w*|\w*problem\w*")
#: Codes whose names are put together: `unknown-` and a kind of name, `not-` and the type of a fact.
KINDS = ("decision", "document", "open point", "question", "answer", "edition", "reading", "fact", "value",
         "assumption", "level", "area of need", "parameter", "row of a rule", "question asked",
         "category", "response", "question of its category", "ambition", "mitigation", "property", "column", "scenario", "caution", "rule about facts", "group",
         "fact in pounds")  # fmt: skip
TYPES = ("date", "money", "integer", "choice", "boolean")
PUT_TOGETHER = {f"unknown-{kind.replace(' ', '-')}" for kind in KINDS} | {f"not-{kind}" for kind in TYPES}
#: Words that stand where a code could, and are none: the styles of lines, and names of questions asked of the solver.
OTHER_WORDS = {"branch", "row", "bold", "dim", "red", "green", "cyan", "magenta", "yellow", "facts", "from"}


def used() -> dict[str, list[str]]:
    """Return every code that is written in the engine, with the places, as "file:line"."""
    found: dict[str, list[str]] = {}
    for path in sorted(ENGINE.rglob("*.py")):
        name = path.relative_to(ENGINE).as_posix()
        for code, line in _codes(ast.parse(path.read_text(encoding="utf-8"))):
            if code not in OTHER_WORDS:
                found.setdefault(code, []).append(f"{name}:{line}")
    return found


def _codes(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call):
            parts = node.args
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if _TAKES.fullmatch(name) and len(parts) >= 2:
                yield from ((word, node.lineno) for one in parts[:4] for word in _words(one))
        elif isinstance(node, ast.Tuple):
            parts = node.elts
        for one, after in itertools.pairwise(parts):
            if _is_message(after):
                # A single word before a message may be anything; that it is a code only the registry can say.
                yield from ((word, one.lineno) for word in _words(one) if "-" in word or word in codes())


def _words(node: ast.expr) -> Iterator[str]:
    for one in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and _CODE.fullmatch(one.value):
            yield one.value


def _is_message(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value and node.value[0].isupper()
    if isinstance(node, ast.JoinedStr):
        first = node.values[0]
        return isinstance(first, ast.Constant) and str(first.value)[0] in "'ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return isinstance(node, ast.Name) and node.id in ("said", "message")


def faults() -> list[str]:
    """Return in words each code without a page, and each page without a use."""
    written = used()
    lost = [
        f"{', '.join(written[code])}: the code '{code}' has no page." for code in sorted(set(written) - set(codes()))
    ]
    idle = [
        f"codes.yaml: nothing uses the code '{code}'." for code in sorted(set(codes()) - set(written) - PUT_TOGETHER)
    ]
    return lost + idle


if __name__ == "__main__":
    said = faults()
    print("\n".join(said), file=sys.stderr)
    if said:
        print(
            "  help: Give each code a title, avoid, prefer and why in engine/senpolicy/files/codes.yaml.",
            file=sys.stderr,
        )
    sys.exit(bool(said))
