"""A made population: a caseload that matches published margins, for trying things without a child's data.

policy/margins.yaml says how it is made: step by step, each filling one column. Proportions are met exactly, not drawn:
the pupils of a step are shuffled and divided by largest remainder, so that the fit is that of the margins themselves.
Chance comes in as an argument, and the same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from senpolicy.caseloads.budgets import apportioned
from senpolicy.files.digests import PlainData
from senpolicy.files.models.records import (
    NOT_KNOWN,
    Averaged,
    Based,
    MakingStep,
    MappedPopulation,
    MarginsFile,
    Numbered,
    PopulationMargin,
    Whom,
)
from senpolicy.files.models.views import Tariff
from senpolicy.files.problems import WrongUse, listed
from senpolicy.policy.corpus import Corpus

FILE = "policy/margins.yaml"
MOST = 9_999_999
Columns = dict[str, list[str]]


class Chance(Protocol):
    """Where chance comes from; `random.Random` of a seed is one."""

    def randrange(self, stop: int, /) -> int:
        """Return a whole number from 0 to below `stop`, each as likely as the next."""

    def shuffle(self, x: list[Any], /) -> None:
        """Put a list into any order, each as likely as the next."""


@dataclass(frozen=True)
class Population:
    """Made pupils: for each column a text for each pupil, "" where it is not known; and after what they are made."""

    margins: MarginsFile
    columns: Columns
    headings: tuple[str, ...]
    steps: tuple[MakingStep, ...] = ()
    held_against: tuple[PopulationMargin, ...] = ()

    @property
    def pupils(self) -> int:
        """How many there are."""
        return len(self.columns["case_ref"])

    def to_csv(self) -> str:
        """Return a caseload as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.headings)
        writer.writerows(zip(*(self.columns[name] for name in self.headings), strict=True))
        return text.getvalue()


@dataclass(frozen=True)
class Fit:
    """How one figure of a margin was met: what it asks for, what was made, and what it rests on.

    `target` and `made` are numbers of pupils, of different names, or pounds, as `unit` says; `made` is None for what
    cannot be made.
    """

    id: str
    says: str
    value: str
    unit: str
    target: Fraction
    made: int | None
    basis: str

    @property
    def assumed(self) -> bool:
        """Whether no source gives the margin."""
        return self.basis.startswith("assumption")

    @property
    def difference(self) -> Fraction | None:
        """How much more was made than was asked for."""
        return None if self.made is None else self.made - self.target

    def to_json(self) -> dict[str, PlainData]:
        """Return the fit as plain data; numbers as text."""
        shown: dict[str, PlainData] = {"margin": self.id, "says": self.says, "value": self.value, "unit": self.unit}
        shown |= {"target": tenths(self.target), "made": None if self.made is None else str(self.made)}
        if self.difference is not None:
            shown["difference"] = tenths(self.difference)
        return {**shown, "assumed": self.assumed, "basis": self.basis}


def margins_of(corpus: Corpus) -> MarginsFile:
    """Return the margins; raises `WrongUse` where the policy has none."""
    file = corpus.files.get(FILE)
    if not isinstance(file, MarginsFile):
        raise WrongUse(f"No population can be made here: there is no {FILE}.")
    return file


