"""Checks of imports/: names of files, values that facts can have, and flags that say something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from senpolicy.checking.names import CODES, COLUMNS, Catalogue
from senpolicy.files.models.imports import (
    FACTS,
    CodeMeaning,
    CodesFile,
    ColumnsFile,
    FactColumns,
    ImportFactsFile,
    ImportFile,
)
from senpolicy.files.problems import At, Problem, Problems, did_you_mean
from senpolicy.language.conditions import FactType
from senpolicy.policy.corpus import Corpus

#: What a code of these lists says is not the value of a fact: whether a registration is the main one, and the like.
OWN = {"enrolment": ("main", "other"), "provision": ("resourced", "unit", "none")}


def check(corpus: Corpus, names: Catalogue) -> list[Problem]:
    """Return the problems of imports/, except those of names (`checking.names`); none without the folder."""
    found = Problems()
    for name, file in corpus.files.items():
        if isinstance(file, ImportFile) and file.kind != Path(name).stem:
            said = f"'{file.kind}' does not match the name '{Path(name).stem}'."
            help = f"Name it {file.kind}.yaml, or write '{Path(name).stem}' here."
            found.add(corpus.place(name, "import"), "file-name", said, help)
    codes, columns, facts = (corpus.files.get(one) for one in (CODES, COLUMNS, FACTS))
    if (
        not isinstance(codes, CodesFile)
        or not isinstance(columns, ColumnsFile)
        or not isinstance(facts, ImportFactsFile)
    ):
        return list(found)
    allowed = _values(columns, facts, corpus.types)
    for file_name, at, listed, code in _codes(corpus, codes, columns):
        for key, value in (("is", code.value), ("may_be", code.may_be)):
            fits = allowed.get(listed)
            if value is not None and fits is not None and value not in fits:
                said = f"'{value}' is not a value of what these codes say."
                help = did_you_mean(value, fits) or f"Use one of: {', '.join(fits)}."
                found.add(corpus.place(file_name, *at, key), "import-value", said, help)
    return list(found)


def _values(columns: ColumnsFile, facts: ImportFactsFile, types: Mapping[str, FactType]) -> dict[str, list[str]]:
    """Return for each list of codes the values that its codes can have; a list for no fact is left out."""
    found: dict[str, list[str]] = {name: list(values) for name, values in OWN.items()}
    for name, reading in facts.facts.items():
        kind = types.get(name)
        if kind is None or kind.type not in ("choice", "integer"):
            continue
        whole = range(kind.lowest or 0, (kind.highest or 0) + 1)
        values = list(kind.values) if kind.type == "choice" else [str(one) for one in whole]
        for column in _columns_of(reading):
            listed = columns.columns[column].codes if column in columns.columns else None
            if listed and listed not in OWN:
                found[listed] = values
    return found


def _columns_of(reading: FactColumns) -> tuple[str, ...]:
    """Return the columns by whose codes a fact is read."""
    if reading.way == "place":
        return ("placement", "placement_type")
    return (reading.of, reading.beside or "", "plan_yes_no") if reading.way == "code" else (reading.of,)


def _codes(corpus: Corpus, codes: CodesFile, columns: ColumnsFile) -> Iterator[tuple[str, At, str, CodeMeaning]]:
    """Yield every code: its file, the way to it, its list, and what it says."""
    for listed, held in codes.lists.items():
        for name, code in held.codes.items():
            yield CODES, ("lists", listed, "codes", name), listed, code
    for file_name, file in corpus.files.items():
        for column, own in file.codes.items() if isinstance(file, ImportFile) else ():
            told = columns.columns.get(column)
            for name, code in own.items():
                yield file_name, ("codes", column, name), told.codes or "" if told else "", code
