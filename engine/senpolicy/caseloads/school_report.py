"""The report of a model: as a page of its own, as lines for a terminal, and as plain data.

The page is one file that asks for nothing else. Its charts are drawn here as bars of whole thousandths, with the table
of the same figures beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Template

from senpolicy.caseloads.school_model import (
    AnswerChange,
    Due,
    ModelledPupil,
    ModelPeriod,
    ModelRow,
    SchoolModel,
    Section,
    SectionPeriod,
    Sums,
    cited,
    label,
)
from senpolicy.caseloads.small_counts import LEAST
from senpolicy.caseloads.templates import page_template
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.files.digests import PlainData
from senpolicy.files.problems import Problem
from senpolicy.language.conditions import pence, pounds
from senpolicy.readings.say import say_date, say_document, say_money

#: How many parts a bar has.
WIDE = 1000
#: A list of more pupils is in the workbook alone.
MOST_PUPILS = 150
#: Of more schools or Communities than these the print has the first table alone, and not each of them.
MOST_PRINTED = 8


@dataclass(frozen=True)
class BarSegment:
    """A piece of a bar: its colour's name, its beginning and width in thousandths, and what it represents."""

    colour: str
    start: int
    width: int
    says: str


def html(found: SchoolModel) -> str:
    """Return the report as one HTML page."""
    page = template("report.html.j2")
    return page.render(
        found=found,
        fewest=LEAST,
        money_bars=money_bars,
        route_bars=route_bars,
        colours=colours,
        cautions=cautions,
        papers=papers(found),
        unsettled=unsettled,
        changed=changed,
        known=known,
        what_goes_on=what_goes_on,
        anchor=anchor,
        due_words=due_words,
        amount_words=amount_words,
        most_pupils=MOST_PUPILS,
        most_printed=MOST_PRINTED,
        pupil_rows=pupil_rows,
    )


def template(name: str) -> Template:
    """Return the template of a page about one school's model."""
    return page_template(
        name, money=say_money, day=say_date, people=people, capitalised=capitalised,
        pounds=lambda amount: say_money(pence(amount)),
    )  # fmt: skip


def capitalised(text: str) -> str:
    """Return a text with a large first letter, and the others as they are."""
    return text[:1].upper() + text[1:]


def due_words(due: Due) -> str:
    """Return what falls to some days as one phrase: "£4,000 certain, about £2,000 to £3,000 protected"."""
    return _amounts(due, bool(due.high), people(due.unknown))


def _amounts(of: Due | Sums, part: bool, unknown: str) -> str:
    """Return amounts as one phrase; `part` says whether a part is protected, `unknown` for whom there is more."""
    mark = " (assumed)" if of.assumed else ""
    said = [f"{say_money(of.known)} certain"] if of.known else []
    said += [f"{say_money(of.supposed)} assumed"] if of.supposed else []
    said += [f"about {say_money(of.low)} to {say_money(of.high)} protected{mark}"] if part else []
    said += [f"{'more ' if said else ''}not known for {unknown}"] if of.unknown else []
    return ", ".join(said) or "nothing by this policy"


def pupil_rows(found: SchoolModel) -> list[tuple[ModelledPupil, list[tuple[str, str]]]]:
    """Return each pupil with how it is funded in each period and how much, in words; none in a copy that is shared."""
    if found.share or len(found.pupils) > MOST_PUPILS:
        return []
    route = found.spans[0].modelled.route
    return [
        (
            pupil,
            [
                (label(route, pupil.fates[at].route, found.policy), _one_amount(pupil.sums[at]))
                if at in pupil.fates
                else ("", "")
                for at in range(len(found.spans))
            ],
        )
        for pupil in found.pupils
    ]


def _one_amount(sums: Sums) -> str:
    """Return the amounts of one pupil as a phrase."""
    said = amount_words(sums)
    return said.removesuffix(f" for {sums.unknown}") if sums.unknown else said


def people(count: int) -> str:
    """Return a number of pupils in words.

    >>> people(1), people(1200)
    ('1 pupil', '1,200 pupils')
    """
    return f"{count:,} pupil{'' if count == 1 else 's'}"


