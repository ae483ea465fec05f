"""Draws mutants by seed, runs against each the tests that run its line, and says which of them no test notices."""

from __future__ import annotations

import argparse
import ast
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from mutants.edits import Edit, compiles, edits
from mutants.ran import KEPT, Ran, ran
from mutants.trees import ENGINE, ROOT, Job, Tree, load, run

EQUIVALENT = Path(__file__).with_name("equivalent.yaml")
#: Tests are run against one mutant until they have taken so many seconds, as they took without it.
SECONDS = 90.0
#: The share of mutants, without those that change nothing, of which the tests must notice as many.
ENOUGH = 0.9


@dataclass
class Mutant:
    """One wrong edit, and what became of it: `by` is the test that noticed it, "" for none."""

    file: Path
    edit: Edit
    was: str
    now: str
    stages: list[list[str]] = field(default_factory=list)
    by: str = ""
    because: str = ""
    tried: int = 0

    @property
    def module(self) -> str:
        return self.file.relative_to(ENGINE).with_suffix("").as_posix()

    def __str__(self) -> str:
        return f"{self.file}:{self.edit.line}: {self.edit.kind}\n  - {self.was}\n  + {self.now}"


def drawn(
    seed: int, count: int, only: str, lines: Callable[[Path], Collection[int]], without: str = ""
) -> list[Mutant]:
    """Return so many mutants of lines that run, each of another line, by seed; fewer where there are no more lines.

    `only` and `without` are rooms or modules, with commas between them: those of which lines are drawn, and are not.
    """
    by_line: dict[tuple[Path, int], list[Edit]] = defaultdict(list)
    texts: dict[Path, str] = {}
    for path in sorted((ROOT / ENGINE).rglob("*.py")):
        file = path.relative_to(ROOT)
        module = file.relative_to(ENGINE).with_suffix("").as_posix()
        if not _among(module, only) or _among(module, without):
            continue
        texts[file] = path.read_text(encoding="utf-8")
        ran_there = lines(file)
        for one in edits(texts[file]):
            if one.line in ran_there or one.statement in ran_there:
                by_line[file, one.line].append(one)
    chance = random.Random(seed)
    places, found = sorted(by_line), []
    chance.shuffle(places)
    for file, line in places:
        one = chance.choice(by_line[file, line])
        text = one.made(texts[file])
        if compiles(text):
            was, now = texts[file].splitlines()[line - 1].strip(), text.splitlines()[line - 1].strip()
            found.append(Mutant(file, one, was, now))
        if len(found) == count:
            break
    return found


def _among(module: str, named: str) -> bool:
    return any(fnmatch(module, one) or module.startswith(f"{one}/") for one in named.split(","))


