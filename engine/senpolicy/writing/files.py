"""Writing files of the policy whole or not at all, and only such as pass the check."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from senpolicy.checking import corpus as check
from senpolicy.checking import lock
from senpolicy.checking.exhaustive import faults, policies, told_once
from senpolicy.checking.schemas import FOLDER as SCHEMAS
from senpolicy.checking.schemas import modeline, schema_of
from senpolicy.files.problems import Place, PolicyError, Problem, WrongUse
from senpolicy.policy import corpus
from senpolicy.policy.layout import FOLDERS, kind_of

#: What a whole check finds in the corpus below a folder; raises `PolicyError` with what keeps it from being read.
Check = Callable[[Path], list[Problem]]


def checked(root: Path) -> list[Problem]:
    """Return every problem that `senpolicy check` finds below `root`: files, names, locks, and every kind of case."""
    loaded = corpus.load(root)
    found = check.check(loaded)
    if not any(not problem.warning for problem in found):
        found += lock.check(loaded)
    if not any(not problem.warning for problem in found):
        found += told_once((one, faults(one)) for one in policies(loaded))
    return found


def write(root: Path, texts: Mapping[str, str], check: Check = checked) -> list[Problem]:
    """Write the texts, by path below `root`, if the policy passes the check with them; return its warnings.

    All are written or none. Raises `PolicyError` with what the check would find, and writes nothing then; a problem
    that was in the policy before is among them, so that nothing is added to a policy that is out of order.
    """
    with TemporaryDirectory(prefix="senpolicy-") as name:
        found = check(copied(root, Path(name), texts))
    errors = [problem for problem in found if not problem.warning]
    if errors:
        raise PolicyError(errors)
    put(root, texts)
    return found


def copied(root: Path, folder: Path, texts: Mapping[str, str]) -> Path:
    """Return the empty folder after copying the files of the policy below `root` into it, with texts in their place."""
    for name in FOLDERS:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name)
    for file, text in texts.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8", newline="")
    return folder


def refuse_installed(root: Path) -> None:
    """Raise `WrongUse` where the policy below `root` is the copy of an installed package: nobody writes into that."""
    if {"site-packages", "dist-packages"} & set(root.resolve().parts):
        said = "This policy is the copy of an installed package, and the next installation would undo what is written"
        raise WrongUse(f"{said}. Work in a checkout of the repository, or name its folder with --root.")


def put(root: Path, texts: Mapping[str, str]) -> None:
    """Write texts by their path below `root`, all of them or none; raises `PolicyError` where one cannot be written.

    Raises `WrongUse` where the policy is the copy of an installed package.
    """
    refuse_installed(root)
    drafts: dict[Path, Path] = {}
    before: dict[Path, bytes | None] = {}
    made: list[Path] = []
    try:
        for file, text in texts.items():
            path = root / file
            made += _folders(path.parent)
            before[path] = path.read_bytes() if path.exists() else None
            drafts[path] = path.with_name(f".{path.name}.part")
            drafts[path].write_text(text, encoding="utf-8", newline="")
            if before[path] is not None:
                shutil.copymode(path, drafts[path])
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            for path, draft in drafts.items():
                draft.unlink(missing_ok=True)
                _restore(path, before[path])
            for folder in reversed(made):
                folder.rmdir()
        said = f"The files cannot be written: {error.strerror}. Nothing was changed."
        raise PolicyError(
            [Problem(Place(""), "not-written", said, "Check that the folder may be written to, and that it has room.")]
        ) from None


def _folders(folder: Path) -> list[Path]:
    """Make a folder and those above it that are not there, and return those that were made, the highest first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()][::-1]
    for one in missing:
        one.mkdir()
    return missing


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != content:
        path.write_bytes(content)


def heading(root: Path, file: str) -> list[str]:
    """Return the line that tells editors the schema: that of a file of the same kind, or of a schema that is there."""
    known = kind_of(file)
    if known is None:
        return []
    for path in sorted(root.glob(known[0])):
        with path.open(encoding="utf-8") as lines:
            first = lines.readline().rstrip()
        if first.startswith("# yaml-language-server:"):
            return [first]
    schema = schema_of(file)
    return [modeline(file)] if schema and (root / SCHEMAS / schema).is_file() else []
