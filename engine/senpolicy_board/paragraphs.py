"""On which paragraphs a decision of the board may rest: a list of the policy's own, of which one is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from senpolicy.deciding.text import title
from senpolicy_board.policies import Policies
from senpolicy_board.tables import BoardCase

#: Between a document and a paragraph in what a form sends.
BETWEEN = "/"


@dataclass(frozen=True)
class Paragraphs:
    """Paragraphs of one part of the policy's list: what they are of, and of each what a form sends, and words."""

    of: str
    several: list[tuple[str, str]]


def listed(day: date | None, policies: Policies) -> list[Paragraphs]:
    """Return on what a change of level may rest: the day's descriptors, and each paragraph that a rule cites."""
    found = list(_descriptors(day, policies))
    cited: dict[str, dict[str, str]] = {}
    questions = policies.policy.on(day).questions.values() if day else ()
    for one in (outcome for question in questions for outcome in question.outcomes):
        said = one.says or title(one.question)
        cited.setdefault(one.source.document, {}).setdefault(one.source.paragraph, said)
    for document, places in cited.items():
        several = [(f"{document}{BETWEEN}{place}", _short(f"{place}: {said}")) for place, said in places.items()]
        found.append(Paragraphs(policies.document(document), several))
    return found


def _descriptors(day: date | None, policies: Policies) -> Iterator[Paragraphs]:
    edition = policies.edition_on(day)
    if edition is None:
        return
    document = edition.source.document
    yield Paragraphs(
        edition.title,
        [(f"{document}{BETWEEN}{edition.source.paragraph}", _short(f"{edition.source.paragraph}: the whole edition"))],
    )
    labels = {level.id: level.label for level in edition.levels}
    for area in edition.areas:
        several = [
            (f"{document}{BETWEEN}{one.id}", _short(f"{labels.get(one.level, one.level)}, {one.id}: {one.says}"))
            for one in edition.statements if one.area == area.id
        ]  # fmt: skip
        if several:
            yield Paragraphs(f"{edition.title}: {area.label}", several)


def _short(said: str) -> str:
    return said if len(said) <= 110 else f"{said[:109].rsplit(' ', 1)[0]} …"


def place_in(sent: str, day: date | None, policies: Policies) -> tuple[str, str] | None:
    """Return the document and the paragraph that a form sends, None where the policy's list does not have them."""
    if not any(sent == value for part in listed(day, policies) for value, _ in part.several):
        return None
    document, _, place = sent.partition(BETWEEN)
    return document, place


def other_level(sent: str, to: str, case: BoardCase, policies: Policies) -> str:
    """Return the level of the descriptor that a form sends, in words, where it is another than `to`; else ""."""
    edition, (document, _, place) = policies.edition_on(case.decision_date), sent.partition(BETWEEN)
    statements = edition.statements if edition and edition.source.document == document else ()
    level = next((one.level for one in statements if one.id == place), to)
    return policies.level_label(level, case.decision_date) if level != to else ""