def importers() -> dict[Path, set[Path]]:
    """Return for each module of the engine which others import it, or a name of it."""
    found: dict[Path, set[Path]] = defaultdict(set)
    for path in sorted((ROOT / ENGINE).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            elif isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            for name in names:
                found[ENGINE.parent / Path(*name.split(".")).with_suffix(".py")].add(path.relative_to(ROOT))
    return found


def of_users(file: Path, told: Ran, by: Mapping[Path, set[Path]]) -> set[str]:
    """Return the tests that run a line of a module that imports this one; else of one that imports those, and so on."""
    seen, users = {file}, by.get(file, set())
    while users:
        tests = {test for user in users for found in told.tests(user).values() for test in found}
        if tests:
            return tests
        seen |= users
        users = {further for user in users for further in by.get(user, set())} - seen
    return set()


def stages(mutant: Mutant, told: Ran, tests: dict[int, set[str]], users: Collection[str] = ()) -> list[list[str]]:
    """Return the tests to run against a mutant: first those of the file named like the module, then all others.

    Tests that run the line come first, the fastest first, file by file. After them come the others of the same files:
    what a test has worked out once, the next one may only look at, and then it does not run the line. A line that runs
    on import alone has no tests of its own. There all tests of the module come first, and then those of its `users`.
    """
    line = mutant.edit.line if tests.get(mutant.edit.line) else mutant.edit.statement
    running = set(tests.get(line, ()))
    further: set[str] = set()
    if not mutant.edit.within or not running:
        running = {test for found in tests.values() for test in found}
        further = set(users) - running
    by_file: dict[str, list[str]] = defaultdict(list)
    for test in sorted(running, key=lambda test: (told.seconds[test], test)):
        by_file[test.partition("::")[0]].append(test)
    words = {f"test_{word}" for word in Path(mutant.module).parts} | {f"test_{mutant.module.replace('/', '_')}"}
    cost = {file: sum(told.seconds[test] for test in found) for file, found in by_file.items()}
    order = sorted(by_file, key=lambda file: (Path(file).stem not in words, cost[file], file))
    named = [file for file in order if Path(file).stem in words]
    near = [file for file in order if file in named[:3] or file in order[:2] or file.startswith(str(ENGINE))]
    first = [test for file in near for test in by_file[file]]
    second = [test for file in order if file not in near for test in by_file[file]]
    rest = [test for file in order for test in told.by_file[file] if test not in running]
    last = sorted(further - set(rest), key=lambda test: (told.seconds[test], test))
    left, kept = SECONDS, []
    for stage in (first, second, rest, last):
        fitting = []
        # The fastest of a stage fit; the slowest are left out where they do not.
        for test in sorted(stage, key=lambda test: told.seconds[test]):
            if told.seconds[test] <= left:
                left -= told.seconds[test]
                fitting.append(test)
        chosen = set(fitting)
        kept.append([test for test in stage if test in chosen])
    return [stage for stage in kept if stage]


class _Chosen:
    """Leaves only some tests to run, in their order, and keeps the first that fails."""

    def __init__(self, tests: Sequence[str], out: Path) -> None:
        self.order = {test: number for number, test in enumerate(tests)}
        self.out = out

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.order), key=lambda one: self.order[one.nodeid])

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.outcome == "failed" and not self.out.exists():
            self.out.write_text(report.nodeid, encoding="utf-8")


