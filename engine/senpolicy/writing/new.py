"""New decisions, values, open points, answers and golden cases, as the texts of the files that change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from senpolicy.checking import golden
from senpolicy.checking.names import FACTS
from senpolicy.files.models import rules as m
from senpolicy.files.problems import At, Place, PolicyError, Problem, WrongUse, did_you_mean
from senpolicy.files.source import Node
from senpolicy.policy.banding import editions_of
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import in_order
from senpolicy.policy.timeline import policy
from senpolicy.writing.declaring import add_limits
from senpolicy.writing.files import heading
from senpolicy.writing.lines import Flow, FlowList, Lines, Quoted, Yaml, block

NUMBER = re.compile(r"\d{2}/\d{5}|[a-z][a-z0-9-]*")
Texts = dict[str, str]


@dataclass(frozen=True)
class Cited:
    """The place of something: the id of a document, and the paragraph in it."""

    document: str
    paragraph: str
    lines: str | None = None

    @classmethod
    def of(cls, written: str) -> Cited:
        """Return what "report 3.20" names; raises `WrongUse` where it is not a document and a paragraph.

        >>> Cited.of("report 3.20")
        Cited(document='report', paragraph='3.20', lines=None)
        """
        document, _, paragraph = written.strip().partition(" ")
        if not paragraph.strip():
            raise WrongUse(f"'{written}' names no paragraph. Write the document and the paragraph: report 3.20")
        return cls(document, paragraph.strip())

    def flow(self) -> Flow:
        """Return it as the files have it."""
        lines = {"lines": Quoted(self.lines)} if self.lines else {}
        return Flow(document=self.document, paragraph=Quoted(self.paragraph), **lines)


@dataclass(frozen=True)
class NewDocument:
    """A document that the policy does not know yet."""

    id: str
    title: str
    publisher: str
    dated: date | None = None
    address: str | None = None


@dataclass(frozen=True)
class NewDecision:
    """What is asked of a new decision. `day`, or `earliest` and `latest` with `why`, or `unknown`, for one taken."""

    number: str
    title: str
    status: str
    acts: Sequence[tuple[str, str, Cited]]
    papers: Sequence[NewDocument] = ()
    day: date | None = None
    earliest: date | None = None
    latest: date | None = None
    why: str | None = None
    unknown: str | None = None
    planned: date | None = None
    succeeds: Sequence[str] = ()
    notes: Sequence[str] = ()


def decision(corpus: Corpus, new: NewDecision) -> Texts:
    """Return the texts that record a decision: its folder, its place in the order, and its documents.

    Raises `WrongUse` for a number that is none, or that is recorded already.
    """
    if not NUMBER.fullmatch(new.number):
        wrong = f"'{new.number}' is not the number of a decision. Write two figures, a slash and five: 26/00041"
        raise WrongUse(f"{wrong}, or a name in small letters.")
    if new.number in corpus.decisions:
        raise WrongUse(f"{new.number} is recorded already, in {corpus.file_of(new.number, 'decision.yaml')}.")
    taken: dict[str, Yaml] = {"day": new.day, "earliest": new.earliest, "latest": new.latest}
    taken |= {"why": new.why, "unknown": new.unknown}
    known = {key: value for key, value in taken.items() if value is not None}
    file = corpus.file_of(new.number, "decision.yaml")
    cited = [*dict.fromkeys(act[2].document for act in new.acts), *(paper.id for paper in new.papers)]
    content: dict[str, Yaml] = {
        "number": new.number,
        "title": new.title,
        "status": new.status,
        "taken": Flow(known) if set(known) == {"day"} else known,
        "planned": new.planned,
        "decides": [{"id": name, "says": says, "source": source.flow()} for name, says, source in new.acts],
        "documents": list(dict.fromkeys(cited)),
        "succeeds": list(new.succeeds),
        "notes": list(new.notes),
    }
    kind = "Proposed key decision" if new.status == "proposed" else "Key decision"
    top = [*heading(corpus.root, file), f"# {kind} {new.number}: {_sentence(new.title)}"]
    texts = {file: _text([*top, *block(content)])}
    if not _placed(corpus, new):
        order = _lines(corpus, "policy/decisions.yaml")
        order.add(("order",), new.number)
        texts["policy/decisions.yaml"] = str(order)
    papers: dict[str, Yaml] = {}
    for paper in new.papers:
        if paper.id in corpus.documents:
            raise WrongUse(f"'{paper.id}' is a document of this policy already. Give the new one another id.")
        said = {"title": paper.title, "publisher": paper.publisher, "dated": paper.dated, "address": paper.address}
        papers[paper.id] = said
    if papers:
        file = corpus.file_of(new.number, "documents.yaml")
        texts[file] = _text([*heading(corpus.root, file), *block({"documents": papers})])
    return texts


def _placed(corpus: Corpus, new: NewDecision) -> bool:
    """Return whether a decision's day gives its place in the order, so that no list has to."""
    listed = corpus.files["policy/decisions.yaml"]
    made = m.DecisionFile.model_validate(
        {"number": new.number, "title": new.title, "status": new.status}
        | {"taken": {"day": new.day, "earliest": new.earliest, "latest": new.latest, "unknown": new.unknown}}
    )
    return isinstance(listed, m.DecisionsFile) and new.number in in_order(listed, [*corpus.decisions.values(), made])


