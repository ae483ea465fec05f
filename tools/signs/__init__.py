"""The figures by which it is seen whether the engine grows simpler: `make signs BASE=<commit>`.

Each sign is counted from a folder that holds a whole tree, today's or an older one, so both sides are counted alike.
What it is to reach, and what a test holds it to, is in signs.yaml. Not here: how many copies of one idea there are,
which no program can count, and what takes longer (`make mutants`, `make same`, `make bench`).
"""

from __future__ import annotations

import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from signs import code, loaded, rooms, words

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sign:
    """One sign: what it is to reach at most, and the bound that a test holds; None where there is none."""

    name: str
    aim: int | None
    held: int | None


def every_sign() -> list[Sign]:
    """Return the signs, in the order in which they are shown."""
    written: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "signs.yaml").read_text(encoding="utf-8"))
    return [Sign(name, said.get("aim"), said.get("held")) for name, said in written.items()]


def figures(tree: Path) -> dict[str, int]:
    """Return the figure of each sign for the tree in this folder."""
    return {**code.figures(tree), **rooms.figures(tree), **loaded.figures(tree), **words.figures(tree)}


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """Lay the files of a commit out in a folder for a while; raises `SystemExit` for a commit that is not here."""
    packed = subprocess.run(["git", "archive", "--format=zip", commit], cwd=ROOT, capture_output=True)
    if packed.returncode:
        raise SystemExit(f"'{commit}' is not a commit of this repository. Name one, as in: make signs BASE=HEAD~1")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(packed.stdout)) as files:
        files.extractall(folder)
        yield Path(folder)
