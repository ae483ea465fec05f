"""The rows of the tables on the pages of the policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from senpolicy.deciding.answers import settled_by
from senpolicy.explaining.open_points import OpenPointEntry, entries
from senpolicy.files.codes import Code
from senpolicy.files.models import records as r
from senpolicy.files.models import rules as m
from senpolicy.files.models.editions import Area, Band, EditionFile, Level, Statement
from senpolicy.files.models.standings import LATER, STANDINGS, replacing
from senpolicy.language.conditions import Condition, Test
from senpolicy.policy.figures import Written
from senpolicy.policy.timeline import CautionInForce, Figure, Outcome, PortionInForce, QuestionInForce
from senpolicy.readings.say import lowered, say_document
from senpolicy.site import words as w
from senpolicy.site.addresses import Here
from senpolicy.site.drawings import Part, Span, spans, wholes
from senpolicy.site.golden import DecidedGoldenCase
from senpolicy.site.html import Cell, items, joined, link
from senpolicy.site.periods import DAY

#: The states of open points, with a heading and what they mean.
POINT_STATES = (
    ("open", "Open, and no answer is given", "A case that falls here is undetermined until the council settles it."),
    ("read", "Open, with an adopted reading", "A reading has been adopted, and the answers say so."),
    ("settled", "Settled by a decision", "For cases from the day that is named. Before it, each is as it was."),
    ("note", "Recorded", "These block no answer."),
)
STATES = {"open": "open: no answer", "read": "an adopted reading", "note": "recorded"}
#: From when a value counts that has no day of its own.
WITH_DECISION = "with the decision"


def decisions_table(here: Here, numbers: Iterable[str]) -> list[list[Cell]]:
    """Return a row for each of these decisions."""
    corpus = here.corpus
    rows: list[list[Cell]] = []
    for number in numbers:
        left = sum(by == number for by, _ in corpus.open_points.values())
        one = corpus.decisions[number]
        stands = later(here, one) if one.status in LATER else STANDINGS[one.status]
        rows.append([here.decision(number), one.title, stands, str(len(decision_sets(here, number))), str(left)])
    return rows


def later(here: Here, decision: m.DecisionFile) -> Markup:
    """Return what became of a decision after it was taken or proposed: "replaced by 26/00041 from 1 April 2027"."""
    said = escape(STANDINGS[decision.status])
    if decision.status == "replaced":
        said = Markup("{} by {}").format(
            said, joined(map(here.decision, replacing(here.corpus.decisions, decision.number)), " and ")
        )
    if decision.since is None:
        return said
    return Markup("{} {} {}").format(said, "from" if decision.status == "replaced" else "on",
                                     w.format_date(decision.since))  # fmt: skip


def standing(decision: m.DecisionFile) -> str:
    """Return in a sentence whether and when a decision was taken."""
    taken = decision.taken
    if taken is None or (taken.day is None and taken.earliest is None):
        unknown = f" {taken.unknown}" if taken and taken.unknown else ""
        return f"{w.heading(STANDINGS[decision.status])}.{unknown}"
    why = f" {taken.why}" if taken.why else ""
    if taken.day:
        return f"Taken on {w.format_date(taken.day)}.{why}"
    ends = [w.format_date(day) for day in (taken.earliest, taken.latest) if day]
    return f"Taken between {' and '.join(ends)}.{why}"


def decision_sets(here: Here, number: str, *, recorded: bool = False) -> dict[str, m.Parameter]:
    """Return the parameters that a decision sets, by name; with `recorded` those held with it that it did not set."""
    return {
        name: one
        for name, setters in here.corpus.parameters.items()
        for by, one in setters
        if by == number and one.recorded == recorded
    }


def parameter_rows(here: Here, number: str, sets: Mapping[str, m.Parameter]) -> list[list[Cell]]:
    """Return a row for each value that a decision sets."""
    return [
        [
            here.valued(name, number, one),
            here.parameter(name),
            w.format_date(one.start) if one.start else WITH_DECISION,
            here.source(one.source),
        ]
        for name, one in sets.items()
    ]


def through_time(here: Here, name: str, setters: Sequence[tuple[str, m.Parameter]]) -> list[list[Cell]]:
    """Return a row for each decision that sets a value, in order of time."""
    return [
        [
            w.format_date(one.start) if one.start else WITH_DECISION,
            here.valued(name, number, one),
            Markup("{} (recorded with it, not set by it)").format(here.decision(number))
            if one.recorded
            else here.decision(number),
            here.source(one.source),
        ]
        for number, one in setters
    ]


def point_rows(here: Here, register: Iterable[OpenPointEntry]) -> list[list[Cell]]:
    """Return a row for each open point."""
    return [
        [here.point(one.id), point_state(here, one), "nothing more" if one.ends else one.point.settle]
        for one in register
    ]


def point_state(here: Here, entry: OpenPointEntry) -> Markup:
    """Return how a point is: "open: no answer", "settled by 26/00041, from 1 April 2027", or both where that is so."""
    told = [settled(here, *one) for one in ([entry.ends] if entry.ends else entry.settled)]
    return joined([*([] if entry.ends else [escape(STATES[entry.point.state])]), *told], "; ")


def settled(here: Here, number: str, one: m.Settlement) -> Markup:
    """Return by which decision a point is settled, and from when: "settled by 26/00041, from 1 April 2027"."""
    return Markup("settled{} by {}, from {}").format(
        " in part" if one.leaves else "", here.decision(number), w.format_date(one.start)
    )


def settled_how(here: Here, one: m.Settlement) -> Markup:
    """Return by what a decision settles a point: the answer, the row, the value or the reading that it confirms."""
    given = [
        Markup("{}: {}").format(here.question(question), w.words(answer)) for question, answer in one.answers.items()
    ]
    for by in one.by:
        if by.startswith("$"):
            given.append(here.parameter(by[1:]))
        else:
            given.append(Markup("the rule {}").format(here.question(by.partition("/")[0])) if "/" in by else
                         Markup("as the reading {} has it").format(here.reading(by)))  # fmt: skip
    says = Markup("{} ").format(one.says) if one.says else Markup("")
    left = Markup(" What is left open: {}").format(one.leaves) if one.leaves else Markup("")
    source = Markup(' <span class="source">{}</span>').format(here.source(one.source)) if one.source else Markup("")
    return Markup("{}By {}.{}{}").format(says, joined(given, "; "), left, source)


def settled_by_it(here: Here, number: str) -> list[list[Cell]]:
    """Return a row for each open point that a decision settles."""
    found = here.corpus.decisions[number].settles
    return [[here.point(one.point), w.format_date(one.start), settled_how(here, one)] for one in found]


def ends(here: Here, reading: m.Reading) -> Markup:
    """Return when a reading ends, or which decision confirms it; "" while its point is not settled."""
    entry = next(one for one in entries(here.corpus) if one.id == reading.point)
    if found := entry.ended(reading):
        return Markup("It counts for days before {}: its point is {}.").format(
            w.format_date(found[1].start), settled(here, *found)
        )
    confirmed = entry.confirmed(reading)
    return Markup("Confirmed: its point is {}.").format(settled(here, *confirmed)) if confirmed else Markup("")


def answer_rows(here: Here, question: m.QuestionFile, words: Callable[[str], str]) -> list[list[Cell]]:
    """Return a row for each answer of a question, with its days where it does not always count."""
    return [
        [w.heading(words(name)), _with_days(here, says, question.days.get(name))]
        for name, says in question.answers.items()
    ]


def case_rows(here: Here, cases: Iterable[DecidedGoldenCase]) -> list[list[Cell]]:
    """Return a row for each golden case."""
    return [[one.name, w.format_date(one.day), _paragraph(here, one.paragraph), one.as_of] for one in cases]


def _paragraph(here: Here, written: str) -> str:
    """Return a paragraph as a golden case names it, its document by what people call it."""
    document, _, place = written.partition(" ")
    return f"{say_document(document, here.corpus.documents)} {place}"


def rowname(outcome: Outcome) -> str:
    """Return the name of a row without that of its question."""
    return outcome.id.partition("/")[2]


def given(here: Here, name: str, version: QuestionInForce, outcome: Outcome) -> Markup:
    """Return the figures that go with an answer, each a marked figure where a parameter sets it."""
    written = _rows_of(here.corpus.questions[name].versions[version.version]).get(rowname(outcome), {})
    return joined((_figure(here, what, value, written.get(what)) for what, value in outcome.gives.items()), "; ")


def outcome_gives(here: Here, question: str, outcome: Outcome) -> dict[str, Written]:
    """Return the figures of a row as they are written, `$` and a name for a parameter."""
    for version in here.corpus.questions[question].versions:
        written = _rows_of(version).get(rowname(outcome), {})
        if version.decision == outcome.decision and written.keys() == outcome.gives.keys():
            return written
    return {}


def points(here: Here, outcome: Outcome) -> Markup:
    """Return the open points of a row: "one; and another", or "one; or another" where a fact would tell which it is."""
    first, *others = outcome.open_points
    titles = [lowered(here.corpus.open_points[one][1].title) for one in others]
    return joined([here.point(first), *(here.point(one, title) for one, title in zip(others, titles, strict=True))],
                  "; or " if turns(here, outcome) else "; and ")  # fmt: skip


def turns(here: Here, outcome: Outcome) -> bool:
    """Return whether it turns on a fact that is not known which of its points leaves a row open."""
    rows = (row for version in here.corpus.questions[outcome.question].versions for row in version.open)
    return any(set(outcome.others) <= set(row.either) for row in rows if row.either and row.name == rowname(outcome))


def caution_items(here: Here, cautions: Iterable[CautionInForce]) -> Markup:
    """Return cautions as a list, each sentence once, with every paragraph on which it rests.

    One that is about some days alone begins with them: a page tells of more days than those.
    """
    found: dict[tuple[str, str], list[m.Source]] = {}
    for one in cautions:
        found.setdefault((days_alone(one.condition), one.says), []).append(one.source)
    return items(Markup("{}{} {}").format(Markup("<strong>{}.</strong> ").format(days) if days else "", says,
                                          _small(here.sources(sources)))
                 for (days, says), sources in found.items())  # fmt: skip


#: How the days are told for which a test of the day holds: the word before them, and how many days after the limit.
_DAYS_ALONE = {"below": ("Before", 0), "at_most": ("Until", 0), "at_least": ("From", 0), "more_than": ("From", 1)}


def days_alone(condition: Condition) -> str:
    """Return the days for which a condition holds that asks for the day alone; "" where it asks for anything else.

    >>> days_alone(Test(DAY, "more_than", "$last_day", limit=date(2028, 3, 31)))
    'From 1 April 2028'
    """
    if not isinstance(condition, Test) or condition.fact != DAY or not isinstance(condition.limit, date):
        return ""
    word, more = _DAYS_ALONE.get(condition.operator, ("", 0))
    return f"{word} {w.format_date(condition.limit + timedelta(days=more))}" if word else ""


def _rows_of(version: m.Version) -> dict[str, dict[str, Written]]:
    return {row.name: row.gives for row in version.rows}


def _figure(here: Here, what: str, value: Figure | PortionInForce, written: Written | None) -> Markup:
    words = w.words(what)
    if isinstance(value, PortionInForce):
        return Markup("{}: {}").format(words, _portion(here, value, written))
    if isinstance(written, str) and written.startswith("$"):
        return Markup("{}: {}").format(words, here.value(written[1:]))
    return escape(words if value is True else f"{words}: {value}")


def _portion(here: Here, value: PortionInForce, written: Written | None) -> Markup:
    of = here.fact(value.fact, lowered(here.corpus.facts.facts[value.fact].label))
    if isinstance(written, m.Portion) and written.share:
        return Markup("{} of {}").format(here.value(written.share[1:]), of)
    if isinstance(written, m.Portion) and written.until:
        return Markup("the part of {} for the days until {}").format(of, here.value(written.until[1:]))
    return of


def anchor(name: str, text: str) -> Markup:
    """Return a link to a place on the same page."""
    return link(f"#{name}", text)


def asked_rows(here: Here, questions: Iterable[r.ConsultedQuestion]) -> list[list[Cell]]:
    """Return a row for each question that was asked in a consultation."""
    return [
        [
            one.id,
            one.asks or "Its wording is lost.",
            joined((here.bears_on(link) for link in one.bears_on), "; ") or "–",
            here.sources(one.source),
        ]
        for one in questions
    ]


def code_rows(here: Here, codes: Iterable[r.ActionCode]) -> list[list[Cell]]:
    """Return a row for each code of action."""
    return [[str(one.code), one.means, here.sources(one.source)] for one in codes]


def marks_of(file: r.ConsultationFile) -> list[tuple[r.ActionCode, int]]:
    """Return how many comments carry each code of action; a comment that carries two counts for both.

    A comment that was answered together with another carries the codes of that one.
    """
    comments = {one.id: one for one in file.responses}
    given = [code for one in file.responses for code in comments[one.answered_with or one.id].action]
    return [(one, given.count(one.code)) for one in file.consultation.action_codes]


def mark_rows(here: Here, file: r.ConsultationFile) -> list[list[Cell]]:
    """Return a row for each code of action: what it means, and how many comments carry it."""
    return [[f"Mark {one.code}", Markup("{} {}").format(one.means, _small(here.sources(one.source))), str(count)]
            for one, count in marks_of(file)]  # fmt: skip


def marks_drawing(file: r.ConsultationFile) -> Markup:
    """Return how many comments carry each code of action, as SVG."""
    bars = [Span(f"Mark {one.code}", 0, count, w.count(count, "comment")) for one, count in marks_of(file)]
    said = " ".join(f"{one.name}: {one.said}." for one in bars)
    return spans("marks", "How many comments carry each mark", said, bars)


def response_rows(here: Here, file: r.ConsultationFile, category: str) -> list[list[Cell]]:
    """Return a row for each comment of a category of a consultation."""
    comments = {one.id: one for one in file.responses}
    rows: list[list[Cell]] = []
    for one in file.responses:
        if one.category == category:
            answered = comments[one.answered_with] if one.answered_with else one
            shaped = joined((here.bears_on(link) for link in one.shaped), "; ")
            actions = ", ".join(str(code) for code in answered.action)
            rows.append([one.comment, answered.answer or "", actions, shaped or "–",
                         here.sources(one.source)])  # fmt: skip
    return rows


def difference_rows(here: Here, differences: Iterable[r.Difference]) -> list[list[Cell]]:
    """Return a row for each difference between what was asked and what was decided."""
    return [
        [
            Markup("{} {}").format(one.consulted, _small(here.sources(one.source_consulted))),
            Markup("{} {}").format(one.decided, _small(here.sources(one.source_decided))),
            here.point(one.open_point) if one.open_point else "none",
        ]
        for one in differences
    ]


def _small(source: Markup) -> Markup:
    return Markup('<span class="source">{}</span>').format(source)


def option_rows(here: Here, options: Iterable[r.ConsideredOption], said: Callable[[str], str]) -> list[list[Cell]]:
    """Return a row for each way that was considered."""
    return [
        [one.says, w.heading(said(one.outcome)), one.because or "not said", here.sources(one.source)] for one in options
    ]


def agreement_rows(here: Here, actions: Iterable[r.AgreedAction]) -> list[list[Cell]]:
    """Return a row for each action of an agreement."""
    return [[one.number, one.says, _borne(here, one), here.sources(one.source)] for one in actions]


def equality_rows(here: Here, groups: Iterable[r.EqualityGroup], said: Callable[[str], str]) -> list[list[Cell]]:
    """Return a row for each characteristic of an equality assessment."""
    return [
        [
            one.label,
            said(one.negative_impacts),
            joined((anchor(name, said(name.replace("-", "_"))) for name in one.mitigations), "; ") or "none",
            here.sources(one.source),
        ]
        for one in groups
    ]


def promise_rows(here: Here, promises: Iterable[r.Promise]) -> list[list[Cell]]:
    """Return a row for each promise, with what of the policy shows whether it is kept."""
    return [
        [
            Markup('<span id="{}">{}</span>').format(one.id, one.says),
            _borne(here, one),
            one.note or "",
            here.sources(one.source),
        ]
        for one in promises
    ]


def _borne(here: Here, one: r.AgreedAction | r.Promise) -> Markup:
    return joined((here.bears_on(link) for link in one.bears_on), "; ") or escape("–")


def ambition_rows(here: Here, ambitions: Iterable[r.Ambition]) -> list[list[Cell]]:
    """Return a row for each ambition of a strategy."""
    ordered = sorted(ambitions, key=lambda one: one.order)
    return [[f"{one.order}. {one.title}", one.gist, here.sources(one.source)] for one in ordered]


def measure_rows(here: Here, file: r.StrategyFile) -> list[list[Cell]]:
    """Return a row for each measure of a strategy."""
    titles = {one.id: one.title for one in file.ambitions}
    return [[one.measures, one.direction, titles[one.ambition], here.sources(one.source)] for one in file.monitoring]


def designation_rows(designations: r.Designations) -> list[list[Cell]]:
    """Return a row for each designation, current and proposed."""
    return [
        [one.label, kind, one.admission or "not held"]
        for kind, listed in (("current", designations.current), ("proposed", designations.proposed))
        for one in listed
    ]


def mark(edition: EditionFile) -> str:
    """Return what a heading or caption of an edition adds where the edition is made up."""
    return " (illustrative)" if edition.not_the_councils or edition.status == "illustrative" else ""


def level_rows(here: Here, folder: str, levels: Iterable[Level]) -> list[list[Cell]]:
    """Return a row for each level of an edition."""
    return [
        [
            here.to(f"{folder}level-{one.id.replace('_', '-')}.md", one.label),
            str(one.order),
            _with_days(here, one.note or "", one),
        ]
        for one in levels
    ]


def band_rows(edition: EditionFile, levels: Iterable[Level]) -> list[list[Cell]]:
    """Return a row for each band of an edition; amounts that an edition itself sets are shown by `amount_rows`."""
    labels = {one.id: one.label for one in levels}
    bands = edition.banding.bands if edition.banding else []
    return [[band.label, labels.get(band.level or "", points_of(band))] for band in bands]


def points_of(band: Band) -> str:
    """Return the range of points of a band in words, "" where it has none."""
    if band.from_points is None:
        return ""
    if band.to_points is None:
        return f"{band.from_points} points or more"
    return f"{w.format_range(str(band.from_points), str(band.to_points))} points"


def matrix_rows(
    area: Area, levels: Sequence[Level], said: Mapping[tuple[str, str, str], Statement]
) -> list[list[Cell]]:
    """Return a row for each strand of an area, with a cell for each level."""
    rows: list[list[Cell]] = []
    for strand in area.strands:
        found = [said.get((area.id, strand.id, level.id)) for level in levels]
        rows.append([strand.label, *(one.says if one else "not held" for one in found)])
    return rows


def command_rows(here: Here, commands: Iterable[Any]) -> list[list[Cell]]:
    """Return a row for each command."""
    return [[anchor(one.name, one.name), one.first] for one in commands]


def parameter_help_rows(command: Any) -> list[list[Cell]]:
    """Return a row for each argument and option of a command."""
    return [
        [
            Markup("<code>{}</code>").format(one.written),
            one.says,
            "it is needed" if one.needed else (one.default or "nothing is assumed"),
        ]
        for one in command.parameters
    ]


def code_page_rows(here: Here, codes: Iterable[Code]) -> list[list[Cell]]:
    """Return a row for each code of a problem."""
    return [[here.to(f"reference/problems/{one.code}.md", one.code), one.title] for one in codes]


def value_items(here: Here, fact: m.Fact) -> list[Markup]:
    """Return each value of a choice with its words, and with its days where it does not always count."""
    values = fact.values if isinstance(fact.values, dict) else {}
    return [
        Markup("<code>{}</code>: {}").format(name, _with_days(here, says, fact.days.get(name)))
        for name, says in values.items()
    ]


def _with_days(here: Here, said: str, one: m.Dated | None) -> str:
    days = here.days(one)
    return Markup("{} ({})").format(said, days) if days else said


def rule_items(rules: Iterable[m.CaseRule]) -> list[Markup]:
    """Return what each rule about facts says, and its help."""
    return [Markup("{} {}").format(one.says, one.help) for one in rules]


def key_rows(kind: Any) -> list[list[Cell]]:
    """Return a row for each key of a kind of file."""
    return [[Markup("<code>{}</code>").format(one.name), "yes" if one.needed else "no", one.says] for one in kind.keys]


GLOBALS: dict[str, Any] = {
    "command_rows": command_rows,
    "parameter_help_rows": parameter_help_rows,
    "code_page_rows": code_page_rows,
    "rule_items": rule_items,
    "value_items": value_items,
    "key_rows": key_rows,
    "points": points, "turns": turns,
    "caution_items": caution_items,
    "decisions_table": decisions_table, "standing": standing, "decision_sets": decision_sets,
    "replacing": replacing, "later": later, "later_standings": LATER,
    "parameter_rows": parameter_rows, "through_time": through_time, "point_rows": point_rows,
    "settled": settled, "settled_by": settled_by, "settled_how": settled_how, "settled_by_it": settled_by_it,
    "ends": ends,
    "case_rows": case_rows, "rowname": rowname, "given": given,
    "say_document": say_document, "point_states": POINT_STATES, "anchor": anchor,
    "asked_rows": asked_rows, "code_rows": code_rows, "response_rows": response_rows,
    "wholes": wholes, "part": lambda share, says, kind: Part(Decimal(share), says, kind),
    "mark_rows": mark_rows, "marks_drawing": marks_drawing,
    "option_rows": option_rows, "agreement_rows": agreement_rows, "equality_rows": equality_rows,
    "promise_rows": promise_rows, "difference_rows": difference_rows, "ambition_rows": ambition_rows,
    "measure_rows": measure_rows,
    "designation_rows": designation_rows, "mark": mark, "level_rows": level_rows, "band_rows": band_rows,
    "matrix_rows": matrix_rows,
}  # fmt: skip
FILTERS: dict[str, Callable[..., Markup]] = {
    "reading_link": lambda name, here: here.reading(name),
    "question_link": lambda name, here: here.question(name),
    "parameter_link": lambda name, here: here.parameter(name),
    "point_link": lambda name, here: here.point(name),
}
