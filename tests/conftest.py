"""What several tests start from, and what every test run says at its end."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import Any

import pytest

import source_documents
from copies import copied
from golden_files import ROOT
from senpolicy.checking import golden


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A copy of the policy with one folder of golden cases, as an officer has it before them."""
    copied(tmp_path)
    shutil.copytree(ROOT / golden.FOLDER / "24-00026", tmp_path / golden.FOLDER / "24-00026")
    return tmp_path


def pytest_addoption(parser: Any) -> None:
    """Let a built site be named for tests/test_built_site.py."""
    parser.addoption("--site", default="", help="the folder of a built site; build/site unless given")


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later search for circles of objects: a seventh of the run went on it."""
    gc.freeze()
    gc.set_threshold(100_000, 10, 10)


def pytest_sessionfinish() -> None:
    """Leave all that is there out of the last searches for circles of objects: nobody uses what they would free."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly that the figures were not looked up, where the council's documents are not at hand."""
    said = source_documents.missing()
    if said:
        terminalreporter.section("THE SOURCES ARE NOT HERE", sep="!", red=True, bold=True)
        terminalreporter.write_line(said, red=True, bold=True)
