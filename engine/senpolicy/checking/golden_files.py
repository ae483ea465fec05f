"""Checks of the golden and example cases as files: each field must be one, and what is expected must be possible.

Whether the engine gives what a golden case expects is a test's to say; here it is only read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from senpolicy.checking.golden import FOLDER, Expected, GoldenCase, GoldenFile, read_golden
from senpolicy.checking.names import KINDS, Catalogue
from senpolicy.deciding.cases import Refused, read_file, read_text
from senpolicy.files.codes import codes
from senpolicy.files.identifiers import PUPILS, scanned, unrepeated
from senpolicy.files.models.mending import sum_of
from senpolicy.files.problems import At, Fix, Place, PolicyError, Problem, Problems, nearest_fix
from senpolicy.files.source import Node
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import given
from senpolicy.policy.timeline import Policy
from senpolicy.policy.timeline import policy as policy_of
from senpolicy.policy.wording import is_plain, misnamed


def check(corpus: Corpus, policy_under: Callable[[str | None], Policy]) -> list[Problem]:
    """Return every problem of the golden and example cases below the corpus's root, and what may identify a child.

    Fields are read by the policy under the scenario that a golden file pins, or that an example file is named after;
    `policy_under` returns it, given None for the policy as it is.
    """
    root, problems = corpus.root, Problems()
    problems.found += scanned(root, _dates(corpus))
    for folder in PUPILS:
        problems.found += misnamed_in(root, folder)
        for path in sorted((root / folder).rglob("*.yaml")):
            problems.found += in_file(corpus, path.relative_to(root).as_posix(), policy_under)
    return list(problems)


def misnamed_in(root: Path, folder: str) -> Iterator[Problem]:
    """Yield a problem for each file of cases in a folder below `root` that is not named as they are."""
    names = [path.relative_to(root).as_posix() for path in sorted((root / folder).rglob("*")) if path.is_file()]
    for name in names:
        if not name.endswith(".yaml") or not is_plain(Path(name).stem):
            said = misnamed(
                name, names, lambda one: one.endswith(".yaml") and is_plain(Path(one).stem), read=name.endswith(".yaml")
            )
            if said:
                yield Problem(Place(name), "unknown-file", *said)


def in_file(corpus: Corpus, name: str, policy_under: Callable[[str | None], Policy]) -> list[Problem]:
    """Return what is wrong with one file of golden or example cases below the corpus's root; `check` says the rest."""
    path, problems = corpus.root / name, Problems()
    if not name.startswith(FOLDER):
        scenario = path.stem if path.stem in corpus.scenarios else None
        found = list(_example(path, name, policy_under(scenario)))
        # What a proposal alone refuses, such as a level that it replaces, is an example of what counts.
        return found and list(_example(path, name, policy_of(corpus, scenario=scenario)))
    try:
        file, node = read_golden(path, name)
    except PolicyError as error:
        return list(error.problems)
    policy = policy_under(file.scenario if file.scenario in corpus.scenarios else None)
    # A scenario may bring facts, points and rows of its own.
    known = policy.corpus if file.scenario in corpus.scenarios else corpus
    _Golden(known, policy, name, node, problems).file(file)
    return unrepeated(problems, path.read_text(encoding="utf-8-sig"), _dates(corpus)) if list(problems) else []


def _dates(corpus: Corpus) -> set[str]:
    """Return the facts that are days."""
    return {name for name, kind in corpus.types.items() if kind.type == "date"}


def _example(path: Path, name: str, policy: Policy) -> Iterator[Problem]:
    try:
        cases = read_file(path, policy)
    except PolicyError as error:
        for one in error.problems:
            yield replace(one, place=one.place._replace(file=name))
        return
    for case in cases:
        for one in case.problems if isinstance(case, Refused) else ():
            yield replace(one, place=one.place._replace(file=name), row=one.row or case.row)


