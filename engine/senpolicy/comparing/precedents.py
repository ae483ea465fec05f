"""Precedents of a moderation board, held against another version of the policy: which would it overturn?

A precedent is a case that the board put at another level than the policy alone would have, with its reason. A version
of the policy overturns it where the same case at the level of the board gets other answers, or is no longer
decided. Whether the version by itself now leads to the board's level is said beside it: then the policy follows the
precedent, and the reason has found its way into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from senpolicy.comparing.issued import ASIDE
from senpolicy.deciding.cases import Case, Refused, read_row
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.deciding.text import Line, title
from senpolicy.files.digests import PlainData
from senpolicy.files.models.rules import Source
from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import say_date, say_value

FORMAT, VERSION = "senpolicy precedents", "1"
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Precedent:
    """A changed decision: the facts as the case gave them, the fact that the board changed, and why.

    `answers` are those of the case as changed, by the policy of its time, as plain data without reasons; `cautions` the
    ids of what goes with each, by question, which does not say whether it is overturned. `by` and `approved_by` are
    roles.
    """

    id: str
    day: date
    facts: Mapping[str, str]
    fact: str
    was: str | None
    now: str
    reason: str
    document: str
    paragraph: str
    by: str
    approved_by: str
    answers: Mapping[str, Any]
    policy: Mapping[str, Any]
    cautions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, PlainData]:
        """Return the precedent as plain data, as a file has it."""
        return {
            "id": self.id,
            "decision_date": self.day.isoformat(),
            "facts": dict(self.facts),
            "changed": {"fact": self.fact, "from": self.was, "to": self.now},
            "because": self.reason,
            "document": self.document,
            "paragraph": self.paragraph,
            "by": self.by,
            "approved_by": self.approved_by,
            "answers": dict(self.answers),
            "cautions": {name: list(ids) for name, ids in self.cautions.items()},
            "policy": dict(self.policy),
        }

    def cells(self, changed: bool = True) -> dict[str, str]:
        """Return the fields of its case, with the board's change or as it came."""
        cells = {"case_ref": "PR-1", "decision_date": self.day.isoformat(), **self.facts}
        return cells | {self.fact: self.now} if changed else cells


@dataclass(frozen=True)
class Held:
    """A precedent under another version: the answers that would be others (as decided, as they would be).

    `refused` says why the version does not decide the case at all; `follows` that by itself it leads to the board's
    level (None where the case does not say enough); `before` that the base differs from the precedent already.
    `was` and `now` are the values before and after the board's change in words, `paper` the title of the document on
    which it rests, and `grounds` where the version has each of its other answers from, in words.
    """

    precedent: Precedent
    changed: Mapping[str, tuple[Any, Any]]
    refused: str = ""
    follows: bool | None = None
    before: bool = False
    was: str = ""
    now: str = ""
    paper: str = ""
    grounds: Mapping[str, str] = field(default_factory=dict)

    @property
    def overturned(self) -> bool:
        """Whether the version would overturn it."""
        return bool(self.changed or self.refused)

    def to_json(self) -> dict[str, PlainData]:
        """Return what becomes of the precedent as plain data."""
        one = self.precedent
        data: dict[str, PlainData] = {
            "id": one.id,
            "overturned": self.overturned,
            "decision_date": one.day.isoformat(),
            "changed_by_the_board": {"fact": one.fact, "from": one.was, "to": one.now},
            "changed": {name: {"decided": was, "would_be": now} for name, (was, now) in self.changed.items()},
            "because": one.reason,
            "document": one.document,
            "paragraph": one.paragraph,
            "follows": self.follows,
            "under_the_base_already": self.before,
        }
        return data | ({"refused": self.refused} if self.refused else {})


