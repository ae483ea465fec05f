"""Which facts, values, answers and levels there are: as of a decision, and on a day.

What begins on a day says so with `from`, `until` and `decision`. As of an earlier decision it is not there at all. On a
day on which it does not count, a case that gives it is refused, so no rule of that day need speak of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from senpolicy.files.models import rules as m
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.language.conditions import FactType, Test, Value
from senpolicy.policy.banding import editions_of, in_use, numbered
from senpolicy.policy.corpus import Corpus

#: What the id of a problem ends in where a case gives a fact, or a value, on a day on which it does not count.
NOT_IN_FORCE = "-not-in-force"


def dated(corpus: Corpus) -> Iterator[m.Dated | EditionFile]:
    """Yield everything that may have days of its own: facts, their values, answers, levels, editions."""
    for fact in corpus.facts.facts.values():
        yield from (fact, *fact.days.values())
    for question in corpus.questions.values():
        yield from question.days.values()
    for edition in corpus.editions.values():
        yield from edition.levels
        yield from [edition] if edition.replaces else []


def known_by(corpus: Corpus, decisions: Collection[str]) -> Corpus:
    """Return what there is once these decisions count: without facts, values, answers and levels of others."""

    def there(one: m.Dated | EditionFile | None) -> bool:
        return one is None or one.decision is None or one.decision in decisions

    def rest(words: Collection[str], days: Mapping[str, m.Dated]) -> dict[str, str]:
        labels = words if isinstance(words, dict) else {}
        return {name: labels.get(name, name) for name in words if there(days.get(name))}

    if corpus.carried or all(map(there, dated(corpus))):
        return corpus
    facts = {name: fact.model_copy(update={"values": rest(fact.values, fact.days)})
             for name, fact in corpus.facts.facts.items() if there(fact)}  # fmt: skip
    questions = {name: question.model_copy(update={"answers": rest(question.answers, question.days)})
                 for name, question in corpus.questions.items()}  # fmt: skip
    editions = {name: edition.model_copy(update={"levels": numbered(filter(there, edition.levels))})
                for name, edition in corpus.editions.items() if not edition.replaces or there(edition)}  # fmt: skip
    file = corpus.facts.model_copy(update={"facts": facts})
    return replace(corpus, facts=file, questions=questions, editions=editions)


class Days:
    """On which days what counts, by the decisions that count, under a scenario if any."""

    def __init__(
        self, corpus: Corpus, decisions: Collection[str], types: Mapping[str, FactType], scenario: ScenarioFile | None
    ) -> None:
        self.corpus, self.decisions, self.types, self.scenario = corpus, decisions, types, scenario
        self.edition, self.gave_way = cache(self._edition), cache(self._gave_way)

    def day(self, name: str | None) -> date:
        """Return the date that `$name` names, as the last decision that sets it has it; the last of all if none is."""
        setters = reversed(self.corpus.parameters.get(name.removeprefix("$"), []) if name else [])
        return next((one.value for number, one in setters if number in self.decisions), date.max)

    def span(self, one: m.Begun | m.Caution | EditionFile | None) -> tuple[date, date]:
        """Return the first and the last day on which something counts; of None the first and the last of all."""
        until = one.until if isinstance(one, m.Dated) else None
        return self.day(one.start) if one and one.start else date.min, self.day(until)

    def changes(self) -> set[date]:
        """Return every day on which something begins to count, or no longer does."""
        spans = [self.span(one) for one in dated(self.corpus)]
        return {one for start, end in spans for one in (start, end if end == date.max else end + timedelta(days=1))}

    def _edition(self, day: date, named: str = "") -> EditionFile | None:
        """Return the edition in use on a day in the place of one that is `named`, or of the first that facts name."""
        named = named or next((one.values_from for one in self.corpus.facts.facts.values() if one.values_from), "")
        instead = self.scenario.edition if self.scenario else None
        return in_use(editions_of(named, self.corpus.editions, instead), day, self.span)

    def _gave_way(self, day: date) -> set[str]:
        """Return the facts whose levels on a day are those of a later edition than that of the scenario."""
        own, named = self.scenario.edition if self.scenario else None, self.corpus.facts.facts
        used = {name: self.edition(day, fact.values_from) for name, fact in named.items() if own and fact.values_from}
        return {name for name, edition in used.items() if edition and edition.edition != own}

    def assuming(self, scenario: ScenarioFile | None, name: str, day: date) -> ScenarioFile | None:
        """Return a scenario where what it assumes of a value may count on a day.

        Levels that it lists are those of its edition, which gives way where a later one begins.
        """
        own = scenario.parameters.get(name) if scenario else None
        return None if own and own.unit == "levels" and self.gave_way(day) else scenario

    def out_of_force(self, day: date) -> dict[str, Test]:
        """Return for each fact or question the test that is met by what of it does not count on a day."""
        found, of_facts = {}, self.corpus.facts.facts
        for name, kind in self.types.items():
            of = of_facts[name] if name in of_facts else self.corpus.questions[name]
            edition = self.edition(day, of.values_from) if isinstance(of, m.Fact) and of.values_from else None
            if edition:
                out = {one for one in kind.values if one not in [level.id for level in edition.levels]}
            else:
                out = {one for one in of.days if one in kind.values and not self.counts_on(of.days[one], day)}
            if isinstance(of, m.Fact) and not self.counts_on(of, day):
                found[name] = Test(name, "known", True, limit=True)
            elif out:
                values = tuple(one for one in kind.values if one in out)
                found[name] = Test(name, "one_of", values, limit=values)
        return found

    def refusals(self, out: Mapping[str, Test]) -> Iterator[tuple[str, str, str, Test, str]]:
        """Yield for each fact of which something is `out` its problem: id, fact, words, what a case meets, help."""
        for name, test in out.items():
            said, help = f"'{name}' does not count on the day of the case.", "Leave it out, or check the day."
            if test.operator != "known":
                left = [one for one in self.types[name].values if one not in test.limit]
                said = f"This value of {said}"
                help = f"Check the day, or use one of {', '.join(left)}."
            if not self.types[name].is_answer:
                yield f"{name}{NOT_IN_FORCE}", name, said, test, help

    def counts_on(self, one: m.Dated, day: date) -> bool:
        """Return whether something counts on a day."""
        return self.span(one)[0] <= day <= self.span(one)[1]


def is_out(out: Mapping[str, Test], fact: str, value: Value) -> bool:
    """Return whether a fact or question, or this value of it, is among what does not count (`Days.out_of_force`)."""
    return fact in out and (out[fact].operator == "known" or value in out[fact].limit)
