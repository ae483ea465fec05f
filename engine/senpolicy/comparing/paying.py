"""The questions that pay: those whose rows give a figure in pounds, whatever they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from senpolicy.comparing.movement import HIGH, KNOWN, LOW
from senpolicy.files.models import rules as m
from senpolicy.files.models.scenarios import ScenarioParameter
from senpolicy.language.conditions import pence
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import say_figure, say_money

_POUNDS = ("pounds", "pounds_a_year")


@dataclass(frozen=True)
class Paying:
    """What a question pays: the answers that come with pounds, and in words the figures that hold them.

    `answers` holds None for a row that is left open and gives pounds all the same. `uncounted` are the figures whose
    names do not say that they are pounds a year, and which no sum counts, each with what it is in words.
    """

    answers: frozenset[str | None]
    says: tuple[str, ...]
    uncounted: Mapping[str, str]


def paying(corpus: Corpus) -> dict[str, Paying]:
    """Return the questions that pay in any version, or under any scenario, by name, in the order of deciding."""
    found = {}
    for name in corpus.questions:
        given = [(answer, figure, written) for answer, gives in _rows(corpus, name)
                 for figure, written in gives.items() if _in_pounds(corpus, written)]  # fmt: skip
        if given:
            found[name] = Paying(
                frozenset(answer for answer, _, _ in given),
                tuple(dict.fromkeys(_said(corpus, figure, written) for _, figure, written in given)),
                {
                    figure: _said(corpus, figure, written)
                    for _, figure, written in given
                    if figure not in (KNOWN, LOW, HIGH) and not _part_of_a_year(written)
                },
            )
    return found


def _rows(corpus: Corpus, question: str) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    for version in corpus.questions[question].versions:
        for row in version.answers:
            yield row.answer, row.gives
        for open_row in version.open:
            yield None, open_row.gives
    for scenario in corpus.scenarios.values():
        for settles in scenario.settles:
            if settles.question == question:
                for assumed in settles.rows:
                    yield assumed.answer, assumed.gives


def _named(corpus: Corpus, written: Any) -> list[m.Parameter | ScenarioParameter]:
    """Return every parameter for which a `$name` can stand."""
    if not isinstance(written, str) or not written.startswith("$"):
        return []
    name = written[1:]
    assumed = [one.parameters[name] for one in corpus.scenarios.values() if name in one.parameters]
    return [*(one for _, one in corpus.parameters.get(name, [])), *assumed]


def _in_pounds(corpus: Corpus, written: Any) -> bool:
    return isinstance(written, m.Portion) or any(one.unit in _POUNDS for one in _named(corpus, written))


def _part_of_a_year(written: Any) -> bool:
    """Return whether a figure is a part of what is paid in a year, and so told by another figure already."""
    return isinstance(written, m.Portion) and written.until is not None


def _said(corpus: Corpus, figure: str, written: Any) -> str:
    words = figure.replace("_", " ")
    if isinstance(written, m.Portion):
        return f"{words} (from {written.of})"
    values = dict.fromkeys(say_parameter(one) for one in _named(corpus, written))
    return f"{words} of {' or '.join(values)} (`{written[1:]}`)"


def say_parameter(parameter: m.Parameter | ScenarioParameter) -> str:
    """Return the value of a parameter as people write it: "£7,000 a year", "75%", "1 April 2027", "left open"."""
    value, unit = parameter.value, parameter.unit
    if value is None:
        return "left open"
    if unit in _POUNDS:
        return say_money(pence(value)) + (" a year" if unit == "pounds_a_year" else "")
    if unit == "per_cent":
        return f"{value.normalize():f}%"
    if isinstance(value, list):
        return ", ".join(str(one).replace("_", " ") for one in value)
    return say_figure(value) if isinstance(value, date | Decimal) else str(value)
