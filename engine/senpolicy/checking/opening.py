"""Opening a policy: its files read and checked, bound as it is asked for, and its rules tried on every kind of case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from senpolicy.files.digests import digest_of_files
from senpolicy.files.problems import PolicyError, Problem
from senpolicy.policy.corpus import Corpus, load
from senpolicy.policy.layout import OPTIONAL, files_digest, paths
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
    return _sound(load(root, without=without))


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

    `without` are patterns of files that are left unread. `passed` is a folder in which passes are remembered, of the
    files and of the rules; `progress` shows how far the trying is. Raises `PolicyError` with every problem of the files
    or of the rules, and `WrongUse` for a name that is not known.
    """
    file, digest = Path(asked.scenario or ""), files_digest(root)
    given = (file.read_bytes(), file.name) if file.is_file() else None
    passes = _passes(passed)
    found = _opened(root, root.absolute(), digest, without, given, asked, passes)
    if not given and found.corpus.files_digest != digest:  # A file changed between the two.
        _opened.cache_clear()
    problems = _faults(found, passes, progress) if tried else []
    if problems:
        raise PolicyError(problems)
    return found


@dataclass(frozen=True)
class _Passes:
    """What has passed, remembered by the digest of all on which it rests: files, names, and the engine's own code.

    A place to remember is a convenience: without one each check is made again.
    """

    folder: Path | None
    engine: str

    def has(self, *rests_on: str) -> bool:
        """Return whether what rests on these has passed before."""
        with suppress(OSError):
            mark = self._mark(rests_on)
            return mark is not None and mark.exists()
        return False

    def keep(self, *rests_on: str) -> None:
        """Remember that what rests on these has passed."""
        with suppress(OSError):
            mark = self._mark(rests_on)
            if mark:
                mark.parent.mkdir(parents=True, exist_ok=True)
                mark.touch()

    def _mark(self, rests_on: tuple[str, ...]) -> Path | None:
        named = "\n".join([*rests_on, self.engine])
        return self.folder / hashlib.sha256(named.encode()).hexdigest() if self.folder else None


def _passes(folder: Path | None) -> _Passes:
    """Return what has passed with the engine as it is now, kept in a folder."""
    engine = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")) if folder else ():
        engine.update(path.read_bytes())
    return _Passes(folder, engine.hexdigest())


@lru_cache(maxsize=4)
def _opened(
    root: Path,
    whole: Path,
    digest: str,
    without: tuple[str, ...],
    given: tuple[bytes, str] | None,
    asked: Asked,
    passes: _Passes,
) -> Policy:
    """Return the checked policy: one and the same for the same bytes, so that what is made of it is made once.

    `whole` is the folder's full path, `given` the bytes and the name of a scenario's own file. That the files are sound
    is remembered if none of them changed while they were read: their digest is then of what was checked.
    """
    corpus = load(root, without=without)
    unchanged = corpus.files_digest == digest
    if given and asked.scenario not in corpus.scenarios:
        corpus, name = with_scenario(corpus, *given)
        asked = Asked(asked.as_of, asked.include_proposed, asked.readings, name)
    # What is beside the policy has a digest of its own: no record names it.
    beside = digest_of_files(corpus.root, paths(corpus.root, OPTIONAL))
    rests_on = ("files", corpus.files_digest, beside, *without)
    if not (unchanged and passes.has(*rests_on)):
        _sound(corpus)
        if unchanged:
            passes.keep(*rests_on)
    return asked.of(corpus)


def _sound(corpus: Corpus) -> Corpus:
    from senpolicy.checking.corpus import sound  # Not read where a pass of the same files is remembered.

    return sound(corpus)


def faults_of(of: Policy, passed: Path | None = None, progress: Bar | None = None) -> list[Problem]:
    """Return the faults of the rules on every kind of case; a pass is remembered in the folder `passed`."""
    return _faults(of, _passes(passed), progress)


def _faults(of: Policy, passes: _Passes, progress: Bar | None) -> list[Problem]:
    readings = ",".join(reading.id for reading in of.readings)
    scenario = of.scenario.scenario if of.scenario else ""
    rests_on = (of.corpus.files_digest, *of.decisions, readings, scenario)
    if passes.has(*rests_on):
        return []
    from senpolicy.checking.exhaustive import faults  # The solver is not loaded where a pass is remembered.

    with progress or nullcontext() as told:
        found = faults(of, told)
    if not found:
        passes.keep(*rests_on)
    return found