@dataclass(frozen=True)
class NewValue:
    """What is asked of a value that a decision sets; `value` is as it is written, None where `open_point` says why."""

    decision: str
    name: str
    label: str
    unit: str
    value: str | Sequence[str] | None
    source: Cited
    start: date | None = None
    open_point: str | None = None
    note: str | None = None
    reaches_back: bool = False
    leaves: str | None = None


def left_open(corpus: Corpus, decision: str, name: str) -> str | None:
    """Return the open point by which an older decision leaves a value open; None where none does."""
    older = [one for number, one in corpus.parameters.get(name, []) if corpus.rank(number) < corpus.rank(decision)]
    points = [one.open_point for one in older if one.value is None and one.open_point]
    return points[-1] if points else None


def parameter(corpus: Corpus, new: NewValue) -> Texts:
    """Return the texts of a decision's parameters with one more, and of the decision where the value settles a point.

    What the point still leaves open is said by `leaves`. Raises `WrongUse` for a decision that is not known.
    """
    _known_decision(corpus, new.decision)
    value: Yaml = new.value
    if isinstance(value, str) and new.unit == "text":
        value = Quoted(value)
    said = {
        "label": new.label,
        "unit": new.unit,
        "value": list(value) if isinstance(value, (list, tuple)) else value,
        "from": new.start,
        "source": new.source.flow(),
        "open_point": new.open_point,
        "reaches_back": new.reaches_back or None,
        "note": new.note,
    }
    if any(setter == new.decision for setter, _ in corpus.parameters.get(new.name, [])):
        raise WrongUse(f"{new.decision} sets '{new.name}' already. Change it in its parameters.yaml.")
    lines = block({new.name: said}, 2)
    if new.value is None:
        at = next(number for number, line in enumerate(lines) if line.startswith("    unit:"))
        lines.insert(at + 1, "    value: null")
    texts = _into(corpus, new.decision, "parameters.yaml", "parameters", f"What {new.decision} sets.", lines)
    point = left_open(corpus, new.decision, new.name)
    if point and new.value is not None and new.start:
        settled = NewSettlement(new.decision, point, new.start, (f"${new.name}",), leaves=new.leaves)
        texts |= settlement(corpus, settled)
    return texts


@dataclass(frozen=True)
class NewSettlement:
    """What is asked of a point that a decision settles from a day on: by rows and values, or by its own word."""

    decision: str
    point: str
    start: date
    by: Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    says: str | None = None
    source: Cited | None = None
    leaves: str | None = None
    reaches_back: bool = False


