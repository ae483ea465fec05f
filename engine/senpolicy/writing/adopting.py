"""Adopting a reading of an open point: a line more in policy/readings.yaml, by a role, with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from senpolicy.checking import roles
from senpolicy.files.models.rules import OpenPoint
from senpolicy.files.problems import WrongUse, did_you_mean, listed
from senpolicy.policy.corpus import Corpus
from senpolicy.writing.lines import Flow, Lines

FILE = "policy/readings.yaml"


@dataclass(frozen=True)
class Adoption:
    """What is asked of a reading. `answer` is one that the point allows, `says` how the words are read, if not so."""

    point: str
    answer: str
    by: str
    because: str
    day: date
    id: str | None = None
    says: str | None = None


def adopt(corpus: Corpus, new: Adoption, today: date) -> dict[str, str]:
    """Return the texts with which a reading is adopted: the readings with one more, and the point as read.

    Raises `WrongUse` for a point that is not known or is a note, an answer that it does not allow, a day after `today`
    or before the last adoption, and for who is not a role.
    """
    if new.point not in corpus.open_points:
        help = did_you_mean(new.point, corpus.open_points) or "'senpolicy open-points' lists them."
        raise WrongUse(f"'{new.point}' is not an open point of this policy. {help}")
    number, point = corpus.open_points[new.point]
    if point.state == "note":
        raise WrongUse(f"'{new.point}' is a note: it blocks no answer, so there is nothing to adopt.")
    if earlier := next((one for one in corpus.readings if one.point == new.point), None):
        raise WrongUse(f"'{new.point}' is read already, by '{earlier.id}'. Change or withdraw that one by hand.")
    role(corpus, new.by)
    if new.day > today:
        raise WrongUse(f"{new.day} is yet to come. Give the day on which the reading was adopted.")
    last = max((one.adopted_on for one in corpus.readings), default=date.min)
    if new.day < last:
        raise WrongUse(f"The last reading was adopted on {last}, and they are kept in order. Give that day or later.")
    answers = allowed(new.point, point, new.answer)
    words = new.says or (_answer_in_words(corpus, answers) if answers else new.answer)
    prefix = re.match(r"[A-Z]+\d*", new.point)
    name = new.id or f"{prefix.group() if prefix else new.point}-{_slug(next(iter(answers.values()), words))}"
    if any(one.id == name for one in corpus.readings):
        raise WrongUse(f"'{name}' is the id of a reading already. Give another one with --id.")
    said: dict[str, Any] = {
        "id": name,
        "point": new.point,
        "adopted_on": new.day,
        "by": new.by,
        "says": words,
        "because": new.because,
        "answers": Flow(answers) if answers else None,
    }
    readings = _lines(corpus, FILE)
    readings.add(("readings",), said)
    texts = {FILE: str(readings)}
    if point.state == "open":
        file = corpus.file_of(number, "open-points.yaml")
        points = _lines(corpus, file)
        node = points.find("open_points", new.point, "state")
        if node is not None:
            line = points.lines[node.place.line - 1]
            column = node.place.column - 1
            changed = line[:column] + line[column:].replace("open", "read", 1)
            points.replace(node.place.line - 1, node.place.line, [changed])
            texts[file] = str(points)
    return texts


def role(corpus: Corpus, by: str) -> None:
    """Raise `WrongUse` for who is not a role: a person's name has no place in the policy."""
    if found := roles.fault_of(by, corpus.files.get(roles.FILE)):
        raise WrongUse(" ".join(found))


def allowed(name: str, point: OpenPoint, answer: str) -> Mapping[str, str]:
    """Return the answer by question, none for one in words; raises `WrongUse` where the point does not allow it.

    `answer` is an answer by itself, "question=answer", several of these with commas between, or one of the readings in
    words that the point lists.
    """
    if answer in point.allows_text:
        return {}
    found: dict[str, str] = {}
    for part in answer.split(","):
        question, given, word = part.strip().rpartition("=")
        fits = [one for one, answers in point.allows.items() if word in answers and (not given or one == question)]
        if len(fits) > 1:
            raise WrongUse(f"'{word}' answers several questions. Write which: {fits[0]}={word}")
        if not fits:
            choices = [word for answers in point.allows.values() for word in answers]
            near = did_you_mean(word, choices) if choices else ""
            listing = listed([*(f"{one}={word}" for one, words in point.allows.items() for word in words),
                              *point.allows_text])  # fmt: skip
            raise WrongUse(f"'{answer}' is not an answer that '{name}' would allow: {listing}. {near}".strip())
        found[fits[0]] = word
    return found


def _answer_in_words(corpus: Corpus, answers: Mapping[str, str]) -> str:
    return " ".join(corpus.questions[question].answers.get(word) or word for question, word in answers.items())


def _slug(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "-".join(words[:5])


def _lines(corpus: Corpus, file: str) -> Lines:
    return Lines((corpus.root / file).read_bytes().decode("utf-8-sig"), file)
