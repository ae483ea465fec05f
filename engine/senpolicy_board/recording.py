"""The decision record of what the board decides: written with the decision, and held against the trail.

The record is sealed by its digest, and the digest stands in the entry of the trail that says the decision stands. So
each confirms the other: a record that is shown can be looked up in the trail, and a trail names every record.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, joinedload

from senpolicy import __version__
from senpolicy.deciding import record as decision_record
from senpolicy.deciding.decide import Decision
from senpolicy.files.digests import PlainData, canonical
from senpolicy.files.problems import PolicyError
from senpolicy_board.policies import Policies
from senpolicy_board.settings import Settings
from senpolicy_board.tables import BoardOutcome, DecisionRecord, TrailEntry

#: What checks the record itself: gives back what is wrong with it, in words.
Check = Callable[[Mapping[str, PlainData]], Sequence[str]]


def write(db: Session, settings: Settings, policies: Policies, outcome: BoardOutcome) -> DecisionRecord | None:
    """Keep the record of an outcome that has just come to stand, and return it; its digest goes into the trail.

    None where no decision is issued for the case: then there is nothing to record but that.
    """
    decision = policies.decide(outcome.case)
    if not isinstance(decision, Decision):
        return None
    made = decision_record.record_of(decision, secrets.token_hex(16), __version__)
    kept = DecisionRecord(
        outcome_id=outcome.id,
        made_at=settings.now(),
        digest=made["digest"],
        policy_digest=decision.policy.digest,
        content=canonical(made).decode(),
    )
    db.add(kept)
    db.flush()
    return kept


def text_of(record: DecisionRecord) -> str | None:
    """Return a record as the text of its file, None once it has been removed."""
    return None if record.content is None else decision_record.text_of(json.loads(record.content))


def file_name(record: DecisionRecord) -> str:
    """Return the name of a record's file. It says nothing of the pupil: it would stay in folders and histories."""
    return f"record-{record.digest.removeprefix('sha256:')[:12]}.json"


def digest_in(seq: int, detail: str) -> dict[str, int]:
    """Return the digest of the record that an entry names, with the number of the entry; nothing where it names none.

    That a detail was changed is for the chain to find, so one that cannot be read names none.
    """
    try:
        said = json.loads(detail)
    except (ValueError, RecursionError):
        return {}
    digest = said.get("record") if isinstance(said, dict) else None
    return {digest: seq} if isinstance(digest, str) else {}


def named(db: Session) -> dict[str, int]:
    """Return the digest of each record that the trail names, with the number of its entry."""
    found: dict[str, int] = {}
    for seq, detail in db.execute(select(TrailEntry.seq, TrailEntry.detail).order_by(TrailEntry.seq)):
        found |= digest_in(seq, detail)
    return found


def faults(db: Session, check: Check | None = None) -> list[str]:
    """Return in words what is wrong between the records that are kept and the trail that names them.

    A record that is there must have the digest that the trail names, and pass `check`; one that the trail names must
    be there, or its digest, once retention has removed it.
    """
    if not inspect(db.connection()).has_table(DecisionRecord.__tablename__):  # A copy from before there were records.
        return []
    recorded = named(db)
    found, met = [], set[str]()
    rows = (
        select(DecisionRecord)
        .options(joinedload(DecisionRecord.outcome).joinedload(BoardOutcome.case))
        .order_by(DecisionRecord.id)
    )
    for one in db.scalars(rows).yield_per(200):
        met.add(one.digest)
        name = f"decision_record {one.key}"
        if one.digest not in recorded:
            found.append(f"{name} has a digest that the trail does not hold")
        if one.content is None:
            if one.outcome.case.removed_at is None:
                found.append(f"{name} has been removed, though the facts of its case are kept")
            continue
        found += [f"{name}: {said}" for said in _content_faults(one, check)]
    lost = (f"the record that entry {seq} names is not kept" for digest, seq in recorded.items() if digest not in met)
    return [*found, *lost]


def _content_faults(kept: DecisionRecord, check: Check | None) -> Sequence[str]:
    try:
        made = decision_record.read((kept.content or "").encode(), kept.key)
    except PolicyError:
        return ["it is no decision record"]
    if made.get("digest") != kept.digest:
        return ["its digest is another than the one that was recorded"]
    case = kept.outcome.case
    if case.ref is not None and made.get("case_ref") != case.ref:
        return ["it is of another case"]
    return check(made) if check else decision_record.verify(made).faults