def anchor(place: int) -> str:
    """Return the name by which a section is linked to."""
    return f"part-{place}"


def money_bars(section: Section) -> list[tuple[SectionPeriod, list[BarSegment]]]:
    """Return for each period the bar of its yearly amounts, all on one scale."""
    longest = max((one.total.known + one.total.supposed + one.total.high for one in section.views), default=0)
    bars = []
    for view in section.views:
        total = view.total
        parts = [
            ("certain", total.known, "certain"),
            ("assumed", total.supposed, "assumed"),
            ("low", total.low, "protected, at the least expected"),
            ("high", total.high - total.low, "protected, up to the most expected"),
        ]
        bars.append(
            (view, pieces([(colour, value, f"{say_money(value)} {says}") for colour, value, says in parts], longest))
        )
    return bars


def colours(section: Section) -> dict[tuple[str, ...], str]:
    """Return a colour for each line of the tables of routes, the same in every period; grey for what is not settled."""
    keys = dict.fromkeys(row.key for view in section.views for row in view.routes)
    settled = [key for key in keys if key[0] != UNDETERMINED]
    return {key: f"c{settled.index(key) % 8}" if key in settled else "open" for key in keys}


def route_bars(section: Section) -> list[tuple[SectionPeriod, list[BarSegment]]]:
    """Return for each period the bar of its pupils by route."""
    named = colours(section)
    return [
        (
            view,
            pieces(
                [(named[row.key], row.pupils, f"{people(row.pupils)}: {row.label}") for row in view.routes], view.pupils
            ),
        )
        for view in section.views
    ]


def pieces(parts: Sequence[tuple[str, int, str]], whole: int) -> list[BarSegment]:
    """Return the pieces of a bar that is `whole` when full; a piece of nothing is left out, none is too thin to see.

    >>> [(one.start, one.width) for one in pieces([("a", 1, ""), ("b", 0, ""), ("c", 3, "")], 4)]
    [(0, 250), (250, 750)]
    """
    found, sum_so_far = [], 0
    for colour, value, says in parts:
        start, end = sum_so_far * WIDE // (whole or 1), (sum_so_far + value) * WIDE // (whole or 1)
        if value:
            found.append(BarSegment(colour, start, max(end - start, 4), says))
        sum_so_far += value
    return found


def changed(view: SectionPeriod) -> list[tuple[str, list[AnswerChange]]]:
    """Return what changes on the first day of a period, by what it is that changes; what does not is left out."""
    route, protection, _ = view.span.modelled.questions
    named = ((route, "how pupils are funded"), (protection, "the protection"))
    found = [(says, [one for one in view.changes if one.question == question]) for question, says in named]
    return [(says, changes) for says, changes in found if changes]


def known(sums: Sums) -> list[str]:
    """Return the amounts a year that are known, a phrase for each kind."""
    said = [f"{say_money(sums.known)} certain"] if sums.known else []
    if sums.supposed:
        said.append(f"{say_money(sums.supposed)} assumed")
    return [*said, f"{protected_words(sums)} protected"] if sums.protected else said


def what_goes_on(row: ModelRow) -> str:
    """Return what of earlier payments goes on under a line of the protection, and until when; "" for nothing.

    A line that gives a last day and has certain amounts protects them in full.
    """
    if row.until is None:
        return ""
    found = protected_words(row.sums) if row.sums.protected else ""
    if row.sums.known:
        found = f"{say_money(row.sums.known)}, in full"
    return f"{found}, until {say_date(row.until)}" if found else ""


def protected_words(sums: Sums) -> str:
    """Return the part that is protected in words: "about £2,000 to £3,000"."""
    return f"about {say_money(sums.low)} to {say_money(sums.high)}{' (assumed)' if sums.assumed else ''}"


def cautions(found: SchoolModel, span: ModelPeriod) -> list[str]:
    """Return what is to be borne in mind with the answers of a period, with its paragraph, each once."""
    said = [f"{one.says} ({cited(one.source, found.policy)})" for _, one in span.cautions]
    return list(dict.fromkeys(said))


