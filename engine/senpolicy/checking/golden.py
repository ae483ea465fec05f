"""Golden cases: made-up pupils whose answers are worked out from the papers, not from the engine.

A file pins the decision and the readings with which its cases are decided, so that no later one changes them. What a
case does not mention it does not pin, so a question that comes later changes nothing here. What it mentions is the
whole: an answer has the figures that are written, and the answers together the cautions that are listed, no others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from senpolicy.deciding.answers import Reason
from senpolicy.deciding.cases import Case, Refused, read_text
from senpolicy.deciding.decide import Decider, Decision, NotIssued
from senpolicy.deciding.text import lines
from senpolicy.files.digests import PlainData
from senpolicy.files.models.names import Names
from senpolicy.files.models.problems import no_map, problems_of
from senpolicy.files.models.rules import Model, validated
from senpolicy.files.models.scalars import Name, Text
from senpolicy.files.models.units import fault
from senpolicy.files.problems import At, Place, PolicyError, Problem, Problems, did_you_mean
from senpolicy.files.source import Node, read
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.places import place_of_row, places_of_values
from senpolicy.policy.timeline import policy

#: Where the golden cases are, below the folder that holds the policy.
FOLDER = "tests/golden"


class Expected(Model):
    """The result of one question: an answer with its figures, or what keeps it from being determined.

    The figures are written beside these keys, each by its name: a text, true or false, or a map for a part of a year.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Text | bool | dict[str, Any]]
    answer: Annotated[Name, Names("answer", of="question")] | None = None
    reading: Annotated[Name, Names("reading")] | None = None
    """The adopted reading by which an open point is answered."""
    missing: list[Annotated[Name, Names("given fact")]] | None = None
    open: list[Annotated[Name, Names("open point")]] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Expected:
        if (self.answer is None) == (self.missing is None and self.open is None):
            for word in self.model_extra or ():
                alike = [key for key in ("answer", "missing", "open") if key[0] == word[0]]
                if help := did_you_mean(word, alike):  # And not the name of a figure.
                    raise fault("unknown-word", f"'{word}' is not a word of this file.", help, at=word)
            raise fault("expected", "This expects both an answer and none, or neither.",
                        "Write an answer, or 'missing' or 'open' with what keeps it undetermined.")  # fmt: skip
        return self


def _written_out(expected: Any) -> Any:
    return {"answer": expected} if isinstance(expected, str) else expected


class GoldenCase(Model):
    """One case, with the paragraph on which its answers rest."""

    name: Text
    paragraph: Text
    """The document's id, and the paragraph in it: report 3.20."""
    case: dict[str, Any]
    expect: dict[Annotated[Name, Names("question")], Annotated[Expected, BeforeValidator(_written_out)]] = Field(
        default={}
    )
    """The result of each question; an answer without figures can be written by its name alone."""
    refused: list[Name] = Field(default=[])
    """The contradictions for which the case is not decided at all."""
    cautions: list[Annotated[Name, Names("caution")]] | None = None
    """The cautions that the answers under `expect` carry, all of them."""
    warnings: list[Annotated[Name, Names("rule about facts")]] | None = None

    @model_validator(mode="after")
    def _expects_something(self) -> GoldenCase:
        if bool(self.expect) == bool(self.refused):
            raise fault("expected", "This case expects both answers and a refusal, or neither.",
                        "Write 'expect' with answers, or 'refused' with the contradictions.")  # fmt: skip
        return self


class GoldenFile(Model):
    """tests/golden/<decision>/*.yaml: cases decided with the policy as it was once that decision had been taken.

    tests/golden/<scenario>/*.yaml: the same, with the assumed values of a scenario laid over it.
    """

    as_of: Annotated[Text, Names("decision")]
    readings: Text
    """Up to which adopted reading: its id, or all, or none."""
    scenario: Annotated[Text, Names("scenario")] | None = None
    include_proposed: bool = False
    """Whether decisions that are only proposed count too, as with --include-proposed."""
    cases: list[GoldenCase]


