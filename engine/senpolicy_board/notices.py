"""The plain decision notice for school and parent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from senpolicy.deciding.answers import Answer
from senpolicy.deciding.decide import UNDETERMINED, Decision
from senpolicy.deciding.text import say_figures
from senpolicy.files.models.rules import Source
from senpolicy.policy.timeline import Policy
from senpolicy_board.casepage import CaseView, OpenPointView, open_view
from senpolicy_board.halts import for_notice
from senpolicy_board.policies import Policies
from senpolicy_board.tables import BoardCase

NOT_APPLICABLE = "not_applicable"
#: A paragraph by its number, 3.20 or 19c; another stands under a heading.
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)*[a-z]?")


@dataclass(frozen=True)
class ExplainedAnswer:
    """A question as the policy asks it, the answer in its plain words with its figures, and why."""

    asks: str
    says: str
    why: list[str]


@dataclass(frozen=True)
class Waits:
    """A question that has no answer yet: the facts that are missing, and what the papers leave open."""

    asks: str
    missing: list[str]
    open: list[OpenPointView]


@dataclass(frozen=True)
class CitedDocument:
    """A document on which a decision rests, where a person finds it, and the places in it."""

    title: str
    address: str
    places: list[str]


@dataclass(frozen=True)
class Notice:
    """What a notice says: what was decided, why, what it rests on, what is open, and what is held on disputes.

    `board` and `reason` are "" where the board has not decided; `rests` is on what a change of the board rests. `words`
    are short forms that the notice uses, each with what it stands for.
    """

    board: str
    reason: str
    rests: str
    decided: list[ExplainedAnswer]
    papers: list[CitedDocument]
    waits: list[Waits]
    cautions: list[str]
    disputes: OpenPointView | None
    words: list[tuple[str, str]]


def notice(case: BoardCase, result: Decision, found: CaseView, policies: Policies) -> Notice:
    """Return the notice of a case, in the plain words of the policy's own files.

    The board's own decision stands in it only once it stands.
    """
    policy = result.policy
    board, reason, rests = _board(case, policies)
    answers = [(answer, result.answers[answer.name]) for answer in found.answers]
    told = [(view, made) for view, made in answers if made.answer not in (UNDETERMINED, NOT_APPLICABLE)]
    decided = [
        ExplainedAnswer(_asks(view.name, policy), _says(made, policy), [why.says for why in view.why])
        for view, made in told
    ]
    waits = [
        Waits(_asks(view.name, policy), view.missing, view.open) for view, _ in answers if view.state == "undetermined"
    ]
    named = policy.corpus.board.disputes if policy.corpus.board else ""
    disputes = open_view(named, "", policy) if named in policy.corpus.open_points else None
    cautions = list(dict.fromkeys(says for view, _ in answers for says, _ in view.cautions))
    sources = [reason.outcome.source for _, made in told for reason in made.because]
    made_of = [
        board,
        *(word for one in decided for word in (one.asks, one.says, *one.why)),
        *cautions,
        *(word for one in waits for word in (one.asks, *one.missing)),
        *(one.says for one in found.open),
    ]
    return Notice(
        board, reason, rests, decided, _papers(sources, policy), waits, cautions, disputes,
        _short_forms(" ".join(made_of), policy),
    )  # fmt: skip


def _board(case: BoardCase, policies: Policies) -> tuple[str, str, str]:
    """Return what the board decided, its reason, and on what a change rests; "" for what is not there."""
    outcome = case.standing
    if outcome is None or not outcome.content:
        return for_notice(case, policies) if outcome is None else ("", "", "")
    content = outcome.content
    level, reason = policies.level_label(content["to"], case.decision_date), content.get("reason") or ""
    if outcome.kind != "changed":
        return f"The moderation board looked at this case and agreed with its level: {level}.", reason, ""
    before = policies.level_label(case.level, case.decision_date)
    said = f"The moderation board changed the level to {level}. Before, it was {before}."
    return said, reason, f"{policies.document(content['document'])}, {content['paragraph']}"


def _asks(question: str, policy: Policy) -> str:
    return policy.corpus.questions[question].asks


def _says(answer: Answer, policy: Policy) -> str:
    """Return an answer in the plain words of its question's file, its figures first."""
    scenario = policy.scenario.answers.get(answer.question, {}) if policy.scenario else {}
    words = {**policy.corpus.questions[answer.question].answers, **scenario}[answer.answer]
    figures = say_figures(answer.gives)
    return f"{figures[:1].upper()}{figures[1:]}. {words}" if figures else words


def _papers(sources: Iterable[Source], policy: Policy) -> list[CitedDocument]:
    places: dict[str, set[str]] = {}
    for one in sources:
        places.setdefault(one.document, set()).add(one.paragraph)
    found = []
    for name, paragraphs in places.items():
        document = policy.corpus.documents.get(name)
        address = (document.address or "") if document else ""
        numbers = sorted((one for one in paragraphs if _NUMBER.fullmatch(one)), key=_as_numbers)
        told = [f"paragraph{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"] if numbers else []
        told += [f"“{one}”" for one in sorted(paragraphs) if not _NUMBER.fullmatch(one)]
        found.append(CitedDocument(document.title if document else name, address, told))
    return found


def _as_numbers(paragraph: str) -> list[int]:
    return [int(part) for part in re.findall(r"[0-9]+", paragraph)]


def _short_forms(said: str, policy: Policy) -> list[tuple[str, str]]:
    """Return the short forms in a text that the words of the facts explain: "an education, ... plan (EHCP)"."""
    told: dict[str, str] = {}
    for fact in policy.corpus.facts.facts.values():
        for words in fact.values.values() if isinstance(fact.values, dict) else ():
            if explained := re.fullmatch(r"(.+) \(([A-Z]{2,})\)", words):
                told[explained[2]] = explained[1]
    return [(short, long) for short, long in sorted(told.items()) if re.search(rf"\b{short}s?\b", said)]
