"""Where the rows of rules are written, and the values that they name."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from senpolicy.files.models.names import named
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import At, Place
from senpolicy.policy.corpus import Corpus


def place_of_row(corpus: Corpus, outcome_id: str, version: int) -> Place:
    """Return the place of a row of the rules or of a scenario, by its id "question/row" and its version's place.

    `version` is the place among the versions of the question, `QuestionInForce.version`: two by one decision may have
    rows of one name. Where there is no such row, it is the place of the version.
    """
    found = next(_rows(corpus, outcome_id, version), None)
    file, path = (found[0], found[1]) if found else (_file(outcome_id), ("versions", version))
    return corpus.place(file, *path)


def places_of_values(corpus: Corpus, outcome_id: str, version: int) -> dict[str, Place]:
    """Return for each parameter that a row names the place of its last value, by its name."""
    found = next(_rows(corpus, outcome_id, version), None)
    names = [one.word for one in named(found[2]) if one.names.kind == "parameter"] if found else []
    return {
        name: corpus.place(corpus.file_of(setters[-1][0], "parameters.yaml"), "parameters", name, "value")
        for name in names
        if (setters := corpus.parameters.get(name))
    }


def _file(outcome_id: str) -> str:
    return f"rules/{outcome_id.partition('/')[0]}.yaml"


def _rows(corpus: Corpus, outcome_id: str, version: int) -> Iterator[tuple[str, At, BaseModel]]:
    """Yield file, path and model of the rows of this id."""
    question, _, row = outcome_id.partition("/")
    for placed in corpus.questions[question].versions[version].placed:
        if placed.row.name == row:
            yield _file(outcome_id), ("versions", version, *placed.path), placed.row
    for file, scenario in corpus.files.items():
        if isinstance(scenario, ScenarioFile):
            for number, settles in enumerate(scenario.settles):
                for at, one in enumerate(settles.rows if settles.question == question else ()):
                    if row in (one.id, scenario.own(one.id)):
                        yield file, ("settles", number, "rows", at), one
