"""What a change takes away: what would have spoken up against it, or told people of it; and which rows it rewrites."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from senpolicy.checking import lock
from senpolicy.checking.golden import Pinned
from senpolicy.files.models.limits import CostNeutrality, LimitsFile
from senpolicy.files.models.properties import declared_properties
from senpolicy.files.models.rules import CaseRule, Caution, Follows, QuestionFile, Version
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import say_date

#: Where the change notes of a repository are, and where they go when it is published.
NOTES, CHANGELOG = "changelog.d", "CHANGELOG.md"
LIMITS = "policy/limits.yaml"
_Rule = Caution | CaseRule
#: What of a row is words alone.
_WORDS = {"says", "source", "reads"}


def taken_away(base: Corpus, head: Corpus, cases: tuple[Sequence[Pinned], Sequence[Pinned]]) -> list[str]:
    """Return in plain sentences what the head no longer has, or has weakened; `cases` are the golden cases of both."""
    return [*_golden(*cases), *_properties(base, head), *_open_points(base, head), *_limits(base, head),
            *_facts(base, head), *_cautions(base, head), *_documents(base, head), *_corrections(base, head),
            *_notes(base.root, head.root)]  # fmt: skip


def notes_added(base: Path, head: Path) -> list[str] | None:
    """Return the names of the change notes that only the head has; None where no side keeps any."""
    if not any((one / NOTES).is_dir() for one in (base, head)):
        return None
    was = _written(base)
    return sorted(name for name, text in _written(head).items() if was.get(name) != text)


def rows_apart(base: Corpus, head: Corpus) -> Iterator[str]:
    """Yield in plain sentences which rows of the rules are new, gone, or mean something else."""
    for name, question in head.questions.items():
        if name in base.questions:
            was, now = (_versions(one) for one in (base.questions[name], question))
            for key in dict.fromkeys([*was, *now]):
                since = f", from {_day(key[1], head, base)}" if key[1] else ""
                of = f"the question '{name}' ({key[0]}{since})"
                if key not in was or key not in now:
                    yield f"A version of {of} is {'new' if key in now else 'gone'}."
                else:
                    yield from _rows(was[key], now[key], of)
            yield from _rules_apart(
                "caution", base.questions[name].cautions, question.cautions, f" of the question '{name}'"
            )
    sides = [[(one.fact, _means(one)) for one in of.facts.follows] for of in (base, head)]
    apart = [one for side, other in (sides, sides[::-1]) for one in side if one not in other]
    yield from (f"From what '{name}' follows is changed." for name in dict.fromkeys(name for name, _ in apart))
    yield from _rules_apart("contradiction", base.facts.problems, head.facts.problems)
    yield from _rules_apart("warning", base.facts.warnings, head.facts.warnings)


def _rules_apart(word: str, base: Sequence[_Rule], head: Sequence[_Rule], of: str = "") -> Iterator[str]:
    was, now = ({one.id: _meant(one) for one in rules} for rules in (base, head))
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            yield f"The {word} '{name}'{of} is {_apart(name, was, now)}."


def _means(one: Follows) -> str:
    return one.model_dump_json(exclude={"because"})


def _apart(name: str, was: Collection[str], now: Collection[str]) -> str:
    return "new" if name not in was else "gone" if name not in now else "changed"


def editions_apart(base: Corpus, head: Corpus) -> Iterator[str]:
    """Yield in plain sentences which facts take their levels from another edition than before; those alike at once."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, fact in head.facts.facts.items():
        was = base.facts.facts.get(name)
        if was and was.values_from and fact.values_from and was.values_from != fact.values_from:
            found.setdefault((was.values_from, fact.values_from), []).append(f"'{name}'")
    for (was_from, now_from), names in found.items():
        more = f" (and of {len(names) - 1} more facts)" if names[1:] else ""
        yield f"The levels of {names[0]}{more} are those of the edition '{now_from}'; they were those of '{was_from}'."


def _day(named: str, *corpora: Corpus) -> str:
    """Return in words the day that `$name` names, as the last decision that sets it has it."""
    for corpus in corpora:
        for _, parameter in reversed(corpus.parameters.get(named[1:], [])):
            if isinstance(parameter.value, date):
                return say_date(parameter.value)
    return named


def _versions(question: QuestionFile) -> dict[tuple[str, str | None, int], Version]:
    found: dict[tuple[str, str | None, int], Version] = {}
    for version in question.versions:
        again = sum(key[:2] == (version.decision, version.start) for key in found)
        found[version.decision, version.start, again] = version
    return found


def _rows(base: Version, head: Version, of: str) -> Iterator[str]:
    was, now = ({row.name: _meant(row) for row in version.rows} for version in (base, head))
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            yield f"The row '{name}' of {of} is {_apart(name, was, now)}."


