"""Checks of values: from which day each counts, what a fact may be held against, and the figures of a row together.

Whether a figure is of the unit that its question declares is for `checking.corpus`, which knows the decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from senpolicy.checking.names import Catalogue
from senpolicy.files.models import rules as m
from senpolicy.files.models.scenarios import ScenarioFile, ScenarioParameter, ScenarioRow
from senpolicy.files.models.units import read_set, turned
from senpolicy.files.problems import At, Fix, Problem, Problems, listed
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import setting

#: How many years after its decision a day is still probable. It tells figures that changed places: 2062 for 2026.
FAR = 25
#: The units that a fact of each type can have; any other has none.
OF_FACTS = {"money": ("pounds", "pounds_a_year"), "integer": ("years", "year_group", "count", "year")}
#: Units of which one is easily written for another.
ALIKE = (("pounds", "pounds_a_year"), ("share", "per_cent"), ("years", "year_group", "count", "year"))
_ARTICLE = {"date": "a date", "share": "a share", "text": "a text", "levels": "a list of levels", "flag": "a flag"}


def a(unit: str) -> str:
    """Return what is of a unit, in words.

    >>> a("date"), a("pounds_a_year")
    ('a date', 'in pounds_a_year')
    """
    return _ARTICLE.get(unit, f"in {unit}" if unit else "without a unit")


def could_be(parameter: m.Parameter | ScenarioParameter, unit: str) -> bool:
    """Return whether the value of a parameter could be one of another unit that is easily mistaken for its own."""
    alike = any({parameter.unit, unit} <= {*units} for units in ALIKE) or parameter.unit == "text"
    if not alike or parameter.value is None:
        return alike
    try:
        read_set(str(parameter.value), unit)
    except PydanticCustomError:
        return False
    return True


class NotALimit(NamedTuple):
    """That a parameter is not a limit of a fact: the message, what to do, and what to write where that is plain."""

    message: str
    help: str
    fix: Fix | None = None


def limit_fault(corpus: Corpus, fact: str, name: str, decision: str = "") -> NotALimit | None:
    """Return what keeps a fact from being held against a parameter by a rule of a decision; None where nothing does."""
    own = corpus.facts.facts[fact].limits
    if name in own:
        return None
    of = [one for one, other in corpus.facts.facts.items() if name in other.limits]
    said = f"'${name}' is not a limit of '{fact}'" + (f", but of {listed(of)}." if of else ".")
    add = f"add '{name}' to 'limits' of '{fact}' in rules/facts.yaml"
    if not own:
        return NotALimit(said, f"Name another parameter; or {add}, where it is one.")
    if not of and all(number == decision for number, _ in corpus.parameters[name]):
        write = f"write {' or '.join(f'${one}' for one in own)}"
        return NotALimit(said, f"Where the fact is to be compared with it, {add}; else {write}.")
    meant = f"Did you mean '${own[0]}'?" if len(own) == 1 else f"Its limits are {listed(own)}: write one of them."
    return NotALimit(
        said, f"{meant} Or {add}, where it is one.", Fix(f"${name}", f"${own[0]}") if len(own) == 1 else None
    )


def check(corpus: Corpus, names: Catalogue) -> list[Problem]:
    """Return the problems of values by day, of what facts may be held against, and of the figures of each row."""
    checker = _ValuesChecker(corpus)
    checker.facts()
    if names.whole("decision", "parameter"):
        for name, setters in corpus.parameters.items():
            checker.days(name, setters)
        for question in corpus.questions:
            checker.rows(question)
    return list(checker.problems)


class _ValuesChecker:
    def __init__(self, corpus: Corpus) -> None:
        self.corpus, self.problems = corpus, Problems()
        self.counted = {number for number, one in corpus.decisions.items() if one.counts(include_proposed=True)}

    def add(
        self, file: str, path: At, code: str, message: str, help: str, *, key: bool = False, fix: Fix | None = None
    ) -> None:
        self.problems.add(self.corpus.place(file, *path, key=key), code, message, help, fix=fix)

    def facts(self) -> None:
        """Check the unit and the limits of each fact."""
        file = "rules/facts.yaml"
        for name, fact in self.corpus.facts.facts.items():
            units = OF_FACTS.get(fact.type, ())
            if fact.unit and fact.unit not in units:
                said = f"'{name}' is of the type {fact.type}, and {a(fact.unit)}."
                help = f"Write one of {listed(units)}." if units else "Take the unit out."
                self.add(file, ("facts", name, "unit"), "unit-mismatch", said, help)
                continue
            wanted = ("date",) if fact.type == "date" else units
            for index, limit in enumerate(fact.limits):
                path = ("facts", name, "limits", index)
                if not wanted:
                    said = f"'{name}' is of the type {fact.type}, whose values have no order: it has no limits."
                    self.add(file, path, "unit-mismatch", said, "Take 'limits' out.")
                elif limit in self.corpus.parameters:
                    unit = self.corpus.parameters[limit][0][1].unit
                    if unit != (fact.unit or wanted[0]):
                        said = f"'{limit}' is {a(unit)}, and '{name}' {a(fact.unit or wanted[0])}."
                        self.add(file, path, "unit-mismatch", said, "Name a parameter of that unit.")

    def days(self, name: str, setters: Sequence[tuple[str, m.Parameter]]) -> None:
        """Check from which day each value of a name counts, and that a day is one that its decision can have meant."""
        before: list[tuple[str, m.Parameter]] = []
        for number, parameter in setters:
            file, path = self.corpus.file_of(number, "parameters.yaml"), ("parameters", name)
            decision = self.corpus.decisions[number]
            taken = decision.taken
            first = taken and (taken.day or taken.earliest)
            meant = parameter.reaches_back or number in self.corpus.beside
            others = [one for one in before if one[1].value != parameter.value]
            if parameter.start is None and others:
                self.no_day(file, path, number, parameter, others[-1])
            elif parameter.start and first and parameter.start < first and not meant:
                said = f"'{name}' counts from {parameter.start}, and {number} was not taken before {first}."
                help = "Look at day, month and year. Where days before are to change, write 'reaches_back: true'."
                self.add(file, (*path, "from"), "starts-before-decision", said, help)
            last = (taken and (taken.day or taken.latest or taken.earliest)) or decision.planned
            for key, day in (("from", parameter.start), ("value", parameter.value)):
                if isinstance(day, date) and last and day.year - last.year > FAR:
                    said = f"'{day}' is {day.year - last.year} years after {number}."
                    near = turned(day, range(last.year, last.year + FAR + 1))
                    help = near or "Look at the figures of the year."
                    self.add(file, (*path, key), "implausible", said, help)
            if number in self.counted and number not in self.corpus.beside:  # Of these no order is claimed.
                before.append((number, parameter))

    def no_day(self, file: str, path: At, number: str, parameter: m.Parameter, older: tuple[str, m.Parameter]) -> None:
        """Add that a value takes the place of an older one from the beginning, if it does not say that it is to."""
        if parameter.reaches_back and parameter.note:
            return
        was = "left open" if older[1].value is None else "set"
        said = f"'{path[-1]}' is {was} by {older[0]}, and nothing says from when this value takes its place."
        day = f"Add the first day, as in 'from: {_first_day(self.corpus, number)}': until then it is as it was."
        help = f"{day} To change every day before, too, write 'reaches_back: true', and why in 'note'."
        if parameter.reaches_back:
            said = f"'{path[-1]}' takes the place of every older value back to the beginning, and nothing says why."
            help = "Say in 'note' why days before are to change."
        self.add(file, path, "no-day", said, help, key=True)

    def rows(self, question: str) -> None:
        """Check the figures of each row against each other, and that an answer has those that it never goes without."""
        corpus = self.corpus
        for number, version in enumerate(corpus.questions[question].versions):
            for placed in version.placed:
                path: At = ("versions", number, *placed.path)
                self.row(f"rules/{question}.yaml", path, question, placed.row, None)
        for file, scenario in corpus.files.items():
            if isinstance(scenario, ScenarioFile):
                for index, settles in enumerate(scenario.settles):
                    for at, row in enumerate(settles.rows if settles.question == question else ()):
                        self.row(file, ("settles", index, "rows", at), question, row, scenario)

    def row(
        self, file: str, path: At, question: str, row: m.AnswerRow | m.OpenRow | ScenarioRow,
        scenario: ScenarioFile | None,
    ) -> None:  # fmt: skip
        figures, gives = self.corpus.questions[question].figures, row.gives
        answer = "" if isinstance(row, m.OpenRow) else row.answer
        for name, kind in figures.items():
            if answer in kind.always_with and name not in gives:
                said = f"'{answer}' never goes without '{name}', and this row does not give it."
                help = f"Add '{name}' under 'gives': $ and the name of a value, or a portion of a fact."
                self.add(file, (*path, "answer"), "no-figure", said, help)
            if kind.not_below and name in gives and kind.not_below in gives:
                self.ends(file, (*path, "gives"), (kind.not_below, name), gives, scenario)
        dates = [one for name, one in gives.items() if name in figures and figures[name].unit == "date"]
        days = [one for one in dates if isinstance(one, str) and self.is_day(one)]
        for name, one in gives.items():
            if isinstance(one, m.Portion) and one.until and days and one.until not in days:
                said = f"'{name}' goes until '{one.until}', and this row until {listed(days)}."
                where = (*path, "gives", name, "until")
                self.add(file, where, "days-differ", said, f"Write the same day in both: {days[0]}, or {one.until}.")

    def is_day(self, written: str) -> bool:
        return any(one.unit == "date" for _, one in self.corpus.parameters.get(written[1:], []))

    def ends(
        self, file: str, path: At, pair: tuple[str, str], gives: dict[str, m.Portion | str | bool],
        scenario: ScenarioFile | None,
    ) -> None:  # fmt: skip
        """Check that the low end of a range is not above its high end, on any day."""
        low, high = gives[pair[0]], gives[pair[1]]
        if isinstance(low, m.Portion) and isinstance(high, m.Portion) and low.of == high.of:
            low, high = low.share or "", high.share or ""
        if not (isinstance(low, str) and isinstance(high, str) and low.startswith("$") and high.startswith("$")):
            return
        names = (low[1:], high[1:])
        setters = [(one, *setter) for one in names for setter in self.corpus.parameters.get(one, [])]
        wrong: list[tuple[date, m.Parameter | ScenarioParameter, m.Parameter | ScenarioParameter]] = []
        right = 0
        for day in sorted({parameter.start or date.min for _, _, parameter in setters}):
            found = [setting(self.corpus, self.counted, scenario, one, day) for one in names]
            if not (found[0] and found[1]) or found[0][1].value is None or found[1][1].value is None:
                continue
            if found[0][1].unit != found[1][1].unit or found[0][1].value <= found[1][1].value:
                right += 1
            else:
                wrong.append((day, found[0][1], found[1][1]))
        if not wrong:
            return
        day, one, other = wrong[0]
        since = f" from {day}" if day != date.min else ""
        said = f"'{pair[0]}' is {low}, {one.value}, which is above '{pair[1]}', {high}, {other.value}{since}."
        by = [setter for setter in setters if setter[2] is one or setter[2] is other]
        if by:
            name, number, _ = max(by, key=lambda setter: self.corpus.rank(setter[1]))
            before = [setting(self.corpus, self.counted - {number}, scenario, each, day) for each in names]
            ends = [each[1].value for each in before if each and each[1].value is not None]
            if right or (len(ends) == 2 and ends[0] <= ends[1]):  # Other values fit: it is a value that is wrong.
                where = self.corpus.file_of(number, "parameters.yaml")
                said = f"'{low[1:]}' is {one.value}, which is above '{high[1:]}', {other.value}{since}."
                help = "Exchange the two values, or correct one of them."
                self.add(where, ("parameters", name, "value"), "ends-reversed", said, help)
                return
        self.add(file, (*path, pair[0]), "ends-reversed", said, "Exchange the two, here or where their values are set.")


def _first_day(corpus: Corpus, number: str) -> str:
    """Return a day from which a decision's values can count: one that it sets, or the day on which it was taken."""
    decision, own = corpus.decisions[number], []
    for setters in corpus.parameters.values():
        own += [one.value for setter, one in setters if setter == number and isinstance(one.value, date)]
    taken = decision.taken and (decision.taken.day or decision.taken.latest)
    day = min(own, default=None) or decision.planned or taken
    return str(day) if day else "2027-04-01"
