"""79 changes of a board's database by whoever holds its file, as they were tried from outside: see `TAMPERINGS`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from board_proof import rechained, sealed_again
from senpolicy_board import trail

Tampering = Callable[[sqlite3.Connection], None]

CONFIRMED = "confirmed_at IS NOT NULL"
CHANGED = "kind = 'changed' AND state = 'stands'"
#: Of the board of `board_proof.full`: the number of the last entry whose meeting is closed, as a condition on entries.
CLOSED = "(SELECT MAX(seq) FROM trail WHERE action = 'meeting closed')"


def said(*statements: str) -> Tampering:
    """Do what these statements say; each must do something."""

    def do(db: sqlite3.Connection) -> None:
        for one in statements:
            assert db.execute(one).rowcount != 0, one

    return do


def again(*statements: str) -> Tampering:
    """Do the same, and make the chain whole again."""

    def do(db: sqlite3.Connection) -> None:
        said(*statements)(db)
        rechained(db)

    return do


def exchange(table: str, columns: str, where: str = "1 = 1") -> Tampering:
    """Exchange columns of the first and the last row of a table."""

    def do(db: sqlite3.Connection) -> None:
        key = "seq" if table == "trail" else "id"
        ids = [one for (one,) in db.execute(f"SELECT {key} FROM {table} WHERE {where} ORDER BY {key}")]
        first, last = ids[0], ids[-1]
        assert first != last
        names = columns.split(", ")
        kept = {one: db.execute(f"SELECT {columns} FROM {table} WHERE {key} = ?", (one,)).fetchone() for one in ids}
        assert kept[first] != kept[last]
        set_all = ", ".join(f"{name} = ?" for name in names)
        # What no two rows may have alike is taken out of the way first.
        apart = [-value if isinstance(value, int) else f"~{value}" for value in kept[first]]
        db.execute(f"UPDATE {table} SET {set_all} WHERE {key} = ?", (*apart, first))
        db.execute(f"UPDATE {table} SET {set_all} WHERE {key} = ?", (*kept[first], last))
        db.execute(f"UPDATE {table} SET {set_all} WHERE {key} = ?", (*kept[last], first))

    return do


def rating(db: sqlite3.Connection, *, seal: bool, entry: bool = False) -> None:
    """Change a confirmed rating; with its seal; with the entry of the trail and the chain."""
    number, old = db.execute(f"SELECT id, seal FROM scoring WHERE {CONFIRMED}").fetchone()
    db.execute("UPDATE scoring SET ratings = replace(ratings, '_1', '_3') WHERE id = ?", (number,))
    if seal:
        sealed_again(db, "scoring", f"id = {number}")
    if entry:
        new = db.execute("SELECT seal FROM scoring WHERE id = ?", (number,)).fetchone()[0]
        assert old != new
        db.execute("UPDATE trail SET detail = replace(detail, ?, ?)", (old, new))
        rechained(db)


def copied_rating(db: sqlite3.Connection) -> None:
    """Put a copy of another case's rating, with its salt and seal, in the place of one."""
    rows = db.execute(f"SELECT id, ratings, note, salt, seal FROM scoring WHERE {CONFIRMED} ORDER BY id").fetchall()
    db.execute("UPDATE scoring SET ratings = ?, note = ?, salt = ?, seal = ? WHERE id = ?", (*rows[0][1:], rows[-1][0]))


