"""What a decision rests on: the modules of the engine that a process has read once it has decided one case.

The first decision by a policy tries every kind of case, and notes that it did; what is counted is a later one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

#: Run in a process of its own: decides, then prints the file of each of the engine's modules that was read for it.
_DECIDE = """
import contextlib, io, sys
sys.argv = ["senpolicy", "decide", sys.argv[1]]
from senpolicy.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(*(one.__file__ for name, one in sys.modules.items() if name.split(".")[0] == "senpolicy"), sep="\\n")
"""


def figures(tree: Path) -> dict[str, int]:
    """Return how many modules `senpolicy decide` of one case reads, and how many lines they have."""
    found = modules(tree)
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in found)
    return {"modules that decide of one case loads": len(found), "lines that decide of one case loads": lines}


def modules(tree: Path) -> list[Path]:
    """Return the files of the engine that deciding one case reads; raises `RuntimeError` where nothing is decided."""
    cases = yaml.safe_load((tree / "tests" / "cases" / "every-route.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case.yaml"
        file.write_text(yaml.safe_dump(cases[:1]), encoding="utf-8")
        surroundings = {**os.environ, "PYTHONPATH": str(tree / "engine"), "XDG_CACHE_HOME": folder}
        for _ in range(2):
            words = [sys.executable, "-c", _DECIDE, str(file)]
            ran = subprocess.run(words, cwd=tree, env=surroundings, capture_output=True, text=True)
    if ran.returncode or "1 decided" not in ran.stderr:
        raise RuntimeError(f"No case was decided in {tree}: {ran.stderr}")
    return [Path(line) for line in ran.stdout.splitlines()]