def settlement(corpus: Corpus, new: NewSettlement) -> Texts:
    """Return the text of a decision that settles a point, or settles it by more than it says already.

    Raises `WrongUse` for a decision or a point that is not known.
    """
    _known_decision(corpus, new.decision)
    if new.point not in corpus.open_points:
        help = did_you_mean(new.point, corpus.open_points) or "'senpolicy open-points' lists them."
        raise WrongUse(f"'{new.point}' is not an open point of this policy. {help}")
    file = corpus.file_of(new.decision, "decision.yaml")
    text = _lines(corpus, file)
    held = corpus.decisions[new.decision].settles
    same = [at for at, one in enumerate(held) if (one.point, one.start) == (new.point, new.start)]
    by = [*(held[same[0]].by if same else ()), *new.by]
    said: dict[str, Yaml] = {
        "point": new.point,
        "by": FlowList(by) if len(by) > 1 else next(iter(by), None),
        "answers": Flow(new.answers) if new.answers else None,
        "from": new.start,
        "says": new.says or (held[same[0]].says if same else None),
        "source": new.source.flow() if new.source else None,
        "leaves": new.leaves,
        "reaches_back": new.reaches_back or None,
    }
    if same and (new.answers or held[same[0]].answers or held[same[0]].source):
        raise WrongUse(f"{new.decision} settles '{new.point}' from that day already. Change it in its decision.yaml.")
    if same:
        start, end = text.span("settles", same[0])
        column = len(text.lines[start]) - len(text.lines[start].lstrip())
        text.replace(start, end, block([said], column))
    elif held:
        text.add(("settles",), said)
    else:
        text.put(len(text.lines), block({"settles": [said]}))
    return {file: str(text)}


@dataclass(frozen=True)
class NewOpenPoint:
    """What is asked of an open point; `allows` are the answers by question, `allows_text` what is not an answer."""

    decision: str
    id: str
    title: str
    says: str
    where: Sequence[Cited]
    settle: str
    allows: Mapping[str, Sequence[str]] = field(default_factory=dict)
    allows_text: Sequence[str] = ()
    state: str = "note"


def open_point(corpus: Corpus, new: NewOpenPoint) -> Texts:
    """Return the text of a decision's open points with one more; raises `WrongUse` for what is not known."""
    _known_decision(corpus, new.decision)
    if new.id in corpus.open_points:
        raise WrongUse(f"'{new.id}' is an open point of {corpus.open_points[new.id][0]} already. Give it another id.")
    if new.state == "open" and not (new.allows or new.allows_text):
        raise WrongUse("An open point that blocks an answer names the answers that the text would allow: --allows")
    allows = {name: FlowList(answers) for name, answers in new.allows.items()}
    said: dict[str, Yaml] = {
        "title": new.title,
        "state": new.state,
        "says": new.says,
        "where": [one.flow() for one in new.where],
        "allows": allows,
        "allows_text": list(new.allows_text),
        "settle": new.settle,
    }
    lines = block({new.id: said}, 2)
    return _into(corpus, new.decision, "open-points.yaml", "open_points", f"What {new.decision} leaves open.", lines)


def _into(corpus: Corpus, number: str, name: str, key: str, says: str, lines: list[str]) -> Texts:
    """Return a decision's file with an entry more at its end, or a new one with that entry alone."""
    file = corpus.file_of(number, name)
    if file not in corpus.files:
        return {file: _text([*heading(corpus.root, file), f"# {says}", f"{key}:", *lines])}
    text = _lines(corpus, file)
    node = text.find(key)
    if node is None or not node.content:
        raise PolicyError([Problem(Place(file, 1, 1), "nothing-to-add-to", f"'{key}' is empty here.",
                                   "Take the file out, and try again.")])  # fmt: skip
    _, end = text.span(key, list(node.content)[-1])
    text.add((key,), {"x": "y"})  # Refuses a file that is written in braces.
    text = _lines(corpus, file)
    text.put(end, lines)
    return {file: str(text)}


@dataclass(frozen=True)
class NewAnswer:
    """What is asked of a new answer: the cases of one row of a question that meet further tests are answered otherwise.

    `start` is the name of a date, None for the beginning of time. `when` are tests as a rule has them; without
    any the row as a whole is answered otherwise. `row` is the id of a row, or the open point of an open one. `label`
    are the words of an answer that the question does not have yet; `settles` the open point that the row settles from
    that day, but for what it `leaves`.
    """

    question: str
    decision: str
    start: str | None
    row: str
    id: str
    answer: str
    says: str
    source: Cited
    when: Sequence[Flow] = ()
    gives: Mapping[str, Yaml] = field(default_factory=dict)
    label: str | None = None
    settles: str | None = None
    leaves: str | None = None


