"""Figures: the arithmetic of the sources worked out again, exactly, and held against what they print.

What agrees must agree, what contradicts must contradict: both are checked, and neither is resolved here.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from senpolicy.checking.units import in_words, say_millions
from senpolicy.files.digests import PlainData
from senpolicy.files.models import records as r
from senpolicy.files.problems import Problem, Problems, did_you_mean
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import POUNDS
from senpolicy.readings.say import say_money

FILE = "policy/figures.yaml"
#: A longer line of arithmetic is not read: the check of a figure is a sum, not a program.
LONGEST = 300
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_SAID = {
    "agrees": "agree",
    "contradicts": "contradict what is printed",
    "derived": "give what is written under derived",
}


class ArithmeticFault(Exception):
    """Raised for arithmetic that cannot be worked out: what is wrong with it, and what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message, self.help = message, help


@dataclass(frozen=True)
class ComputedFigure:
    """What the arithmetic of a figure gives, rounded as the figure says, and whether it is what is written there."""

    figure: r.CheckedFigure
    value: Decimal
    fits: bool

    def to_json(self) -> dict[str, PlainData]:
        """Return the figure, its arithmetic and its result as plain data; numbers as text."""
        figure = self.figure
        return {
            "kind": "figure",
            "id": figure.id,
            "label": figure.label,
            "unit": figure.unit,
            "stated": None if figure.stated is None else plain(figure.stated),
            "arithmetic": figure.arithmetic,
            "terms": {name: plain(value) for name, value in figure.terms.items()},
            "result": plain(self.value),
            "outcome": figure.outcome,
            "source": [source.to_json() for source in figure.source],
            "note": figure.note,
        }


def evaluated(arithmetic: str, terms: Mapping[str, Decimal]) -> Fraction:
    """Return the exact value of names, plain numbers, + - * / and parentheses; raises `ArithmeticFault` otherwise.

    >>> evaluated("(end - start) / start * 100", {"start": Decimal("80"), "end": Decimal("190")})
    Fraction(275, 2)
    """
    if len(arithmetic) > LONGEST:
        raise ArithmeticFault(f"This is longer than {LONGEST} characters.", "Split the figure in two.")
    try:
        tree = ast.parse(arithmetic, mode="eval").body
    except (SyntaxError, ValueError, MemoryError):
        raise ArithmeticFault(f"'{arithmetic}' is not arithmetic.", _HELP) from None
    return _value(tree, arithmetic, terms)


_HELP = "Use names of terms and plain numbers, + - * / and parentheses."


def _value(node: ast.expr, text: str, terms: Mapping[str, Decimal]) -> Fraction:
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, text, terms), _value(node.right, text, terms)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            if right == 0:
                raise ArithmeticFault("This divides by zero.", "Correct the terms.")
            return left / right
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, text, terms)
    elif isinstance(node, ast.Name):
        if node.id not in terms:
            raise ArithmeticFault(f"'{node.id}' is not one of the terms.", did_you_mean(node.id, terms))
        return Fraction(terms[node.id])
    elif isinstance(node, ast.Constant):
        # The author's own digits: Python would have made a float of them.
        written = ast.get_source_segment(text, node) or ""
        if _NUMBER.fullmatch(written):
            return Fraction(written)
    raise ArithmeticFault(f"'{ast.get_source_segment(text, node)}' is not arithmetic.", _HELP)


def rounded(value: Fraction, to: Decimal) -> Decimal:
    """Return a value to the nearest multiple of `to`; a half goes up, away from zero.

    >>> rounded(Fraction(80, 175) * 100, Decimal("1")), rounded(Fraction(-5, 2), Decimal("1"))
    (Decimal('46'), Decimal('-3'))
    """
    steps = int(abs(value) / Fraction(to) + Fraction(1, 2))
    return to * (steps if value >= 0 else -steps)


def work_out(figure: r.CheckedFigure) -> ComputedFigure:
    """Return the result of a figure; raises `ArithmeticFault`.

    With a tolerance instead of a rounding the value is shown to six decimals, and compared exactly.
    """
    value = evaluated(figure.arithmetic, figure.terms)
    expected = figure.derived if figure.stated is None else figure.stated
    assert expected is not None
    if figure.rounding.to is not None:
        shown = rounded(value, figure.rounding.to)
        same = shown == expected
    else:
        shown = rounded(value, Decimal("0.000001"))
        same = abs(value - Fraction(expected)) <= Fraction(figure.rounding.tolerance or 0)
    return ComputedFigure(figure, shown, same != (figure.outcome == "contradicts"))


def recorded(corpus: Corpus) -> r.FiguresFile | None:
    """Return the file of figures, None where there is none."""
    file = corpus.files.get(FILE)
    return file if isinstance(file, r.FiguresFile) else None


def results(corpus: Corpus) -> list[ComputedFigure]:
    """Return the result of every figure, in the order of the file; raises `ArithmeticFault`."""
    file = recorded(corpus)
    return [work_out(figure) for figure in file.figures] if file else []