class Kept:
    """What became of mutants before a run was broken off, as long as the engine and the tests are the same."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.known = {(one["mutant"], tuple(one["tests"])): one for one in map(json.loads, written)}

    def recalled(self, mutant: Mutant) -> bool:
        """Write into a mutant what became of it when these tests were run against it; return whether they were."""
        one = self.known.get(self._key(mutant))
        if one:
            mutant.by, mutant.tried = one["by"], one["tried"]
        return one is not None

    def add(self, mutant: Mutant) -> None:
        """Write what became of a mutant, at the end of the file."""
        name, tests = self._key(mutant)
        told = {"mutant": name, "tests": tests, "by": mutant.by, "tried": mutant.tried}
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(told) + "\n")

    @staticmethod
    def _key(mutant: Mutant) -> tuple[str, tuple[str, ...]]:
        return str(mutant), tuple(test for stage in mutant.stages for test in stage)


def tried(
    mutants: Sequence[Mutant],
    told: Ran,
    trees: Sequence[Tree],
    logs: Path,
    tick: Callable[[Mutant], None],
) -> None:
    """Run the tests against each mutant, until one notices. `tick` hears of each that is done."""

    def job(number: int, stage: int) -> Job | None:
        mutant = mutants[number]
        if stage == len(mutant.stages):
            tick(mutant)
            return None
        tests = mutant.stages[stage]
        log, out = logs / f"{number}-{stage}.log", logs / f"{number}-{stage}.test"

        def work(tree: Tree) -> int:
            paths = dict.fromkeys(test.partition("::")[0] for test in tests)
            return tree.inside(log, ["-x", *paths], [_Chosen(tests, out)])

        def done(status: int | None) -> Job | None:
            mutant.tried += len(tests)
            if status == 0:
                return job(number, stage + 1)
            named = out.read_text(encoding="utf-8") if out.exists() else ""
            mutant.by = named or ("the time limit" if status is None else f"what loads the tests (status {status})")
            tick(mutant)
            return None

        seconds = 30 + 5 * sum(told.seconds[test] for test in tests)
        text = mutant.edit.made((ROOT / mutant.file).read_text(encoding="utf-8"))
        return Job(work, seconds, done, lambda tree: tree.write(mutant.file, text))

    run((one for number in range(len(mutants)) if (one := job(number, 0))), trees)


def report(mutants: Sequence[Mutant], seed: int, since: float) -> Iterator[str]:
    """Yield what is printed: by module, the survivors, those that change nothing, and the score."""
    modules: dict[str, Counter[str]] = defaultdict(Counter)
    for one in mutants:
        modules[one.module]["equivalent" if one.because else "caught" if one.by else "survives"] += 1
    yield f"{'module':<32}{'mutants':>8}{'caught':>8}"
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for name, found in sorted(modules.items()):
        yield f"{name:<32}{found.total():>8}{found['caught']:>8}"
        rooms[name.partition("/")[0]].update(found)
    yield f"\n{'room':<32}{'mutants':>8}{'caught':>8}"
    for room, found in sorted(rooms.items()):
        yield f"{room:<32}{found.total():>8}{found['caught']:>8}"
    for one in mutants:
        if not one.by and not one.because:
            yield f"\nsurvives: {one}\n  {one.tried} tests ran"
    for one in mutants:
        if one.because:
            yield f"\nchanges nothing: {one}\n  {one.because}"
    counted = [one for one in mutants if not one.because]
    caught = sum(bool(one.by) for one in counted)
    limit = sum(one.by == "the time limit" for one in counted)
    yield (f"\nseed {seed}: {len(mutants)} mutants in {(time.monotonic() - since) / 60:.1f} minutes; "
           f"{len(mutants) - len(counted)} change nothing; of {len(counted)} others caught {caught} "
           f"({100 * caught / max(len(counted), 1):.1f}%), {limit} of them by the time limit")  # fmt: skip


def known() -> dict[tuple[str, str, str], str]:
    """Return the mutants that are known to change nothing (file, line before, line after), and why."""
    import yaml

    told = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8"))
    return {(one["file"], one["was"], one["now"]): one["because"] for one in told["equivalent"]}


def main() -> int:
    """Draw mutants, try each and print what became of them; return 1 where the tests notice too few of them."""
    asked = argparse.ArgumentParser(prog="make mutants")
    asked.add_argument("--seed", type=int, required=True)
    asked.add_argument("--count", type=int, default=200)
    asked.add_argument("--only", default="*", help="rooms or modules, as in: deciding,comparing/exact")
    asked.add_argument("--without", default="", help="rooms or modules that are left out, as in: site")
    words = asked.parse_args()
    since = time.monotonic()
    load()
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutants-")))
        trees = [Tree(folder / f"copy-{number}") for number in (0, 1)]
        # Without a thread that draws: the process is forked.
        bar = stack.enter_context(Progress(*columns, console=Console(stderr=True), auto_refresh=False))
        task = bar.add_task("Which test runs which line", total=None)
        told = ran(trees, lambda done, of: bar.update(task, completed=done, total=of, refresh=True))
        bar.remove_task(task)
        found = drawn(words.seed, words.count, words.only, told.tests, words.without)
        imported = importers()
        reasons, by_file = known(), {one.file: told.tests(one.file) for one in found}
        for one in found:
            one.because = reasons.get((one.file.as_posix(), one.was, one.now), "")
            one.stages = stages(one, told, by_file[one.file], of_users(one.file, told, imported))
        task = bar.add_task("Mutants", total=len(found))
        kept = Kept(KEPT / f"seed-{words.seed}-{told.digest}.jsonl")
        wanted = [one for one in found if not one.because]
        open_ones = [one for one in wanted if not kept.recalled(one)]
        before = len(wanted) - len(open_ones)
        bar.update(task, completed=len(found) - len(open_ones), refresh=True)

        def tick(mutant: Mutant) -> None:
            kept.add(mutant)
            bar.update(task, advance=1, refresh=True)

        tried(open_ones, told, trees, folder, tick)
    lines = list(report(found, words.seed, since))
    if before:
        lines.append(f"{before} of these mutants were tried by an earlier run, whose minutes are not counted")
    if told.red:
        lines.append(f"{len(told.red)} tests fail without any mutant, and were left out: {', '.join(told.red[:5])}")
    caught = [f"caught: {one}\n  by {one.by}" for one in found if one.by]
    (KEPT / f"seed-{words.seed}.txt").write_text("\n".join([*lines, "", *caught]) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    counted = [one for one in found if not one.because]
    return int(sum(bool(one.by) for one in counted) < ENOUGH * len(counted))
