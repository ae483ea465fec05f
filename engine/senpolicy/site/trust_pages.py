"""The rows of the pages for schools and for trust that rest on the policy as a whole, and the files to download."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from senpolicy.explaining import open_points
from senpolicy.files.models import rules as m
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.standings import replacing
from senpolicy.files.models.views import views_of
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import lowered, say_list
from senpolicy.site import words as w
from senpolicy.site.addresses import Here
from senpolicy.site.html import Cell, figure, joined, plain_value
from senpolicy.site.pages import Site
from senpolicy.site.rows import settled, settled_how

FOLDER = "downloads"


def prepare(site: Site) -> None:
    """Add the files to download, and what the pages that speak of the whole policy need."""
    corpus = site.corpus
    for name, content, _ in downloads(corpus, site.policy.as_of):
        site.files[f"{FOLDER}/{name}"] = content.encode()
    sizes = {name: len(content.encode()) for name, content, _ in downloads(corpus, site.policy.as_of)}
    site.shared |= {
        "proposed": [number for number in corpus.order if corpus.decisions[number].status == "proposed"],
        "called_in": [number for number in corpus.order if corpus.decisions[number].status == "called_in"],
        "blocking_rows": blocking_rows,
        "settled_rows": settled_rows,
        "empty_rows": empty_rows,
        "field_rows": field_rows,
        "yearly_rows": yearly_rows,
        "amount_rows": amount_rows,
        "band_values": band_rows_of(corpus),
        "editions_with_amounts": [one for one in corpus.editions.values() if amount_rows(one)],
        "download_rows": lambda here: download_rows(here, corpus, site.policy.as_of, sizes),
    }


def blocking_rows(here: Here, days: Mapping[str, Markup] | None = None) -> list[list[Cell]]:
    """Return a row for each open point that blocks an answer, with the `days` for which it does if they are given.

    The points are then in the order of these, and those of no such days come last.
    """
    rows: list[list[Cell]] = []
    capitals = w.abbreviations_of(here.corpus)
    order = list(days or ())
    found = sorted(open_points.entries(here.corpus),
                   key=lambda one: order.index(one.id) if one.id in order else len(order))  # fmt: skip
    for entry in found:
        if entry.state == "open":
            meant = {name: here.corpus.questions[name].answers for name in entry.point.allows}
            allowed = [
                say_list([lowered(meant[name].get(one, "").rstrip(".")) or w.words(one, capitals)
                          for one in answers], "or")
                for name, answers in entry.point.allows.items()
            ]  # fmt: skip
            text = "; ".join([*allowed, *entry.point.allows_text]) or "not said"
            told = [w.heading(settled(here, *one)) + "." for one in entry.settled]
            settle = joined([entry.point.settle, *told], " ")
            when: list[Cell] = [] if days is None else [days.get(entry.id, "its entry says")]
            rows.append([_placed(here, entry.id), *when, text, settle])
    return rows


def _placed(here: Here, point: str) -> Markup:
    """Return the link to a point in the register, at a place of its own to which other pages lead."""
    return Markup('<span id="{}">{}</span>').format(point.lower(), here.point(point))


def settled_rows(here: Here) -> list[list[Cell]]:
    """Return a row for each open point that a decision settles, with the day from which cases have an answer."""
    return [
        [
            here.point(entry.id) if entry.state == "open" else _placed(here, entry.id),
            settled(here, *entry.ends),
            settled_how(here, entry.ends[1]),
        ]
        for entry in open_points.entries(here.corpus)
        if entry.ends
    ]


def empty_rows(here: Here, decision: str = "") -> list[list[Cell]]:
    """Return a row for each value that is named and not held; of one decision alone where it is given."""
    return [
        [
            here.parameter(name),
            here.decision(number),
            w.format_date(one.start) if one.start else "no day named",
            here.point(one.open_point or ""),
        ]
        for name, setters in here.corpus.parameters.items()
        for number, one in setters
        if one.value is None and decision in ("", number)
    ]


def field_rows(here: Here) -> list[list[Cell]]:
    """Return a row for each field of a case."""
    return [
        [here.fact(name, name), fact.label, "yes" if fact.personal else "no"]
        for name, fact in here.corpus.facts.facts.items()
    ]


def change(before: Any, after: Any) -> str:
    """Return how a value compares with that of the year before.

    >>> change(100, 100), change(100, 120), change(None, 1)
    ('identical', 'higher', 'no earlier value held')
    >>> change(None, None)
    'no value held for either year'
    """
    if before is None and after is None:
        return "no value held for either year"
    if before is None:
        return "no earlier value held"
    if after is None:
        return "no value held"
    if before == after:
        return "identical"
    return "higher" if after > before else "lower"


def yearly_rows(here: Here) -> list[list[Cell]]:
    """Return a row for each amount or share that more than one decision sets, those of bands left out."""
    rows: list[list[Cell]] = []
    bands = tuple(views_of(here.corpus.files).bands)
    for name, setters in here.corpus.parameters.items():
        dated = sorted((pair for pair in setters if pair[1].start), key=lambda pair: pair[1].start or 0)
        yearly = dated and dated[-1][1].unit in ("per_cent", "share", "pounds", "pounds_a_year")
        if len(dated) > 1 and yearly and not name.startswith(bands):
            (old, before), (new, after) = dated[-2:]
            rows.append([
                here.parameter(name),
                _from(here.valued(name, old, before), before),
                _from(here.valued(name, new, after), after),
                change(before.value, after.value),
            ])  # fmt: skip
    return rows


def _from(shown: Cell, of: m.Parameter) -> Cell:
    """Return a value with the day from which it counts, so that a reader sees which year it is of."""
    return Markup("{}, from {}").format(shown, w.format_date(of.start)) if isinstance(of.start, date) else shown


def band_rows_of(corpus: Corpus) -> list[list[Cell]]:
    """Return a row for each value of a band that is held, the latest against the one before."""
    rows: list[list[Cell]] = []
    bands = tuple(views_of(corpus.files).bands)
    for name, setters in corpus.parameters.items():
        held = [(number, one) for number, one in setters if one.value is not None]
        if name.startswith(bands) and held:
            number, latest = held[-1]
            before = held[-2][1] if len(held) > 1 else None
            rows.append([
                latest.label,
                _from(_shown(name, before, held[-2][0]), before) if before else "not held",
                _from(_shown(name, latest, number), latest),
                change(before.value if before else None, latest.value),
            ])  # fmt: skip
    return rows


def _shown(name: str, one: m.Parameter, number: str) -> Cell:
    return figure(one.value, w.format_value(one.value, one.unit), parameter=name, decision=number)


def amount_rows(edition: EditionFile) -> list[list[Cell]]:
    """Return a row for each band of an edition that sets amounts itself, this year against the year before."""
    banding = edition.banding
    if banding is None or not banding.amount_unit:
        return []
    earlier = banding.earlier_amounts[-1] if banding.earlier_amounts else None
    most = "up to " if banding.amount_is == "up_to" else ""
    rows: list[list[Cell]] = []
    for band in banding.bands:
        before = earlier.amounts.get(band.id) if earlier else None
        rows.append([
            band.label,
            f"{most}{w.format_money(before)} ({earlier.year})" if before is not None and earlier else "not held",
            f"{most}{w.format_money(band.amount)}" if band.amount is not None else "not held",
            change(before, band.amount),
        ])  # fmt: skip
    return rows


Download = tuple[str, str, str]


def downloads(corpus: Corpus, as_of: str) -> list[Download]:
    """Return each file to download: its name, its text and what it holds."""
    found: list[Download] = []
    for name, what, heads, rows in (
        ("values", "every value, with decision, unit, day and source", VALUE_HEADS, value_rows(corpus)),
        ("open-points", "every open point, with its state and what would settle it", POINT_HEADS, point_rows(corpus)),
        ("rules", "every row of every rule, with decision, answer and paragraph", RULE_HEADS, rule_rows(corpus)),
        ("decisions", "every decision, with its standing", DECISION_HEADS, decision_rows(corpus)),
    ):
        found.append((f"{name}.csv", _csv(heads, rows), f"{w.heading(what)}."))
        named = [dict(zip(heads, row, strict=True)) for row in rows]
        data = {"digest": corpus.files_digest, "as_of": as_of, name: named}
        found.append(
            (f"{name}.json", json.dumps(data, ensure_ascii=False, indent=1) + "\n", f"The same as JSON: {what}.")
        )
    return found


VALUE_HEADS = ("name", "label", "value", "unit", "from", "decision", "document", "paragraph", "open_point",
               "recorded")  # fmt: skip
POINT_HEADS = ("id", "title", "state", "decision", "says", "settle", "settled_by", "settled_from")
RULE_HEADS = ("question", "from", "decision", "row", "answer", "open_point", "says", "document", "paragraph")
DECISION_HEADS = ("number", "title", "status", "taken_on", "earliest", "latest", "since", "replaced_by")


def value_rows(corpus: Corpus) -> list[list[str]]:
    """Return every value, as text; the last column says whether it is only recorded with its decision."""
    return [
        [name, one.label, plain_value(one.value), one.unit, plain_value(one.start), number, one.source.document,
         one.source.paragraph, one.open_point or "", "yes" if one.recorded else "no"]
        for name, setters in corpus.parameters.items() for number, one in setters
    ]  # fmt: skip


def point_rows(corpus: Corpus) -> list[list[str]]:
    """Return every open point, as text."""
    rows = []
    for one in open_points.entries(corpus):
        number, settles = one.ends or ("", None)
        since = plain_value(settles.start) if settles else ""
        point = one.point
        rows.append([one.id, point.title, one.state, one.decision, point.says, point.settle, number, since])
    return rows


def rule_rows(corpus: Corpus) -> list[list[str]]:
    """Return every row of every version of every question, as text; `from` names the parameter that holds the day."""
    rows = []
    for name, question in corpus.questions.items():
        for version in question.versions:
            start = (version.start or "").removeprefix("$")
            of = [name, start, version.decision]
            rows += [
                [*of, row.id, row.answer, "", row.says or "", row.source.document, row.source.paragraph]
                for row in version.answers
            ]
            for one in version.open:
                point = corpus.open_points[one.point][1]
                where = point.where[0]
                rows.append([*of, one.name, "", one.point, point.title, where.document, where.paragraph])
    return rows


def decision_rows(corpus: Corpus) -> list[list[str]]:
    """Return every decision, as text."""
    rows = []
    for number, one in corpus.decisions.items():
        taken = one.taken or m.Taken()
        days = map(plain_value, (taken.day, taken.earliest, taken.latest, one.since))
        rows.append([number, one.title, one.status, *days, ", ".join(replacing(corpus.decisions, number))])
    return rows


def _csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return written.getvalue()


def safe(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("-1.5"), safe("plain")
    ("'=1+1", '-1.5', 'plain')
    """
    is_number = cell.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not is_number else cell


def download_rows(here: Here, corpus: Corpus, as_of: str, sizes: dict[str, int]) -> list[list[Cell]]:
    """Return a row for each file to download."""
    return [
        [here.to(f"{FOLDER}/{name}", name), what, f"{max(1, round(sizes[name] / 1024)):,} KB"]
        for name, _, what in downloads(corpus, as_of)
    ]
