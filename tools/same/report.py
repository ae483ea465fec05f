"""Runs the commands of both sides, compares what they gave, and reports what differs without being named."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from same import inputs as made
from same import runs
from same.differences import Difference, Name, WrongName, differences, names_in, unnamed
from same.runs import Run
from same.trees import KEPT, ROOT, Side, Stopped, checked_out, commit_of, git, messages

#: So many differences are printed, and so many letters of each side of one.
SHOWN, LETTERS = 40, 300
#: So many of the tests' mistakes of officers, and of their odd caseloads, are tried unless all are asked for.
MISTAKES, ODD, EVERY = 20, 15, 10**6
#: A command that both sides end otherwise than so has been given words that neither knows, and proves nothing.
FINE = (0, 1)
NORMALISED = (
    "Normalised: in records their salt, the digests that hold it, and the part of a file's name that is a digest; in "
    "Excel files the time of writing. Nothing else.",
    "Fixed for both sides: seeds, days, the sample that is verified, time zone, language and width of the screen. Each "
    "side reads its own policy.",
)  # fmt: skip


@dataclass
class Outcome:
    """What came of a run: how many contents were compared, what differs, and why it may prove nothing."""

    run: Run
    compared: int = 0
    found: list[Difference] = field(default_factory=list)
    unnamed: list[Difference] = field(default_factory=list)
    idle: str = ""
    decided: int = 0
    seconds: float = 0


#: What a side gave for a run: each content by the name of its stream or file.
Contents = dict[str, bytes]


def given(side: Side, one: Run) -> tuple[int, Contents]:
    """Run a command on a side, and return its status and all that it gave; files are taken away."""
    told = side.run(one.words)
    stdout = "stdout.json" if "--json" in one.words else "stdout"
    contents = {"status": str(told.status).encode(), stdout: told.stdout, "stderr": told.stderr}
    for name in one.files:
        path = side.folder / name
        if path.is_file():
            contents[f"file {path.name}"] = path.read_bytes()
            path.unlink()
    for name, content in one.gather(side).items() if one.gather else ():
        contents[f"file {name}"] = content
    return told.status, contents


def compared(one: Run, was: tuple[int, Contents], now: tuple[int, Contents], kept: Path) -> Outcome:
    """Compare what the sides gave for a run; contents that differ are kept below a folder, for who looks further."""
    outcome = Outcome(one)
    for name in {**was[1], **now[1]}:
        outcome.compared += 1
        sides = was[1].get(name), now[1].get(name)
        found = differences(one.name, name, *sides)
        outcome.found += found
        for side, content in zip(("base", "this"), sides if found else (), strict=False):
            if content is not None:
                path = kept / one.name / f"{name.removeprefix('file ')}.{side}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    if was[0] not in FINE and now[0] not in FINE:
        outcome.idle = f"both sides ended with {was[0]}: {_last_line(now[1]['stderr'])}"
    elif all(b"Traceback (most recent call last)" in one["stderr"] for one in (was[1], now[1])):
        outcome.idle = f"both sides failed: {_last_line(now[1]['stderr'])}"
    if one.cases and not outcome.idle:
        outcome.decided = decided(was[1]["stdout.json"])
        if 2 * outcome.decided < one.cases:
            outcome.idle = f"of {one.cases:,} cases the base decided only {outcome.decided:,}"
    return outcome


def decided(stdout: bytes) -> int:
    """Return how many cases were decided, by what `decide --json` printed: of cases, or of a caseload."""
    try:
        results = json.loads(stdout)
        return sum(one["decided"] if "caseload" in one else "answers" in one for one in results)
    except (ValueError, TypeError, AttributeError, KeyError):
        return 0


def _last_line(text: bytes) -> str:
    return (text.decode("utf-8", "replace").splitlines() or [""])[-1]


def outcomes(all_runs: Sequence[Run], sides: tuple[Side, Side], kept: Path, tick: Callable[[], None]) -> list[Outcome]:
    """Run every command on both sides, as many at a time as there are cores, and compare what they gave."""

    def both(one: Run) -> list[Outcome]:
        steps, since = (one, *one.then), time.monotonic()
        was, now = ([given(side, step) for step in steps] for side in sides)
        found = [compared(step, *two, kept) for step, *two in zip(steps, was, now, strict=True)]
        found[0].seconds = time.monotonic() - since
        tick()
        return found

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [outcome for some in pool.map(both, all_runs) for outcome in some]


def judge(found: Iterable[Outcome], names: Sequence[Name]) -> bool:
    """Note for each outcome what no name covers; return whether there is such, or a command that proves nothing."""
    wrong = False
    for one in found:
        one.unnamed = unnamed(one.found, names)
        wrong |= bool(one.unnamed or one.idle)
    return wrong


def lines(found: Sequence[Outcome], names: Sequence[Name], notes: Iterable[str]) -> Iterator[str]:
    """Yield the report: parts, what differs without a name, what the names cover, and what proves nothing."""
    heads = ("commands", "cases", "decided", "compared", "differ", "unnamed")
    yield f"{'part':<12}" + "".join(f"{one:>10}" for one in heads)
    parts: dict[str, Counter[str]] = {}
    for one in found:
        differ, left_over = (sum(each.count for each in some) for some in (one.found, one.unnamed))
        counts = (1, one.run.cases, one.decided, one.compared, differ, left_over)
        for part in (one.run.part, "all"):
            parts.setdefault(part, Counter()).update(dict(zip(heads, counts, strict=True)))
    for part, count in sorted(parts.items(), key=lambda two: two[0] == "all"):
        yield f"{part:<12}" + "".join(f"{count[one]:>10,}" for one in heads)
    left = [one for each in found for one in each.unnamed]
    for one in left[:SHOWN]:
        yield from _shown(one)
    if left:
        more = f"and {len(left) - SHOWN} more places. " if len(left) > SHOWN else ""
        yield f"\n{more}Both sides of every output that differs: {KEPT.relative_to(ROOT)}/differing"
    for name in names:
        if name.example is None:
            yield f"\nNo longer needed: nothing differs in {name}"
        else:
            yield f"\nNamed ({name.matched:,}): {name}"
            yield from (f"  {line}" for line in ("such as:", *"\n".join(_shown(name.example)).strip().splitlines()))
    for one in found:
        if one.idle:
            yield f"\nProves nothing: {one.run.name}: {one.idle}\n  senpolicy {' '.join(one.run.words)}"
    yield ""
    yield from notes
    yield from NORMALISED
    count, idle = len(left), sum(bool(one.idle) for one in found)
    said = f"{count:,} places differ that no commit names" if count else "The same bytes, but for what commits name"
    yield f"{said}; {idle} commands prove nothing." if idle else f"{said}."


def _shown(one: Difference) -> Iterator[str]:
    more = f", and {one.count - 1:,} more like it" if one.count > 1 else ""
    yield f"\n{one.output} at {one.place}{more}"
    yield from (f"  {one.where}",) if one.where else ()
    yield from (f"  - {line}" for line in _cut(one.was).splitlines() or [""])
    yield from (f"  + {line}" for line in _cut(one.now).splitlines() or [""])


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[:LETTERS]} ..."


def main() -> int:
    """Compare the base with this tree and print the report; return 0 where nothing differs that is not named, else 1.

    Wrong use, and a base that cannot be checked out or has no environment, is told on standard error: 2.
    """
    asked = argparse.ArgumentParser(prog="make same")
    asked.add_argument("--base", required=True, help="a commit: HEAD~1")
    asked.add_argument("--cases", type=int, default=made.MOST, help="how many cases to generate")
    asked.add_argument("--reasons", type=int, default=12_000, help="how many of them to decide with reasons, too")
    asked.add_argument("--all", action="store_true", help="every mistake of tests/mistakes, and every odd caseload")
    asked.add_argument("--message", type=Path, help="a file with the message of a commit yet to be made")
    asked.add_argument("--only", default="", help="parts, as in: golden,policy")
    words = asked.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return _main(words)
        except (Stopped, WrongName) as error:
            sys.stderr.write(f"{error}\n")
            return 2


def _main(words: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

    since, commit = time.monotonic(), commit_of(words.base)
    draft = words.message.read_text(encoding="utf-8") if words.message else ""
    names = [*names_in(draft), *names_in(messages(commit))]
    tree = checked_out(commit)
    work, kept = KEPT / "work", KEPT / "differing"
    for folder in (work, kept):
        shutil.rmtree(folder, ignore_errors=True)
    (work / "inputs" / "records").mkdir(parents=True)
    ready = time.monotonic()
    sides = Side("the base", tree, work / "base"), Side("this tree", ROOT, work / "this")
    for side in sides:
        side.prepare(work / "inputs")
        side.copy("changed")
    parts = words.only.split(",") if words.only else []
    parts += ["writing"] if "changes" in parts else []
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Writing the cases", total=None)
        given_both = made.written(work / "inputs", tree, words.cases, words.reasons, EVERY if words.all else ODD)
        made.issued(work / "inputs", sides[0])
        mistakes, left_out = made.mistaken(sides, EVERY if words.all else MISTAKES)
        all_runs = [
            [one for one in some if not parts or one.part in parts]
            for some in (runs.first(given_both), runs.second(mistakes))
        ]
        bar.update(task, description="Commands of both sides", completed=0, total=sum(map(len, all_runs)))
        found: list[Outcome] = []
        for some in all_runs:
            found += outcomes(some, sides, kept, lambda: bar.advance(task))
    shutil.rmtree(work)
    seconds, busy = time.monotonic() - ready, os.times()
    own = busy.user + busy.system + busy.children_user + busy.children_system
    notes = [
        f"{words.base} is {commit[:7]}. It took {seconds / 60:.1f} minutes ({own / 60:.1f} of processor time, on "
        f"{os.cpu_count()} cores), and {ready - since:.0f} s for the environment of the base. "
        f"Files changed here since the last commit: {len(git('status', '--porcelain').splitlines()) or 'none'}.",
        f"{words.cases:,} cases were generated for the policy, and as many for the scenario (seed {made.SEED}). Each "
        "was decided by the columns, under every policy or the scenario; of each run a sample was decided again by all "
        "evaluators. Those under 'reasons' were decided by all evaluators, with reasons, each under one policy.",
    ]
    slowest = sorted(found, key=lambda one: -one.seconds)[:5]
    notes.append(f"The slowest: {', '.join(f'{one.run.name} {one.seconds:.0f} s' for one in slowest)}.")
    if parts:
        notes.append(f"Only these parts were run: {', '.join(parts)}.")
    elif not words.all:
        notes.append(f"Only {MISTAKES} mistakes and {ODD} odd caseloads of the tests were tried; ALL=1 tries all.")
    if left_out:
        notes.append(f"{left_out} mistakes were left out: one side does not have the text in which they are made.")
    wrong = judge(found, names)
    text = "\n".join(lines(found, names, notes)) + "\n"
    (KEPT / "report.txt").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return int(wrong)
