"""A Community's ledger: its budget of a year, what of it earlier claims take, what it has allocated, and what is left.

Each figure is one, or a range over what the policy leaves open: a share of the budget, a share of a claim, or a pupil
whose claim may be kept. The ends of a range say whether they are themselves reached. Money is in pence.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from senpolicy.caseloads.budgets import LIMITS, Budget, Budgets, formula_of
from senpolicy.caseloads.files.apart import ChunkedTable
from senpolicy.caseloads.files.cells import as_text
from senpolicy.caseloads.files.limits import suffix_of
from senpolicy.caseloads.run import cases
from senpolicy.caseloads.shares import say_decimal
from senpolicy.caseloads.small_counts import LEAST
from senpolicy.caseloads.tables import Caseload, RowBatch
from senpolicy.deciding.answers import GivenFigure
from senpolicy.deciding.cases import REFERENCE, Case
from senpolicy.deciding.decide import UNDETERMINED, Decider, Decision
from senpolicy.files.digests import PlainData
from senpolicy.files.models.budgets import Protected
from senpolicy.files.models.units import read_date
from senpolicy.files.problems import Place, PolicyError, Problem, Problems, WrongUse, did_you_mean, listed
from senpolicy.language.conditions import FactType, Value, pence, pounds
from senpolicy.policy.timeline import Policy, PortionInForce
from senpolicy.readings.judge import judge
from senpolicy.readings.say import say_money

KINDS = ("pupil", "group", "service")
#: The columns of the allocations beside the one that says whose they are.
HEADINGS = ("reference", "kind", "pupils", "amount", "from", "until", "case_ref")
NEEDED = ("reference", "kind", "amount", "from")


@dataclass(frozen=True)
class Range:
    """A figure, or what it may be: from low to high, and whether each end is itself reached."""

    low: Fraction
    high: Fraction
    low_reached: bool = True
    high_reached: bool = True

    @property
    def settled(self) -> bool:
        """Whether it is one figure."""
        return self.low == self.high

    def less(self, other: Range) -> Range:
        """Return what is left of this where the other is taken off, whatever each of them is."""
        return Range(
            self.low - other.high,
            self.high - other.low,
            self.low_reached and other.high_reached,
            self.high_reached and other.low_reached,
        )

    def part(self, share: Fraction) -> Range:
        """Return a share of it."""
        return replace(self, low=self.low * share, high=self.high * share)

    def money(self) -> PlainData:
        """Return it in pounds as text: the low end rounded down, the high end up."""
        if self.settled:
            return pounds(math.floor(self.low))
        return self._ends(pounds(math.floor(self.low)), pounds(math.ceil(self.high)))

    def share(self) -> PlainData:
        """Return it as a share with four decimals: the low end rounded down, the high end up."""
        low, high = say_decimal(self.low, 4), say_decimal(self.high, 4, math.ceil)
        return low if self.settled else self._ends(low, high)

    def _ends(self, low: str, high: str) -> PlainData:
        return {"low": low, "high": high, "low_reached": self.low_reached, "high_reached": self.high_reached}


@dataclass(frozen=True)
class Allocation:
    """Money that a Community has set aside for a pupil, a group or a service: of which year its day says."""

    reference: str
    community: str
    kind: str
    pupils: int | None
    amount: int
    day: date

    def above(self, trigger: int | None) -> bool:
        """Return whether what a pupil, or on average a pupil of a group, gets is above an amount."""
        if trigger is None or self.kind == "service":
            return False
        return self.amount > trigger * (self.pupils if self.kind == "group" and self.pupils else 1)


class KeptClaim(NamedTuple):
    """A claim in pence of which a part is kept: for certain, or where it may be; the least and the largest share."""

    amount: int
    least: Fraction
    most: Fraction
    certain: bool


@dataclass(frozen=True)
class Row:
    """The ledger of one Community. `affordable` is None where there are no claims, or none is kept in this year.

    `fits` says of each allocation, in order, whether it fits: "yes", "no" or "open".
    """

    community: str
    budget: Range
    claims: Range
    protected: Range
    contingency: Range
    allocated: int
    left: Range
    affordable: Range | None
    allocations: tuple[tuple[Allocation, str, bool], ...]
    kept: tuple[KeptClaim, ...]

    @property
    def claimants(self) -> int:
        """How many claims there are."""
        return len(self.kept)

    def to_json(self) -> dict[str, PlainData]:
        """Return it as plain data (contract, "A tariff's answer")."""
        return {
            "community": self.community,
            "budget": self.budget.money(),
            "claims": self.claims.money(),
            "protected": self.protected.money(),
            "contingency": self.contingency.money(),
            "allocated": pounds(self.allocated),
            "left": self.left.money(),
            "affordable_share": self.affordable.share() if self.affordable else None,
            "allocations": [
                {"reference": one.reference, "amount": pounds(one.amount), "fits": fits, "moderation": marked}
                for one, fits, marked in self.allocations
            ],
        }


@dataclass(frozen=True)
class Ledger:
    """The ledgers of all Communities for one year, with what was refused of the claims."""

    budgets: Budgets
    rows: tuple[Row, ...]
    refused: int
    without_rate: int
    #: The amount in pence above which an allocation is marked, None where there is none.
    trigger: int | None = None

    @property
    def shared_share(self) -> Range | None:
        """The largest share that every Community with claims can bear alike, at the low end of its budget."""
        bearable = [row.affordable for row in self.rows if row.affordable]
        if not bearable:
            return None
        least = min(bearable, key=lambda one: (one.low, one.low_reached))
        return Range(least.low, least.low, least.low_reached, least.low_reached)

    def lines(self) -> Iterator[str]:
        """Yield what the ledger rests on, and what to bear in mind."""
        shared = self.shared_share
        if shared is not None:
            reached = "" if shared.low_reached else ", and any share below it"
            yield f"The share of claims that every one of them can bear: {shared.share()}{reached}."
        if self.refused:
            yield f"{self.refused} rows of the claims are not cases and were left out; senpolicy decide says why."
        if self.without_rate:
            yield f"{self.without_rate} claims are without an amount in the file, and are not counted."
        few = [row.community for row in self.rows if 0 < row.claimants < LEAST]
        if few:
            yield f"Fewer than {LEAST} claims: {', '.join(few)}. Do not pass these on; they can tell of a child."
        if any(marked for row in self.rows for *_, marked in row.allocations):
            yield "Marked for moderation: whether an allocation above the amount of question 11 is moderated is open."
        yield "Allocations are counted in order of their day, then of their reference, those too that do not fit."


class _OnDay:
    """A caseload as if each row were to be decided for one day; see `Caseload`."""

    def __init__(self, caseload: Caseload, day: date) -> None:
        self._caseload, self._day = caseload, day.isoformat()
        self.name, self.headings = caseload.name, caseload.headings

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the file as a whole."""
        return self._caseload.notes

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[RowBatch]:
        """Yield the rows; see `Caseload`."""
        for piece in self._caseload.pieces(types, only):
            day = {name: pa.array([self._day] * len(piece), pa.string()) for name in piece.columns if name == DAY}
            yield replace(piece, columns=piece.columns | day)


