"""The golden cases as the pages show them: which row of which rule decides each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from senpolicy import timeline
from senpolicy.cases import Case, read_row
from senpolicy.corpus import Corpus
from senpolicy.decide import Decider, Decision
from senpolicy.problems import Problems
from senpolicy.source import read


@dataclass(frozen=True)
class GoldenCase:
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


def golden_cases(corpus: Corpus, folder: Path) -> list[GoldenCase]:
    """Return the golden cases below `folder` that the policy alone decides, decided; none where there is no folder.

    Cases under a scenario are left out: no page of the policy rests on an assumed value.
    """
    deciders: dict[tuple[str, str], Decider] = {}
    found = []
    for path in sorted(folder.rglob("*.yaml")) if folder.is_dir() else ():
        file = path.relative_to(folder).as_posix()
        found += list(_of_file(corpus, path, file, deciders))
    return found


def _of_file(corpus: Corpus, path: Path, file: str, deciders: dict[tuple[str, str], Decider]) -> Iterator[GoldenCase]:
    node = read(path.read_text(encoding="utf-8"), file, Problems())
    data: Any = node.data() if node else None
    if not isinstance(data, dict) or data.get("scenario"):
        return
    pins = str(data["as_of"]), str(data["readings"])
    if pins not in deciders:
        deciders[pins] = Decider(timeline.policy(corpus, as_of=pins[0], readings=pins[1]))
    decider = deciders[pins]
    for number, item in enumerate(data["cases"], 1):
        case = read_row(item["case"].items(), number, file, decider.policy)
        decided = decider.decide(case) if isinstance(case, Case) else None
        if isinstance(decided, Decision):
            versions = decided.period.questions
            yield GoldenCase(
                item["name"],
                item["paragraph"],
                decided.case.day,
                pins[0],
                file,
                {name: one.answer for name, one in decided.answers.items()},
                {name: (versions[name].version, one.held) for name, one in decided.answers.items() if one.held},
                tuple(item.get("expect", {})),
            )
