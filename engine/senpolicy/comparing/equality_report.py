"""The working of an equality impact assessment as text, and as one page that asks for nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from senpolicy.caseloads.school_report import WIDE, BarSegment
from senpolicy.caseloads.shares import say_decimal
from senpolicy.caseloads.templates import page_template
from senpolicy.comparing.equality import AssessedSection, EqualityWorking, GroupEffect
from senpolicy.comparing.movement import Told
from senpolicy.comparing.report import WITHHELD, say_told
from senpolicy.comparing.tariffs import GroupRow
from senpolicy.files.models import records as r
from senpolicy.readings.say import lowered, say_money

#: The headings of a table of groups.
HEADINGS = ("Pupils", "Known", "Present", "New", "Change", "Lose", "May lose", "More than the rest")
WITHHOLDS = (
    "* is withheld: it would tell of fewer than five pupils. - is not known, or there is nobody to compare. Known: of "
    "how many pupils the pounds a year are known under both versions; the figures to the right are of these. More than "
    "the rest: by how much the share who surely lose is larger than that of all others, with 95% confidence."
)


def cells(one: GroupEffect) -> tuple[str, ...]:
    """Return the figures of a group's value in words, in the order of `HEADINGS`."""
    money = one.money
    told = [
        _told(part, money.known, signed=signed)
        for part, signed in ((money.base, False), (money.head, False), (money.difference, True))
    ]
    lose = WITHHELD if one.lose is None else str(one.lose)
    if one.share is not None:
        lose += f" ({say_decimal(100 * one.share, 1, round)}%)"
    counts = [WITHHELD if count is None else str(count) for count in (one.pupils, one.compared, one.may_lose)]
    return (*counts[:2], *told, lose, counts[2], say_interval(one.interval))


def _told(told: Told | None, known: str, *, signed: bool) -> str:
    return "-" if known == "none" else say_told(told, full=False, signed=signed)


def say_interval(interval: tuple[float, float] | None) -> str:
    """Return an interval of a difference of shares in points of a hundred.

    >>> say_interval((-0.1234, 0.05)), say_interval(None)
    ('-12.3 to +5.0 points', '-')
    """
    return "-" if interval is None else " to ".join(f"{100 * end:+.1f}" for end in interval) + " points"


def plan_cells(one: GroupRow) -> tuple[str, ...]:
    """Return the figures of a group's value under a plan: pupils, present, new, change, who lose, and the interval."""
    money = [
        WITHHELD if amount is None else say_money(amount, signed=signed)
        for amount, signed in ((one.present, False), (one.limited, False), (one.change, True))
    ]
    lose = WITHHELD if one.lose is None else str(one.lose)
    if one.lose is not None and one.paid_today:
        lose += f" ({say_decimal(100 * Fraction(one.lose, one.paid_today), 1, round)}%)"
    return (WITHHELD if one.pupils is None else str(one.pupils), *money, lose, say_interval(one.interval))


def beside(found: EqualityWorking, one: AssessedSection) -> Iterator[str]:
    """Yield what the figures say of the pupils of a section, a sentence for each group; or why there are none."""
    for name in one.counted_by:
        said = []
        for row in found.groups[name]:
            _, known, _, _, change, lose, may, _ = cells(row)
            said.append(f"{row.value}: {lose} of {known} lose, {may} may, {change} in all")
        yield f"By {lowered(found.label(name))}, as above: {'; '.join(said)}."
    if one.why_not:
        yield one.why_not


def say_figure(figure: r.CheckedFigure) -> str:
    """Return a figure of the papers with its parts: "Sex, plans: female 27, male 73 (per cent)"."""
    parts = ", ".join(f"{name.replace('_', ' ')} {_plain(value)}" for name, value in figure.terms.items())
    return f"{figure.label}: {parts} ({figure.unit.replace('_', ' ')})"


def _plain(value: Decimal | int) -> str:
    return f"{value:,}"