def unsettled(row: ModelRow) -> bool:
    """Return whether a line represents pupils whose answer is not settled."""
    return row.key[0] == UNDETERMINED


def papers(found: SchoolModel) -> list[tuple[str, str]]:
    """Return the papers that are named in the report, by id, with their titles."""
    documents = found.policy.corpus.documents
    said = [one for span in found.spans for one in cautions(found, span)]
    for view in (view for section in found.sections for view in section.views):
        for row in (*view.routes, *view.protection):
            said += row.reasons
        for change in view.changes:
            said += change.reasons
        for point in view.points:
            said += point.where
    together = f" {' '.join(said)}".replace("(", " ")
    called = [(say_document(name, documents), one.title) for name, one in documents.items()]
    return [(name, title) for name, title in called if f" {name} " in together]


def to_json(found: SchoolModel) -> list[dict[str, PlainData]]:
    """Return one object for each section; money as text, null for what is not known."""
    policy = found.policy
    common: dict[str, PlainData] = {"policy": {"as_of": policy.as_of, "digest": policy.digest}}
    if found.made_on:
        common["made_on"] = found.made_on.isoformat()
    if policy.scenario:
        common["scenario"] = {"name": policy.scenario.scenario, "says": policy.scenario.says}
    return [
        {
            "section": section.name or "all",
            **common,
            "pupils": None if section.hidden else section.pupils,
            "counted_together": section.together,
            "periods": [_view_json(view) for view in section.views],
            "years": [
                {
                    "kind": year.kind,
                    "from": year.first.isoformat(),
                    "until": year.last.isoformat(),
                    "whole": year.whole,
                    **due.to_json(),
                    "parts": [
                        {
                            "from": found.days[at].first.isoformat(),
                            "until": found.days[at].last.isoformat(),
                            **section.due[at].to_json(),
                        }
                        for at in year.stretches
                    ],
                }
                for year, due in section.years
            ],
            **(_beside(found) if not number and not found.share else {}),
        }
        for number, section in enumerate(found.sections)
    ]


def _beside(found: SchoolModel) -> dict[str, PlainData]:
    """Return what is told of the whole file alone: what was paid before, what is still to be chosen, a proposal."""
    paid, pupils, unknown = found.paid_before
    before: PlainData = {"a_year": pounds(paid), "pupils": pupils, "not_known": unknown}
    proposal: dict[str, PlainData] = {"proposal": found.proposal.to_json()} if found.proposal else {}
    return {"before": before, "options": [one.to_json() for one in found.options], **proposal}


def _view_json(view: SectionPeriod) -> dict[str, PlainData]:
    return {
        "from": view.span.first.isoformat(),
        "until": view.span.last.isoformat(),
        "days": view.span.days,
        "pupils": view.pupils,
        **view.total.to_json(),
        "routes": [_row_json(row) for row in view.routes],
        "protection": [_row_json(row) for row in view.protection],
        "changes": [
            {
                "what": one.question,
                "from": one.before,
                "to": one.after,
                "pupils": one.pupils,
                "because": list(one.reasons),
            }
            for one in view.changes
        ],
        "open_points": {one.name: one.pupils for one in view.points},
        "missing_facts": {one.name: one.pupils for one in view.missing},
        "cautions": [
            {"question": name, "id": one.id, "says": one.says, "decision": one.decision, **one.source.to_json()}
            for name, one in view.span.cautions
        ],
    }


def _row_json(row: ModelRow) -> dict[str, PlainData]:
    answer, *because = row.key
    return {
        "answer": answer,
        **({"because_of": because} if because else {}),
        "says": row.label,
        "pupils": row.pupils,
        **row.sums.to_json(),
        "because": list(row.reasons),
        **({"until": row.until.isoformat()} if row.until else {}),
    }


