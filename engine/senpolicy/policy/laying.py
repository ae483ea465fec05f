"""A scenario laid over the policy: its files beside those of the decisions, each where a decision's would be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from typing import TypeVar

from pydantic import BaseModel

from senpolicy.files.models import rules as m
from senpolicy.files.models.scenarios import ScenarioFile, ScenarioRules, ScenarioVersion
from senpolicy.files.source import Node
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import SCENARIO_FOLDER, each

C = TypeVar("C", bound=Corpus)


class Laid:
    """A scenario beside the policy: each of its files where a decision's would be."""

    def __init__(self, corpus: Corpus, scenario: ScenarioFile, number: str) -> None:
        self.base, self.scenario = corpus, scenario
        self.number, self.folder = number, f"{SCENARIO_FOLDER}{scenario.scenario}/"
        self.files, self.nodes = dict(corpus.files), dict(corpus.nodes)

    def corpus(self, make: Callable[..., C]) -> C:
        """Return what `make` makes of the fields of the corpus with the scenario as its last decision."""
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
        return make(**{**held, **laid}, beneath=base)

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
