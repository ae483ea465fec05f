"""The two sides: this tree, and the base in a git worktree with an environment that its own Makefile makes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: What is kept between runs: the base's environment, what the engines remember, and outputs that differ.
KEPT = ROOT / "build" / "same"
#: What an environment rests on: bases that share these share one.
PINS = ("requirements/build.txt", "requirements/runtime.txt", "tools/check_python.py")
#: The folders of a policy, and where the cases stand that belong to it.
POLICY = ("policy", "rules", "descriptors", "tests/golden", "tests/cases")
#: Nothing that a command takes from its surroundings differs between the sides, nor from one day to the next.
SURROUNDINGS = {"LANG": "C.UTF-8", "TZ": "UTC", "COLUMNS": "120", "NO_COLOR": "1"}


class Stopped(Exception):
    """Raised where the two sides cannot be compared; the message says why, and what to do."""


@dataclass(frozen=True)
class Told:
    """What a command told: its exit status, and what it printed on each stream."""

    status: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class Side:
    """One side: its files, and the folder in which its commands run.

    There `root` leads to its files and `inputs` to what both sides read, so that both are given the same words.
    """

    name: str
    tree: Path
    folder: Path

    def prepare(self, inputs: Path) -> None:
        """Make the folder in which commands run."""
        (self.folder / "out").mkdir(parents=True)
        (self.folder / "root").symlink_to(self.tree)
        (self.folder / "inputs").symlink_to(inputs)

    def run(self, words: Sequence[str]) -> Told:
        """Return what `senpolicy` tells when it is given these words."""
        program = [str(self.tree / ".venv" / "bin" / "senpolicy"), *words]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        surroundings = {**kept, **SURROUNDINGS, "XDG_CACHE_HOME": str(KEPT / "cache")}
        ran = subprocess.run(program, cwd=self.folder, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True)
        return Told(ran.returncode, ran.stdout, ran.stderr)

    def copy(self, name: str) -> Path:
        """Return a copy of its policy and cases, below the folder in which commands run."""
        folder = self.folder / name
        for one in POLICY:
            if (self.tree / one).is_dir():
                shutil.copytree(self.tree / one, folder / one)
        return folder


def git(*words: str, cwd: Path | None = None) -> str:
    """Return what git prints; raises `Stopped` with its message where it fails."""
    ran = subprocess.run(["git", *words], cwd=cwd or ROOT, capture_output=True, text=True)
    if ran.returncode:
        raise Stopped(f"git {words[0]}: {ran.stderr.strip()}")
    return ran.stdout.strip()


def commit_of(revision: str) -> str:
    """Return the full id of a commit; raises `Stopped` where there is none."""
    try:
        return git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except Stopped:
        raise Stopped(f"There is no commit '{revision}' here. Name one, as in: make same BASE=HEAD~1") from None


def pins_of(commit: str) -> str:
    """Return a short hash of what the environment of a commit rests on."""
    found = hashlib.sha256(sys.version.encode())
    for name in PINS:
        shown = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=ROOT, capture_output=True)
        found.update(f"{name}\n".encode() + shown.stdout)
    return found.hexdigest()[:12]


def checked_out(commit: str) -> Path:
    """Return a worktree with the files of a commit and an environment made by its Makefile.

    The worktree is kept by the hash of its pins: for the next base with the same pins its files are replaced, and its
    environment stays. Raises `Stopped` where it cannot be made.
    """
    folder = KEPT / f"base-{pins_of(commit)}"
    git("worktree", "prune")
    if (folder / ".git").exists():
        git("checkout", "--quiet", "--force", "--detach", commit, cwd=folder)
        git("clean", "-fdq", cwd=folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        git("worktree", "add", "--quiet", "--force", "--detach", str(folder), commit)
    # A make of its own: what this one was asked for is not meant for it.
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    makefile = (folder / "Makefile").read_text(encoding="utf-8")
    target = ".venv/.ready" if "\n.venv/.ready:" in makefile else ".venv"
    made = subprocess.run(["make", target], cwd=folder, env=surroundings, stdout=sys.stderr)
    if made.returncode:
        raise Stopped(f"The environment of {commit[:7]} could not be made in {folder.relative_to(ROOT)}.")
    return folder


def messages(base: str) -> str:
    """Return the messages of the commits that this tree has beyond the base, the newest first."""
    return git("log", "--format=%B", f"{base}..HEAD")
