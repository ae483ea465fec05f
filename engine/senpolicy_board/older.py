"""What the trail of an older board says of its rows: less than every row, and what it says is held against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from senpolicy_board.images import Cell, Image, Row
from senpolicy_board.replay import Key
from senpolicy_board.trail import Entry

Rows = Mapping[str, Mapping[Key, Row]]

#: What an older trail did not write down, in words.
UNPROVED = (
    "when an account was made, its sign-in name and password; a case's level, answers and size as loaded, and its "
    "groups and reference beyond their seal; the stratum and reason of a case in a sample; drafts of ratings; why a "
    "change was declined; the title, members and minutes of a meeting but for its closed record; titles of caseloads; "
    "sessions"
)
#: The actions by which rows came about, each with the table of its subject.
_MAKES = {
    "account added": "account", "caseload loaded": "caseload", "sample drawn": "sample", "ratings confirmed": "scoring",
    "agreed": "outcome", "change proposed": "outcome", "meeting opened": "meeting",
}  # fmt: skip
_SETTLES = {"change approved": "stands", "change declined": "declined"}
#: The actions that say something more of a row that is there already.
_CHANGES = {**dict.fromkeys(_SETTLES, "outcome"), "meeting closed": "meeting", "facts removed": "caseload"}
#: How far the moment in a row may be from that of its entry, in seconds: an older board read its clock for each.
_NEAR = 60


@dataclass(frozen=True)
class OlderEntry:
    """An entry that says something of rows."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: Row


@dataclass
class Older:
    """The entries of an older trail that say something of rows, in their order."""

    entries: list[OlderEntry] = field(default_factory=list)

    def add(self, entry: Entry, detail: Row) -> None:
        """Take in the next entry."""
        if entry.action not in ("viewed", "signed in", "signed out", "sign-in refused", "refused"):
            subject = str(entry.subject).partition(":")[2]
            self.entries.append(
                OlderEntry(entry.seq, str(entry.at), str(entry.actor), str(entry.action), subject, detail)
            )

    def faults(self, rows: Rows) -> Iterator[str]:
        """Yield in words where rows, as they were taken over, are not what these entries say."""
        yield from _AgainstRows(self.entries, rows).faults()