def simulate(corpus: Corpus, pupils: int, chance: Chance, edition: str | None = None) -> Population:
    """Return so many made pupils; with an `edition`, mapped to its levels, in schools that have rates of today.

    Raises `WrongUse` for a number that is too small or too large, and for an edition to which nobody is mapped here.
    """
    margins = margins_of(corpus)
    if not 1 <= pupils <= MOST:
        raise WrongUse(f"{pupils} pupils cannot be made. Use a number from 1 to {MOST}.")
    steps, held_against = margins.steps, margins.margins
    if edition is not None:
        mapped = _mapped(margins)
        if edition not in mapped.levels:
            said = f"{FILE} does not say how made pupils are mapped to the levels of '{edition}'."
            raise WrongUse(f"{said} It does for {listed([*mapped.levels])}.")
        more = [*mapped.steps, *mapped.levels[edition]]
        replaced = {name for one in more for name in one.instead_of}
        steps = [*(one for one in steps if one.id not in replaced), *more]
        held_against = [*held_against, *mapped.margins]
    wide = max(6, len(str(pupils)))
    columns: Columns = {"case_ref": [f"{margins.prefix}{number:0{wide}}" for number in range(1, pupils + 1)]}
    for step in steps:
        _fill(step, columns, corpus, chance, Fraction(pupils, margins.pupils))
    known = [*corpus.facts.groups, *corpus.facts.facts]
    headings = ["case_ref", *(name for name in known if name in columns and name != "case_ref")]
    return Population(margins, columns, tuple(headings), tuple(steps), tuple(held_against))


def _mapped(margins: MarginsFile) -> MappedPopulation:
    if margins.mapped is None:
        raise WrongUse(f"{FILE} does not say how made pupils are mapped. Write it there under 'mapped'.")
    return margins.mapped


def schools_table(population: Population, tariff: Tariff) -> str:
    """Return the schools of a mapped population, with what is paid today, as CSV.

    A kind of place whose pupils bring their own rates has no rate here; any other has one, or one for each need.
    """
    mapped, columns = _mapped(population.margins), population.columns
    groups = [name for name in mapped.of_schools if name in columns]
    school, kind = columns[tariff.school], columns[tariff.place]
    need = columns.get(tariff.need or "", [""] * population.pupils)
    found: dict[tuple[str, str], list[int]] = {}
    for row in range(population.pupils):
        if school[row]:
            found.setdefault((school[row], kind[row]), []).append(row)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([tariff.school, "kind", *([tariff.need] if tariff.need else []), "present_rate", *groups])
    for (name, place), rows in sorted(found.items()):
        values = ({columns[group][row] for row in rows} for group in groups)
        shared = [one.pop() if len(one) == 1 else "" for one in values]
        rates = {need[row]: columns[mapped.rate][row] for row in rows}
        if place in tariff.own_rates or len({*rates.values()}) == 1:
            rates = {"": "" if place in tariff.own_rates else rates.popitem()[1]}
        for of, rate in sorted(rates.items()):
            writer.writerow([name, place, *([of] if tariff.need else []), rate, *shared])
    return text.getvalue()


