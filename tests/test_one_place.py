"""What is written alike everywhere is written in one place: pounds, months, canonical JSON, which is RFC 8785's."""

from __future__ import annotations

import re
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from golden_files import ROOT
from senpolicy.files.digests import canonical

ENGINE = ROOT / "engine"
#: What data there are: text, whole numbers, true, false and null, under names in everyday letters.
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
NAMES = st.text(st.characters(max_codepoint=0xD7FF), max_size=5)
DATA = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
def test_canonical_json_is_that_of_rfc_8785(data: Any) -> None:
    """Whoever checks a record or a trail without this engine may take any library that keeps the standard."""
    assert canonical(data) == rfc8785.dumps(data)


@pytest.mark.parametrize(
    ("written", "places"),
    [
        # Millions are figures of the sources, rounded as they print them: no pence stand behind them.
        (r"£\{", {"senpolicy/readings/say.py", "senpolicy/checking/units.py"}),
        (r'"January"|month_name|%B|%b\b', {"senpolicy/language/days.py"}),
        (r"sort_keys=True", {"senpolicy/files/digests.py"}),
    ],
    ids=["pounds", "months", "canonical JSON"],
)
def test_it_is_written_in_one_place(written: str, places: set[str]) -> None:
    """Two places come apart: one wrote £734.5 where the other had £734.50."""
    files = [path for folder in ("senpolicy", "senpolicy_board") for path in (ENGINE / folder).rglob("*.py")]
    found = {
        path.relative_to(ENGINE).as_posix() for path in files if re.search(written, path.read_text(encoding="utf-8"))
    }
    assert found == places
