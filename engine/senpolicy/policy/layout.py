"""Which files there are: the model of each by its path, and whether paths, names and lists agree."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from senpolicy.files.digests import digest_of_files
from senpolicy.files.models import rules as m
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.scenarios import ScenarioFile, ScenarioRules
from senpolicy.files.problems import Place, Problem, did_you_mean
from senpolicy.files.source import Node

if TYPE_CHECKING:  # Its file is not read before a document is.
    from senpolicy.files.models.documents import Document

#: Where scenarios are.
SCENARIO_FOLDER = "policy/scenarios/"
FOLDERS = ("policy", "rules", "descriptors")
#: Folders that a policy may do without: how the files of schools and councils are read.
OPTIONAL = ("imports",)
EVERY = (*FOLDERS, *OPTIONAL)

#: The model of each kind of file, by the pattern of its path: its module below senpolicy, and its class. It is imported
#: with the first file of its kind, for a decision reads few kinds.
KINDS: dict[str, str] = {
    "policy/decisions.yaml": "files.models.rules.DecisionsFile",
    "policy/documents.yaml": "files.models.documents.DocumentsFile",
    "policy/readings.yaml": "files.models.rules.ReadingsFile",
    "policy/figures.yaml": "files.models.records.FiguresFile",
    "policy/margins.yaml": "files.models.records.MarginsFile",
    "policy/lock.yaml": "files.models.lock.EarlierLockFile",
    "policy/limits.yaml": "files.models.limits.LimitsFile",
    "policy/roles.yaml": "checking.roles.RolesFile",
    "policy/scenarios/*.yaml": "files.models.scenarios.ScenarioFile",
    "policy/scenarios/*/scenario.yaml": "files.models.scenarios.ScenarioFile",
    "policy/scenarios/*/parameters.yaml": "files.models.rules.ParametersFile",
    "policy/scenarios/*/open-points.yaml": "files.models.rules.OpenPointsFile",
    "policy/scenarios/*/rules/facts.yaml": "files.models.rules.FactsFile",
    "policy/scenarios/*/rules/*.yaml": "files.models.scenarios.ScenarioRules",
    "policy/tariffs/*.yaml": "files.models.tariffs.TariffPlanFile",
    "policy/*/decision.yaml": "files.models.rules.DecisionFile",
    "policy/*/parameters.yaml": "files.models.rules.ParametersFile",
    "policy/*/open-points.yaml": "files.models.rules.OpenPointsFile",
    "policy/*/corrections.yaml": "files.models.lock.CorrectionsFile",
    "policy/*/lock.yaml": "files.models.lock.LockFile",
    "policy/*/documents.yaml": "files.models.documents.DocumentsFile",
    "policy/*/consultation.yaml": "files.models.records.ConsultationFile",
    "policy/*/strategy.yaml": "files.models.records.StrategyFile",
    "policy/*/duties.yaml": "files.models.records.DutiesFile",
    "policy/*/background.yaml": "files.models.records.BackgroundFile",
    "rules/facts.yaml": "files.models.rules.FactsFile",
    "rules/questions.yaml": "files.models.rules.QuestionsFile",
    "rules/properties.yaml": "files.models.properties.PropertiesFile",
    "rules/budgets.yaml": "files.models.budgets.BudgetsFile",
    "rules/board.yaml": "files.models.board.BoardFile",
    "rules/views.yaml": "files.models.views.ViewsFile",
    "rules/*.yaml": "files.models.rules.QuestionFile",
    "descriptors/*/edition.yaml": "files.models.editions.EditionFile",
    "imports/codes.yaml": "files.models.imports.CodesFile",
    "imports/columns.yaml": "files.models.imports.ColumnsFile",
    "imports/facts.yaml": "files.models.imports.ImportFactsFile",
    "imports/*.yaml": "files.models.imports.ImportFile",
}
#: Files that only record: consultation, figures, strategy, duties, background. They are long.
RECORDS = tuple(pattern for pattern, model in KINDS.items() if model.startswith("files.models.records."))
#: Every file on which no case rests.
BESIDE = (
    *RECORDS,
    "policy/lock.yaml",
    "policy/limits.yaml",
    "policy/roles.yaml",
    "policy/tariffs/*.yaml",
    "policy/*/corrections.yaml",
    "policy/*/lock.yaml",
    "rules/properties.yaml",
    "rules/budgets.yaml",
    "rules/board.yaml",
    "rules/views.yaml",
    "imports/*.yaml",
)

#: What names a scenario: its only file, or the first of its folder.
SCENARIOS = ("policy/scenarios/*.yaml", "policy/scenarios/*/scenario.yaml")

#: Without these there is no policy.
NEEDED = (
    "policy/decisions.yaml",
    "policy/documents.yaml",
    "policy/readings.yaml",
    "rules/facts.yaml",
    "rules/questions.yaml",
)


def paths(root: Path, folders: Sequence[str] = FOLDERS) -> Iterator[Path]:
    """Yield every file of the corpus below `root` in these folders, sorted by path, leaving out hidden files."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts):
                yield path


