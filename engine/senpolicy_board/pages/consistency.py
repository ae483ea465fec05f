"""The page of consistency: agreement, Communities outside the tolerance, drift, like cases decided differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from django.http import HttpResponse

from senpolicy.language.days import MONTHS
from senpolicy_board import agreement as agree
from senpolicy_board import alike, gather, judging
from senpolicy_board.drift import Month
from senpolicy_board.web import Routes, Visit

routes = Routes()

_WHY = {
    agree.FEW: "too few",
    agree.HELD_BACK: "withheld",
    agree.ALIKE: "no spread",
    agree.UNSTEADY: "",
    "no upper levels": "none",
}


@dataclass(frozen=True)
class Strip:
    """A small chart: a mark and its interval on a line from `first` to `last`, all in thousandths of its width.

    `band` is a stretch that is tinted, `zero` where a line stands; None where there is none.
    """

    mark: int | None
    low: int | None
    high: int | None
    band: tuple[int, int] | None = None
    zero: int | None = None


@dataclass(frozen=True)
class Cell:
    """A figure in words, with its interval in words, and its chart."""

    says: str
    interval: str = ""
    strip: Strip | None = None


#: A row or a table as its template reads it, by name.
Shown: TypeAlias = dict[str, Any]


def percent(share: float) -> str:
    """Return a share as whole per cent: "71%"."""
    return f"{100 * share:.0f}%"


def decimal(value: float) -> str:
    """Return a figure with two decimals and a real minus: "0.62", "−0.40"."""
    said = f"{value:.2f}"
    return ("0.00" if said == "-0.00" else said).replace("-", "\u2212")


def signed(value: float) -> str:
    """Return a difference with its sign: "+0.40"."""
    said = decimal(value)
    return said if value <= 0 or said == "0.00" else f"+{said}"


def counted(cases: int | None) -> str:
    """Return a count, or that it is under five or would tell one."""
    return "withheld" if cases is None else f"{cases:,}"


def _at(value: float, first: float, last: float) -> int:
    return max(0, min(1000, round(1000 * (value - first) / (last - first))))


def cell(figure: agree.Figure, first: float, last: float, say: str = "decimal", band: float | None = None) -> Cell:
    """Return a figure in words and as a strip from `first` to `last`; `band` is tinted to both sides of nought."""
    words = {"decimal": decimal, "percent": percent, "signed": signed}[say]
    if figure.value is None:
        return Cell(figure.bound or _WHY.get(figure.why, figure.why))
    zero = _at(0, first, last) if first < 0 else None
    tint = (_at(-band, first, last), _at(band, first, last)) if band is not None else None
    low, high = (None if end is None else _at(end, first, last) for end in (figure.low, figure.high))
    strip = Strip(_at(figure.value, first, last), low, high, tint, zero)
    if figure.low is None or figure.high is None:
        return Cell(words(figure.value), _WHY.get(figure.why, ""), strip)
    return Cell(words(figure.value), f"{words(figure.low)} to {words(figure.high)}", strip)


def compared(name: str, found: gather.Consistency) -> Shown:
    """Return one comparison in words: "moderators" or "communities"."""
    between = name == "moderators"
    agreements = found.agreement.moderators if between else found.agreement.communities
    counts = judging.apart([agreements[area].cases for area, _ in found.areas])
    rows = [
        {
            "name": label,
            "cases": counted(cases),
            "exact": cell(one.exact, 0, 1, "percent"),
            "within": cell(one.within_one, 0, 1, "percent"),
            "kappa": cell(one.kappa, 0, 1),
            "alpha": cell(one.alpha, 0, 1),
        }
        for (area, label), cases in zip(found.areas, counts, strict=True)
        for one in [agreements[area]]
    ]
    levels = [
        {
            "name": found.levels[one.level - 1],
            "cases": counted(one.cases),
            "exact": cell(one.exact, 0, 1, "percent"),
        }
        for one in agreements[judging.WHOLE].by_level
    ]
    return {"id": name, "areas": rows, "levels": levels, **_COMPARED[name]}


#: What is said of each comparison.
_COMPARED = {
    "moderators": {
        "title": "Between moderators",
        "says": "Cases that at least two moderators have rated, each without seeing the other's ratings.",
        "by": "Where one moderator gave this level, the other too",
    },
    "communities": {
        "title": "Between Communities and the board",
        "says": (
            "The ratings with which a case came, held against the board's decision where one stands; otherwise, and "
            "for single areas, against each moderator's own."
        ),
        "by": "Where the board gave this level, the Community too",
    },
}


def community_row(one: agree.Leaning, bounds: agree.AgreementSettings, widest: float) -> Shown:
    """Return how one Community rates against the board, in words."""
    way = "higher" if (one.mean.value or 0) > 0 else "lower"
    verdict = "inside" if one.mean.value is not None else ""
    if one.outside:
        verdict = f"outside: clearly {way}" if one.clearly else f"outside: {way}, but its interval reaches inside"
    mean = cell(one.mean, -widest, widest, "signed", bounds.tolerance)
    return {
        "name": one.community, "cases": counted(one.cases), "mean": mean, "verdict": verdict, "outside": one.outside,
    }  # fmt: skip


def month_row(one: Month) -> Shown:
    """Return one month in words."""
    verdict = {"up": "higher than at the start", "down": "lower than at the start", "": ""}[one.drifted]
    if one.chance is not None and not one.drifted:
        verdict = "no more than chance"
    chance = "" if one.chance is None else "under 1%" if one.chance < 0.01 else percent(one.chance)
    known = one.higher.value is not None
    return {
        "name": say_months(one.name),
        "cases": counted(one.cases),
        "levels": [counted(count) for count in one.levels],
        "bars": bars(one),
        "upper": cell(one.upper, 0, 1, "percent"),
        "higher": f"{100 * (one.higher.value or 0):.0f} of 100" if known else _WHY.get(one.higher.why, ""),
        "chance": chance,
        "verdict": verdict,
        "drifted": bool(one.drifted),
    }


def say_months(name: str) -> str:
    """Return a month, or two with what lies between, as people write it.

    >>> say_months("2027-01 to 2027-03")
    'January 2027 to March 2027'
    """
    return " to ".join(f"{MONTHS[int(one[5:7]) - 1]} {one[:4]}" for one in name.split(" to "))


def bars(one: Month) -> list[tuple[int, int, int | None]]:
    """Return the bar of a month as pieces (from, wide, level), in thousandths; what is withheld is one piece, None."""
    if not one.cases:
        return []
    shown = [(level, count) for level, count in enumerate(one.levels, 1) if count]
    rest = one.cases - sum(count for _, count in shown)
    found: list[tuple[int, int, int | None]] = []
    done = 0
    for level, count in [*shown, *([(None, rest)] if rest else [])]:
        start, end = round(1000 * done / one.cases), round(1000 * (done + count) / one.cases)
        found.append((start, end - start, level))
        done += count
    return found


@routes.page("/consistency", "see consistency")
def consistency(visit: Visit) -> HttpResponse:
    """Show how alike cases are decided."""
    settings = visit.board.settings
    shown = visit.board.figures.look(settings.figures_seconds, settings.figures_first_seconds)
    with visit.store.writing():
        visit.record("viewed", "consistency")
    if shown is None:
        return visit.page("consistency_later.html.j2")
    found, bounds = shown.made, shown.made.bounds
    leanings = found.agreement.leanings
    ends = [abs(end) for one in leanings for end in (one.mean.value, one.mean.low, one.mean.high) if end is not None]
    widest = max([2 * bounds.tolerance, *ends])
    drift = found.drift
    return visit.page(
        "consistency.html.j2",
        found=found,
        shown=shown,
        bounds=bounds,
        comparisons=[compared("moderators", found), compared("communities", found)],
        communities=[community_row(one, bounds, widest) for one in leanings if one.mean.value is not None],
        few=[one for one in leanings if one.mean.value is None],
        widest=decimal(widest),
        baseline=month_row(drift.baseline) if drift.baseline else None,
        months=[month_row(one) for one in drift.months],
        upper=found.levels[drift.upper_from - 1] if drift.upper_from else "",
        unlike=found.unlike[: alike.MOST] if visit.may("see a case") else (),
        more=max(0, len(found.unlike) - alike.MOST),
        answers=judging.counted(found.answers),
        percent=percent,
        decimal=decimal,
    )
