"""How commands that look for problems report them: in words, as data, and as the annotations of a forge."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from functools import cache
from pathlib import Path

from senpolicy import __version__
from senpolicy.cli.shared import print_json, say
from senpolicy.files import reporters
from senpolicy.files.problems import Problem
from senpolicy.files.reporters import Texts


class Format(StrEnum):
    """How problems are reported."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def report(
    problems: list[Problem], said: list[str], report_as: Format, top: Path, title: str = "Check of the policy"
) -> None:
    """Print problems in the format asked for, and what is to be said of the whole on standard error."""

    def text_of(name: str) -> str | None:
        try:
            return (top / name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None

    texts = cache(text_of)
    if report_as is Format.JSON:
        print_json(reporters.as_json(problems))
    elif report_as is Format.SARIF:
        print(json.dumps(reporters.as_sarif(problems, texts, __version__), ensure_ascii=False, indent=2))
    elif report_as is Format.GITHUB:
        _annotate(problems, said, texts, title)
    else:
        for text in reporters.as_text(problems, texts):
            say(text)
    for line in said:
        say(line)


def _annotate(problems: list[Problem], said: list[str], texts: Texts, title: str) -> None:
    """Print annotations for the worst, and write all into the summary of the step, or on standard error without one."""
    for line in reporters.as_annotations(problems):
        print(line)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(reporters.as_summary(problems, " ".join(said), title))
            return
        except OSError as error:
            say(f"The summary of the step cannot be written: {error.strerror}.")
    for text in reporters.as_text(problems[reporters.MOST_ANNOTATIONS :], texts):
        say(text)