def files_digest(root: Path) -> str:
    """Return "sha256:" and the hash of every path and byte of policy/, rules/ and descriptors/ below `root`."""
    return digest_of_files(root, paths(root))


def kind_of(name: str) -> tuple[str, type[BaseModel]] | None:
    """Return the pattern and the model of a file by its path, None for a file that the policy does not know."""
    return next(((pattern, model_of(pattern)) for pattern in KINDS if matches(name, pattern)), None)


def model_of(pattern: str) -> type[BaseModel]:
    """Return the model of a kind of file by the pattern of its path, a key of `KINDS`."""
    module, _, name = KINDS[pattern].rpartition(".")
    found: type[BaseModel] = resolve_name(f"senpolicy.{module}:{name}")
    return found


def is_one_of(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a path has one of the patterns."""
    return any(matches(name, pattern) for pattern in patterns)


def matches(name: str, pattern: str) -> bool:
    """Return whether a path has the pattern, folder by folder."""
    return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)


Files = Mapping[str, BaseModel]
Nodes = Mapping[str, Node]


def each(files: Files, pattern: str) -> Iterator[tuple[str, Any]]:
    """Yield path and model of the files whose path has the pattern, by path."""
    return ((name, file) for name, file in sorted(files.items()) if matches(name, pattern))


def scenario_in(name: str) -> str:
    """Return the scenario to which a file below policy/scenarios/ belongs, by its path.

    >>> scenario_in("policy/scenarios/illustrative.yaml"), scenario_in("policy/scenarios/option-a/rules/route.yaml")
    ('illustrative', 'option-a')
    """
    return name.split("/")[2].removesuffix(".yaml")


def in_order(listed: m.DecisionsFile, decisions: Iterable[m.DecisionFile]) -> dict[str, int]:
    """Return decisions by number, each with its place in the order in which they were taken: listed, then by day.

    A decision need not be listed where its day says that it was taken after all that are; so two pull requests that
    each record one do not meet in the list. Proposals come last. Of one day, or without one, the lower number is first.
    """
    rest = {one.number: one for one in decisions}
    known = [rest.pop(number) for number in listed.order if number in rest]
    last = max((day for one in known if (day := _known_day(one))), default=None)
    placed: list[tuple[date, str]] = []
    for number, one in sorted(rest.items()):
        day = one.taken.day if one.taken else None
        if day and (last is None or day > last) and number not in listed.beside:
            placed.append((day, number))
        elif _known_day(one) is None and one.status in ("proposed", "withdrawn") and number not in listed.beside:
            placed.append((date.max, number))
    order = dict.fromkeys([*listed.order, *(number for _, number in sorted(placed))])
    return {number: place for place, number in enumerate(order)}


def _known_day(decision: m.DecisionFile) -> date | None:
    """Return the day by which a decision was taken, as far as that is known."""
    taken = decision.taken
    return taken.day or taken.latest or taken.earliest if taken else None


def documents_in(files: Files) -> dict[str, Document]:
    """Return every document by its id: those of the list of all, and those in the folders of decisions."""
    own = {key: one for _, file in each(files, "policy/*/documents.yaml") for key, one in file.documents.items()}
    return {**vars(files["policy/documents.yaml"])["documents"], **own}


def disorder(files: Files, nodes: Nodes) -> Iterator[Problem]:
    """Yield where a file's path and what it says of itself differ, and where lists and files do."""
    yield from _names(files, nodes)
    yield from _scenarios(files, nodes)
    yield from _beside_decisions(files, nodes)
    yield from _questions(files, nodes)


def _names(files: Files, nodes: Nodes) -> Iterator[Problem]:
    # Names come from the files too, so that no two can have one name, and a copy shows.
    for name, file in files.items():
        folder, stem = (
            ("folder-name", Path(name).parent.name, "Name the folder '{}'."),
            ("file-name", Path(name).stem, "Name it {}.yaml."),
        )
        for kind, key, (code, own, named) in (
            (m.QuestionFile, "question", stem),
            (ScenarioRules, "question", stem),
            (ScenarioFile, "scenario", folder if name.count("/") > 2 else stem),
            (EditionFile, "edition", folder),
        ):
            if isinstance(file, kind) and (word := getattr(file, key)) != own:
                help = f"{named.format(word)[:-1]}, or write '{own}' here."
                yield Problem(nodes[name].at((key,)), code, f"'{word}' does not match the name '{own}'.", help)


def _scenarios(files: Files, nodes: Nodes) -> Iterator[Problem]:
    """Yield where a scenario's folder lacks what names it, and where two scenarios have one name."""
    for name in nodes:
        if not name.startswith(SCENARIO_FOLDER) or name.count("/") < 3:
            continue
        own = f"{SCENARIO_FOLDER}{scenario_in(name)}"
        if f"{own}/scenario.yaml" not in nodes:
            said = "There is no scenario.yaml for this file."
            yield Problem(Place(name), "no-scenario", said, f"Add {own}/scenario.yaml: it names the scenario.")
        elif name.endswith("/scenario.yaml") and f"{own}.yaml" in files:
            said = f"'{scenario_in(name)}' is a scenario of {own}.yaml already."
            yield Problem(nodes[name].at(("scenario",)), "same-id", said, "Keep the folder or the file.")


def _beside_decisions(files: Files, nodes: Nodes) -> Iterator[Problem]:
    numbers: dict[str, str] = {}
    for name, file in each(files, "policy/*/decision.yaml"):
        folder = name.split("/")[1]
        numbers[folder] = file.number
        if file.number.replace("/", "-") != folder:
            said = f"'{file.number}' does not match the folder '{folder}'."
            right = file.number.replace("/", "-")
            help = f"Name the folder '{right}'."
            if f"policy/{right}/decision.yaml" in nodes:
                help = f"The folder '{right}' is there already: delete this one, or give it a number of its own."
            yield Problem(nodes[name].at(("number",)), "folder-name", said, help)
    first: dict[tuple[str, str], str] = {}
    first |= {("documents", key): "policy/documents.yaml" for key in vars(files["policy/documents.yaml"])["documents"]}
    lists = {"documents": "a document", "open_points": "an open point"}
    for pattern in ("parameters", "lock", *(key.replace("_", "-") for key in lists)):
        for name, file in each(files, f"policy/*/{pattern}.yaml"):
            number = numbers.get(name.split("/")[1])
            if number is None:
                folder = name.split("/")[1]
                other = next((one for one, number in numbers.items() if number.replace("/", "-") == folder), None)
                help = (
                    f"Move policy/{other}/decision.yaml here: its number is that of this folder."
                    if other
                    else "Add one."
                )
                yield Problem(Place(name), "no-decision", "There is no decision.yaml beside this file.", help)
                continue
            for kind, what in lists.items():
                for key in vars(file).get(kind, ()):
                    if (kind, key) in first:
                        place = nodes[name].at((kind, key), key=True)
                        said = f"'{key}' is {what} of {first[kind, key]} already."
                        yield Problem(place, "same-id", said, "Give it another id.")
                    first[kind, key] = number


def rules_in(names: Iterable[str]) -> set[str]:
    """Return the questions that files are about, by their paths; those of another kind are passed over."""
    return {Path(name).stem for name in names if matches(name, "rules/*.yaml") and name not in KINDS}


def _questions(files: Files, nodes: Nodes) -> Iterator[Problem]:
    questions = rules_in(nodes)
    listed = cast(m.QuestionsFile, files["rules/questions.yaml"]).questions
    for index, name in enumerate(listed):
        at = nodes["rules/questions.yaml"].at(("questions", index))
        if name not in questions:
            help = did_you_mean(name, questions - set(listed)) or f"Add rules/{name}.yaml, or take it off the list."
            yield Problem(at, "question-list", f"The question '{name}' has no file in rules/.", help)
        elif name in listed[:index]:
            yield Problem(at, "written-twice", f"The question '{name}' is listed twice.", "Keep one.")
    for name in sorted(questions - set(listed)):
        place = nodes[f"rules/{name}.yaml"].at(("question",))
        said = f"The question '{name}' is not listed in rules/questions.yaml."
        yield Problem(place, "question-list", said, "Add it there, in the order of deciding.")
