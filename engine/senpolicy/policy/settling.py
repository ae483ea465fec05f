"""What is settled of the open points on a day: by a decision from its day on, until then by an adopted reading."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from senpolicy.files.models.rules import Reading, Settlement
from senpolicy.policy.corpus import Corpus

#: What a decision settles, after the number of the decision.
Settled = tuple[str, Settlement]
#: The answer to an open row, the id of the reading that gives it, and the decision by whose word it is (None: none).
GivenAnswer = tuple[str, str | None, Settled | None]


@dataclass(frozen=True)
class PointsOnADay:
    """How the open points are settled on a day.

    `read` have an adopted reading that counts, `settled` are settled wholly by a decision; `answers` are those of
    open rows, by point and question; `words` are all answers by which a point is settled or read, by a row's too.
    """

    read: frozenset[str]
    settled: frozenset[str]
    answers: Mapping[tuple[str, str], GivenAnswer]
    words: frozenset[tuple[str, str]]


def settlements(corpus: Corpus, counted: Collection[str] | None = None) -> tuple[Settled, ...]:
    """Return what the decisions that are `counted` settle (None: each that counts, no proposal), in order of time.

    Of what is settled from one day the later decision's is last.
    """
    numbers = [one for one in (*corpus.beside, *corpus.order) if one in corpus.decisions]
    if counted is None:
        counted = [one for one in numbers if corpus.decisions[one].counts()]
    found = [(one, settles) for one in numbers if one in counted for settles in corpus.decisions[one].settles]
    return tuple(sorted(found, key=lambda settled: settled[1].start))


def points_on(day: date, settled: Collection[Settled], corpus: Corpus, adopted: Collection[Reading]) -> PointsOnADay:
    """Return how the open points are settled on a day, with the readings that are `adopted`.

    A reading ends on the day from which a decision settles its point wholly, unless the decision confirms it: then it
    counts by the decision's word, adopted or not, until a later one settles the point wholly without it.
    """
    now = [one for one in settled if one[1].start <= day]
    wholly = frozenset(one.point for _, one in now if one.leaves is None)
    confirmed: dict[str, Settled] = {}
    for one in now:
        ended = one[1].point if one[1].leaves is None else None
        confirmed = {name: before for name, before in confirmed.items() if before[1].point != ended}
        confirmed |= dict.fromkeys(one[1].by, one)
    answers: dict[tuple[str, str], GivenAnswer] = {}
    read = {one.point for one in adopted if one.point not in wholly}
    for reading in corpus.readings:
        if reading.id in confirmed or (reading.point in read and reading in adopted):
            read.add(reading.point)
            for question, answer in reading.answers.items():
                answers[reading.point, question] = (answer, reading.id, confirmed.get(reading.id))
    for one in now:
        answers |= {(one[1].point, question): (answer, None, one) for question, answer in one[1].answers.items()}
    words = {(point, answer[0]) for (point, _), answer in answers.items()}
    rows = [(f"{question}/{row.id}", version.decision, row.answer) for question, rule in corpus.questions.items()
            for version in rule.versions for row in version.answers] if now else []  # fmt: skip
    words |= {(one.point, answer) for by, one in now for name, of, answer in rows if name in one.by and of == by}
    return PointsOnADay(frozenset(read), wholly, answers, frozenset(words))
