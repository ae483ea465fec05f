"""Checks of plans of bands and rates: levels of their edition, each in one band, and rates that rise with need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path

from senpolicy.checking.names import Catalogue
from senpolicy.deciding.cases import read_cell
from senpolicy.files.models.tariffs import TariffPlanFile
from senpolicy.files.models.views import views_of
from senpolicy.files.problems import At, Place, PolicyError, Problem, Problems, did_you_mean, shown_name
from senpolicy.files.source import Node
from senpolicy.policy.corpus import Corpus, read_as
from senpolicy.policy.layout import each

FILES = "policy/tariffs/*.yaml"


def check(corpus: Corpus, names: Catalogue) -> list[Problem]:
    """Return every problem of the plans in policy/tariffs/, except those of names (`checking.names`)."""
    found: list[Problem] = []
    for file, plan in each(corpus.files, FILES) if names.whole("edition", "fact") else ():
        if not file.endswith(f"/{plan.plan}.yaml"):
            place, said = corpus.place(file, "plan"), f"'{plan.plan}' does not match the name of the file."
            found.append(Problem(place, "file-name", said, f"Name the file {plan.plan}.yaml, or the plan as the file."))
        found += plan_problems(corpus, plan, partial(corpus.place, file))
    return found


@dataclass(frozen=True)
class PlanWithPlaces:
    """A plan, and what gives the place of each part of its file."""

    file: TariffPlanFile
    at: Callable[..., Place]


def read_plan(path: Path, corpus: Corpus) -> PlanWithPlaces:
    """Return the plan of a file, in the policy or outside; raises `PolicyError` with all that is wrong with it."""
    problems, name = Problems(), shown_name(path)
    try:
        content = path.read_bytes()
    except OSError:
        said = "This file is not there, or cannot be read."
        raise PolicyError([Problem(Place(name), "no-file", said, "Check its name and folder.")]) from None
    file, node = read_as(TariffPlanFile, content, name, problems)
    if file is None:
        raise PolicyError(problems)
    Catalogue(corpus).check(file, node_place(node), problems)
    problems.found += plan_problems(corpus, file, node_place(node))
    problems.stop_on_errors()
    return PlanWithPlaces(file, node_place(node))


def node_place(node: Node) -> Callable[..., Place]:
    """Return what gives the place of a path in a file."""

    def at(*path: str | int, key: bool = False) -> Place:
        return node.at(path, key=key)

    return at


def plan_problems(corpus: Corpus, plan: TariffPlanFile, at: Callable[..., Place]) -> list[Problem]:
    """Return what does not hang together in a plan, or does not fit the policy; `at` gives the place of a path."""
    checker = _PlanChecker(corpus, plan, at)
    checker.bands()
    checker.settings()
    checker.together()
    checker.phases()
    return list(checker.problems)


class _PlanChecker:
    def __init__(self, corpus: Corpus, plan: TariffPlanFile, at: Callable[..., Place]) -> None:
        self.corpus, self.plan, self.at, self.problems = corpus, plan, at, Problems()
        edition = corpus.editions.get(plan.edition)
        self.levels = [one.id for one in sorted(edition.levels, key=lambda one: one.order)] if edition else []

    def add(self, path: At, code: str, message: str, help: str) -> None:
        self.problems.add(self.at(*path), code, message, help)

    def bands(self) -> None:
        """Check that each level is one of the edition, and in one band, and that no rate falls as levels rise."""
        band_of: dict[str, str] = {}
        for name, band in self.plan.bands.items():
            for index, level in enumerate(band.levels):
                path = ("bands", name, "levels", index)
                if self.levels:
                    self.problems.known(
                        partial(self.at, *path),
                        "level",
                        level,
                        self.levels,
                        where=f"of the edition '{self.plan.edition}'",
                    )
                if level in band_of:
                    said = f"The level '{level}' is in '{band_of[level]}' already."
                    self.add(path, "level-in-two-bands", said, "Keep it in one of the two.")
                band_of.setdefault(level, name)
        rates = {name: band.rate for name, band in self.plan.bands.items() if isinstance(band.rate, Decimal)}
        if not rates:
            said = "No band has a rate: the plan would pay every pupil as today."
            place = self.at("bands", key=True)
            self.problems.add(place, "fields-together", said, "Give at least one band a rate in pounds.")
        for lower, higher in pairwise(level for level in self.levels if band_of.get(level) in rates):
            one, other = band_of[lower], band_of[higher]
            if rates[other] < rates[one]:
                said = f"'{other}' is paid less than '{one}', and its level '{higher}' is of more need."
                self.add(("bands", other, "rate"), "rate-falls", said, "Give more need at least the same rate.")

    def together(self) -> None:
        """Check that no setting both pays averages and protects pupil by pupil."""
        for word in self.plan.protect:
            if word in self.plan.average_in:
                said = f"In '{word}' each pupil is paid the school's average, and would be protected alone."
                self.add(("protect", word), "fields-together", said, "Leave it out of 'average_in' or of 'protect'.")

    def phases(self) -> None:
        """Check that pupils are phased in by values of a fact, or by the first day of a fact that is a day."""
        for name, wanted in (self.plan.phase_in or {}).items():
            kind = self.corpus.types.get(name)
            if kind is None or kind.is_answer:
                continue  # That is told as a name.
            if (kind.type == "date") is isinstance(wanted, list) or kind.type not in ("date", "integer", "choice"):
                said = f"Pupils cannot be phased in so by '{name}'."
                help = "Write a list of values of a choice or a whole number, or the first day of a fact that is a day."
                self.add(("phase_in", name), "phase-in", said, help)
            for index, text in enumerate(wanted if isinstance(wanted, list) and kind.type != "date" else ()):
                try:
                    read_cell(name, text, kind)
                except ValueError:
                    said = f"'{text}' is not a value of the fact '{name}'."
                    self.add(("phase_in", name, index), "unknown-value", said, did_you_mean(text, kind.values))

    def settings(self) -> None:
        """Check that settings are those of the policy, and that each guarantee is said that has to be."""
        tariff = views_of(self.corpus.files).tariff
        if tariff is None or tariff.place not in self.corpus.types:
            return
        places, plan = self.corpus.types[tariff.place].values, self.plan
        what = f"'{tariff.place}' value"
        for path, given in (
            (("settings",), plan.settings),
            (("limits", "guarantee"), plan.limits.guarantee),
            (("core",), plan.core),
            (("protect",), plan.protect),
        ):
            for word in given:
                self.problems.known(partial(self.at, *path, word, key=True), what, word, places, kind="value")
        for index, word in enumerate(plan.average_in):
            self.problems.known(partial(self.at, "average_in", index), what, word, places, kind="value")
        for word in tariff.guaranteed:
            if word in plan.settings and word not in plan.limits.guarantee:
                said = f"The plan does not say what is guaranteed in '{word}'."
                help = f"Write guarantee: {{{word}: 0.00}} under limits; 'none' instead of 0.00 for no guarantee."
                self.problems.add(self.at("limits", key=True), "no-guarantee", said, help)
