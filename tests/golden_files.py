"""The golden cases of this repository (see `senpolicy.checking.golden`), and deciders of the corpus, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from senpolicy.checking import corpus as check
from senpolicy.checking import golden
from senpolicy.checking.golden import Pinned, decided, differences, explained, found_in, load
from senpolicy.deciding.decide import Decider
from senpolicy.policy import corpus, timeline

__all__ = [
    "FOLDER",
    "FROZEN",
    "ROOT",
    "Pinned",
    "decided",
    "decider",
    "deciding",
    "differences",
    "every",
    "explained",
    "found_in",
    "load",
    "loaded",
]

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / golden.FOLDER
#: The policy as it was on one day, for tests of the engine: see its README.
FROZEN = ROOT / "tests" / "frozen"


@cache
def every() -> tuple[Pinned, ...]:
    """Return every golden case, by file and in the order of the file."""
    return tuple(golden.every(ROOT))


@cache
def loaded(root: Path) -> corpus.Corpus:
    """Return the checked corpus below `root`."""
    return check.sound(corpus.load(root))


def deciding(pinned: Pinned) -> Decider:
    """Return the decider of a golden case, by all that its file pins."""
    return _deciders()(pinned)


@cache
def _deciders() -> Callable[[Pinned], Decider]:
    return golden.deciders(loaded(ROOT))


@cache
def decider(root: Path, as_of: str | None, readings: str, scenario: str | None = None) -> Decider:
    """Return the decider of the corpus below `root` as of a decision, with readings up to one, under a scenario."""
    return Decider(timeline.policy(loaded(root), as_of=as_of, readings=readings, scenario=scenario))
