"""The commands at a real terminal: a pseudo-terminal of this machine, with a person's answers typed into it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

#: How long a command may take to its next question. A slow machine that others use too needs some of it.
PATIENCE = 120.0
CTRL_C = "\x03"


def talk(words: Sequence[str], answers: Sequence[tuple[str, str]], folder: Path) -> tuple[int, str]:
    """Return the exit status of a command, and all that it showed, when each question gets the answer beside it.

    `answers` are what the command shows last before it waits, and what is typed then. A question that does not come is
    an `AssertionError` with what was shown. The command runs in `folder`.
    """
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from senpolicy.cli import program; program()", *words]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, start_new_session=True,
                               preexec_fn=_take_terminal, env={**os.environ, "NO_COLOR": "1"})  # fmt: skip
    os.close(theirs)
    shown = ""
    try:
        for question, answer in answers:
            after = len(shown)
            shown = _until(ours, shown, question, after)
            if answer == CTRL_C:
                time.sleep(0.5)  # No person is so quick that the command does not wait yet.
            os.write(ours, (answer if answer == CTRL_C else f"{answer}\n").encode())
        shown = _until(ours, shown, None, 0)
        return process.wait(PATIENCE), shown.replace("\r\n", "\n")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _take_terminal() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # A test run in the background may ignore what a person would press.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _until(terminal: int, shown: str, question: str | None, after: int) -> str:
    """Read on until the question has been shown after a place, or to the end without one."""
    end = time.monotonic() + PATIENCE
    while question is None or question not in shown[after:]:
        ready, _, _ = select.select([terminal], [], [], max(end - time.monotonic(), 0))
        assert ready, f"waited for {question!r} and saw: {shown}"
        try:
            read = os.read(terminal, 65536)
        except OSError:  # What Linux says once the other side has gone.
            read = b""
        if not read:
            assert question is None, f"ended before {question!r}: {shown}"
            return shown
        shown += read.decode(errors="replace")
    return shown
