"""The commands that write: new, adopt, lock, fmt, upgrade. They ask for what is missing where somebody is there."""

from __future__ import annotations

import difflib
import re
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from senpolicy.checking import golden, golden_files
from senpolicy.checking import lock as locks
from senpolicy.checking.corpus import check as check_corpus
from senpolicy.checking.exhaustive import policies, told_once
from senpolicy.checking.opening import Asked, open_corpus
from senpolicy.checking.recovery import identifying
from senpolicy.checking.schemas import disagreements
from senpolicy.checking.settling import to_come
from senpolicy.cli import asking
from senpolicy.cli.asking import asked, needs
from senpolicy.cli.reporting import Format, report
from senpolicy.cli.shared import (
    AsJson,
    Root,
    app,
    count,
    day_of,
    faults_of,
    find_root,
    print_json,
    progress_bar,
    say,
    today,
)
from senpolicy.comparing.exact import shape
from senpolicy.comparing.paying import say_parameter
from senpolicy.comparing.shapes import PeriodShape
from senpolicy.explaining.open_points import entries
from senpolicy.files.models.units import UNITS, read_set
from senpolicy.files.problems import PolicyError, Problem, Problems, WrongUse, did_you_mean
from senpolicy.files.source import read
from senpolicy.policy.corpus import Corpus, load
from senpolicy.policy.timeline import Policy
from senpolicy.proving import proofs
from senpolicy.readings.say import say_date, say_settled
from senpolicy.writing import adopting, correcting, locking, new, tidying, upgrading
from senpolicy.writing.files import put as write_all
from senpolicy.writing.files import refuse_installed
from senpolicy.writing.files import write as write_checked
from senpolicy.writing.lines import Flow, Yaml

new_app = typer.Typer(no_args_is_help=True, help="Write something new into the policy, or refuse and say why.")
app.add_typer(new_app, name="new")

Document = Annotated[
    str | None, typer.Option("--source", help="Where it is written: document and paragraph.", show_default=False)
]


def put(root: Path, corpus: Corpus, texts: Mapping[str, str], *, proposed: str | None = None) -> None:
    """Write texts into the policy if it passes the check with them, and say what was written.

    `proposed` is the number of a proposed decision that they write: it is proved as if it counted, too.
    """
    texts = tidying.in_order(texts)
    rules = any(file.startswith("rules/") for file in texts)
    was = {problem.message for problem in locks.check(corpus)}
    for problem in write_checked(root, texts, _check_beside(corpus, prove=rules, proposed=proposed)):
        if problem.message not in was:
            say(str(problem))
    for file in texts:
        say(f"Written: {file}")


def _check_beside(base: Corpus, *, prove: bool = False, proposed: str | None = None) -> Callable[[Path], list[Problem]]:
    """Return a check of a whole policy that tries the kinds of case again only where the rules have changed.

    With `prove` it finds what `senpolicy prove` would find, too, and with `proposed` what it would find as of that
    decision and under each scenario, proposals included; what cannot be proved in time is a warning.
    """

    def checked(root: Path) -> list[Problem]:
        loaded = load(root)
        found = [*check_corpus(loaded), *to_come(loaded, today())]
        if not any(not problem.warning for problem in found):
            found += [*locks.check(loaded), *disagreements(loaded), *identifying(root, loaded.facts)]
        if any(not problem.warning for problem in found):
            return found
        before = [(shapes(one), one) for one in policies(base)]
        tried = [next((one for was, one in before if was == shapes(now)), now) for now in policies(loaded)]
        found += told_once((one, faults_of(one)) for one in tried)
        if prove and not any(not problem.warning for problem in found):
            with progress_bar("Proving") as progress:
                every = proofs.policies(loaded)
                with_it = proofs.policies(loaded, include_proposed=True) if proposed else []
                every += [one for one in with_it if one.as_of == proposed]
                report = proofs.prove(every, clock=time.monotonic, progress=progress)
            found += [_of_what_is_asked(one.problem, proposed) for one in report.findings]
        if proposed and not any(not problem.warning for problem in found):
            found += _cases_of(loaded)
        return found

    def shapes(of: Policy) -> list[tuple[date | None, date | None, PeriodShape]]:
        return [(one.start, one.end, shape(of, one)) for one in of.periods]

    return checked


