"""The lock: what a decision that has been taken set, by digest, and the notes without which it may not change.

policy/lock.yaml holds for each decision that is taken a digest of each thing that it set: its dates, its standing, its
documents, and each of its parameters. A digest is of what is said, not of how it is written: layout, comments and the
decimals of a round sum are free. Labels, notes and open points are not locked: they explain, and decide nothing.
Nor are readings, which are not part of what was decided, nor what becomes of a decision later: called in, withdrawn,
replaced. The review of a change tells that. A correction in policy/<decision>/corrections.yaml says what
was wrong, why, and for which dates; with one that is not in the lock yet, the thing may change once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from senpolicy.files.digests import canonical
from senpolicy.files.models.lock import CorrectionsFile, LockFile
from senpolicy.files.models.rules import DecisionFile
from senpolicy.files.models.standings import LATER
from senpolicy.files.problems import Problem, did_you_mean
from senpolicy.policy.corpus import Corpus

FILE = "policy/lock.yaml"
#: What of a decision is locked beside its parameters, as it is called in the lock and in a correction.
STANDING, DOCUMENTS = "standing", "documents"


def digests(corpus: Corpus, number: str) -> dict[str, str]:
    """Return the digest of each thing that a decision set, by "standing", "documents" and the parameters' names."""
    decision = corpus.decisions[number]
    taken, named = decision.taken, [name for name in decision.documents if name in corpus.documents]
    held: dict[str, Any] = {
        STANDING: {
            "number": decision.number,
            "status": "taken" if decision.status in LATER else decision.status,
            "taken": taken and [taken.day, taken.earliest, taken.latest],
            "planned": decision.planned,
            "replaces": sorted(decision.replaces),
            "succeeds": sorted(decision.succeeds),
        },
        DOCUMENTS: {
            name: [one.title, one.dated, one.sha256] for name, one in corpus.documents.items() if name in named
        },
    }
    for name, setters in corpus.parameters.items():
        for setter, one in setters:
            if setter == number:
                source = [one.source.document, one.source.paragraph]
                held[name] = [one.unit, one.value, one.start, one.open_point, source]
    return {name: digest(one) for name, one in held.items()}


def digest(data: Any) -> str:
    """Return the first sixteen hexadecimal figures of the SHA-256 of what data say, however they are written.

    Equal amounts are the same, however many decimals they have, and so are texts that differ in their spaces only, and
    keys in another order.

    >>> digest({"a": Decimal("6000"), "b": "one  two"}) == digest({"b": "one two", "a": Decimal("6000.00")})
    True
    """
    return hashlib.sha256(canonical(_plain(data))).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if value is None else " ".join(str(value).split())


def taken(corpus: Corpus) -> list[str]:
    """Return the numbers of the decisions that have been taken, in the order of the policy."""
    listed = [*corpus.order, *corpus.beside]
    return [number for number in listed if number in corpus.decisions and _was_taken(corpus.decisions[number])]


def _was_taken(decision: DecisionFile) -> bool:
    day = decision.taken and (decision.taken.day or decision.taken.earliest or decision.taken.latest)
    return decision.status == "taken" or (decision.status in LATER and day is not None)


def lock_of(corpus: Corpus) -> LockFile:
    """Return the lock as it is; an empty one where there is none."""
    file = corpus.files.get(FILE)
    return file if isinstance(file, LockFile) else LockFile(locked={}, corrections={})


def corrections_of(corpus: Corpus, number: str) -> CorrectionsFile:
    """Return the corrections to a decision; none where there is no such file."""
    file = corpus.files.get(corpus.file_of(number, "corrections.yaml"))
    return file if isinstance(file, CorrectionsFile) else CorrectionsFile(corrections=[])


def renewed(corpus: Corpus) -> LockFile:
    """Return the lock that goes with the corpus, where `check` finds nothing wrong with what is locked."""
    return LockFile(
        locked={number: digests(corpus, number) for number in taken(corpus)},
        corrections={
            number: [one.id for one in made]
            for number in taken(corpus)
            if (made := corrections_of(corpus, number).corrections)
        },
    )


