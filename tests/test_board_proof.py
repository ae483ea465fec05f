"""The proof of a board's database: what was changed behind the board's back is found, in every table and column."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from board_app import CHEAP, Clock, Running, caseload, declare, load, policies, running
from board_proof import Kept, connection_of, full, kept, opened, proved, ratings, rechained, without_triggers
from board_tampering import INSIDER, TAMPERINGS
from golden_files import FROZEN
from long_lists import first_of_each
from running import senpolicy
from senpolicy.files.problems import WrongUse
from senpolicy_board import held, proof, replay, schema, trail, trail_file
from senpolicy_board.images import image
from senpolicy_board.pages.app import create_app
from senpolicy_board.settings import Settings
from senpolicy_board.store import Store, backup, migrate
from senpolicy_board.tables import TABLES, Account, BoardCase, TrailEntry, shapes

pytestmark = pytest.mark.skipif(
    "SENPOLICY_BOARD_URL" in os.environ,
    reason="it tampers with SQLite's file and triggers; test_board_proof_postgres does so on PostgreSQL",
)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The database of a board on which everything has happened; closed, and with the head of its trail."""
    folder = tmp_path_factory.mktemp("proof")
    return kept(full(folder), folder)


def test_a_board_as_it_is_is_proved_and_what_is_not_shown_is_said(board: Kept) -> None:
    with opened(board.path) as db:
        first = db.execute("SELECT hash FROM trail WHERE seq = 20").fetchone()[0]
        alone, with_head, early = proved(db), proved(db, board.head, last=True), proved(db, first)
        late = proved(db, first, last=True)
        for name in TABLES:
            assert db.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] > 1, f"{name} is proved by its rows"
    assert alone.faults == with_head.faults == early.faults == ()
    assert alone.unseen == proof.WITHOUT_HEAD
    assert with_head.unseen == ()
    assert early.head_at == 20
    assert "entries 21 to" in early.unseen[0]
    assert late.faults == ("entry 21 came after the one whose hash was given, which must be the last",)


def test_what_was_tried_is_79_changes() -> None:
    assert len(TAMPERINGS) == 80, "putting an outcome into another meeting, or into none, is written as two"


