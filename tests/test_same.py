"""`make same`: that a changed byte is found, that only what a commit names passes, and that each command is run."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer.main

from golden_files import ROOT
from senpolicy.cli import every_command

sys.path.insert(0, str(ROOT / "tools"))

from same import inputs, report, runs, trees
from same.differences import Difference, WrongName, differences, names_in, unnamed
from same.runs import Run

DECIDED = [{"case_ref": "K-0001", "answers": {"route": {"answer": "tariff", "because": [{"rule": "route/a"}]}}}]
TABLE = b'"case_ref","route","low"\n"K-0001","tariff",0.50\n"K-0002","claim",\n'


def as_json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def found(stream: str, was: bytes | None, now: bytes | None) -> list[tuple[str, int]]:
    """Return the places that differ, each with how often."""
    return [(one.place, one.count) for one in differences("decide/x", stream, was, now)]


def workbook(cell: str, written: str, year: int) -> bytes:
    """Return what stands for a file of Excel."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, text in (("sheet", cell), ("core", f"<dcterms:created x>{written}</dcterms:created>")):
            packed.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("stream", "content"),
    [("stdout.json", as_json(DECIDED)), ("file x.csv", TABLE), ("file x.parquet", b"PAR1 x"), ("stderr", b"1 case.\n")],
)
def test_any_changed_byte_is_found(stream: str, content: bytes) -> None:
    """Whatever it makes of the file: it may make it unreadable, or change only its layout."""
    assert differences("x", stream, content, content) == []
    for place in range(len(content)):
        for other in (b"", b"~", content[place : place + 1] * 2):
            changed = content[:place] + other + content[place + 1 :]
            assert changed == content or differences("x", stream, content, changed), (place, changed)


@pytest.mark.parametrize(
    ("change", "places"),
    [
        (lambda one: one["answers"]["route"].update(answer="claim"), ["*.answers.route.answer"]),
        (lambda one: one["answers"]["route"]["because"][0].update(rule="b"), ["*.answers.route.because.*.rule"]),
        (lambda one: one["answers"]["route"].update(because=[]), ["*.answers.route.because.(length)"]),
        (lambda one: one["answers"].update(scope=None), ["*.answers.scope"]),
        (lambda one: one.update(case_ref=one.pop("case_ref")), ["*.(order)"]),
        (lambda one: one.update(case_ref=1), ["*.case_ref"]),
    ],
)
def test_a_difference_in_json_is_told_by_its_place(change: Any, places: list[str]) -> None:
    """The place is what a commit names; the number in a list does not matter, the order of names does."""
    changed = json.loads(json.dumps(DECIDED))
    change(changed[0])
    assert found("stdout.json", as_json(DECIDED), as_json(changed)) == [(f"stdout.json {one}", 1) for one in places]


def test_values_that_python_takes_for_equal_differ() -> None:
    assert found("x.json", b"[1]", b"[true]") == [("x.json *", 1)]
    assert found("x.json", b"[1]", b"[1.0]") == [("x.json *", 1)]


def test_the_layout_of_json_counts_even_where_its_values_differ_too() -> None:
    other = [{**DECIDED[0], "case_ref": "K-0002"}]
    assert found("x.json", as_json(DECIDED), json.dumps(DECIDED).encode()) == [("x.json layout", 1)]
    assert found("x.json", as_json(DECIDED), json.dumps(other).encode()) == [
        ("x.json *.case_ref", 1),
        ("x.json layout", 1),
    ]
    assert found("x.json", b"[ 1]", b"[ 2]") == [("x.json *", 1)]


@pytest.mark.parametrize(
    ("was", "now", "places"),
    [
        ("tariff", "claim", [("route", 1)]),
        ("0.50", "0.5", [("low", 1)]),
        ('"tariff"', "tariff", [("(layout)", 1)]),
        ('"K-0001"', '"K-0003"', [("(rows)", 2)]),
        ('"low"', '"high"', [("(columns)", 1)]),
        ('"K-0001","tariff",0.50\n"K-0002","claim",\n', '"K-0002","claim",\n"K-0001","tariff",0.50\n', [("(order)", 1)]),
        ('"K-0002","claim",\n', "", [("(rows)", 1)]),
        ('"K-0002","claim",\n', '"K-0002","claim",\n"K-0002","claim",\n', [("(order)", 1)]),
    ],
)  # fmt: skip
def test_a_difference_in_a_table_is_told_by_its_column(was: str, now: str, places: list[tuple[str, int]]) -> None:
    changed = TABLE.replace(was.encode(), now.encode(), 1)
    assert changed != TABLE
    assert found("file x.csv", TABLE, changed) == [(f"file x.csv {place}", count) for place, count in places]


