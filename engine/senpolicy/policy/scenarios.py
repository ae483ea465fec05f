"""Scenarios: laid over the policy as a further decision would be; one from a file outside; and names of their own.

What a scenario's folder holds is read as a decision's folder is. Laid over the policy it is one more decision, the last
of all, that counts in that policy alone: so binding, checking, proving and comparing know no second way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from pydantic import BaseModel

from senpolicy.files.models import rules as m
from senpolicy.files.models.names import named
from senpolicy.files.models.scenarios import ScenarioFile, ScenarioRules, ScenarioVersion
from senpolicy.files.problems import PolicyError, Problems, WrongUse, listed
from senpolicy.files.source import Node
from senpolicy.policy.corpus import Corpus, read_as
from senpolicy.policy.layout import each, scenario_in

#: Where scenarios are.
FOLDER = "policy/scenarios/"


def with_own_names(scenario: ScenarioFile, taken: Collection[str]) -> ScenarioFile:
    """Return a scenario whose own values have names that nothing else has, the `taken` names being the policy's.

    A value is the scenario's own where its rows name it; any other is in the place of the policy's. A decision may
    later set one of the same name: its rules then read the decision's, and the rows of the scenario their own.
    """
    rows = {one.word for one in named(scenario) if one.names.kind == "parameter" and one.path[0] == "settles"}
    own = {name: f"{scenario.scenario}.{name}" for name in scenario.parameters if name in rows and name in taken}
    if not own:
        return scenario
    parameters = {own.get(name, name): value for name, value in scenario.parameters.items()}
    settles = [_renamed(one, {f"${old}": f"${new}" for old, new in own.items()}) for one in scenario.settles]
    return scenario.model_copy(update={"parameters": parameters, "settles": settles})


def _renamed(held: Any, names: Mapping[str, str]) -> Any:
    """Return a model, or what it holds, with other names for values."""
    if isinstance(held, BaseModel):
        fields = {name: _renamed(getattr(held, name), names) for name in type(held).model_fields}
        return type(held).model_construct(**fields)  # A copy would keep what was worked out from the old names.
    if isinstance(held, dict):
        return {key: _renamed(one, names) for key, one in held.items()}
    if isinstance(held, list):
        return [_renamed(one, names) for one in held]
    return names.get(held, held) if isinstance(held, str) else held


def with_scenario(corpus: Corpus, content: bytes, file: str) -> tuple[Corpus, str]:
    """Return the corpus with one more scenario, read from a file outside it, and the scenario's name.

    `file` is the file's name for messages. The digest of the files then tells the two together from the policy
    alone. Raises `PolicyError` with what is wrong with the file; whether its names fit the policy,
    `senpolicy.checking.corpus` says.
    """
    problems = Problems()
    scenario, node = read_as(ScenarioFile, content, file, problems)
    if scenario and scenario.scenario in corpus.scenarios:
        said = f"'{scenario.scenario}' is a scenario of the policy already."
        problems.add(
            node.at(("scenario",)),
            "same-id",
            said,
            f"Use it by name, as in --scenario {scenario.scenario}; or give this one another.",
        )
    problems.stop_on_errors()
    if scenario is None:
        raise PolicyError(problems)
    name = f"policy/scenarios/{scenario.scenario}.yaml"
    digest = hashlib.sha256(f"{corpus.files_digest}\0{hashlib.sha256(content).hexdigest()}".encode()).hexdigest()
    return replace(
        corpus,
        files_digest=f"sha256:{digest}",
        scenarios={**corpus.scenarios, scenario.scenario: scenario},
        files={**corpus.files, name: scenario},
        nodes={**corpus.nodes, name: node},
    ), scenario.scenario


def number_of(scenario: str) -> str:
    """Return what a scenario is called where a decision has its number; no decision can be called so."""
    return f"scenario {scenario}"


def files_of(corpus: Corpus, scenario: str) -> list[str]:
    """Return the paths of a scenario's files."""
    return [name for name in corpus.nodes if name.startswith(FOLDER) and scenario_in(name) == scenario]


def as_decisions(corpus: Corpus) -> list[str]:
    """Return the scenarios that are laid over the policy as a decision would be: with a folder, or that settle points.

    Any other has values and rows of its own alone.
    """
    folders = {scenario_in(name) for name, _ in each(corpus.files, f"{FOLDER}*/scenario.yaml")}
    return [name for name, one in corpus.scenarios.items() if name in folders or one.settled]


def less(corpus: Corpus, names: Collection[str]) -> Corpus:
    """Return a corpus without some of its scenarios, and without their files."""
    gone = {file for name in names for file in files_of(corpus, name)}
    return replace(
        corpus,
        scenarios={name: one for name, one in corpus.scenarios.items() if name not in names},
        files={name: one for name, one in corpus.files.items() if name not in gone},
        nodes={name: one for name, one in corpus.nodes.items() if name not in gone},
    )