def answer(corpus: Corpus, new: NewAnswer) -> Texts:
    """Return the text of a question with a version of the decision's own in which a row is divided in two.

    The version that is in force on that day is taken over as it is, but for that row. A value that the decision is the
    first to set becomes a limit of the fact that is held against it. Raises `WrongUse` for a question, date or row that
    is not known, and for a version of a later decision without a day.
    """
    _known_decision(corpus, new.decision)
    if new.question not in corpus.questions:
        help = did_you_mean(new.question, corpus.questions)
        raise WrongUse(f"'{new.question}' is not a question of this policy. {help}".strip())
    file = f"rules/{new.question}.yaml"
    text = _lines(corpus, file)
    number = _own_version(corpus, text, new)
    where = ("versions", number, *_row(_node(text, "versions", number).data(), new))
    if any(name == new.id for name, _ in _rows(_node(text, "versions", number).data())):
        raise WrongUse(f"'{new.id}' is the id of a row of this version already. Give the new one another.")
    rest: list[Yaml] = [{"not": new.when[0]}] if len(new.when) == 1 else [{"not": {"all": list(new.when)}}]
    row = DividedRow(new.id, new.answer, new.says, new.source, new.when, new.gives)
    _divide(text, where, [row], rest if new.when else [])
    asked = corpus.questions[new.question].ask
    for fact in dict.fromkeys(str(test["fact"]) for test in new.when):
        if fact not in asked and fact in corpus.types:
            text.add(("ask",), fact)
    if new.answer not in corpus.questions[new.question].answers and new.label:
        text.add(("answers",), {new.answer: new.label})
    texts = {file: str(text), **_limits(corpus, new)}
    if new.settles and new.start:
        by, day = (f"{new.question}/{new.id}",), _day(corpus, new.start)
        texts |= settlement(corpus, NewSettlement(new.decision, new.settles, day, by, leaves=new.leaves))
    return texts


@dataclass(frozen=True)
class DividedRow:
    """A row that answers some of the cases of another one: those that meet the tests `when`, too."""

    id: str
    answer: str
    says: str
    source: Cited
    when: Sequence[Flow] = ()
    gives: Mapping[str, Yaml] = field(default_factory=dict)


@dataclass(frozen=True)
class Division:
    """What is asked where several rows take the place of one of a decision's own version.

    `rest` are the conditions that its other cases meet; without any there are no others, and the row is taken out.
    `labels` are the words of answers that the question does not have yet. A test of the fact `apart` in a new row takes
    the place of the row's own test of it, and so does the rest where it is `rest_apart`.
    """

    question: str
    decision: str
    row: str
    rows: Sequence[DividedRow]
    rest: Sequence[Yaml] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    apart: str = ""
    rest_apart: bool = False


def divide(corpus: Corpus, new: Division) -> Texts:
    """Return the text of a question in whose last version, the decision's own, a row is divided into several."""
    file = f"rules/{new.question}.yaml"
    text = _lines(corpus, file)
    number = len(corpus.questions[new.question].versions) - 1
    rows = dict(_rows(_node(text, "versions", number).data()))
    if new.row not in rows:
        raise WrongUse(f"'{new.row}' is not a row of '{new.question}' on that day. Its rows are {', '.join(rows)}.")
    _divide(text, ("versions", number, *rows[new.row]), new.rows, new.rest, new.apart, new.rest_apart)
    for fact in dict.fromkeys(str(test["fact"]) for row in new.rows for test in row.when):
        if fact not in corpus.questions[new.question].ask:
            text.add(("ask",), fact)
    for answer, label in new.labels.items():
        if answer not in corpus.questions[new.question].answers:
            text.add(("answers",), {answer: label})
    return {file: str(text)}


