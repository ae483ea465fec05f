"""A board on which everything has happened, and changes of its database by whoever holds it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from board_app import AREAS, Running, caseload, declare, load, running
from senpolicy_board import editions, proof, trail
from senpolicy_board.store import added, compact, sqlite_settings
from senpolicy_board.tables import (
    Account,
    BoardCase,
    BoardOutcome,
    Halt,
    HaltPart,
    Loaded,
    Meeting,
    Pick,
    Scoring,
    Seed,
)

LEVEL = "specific_allocation_1"
PLAN = {
    "by_community": "1",
    "by_level": "1",
    "by_size": "1",
    "per_cent": "10",
    "fewest": "1",
    "most": "5",
    "crossed": "1",
}
CHANGE = {
    "kind": "changed", "to": "specific_allocation_2", "reason": "The evidence meets the higher descriptor.",
    "paragraph": "own-illustration/CL-LEARNING-5", "outcomes": "0",
}  # fmt: skip


def ratings(level: str = LEVEL, **more: str) -> dict[str, str]:
    return {f"area_{area}": level for area in AREAS} | {"version": "0", "do": "confirm"} | more


def _rated(board: Running, key: str, level: str = LEVEL) -> None:
    for who in ("mod-1", "mod-2"):
        assert board[who].post(f"/cases/{key}/score", ratings(level)).status_code == 200


def _settle(board: Running, key: str, do: str) -> None:
    page = board["mod-2"].get(f"/cases/{key}/decide")
    form = page.select_one("form[action^='/outcomes/']")
    assert form
    version = page.select_one("input[name=version]")
    assert version
    because = {"because": "The evidence is of one term."} if do == "decline" else {}
    board["mod-2"].post(str(form["action"]), {"version": str(version["value"]), "do": do, **because})


def _meeting(board: Running, title: str, present: int) -> str:
    sent = {"title": title, "area": "area_1", "day": "5", "month": "10", "year": "2026"}
    path = str(board["chair"].post("/meetings", sent).url.path)
    there = [str(box["value"]) for box in board["chair"].get(path).select("input[name=present]")]
    board["chair"].post(path, {"version": "1", "present": there[:present], "minutes": ""})
    return path


def _close(board: Running, path: str, present: int, do: str = "close") -> None:
    page = board["chair"].get(path)
    there = [str(box["value"]) for box in page.select("input[name=present]")][:present]
    version = page.select_one("input[name=version]")
    assert version
    sent = {"version": str(version["value"]), "present": there, "minutes": f"{present} members.", "do": do}
    assert board["chair"].post(path, sent).status_code == 200


def _reviewed(board: Running, changed: str, proposed: str, again: str) -> None:
    """An appeal that is dismissed, a case that is reopened, dissent, and interests in whole schools."""
    with board.store.reading():
        live = {one.case.key: one.key for one in BoardOutcome.objects.exclude(state="declined").select_related("case")}
        loaded = Loaded.objects.all()[0].key
    sent = (
        ("officer", f"/outcomes/{live[changed]}/appeal", {"because": "The school asks for another look."}),
        (
            "chair",
            f"/outcomes/{live[changed]}/reopen",
            {"because": "Nothing new is shown.", "do": "dismiss", "reviews": "1"},
        ),
        ("chair", f"/outcomes/{live[again]}/reopen", {"because": "A report was left out."}),
        ("chair", f"/outcomes/{live[changed]}/dissent", {"because": "The evidence is of one term."}),
        ("chair", f"/outcomes/{live[proposed]}/dissent", {"because": "The evidence is of one term."}),
        ("mod-3", f"/caseloads/{loaded}/interests", {"school-0": "1", "school-1": "1", "kind": "work"}),
    )
    for who, path, form in sent:
        assert board[who].post(path, form).status_code == 200, path


def _mapped(board: Running) -> None:
    """Two lists with a reason, and two pupils who are mapped, one of them twice."""
    unmapped = "case_ref,decision_date,age,setting,plan,school\n" + "".join(
        f"ZA-{number},2026-10-01,9,special,ehcp,School {number}\n" for number in (1, 2)
    )
    key = load(board, unmapped, "Summer 2027")
    for reason, was in (("annual_review", ""), ("phase_transfer", "annual_review")):
        sent = {"reason": reason, "was": was}
        assert board["officer"].post(f"/caseloads/{key}/mapping", sent).status_code == 200
    with board.store.reading():
        one, two = BoardCase.objects.filter(caseload__key=key).order_by("id")
    for case, before in ((one, "0"), (two, "0"), (two, "1")):
        assert board["officer"].post(f"/cases/{case.key}/map", ratings(mapped=before)).status_code == 200


def _seeds(board: Running) -> None:
    """Two seeds, as a board has them whose file asks for them."""
    with board.store.writing():
        mine, checker = (Account.objects.get(sign_in=who) for who in ("chair", "mod-3"))
        for case in BoardCase.objects.order_by("-id")[:2]:
            agreed = {"areas": dict.fromkeys(AREAS, LEVEL), "level": None}
            one = Seed.objects.create(case=case, kind="live", agreed=agreed, because="It meets this descriptor.",
                                      set_at=board.clock(), set_by=mine, checker=checker)  # fmt: skip
            trail.append(board.clock(), mine.key, "seed proposed", f"seed:{one.key}", case=case.key)
        for who in ("mod-1", "mod-2"):
            stopped = Account.objects.get(sign_in=who)
            halt = Halt.objects.create(account=stopped, at=board.clock(), beyond=2, seeds=3)
            HaltPart.objects.create(halt=halt, scoring=Scoring.objects.filter(account=stopped)[0], kind="again")
            halt.kind, halt.reason, halt.proposed_by = "set_aside", "They read the higher level in.", mine
            halt.save()
            trail.append(board.clock(), mine.key, "moderator stopped", f"halt:{halt.key}")
        for number, case in enumerate(BoardCase.objects.filter(settled_at=None).order_by("id")[:2], 1):
            halt = Halt.objects.create(
                community=f"Community {number}", at=board.clock(), beyond=9, seeds=12, apart=90 + number
            )
            HaltPart.objects.create(halt=halt, case=case, kind="again")
            halt.kind, halt.reason, halt.proposed_by = "adjusted", "Its panel read the higher level in.", mine
            halt.area, halt.levels, halt.rests = AREAS[number], -number, f"own-illustration/CL-LEARNING-{number}"
            halt.save()
            halt.settled_at, halt.settled_by = board.clock(), checker
            halt.save()
            HaltPart.objects.create(halt=halt, case=case, kind="adjusted")
            trail.append(board.clock(), mine.key, "halt ended", f"halt:{halt.key}")


def _evidence(board: Running, key: str) -> None:
    """Evidence that is there, and one that has been withdrawn."""
    for title in ("Report on reading", "Report on mathematics"):
        sent = {"title": title, "note": f"{title}: two years behind.", "looked": "yes"}
        assert board["officer"].post(f"/cases/{key}/evidence", sent).status_code == 200
    form = board["officer"].get(f"/cases/{key}/evidence").select("form[action$='/withdraw']")[-1]
    board["officer"].post(str(form["action"]), {"because": "It is of another pupil."})


def full(folder: Path) -> Running:
    """A board on which every table has rows, and most kinds of thing have been done; its clock goes on."""
    board = running(folder)
    ticking = board.clock
    rows = caseload(4).replace("BD-", "CE-")
    refused = rows.splitlines()[-1]
    rows += (
        refused.replace("0004", "0005").replace(",9,4,", ",x,4,")
        + "\n"
        + refused.replace("0004", "0006").replace("ehcp", "y")
        + "\n"
    )
    upload = {"file": ("cases.csv", rows.encode(), "text/csv")}
    assert board["officer"].post("/caseloads", {"title": "Spring 2027"}, files=upload).status_code == 200
    declare(board)
    with board.store.reading():
        second = Loaded.objects.get().key
    first = load(board)
    for key in (first, second):
        ticking.pass_by(minutes=2)
        assert board["chair"].post(f"/caseloads/{key}/sample", PLAN).status_code == 200
    with board.store.reading():
        picks = list(Pick.objects.select_related("case").order_by("id"))
        replaced = next(one.key for one in picks if not one.case.above_trigger)
        cases = [one.case for one in picks if one.key != replaced]
        order = [one.key for one in sorted(cases, key=lambda case: case.level == CHANGE["to"])]
        inside = {one.case_id for one in picks}
        outside = next(one.key for one in BoardCase.objects.all() if one.id not in inside)
    board["chair"].post(f"/picks/{replaced}/replace", {"because": "The facts are of another term."})
    board["chair"].post(f"/cases/{outside}/sample", {})
    meetings = [_meeting(board, f"Area board {one}", present) for one, present in ((1, 3), (2, 4), (3, 5))]
    changed, agreed, declined, draft, conflict, proposed = order[:6]
    for key, meeting, do in ((changed, meetings[0], "approve"), (declined, meetings[1], "decline")):
        ticking.pass_by(minutes=2)
        _rated(board, key)
        board["mod-1"].post(f"/cases/{key}/decide", CHANGE | {"meeting": meeting.rsplit("/", 1)[1]})
        _settle(board, key, do)
    _rated(board, proposed)
    board["mod-1"].post(f"/cases/{proposed}/decide", CHANGE)
    levels = {one.key: str(one.level) for one in cases}
    for key, meeting in ((agreed, meetings[1]), *((one, "") for one in order[6:9])):
        _rated(board, key, levels[key])
        board["mod-1"].post(f"/cases/{key}/decide", CHANGE | {"kind": "agreed", "meeting": meeting.rsplit("/", 1)[-1]})
    board["mod-1"].post(f"/cases/{draft}/score", ratings(do="save", note="Reads alone."))
    board["mod-3"].post(f"/cases/{conflict}/conflict", {"kind": "friend"})
    board["mod-3"].post(f"/cases/{draft}/conflict", {"kind": "school"})
    for key in (changed, agreed):
        ticking.pass_by(minutes=2)
        assert board["officer"].post(f"/cases/{key}/notice", {}).status_code == 200
    _reviewed(board, changed, proposed, order[8])
    _evidence(board, draft)
    _seeds(board)
    _close(board, meetings[0], 3)
    _close(board, meetings[1], 4)
    _close(board, meetings[2], 1, do="save")
    _mapped(board)
    for text in ("illustrative,illustrative\nuniversal_support,universal\n",
                 "illustrative,continuum-draft-2025-06\nuniversal,sen_support\n"):  # fmt: skip
        with board.store.writing():
            editions.take_over(
                board.settings, board.app.board.policies, text.encode(), Account.objects.get(role="chair")
            )
    board["observer"].get("/trail")
    with board.store.reading():
        assert Meeting.objects.filter(closed_at__isnull=False).exists()
    return board


@dataclass
class Kept:
    """The database of a board as a file, and the number and hash of the last entry of its trail."""

    path: Path
    entries: int
    head: str


def kept(board: Running, folder: Path) -> Kept:
    """Close a board, and return its file."""
    with board.store.reading():
        last = trail.last()
    assert last
    compact(board.store)
    board.store.close()
    return Kept(folder / "board.db", *last)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a copy of a database in memory."""
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(":memory:", check_same_thread=False)) as copy,
    ):
        source.backup(copy)
        yield copy


