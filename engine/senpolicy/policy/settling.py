"""What is settled of the open points on a day: by a decision from its day on, until then by an adopted reading."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from senpolicy.files.models.rules import Reading, Settlement, Source
from senpolicy.policy.corpus import Corpus

#: What a decision settles, after the number of the decision.
Settled = tuple[str, Settlement]


class SettledAnswer(TypedDict, total=False):
    """What an outcome becomes (`timeline.Outcome`) where its open point is answered."""

    answer: str
    reading: str
    decision: str
    source: Source
    says: str
    settled: str


@dataclass(frozen=True)
class PointsOnADay:
    """How the open points are settled on a day.

    `read` have an adopted reading that counts, `settled` are settled wholly by a decision; `answers` is what an open
    row becomes, by its point and its question.
    """

    read: frozenset[str]
    settled: frozenset[str]
    answers: Mapping[tuple[str, str], SettledAnswer]

    def leave_open(self, point: str, question: str) -> bool:
        """Return whether the point still leaves cases of a question open, as far as decisions and readings go."""
        return point not in self.settled and (point, question) not in self.answers


def settlements(corpus: Corpus, counted: Collection[str] | None = None) -> list[Settled]:
    """Return what the decisions that are `counted` settle (None: each that counts, no proposal), in order of time.

    Of what is settled from one day the later decision's is last.
    """
    numbers = [one for one in (*corpus.beside, *corpus.order) if one in corpus.decisions]
    if counted is None:
        counted = [one for one in numbers if corpus.decisions[one].counts()]
    found = [(one, settles) for one in numbers if one in counted for settles in corpus.decisions[one].settles]
    return sorted(found, key=lambda settled: settled[1].start)


def points_on(day: date, settled: Collection[Settled], corpus: Corpus, adopted: Collection[Reading]) -> PointsOnADay:
    """Return how the open points are settled on a day, with the readings that are `adopted`.

    A reading ends on the day from which a decision settles its point wholly, unless the decision confirms it: then it
    counts by the decision's word, adopted or not.
    """
    now = [one for one in settled if one[1].start <= day]
    wholly = frozenset(one.point for _, one in now if one.leaves is None)
    confirmed = {name: (number, one) for number, one in now for name in one.by}
    answers: dict[tuple[str, str], SettledAnswer] = {}
    read = {one.point for one in adopted if one.point not in wholly}
    for reading in corpus.readings:
        if reading.id in confirmed or (reading in adopted and reading.point in read):
            read.add(reading.point)
            for question, answer in reading.answers.items():
                answers[reading.point, question] = {"answer": answer, "reading": reading.id}
                if reading.id in confirmed:
                    answers[reading.point, question] |= _word(*confirmed[reading.id])
    for number, one in now:
        for question, answer in one.answers.items():
            answers[one.point, question] = {"answer": answer, **_word(number, one)}
    return PointsOnADay(frozenset(read), wholly, answers)


def _word(number: str, one: Settlement) -> SettledAnswer:
    """Return what an outcome says of the decision by whose word it is settled."""
    said: SettledAnswer = {"decision": number, "settled": number}
    return said | ({"source": one.source} if one.source else {}) | ({"says": one.says} if one.says else {})
