"""Versions of the policy to compare: folders, and revisions of the git repository, each in a folder of its own."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from senpolicy.layout import FOLDERS
from senpolicy.problems import Place, PolicyError, Problem


@contextmanager
def version(named: str, root: Path, also: Sequence[str] = ()) -> Iterator[Path]:
    """Yield the folder of a version of the policy: a folder as it is, or what a revision holds, until the end.

    `root` lies in the git repository; `also` are folders wanted beside those of the policy, where they are there.
    Raises `PolicyError` where it is neither, or holds no policy.
    """
    if Path(named).is_dir():
        yield Path(named)
        return
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{named}^{{commit}}")
    if commit is None:
        said = f"'{named}' is neither a folder here nor a revision of this repository."
        help = "Name a folder that holds policy/ and rules/, or a branch, tag or commit that 'git log' knows."
        raise PolicyError([Problem(Place(""), "no-revision", said, help)])
    revision = commit.decode().strip()
    listed = _git(root, "ls-tree", "--name-only", revision, *(f"{folder}/" for folder in (*FOLDERS, *also))) or b""
    names = listed.decode().splitlines()
    held = [folder for folder in (*FOLDERS, *also) if any(name.startswith(f"{folder}/") for name in names)]
    archive = _git(root, "archive", "--format=tar", revision, "--", *held) if {*held} & {*FOLDERS} else None
    if archive is None:
        said = f"The revision '{named}' holds no policy."
        raise PolicyError([Problem(Place(""), "no-policy", said, f"It needs the folders {', '.join(FOLDERS)}.")])
    with TemporaryDirectory(prefix="senpolicy-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def _git(root: Path, *words: str) -> bytes | None:
    """Return what git says, None where it refuses or is not there."""
    try:
        found = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except OSError:
        return None
    return found.stdout if found.returncode == 0 else None