DAY = "decision_date"


def ledger(
    budgets: Budgets,
    claims: Caseload,
    allocations: Sequence[Allocation],
    *,
    share: Fraction | None = None,
    contingency: Fraction = Fraction(0),
) -> Ledger:
    """Return the ledgers of a year.

    A claim counts where the policy, on the first day of the year, keeps a share of it; one that may be kept counts at
    the high end alone. `share` is the share that is kept, where somebody chooses one; else it is the policy's range.
    Raises `PolicyError` for a Community that the budgets do not have, `WrongUse` where the policy keeps no ledger.
    """
    formula = formula_of(budgets.policy)
    if formula.protected is None:
        raise WrongUse("rules/budgets.yaml does not say what a budget pays first. Write it there under 'protected'.")
    names = {row.name for row in budgets.rows}
    found = _Claims(budgets, formula.protected, formula.column, share)
    found.read(claims, names)
    trigger = budgets.policy.parameter(formula.protected.moderated_above[1:], budgets.first)
    above = pence(trigger[1].value) if trigger and isinstance(trigger[1].value, Decimal) else None
    by_name: dict[str, list[Allocation]] = defaultdict(list)
    unknown = sorted({one.community for one in allocations} - names)
    if unknown:
        raise _unknown("allocations", unknown, names, formula.column)
    for one in sorted(allocations, key=lambda one: (one.day, one.reference)):
        by_name[one.community].append(one)
    rows = tuple(_row(one, found, by_name[one.name], contingency, above) for one in budgets.rows)
    return Ledger(budgets, rows, found.refused, found.without_rate, above)


