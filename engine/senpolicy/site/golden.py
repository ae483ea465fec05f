"""The golden cases as the pages show them: which row of which rule decides each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from senpolicy.checking.golden import Pinned, decided, deciders, in_folder
from senpolicy.deciding.decide import Decision
from senpolicy.policy.corpus import Corpus


@dataclass(frozen=True)
class DecidedGoldenCase:
    """A golden case as it came out: name, paragraph, day, the decision as of which it is decided, and the answers.

    `held` gives for each question the version (counted from 0) and the id of the row that held.
    """

    name: str
    paragraph: str
    day: date
    as_of: str
    file: str
    answers: dict[str, str]
    held: dict[str, tuple[int, str]]
    asks: tuple[str, ...]


def golden_cases(corpus: Corpus, folder: Path) -> list[DecidedGoldenCase]:
    """Return the golden cases below `folder` that the policy alone decides, decided; none where there is no folder.

    Cases under a scenario are left out: no page of the policy rests on an assumed value. So are those that count what
    is only proposed. Raises `PolicyError` with every problem of the files.
    """
    by = deciders(corpus)
    found = []
    for pinned in in_folder(folder, folder):
        decision = None if pinned.scenario or pinned.include_proposed else decided(pinned.golden, by(pinned))
        if isinstance(decision, Decision):
            found.append(_shown(pinned, decision))
    return found


def _shown(pinned: Pinned, decision: Decision) -> DecidedGoldenCase:
    versions, answers = decision.period.questions, decision.answers
    return DecidedGoldenCase(
        pinned.golden.name,
        pinned.golden.paragraph,
        decision.case.day,
        pinned.as_of,
        pinned.place.file,
        {name: one.answer for name, one in answers.items()},
        {name: (versions[name].version, one.held) for name, one in answers.items() if one.held},
        tuple(pinned.golden.expect),
    )
