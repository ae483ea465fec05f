"""The corpus: everything that policy/, rules/ and descriptors/ say, read once, with a digest of every byte."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from senpolicy import model as m
from senpolicy.conditions import AllOf, AnyOf, Condition, FactType, Not, Test
from senpolicy.problems import Place, PolicyError, Problems, did_you_mean
from senpolicy.records import ConsultationFile, DutiesFile, FiguresFile, MarginsFile, Record, StrategyFile
from senpolicy.source import Node, read

FOLDERS = ("policy", "rules", "descriptors")

#: Which model each kind of file has, by the pattern of its path.
KINDS: dict[str, type[BaseModel]] = {
    "policy/decisions.yaml": m.DecisionsFile,
    "policy/documents.yaml": m.DocumentsFile,
    "policy/readings.yaml": m.ReadingsFile,
    "policy/figures.yaml": FiguresFile,
    "policy/margins.yaml": MarginsFile,
    "policy/scenarios/*.yaml": m.ScenarioFile,
    "policy/*/decision.yaml": m.DecisionFile,
    "policy/*/parameters.yaml": m.ParametersFile,
    "policy/*/open-points.yaml": m.OpenPointsFile,
    "policy/*/consultation.yaml": ConsultationFile,
    "policy/*/strategy.yaml": StrategyFile,
    "policy/*/duties.yaml": DutiesFile,
    "rules/facts.yaml": m.FactsFile,
    "rules/questions.yaml": m.QuestionsFile,
    "rules/properties.yaml": m.PropertiesFile,
    "rules/budgets.yaml": m.BudgetsFile,
    "rules/*.yaml": m.QuestionFile,
    "descriptors/*/edition.yaml": m.EditionFile,
}


@dataclass(frozen=True)
class Corpus:
    """All files of the policy as models, by what they are.

    `parameters` gives for each name the decisions that set it, as (number, parameter). `types` gives the type of every
    fact, and of every question's answer as a fact that later questions may test. `digest` is "sha256:" and the hash of
    every path and byte below the three folders.
    """

    root: Path
    digest: str
    order: tuple[str, ...]
    beside: tuple[str, ...]
    decisions: dict[str, m.DecisionFile]
    documents: dict[str, m.Document]
    parameters: dict[str, list[tuple[str, m.Parameter]]]
    open_points: dict[str, tuple[str, m.OpenPoint]]
    readings: tuple[m.Reading, ...]
    facts: m.FactsFile
    questions: dict[str, m.QuestionFile]
    editions: dict[str, m.EditionFile]
    scenarios: dict[str, m.ScenarioFile]
    types: dict[str, FactType]
    files: dict[str, BaseModel] = field(repr=False, default_factory=dict)
    nodes: dict[str, Node] = field(repr=False, default_factory=dict)

    def place(self, file: str, *path: Any, key: bool = False) -> Place:
        """Return the place in `file` that `path` leads to."""
        return self.nodes[file].at(path, key=key) if file in self.nodes else Place(file)

    def rank(self, decision: str) -> int:
        """Return where a decision stands in the order, -1 for what stands beside it (national rules)."""
        return self.order.index(decision) if decision in self.order else -1

    @property
    def properties(self) -> tuple[m.Property, ...]:
        """Return what is declared to hold of the rules as a whole, in the order of rules/properties.yaml."""
        file = self.files.get("rules/properties.yaml")
        return tuple(file.properties) if isinstance(file, m.PropertiesFile) else ()

    def types_under(self, scenario: m.ScenarioFile | None) -> dict[str, FactType]:
        """Return the types of facts and answers, with the levels and answers that a scenario puts in their place."""
        return _types(self.facts, self.questions, self.editions, scenario) if scenario else self.types

    def file_of(self, decision: str, name: str) -> str:
        """Return the path of one of a decision's files, relative to the root."""
        return f"policy/{decision.replace('/', '-')}/{name}"


