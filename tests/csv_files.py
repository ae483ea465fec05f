"""The small CSV files on which the command's reader and that of the calculator's page must agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from golden_files import ROOT
from senpolicy.caseloads import run as caseload
from senpolicy.deciding.cases import Refused
from senpolicy.files.problems import PolicyError
from senpolicy.policy.timeline import Policy

FOLDER = ROOT / "tests" / "faulty" / "csv"
#: What becomes of each file: by row the reference or why it is refused, or what is wrong with the whole file.
EXPECTED: dict[str, Any] = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))


def by_command(path: Path, policy: Policy) -> Any:
    """Return what the command makes of a caseload, in the form of `EXPECTED`."""
    try:
        rows = list(caseload.cases(caseload.open_caseload(path), policy))
    except PolicyError as error:
        return sorted({problem.code for problem in error.problems})
    if not rows:
        return ["empty"]
    return {
        case.row: sorted(problem.code for problem in case.problems) if isinstance(case, Refused) else case.ref
        for case, _ in rows
    }


#: What the page makes of files in base64, in the same form; a JSON object has no numbers as keys.
IN_PAGE = """
(policy, files) => files.map((file) => {
  try {
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    const rows = senpolicyList.read(policy, senpolicyList.decoded(bytes));
    return Object.fromEntries(rows.map((row) =>
      [row.number, row.problems ? row.problems.map((one) => one.code).sort() : row.ref]));
  } catch (error) {
    if (!error.codes) throw error;
    return [...new Set(error.codes)].sort();
  }
})
"""