def _unknown(file: str, unknown: Sequence[str], names: set[str], column: str) -> PolicyError:
    help = (unknown[-1] and did_you_mean(unknown[-1], names)) or "Correct one of the two files."
    said = f"A row here has a '{column}' that has no row in the file of the budgets."
    if unknown == [""]:
        said = f"A row here has no '{column}', by whose budget its claim is paid."
    return PolicyError([Problem(Place(file), "not-a-community", said, help)])


class _Claims:
    """The claims of each Community: those that are kept for certain, and those that may be."""

    def __init__(self, budgets: Budgets, how: Protected, column: str, share: Fraction | None) -> None:
        self._budgets, self._how, self._column, self._share = budgets, how, column, share
        self.sure: dict[str, list[tuple[int, Fraction, Fraction]]] = defaultdict(list)
        self.maybe: dict[str, list[tuple[int, Fraction, Fraction]]] = defaultdict(list)
        self.refused = self.without_rate = 0

    def read(self, claims: Caseload, names: set[str]) -> None:
        if self._column not in claims.headings:
            said = f"There is no column '{self._column}'."
            help = f"A claim is paid from the budget of a '{self._column}', so each row says of which."
            raise PolicyError([Problem(Place(claims.name), "missing-column", said, help)])
        decider, unknown = Decider(self._budgets.policy), set[str]()
        for case, groups in cases(_OnDay(claims, self._budgets.first), self._budgets.policy):
            decided = decider.decide(case) if isinstance(case, Case) else None
            if not isinstance(case, Case) or not isinstance(decided, Decision):
                self.refused += 1
                continue
            whose = groups.get(self._column, "")
            answer = decided.answers[self._how.question]
            kept = answer.answer == self._how.answer
            if not kept and not (answer.answer == UNDETERMINED and self._may_be_kept(case, decided)):
                continue
            rate = case.facts.get(self._how.claim)
            if not isinstance(rate, int) or isinstance(rate, bool):
                self.without_rate += kept
                continue
            if not rate:
                continue
            if whose not in names:
                unknown.add(whose)
                continue
            (self.sure if kept else self.maybe)[whose].append((rate, *self._shares(answer.gives, kept)))
        if unknown:
            raise _unknown(claims.name, sorted(unknown), names, self._column)

    def _may_be_kept(self, case: Case, decided: Decision) -> bool:
        """Return whether some row, or an open point, by which a claim is kept is not ruled out by what is known."""
        known: dict[str, Value | None] = dict(case.facts)
        for name, answer in decided.answers.items():
            known[name] = None if answer.answer == UNDETERMINED else answer.answer
        outcomes = decided.period.questions[self._how.question].outcomes
        gives = (one for one in outcomes if self._how.answer in (one.answer, *one.allows))
        return any(judge(one.condition, known) is not False for one in gives)

    def _shares(self, gives: Mapping[str, GivenFigure | PortionInForce], kept: bool) -> tuple[Fraction, Fraction]:
        """Return the least and the largest share of a claim that is kept; of one that may be, the largest of any."""
        if self._share is not None:
            return self._share, self._share
        found = gives if kept else self._largest
        low, high = found.get(self._how.least), found.get(self._how.most)
        if isinstance(low, Decimal) and isinstance(high, Decimal):
            return Fraction(low), Fraction(high)
        return Fraction(0), Fraction(1)

    @cached_property
    def _largest(self) -> Mapping[str, GivenFigure | PortionInForce]:
        """What the row gives, of those in force on the first day by which a claim is kept, with the largest share."""
        outcomes = self._budgets.policy.on(self._budgets.first).questions[self._how.question].outcomes
        given = [one.gives for one in outcomes if one.answer == self._how.answer]
        shares = [(most, one) for one in given if isinstance(most := one.get(self._how.most), Decimal)]
        return max(shares, key=lambda pair: pair[0])[1] if shares else {}

    def of(self, name: str) -> tuple[Range, Range]:
        """Return the claims of a Community, and what of them is kept, rounded down claim by claim."""
        sure, maybe = self.sure[name], self.maybe[name]
        certain = sum(rate for rate, *_ in sure)
        claims = Range(Fraction(certain), Fraction(certain + sum(rate for rate, *_ in maybe)))
        low = sum(math.floor(rate * least) for rate, least, _ in sure)
        high = sum(math.floor(rate * most) for rate, _, most in (*sure, *maybe))
        return claims, Range(Fraction(low), Fraction(high))

    def kept(self, name: str) -> tuple[KeptClaim, ...]:
        found = ((self.sure[name], True), (self.maybe[name], False))
        return tuple(sorted(KeptClaim(*one, certain) for some, certain in found for one in some))


