"""Whether budgets are divided otherwise: year by year, by the shares themselves, whatever the pot and the names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from senpolicy.caseloads import budgets
from senpolicy.caseloads.budgets import Division, PotShare
from senpolicy.caseloads.shares import decimal
from senpolicy.comparing.paying import say_parameter
from senpolicy.files.models.budgets import BudgetsFile
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import lowered, say_date, say_figure, say_list

#: How each sentence about ledgers begins.
LEDGERS = "Ledgers"


def what_moves(said: Sequence[str], *corpora: Corpus) -> str:
    """Return in words what moves, by the sentences about it: budgets, or their ledgers alone."""
    moving = "ledgers" if all(one.startswith(LEDGERS) for one in said) else "budgets"
    return f"The {moving} of the {label_of(*corpora)} move"


def label_of(*corpora: Corpus) -> str:
    """Return for whom the budgets are, as people write it; "" where no version has any."""
    files = (corpus.files.get(budgets.FILE) for corpus in corpora)
    return next((file.label for file in files if isinstance(file, BudgetsFile)), "")


def moves(base: Policy, head: Policy) -> list[str]:
    """Return in plain sentences what of the budgets differs between two policies; none where all is divided alike.

    Two policies without such sentences give every name the same budget in every year, whatever the table and the pot;
    and keep the same ledger of it, where they decide its claims alike.
    """
    ours, theirs = (isinstance(one.corpus.files.get(budgets.FILE), BudgetsFile) for one in (base, head))
    if ours is not theirs:
        return [f"Only the {'base' if ours else 'head'} says how budgets are divided ({budgets.FILE})."]
    if not ours:
        return []
    found: dict[str, list[int]] = {}
    divided = list[Division]()
    was, now = (set(budgets.years_of(one)) for one in (base, head))
    for year in sorted(was | now):
        if year not in was or year not in now:
            found.setdefault(f"only the {'base' if year in was else 'head'} divides a pot", []).append(year)
            continue
        before, after = (_division(one, year) for one in (base, head))
        if before is None or after is None:
            if before is not after:
                says = f"only the {'base' if before else 'head'} has every share that is needed"
                found.setdefault(says, []).append(year)
            continue
        for one in _year(before, after):
            found.setdefault(one, []).append(year)
        divided.append(before)
    told = (f"{_years(years)}: {says}." for says, years in found.items())
    return [*_columns(base, head), *told, *dict.fromkeys(_ledgers(base, head, divided))]


def _division(policy: Policy, year: int) -> Division | None:
    """Return how the pot of a year is divided, None where it cannot be as of then."""
    try:
        return budgets.division(policy, year)
    except (PolicyError, WrongUse):
        return None


def _years(years: Sequence[int]) -> str:
    return f"Year{'s' if len(years) > 1 else ''} {say_list([str(one) for one in years])}"


def _columns(base: Policy, head: Policy) -> Iterator[str]:
    """Yield what the table is read by and differs."""
    ours, theirs = (budgets.formula_of(one) for one in (base, head))
    if ours.column != theirs.column:
        yield f"Budgets are for '{theirs.column}'; they were for '{ours.column}'."
    for name in dict.fromkeys([*ours.columns, *theirs.columns]):
        was, now = ours.columns.get(name), theirs.columns.get(name)
        if was is None or now is None:
            yield f"The column '{name}' is in the {'base' if was else 'head'} only."
        elif was.unit != now.unit:
            yield f"The column '{name}' is in {now.unit}; it was in {was.unit}."


def _ledgers(base: Policy, head: Policy, years: Iterable[Division]) -> Iterator[str]:
    """Yield how ledgers differ: in what a budget pays first, and above what they mark an allocation."""
    ours, theirs = (budgets.formula_of(one).protected for one in (base, head))
    if ours is None or theirs is None:
        if ours is not theirs:
            yield f"{LEDGERS} say what a budget pays first in the {'base' if ours else 'head'} only ({budgets.FILE})."
        return
    was, now = (one.model_dump(exclude={"source", "moderated_above"}) for one in (ours, theirs))
    for key in was:
        if was[key] != now[key]:
            yield f"{LEDGERS} have '{now[key]}' as '{key}' of what a budget pays first; it was '{was[key]}'."
    for year in years:
        setters = (one.parameter(of.moderated_above[1:], year.first) for one, of in ((base, ours), (head, theirs)))
        marked, marks = (say_parameter(one[1]) if one else "no amount" for one in setters)
        if marks != marked:
            yield f"{LEDGERS} mark allocations above {marks}; they did above {marked}."


def _year(was: Division, now: Division) -> Iterator[str]:
    """Yield what differs in the division of one year, each as the end of a sentence."""
    if (was.first, was.last) != (now.first, now.last):
        days = [f"{say_date(one.first)} to {say_date(one.last)}" for one in (now, was)]
        yield f"it is {days[0]}; it was {days[1]}"
    if (was.off.low, was.off.point) != (now.off.low, now.off.point):
        said = [f"left open ({one.off.point})" if one.off.point else _share(one.off) for one in (now, was)]
        yield f"what is taken off first is {said[0]}; it was {said[1]} (`{now.off.parameter}`)"
    yield from _parts(was.parts, now.parts, "")


def _parts(was: Sequence[PotShare], now: Sequence[PotShare], of: str) -> Iterator[str]:
    ours, theirs = ({part.of: part for part in parts} for parts in (was, now))
    for name in dict.fromkeys([*ours, *theirs]):
        before, after = ours.get(name), theirs.get(name)
        one = after or before
        assert one is not None
        said = f"the part that follows {lowered(one.label)}{of}"
        if before is None or after is None:
            yield f"{said} is in the {'base' if before else 'head'} only: {_share(one)}"
            continue
        if (before.low, before.high) != (after.low, after.high):
            value = after.parameter or before.parameter
            yield f"{said} is {_share(after)}; it was {_share(before)}{f' (`{value}`)' if value else ''}"
        elif before.point != after.point and not before.settled:
            yield f"{said} rests on the open point {after.point or 'none'}; it did on {before.point or 'none'}"
        yield from _parts(before.parts, after.parts, f", within {lowered(one.label)}")


def _share(part: PotShare) -> str:
    if part.settled:
        return _figure(part.low)
    return f"open, {_figure(part.low)} to {_figure(part.high)}"


def _figure(share: Fraction) -> str:
    return say_figure(decimal(share))


def sentences(pairs: Sequence[tuple[str, Policy, Policy]]) -> list[str]:
    """Return what of the budgets differs in several ways of deciding, each said once.

    Each of `pairs` has in words the way in which both policies decide, "" for the policy as it is.
    """
    found: dict[str, list[str]] = {}
    for way, base, head in pairs:
        for one in moves(base, head):
            found.setdefault(one, []).append(way)
    return [one if "" in ways else f"{one[:-1]} ({', '.join(ways)})." for one, ways in found.items()]
