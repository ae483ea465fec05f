"""Versions of the policy to compare: folders, and revisions of the git repository, each in a folder of its own."""

from __future__ import annotations

import io
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.policy.layout import EVERY, FOLDERS


@contextmanager
def version(named: str, root: Path, also: Sequence[str] = (), *, or_else: str = "") -> Iterator[Path]:
    """Yield the folder of a version of the policy: a folder as it is, or what a revision holds, until the end.

    `root` lies in the git repository; `also` are folders and files wanted beside those of the policy, where there are;
    `or_else` is said to who names neither: what else can be named.
    Raises `PolicyError` where it is neither, has no policy, or holds links.
    """
    if Path(named).is_dir():
        yield Path(named)
        return
    commit = _commit(named, root)
    if commit is None:
        said = f"'{named}' is neither a folder here nor a revision of this repository."
        help = "Name a folder that holds policy/ and rules/, or a branch, tag or commit that 'git log' knows." + or_else
        raise PolicyError([Problem(Place(""), "no-revision", said, help)])
    revision = commit.decode().strip()
    wanted = [*(f"{folder}/" for folder in (*EVERY, *also)), *also]
    names = (_git(root, "ls-tree", "--name-only", revision, *wanted) or b"").decode().splitlines()
    held = [one for one in (*EVERY, *also) if one in names or any(name.startswith(f"{one}/") for name in names)]
    archive = _git(root, "archive", "--format=zip", "-0", revision, "--", *held) if {*held} & {*FOLDERS} else None
    if archive is None:
        said = f"The revision '{named}' contains no policy."
        raise PolicyError([Problem(Place(""), "no-policy", said, f"It needs the folders {', '.join(FOLDERS)}.")])
    with TemporaryDirectory(prefix="senpolicy-") as folder:
        _unpack(archive, named, folder)
        yield Path(folder)


def known(named: str, root: Path) -> bool:
    """Return whether this names a folder, or a revision of the repository in which `root` lies."""
    return Path(named).is_dir() or _commit(named, root) is not None


def _commit(named: str, root: Path) -> bytes | None:
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{named}^{{commit}}")


def _unpack(archive: bytes, named: str, folder: str) -> None:
    """Write the files of an archive of git below a folder, and nowhere else.

    It is a zip: on each Python that may run this `zipfile` keeps every name within the folder, and `tarfile` does not.
    Raises `PolicyError` for a link, which would lead to what is not of the revision.
    """
    with ZipFile(io.BytesIO(archive)) as files:
        links = [one.filename for one in files.infolist() if stat.S_ISLNK(one.external_attr >> 16)]
        if links:
            said = f"The revision '{named}' holds a link where a file is wanted: {links[0]}."
            raise PolicyError([Problem(Place(""), "revision-link", said, "Put the file itself there.")])
        files.extractall(folder)


def _git(root: Path, *words: str) -> bytes | None:
    """Return what git says, None where it refuses or is not there."""
    try:
        found = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except OSError:
        return None
    return found.stdout if found.returncode == 0 else None
