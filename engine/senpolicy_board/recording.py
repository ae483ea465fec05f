"""The decision record of what the board decides: written with the decision, and held against the trail.

The record is sealed by its digest, and the digest stands in the entry of the trail that says the decision stands. So
each confirms the other: a record that is shown can be looked up in the trail, and a trail names every record.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from senpolicy import __version__
from senpolicy.deciding import record as decision_record
from senpolicy.deciding.decide import Decision
from senpolicy.files.digests import PlainData, canonical
from senpolicy.files.problems import PolicyError
from senpolicy_board.images import Row
from senpolicy_board.policies import Policies
from senpolicy_board.replay import Key
from senpolicy_board.settings import Settings
from senpolicy_board.tables import BoardOutcome, DecisionRecord

#: What checks the record itself: gives back what is wrong with it, in words.
Check = Callable[[Mapping[str, PlainData]], Sequence[str]]


def write(settings: Settings, policies: Policies, outcome: BoardOutcome) -> DecisionRecord | None:
    """Keep the record of an outcome that has just come to stand, and return it; its digest goes into the trail.

    None where no decision is issued for the case: then there is nothing to record but that.
    """
    decision = policies.decide(outcome.case)
    if not isinstance(decision, Decision):
        return None
    made = decision_record.record_of(decision, secrets.token_hex(16), __version__)
    kept: DecisionRecord = DecisionRecord.objects.create(
        outcome_id=outcome.id,
        made_at=settings.now(),
        digest=str(made["digest"]),
        policy_digest=decision.policy.digest,
        content=canonical(made).decode(),
    )
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


def faults(
    kept: Iterable[Row], cases: Mapping[Key, Row], recorded: Mapping[str, int],
    check: Check | None = None,
) -> Iterator[str]:  # fmt: skip
    """Yield in words what is wrong between the records that are kept and the trail that names them.

    `kept` are the rows of records, `cases` the row of the case of each outcome by the outcome's id, `recorded` the
    digests that the trail names, each with the number of its entry. A record that is there must have the digest that
    the trail names, and pass `check`; one that the trail names must be there, or its digest, once retention has removed
    it.
    """
    met = set[str]()
    for one in kept:
        met.add(str(one["digest"]))
        name, case = f"decision_record {one['key']}", cases.get(one["outcome_id"], {})
        if one["digest"] not in recorded:
            yield f"{name} has a digest that the trail does not hold"
        if one["content"] is None:
            if case.get("removed_at") is None:
                yield f"{name} has been removed, though the facts of its case are kept"
            continue
        yield from (f"{name}: {said}" for said in _content_faults(one, case, check))
    yield from (
        f"the record that entry {seq} names is not kept" for digest, seq in recorded.items() if digest not in met
    )


def _content_faults(kept: Row, case: Row, check: Check | None) -> Sequence[str]:
    try:
        made = decision_record.read(str(kept["content"]).encode(), str(kept["key"]))
    except (PolicyError, ValueError):
        return ["it is no decision record"]
    if made.get("digest") != kept["digest"]:
        return ["its digest is another than the one that was recorded"]
    if case.get("ref") is not None and made.get("case_ref") != case["ref"]:
        return ["it is of another case"]
    return check(made) if check else decision_record.verify(made).faults
