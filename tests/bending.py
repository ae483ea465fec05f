"""A corpus bent on purpose: a copy of `tests/frozen` with single edits, for the tests that must see a fault found."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from golden_files import FROZEN
from senpolicy.checking.corpus import sound
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import FOLDERS, OPTIONAL

ROOT = Path(__file__).resolve().parents[1]
Edit = Callable[[Any], None]


def copied(folder: Path) -> Path:
    """Return `folder` with a copy of the frozen policy/, rules/, descriptors/ and imports/ in it."""
    for name in (*FOLDERS, *OPTIONAL):
        shutil.copytree(FROZEN / name, folder / name, dirs_exist_ok=True)
    return folder


def bent(folder: Path, **edits: Edit) -> Corpus:
    """Return the checked corpus in which `edits[question](data)` has changed rules/<question>.yaml, in a copy.

    An edit is given the question without sections: every row under `answers` or `open`, with its whole condition.
    """
    copied(folder)
    for name, edit in edits.items():
        path = folder / "rules" / f"{name}.yaml"
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for version in data.get("versions", []):
            unfold(version)
        edit(data)
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return sound(corpora.load(folder))


def unfold(version: dict[str, Any]) -> None:
    """Write a version without sections: the rows of each stand under `answers` and `open`, with whole conditions."""
    for section in version.pop("sections", []):
        for key in ("answers", "open"):
            for one in section.get(key, []):
                parts = [*_parts(section["given"]), *_parts(one.get("when", {"all": []}))]
                when = parts[0] if len(parts) == 1 else {"all": parts}
                version.setdefault(key, []).append({**one, "when": when})


def _parts(condition: dict[str, Any]) -> list[Any]:
    return deepcopy(condition.get("all", [condition]))


def row(data: Any, name: str, version: int = -1) -> dict[str, Any]:
    """Return the row of a version with this id or open point."""
    rows = [*data["versions"][version].get("answers", []), *data["versions"][version].get("open", [])]
    return next(one for one in rows if name in (one.get("id"), one.get("point")))
