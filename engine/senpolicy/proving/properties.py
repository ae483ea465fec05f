"""The proofs of declared properties: what must hold of the rules as a whole, beyond one answer for every case."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import z3

from senpolicy.checking.examples import plain_case
from senpolicy.deciding.decide import UNDETERMINED, Decision, NotIssued
from senpolicy.files.models import rules as m
from senpolicy.files.models.properties import Monotone, MoreFacts, NoFact, Property, RulesOut
from senpolicy.files.problems import Place, Problem
from senpolicy.language.conditions import Value, facts_of
from senpolicy.policy.timeline import Period
from senpolicy.proving.asking import Inquiry, PeriodProof, quoted
from senpolicy.proving.certain import Certain, outlasted
from senpolicy.proving.report import Finding
from senpolicy.readings.formula import either, every, meets, opposite
from senpolicy.readings.say import say_date
from senpolicy.readings.symbolic_case import Swap


class Properties:
    """Proves property after property; `spoken` holds those that some case is about, `aside` what is left out."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry, self.corpus = inquiry, inquiry.corpus
        self.spoken: set[str] = set()
        self.aside: dict[str, dict[str, None]] = {}

    def property(self, view: PeriodProof, declared: Property) -> None:
        """Prove a property in a period, as far as it is for the solver."""
        with self.inquiry.within(declared.id):
            if declared.monotone:
                self.monotone(view, declared, declared.monotone)
            elif declared.one_answer:
                self.one_answer(view, declared, declared.one_answer.question)
            elif declared.more_facts:
                self.more_facts(view, declared, declared.more_facts)
            elif declared.same_answer:
                self.certain(view, declared, declared.same_answer.questions, Certain.withheld)
            elif declared.stays_open:
                self.certain(view, declared, declared.stays_open.questions, Certain.asked_in_vain)
            elif declared.rules_out:
                self.rules_out(view, declared, declared.rules_out)
            elif declared.until_holds:
                self.until_holds(view, declared, declared.until_holds.questions)

    def monotone(self, view: PeriodProof, declared: Property, wanted: Monotone) -> None:
        """Prove that of two cases that differ in one fact, the one with the higher value never has a lower answer."""
        answers = view.space.answers.get(wanted.question, {})
        order = [answer for answer in wanted.order or view.policy.types[wanted.question].values if answer in answers]
        if len(order) < 2:
            return
        self.spoken.add(declared.id)
        fact, rank = view.space.given[wanted.fact], {answer: place for place, answer in enumerate(order)}
        higher = Swap([(fact.value, z3.Int(f"{wanted.fact} higher"))])
        falls = either(every((answers[high], higher(answers[low]))) for low, high in itertools.combinations(order, 2))
        differ = [fact.known, fact.value < higher(fact.value), *map(higher, (*view.space.possible, *view.decides))]
        with self.inquiry.asked(view, declared.id, falls, *differ) as found:
            if found.any:
                model = found.model(kept=[wanted.fact])
                self.pair(view, declared, wanted.question, [found.pupil(model), found.pupil(model, higher)],
                          f"With a higher '{wanted.fact}' the answer to '{wanted.question}' falls",
                          lambda one, other: rank.get(one, -1) > rank.get(other, len(rank)))  # fmt: skip

    def one_answer(self, view: PeriodProof, declared: Property, question: str) -> None:
        """Prove that no case has two answers, cases that some question leaves without one answer included."""
        self.spoken.add(declared.id)
        answers, solver = view.space.answers.get(question, {}), z3.Solver()
        solver.add(view.space.possible)
        two = either(every((one, other)) for one, other in itertools.combinations(answers.values(), 2))
        with self.inquiry.asked(view, declared.id, two, solver=solver) as found:
            if not found.any:
                return
            model = found.model()
            given, pupil = [answer for answer, one in answers.items() if meets(model, one)], found.pupil(model)
            text = self.inquiry.yaml(view, pupil)
            if isinstance(self.inquiry.decided(view, pupil), NotIssued):
                said = f"{declared.says} {quoted(given)} are both the answer for {self.inquiry.said(view, pupil)}."
                self.fault(declared, (question, *given), said, (text,))
            else:
                self.inquiry.disagreement(declared.id, self.inquiry.place_of(declared), (text,))

    def more_facts(self, view: PeriodProof, declared: Property, wanted: MoreFacts) -> None:
        """Prove that an answer to a case is the answer to every case that gives the same facts and more."""
        self.spoken.add(declared.id)
        facts, answers = view.space.given, view.space.answers
        later = Swap([(fact.known, z3.Bool(f"{name} known later")) for name, fact in facts.items()])
        grows = [z3.Implies(fact.known, later(fact.known)) for fact in facts.values()]
        grows += map(later, (*view.space.possible, *view.decides))
        excepted: dict[str, list[str]] = {}
        for one in wanted.exceptions:
            excepted.setdefault(one.question, []).append(one.fact)
        for name in view.period.questions:
            # What a question takes over from an excepted one is excepted there, not here.
            same = [
                given for earlier in _rests_on(view.period, name) & set(excepted) for given in answers[earlier].values()
            ]
            same += [facts[fact].known for fact in excepted.get(name, ())]
            changes = either(every((given, opposite(later(given)))) for given in answers[name].values())
            with self.inquiry.asked(view, declared.id, changes, *grows, *(one == later(one) for one in same)) as found:
                if found.any:
                    model = found.model()
                    self.pair(view, declared, name, [found.pupil(model), found.pupil(model, later)],
                              f"With more facts the answer to '{name}' changes",
                              lambda one, other: one != UNDETERMINED and one != other)  # fmt: skip

    def certain(
        self, view: PeriodProof, declared: Property, questions: list[str],
        broken: Callable[[Certain, str], Iterable[tuple[str, list[z3.BoolRef]]]],
    ) -> None:  # fmt: skip
        """Prove that no case breaks it: that it lacks an answer that is certain, or asks for what settles nothing."""
        self.spoken.add(declared.id)
        certain, solver = Certain(view.policy, view.period), z3.Solver()
        if certain.awaited:
            self.aside.setdefault(declared.id, {})[certain.awaited] = None
        solver.add(*certain.every.possible)
        for name in questions or view.period.questions:
            ways = [*broken(certain, name)] if name in view.period.questions else []
            # One question for all of them first: only where some case breaks it is each asked by itself.
            if not ways or not self.inquiry.can_be(view, declared.id, either(every(one) for _, one in ways), solver):
                continue
            for said, formulas in ways:
                with self.inquiry.asked(view, declared.id, *formulas, solver=solver) as found:
                    if found.any:
                        pupil = plain_case(certain.every, [opposite(certain.every.refused), *formulas])
                        assert pupil is not None, "the solver has just found such a case"
                        text = self.inquiry.yaml(view, pupil)
                        decided = self.inquiry.decided(view, pupil)
                        if not isinstance(decided, Decision) or decided.answers[name].answer != UNDETERMINED:
                            self.inquiry.disagreement(declared.id, self.inquiry.place_of(declared), (text,))
                            continue
                        who = self.inquiry.said(view, pupil)
                        self.fault(
                            declared, (name, said), f"'{name}' is undetermined, though {said}, for {who}.", (text,)
                        )

    def rules_out(self, view: PeriodProof, declared: Property, wanted: RulesOut) -> None:
        """Prove that no case has an answer that another rules out, be that one given or allowed by an open point."""
        answers = view.space.answers
        ways = [answers[wanted.question], view.space.allowed(wanted.question)] if wanted.question in answers else []
        possible = {word: [one[word] for one in ways if word in one] for word in wanted.answers}
        against = [
            (word, name, other, [either(possible[word]), answers[name][other]])
            for word, questions in wanted.answers.items()
            for name, others in questions.items()
            for other in others
            if possible[word] and other in answers.get(name, {})
        ]
        if against:
            self.spoken.add(declared.id)
        # One question for all of them first: only where some case breaks it is each asked by itself.
        if not against or not self.inquiry.can_be(view, declared.id, either(every(both) for *_, both in against)):
            return
        for word, name, other, both in against:
            with self.inquiry.asked(view, declared.id, *both) as found:
                if not found.any:
                    continue
                pupil = found.pupil(found.model())
                text = self.inquiry.yaml(view, pupil)
                decided = self.inquiry.decided(view, pupil)
                if not isinstance(decided, Decision) or decided.answers[name].answer != other:
                    self.inquiry.disagreement(declared.id, self.inquiry.place_of(declared), (text,))
                    continue
                how = "is" if decided.answers[wanted.question].answer == word else "may be"
                said = f"'{wanted.question}' {how} '{word}', and yet '{name}' is '{other}'"
                self.fault(declared, (word, name, other), f"{declared.says} Here {said}, for "
                           f"{self.inquiry.said(view, pupil)}.", (text,))  # fmt: skip

    def until_holds(self, view: PeriodProof, declared: Property, questions: list[str]) -> None:
        """Prove that no answer has a last day beyond one on which the same facts lose it."""
        solver = z3.Solver()
        for name, answer, cases, later, formulas in outlasted(view.policy, view.period):
            if questions and name not in questions:
                continue
            self.spoken.add(declared.id)
            with self.inquiry.asked(view, declared.id, *formulas, solver=solver) as found:
                if found.any:
                    model = found.solver.model()
                    pupil = cases.read(model)
                    day = date.fromordinal(model.eval(later, model_completion=True).as_long())
                    texts = tuple(self.inquiry.yaml(view, one) for one in (pupil, {**pupil, "decision_date": day}))
                    who = self.inquiry.said(view, pupil)
                    said = f"'{answer}' of '{name}' is promised beyond {say_date(day)}, where it is lost, for {who}."
                    self.fault(declared, (name, answer), said, texts)

    def pair(
        self, view: PeriodProof, declared: Property, question: str, pupils: list[dict[str, Value]], said: str,
        shows: Callable[[str, str], bool],
    ) -> None:  # fmt: skip
        """Report two cases that break a property, after deciding both."""
        texts = tuple(self.inquiry.yaml(view, pupil) for pupil in pupils)
        decided = [self.inquiry.decided(view, pupil) for pupil in pupils]
        answers = [one.answers[question].answer for one in decided if isinstance(one, Decision)]
        if len(answers) == 2 and shows(answers[0], answers[1]):
            who = self.inquiry.said(view, pupils[0])
            self.fault(declared, (question, *answers),
                       f"{declared.says} {said}, from '{answers[0]}' to '{answers[1]}', for {who}.", texts)  # fmt: skip
        else:
            self.inquiry.disagreement(declared.id, self.inquiry.place_of(declared), texts)

    def fault(self, declared: Property, what: tuple[str | int, ...], said: str, pupils: tuple[str, ...]) -> None:
        """Report that a property does not hold."""
        self.inquiry.fault(declared.id, self.inquiry.place_of(declared), "property", what, said,
                           "Mend the rules, or record the exception with its paragraph.", pupils)  # fmt: skip

    def no_fact(self, declared: Property, wanted: NoFact) -> Iterator[Finding]:
        """Yield each fact that is about one of the words, and each use of an excepted fact outside its questions."""
        permitted = {one.fact: one.only_in for one in wanted.exceptions}
        words = {word.casefold() for word in wanted.words}
        self.spoken.add(declared.id)
        for name, fact in self.corpus.facts.facts.items():
            values = fact.values if isinstance(fact.values, dict) else dict.fromkeys(fact.values, "")
            said = " ".join([name, fact.label, *values, *values.values()]).replace("_", " ").casefold()
            about = sorted(words & set(re.findall(r"\w+", said)))
            if about and name not in permitted:
                place = self.corpus.place("rules/facts.yaml", "facts", name, key=True)
                yield _stray(declared, place, f"'{name}' speaks of {quoted(about)}.")
        for name, question in self.corpus.questions.items():
            conditions = [row.when for version in question.versions for row in version.rows]
            conditions += [caution.when for caution in question.cautions]
            for asked in dict.fromkeys(_asked(conditions)):
                if asked in permitted and name not in permitted[asked]:
                    said = f"'{name}' asks for '{asked}', which only {quoted(permitted[asked])} may."
                    yield _stray(declared, Place(f"rules/{name}.yaml", 1, 1), said)


def _stray(declared: Property, place: Place, said: str) -> Finding:
    return Finding(declared.id, Problem(place, "property", f"{declared.says} {said}",
                                        "Take it out, or record the exception with its paragraph."))  # fmt: skip


def _rests_on(period: Period, question: str) -> set[str]:
    """Return the earlier questions whose answers a question reads, and those that they read."""
    found: set[str] = set()
    for outcome in period.questions[question].outcomes:
        for name in facts_of(outcome.condition):
            if name in period.questions:
                found |= {name} | _rests_on(period, name)
    return found


def _asked(conditions: Iterable[m.ConditionModel]) -> Iterator[str]:
    for one in conditions:
        if isinstance(one, m.TestModel):
            yield one.fact
        elif isinstance(one, m.NotModel):
            yield from _asked([one.part])
        else:
            yield from _asked(one.all if isinstance(one, m.AllModel) else one.any)
