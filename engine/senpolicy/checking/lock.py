"""The lock: what a decision that has been taken set, by digest, and the notes without which it may not change.

policy/<decision>/lock.yaml holds for a decision that is taken a digest of each thing that it set: its dates, its
standing, its documents, which open points it settles and how, and each of its parameters. What a correction mended has
its later digest there, under the correction's id: lines are added to a lock, and none is ever changed. So a program may
lock what is new, and needs no right to change what is locked. A digest is of what is said, not of how it is written:
layout, comments and the decimals of a round sum are free. Labels, notes and open points are not locked: they explain,
and decide nothing. Nor are readings, which are not part of what was decided, nor what becomes of a decision later:
called in, withdrawn, replaced. The review of a change tells that. A correction in policy/<decision>/corrections.yaml
says what was wrong, why, and for which dates; with one that is not in the lock yet, the thing may change once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from senpolicy.files.digests import canonical
from senpolicy.files.models.lock import CorrectionsFile, EarlierLockFile, LockFile
from senpolicy.files.models.rules import DecisionFile
from senpolicy.files.models.standings import LATER
from senpolicy.files.problems import Fix, Place, Problem, did_you_mean
from senpolicy.policy.corpus import Corpus

#: The locks of all decisions in one file, as they were written before each decision had its own.
EARLIER = "policy/lock.yaml"
#: In a lock, what a correction took away.
GONE = "gone"
NOT_LOCKED = "The pull request's workflow adds it. In a terminal: senpolicy lock"
#: What of a decision is locked beside its parameters, as it is called in the lock and in a correction.
STANDING, DOCUMENTS, SETTLES = "standing", "documents", "settles"


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
    if decision.settles:
        held[SETTLES] = [[one.point, one.by, one.answers, one.start, one.leaves] for one in decision.settles]
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


@dataclass(frozen=True)
class Lock:
    """What is locked of a decision: the digest of each thing by now, and the corrections on which these rest."""

    file: LockFile
    earlier: bool = False
    """Whether it is in the one file of all decisions, and not in the decision's own."""

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each thing, with those that corrections put in the place of the first."""
        later = {name: one for made in self.file.corrected.values() for name, one in made.items()}
        return {name: one for name, one in {**self.file.locked, **later}.items() if one != GONE}


def file_of(corpus: Corpus, number: str) -> str:
    """Return the path of a decision's lock: its own file, or that of all where it still is in there."""
    earlier = number in locks_of(corpus) and locks_of(corpus)[number].earlier
    return EARLIER if earlier else corpus.file_of(number, "lock.yaml")


def locks_of(corpus: Corpus) -> dict[str, Lock]:
    """Return the lock of each decision that has one, by its number."""
    found: dict[str, Lock] = {}
    old = corpus.files.get(EARLIER)
    if not isinstance(old, EarlierLockFile):
        old = EarlierLockFile(locked={})
    for number, held in old.locked.items():
        made = {one.id: one.mends for one in corrections_of(corpus, number).corrections}
        ids = old.corrections.get(number, [])
        corrected = {one: {made[one]: held.get(made[one], GONE)} if one in made else {} for one in ids}
        found[number] = Lock(LockFile(locked=held, corrected=corrected), earlier=True)
    for number in corpus.decisions:
        own = corpus.files.get(corpus.file_of(number, "lock.yaml"))
        if isinstance(own, LockFile):
            found[number] = Lock(own)
    return found


def is_locked(corpus: Corpus, number: str, name: str) -> bool:
    """Return whether the lock of a decision holds something that it set."""
    held = locks_of(corpus).get(number)
    return held is not None and name in held.digests


def is_as_locked(corpus: Corpus, number: str, name: str) -> bool:
    """Return whether a decision is locked, and one thing that it set is as it was then."""
    held = locks_of(corpus).get(number)
    return held is not None and held.digests.get(name) == digests(corpus, number).get(name)


def corrections_of(corpus: Corpus, number: str) -> CorrectionsFile:
    """Return the corrections to a decision; none where there is no such file."""
    file = corpus.files.get(corpus.file_of(number, "corrections.yaml"))
    return file if isinstance(file, CorrectionsFile) else CorrectionsFile(corrections=[])