def test_rows_that_differ_in_one_column_are_one_difference_with_the_first_of_them() -> None:
    (one,) = differences("x", "x.csv", TABLE, re.sub(rb',"(tariff|claim)"', rb',"other"', TABLE))
    assert one == Difference("x", "x.csv route", "K-0001", "tariff", "other", 2)


def test_lines_of_text_are_compared_in_place_or_where_some_came_in_between() -> None:
    assert found("stderr", b"a\nb\n", b"a\nc\n") == [("stderr line", 1)]
    (count, line) = differences("x", "stderr", b"a\nb\n", b"a\nnew\nb\n")
    assert (count.place, line.place, line.was, line.now) == ("stderr lines", "stderr line", "", "new")
    long = b"a\n" * 6_000
    assert found("stderr", long, b"b\n" + long) == [("stderr lines", 1), ("stderr line", 1)]


def test_of_a_workbook_only_the_time_of_writing_is_passed_over() -> None:
    first = workbook("tariff", "2026-11-29T10:00:00Z", 2025)
    assert found("x.xlsx", first, workbook("tariff", "2026-11-30T11:00:00Z", 2026)) == []
    assert found("x.xlsx", first, workbook("claim", "2026-11-29T10:00:00Z", 2025)) == [("x.xlsx part sheet", 1)]


def test_a_file_that_only_one_side_writes_differs() -> None:
    (one,) = differences("x", "file x.refused.csv", None, TABLE)
    assert (one.was, one.now) == ("is not", "is there")


# What a commit names


MESSAGE = """Take the digest over the meaning

A comment no longer changes it.

Differs: decide/* at stdout.json *.policy.digest, because the digest
  is taken over the meaning now
Differs: prove at status, because never needed
"""


def test_only_the_differences_that_a_commit_names_pass() -> None:
    """A name covers its output and its place, and no more; one that covers nothing is told."""
    names = names_in(MESSAGE)
    assert [one.why for one in names] == ["the digest is taken over the meaning now", "never needed"]
    digest = Difference("decide/a", "stdout.json *.policy.digest", "0", "a", "b", 3)
    others = [Difference("decide/a", "stdout.json *.answers.route.answer", "0", "a", "b"),
              Difference("explain/a", "stdout.json *.policy.digest", "0", "a", "b")]  # fmt: skip
    assert unnamed([digest, *others], names) == others
    assert [one.matched for one in names] == [3, 0]


@pytest.mark.parametrize("line", ["Differs: decide", "Differs: decide at stdout", "Differs: a at b, because"])
def test_a_name_without_its_parts_is_refused(line: str) -> None:
    with pytest.raises(WrongName, match="Write: Differs: OUTPUT at PLACE, because REASON"):
        names_in(f"Change something\n\n{line}\n")


# Two fake sides


class FakeSide(trees.Side):
    """A side whose program is a line of Python."""

    def run(self, words: Any) -> trees.Told:
        (self.folder / "out.csv").write_bytes(TABLE.replace(b"claim", self.name.encode()))
        said = [{"answers": self.name}, {"answers": "x"}] if "--json" in words else [{}, {}]
        return trees.Told(int(words[0]), as_json(said), b"Said.\n")


def sides(folder: Path, *names: str) -> tuple[trees.Side, trees.Side]:
    for name in "ab":
        (folder / name).mkdir()
    first, second = (FakeSide(name, folder, folder / one) for one, name in zip("ab", names, strict=True))
    return first, second