def paths(root: Path) -> Iterator[Path]:
    """Yield every file of the corpus below `root`, sorted by path, leaving out hidden files."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts):
                yield path


def digest_of(root: Path) -> str:
    """Return "sha256:" and the hash of every path and byte of policy/, rules/ and descriptors/ below `root`."""
    total = hashlib.sha256()
    for path in paths(root):
        content = path.read_bytes()
        total.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return f"sha256:{total.hexdigest()}"


def load(root: Path, *, records: bool = True) -> Corpus:
    """Return the corpus below `root`; raises `PolicyError` with every problem of reading, all files together.

    With `records` off, the files that only record (consultation, figures, strategy, duties) are left unread: no case
    rests on them, and they are long. The digest counts them all the same.
    """
    problems = Problems()
    files: dict[str, BaseModel] = {}
    nodes: dict[str, Node] = {}
    for folder in FOLDERS:
        if not (root / folder).is_dir():
            problems.add(
                Place(folder),
                "no-folder",
                f"There is no folder '{folder}' here.",
                "Run this in the top folder of the repository, or name it with --root.",
            )
    for path in paths(root):
        name = path.relative_to(root).as_posix()
        known = kind_of(name)
        if records or known is None or not issubclass(known[1], Record):
            _read_file(path, name, problems, files, nodes)
    for needed in (
        "policy/decisions.yaml",
        "policy/documents.yaml",
        "policy/readings.yaml",
        "rules/facts.yaml",
        "rules/questions.yaml",
    ):
        if needed not in nodes:
            problems.add(Place(needed), "no-file", "This file is missing.", "Put it back from the last version.")
    problems.stop_on_errors()
    return _gathered(root, files, nodes, problems)


def with_scenario(corpus: Corpus, content: bytes, file: str) -> tuple[Corpus, str]:
    """Return the corpus with one more scenario, read from a file outside it, and the scenario's name.

    `file` is the file's name for messages. The digest then tells the two together from the policy alone. Raises
    `PolicyError` with what is wrong with the file; whether its names fit the policy is `senpolicy.check`'s to say.
    """
    problems, node = Problems(), None
    try:
        node = read(content.decode("utf-8-sig"), file, problems)
    except UnicodeDecodeError:
        problems.add(Place(file), "not-utf-8", "This file is not written in UTF-8.", "Save it as UTF-8.")
    if node is None or node.kind != "map":
        problems.stop_on_errors()
        raise PolicyError([m.empty(file, node)])
    try:
        scenario = m.validated(m.ScenarioFile, node)
    except ValidationError as error:
        said = {problem.place for problem in problems}
        found = [p for p in m.problems_of(error, node, m.ScenarioFile) if p.place not in said]
        raise PolicyError([*problems, *found]) from None
    if scenario.scenario in corpus.scenarios:
        problems.add(
            node.at(("scenario",)),
            "same-id",
            f"'{scenario.scenario}' is a scenario of the policy already.",
            "Give this one another name.",
        )
    problems.stop_on_errors()
    name = f"policy/scenarios/{scenario.scenario}.yaml"
    digest = hashlib.sha256(f"{corpus.digest}\0{hashlib.sha256(content).hexdigest()}".encode()).hexdigest()
    return replace(
        corpus,
        digest=f"sha256:{digest}",
        scenarios={**corpus.scenarios, scenario.scenario: scenario},
        files={**corpus.files, name: scenario},
        nodes={**corpus.nodes, name: node},
    ), scenario.scenario


def _read_file(path: Path, name: str, problems: Problems, files: dict[str, BaseModel], nodes: dict[str, Node]) -> None:
    known = kind_of(name)
    if known is None:
        if path.suffix in (".yaml", ".yml", ".json"):
            problems.add(
                Place(name),
                "unknown-file",
                "This is not a file that the policy knows.",
                did_you_mean(name, KINDS) or "Compare its name with its neighbours'.",
            )
        return
    found = Problems()
    try:
        node = read(path.read_bytes().decode("utf-8-sig"), name, found)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.add(Place(name, line), "not-utf-8", "This file is not written in UTF-8.", "Save it as UTF-8.")
        return
    except PolicyError as error:
        problems.found += error.problems
        return
    problems.found += found.found
    if node is None or node.kind != "map":
        problems.found.append(m.empty(name, node))
        nodes[name] = Node("map", Place(name, 1, 1), {})
        return
    nodes[name] = node
    _, kind = known
    try:
        files[name] = m.validated(kind, node)
    except ValidationError as error:
        # What the reader of the file has said of a place already is not said again.
        said = {problem.place for problem in found}
        problems.found += [p for p in m.problems_of(error, node, kind) if p.place not in said]


def kind_of(name: str) -> tuple[str, type[BaseModel]] | None:
    """Return the pattern and the model of a file by its path, None for a file that the policy does not know."""
    return next(((pattern, kind) for pattern, kind in KINDS.items() if _matches(name, pattern)), None)


def _matches(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and fnmatch.fnmatchcase(name, pattern)


def _gathered(root: Path, files: dict[str, BaseModel], nodes: dict[str, Node], problems: Problems) -> Corpus:
    def of(name: str) -> Any:
        return files[name]

    def each(pattern: str) -> Iterator[tuple[str, Any]]:
        return ((name, file) for name, file in sorted(files.items()) if _matches(name, pattern))

    decisions: dict[str, m.DecisionFile] = {}
    numbers: dict[str, str] = {}
    for name, file in each("policy/*/decision.yaml"):
        folder = name.split("/")[1]
        numbers[folder] = file.number
        decisions[file.number] = file
        if file.number.replace("/", "-") != folder:
            problems.add(
                nodes[name].at(("number",)),
                "folder-name",
                f"'{file.number}' stands in the folder '{folder}'.",
                f"Name the folder '{file.number.replace('/', '-')}'.",
            )
    parameters: dict[str, list[tuple[str, m.Parameter]]] = {}
    open_points: dict[str, tuple[str, m.OpenPoint]] = {}
    for name, file in [*each("policy/*/parameters.yaml"), *each("policy/*/open-points.yaml")]:
        number = numbers.get(name.split("/")[1])
        if number is None:
            problems.add(Place(name), "no-decision", "There is no decision.yaml beside this file.", "Add one.")
        elif isinstance(file, m.ParametersFile):
            for key, parameter in file.parameters.items():
                parameters.setdefault(key, []).append((number, parameter))
        else:
            for key, point in file.open_points.items():
                if key in open_points:
                    problems.add(
                        nodes[name].at(("open_points", key), key=True),
                        "same-id",
                        f"'{key}' is an open point of {open_points[key][0]} already.",
                        "Give it another id.",
                    )
                open_points[key] = (number, point)
    # Names come from the files too, so that no two can have one name, and a copy shows.
    for name, file in files.items():
        for kind, key, code, own, named in (
            (m.QuestionFile, "question", "file-name", Path(name).stem, "Name it {}.yaml."),
            (m.ScenarioFile, "scenario", "file-name", Path(name).stem, "Name it {}.yaml."),
            (m.EditionFile, "edition", "folder-name", Path(name).parent.name, "Name the folder '{}'."),
        ):
            if isinstance(file, kind) and (word := getattr(file, key)) != own:
                help = f"{named.format(word)[:-1]}, or write '{own}' here."
                problems.add(nodes[name].at((key,)), code, f"'{word}' stands under the name '{own}'.", help)
    questions = {Path(name).stem: file for name, file in each("rules/*.yaml") if isinstance(file, m.QuestionFile)}
    listed = list(of("rules/questions.yaml").questions)
    for index, name in enumerate(listed):
        at = nodes["rules/questions.yaml"].at(("questions", index))
        if name not in questions:
            said = f"The question '{name}' has no file in rules/."
            help = did_you_mean(name, set(questions) - set(listed))
            problems.add(at, "question-list", said, help or f"Add rules/{name}.yaml, or take it off the list.")
        elif name in listed[:index]:
            problems.add(at, "written-twice", f"The question '{name}' is listed twice.", "Keep one.")
    for name in sorted(set(questions) - set(listed)):
        file = f"rules/{name}.yaml"
        said = f"The question '{name}' does not stand in rules/questions.yaml."
        problems.add(nodes[file].at(("question",)), "question-list", said, "Add it there, in the order of deciding.")
    problems.stop_on_errors()
    order = of("policy/decisions.yaml")
    facts = cast(m.FactsFile, of("rules/facts.yaml"))
    editions = {file.edition: file for _, file in each("descriptors/*/edition.yaml")}
    scenarios = {file.scenario: file for _, file in each("policy/scenarios/*.yaml")}
    rank = {number: place for place, number in enumerate(order.order)}
    for setters in parameters.values():
        setters.sort(key=lambda setter: rank.get(setter[0], -1))
    return Corpus(
        root,
        digest_of(root),
        tuple(order.order),
        tuple(order.beside),
        decisions,
        of("policy/documents.yaml").documents,
        parameters,
        open_points,
        tuple(of("policy/readings.yaml").readings),
        facts,
        {name: questions[name] for name in listed},
        editions,
        scenarios,
        _types(facts, questions, editions, None),
        files,
        nodes,
    )


def _types(
    facts: m.FactsFile,
    questions: dict[str, m.QuestionFile],
    editions: dict[str, m.EditionFile],
    scenario: m.ScenarioFile | None,
) -> dict[str, FactType]:
    types: dict[str, FactType] = {}
    for name, fact in facts.facts.items():
        if fact.type == "reference":
            continue
        values = fact.values if isinstance(fact.values, dict) else {value: value for value in fact.values}
        edition = scenario.edition if scenario and scenario.edition and fact.values_from else fact.values_from
        if edition in editions:
            levels = sorted(editions[edition].levels, key=lambda one: one.order)
            values = {level.id: level.label for level in levels}
        types[name] = FactType(
            name, fact.type, fact.label, fact.unit, tuple(values), tuple(values.values()), fact.lowest, fact.highest
        )
    for name, question in questions.items():
        answers = [*question.answers, *(scenario.answers.get(name, {}) if scenario else {})]
        words = tuple(value.replace("_", " ") for value in answers)
        types[name] = FactType(
            name, "choice", question.question.replace("_", " "), "", tuple(answers), words, is_answer=True
        )
    return types


def condition_of(written: m.ConditionModel) -> Condition:
    """Return the condition that a file's model describes, its limits not yet bound."""
    if isinstance(written, m.AllModel):
        return AllOf(tuple(condition_of(part) for part in written.all))
    if isinstance(written, m.AnyModel):
        return AnyOf(tuple(condition_of(part) for part in written.any))
    if isinstance(written, m.NotModel):
        return Not(condition_of(written.part))
    operator = written.operators()[0]
    operand = written.operand(operator)
    return Test(written.fact, operator, tuple(operand) if isinstance(operand, list) else operand, written.because or "")
