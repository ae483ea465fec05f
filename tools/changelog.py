"""Change notes: moves those of changelog.d/ into CHANGELOG.md under Unreleased; with --check, only looks at them.

towncrier does the like for releases. Here there are no releases to build a section for, and what matters most, that a
note states the dates affected, it does not look at.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

KINDS = ("decisions", "corrections", "rules", "descriptors", "site", "engine")
DATED = ("decisions", "corrections", "rules")
_DAY = r"\d{1,2} [A-Z][a-z]+ \d{4}"
_DATES = re.compile(rf"Dates affected: (all|none|(from|until) {_DAY}|from {_DAY} to {_DAY})\.")


def faults(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the notes of a folder, each with the file and what to do."""
    for path in sorted(folder.iterdir()):
        if path.name == "README.md":
            continue
        name = re.fullmatch(r"[a-z0-9][a-z0-9-]*\.([a-z]+)\.md", path.name)
        if not name or name.group(1) not in KINDS:
            yield f"{path.name}: Its name says no kind. Name it <name>.<kind>.md, the kind one of {', '.join(KINDS)}."
            continue
        text = " ".join(path.read_text(encoding="utf-8").split())
        if not text:
            yield f"{path.name}: This note is empty. Say what changes, in the reader's words."
        elif name.group(1) in DATED:
            found = _DATES.search(text)
            if not found:
                yield f"{path.name}: It does not say which dates it affects. End it: Dates affected: from 1 April 2027."
                continue
            days = [_day(one) for one in re.findall(_DAY, found.group())]
            if None in days:
                yield f"{path.name}: One of its days is none of the calendar. Write day, month, year: 1 April 2027."
            elif days != sorted(one for one in days if one):
                yield f"{path.name}: The first day is after the last. Swap them."


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(f"{text} +0000", "%d %B %Y %z")
    except ValueError:
        return None


def collected(changelog: str, folder: Path) -> str:
    """Return the changelog with every note of a folder under Unreleased, in the section of its kind."""
    for path in sorted(folder.glob("*.*.md")):
        section = f"### {path.name.split('.')[1].capitalize()}"
        note = path.read_text(encoding="utf-8").strip()
        note = note if note.startswith("- ") else "- " + note.replace("\n", "\n  ")
        head, _, rest = changelog.partition("\n## Unreleased\n")
        own, mark, after = rest.partition("\n## ")
        if section in own:
            before, _, within = own.partition(f"{section}\n")
            lines, sign, other = within.partition("\n### ")
            own = f"{before}{section}\n{lines.rstrip()}\n{note}\n{sign and sign.join(['', other])}"
        else:
            own = f"{own.rstrip()}\n\n{section}\n\n{note}\n"
        changelog = f"{head}\n## Unreleased\n{own}{mark}{after}"
    return changelog


def main() -> int:
    """Check the notes, or move them; returns the exit status, and ends with 2 on an argument that is not known."""
    parser = argparse.ArgumentParser(description="Moves the notes of changelog.d/ into CHANGELOG.md.")
    parser.add_argument("--check", action="store_true", help="look at the notes, and move none")
    check = parser.parse_args().check
    root = Path(__file__).resolve().parents[1]
    folder, found = root / "changelog.d", list(faults(root / "changelog.d"))
    for one in found:
        print(f"changelog.d/{one}", file=sys.stderr)
        if os.environ.get("GITHUB_ACTIONS"):  # On its line of the pull request too.
            name, _, said = one.partition(": ")
            print(f"::error file=changelog.d/{name},line=1,title=change-note::{said}")
    if found or check:
        return int(bool(found))
    file = root / "CHANGELOG.md"
    file.write_text(collected(file.read_text(encoding="utf-8"), folder), encoding="utf-8")
    for path in folder.glob("*.*.md"):
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