def run_both(folder: Path, names: tuple[str, str], message: str = "", *words: str) -> tuple[bool, str]:
    """Return whether the report of two fake sides is red, and what it says."""
    asked = [Run("part/one", words or ("0", "--json"), cases=2, files=("out.csv",))]
    named, ticks = names_in(message), list[None]()
    found = report.outcomes(asked, sides(folder, *names), folder / "kept", lambda: ticks.append(None))
    red = report.judge(found, named)
    assert len(ticks) == 1
    return red, "\n".join(report.lines(found, named, ["A note."]))


def test_two_sides_that_say_the_same_are_the_same(tmp_path: Path) -> None:
    red, said = run_both(tmp_path, ("one", "one"))
    assert not red
    assert re.search(r"part +1 +2 +2 +4 +0 +0\n", said), "status, both streams, and the file"
    assert said.endswith("The same bytes, but for what commits name.")
    assert not (tmp_path / "kept").exists()


def test_a_difference_that_no_commit_names_is_red_and_is_shown(tmp_path: Path) -> None:
    red, said = run_both(tmp_path, ("one", "two"))
    assert red
    assert "part/one at file out.csv route\n  K-0002\n  - one\n  + two" in said
    assert said.endswith("2 places differ that no commit names.")
    assert (tmp_path / "kept/part/one/out.csv.base").read_bytes() == TABLE.replace(b"claim", b"one")


def test_a_difference_that_a_commit_names_passes_and_is_shown_too(tmp_path: Path) -> None:
    message = ("Differs: part/* at stdout.json *.answers, because it says so\nDiffers: */one at * route, because of x\n"
               "Differs: other at *, because of y\n")  # fmt: skip
    red, said = run_both(tmp_path, ("one", "two"), message)
    assert not red
    assert "Named (1): */one at * route, because of x\n  such as:" in said
    assert "No longer needed: nothing differs in other at *, because of y" in said


def test_a_command_that_both_sides_refuse_proves_nothing(tmp_path: Path) -> None:
    """Else a word that is mistyped here would pass for ever."""
    red, said = run_both(tmp_path, ("one", "one"), "", "2")
    assert red
    assert "Proves nothing: part/one: both sides ended with 2: Said.\n  senpolicy 2" in said


def test_cases_that_are_mostly_refused_prove_nothing(tmp_path: Path) -> None:
    """Else a level that no policy knows would have every case refused on both sides, alike."""
    asked = [Run("part/few", ("0", "--json"), cases=5, files=("out.csv",))]
    found = report.outcomes(asked, sides(tmp_path, "one", "one"), tmp_path / "kept", lambda: None)
    assert report.judge(found, [])
    assert found[0].idle == "of 5 cases the base decided only 2"
    assert report.decided(as_json([{"caseload": "x.csv", "decided": 7}])) == 7
    assert report.decided(as_json([{"answers": {}}, {"problems": []}])) == 1
    assert report.decided(b"") == report.decided(b"[1]") == 0


# What is run


def test_every_command_with_json_is_run_with_json() -> None:
    """A command that is new is found here."""
    program: Any = typer.main.get_command(every_command())

    def with_json(command: Any) -> bool:
        return any("--json" in one.opts for one in command.params)

    wanted = {name for name, one in program.commands.items() if with_json(one)}
    assert len(wanted) >= 15
    assert runs.json_commands() == wanted


def test_no_two_runs_have_one_name_or_write_one_file() -> None:
    """The one would be taken for the other."""
    given = inputs.Inputs(
        [inputs.Cases("g.json", 1)], [inputs.Cases("c.csv", 1)], [inputs.Cases("r.json", 1)], ["o.csv"]
    )
    found = [one for run in (*runs.first(given), *runs.second(["mistakes/001"])) for one in (run, *run.then)]
    assert len({one.name for one in found}) == len(found)
    files = [name for one in found for name in one.files]
    assert len(set(files)) == len(files)
    assert all("--seed" in one.words for one in found if "-o" in one.words and "decide" in one.words)


def test_a_part_of_many_is_spread_over_all_of_them() -> None:
    assert inputs.spread(range(10), 3) == [0, 3, 6]
    assert inputs.spread(range(3), 3) == inputs.spread(range(3), 9) == [0, 1, 2]
    assert inputs.spread(range(3), 0) == []


