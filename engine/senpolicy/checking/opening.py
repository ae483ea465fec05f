"""Opening a policy: its files read and checked, bound as it is asked for, and its rules tried on every kind of case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from senpolicy.checking.corpus import sound
from senpolicy.files.problems import PolicyError, Problem
from senpolicy.policy.corpus import Corpus, files_digest, load
from senpolicy.policy.scenarios import with_scenario
from senpolicy.policy.timeline import Policy, policy

#: Gives what to tell (done, of) while a bar shows them; None where nobody would see it.
Bar = AbstractContextManager[Callable[[int, int], None] | None]


@dataclass(frozen=True)
class Asked:
    """Which policy is asked for: as of a decision, with proposals or without, with which readings and scenario.

    `scenario` is the name of one, or a file that holds one.
    """

    as_of: str | None = None
    include_proposed: bool = False
    readings: str = "all"
    scenario: str | None = None

    def of(self, corpus: Corpus) -> Policy:
        """Return that policy of a corpus, its rules untried; raises `WrongUse` for a name that is not known."""
        return policy(
            corpus,
            as_of=self.as_of,
            include_proposed=self.include_proposed,
            readings=self.readings,
            scenario=self.scenario,
        )


#: Every decision that has been taken, with every reading, and no scenario.
AS_IT_IS = Asked()


def open_corpus(root: Path, without: Collection[str] = ()) -> Corpus:
    """Return the corpus below a folder, less the files of the patterns `without`; raises `PolicyError` if at fault."""
    return sound(load(root, without=without))


def open_policy(
    root: Path,
    asked: Asked = AS_IT_IS,
    *,
    without: tuple[str, ...] = (),
    tried: bool = True,
    passed: Path | None = None,
    progress: Bar | None = None,
) -> Policy:
    """Return the policy below a folder: read, checked, bound, and `tried` on every kind of case.

    `without` are patterns of files that are left unread. `passed` is a folder in which a pass is remembered;
    `progress` shows how far the trying is. Raises `PolicyError` with every problem of the files or of
    the rules, and `WrongUse` for a name that is not known.
    """
    file, digest = Path(asked.scenario or ""), files_digest(root)
    given = (file.read_bytes(), file.name) if file.is_file() else None
    found = _opened(root, root.absolute(), digest, without, given, asked)
    if not given and found.corpus.files_digest != digest:  # A file changed between the two.
        _opened.cache_clear()
    problems = faults_of(found, passed, progress) if tried else []
    if problems:
        raise PolicyError(problems)
    return found


@lru_cache(maxsize=4)
def _opened(
    root: Path, whole: Path, digest: str, without: tuple[str, ...], given: tuple[bytes, str] | None, asked: Asked
) -> Policy:
    """Return the checked policy: one and the same for the same bytes, so that what is made of it is made once.

    `whole` is the folder's full path, `given` the bytes and the name of a scenario's own file.
    """
    corpus = load(root, without=without)
    if given and asked.scenario not in corpus.scenarios:
        corpus, name = with_scenario(corpus, *given)
        asked = Asked(asked.as_of, asked.include_proposed, asked.readings, name)
    return asked.of(sound(corpus))


def faults_of(of: Policy, passed: Path | None = None, progress: Bar | None = None) -> list[Problem]:
    """Return the faults of the rules on every kind of case; a pass is remembered in the folder `passed`.

    It is remembered by the digest of all on which it rests: the files, whole, and the engine's own code.
    """
    engine = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        engine.update(path.read_bytes())
    readings = ",".join(reading.id for reading in of.readings)
    scenario = of.scenario.scenario if of.scenario else ""
    named = "\n".join([of.corpus.files_digest, *of.decisions, readings, scenario, engine.hexdigest()])
    mark = passed / hashlib.sha256(named.encode()).hexdigest() if passed else None
    # A place to remember is a convenience: without one the check is made again.
    with suppress(OSError):
        if mark and mark.exists():
            return []
    from senpolicy.checking.exhaustive import faults  # The solver is not loaded where a pass is remembered.

    with progress or nullcontext() as told:
        found = faults(of, told)
    if mark and not found:
        with suppress(OSError):
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
    return found