def _divide(
    text: Lines, where: At, rows: Sequence[DividedRow], rest: Sequence[Yaml], apart: str = "", rest_apart: bool = False
) -> None:
    """Put rows before a row that keeps only the cases that meet `rest`, or is taken out where there is no rest."""
    *holder, part, _ = where  # The version, or a section of it: the new rows go where the old one is.
    column = _node(text, *holder).place.column - 1
    indent = column + 2
    when = _when(text, (*where, "when"))
    made: list[str] = []
    for row in rows:
        said: dict[str, Yaml] = {"id": row.id, "answer": row.answer, "says": row.says, "source": row.source.flow()}
        own = _less(when, apart) if any(test["fact"] == apart for test in row.when) else when
        made += [*block([said], indent), *_condition(own, row.when, indent + 2)]
        if row.gives:
            made += [f"{' ' * (indent + 2)}gives:", *block(dict(row.gives), indent + 4)]
    if rest:
        _put_when(text, where, _condition(_less(when, apart) if rest_apart else when, rest, indent + 2))
    else:
        only = len(_node(text, *holder, part).content) == 1
        start, end = text.span(*where[: -1 if only else None])
        text.replace(start, end, [])
    last = text.find(*holder, "answers")
    if last is None:
        _, end = text.span(*holder, "decision" if len(holder) == 2 else "given")
        text.put(end, [f"{' ' * column}answers:", *made])
    else:
        _, end = text.span(*holder, "answers", len(last.content) - 1)
        text.put(end, made)


def _less(when: Sequence[str], fact: str) -> list[str]:
    """Return the lines of the items of a condition without those items that test a fact by themselves."""
    items: list[list[str]] = []
    for line in when:
        if line.startswith("- ") or not items:
            items.append([])
        items[-1].append(line)
    own = re.compile(rf"- (\{{)?fact: {re.escape(fact)}\b")
    return [line for item in items if not own.match(item[0]) for line in item]


def version(corpus: Corpus, question: str, decision: str, start: str, like: int) -> Texts:
    """Return the text of a question with a version of the decision's own that says what another one of it says.

    `start` is the name of the date from which it counts, `like` the place of the other one among the versions. Raises
    `WrongUse` for a decision, or a date, that is not known.
    """
    _known_decision(corpus, decision)
    _day(corpus, start)
    file = f"rules/{question}.yaml"
    text = _lines(corpus, file)
    _copy_version(text, like, decision, f"${start}")
    return {file: str(text)}


def without(corpus: Corpus, question: str, decision: str, drop: Callable[[m.OpenRow], bool]) -> Texts:
    """Return the text of a question without rows under `open` of a decision's own versions: those to be dropped."""
    file = f"rules/{question}.yaml"
    text = _lines(corpus, file)
    for number, version in enumerate(corpus.questions[question].versions):
        for placed in reversed(version.placed) if version.decision == decision else ():
            if isinstance(placed.row, m.OpenRow) and drop(placed.row):
                path = ("versions", number, *placed.path)
                only = len(_node(text, *path[:-1]).content) == 1
                text.replace(*text.span(*path[: -1 if only else None]), [])
    return {file: str(text)}


def figure(corpus: Corpus, question: str, name: str, unit: str, says: str, values: Sequence[str] = ()) -> Texts:
    """Return the text of a question that declares one figure more; as it is where it declares that figure already."""
    file = f"rules/{question}.yaml"
    text = _lines(corpus, file)
    if name not in corpus.questions[question].figures:
        said: dict[str, Yaml] = {"unit": unit, "says": says, "values": FlowList(values)}
        if text.find("figures"):
            text.add(("figures",), {name: said})
        else:
            text.put(text.span("ask")[0], block({"figures": {name: said}}))
    return {file: str(text)}


def _limits(corpus: Corpus, new: NewAnswer) -> Texts:
    """Return the text of the facts with values of the decision's own among the limits of those held against them."""
    facts, limits = corpus.facts.facts, [name for fact in corpus.facts.facts.values() for name in fact.limits]
    lines = _lines(corpus, FACTS)
    before = str(lines)
    for test in new.when:
        ordered = test["fact"] in facts and facts[str(test["fact"])].type in ("money", "integer", "date")
        for written in test.values() if ordered else ():
            name = written[1:] if isinstance(written, str) and written.startswith("$") else ""
            own = [number for number, _ in corpus.parameters.get(name, [])] == [new.decision]
            if own and name not in limits:
                add_limits(lines, str(test["fact"]), [name])
                limits.append(name)
    return {FACTS: str(lines)} if str(lines) != before else {}


