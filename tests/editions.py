"""Editions of descriptors for tests, read from text as the corpus reads them."""

from __future__ import annotations

from pathlib import Path

from golden_files import ROOT
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.rules import validated
from senpolicy.files.problems import Problems
from senpolicy.files.source import read

FRAMEWORKS = ROOT / "tests" / "frameworks"
ILLUSTRATIVE = ROOT / "descriptors" / "illustrative" / "edition.yaml"


def edition(text: str, name: str = "edition.yaml") -> EditionFile:
    """Return the edition that YAML text holds; raises `PolicyError` or `ValidationError` where it cannot be read."""
    problems = Problems()
    node = read(text, name, problems)
    problems.stop_on_errors()
    assert node is not None
    return validated(EditionFile, node)


def edition_in(path: Path) -> EditionFile:
    """Return the edition in a file."""
    return edition(path.read_text(encoding="utf-8"), path.name)


def framework(name: str) -> EditionFile:
    """Return the published framework of another authority that is held as a fixture under this name."""
    return edition_in(FRAMEWORKS / name / "edition.yaml")
