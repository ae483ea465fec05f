"""The codes of problems: for each what is the matter, what to avoid, what to write instead, and why.

They are in codes.yaml, in groups: what keeps a file from being read comes first, then its shape, the names between
files, the rules as a whole, cases, and tools. A code never changes its meaning; a test holds that each one that the
engine uses is there, and that it uses each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from senpolicy.files.problems import Problem, Problems, WrongUse, did_you_mean
from senpolicy.files.source import read


@dataclass(frozen=True, slots=True)
class Code:
    """What one code means; `avoid` and `prefer` are pieces of a file where they end in a line break, else sentences."""

    code: str
    group: str
    title: str
    avoid: str
    prefer: str
    why: str

    def page(self) -> str:
        """Return the code's page as Markdown: what is the matter, Avoid, Prefer, Why."""
        return (
            f"# `{self.code}`\n\n{self.title}\n\n## Avoid\n\n{_shown(self.avoid)}\n\n"
            f"## Prefer\n\n{_shown(self.prefer)}\n\n## Why\n\n{self.why}\n"
        )

    def text(self) -> str:
        """Return the page as plain text, for a terminal."""
        parts = [f"{self.code}: {self.title}"]
        for word, said in (("Avoid", self.avoid), ("Prefer", self.prefer), ("Why", self.why)):
            parts += ["", f"{word}:", *(f"  {line}".rstrip() for line in said.rstrip().splitlines())]
        return "\n".join(parts)


def _shown(said: str) -> str:
    return f"```yaml\n{said.rstrip()}\n```" if said.endswith("\n") else said


@cache
def codes() -> dict[str, Code]:
    """Return every code by its name, in the order in which problems are shown."""
    problems = Problems()
    node = read((Path(__file__).parent / "codes.yaml").read_text(encoding="utf-8"), "codes.yaml", problems)
    problems.stop_on_errors()
    return {
        code: Code(code, group, **said)
        for group, inside in (node.data() if node else {}).items()
        for code, said in inside.items()
    }


def explained(code: str) -> Code:
    """Return what a code means; raises `WrongUse` for one that does not exist."""
    if code not in codes():
        raise WrongUse(f"'{code}' is not the code of a problem. {did_you_mean(code, codes())}".rstrip())
    return codes()[code]


def worst_first(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems with the worst first: errors before warnings, and what stops others before what it stops.

    Within a group of codes they go by file, line and column. A code of the policy's own goes with those of cases.
    """
    found = list(problems)
    if not found:
        return found
    groups = list(dict.fromkeys(one.group for one in codes().values()))
    rank = {code: groups.index(one.group) for code, one in codes().items()}
    return sorted(found, key=lambda one: (one.warning, rank.get(one.code, groups.index("cases")), one))