def _own_version(corpus: Corpus, text: Lines, new: NewAnswer) -> int:
    """Return the place of the version that is the decision's own from that day; it is written where it is not there."""
    versions = corpus.questions[new.question].versions
    written = f"${new.start}" if new.start else None
    for number, version in enumerate(versions):
        if version.decision == new.decision and version.start == written:
            return number
    if new.start is None and any(corpus.rank(one.decision) < corpus.rank(new.decision) for one in versions):
        raise WrongUse(
            f"{new.decision} changes '{new.question}' from a day on. Name the date, one that it sets: --from"
        )
    day = _day(corpus, new.start) if new.start else None
    # What is only proposed is not taken over into a decision that has been taken.
    proposed = corpus.decisions[new.decision].status == "proposed"
    known = policy(corpus, as_of=new.decision if new.decision in corpus.order else None, include_proposed=proposed)
    candidates = [
        (_day(corpus, version.start[1:]) if version.start else date.min, corpus.rank(version.decision), number)
        for number, version in enumerate(versions)
        if version.decision in known.decisions or version.decision in corpus.beside
    ]
    number = max(one for one in candidates if one[0] <= (day or date.min))[2]
    return _copy_version(text, number, new.decision, written)


def _copy_version(text: Lines, number: int, decision: str, written: str | None) -> int:
    """Put a version after the last one that is like the one at a place, but for day and decision; return its place."""
    start, end = text.span("versions", number)
    count = len(_node(text, "versions").content)
    _, last = text.span("versions", count - 1)
    kept = [line for at, line in enumerate(text.lines[start:end]) if at not in _spans(text, number, start)]
    first = [f"  - from: {written}", f"    decision: {decision}"] if written else [f"  - decision: {decision}"]
    text.put(last, ["", *first, *kept])
    return count


def _spans(text: Lines, number: int, start: int) -> set[int]:
    """Return which lines of a version, counted from its first, say from when it counts and by which decision."""
    node = text.find("versions", number)
    found: set[int] = set()
    for key in ("from", "decision"):
        if node is not None and key in node.content:
            line = node.keys[key].line - 1
            found.add(line - start)
    return found


def _day(corpus: Corpus, name: str) -> date:
    setters = corpus.parameters.get(name)
    if not setters:
        raise WrongUse(f"'{name}' is not a parameter of this policy. {did_you_mean(name, corpus.parameters)}".strip())
    value = setters[-1][1].value
    if not isinstance(value, date):
        raise WrongUse(f"'{name}' is not a date. Name a parameter whose unit is date.")
    return value


def _rows(version: Mapping[str, Any]) -> Iterator[tuple[str, At]]:
    """Yield the name of each row of a version, and the path that leads to it."""
    sections = enumerate(version.get("sections") or [])
    holders = [((), version), *((("sections", number), section) for number, section in sections)]
    for part in ("answers", "open"):
        for path, holder in holders:
            for index, row in enumerate(holder.get(part) or []):
                yield row.get("id") or row["point"], (*path, part, index)


def _row(version: Mapping[str, Any], new: NewAnswer) -> At:
    rows = list(_rows(version))
    for name, path in rows:
        if name == new.row:
            return path
    names = [name for name, _ in rows]
    help = did_you_mean(new.row, names) or f"Its rows are {', '.join(names)}."
    raise WrongUse(f"'{new.row}' is not a row of '{new.question}' on that day. {help}")


def _node(text: Lines, *path: str | int) -> Node:
    node = text.find(*path)
    assert node is not None
    return node


