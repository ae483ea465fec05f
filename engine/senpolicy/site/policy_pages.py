"""The pages for the reader who checks: decisions, questions, parameters, and the records beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from senpolicy.caseloads import population
from senpolicy.checking import figures
from senpolicy.explaining import open_points
from senpolicy.files.models import rules as m
from senpolicy.files.models.records import (
    BackgroundFile,
    ConsultationFile,
    DutiesFile,
    FiguresFile,
    MarginsFile,
    StrategyFile,
)
from senpolicy.language.conditions import tests
from senpolicy.site import addresses as a
from senpolicy.site.golden import DecidedGoldenCase
from senpolicy.site.pages import Site
from senpolicy.site.periods import versions

#: The records that a decision's folder may hold, by the names of their files: the model, and what the page is called.
RECORDS: dict[str, tuple[type, str]] = {
    "consultation": (ConsultationFile, "The consultation"),
    "strategy": (StrategyFile, "The strategy"),
    "duties": (DutiesFile, "Duties and definitions"),
    "background": (BackgroundFile, "Options, agreements and promises"),
}


def add(site: Site, golden: Sequence[DecidedGoldenCase]) -> None:
    """Add the pages of the policy to the site; the golden cases are shown with the rows that decide them."""
    _decisions(site)
    _questions(site, golden)
    _parameters(site)
    _registers(site)
    _records(site)
    _figures(site)
    _editions(site)


def in_order(site: Site) -> list[str]:
    """Return the numbers of all decisions: in the order in which they were taken, then those that stand beside it."""
    return [*site.corpus.order, *site.corpus.beside]


def _decisions(site: Site) -> None:
    corpus = site.corpus
    numbers = in_order(site)
    site.made("policy/decisions/index.md", "decisions.md.j2", numbers=numbers)
    for number in numbers:
        decision = corpus.decisions[number]
        entries = [entry for entry in open_points.entries(corpus) if entry.decision == number]
        rules = [(name, place, version) for name, question in corpus.questions.items()
                 for place, version in enumerate(question.versions) if version.decision == number]  # fmt: skip
        site.made(
            a.decision_page(number), "decision.md.j2", number=number, decision=decision, entries=entries, rules=rules,
            records=_records_of(site, number),
        )  # fmt: skip


def _records_of(site: Site, number: str) -> list[tuple[str, str]]:
    """Return the further pages of a decision's own files, with what they are called."""
    found = []
    for name, (_, title) in RECORDS.items():
        if site.corpus.file_of(number, f"{name}.yaml") in site.corpus.files:
            found.append((f"policy/{name}-{number.replace('/', '-')}.md", title))
    return found


def _questions(site: Site, golden: Sequence[DecidedGoldenCase]) -> None:
    corpus = site.corpus
    site.made("policy/questions/index.md", "questions.md.j2")
    for name, question in corpus.questions.items():
        by_row: dict[tuple[int, str], list[DecidedGoldenCase]] = defaultdict(list)
        for case in golden:
            if name in case.held and name in case.asks:
                by_row[case.held[name]].append(case)
        shown = versions(site.policy, name)
        site.made(
            a.question_page(name), "question.md.j2", name=name, question=question, versions=shown, by_row=by_row,
            asked_by={fact: [other for other, one in corpus.questions.items() if fact in one.ask]
                      for fact in question.ask},
        )  # fmt: skip


def _parameters(site: Site) -> None:
    corpus = site.corpus
    used: dict[str, dict[str, None]] = defaultdict(dict)
    for period in site.policy.periods:
        for name, question in period.questions.items():
            asked = [(one.id, one.condition) for one in question.outcomes]
            asked += [(name, one.condition) for one in question.cautions]
            for asks, condition in asked:
                for test in tests(condition):
                    if test.parameter:
                        used[test.parameter][asks] = None
    for name, file in corpus.questions.items():
        for version in file.versions:
            for row in version.rows:
                for one in (one for value in row.gives.values() for one in _named(value)):
                    used[one][f"{name}/{row.name}"] = None
            if version.start:
                used[version.start.removeprefix("$")][name] = None
    beside = {path: _named_in(file.model_dump()) for path, file in corpus.files.items()
              if path.startswith("rules/") and not isinstance(file, m.QuestionFile)}  # fmt: skip
    site.made("policy/parameters/index.md", "parameters.md.j2", numbers=in_order(site))
    for name, setters in corpus.parameters.items():
        timed = [parameter for _, parameter in setters]
        site.made(a.parameter_page(name), "parameter.md.j2", name=name, setters=setters, parameter=timed[-1],
                  used=list(used[name]), files=[path for path, named in beside.items() if name in named])  # fmt: skip


def _named_in(value: Any) -> set[str]:
    """Return the parameters that are named anywhere in what a file holds."""
    if isinstance(value, str):
        return {value[1:]} if value.startswith("$") else set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for part in parts for name in _named_in(part)}


def _named(value: Any) -> list[str]:
    written = [value.share, value.until] if isinstance(value, m.Portion) else [value]
    return [one[1:] for one in written if isinstance(one, str) and one.startswith("$")]


def _registers(site: Site) -> None:
    entries = open_points.entries(site.corpus)
    rows: dict[str, dict[str, None]] = defaultdict(dict)
    for name, question in site.corpus.questions.items():
        for version in question.versions:
            for row in version.open:
                for point in (row.point, *row.also, *row.either):
                    rows[point][name] = None
    empty: dict[str, list[str]] = defaultdict(list)
    for name, setters in site.corpus.parameters.items():
        for _, parameter in setters:
            if parameter.open_point:
                empty[parameter.open_point].append(name)
    site.made(a.POINTS, "open-points.md.j2", entries=entries, rows=rows, empty=empty)
    site.made(a.READINGS, "readings.md.j2")
    site.made(a.DOCUMENTS, "documents.md.j2")


def _records(site: Site) -> None:
    for path, file in sorted(site.corpus.files.items()):
        number = next(
            (one for one in site.corpus.decisions if site.corpus.file_of(one, path.split("/")[-1]) == path), ""
        )
        for name, (kind, _) in RECORDS.items():
            if type(file) is kind:
                page = f"policy/{name}-{number.replace('/', '-')}.md"
                site.made(page, f"{name}.md.j2", file=file, path=path, number=number)


def _figures(site: Site) -> None:
    """Add the pages of figures that belong to no single decision, where there are any."""
    checked, made_up = site.corpus.files.get(figures.FILE), site.corpus.files.get(population.FILE)
    if isinstance(checked, FiguresFile):
        results = figures.results(site.corpus)
        site.made("policy/figures.md", "figures.md.j2", file=checked, path=figures.FILE, results=results)
    if isinstance(made_up, MarginsFile):
        site.made("policy/made-up-pupils.md", "margins.md.j2", file=made_up, path=population.FILE)


def _editions(site: Site) -> None:
    for name, edition in site.corpus.editions.items():
        folder = a.edition_page(name).removesuffix("index.md")
        said = {(one.area, one.strand, one.level): one for one in edition.statements}
        levels = sorted(edition.levels, key=lambda level: level.order)
        shared = {"edition": edition, "levels": levels, "said": said, "folder": folder}
        site.made(f"{folder}index.md", "edition.md.j2", **shared)
        if edition.statements:
            site.made(f"{folder}matrix.md", "matrix.md.j2", **shared)
        for area in edition.areas:
            site.made(f"{folder}{area.id.replace('_', '-')}.md", "area.md.j2", area=area, **shared)
        for level in levels:
            site.made(f"{folder}level-{level.id.replace('_', '-')}.md", "level.md.j2", level=level, **shared)