def amount_words(sums: Sums) -> str:
    """Return amounts a year as one phrase: "£4,000 certain, about £2,000 to £3,000 protected, more not known for 3"."""
    return _amounts(sums, bool(sums.protected), f"{sums.unknown:,}")


def lines(found: SchoolModel) -> Iterator[tuple[str, str]]:
    """Yield the model as lines: a style for terminals, and the text."""
    mark = f" ({found.mark})" if found.mark else ""
    if found.made_on:
        yield "", f"Made on {say_date(found.made_on)}."
    for section in found.sections:
        yield "bold", f"{section.name or 'All pupils'}{mark}"
        if section.hidden:
            yield "", f"  Fewer than {LEAST} pupils, so nothing is shown."
            continue
        if section.together and not section.views:
            yield (
                "",
                f"  {people(section.pupils)}, counted together so that nobody can be identified. "
                "Nothing more is shown.",
            )
        elif section.together:
            yield (
                "",
                f"  {section.together} pupils are counted together and not shown, so that nobody can be identified.",
            )
        for view in section.views:
            if not view.pupils:
                whose = "None of the pupils shown" if section.together else "No pupil of the file"
                yield "bold", f"  {view.span}: {whose} counts here yet."
                continue
            stands = f" ({found.stands(view.span)})" if found.made_on else ""
            yield "bold", f"  {view.span}{stands}: {people(view.pupils)}, a year: {amount_words(view.total)}"
            if not view.span.whole_year:
                yield "", f"    in its {view.span.days} days: {say_money(view.total.part_known)} certain"
            for row in view.routes:
                amount = amount_words(row.sums)
                yield "", f"    {row.pupils:>6}  {row.label} {amount[0].upper()}{amount[1:]}."
            for what, changes in changed(view):
                yield "", f"    What changes on {say_date(view.span.first)}: {what}"
                for change in changes:
                    yield "dim", f"    {change.pupils:>6}  from '{change.before}' to '{change.after}'"
            for kind, listed_ones in (("open", view.points), ("missing", view.missing)):
                for one in listed_ones:
                    yield "yellow", f"    {one.pupils:>6}  {kind}: {one.title} ({one.name})"
        if section.years:
            yield "bold", "  By year"
        for year, due in section.years:
            yield "", f"    {year}: {due_words(due)}"
    yield from _beside_lines(found)
    counted = [view.span for section in found.sections for view in section.views if view.pupils]
    for span in (one for one in found.spans if one in counted and one.cautions):
        yield "bold", f"  {span}: bear in mind what of this fits a pupil"
        for caution in cautions(found, span):
            yield "cyan", f"    caution: {caution}"
    yield "", ""
    for said in found.assumptions:
        yield "dim", f"  assumed here: {said}"


def _beside_lines(found: SchoolModel) -> Iterator[tuple[str, str]]:
    """Yield what was paid before, what is still to be chosen, and a proposal; nothing where the lines are shared."""
    paid, pupils, unknown = found.paid_before
    if found.share:
        return
    if pupils:
        said = f"; of {people(unknown)} the file does not say" if unknown else ""
        yield "bold", f"  Paid before, a year: {say_money(paid)} for {people(pupils)}{said}"
    for option in found.options:
        yield "bold", f"  If it were so, for those of whom it is not known: {option.asks}: {option.says}"
        for one in option.periods:
            yield "", f"    {one.span}: {people(len(one.pupils))}, a year: {amount_words(one.sums)}"
    if (plan := found.proposal) is not None:
        yield "bold", f"  Proposed, and not decided: {plan.title}"
        yield "", f"    {say_money(plan.sum)} a year for {people(plan.mapped)}, before limits on gains and losses"
        yield from (("", f"    {note}") for note in plan.notes)
        if plan.not_mapped:
            most = f"{say_money(plan.low)} to {say_money(plan.high)}"
            yield "", f"    {people(len(plan.not_mapped))} not mapped yet: {most} a year, if all were on the tariff"


def problems(found: SchoolModel) -> list[Problem]:
    """Return why rows are left out."""
    return sorted((problem for one in found.refused for problem in one.problems), key=lambda problem: problem.row)