def _when(text: Lines, path: At) -> list[str]:
    """Return the lines of a condition as items of a list, without indentation; none where it is left out."""
    node = text.find(*path)
    if node is None:  # A row of a section whose `given` is all of its condition.
        return []
    start, end = text.span(*path)
    lines = text.lines[start:end]
    if node.kind == "map" and list(node.content) == ["all"]:
        inner = text.find(*path, "all")
        first, column = (inner.place.line - 1, inner.place.column - 1) if inner else (start, 0)
        if first > start and text.lines[first][column] == "-":
            return [line[column:] for line in text.lines[first:end]]
    head = lines[0].partition("when:")[2].strip()
    if head:
        indent = len(lines[0]) - len(lines[0].lstrip())
        return [f"- {head}", *(line[indent:] for line in lines[1:])]
    indent = len(lines[1]) - len(lines[1].lstrip())
    inner_lines = [line[indent:] for line in lines[1:]]
    return [f"- {inner_lines[0]}", *(f"  {line}" for line in inner_lines[1:])]


def _condition(when: list[str], more: Sequence[Yaml], indent: int) -> list[str]:
    """Return the lines of a `when` that joins the items of one with more; none where there are none."""
    pad = " " * indent
    if not when:
        joined = more[0] if len(more) == 1 else {"all": list(more)}
        return block({"when": joined}, indent) if more else []
    items = [f"{pad}    {line}" if line else line for line in when]
    return [f"{pad}when:", f"{pad}  all:", *items, *block(list(more), indent + 4)]


def _put_when(text: Lines, row: At, lines: list[str]) -> None:
    """Put a condition in the place of a row's own, or after all but its figures where it has none."""
    if text.find(*row, "when"):
        text.replace(*text.span(*row, "when"), lines)
    elif text.find(*row, "gives"):
        text.put(text.span(*row, "gives")[0], lines)
    else:
        text.put(text.span(*row)[1], lines)


@dataclass(frozen=True)
class NewCase:
    """What is asked of a golden case: its facts and its results, as they are written.

    `expects` are the results of the questions, "route" or "amount.protected_low" and the value.
    """

    decision: str
    file: str
    name: str
    paragraph: str
    facts: Mapping[str, str]
    expects: Mapping[str, str]
    readings: str | None = None


def case(corpus: Corpus, new: NewCase) -> Texts:
    """Return the text of a file of golden cases with one more, which has a reference of its own.

    Raises `WrongUse` for a decision or a file name that cannot be.
    """
    _known_decision(corpus, new.decision)
    file_name(new.file)
    path = f"{golden.FOLDER}/{new.decision.replace('/', '-')}/{new.file}.yaml"
    pinned = golden.every(corpus.root)
    ref = _reference(pinned, path)
    expects: dict[str, dict[str, Yaml]] = {}
    for key, value in new.expects.items():
        question, _, figure = key.partition(".")
        one = expects.setdefault(question, {})
        one[figure or "answer"] = FlowList(value.split()) if figure in ("open", "missing") else value
    shown: dict[str, Yaml] = {
        question: one["answer"] if set(one) == {"answer"} else {key: _figure(key, value) for key, value in one.items()}
        for question, one in expects.items()
    }
    item: dict[str, Yaml] = {
        "name": new.name,
        "paragraph": new.paragraph,
        "case": {"case_ref": ref, **_facts(corpus, new.facts)},
        "expect": shown,
    }
    file = corpus.root / path
    if not file.exists():
        readings = new.readings or (corpus.readings[-1].id if corpus.readings else "none")
        proposed = corpus.decisions[new.decision].status == "proposed"
        top = [f"as_of: {new.decision}", f"readings: {readings}"]
        top += [*(["include_proposed: true"] if proposed else []), "cases:"]
        said = f"# Golden cases as of {new.decision}: {new.file.replace('-', ' ')}."
        return {path: _text([*_golden_heading(corpus.root), said, *top, *block([item], 2)])}
    text = Lines(file.read_bytes().decode("utf-8-sig"), path)
    text.add(("cases",), item)
    return {path: str(text)}


def _facts(corpus: Corpus, given: Mapping[str, str]) -> dict[str, Yaml]:
    """Return the facts of a case as a file writes them: true and false are words of YAML, and so without quotes."""
    plain = {name for name, fact in corpus.facts.facts.items() if fact.type == "boolean"}
    said = {"true": True, "false": False}
    return {
        name: said.get(value, value) if name in plain else value for name, value in given.items() if name != "case_ref"
    }