@dataclass(frozen=True)
class Pinned:
    """A golden case with its file's pins, and its place in the file."""

    golden: GoldenCase
    as_of: str
    readings: str
    place: Place
    scenario: str | None = None
    include_proposed: bool = False
    keys: Mapping[str, Place] = field(default_factory=dict, compare=False)
    """Where each thing that it expects is written: the questions, refused, cautions, warnings."""

    @property
    def id(self) -> str:
        """The folder and file, and the name of the case."""
        return f"{Path(self.place.file).relative_to(FOLDER).with_suffix('')}: {self.golden.name}"


def load(path: Path, name: str) -> list[Pinned]:
    """Return the cases of a file, which messages call `name`; raises `PolicyError` with every problem."""
    return _pinned(*read_golden(path, name))


def load_text(text: str, name: str) -> list[Pinned]:
    """Return the cases of a file's text, which messages call `name`; raises `PolicyError` with every problem."""
    return _pinned(*parsed(text, name))


def _pinned(file: GoldenFile, node: Node) -> list[Pinned]:
    pins = (file.scenario, file.include_proposed)
    found = []
    for number, golden in enumerate(file.cases):
        at: At = ("cases", number)
        keys = {one: node.at((*at, one), key=True) for one in ("refused", "cautions", "warnings")}
        keys |= {one: node.at((*at, "expect", one), key=True) for one in golden.expect}
        found.append(Pinned(golden, file.as_of, file.readings, node.at((*at, "name")), *pins, keys))
    return found