@dataclass(frozen=True)
class LaidCorpus(Corpus):
    """A corpus with a scenario laid over it, and the one beneath, from which any other policy is made."""

    beneath: Corpus | None = field(default=None, repr=False, compare=False)


def beneath(corpus: Corpus) -> Corpus:
    """Return a corpus without a scenario that is laid over it; itself where none is."""
    return corpus.beneath or corpus if isinstance(corpus, LaidCorpus) else corpus


def laid_over(corpus: Corpus, name: str, counted: tuple[str, ...]) -> tuple[Corpus, tuple[str, ...], ScenarioFile]:
    """Return a corpus with a scenario laid over it as its last decision, the decisions that count with it, and itself.

    `counted` are those that count without. A scenario without a folder is laid over by its own values and rows alone:
    the corpus is as it was. Raises `WrongUse` for a scenario that is not known.
    """
    if name not in corpus.scenarios:
        raise WrongUse(f"'{name}' is not a scenario of this policy. Use one of {listed(corpus.scenarios)}.")
    scenario = corpus.scenarios[name]
    later = corpus.order[corpus.order.index(scenario.as_of) + 1 :] if scenario.as_of in corpus.order else ()
    both = tuple(one for one in counted if one not in {*scenario.without_decisions, *later})
    if name in as_decisions(corpus):
        corpus, both = _Laid(corpus, scenario).corpus(), (*both, number_of(name))
    return corpus, both, with_own_names(scenario, corpus.parameters)


class _Laid:
    """A scenario beside the policy: each of its files where a decision's would be."""

    def __init__(self, corpus: Corpus, scenario: ScenarioFile) -> None:
        self.base, self.scenario = corpus, scenario
        self.number, self.folder = number_of(scenario.scenario), f"{FOLDER}{scenario.scenario}/"
        self.files, self.nodes = dict(corpus.files), dict(corpus.nodes)

    def corpus(self) -> Corpus:
        """Return the corpus with the scenario as its last decision."""
        base, number = self.base, self.number
        parameters = {name: [*setters] for name, setters in base.parameters.items()}
        values, points = self.beside("parameters.yaml"), self.beside("open-points.yaml")
        if isinstance(values, m.ParametersFile):
            for name, own in values.parameters.items():
                parameters.setdefault(name, []).append((number, own))
        open_points = dict(base.open_points)
        if isinstance(points, m.OpenPointsFile):
            open_points |= {name: (number, point) for name, point in points.open_points.items()}
        questions, facts = self.questions(), self.facts()
        decision = m.DecisionFile.model_construct(
            number=number, title=self.scenario.title, status="in_force", settles=self.scenario.settled
        )
        self.files[base.file_of(number, "decision.yaml")] = decision
        node = base.nodes.get(f"{self.folder}scenario.yaml") or base.nodes.get(f"{self.folder[:-1]}.yaml")
        if node:
            # What settles a point is looked up where a decision has it.
            settles = {"settles": node.content["settled"]} if "settled" in node.content else {}
            self.nodes[base.file_of(number, "decision.yaml")] = Node("map", node.place, settles)
        held = {one.name: getattr(base, one.name) for one in fields(Corpus)}
        laid = {
            "order": (*base.order, number),
            "decisions": {**base.decisions, number: decision},
            "parameters": parameters,
            "open_points": open_points,
            "facts": facts,
            "questions": questions,
            "files": self.files,
            "nodes": self.nodes,
        }
        return LaidCorpus(**{**held, **laid}, beneath=base)

    def beside(self, name: str) -> BaseModel | None:
        """Return one of its files, put where a decision's file of that name would be."""
        file, there = self.base.files.get(f"{self.folder}{name}"), self.base.file_of(self.number, name)
        if file:
            self.files[there] = file
            self.nodes[there] = self.base.nodes[f"{self.folder}{name}"]
        return file

    def questions(self) -> dict[str, m.QuestionFile]:
        """Return the questions with the scenario's own versions after those of the policy."""
        found = dict(self.base.questions)
        for name, rules in each(self.base.files, f"{self.folder}rules/*.yaml"):
            if isinstance(rules, ScenarioRules) and rules.question in found:
                question, file = found[rules.question], f"rules/{rules.question}.yaml"
                kept = [_kept(one, question) for one in rules.versions]
                laid = [one.laid(self.number, base and base[1]) for one, base in zip(rules.versions, kept, strict=True)]
                update = {"versions": [*question.versions, *laid], "ask": [*question.ask, *rules.ask]}
                found[rules.question] = self.files[file] = question.model_copy(update=update)
                nodes = self.base.nodes
                if file in nodes and name in nodes:
                    self.nodes[file] = _with_versions(nodes[file], nodes[name], rules, [one and one[0] for one in kept])
        for one in self.scenario.settled:
            if one.becomes:
                found = {name: self.renamed(question, one.point, one.becomes) for name, question in found.items()}
        return found

    def renamed(self, question: m.QuestionFile, point: str, becomes: str) -> m.QuestionFile:
        """Return a question in whose rows another open point is in the place of one that is settled."""
        versions = [_with_point(one, point, becomes) for one in question.versions]
        if versions == question.versions:
            return question
        made = self.files[f"rules/{question.question}.yaml"] = question.model_copy(update={"versions": versions})
        return made

    def facts(self) -> m.FactsFile:
        """Return the facts with the scenario's further ones."""
        file, own = "rules/facts.yaml", self.base.files.get(f"{self.folder}rules/facts.yaml")
        facts = self.base.facts
        if not isinstance(own, m.FactsFile):
            return facts
        both = {
            "facts": {**own.facts, **facts.facts},
            "groups": {**own.groups, **facts.groups},
            "follows": [*facts.follows, *own.follows],
            "problems": [*facts.problems, *own.problems],
            "warnings": [*facts.warnings, *own.warnings],
        }
        made = self.files[file] = facts.model_copy(update=both)
        there, node = (self.base.nodes.get(name) for name in (file, f"{self.folder}rules/facts.yaml"))
        if there and node:
            self.nodes[file] = _node_with(there, {key: _below(there, node, key) for key in both})
        return made


