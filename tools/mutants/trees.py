"""Copies of the repository in which mutants stand, and the tests that run in them, each run in a process of its own.

The tests run in a fork of this process, which has loaded what they need beside the engine. So the engine itself and the
tests must never be imported here.
"""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
#: What is edited: the engine, or with MUTANTS_OF=board the board, which its own tests alone then try.
BOARD = os.environ.get("MUTANTS_OF") == "board"
ENGINE = Path("engine/senpolicy_board" if BOARD else "engine/senpolicy")
#: Other work on the machine may slow a process down so many times before it is taken for one that hangs.
PATIENCE = 8
LOADED = ("bs4", "duckdb", "ibis", "ibis.backends.duckdb", "jinja2", "krippendorff", "numpy",
          "pyarrow.parquet", "pydantic", "pytest", "python_calamine", "rich.console", "rich.progress", "scipy.stats",
          "sklearn.metrics", "django", "typer", "xlsxwriter", "yaml", "z3")  # fmt: skip


def load() -> None:
    """Load what many tests need, once for all processes; what is not installed here is not needed."""
    for name in LOADED:
        with suppress(ModuleNotFoundError):
            importlib.import_module(name)


def files() -> list[Path]:
    """Return every file of the repository that git keeps or would keep, changed or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return sorted(Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file())


class Tree:
    """A copy of the repository, in a folder that may be thrown away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for file in files():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, folder / file)
        # The council's documents stand beside a checkout, where there are any.
        beside = folder.parent / "shared"
        if not beside.is_symlink() and (ROOT.parent / "shared").is_dir():
            beside.symlink_to(ROOT.parent / "shared")
        self._time = 1_000_000_000
        self._written: set[Path] = set()

    def write(self, file: Path, text: str) -> None:
        """Write a file of the engine, so that no bytecode of an earlier text can be taken for that of this one."""
        path = self.folder / file
        path.write_bytes(text.encode())
        self._time += 10
        os.utime(path, (self._time, self._time))
        self._written.add(file)

    def reset(self) -> None:
        """Put back what was written, as it is in the repository."""
        for file in self._written:
            shutil.copy2(ROOT / file, self.folder / file)
        self._written.clear()

    def inside(self, log: Path, arguments: Sequence[str], plugins: Sequence[Any]) -> int:
        """Run pytest in this process, for the rest of its life, with the engine of this copy; return its status."""
        os.chdir(self.folder)
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        os.environ["PYTHONPATH"] = str(self.folder / "engine")
        sys.path.insert(0, str(self.folder / "engine"))
        import pytest

        fixed = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:benchmark", "--hypothesis-seed=0"]
        status = int(pytest.main([*fixed, *arguments], plugins=list(plugins)))
        engine = sys.modules.get("senpolicy")
        if engine is not None and not str(engine.__file__).startswith(str(self.folder)):
            raise RuntimeError("the tests ran with another engine than that of the copy")
        return status


@dataclass
class Job:
    """What a forked process is to do in a copy, in how many seconds; `done` gets its status, None for no answer.

    The seconds are those of the processor, for each process that works; one that waits is ended after `PATIENCE` times
    as many by the clock. `before` is done first, by this process; what it writes into the copy is put back afterwards.
    """

    work: Callable[[Tree], int]
    seconds: float
    done: Callable[[int | None], Job | None]
    before: Callable[[Tree], None] = lambda tree: None


def run(jobs: Iterator[Job], trees: Sequence[Tree]) -> None:
    """Do all jobs, one at a time in each copy; a job may be followed by another in the same copy."""
    running: dict[int, tuple[Tree, Job, float]] = {}
    free = list(trees)
    try:
        while True:
            while free and (job := next(jobs, None)):
                tree = free.pop()
                running[_fork(job, tree)] = tree, job, time.monotonic()
            if not running:
                return
            ended = _ended(running)
            if ended is None:
                time.sleep(0.02)
                continue
            pid, code = ended
            tree, job, _ = running.pop(pid)
            _kill(pid)  # What its tests have started and left behind.
            tree.reset()
            following = job.done(code)
            if following:
                running[_fork(following, tree)] = tree, following, time.monotonic()
            else:
                free.append(tree)
    finally:
        for pid in running:
            _kill(pid)


def _ended(running: Mapping[int, tuple[Tree, Job, float]]) -> tuple[int, int | None] | None:
    """Return a process that has ended, with its status, or one that is ended for its time is up."""
    for pid, (_, job, since) in running.items():
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return pid, None if code == -signal.SIGXCPU else code
        if time.monotonic() - since > PATIENCE * job.seconds:
            os.waitpid(_kill(pid), 0)
            return pid, None
    return None


def _kill(pid: int) -> int:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return pid


def _fork(job: Job, tree: Tree) -> int:
    job.before(tree)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        with suppress(OSError):  # It may have done so itself.
            os.setpgid(pid, pid)
        return pid
    status = 70
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(job.seconds), resource.RLIM_INFINITY))
        status = job.work(tree)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
