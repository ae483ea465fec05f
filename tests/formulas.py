"""The formulas of our own workbooks, worked out with exact fractions: what LibreOffice does, quickly enough for each run.

It knows what our workbooks use, and fails on anything else. That it does as LibreOffice does is seen by `make workbook`.
"""

from __future__ import annotations

import io
import itertools
import math
import operator
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from fractions import Fraction
from typing import Any

from workbooks import MAIN, Cell, _tree, cells

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"]|"")*")
      |(?P<ref>(?:'(?P<quoted>[^']+)'!|(?P<sheet>[A-Za-z_]\w*)!)?\$?(?P<from>[A-Z]{1,3}\$?\d+)(?::\$?(?P<to>[A-Z]{1,3}\$?\d+))?(?![\w(]))
      |(?P<number>\d+(?:\.\d+)?(?:E[+-]?\d+)?)|(?P<call>[A-Z]+)\(|(?P<name>[A-Za-z_]\w*)|(?P<sign><>|<=|>=|[-+*/&=<>(),%]))""",
    re.VERBOSE,
)
_COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_REST = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
#: A thing to work out when it is asked for: of two ways that IF has, the other may divide by zero.
Later = Callable[[], Any]


class Block(list[list[Any]]):
    """The values of a range, row by row."""

    def flat(self) -> list[Any]:
        return list(itertools.chain.from_iterable(self))


def evaluated(book: bytes) -> dict[tuple[str, str], Cell]:
    """Return the cells of a workbook with each formula worked out again, whatever value is stored beside it."""
    return _Sheets(book).all()


class _Sheets:
    def __init__(self, book: bytes) -> None:
        self.cells = cells(book)
        self.values: dict[tuple[str, str], Any] = {}
        with zipfile.ZipFile(io.BytesIO(book)) as archive:
            names = _tree(archive, "xl/workbook.xml").iter(f"{MAIN}definedName")
            self.names = {one.get("name"): one.text or "" for one in names}

    def all(self) -> dict[tuple[str, str], Cell]:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(20_000)  # A cell may rest on a long column of others.
        try:
            return {at: one._replace(value=_stored(self.value(*at))) for at, one in self.cells.items()}
        finally:
            sys.setrecursionlimit(limit)

    def value(self, sheet: str, at: str) -> Any:
        if (sheet, at) not in self.values:
            one = self.cells.get((sheet, at))
            if one is None:
                return None
            found = _Formula(self, sheet, one.formula).worked_out() if one.formula else _exact(one.value)
            self.values[sheet, at] = found
        return self.values[sheet, at]

    def block(self, sheet: str, first: str, last: str) -> Block:
        (left, top), (right, bottom) = _split(first), _split(last)
        columns = range(_number(left), _number(right) + 1)
        return Block(
            [[self.value(sheet, f"{_letters(one)}{row}") for one in columns] for row in range(top, bottom + 1)]
        )


class _Formula:
    """Reads a formula from left to right: comparisons bind least, then `&`, sums, products, and a sign most."""

    def __init__(self, sheets: _Sheets, sheet: str, text: str) -> None:
        self.sheets, self.sheet = sheets, sheet
        self.tokens, at = [], 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            assert found, f"{text[at:]} of {text}"
            self.tokens.append(found)
            at = found.end()
        self.at = 0

    def worked_out(self) -> Any:
        later = self.compared()
        assert self.at == len(self.tokens)
        found = later()
        return 0 if found is None else found

    def sign(self, *signs: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at]["sign"] in signs:
            self.at += 1
            return str(self.tokens[self.at - 1]["sign"])
        return ""

    def chain(self, inner: Callable[[], Later], signs: tuple[str, ...], do: Callable[[str, Any, Any], Any]) -> Later:
        left = inner()
        while sign := self.sign(*signs):
            right = inner()
            left = (lambda one, sign, other: lambda: _each(lambda a, b: do(sign, a, b), one(), other()))(
                left, sign, right
            )
        return left

    def compared(self) -> Later:
        return self.chain(self.joined, tuple(_COMPARE), lambda sign, one, other: _compared(sign, one, other))

    def joined(self) -> Later:
        return self.chain(self.summed, ("&",), lambda _, one, other: _said(one) + _said(other))

    def summed(self) -> Later:
        return self.chain(self.multiplied, ("+", "-"), lambda sign, one, other: _REST[sign](_of(one), _of(other)))

    def multiplied(self) -> Later:
        return self.chain(self.signed, ("*", "/"), lambda sign, one, other: _REST[sign](_of(one), Fraction(_of(other))))

    def signed(self) -> Later:
        if self.sign("-"):
            inner = self.signed()
            return lambda: _each(lambda one, _: -_of(one), inner(), 0)
        return self.one()

    def one(self) -> Later:
        token = self.tokens[self.at]
        self.at += 1
        if token["text"] is not None:
            said = token["text"][1:-1].replace('""', '"')
            return lambda: said
        if token["number"]:
            number = Fraction(token["number"])
            return lambda: number
        if token["ref"]:
            sheet = token["quoted"] or token["sheet"] or self.sheet
            first, last = token["from"].replace("$", ""), (token["to"] or "").replace("$", "")
            return lambda: self.sheets.block(sheet, first, last) if last else self.sheets.value(sheet, first)
        if token["call"]:
            given: list[Later] = []
            while not self.sign(")"):
                given.append(self.compared())
                self.sign(",")
            return lambda: _FUNCTIONS[token["call"]](*given)
        if token["name"] in ("TRUE", "FALSE"):
            return lambda: token["name"] == "TRUE"
        if token["name"]:
            return _Formula(self.sheets, self.sheet, self.sheets.names[token["name"]]).compared()
        assert token["sign"] == "(", token[0]
        inner = self.compared()
        assert self.sign(")")
        return inner


def _exact(value: float | str | None) -> Any:
    return Fraction(repr(value)) if isinstance(value, float) else value


def _stored(value: Any) -> float | str | None:
    return value if isinstance(value, str) or value is None else float(value)


def _of(value: Any) -> Any:
    """Return a value as a number: an empty cell counts as 0, and so does an empty text where a sum is asked for."""
    if value is None:
        return Fraction(0)
    assert not isinstance(value, str), f"'{value}' is not a number"
    return Fraction(value)


def _said(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(int(value)) if value.denominator == 1 else repr(float(value))
    return "" if value is None else str(value)


def _compared(sign: str, one: Any, other: Any) -> bool:
    if one is None or other is None:
        empty: Any = "" if isinstance(one, str) or isinstance(other, str) else Fraction(0)
        one, other = (empty if value is None else value for value in (one, other))
    if isinstance(one, str) is not isinstance(other, str):  # A text is above every number.
        one, other = isinstance(one, str), isinstance(other, str)
    elif isinstance(one, str):
        one, other = one.lower(), other.lower()
    return bool(_COMPARE[sign](one, other))


def _each(do: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    """Return what comes of two values, or cell by cell where one of them is a range."""
    if not (isinstance(one, Block) or isinstance(other, Block)):
        return do(one, other)
    high = max(len(value) for value in (one, other) if isinstance(value, Block))
    wide = max(len(value[0]) for value in (one, other) if isinstance(value, Block))

    def at(value: Any, row: int, column: int) -> Any:
        if not isinstance(value, Block):
            return value
        return value[row if len(value) > 1 else 0][column if len(value[0]) > 1 else 0]

    return Block([[do(at(one, row, column), at(other, row, column)) for column in range(wide)] for row in range(high)])


def _values(given: tuple[Later, ...]) -> Iterator[Any]:
    for one in given:
        value = one()
        yield from value.flat() if isinstance(value, Block) else [value]


def _numbers(given: tuple[Later, ...]) -> list[Any]:
    return [value for value in _values(given) if isinstance(value, (Fraction, int)) and not isinstance(value, bool)]


def _meets(value: Any, wanted: Any) -> bool:
    """Return whether a cell meets what SUMIFS and COUNTIF ask: a value, or a sign and a value as text."""
    sign, rest = "=", wanted
    if isinstance(wanted, str) and (found := re.match(r"<>|<=|>=|[=<>]", wanted)):
        sign, rest = found[0], wanted[found.end() :]
        rest = Fraction(rest) if re.fullmatch(r"-?\d+(\.\d+)?", rest) else rest
    if isinstance(rest, str) and re.search(r"[*?]", rest):
        return isinstance(value, str) and fnmatch(value, rest)
    if isinstance(rest, Fraction) and not isinstance(value, (Fraction, int)):
        return sign == "<>"
    return _compared(sign, value, Fraction(0) if rest is None else rest)


def _rows_that_meet(given: tuple[Later, ...]) -> list[bool]:
    found: list[bool] = []
    for cells_of, wanted in zip(given[::2], given[1::2], strict=True):
        value, asked = cells_of(), wanted()
        each = [_meets(one, asked) for one in (value.flat() if isinstance(value, Block) else [value])]
        found = [one and other for one, other in zip(found, each, strict=True)] if found else each
    return found


def _sum_where(summed: Later, meets: list[bool]) -> Any:
    value = summed()
    some = value.flat() if isinstance(value, Block) else [value]
    return sum(
        (_of(one) for one, met in zip(some, meets, strict=True) if met and not isinstance(one, str)), Fraction(0)
    )


def _index(block: Later, row: Later, column: Later | None = None) -> Any:
    value, at = block(), int(row())
    if column is None and len(value) == 1:
        return value[0][at - 1]
    return value[at - 1][int(column()) - 1 if column else 0]


def _match(wanted: Later, block: Later, kind: Later | None = None) -> Any:
    assert kind is not None
    assert kind() == 0
    return 1 + next(at for at, one in enumerate(block().flat()) if _compared("=", one, wanted()))


def _vlookup(wanted: Later, block: Later, column: Later, near: Later) -> Any:
    rows = block()
    if near():
        found = [row for row in rows if row[0] is not None and _compared("<=", row[0], wanted())][-1]
    else:
        found = next(row for row in rows if _compared("=", row[0], wanted()))
    return found[int(column()) - 1]


def _product(*given: Later) -> Any:
    found: Any = Fraction(1)
    for one in given:
        value = one()
        found = _each(lambda a, b: _of(a) * (Fraction(0) if isinstance(b, str) else _of(b)), found, value)
    return sum(found.flat() if isinstance(found, Block) else [found])


def _round(value: Any, places: Any) -> Any:
    """Return a number rounded, a half away from zero."""
    number, by = _of(value), Fraction(10) ** int(places)
    rounded = math.floor(abs(number) * by + Fraction(1, 2)) / by
    return rounded if number >= 0 else -rounded


def _if(test: Later, one: Later, other: Later = lambda: False) -> Any:
    holds = test()
    if not isinstance(holds, Block):
        return one() if holds else other()
    return _each(lambda met, value: value[0] if met else value[1], holds, _each(lambda a, b: (a, b), one(), other()))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "IF": _if,
    "INT": lambda one: _each(lambda value, _: Fraction(math.floor(_of(value))), one(), 0),
    "ROUND": lambda one, places: _each(_round, one(), places()),
    "ABS": lambda one: _each(lambda value, _: abs(_of(value)), one(), 0),
    "SUM": lambda *given: sum(_numbers(given), Fraction(0)),
    "MAX": lambda *given: max(_numbers(given), default=Fraction(0)),
    "MIN": lambda *given: min(_numbers(given), default=Fraction(0)),
    "AND": lambda *given: all(bool(one) for one in _values(given) if one is not None),
    "OR": lambda *given: any(bool(one) for one in _values(given) if one is not None),
    "SUMIFS": lambda summed, *given: _sum_where(summed, _rows_that_meet(given)),
    "SUMIF": lambda cells_of, wanted, summed: _sum_where(summed, _rows_that_meet((cells_of, wanted))),
    "COUNTIFS": lambda *given: Fraction(sum(_rows_that_meet(given))),
    "COUNTIF": lambda *given: Fraction(sum(_rows_that_meet(given))),
    "SUMPRODUCT": _product,
    "INDEX": _index,
    "MATCH": _match,
    "VLOOKUP": _vlookup,
    "LCM": lambda *given: Fraction(math.lcm(*(int(one) for one in _numbers(given)))),
}


def _split(at: str) -> tuple[str, int]:
    letters = at.rstrip("0123456789")
    return letters, int(at[len(letters) :])


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


def _letters(number: int) -> str:
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found
