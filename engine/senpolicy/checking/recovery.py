"""What could be read of a policy with faults, so that one run shows every problem and none that only follows.

A file that cannot be read is left out. Of one that can, only the entries with a fault are: a parameter, an open point,
a row of a rule. The checks between files then run over the rest. What would rest on something that was left out is not
said: a parameter is not unknown because its file could not be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from senpolicy.checking.corpus import check
from senpolicy.files.codes import worst_first
from senpolicy.files.identifiers import scanned
from senpolicy.files.models import rules as m
from senpolicy.files.models.documents import DocumentsFile
from senpolicy.files.models.lock import CorrectionsFile
from senpolicy.files.models.properties import PropertiesFile
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import At, Place, Problem, Problems
from senpolicy.files.source import Node
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import KINDS, NEEDED, disorder, each, kind_of

ORDER, DOCUMENTS, READINGS, FACTS, QUESTIONS = NEEDED
DECISION, PARAMETERS, POINTS = (f"policy/*/{name}.yaml" for name in ("decision", "parameters", "open-points"))
RULES, EDITIONS, SCENARIOS = "rules/*.yaml", "descriptors/*/edition.yaml", "policy/scenarios/*.yaml"

#: Files whose entries stand for themselves, so that one can be left out: the keys under which they stand.
ENTRIES: dict[type[BaseModel], tuple[str, ...]] = {
    DocumentsFile: ("documents",),
    m.ParametersFile: ("parameters",),
    m.OpenPointsFile: ("open_points",),
    m.ReadingsFile: ("readings",),
    m.FactsFile: ("facts", "groups", "follows", "problems", "warnings"),
    m.QuestionFile: ("versions", "cautions"),
    PropertiesFile: ("properties",),
    CorrectionsFile: ("corrections",),
    ScenarioFile: ("assumptions", "parameters", "settles"),
}
#: Where the names stand that a finding says are missing, by its code: it is in doubt where such a file is not read.
NAMED_IN: dict[str, tuple[str, ...]] = {
    "decision-order": (ORDER,),
    "no-decision": (ORDER, DECISION),
    "no-reading": (READINGS,),
    "not-asked": (RULES,),
    "not-decided": (PARAMETERS, ORDER),
    "not-yet-set": (PARAMETERS, ORDER),
    "out-of-order": (ORDER,),
    "point-does-not-block": (QUESTIONS,),
    "question-list": (QUESTIONS,),
    "question-order": (QUESTIONS,),
    "starts-before-decision": (PARAMETERS, ORDER),
    "unknown-amount-in-pounds-a-year": (PARAMETERS,),
    "unknown-area-of-need": (EDITIONS,),
    "unknown-decision": (ORDER, DECISION),
    "unknown-document": (DOCUMENTS,),
    "unknown-edition": (EDITIONS,),
    "unknown-fact": (FACTS, QUESTIONS),
    "unknown-fact-in-pounds": (FACTS,),
    "unknown-group": (FACTS,),
    "unknown-level": (EDITIONS, FACTS),
    "unknown-open-point": (POINTS,),
    "unknown-parameter": (PARAMETERS, SCENARIOS),
    "unknown-property": ("rules/properties.yaml",),
    "unknown-question": (QUESTIONS,),
    "unknown-reading": (READINGS,),
}
#: Findings that rest on all of a kind of file together: one fault in any of them is enough for doubt.
RESTS_ON: dict[str, tuple[str, ...]] = {
    "area-not-rated": (FACTS,),
    "idle-parameter": (PARAMETERS, SCENARIOS),
    "no-rows": (RULES,),
    "nothing-replaces": (DECISION,),
    "share-too-large": (PARAMETERS, SCENARIOS),
    "shares-do-not-sum": (PARAMETERS, SCENARIOS),
    "unknown-column": (FACTS,),
    "unknown-figure": (PARAMETERS, SCENARIOS, RULES),
    "unknown-row-of-a-rule": (RULES,),
    "unknown-value": (FACTS, EDITIONS),
}


#: Where a file's path, a list and what the file says of itself do not agree: then no name is sure.
_NAMING = ("file-name", "folder-name", "question-list", "no-decision")


@dataclass
class Doubt:
    """What was not read: whole files and what kinds they are, kinds with any fault, and the names of entries."""

    files: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    faulty: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def of(self, problem: Problem) -> bool:
        """Return whether a finding may be no more than a consequence of what was not read."""
        return (
            problem.place.file in self.files
            or not self.kinds.isdisjoint(NAMED_IN.get(problem.code, ()))
            or not self.faulty.isdisjoint(RESTS_ON.get(problem.code, ()))
            or any(f"'{mark}{name}'" in problem.message for name in self.names for mark in ("", "$"))
        )


@dataclass(frozen=True)
class PolicyProblems:
    """Every problem of a policy, worst first; the corpus, None where it has faults of reading; and what is left out."""

    problems: list[Problem]
    corpus: Corpus | None
    left_out: str = ""


def check_all(root: Path) -> PolicyProblems:
    """Return what is wrong with the policy below `root`: with each file, and between those that could be read."""
    problems, doubt = Problems(), Doubt()
    files, nodes = corpora.read_files(root, problems)
    if not problems.errors:
        problems.found += disorder(files, nodes)
        if not problems.errors:
            corpus = corpora.gathered(root, files, nodes)
            return PolicyProblems(worst_first([*problems, *check(corpus)]), corpus)
    whole = "the names of files do not agree with what they say"
    unread = {problem.place.file for problem in problems.errors}
    if any(one.code not in (*_NAMING, "same-id") for one in problems.errors):
        whole = (
            "one file could not be read whole" if len(unread) == 1 else f"{len(unread)} files could not be read whole"
        )
    for name in sorted(unread):
        twice = any(one.code == "written-twice" and one.place.file == name for one in problems)
        _put_part(name, files, nodes, doubt, twice=twice)
    _stand_in(files, nodes, doubt)
    amiss = [one for one in disorder(files, nodes) if not doubt.of(one) and one not in problems.found]
    found = [*problems, *amiss]
    if any(one.code in _NAMING for one in found):
        doubt.kinds |= set(KINDS)
    if any(each(files, DECISION)):
        corpus = corpora.gathered(root, files, nodes)
        places = {problem.place for problem in found}
        found += [one for one in check(corpus) if one.place not in places and not doubt.of(one)]
        if FACTS not in doubt.faulty:
            found += identifying(corpus)
    said = f"{whole[0].upper()}{whole[1:]}: more may be found once that is mended."
    return PolicyProblems(worst_first(set(found)), None, said)


def identifying(corpus: Corpus) -> list[Problem]:
    """Return what in the files of a policy may tell who a child is, whatever else is wrong with it."""
    return list(scanned(corpus.root, {name for name, kind in corpus.types.items() if kind.type == "date"}))


def _put_part(name: str, files: dict[str, BaseModel], nodes: dict[str, Node], doubt: Doubt, *, twice: bool) -> None:
    """Leave what can be read of a file in its place, and add the rest to the doubt; `twice` is for a key of it."""
    known = kind_of(name)
    if known is None:
        doubt.kinds |= set(KINDS)
        return
    pattern, kind = known
    doubt.faulty.add(pattern)
    if twice:  # What stood below the second of two equal keys is lost.
        doubt.kinds.add(pattern)
    if name in files:
        return
    part = _without_faults(kind, nodes[name], Path(name).stem) if name in nodes and kind in ENTRIES else None
    if part is not None:
        files[name], nodes[name], lost = part
        doubt.names |= lost
        return
    doubt.files.add(name)
    if kind is not m.DecisionFile:
        doubt.kinds.add(pattern)


def _without_faults(kind: type[BaseModel], node: Node, stem: str) -> tuple[BaseModel, Node, set[str]] | None:
    """Return the model and tree of a file without the entries that have a fault, and what these are called.

    None where a fault is not within an entry, or where it is not known what an entry is called.
    """
    lost: set[str] = set()
    while True:
        try:
            return m.validated(kind, node), node, lost
        except ValidationError as error:
            cuts = {_entry(kind, one["loc"]) for one in error.errors()}
            for cut in cuts:
                names = _called(node, cut, stem) if cut else set()
                if cut is None or not names:
                    return None
                lost |= names
            node = _cut(node, cuts, ())


def _entry(kind: type[BaseModel], loc: At) -> At | None:
    """Return the path of the entry in which a fault lies, the row of a rule for one within a version."""
    path = tuple(step for step in loc if not str(step).startswith("<"))
    if len(path) < 2 or path[0] not in ENTRIES[kind] or path[-1] == "[key]":
        return None
    if kind is m.QuestionFile:
        for end in (4, 6):  # A row of the version itself, or of one of its sections.
            if len(path) >= end and path[end - 2] in ("answers", "open"):
                return path[:end]
    return path[:2]


def _called(node: Node, path: At, stem: str) -> set[str]:
    """Return what an entry is called: its key, or whatever could be its id or the open point that it names."""
    if isinstance(path[-1], str):
        return {path[-1]}
    if path[0] in ("versions", "follows") and len(path) == 2:  # Nothing but its own file names it.
        return {stem}
    for step in path:
        node = node.content[step]
    # Its key may be the fault: `piont` for `point`.
    inside = node.content.values() if node.kind == "map" else ()
    return {one.content for one in inside if one.kind == "scalar" and " " not in one.content}


def _cut(node: Node, cuts: Iterable[Any], path: At) -> Node:
    if node.kind == "map":
        kept = {key: _cut(one, cuts, (*path, key)) for key, one in node.content.items() if (*path, key) not in cuts}
        return replace(node, content=kept)
    if node.kind == "list":
        listed = [_cut(one, cuts, (*path, at)) for at, one in enumerate(node.content) if (*path, at) not in cuts]
        return replace(node, content=listed)
    return node


def _stand_in(files: dict[str, BaseModel], nodes: dict[str, Node], doubt: Doubt) -> None:
    """Put something in the place of what is needed and was not read, so that the rest can be checked."""

    def put(name: str, file: BaseModel) -> None:
        files[name] = file
        nodes.setdefault(name, Node("map", Place(name, 1, 1), {}))
        doubt.files.add(name)

    for name in NEEDED:
        if name not in files:
            doubt.kinds.add(name)
    order = files.get(ORDER)
    listed = [*order.order, *order.beside] if isinstance(order, m.DecisionsFile) else []
    by_folder = {number.replace("/", "-"): number for number in listed}
    for name in [name for name in nodes if kind_of(name) == (DECISION, m.DecisionFile) and name not in files]:
        number = by_folder.get(name.split("/")[1])
        if number is None:
            doubt.kinds.add(DECISION)
        else:
            put(name, m.DecisionFile(number=number, title="-", status="proposed"))
    folders = {name.split("/")[1] for name, _ in each(files, DECISION)}
    for pattern in (PARAMETERS, POINTS):
        for name in [name for name, _ in each(files, pattern) if name.split("/")[1] not in folders]:
            del files[name]
            doubt.files.add(name)
            doubt.kinds.add(pattern)
    read = [Path(name).stem for name, file in files.items() if isinstance(file, m.QuestionFile)]
    if ORDER not in files:
        put(ORDER, m.DecisionsFile(order=[file.number for _, file in each(files, DECISION)], assumption="-"))
    for name, file in _EMPTY.items():
        if name not in files:
            put(name, file)
    if QUESTIONS not in files:
        put(QUESTIONS, m.QuestionsFile(questions=read))
    listed = cast(m.QuestionsFile, files[QUESTIONS]).questions
    # A question that bears the name of a file of its own kind, such as rules/facts.yaml, can have none.
    questions = [stem for stem in listed if kind_of(f"rules/{stem}.yaml") == (RULES, m.QuestionFile)]
    if questions != listed:
        put(QUESTIONS, m.QuestionsFile(questions=questions))
    for stem in questions:
        if stem not in read:
            put(f"rules/{stem}.yaml", m.QuestionFile(question=stem, asks="-", answers={}, ask=[], versions=[]))
            doubt.names.add(stem)
            doubt.kinds.add(RULES)
            doubt.faulty.add(RULES)


_EMPTY: Mapping[str, BaseModel] = {
    DOCUMENTS: DocumentsFile(documents={}),
    READINGS: m.ReadingsFile(readings=[]),
    FACTS: m.FactsFile(facts={}),
}
