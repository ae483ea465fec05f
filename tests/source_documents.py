"""The council's documents, which stand beside the checkout and not in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT.parent / "shared" / "sources"


@cache
def texts(folder: Path = FOLDER) -> dict[str, bytes]:
    """Return the documents of the policy that are in the folder, by file name; none where it is missing."""
    documents = yaml.safe_load((ROOT / "policy" / "documents.yaml").read_text(encoding="utf-8"))["documents"]
    names = sorted({document["file"] for document in documents.values() if "file" in document})
    return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}


def missing(folder: Path = FOLDER) -> str:
    """Return what to say where the documents are not at hand, "" where they are."""
    if texts(folder):
        return ""
    return f"The council's documents are not in {folder}: no figure was looked up in them, and no sentence compared."