@pytest.mark.parametrize("name", first_of_each(TAMPERINGS, lambda name: name.split(":")[0]))
def test_what_was_tried_from_outside_is_refused(board: Kept, name: str) -> None:
    """With the head in hand every one is refused; without it every one but those that are listed by name."""
    with opened(board.path) as db:
        if name.startswith("triggers"):
            for (one,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {one}")
            db.commit()
        else:
            with without_triggers(db):
                TAMPERINGS[name](db)
        alone, with_head = proved(db), proved(db, board.head, last=True)
    assert with_head.faults
    assert bool(alone.faults) is (name not in INSIDER)
    assert alone.unseen == proof.WITHOUT_HEAD


# Drawn from the schema: a new table or column is covered by itself.


def other(value: Any) -> Any:
    """A value that is not this one, of its kind."""
    if isinstance(value, bool | None):
        return 1 if value is None else not value
    return value + 1 if isinstance(value, int) else f"{value}x" if isinstance(value, str) else "x"


def ways(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every way of changing, emptying and exchanging a column of some rows, and of deleting, inserting, exchanging rows."""
    for name in columns:
        for number, row in enumerate(rows):
            yield f"{name} changed", [*rows[:number], {**row, name: other(row[name])}, *rows[number + 1 :]]
            if row[name] is not None:
                yield f"{name} emptied", [*rows[:number], {**row, name: None}, *rows[number + 1 :]]
        first, last = rows[0], rows[-1]
        if first[name] != last[name]:
            exchanged = [{**first, name: last[name]}, *rows[1:-1], {**last, name: first[name]}]
            yield f"{name} exchanged", exchanged
    for number, row in enumerate(rows):
        yield "a row deleted", rows[:number] + rows[number + 1 :]
        yield "a row inserted", [*rows, {**row, columns[0]: other(row[columns[0]])}]
    yield "all rows deleted", []
    key = columns[0]
    yield "two rows exchanged", [{**rows[-1], key: rows[0][key]}, *rows[1:-1], {**rows[0], key: rows[-1][key]}]


def test_every_column_of_every_row_of_every_table_is_held_against_the_trail(board: Kept) -> None:
    """In memory, so that every one of some thousand changes is tried: the replay names the table and the column."""
    tried = 0
    with opened(board.path) as db:
        connection, rebuilt = connection_of(db), replay.Rebuilt()
        for seq, action, detail in db.execute("SELECT seq, action, detail FROM trail ORDER BY seq"):
            rebuilt.add(seq, action, detail)
        for name, shape in shapes().items():
            rows = list(held.rows(connection, shape))
            assert list(replay.differences(shape, rebuilt.tables[name], rows)) == []
            for what, tampered in ways(rows, (shape.key, *(one for one in shape.columns if one != shape.key))):
                found = list(replay.differences(shape, rebuilt.tables[name], tampered))
                assert found, (name, what)
                assert all(fault.startswith(f"{name} ") for fault in found)
                column = what.partition(" ")[0]
                named = column in shape.columns and column != shape.key
                assert not named or any(column in fault for fault in found), (what, found)
                tried += 1
    assert tried > 1_000


def drawn(count: int, seed: int) -> list[tuple[str, str, str]]:
    """Changes of the schema's own tables and columns, the trail's among them: what is done, to which, for which rows."""
    every = [
        (how, name, field.column)
        for name, table in TABLES.items()
        for field in table._meta.concrete_fields
        for how in ("changed", "emptied", "exchanged")
    ] + [(how, name, "") for name in TABLES for how in ("deleted", "inserted", "swapped")]
    return sorted(random.Random(seed).sample(every, count)) if count else every


def done(db: sqlite3.Connection, how: str, table: str, column: str) -> bool:
    """Do it to a database in memory, and return whether anything is otherwise than before."""
    db.execute("PRAGMA ignore_check_constraints = ON")
    before = db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    rows = [dict(zip(names, row, strict=True)) for row in before]
    first, last, key = rows[0], rows[-1], names[0]
    if how == "changed":
        last[column] = other(last[column])
    elif how == "emptied":
        last[column] = None
    elif how == "exchanged":
        first[column], last[column] = last[column], first[column]
    elif how == "deleted":
        rows.pop()
    elif how == "inserted":
        rows.append({**last, key: other(last[key])})
    else:
        first[key], last[key] = last[key], first[key]
    # Without its constraints, as whoever writes the file itself can.
    db.execute(f"ALTER TABLE {table} RENAME TO before_it")
    db.execute(f"CREATE TABLE {table} ({', '.join(names)})")
    marks = ", ".join("?" * len(names))
    db.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(row[name] for name in names) for row in rows])
    db.execute("DROP TABLE before_it")
    return db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() != before


@pytest.mark.parametrize(("how", "table", "column"), first_of_each(drawn(40, seed=19), lambda one: one[0], " ".join))
def test_forty_changes_drawn_from_the_schema_are_refused(board: Kept, how: str, table: str, column: str) -> None:
    refused(board, how, table, column)


@pytest.mark.slow
@pytest.mark.parametrize(("how", "table", "column"), drawn(0, seed=0))
def test_every_change_of_the_schema_is_refused(board: Kept, how: str, table: str, column: str) -> None:
    refused(board, how, table, column)


def refused(board: Kept, how: str, table: str, column: str) -> None:
    with opened(board.path) as db:
        db.execute("PRAGMA legacy_alter_table = ON")
        with without_triggers(db):
            changed = done(db, how, table, column)
        assert not changed or proved(db, board.head, last=True).faults
        # Without a head too, but for a view that is cut off at the end: nobody made the chain again.
        assert not changed or proved(db).faults or (how, table) == ("deleted", "trail")


def test_a_column_that_is_written_into_the_trail_as_it_is_holds_no_words_of_a_person() -> None:
    """A new column of text or JSON is sealed, unless it is put into this list because it tells nothing of a pupil."""
    told = {
        "account": {"key", "label", "role"}, "signed_in": {"digest"}, "known_browser": {"digest"},
        "caseload": {"key", "title", "file_digest", "as_of", "policy_digest", "scenario"}, "board_case": {"key", "seal"},
        "sample": {"key", "plan"}, "pick": {"key", "why"}, "scoring": {"key", "seal"}, "conflict": {"kind"},
        "outcome": {"key", "kind", "state", "seal"}, "decision_record": {"key", "digest", "policy_digest"},
        "meeting": {"key", "title", "area"}, "mapping_list": {"reason"}, "mapped_level": {"key"}, "refused_row": set(), "notice": {"key", "as_of", "policy_digest", "seal"}, "present": set(),
        "level_table": {"key", "digest", "from_edition", "to_edition", "levels"},
        "evidence": {"key", "kind"}, "seed": {"key", "kind"}, "halt": {"key", "kind", "area", "rests"}, "halt_part": {"kind"}, "declared": set(), "interest": {"part", "kind"}, "review": {"kind"}, "dissent": set(), "noted": set(),
    }  # fmt: skip
    for name, shape in shapes().items():
        kinds = models.CharField | models.TextField | models.JSONField
        words = {one.column for one in TABLES[name]._meta.concrete_fields if isinstance(one, kinds)}
        assert words - shape.sealed == told[name], name


def test_a_change_without_its_entry_is_refused_and_undone(tmp_path: Path) -> None:
    """No page and no command can write a row past the trail: what is not in it is not kept."""
    made = running(tmp_path)
    with made.store.reading():
        changed = Account.objects.get(pk=1)
    changed.role = "observer"
    with pytest.raises(RuntimeError, match="without its entry"), made.store.writing():
        changed.save()
    with pytest.raises(RuntimeError, match="only written in a transaction that writes"), made.store.reading():
        changed.save()
    with pytest.raises(RuntimeError, match="many rows at once"), made.store.writing():
        Account.objects.filter(role="chair").update(role="observer")
    with made.store.reading():
        assert proof.prove(made.store.connection).faults == ()
    made.store.close()


# Files: restored, cut, copied without their log, of another version.


def checked(capsys: pytest.CaptureFixture[str], path: Path | str, *more: str) -> tuple[int, str]:
    status, out, err = senpolicy(capsys, "verify-record", "--trail", str(path), *more, "--root", str(FROZEN))
    assert "Traceback" not in out + err
    return status, out + err


def test_an_older_backup_and_a_copy_without_its_log_are_told_by_the_head(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = running(tmp_path)
    load(made)
    backup(made.store, tmp_path / "older.db")
    made["officer"].get("/caseloads")
    load(made, load_again(), title="Spring 2027")
    shutil.copyfile(tmp_path / "board.db", tmp_path / "no-log.db")
    status, said = senpolicy(capsys, "board", "head", "--database", made.settings.database)[:2]
    assert status == 0
    head = re.fullmatch(r"entry (\d+): ([0-9a-f]{64})\n", said)
    assert head
    for name in ("older.db", "no-log.db"):
        status, said = checked(capsys, tmp_path / name)
        assert (status, "not shown: nor whether an older copy, or a copy without its log" in said) == (0, True), said
        status, said = checked(capsys, tmp_path / name, "--head", head[2])
        assert (status, "an older copy lies in its place, or one without its log" in said) == (1, True), said
    status, said = checked(capsys, made.settings.database, "--head", head[2], "--last")
    assert (status, f"the hash that was given is that of entry {head[1]}" in said) == (0, True), said
    assert "not shown" not in said
    made.store.close()


def load_again() -> str:
    return caseload(3).replace("BD-", "CE-")


@pytest.mark.slow
def test_a_file_that_is_cut_or_spoilt_never_ends_in_a_traceback(
    board: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, path, drawn_at = board.path.read_bytes(), tmp_path / "board.db", random.Random(4)
    for size in (0, 1, 16, 100, 4096, 4097, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert checked(capsys, path)[0] in (1, 2), size
    for _ in range(25):
        spoilt = bytearray(whole)
        for place in drawn_at.sample(range(100, len(whole)), 40):
            spoilt[place] ^= 0xFF
        path.write_bytes(spoilt)
        assert checked(capsys, path, "--head", board.head)[0] in (0, 1, 2), "a page that nothing uses may be spoilt"


def test_a_version_that_is_not_known_is_told_and_nothing_is_written(
    board: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "board.db"
    shutil.copyfile(board.path, path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE django_migrations SET name = '0999_later' WHERE name LIKE '0008%'")
        db.commit()
    before = path.read_bytes()
    status, said = checked(capsys, path)
    assert (status, "is of version 0999, which this program does not know" in said) == (2, True), said
    status, out, err = senpolicy(
        capsys, "board", "records", "-o", str(tmp_path / "to"), "--database", f"sqlite:///{path}"
    )
    assert (status, "of a version that this program does not know" in err) == (2, True), out + err
    assert path.read_bytes() == before


def test_a_clock_that_runs_backwards_is_told_and_is_not_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = running(tmp_path)
    load(made)
    made.clock.pass_by(hours=-1)
    made["officer"].get("/caseloads")
    load(made, load_again(), title="Spring 2027")
    status, said = checked(capsys, made.settings.database)
    assert (status, said.count("the clock was set back")) == (0, 1), said
    assert "from 2026-10-05T09:00:00 to 2026-10-05T08:00:00" in said
    made.store.close()


def test_the_files_of_a_board_are_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "board.db"
    path.touch(mode=0o644)
    path.chmod(0o644)
    store = Store(f"sqlite:///{path}")
    migrate(store)
    with store.writing():
        list(TrailEntry.objects.all())
        assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    backup(store, tmp_path / "copy.db")
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    store.close()


# Boards from before the trail gave every row.


#: Tables that came after the program before Django.
LATER = {"known_browser", "level_table", "declared", "interest", "review", "dissent", "noted", "evidence", "seed", "halt",
         "halt_part", "mapping_list", "mapped_level"}  # fmt: skip


def made_by_alembic(board: Path, path: Path) -> None:
    """Make a board's file what the program before Django left: its tables, its columns, its note of the version."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript((Path(__file__).parent / "board_0004.sql").read_text(encoding="utf-8"))
        db.execute("INSERT INTO alembic_version VALUES ('0004')")
        db.execute("ATTACH ? AS new", (str(board),))
        for name in [name for name in TABLES if name not in LATER]:
            there = {row[1] for row in db.execute(f"PRAGMA new.table_info({name})")}
            columns = ", ".join(f'"{row[1]}"' for row in db.execute(f"PRAGMA table_info({name})") if row[1] in there)
            more = (", csrf", ", 'x'") if name == "signed_in" else ("", "")
            db.execute(f"INSERT INTO {name} ({columns}{more[0]}) SELECT {columns}{more[1]} FROM new.{name}")
        db.commit()
        db.execute("DETACH new")
        # What that program wrote into the trail of accounts, sessions and browsers.
        shape = schema.shapes("0004")["signed_in"]
        for seq, detail in db.execute("SELECT seq, detail FROM trail").fetchall():
            data = json.loads(detail)
            rows = [one for one in data.get("rows", []) if one[0] not in LATER]
            rows = [
                (table, key, image(shape, made | {"csrf": "x"}) if table == "signed_in" and made else made)
                for table, key, made in rows
            ]
            for _, _, made in rows:
                (made or {}).pop("area", None)
            data.pop("rows", None)
            data |= {"rows": rows} if rows else {}
            db.execute("UPDATE trail SET detail = ? WHERE seq = ?", (trail.canonical(data), seq))
        db.execute("DELETE FROM trail WHERE action = 'table of levels taken over'")
        rechained(db)
        for one in schema.triggers("0004", "sqlite").values():
            db.execute(one.text)
        db.commit()


def made_older(path: Path) -> None:
    """Make a board's file what a still older program left: its columns, tables and triggers, its trail without rows."""
    with closing(sqlite3.connect(path)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DROP TABLE notice")
        db.execute("DROP TABLE refused_row")
        for table in ("account", "pick", "decision_record", "meeting"):
            db.execute(f"ALTER TABLE {table} DROP COLUMN salt")
        db.execute("UPDATE scoring SET salt = NULL WHERE confirmed_at IS NULL")
        db.execute("DELETE FROM trail WHERE action IN ('notice issued', 'session goes on')")
        # Nothing was reopened there.
        db.execute(
            "UPDATE board_case SET settled_at = (SELECT approved_at FROM outcome WHERE case_id = board_case.id) "
            "WHERE id IN (SELECT case_id FROM outcome WHERE state = 'reopened')"
        )
        db.execute("UPDATE outcome SET state = 'stands' WHERE state = 'reopened'")
        for seq, detail in db.execute("SELECT seq, detail FROM trail").fetchall():
            data = json.loads(detail)
            data.pop("rows", None)
            db.execute("UPDATE trail SET detail = ? WHERE seq = ?", (trail.canonical(data), seq))
        rechained(db)
        for one in schema.triggers("0002", "sqlite").values():
            db.execute(one.text)
        db.execute("UPDATE alembic_version SET version_num = '0002'")
        db.commit()


@pytest.fixture(scope="module")
def by_alembic(board: Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alembic") / "board.db"
    made_by_alembic(board.path, path)
    return path


@pytest.fixture(scope="module")
def older(by_alembic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("older") / "board.db"
    shutil.copyfile(by_alembic, path)
    made_older(path)
    return path


def brought_up(path: Path) -> None:
    store = Store(f"sqlite:///{path}")
    migrate(store)
    store.close()


def test_an_older_board_is_brought_up_to_date_with_its_trail_whole_and_verifies(
    older: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "board.db"
    shutil.copyfile(older, path)
    with closing(sqlite3.connect(path)) as db:
        before = db.execute("SELECT * FROM trail ORDER BY seq").fetchall()
    status, said = checked(capsys, path)
    assert status == 0, said
    assert "agrees with what this older trail wrote down" in said
    assert "not shown: entries before the board is brought up to date are of an older board" in said
    brought_up(path)
    with closing(sqlite3.connect(path)) as db:
        after = db.execute("SELECT * FROM trail ORDER BY seq").fetchall()
        assert after[: len(before)] == before
        assert [row[3] for row in after[len(before) :]] == ["taken over", "sessions ended"]
    status, said = checked(capsys, path, "--head", before[-1][7])
    assert status == 0, said
    assert f"entries before entry {len(before) + 1}, which took over every row as it was then" in said
    assert "Not proved of that time: when an account was made" in said
    with opened(path) as db:
        with without_triggers(db):
            db.execute("UPDATE account SET role = 'chair' WHERE role = 'observer'")
        assert proved(db).faults


@pytest.mark.slow
def test_a_board_that_the_program_before_django_made_is_taken_over_whole_and_goes_on(
    by_alembic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It verifies before and after, with every entry that it had; sessions end, and the work goes on where it was."""
    path = tmp_path / "board.db"
    shutil.copyfile(by_alembic, path)
    with closing(sqlite3.connect(path)) as db:
        before = db.execute("SELECT * FROM trail ORDER BY seq").fetchall()
    assert checked(capsys, path, "--head", before[-1][7], "--last")[0] == 0
    store = Store(f"sqlite:///{path}")
    made = running_on(store, path)
    with closing(sqlite3.connect(path)) as db:
        after = db.execute("SELECT * FROM trail ORDER BY seq").fetchall()
        assert after[: len(before)] == before
        assert [row[3] for row in after[len(before) :]] == ["sessions ended"]
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    told = checked(capsys, path, "--head", before[-1][7])
    assert told[0] == 0, told[1]
    declare(made)
    with store.reading():
        case = BoardCase.objects.filter(scorings__confirmed_at=None, scorings__isnull=False)[0].key
    page = made["mod-1"].get(f"/cases/{case}/score")
    version = page.select_one("input[name=version]")
    assert version
    said = made["mod-1"].post(f"/cases/{case}/score", ratings(version=str(version["value"])))
    assert "are confirmed." in said.text
    load(made, load_again().replace("CE-", "DE-"), title="Summer 2027")
    store.close()
    assert checked(capsys, path)[0] == 0


def running_on(store: Store, path: Path) -> Running:
    clock = Clock(datetime(2026, 10, 6, 9, tzinfo=UTC))
    settings = Settings(f"sqlite:///{path}", FROZEN, scenario="illustrative", passwords=CHEAP, now=clock)
    return Running(settings, store, clock, create_app(settings, store, policies("illustrative")), store)


#: What an older trail never wrote down, so that a change of it before the board was brought up to date is not seen; and
#: what an insider does to it.
NOT_WRITTEN = {
    "account: another's password hash put in", "case: mapped level changed",
    "case: answers, size and above_trigger changed", "case: moved to the other caseload",
    "outcome: declined_because edited", "present: a member added to a closed meeting",
    "present: a member taken off a closed meeting", "meeting: minutes column of a closed meeting",
    "decision_record: policy_digest and made_at columns", "caseload: removed_at set", "signed_in: a session inserted",
    "scoring: rating changed, seal recomputed, trail entry edited, chain recomputed",
    *INSIDER - {"trail: times shifted one day, chain recomputed"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", TAMPERINGS)
def test_of_an_older_board_what_its_trail_wrote_down_is_proved(older: Path, name: str) -> None:
    with opened(older) as db:
        with without_triggers(db):
            TAMPERINGS[name](db)
        found = proved(db)
    assert bool(found.faults) is (name not in NOT_WRITTEN) or name.startswith("triggers"), found.faults


def test_a_source_that_is_not_a_board_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE x (y)")
        db.commit()
    with pytest.raises(WrongUse, match="not a database of a board"):
        trail_file.verify(str(path))
