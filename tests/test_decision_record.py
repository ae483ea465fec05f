"""Decision records: what they hold, and that nothing in one can be changed without its check refusing it.

Each record is checked twice: by the engine, and by tools/verify_record.py, which shares no code with it.
"""

from __future__ import annotations

import ast
import hashlib
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import rfc8785

from copies import append, copied, git, replace
from golden_files import ROOT, Pinned, decided, deciding, every
from running import senpolicy
from senpolicy.deciding import record as records
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.files.problems import PolicyError
from senpolicy.policy import corpus
from senpolicy.policy.timeline import policy

SCRIPT = ROOT / "tools" / "verify_record.py"
SALT = "0123456789abcdef" * 2
Path_ = tuple[str | int, ...]


@cache
def script() -> ModuleType:
    spec = spec_from_file_location("verify_record", SCRIPT)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_script(record: Any) -> str:
    """Return why the script refuses a record, "" where it stands."""
    try:
        script().check(json.dumps(record), None)
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


def copy_of(data: Any) -> Any:
    return json.loads(json.dumps(data))  # Several times as fast as deepcopy.


def recorded(pinned: Pinned) -> tuple[dict[str, Any], Decider] | None:
    by = deciding(pinned)
    decision = decided(pinned.golden, by)
    return (records.record_of(decision, SALT, "0.1.0"), by) if isinstance(decision, Decision) else None


@cache
def some() -> tuple[tuple[dict[str, Any], Decider], ...]:
    """Return records of golden cases of every folder, among them open points, missing facts and figures."""
    found = [one for one in map(recorded, every()[::12]) if one]
    answers = [answer for record, _ in found for answer in record["answers"].values()]
    assert any(answer["missing_facts"] for answer in answers)
    assert any(answer["open_points"] for answer in answers)
    assert any(question["figures"] for record, _ in found for question in record["reasons"]["questions"])
    assert any(record["policy"]["scenario"] for record, _ in found)
    return tuple(found)


def test_a_record_of_each_answer_stands_by_both_checks() -> None:
    """A record that could not be checked would be worth nothing."""
    for record, by in some():
        read = records.read(records.text_of(record).encode(), "record.json")
        checked = records.verify(read, by)
        assert checked == records.RecordCheck((), (), again=True)
        assert by_script(read) == ""


def test_the_digests_of_a_record_are_those_of_rfc_8785() -> None:
    """A council may check a record by another program, in another language."""
    for record, _ in some():
        assert records.canonical(record) == rfc8785.dumps(record)
        told = hashlib.sha256(rfc8785.dumps(record["facts"])).hexdigest()
        assert record["digests"]["facts"] == f"sha256:{told}"


def test_a_record_holds_what_a_board_would_ask_for() -> None:
    """Case digest, corpus digest, answers, and every test with fact, value, asked, limit and held."""
    record, by = some()[0]
    assert record["policy"]["digest"] == by.policy.digest
    assert record["digests"]["facts"] == records.digest_of(record["facts"])
    tests = [tree for tree in trees(record) if "fact" in tree]
    assert tests
    assert all({"fact", "value", "asked", "limit", "held"} <= tree.keys() for tree in tests)
    answers = {name: one["answer"] for name, one in record["answers"].items()}
    assert {"scope", "route", "amount"} <= answers.keys()


def test_without_facts_a_record_tells_nothing_of_the_pupil_and_still_stands() -> None:
    """Retention removes facts and keeps what was decided verifiable; the salt goes with them."""
    for record, _ in some():
        left = records.without_facts(record)
        assert not left.keys() & {"facts", "reasons"}
        assert SALT not in json.dumps(left)
        assert records.verify(left) == records.RecordCheck((), ("facts", "reasons"))
        assert by_script(left) == ""
        # Whoever guesses all the facts, and so the tests, still cannot tell by a digest whether they guessed right.
        for name in records.REMOVABLE:
            assert "salt" in record[name]
            guessed = {key: value for key, value in record[name].items() if key != "salt"}
            assert left["digests"][name] not in (records.digest_of(guessed), records.digest_of(guessed | {"salt": ""}))
        assert record["reasons"]["salt"] != SALT, "with the reasons kept, facts that no rule asks for stay unguessed"
    changed = copy_of(left)
    changed["answers"]["route"]["answer"] = "another"
    assert records.verify(changed).faults
    assert by_script(changed)


# Tampering.


