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
from typing import Any

from pydantic.fields import FieldInfo

from senpolicy.checking.golden import GoldenFile
from senpolicy.checking.names import KINDS as NAMES
from senpolicy.checking.schemas import all_models
from senpolicy.files.codes import codes
from senpolicy.files.models.names import Names
from senpolicy.policy.layout import KINDS as FILES
from senpolicy.policy.layout import model_of

ENGINE = Path(__file__).resolve().parents[1] / "engine"
_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")
#: What takes a code: the name of the function, and the places of its arguments at which one can stand.
_TAKES = re.compile(r"Problem|add|stop|\w*fault\w*|\w*problem\w*")


def declared(kind: Any, *said: Any) -> Iterator[Names]:
    """Yield every declaration of a name in a type, at any depth."""
    yield from (one for one in (*said, *getattr(kind, "__metadata__", ())) if isinstance(one, Names))
    for part in getattr(kind, "__args__", ()):
        yield from declared(part)


def fields() -> list[FieldInfo]:
    """Return every field of the models of every kind of file."""
    models = {one for model in (*map(model_of, FILES), GoldenFile) for one in all_models(model)}
    return [info for model in models for info in model.model_fields.values()]


#: Codes whose names are put together: `unknown-` and a kind of name, `not-` and the type of a fact. Most names are
#: declared on the models; the kinds that are added here are looked up by a check of their own.
KINDS = {
    NAMES[one.kind].code or one.kind if one.kind in NAMES and not one.among else one.kind
    for info in fields() for one in declared(info.annotation, *info.metadata) if one.kind != "id"
} | {"value", "area of need", "question of its category", "column", "step"}  # fmt: skip
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
        f"{', '.join(written.get(code, ['a model']))}: the code '{code}' has no page."
        for code in sorted({*written, *PUT_TOGETHER} - set(codes()))
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