def _golden_heading(root: Path) -> list[str]:
    for path in sorted((root / golden.FOLDER).rglob("*.yaml")):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        if first.startswith("# yaml-language-server:"):
            return [first]
    return []


def _figure(key: str, value: Yaml) -> Yaml:
    plain = key in ("open", "missing", "answer", "reading") or value in ("true", "false")
    return value if plain else Quoted(value)


def file_name(name: str) -> None:
    """Raise `WrongUse` for what cannot be the name of a file of golden cases, without its ending."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise WrongUse(f"'{name}' is not the name of a file here. Use small letters, figures and hyphens.")


def _reference(pinned: Sequence[golden.Pinned], path: str) -> str:
    """Return a reference that no golden case has: the next of the file's own, or the first of a prefix that is free."""
    used = {str(one.golden.case.get("case_ref")) for one in pinned}
    own = [str(one.golden.case.get("case_ref")) for one in pinned if one.place.file == path]
    prefix = re.sub(r"\d+$", "", own[-1]) if own else ""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    prefixes = [prefix] if prefix else [f"N{one}{two}-" for one in letters for two in letters]
    for one in prefixes:
        if prefix or not any(ref.startswith(one) for ref in used):
            return next(ref for number in range(1, 10000) if (ref := f"{one}{number:02}") not in used)
    raise AssertionError("every prefix is in use")


def differences(corpus: Corpus, text: str, path: str) -> list[Problem]:
    """Return in which the last golden case of a text differs from what the policy gives."""
    pinned = golden.load_text(text, path)[-1]
    return golden.problems(pinned, golden.deciders(corpus)(pinned))


def _known_decision(corpus: Corpus, number: str) -> None:
    if number not in corpus.decisions:
        help = did_you_mean(number, corpus.decisions) or f"Record it first: senpolicy new decision {number}"
        raise WrongUse(f"'{number}' is not a decision of this policy. {help}")


def _lines(corpus: Corpus, file: str) -> Lines:
    return Lines((corpus.root / file).read_bytes().decode("utf-8-sig"), file)


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    one = " ".join(text.split())
    return one if one.endswith(".") else f"{one}."


@dataclass(frozen=True)
class NewEdition:
    """What is asked of a new edition of descriptors: the one whose levels and words it begins with, and whose it is.

    From the date that `start` names it is used in the place of the edition in use.
    """

    id: str
    of: str
    title: str
    status: str
    source: Cited
    decision: str | None = None
    start: str | None = None


def edition(corpus: Corpus, new: NewEdition) -> Texts:
    """Return the text of a new edition, which says what another one does until it is changed.

    Raises `WrongUse` for an edition that is there already, or one to begin with that is not.
    """
    if new.id in corpus.editions:
        raise WrongUse(f"'{new.id}' is an edition already. An edition stays as it is: give the new one another name.")
    if new.of not in corpus.editions:
        raise WrongUse(f"'{new.of}' is not an edition of this policy. {did_you_mean(new.of, corpus.editions)}".strip())
    if new.decision:
        _known_decision(corpus, new.decision)
    named = next((one.values_from for one in corpus.facts.facts.values() if one.values_from), None)
    if new.start and (not new.decision or not named):
        raise WrongUse("Say with --decision which decision brings it, and have a fact whose values are levels.")
    if new.start:
        _day(corpus, new.start)
    in_use = editions_of(named, corpus.editions)[-1].edition if named and new.start else None
    was = next(name for name, model in corpus.files.items() if model is corpus.editions[new.of])
    text = _lines(corpus, was)
    head: dict[str, Yaml] = {
        "edition": new.id, "title": new.title, "status": new.status, "decision": new.decision, "replaces": in_use,
        "from": f"${new.start}" if new.start else None, "source": new.source.flow(),
    }  # fmt: skip
    first = text.span("edition")[0]
    for key in head:
        if text.find(key):
            text.replace(*text.span(key), [])
    text.lines[:first] = heading(corpus.root, was)
    text.put(len(heading(corpus.root, was)), [f"# {_sentence(new.title)}", *block(head)])
    return {f"descriptors/{new.id}/edition.yaml": str(text)}
