"""Upgrading the files of a policy from older forms to the present one, where that can be shown to say the same.

What a person has to choose is told, with its line, and nothing is made up for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from senpolicy.checking.corpus import check
from senpolicy.checking.opening import Asked, Bar
from senpolicy.files.models.views import FILE as VIEWS
from senpolicy.files.problems import Place, PolicyError, Problem, Problems, did_you_mean
from senpolicy.files.source import read
from senpolicy.policy.corpus import Corpus, load
from senpolicy.writing import declaring
from senpolicy.writing.files import copied
from senpolicy.writing.lines import Lines
from senpolicy.writing.sections import heading, in_sections, parts

FACTS = "rules/facts.yaml"
#: What only the council can say: it decides as it did. The check warns of it, or refuses it since the language grew.
A_PERSON_CHOOSES = ("two-values", "no-day")


@dataclass(frozen=True)
class Upgrade:
    """What is to be written, by path, and what is left to a person; `compared` policies say the same before and after.

    Each of these is the policy as of one decision, with proposals or without, and with readings up to one; or under one
    scenario, with all readings or none. They were compared by their digests of meaning.
    """

    texts: dict[str, str]
    to_choose: list[Problem]
    compared: int

    def told(self, file: str) -> list[Problem]:
        """Return what is left to a person in a file."""
        return [one for one in self.to_choose if one.place.file == file]


def upgrade(root: Path, progress: Bar | None = None) -> Upgrade:
    """Return what brings the policy below `root` to the present form; nothing is written.

    `progress` shows how far the comparison is. Raises `PolicyError` with what keeps the policy from being read or its
    lines from being moved, and where the policy would not say the same.
    """
    texts, to_choose = conditions(root)
    with TemporaryDirectory(prefix="senpolicy-") as name:
        declared, told = declaring.older(load(copied(root, Path(name), texts)))
    texts, to_choose = texts | declared, [*to_choose, *told]
    with TemporaryDirectory(prefix="senpolicy-") as name:
        before, chosen = _sound(load(copied(root, Path(name), texts)))
        to_choose += chosen
        moved: dict[str, str] = {}
        for question in before.questions.values():
            file = f"rules/{question.question}.yaml"
            text = (before.root / file).read_bytes().decode("utf-8-sig")
            made = in_sections(text, file, question, before)
            if made != text:
                moved[file] = made
    if VIEWS not in before.files:
        said = "This file is missing: senpolicy model, publish, review and compare --cases need it."
        help = "Say in it what tables are made of, as the guide 'Use the engine for another policy' tells."
        to_choose.append(Problem(Place(VIEWS), "views-to-write", said, help, warning=True))
    if not moved:
        return Upgrade(texts, [*_headings(before), *to_choose], 0)
    texts |= moved
    with TemporaryDirectory(prefix="senpolicy-") as name:
        after, _ = _sound(load(copied(root, Path(name), texts)))
    return Upgrade(texts, [*_headings(after), *to_choose], _compared(before, after, progress))


def _sound(corpus: Corpus) -> tuple[Corpus, list[Problem]]:
    """Return the corpus, and what a person chooses in it; raises `PolicyError` with all else that is wrong."""
    found = check(corpus)
    if any(not one.warning and one.code not in A_PERSON_CHOOSES for one in found):
        raise PolicyError(found)
    return corpus, [replace(one, warning=True) for one in found if one.code in A_PERSON_CHOOSES]


def _compared(before: Corpus, after: Corpus, progress: Bar | None) -> int:
    """Return how many policies two corpora give, each like that of the other; raises `PolicyError` where one is not."""
    every = list(_every(before))
    with progress or nullcontext() as told:
        for done, asked in enumerate(every, 1):
            if asked.of(before).digest != asked.of(after).digest:
                said = f"As of {asked.as_of}, readings '{asked.readings}', the policy would not say the same."
                help = "Nothing was written. Write the sections by hand, and check them with senpolicy compare."
                raise PolicyError([Problem(Place(""), "not-the-same", said, help)])
            if told:
                told(done, len(every))
    return len(every)


def _every(corpus: Corpus) -> Iterator[Asked]:
    """Yield every way to ask for the policy; under a scenario with all readings, and with none."""
    for number in corpus.order:
        for proposed in (False, True):
            if corpus.decisions[number].counts(proposed):
                for reading in ("none", *(one.id for one in corpus.readings)):
                    yield Asked(number, proposed, reading)
                for reading, scenario in product(("none", "all"), corpus.scenarios):
                    yield Asked(number, proposed, reading, scenario)


def _headings(corpus: Corpus) -> Iterator[Problem]:
    """Yield each section whose heading only repeats its condition, as those do that this command makes."""
    for name, question in corpus.questions.items():
        for at, version in enumerate(question.versions):
            for number, section in enumerate(version.sections):
                if section.heading == heading(parts(section.given), corpus):
                    place = corpus.place(f"rules/{name}.yaml", "versions", at, "sections", number, "heading")
                    said = "This heading repeats the condition below it."
                    help = "Write in the council's own words which pupils the rows are about, as a paper would."
                    yield Problem(place, "heading-to-write", said, help, warning=True)


def conditions(root: Path) -> tuple[dict[str, str], list[Problem]]:
    """Return rules/facts.yaml with conditions in the place of calculations, where it has any, and what is to be told.

    Raises `PolicyError` for a calculation that is not known.
    """
    try:
        lines = Lines((root / FACTS).read_bytes().decode("utf-8-sig"), FACTS)
    except (OSError, UnicodeDecodeError, PolicyError):
        return {}, []  # What is wrong with the file is told when the policy is read.
    known = _known()
    found, told = Problems(), []
    for word in ("problems", "warnings"):
        rules = lines.find(word)
        for rule in rules.content if rules and rules.kind == "list" else ():
            if rule.kind != "map" or "calculation" not in rule.content:
                continue
            place, name = rule.keys["calculation"], str(rule.content["calculation"].content)
            line = lines.lines[place.line - 1]
            rest = re.sub(rf"^calculation\s*:\s*(['\"]?){re.escape(name)}\1(?=[\s,}}]|$)", "", line[place.column - 1 :])
            if name not in known:
                help = did_you_mean(name, known) or "Write its condition under 'when'."
                found.add(place, "unknown-calculation", f"'{name}' is not a calculation that the engine had.", help)
            elif "when" in rule.content or rest == line[place.column - 1 :]:
                help = f"Write it instead of the two: when: {known[name]}"
                found.add(place, "not-upgraded", "The condition cannot be put here by a command.", help)
            else:
                lines.lines[place.line - 1] = f"{line[: place.column - 1]}when: {known[name]}{rest}"
                said = f"'{name}' becomes a condition. The two are not compared: calculations are no longer read."
                help = "Check that the condition is what 'says' tells people."
                told.append(Problem(place, "calculation-rewritten", said, help, warning=True))
    found.stop_on_errors()
    return ({FACTS: str(lines)} if told else {}), told


def _known() -> dict[str, str]:
    """Return the condition that says what each calculation said which the engine once had."""
    text = (Path(__file__).parent / "calculations.yaml").read_text(encoding="utf-8")
    node = read(text, "calculations.yaml", Problems())
    return {name: str(one.content) for name, one in node.content.items()} if node else {}
