"""Loading a caseload onto the board, and removing pupils' facts once they are no longer needed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from senpolicy.caseloads.files.limits import SUFFIXES as TABLES
from senpolicy.caseloads.files.limits import Limits
from senpolicy.caseloads.groups import with_groups
from senpolicy.caseloads.run import cases, open_caseload
from senpolicy.deciding.cases import MOST_CASES, Case, Refused, read_file
from senpolicy.deciding.decide import Decision
from senpolicy.files.digests import PlainData
from senpolicy.files.identifiers import tells_of_a_child
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse
from senpolicy_board import trail
from senpolicy_board.policies import Policies, answers_of
from senpolicy_board.settings import Settings
from senpolicy_board.stopping import there
from senpolicy_board.tables import (
    Account,
    BoardCase,
    BoardOutcome,
    BoardRow,
    Conflict,
    DecisionRecord,
    Evidence,
    HaltPart,
    IssuedNotice,
    Loaded,
    MappedLevel,
    Pick,
    RefusedRow,
    Sample,
    Scoring,
    Seed,
)

#: The most that a table may have and take here, where others wait for the same machine.
LIMITS = Limits(rows=MOST_CASES, memory=2 << 30, seconds=60)
#: What parts the words in the cell of a group: brackets, commas and the like, and dashes between words.
_BETWEEN = re.compile(r"[()\[\]{},;:/|\"“”]|\s[-–—]\s")
#: The kinds of file that a caseload may come in.
SUFFIXES = (*TABLES, ".yaml", ".yml", ".json")


@dataclass(frozen=True)
class LoadedCase:
    """A case ready to be kept, with what the policy makes of it."""

    case: Case
    groups: dict[str, str]
    decision: Decision


@dataclass(frozen=True)
class Read:
    """A caseload as it was read: the digest of its bytes, the cases to keep, and what is wrong with the others.

    `notes` are to be said of the file as a whole, and of cases that are kept.
    """

    digest: str
    rows: list[LoadedCase]
    refused: list[Refused]
    notes: tuple[str, ...] = ()


def read(path: Path, policies: Policies) -> Read:
    """Read a caseload and decide each of its cases; keeps nothing.

    Raises `PolicyError` for a fault of the file, `WrongUse` for another kind. Messages never hold a cell's value.
    """
    policy, rows, refused, notes = policies.policy, list[LoadedCase](), list[Refused](), list[str]()
    if path.suffix.lower() not in SUFFIXES:
        raise WrongUse(f"This is no caseload. Load a file whose name ends in {', '.join(SUFFIXES)}.")
    for one, groups in _cases(path, policies, notes):
        case = _without_names(one, groups, path.name, policies)
        if isinstance(case, Refused):
            refused.append(case)
            continue
        decided = policies.decide_case(case, policy)
        if isinstance(decided, Decision):
            rows.append(LoadedCase(case, groups, decided))
        else:
            said = Problem(
                Place(path.name), "not-issued", "The two evaluators differ for this case.",
                "Report it; do not decide it by hand.", row=case.row,
            )  # fmt: skip
            refused.append(Refused(case.ref, (said,), case.row))
    return Read(f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}", rows, refused, tuple(notes))


def _without_names(case: Case | Refused, groups: Mapping[str, str], name: str, policies: Policies) -> Case | Refused:
    """Return a case, or refuse it where a part of a group names somebody: "St Mary's", and a pupil in brackets."""
    for column, text in groups.items():
        named = policies.corpus.facts.groups[column].named
        parts = [one.strip() for one in _BETWEEN.split(text) if one.strip()]
        if len(parts) > 1 and any(tells_of_a_child(one, named=named) for one in parts):
            help = "Write the school, the Community or the like alone; a case has a pseudonymous reference only."
            problem = Problem(
                Place(name), "identifies-a-child", "This looks like something that identifies a child.", help,
                row=case.row, field=column,
            )  # fmt: skip
            case = Refused(case.ref, (*(case.problems if isinstance(case, Refused) else ()), problem), case.row)
    return case


def _cases(path: Path, policies: Policies, notes: list[str]) -> Iterator[tuple[Case | Refused, dict[str, str]]]:
    policy, named = policies.policy, policies.corpus.facts.groups
    if path.suffix.lower() in TABLES:
        caseload = open_caseload(path, LIMITS)
        yield from cases(caseload, policy)
        notes += caseload.notes
        return
    for case in read_file(path, policy, beside=tuple(named)):
        groups = {} if isinstance(case, Refused) else {n: str(v) for n, v in case.beside.items() if v not in (None, "")}
        if isinstance(case, Case):
            notes += [str(one) for one in case.warnings if one.code == "alike-reference"]
        yield with_groups(case, groups, path.name, policy), groups


def keep(settings: Settings, policies: Policies, found: Read, title: str, by: Account) -> Loaded:
    """Keep what was read as a new caseload, with its entry in the trail, and return it.

    Raises `WrongUse` where the title may identify a person, or where the same file is on the board already, by its
    digest; `PolicyError` where no case can be kept.
    """
    if not title:
        raise WrongUse("A title stands in records: write a short one that names nobody, such as 'Autumn 2026'.")
    if named := policies.names_in(title):
        raise WrongUse(f"This title may name somebody, by '{named[0]}'. Write another, such as 'Autumn 2026'.")
    if not found.rows:
        raise PolicyError([problem for refused in found.refused for problem in refused.problems])
    again = Loaded.objects.filter(file_digest=found.digest, removed_at=None).first()
    if again is not None:
        raise WrongUse(f"This very file is on the board already, as '{again.title}'. Go to that caseload.")
    policy = policies.policy
    loaded: Loaded = Loaded.objects.create(
        title=title[:80],
        loaded_at=settings.now(),
        loaded_by_id=by.id,
        file_digest=found.digest,
        as_of=policy.as_of,
        policy_digest=policy.digest,
        scenario=policy.scenario.scenario if policy.scenario else None,
        rows=len(found.rows),
        refused=len(found.refused),
    )
    kept = [_kept(row, policies, loaded) for row in found.rows]
    trail.add_all(kept)
    trail.add_all(
        [
            RefusedRow(caseload=loaded, number=one.row, says="\n".join(str(problem) for problem in one.problems))
            for one in found.refused
        ]
    )
    trail.append(
        settings.now(), by.key, "caseload loaded", f"caseload:{loaded.key}", file=found.digest,
        cases=len(found.rows), refused=len(found.refused), policy=policy.digest, as_of=policy.as_of,
        scenario=loaded.scenario, seals=[one.seal for one in kept],
    )  # fmt: skip
    return loaded


def _kept(row: LoadedCase, policies: Policies, loaded: Loaded) -> BoardCase:
    case = row.case
    level = case.facts.get(policies.level_fact)
    kept = BoardCase(
        caseload=loaded,
        ref=case.ref,
        decision_date=case.day,
        facts=policies.given(case),
        groups=row.groups,
        level=level if isinstance(level, str) else None,
        answers=answers_of(row.decision),
        size=policies.size(case),
        above_trigger=policies.above_trigger(case),
        salt=trail.new_salt(),
    )
    kept.seal = trail.seal(kept.salt or "", trail.content_of(kept))
    return kept


def remove(settings: Settings, before: datetime) -> dict[str, int]:
    """Remove pupils' facts from every caseload that was loaded before a moment; return how many rows were emptied.

    References, facts, groups, answers, ratings, notes, evidence, decision records, notices and what outcomes say go,
    and with them the salts of their seals: the trail stays as it is, verifies as before, and can no longer be traced to
    any content. The digest of a record stays, so that a copy which someone was given can still be held against it.
    """
    counts = dict.fromkeys(
        ("caseloads", "cases", "scorings", "outcomes", "records", "notices", "pieces of evidence"), 0
    )  # fmt: skip
    now = settings.now()
    for loaded in Loaded.objects.filter(loaded_at__lt=before, removed_at=None):
        counts["caseloads"] += 1
        _emptied(loaded, at=now)
        for row in loaded.refused_rows.all():
            _emptied(row, "says", "salt")
        cases = loaded.cases.prefetch_related(
            "scorings", "outcomes__records", "outcomes__reviews", "outcomes__dissents", "notices", "picks", "mapped"
        )  # fmt: skip
        for case in cases:
            counts["cases"] += 1
            _emptied(case, *BoardCase.sealed, at=now)
            for scoring in case.scorings.all():
                if scoring.confirmed_at is None:
                    scoring.delete()
                else:
                    _emptied(scoring, *Scoring.sealed)
                counts["scorings"] += 1
            for outcome in case.outcomes.all():
                _emptied(outcome, *BoardOutcome.sealed)
                for said in (*outcome.reviews.all(), *outcome.dissents.all()):
                    _emptied(said, *said.sealed)
                if outcome.record:
                    _emptied(outcome.record, *DecisionRecord.sealed)
                    counts["records"] += 1
                counts["outcomes"] += 1
            for notice in case.notices.all():
                _emptied(notice, *IssuedNotice.sealed)
                counts["notices"] += 1
            for one in (*case.picks.all(), *case.mapped.all(), *case.evidence.all(), *case.seeds.all()):
                _emptied(one, *one.sealed)
                counts["pieces of evidence"] += isinstance(one, Evidence)
        trail.append(now, "command", "facts removed", f"caseload:{loaded.key}", cases=len(cases))
    return counts


def _emptied(row: BoardRow, *names: str, at: datetime | None = None) -> None:
    """Empty what is sealed of a row, and save it; `at` is when its facts were removed, where it says so."""
    for name in names:
        setattr(row, name, None)
    if at is not None:
        row.removed_at = at  # type: ignore[attr-defined]  # A day is given only for a table with this column.
    row.save()


def rests_on(loaded: Loaded) -> bool:
    """Return whether anything has been done with the cases of a caseload, so that it cannot be taken back."""
    done = (
        table.objects.filter(case__caseload=loaded)
        for table in (Pick, Scoring, Conflict, BoardOutcome, Evidence, Seed, MappedLevel, HaltPart)
    )
    return any(one.exists() for one in (Sample.objects.filter(caseload=loaded), *done))


def take_back(settings: Settings, loaded: Loaded, by: Account) -> None:
    """Take a caseload off the board whole, with its entry in the trail; its file can then be loaded again.

    Raises `WrongUse` where something rests on it, or its facts have been removed.
    """
    if loaded.removed_at is not None or rests_on(loaded):
        raise WrongUse(
            "Something rests on this caseload: a sample, seed, level, rating, conflict, decision or evidence. It stays."
        )
    cases = loaded.cases.all()
    for row in (*cases, *loaded.refused_rows.all(), *loaded.declared.all(), *loaded.mapping_lists.all(), loaded):
        row.delete()
    trail.append(settings.now(), by.key, "caseload taken back", f"caseload:{loaded.key}", cases=len(cases))


def known(key: str) -> Loaded:
    """Return the caseload with this key; raises `Stop` where there is none."""
    found: Loaded | None = Loaded.objects.select_related("loaded_by").filter(key=key).first()
    return there(found, "caseload", "See the list of caseloads.")


def picked(case: BoardCase) -> Pick | None:
    """Return the pick by which a case stands in a sample, None where it does not or has been replaced."""
    return next((pick for pick in case.picks.all() if pick.replaced_at is None), None)


def group_of(row: BoardCase, name: str) -> str:
    """Return a group of a case, "" where it is not known."""
    groups: dict[str, PlainData] = row.groups or {}
    return str(groups.get(name) or "")
