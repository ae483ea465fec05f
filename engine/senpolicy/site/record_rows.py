"""The rows of tables of recorded figures, each marked with the file and the place in it from which it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from senpolicy.checking.figures import ComputedFigure
from senpolicy.checking.units import say_number
from senpolicy.files.models import records as r
from senpolicy.readings.say import lowered
from senpolicy.site import words as w
from senpolicy.site.addresses import Here
from senpolicy.site.html import Cell, figure, items

#: How an id is said in words.
Said = Callable[[str], str]
#: What stands between the keys and numbers that lead to a place in a file.
STEP = "|"
OUTCOMES = {
    "agrees": "yes",
    "contradicts": "no",
    "derived": "nothing is printed",
}


def figure_at(value: Any, unit: str, path: str, *at: str | int) -> Markup:
    """Return a recorded figure as people write it, marked with its file and its place there."""
    return figure(value, w.format_value(value, unit), file=path, at=STEP.join(str(one) for one in at), unit=unit)


def recorded_rows(here: Here, facts: Mapping[str, r.RecordedFact], path: str, head: str) -> list[list[Cell]]:
    """Return a row for each recorded fact below `head` of a file."""
    return [
        [
            one.label,
            Markup("{}{}").format(
                figure_at(one.value, one.unit, path, head, "facts", name, "value"),
                f" ({lowered(one.note).rstrip('.')})" if one.note else "",
            ),
            here.sources(one.source),
        ]
        for name, one in facts.items()
    ]


def checked_rows(here: Here, path: str, results: Iterable[ComputedFigure]) -> list[list[Cell]]:
    """Return a row for each figure that can be worked out again."""
    rows: list[list[Cell]] = []
    for place, result in enumerate(results):
        one, at = result.figure, ("figures", place)
        stated: Cell = "none"
        if one.stated is not None:
            stated = figure_at(one.stated, one.unit, path, *at, "stated")
        shown = one.derived if one.derived is not None else _plain(result)
        came: Cell = (
            figure_at(shown, one.unit, path, *at, "derived")
            if one.derived is not None
            else figure(shown, w.format_value(shown, one.unit), worked_out=str(place), file=path, unit=one.unit)
        )
        terms = [
            Markup("{}: {}").format(w.words(name), _number(value, path, *at, "terms", name))
            for name, value in one.terms.items()
        ]
        close = f", to within {w.format_value(one.rounding.tolerance, one.unit)}" if one.rounding.tolerance else ""
        rows.append([
            one.label, stated, came, f"{OUTCOMES[one.outcome]}{close}",
            Markup("<span>{}</span>{}").format(_in_signs(one.arithmetic), items(terms)), here.sources(one.source),
        ])  # fmt: skip
    return rows


def _in_signs(arithmetic: str) -> str:
    """Return arithmetic with the signs of a textbook, its terms as words."""
    return arithmetic.replace("*", "×").replace(" / ", " ÷ ").replace("_", " ")


def _plain(result: ComputedFigure) -> Decimal:
    """Return a result as a page shows it: rounded as its figure says, or to two decimals."""
    return result.value if result.figure.rounding.to is not None else result.value.quantize(Decimal("0.01"))


def contradicting_rows(here: Here, path: str, place: int, one: r.Contradiction) -> list[list[Cell]]:
    """Return a row for each of the figures that contradict each other."""
    return [
        [
            said.of_what,
            figure_at(said.value, said.unit, path, "contradictions", place, "figures", number, "value"),
            Markup("{}{}").format("" if said.printed else "worked out from ", here.sources(said.source)),
        ]
        for number, said in enumerate(one.figures)
    ]


def making_rows(here: Here, path: str, file: r.MarginsFile, said: Said) -> list[list[Cell]]:
    """Return a row for each step in which a made population is filled, an assumption marked as one."""
    return [
        [f"{_mapped_to(at)}{one.says}", items(_made(path, (*at, place), one, said)), _basis(here, one)]
        for at, steps in file.every_step.items()
        for place, one in enumerate(steps)
    ]


def _mapped_to(at: tuple[str, ...]) -> str:
    """Return the words before a step that only populations with levels have; it is in the list `at`."""
    return "" if at[0] != "mapped" else f"With the levels of {at[2]}: " if len(at) > 2 else "With levels: "


def _made(path: str, at: tuple[str | int, ...], one: r.MakingStep, said: Said) -> Iterator[Markup]:
    yield from _shares(path, at, one.into, said)
    if one.rest is not None:
        yield Markup("{}: the rest").format(said(one.rest))
    if one.numbered:
        of = f" for each {said(one.numbered.after)}" if one.numbered.after else ""
        yield Markup("{}{}").format(_number(one.numbered.count, path, *at, "numbered", "count"), of)
        if one.numbered.uneven > 1:
            times = _number(one.numbered.uneven, path, *at, "numbered", "uneven")
            yield Markup("the largest has {} times the pupils of the smallest").format(times)
    if one.between:
        of = "date" if "-" in one.between.first[1:] else "number"
        ends = [figure(end, _end(end), file=path, at=STEP.join(map(str, (*at, "between", key))), unit=of)
                for key, end in (("from", one.between.first), ("to", one.between.last))]  # fmt: skip
        yield Markup("from {} to {}, each as likely as the next").format(*ends)
    if one.shifted:
        more = _number(one.shifted.plus, path, *at, "shifted", "plus")
        yield Markup("{}, with {} added").format(said(one.shifted.of), more)
    if one.averaged:
        ends = [_number(getattr(one.averaged, end), path, *at, "averaged", key)
                for end, key in (("first", "from"), ("last", "to"))]  # fmt: skip
        whole = figure_at(one.averaged.total, "pounds", path, *at, "averaged", "total")
        yield Markup("from {} to {}, each as likely as the next, then scaled to {} in all").format(*ends, whole)


def _end(written: str) -> str:
    """Return an end of a range as people write it: a day, or a number."""
    return w.format_date(date.fromisoformat(written)) if "-" in written[1:] else say_number(Decimal(written))


def _shares(path: str, at: tuple[str | int, ...], into: Mapping[str, Decimal], said: Said) -> Iterator[Markup]:
    for name, value in into.items():
        yield Markup("{}: {}").format(_value(name, said), _number(value, path, *at, "into", name))


def _value(name: str, said: Said) -> str:
    """Return a value of a column in words; a day as people write it."""
    parts = name.split("-")
    is_day = [len(one) for one in parts] == [4, 2, 2] and all(one.isdigit() for one in parts)
    return _end(name) if is_day else name if "-" in name else said(name)


def _number(value: Any, path: str, *at: str | int) -> Markup:
    return figure(value, say_number(Decimal(value)), file=path, at=STEP.join(map(str, at)), unit="number")


def _basis(here: Here, one: r.Based) -> Cell:
    if one.source:
        return here.sources(one.source)
    return Markup("<strong>Made up.</strong> {}").format(one.assumption)


def margin_rows(here: Here, path: str, file: r.MarginsFile, said: Said) -> list[list[Cell]]:
    """Return a row for each published figure that a made population is held against."""
    rows: list[list[Cell]] = []
    for at, its in file.every_margin.items():
        for place, one in enumerate(its):
            figures = list(_shares(path, (*at, place), one.into, said))
            if one.total is not None:
                figures.append(figure_at(one.total, "pounds", path, *at, place, "total"))
            rows.append([f"{_mapped_to(at)}{one.says}", items(figures), _basis(here, one)])
    return rows


def not_made_rows(here: Here, path: str, file: r.MarginsFile, said: Said) -> list[list[Cell]]:
    """Return a row for each published figure that a made population cannot follow."""
    rows: list[list[Cell]] = []
    for place, one in enumerate(file.not_made):
        figures = items(_shares(path, ("not_made", place), one.into, said))
        rows.append([one.says, figures, escape(one.why), here.sources(one.source)])
    return rows


GLOBALS: dict[str, Any] = {
    "figure_at": figure_at, "recorded_rows": recorded_rows, "checked_rows": checked_rows,
    "contradicting_rows": contradicting_rows, "making_rows": making_rows, "margin_rows": margin_rows,
    "not_made_rows": not_made_rows,
}  # fmt: skip