def trees(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
    for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from trees(value)


def places(data: Any, at: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Yield every place of a record with what stands there."""
    if at:
        yield at, data
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(value, (*at, key))


def other(value: Any, chance: random.Random) -> Any:
    """Return another value in the place of one."""
    if isinstance(value, bool) or value is None:
        return chance.choice([one for one in (True, False, None, 0, 1) if one is not value])
    if isinstance(value, int):
        return chance.choice([value + 1, value - 1, -value - 1, str(value), None])
    if isinstance(value, str):
        digits = [place for place, letter in enumerate(value) if letter.isdigit()]
        if digits and chance.random() < 0.7:
            place = chance.choice(digits)
            return f"{value[:place]}{(int(value[place]) + chance.randint(1, 9)) % 10}{value[place + 1 :]}"
        return chance.choice([f"{value}x", value.swapcase() if value.swapcase() != value else "x", "", None])
    if isinstance(value, list):
        return [*value, "x"] if not value or chance.random() < 0.5 else value[1:]
    key = chance.choice([*value, "x"])
    return {name: one for name, one in value.items() if name != key} if key in value else {**value, key: 1}


def tampered(record: dict[str, Any], at: Path_, chance: random.Random) -> dict[str, Any]:
    """Return a record with another value at one place."""
    changed = copy_of(record)
    holder: Any = changed
    for key in at[:-1]:
        holder = holder[key]
    holder[at[-1]] = other(holder[at[-1]], chance)
    return changed


def resealed(record: dict[str, Any], *what: str) -> dict[str, Any]:
    """Return a record with digests of what stands in it: of its parts, of the whole, or of both."""
    sealed = copy_of(record)
    if "parts" in what and isinstance(sealed.get("digests"), dict):
        sealed["digests"] |= {name: records.digest_of(sealed[name]) for name in records.REMOVABLE if name in sealed}
    if "whole" in what:
        sealed["digest"] = records.seal(sealed)
    return sealed


@cache
def places_of(number: int) -> list[Path_]:
    return [at for at, _ in places(some()[number][0])]


def decisive(at: Path_) -> bool:
    """Return whether a place cannot be otherwise while the rest stands: what came of a test, a rule, a question."""
    computed = ("value", "held", "holds", "margin", "figures")
    return at[0] == "answers" or (at[0] == "reasons" and at[-1] in computed)


@pytest.mark.parametrize("tamperings", [200, pytest.param(1_000, marks=pytest.mark.slow)])
def test_random_tamperings_are_all_refused(tamperings: int) -> None:
    """A thousand tamperings, of any value and by one who makes digests again too; both checks refuse all."""
    chance = random.Random(7)
    stood, ways = [], {"plain": 0, "parts": 0, "whole": 0, "logic": 0}
    while sum(ways.values()) < tamperings:
        number = sum(ways.values())
        which, way = number % len(some()), list(ways)[number % 4]
        record, inside = some()[which][0], places_of(which)
        if way == "logic":
            # Every digest is made again; only that the answer must follow from facts and rules can tell.
            at = chance.choice([at for at in inside if decisive(at)])
            changed = resealed(tampered(record, at, chance), "parts", "whole")
        elif way == "plain":
            at = chance.choice(inside)
            changed = tampered(record, at, chance)
        else:
            # The digests of the parts are made again and not the whole's, or the other way about.
            at = chance.choice([at for at in inside if at[0] in records.REMOVABLE])
            changed = resealed(tampered(record, at, chance), way)
        if records.canonical(changed) == records.canonical(record):
            continue
        ways[way] += 1
        if not by_script(changed):
            stood.append(("script", way, at))
        if number % 5 < 2 and not records.verify(changed).faults:
            stood.append(("engine", way, at))
    assert stood == []
    assert set(ways.values()) == {tamperings // 4}


def test_one_who_makes_every_digest_again_is_refused_where_the_policy_is_at_hand() -> None:
    """By its own rules a forged record may be in order; held against the policy nothing of it can be otherwise."""
    chance = random.Random(11)
    stood = []
    for number in range(150):
        which = number % len(some())
        record, by = some()[which]
        # A fact on which nothing rests may be another: that is the right record of another case.
        rated = {name for name in record["facts"]["known"] if name.startswith("rating_")}
        free = {("case_ref",), ("engine",), ("facts", "salt"), ("digest",), ("digests",)}
        # Of other files, that decide alike, the words are not compared, and the check says so.
        free |= {("policy", "files_digest")}
        inside = [at for at in places_of(which) if not {at[:1], at[:2]} & free and not rated & {*map(str, at)}]
        at = chance.choice(inside)
        changed = resealed(tampered(record, at, chance), "parts", "whole")
        same = records.canonical(changed) == records.canonical(record)
        if not same and not records.verify(changed, by).faults:
            stood.append(at)
    assert stood == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": "senpolicy decision record", "version": "3"}',
        b'{"format": "senpolicy decision record", "version": "1", "version": "1"}',
        b'{"format": "senpolicy decision record", "version": "1", "x": 1.5}',
        b"\xff",
        b"[" * 5000,
    ],
)
def test_what_is_no_record_is_said_to_be_none(text: bytes) -> None:
    """Never a traceback for what a user can cause."""
    with pytest.raises(PolicyError):
        records.read(text, "record.json")


@pytest.mark.parametrize("missing", ["policy", "answers", "digests", "case_ref", "decision_date"])
def test_a_record_without_one_of_its_parts_is_refused_even_with_new_digests(missing: str) -> None:
    record, by = some()[0]
    left = resealed({name: value for name, value in record.items() if name != missing}, "parts", "whole")
    assert records.verify(left, by).faults or missing in ("policy", "case_ref")
    assert by_script(left) or missing in ("policy", "case_ref")


def test_no_fault_repeats_a_value() -> None:
    """What a check says may be passed on; it names places only."""
    record, by = some()[0]
    changed = copy_of(record)
    changed["facts"]["known"]["age"] = {"kind": "integer", "value": 987654}
    for faults in (records.verify(changed).faults, records.verify(resealed(changed, "parts", "whole"), by).faults):
        assert faults
        assert "987654" not in " ".join(faults)


# The script.


def test_the_script_is_short_and_shares_no_code_with_the_engine() -> None:
    """At most 150 lines, the standard library alone."""
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_script_runs_alone_and_knows_the_policy_by_its_digest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a school or a parent's adviser would run it, on a machine without the engine."""
    status, _, err = senpolicy(
        capsys, "decide", str(ROOT / "tests/cases/every-route.yaml"), "--records", str(tmp_path / "records")
    )
    assert status == 0
    assert "12 records written." in err
    files = sorted((tmp_path / "records").iterdir())
    assert len(files) == 12
    run = [sys.executable, "-I", str(SCRIPT), *map(str, files)]
    alone = subprocess.run([*run, "--corpus", str(ROOT)], capture_output=True, text=True)
    assert (alone.returncode, alone.stdout.count(": valid\n")) == (0, 12)
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "x.yaml").write_text("a: 1\n")
    other_policy = subprocess.run([*run[:4], "--corpus", str(tmp_path)], capture_output=True, text=True)
    assert other_policy.returncode == 1
    assert "the files in that folder are others" in other_policy.stdout


# The command.


def test_verify_record_names_the_record_and_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One bad record among good ones is named, with the place in it, and the exit status is 1."""
    good, forged = (tmp_path / name for name in ("good.json", "forged.json"))
    record = some()[0][0]
    good.write_text(records.text_of(record), encoding="utf-8")
    changed = copy_of(record)
    changed["answers"]["route"]["answer"] = "direct_existing_rate"
    forged.write_text(records.text_of(resealed(changed, "whole")), encoding="utf-8")
    status, out, err = senpolicy(capsys, "verify-record", str(tmp_path), "--root", str(ROOT))
    assert status == 1
    assert "good.json: valid; decided again by the policy here, with the same result" in out
    assert "forged.json: REFUSED\n  answers.route.answer: This is not what follows" in out
    assert "2 records: 1 valid, 1 refused." in err


def test_verify_record_needs_no_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline, and where the policy has moved on, the record's own rules are tried all the same."""
    for folder in ("policy", "rules", "descriptors"):
        (tmp_path / folder).mkdir()
    record = some()[0][0]
    (tmp_path / "one.json").write_text(records.text_of(record), encoding="utf-8")
    status, out, _ = senpolicy(capsys, "verify-record", str(tmp_path / "one.json"), "--root", str(tmp_path), "--json")
    (result,) = json.loads(out)
    assert status == 0
    said = {"file": "one.json", "stands": True, "decided_again": False, "removed": [], "faults": []}
    why = "the policy here has problems or is not whole, so the case was not decided again"
    assert result == {**said, "digest": record["digest"], "not_checked": why}


def moved_on(folder: Path, record: dict[str, Any], change: Callable[[Path], Any]) -> Decider:
    """Return a decider by the policy that a record names, of a copy with a change."""
    change(copied(folder))
    readings = record["policy"]["readings"]
    return Decider(
        policy(corpus.load(folder), as_of=record["policy"]["as_of"], readings=readings[-1] if readings else "none")
    )


def said_of(capsys: pytest.CaptureFixture[str], record: dict[str, Any], root: Path, *more: str) -> str:
    """Return what the command says of a record, by the policy of a folder."""
    (root / "one.json").write_text(records.text_of(record), encoding="utf-8")
    status, out, _ = senpolicy(capsys, "verify-record", str(root / "one.json"), "--root", str(root), *more)
    assert status == 0
    return out.strip()


def comment(folder: Path) -> None:
    append(folder, "rules/facts.yaml", "# The policy has moved on.\n")


def another_value(folder: Path) -> None:
    replace(folder, "policy/before-24-00120/parameters.yaml", r"(first_cost_met_by_school:\n(?:    .*\n)*?    value: ).*$",
            "\\g<1>7000.00")  # fmt: skip
    # A later decision sets it again: another value by then has to say from when.
    replace(folder, "policy/24-00120/parameters.yaml", r"(first_cost_met_by_school:\n(?:    .*\n)*?    value: .*)$",
            "\\g<1>\n    from: 2025-04-01")  # fmt: skip


def another_wording(folder: Path) -> None:
    replace(folder, "rules/facts.yaml", "a mainstream school$", "a school of the mainstream")
    for path in folder.glob("rules/*.yaml"):
        text = re.sub(r"^( +says: )(?![>'\"])", r"\1In other words ", path.read_text(), flags=re.MULTILINE)
        path.write_text(text.replace('"3.7"', '"9.9"'), encoding="utf-8")


@cache
def sound_one() -> tuple[dict[str, Any], Decider]:
    """Return a record of the time before 24/00120, on a rule of which a value can be set otherwise."""
    return next((record, by) for record, by in some() if not record["policy"]["scenario"])


def test_a_case_is_decided_again_only_by_a_policy_that_decides_as_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another policy, though it would decide this case alike, is never said to have decided it again."""
    record, by = sound_one()
    other = moved_on(tmp_path, record, another_value)
    assert other.policy.digest != by.policy.digest
    assert records.verify(record, other) == records.RecordCheck((), (), again=False)
    assert said_of(capsys, record, tmp_path) == (
        "one.json: valid; its policy is not the one here, so the case was not decided again"
    )


@pytest.mark.parametrize("change", [comment, another_wording])
def test_a_policy_that_only_reads_otherwise_decides_the_case_again_and_its_words_are_said_not_to_be_compared(
    change: Callable[[Path], Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A comment or a better sentence leaves older records what they were: decided by this policy."""
    record, by = sound_one()
    other = moved_on(tmp_path, record, change)
    assert other.policy.digest == by.policy.digest
    assert records.verify(record, other) == records.RecordCheck((), (), again=True, but_words=True)
    assert said_of(capsys, record, tmp_path) == (
        "one.json: valid; decided again by the policy here, with the same result; the files here are others that decide "
        "alike, so the words of the record were not compared"
    )


def test_by_a_policy_that_only_reads_otherwise_nothing_but_words_can_be_otherwise(tmp_path: Path) -> None:
    """Whoever makes every digest again, and names other files, cannot change a rule, a fact or an answer."""
    record, _ = sound_one()
    other = moved_on(tmp_path, record, comment)
    chance, stood = random.Random(13), []
    words = {"says", "because", "title", "document", "paragraph", "parameter", "point_of", "files_digest"}
    rated = {name for name in record["facts"]["known"] if name.startswith("rating_")}
    free = {("case_ref",), ("engine",), ("facts", "salt"), ("digest",), ("digests",), ("policy", "digest")}
    # Without a fact on which nothing rests it is the right record of another case.
    inside = [at for at, _ in places(record) if at != ("facts", "known")
              and not {at[:1], at[:2]} & free and not (words | rated) & {*map(str, at)}]  # fmt: skip
    for at in chance.sample(inside, 150):
        changed = resealed(tampered(record, at, chance), "parts", "whole")
        if not records.verify(changed, other).faults:
            stood.append(at)
    assert stood == []


# Records of version 1, which name their policy by every byte of its files.


def older(record: dict[str, Any], by: Decider) -> dict[str, Any]:
    """Return the record of the same decision as it was written before."""
    made = {**record, "version": "1", "policy": {**record["policy"], "digest": by.policy.corpus.files_digest}}
    del made["policy"]["files_digest"]
    return resealed(made, "parts", "whole")


def test_an_older_record_is_decided_again_by_its_own_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for one, by in some()[:6]:
        record = older(one, by)
        assert records.verify(records.read(records.text_of(record).encode(), "one.json"), by) == records.RecordCheck(
            (), (), again=True
        )
        assert by_script(record) == ""
    record, by = older(*sound_one()), sound_one()[1]
    assert records.record_of(decision_of(record, by), SALT, "0.1.0", "1") == record
    copied(tmp_path)
    assert said_of(capsys, record, tmp_path) == (
        "one.json: valid; decided again by the policy here, with the same result"
    )


def test_an_older_record_is_decided_again_by_the_policy_of_its_revision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The policy has moved on since, twice over; git still has the files that the record names."""
    record = older(*sound_one())
    copied(tmp_path)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "One")
    git(tmp_path, "tag", "then")
    comment(tmp_path)
    another_value(tmp_path)
    git(tmp_path, "commit", "--quiet", "-am", "Two")
    assert said_of(capsys, record, tmp_path, "--revision", "then") == (
        "one.json: valid; decided again by the policy of then, with the same result"
    )
    assert "the files here are others" in said_of(capsys, record, tmp_path, "--revision", "HEAD")
    status, _, err = senpolicy(
        capsys, "verify-record", str(tmp_path / "one.json"), "--root", str(tmp_path), "--revision", "never"
    )
    assert status == 1
    assert "'never' is neither a folder here nor a revision of this repository." in err


def decision_of(record: dict[str, Any], by: Decider) -> Decision:
    (pinned,) = [one for one in every() if one.golden.case["case_ref"] == record["case_ref"] and deciding(one) is by]
    decision = decided(pinned.golden, by)
    assert isinstance(decision, Decision)
    return decision


def test_an_older_record_is_never_decided_again_by_other_files_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in it tells what its files meant: a comment more, and they may be those of another policy."""
    record, by = older(*sound_one()), sound_one()[1]
    other = moved_on(tmp_path, record, comment)
    assert records.verify(record, other) == records.RecordCheck((), (), again=False)
    assert said_of(capsys, record, tmp_path) == (
        "one.json: valid; this older record names its policy by every byte of its files, and the files here are others, "
        "so the case was not decided again; name the revision of the repository that held them with --revision"
    )
    # Nor by a policy whose digest of meaning it happens to hold in the place of that of its files.
    forged = resealed({**record, "policy": {**record["policy"], "digest": other.policy.digest}}, "parts", "whole")
    assert not records.verify(forged, by).again
    assert not records.verify(forged, other).again


def test_the_script_holds_an_older_record_against_its_files(tmp_path: Path) -> None:
    record = older(*sound_one())
    (tmp_path / "one.json").write_text(records.text_of(record), encoding="utf-8")
    run = [sys.executable, "-I", str(SCRIPT), str(tmp_path / "one.json"), "--corpus", str(ROOT)]
    assert subprocess.run(run, capture_output=True, text=True).stdout.endswith("one.json: valid\n")


def test_a_record_without_facts_is_never_said_to_be_decided_again() -> None:
    """Its policy is at hand, and yet nothing is left by which to decide."""
    record, by = some()[0]
    assert records.verify(records.without_facts(record), by) == records.RecordCheck(
        (), ("facts", "reasons"), again=False
    )


@pytest.mark.parametrize("words", [["decide", "tests/cases/every-route.yaml", "--records"], ["board", "records", "-o"]])
def test_a_folder_for_records_that_cannot_be_made_is_said(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that stands in the way is named, and nothing is written over it."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "mine").write_text("kept", encoding="utf-8")
    more = ["--database", f"sqlite:///{tmp_path}/board.db"] if words[0] == "board" else ["--root", str(ROOT)]
    status, _, err = senpolicy(capsys, *words, str(tmp_path / "mine"), *more)
    assert status == 2
    assert "'mine' cannot be made a folder" in err
    assert "Name a folder that can be written to." in err
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "kept"