def open_corrections(corpus: Corpus, number: str) -> Iterator[tuple[int, str]]:
    """Yield the place in their list, and what each mends, of the corrections that the lock does not hold yet."""
    held = lock_of(corpus).corrections.get(number, [])
    for index, one in enumerate(corrections_of(corpus, number).corrections):
        if one.id not in held:
            yield index, one.mends


def changed(was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return what differs between two states of one decision, in the order of the lock, then of the decision."""
    return [name for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]


def check(corpus: Corpus) -> list[Problem]:
    """Return what was changed in a locked decision without a correction, and what the lock lacks as warnings."""
    lock, found = lock_of(corpus), list[Problem]()
    for number, was in lock.locked.items():
        if number not in taken(corpus):
            where = corpus.place(FILE, "locked", number, key=True)
            said = f"'{number}' is locked, and is no longer a decision that has been taken."
            found.append(Problem(where, "locked", said, "Put it back: what has been taken stays on record."))
            continue
        now, mended = digests(corpus, number), dict(open_corrections(corpus, number)).values()
        for name in changed(was, now):
            if name not in mended:
                found.append(_locked(corpus, number, name, gone=name not in now))
    known = {number: {*lock.locked.get(number, ()), *digests(corpus, number)} for number in taken(corpus)}
    for number in corpus.decisions:
        found += _corrections(corpus, number, known.get(number, set()))
    for number in taken(corpus):
        if number not in lock.locked:
            where = corpus.place(corpus.file_of(number, "decision.yaml"), "number")
            said = f"'{number}' is taken, and what it set is not locked yet."
            found.append(Problem(where, "not-locked", said, "Run: senpolicy lock", warning=True))
        elif list(open_corrections(corpus, number)):
            where = corpus.place(corpus.file_of(number, "corrections.yaml"), "corrections")
            said = f"A correction to '{number}' is not in the lock yet."
            found.append(Problem(where, "not-locked", said, "Run: senpolicy lock", warning=True))
    return sorted(found, key=lambda problem: (problem.warning, problem))


def _locked(corpus: Corpus, number: str, name: str, *, gone: bool) -> Problem:
    folder = corpus.file_of(number, "corrections.yaml")
    help = f"Put it back; or, to mend a mistake, say in {folder} what, why and for which dates: mends: {name}"
    if name == STANDING:
        where = corpus.place(corpus.file_of(number, "decision.yaml"), "status")
        said = f"The number, standing or dates of {number} differ from what was locked when it had been taken."
    elif name == DOCUMENTS:
        where = corpus.place(corpus.file_of(number, "decision.yaml"), "documents")
        said = f"The documents of {number} differ from what was locked when it had been taken."
    else:
        where = corpus.place(corpus.file_of(number, "parameters.yaml"), "parameters", name, key=True)
        said = f"'{name}' of {number} {'is gone, and' if gone else 'differs from what'} was locked."
    return Problem(where, "locked", said, help)


def _corrections(corpus: Corpus, number: str, known: set[str]) -> Iterator[Problem]:
    file, made = corpus.file_of(number, "corrections.yaml"), corrections_of(corpus, number).corrections
    ids = {one.id for one in made}
    for index, one in enumerate(made):
        # What a correction did away with is known no longer, once it has been locked.
        if one.mends not in known and one.id not in lock_of(corpus).corrections.get(number, []):
            where = corpus.place(file, "corrections", index, "mends")
            said = f"'{one.mends}' is nothing that {number} set."
            help = did_you_mean(one.mends, sorted(known)) or "Name a parameter of it, or standing, or documents."
            yield Problem(where, "unknown-parameter", said, help)
        if one.until and one.start > one.until:
            where = corpus.place(file, "corrections", index, "from")
            yield Problem(where, "dates-reversed", "The first day is after the last.", "Swap them.")
    for index, held in enumerate(lock_of(corpus).corrections.get(number, [])):
        if held not in ids:
            where = corpus.place(FILE, "corrections", number, index)
            said = f"The correction '{held}' to {number} is locked, and is gone."
            yield Problem(where, "locked", said, f"Put it back into {file}: a correction stays on record.")
