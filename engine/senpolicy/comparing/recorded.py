"""What one version of the policy records and the other does not: decisions, values, readings, corrections."""

from __future__ import annotations

from collections.abc import Iterator

from senpolicy.checking import lock, settling
from senpolicy.comparing.paying import say_parameter
from senpolicy.files.models.standings import STANDINGS
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import lowered, say_date


def recorded(base: Corpus, head: Corpus) -> Iterator[str]:
    """Yield in plain sentences which decisions, values, readings and corrections differ, by what they say."""
    for number, decision in head.decisions.items():
        if number not in base.decisions:
            yield f"Records {number}, {decision.title} ({STANDINGS[decision.status]})."
        elif base.decisions[number].status != decision.status:
            was = STANDINGS[base.decisions[number].status]
            yield f"{number} is now {STANDINGS[decision.status]}; it was {was}."
        held = {one.id for one in lock.corrections_of(base, number).corrections} if number in base.decisions else set()
        for one in lock.corrections_of(head, number).corrections:
            if one.id not in held:
                until = f" to {say_date(one.until)}" if one.until else " on"
                yield f"Corrects {number}: {one.says} Affects {say_date(one.start)}{until}."
    yield from (f"Records {number} no longer." for number in base.decisions if number not in head.decisions)
    yield from _settled(base, head)
    yield from _values(base, head)
    yield from _assumed(base, head)
    known = {one.id for one in base.readings}
    for reading in head.readings:
        if reading.id not in known:
            yield f"Adopts a reading of {reading.point} ({reading.by}, {say_date(reading.adopted_on)}): {reading.says}"
    yield from _read_otherwise(base, head)
    known = {one.id for one in head.readings}
    yield from (f"Adopts the reading '{one.id}' no longer." for one in base.readings if one.id not in known)


def _read_otherwise(base: Corpus, head: Corpus) -> Iterator[str]:
    """Yield which readings that both adopt answer a question otherwise."""
    before = {one.id: one.answers for one in base.readings}
    for reading in head.readings:
        was, now = before.get(reading.id, reading.answers), reading.answers
        for question in dict.fromkeys([*was, *now]):
            if was.get(question) != now.get(question):
                ours, theirs = (f"'{one[question]}'" if question in one else "nothing" for one in (was, now))
                yield f"The reading '{reading.id}' answers {theirs} to '{question}'; it answered {ours}."


def _settled(base: Corpus, head: Corpus) -> Iterator[str]:
    """Yield what decisions settle in one version only, and which readings of it end, whatever their standing."""
    ours, theirs = ([(number, one) for number, decision in corpus.decisions.items() for one in decision.settles]
                    for corpus in (base, head))  # fmt: skip
    for number, one in theirs:
        if (number, one) in ours:
            continue
        part = " in part" if one.leaves else ""
        by = [*one.by, *(f"{question} {answer}" for question, answer in one.answers.items())]
        how = one.says or f"By {', '.join(by)}."
        left = f" What is left open: {one.leaves}" if one.leaves else ""
        counts = "settles" if head.decisions[number].counts() else "would settle"
        yield f"{number} {counts} {one.point}{part}, from {say_date(one.start)}: {how}{left}"
        if one.leaves is None:
            ends = [reading.id for reading in head.readings if reading.point == one.point and reading.id not in one.by]
            yield from (
                f"The reading '{name}' {'ends' if counts == 'settles' else 'would end'} on that day." for name in ends
            )
    for number, one in ours:
        if (number, one) not in theirs and number in head.decisions:
            yield f"{number} settles {one.point} from {say_date(one.start)} no longer, or otherwise."


def _values(base: Corpus, head: Corpus) -> Iterator[str]:
    read = settling.read(head)
    for name, setters in head.parameters.items():
        before = dict(base.parameters.get(name, []))
        for number, parameter in setters:
            since = f" from {say_date(parameter.start)}" if parameter.start else ""
            if number not in before:
                sets = "sets" if head.decisions[number].counts() else "would set"
                verb = "records" if parameter.recorded else sets
                yield f"{number} {verb} {lowered(parameter.label)}: {say_parameter(parameter)}{since} (`{name}`)."
                if parameter.value is not None and not parameter.recorded and name not in read:
                    yield f"Nothing reads `{name}`, so no answer rests on it."
            elif (before[number].value, before[number].start) != (parameter.value, parameter.start):
                was, now = say_parameter(before[number]), say_parameter(parameter)
                yield f"{number}: {lowered(parameter.label)} is {now}{since}; it was {was} (`{name}`)."
                if name not in read:
                    yield f"Nothing reads `{name}`, so no answer rests on it."
    for name, setters in base.parameters.items():
        after = dict(head.parameters.get(name, []))
        for number, parameter in setters:
            if number not in after:
                was = say_parameter(parameter)
                verb = "records" if parameter.recorded else "sets"
                yield f"{number} {verb} {lowered(parameter.label)} no longer; it was {was} (`{name}`)."


def _assumed(base: Corpus, head: Corpus) -> Iterator[str]:
    for scenario in head.scenarios:
        if scenario not in base.scenarios:
            continue
        ours, theirs = base.scenarios[scenario].parameters, head.scenarios[scenario].parameters
        for name in dict.fromkeys([*ours, *theirs]):
            was, now = (say_parameter(one[name]) if name in one else "not assumed" for one in (ours, theirs))
            if was != now:
                yield f"The scenario '{scenario}': `{name}` is {now}; it was {was}."
