"""The digest of meaning: one for all policies that decide alike, however their files are written.

The promise: of two policies with the same digest that `check` lets pass, one engine decides every case alike. Both
refuse the same cases, let the same facts follow and give the same warnings, answers, rows, figures, missing facts, open
points and cautions, on every day. The reverse is not promised: two ways to write one rule may differ in their digests.

So everything of the bound policy counts that is not left out by name, and a field that is added to a rule counts from
its first use. Left out (`LEFT_OUT`) are:

* **words**: what says, explains or names something, and where it is written. No evaluator reads them. The words of an
  answer count: they are what is decided. So does what an open point allows, where it is said in words alone.
* **how a limit was written**: the name of a parameter. The value to which it is bound counts.
* **which version** of a question is in force. What it says counts, and from which day. Periods that follow each other
  and say the same are one.

Brought to one form (`plain`) are:

* keys of maps, in their order: no answer rests on it. Questions are decided in order, so theirs counts.
* rows of a question, in their order: of one case at most one holds.
* the parts of an `all` or an `any`, in their order and number; one within another of its kind; one of a single part.
  Whether a group holds, and which facts it waits for, depends on the set of its parts alone, with three values too.
* the values of `one_of`, those that a fact can have, and the answers that a point allows, in their order: they are
  sets.
* a number with more or fewer decimals, and spaces and line ends in the words of answers and open points.

Any other order counts (`ask`, rules about facts, cautions, points that leave a case open together): answers show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from pydantic import BaseModel

from senpolicy.files.digests import canonical, digest_of
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.rules import Reading
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.language.conditions import AllOf, AnyOf, Condition, FactType, Not, Test
from senpolicy.policy.corpus import Corpus

#: Goes into every digest. Another number where what counts, or its form, changes: then no digest of before is one now.
FORM = "senpolicy meaning 1"
#: What decides nothing, by the class that holds it. The days of a period are told apart from what it says.
LEFT_OUT = {
    "Period": {"start", "end", "edition", "out_of_force"},
    "QuestionInForce": {"version"},
    "Outcome": {"says", "source"},
    "CautionInForce": {"says", "source"},
    "CaseRuleInForce": {"says", "help"},
    "Test": {"operand", "because", "parameter"},
    "FactType": {"label", "value_labels"},
    "EditionFile": {
        "title", "authority", "not_the_councils", "status", "decision", "replaces", "start", "source", "levels_held",
        "areas_held", "strands_held", "strands_count", "statements_held", "notes",
    },
    "Level": {"label", "note", "decision", "start", "until"},
    "Area": {"label", "note"},
    "Strand": {"label"},
    "Statement": {"says"},
    "Banding": {"points_from", "year", "earlier_amounts", "notes"},
    "Band": {"label", "note"},
    "EditionPoint": {"title", "says", "settle", "note"},
}  # fmt: skip
#: Fields that hold a set, by the class that holds them.
SETS = {("QuestionInForce", "outcomes"), ("Outcome", "allows"), ("FactType", "values")}


class InTurn(Protocol):
    """A period: what is asked of it beside what it says."""

    @property
    def start(self) -> date | None:
        """Its first day."""

    @property
    def edition(self) -> EditionFile | None:
        """The edition of descriptors that is in use."""


def digest_of_policy(
    corpus: Corpus,
    scenario: ScenarioFile | None,
    decisions: Sequence[str],
    readings: Iterable[Reading],
    types: Mapping[str, FactType],
    periods: Sequence[InTurn],
) -> str:
    """Return "sha256:" and the hash of what a policy decides by; see above for the promise.

    `periods` are its periods in order.
    """
    declared = corpus.facts.facts
    said = {period.start: plain(period) for period in periods}
    editions = [*_stretches({period.start: plain(period.edition) for period in periods})]
    rows = [row for period in said.values() for question in period["questions"] for row in question["outcomes"]]
    bare = {row["point"] for row in rows if "point" in row and "allows" not in row}
    answers = [(name, question.answers) for name, question in corpus.questions.items()]
    answers += (scenario.answers if scenario else {}).items()
    return digest_of(
        {
            "form": FORM,
            "decisions": list(decisions),
            "readings": [reading.id for reading in readings],
            "scenario": scenario.scenario if scenario else None,
            "types": plain(types),
            "facts": {name: [fact.type, fact.required, fact.area] for name, fact in declared.items()},
            # As `deciding.cases` takes them: the first level that follows from ratings, the last rating of an area.
            "level": next((name for name, fact in declared.items() if fact.from_ratings), None),
            "ratings": {fact.area: name for name, fact in declared.items() if fact.area},
            "groups": sorted(corpus.facts.groups),
            "answers": sorted([name, answer, _words(text)] for name, of in answers for answer, text in of.items()),
            "allowed_in_words": {
                name: [_words(text) for text in corpus.open_points[name][1].allows_text] for name in bare
            },
            "edition": plain(periods[0].edition),
            **({"editions": editions} if len(editions) > 1 else {}),
            "periods": list(_stretches(said)),
        }
    )


def _stretches(periods: Mapping[date | None, Any]) -> Iterator[tuple[str | None, str]]:
    """Yield each first day on which other rules begin to count, and the digest of what they say."""
    before = ""
    for start, period in periods.items():
        said = digest_of(period)  # Not `period` itself: to Python true is 1.
        if said != before:
            yield start.isoformat() if start else None, said
        before = said


def _words(text: str) -> str:
    return " ".join(text.split())


def plain(held: object) -> Any:
    """Return what a bound rule, a part of it, or a model of a file says, as plain data in one form.

    What has the value that its field has by default is left out, so that a field that the language gains changes no
    digest of a policy that does not use it. A type that is not known here raises TypeError.
    """
    if isinstance(held, (AllOf, AnyOf, Not, Test)):
        return _condition(held)
    if held is None or isinstance(held, (str, bool, int)):
        return held
    if isinstance(held, Decimal):
        return {"number": f"{held.normalize():f}"}
    if isinstance(held, date):
        return {"date": held.isoformat()}
    if isinstance(held, Mapping):
        return {str(name): plain(one) for name, one in held.items()}
    if isinstance(held, (list, tuple)):
        return [plain(one) for one in held]
    return dict(_said(held))


def _said(held: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a dataclass or a model that count and are not as they are by default, as plain data."""
    kind: Any = type(held)
    left_out = LEFT_OUT.get(kind.__name__, ())
    for name, default in _defaults(kind):
        value = getattr(held, name)
        if name in left_out or value == default:
            continue
        if (kind.__name__, name) == ("Period", "questions"):
            yield name, [plain(one) for one in value.values()]
        else:
            yield name, _sorted(plain(value)) if (kind.__name__, name) in SETS else plain(value)


@lru_cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a dataclass or a model, each with its default; no value is like that of one without."""
    if issubclass(kind, BaseModel):
        return tuple((name, one.get_default(call_default_factory=True)) for name, one in kind.model_fields.items())
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no form in a digest")
    return tuple(
        (one.name, one.default if one.default_factory is MISSING else one.default_factory()) for one in fields(kind)
    )


def _condition(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Test):
        test = dict(_said(condition))
        if condition.operator == "one_of" and "limit" in test:
            test["limit"] = _sorted(test["limit"])
        return test
    if isinstance(condition, Not):
        return {"not": _condition(condition.part)}
    word = "any" if isinstance(condition, AnyOf) else "all"
    parts: list[Any] = []
    for part in map(_condition, condition.parts):
        parts += part.get(word, [part])
    parts = _sorted(parts)
    return parts[0] if len(parts) == 1 else {word: parts}


def _sorted(parts: Iterable[Any]) -> list[Any]:
    """Return parts in one order, each once."""
    return [part for _, part in sorted({canonical(part): part for part in parts}.items())]
