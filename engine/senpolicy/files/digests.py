"""Digests: of data, by canonical JSON, which is one text for the same data; and of files, by their bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

#: Plain data, as JSON and YAML hold it; days, and numbers that are not whole, are text in it.
PlainData: TypeAlias = bool | int | float | str | Sequence["PlainData"] | Mapping[str, "PlainData"] | None


def canonical(data: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """Return plain data as JSON in UTF-8: keys sorted, no spaces, letters as they are.

    `default` turns what is not plain data into such; without it that raises TypeError. A number that JSON does not have
    (NaN) raises ValueError. Of text, whole numbers, true, false and null, with keys in the letters of everyday scripts,
    this is the form of RFC 8785; other numbers must come as text.

    >>> canonical({"b": [1, None], "a": "£"}).decode()
    '{"a":"£","b":[1,null]}'
    """
    return json.dumps(
        data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=default
    ).encode()


def digest_of(data: Any) -> str:
    """Return "sha256:" and the hash of plain data in its canonical form."""
    return f"sha256:{hashlib.sha256(canonical(data)).hexdigest()}"


def digest_of_files(root: Path, paths: Iterable[Path]) -> str:
    """Return "sha256:" and the hash of every path, relative to `root`, and byte of some files, in their order."""
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        total.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return f"sha256:{total.hexdigest()}"
