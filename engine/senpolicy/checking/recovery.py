"""Every problem of a policy in one run: a file that cannot be read is left out, and the others are checked without it.

What may only follow from a file that was left out is not said: a parameter is not unknown because the file that sets it
could not be read (`names.Catalogue`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel

from senpolicy.checking.corpus import check
from senpolicy.checking.names import DECISION, DOCUMENTS, FACTS, ORDER, QUESTIONS, READINGS, by_label
from senpolicy.files.codes import worst_first
from senpolicy.files.identifiers import scanned
from senpolicy.files.models import rules as m
from senpolicy.files.models.documents import DocumentsFile
from senpolicy.files.problems import Fix, Place, Problem, Problems
from senpolicy.files.source import Node
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import disorder, each, kind_of, matches, rules_in


@dataclass(frozen=True)
class PolicyProblems:
    """Every problem of a policy, worst first; the corpus, None where it has faults of reading; and what is left out."""

    problems: list[Problem]
    corpus: Corpus | None
    left_out: str = ""


def check_all(root: Path) -> PolicyProblems:
    """Return what is wrong with the policy below `root`: with each file, and between those that could be read."""
    problems = Problems()
    files, nodes = corpora.read_files(root, problems)
    unread = {problem.place.file for problem in problems.errors}
    read = {name: file for name, file in files.items() if name not in unread}
    _stand_in(read, nodes, unread)
    # Where paths, lists and what files say of themselves do not agree, no name is sure.
    sure = all(map(kind_of, unread)) and any(each(read, DECISION))
    amiss = [one for one in disorder(read, nodes) if one.place.file not in unread] if sure else []
    problems.found += amiss
    if sure and not amiss:
        corpus = corpora.gathered(root, read, nodes)
        problems.found = [_by_its_words(one, corpus) for one in problems.found] + check(corpus, unread)
        if not unread:
            return PolicyProblems(worst_first(problems), corpus)
    if FACTS not in unread:
        problems.found += identifying(root, read[FACTS])
    what = "one file" if len(unread) == 1 else f"{len(unread)} files"
    said = f"{what} could not be read whole" if unread else "the names of files do not agree with what they say"
    left_out = f"{said[0].upper()}{said[1:]}: more may be found once that is mended."
    return PolicyProblems(worst_first(set(problems)), None, left_out)


def _by_its_words(problem: Problem, corpus: Corpus) -> Problem:
    """Return a problem of a text that cannot be a name; with the answer that is meant, where its words were written."""
    found = re.fullmatch(r"'(.+)' is not written as '(\w+)' should be\.", problem.message)
    question = corpus.questions.get(found[2]) if found else None
    called = by_label(found[1], question.answers) if found and question else None
    if found is None or called is None:
        return problem
    return replace(problem, help=f"Did you mean '{called}'?", fix=Fix(found[1], called))


def identifying(root: Path, facts: BaseModel) -> list[Problem]:
    """Return what in the files of a policy may tell who a child is, whatever else is wrong with it."""
    known = facts.facts.items() if isinstance(facts, m.FactsFile) else ()
    return list(scanned(root, {name for name, fact in known if fact.type == "date"}))


def _stand_in(files: dict[str, BaseModel], nodes: dict[str, Node], unread: set[str]) -> None:
    """Put something in the place of what all else needs and could not be read."""
    order = files.get(ORDER)
    listed = [*order.order, *order.beside] if isinstance(order, m.DecisionsFile) else []
    for name in unread:
        if matches(name, DECISION):
            folder = name.split("/")[1]
            numbered = re.sub(r"^(\d\d)-(?=\d{5}$)", r"\1/", folder)
            number = next((one for one in listed if one.replace("/", "-") == folder), numbered)
            files[name] = m.DecisionFile.model_construct(number=number, title="-", status="proposed")
    needed = {
        ORDER: m.DecisionsFile(order=[file.number for _, file in each(files, DECISION)], assumption="-"),
        DOCUMENTS: DocumentsFile(documents={}),
        READINGS: m.ReadingsFile(readings=[]),
        FACTS: m.FactsFile(facts={}),
        QUESTIONS: m.QuestionsFile(questions=sorted(rules_in(nodes))),
    }
    for name, file in needed.items():
        files.setdefault(name, file)
        nodes.setdefault(name, Node("map", Place(name, 1, 1), {}))