def read_golden(path: Path, name: str) -> tuple[GoldenFile, Node]:
    """Return a file of golden cases and its tree; raises `PolicyError` with every problem."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        from senpolicy.policy.wording import not_utf_8  # Where nothing is wrong it would be read for nothing.

        raise PolicyError([not_utf_8(name, error)]) from None
    return parsed(text, name)


def parsed(text: str, name: str) -> tuple[GoldenFile, Node]:
    """Return what the text of a file of golden cases says, and its tree.

    Raises `PolicyError` with every problem, of which none repeats what may tell who a child is.
    """
    try:
        return _read(text, name)
    except PolicyError as error:
        from senpolicy.files.identifiers import unrepeated  # Where nothing is wrong it would be read for nothing.

        raise PolicyError(unrepeated(error.problems, text, frozenset())) from None


def _read(text: str, name: str) -> tuple[GoldenFile, Node]:
    problems = Problems()
    node = read(text, name, problems)
    if node is None or node.kind != "map":
        raise PolicyError([*problems, no_map(name, node)])
    try:
        file = validated(GoldenFile, node)
    except ValidationError as error:
        raise PolicyError([*problems, *problems_of(error, node, GoldenFile)]) from None
    problems.stop_on_errors()
    return file, node


def every(root: Path) -> list[Pinned]:
    """Return every golden case below `root`, by file and in the order of the file; none where there is no such folder.

    Raises `PolicyError` with every problem of all files.
    """
    return in_folder(root / FOLDER, root)


def in_folder(folder: Path, root: Path) -> list[Pinned]:
    """Return every golden case of a folder, by file and in the order of the file; messages call files as below `root`.

    Raises `PolicyError` with every problem of all files.
    """
    found: list[Pinned] = []
    problems = Problems()
    for path in sorted(folder.rglob("*.yaml")):
        try:
            found += load(path, path.relative_to(root).as_posix())
        except PolicyError as error:
            problems.found += error.problems
    problems.stop_on_errors()
    return found


def deciders(corpus: Corpus) -> Callable[[Pinned], Decider]:
    """Return a function that gives the decider of a golden case, by all that its file pins; each is made once.

    The function raises `WrongUse` for a decision, reading or scenario that the policy does not know, and for a decision
    that is only proposed where the file does not include proposals.
    """

    @cache
    def made(as_of: str, readings: str, scenario: str | None, include_proposed: bool) -> Decider:
        return Decider(
            policy(corpus, as_of=as_of, readings=readings, scenario=scenario, include_proposed=include_proposed)
        )

    return lambda pinned: made(pinned.as_of, pinned.readings, pinned.scenario, pinned.include_proposed)


class Difference(NamedTuple):
    """What of a golden case comes out otherwise: a question, or refused, cautions, warnings; expected, and found."""

    what: str
    wanted: PlainData
    found: PlainData
    why: str = ""
    """The reason of what was found, with its paragraph; "" where there is none."""
    places: tuple[str, ...] = ()
    """Where the rows are written that gave what was found, and the values that they name."""

    def __str__(self) -> str:
        return f"{self.what}: expected {_words(self.wanted)}; found {_words(self.found)}"


def differences(golden: GoldenCase, by: Decider) -> list[str]:
    """Return in words everything in which the engine differs from what a golden case expects."""
    return [str(one) for one in differing(golden, by)]


def differing(golden: GoldenCase, by: Decider) -> list[Difference]:
    """Return everything in which the engine differs from what a golden case expects."""
    result = decided(golden, by)
    if not isinstance(result, Decision):
        found = sorted(problem.code for problem in result.problems)
        said = " ".join(problem.message for problem in result.problems)
        return [] if found == sorted(golden.refused) else [Difference("refused", golden.refused, found, said)]
    if golden.refused:
        return [Difference("refused", golden.refused, "that it was decided")]
    answers = result.plain_answers()
    pairs: list[Difference] = []
    for question, expected in golden.expect.items():
        held = answers.get(question)
        reasons = result.answers[question].because if held else ()
        why = " ".join(filter(None, (_reason(one.to_json(by.policy)) for one in reasons)))
        wanted, given = expected.model_dump(exclude_none=True), found_in(held) if held else None
        places = tuple(place for one in reasons for place in _places(result, one)) if wanted != given else ()
        pairs.append(Difference(question, wanted, given, why, places))
    if golden.cautions is not None:
        carried = [one.id for question in golden.expect for one in result.answers[question].cautions]
        pairs.append(Difference("cautions", sorted(golden.cautions), sorted(carried)))
    if golden.warnings is not None:
        codes = sorted(one.code for one in result.case.warnings)
        pairs.append(Difference("warnings", sorted(golden.warnings), codes))
    return [one for one in pairs if one.wanted != one.found]


def _places(decision: Decision, reason: Reason) -> Iterator[str]:
    """Yield where a row is written, and each value that it names."""
    corpus, question = decision.policy.corpus, decision.period.questions[reason.outcome.question]
    row = reason.outcome.id, question.version
    yield str(place_of_row(corpus, *row))
    for name, place in places_of_values(corpus, *row).items():
        yield f"{place} ('{name}')"


def _reason(reason: Mapping[str, PlainData]) -> str:
    """Return why an answer was found, with the paragraph: "The fine is owed (byelaws 4)."; else by which row."""
    rule, document, paragraph = (str(reason.get(key) or "") for key in ("rule", "document", "paragraph"))
    says = str(reason.get("says") or (rule and f"row {rule}")).removesuffix(".")
    return f"{says} ({document} {paragraph})." if says else ""


def problems(pinned: Pinned, by: Decider) -> list[Problem]:
    """Return a problem for each thing that comes out otherwise than a golden case expects, on its line."""
    found = []
    for one in differing(pinned.golden, by):
        case, paragraph = pinned.golden.case.get("case_ref"), pinned.golden.paragraph
        said = f"'{one.what}' of {case} should be {_words(one.wanted)} by {paragraph}, and is {_words(one.found)}."
        why = f"The rules say: {one.why} " if one.why else ""
        why += f"They are at {', '.join(one.places)}. " if one.places else ""
        help = f"{why}Where the rule is wrong, mend it; where the case is, change it, and say why in the pull request."
        found.append(Problem(pinned.keys.get(one.what, pinned.place), "golden-differs", said, help))
    return found


def lacking(corpus: Corpus, cases: Sequence[Pinned]) -> Iterator[Problem]:
    """Yield as a warning each decision of the order, answer and open point of a rule that no golden case expects."""
    for number in sorted({*corpus.order} - {one.as_of for one in cases}, key=corpus.rank):
        place = corpus.place(corpus.file_of(number, "decision.yaml"), "number")
        said = f"No golden case is decided as of '{number}'."
        help = f"Add {FOLDER}/{number.replace('/', '-')}/, with a case on each side of what it changes."
        yield Problem(place, "golden-lacks", said, help, warning=True)
    expected: dict[str, set[str]] = {}
    for pinned in cases:
        for question, one in pinned.golden.expect.items():
            expected.setdefault(question, set()).update(name for name in (one.answer, *(one.open or [])) if name)
    for question, names in expected.items():
        rule = corpus.questions.get(question)
        rows = [row.answer for version in rule.versions for row in version.answers] if rule else []
        under = [one for scenario in corpus.scenarios.values() for one in scenario.settles if one.question == question]
        for answer in dict.fromkeys([*rows, *(row.answer for one in under for row in one.rows)]):
            if answer not in names:
                place = corpus.place(f"rules/{question}.yaml", "answers", answer, key=True)
                said = f"No golden case expects the answer '{answer}' of '{question}'."
                yield Problem(place, "golden-lacks", said, "Add a case that the paragraph answers so.", warning=True)
        for point in dict.fromkeys(row.point for version in rule.versions for row in version.open) if rule else ():
            if point not in names and point in corpus.open_points:
                file = corpus.file_of(corpus.open_points[point][0], "open-points.yaml")
                said = f"No golden case expects '{question}' to be left open by '{point}'."
                help = "Add a case that the point leaves open."
                yield Problem(
                    corpus.place(file, "open_points", point, key=True), "golden-lacks", said, help, warning=True
                )


def _words(value: PlainData) -> str:
    """Return what a golden case expects, or what was found: "owed, to_pay 2.50"; the answer comes first."""
    if isinstance(value, Mapping):
        first = [str(value["answer"])] if "answer" in value else []
        return ", ".join([*first, *(f"{key} {_words(value[key])}" for key in sorted(value) if key != "answer")])
    if isinstance(value, list):
        return " and ".join(map(str, value)) or "none"
    return "nothing" if value is None else str(value)


def decided(golden: GoldenCase, by: Decider) -> Decision | NotIssued | Refused:
    """Return what becomes of a golden case, read as `senpolicy decide` would read it from a file."""
    (case,) = read_text(json.dumps([golden.case]), "golden.json", by.policy)
    return by.decide(case) if isinstance(case, Case) else case


def found_in(answer: Mapping[str, Any]) -> dict[str, PlainData]:
    """Return an answer of a decision in the words of a golden file."""
    aside = ("because", "cautions", "answer", "missing_facts", "open_points")
    found: dict[str, PlainData] = {name: value for name, value in answer.items() if name not in aside}
    for name, value in found.items():
        if isinstance(value, dict):  # A part of a year; a golden file gives every figure as text.
            found[name] = {part: str(one) for part, one in value.items()}
    for word, name in (("missing", "missing_facts"), ("open", "open_points")):
        if name in answer:
            found[word] = answer[name]
    if answer["answer"] != "undetermined":
        (reason,) = answer["because"]
        found |= {"answer": answer["answer"]} | ({"reading": reason["reading"]} if "reading" in reason else {})
    return found


def explained(golden: GoldenCase, by: Decider) -> str:
    """Return the explanation of a golden case as text."""
    return "\n".join(text for _, text in lines(decided(golden, by)))
