"""Sums and parts in per cent that a sentence of the rules names, held against the values that the rules use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from senpolicy.files.models import rules as m
from senpolicy.files.models.names import named, named_in_file
from senpolicy.files.problems import At, Problem
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import POUNDS

FACTS = "rules/facts.yaml"
#: A sum of pounds, with the time that it is of where no value is of one such; or a part in per cent.
_SUM = re.compile(
    r"£\s?(?P<pounds>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)(?:\s?(?P<times>k|m|million)\b)?"
    r"(?P<time>\s(?:a|an|each|every|per)\s(?:hour|day|week|month|term)\b)?"
    r"|(?P<share>[0-9]+(?:\.[0-9]+)?)\s?(?:%|per ?cent)"
)


def check(corpus: Corpus) -> list[Problem]:
    """Return a problem for each sentence that names a sum or a part which is not a value of what it speaks of."""
    return list(_Sentences(corpus).problems())


class _Sentences:
    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        #: The parameters with which a rule compares each fact.
        self.compared: dict[str, set[str]] = {}
        for file in corpus.files.values():
            for one in named_in_file(file) if isinstance(file, (m.QuestionFile, m.FactsFile)) else ():
                test = one.around[-1]
                if one.names.kind == "parameter" and isinstance(test, (m.TestModel, m.FactLimitModel)):
                    facts = [
                        around.fact for around in one.around if isinstance(around, (m.TestModel, m.FactLimitModel))
                    ]
                    for fact in facts:
                        self.compared.setdefault(fact, set()).add(one.word)

    def problems(self) -> Iterator[Problem]:
        for name, question in self.corpus.questions.items():
            file = f"rules/{name}.yaml"
            for number, version in enumerate(question.versions):
                for placed in version.placed:
                    if isinstance(placed.row, m.AnswerRow):
                        path: At = ("versions", number, *placed.path, "says")
                        yield from self.sentence(file, path, placed.row.says, placed.row)
            for number, caution in enumerate(question.cautions):
                yield from self.sentence(file, ("cautions", number, "says"), caution.says, caution)
        for name, fact in self.corpus.facts.facts.items():
            for key in ("label", "short", "asks", "note"):
                yield from self.sentence(FACTS, ("facts", name, key), getattr(fact, key), name)
        for key in ("problems", "warnings"):
            for number, rule in enumerate(getattr(self.corpus.facts, key)):
                for word in ("says", "help"):
                    yield from self.sentence(FACTS, (key, number, word), getattr(rule, word), rule)

    def of(self, about: m.Model | str) -> set[str]:
        """Return the parameters of a row, a rule or a fact: those it names, and those its facts are compared with."""
        words = (
            [] if isinstance(about, str) else [one for one in named(about) if one.names.kind in ("parameter", "fact")]
        )
        facts = {about} if isinstance(about, str) else {one.word for one in words if one.names.kind == "fact"}
        names = {one.word for one in words if one.names.kind == "parameter"}
        return names | {parameter for fact in facts for parameter in self.compared.get(fact, ())}

    def sentence(self, file: str, path: At, text: str | None, about: m.Model | str) -> Iterator[Problem]:
        """Check the sums of a sentence that is about a row, a rule or, by its name, a fact.

        Beside a sum that is right, or what a part leaves of the whole, another may be meant: it is only warned of.
        """
        found = [one for one in _SUM.finditer(text or "") if not one["time"]]
        sums = [(one[0], one["pounds"] is not None, _number(one)) for one in found]
        for written, pounds, number in sums:
            values = self.values(about, POUNDS if pounds else ("share", "per_cent"))
            if not values or number in values:
                continue
            gives = about.gives.values() if isinstance(about, m.AnswerRow) else ()
            given = [one[1:] for one in gives if isinstance(one, str) and one.startswith("$")]
            every = [(name, f"'{name}' is {value if pounds else f'{value.normalize():f}%'}")
                     for value, name in values.items()]  # fmt: skip
            held = [said for name, said in every if name in given] or [said for _, said in every]
            said = f"'{written}' is not a value of what this sentence speaks of: {', '.join(held)}."
            beside = any(other in values for _, same, other in sums if same is pounds)
            rest = not pounds and (number == 100 or 100 - number in values)
            help = "Correct it if it should be; leave it if another is meant." if beside or rest else _CORRECT
            yield Problem(self.corpus.place(file, *path), "sum-in-words", said, help, warning=beside or rest)

    def values(self, about: m.Model | str, units: tuple[str, ...]) -> dict[Decimal, str]:
        """Return the values in these units of what a sentence is about, a part as so many of a hundred, with names."""
        return {
            value * (100 if one.unit == "share" else 1): name
            for name in sorted(self.of(about))
            for _, one in self.corpus.parameters.get(name, ())
            if one.unit in units and isinstance(value := one.value, Decimal)
        }


_CORRECT = "Correct the sentence, or the rule."


def _number(found: re.Match[str]) -> Decimal:
    times = {"k": 1000, "m": 1_000_000, "million": 1_000_000}.get(found["times"] or "", 1)
    return Decimal((found["pounds"] or found["share"]).replace(",", "")) * times
