"""Checks of rules/views.yaml: figures that answers give, and beginnings that values have."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from senpolicy.checking.names import Catalogue
from senpolicy.files.models.views import FILE, Pays, Protects, views_of
from senpolicy.files.problems import Problem, Problems
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import Written, given, in_pounds, named, part_of_a_year


def _is_date(corpus: Corpus, written: Written) -> bool:
    return any(one.unit == "date" for one in named(corpus, written))


def check(corpus: Corpus, names: Catalogue) -> list[Problem]:
    """Return the problems of rules/views.yaml, except those of names (`checking.names`); none without the file."""
    file, problems = views_of(corpus.files), Problems()

    def figures(
        within: str, one: Pays | Protects, unit: str, keys: tuple[str, ...], fits: Callable[[Written], bool]
    ) -> None:
        if one.question in corpus.questions:
            known = list(dict.fromkeys(name for _, name, written in given(corpus, one.question) if fits(written)))
            look = f"Use one of: {', '.join(known)}." if known else "The rules give none yet; leave the key out."
            for key in keys:
                if (word := getattr(one, key)) is not None:
                    place, what = partial(corpus.place, FILE, within, key), f"'{one.question}' figure in {unit}"
                    problems.known(place, what, word, known, kind="figure", look=look)

    if not names.whole("parameter", "answer", "scenario"):
        return []
    if file.pays:
        keys = ("known", "least", "most")
        figures("pays", file.pays, "pounds", keys, lambda one: in_pounds(corpus, one) and not part_of_a_year(one))
    if file.protects:
        figures("protects", file.protects, "days", ("until",), lambda one: _is_date(corpus, one))
    if file.tariff and file.tariff.place in corpus.types:
        places = corpus.types[file.tariff.place].values
        for key in ("own_rates", "guaranteed"):
            for index, word in enumerate(getattr(file.tariff, key)):
                at = partial(corpus.place, FILE, "tariff", key, index)
                problems.known(at, f"'{file.tariff.place}' value", word, places, kind="value")
        draft = file.tariff.draft
        rule = corpus.questions.get(draft.rates.question) if draft else None
        if draft and rule:
            rows = list(dict.fromkeys(row.name for version in rule.versions for row in version.rows))
            for row, settings in draft.rates.rows.items():
                path = ("tariff", "draft", "rates", "rows", row)
                problems.known(partial(corpus.place, FILE, *path, key=True), "row of a rule", row, rows)
                for index, word in enumerate(settings):
                    at = partial(corpus.place, FILE, *path, index)
                    problems.known(at, f"'{file.tariff.place}' value", word, places, kind="value")
            at = partial(corpus.place, FILE, "tariff", "draft", "rates", "figure")
            problems.known(at, "figure", draft.rates.figure, rule.figures)
    values = [*corpus.parameters, *(name for scenario in corpus.scenarios.values() for name in scenario.parameters)]
    for index, word in enumerate(file.bands):
        if not any(name.startswith(word) for name in values):
            problems.known(partial(corpus.place, FILE, "bands", index), "parameter", word, values)
    return list(problems)
