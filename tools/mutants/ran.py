"""Which test runs which line: found once for each state of the repository, and kept in build/mutants."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mutants.trees import BOARD, ENGINE, ROOT, Job, Tree, files, run

KEPT = ROOT / "build" / "mutants"
#: The tests of one part may take so many seconds.
LONGEST = 900.0
TEST = "MUTANTS_TEST"
#: Folders on which no test rests.
APART = ("changelog.d", "bench", ".github", ".ci", ".vscode")


class Ran:
    """The tests that pass without any mutant, with their seconds, and the lines that each runs."""

    def __init__(self, folders: Collection[Path]) -> None:
        self.digest = hashlib.sha256("".join(str(folder) for folder in folders).encode()).hexdigest()[:16]
        self.red: list[str] = []
        self.seconds: dict[str, float] = {}
        self._lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for folder in folders:
            told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
            self.red += told["red"]
            self.seconds |= told["seconds"]
            for file, lines in told["lines"].items():
                for line, tests in lines.items():
                    self._lines[file][int(line)].update(told["tests"][number] for number in tests)
        self.by_file: dict[str, list[str]] = defaultdict(list)
        for test in sorted(self.seconds, key=lambda test: (self.seconds[test], test)):
            self.by_file[test.partition("::")[0]].append(test)

    def tests(self, file: Path) -> dict[int, set[str]]:
        """Return for each line of a file that runs the tests that run it; none for one that runs on import alone."""
        return {line: tests & self.seconds.keys() for line, tests in self._lines[file.as_posix()].items()}


def parts() -> list[str]:
    """Return what is run in a process of its own: nothing that one part keeps in memory is there for another."""
    named = "test_board*.py" if BOARD else "test_*.py"
    paths = sorted((ROOT / "tests").glob(named), key=lambda path: -path.stat().st_size)
    # The longest files first, so that no process waits for the other at the end.
    return [*(path.relative_to(ROOT).as_posix() for path in paths), ENGINE.as_posix()]


def _kept(part: str, others: str) -> Path:
    """Return where is kept what a part runs, by a digest of all that it rests on."""
    path = ROOT / part
    own = hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()
    return KEPT / others / f"{path.stem}-{own[:16]}"


def _others() -> str:
    """Return a digest of every file of the repository but the tests themselves and some on which no test rests."""
    total = hashlib.sha256(ENGINE.name.encode())
    for file in files():
        test = file.parts[0] == "tests" and file.name.startswith("test_")
        if not test and file.parts[0] not in APART and file.parts[:2] != ("tools", "mutants"):
            total.update(f"{file}\0".encode() + hashlib.sha256((ROOT / file).read_bytes()).digest())
    return total.hexdigest()[:16]


def ran(trees: Sequence[Tree], tick: Callable[[int, int], None]) -> Ran:
    """Return what runs what; a part of which nothing has changed is not run again. `tick` hears of each part done."""
    others = _others()
    for earlier in KEPT.glob("*/"):
        if earlier.name != others:
            shutil.rmtree(earlier)
    wanted = {part: _kept(part, others) for part in parts()}
    missing = [part for part, folder in wanted.items() if not (folder / "told.json").is_file()]
    done: list[str] = []

    def jobs() -> Iterator[Job]:
        for part in missing:
            folder = wanted[part]
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

            def finished(status: int | None, part: str = part) -> None:
                done.append(part)
                tick(len(done), len(missing))
                if status not in (0, 1, 5):
                    raise RuntimeError(f"{part} could not be run (status {status}): see {wanted[part]}")

            yield Job(lambda tree, part=part, folder=folder: _record(tree, part, folder), LONGEST, finished)

    run(jobs(), trees)
    return Ran(wanted.values())


def _record(tree: Tree, part: str, folder: Path) -> int:
    """Run the tests of a part, and keep what each runs, in this process and in those that it starts."""
    import coverage

    settings = folder / "coverage.ini"
    settings.write_text(
        f"[run]\ndata_file = {folder}/data\nparallel = true\nsource = {tree.folder / ENGINE}\n"
        f"disable_warnings = no-data-collected\npatch = _exit\ncontext = ${{{TEST}-}}\n",
        encoding="utf-8",
    )
    os.environ["COVERAGE_PROCESS_START"] = str(settings)
    own = coverage.Coverage(config_file=str(settings))
    recorder = _Recorder(own)
    own.start()
    status = tree.inside(folder / "log", [part], [recorder])
    own.stop()
    own.save()
    told: dict[str, Any] = {"red": sorted(recorder.red), "seconds": recorder.seconds}
    numbers: dict[str, int] = {}
    lines: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for one in sorted(folder.glob("data*")):
        data = coverage.CoverageData(str(one))
        # A test may have ended the process that was writing this.
        with suppress(coverage.CoverageException):
            data.read()
            for file in data.measured_files():
                inside = Path(file).relative_to(tree.folder).as_posix()
                for line, contexts in data.contexts_by_lineno(file).items():
                    lines[inside][line].update(numbers.setdefault(name, len(numbers)) for name in contexts if name)
        data.close()
        one.unlink()
    told["tests"] = list(numbers)
    told["lines"] = {file: {line: sorted(found) for line, found in by.items()} for file, by in lines.items()}
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")
    return status


def _worked() -> float:
    """Return the seconds of the processor that this process and those that it waited for have had."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


class _Recorder:
    """Tells coverage which test begins, in this process and in those that the test starts, and keeps its seconds.

    They are those of the processor, so that other work on the machine does not decide which tests fit.
    """

    def __init__(self, own: Any) -> None:
        self.own = own
        self.seconds: dict[str, float] = {}
        self.red: set[str] = set()
        self.since = 0.0

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        os.environ[TEST] = nodeid
        self.since = _worked()
        self.own.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        name = report.nodeid
        if report.outcome == "failed":
            self.red.add(name)
            self.seconds.pop(name, None)
        elif report.outcome == "passed" and name not in self.red:
            self.seconds.setdefault(name, 0.0)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.own.switch_context("")
        if nodeid in self.seconds:
            self.seconds[nodeid] = _worked() - self.since
