"""The corpus: everything that policy/, rules/ and descriptors/ say, read once, with a digest of its files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from senpolicy.files.models import rules as m
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import Place, PolicyError, Problem, Problems
from senpolicy.files.source import Node, read
from senpolicy.language.conditions import FactType
from senpolicy.policy import layout
from senpolicy.policy.banding import editions_of, every_level
from senpolicy.policy.layout import EVERY, FOLDERS, NEEDED, each, files_digest, is_one_of, kind_of, paths

if TYPE_CHECKING:  # Their files are not read for a decision.
    from senpolicy.files.models.board import BoardFile
    from senpolicy.files.models.documents import Document

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Corpus:
    """All files of the policy as models, by what they are.

    `parameters` gives for each name the decisions that set it, as (number, parameter). `files_digest` is "sha256:" and
    the hash of every path and byte below the three folders; what a policy decides by has another (`policy.meaning`).
    `carried` is what facts can be in either of two versions that are compared: all that either knows is there then.
    """

    root: Path
    files_digest: str
    order: tuple[str, ...]
    beside: tuple[str, ...]
    decisions: dict[str, m.DecisionFile]
    documents: dict[str, Document]
    parameters: dict[str, list[tuple[str, m.Parameter]]]
    open_points: dict[str, tuple[str, m.OpenPoint]]
    readings: tuple[m.Reading, ...]
    facts: m.FactsFile
    questions: dict[str, m.QuestionFile]
    editions: dict[str, EditionFile]
    scenarios: dict[str, ScenarioFile]
    files: dict[str, BaseModel] = field(repr=False, default_factory=dict)
    nodes: dict[str, Node] = field(repr=False, default_factory=dict)
    carried: dict[str, FactType] = field(repr=False, default_factory=dict)

    def place(self, file: str, *path: str | int, key: bool = False) -> Place:
        """Return the place in `file` that `path` leads to."""
        return self.nodes[file].at(path, key=key) if file in self.nodes else Place(file)

    def rank(self, decision: str) -> int:
        """Return the place of a decision in the order, -1 for what is beside it (national rules)."""
        return self.order.index(decision) if decision in self.order else -1

    @property
    def board(self) -> BoardFile | None:
        """Return what a moderation board needs to know of the policy, None where rules/board.yaml is not there."""
        return cast("BoardFile | None", self.files.get("rules/board.yaml"))

    @cached_property
    def types(self) -> dict[str, FactType]:
        """The type of every fact, and of every question's answer as a fact that later questions may test."""
        return _types(self) | self.carried

    def types_under(self, scenario: ScenarioFile | None) -> dict[str, FactType]:
        """Return the types of facts and answers, with the levels and answers that a scenario puts in their place."""
        return _types(self, scenario) if scenario else self.types

    def file_of(self, decision: str, name: str) -> str:
        """Return the path of one of a decision's files, relative to the root."""
        return f"policy/{decision.replace('/', '-')}/{name}"


def load(root: Path, *, without: Collection[str] = ()) -> Corpus:
    """Return the corpus below `root`; raises `PolicyError` with every problem of reading, all files together.

    Files whose path has one of the patterns in `without` are left unread (`layout.RECORDS` and `layout.BESIDE`, on
    which no case rests). The digest of the files counts them all the same.
    """
    problems = Problems()
    files, nodes = read_files(root, problems, without=without)
    problems.stop_on_errors()
    problems.found += layout.disorder(files, nodes)
    problems.stop_on_errors()
    return gathered(root, files, nodes)


def read_files(
    root: Path, problems: Problems, *, without: Collection[str] = ()
) -> tuple[dict[str, BaseModel], dict[str, Node]]:
    """Return the model of each file below `root` that can be read, and the tree of each that is there, by its path."""
    files: dict[str, BaseModel] = {}
    nodes: dict[str, Node] = {}
    names, strange = [path.relative_to(root).as_posix() for path in paths(root, EVERY)], list[str]()
    for name in (one for one in names if not is_one_of(one, without)):
        known = kind_of(name)
        if known is None:
            strange.append(name)
            continue
        file, nodes[name] = read_as(known[1], (root / name).read_bytes(), name, problems)
        if file is not None:
            files[name] = file
    if strange or not all((root / folder).is_dir() for folder in FOLDERS):
        problems.found += _wording().not_read(root, strange, names)
    for needed in (one for one in NEEDED if one not in nodes):
        problems.add(Place(needed), "no-file", "This file is missing.", "Put it back from the last version.")
    return files, nodes