def _of_what_is_asked(problem: Problem, proposed: str | None) -> Problem:
    """Return a problem that a proof finds with what was to be written: what helps is to ask for something else."""
    if problem.code != "property":
        return problem
    first = "Change the plan" if proposed else "Ask for another row, condition or answer"
    help = f"Nothing was written. {first}; or have what is named here changed first, where a paper says so."
    return replace(problem, help=help)


def _root(root: Path | None) -> Path:
    """Return the folder of the policy to write into; raises `WrongUse`, before anything is asked, for a copy."""
    top = find_root(root)
    refuse_installed(top)
    return top


def _corpus(root: Path | None) -> tuple[Path, Corpus]:
    top = _root(root)
    return top, open_corpus(top)


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return day_of(text)
    except WrongUse as error:
        raise WrongUse(f"{error} ({option})") from None


def _decision(corpus: Corpus, number: str) -> None:
    """Raise `WrongUse` for a decision that is not known, before anything is asked."""
    asking.one_of(corpus.decisions, "a decision of this policy")(number)


@new_app.command("decision")
def new_decision(
    number: Annotated[str, typer.Argument(help="Its number: 26/00041.", show_default=False)],
    title: Annotated[str | None, typer.Option("--title", help="Its title, as the record has it.")] = None,
    proposed: Annotated[bool, typer.Option("--proposed", help="It has not been taken yet.")] = False,
    day: Annotated[str | None, typer.Option("--taken-on", help="The day on which it was taken: 2026-11-03.")] = None,
    earliest: Annotated[str | None, typer.Option("--earliest", help="Where the day is not known: not before.")] = None,
    latest: Annotated[str | None, typer.Option("--latest", help="Where the day is not known: not after.")] = None,
    why: Annotated[str | None, typer.Option("--why", help="How one knows these two days.")] = None,
    unknown: Annotated[str | None, typer.Option("--unknown", help="Why nothing is known of the day.")] = None,
    planned: Annotated[str | None, typer.Option("--planned", help="For a proposal: from when it is meant.")] = None,
    does: Annotated[str | None, typer.Option("--does", help="What it does, in one plain sentence.")] = None,
    source: Document = None,
    document_title: Annotated[
        str | None, typer.Option("--document-title", help="For a document that is new here: its title.")
    ] = None,
    publisher: Annotated[str | None, typer.Option("--publisher", help="Likewise: who published it.")] = None,
    dated: Annotated[str | None, typer.Option("--dated", help="Likewise: its date.")] = None,
    address: Annotated[str | None, typer.Option("--address", help="Likewise: where a person finds it.")] = None,
    succeeds: Annotated[
        str | None, typer.Option("--succeeds", help="The decision that it follows on.", show_default=False)
    ] = None,
    root: Root = None,
) -> None:
    """Record a decision: its folder, its place at the end of the order, and the paper that it rests on."""
    top, corpus = _corpus(root)
    if not new.NUMBER.fullmatch(number):
        raise WrongUse(f"'{number}' is not the number of a decision. Write two figures, a slash and five: 26/00041")
    title = needs(title, "--title", "Its title")
    if not (proposed or day or earliest or latest or unknown):
        day = asked(day, "--taken-on", "The day on which it was taken, such as 2026-11-03 (leave empty if not known)",
                    needed=False, right=asking.day)  # fmt: skip
        if day is None:
            unknown = needs(unknown, "--taken-on (or --unknown, --earliest and --latest, or --proposed)",
                            "Why the day is not known")  # fmt: skip
    does = needs(does, "--does", "What it does, in one plain sentence")
    cited = new.Cited.of(needs(source, "--source", "Where that is written: document and paragraph, such as report 3.20",
                               asking.cited(corpus, known=False)))  # fmt: skip
    papers = []
    if cited.document not in corpus.documents:
        paper = needs(document_title, "--document-title", f"'{cited.document}' is new here. Its title")
        publisher = needs(publisher, "--publisher", "Who published it")
        dated = asked(dated, "--dated", "Its date (leave empty if not known)", needed=False, right=asking.day)
        address = asked(address, "--address", "Where a person finds it (may be left empty)", needed=False)
        papers = [new.NewDocument(cited.document, paper, publisher, _day(dated, "--dated"), address)]
    wanted = new.NewDecision(
        number, title, "proposed" if proposed else "taken", [(_slug(does), does, cited)], papers,
        _day(day, "--taken-on"), _day(earliest, "--earliest"), _day(latest, "--latest"), why, unknown,
        _day(planned, "--planned"), [succeeds] if succeeds else [],
    )  # fmt: skip
    put(top, corpus, new.decision(corpus, wanted))
    say(f"Next: senpolicy new parameter {number} NAME, for each value that it sets"
        + ("." if proposed else "; then senpolicy lock."))  # fmt: skip


