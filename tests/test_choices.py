"""The records of the engine's own choices, docs/decisions/, by MADR 4: who reads one finds the same in each."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from golden_files import ROOT, loaded
from senpolicy.checking import roles

RECORDS = sorted((ROOT / "docs/decisions").glob("*.md"))
#: What MADR 4 says of a record's standing.
STATUS = r"proposed|rejected|accepted|deprecated|superseded by \[.+\]\((?P<link>[0-9]{4}-[a-z0-9-]+\.md)\)"


def test_the_records_are_numbered_without_a_gap() -> None:
    """A gap looks like a record that was taken away."""
    assert [path.name[:4] for path in RECORDS] == [f"{number:04}" for number in range(1, len(RECORDS) + 1)]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_the_fields_and_parts_of_madr(path: Path) -> None:
    """Its number and standing, its day, who decided by role, and what was weighed."""
    text = path.read_text(encoding="utf-8")
    head, fields = re.fullmatch(r"# ([^\n]+)\n\n((?:- [^\n]+\n)+)\n## .*", text, re.DOTALL).groups()  # type: ignore[union-attr]
    assert re.match(rf"{int(path.name[:4])}\. [A-Z].*[^.]$", head)
    said = dict(line.removeprefix("- ").split(": ", 1) for line in fields.splitlines())
    assert list(said) == ["Status", "Date", "Decision-makers"]
    status = re.fullmatch(STATUS, said["Status"])
    assert status is not None
    assert status["link"] is None or (path.parent / status["link"]).is_file()
    assert date(2026, 11, 1) <= date.fromisoformat(said["Date"])
    assert roles.fault_of(said["Decision-makers"], loaded(ROOT).files[roles.FILE]) is None
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [
        part for part in parts if part in ("Context", "Options", "Outcome", "Consequences", "Confirmation")
    ] == parts
    assert {"Context", "Options", "Outcome", "Confirmation"} <= set(parts)


def test_every_record_that_is_named_is_there() -> None:
    """A pin, a page or a comment that sends somebody to a record must not lead nowhere."""
    named = {
        (path, name)
        for folder in ("requirements", "docs", "engine", "tests", ".github")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".in", ".txt", ".md", ".py", ".yml", ".yaml") and path.is_file()
        for name in re.findall(r"decisions/([0-9]{4}-[a-z0-9-]+\.md)", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 3
    assert {name for _, name in named} <= {path.name for path in RECORDS}