def _below(one: Node, other: Node, key: str) -> Node | None:
    """Return what two maps have under a key, a map or a list, as one node."""
    held = [node.content[key] for node in (one, other) if key in node.content]
    if len(held) < 2:
        return held[0] if held else None
    first, second = held
    content = {**second.content, **first.content} if first.kind == "map" else [*first.content, *second.content]
    return Node(first.kind, first.place, content, keys={**second.keys, **first.keys})


def _node_with(node: Node, update: Mapping[str, Node | None]) -> Node:
    """Return a map with other contents under some keys."""
    content = {**node.content, **{key: one for key, one in update.items() if one is not None}}
    return Node("map", node.place, content, keys={**dict.fromkeys(content, node.place), **node.keys})


def _kept(version: ScenarioVersion, question: m.QuestionFile) -> tuple[int, m.Version] | None:
    """Return the version whose rows a scenario's version keeps, after its place among those of the question."""
    kept = version.keeps
    same = [(place, one) for place, one in enumerate(question.versions) if kept and kept.is_of(one)]
    return same[-1] if same else None


def _with_versions(node: Node, own: Node, rules: ScenarioRules, kept: Sequence[int | None]) -> Node:
    """Return the tree of a question's file with a scenario's versions; every part of it knows its own place."""
    versions = node.content["versions"]
    laid = [
        _rows_of(one, None if at is None else versions.content[at], version.keeps.without if version.keeps else ())
        for one, version, at in zip(own.content["versions"].content, rules.versions, kept, strict=True)
    ]
    return _node_with(node, {"versions": Node("list", versions.place, [*versions.content, *laid])})


def _rows_of(own: Node, base: Node | None, without: Collection[str]) -> Node:
    """Return the tree of a scenario's version with the rows that it keeps of another one before its own."""
    if base is None:
        return own
    found: dict[str, Node | None] = {}
    for key in ("answers", "open", "sections"):
        before = _left(base, key, without)
        after = own.content[key].content if key in own.content else []
        place = own.content[key].place if key in own.content else own.place
        found[key] = Node("list", place, [*before, *after]) if before or after else None
    return _node_with(own, found)


def _left(node: Node, key: str, without: Collection[str]) -> list[Node]:
    """Return the rows of a version, or its sections, but for rows of some names."""
    held = node.content[key].content if key in node.content else []
    if key != "sections":
        return [row for row in held if (row.content.get("id") or row.content["point"]).content not in without]
    lists = [{word: _left(one, word, without) for word in ("answers", "open")} for one in held]
    return [
        _node_with(one, {word: Node("list", one.place, rows) for word, rows in rows_of.items()})
        for one, rows_of in zip(held, lists, strict=True) if any(rows_of.values())
    ]  # fmt: skip


def _with_point(version: m.Version, point: str, becomes: str) -> m.Version:
    """Return a version in whose rows one open point is in the place of another; itself where none names it."""

    def row(one: m.OpenRow) -> m.OpenRow:
        if point not in (one.point, *one.also, *one.either):
            return one
        own, also, either = (
            [becomes if name == point else name for name in names] for names in ([one.point], one.also, one.either)
        )
        # Which of them leaves the case open no longer matters where they are one.
        update = {"point": own[0], "id": one.name, "also": [name for name in dict.fromkeys(also) if name not in own],
                  "either": [name for name in dict.fromkeys(either) if name not in own]}  # fmt: skip
        return one.model_copy(update=update)

    if not any(point in (one.point, *one.also, *one.either) for one in version.open):
        return version
    sections = [one.model_copy(update={"open": [row(each) for each in one.open]}) for one in version.sections]
    own = {"own_open": [row(one) for one in version.own_open], "sections": sections}
    made = type(version).model_construct(**{name: getattr(version, name) for name in type(version).model_fields} | own)
    if isinstance(made, ScenarioVersion) and isinstance(version, ScenarioVersion):
        made.keep(version)
    return made