class _AgainstRows:
    """The entries of an older trail held against the rows."""

    def __init__(self, entries: list[OlderEntry], rows: Rows) -> None:
        self.entries, self.rows = entries, rows
        self.by_key = {
            table: {row.get("key"): row for row in held.values()}
            for table, held in rows.items()
            if table not in ("signed_in", "known_browser")
        }

    def id_of(self, table: str, key: Cell) -> Cell:
        return self.by_key.get(table, {}).get(key, {}).get("id")

    def faults(self) -> Iterator[str]:
        for claim in self.entries:
            table = _MAKES.get(claim.action) or _CHANGES.get(claim.action)
            if table is None:
                continue
            row = self.by_key.get(table, {}).get(claim.subject)
            if row is None:
                yield f"{table} {claim.subject}: entry {claim.seq} of the older trail names this row; it is not there"
                continue
            for name, value in self.said(claim).items():
                if not _same(row.get(name), value, moment=name.endswith("_at")):
                    yield f"{table} {claim.subject}: entry {claim.seq} of the older trail says otherwise: {name}"
        yield from self.picks()
        yield from self.unclaimed()

    def said(self, claim: OlderEntry) -> Image:
        """Return what an entry says of the row that it names, column by column."""
        detail, who = claim.detail, self.id_of("account", claim.actor)
        case, meeting = self.id_of("board_case", detail.get("case")), self.id_of("meeting", detail.get("meeting"))
        at, seal = claim.at, detail.get("seal")
        loaded = {"file": "file_digest", "cases": "rows", "refused": "refused", "policy": "policy_digest",
                  "as_of": "as_of", "scenario": "scenario"}  # fmt: skip
        proposed = {"case_id": case, "proposed_by_id": who, "seal": seal, "meeting_id": meeting, "proposed_at": at}
        rows: dict[str, Image] = {
            "account added": {"role": detail.get("role"), "label": detail.get("label"), "made_at": at},
            "caseload loaded": {"loaded_by_id": who} | {column: detail.get(name) for name, column in loaded.items()},
            "sample drawn": {
                "seed": detail.get("seed"), "plan": detail.get("plan"), "drawn_by_id": who, "drawn_at": at,
                "caseload_id": self.id_of("caseload", detail.get("caseload")),
            },
            "ratings confirmed": {"case_id": case, "account_id": who, "seal": seal, "confirmed_at": at},
            "agreed": {**proposed, "kind": "agreed", "state": "stands"},
            "change proposed": {**proposed, "kind": "changed"},
            "meeting opened": {"held_on": detail.get("held_on"), "opened_by_id": who, "opened_at": at},
            "meeting closed": {"closed_by_id": who, "closed_at": at},
            "facts removed": {"removed_at": at},
        }  # fmt: skip
        settled = {"state": _SETTLES.get(claim.action), "approved_by_id": who, "approved_at": at}
        return rows.get(claim.action, settled)

    def picks(self) -> Iterator[str]:
        named = {(claim.subject, case): claim.seq for claim in self.entries for case in _drawn(claim)}
        samples = {row.get("id"): row.get("key") for row in self.rows.get("sample", {}).values()}
        cases = {row.get("id"): row.get("key") for row in self.rows.get("board_case", {}).values()}
        kept = {
            (samples.get(row.get("sample_id")), cases.get(row.get("case_id")))
            for row in self.rows.get("pick", {}).values()
        }
        yield from (f"sample {one}: the older trail does not name the case {case}" for one, case in kept - set(named))
        for sample, case in named.keys() - kept:
            yield f"sample {sample}: entry {named[sample, case]} of the older trail puts the case {case} into it"

    def unclaimed(self) -> Iterator[str]:
        """Yield the rows that came about, or were settled, closed or emptied, by no entry."""
        done = {(claim.action, claim.subject) for claim in self.entries}
        loads = {row.get("id"): row.get("key") for row in self.rows.get("caseload", {}).values()}
        for row in self.rows.get("board_case", {}).values():
            if row.get("removed_at") and ("facts removed", loads.get(row.get("caseload_id"))) not in done:
                yield f"board_case {row.get('key')}: its facts are removed, and no entry of the older trail says so"
        made = {(table, claim.subject) for claim in self.entries if (table := _MAKES.get(claim.action))}
        for table in dict.fromkeys(_MAKES.values()):
            for row in self.rows.get(table, {}).values():
                draft = table == "scoring" and row.get("confirmed_at") is None
                if not draft and (table, row.get("key")) not in made:
                    yield f"{table} {row.get('key')}: no entry of the older trail says how this row came about"
        approved = {claim.subject for claim in self.entries if claim.action in ("agreed", *_SETTLES)}
        for row in self.rows.get("outcome", {}).values():
            if row.get("state") != "proposed" and row.get("key") not in approved:
                yield f"outcome {row.get('key')}: no entry of the older trail settles it"
        said = {(claim.subject, claim.actor, claim.detail.get("kind")) for claim in self.entries
                if claim.action == "conflict declared"}  # fmt: skip
        cases = {row.get("id"): row.get("key") for row in self.rows.get("board_case", {}).values()}
        people = {row.get("id"): row.get("key") for row in self.rows.get("account", {}).values()}
        kept = {(cases.get(row.get("case_id")), people.get(row.get("account_id")), row.get("kind"))
                for row in self.rows.get("conflict", {}).values()}  # fmt: skip
        for case, _, _ in said ^ kept:
            yield f"board_case {case}: its declared conflicts are not those of the older trail"
        settled = {row.get("case_id") for row in self.rows.get("outcome", {}).values() if row.get("state") == "stands"}
        for row in self.rows.get("board_case", {}).values():
            if (row.get("settled_at") is not None) != (row.get("id") in settled):
                yield f"board_case {row.get('key')}: it is settled, and no outcome stands, or the other way round"


def _drawn(claim: OlderEntry) -> list[Cell]:
    """Return the cases that an entry puts into the sample of its subject."""
    if claim.action == "sample drawn":
        cases = claim.detail.get("cases")
        return list(cases) if isinstance(cases, list) else []
    name = {"case replaced": "by", "case added": "case"}.get(claim.action)
    return [claim.detail[name]] if name and claim.detail.get(name) else []


def _same(held: Cell, said: Cell, *, moment: bool) -> bool:
    if not moment:
        return bool(held == said)
    try:
        return abs((datetime.fromisoformat(str(held)) - datetime.fromisoformat(str(said))).total_seconds()) <= _NEAR
    except (TypeError, ValueError):
        return False
