"""Where the rows of rules are written, and the values that they name."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from senpolicy.files.models.names import named
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import At, Place
from senpolicy.policy.corpus import Corpus


def place_of_row(corpus: Corpus, outcome_id: str, decision: str) -> Place:
    """Return the place of a row of the rules or of a scenario, by its id "question/row" and its version's decision.

    Where there is no such row, it is the place of the decision's last version of the question.
    """
    found = next(_rows(corpus, outcome_id, decision), None)
    if found:
        return corpus.place(found[0], *found[1])
    question = outcome_id.partition("/")[0]
    versions = [number for number, one in enumerate(corpus.questions[question].versions) if one.decision == decision]
    file = f"rules/{question}.yaml"
    return corpus.place(file, "versions", versions[-1]) if versions else Place(file, 1, 1)


def places_of_values(corpus: Corpus, outcome_id: str, decision: str) -> dict[str, Place]:
    """Return for each parameter that a row names the place of its last value, by its name."""
    found = next(_rows(corpus, outcome_id, decision), None)
    names = [one.word for one in named(found[2]) if one.names.kind == "parameter"] if found else []
    return {
        name: corpus.place(corpus.file_of(setters[-1][0], "parameters.yaml"), "parameters", name, "value")
        for name in names
        if (setters := corpus.parameters.get(name))
    }


def _rows(corpus: Corpus, outcome_id: str, decision: str) -> Iterator[tuple[str, At, BaseModel]]:
    """Yield file, path and model of the rows of this id."""
    question, _, row = outcome_id.partition("/")
    for number, version in enumerate(corpus.questions[question].versions):
        for placed in version.placed if version.decision == decision else ():
            if placed.row.name == row:
                yield f"rules/{question}.yaml", ("versions", number, *placed.path), placed.row
    for name, scenario in corpus.files.items():
        for number, settles in enumerate(scenario.settles if isinstance(scenario, ScenarioFile) else ()):
            for at, one in enumerate(settles.rows if settles.question == question else ()):
                if one.id == row:
                    yield name, ("settles", number, "rows", at), one
