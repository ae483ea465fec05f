"""The questions that pay: those whose rows give a figure in pounds, whatever they are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from senpolicy.checking.units import in_words
from senpolicy.files.models import rules as m
from senpolicy.files.models.scenarios import ScenarioParameter
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import given, in_pounds, named, part_of_a_year


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
    return "left open" if parameter.value is None else in_words(parameter.value, parameter.unit)
