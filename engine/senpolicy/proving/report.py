"""The result of a proof: what holds, what does not and the pupils who show it, and what is only listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from senpolicy.files.digests import PlainData
from senpolicy.files.problems import Problem


@dataclass(frozen=True)
class Finding:
    """A fault, or what could not be proved in time: the problem, and as YAML the pupils who show it (or none)."""

    about: str
    problem: Problem
    pupils: tuple[str, ...] = ()

    def to_json(self) -> dict[str, PlainData]:
        """Return the finding as plain data, with the pupils as YAML text that `decide` reads."""
        place = {"file": self.problem.place.file} if self.problem.place.file else {}
        said = {"about": self.about, "result": "not proved" if self.problem.warning else "fault"}
        return {**said, **place, **self.problem.to_json(), "pupils": list(self.pupils)}


@dataclass(frozen=True)
class ProofReport:
    """What was proved of each question and property, what was found, and what is listed and is not a fault.

    `proved` maps each question and property to what holds, in words.
    """

    findings: list[Finding]
    proved: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def faults(self) -> list[Finding]:
        """The findings that are faults."""
        return [one for one in self.findings if not one.problem.warning]

    @property
    def unproved(self) -> list[Finding]:
        """The findings that only say that the time was too short."""
        return [one for one in self.findings if one.problem.warning]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the report as lines, each with a style for terminals: what is proved, what is listed, what is wrong."""
        width = max(map(len, [*self.proved, *(name for name, _ in self.notes), ""])) + 2
        for name, said in self.proved.items():
            yield "green", f"{name:<{width}}proved: {said}"
        for name, said in self.notes:
            yield "dim", f"{name:<{width}}note: {said}"
        for one in self.findings:
            yield "", ""
            yield "yellow" if one.problem.warning else "bold red", str(one.problem)
            for line in "".join(one.pupils).splitlines():
                yield "", f"  {line}"

    def to_json(self) -> list[dict[str, PlainData]]:
        """Return everything as one list of plain data."""
        proved: list[dict[str, PlainData]] = [
            {"about": name, "result": "proved", "message": said} for name, said in self.proved.items()
        ]
        notes: list[dict[str, PlainData]] = [
            {"about": name, "result": "note", "message": said} for name, said in self.notes
        ]
        return [*(one.to_json() for one in self.findings), *proved, *notes]