def forged_entry(db: sqlite3.Connection) -> None:
    """Append an entry with the right hash."""
    seq, previous = db.execute("SELECT seq, hash FROM trail ORDER BY seq DESC LIMIT 1").fetchone()
    fields = (seq + 1, "2026-10-07T09:00:00.000000+00:00", "command", "viewed", "board", "{}", previous)
    db.execute("INSERT INTO trail VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*fields, trail.hash_of(*fields)))


def swapped(db: sqlite3.Connection, *, renumbered: bool) -> None:
    """Swap two entries; with the numbers and the hashes that make the chain whole again."""
    exchange("trail", "at, actor, action, subject, detail", "seq IN (20, 30)")(db)
    if renumbered:
        rechained(db)


def another(db: sqlite3.Connection, table: str, **other: Any) -> None:
    """Add a row that is like the first of a table, but for its ids and what is given."""
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    row = dict(zip(names, db.execute(f"SELECT * FROM {table}").fetchone(), strict=True))
    row |= {"id": 901, "key": "0123456789abcdef"} if "key" in names else {"id": 901} if "id" in names else {}
    row = {name: value for name, value in (row | other).items() if name in names}
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def invented_case(db: sqlite3.Connection) -> None:
    another(db, "board_case", ref="BD-9999")
    sealed_again(db, "board_case", "id = 901")


def invented_change(db: sqlite3.Connection) -> None:
    """An approved change that was never made, with its entry, in a chain that is whole."""
    case, key = db.execute("SELECT id, key FROM board_case WHERE settled_at IS NULL ORDER BY id DESC").fetchone()
    db.execute("DELETE FROM outcome WHERE case_id = ?", (case,))
    another(db, "outcome", case_id=case)
    sealed_again(db, "outcome", "id = 901")
    seal = db.execute("SELECT seal FROM outcome WHERE id = 901").fetchone()[0]
    seq, previous = db.execute("SELECT seq, hash FROM trail ORDER BY seq DESC LIMIT 1").fetchone()
    who = db.execute("SELECT key FROM account WHERE id = 2").fetchone()[0]
    detail = trail.canonical({"case": key, "seal": seal, "record": None})
    at = "2026-10-07T09:00:00.000000+00:00"
    fields = (seq + 1, at, who, "change approved", "outcome:0123456789abcdef", detail, previous)
    db.execute("INSERT INTO trail VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*fields, trail.hash_of(*fields)))


def digest_again(db: sqlite3.Connection) -> None:
    """Edit a decision record and make its digest again."""
    from senpolicy.deciding import record as decision_record

    number, content = db.execute("SELECT id, content FROM decision_record").fetchone()
    made = json.loads(content)
    made["case_ref"] = "BD-0007"
    made["digest"] = decision_record.seal(made)
    db.execute(
        "UPDATE decision_record SET content = ?, digest = ? WHERE id = ?",
        (trail.canonical(made), made["digest"], number),
    )


#: What was tried, each by its name in the report of it, with what it does to a database whose triggers are off.
TAMPERINGS: dict[str, Tampering] = {
    "trail: one entry's detail edited": said("UPDATE trail SET detail = '{\"x\":1}' WHERE seq = 20"),
    "trail: one entry's time edited": said("UPDATE trail SET at = '2026-01-01' WHERE seq = 20"),
    "trail: one entry's actor edited": said("UPDATE trail SET actor = 'x' WHERE seq = 20"),
    "trail: a middle entry deleted": said("DELETE FROM trail WHERE seq = 20"),
    "trail: last 10 entries cut off": said("DELETE FROM trail WHERE seq > (SELECT MAX(seq) FROM trail) - 10"),
    "trail: cut back to before the head, nothing else": said(f"DELETE FROM trail WHERE seq >= {CLOSED} - 30"),
    "trail: two entries swapped": lambda db: swapped(db, renumbered=False),
    "trail: two entries swapped, renumbered with their hashes": lambda db: swapped(db, renumbered=True),
    "trail: a 'viewed' entry deleted, chain recomputed": again(
        "DELETE FROM trail WHERE seq = (SELECT MIN(seq) FROM trail WHERE action = 'viewed')"
    ),
    "trail: times shifted one day, chain recomputed": again("UPDATE trail SET at = replace(at, '-05T', '-04T')"),
    "trail: emptied": said("DELETE FROM trail"),
    "trail: a forged entry appended with a right hash": forged_entry,
    "trail: old trail kept, table dropped": said("CREATE TABLE kept AS SELECT * FROM trail", "DROP TABLE trail"),
    "scoring: a confirmed rating changed": lambda db: rating(db, seal=False),
    "scoring: rating changed, seal recomputed": lambda db: rating(db, seal=True),
    "scoring: rating changed, seal recomputed, trail entry edited, chain recomputed": lambda db: rating(
        db, seal=True, entry=True
    ),
    "scoring: a confirmed rating deleted": said(
        f"DELETE FROM scoring WHERE id = (SELECT MAX(id) FROM scoring WHERE {CONFIRMED})"
    ),
    "scoring: confirmed_at emptied": said(f"UPDATE scoring SET confirmed_at = NULL WHERE {CONFIRMED}"),
    "scoring: confirmed_at moved a month back": said(
        f"UPDATE scoring SET confirmed_at = replace(confirmed_at, '-10-', '-09-') WHERE {CONFIRMED}"
    ),
    "scoring: the raters of a case exchanged": exchange(
        "scoring", "account_id", "case_id = (SELECT case_id FROM scoring GROUP BY case_id HAVING COUNT(*) = 2)"
    ),
    "scoring: ratings, salt and seal of two cases exchanged": exchange("scoring", "ratings, salt, seal", CONFIRMED),
    "scoring: one rating replaced by a copy of another case's": copied_rating,
    "scoring: moved to another case": said(
        "UPDATE scoring SET case_id = (SELECT MAX(id) FROM board_case WHERE id NOT IN (SELECT case_id FROM scoring)) "
        "WHERE id = (SELECT MIN(id) FROM scoring)"
    ),
    "scoring: a confirmed rating invented, seal copied from another": lambda db: another(db, "scoring", account_id=4),
    "scoring: a note of a confirmed rating edited": said(f"UPDATE scoring SET note = 'x' WHERE {CONFIRMED}"),
    "outcome: content.to changed": said(
        f"UPDATE outcome SET content = replace(content, 'allocation_2', 'allocation_4') WHERE {CHANGED}"
    ),
    "outcome: stands -> declined": said("UPDATE outcome SET state = 'declined' WHERE state = 'stands'"),
    "outcome: declined -> stands": said("UPDATE outcome SET state = 'stands' WHERE state = 'declined'"),
    "outcome: proposer and approver exchanged": said(
        f"UPDATE outcome SET proposed_by_id = approved_by_id, approved_by_id = proposed_by_id WHERE {CHANGED}"
    ),
    "outcome: approver replaced by another account": said(f"UPDATE outcome SET approved_by_id = 4 WHERE {CHANGED}"),
    "outcome: approved_at moved back a month": said(
        f"UPDATE outcome SET approved_at = replace(approved_at, '-10-', '-09-') WHERE {CHANGED}"
    ),
    "outcome: deleted with its record": said(
        f"DELETE FROM decision_record WHERE outcome_id IN (SELECT id FROM outcome WHERE {CHANGED})",
        f"DELETE FROM outcome WHERE {CHANGED}",
    ),
    "outcome: deleted, record left": said(f"DELETE FROM outcome WHERE {CHANGED}"),
    "outcome: put into another meeting": said(f"UPDATE outcome SET meeting_id = 3 WHERE {CHANGED}"),
    "outcome: put into no meeting": said(f"UPDATE outcome SET meeting_id = NULL WHERE {CHANGED}"),
    "outcome: content, salt and seal of two cases exchanged": exchange("outcome", "content, salt, seal"),
    "outcome: agreed one given content and seal of a changed one": said(
        f"UPDATE outcome SET kind = 'changed', content = (SELECT content FROM outcome WHERE {CHANGED}), salt = "
        f"(SELECT salt FROM outcome WHERE {CHANGED}), seal = (SELECT seal FROM outcome WHERE {CHANGED}) "
        "WHERE kind = 'agreed'"
    ),
    "outcome: declined_because edited": said("UPDATE outcome SET declined_because = 'x' WHERE state = 'declined'"),
    "outcome: kind column only": said("UPDATE outcome SET kind = 'changed' WHERE kind = 'agreed'"),
    "case: a fact changed": said("UPDATE board_case SET facts = replace(facts, 'mainstream', 'special') WHERE id = 1"),
    "case: mapped level changed": said(
        "UPDATE board_case SET level = 'universal' WHERE id = (SELECT MAX(id) FROM board_case WHERE level <> 'universal')"
    ),
    "case: answers, size and above_trigger changed": said(
        "UPDATE board_case SET answers = '{}', size = 1, above_trigger = 1 - above_trigger WHERE id = 1"
    ),
    "case: settled_at emptied": said("UPDATE board_case SET settled_at = NULL WHERE settled_at IS NOT NULL"),
    "case: settled_at set for one never decided": said(
        "UPDATE board_case SET settled_at = '2026-10-05 09:00:00.000000' WHERE settled_at IS NULL"
    ),
    "case: row deleted": said(
        "DELETE FROM board_case WHERE id NOT IN (SELECT case_id FROM pick) OR id = (SELECT MAX(case_id) FROM pick)"
    ),
    "case: facts 'removed' as by retention, no entry": said(
        "UPDATE board_case SET ref = NULL, decision_date = NULL, facts = NULL, groups = NULL, level = NULL, answers = "
        "NULL, size = NULL, above_trigger = NULL, salt = NULL, removed_at = '2026-10-06 09:00:00.000000' WHERE id = 1"
    ),
    "case: ref, facts, salt and seal of two cases exchanged": exchange("board_case", "ref, facts, salt, seal"),
    "case: community changed": said("UPDATE board_case SET groups = replace(groups, 'Community 2', 'Community 3')"),
    "case: moved to the other caseload": said("UPDATE board_case SET caseload_id = 2 WHERE id = 1"),
    "case: an invented case added, with a seal of its own": invented_case,
    "pick: a case taken out of the sample": said("DELETE FROM pick WHERE id = (SELECT MAX(id) FROM pick)"),
    "pick: a case put into the sample": lambda db: another(db, "pick", sample_id=2),
    "sample: seed and plan changed": said(
        "UPDATE sample SET seed = 8, plan = replace(plan, '\"per_cent\": 10', '\"per_cent\": 20')"
    ),
    "conflict: a declared conflict deleted": said("DELETE FROM conflict WHERE id = 1"),
    "conflict: given to another account": said("UPDATE conflict SET account_id = 3 WHERE id = 1"),
    "conflict: kind changed": said("UPDATE conflict SET kind = 'other' WHERE id = 1"),
    "meeting: minutes column of a closed meeting": said("UPDATE meeting SET minutes = 'x' WHERE id = 1"),
    "meeting: title and day columns": said("UPDATE meeting SET title = 'x', held_on = '2026-10-07' WHERE id = 1"),
    "meeting: record JSON edited": said("UPDATE meeting SET record = replace(record, '3 members', '2') WHERE id = 1"),
    "meeting: reopened": said("UPDATE meeting SET closed_at = NULL, closed_by_id = NULL WHERE id = 1"),
    "meeting: closed one deleted with present": said(
        "DELETE FROM present WHERE meeting_id = 1",
        "UPDATE outcome SET meeting_id = NULL WHERE meeting_id = 1",
        "DELETE FROM meeting WHERE id = 1",
    ),
    "meeting: the records of two closed meetings exchanged": exchange("meeting", "record", "closed_at IS NOT NULL"),
    "present: a member added to a closed meeting": lambda db: another(db, "present", meeting_id=1, account_id=4),
    "present: a member taken off a closed meeting": said("DELETE FROM present WHERE id = 1"),
    "account: observer made chair": said("UPDATE account SET role = 'chair' WHERE role = 'observer'"),
    "account: labels of two exchanged": exchange("account", "label"),
    "account: another's password hash put in": said(
        "UPDATE account SET password = (SELECT password FROM account WHERE id = 2) WHERE id = 1"
    ),
    "account: an account inserted without an entry": lambda db: another(
        db, "account", sign_in="chair-9", label="Chair 9"
    ),
    "caseload: policy_digest and as_of changed": said("UPDATE caseload SET policy_digest = 'x', as_of = 'x'"),
    "caseload: removed_at set": said("UPDATE caseload SET removed_at = '2026-10-06 09:00:00.000000'"),
    "decision_record: content edited": said("UPDATE decision_record SET content = replace(content, 'BD-', 'CE-')"),
    "decision_record: content edited and digest recomputed": digest_again,
    "decision_record: deleted": said("DELETE FROM decision_record WHERE id = 1"),
    "decision_record: content emptied": said("UPDATE decision_record SET content = NULL WHERE id = 1"),
    "decision_record: two exchanged": exchange("decision_record", "content, digest, key"),
    "decision_record: policy_digest and made_at columns": said(
        "UPDATE decision_record SET policy_digest = 'x', made_at = '2026-01-01 09:00:00.000000'"
    ),
    "decision_record: table dropped": said("DROP TABLE decision_record"),
    "signed_in: a session inserted": lambda db: another(db, "signed_in", digest="0" * 64, account_id=1),
    "triggers: all dropped, nothing else": lambda _: None,
    "insider: an approved change invented whole": invented_change,
}
#: What no check of the database alone can see, and verify-record says that it does not: whoever did it wrote a whole
#: trail again, or wrote at its end what changes no row.
INSIDER = {
    "trail: two entries swapped, renumbered with their hashes",
    "trail: a 'viewed' entry deleted, chain recomputed",
    "trail: times shifted one day, chain recomputed",
    "trail: a forged entry appended with a right hash",
}