def check(corpus: Corpus) -> list[Problem]:
    """Return a problem for all arithmetic that cannot be worked out or does not come out as the figure says."""
    problems, file = Problems(), recorded(corpus)
    if file is None:
        return []
    values: dict[str, Decimal] = {}
    ids = Counter([one.id for one in file.figures] + [one.id for one in file.contradictions])
    for index, figure in enumerate(file.figures):
        path = ("figures", index)
        if ids[figure.id] > 1:
            problems.add(corpus.place(FILE, *path, "id"), "same-id", f"'{figure.id}' appears twice.", "Rename one.")
        idle = set(figure.terms) - set(re.findall(r"[a-z][a-z0-9_]*", figure.arithmetic))
        for name in sorted(idle):
            where = corpus.place(FILE, *path, "terms", name, key=True)
            problems.add(where, "idle-term", f"'{name}' is not in the arithmetic.", "Use it, or take it out.")
        try:
            result = work_out(figure)
        except ArithmeticFault as fault:
            problems.add(corpus.place(FILE, *path, "arithmetic"), "arithmetic", fault.message, fault.help)
            continue
        values[figure.id] = result.value
        if not result.fits:
            expected = figure.derived if figure.stated is None else figure.stated
            said = f"'{figure.id}' is said to {_SAID[figure.outcome]}: the arithmetic gives {plain(result.value)}"
            problems.add(
                corpus.place(FILE, *path, "outcome"),
                "figure-outcome",
                f"{said}, and the file says {plain(expected or Decimal(0))}.",
                "Compare terms and figure with the source. If they agree with it, change the outcome.",
            )
    for index, one in enumerate(file.contradictions):
        if ids[one.id] > 1:
            where = corpus.place(FILE, "contradictions", index, "id")
            problems.add(where, "same-id", f"'{one.id}' appears twice.", "Rename one.")
        if len({(figure.value, figure.unit) for figure in one.figures}) == 1:
            problems.add(
                corpus.place(FILE, "contradictions", index, "figures"),
                "no-contradiction",
                f"All figures of '{one.id}' are the same.",
                "Show what they part on, or take it out.",
            )
        for number, figure_of in enumerate(one.figures):
            named = figure_of.result_of
            where = corpus.place(FILE, "contradictions", index, "figures", number, "result_of")
            if named is not None and named in values and values[named] != figure_of.value:
                said = f"'{named}' works out as {plain(values[named])}, not {figure_of.value}."
                problems.add(where, "figure-outcome", said, "Correct one of the two.")
    return list(problems)


def to_json(corpus: Corpus) -> list[dict[str, PlainData]]:
    """Return every figure with its result, then every contradiction, as plain data."""
    file = recorded(corpus)
    if file is None:
        return []
    shown: list[dict[str, PlainData]] = [result.to_json() for result in results(corpus)]
    for one in file.contradictions:
        figures: list[dict[str, PlainData]] = [
            {
                "value": plain(figure.value),
                "unit": figure.unit,
                "of_what": figure.of_what,
                "printed": figure.printed,
                "source": [source.to_json() for source in figure.source],
            }
            for figure in one.figures
        ]
        shown.append({"kind": one.kind, "id": one.id, "what": one.what, "figures": figures, "note": one.note})
    return shown


def lines(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """Yield the table of figures and the contradictions as lines: a style for terminals, and the text."""
    file = recorded(corpus)
    if file is None:
        return
    found = results(corpus)
    heads = ("figure", "stated", "result", "outcome", "arithmetic")
    rows = [
        (
            one.figure.id,
            "-" if one.figure.stated is None else say(one.figure.stated, one.figure.unit),
            say(one.value, one.figure.unit),
            one.figure.outcome + _closeness(one.figure),
            one.figure.arithmetic,
        )
        for one in found
    ]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(4)]
    for row, style in [(heads, "bold"), *((row, _STYLES[row[3].split()[0]]) for row in rows)]:
        cells = [f"{row[0]:<{widths[0]}}", f"{row[1]:>{widths[1]}}", f"{row[2]:>{widths[2]}}", f"{row[3]:<{widths[3]}}"]
        yield style, "  ".join([*cells, row[4]])
    yield "", ""
    yield "bold", "Contradictions, shown and not resolved"
    for one in file.contradictions:
        yield "yellow", f"{one.id}: {one.what}{' (rounding)' if one.kind == 'rounding' else ''}"
        for figure in one.figures:
            places = ", ".join(f"{source.document} {source.paragraph}" for source in figure.source)
            yield "", f"  {say(figure.value, figure.unit)}: {figure.of_what} ({places})"
        if one.note:
            yield "dim", f"  {one.note}"


def _closeness(figure: r.CheckedFigure) -> str:
    return f" within {say(figure.rounding.tolerance, figure.unit)}" if figure.rounding.tolerance else ""


_STYLES = {"agrees": "", "contradicts": "yellow", "derived": "dim"}


def plain(value: Any) -> str:
    """Return a value as it would be written in a file: plain digits, no exponent.

    >>> plain(Decimal("110.0")), plain(Decimal("1375"))
    ('110', '1375')
    """
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return str(value)


def say(value: Any, unit: str) -> str:
    """Return a value with its unit, as people write it.

    >>> say(Decimal("16.5"), "million_pounds"), say(Decimal("46"), "per_cent"), say(14143, "count")
    ('£16.5m', '46%', '14,143')
    >>> say(Decimal("734.5"), "pounds")
    '£734.50'
    """
    if unit in ("text", "year", "date", "levels"):
        return plain(value)
    number = Decimal(value)
    if unit == "million_pounds":
        return say_millions(number, "m")
    if unit in POUNDS:
        return say_money(int(rounded(Fraction(number) * 100, Decimal(1))))
    return in_words(number, unit)