class _Golden:
    """Checks one file of golden cases."""

    def __init__(self, corpus: Corpus, policy: Policy, name: str, node: Node, problems: Problems) -> None:
        self.corpus, self.policy, self.name, self.node, self.problems = corpus, policy, name, node, problems

    def known(self, path: At, what: str, word: str, names: Iterable[str], *, key: bool = False) -> None:
        self.problems.known(partial(self.node.at, path, key=key), what, word, list(names))

    def file(self, file: GoldenFile) -> None:
        corpus = self.corpus
        Catalogue(corpus).check(file, lambda *path, key: self.node.at(path, key=key), self.problems)
        decision = corpus.decisions.get(file.as_of)
        if decision and decision.status == "proposed" and not file.include_proposed:
            said, help = f"'{file.as_of}' is only proposed.", "Add include_proposed: true below, beside as_of."
            self.problems.add(self.node.at(("as_of",)), "only-proposed", said, help)
        self.known(("readings",), "reading", file.readings, ["all", "none", *(one.id for one in corpus.readings)])
        if file.readings == "all" and corpus.readings:
            said = "With 'all' a reading that is adopted later would change these cases."
            help = f"Write the id of the last reading that they count with, such as {corpus.readings[-1].id}; or none."
            self.problems.add(self.node.at(("readings",)), "golden-pins", said, help)
        folder, right = self.name.split("/")[-2], file.scenario or file.as_of.replace("/", "-")
        if folder != right and (decision or file.scenario in corpus.scenarios):
            key = "scenario" if file.scenario else "as_of"
            said = f"'{file.scenario or file.as_of}' does not match the folder '{folder}'."
            help = f"Move the file to {FOLDER}/{right}/, or correct '{key}'."
            self.problems.add(self.node.at((key,)), "folder-name", said, help)
        references: dict[str, int] = {}
        for number, one in enumerate(file.cases):
            self.case(("cases", number), one)
            reference = str(one.case.get("case_ref"))
            if references.setdefault(reference, number) < number:
                said = "Two cases of this file have this reference."
                place = self.node.at(("cases", number, "case", "case_ref"))
                self.problems.add(place, "same-reference", said, "Give each case its own reference.")

    def case(self, path: At, golden: GoldenCase) -> None:
        document = golden.paragraph.partition(" ")[0]
        self.known((*path, "paragraph"), "document", document, self.corpus.documents)
        if document == golden.paragraph:
            said, help = "No paragraph is named.", "Write the document's id and the paragraph: report 3.20."
            self.problems.add(self.node.at((*path, "paragraph")), "missing", said, help)
        rules = list(KINDS["rule about facts"].names(self.corpus))
        (case,) = read_text(json.dumps([golden.case]), self.name, self.policy)
        for one in case.problems if isinstance(case, Refused) else ():
            if one.code not in (*golden.refused, *rules):  # Whether a rule holds is the engine's to say.
                self.fault((*path, "case"), golden, one)
        faults = [one.code for one in codes().values() if one.group == "cases"]
        for index, word in enumerate(golden.refused):
            self.known((*path, "refused", index), "rule about facts", word, [*rules, *faults])
        for question, expected in golden.expect.items():
            if question in self.corpus.questions:
                figures = dict.fromkeys([figure for _, figure, _ in given(self.corpus, question)])
                self.written((*path, "expect", question), expected)
                for word in expected.model_extra or ():
                    known = [*figures, *type(expected).model_fields]
                    self.known((*path, "expect", question, word), f"'{question}' figure", word, known, key=True)

    def written(self, path: At, expected: Expected) -> None:
        """Check that the sums that are expected are written as answers give them."""
        for word, value in (expected.model_extra or {}).items():
            if isinstance(value, str) and (mend := sum_of(value)) is not None and mend != value:
                said = f"'{value}' is not how an answer gives a sum."
                place = self.node.at((*path, word))
                self.problems.add(place, "number", said, f"Write figures with the pence: {mend}.", fix=Fix(value, mend))

    def fault(self, path: At, golden: GoldenCase, found: Problem) -> None:
        """Add what is wrong with a field of a case, at the field; its value is not repeated."""
        fields = list(self.corpus.facts.facts)
        unknown = next((name for name in golden.case if name not in fields), "")
        names = list(golden.case)
        before = names[names.index(unknown) - 1] if unknown and unknown != names[0] else ""
        if before in fields and golden.case[before] is None and golden.case[unknown] is None:
            said, colon = f"'{before}' is followed by a comma, and has no value.", Fix(f"{before}, ", f"{before}: ")
            place = self.node.at((*path, before), key=True)
            self.problems.add(place, found.code, said, "Write a colon and a space after it, then its value.", fix=colon)
            return
        if found.code == "unknown-field" and unknown:
            place, fix = self.node.at((*path, unknown), key=True), nearest_fix(unknown, fields)
            self.problems.add(place, found.code, found.message, found.help, fix=fix)
            return
        place = self.node.at((*path, found.field) if found.field else path, key=not found.field)
        self.problems.add(place, found.code, found.message, found.help)
