"""Checks of the records: whatever a consultation, a strategy, a background or a list of duties names must exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

from senpolicy.files.models import records as r
from senpolicy.files.models.properties import declared_properties
from senpolicy.files.problems import At, Problem, Problems, did_you_mean
from senpolicy.policy.corpus import Corpus


def check(corpus: Corpus) -> list[Problem]:
    """Return a problem for every name of a record that leads nowhere, and every id that is there twice."""
    problems = Problems()
    for name, file in corpus.files.items():
        if isinstance(file, r.ConsultationFile):
            _RecordsChecker(corpus, name, problems).consultation(file)
        elif isinstance(file, r.StrategyFile):
            _RecordsChecker(corpus, name, problems).strategy(file)
        elif isinstance(file, r.DutiesFile):
            for key in ("duties", "definitions"):
                _RecordsChecker(corpus, name, problems).ids((key,), [one.id for one in getattr(file, key)])
        elif isinstance(file, r.BackgroundFile):
            _RecordsChecker(corpus, name, problems).background(file)
        elif isinstance(file, r.MarginsFile):
            _RecordsChecker(corpus, name, problems).margins(file)
    return list(problems)


class _RecordsChecker:
    def __init__(self, corpus: Corpus, file: str, problems: Problems) -> None:
        self.corpus, self.file, self.problems = corpus, file, problems
        self.rules = {
            f"{question}/{row.id}"
            for question, rule in corpus.questions.items()
            for version in rule.versions
            for row in version.answers
        }

    def add(self, path: At, code: str, message: str, help: str) -> None:
        self.problems.add(self.corpus.place(self.file, *path), code, message, help)

    def known(
        self,
        path: At,
        what: str,
        words: str | list[str] | None,
        names: Iterable[str],
        *,
        keys: bool = False,
    ) -> None:
        """Add a problem for a word, or each of a list, that is not one of the names; `keys` says that they are keys."""
        known, listed = list(names), isinstance(words, list)
        for index, word in enumerate(words if isinstance(words, list) else [words]):
            kind, look = what.partition(" of the fact ")[0], "Look it up where it is defined."
            if word is not None:
                at = (*path, word) if keys else (*path, index) if listed else path
                place = partial(self.corpus.place, self.file, *at, key=keys)
                self.problems.known(place, what, word, known, kind=kind, look=look, where="here")

    def ids(self, path: At, ids: list[str]) -> None:
        for index, one in enumerate(ids):
            if ids.index(one) < index:
                self.add((*path, index, "id"), "same-id", f"'{one}' is the id of two {path[-1]}.", "Rename one.")

    def links(self, path: At, links: list[r.Link]) -> None:
        for index, link in enumerate(links):
            where = (*path, index)
            self.known((*where, "parameter"), "parameter", link.parameter, self.corpus.parameters)
            self.known((*where, "open_point"), "open point", link.open_point, self.corpus.open_points)
            self.known((*where, "rule"), "row of a rule", link.rule, self.rules)
            self.known(
                (*where, "holds"), "property", link.holds, [one.id for one in declared_properties(self.corpus.files)]
            )

    def background(self, file: r.BackgroundFile) -> None:
        self.known(("background", "decision"), "decision", file.background.decision, self.corpus.decisions)
        for key in ("options", "agreement", "equality", "mitigations", "reviews"):
            self.ids((key,), [one.id for one in getattr(file, key)])
        made = [one.id for one in file.mitigations]
        named = {name for group in file.equality for name in group.mitigations}
        for index, group in enumerate(file.equality):
            self.known(("equality", index, "mitigations"), "mitigation", group.mitigations, made)
        for index, one in enumerate(file.mitigations):
            if one.id not in named:
                said = f"'{one.id}' is for no group of the assessment."
                self.add(("mitigations", index, "id"), "idle-mitigation", said, "Name it under a group's mitigations.")
        for key in ("agreement", "mitigations", "reviews"):
            for index, one in enumerate(getattr(file, key)):
                self.links((key, index, "bears_on"), one.bears_on)

    def consultation(self, file: r.ConsultationFile) -> None:
        head = file.consultation
        self.known(("consultation", "decision"), "decision", head.decision, self.corpus.decisions)
        codes = Counter(one.code for one in head.action_codes)
        for index, code in enumerate(head.action_codes):
            if codes[code.code] > 1:
                where = ("consultation", "action_codes", index, "code")
                self.add(where, "same-id", f"The code {code.code} is explained twice.", "Keep one.")
        categories = {one.id: one for one in file.categories}
        questions = {one.id: one for one in file.questions}
        responses = {one.id: one for one in file.responses}
        for key in ("categories", "questions", "responses", "differences"):
            self.ids((key,), [one.id for one in getattr(file, key)])
        for index, category in enumerate(file.categories):
            path: At = ("categories", index, "questions")
            self.known(path, "question asked", category.questions, questions)
            for number, name in enumerate(category.questions):
                if name in questions and questions[name].category != category.id:
                    said = f"'{name}' does not name '{category.id}' as its category."
                    self.add((*path, number), "category", said, "Let the two name each other.")
        for index, question in enumerate(file.questions):
            path = ("questions", index)
            self.known((*path, "category"), "category", question.category, categories)
            named = categories.get(question.category or "")
            if named and question.id not in named.questions:
                said = f"'{named.id}' does not name '{question.id}' among its questions."
                self.add((*path, "category"), "category", said, "Let the two name each other.")
            self.links((*path, "bears_on"), question.bears_on)
        for index, response in enumerate(file.responses):
            self.response(("responses", index), response, categories, responses, codes)
        for index, one in enumerate(file.differences):
            path = ("differences", index)
            self.known((*path, "questions"), "question asked", one.questions, questions)
            self.known((*path, "responses"), "response", one.responses, responses)
            self.known((*path, "open_point"), "open point", one.open_point, self.corpus.open_points)

    def response(
        self,
        path: At,
        response: r.Response,
        categories: dict[str, r.Category],
        responses: dict[str, r.Response],
        codes: Counter[int],
    ) -> None:
        self.known((*path, "category"), "category", response.category, categories)
        if response.category in categories:
            its = categories[response.category].questions
            self.known((*path, "questions"), "question of its category", response.questions, its)
        self.known((*path, "answered_with"), "response", response.answered_with, responses)
        other = responses.get(response.answered_with or "")
        if other and other.answer is None:
            said = f"'{other.id}' has no answer of its own either."
            self.add((*path, "answered_with"), "no-answer", said, "Name the one whose answer is for both.")
        for index, code in enumerate(response.action):
            if code not in codes:
                said = f"'{code}' is not a code of action here."
                self.add((*path, "action", index), "unknown-action", said, f"Use {', '.join(map(str, sorted(codes)))}.")
        self.links((*path, "shaped"), response.shaped)

    def strategy(self, file: r.StrategyFile) -> None:
        self.known(("strategy", "decision"), "decision", file.strategy.decision, self.corpus.decisions)
        self.ids(("ambitions",), [one.id for one in file.ambitions])
        self.ids(("monitoring",), [one.id for one in file.monitoring])
        for key in ("current", "proposed"):
            self.ids(("designations", key), [one.id for one in getattr(file.designations, key)])
        for index, ambition in enumerate(file.ambitions):
            if ambition.order != index + 1:
                said = f"'{ambition.id}' is number {index + 1} here and has the order {ambition.order}."
                self.add(("ambitions", index, "order"), "order", said, "Number them 1, 2, 3 …")
        ambitions = [one.id for one in file.ambitions]
        for index, measure in enumerate(file.monitoring):
            self.known(("monitoring", index, "ambition"), "ambition", measure.ambition, ambitions)
        scale = file.outcome_scale
        if scale.labels is not None and len(scale.labels) != scale.points:
            said = f"The scale has {scale.points} points and {len(scale.labels)} labels."
            self.add(("outcome_scale", "labels"), "count", said, "Give one label a point, or null where none is held.")

    def margins(self, file: r.MarginsFile) -> None:
        facts = self.corpus.facts
        columns = [*facts.facts, *facts.groups, *file.helpers]
        filled: set[str] = set()
        self.known(("left_empty",), "fact", list(file.left_empty), facts.facts)
        for key in ("steps", "margins", "not_made"):
            self.ids((key,), [one.id for one in getattr(file, key)])
        for key, made in (("steps", file.steps), ("margins", file.margins)):
            for index, one in enumerate(made):
                path = (key, index)
                self.known((*path, "column"), "column", one.column, columns)
                needed = list(one.of)
                if isinstance(one, r.MakingStep):
                    needed += [name for name in (one.by, one.numbered and one.numbered.after) if name]
                    needed += [one.shifted.of] if one.shifted else []
                for name in needed:
                    if name not in filled:
                        said = f"'{name}' has not been filled before this step."
                        self.add((*path, "of"), "not-filled", said, did_you_mean(name, filled) or "Fill it first.")
                for key, names in (("of", one.of), ("into", {one.column: list(one.weights)})):
                    for name, values in names.items():
                        kind = self.corpus.types.get(name)
                        where = (*path, key, name) if key == "of" else (*path, key)
                        if kind and kind.type == "choice":
                            known = [*kind.values, r.NOT_KNOWN]
                            self.known(where, f"value of the fact {name}", values, known, keys=key == "into")
                if isinstance(one, r.MakingStep):
                    filled.add(one.column)