def _fill(step: MakingStep, columns: Columns, corpus: Corpus, chance: Chance, part: Fraction) -> None:
    rows = matching(columns, step.of)
    cells = columns.setdefault(step.column, [""] * len(columns["case_ref"]))
    if step.between:
        first, last = (_number(end) for end in (step.between.first, step.between.last))
        is_day = not step.between.first.isdecimal()
        for row in rows:
            drawn = first + step.between.step * chance.randrange((last - first) // step.between.step + 1)
            cells[row] = date.fromordinal(drawn).isoformat() if is_day else str(drawn)
    elif step.shifted:
        fact = corpus.facts.facts[step.column]
        for row in rows:
            number = int(columns[step.shifted.of][row]) + step.shifted.plus
            fits = (fact.lowest is None or number >= fact.lowest) and (fact.highest is None or number <= fact.highest)
            cells[row] = str(number) if fits else ""
    elif step.numbered:
        before = columns[step.numbered.after] if step.numbered.after else [""] * len(cells)
        wide = len(str(step.numbered.count))
        by_name: dict[str, list[int]] = {}
        for row in rows:
            by_name.setdefault(before[row], []).append(row)
        for name, its in by_name.items():
            chance.shuffle(its)
            for row, number in zip(its, _numbers(step.numbered, len(its)), strict=True):
                cells[row] = f"{name}{step.numbered.prefix}{number:0{wide}}"
    elif step.averaged:
        for row, rate in _rates(step.averaged, columns, rows, chance, part):
            cells[row] = str(rate)
    else:
        for row, value in _divided(step, columns, rows, chance):
            cells[row] = value


def _numbers(numbered: Numbered, pupils: int) -> Iterator[int]:
    """Yield for so many pupils the number of each one's name, the first being 1."""
    if numbered.uneven == 1:
        yield from (place % numbered.count + 1 for place in range(pupils))
        return
    steps = max(numbered.count - 1, 1)
    sizes = [Fraction(numbered.uneven * (steps - at) + at, steps) for at in range(numbered.count)]
    whole = sum(sizes)
    names = [f"{at:09}" for at in range(numbered.count)]
    for number, its in enumerate(apportioned(pupils, [one / whole for one in sizes], names), 1):
        yield from (number for _ in range(its))


def _rates(
    averaged: Averaged, columns: Columns, rows: Sequence[int], chance: Chance, part: Fraction
) -> Iterator[tuple[int, int]]:
    """Yield for each row its rate in pounds: drawn for all that are alike, and scaled to that part of the total."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        alike.setdefault(tuple(columns[name][row] for name in averaged.by), []).append(row)
    drawn = {key: averaged.first + chance.randrange(averaged.last - averaged.first + 1) for key in sorted(alike)}
    whole = sum(drawn[key] * len(its) for key, its in alike.items())
    for key, its in alike.items():
        rate = int(averaged.total * part * drawn[key] / whole + Fraction(1, 2))
        yield from ((row, rate) for row in its)


def _divided(step: MakingStep, columns: Columns, rows: list[int], chance: Chance) -> Iterator[tuple[int, str]]:
    """Yield for each row the value that it gets, in the proportions of the step."""
    units: list[Any] = rows
    if step.by:
        units = sorted({columns[step.by][row] for row in rows} - {""})
    chance.shuffle(units)
    if step.by and step.by_size:
        pupils = Counter(columns[step.by][row] for row in rows)
        units.sort(key=lambda name: (pupils[name], name))
    weights = step.weights
    whole = sum(weights.values())
    counts = apportioned(len(units), [Fraction(one) / Fraction(whole) for one in weights.values()], list(weights))
    given = [value for value, count in zip(weights, counts, strict=True) for _ in range(count)]
    values = {unit: "" if value == NOT_KNOWN else value for unit, value in zip(units, given, strict=True)}
    for row in rows:
        yield row, values.get(columns[step.by][row] if step.by else row, "")


def _number(written: str) -> int:
    return int(written) if written.isdecimal() else date.fromisoformat(written).toordinal()


def matching(columns: Mapping[str, Sequence[str]], of: Whom) -> list[int]:
    """Return the places of the pupils that have one of the named values in each column."""
    rows = list(range(len(columns["case_ref"])))
    for name, values in of.items():
        cells = columns[name]
        rows = [row for row in rows if cells[row] in values]
    return rows


def fit(population: Population) -> Iterator[Fit]:
    """Yield for every figure of the margins how it was met, counted again from the pupils themselves."""
    margins, columns = population.margins, population.columns
    for one in (*population.steps, *population.held_against):
        rows, basis = matching(columns, one.of), _basis(one)
        cells = columns[one.column]
        if isinstance(one, MakingStep) and one.numbered:
            after = one.numbered.after
            times = len({columns[after][row] for row in rows}) if after else 1
            names = len({cells[row] for row in rows})
            yield Fit(one.id, one.says, "different", "names", Fraction(one.numbered.count * times), names, basis)
        elif isinstance(one, MakingStep) and one.between:
            first, last = one.between.first, one.between.last
            within = sum(_number(first) <= _number(cells[row]) <= _number(last) for row in rows)
            yield Fit(one.id, one.says, f"{first} to {last}", "pupils", Fraction(len(rows)), within, basis)
        elif one.weights:
            by = one.by if isinstance(one, MakingStep) else None
            pairs = {(columns[by][row], cells[row]) for row in rows if columns[by][row]} if by else None
            found = [value for _, value in pairs] if pairs is not None else [cells[row] for row in rows]
            whole = sum(one.weights.values(), Decimal(0))
            for value, weight in one.weights.items():
                made = found.count("" if value == NOT_KNOWN else value)
                target = Fraction(weight) / Fraction(whole) * len(found)
                yield Fit(one.id, one.says, value, "names" if by else "pupils", target, made, basis)
        elif (total := _total(one)) is not None:
            target = Fraction(total) * population.pupils / margins.pupils
            made = sum(int(cells[row]) for row in rows if cells[row])
            yield Fit(one.id, one.says, "sum", "pounds", target, made, basis)
    for left in margins.not_made:
        for value, weight in left.into.items():
            yield Fit(left.id, left.says, value, "per cent", Fraction(weight), None, f"not made: {left.why}")


def _total(one: Based) -> int | Decimal | None:
    if isinstance(one, PopulationMargin):
        return one.total
    return one.averaged.total if isinstance(one, MakingStep) and one.averaged else None


def _basis(one: Based) -> str:
    if one.source:
        return ", ".join(f"{source.document} {source.paragraph}" for source in one.source)
    return f"assumption: {one.assumption}"


def tenths(number: Fraction) -> str:
    """Return a number with one decimal where it is not whole, halves away from zero.

    >>> tenths(Fraction(125, 10)), tenths(Fraction(-1, 4))
    ('12.5', '-0.3')
    """
    parts = int(abs(number) * 10 + Fraction(1, 2))
    sign = "-" if number < 0 and parts else ""
    return f"{sign}{parts // 10}.{parts % 10}" if parts % 10 else f"{sign}{parts // 10}"


def _cells(one: Fit) -> tuple[str, ...]:
    """Return what a line of the fit shows; thousands apart, pounds and parts of a hundred marked."""

    def shown(number: Fraction) -> str:
        whole, _, part = tenths(abs(number)).partition(".")
        money, percent = "£" if one.unit == "pounds" else "", "%" if one.unit == "per cent" else ""
        sign = "-" if tenths(number).startswith("-") else ""
        return f"{sign}{money}{int(whole):,}{'.' if part else ''}{part}{percent}"

    return (
        one.says,
        one.value,
        shown(one.target),
        "-" if one.made is None else shown(Fraction(one.made)),
        "-" if one.difference is None else shown(one.difference),
        "assumption" if one.assumed else one.basis,
    )


def lines(population: Population) -> Iterator[tuple[str, str]]:
    """Yield the fit as lines: a style for terminals, and the text.

    What is published comes first, then what is published and cannot be made, then what no source gives.
    """
    found = list(fit(population))
    heads = ("margin", "value", "target", "made", "difference", "rests on")
    rows = [(one, _cells(one)) for one in found]
    wide = [max(len(cells[at]) for cells in (heads, *(cells for _, cells in rows))) for at in range(5)]

    def line(cells: Sequence[str]) -> str:
        numbers = (f"{cells[at]:>{wide[at]}}" for at in (2, 3, 4))
        return "  ".join([f"{cells[0]:<{wide[0]}}", f"{cells[1]:<{wide[1]}}", *numbers, cells[5]])

    yield "bold", line(heads)
    for title, style, belongs in (
        ("Published", "", lambda one: not one.assumed and one.made is not None),
        ("Published, and not made", "", lambda one: one.made is None),
        ("Assumed", "dim", lambda one: one.assumed),
    ):
        listed = [line(cells) for one, cells in rows if belongs(one)]
        if listed:
            yield "bold", title
            yield from ((style, one) for one in listed)
    yield "", ""
    yield "bold", "Assumed, since no source gives it"
    for margin in (*population.steps, *population.held_against):
        if margin.assumption:
            yield "", f"  {margin.says}: {margin.assumption}"
    if population.margins.left_empty:
        yield "bold", "Left empty"
    for name, why in population.margins.left_empty.items():
        yield "", f"  {name}: {why}"