@contextmanager
def without_triggers(db: sqlite3.Connection) -> Iterator[None]:
    """Take the triggers off while something is done, and put them back as they were: whoever holds the file can."""
    made = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in made:
        db.execute(f"DROP TRIGGER {name}")
    # Nor do checks of single values hold whoever has the file.
    db.execute("PRAGMA ignore_check_constraints = ON")
    yield
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for _, sql in made:
        if sql.split(" ON ")[1].split()[0] in there:
            db.execute(sql)
    db.commit()


def proved(db: sqlite3.Connection, head: str | None = None, **more: Any) -> trail.Verified:
    """What the proof of a database finds, its decision records checked by their digests alone."""
    return proof.prove(connection_of(db), head, lambda _: (), **more)


def connection_of(db: sqlite3.Connection) -> Any:
    """A database in memory as Django knows one."""
    made = connections[added(sqlite_settings(":memory:"))]
    made.connection = db
    return made


def rechained(db: sqlite3.Connection) -> None:
    """Give every entry the number and the hashes that make the chain whole again, as an insider can."""
    columns = ("seq", "at", "actor", "action", "subject", "detail")
    rows = db.execute(f"SELECT {', '.join(columns)} FROM trail ORDER BY seq").fetchall()
    db.execute("DELETE FROM trail")
    previous = trail.START
    for seq, (_, at, actor, action, subject, detail) in enumerate(rows, 1):
        fields = (seq, at, actor, action, subject, detail, previous)
        made = trail.hash_of(*fields)
        db.execute("INSERT INTO trail VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*fields, made))
        previous = made


Tampering = Callable[[sqlite3.Connection], None]


def sealed_again(db: sqlite3.Connection, table: str, where: str) -> None:
    """Make the seal of a row anew from what it holds now, as whoever knows how can."""
    import json

    db.row_factory = sqlite3.Row
    row = dict(db.execute(f"SELECT * FROM {table} WHERE {where}").fetchone())
    db.row_factory = None
    for name in ("facts", "groups", "ratings", "content"):
        if isinstance(row.get(name), str):
            row[name] = json.loads(row[name])
    made = trail.seal(row["salt"], trail.content_in(table, row))
    db.execute(f"UPDATE {table} SET seal = ? WHERE id = ?", (made, row["id"]))
