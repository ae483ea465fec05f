"""`make mutants`: what it edits, what it draws, and that the repository itself is never edited."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from golden_files import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from mutants import score, trees
from mutants.edits import compiles, edits

SOURCE = '''\
"""No edit of 1 < 2 in a docstring."""
from dataclasses import dataclass
FEWEST = 5
@dataclass(frozen=True)
class A:
    name: str | None = None
    most: int = Field(ge=1)
def told(count: int | str, *, by="day") -> int | None:
    if not count or 0 < count < FEWEST:
        return None
    for one in count:
        if one is None:
            continue
        found["key"] += 1
    raise Wrong(f"{count + 1}")
def other(a):
    return max(a.get("x"), (a) - 2) if a.ready else a == "y"
'''


def test_what_is_edited_and_what_is_left_alone() -> None:
    """One edit a line of this list: the line as it becomes. No docstring, annotation, guard or f-string is touched."""
    made = {one.made(SOURCE).splitlines()[one.line - 1].strip() for one in edits(SOURCE)}
    assert made == {
        "FEWEST = 6", "FEWEST = 4",
        "most: int = Field(ge=2)", "most: int = Field(ge=0)",
        'def told(count: int | str, *, by="_day") -> int | None:',
        "if count or 0 < count < FEWEST:", "if not count and 0 < count < FEWEST:",
        "if not count or 1 < count < FEWEST:", "if not count or (-1) < count < FEWEST:",
        "if not count or 0 <= count < FEWEST:", "if not count or 0 < count <= FEWEST:",
        "if one is not None:", "break",
        'found["_key"] += 1', 'found["key"] -= 1', 'found["key"] += 2', 'found["key"] += 0', "pass",
        "return None",
        'return min(a.get("x"), (a) - 2) if a.ready else a == "y"',
        'return max(a.get("_x"), (a) - 2) if a.ready else a == "y"',
        'return max(a.get("x"), (a) + 2) if a.ready else a == "y"',
        'return max(a.get("x"), (a) - 3) if a.ready else a == "y"',
        'return max(a.get("x"), (a) - 1) if a.ready else a == "y"',
        'return max(a.get("x"), (a) - 2) if not a.ready else a == "y"',
        'return max(a.get("x"), (a) - 2) if a.ready else a != "y"',
        'return max(a.get("x"), (a) - 2) if a.ready else a == "_y"',
    }  # fmt: skip


def test_an_edit_changes_one_line() -> None:
    """Of every file of the engine: no other line differs, and nearly all that results is Python."""
    wrong, tried = [], []
    for path in sorted((ROOT / trees.ENGINE).rglob("*.py"))[::9]:
        text = path.read_text(encoding="utf-8")
        for one in edits(text)[::40]:
            made = one.made(text)
            pairs = zip(text.splitlines(), made.splitlines(), strict=True)
            if [number for number, (was, now) in enumerate(pairs, 1) if was != now] != [one.line]:
                wrong.append((path.name, one))
            tried.append(compiles(made))
    assert wrong == []
    assert len(tried) > 20
    assert tried.count(False) <= len(tried) // 20


def every_other_line(file: Path) -> range:
    """Stands for the lines that run."""
    return range(0, 2_000, 2)


def test_the_same_seed_draws_the_same_mutants_of_lines_that_run() -> None:
    """Each of another line, in the modules that are asked for."""
    drawn = [score.drawn(seed, 12, "deciding,proving", every_other_line) for seed in (1, 1, 2)]
    places = [[(one.file, one.edit) for one in found] for found in drawn]
    assert places[0] == places[1] != places[2]
    assert len({(one.file, one.edit.line) for one in drawn[0]}) == 12
    assert {one.module.split("/")[0] for found in drawn for one in found} == {"deciding", "proving"}
    assert all(one.edit.line % 2 == 0 or one.edit.statement % 2 == 0 for found in drawn for one in found)
    without = score.drawn(1, 12, "deciding,proving", every_other_line, without="deciding/decide,proving")
    assert {one.module for one in without} > {"deciding/cases"}
    assert not any(one.module == "deciding/decide" or one.module.startswith("proving/") for one in without)


def test_a_mutant_stands_in_a_copy_and_never_in_the_repository(tmp_path: Path) -> None:
    file = trees.ENGINE / "deciding" / "decide.py"
    real = (ROOT / file).read_bytes()
    tree = trees.Tree(tmp_path)
    tree.write(file, "# A mutant.\n")
    times = {(tmp_path / file).stat().st_mtime}
    tree.write(file, "# B mutant.\n")
    times.add((tmp_path / file).stat().st_mtime)
    assert len(times) == 2, "two texts of one second and one length have bytecode of their own"
    assert (ROOT / file).read_bytes() == real
    tree.reset()
    assert (tmp_path / file).read_bytes() == real


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_job_that_never_ends_is_ended_and_the_next_one_runs(tmp_path: Path) -> None:
    """A mutant that loops for ever is one that is noticed; what is written for a job is put back after it."""
    said: list[tuple[str, int | None]] = []
    tree = trees.Tree(tmp_path)
    file = trees.ENGINE / "deciding" / "decide.py"

    def job(name: str, seconds: float, follow: bool = False) -> trees.Job:
        def work(tree: trees.Tree) -> int:
            time.sleep(seconds)
            return int((tree.folder / file).read_bytes() == (ROOT / file).read_bytes())

        def done(status: int | None) -> trees.Job | None:
            said.append((name, status))
            return job("after", 0) if follow else None

        return trees.Job(work, 0.5, done, (lambda tree: tree.write(file, "")) if follow else lambda tree: None)

    trees.run(iter([job("long", 60), job("short", 0, follow=True)]), [tree])
    assert said == [("long", None), ("short", 0), ("after", 1)]


def test_what_changes_nothing_is_listed_with_its_reason_and_is_rare() -> None:
    """At most one in twenty of all that were drawn; each names a line that is there."""
    told = yaml.safe_load(score.EQUIVALENT.read_text(encoding="utf-8"))
    assert len(told["equivalent"]) <= sum(one["mutants"] for one in told["drawn"]) / 20
    assert len({one["seed"] for one in told["drawn"]}) == len(told["drawn"])
    for one in told["equivalent"]:
        lines = [line.strip() for line in (ROOT / one["file"]).read_text(encoding="utf-8").splitlines()]
        assert one["was"] in lines, one
        assert one["now"] != one["was"]
        assert len(one["because"].split()) >= 5, one


@pytest.mark.parametrize("within", [True, False])
def test_the_tests_of_the_module_run_first_and_then_all_that_run_the_line(within: bool) -> None:
    """The fastest first; those of the same file that do not run the line come last."""

    decide = [f"tests/test_decide.py::{name}" for name in ("beside", "fast", "slow")]
    others = ["tests/test_a.py::a", "tests/test_b.py::long"]
    seconds = dict(zip([*decide, *others], (0.5, 1.0, 2.0, 0.1, 1000.0), strict=True))
    by_file = {"tests/test_decide.py": decide, "tests/test_a.py": others[:1], "tests/test_b.py": others[1:]}
    (mutant, *_) = (
        one for one in score.drawn(1, 50, "deciding/decide", lambda file: range(2_000)) if one.edit.within == within
    )
    line = mutant.edit.line
    runs = {line if within else 1: {*decide[1:], *others}, line + 1: set[str]()}
    assert (
        score.stages(mutant, SimpleNamespace(seconds=seconds, by_file=by_file), runs)
        == [  # type: ignore[arg-type]
            [*decide[1:], others[0]],
            decide[:1],
        ]
    )


def test_a_line_that_runs_on_import_alone_has_the_tests_of_the_modules_that_use_it() -> None:
    """A constant, or a function that only constants call, is noticed by who uses the module, if by anybody."""
    by = score.importers()
    units, timeline = (trees.ENGINE / f"{name}.py" for name in ("files/models/units", "policy/timeline"))
    assert trees.ENGINE / "cli/shared.py" in by[units]
    assert by[timeline] >= {trees.ENGINE / "readings/columns.py", trees.ENGINE / "deciding/decide.py"}
    a, b, c = (trees.ENGINE / f"{name}.py" for name in "abc")
    lines = {a: {}, b: {5: set()}, c: {7: {"t::c"}}}
    told = SimpleNamespace(tests=lines.get, seconds={"t::c": 1.0, "t::d": 0.5}, by_file={"t": ["t::d", "t::c"]})
    assert score.of_users(a, told, {a: {b}, b: {a, c}}) == {"t::c"}  # type: ignore[arg-type]
    assert score.of_users(a, told, {a: {b}, b: {a}}) == set()  # type: ignore[arg-type]
    mutant = next(one for one in score.drawn(1, 50, "deciding/decide", lambda file: range(2_000)) if one.edit.within)
    assert score.stages(mutant, told, {mutant.edit.line: set()}, {"t::c"}) == [["t::c"]]  # type: ignore[arg-type]
