"""The register of open points: complete, in words that people can act on, and with the cases that each one touches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from golden_files import FROZEN, ROOT, decider, loaded
from senpolicy.cli import main
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decision
from senpolicy.explaining import open_points
from senpolicy.explaining.open_points import Touched, entries, touched

#: The rows of domain.md, Part 2: amounts, dates, formula and protection, status and setting, governance, data.
CODES = [
    "A1", "A2", "A3", "A4", "A5",
    "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10",
    "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11",
    "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9", "E10", "E11", "E12",
    "G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11",
    "X1", "X2", "X3", "X4", "X5", "X6", "X7", "X8", "X9",
]  # fmt: skip
#: Those whose state the contract names (its last lines): what blocks an answer, and what a reading settles.
OPEN = ["A1", "B5", "B6", "C1", "C4", "C6", "E2", "E3", "E4", "E5", "G2"]
READ = ["A2", "A3", "A4", "B2", "B3", "B4", "B10", "C7", "C8", "C9", "E1", "E6", "E7", "E8", "E9", "E10", "E12"]


def states() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries(loaded(ROOT)):
        found.setdefault(entry.id.split("-")[0], set()).add(entry.point.state)
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_row_of_the_register_has_an_entry(code: str) -> None:
    """Every row of domain.md, Part 2 (A, B, C, E, G; X as data notes)."""
    assert code in states()
    if code.startswith("X"):
        assert states()[code] == {"note"}


@pytest.mark.parametrize(("code", "state"), [*((code, "open") for code in OPEN), *((code, "read") for code in READ)])
def test_what_the_contract_calls_open_is_open_and_what_it_calls_read_is_read(code: str, state: str) -> None:
    """contract.md, "Readings adopted" and "Open, and blocking an answer"."""
    assert state in states()[code]


def test_every_entry_says_where_and_what_would_settle_it_and_what_the_text_allows() -> None:
    """The paragraphs that clash or are silent, the answers, what it would take, the reading."""
    for entry in entries(loaded(ROOT)):
        point = entry.point
        assert point.where, entry.id
        assert point.state == "note" or point.allows or point.allows_text, entry.id
        assert (point.state == "read") <= bool(entry.readings), entry.id


# The cases that a point touches

BASE = {"decision_date": "2025-10-01", "age": "9", "year_group": "4", "setting": "mainstream", "plan": "ehcp"}
EXACTLY = {**BASE, "case_ref": "K-1", "ehcp_issued_on": "2024-05-01", "element3_rate": "6000"}
BELOW = {**EXACTLY, "case_ref": "K-2", "element3_rate": "4000", "community_protection": "kept"}
NOT_LISTED = {**BASE, "case_ref": "K-3", "setting": "hospital_school"}
UNKNOWN = {**BASE, "case_ref": "K-4"}
SMALL_PROPOSAL = {**BELOW, "case_ref": "K-5", "proposed_allocation": "6000"}


def found(*cases: dict[str, str], readings: str = "all") -> dict[str, Touched]:
    by = decider(ROOT, "24/00120", readings)
    read = read_text(json.dumps(cases), "cases.json", by.policy)
    assert all(isinstance(case, Case) for case in read)
    return touched(by.policy.corpus, [one for one in by.decide_all(read) if isinstance(one, Decision)])


def test_a_point_touches_the_case_that_it_keeps_open_and_the_answers_that_rest_on_that_one() -> None:
    by_point = found(EXACTLY, BELOW)
    exactly = by_point["A1-rate-of-exactly-6000"]
    assert exactly.undetermined == ["K-1"]
    assert set(exactly.directly) == {"route"}
    assert {"protection", "moderation", "amount"} <= set(exactly.inherited)


def test_an_open_scope_keeps_every_later_question_open() -> None:
    by_point = found(NOT_LISTED)["E5-settings-not-listed"]
    assert by_point.undetermined == ["K-3"]
    assert dict(by_point.directly) == {"scope": 1}
    assert {"route", "protection", "exceptional_need_claim"} <= set(by_point.inherited)


def test_a_fact_that_is_only_missing_touches_no_point() -> None:
    """Undetermined for want of a fact is the case's matter, not the policy's."""
    by_point = found(UNKNOWN)
    assert [name for name, one in by_point.items() if one.undetermined] == []


def test_cases_decided_by_a_row_that_rests_on_a_reading_are_counted_apart() -> None:
    rate = found(EXACTLY, BELOW)["A2-first-6000-in-the-rate"]
    assert (rate.undetermined, rate.by_reading) == ([], ["K-2"])
    assert rate.rows["route/rate-below-limit"] == 1


def test_an_answer_that_a_reading_gives_counts_as_decided_by_it_and_as_open_without_it() -> None:
    point = "G2-moderation-at-or-below-the-trigger"
    with_it, without = found(SMALL_PROPOSAL)[point], found(SMALL_PROPOSAL, readings="none")[point]
    assert (with_it.undetermined, with_it.by_reading) == ([], ["K-5"])
    assert (without.undetermined, without.by_reading) == (["K-5"], [])


# The command


def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["senpolicy", "open-points", "--root", str(FROZEN), *arguments])
    with pytest.raises(SystemExit) as raised:
        main()
    said = capsys.readouterr()
    return int(raised.value.code or 0), said.out, said.err


def cases_file(folder: Path, *cases: dict[str, Any]) -> str:
    path = folder / "cases.json"
    path.write_text(json.dumps(cases), encoding="utf-8")
    return str(path)


def test_the_command_lists_the_register_with_who_read_what_when_and_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = shown(monkeypatch, capsys, "--json")
    listed = {one["id"]: one for one in json.loads(out)}
    assert code == 0
    assert len(listed) == len(entries(loaded(FROZEN)))
    entry = listed["A2-first-6000-in-the-rate"]
    assert {"title", "state", "decision", "says", "where", "allows", "allows_text", "settle", "readings"} <= set(entry)
    assert "cases" not in entry
    (reading,) = entry["readings"]
    assert all(reading[key] for key in ("id", "by", "adopted_on", "says", "because"))
    assert entry["where"][0] == {"document": "report", "paragraph": "3.20", "lines": "168-169"}


def test_the_command_prints_the_register_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = shown(monkeypatch, capsys, "--cases", cases_file(tmp_path, EXACTLY, BELOW))
    assert code == 0
    assert "A1-rate-of-exactly-6000 (24/00120, open): An existing rate of exactly £6,000\n" in out
    assert "The text would allow, for route: community budget, or direct existing rate.\n" in out
    assert "  Undetermined because of it: 1 case (K-1)\n    route 1 itself; through it " in out
    assert "  Decided by a row that rests on its reading: 1 case (K-2)\n" in out
    assert "  No case is touched.\n" in out


def test_a_case_that_is_not_decided_is_said_and_is_not_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = cases_file(tmp_path, EXACTLY, {**BELOW, "age": "nine"})
    code, out, err = shown(monkeypatch, capsys, "--cases", path, "--json")
    assert code == 1
    assert "Not decided and not counted: 1 of the cases" in err
    listed = {one["id"]: one["cases"] for one in json.loads(out)}
    assert listed["A1-rate-of-exactly-6000"]["undetermined"]["refs"] == ["K-1"]
    assert listed["A2-first-6000-in-the-rate"]["by_reading"]["count"] == 0


def test_long_lists_of_references_are_cut_in_words_and_never_in_data() -> None:
    refs = [f"K-{number}" for number in range(30)]
    one = Touched(undetermined=refs)
    assert one.to_json()["undetermined"]["refs"] == refs
    assert open_points._refs(refs).endswith("K-11 and 18 more)")
    assert open_points._refs(refs[:12]).endswith("K-10, K-11)")