def _row(
    budget: Budget, claims: _Claims, allocations: Sequence[Allocation], contingency: Fraction, trigger: int | None
) -> Row:
    reached = budget.ends == "included"
    pot = Range(Fraction(budget.low), Fraction(budget.high), reached, reached)
    claimed, protected = claims.of(budget.name)
    kept_back = pot.part(contingency)
    free = pot.part(1 - contingency)
    room = free.less(protected)
    placed, total = [], 0
    for one in allocations:
        total += one.amount
        placed.append((one, _fits(total, room), one.above(trigger)))
    left = room.less(Range(Fraction(total), Fraction(total)))
    affordable = _affordable(free, claimed) if claimed.high else None
    return Row(budget.name, pot, claimed, protected, kept_back, total, left, affordable, tuple(placed),
               claims.kept(budget.name))  # fmt: skip


def _fits(total: int, room: Range) -> str:
    if total <= room.low:
        return "yes"
    beyond = total > room.high or (total == room.high and not room.high_reached)
    return "no" if beyond else "open"


def _affordable(free: Range, claims: Range) -> Range | None:
    """Return the largest share of the claims, from 0 to 1, that a budget without its contingency can bear."""
    low = free.low / claims.high
    high = free.high / claims.low if claims.low else Fraction(2)
    # A share of 1 is reached where the budget goes beyond it; an end of the budget that is not reached gives none.
    return Range(
        min(max(low, Fraction(0)), Fraction(1)),
        min(max(high, Fraction(0)), Fraction(1)),
        low >= 1 or (free.low_reached and claims.high_reached),
        high > 1 or (free.high_reached and claims.low_reached),
    )


def read_share(text: str, option: str) -> Fraction:
    """Return a share from 0 to 1; raises `WrongUse` for anything else.

    >>> read_share("0.65", "--share")
    Fraction(13, 20)
    """
    try:
        share = Fraction(Decimal(text))
    except (ArithmeticError, ValueError):  # Such as NaN.
        share = Fraction(-1)
    if not 0 <= share <= 1 or not text.replace(".", "", 1).isdigit():
        raise WrongUse(f"'{text}' is not a share ({option}). Write one from 0 to 1, such as 0.65.")
    return share


def read_allocations(path: Path, policy: Policy, first: date, last: date) -> list[Allocation]:
    """Return the allocations of a file (CSV, Parquet, Excel) for a year, both days inclusive.

    Whose they are is in the column that a budget is named by. Raises `WrongUse` for a file of another name, and
    `PolicyError` with all that is wrong with it.
    """
    whose = formula_of(policy).column
    headings = (HEADINGS[0], whose, *HEADINGS[1:])
    file = ChunkedTable(path, suffix_of(path, "a table of allocations"), LIMITS.rows, LIMITS)
    place, problems = Place(file.name), Problems()
    for number, heading in enumerate(file.headings, 1):
        if heading and heading not in headings:
            help = did_you_mean(heading, headings) or f"Use {listed(headings)}."
            problems.add(place, "unknown-column", f"Column {number} is not a column of this file.", help)
    for name in (whose, *NEEDED):
        if name not in file.headings:
            problems.add(place, "missing-column", f"There is no column '{name}'.", f"Use {listed(headings)}.")
    problems.stop_on_errors()
    found: list[Allocation] = []
    seen: dict[str, int] = {}
    for part in file.parts():
        columns = {name: as_text(part.cells[name], None).to_pylist() for name in file.headings if name in part.cells}
        for at, number in enumerate(part.rows.to_pylist()):
            if at in part.faults:
                problems.add(
                    place, part.faults[at].code, f"Row {number}: {part.faults[at].message}", part.faults[at].help
                )
                continue
            cells = {name: (column[at] or "").strip() for name, column in columns.items()}
            one = _allocation(cells | {"whose": cells[whose]}, number, place, problems, first, last)
            if one is None:
                continue
            if one.reference in seen:
                said = f"Row {number}, column 'reference': row {seen[one.reference]} has it already."
                problems.add(place, "same-name", said, "Give each allocation a reference of its own.")
            seen.setdefault(one.reference, number)
            found.append(one)
    problems.stop_on_errors()
    return found


