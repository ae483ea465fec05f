"""The questions that pay: those whose rows give a figure in pounds, whatever they are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from senpolicy.files.models import rules as m
from senpolicy.files.models.scenarios import ScenarioParameter
from senpolicy.language.conditions import pence
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import POUNDS, given, in_pounds, named, part_of_a_year
from senpolicy.readings.say import say_figure, say_money


@dataclass(frozen=True)
class Paying:
    """What a question pays: the answers that come with pounds, and in words the figures that hold them.

    `answers` holds None for a row that is left open and gives pounds all the same. `uncounted` are the figures whose
    names do not say that they are pounds a year, and which no sum counts, each with what it is in words.
    """

    answers: frozenset[str | None]
    says: tuple[str, ...]
    uncounted: Mapping[str, str]


def paying(corpus: Corpus, counted: Collection[str] = ()) -> dict[str, Paying]:
    """Return the questions that pay in any version, or under any scenario, by name, in the order of deciding.

    `counted` are the names of figures that are counted as pounds a year.
    """
    found = {}
    for name in corpus.questions:
        rows = [one for one in given(corpus, name) if in_pounds(corpus, one[2])]
        if rows:
            found[name] = Paying(
                frozenset(answer for answer, _, _ in rows),
                tuple(dict.fromkeys(_said(corpus, figure, written) for _, figure, written in rows)),
                {
                    figure: _said(corpus, figure, written)
                    for _, figure, written in rows
                    if figure not in counted and not part_of_a_year(written)
                },
            )
    return found


def _said(corpus: Corpus, figure: str, written: Any) -> str:
    words = figure.replace("_", " ")
    if isinstance(written, m.Portion):
        return f"{words} (from {written.of})"
    values = dict.fromkeys(say_parameter(one) for one in named(corpus, written))
    return f"{words} of {' or '.join(values)} (`{written[1:]}`)"


def say_parameter(parameter: m.Parameter | ScenarioParameter) -> str:
    """Return the value of a parameter as people write it: "£7,000 a year", "75%", "1 April 2027", "left open"."""
    value, unit = parameter.value, parameter.unit
    if value is None:
        return "left open"
    if unit in POUNDS:
        return say_money(pence(value)) + (" a year" if unit == "pounds_a_year" else "")
    if unit == "per_cent":
        return f"{value.normalize():f}%"
    if isinstance(value, list):
        return ", ".join(str(one).replace("_", " ") for one in value)
    return say_figure(value) if isinstance(value, date | Decimal) else str(value)