@new_app.command("parameter")
def new_parameter(
    number: Annotated[str, typer.Argument(help="The decision that sets it.", show_default=False)],
    name: Annotated[str, typer.Argument(help="Its name, in small letters: rate_of_band_1.", show_default=False)],
    label: Annotated[str | None, typer.Option("--label", help="What it is, in plain words.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="pounds_a_year, share, date, levels ...")] = None,
    value: Annotated[str | None, typer.Option("--value", help="The value in plain figures: 6000.00")] = None,
    start: Annotated[str | None, typer.Option("--from", help="The day from which it counts.")] = None,
    source: Document = None,
    open_point: Annotated[
        str | None, typer.Option("--open-point", help="Instead of a value: the open point that says why not.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="What else a reader should know.")] = None,
    reaches_back: Annotated[
        bool, typer.Option("--reaches-back", help="It changes days before the decision was taken; --note says why.")
    ] = False,
    leaves: Annotated[
        str | None, typer.Option("--leaves", help="Of an open point that it settles in part: what stays open.")
    ] = None,
    root: Root = None,
) -> None:
    """Write a value that a decision sets, with its unit, its paragraph and its day; what it settles is written too."""
    top, corpus = _corpus(root)
    _decision(corpus, number)
    older = [one for setter, one in corpus.parameters.get(name, []) if setter != number and setter in corpus.order]
    if older:  # A later value of the same name is in the same unit, and means the same.
        label, unit = label or older[-1].label, unit or older[-1].unit
    label = needs(label, "--label", "What it is, in plain words")
    unit = needs(unit, "--unit", f"Its unit ({', '.join(UNITS)})", asking.one_of(UNITS, "a unit"))
    if unit not in UNITS:
        raise WrongUse(f"'{unit}' is not a unit. {did_you_mean(unit, UNITS)}".strip())
    example = {"date": "such as 2026-09-01", "share": "0.75 for 75%", "levels": "with commas between"}
    asks = f"Its value ({example.get(unit, 'in plain figures: 6000.00')})"
    given: str | list[str] | None = None if open_point else needs(value, "--value", asks, asking.in_unit(unit))
    if isinstance(given, str):
        asking.in_unit(unit)(given)
    if unit == "levels" and isinstance(given, str):
        given = [one.strip() for one in given.split(",")]
    same = given is not None and all(one.value == read_set(given, unit) for one in older)
    if older and not (same or reaches_back):
        said = f"'{name}' is {say_parameter(older[-1])} until then. The first day on which this value counts"
        start = needs(start, "--from", f"{said}, such as 2027-04-01", asking.day)
    cited = new.Cited.of(needs(source, "--source", "Where it is written: document and paragraph, such as report 3.20",
                               asking.cited(corpus)))  # fmt: skip
    wanted = new.NewValue(number, name, label, unit, given, cited, _day(start, "--from"), open_point, note,
                          reaches_back, leaves)  # fmt: skip
    if point := new.left_open(corpus, number, name):
        say(f"It settles '{point}'" + (f", but for this: {leaves.rstrip('.')}" if leaves else "") + ".")
    put(top, corpus, new.parameter(corpus, wanted))


@new_app.command("open-point")
def new_open_point(
    number: Annotated[str, typer.Argument(help="The decision whose text leaves it open.", show_default=False)],
    name: Annotated[str, typer.Argument(help="Its id: H1-which-terms.", show_default=False)],
    title: Annotated[str | None, typer.Option("--title", help="What is open, in a few words.")] = None,
    says: Annotated[str | None, typer.Option("--says", help="Where the text clashes, or is silent.")] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Document and paragraph; may be given again.")
    ] = None,
    settle: Annotated[str | None, typer.Option("--settle", help="What it would take to settle it.")] = None,
    allows: Annotated[
        list[str] | None,
        typer.Option("--allows", help="The answers that the text would allow: route=tariff,community_budget"),
    ] = None,
    allows_text: Annotated[
        list[str] | None, typer.Option("--allows-text", help="A way to read it, if it is not an answer to a question.")
    ] = None,
    blocks: Annotated[bool, typer.Option("--blocks", help="A rule names it, so that it blocks an answer.")] = False,
    root: Root = None,
) -> None:
    """Write down what the text of a decision leaves open, where it does, and what would settle it."""
    top, corpus = _corpus(root)
    _decision(corpus, number)
    title = needs(title, "--title", "What is open, in a few words")
    says = needs(says, "--says", "Where the text clashes, or is silent")
    where = "Where: document and paragraph, such as report 3.20"
    places = source or [needs(None, "--source", where, asking.cited(corpus))]
    settle = needs(settle, "--settle", "What it would take to settle it")
    by_question: dict[str, list[str]] = {}
    for one in allows or ():
        question, _, answers = one.partition("=")
        by_question.setdefault(question.strip(), []).extend(word.strip() for word in answers.split(",") if word.strip())
    wanted = new.NewOpenPoint(number, name, title, says, [new.Cited.of(one) for one in places], settle, by_question,
                       allows_text or [], "open" if blocks else "note")  # fmt: skip
    put(top, corpus, new.open_point(corpus, wanted))


_TEST = re.compile(r"(\w+) (is|one_of|below|at_most|at_least|more_than|known) (\S+)(?: because (.+))?")


def read_test(written: str) -> Flow:
    """Return a test of a rule from "fact operator value", with "because ..." after it where somebody gives the reason.

    Raises `WrongUse` where it is not one.
    """
    found = _TEST.fullmatch(" ".join(written.split()))
    if not found:
        raise WrongUse(f"'{written}' is not a test. Write a fact, an operator and a value: age at_least $youngest_age")
    fact, operator, value, because = found.groups()
    read: str | bool | list[str] = value
    if operator == "one_of" and not value.startswith("$"):
        read = value.split(",")
    elif value in ("true", "false"):
        read = value == "true"
    return Flow({"fact": fact, operator: read, **({"because": because} if because else {})})


def read_figure(written: str) -> Yaml:
    """Return a figure as a file has it: true or false, a portion from what is in braces, else `$` and a name.

    Raises `WrongUse` for braces that are not closed, or that hold something else.

    >>> read_figure("{of: element3_rate, share: $protected_share_low}")
    {'of': 'element3_rate', 'share': '$protected_share_low'}
    """
    if written in ("true", "false"):
        return written == "true"
    if not written.startswith("{"):
        return written
    try:
        node = read(f"figure: {written}\n", "", Problems())
    except PolicyError:
        node = None
    portion = node.data()["figure"] if node else None
    if not isinstance(portion, dict):
        raise WrongUse(f"'{written}' is not a portion of a fact. Write it as a file has it: {{of: FACT, share: $NAME}}")
    return Flow(portion)


@new_app.command("answer")
def new_answer(
    question: Annotated[str, typer.Argument(help="The question: route.", show_default=False)],
    decision: Annotated[str | None, typer.Option("--decision", help="The decision that makes it so.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="The name of the date from which it counts: transition_start")
    ] = None,
    row: Annotated[
        str | None, typer.Option("--of", help="The row, or open point, some of whose cases are answered otherwise.")
    ] = None,
    when: Annotated[
        list[str] | None,
        typer.Option("--when", help="Which of its cases: 'age at_least $youngest_age'; all of them must hold."),
    ] = None,
    answer: Annotated[str | None, typer.Option("--answer", help="What they are answered instead.")] = None,
    name: Annotated[str | None, typer.Option("--id", help="The id of the new row.")] = None,
    says: Annotated[str | None, typer.Option("--says", help="The reason, in one plain sentence.")] = None,
    source: Document = None,
    gives: Annotated[
        list[str] | None,
        typer.Option(
            "--gives", help="A figure that goes with it: 'pounds_a_year=$rate', 'low={of: fact, share: $part}'"
        ),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--answer-label", help="For an answer that the question does not have yet: its words.")
    ] = None,
    settles: Annotated[
        str | None,
        typer.Option("--settles", help="The open point that this settles from that day.", show_default=False),
    ] = None,
    leaves: Annotated[str | None, typer.Option("--leaves", help="What of that point stays open, if anything.")] = None,
    root: Root = None,
) -> None:
    """Answer some of the cases of one row otherwise, from a date on: in a new version, the old one stays as it is."""
    top, corpus = _corpus(root)
    if question not in corpus.questions:
        asking.one_of(corpus.questions, "a question of this policy")(question)
    rule = corpus.questions[question]
    decision = needs(decision, "--decision", "The number of the decision that makes it so",
                     asking.one_of(corpus.decisions, "a decision of this policy"))  # fmt: skip
    dates = [name for name, setters in corpus.parameters.items() if setters[-1][1].unit == "date"]
    start = needs(start, "--from", "The name of the date from which it counts",
                  asking.one_of(dates, "a date of this policy")).removeprefix("$")  # fmt: skip
    rows = [row.name for one in rule.versions for row in one.rows]
    row = needs(row, "--of", "The row, or open point, some of whose cases are answered otherwise",
                asking.one_of(rows, f"a row of '{question}'"))  # fmt: skip
    if when is None and sys.stdin.isatty():
        one = asked(None, "--when", "Which of its cases (leave empty for all): fact, operator, value", needed=False,
                    right=read_test)  # fmt: skip
        when = [one] if one else []
    tests = [read_test(one) for one in when or ()]
    answer = needs(answer, "--answer", f"What they are answered instead ({', '.join(rule.answers)})",
                   asking.one_of(rule.answers, f"an answer of '{question}'"))  # fmt: skip
    says = needs(says, "--says", "The reason, in one plain sentence")
    cited = new.Cited.of(needs(source, "--source", "Where that is written: document and paragraph, such as report 3.20",
                               asking.cited(corpus)))  # fmt: skip
    if answer not in rule.answers:
        said = f"'{answer}' is not an answer of '{question}' yet. {did_you_mean(answer, rule.answers)}".strip()
        label = needs(label, "--answer-label", f"{said} What a new one says, in plain words")
    figures = {figure: read_figure(value) for figure, value in (_pair(one, "--gives") for one in gives or ())}
    for figure, kind in rule.figures.items():
        if answer in kind.always_with and figure not in figures:
            said = f"'{answer}' goes with '{figure}', in {kind.unit}. $ and the name of a value, or {{of: FACT}}"
            figures[figure] = read_figure(needs(None, f"--gives {figure}=", said))
    wanted = new.NewAnswer(question, decision, start, row, name or _slug(says), answer, says, cited, tests, figures,
                           label, settles, leaves)  # fmt: skip
    put(top, corpus, new.answer(corpus, wanted))
    say("Next: a golden case on each side of the change, with senpolicy new case.")


@new_app.command("settlement")
def new_settlement(
    number: Annotated[str, typer.Argument(help="The decision that settles it.", show_default=False)],
    point: Annotated[str, typer.Argument(help="The open point, by its id.", show_default=False)],
    start: Annotated[str | None, typer.Option("--from", help="The first day for which it is settled.")] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="What settles it: route/row, '$value' or a reading's id.")
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", help="The decision's own word: route=tariff. Repeat for each question."),
    ] = None,
    says: Annotated[str | None, typer.Option("--says", help="How it is settled, in one plain sentence.")] = None,
    source: Document = None,
    leaves: Annotated[str | None, typer.Option("--leaves", help="What of the point stays open, if anything.")] = None,
    reaches_back: Annotated[
        bool, typer.Option("--reaches-back", help="It is meant for days before the decision was taken, too.")
    ] = False,
    root: Root = None,
) -> None:
    """Settle an open point from a day on: by a row or a value of the decision's own, or by its own word."""
    top, corpus = _corpus(root)
    _decision(corpus, number)
    asking.one_of(corpus.open_points, "an open point of this policy")(point)
    if not by and not answer:
        allowed = [f"{question}={one}" for question, answers in corpus.open_points[point][1].allows.items()
                   for one in answers]  # fmt: skip
        answer = [needs(None, "--answer (or --by)", f"Its answer, one of {', '.join(allowed)}", asking.one_of(
            allowed, "an answer that the point allows"))]  # fmt: skip
    start = needs(start, "--from", "The first day for which it is settled, such as 2027-04-01", asking.day)
    if answer:
        source = needs(source, "--source", "Where the decision says so: document and paragraph", asking.cited(corpus))
    answers = dict(_pair(one, "--answer") for one in answer or ())
    cited = new.Cited.of(source) if source else None
    wanted = new.NewSettlement(number, point, day_of(start), by or (), answers, says, cited, leaves, reaches_back)
    put(top, corpus, new.settlement(corpus, wanted))


@new_app.command("edition")
def new_edition(
    name: Annotated[str, typer.Argument(help="Its name, which is its folder's: continuum-2027-04", show_default=False)],
    of: Annotated[str | None, typer.Option("--of", help="The edition with whose levels and words it begins.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Its title, as printed.")] = None,
    status: Annotated[str, typer.Option("--status", help="draft, published or illustrative.")] = "draft",
    decision: Annotated[str | None, typer.Option("--decision", help="The decision that adopts it, if any.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="The name of the date from which it replaces the edition in use.")
    ] = None,
    source: Document = None,
    root: Root = None,
) -> None:
    """Begin a new edition of the descriptors with what another one says; that one stays as it is."""
    top, corpus = _corpus(root)
    of = needs(of, "--of", "The edition with whose levels and words it begins",
               asking.one_of(corpus.editions, "an edition of this policy"))  # fmt: skip
    title = needs(title, "--title", "Its title, as printed")
    cited = new.Cited.of(needs(source, "--source", "Where it is: document and paragraph", asking.cited(corpus)))
    put(top, corpus, new.edition(corpus, new.NewEdition(name, of, title, status, cited, decision, start)))
    later = "" if start else " To take the place of another, it says 'replaces' and 'from'."
    say(f"Next: change its levels and words.{later}")


@new_app.command("case")
def new_case(
    decision: Annotated[str, typer.Argument(help="As of which decision it is decided.", show_default=False)],
    file: Annotated[str | None, typer.Option("--file", help="The file that it goes into: dates")] = None,
    name: Annotated[str | None, typer.Option("--name", help="What it shows, as a sentence.")] = None,
    paragraph: Annotated[
        str | None, typer.Option("--source", help="Document and paragraph on which the answer rests.")
    ] = None,
    fact: Annotated[list[str] | None, typer.Option("--fact", help="A fact of it: age=9. Repeat for each.")] = None,
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect", help="An expected answer: route=tariff, route.open=A-POINT, amount.until=2026-08-31."),
    ] = None,
    readings: Annotated[
        str | None, typer.Option("--readings", help="For a new file: up to which reading.", show_default="the last")
    ] = None,
    root: Root = None,
) -> None:
    """Write a golden case: a made-up pupil, and the answer that you have worked out from the paragraph."""
    top, corpus = _corpus(root)
    _decision(corpus, decision)
    file = needs(file, "--file", "The file that it goes into, without .yaml", new.file_name)
    name = needs(name, "--name", "What it shows, as a sentence")
    paragraph = needs(paragraph, "--source", "On which document and paragraph the answer rests: report 3.20",
                      asking.cited(corpus))  # fmt: skip
    if new.Cited.of(paragraph).document not in corpus.documents:
        raise WrongUse(f"'{paragraph.split()[0]}' is not a document of this policy. Look in policy/documents.yaml.")
    facts, expects = (_pairs(given, option, question, names) for given, option, question, names in (
        (fact, "--fact", "A fact of it, such as age=9 (leave empty to end)", corpus.facts.facts),
        (expect, "--expect", "An expected answer, such as route=tariff (leave empty to end)", corpus.questions),
    ))  # fmt: skip
    texts = new.case(corpus, new.NewCase(decision, file, name, paragraph, facts, expects, readings))
    found = [problem for path, text in texts.items() for problem in new.differences(corpus, text, path)]
    found += _golden_problems(corpus, texts)
    if found:
        raise PolicyError(found)
    write_all(top, texts)
    for path in texts:
        say(f"Written: {path}")


def _cases_of(corpus: Corpus) -> list[Problem]:
    """Return what is wrong with the golden cases below the corpus's root, and where one comes out otherwise."""
    found = golden_files.check(corpus, lambda scenario: Asked(include_proposed=True, scenario=scenario).of(corpus))
    by = golden.deciders(corpus)
    return found or [one for pinned in golden.every(corpus.root) for one in golden.problems(pinned, by(pinned))]


def _golden_problems(corpus: Corpus, texts: Mapping[str, str]) -> list[Problem]:
    """Return what the check of golden cases finds in these, what may tell who a child is among it."""
    with TemporaryDirectory(prefix="senpolicy-") as name:
        write_all(Path(name), texts)
        return golden_files.check(
            replace(corpus, root=Path(name)),
            lambda scenario: Asked(include_proposed=True, scenario=scenario).of(corpus),
        )


@new_app.command("correction")
def new_correction(
    number: Annotated[str, typer.Argument(help="The decision whose record was wrong.", show_default=False)],
    mends: Annotated[
        str, typer.Argument(help="What it mends: a parameter, standing or documents.", show_default=False)
    ],
    says: Annotated[str | None, typer.Option("--says", help="What was wrong, and what it is now.")] = None,
    because: Annotated[str | None, typer.Option("--because", help="How one knows.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="The role that corrects it, never a name.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="The first day that it affects.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The last day that it affects, if any.")] = None,
    value: Annotated[str | None, typer.Option("--value", help="The right value of the parameter.")] = None,
    day: Annotated[str | None, typer.Option("--on", help="The day of the correction.", show_default="today")] = None,
    root: Root = None,
) -> None:
    """Mend a mistake in what is recorded of a locked decision: the right value, and a note of the dates affected."""
    top = _root(root)
    corpus = load(top)
    says = needs(says, "--says", "What was wrong, and what it is now")
    because = needs(because, "--because", "How one knows")
    by = needs(by, "--by", "The role that corrects it, never a name", lambda one: adopting.role(corpus, one))
    start = needs(start, "--from", "The first day that it affects, such as 2026-09-01", asking.day)
    wanted = correcting.Mending(number, mends, says, because, by, _day(day, "--on") or today(), _day(start, "--from"),
                                _day(until, "--until"), value)  # fmt: skip
    put(top, corpus, correcting.correction(corpus, wanted))
    say("Next: senpolicy lock.")


@app.command()
def adopt(
    point: Annotated[str, typer.Argument(help="The open point, by its id.", show_default=False)],
    answer: Annotated[
        str,
        typer.Argument(help="An answer that it allows: tariff, route=tariff, or a way to read it.", show_default=False),
    ],
    by: Annotated[str | None, typer.Option("--by", help="The role that adopts it, never a name.")] = None,
    because: Annotated[str | None, typer.Option("--because", help="The reason, for who questions it.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="The day of adoption.", show_default="today")] = None,
    name: Annotated[str | None, typer.Option("--id", help="The id of the reading.", show_default="made")] = None,
    says: Annotated[
        str | None, typer.Option("--says", help="How the words are read.", show_default="the answer")
    ] = None,
    root: Root = None,
) -> None:
    """Adopt a reading of an open point, until the council settles it: by a role, with the reason."""
    top, corpus = _corpus(root)
    by = needs(by, "--by", "The role that adopts it, never a name", lambda one: adopting.role(corpus, one))
    because = needs(because, "--because", "The reason, for who questions it")
    now = today()
    wanted = adopting.Adoption(point, answer, by, because, _day(on, "--on") or now, name, says)
    put(top, corpus, adopting.adopt(corpus, wanted, now))
    entry = next(one for one in entries(corpus) if one.id == point)
    if entry.ends:
        start = say_date(entry.ends[1].start)
        say(f"It counts for days before {start} alone: the point is {say_settled(*entry.ends)}.")


@app.command()
def lock(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if there is something to do.")
    ] = False,
    root: Root = None,
) -> None:
    """Lock what the decisions that have been taken set, so that it changes only with a note of correction."""
    top = find_root(root) if check else _root(root)
    corpus = load(top)
    found = locks.check(corpus)
    errors = [problem for problem in found if not problem.warning]
    if errors:
        raise PolicyError(errors)
    texts = locking.texts(corpus)
    if not texts:
        say(f"{count(len(locks.taken(corpus)), 'decision')} locked; nothing to do.")
        return
    if check:
        for problem in found:
            say(str(problem))
        say("Something is not locked yet. Run: senpolicy lock")
        raise typer.Exit(1)
    write_all(top, texts)
    (top / locks.EARLIER).unlink(missing_ok=True)  # What it held is in the decisions' own files now.
    for file in texts:
        say(f"Written: {file}")
    say(f"{count(len(locks.taken(corpus)), 'decision')} locked.")


@app.command()
def fmt(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of the policy.", show_default="all of them")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if a file is not in order.")
    ] = False,
    report_as: Annotated[
        Format,
        typer.Option("--format", help="With --check: as text, JSON, a SARIF 2.1.0 log, or GitHub's annotations."),
    ] = Format.TEXT,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Put the keys of files in order and their lines in line, without losing a comment; or refuse, and say why."""
    top = find_root(root) if check else _root(root)
    changed, problems = tidying.tidy(top, files)
    if check and report_as is not Format.TEXT:
        report([*problems, *tidying.disorder(top, changed)], [], report_as, top, "Files in order")
        raise typer.Exit(1 if problems or changed else 0)
    if as_json:
        print_json([{"file": file, "changed": True} for file in changed])
    for problem in problems:
        say(str(problem))
    if not check:
        write_all(top, changed)
    for file in changed:
        say(f"{'Not in order' if check else 'Tidied'}: {file}")
    if check and changed:
        say("  help: senpolicy fmt")
    raise typer.Exit(1 if problems or (check and changed) else 0)


@app.command()
def upgrade(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing, print the changes; exit with 1 if there are any.")
    ] = False,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Bring files of an older form to the present one, once it is shown that the policy then says the same."""
    top = find_root(root) if check else _root(root)
    made = upgrading.upgrade(top, progress_bar("Comparing the policy before and after"))
    if as_json:
        print_json(
            [
                {"file": file, "changed": file in made.texts, "to_choose": [one.to_json() for one in made.told(file)]}
                for file in dict.fromkeys([*made.texts, *(one.place.file for one in made.to_choose)])
            ]
        )
    elif check:
        for file, text in made.texts.items():
            before = (top / file).read_bytes().decode("utf-8-sig").splitlines(keepends=True)
            sys.stdout.writelines(difflib.unified_diff(before, text.splitlines(keepends=True), file, file))
    for problem in made.to_choose:
        say(str(problem))
    if not check:
        write_all(top, made.texts)
    for file in made.texts:
        say(f"{'Of an older form' if check else 'Upgraded'}: {file}")
    if made.compared:
        say(f"Shown to say the same, as of every decision, with readings and scenarios: {made.compared} policies.")
    if not made.texts:
        say("Every file is of the present form.")
    raise typer.Exit(1 if check and made.texts else 0)


def _pairs(given: list[str] | None, option: str, question: str, names: Collection[str]) -> dict[str, str]:
    def right(one: str) -> None:
        asking.one_of(names, "known here")(_pair(one, option)[0].partition(".")[0])

    found = dict(_pair(one, option) for one in given or ())
    while not given and (one := asked(None, option, question, needed=False, right=right)):
        name, value = _pair(one, option)
        found[name] = value
    if not found:
        raise WrongUse(f"{question.partition(',')[0]}? Say it with {option}.")
    return found


def _pair(written: str, option: str) -> tuple[str, str]:
    name, sign, value = written.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise WrongUse(f"'{written}' is not a name and a value. Write them with '=' between: {option} age=9")
    return name.strip(), value.strip()


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())[:4])