def _allocation(
    cells: Mapping[str, str], number: int, place: Place, problems: Problems, first: date, last: date
) -> Allocation | None:
    wrong: list[tuple[str, str, str]] = []
    if not REFERENCE.fullmatch(cells["reference"]):
        wrong.append(("reference", "this is not a reference", "Write one to four letters and a number: A-12."))
    if cells["kind"] not in KINDS:
        wrong.append(("kind", "this is not a kind of allocation", f"Use {listed(KINDS)}."))
    pupils = cells.get("pupils", "")
    if cells["kind"] == "group" and not (pupils.isdigit() and int(pupils)):
        wrong.append(("pupils", "a group has a number of pupils", "Write how many, at least 1."))
    try:
        amount = Decimal(cells["amount"])
        if amount <= 0 or not cells["amount"].replace(".", "", 1).isdigit() or amount * 100 != int(amount * 100):
            raise ArithmeticError
    except ArithmeticError:
        amount = Decimal(0)
        wrong.append(("amount", "this is not a sum of pounds above 0", "Write figures only, such as 4000.00."))
    days = {}
    for name in ("from", "until"):
        text = cells.get(name, "")
        if text or name == "from":
            try:
                days[name] = read_date(text)
            except ValueError:
                wrong.append((name, "this is not a day", "Write year, month, day: 2025-09-01."))
    if "from" in days and not (days["from"] <= last and days.get("until", last) >= first):
        wrong.append(("from", "this is not within the year of the ledger", "Leave out the money of other years."))
    if days.get("until", date.max) < days.get("from", date.min):
        wrong.append(("until", "this is before the first day", "Write the last day, or leave it empty."))
    for column, said, help in wrong:
        problems.add(place, "not-an-allocation", f"Row {number}, column '{column}': {said}.", help)
    if wrong:
        return None
    whole = int(pupils) if pupils.isdigit() else None
    return Allocation(cells["reference"], cells["whose"], cells["kind"], whole, pence(amount), days["from"])


def table(found: Ledger) -> Iterator[str]:
    """Yield the ledgers as text, one Community after the other."""
    for row in found.rows:
        yield row.community
        for label, figure in (
            ("budget", row.budget), ("claims", row.claims), ("of them kept", row.protected),
            ("contingency", row.contingency), ("left", row.left),
        ):  # fmt: skip
            if label == "left":
                yield f"  allocated: {say_money(row.allocated)}"
            yield f"  {label}: {say_range(figure)}"
        if row.affordable is not None:
            yield f"  the share of claims that it can bear: {say_share(row.affordable)}"
        for one, fits, marked in row.allocations:
            told = {"yes": "fits", "no": "does not fit", "open": "may fit"}[fits]
            mark = "; open to further moderation" if marked else ""
            yield f"  {one.reference}: {say_money(one.amount)}, {told}{mark}"


def say_range(figure: Range) -> str:
    """Return a figure in pounds, or its range, and whether its ends are reached: "more than £3 to £5"."""
    if figure.settled:
        return say_money(math.floor(figure.low))
    more, less = ("" if reached else f"{word} " for reached, word in
                  ((figure.low_reached, "more than"), (figure.high_reached, "less than")))  # fmt: skip
    return f"{more}{say_money(math.floor(figure.low))} to {less}{say_money(math.ceil(figure.high))}"


def say_share(figure: Range) -> str:
    """Return a share in per cent, or its range, and whether its ends are reached."""
    low, high = f"{say_decimal(100 * figure.low, 2)}%", f"{say_decimal(100 * figure.high, 2, math.ceil)}%"
    if figure.settled:
        return low
    return f"{'' if figure.low_reached else 'more than '}{low} to {'' if figure.high_reached else 'less than '}{high}"