def lines(found: EqualityWorking) -> Iterator[tuple[str, str]]:
    """Yield the working as lines: a style for terminals, and the text."""
    yield "bold", f"Equality: {found.names[0]} to {found.names[1]}, by the pupils of {found.file}"
    yield "", found.says
    yield "", ""
    yield from _table("All pupils", HEADINGS, [("all", cells(found.every))])
    for name, rows in found.groups.items():
        yield from _table(found.label(name), HEADINGS, [(one.value, cells(one)) for one in rows])
    yield "dim", WITHHOLDS
    if found.plan:
        yield "", ""
        yield "bold", f"By the plan {found.plan.plan.id}: {found.plan.file.title}"
        yield "", found.plan.says
        headings = ("Pupils", "Present", "New", "Change", "Lose", "More than the rest")
        for name in dict.fromkeys(one.group for one in found.plan.groups):
            some = [(one.value or "(not given)", plan_cells(one)) for one in found.plan.groups if one.group == name]
            yield from _table(found.label(name), headings, some)
    for each in found.assessments:
        yield "", ""
        yield "bold", f"What the equality assessment of {each.decision} says, as the policy holds it"
        for note in each.notes:
            yield "dim", note
        said = dict[str, int]()
        for one in each.sections:
            if not (one.promises or one.figures or one.counted_by):
                yield "bold", f"{one.group.section}. {one.group.label}"
                cited = found.cited(one.group.source)
                yield "", f"  Negative impacts: {one.impacts} ({cited}). No mitigating action is held. {one.why_not}"
                continue
            yield "bold", f"{one.group.section}. {one.group.label}"
            yield "", f"  Negative impacts: {one.impacts} ({found.cited(one.group.source)})."
            yield from (("", f"  {said_beside}") for said_beside in beside(found, one))
            for figure in one.figures:
                yield "", f"  In the papers: {say_figure(figure)}"
            if not one.promises:
                yield "", "  No mitigating action is held."
            for promise in one.promises:
                if promise.id in said:
                    yield "", f"  - {promise.id}: as in section {said[promise.id]}"
                    continue
                said[promise.id] = one.group.section
                yield "", f"  - {promise.id}: {promise.says} ({found.cited(promise.source)})"
                yield from (
                    ("dim", f"      {what}") for what in [*found.bears_on(promise), *filter(None, [promise.note])]
                )
    yield "", ""
    yield "bold", "What is not known"
    yield from (("", f"  - {said}") for said in (*found.not_known(), *found.notes))


def _table(title: str, headings: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> Iterator[tuple[str, str]]:
    every = [("", headings), *rows]
    wide = [max(len(row[1][at]) for row in every) for at in range(len(headings))]
    first = max(len(name) for name, _ in every)
    yield "bold", title
    for number, (name, figures) in enumerate(every):
        said = "  ".join(f"{cell:>{wide[at]}}" for at, cell in enumerate(figures))
        yield "" if number else "dim", f"  {name:<{first}}  {said}".rstrip()


def bar_of(one: GroupEffect) -> list[BarSegment]:
    """Return the bar of the shares who surely lose, and who may; none where they are withheld."""
    if not one.compared or one.lose is None:
        return []
    lose, may = (WIDE * (count or 0) // one.compared for count in (one.lose, one.may_lose))
    parts = (("c4", 0, lose, f"{one.lose} lose"), ("c2", lose, may, f"{one.may_lose} may lose"))
    return [BarSegment(colour, start, max(width, 4), says) for colour, start, width, says in parts if width]


def html(found: EqualityWorking) -> str:
    """Return the working as one HTML page."""
    return page_template("equality.html.j2").render(
        found=found, says=found.says, headings=HEADINGS, withholds=WITHHOLDS, cells=cells, plan_cells=plan_cells,
        beside=beside, say_figure=say_figure, bar_of=bar_of,
    )  # fmt: skip
