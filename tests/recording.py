"""A plugin of pytest that keeps each file that a test imports, and what the engine made of it, for another reader.

`python -m pytest -p recording tests/test_importing.py` writes them to the file that SENPOLICY_RECORD names.
"""

from __future__ import annotations

import base64
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from senpolicy.caseloads.importing import run as importing
from senpolicy.caseloads.importing.run import Imported
from senpolicy.cli import importing as command
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.policy.timeline import Policy

FOUND: list[dict[str, Any]] = []
_import = importing.import_file


def recorded(path: Path, policy: Policy, on: date, **asked: Any) -> Imported:
    """Import a file, and keep what was read of it, or why it was refused."""
    kept: dict[str, Any] = {"test": os.environ.get("PYTEST_CURRENT_TEST", ""), "on": on.isoformat()}
    kept["files"] = _files(path)
    kept["register"] = _files(asked["schools"])[0] if asked.get("schools") else None
    kept["of_day"] = asked["of_day"].isoformat() if asked.get("of_day") else None
    kept["kind"] = asked.get("kind")
    keys = asked.get("keys")
    kept["policy"], kept["keys"] = policy.digest, keys.read_text(encoding="utf-8") if keys and keys.is_file() else None
    try:
        found = _import(path, policy, on, **asked)
    except (PolicyError, WrongUse) as error:
        FOUND.append(kept | {"refused": sorted(one.code for one in getattr(error, "problems", [])) or ["wrong-use"]})
        raise
    told = found.taken
    kept["rows"] = found.to_json()
    kept["read"] = {
        "kind": told.kind.kind,
        "of_day": told.of_day.isoformat() if told.of_day else None,
        "school": told.school,
        "columns": told.columns,
        "left_out": {name: number for name, number in told.left_out.items() if number},
        "notes": told.notes,
        "questions": [[ref, fact, may_be] for ref, fact, may_be, *_ in found.questions()],
    }
    FOUND.append(kept)
    return found


def _files(path: Path) -> list[dict[str, str]]:
    paths = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return [
        {"name": one.name, "bytes": base64.b64encode(one.read_bytes() if one.exists() else b"").decode()}
        for one in paths
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the recorder in the place of the import, in each module that has it."""
    importing.import_file = recorded
    for item in items:
        module = getattr(item, "module", None)
        if module is not None and getattr(module, "import_file", None) is _import:
            module.import_file = recorded
    assert command.importing.import_file is recorded


def pytest_sessionfinish() -> None:
    Path(os.environ["SENPOLICY_RECORD"]).write_text(json.dumps(FOUND), encoding="utf-8")
