"""The figures that go with answers: which question gives which, in what, under any version or scenario."""

from __future__ import annotations

from collections.abc import Iterator

from senpolicy.files.models import rules as m
from senpolicy.files.models.scenarios import ScenarioParameter
from senpolicy.policy.corpus import Corpus

POUNDS = ("pounds", "pounds_a_year")
#: A figure as a row writes it.
Written = m.Portion | str | bool


def given(corpus: Corpus, question: str) -> Iterator[tuple[str | None, str, Written]]:
    """Yield the figures of each row of a question, as (answer, figure, what is written); None for a row left open."""
    for version in corpus.questions[question].versions:
        for row in version.rows:
            for figure, written in row.gives.items():
                yield row.answer if isinstance(row, m.AnswerRow) else None, figure, written
    for scenario in corpus.scenarios.values():
        for settles in scenario.settles:
            if settles.question == question:
                for assumed in settles.rows:
                    for figure, written in assumed.gives.items():
                        yield assumed.answer, figure, written


def named(corpus: Corpus, written: Written) -> list[m.Parameter | ScenarioParameter]:
    """Return every parameter that a `$name` may mean; none for anything else that is written."""
    if not isinstance(written, str) or not written.startswith("$"):
        return []
    name = written[1:]
    assumed = [one.parameters[name] for one in corpus.scenarios.values() if name in one.parameters]
    return [*(one for _, one in corpus.parameters.get(name, [])), *assumed]


def in_pounds(corpus: Corpus, written: Written) -> bool:
    """Return whether what is written is an amount in pounds: one of the policy, or a part of a fact."""
    return isinstance(written, m.Portion) or any(one.unit in POUNDS for one in named(corpus, written))


def part_of_a_year(written: Written) -> bool:
    """Return whether what is written is a part of what is paid in a year, and so told by another figure already."""
    return isinstance(written, m.Portion) and written.until is not None
