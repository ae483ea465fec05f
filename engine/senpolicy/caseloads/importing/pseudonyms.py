"""References for pupils whose file has none that may be passed on: running numbers, from a key file of the school's.

The key file holds a keyed hash for each pupil, and the number that was given: neither a pupil number nor a name.
Whoever holds the file can tell which number is whose, by a list of pupils or by trying all numbers. So it stays with
the school.
"""

from __future__ import annotations

import hmac
import json
import secrets
from pathlib import Path

from senpolicy.files.problems import Place, PolicyError, Problem, shown_name

ABOUT = "Keep this file. With it each reference can be traced to a pupil. Do not pass it on."


class Pseudonyms:
    """Gives each pupil a reference: the same one as before where a key file says so.

    `held` is how many pupils the key file knew, `met` how many of them have been asked about since.
    """

    def __init__(self, path: Path | None = None, prefix: str = "P") -> None:
        """Read a key file, where there is one; raises `PolicyError` where it is not one."""
        self._path, self._prefix = path, prefix
        self._secret, self._given = secrets.token_hex(32), dict[str, int]()
        if path is not None and path.is_file():
            try:
                held = json.loads(path.read_text(encoding="utf-8"))
                self._secret = str(held["secret"])
                self._given = {str(key): int(number) for key, number in held["references"].items()}
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                help = "Name the key file that an earlier import wrote, or a new name to begin one."
                raise PolicyError(
                    [Problem(Place(shown_name(path)), "no-keys", "This is not a key file.", help)]
                ) from None

        self.held, self.met = len(self._given), 0

    def of(self, pupil: str) -> str:
        """Return the reference of a pupil, by what tells who it is; the next number where it has none yet."""
        key = hmac.digest(self._secret.encode(), pupil.encode(), "sha256").hex()
        number = self._given.setdefault(key, len(self._given) + 1)
        self.met += number <= self.held
        return f"{self._prefix}-{number}"

    def text(self) -> str:
        """Return the key file's text."""
        held = {"about": ABOUT, "secret": self._secret, "references": self._given}
        return json.dumps(held, indent=1) + "\n"
