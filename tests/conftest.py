"""What every test run says at its end, whatever was run."""

from __future__ import annotations

from typing import Any

import source_documents


def pytest_addoption(parser: Any) -> None:
    """Let a built site be named for tests/test_built_site.py."""
    parser.addoption("--site", default="", help="the folder of a built site; build/site unless given")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly that the figures were not looked up, where the council's documents are not at hand."""
    said = source_documents.missing()
    if said:
        terminalreporter.section("THE SOURCES ARE NOT HERE", sep="!", red=True, bold=True)
        terminalreporter.write_line(said, red=True, bold=True)