def test_the_same_seed_generates_the_same_cases() -> None:
    first, again, other = (list(inputs.generated_rows(30, seed)) for seed in (1, 1, 2))
    assumed = list(inputs.generated_rows(200, 1, "illustrative"))
    levels = [{row["adaptation_level"] for row in rows} for rows in (first, assumed)]
    assert "specific_allocation_1" in levels[1] - levels[0], "each policy has levels of its own"
    assert first == again != other
    assert first[0]["case_ref"] == "K-0001"
    assert {type(row["decision_date"]) for row in first} == {str}


def test_what_is_made_at_random_in_a_record_is_passed_over_and_nothing_else() -> None:
    digest = "sha256:" + "0" * 64
    record = {"policy": {"digest": digest}, "facts": {"salt": "a" * 32, "known": {}}, "reasons": {"salt": "b" * 32},
              "digests": {"facts": digest, "reasons": digest}, "digest": digest}  # fmt: skip
    text = json.dumps(record, indent=1).encode()
    said = json.loads(runs.RANDOM.sub(rb"\1(random)", text))
    assert said["digests"] == {"facts": "(random)", "reasons": "(random)"}
    assert (said["digest"], said["facts"]["salt"], said["reasons"]["salt"]) == ("(random)",) * 3
    assert said["policy"]["digest"] == digest


def test_the_environment_of_a_base_is_kept_by_its_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another pin, or another Python, is another environment; another commit with the same pins is not."""
    pins = {"first": b"a==1\n", "second": b"a==1\n", "third": b"a==2\n"}

    def shown(words: list[str], **_: Any) -> Any:
        return SimpleNamespace(stdout=pins[words[2].partition(":")[0]], returncode=0)

    monkeypatch.setattr(trees.subprocess, "run", shown)
    first, second, third = (trees.pins_of(commit) for commit in pins)
    assert first == second != third
    monkeypatch.setattr(trees.sys, "version", "3.99")
    assert trees.pins_of("first") != first


def test_the_base_is_checked_out_and_its_environment_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own Makefile; for the next base with the same pins the files are replaced, and the environment stays."""
    monkeypatch.setattr(trees, "ROOT", tmp_path)
    monkeypatch.setattr(trees, "KEPT", tmp_path / "build" / "same")
    identity = ("-c", "user.name=Nobody", "-c", "user.email=nobody" + chr(64) + "example.test")

    def committed(files: dict[str, str]) -> str:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        trees.git("add", "--all", cwd=tmp_path)
        trees.git(*identity, "commit", "--quiet", "--message", "One", cwd=tmp_path)
        return trees.git("rev-parse", "HEAD", cwd=tmp_path)

    trees.git("init", "--quiet", cwd=tmp_path)
    makefile = "nothing:\n\n.venv/.ready: requirements/runtime.txt\n\tmkdir -p .venv && date +%N > $@\n"
    first = {".gitignore": "build/\n.venv/\n", "Makefile": makefile, "requirements/runtime.txt": "a==1", "rule": "1"}
    commits = [committed(first), committed({"rule": "2"}), committed({"requirements/runtime.txt": "a==2"})]
    found = []
    for one in commits:
        folder = trees.checked_out(one)
        (folder / "left-behind").touch()
        found.append((folder, (folder / ".venv/.ready").read_text(), (folder / "rule").read_text()))
    assert found[0][:2] == found[1][:2]
    assert found[1][0] != found[2][0]
    assert [rule for *_, rule in found] == ["1", "2", "2"]
    assert not (trees.checked_out(commits[0]) / "left-behind").exists()
    (folder / ".git").unlink()
    assert trees.checked_out(commits[2]) == folder, "what a cleaning left of it is made again"
    broken = committed({"Makefile": makefile.replace("date", "no-such-program"), "requirements/build.txt": "b==1"})
    with pytest.raises(trees.Stopped, match="could not be made"):
        trees.checked_out(broken)


def test_a_commit_that_is_not_there_is_told() -> None:
    with pytest.raises(trees.Stopped, match="There is no commit 'nowhere' here"):
        trees.commit_of("nowhere")
