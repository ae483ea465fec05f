"""Two decisions over one value or version: which one counts from a day on is never settled in silence."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import copies
from golden_files import ROOT, loaded
from senpolicy.checking.corpus import check
from senpolicy.policy.corpus import load

SOURCE = 'source: {document: report, paragraph: "3.7"}'


def value(pounds: str, start: str = "") -> str:
    """Return a value of a made-up parameter as a file has it."""
    since = f"    from: {start}\n" if start else ""
    return f"  made_up:\n    label: Made up\n    unit: pounds\n    value: {pounds}\n{since}    {SOURCE}\n"


def told(folder: Path) -> list[tuple[str, str]]:
    """Return code and message of everything that is new beside the real corpus."""
    return [one for one in dict.fromkeys((p.code, p.message) for p in check(load(folder))) if one not in real()]


@cache
def real() -> set[tuple[str, str]]:
    return {(one.code, one.message) for one in check(loaded(ROOT))}


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        (value("1.00", "2026-04-06"), value("2.00", "2026-04-06"), [
            ("two-values", "'made_up' has two values from 2026-04-06, by '24/00120' and by '24/00121'.")]),
        (value("1.00"), value("2.00"), [
            ("no-day",
             "'made_up' is set by 24/00120, and nothing says from when this value takes its place.")]),
        (value("1.00"), value("1.00"), []),
        (value("null\n    open_point: C1-year-two-share"), value("2.00"), [
            ("no-day",
             "'made_up' is left open by 24/00120, and nothing says from when this value takes its place.")]),
        (value("1.00"), value("2.00") + "    reaches_back: true\n", [
            ("no-day",
             "'made_up' takes the place of every older value back to the beginning, and nothing says why.")]),
        (value("1.00"), value("2.00") + "    reaches_back: true\n    note: The Board means every year.\n", []),
        (value("1.00", "2026-04-06"), value("1.00", "2026-04-06"), []),
        (value("1.00", "2026-04-06"), value("2.00", "2027-04-06"), []),
        (value("1.00", "2026-09-01"), value("2.00", "2026-04-06"), [
            ("comes-back",
             "On 2026-09-01 the value of 'made_up' by '24/00120' comes back, after that by '24/00121', taken later.")]),
        (value("1.00", "2026-09-01"), value("2.00") + "    reaches_back: true\n    note: Meant.\n", [
            ("comes-back",
             "On 2026-09-01 the value of 'made_up' by '24/00120' comes back, after that by '24/00121', taken later.")]),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_two_decisions_that_set_one_value_are_told_of(
    tmp_path: Path, older: str, newer: str, expected: list[tuple[str, str]]
) -> None:
    """From one day, as in the table of statutory sick pay of 2014, or the older one's again from a later day."""
    copies.copied(tmp_path)
    copies.append(tmp_path, "policy/24-00120/parameters.yaml", older)
    copies.write(tmp_path, "policy/24-00121/parameters.yaml", f"parameters:\n{newer}")
    assert [one for one in told(tmp_path) if one[0] in ("two-values", "comes-back", "no-day")] == expected


VERSION = """  - from: {0}
    decision: {1}
    answers:
      - {{id: one, answer: not_applicable, {2}, when: {{all: []}}}}
"""


@pytest.mark.parametrize(
    ("start", "decision", "codes"),
    [
        ("$transition_start", "24/00121", {"comes-back"}),
        ("$tariff_start", "24/00121", {"same-start"}),
        ("$same_day_by_another_name", "24/00121", {"same-start"}),
        ("$after_the_tariff", "24/00121", set()),
    ],
)
def test_a_version_that_comes_back_or_starts_on_the_day_of_another_is_told_of(
    tmp_path: Path, start: str, decision: str, codes: set[str]
) -> None:
    """A newer decision begins before the older one's next version: from that day the older one counts again."""
    copies.copied(tmp_path)
    day = "    unit: date\n    label: A day\n    source: {document: report, paragraph: '3.7'}\n"
    copies.write(
        tmp_path,
        "policy/24-00121/parameters.yaml",
        f"parameters:\n  same_day_by_another_name:\n    value: 2026-09-01\n{day}"
        f"  after_the_tariff:\n    value: 2026-10-01\n{day}",
    )
    version = VERSION.format(start, decision, SOURCE)
    copies.replace(tmp_path, "rules/exceptional_need_claim.yaml", r"\Z", "\n" + version)
    found = [one for one in told(tmp_path) if one[0] in ("comes-back", "same-start", "two-versions")]
    assert {code for code, _ in found} == codes
    if "comes-back" in codes:
        assert found[0][1] == (
            "On 2026-09-01 the version of 'exceptional_need_claim' by '24/00120' comes back, after that by '24/00121', "
            "taken later."
        )