def as_file(precedents: Sequence[Precedent]) -> str:
    """Return precedents as the text of a file."""
    data = {"format": FORMAT, "version": VERSION, "precedents": [one.to_json() for one in precedents]}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def read(file: Path) -> list[Precedent]:
    """Return the precedents of a file; raises `PolicyError` where it is none. Messages never hold a value."""
    place, help = Place(file.name), "Give the file that 'senpolicy board precedents' wrote."
    try:
        content = file.read_bytes()
    except OSError:
        said = "This file is not there, or cannot be read."
        raise PolicyError([Problem(place, "no-file", said, "Check its name.")]) from None
    try:
        data = json.loads(content[: MOST_BYTES + 1].decode("utf-8-sig"), parse_float=str)
        if data["format"] != FORMAT or data["version"] != VERSION:
            raise ValueError("another format")
        listed = list(data["precedents"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise PolicyError([Problem(place, "not-precedents", "This is not a file of precedents.", help)]) from None
    found, problems = [], []
    for number, one in enumerate(listed, 1):
        try:
            found.append(_read_one(one))
        except (KeyError, TypeError, ValueError, AttributeError):
            problems.append(Problem(place, "not-precedents", "This is not a precedent.", help, row=number))
    if problems:
        raise PolicyError(problems)
    return found


def _read_one(one: Mapping[str, Any]) -> Precedent:
    changed, texts = one["changed"], ("id", "because", "document", "paragraph", "by", "approved_by")
    if not all(isinstance(one[name], str) for name in texts) or not isinstance(changed["to"], str):
        raise TypeError("a text is missing")
    name, reason, document, paragraph, by, approved_by = (str(one[text]) for text in texts)
    facts = {str(name): str(value) for name, value in one["facts"].items()}
    return Precedent(
        name, date.fromisoformat(one["decision_date"]), facts, str(changed["fact"]), changed["from"], changed["to"],
        reason, document, paragraph, by, approved_by, dict(one["answers"]), dict(one["policy"]),
        {str(name): [str(caution) for caution in ids] for name, ids in one.get("cautions", {}).items()},
    )  # fmt: skip


def answers_of(decider: Decider, precedent: Precedent) -> dict[str, dict[str, PlainData]] | Refused:
    """Return the answers of a precedent's case as changed, without reasons; or why it is not decided."""
    decision = _decision(decider, precedent)
    return decision if isinstance(decision, Refused) else _bare(decision)


def _decision(decider: Decider, precedent: Precedent) -> Decision | Refused:
    case = read_row(precedent.cells().items(), 1, "precedent", decider.policy)
    if isinstance(case, Refused):
        return case
    decision = decider.decide(case)
    if not isinstance(decision, Decision):
        problem = Problem(Place(""), "not-issued", "No decision is issued.", "Report it.")
        return Refused(None, (problem,), 1)
    return decision


def _bare(decision: Decision) -> dict[str, dict[str, PlainData]]:
    return {
        question: {name: value for name, value in answer.items() if name not in ASIDE}
        for question, answer in decision.plain_answers().items()
    }


def hold(precedents: Sequence[Precedent], base: Decider, head: Decider) -> list[Held]:
    """Return what becomes of each precedent under the head."""
    return [_held(one, base, head) for one in precedents]


def _held(one: Precedent, base: Decider, head: Decider) -> Held:
    before, decision = answers_of(base, one) != one.answers, _decision(head, one)
    kind = head.policy.types.get(one.fact) or base.policy.types.get(one.fact)
    was, now = (say_value(value, kind) if kind else str(value) for value in (one.was, one.now))
    paper = _paper(one.document, base.policy, head.policy)
    if isinstance(decision, Refused):
        said = "; ".join(problem.message for problem in decision.problems)
        return Held(one, {}, said, None, before, was, now, paper)
    found = _bare(decision)
    names = dict.fromkeys([*one.answers, *found])
    changed = {
        name: (one.answers.get(name), found.get(name)) for name in names if one.answers.get(name) != found.get(name)
    }
    alone = read_row(one.cells(changed=False).items(), 1, "precedent", head.policy)
    level = alone.facts.get(one.fact) if isinstance(alone, Case) else None
    follows = None if level is None else level == one.now
    grounds = {
        name: "; ".join(dict.fromkeys(_place(reason.outcome.source, head.policy) for reason in answer.because))
        for name, answer in decision.answers.items()
        if name in changed and answer.because
    }
    return Held(one, changed, "", follows, before, was, now, paper, grounds)


def _paper(document: str, *policies: Policy) -> str:
    """Return the title of a document of the first policy that knows it, its id where none does."""
    known = (policy.corpus.documents.get(document) for policy in policies)
    return next((one.title for one in known if one), document)


def _place(source: Source, policy: Policy) -> str:
    return f"{_paper(source.document, policy)}, {source.paragraph}"


def lines(held: Sequence[Held]) -> Iterator[Line]:
    """Yield what becomes of the precedents as lines, those that would be overturned first."""
    overturned = [one for one in held if one.overturned]
    if not held:
        yield "", "The file contains no precedents."
        return
    if not overturned:
        yield "green", f"All {len(held)} precedents are upheld." if len(held) > 1 else "The precedent is upheld."
    else:
        yield "yellow", f"{len(overturned)} of {len(held)} precedents would be overturned."
    for one in overturned:
        precedent = one.precedent
        yield "", ""
        yield "bold", f"Precedent {precedent.id}, decided for {say_date(precedent.day)}"
        yield "", f"  The board changed: {one.was} to {one.now}"
        yield "", f"  Its reason: {precedent.reason}"
        yield "", f"  It rests on: {one.paper}, {precedent.paragraph}"
        yield "", f"  Changed by: {precedent.by}, approved by {precedent.approved_by or 'nobody'}"
        if one.before:
            yield "", "  The base overturns it already."
        if one.refused:
            yield "red", f"  The head no longer decides it: {one.refused}"
        for name, (decided, would) in one.changed.items():
            yield "yellow", f"  * {title(name)}"
            yield "", f"      was decided:    {_said(decided)}"
            yield "yellow", f"      the head gives: {_said(would)}"
            if one.grounds.get(name):
                yield "", f"      because of:     {one.grounds[name]}"
        stay = [title(name) for name in precedent.answers if name not in one.changed]
        if stay and not one.refused:
            yield "dim", f"  As decided: {', '.join(stay)}"
    follow = sum(one.follows is True for one in held)
    if follow:
        yield "", ""
        yield "", f"{follow} of them the head leads to by itself: their reasons have found their way into the policy."


def _said(answer: Mapping[str, Any] | None) -> str:
    if not answer:
        return "no answer"
    words = str(answer.get("answer", "")).replace("_", " ")
    waits = [*answer.get("missing_facts", ()), *answer.get("open_points", ())]
    figures = [f"{name.replace('_', ' ')} {value}" for name, value in answer.items()
               if name not in ("answer", "missing_facts", "open_points") and not isinstance(value, dict)]  # fmt: skip
    return ", ".join([f"{words}: {', '.join(waits)}" if waits else words, *figures])
