"""The server: the bytes of the commands, problems as RFC 9457 has them, and no case in a log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from syrupy.assertion import SnapshotAssertion

from running import senpolicy
from senpolicy.cli import http
from test_toy_outputs import as_yaml, calm
from wording import Wording

ROOT = Path(__file__).resolve().parents[1]
CASE = {"case_ref": "K-1", "decision_date": "2025-10-01", "age": 9, "year_group": 4, "setting": "mainstream",
        "plan": "sen_support", "additional_cost": "9000"}  # fmt: skip
TABLE = ("community,pupils,idaci,looked_after,low_prior_attainment,historic\n"
         "North,1,1,1,1,1.00\nSouth,3,1,1,1,1.00\n")  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> Iterator[TestClient]:
    with TestClient(http.application(ROOT)) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "command"), [("/decide", "decide"), ("/explain", "explain"), ("/timeline", "timeline")]
)
def test_the_answers_are_the_bytes_of_the_commands(
    tmp_path: Path, asked: TestClient, capsys: pytest.CaptureFixture[str], path: str, command: str
) -> None:
    text = json.dumps([CASE, CASE | {"case_ref": "K-2", "plan": "other"}])
    (tmp_path / "cases.json").write_text(text, encoding="utf-8")
    options = ("--as-of", "24/00120", "--json", "--root", str(ROOT))
    status, printed, _ = senpolicy(capsys, command, str(tmp_path / "cases.json"), *options)
    found = asked.post(f"{path}?as_of=24/00120", content=text)
    assert (status, found.status_code, found.text) == (1, 200, printed)


def test_the_budgets_are_the_bytes_of_the_command(
    tmp_path: Path, asked: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "communities.csv").write_text(TABLE, encoding="utf-8")
    options = ("--year", "1", "--quantum", "1000.00", "--json", "--root", str(ROOT))
    _, printed, _ = senpolicy(capsys, "budgets", str(tmp_path / "communities.csv"), *options)
    assert asked.post("/budgets?year=1&quantum=1000.00", content=TABLE).text == printed


def test_a_tariff_is_the_bytes_of_the_command(asked: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    names = [ROOT / "docs/how-to" / f"illustrative-{one}" for one in ("tariff.yaml", "cohort.csv", "schools.csv")]
    plan, cohort, schools = (one.read_text(encoding="utf-8") for one in names)
    options = ("--cohort", str(names[1]), "--schools", str(names[2]), "--json", "--root", str(ROOT))
    _, printed, _ = senpolicy(capsys, "tariff", str(names[0]), *options)
    body = {"plans": [plan], "cohort": cohort, "schools": schools}
    found = asked.post("/tariff", content=json.dumps(body))
    assert (found.status_code, found.text) == (200, printed)
    wrong: tuple[dict[str, str | list[str | int] | None], ...] = (
        {"plans": []},
        {"plans": plan},
        {"plans": [1]},
        {"schools": None},
        {"plans": [plan, plan]},
        {"cohort": cohort + "\ud800"},
    )
    assert [asked.post("/tariff", content=json.dumps(body | one)).status_code for one in wrong] == [400] * 6
    assert asked.post("/tariff", content="[" * 200_000).status_code == 400
    assert asked.post("/tariff", content=json.dumps(body | {"plans": [plan] * 21})).status_code == 413
    told = asked.post("/tariff", content=json.dumps(body | {"cohort": "case_ref,Zacharias\nK-1,Amelia\n"}))
    assert told.status_code == 422
    assert "is not a fact that the policy knows" in told.text
    assert "Amelia" not in told.text


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/decide", "", 422),
        ("/decide", "not: [cases", 422),
        ("/decide?as_of=99/00000", "[]", 400),
        ("/decide?include_proposed=perhaps", "[]", 400),
        ("/budgets?year=1", TABLE, 400),
        ("/budgets?year=9&quantum=1000", TABLE, 400),
        ("/budgets?year=1&quantum=1000", "community\nNorth\n", 422),
        ("/decide", b"\xff\xfe\x00", 400),
        ("/decide", " " * (http.MOST_BYTES + 1), 413),
        ("/decide", json.dumps([CASE | {"case_ref": f"K-{n}"} for n in range(http.MOST_CASES + 1)]), 413),
        ("/elsewhere", "", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem_as_rfc_9457_has_it(
    asked: TestClient, path: str, content: str | bytes, status: int
) -> None:
    found = asked.post(path, content=content)
    told = found.json()
    assert (found.status_code, found.headers["content-type"]) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= told.keys()
    assert told["status"] == status


def test_the_policys_own_files_are_given_and_no_others(asked: TestClient, snapshot: SnapshotAssertion) -> None:
    names = asked.get("/policy").json()
    assert "rules/route.yaml" in names
    assert asked.get("/policy/rules/route.yaml").text == (ROOT / "rules/route.yaml").read_text(encoding="utf-8")
    for name in ("README.md", "../pyproject.toml", "rules/../README.md", "%2e%2e/README.md", "policy"):
        assert asked.get(f"/policy/{name}").status_code == 404
    assert asked.get("/cases.schema.json").json() == json.loads((ROOT / "schemas/cases.schema.json").read_text())
    described = asked.get("/openapi.json").json()
    assert {"/decide", "/explain", "/timeline", "/budgets", "/tariff", "/policy", "/cases.schema.json"} <= described[
        "paths"
    ].keys()
    assert calm(as_yaml(described)) == snapshot(extension_class=Wording)


def test_no_fact_of_a_case_reaches_a_log(
    asked: TestClient,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: str) -> str:
        raise RuntimeError("K-1 sen_support 9000")

    monkeypatch.setattr(http.Answers, "decide", broken)
    with caplog.at_level(logging.DEBUG):
        found = asked.post("/decide", content=json.dumps(CASE))
    assert found.status_code == 500
    said = caplog.text + "".join(capsys.readouterr()) + found.text
    assert "sen_support" not in said
    assert "K-1" not in said


def test_nothing_can_be_changed(asked: TestClient) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert asked.request(method, "/policy/rules/route.yaml").status_code == 405
