"""Checks of the records: what in a consultation, a strategy or a background names each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import partial

from senpolicy.checking.names import Catalogue
from senpolicy.files.models import records as r
from senpolicy.files.problems import At, Problem, Problems, did_you_mean
from senpolicy.policy.corpus import Corpus


def check(corpus: Corpus, names: Catalogue) -> list[Problem]:
    """Return a problem for all that does not hang together in a record."""
    problems = Problems()
    for name, file in corpus.files.items():
        if isinstance(file, r.ConsultationFile):
            _RecordsChecker(corpus, name, problems).consultation(file)
        elif isinstance(file, r.StrategyFile):
            _RecordsChecker(corpus, name, problems).strategy(file)
        elif isinstance(file, r.BackgroundFile):
            _RecordsChecker(corpus, name, problems).background(file)
        elif isinstance(file, r.MarginsFile):
            _RecordsChecker(corpus, name, problems).margins(file, whole=names.whole("given fact"))
    return list(problems)


class _RecordsChecker:
    def __init__(self, corpus: Corpus, file: str, problems: Problems) -> None:
        self.corpus, self.file, self.problems = corpus, file, problems

    def add(self, path: At, code: str, message: str, help: str) -> None:
        self.problems.add(self.corpus.place(self.file, *path), code, message, help)

    def known(
        self,
        path: At,
        what: str,
        words: str | list[str],
        names: Iterable[str],
        *,
        keys: bool = False,
    ) -> None:
        """Add a problem for a word, or each of a list, that is not one of the names; `keys` says that they are keys."""
        known, listed = list(names), isinstance(words, list)
        for index, word in enumerate(words if isinstance(words, list) else [words]):
            kind, look = what.partition(" of the fact ")[0], "Look it up where it is defined."
            at = (*path, word) if keys else (*path, index) if listed else path
            place = partial(self.corpus.place, self.file, *at, key=keys)
            self.problems.known(place, what, word, known, kind=kind, look=look, where="here")

    def background(self, file: r.BackgroundFile) -> None:
        named = {name for group in file.equality for name in group.mitigations}
        for index, one in enumerate(file.mitigations):
            if one.id not in named:
                said = f"'{one.id}' is for no group of the assessment."
                self.add(("mitigations", index, "id"), "idle-mitigation", said, "Name it under a group's mitigations.")

    def consultation(self, file: r.ConsultationFile) -> None:
        head = file.consultation
        codes = Counter(one.code for one in head.action_codes)
        for index, code in enumerate(head.action_codes):
            if codes[code.code] > 1:
                where = ("consultation", "action_codes", index, "code")
                self.add(where, "same-id", f"The code {code.code} is explained twice.", "Keep one.")
        categories = {one.id: one for one in file.categories}
        questions = {one.id: one for one in file.questions}
        responses = {one.id: one for one in file.responses}
        for index, category in enumerate(file.categories):
            path: At = ("categories", index, "questions")
            for number, name in enumerate(category.questions):
                if name in questions and questions[name].category != category.id:
                    said = f"'{name}' does not name '{category.id}' as its category."
                    self.add((*path, number), "category", said, "Let the two name each other.")
        for index, question in enumerate(file.questions):
            named = categories.get(question.category or "")
            if named and question.id not in named.questions:
                said = f"'{named.id}' does not name '{question.id}' among its questions."
                self.add(("questions", index, "category"), "category", said, "Let the two name each other.")
        for index, response in enumerate(file.responses):
            self.response(("responses", index), response, categories, responses, codes)

    def response(
        self,
        path: At,
        response: r.Response,
        categories: dict[str, r.Category],
        responses: dict[str, r.Response],
        codes: Counter[int],
    ) -> None:
        if response.category in categories:
            its = categories[response.category].questions
            self.known((*path, "questions"), "question of its category", response.questions, its)
        other = responses.get(response.answered_with or "")
        if other and other.answer is None:
            said = f"'{other.id}' has no answer of its own either."
            self.add((*path, "answered_with"), "no-answer", said, "Name the one whose answer is for both.")
        for index, code in enumerate(response.action):
            if code not in codes:
                said = f"'{code}' is not a code of action here."
                self.add((*path, "action", index), "unknown-action", said, f"Use {', '.join(map(str, sorted(codes)))}.")

    def strategy(self, file: r.StrategyFile) -> None:
        for index, ambition in enumerate(file.ambitions):
            if ambition.order != index + 1:
                said = f"'{ambition.id}' is number {index + 1} here and has the order {ambition.order}."
                self.add(("ambitions", index, "order"), "order", said, "Number them 1, 2, 3 …")
        scale = file.outcome_scale
        if scale.labels is not None and len(scale.labels) != scale.points:
            said = f"The scale has {scale.points} points and {len(scale.labels)} labels."
            self.add(("outcome_scale", "labels"), "count", said, "Give one label a point, or null where none is held.")

    def margins(self, file: r.MarginsFile, *, whole: bool) -> None:
        facts = self.corpus.facts
        columns = [*facts.facts, *facts.groups, *file.helpers]
        setters = [one for every in self.corpus.parameters.values() for _, one in every]
        levels = {level for one in setters if one.unit == "levels" for level in one.value or ()}
        filled = self._making(("steps",), file.steps, columns if whole else None, set(), levels)
        self._making(("margins",), file.margins, columns if whole else None, filled, levels)
        if file.mapped is None:
            return
        ids = [one.id for one in file.steps]
        mapped = self._making(("mapped", "steps"), file.mapped.steps, columns if whole else None, filled, levels, ids)
        for edition, steps in file.mapped.levels.items():
            if edition not in self.corpus.editions:
                continue  # That there is none is said where names are looked up, and which levels it has is not known.
            its = {one.id for one in self.corpus.editions[edition].levels}
            path = ("mapped", "levels", edition)
            self._making(path, steps, columns if whole else None, mapped, levels | its, ids)
        self._making(("mapped", "margins"), file.mapped.margins, columns if whole else None, mapped, levels)
        if file.mapped.rate not in mapped & {*file.helpers}:
            said = f"'{file.mapped.rate}' is not a helper that a step of 'mapped' fills."
            self.add(("mapped", "rate"), "not-filled", said, "Name it under helpers, and fill it under mapped.")

    def _making(
        self,
        at: At,
        every: Sequence[r.MakingStep | r.PopulationMargin],
        columns: Sequence[str] | None,
        filled: set[str],
        levels: Collection[str],
        instead_of: Sequence[str] = (),
    ) -> set[str]:
        """Check the steps or margins of a list; return which columns are filled after it.

        `columns` are those that may be named, None where some cannot be read; `levels` those that no fact has any
        longer, or has by another edition; `instead_of` the steps in whose place one may be.
        """
        filled = set(filled)
        for index, one in enumerate(every):
            path = (*at, index)
            if columns is not None:
                self.known((*path, "column"), "column", one.column, columns)
            needed: list[tuple[str, At]] = [(name, ("of",)) for name in one.of]
            if isinstance(one, r.MakingStep):
                needed += [(one.by, ("by",))] if one.by else []
                needed += [(one.numbered.after, ("numbered", "after"))] if one.numbered and one.numbered.after else []
                needed += [(one.shifted.of, ("shifted", "of"))] if one.shifted else []
                by = one.averaged.by if one.averaged else ()
                needed += [(name, ("averaged", "by", place)) for place, name in enumerate(by)]
                self.known((*path, "instead_of"), "step", one.instead_of, instead_of)
            for name, where in needed:
                if name not in filled:
                    said = f"'{name}' has not been filled before this step."
                    self.add((*path, *where), "not-filled", said, did_you_mean(name, filled) or "Fill it first.")
            for key, names in (("of", one.of), ("into", {one.column: list(one.weights)})):
                for name, values in names.items():
                    kind = self.corpus.types.get(name)
                    at_value = (*path, key, name) if key == "of" else (*path, key)
                    if kind and kind.type == "choice" and kind.values:
                        # A level that no edition has any longer is told there, where a value still names it.
                        others = levels if self.corpus.facts.facts[name].values_from else ()
                        known = [*kind.values, *others, r.NOT_KNOWN]
                        self.known(at_value, f"value of the fact {name}", values, known, keys=key == "into")
            if isinstance(one, r.MakingStep):
                filled.add(one.column)
        return filled