def renewed(corpus: Corpus) -> dict[str, LockFile]:
    """Return for each decision that was taken the lock that goes with it, where `check` finds nothing wrong with them.

    A decision that has no lock gets one; to one that has, what its new corrections mended is added, and no more.
    """
    found = {}
    for number in taken(corpus):
        now, held = digests(corpus, number), locks_of(corpus).get(number)
        new = {
            corrections_of(corpus, number).corrections[index].id: mends
            for index, mends in open_corrections(corpus, number)
        }
        found[number] = LockFile(
            locked=held.file.locked if held else now,
            corrected={
                **(held.file.corrected if held else {}),
                **{one: {mends: now.get(mends, GONE)} for one, mends in new.items()},
            },
        )
    return found


def open_corrections(corpus: Corpus, number: str) -> Iterator[tuple[int, str]]:
    """Yield the place in their list, and what each mends, of the corrections that the lock does not hold yet."""
    lock = locks_of(corpus).get(number)
    for index, one in enumerate(corrections_of(corpus, number).corrections):
        if lock is None or one.id not in lock.file.corrected:
            yield index, one.mends


def changed(was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return what differs between two states of one decision, in the order of the lock, then of the decision."""
    return [name for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]


def renamed(corpus: Corpus, number: str) -> dict[str, str]:
    """Return which names that a decision's lock holds are gone, each with the one that has what it had.

    The name is "" where nothing new of the decision has it, or two things have.
    """
    was, now = locks_of(corpus)[number].digests, digests(corpus, number)
    new = [name for name in now if name not in was]
    found = {}
    for name in (one for one in was if one not in now and one not in (STANDING, DOCUMENTS, SETTLES)):
        alike = [one for one in new if now[one] == was[name]]
        found[name] = alike[0] if len(alike) == 1 else ""
    return found


def gone(corpus: Corpus) -> dict[str, tuple[str, str]]:
    """Return the locked values that their decisions no longer set: by name the decision, and what it is called now."""
    found: dict[str, tuple[str, str]] = {}
    for number in (one for one in taken(corpus) if one in locks_of(corpus)):
        mended = dict(open_corrections(corpus, number)).values()
        found |= {name: (number, now) for name, now in renamed(corpus, number).items() if name not in mended}
    return found


def gone_problem(corpus: Corpus, number: str, name: str, called: str, uses: str = "") -> Problem:
    """Return the problem of a locked value that its decision sets no longer, `called` otherwise now, or not at all.

    `uses` says, as the end of the sentence, which places still name it.
    """
    file, path = corpus.file_of(number, "parameters.yaml"), ("parameters", *([called] if called else []))
    where = corpus.place(file, *path, key=True)
    if called:
        said = f"'{name}', which {number} set, is called '{called}' here{uses}."
        help = f"Put it back as '{name}': what was decided keeps its name. Its label may change."
        return Problem(where, "locked", said, help, fix=Fix(called, name))
    note = corpus.file_of(number, "corrections.yaml")
    help = (
        f"Put it back: what was decided stays on record. Where {number} never set it, say so in {note}: mends: {name}"
    )
    return Problem(where, "locked", f"'{name}', which {number} set, is gone from here{uses}.", help)


def check(corpus: Corpus) -> list[Problem]:
    """Return what was changed in a locked decision without a correction, and what the locks lack as warnings."""
    locks, found = locks_of(corpus), list[Problem]()
    for number, lock in locks.items():
        if number not in taken(corpus):
            where = _place(corpus, number)
            said = f"'{number}' is locked, and is no longer a decision that has been taken."
            found.append(Problem(where, "locked", said, "Put it back: what has been taken stays on record."))
            continue
        now, mended = digests(corpus, number), dict(open_corrections(corpus, number)).values()
        if whose := _copied(corpus, number):
            said = f"This is a copy of the lock of {whose}, and {number} set other things."
            help = "Take the file away: the pull request's workflow writes a lock. In a terminal: senpolicy lock"
            found.append(Problem(_place(corpus, number), "locked", said, help))
            continue
        lost = {was: called for was, called in renamed(corpus, number).items() if was not in mended}
        for name in changed(lock.digests, now):
            if name in mended or name in lost.values():
                continue
            if name in lost:
                found.append(gone_problem(corpus, number, name, lost[name]))
            else:
                found.append(_locked(corpus, number, name, now, lock.digests))
    known = {number: {*digests(corpus, number)} for number in taken(corpus)}
    copies = {number for number in locks if number in known and _copied(corpus, number)}
    for number in (one for one in corpus.decisions if one not in copies):
        held = {*locks[number].digests} if number in locks else set()
        found += _corrections(corpus, number, known.get(number, set()) | (held if number in known else set()))
    for number in taken(corpus):
        if number not in locks:
            where = corpus.place(corpus.file_of(number, "decision.yaml"), "number")
            said = f"'{number}' is taken, and what it set is not locked yet."
            found.append(Problem(where, "not-locked", said, NOT_LOCKED, warning=True))
        elif list(open_corrections(corpus, number)):
            where = corpus.place(corpus.file_of(number, "corrections.yaml"), "corrections")
            said = f"A correction to '{number}' is not in the lock yet."
            found.append(Problem(where, "not-locked", said, NOT_LOCKED, warning=True))
    return sorted(found, key=lambda problem: (problem.warning, problem))


def _place(corpus: Corpus, number: str) -> Place:
    """Return where a decision's lock is."""
    lock = locks_of(corpus)[number]
    path = ("locked", number) if lock.earlier else ("locked",)
    return corpus.place(file_of(corpus, number), *path, key=True)


def _copied(corpus: Corpus, number: str) -> str | None:
    """Return the decision whose lock was copied for another one, None where it is its own."""
    held = locks_of(corpus)
    own = held[number].file.locked.get(STANDING)
    if own == digests(corpus, number)[STANDING]:
        return None
    return next((one for one in held if one != number and held[one].file.locked.get(STANDING) == own), None)


def _locked(corpus: Corpus, number: str, name: str, now: Mapping[str, str], was: Mapping[str, str]) -> Problem:
    note = corpus.file_of(number, "corrections.yaml")
    help = f"Put it back; or, to mend a mistake, say in {note} what, why and for which dates: mends: {name}"
    if name == STANDING:
        where = corpus.place(corpus.file_of(number, "decision.yaml"), "status")
        said = f"The number, standing or dates of {number} differ from what was locked when it had been taken."
    elif name == DOCUMENTS:
        where = corpus.place(corpus.file_of(number, "decision.yaml"), "documents")
        said = f"The documents of {number} differ from what was locked when it had been taken."
    elif name == SETTLES:
        where = corpus.place(corpus.file_of(number, "decision.yaml"), "settles", key=True)
        said = f"What {number} settles {'is gone, and' if name not in now else 'differs from what'} was locked."
    else:
        where = corpus.place(corpus.file_of(number, "parameters.yaml"), "parameters", name, key=True)
        said = f"'{name}' of {number} differs from what was locked."
        mend = f"say in {note} what, why and for which dates: mends: {name}"
        help = (
            f"Put it back. A new decision sets a new value in a file of its own, with 'from'; to mend a mistake, {mend}"
        )
        if name not in was:
            said = f"'{name}' was added to {number} after what it set had been locked."
            help = f"Take it out: a new decision sets it in a file of its own. Where {number} did set it, {mend}"
    return Problem(where, "locked", said, help)


def _corrections(corpus: Corpus, number: str, known: set[str]) -> Iterator[Problem]:
    file, made = corpus.file_of(number, "corrections.yaml"), corrections_of(corpus, number).corrections
    ids, lock = {one.id for one in made}, locks_of(corpus).get(number)
    locked = lock.file.corrected if lock else {}
    for index, one in enumerate(made):
        # What a correction did away with is known no longer, once it has been locked.
        if one.mends not in known and one.id not in locked:
            where = corpus.place(file, "corrections", index, "mends")
            said = f"'{one.mends}' is nothing that {number} set."
            help = (
                did_you_mean(one.mends, sorted(known)) or "Name a parameter of it, or standing, documents or settles."
            )
            yield Problem(where, "unknown-parameter", said, help)
        if one.until and one.start > one.until:
            where = corpus.place(file, "corrections", index, "from")
            yield Problem(where, "dates-reversed", "The first day is after the last.", "Swap them.")
    for index, held in enumerate(locked):
        if held not in ids:
            path = ("corrections", number, index) if lock and lock.earlier else ("corrected", held)
            said = f"The correction '{held}' to {number} is locked, and is gone."
            where = corpus.place(file_of(corpus, number), *path, key=True)
            yield Problem(where, "locked", said, f"Put it back into {file}: a correction stays on record.")