def _meant(model: BaseModel) -> str:
    return model.model_dump_json(exclude=_WORDS)


def _golden(base: Sequence[Pinned], head: Sequence[Pinned]) -> Iterator[str]:
    now = {one.id: one for one in head}
    whole = [_pinned(one) for one in head]
    for one in base:
        if _pinned(one) in whole:
            continue  # As it was, or under another name.
        if one.id not in now:
            yield f"The golden case '{one.golden.name}' ({one.place.file}) is gone."
        else:
            yield f"The golden case '{one.golden.name}' ({one.place.file}) is pinned otherwise."


def _pinned(one: Pinned) -> tuple[str | bool | None, ...]:
    says = one.golden.model_dump_json(exclude={"name", "paragraph"})
    return one.as_of, one.readings, one.scenario, one.include_proposed, says


def _properties(base: Corpus, head: Corpus) -> Iterator[str]:
    now = {one.id: one for one in declared_properties(head.files)}
    for one in declared_properties(base.files):
        if one.id not in now:
            yield f"The property '{one.id}' is gone: {one.says}"
        elif one.model_dump_json(exclude={"says"}) != now[one.id].model_dump_json(exclude={"says"}):
            yield f"The property '{one.id}' asks for something else than it did: {now[one.id].says}"


def _open_points(base: Corpus, head: Corpus) -> Iterator[str]:
    for name, (number, point) in base.open_points.items():
        if name not in head.open_points:
            yield f"The open point '{name}' of {number} is gone: {point.title}"
        elif (now := head.open_points[name][1].state) != point.state:
            yield f"The open point '{name}' of {number} is marked '{now}'; it was '{point.state}'."


def limit_of(corpus: Corpus) -> CostNeutrality | None:
    """Return how much more a change may cost, None where the policy sets no limit."""
    file = corpus.files.get(LIMITS)
    return file.cost_neutrality if isinstance(file, LimitsFile) else None


def _limits(base: Corpus, head: Corpus) -> Iterator[str]:
    was, now = limit_of(base), limit_of(head)
    if was and not now:
        yield f"The limit of cost ({LIMITS}) is gone."
    elif was and now and now.share > was.share:
        yield f"The limit of cost ({LIMITS}) lets a change cost more than it did."


def _facts(base: Corpus, head: Corpus) -> Iterator[str]:
    for name, fact in base.facts.facts.items():
        now = head.facts.facts.get(name)
        if fact.personal and now and not now.personal:
            yield f"The fact '{name}' is not marked as personal any more."
    sides = [{"contradiction": one.facts.problems, "warning": one.facts.warnings} for one in (base, head)]
    for word, rules in sides[0].items():
        kept = {one.id for one in sides[1][word]}
        yield from (f"The {word} '{one.id}' is gone: {one.says}" for one in rules if one.id not in kept)


def _cautions(base: Corpus, head: Corpus) -> Iterator[str]:
    for name, question in base.questions.items():
        now = {one.id: one for one in head.questions[name].cautions} if name in head.questions else {}
        for one in question.cautions:
            if one.id not in now:
                yield f"The caution '{one.id}' of the question '{name}' is gone: {one.says}"
            elif one.says != now[one.id].says:
                yield f"The caution '{one.id}' of the question '{name}' says something else: {now[one.id].says}"


def _documents(base: Corpus, head: Corpus) -> Iterator[str]:
    for name, document in base.documents.items():
        now = head.documents.get(name)
        if now is None:
            yield f"The document '{name}' is gone: {document.title}"
        elif document.sha256 != now.sha256:
            word = "has no digest any more" if now.sha256 is None else "has another digest"
            yield f"The document '{name}' {word}."
        elif document.file and now.file is None:
            yield f"The document '{name}' is not held any more."


def _corrections(base: Corpus, head: Corpus) -> Iterator[str]:
    for number in base.decisions:
        kept = {one.id for one in lock.corrections_of(head, number).corrections}
        for one in lock.corrections_of(base, number).corrections:
            if one.id not in kept:
                yield f"The correction '{one.id}' of {number} is gone: {one.says}"


def _notes(base: Path, head: Path) -> Iterator[str]:
    now, published = _written(head), head / CHANGELOG
    told = " ".join(published.read_text(encoding="utf-8").split()) if published.is_file() else ""
    for name, text in _written(base).items():
        if name not in now and " ".join(text.split()) not in told:
            yield f"The change note '{name}' is gone."


def _written(root: Path) -> dict[str, str]:
    """Return the change notes below a folder, by name."""
    found = sorted((root / NOTES).glob("*.md"))
    return {path.name: path.read_text(encoding="utf-8") for path in found if path.name != "README.md"}