def read_as(kind: type[M], content: bytes, name: str, problems: Problems) -> tuple[M | None, Node]:
    """Return a file's model, None where it has problems, and its tree; what is wrong is added to `problems`.

    `name` is the file's name for messages. The tree of a file that cannot be read is an empty map.
    """
    file, tree, found = _read(kind, content, name)
    problems.found += found
    return file, tree


@lru_cache(maxsize=1024)
def _read(kind: type[M], content: bytes, name: str) -> tuple[M | None, Node, tuple[Problem, ...]]:
    """Return the same, and the problems; most files of two revisions, or of two checks, are the same."""
    found, node = Problems(), None
    try:
        node = read(content.decode("utf-8-sig"), name, found)
        if node is not None and node.kind == "map":
            return m.validated(kind, node), node, tuple(found)
        found.found.append(_wording().no_map(name, node))
        node = None
    except (UnicodeDecodeError, PolicyError, ValidationError) as error:
        found.found = _wording().of_error(error, name, node, kind, found.found)
    return None, node or Node("map", Place(name, 1, 1), {}), tuple(found)


def _wording() -> ModuleType:
    """Return the module that words what is wrong with a file; where nothing is wrong it would be read for nothing."""
    from senpolicy.policy import wording

    return wording


def gathered(root: Path, files: dict[str, Any], nodes: dict[str, Node]) -> Corpus:
    """Return the corpus that files make up, all of those that are needed among them; a question may lack its file."""
    decisions = {name.split("/")[1]: file for name, file in each(files, "policy/*/decision.yaml")}
    parameters: dict[str, list[tuple[str, m.Parameter]]] = {}
    open_points: dict[str, tuple[str, m.OpenPoint]] = {}
    for name, file in each(files, "policy/*/parameters.yaml"):
        for key, parameter in file.parameters.items():
            parameters.setdefault(key, []).append((decisions[name.split("/")[1]].number, parameter))
    for name, file in each(files, "policy/*/open-points.yaml"):
        open_points |= {key: (decisions[name.split("/")[1]].number, point) for key, point in file.open_points.items()}
    rank = layout.in_order(files["policy/decisions.yaml"], decisions.values())
    for setters in parameters.values():
        setters.sort(key=lambda setter: rank.get(setter[0], -1))
    questions = {one: own for one in files["rules/questions.yaml"].questions if (own := files.get(f"rules/{one}.yaml"))}
    editions = {file.edition: file for _, file in each(files, "descriptors/*/edition.yaml")}
    return Corpus(
        root,
        files_digest(root),
        tuple(rank),
        tuple(files["policy/decisions.yaml"].beside),
        {file.number: file for file in decisions.values()},
        layout.documents_in(files),
        parameters,
        open_points,
        tuple(files["policy/readings.yaml"].readings),
        files["rules/facts.yaml"],
        questions,
        editions,
        {file.scenario: file for kind in layout.SCENARIOS for _, file in each(files, kind)},
        files,
        nodes,
    )


def _types(corpus: Corpus, scenario: ScenarioFile | None = None) -> dict[str, FactType]:
    types: dict[str, FactType] = {}
    for name, fact in corpus.facts.facts.items():
        if fact.type == "reference":
            continue
        values = fact.values if isinstance(fact.values, dict) else {value: value for value in fact.values}
        if fact.values_from:
            values = every_level(editions_of(fact.values_from, corpus.editions, scenario.edition if scenario else None))
        types[name] = FactType(
            name, fact.type, fact.label, fact.unit, tuple(values), tuple(values.values()), fact.lowest, fact.highest
        )
    for name, question in corpus.questions.items():
        answers = {**question.answers, **(scenario.answers.get(name, {}) if scenario else {})}
        words = tuple(value.replace("_", " ") for value in answers)
        types[name] = FactType(
            name, "choice", question.question.replace("_", " "), "", tuple(answers), words, is_answer=True
        )
    return types
