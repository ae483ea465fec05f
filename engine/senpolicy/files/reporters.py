"""Problems as people and programs read them: text, JSON, SARIF 2.1.0, and the annotations of GitHub.

One list of problems goes in, worst first. `texts` gives the text of a file by its name, None where it is not to be
shown: only the files of the policy are ever quoted, and never a line in which something may identify a child.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from senpolicy.files.codes import codes
from senpolicy.files.digests import PlainData
from senpolicy.files.problems import Place, Problem

Texts = Callable[[str], str | None]
#: GitHub shows no more annotations of one kind than this for one step of a workflow; the rest would be dropped.
MOST_ANNOTATIONS = 10
#: The summary of a step may be 1 MiB; what is longer is refused as a whole.
MOST_SUMMARY = 1_000_000
#: A line of a file that is longer is not shown.
LONGEST_LINE = 160
SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_text(problems: Sequence[Problem], texts: Texts) -> list[str]:
    """Return each problem as text: where, what, the line with a mark below it, what to do."""
    hidden = {(one.place.file, one.place.line) for one in problems if one.code == "identifies-a-child"}
    shown = []
    for problem in problems:
        first, *advice = str(problem).split("\n")
        excerpt = [] if (problem.place.file, problem.place.line) in hidden else _excerpt(problem.place, texts)
        shown.append("\n".join([first, *excerpt, *advice]))
    return shown


def _excerpt(place: Place, texts: Texts) -> list[str]:
    text = texts(place.file) if place.line else None
    lines = text.splitlines() if text is not None else []
    if not 0 < place.line <= len(lines):
        return []
    line = lines[place.line - 1].replace("\t", " ")
    if len(line) > LONGEST_LINE or not line.isprintable():
        return []
    number = f"{place.line:>5}"
    return [f"{number} | {line}", f"{'':>5} | {'^':>{max(place.column, 1)}}"]


def as_json(problems: Sequence[Problem]) -> list[dict[str, PlainData]]:
    """Return problems as plain data, each with its file and whether it is only a warning."""
    return [{"file": one.place.file, "warning": one.warning, **one.to_json()} for one in problems]


def as_sarif(problems: Sequence[Problem], texts: Texts, version: str) -> dict[str, PlainData]:
    """Return problems as a SARIF 2.1.0 log, with the page of each code that occurs, and fixes where they are known."""
    used = list(dict.fromkeys(one.code for one in problems))
    results = []
    for problem in problems:
        result: dict[str, PlainData] = {
            "ruleId": problem.code,
            "ruleIndex": used.index(problem.code),
            "level": "warning" if problem.warning else "error",
            "message": {"text": " ".join(part for part in (problem.message, problem.help) if part)},
        }
        if problem.place.file:
            result["locations"] = [{"physicalLocation": _location(problem.place)}]
        fix = _sarif_fix(problem, texts(problem.place.file) if problem.place.file else None)
        results.append(result | ({"fixes": [fix]} if fix else {}))
    driver: dict[str, PlainData] = {
        "name": "senpolicy",
        "semanticVersion": version,
        "rules": [_sarif_rule(code) for code in used],
    }
    run: dict[str, PlainData] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _sarif_rule(code: str) -> dict[str, PlainData]:
    said = codes().get(code)
    if said is None:  # A rule of the policy's own, such as two facts of a case that contradict each other.
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": said.title},
        "fullDescription": {"text": said.why},
        "help": {"text": said.text(), "markdown": said.page()},
    }


def _location(place: Place) -> dict[str, PlainData]:
    location: dict[str, PlainData] = {"artifactLocation": {"uri": place.file, "uriBaseId": "%SRCROOT%"}}
    if place.line:
        region = {"startLine": place.line} | ({"startColumn": place.column} if place.column else {})
        location["region"] = region
    return location


def _sarif_fix(problem: Problem, text: str | None) -> dict[str, PlainData] | None:
    span = problem.span(text) if text is not None else None
    if text is None or span is None or problem.fix is None:
        return None
    (first, start), (last, end) = (_line_and_column(text, at) for at in span)
    region = {"startLine": first, "startColumn": start, "endLine": last, "endColumn": end}
    replacement: dict[str, PlainData] = {"deletedRegion": region, "insertedContent": {"text": problem.fix.right}}
    artifact = {"uri": problem.place.file, "uriBaseId": "%SRCROOT%"}
    return {
        "description": {"text": f"Write: {problem.fix.right}"},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": [replacement]}],
    }


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def as_annotations(problems: Sequence[Problem]) -> list[str]:
    """Return the workflow commands that put the worst problems on their lines, so many as GitHub shows of a step."""
    return [_annotation(problem) for problem in problems[:MOST_ANNOTATIONS]]


def _annotation(problem: Problem) -> str:
    said = " ".join([problem.message, *(line[0].upper() + line[1:] for line in problem.advice())])
    place = problem.place
    given = {"file": place.file, "line": place.line, "col": place.column, "title": problem.code}
    properties = ",".join(f"{name}={_escaped(str(value), of_property=True)}" for name, value in given.items() if value)
    return f"::{'warning' if problem.warning else 'error'} {properties}::{_escaped(said)}"


def _escaped(text: str, *, of_property: bool = False) -> str:
    """Return text as GitHub's workflow commands take it."""
    for letter, by in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(letter, by)
    return text.replace(":", "%3A").replace(",", "%2C") if of_property else text


def as_summary(problems: Sequence[Problem], said: str, title: str = "Check of the policy") -> str:
    """Return a Markdown page with every problem and `said` at its head, for the summary of a step."""
    lines = [f"## {title}", "", said, ""]
    if problems:
        lines += ["| where | what | what to do | code |", "|---|---|---|---|"]
    size = sum(len(line.encode()) + 1 for line in lines)
    for number, one in enumerate(problems):
        kind = "Warning: " if one.warning else ""
        cells = (str(one.place), kind + one.message, " ".join(one.advice()), f"`{one.code}`")
        line = "| " + " | ".join(_cell(cell) for cell in cells) + " |"
        size += len(line.encode()) + 1
        if size > MOST_SUMMARY:
            lines += ["", f"{len(problems) - number} more do not fit here; run 'senpolicy check' to see them."]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return text that stays within one cell of a Markdown table, and is not markup."""
    for letter in "\\`*_[]<>|":
        text = text.replace(letter, f"\\{letter}") if not text.startswith("`") else text
    return text.replace("\n", " ")
