"""Copies of the corpus for tests that change it as an officer would: in the text of its files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from golden_files import ROOT
from senpolicy.policy.layout import FOLDERS, OPTIONAL

#: A small policy, made up: what holds of any policy is quickest to try on it.
TOY = ROOT / "tests" / "toy"


def toy(folder: Path, *edits: tuple[str, str, str]) -> Path:
    """Return a copy of the toy policy, with edits as `replace` takes them: file, pattern, and what is written for it."""
    made = Path(shutil.copytree(TOY, folder / "toy"))
    for file, pattern, by in edits:
        replace(made, file, pattern, by)
    return made


def copied(folder: Path, of: Path = ROOT) -> Path:
    """Return the folder after copying policy/, rules/, descriptors/ and imports/ into it."""
    for name in (*FOLDERS, *OPTIONAL):
        shutil.copytree(of / name, folder / name)
    return folder


def state(folder: Path) -> dict[str, bytes]:
    """Return what every file of a folder holds, by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(folder: Path, file: str, text: str) -> None:
    """Write a new file."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def append(folder: Path, file: str, text: str) -> None:
    """Add text to the end of a file."""
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def replace(folder: Path, file: str, pattern: str, by: str) -> None:
    """Replace the one place of a file that a regular expression finds; `\\g<0>` stands for what it found."""
    path = folder / file
    text, times = re.subn(pattern, by, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert times == 1, f"{times} places of {file} fit {pattern}"
    path.write_text(text, encoding="utf-8")


def git(folder: Path, *words: str) -> None:
    """Run git in a folder."""
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *settings, *words], check=True, capture_output=True)
