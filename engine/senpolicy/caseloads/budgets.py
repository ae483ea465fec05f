"""Budgets: a pot divided by the shares that the policy sets, exactly, with a range where it leaves one open.

rules/budgets.yaml says what a year's pot follows: a tree of parts, whose leaves are the columns of a file. A part that
has no share yet may have any that the text allows. Each budget is linear in each share, and each share is in one
place of the tree, so the least and the most of a budget lie at a corner of what is allowed; they are found there, in
exact fractions.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from unicodedata import category, normalize

from senpolicy.caseloads.files.limits import Limits, suffix_of
from senpolicy.caseloads.shares import decimal
from senpolicy.files.digests import PlainData
from senpolicy.files.identifiers import tells_of_a_child
from senpolicy.files.models import rules as m
from senpolicy.files.models.budgets import BudgetPart, BudgetsFile, BudgetYear
from senpolicy.files.models.scenarios import ScenarioParameter
from senpolicy.files.problems import Place, PolicyError, Problem, Problems, WrongUse, did_you_mean, listed
from senpolicy.language.conditions import pence, pounds
from senpolicy.language.days import years_after
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import say_date, say_figure, say_money

FILE = "rules/budgets.yaml"
#: One row for each name is all that is needed.
LIMITS = Limits(rows=10_000, columns=64, seconds=60)
#: A name: something to read, and nothing that a spreadsheet would take for a formula.
_NAME = re.compile(r"\w[^\x00-\x1f\x7f]{0,99}")
_COUNT = re.compile(r"[0-9]{1,12}")
_POUNDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class AllocationTable:
    """What a pot is divided by: the names, and for each column a whole number for each name (pounds in pence).

    `notes` are to be said of the file: a sheet of it that was not read, or rows that are hidden.
    """

    names: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]
    file: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PotShare:
    """A part of the pot of a year: what it follows, its least and largest share, and who says so.

    `parts` are its own, where it is a mix. `decision` set the share, or `assumption` of a scenario assumes it; `point`
    is the open point for one that is not settled; `parameter` is the name of the share, "" for what is the rest.
    """

    of: str
    label: str
    low: Fraction
    high: Fraction
    source: m.Source
    decision: str = ""
    point: str = ""
    assumption: str = ""
    parts: tuple[PotShare, ...] = ()
    parameter: str = ""

    @property
    def settled(self) -> bool:
        """Whether its share is one figure; that of its own parts is another matter."""
        return self.low == self.high


@dataclass(frozen=True)
class Budget:
    """What one name gets, in pence: between low and high, the same where everything is settled.

    `ends` says whether the ends of a range are themselves allowed, before they are rounded: "excluded", since a part
    that is phased out or included has more than nothing and less than the whole; "included" where every share that the
    text allows gives the same figure.
    """

    name: str
    low: int
    high: int
    ends: str = "included"


@dataclass(frozen=True)
class Budgets:
    """The budgets of a year, and all that they rest on. Money is in pence; days are inclusive."""

    policy: Policy
    year: int
    first: date
    last: date
    quantum: int
    taken_off: int
    off: PotShare
    parts: tuple[PotShare, ...]
    rows: tuple[Budget, ...]

    @property
    def settled(self) -> bool:
        """Whether every share is one figure, so that each budget is."""
        return all(part.settled for part in walk(self.parts))

    @property
    def open_points(self) -> tuple[str, ...]:
        """The open points on which the budgets rest, each once: of ranges, and of what is taken off first."""
        found = [part.point for part in walk(self.parts) if part.point and not part.settled]
        return tuple(dict.fromkeys([*found, *([self.off.point] if self.off.point else [])]))

    @property
    def assumed(self) -> tuple[PotShare, ...]:
        """The parts whose share a scenario assumes, what is taken off first among them."""
        return tuple(part for part in walk((self.off, *self.parts)) if part.assumption)

    @property
    def assumes(self) -> str:
        """What a scenario assumes here, in one phrase: "idaci 50%, historic 37.5%"; "" where it assumes nothing."""
        return ", ".join(f"{part.of} {say_figure(decimal(part.low))}" for part in self.assumed)

    def to_json(self) -> list[dict[str, PlainData]]:
        """Return one object for each name; money as text."""
        common: dict[str, PlainData] = {
            "year": self.year,
            "policy": {
                "as_of": self.policy.as_of,
                "digest": self.policy.digest,
                # The formula and its shares decide no case, so the digest of what does is not enough.
                "files_digest": self.policy.corpus.files_digest,
            },
            "taken_off_first": pounds(self.taken_off),
        }
        if self.open_points:
            common["open_points"] = list(self.open_points)
        if self.policy.scenario:
            common["scenario"] = {"name": self.policy.scenario.scenario, "says": self.policy.scenario.says}
            common["assumes"] = {part.of: str(decimal(part.low)) for part in self.assumed}
        column = formula_of(self.policy).column
        return [{column: row.name, **self._figures(row), **common} for row in self.rows]

    def _figures(self, row: Budget) -> dict[str, str]:
        if self.settled:
            return {"budget": pounds(row.low)}
        return {"low": pounds(row.low), "high": pounds(row.high), "ends": row.ends}

    def to_csv(self) -> str:
        """Return the budgets as CSV; with a scenario each row says which, and what it assumes."""
        column = formula_of(self.policy).column
        mark = {}
        if self.policy.scenario:
            mark = {"scenario": self.policy.scenario.says, "assumes": self.assumes}
        text = io.StringIO()
        rows = [{column: row.name, **self._figures(row), **mark} for row in self.rows]
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def lines(self) -> Iterator[str]:
        """Yield in words what the budgets rest on."""
        label = formula_of(self.policy).label
        yield (
            f"Year {self.year}, {say_date(self.first)} to {say_date(self.last)}: {say_money(self.quantum)} "
            f"for {len(self.rows)} {label}, policy as of {self.policy.as_of}."
        )
        if self.off.settled and self.off.low:
            yield f"  {say_money(self.taken_off)} is taken off first ({said(self.off)})."
        for depth, part in walked(self.parts):
            share = say_figure(decimal(part.low))
            if not part.settled:
                share = f"more than {share} and less than {say_figure(decimal(part.high))}"
            yield f"  {'  ' * depth}{share} by {part.of} ({said(part)})"
        if self.settled:
            yield "They add up to the pot: odd pennies go to the largest remainders, of equals to the first name."
        else:
            yield (
                "Each range is exact. Where its ends are excluded, every share that the text allows gives a figure "
                "between them; where they are included, each gives the same figure. Low is rounded down and high up. "
                "Not all can be near their low, or their high, at once."
            )
        if self.off.point:
            yield f"All this holds if nothing is taken off first (open point {self.off.point})."
        for name in self.open_points:
            point = self.policy.corpus.open_points[name][1]
            yield f"Open: {point.title} ({name}). {point.settle}"
        if self.policy.scenario:
            yield f"{self.policy.scenario.says} Assumed: {self.assumes or 'nothing that counts here'}."
            known = {one.id: one for one in self.policy.scenario.grounds}
            for name in dict.fromkeys(part.assumption for part in self.assumed):
                yield f"  {known[name].says} {known[name].because} ({name})"


def said(part: PotShare) -> str:
    """Return on what the share of a part rests."""
    if part.assumption:
        return "assumed"
    if part.point and not part.settled:
        return f"open point {part.point}"
    if part.decision and not part.point:
        return f"{part.decision}, {part.source.document} {part.source.paragraph}"
    return "the rest" if part.low < 1 else f"{part.source.document} {part.source.paragraph}"


def walk(parts: Sequence[PotShare]) -> Iterator[PotShare]:
    """Yield each part, before its own parts."""
    return (part for _, part in walked(parts))


def walked(parts: Sequence[PotShare], depth: int = 0) -> Iterator[tuple[int, PotShare]]:
    """Yield each part with how deep it is, before its own parts."""
    for part in parts:
        yield depth, part
        yield from walked(part.parts, depth + 1)


def formula_of(policy: Policy) -> BudgetsFile:
    """Return how budgets are worked out; raises `WrongUse` where the policy does not say."""
    file = policy.corpus.files.get(FILE)
    if not isinstance(file, BudgetsFile):
        raise WrongUse(f"This policy has no budgets: there is no {FILE}.")
    return file


def before(policy: Policy, table: AllocationTable) -> tuple[str, tuple[int, ...]] | None:
    """Return the label of the one column in pounds, and what each name was allocated before, in pence.

    None where the file has no column in pounds, or more than one. Raises `WrongUse` as `formula_of` does.
    """
    found = [(column.label, name) for name, column in formula_of(policy).columns.items() if column.unit == "pounds"]
    return (found[0][0], table.columns[found[0][1]]) if len(found) == 1 else None


@dataclass(frozen=True)
class Division:
    """How the pot of a year is divided, whatever the pot: its days, inclusive, what is taken off first, its parts."""

    first: date
    last: date
    off: PotShare
    parts: tuple[PotShare, ...]


def years_of(policy: Policy) -> list[int]:
    """Return the years that the policy divides a pot for, in order; none where as of the policy there are none."""
    return sorted(_years(policy))


def _years(policy: Policy) -> dict[int, tuple[BudgetYear, date]]:
    """Return each year's rule, and the first day of the first year, by the year's number."""
    formula = formula_of(policy)
    start = _set(policy, formula.first_day, date.max)
    if start is None:
        return {}
    first: date = start[1].value
    return {number: (one, first) for one in formula.years if (number := _number(policy, one.year, first)) is not None}


def division(policy: Policy, year: int) -> Division:
    """Return how the pot of a year is divided; raises `WrongUse` for a year that the policy has no values for."""
    formula, years = formula_of(policy), _years(policy)
    if not years:
        raise WrongUse(f"As of {policy.as_of} the policy has no budgets to work out.")
    if year not in years:
        raise WrongUse(f"There is no year {year} here. Use one of {listed(str(one) for one in sorted(years))}.")
    one, first = years[year]
    begins, ends = years_after(first, year - 1), years_after(first, year) - timedelta(days=1)
    tree = _Tree(policy, formula, begins)
    parts = tree.parts(one.parts, one.source)
    off = tree.part(BudgetPart(of=formula.taken_off_first[1:], share=formula.taken_off_first), one.source)
    if not off.settled:  # Left open, it is nothing until somebody says otherwise.
        off = replace(off, low=Fraction(0), high=Fraction(0))
    return Division(begins, ends, off, parts)


def work_out(policy: Policy, table: AllocationTable, year: int, quantum: int) -> Budgets:
    """Return the budgets of a year for a pot of `quantum` pence.

    Raises `WrongUse` for a year that the policy does not have or has no values for, `PolicyError` for a column of which
    no share can be taken.
    """
    formula, how = formula_of(policy), division(policy, year)
    off, parts = how.off, how.parts
    taken_off = int(quantum * off.low)
    shares = _shares(table, parts, formula)
    ranges = [reach(parts, one) for one in shares]
    pot = quantum - taken_off
    found = Budgets(policy, year, how.first, how.last, quantum, taken_off, off, parts, ())
    if found.settled:
        figures = apportioned(pot, [low for low, _ in ranges], table.names)
        rows = [Budget(name, figure, figure) for name, figure in zip(table.names, figures, strict=True)]
    else:
        rows = [
            Budget(name, math.floor(pot * low), math.ceil(pot * high), "excluded" if low < high else "included")
            for name, (low, high) in zip(table.names, ranges, strict=True)
        ]
    return replace(found, rows=tuple(rows))


def reach(parts: Sequence[PotShare], shares: Mapping[str, Fraction]) -> tuple[Fraction, Fraction]:
    """Return the least and the most that a mix of these parts can give, for one name's share of each column.

    What the least shares leave goes to the parts that give least (or most), as far as each may grow: the corner at
    which a linear function of the shares is smallest (or largest).

    >>> whole = m.Source(document="any", paragraph="1")
    >>> halves = [PotShare(name, name, Fraction(0), Fraction(1), whole) for name in ("a", "b")]
    >>> reach(halves, {"a": Fraction(1, 4), "b": Fraction(1, 3)})
    (Fraction(1, 4), Fraction(1, 3))
    """
    inner = [reach(part.parts, shares) if part.parts else (shares[part.of], shares[part.of]) for part in parts]
    least = _corner(parts, [low for low, _ in inner])
    most = -_corner(parts, [-high for _, high in inner])
    return least, most


def _corner(parts: Sequence[PotShare], values: Sequence[Fraction]) -> Fraction:
    total = sum((part.low * value for part, value in zip(parts, values, strict=True)), Fraction(0))
    left = 1 - sum(part.low for part in parts)
    for value, room in sorted(zip(values, (part.high - part.low for part in parts), strict=True)):
        given = min(left, room)
        total, left = total + given * value, left - given
    return total


def apportioned(pot: int, shares: Sequence[Fraction], names: Sequence[str]) -> list[int]:
    """Return a pot of pence divided by shares that add up to 1, so that the parts add up to the pot exactly.

    Each gets its share rounded down; the pennies left go one each to the largest remainders, of equal remainders to the
    name that comes first.

    >>> apportioned(100, [Fraction(1, 3)] * 3, ["c", "a", "b"])
    [33, 34, 33]
    """
    exact = [pot * share for share in shares]
    found = [int(one) for one in exact]
    order = sorted(range(len(names)), key=lambda at: (found[at] - exact[at], names[at]))
    for at in order[: pot - sum(found)]:
        found[at] += 1
    return found


def _set(policy: Policy, written: str, day: date) -> tuple[str, m.Parameter | ScenarioParameter] | None:
    return policy.parameter(written[1:], day)


def _number(policy: Policy, written: str, day: date) -> int | None:
    if not written.startswith("$"):
        return int(written)
    found = _set(policy, written, day)
    return found[1].value if found else None


class _Tree:
    """Makes the parts of a year from the rules, with the shares that count on its first day."""

    def __init__(self, policy: Policy, formula: BudgetsFile, day: date) -> None:
        self.policy, self.formula, self.day = policy, formula, day

    def parts(self, written: Sequence[BudgetPart], source: m.Source) -> tuple[PotShare, ...]:
        """Return parts whose shares add up to 1; bounds that the others imply are drawn in."""
        found = [self.part(one, source) for one in written]
        low, high = sum(part.low for part in found), sum(part.high for part in found)
        if not low <= 1 <= high:
            said = f"The shares of {listed(part.of for part in found)} do not add up to 1 on {self.day}."
            raise PolicyError([Problem(Place(FILE), "shares-do-not-sum", said, "Correct one of them.")])
        return tuple(
            replace(part, low=max(part.low, 1 - high + part.high), high=min(part.high, 1 - low + part.low))
            for part in found
        )

    def part(self, written: BudgetPart, source: m.Source) -> PotShare:
        mix, column = self.formula.mixes.get(written.of), self.formula.columns.get(written.of)
        label = mix.label if mix else column.label if column else written.of
        inner = self.parts(mix.parts, mix.source) if mix else ()
        limit = _set(self.policy, written.at_most, self.day) if written.at_most else None
        most = Fraction(limit[1].value) if limit else Fraction(1)
        if not written.share:
            return PotShare(written.of, label, Fraction(0), most, source, parts=inner)
        found = _set(self.policy, written.share, self.day)
        if found is None:
            raise WrongUse(f"'{written.share[1:]}' is not set as of {self.policy.as_of}: no budgets can be worked out.")
        number, setting = found
        name = written.share[1:]
        if isinstance(setting, ScenarioParameter):
            share = Fraction(setting.value)
            return PotShare(written.of, label, share, share, source, "", "", setting.assumption, inner, name)
        if setting.value is None:
            point = setting.open_point or ""
            return PotShare(written.of, label, Fraction(0), most, setting.source, number, point, "", inner, name)
        share = Fraction(setting.value)
        return PotShare(written.of, label, share, share, setting.source, number, "", "", inner, name)


def _shares(table: AllocationTable, parts: Sequence[PotShare], formula: BudgetsFile) -> list[dict[str, Fraction]]:
    """Return for each name its share of every column that a year rests on; raises `PolicyError` for a sum of zero."""
    problems = Problems()
    used = [part.of for part in walk(parts) if part.of in formula.columns]
    for column in used:
        if not sum(table.columns[column]):
            said = f"Column '{column}' sums to zero, so shares cannot be worked out."
            problems.add(Place(table.file), "nought", said, "Fill it in; every budget of this year rests on it.")
    problems.stop_on_errors()
    sums = {column: sum(table.columns[column]) for column in used}
    return [
        {column: Fraction(table.columns[column][at], sums[column]) for column in used} for at in range(len(table.names))
    ]


# Reading.


def read_quantum(text: str) -> int:
    """Return a pot in pence; raises `WrongUse` for anything but plain pounds above zero.

    >>> read_quantum("1000000.05")
    100000005
    """
    if not _POUNDS.fullmatch(text) or not Decimal(text):
        raise WrongUse(f"'{text}' is not a pot. Write pounds with at most two decimals and no commas: 50000000.00")
    return pence(Decimal(text))


def read_file(path: Path, policy: Policy) -> AllocationTable:
    """Return the table of a file: CSV, or Parquet or Excel by its name.

    Raises `WrongUse` for a file of another name, and `PolicyError` with everything that is wrong with it.
    """
    from senpolicy.caseloads.files.apart import ChunkedTable as File
    from senpolicy.caseloads.files.cells import as_text

    file = File(path, suffix_of(path, "a table of Communities"), LIMITS.rows, LIMITS)

    def rows() -> Iterator[tuple[int, int, list[str] | Problem]]:
        for part in file.parts():
            columns = [
                as_text(part.cells[heading], None).to_pylist() if heading in part.cells else None
                for heading in file.headings
            ]
            for place, number in enumerate(part.rows.to_pylist()):
                cells = [(column[place] or "").strip() if column else "" for column in columns]
                yield number + 1, number, part.faults.get(place, cells)

    table = _table(file.headings, 1, rows(), file.name, formula_of(policy))
    return replace(table, notes=file.notes)


def read_text(text: str, name: str, formula: BudgetsFile) -> AllocationTable:
    """Return the table of CSV text; raises `PolicyError` with everything that is wrong with it, row by row."""
    problems = Problems()
    reader = csv.reader(io.StringIO(text), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        lines.extend((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)
    except csv.Error:
        help = "Write each cell that has a comma or a quotation mark between quotation marks."
        problems.add(Place(name, reader.line_num), "not-csv", "This line cannot be read as CSV.", help)
    problems.stop_on_errors()
    lines = [(line, cells) for line, cells in lines if any(cells)]
    if not lines:
        help = f"Write the headings {listed([formula.column, *formula.columns])}, and one row for each name."
        raise PolicyError([Problem(Place(name), "empty", "This file is empty.", help)])
    (line, headings), *rest = lines
    rows = ((line, number, cells) for number, (line, cells) in enumerate(rest, 1))
    return _table(headings, line, rows, name, formula)


def _table(
    headings: list[str],
    line: int,
    rows: Iterator[tuple[int, int, list[str] | Problem]],
    name: str,
    formula: BudgetsFile,
) -> AllocationTable:
    """Return the table of rows, each with its line and its number; raises `PolicyError` with all that is wrong."""
    problems = Problems()
    _headings(headings, Place(name, line), formula, problems)
    problems.stop_on_errors()
    names: dict[str, int] = {}
    columns: dict[str, list[int]] = {column: [] for column in formula.columns}
    number = 0
    for line, number, cells in rows:
        place = Place(name, line)
        if isinstance(cells, Problem):
            problems.add(place, cells.code, f"Row {number}: {cells.message}", cells.help)
            continue
        if len(cells) != len(headings):
            said = f"Row {number} has {len(cells)} cells, and there are {len(headings)} headings."
            problems.add(place, "cells", said, "Look for a comma too many or too few; write no commas in numbers.")
            continue
        row = dict(zip(headings, cells, strict=True))
        whom = normalize("NFC", row[formula.column])
        if not _NAME.fullmatch(whom) or any(category(letter) == "Cf" for letter in whom):
            said = f"Row {number}, column '{formula.column}': this is not a name."
            problems.add(place, "not-a-name", said, "Write a name that begins with a letter or a figure.")
        elif tells_of_a_child(whom, named=True):
            said = f"Row {number}, column '{formula.column}': this looks like the name of a person."
            problems.add(place, "not-a-name", said, "Add what it is, such as 'Community', or use its number.")
        elif whom in names:
            said = f"Row {number}, column '{formula.column}': '{whom}' is in row {names[whom]} already."
            problems.add(place, "same-name", said, "Keep one of the two rows.")
        names.setdefault(whom, number)
        for column, kind in formula.columns.items():
            columns[column].append(_cell(row[column], kind.unit, number, column, place, problems))
    if not number:
        problems.add(Place(name), "empty", "This file has headings but no rows.", "Write one row for each name.")
    problems.stop_on_errors()
    return AllocationTable(tuple(names), {column: tuple(cells) for column, cells in columns.items()}, name)


def _headings(headings: list[str], place: Place, formula: BudgetsFile, problems: Problems) -> None:
    wanted = [formula.column, *formula.columns]
    if len(headings) == 1 and re.search(r"[;\t|]", headings[0]):
        said = "The columns of this file are not separated by commas."
        problems.add(place, "separator", said, "Save it as 'CSV UTF-8 (comma delimited)'.")
        return
    lacking = [column for column in wanted if column not in headings]
    for number, heading in enumerate(headings, 1):
        if not heading:  # A column without a heading has no cells filled in: that is looked at row by row.
            continue
        if heading not in wanted:
            said = f"Column {number}, '{heading}', is not a column of this file."
            problems.add(place, "unknown-column", said, did_you_mean(heading, lacking) or "Take it out.")
        elif headings.index(heading) < number - 1:
            said = f"Column {number}, '{heading}', appears twice."
            problems.add(place, "written-twice", said, "Keep one of the two.")
    for column in lacking:
        problems.add(place, "missing-column", f"There is no column '{column}'.", f"Use {listed(wanted)}.")


def _cell(text: str, unit: str, row: int, column: str, place: Place, problems: Problems) -> int:
    """Return a count, or pounds in pence, 0 after adding a problem."""
    if unit == "count" and _COUNT.fullmatch(text):
        return int(text)
    if unit == "pounds" and _POUNDS.fullmatch(text):
        return pence(Decimal(text))
    what = "a whole number" if unit == "count" else "pounds with at most two decimals"
    given = f"'{text[:40]}'" if text else "an empty cell"
    said = f"Row {row}, column '{column}': {given} is not {what}."
    problems.add(place, "not-a-number", said, "Write figures only, without commas, signs or a currency mark.")
    return 0
