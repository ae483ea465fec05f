"""The wrong edits that can be made to a Python file: each changes a few letters of one line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

COMPARE = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
ARITHMETIC = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
#: Methods whose first argument is a key.
BY_KEY = ("get", "pop", "setdefault")
#: Keyword arguments that say how Python is to guard the code, not what the code does.
GUARDS = ("frozen", "strict", "slots", "kw_only")


@dataclass(frozen=True, order=True)
class Edit:
    """An edit of one line: its bytes from `start` to `end` are replaced by `text`.

    `statement` is the first line of the statement that it is a part of; `within` is whether that is inside a function,
    so that it runs when the function does and not when the module is imported.
    """

    line: int
    start: int
    end: int
    text: str
    kind: str
    statement: int
    within: bool

    def made(self, source: str) -> str:
        """Return the source with the edit."""
        lines = source.encode().splitlines(keepends=True)
        line = lines[self.line - 1]
        lines[self.line - 1] = line[: self.start] + self.text.encode() + line[self.end :]
        return b"".join(lines).decode()


def edits(source: str) -> list[Edit]:
    """Return every edit of a file's text, in the order of its lines; some few of them do not compile."""
    return sorted(set(_Edits(source).all()))


def compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


class _Edits:
    """Walks through a file. Docstrings, annotations and what stands in an f-string are left alone.

    Before Python 3.12 nobody knows where a part of an f-string stands.
    """

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.lines = [line.encode() for line in source.splitlines()]

    def all(self) -> Iterator[Edit]:
        for statement in self.tree.body:
            yield from self.statement(statement, within=False)

    def statement(self, node: ast.stmt, within: bool) -> Iterator[Edit]:
        if isinstance(node, ast.Import | ast.ImportFrom) or _of_types(node):
            return
        inner: list[ast.stmt] = []
        for name in ("body", "orelse", "finalbody"):
            inner += getattr(node, name, [])
        for handler in getattr(node, "handlers", []):
            inner += handler.body
        for case in getattr(node, "cases", []):
            inner += case.body
        for line, start, end, text, kind in self.own(node):
            yield Edit(line, start, end, text, kind, node.lineno, within)
        below = within or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for one in inner:
            yield from self.statement(one, below)

    def own(self, node: ast.stmt) -> Iterator[tuple[int, int, int, str, str]]:
        """Yield the edits of a statement, without those of the statements inside it."""
        whole = self.one_line(node)
        match node:
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Delete() if whole:
                yield *whole, "pass", "statement"
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) if whole:
                yield *whole, "pass", "statement"
            case ast.Return(value=ast.expr()) if whole and not _is_none(node.value):
                yield *whole, "return None", "return"
            case ast.Break() if whole:
                yield *whole, "continue", "loop"
            case ast.Continue() if whole:
                yield *whole, "break", "loop"
        if isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
            sign, other = ARITHMETIC[type(node.op)]
            yield from self.between(node.target, node.value, f"{sign}=", f"{other}=", "arithmetic")
        for one in self.expressions(node):
            yield from self.expression(one)

    def expressions(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a statement is made of, as far as it may be edited."""
        if isinstance(node, ast.ClassDef):
            below: list[ast.AST] = [*node.bases, *node.keywords]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            below = [*node.decorator_list, *_defaults(node.args)]
        elif isinstance(node, ast.AnnAssign):
            # Of an annotation only what is called does something: a field's bounds.
            called = (one for one in ast.walk(node.annotation) if isinstance(one, ast.Call))
            below = [*called, *([node.value] if node.value else [])]
        elif isinstance(node, ast.Lambda):
            below = [*_defaults(node.args), node.body]
        else:
            below = [one for one in ast.iter_child_nodes(node) if not isinstance(one, ast.stmt | ast.JoinedStr)]
        if isinstance(node, ast.expr | ast.comprehension | ast.keyword | ast.stmt):
            yield node
        for one in below:
            if not isinstance(one, ast.keyword) or one.arg not in GUARDS:
                yield from self.expressions(one)

    def expression(self, node: ast.AST) -> Iterator[tuple[int, int, int, str, str]]:
        match node:
            case ast.Compare():
                parts = [node.left, *node.comparators]
                for at, op in enumerate(node.ops):
                    if type(op) in COMPARE:
                        yield from self.between(parts[at], parts[at + 1], *COMPARE[type(op)], "comparison")
                    if isinstance(op, ast.Eq | ast.NotEq):
                        yield from self.text(parts[at + 1])
            case ast.BoolOp():
                was, now = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
                for one, other in zip(node.values, node.values[1:], strict=False):
                    yield from self.between(one, other, was, now, "and-or")
            case ast.UnaryOp(op=ast.Not()) if node.lineno == node.operand.lineno:
                yield node.lineno, node.col_offset, node.operand.col_offset, "", "not"
            case ast.BinOp() if type(node.op) in ARITHMETIC and not (_is_text(node.left) or _is_text(node.right)):
                yield from self.between(node.left, node.right, *ARITHMETIC[type(node.op)], "arithmetic")
            case ast.Constant(value=bool()):
                if whole := self.one_line(node):
                    yield *whole, str(not node.value), "constant"
            case ast.Constant(value=int()):
                if whole := self.one_line(node):
                    for now in (node.value + 1, node.value - 1):
                        yield *whole, str(now) if now >= 0 else f"({now})", "constant"
            case ast.Call(func=ast.Name(id=name)) if name in NAMES:
                yield node.func.lineno, node.func.col_offset, node.func.end_col_offset or 0, NAMES[name], "name"
            case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if name in BY_KEY:
                yield from self.text(first)
            case ast.Subscript():
                yield from self.text(node.slice)
            case ast.Dict():
                for key in node.keys:
                    yield from self.text(key)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for default in _defaults(node.args):
                    yield from self.text(default)
            case ast.comprehension():
                for test in node.ifs:
                    yield from self.negated(test)
            case ast.If() | ast.While() | ast.IfExp():
                yield from self.negated(node.test)

    def negated(self, test: ast.expr) -> Iterator[tuple[int, int, int, str, str]]:
        if isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.Subscript) and (whole := self.one_line(test)):
            line, start, end = whole
            yield line, start, end, f"not {self.lines[line - 1][start:end].decode()}", "not"

    def text(self, node: ast.AST | None) -> Iterator[tuple[int, int, int, str, str]]:
        """Yield another text in the place of one that is a key, a default, or what something is compared with."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (whole := self.one_line(node)):
            line, start, end = whole
            written = self.lines[line - 1][start:end].decode()
            if re.fullmatch(r"\"[^\"\\]*\"|'[^'\\]*'", written):
                yield line, start + 1, start + 1, "_", "text"

    def one_line(self, node: ast.AST) -> tuple[int, int, int] | None:
        """Return line, start and end of a part that stands on one line."""
        line, start, last, end = (getattr(node, name) for name in _PLACE)
        return (line, start, end) if line == last else None

    def between(
        self, left: ast.expr, right: ast.expr, was: str, now: str, kind: str
    ) -> Iterator[tuple[int, int, int, str, str]]:
        """Yield the edit of the operator that stands between two operands."""
        first, last = left.end_lineno or 0, right.lineno
        for line in range(first, last + 1):
            text = self.lines[line - 1]
            start = (left.end_col_offset or 0) if line == first else 0
            end = right.col_offset if line == last else len(text)
            # A bracket or a comment may stand there too.
            sign = rb"(?<![\w=<>])" + re.escape(was.encode()) + rb"(?![\w=])"
            found = re.search(sign, text[start:end].split(b"#")[0])
            if found:
                yield line, start + found.start(), start + found.end(), now, kind
                return


_PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def _of_types(node: ast.stmt) -> bool:
    """Return whether a statement is there for the type checker alone."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _defaults(args: ast.arguments) -> list[ast.expr]:
    return [one for one in (*args.defaults, *args.kw_defaults) if one is not None]


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.List) or isinstance(getattr(node, "value", None), str)
