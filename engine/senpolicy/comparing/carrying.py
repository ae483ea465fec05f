"""Carrying each version over onto the facts of both, so that their cases can be held against each other.

A fact that one version alone knows is given to the other, whose rules do not ask for it. Cases with a value, a level or
a number that one alone knows, or with a fact that has days and that one alone knows, and those without a fact that one
alone needs, are refused by both: they are not compared. What cannot be carried over at all, a fact of another type or
levels in another order, stays as it is, and `exact.same_facts` names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from senpolicy.files.models.rules import CaseRule, Fact
from senpolicy.language.conditions import FactType
from senpolicy.policy.corpus import Corpus


@dataclass(frozen=True)
class _Both:
    """A fact in both versions: as each declares it, and what it can be in each; None where a version has none."""

    name: str
    facts: tuple[Fact | None, Fact | None]
    kinds: tuple[FactType | None, FactType | None]

    @property
    def values_apart(self) -> list[str]:
        """The values that only one of two versions knows, which both have the fact."""
        one, other = ((kind.values if kind else ()) for kind in self.kinds)
        return [] if None in self.kinds else [value for value in (*one, *other) if (value in one) != (value in other)]

    @property
    def joined(self) -> FactType | None:
        """What the fact can be in either; None where that cannot be said of both at once."""
        one, other = self.kinds
        if one is None or other is None:
            return one or other
        orders = [[value for value in kind.values if value in by.values] for kind, by in ((one, other), (other, one))]
        levels = any(fact and fact.values_from for fact in self.facts)
        if one.type != other.type or (levels and orders[0] != orders[1]):
            return None
        labels = {**dict(zip(one.values, one.value_labels, strict=True)),
                  **dict(zip(other.values, other.value_labels, strict=True))}  # fmt: skip
        values = [*other.values, *(value for value in one.values if value not in other.values)]
        lowest = None if None in (one.lowest, other.lowest) else min(one.lowest or 0, other.lowest or 0)
        highest = None if None in (one.highest, other.highest) else max(one.highest or 0, other.highest or 0)
        return replace(other, values=tuple(values), value_labels=tuple(labels[value] for value in values),
                       lowest=lowest, highest=highest)  # fmt: skip

    def left_out(self) -> Iterator[CaseRule]:
        """Yield rules by which both versions refuse the cases that only one of them could decide."""
        one, other = self.facts
        if one is None or other is None or self.joined is None:
            if any(fact and (fact.start or fact.until) for fact in (one, other)):
                yield _rule(self.name, "days", {"fact": self.name, "known": True})
            return
        if apart := self.values_apart:
            yield _rule(self.name, "values", {"fact": self.name, "one_of": apart})
        for word, ends in (("below", (one.lowest, other.lowest)), ("more_than", (one.highest, other.highest))):
            if ends[0] != ends[1]:
                known = [end for end in ends if end is not None]
                end = max(known) if word == "below" else min(known)
                yield _rule(self.name, word.replace("_", "-"), {"fact": self.name, word: str(end)})
        if one.required is not other.required:
            yield _rule(self.name, "needed", {"fact": self.name, "known": False})
        # Which rating leads to a level rests on which level is the highest.
        if apart and (one.area or other.area):
            yield _rule(self.name, "rated", {"fact": self.name, "known": True})


def _rule(name: str, what: str, when: Mapping[str, str | int | bool | list[str]]) -> CaseRule:
    return CaseRule.model_validate(
        {"id": f"{name.replace('_', '-')}-{what}", "field": name, "when": when,
         "says": "One of the two versions does not know such cases.", "help": "Compare them by hand."}
    )  # fmt: skip


def carried(base: Corpus, head: Corpus) -> tuple[Corpus, Corpus]:
    """Return both versions with the facts, values and bounds of both; each as it is where nothing differs."""
    declared = [one.facts.facts for one in (base, head)]
    every = [
        _Both(name, (declared[0].get(name), declared[1].get(name)), (base.types.get(name), head.types.get(name)))
        for name in dict.fromkeys([*declared[0], *declared[1]])
    ]
    apart = [one for one in every if one.kinds[0] != one.kinds[1] or _needed(one)]
    return _with(base, head, apart), _with(head, base, apart)


def _needed(one: _Both) -> bool:
    return len({bool(fact and fact.required) for fact in one.facts}) > 1


def _with(own: Corpus, other: Corpus, apart: list[_Both]) -> Corpus:
    """Return a version that knows all that either knows of the facts that are `apart`."""
    facts, kinds = dict(own.facts.facts), {}
    for one in apart:
        joined, fact = one.joined, own.facts.facts.get(one.name) or other.facts.facts[one.name]
        if joined is not None:
            kinds[one.name] = joined
            both = None not in one.facts
            facts[one.name] = fact.model_copy(
                update={"lowest": joined.lowest, "highest": joined.highest}
                | ({"required": all(one and one.required for one in one.facts)} if both else {"required": False})
            )
    rules = [rule for one in apart for rule in one.left_out()]
    if not kinds and not rules:
        return own
    return replace(
        own,
        facts=own.facts.model_copy(update={"facts": facts, "problems": [*own.facts.problems, *rules]}),
        editions={**other.editions, **own.editions},
        carried=kinds,
    )
