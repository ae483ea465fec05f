"""Checks of rules/views.yaml: every name in it exists, and is of the kind that is asked for."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from senpolicy.files.models.views import FILE, ViewsFile, views_of
from senpolicy.files.problems import Problem, Problems
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import given, in_pounds, named, part_of_a_year


def check(corpus: Corpus) -> list[Problem]:
    """Return every problem of rules/views.yaml; none where there is no such file."""
    checker = _ViewsChecker(corpus, views_of(corpus.files))
    checker.counted()
    checker.pages()
    checker.bands()
    return list(checker.problems)


class _ViewsChecker:
    def __init__(self, corpus: Corpus, file: ViewsFile) -> None:
        self.corpus, self.file, self.problems = corpus, file, Problems()

    def known(self, path: tuple[str | int, ...], what: str, word: str, names: Collection[str]) -> bool:
        """Return whether a word is one of the names, after adding a problem if not."""
        kind = what.rpartition("' ")[2].partition(" ")[0]  # "'amount' figure in pounds" is a figure
        look = f"Use one of: {', '.join(names)}." if names else "The rules give none yet; leave the key out."
        return self.problems.known(partial(self.corpus.place, FILE, *path), what, word, names, kind=kind, look=look)

    def question(self, path: tuple[str | int, ...], word: str) -> bool:
        return self.known(path, "question", word, list(self.corpus.questions))

    def counted(self) -> None:
        corpus, file = self.corpus, self.file
        if file.route is not None:
            self.question(("route",), file.route)
        if file.pays and self.question(("pays", "question"), file.pays.question):
            question = file.pays.question
            self.known(
                ("pays", "nothing"), f"'{question}' answer", file.pays.nothing, corpus.questions[question].answers
            )
            pounds = [figure for _, figure, written in given(corpus, question)
                      if in_pounds(corpus, written) and not part_of_a_year(written)]  # fmt: skip
            for key in ("known", "least", "most"):
                if (figure := getattr(file.pays, key)) is not None:
                    self.known(("pays", key), f"'{question}' figure in pounds", figure, list(dict.fromkeys(pounds)))
        if file.protects and self.question(("protects", "question"), file.protects.question):
            question = file.protects.question
            days = [figure for _, figure, written in given(corpus, question)
                    if any(one.unit == "date" for one in named(corpus, written))]  # fmt: skip
            until = file.protects.until
            self.known(("protects", "until"), f"'{question}' figure in days", until, list(dict.fromkeys(days)))

    def bands(self) -> None:
        assumed = (name for scenario in self.corpus.scenarios.values() for name in scenario.parameters)
        values = [*self.corpus.parameters, *assumed]
        for index, word in enumerate(self.file.bands):
            if not any(name.startswith(word) for name in values):
                self.known(("bands", index), "parameter", word, values)

    def pages(self) -> None:
        corpus, pages = self.corpus, self.file.school
        if pages is None:
            return
        self.question(("school", "scope"), pages.scope)
        choices = [name for name, fact in corpus.facts.facts.items() if fact.type == "choice"]
        self.known(("school", "split"), "fact that is a choice", pages.split, choices)
        every = {question: list(one.answers) for question, one in corpus.questions.items()}
        route = self.file.route
        if route in every:
            self.known(("school", "elsewhere"), f"'{route}' answer", pages.elsewhere, every[route])
        answers = list(dict.fromkeys(answer for listed in every.values() for answer in listed))
        self.known(("school", "not_arising"), "answer", pages.not_arising, answers)
