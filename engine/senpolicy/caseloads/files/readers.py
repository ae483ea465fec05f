"""Starts the processes that read tables: one process loads what a reader needs, once, and forks itself for each table.

A reader has a process of its own all the same, with limits of its own, and nothing of any other table: the process from
which it comes reads none. So the second table of a run, or of a service, waits for no library to be loaded.
"""

from __future__ import annotations

import os
import signal
import socket  # noqa: TID251  Between two processes of this machine.
import subprocess
import sys
import threading
import weakref
from contextlib import suppress

#: The search path of this process is handed on, and nothing else: no setting of the environment reaches a reader.
_START = (
    "import sys; sys.path[:] = sys.argv[2:]; from senpolicy.caseloads.files.forks import serve; serve(int(sys.argv[1]))"
)
#: How long a reader that is ended may take to be gone, in seconds.
_GRACE = 5


class ForkedReader:
    """One reader at work: `output` is the file descriptor of what it says, line by line."""

    def __init__(self, output: int, line: socket.socket) -> None:
        self.output, self._line = output, line
        line.settimeout(_GRACE)

    def code(self) -> int:
        """Return with which exit code the reader has ended, minus a signal's number for one that ended it.

        It is ended where it does not end by itself.
        """
        with suppress(OSError, ValueError):
            return int(self._line.recv(16))
        self.end()
        return -signal.SIGKILL

    def end(self) -> None:
        """End the reader, whatever it does, and wait until it is gone."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
            while self._line.recv(16):
                pass

    def close(self) -> None:
        """End the reader, and close what leads to it."""
        self.end()
        self._line.close()
        os.close(self.output)


class Readers:
    """Starts readers, from one process that is started with the first of them."""

    def __init__(self, start: str = _START) -> None:
        self._start, self._lock = start, threading.Lock()
        self._channel: socket.socket | None = None
        self._owner = 0
        self._end: weakref.finalize[[socket.socket, subprocess.Popen[bytes]], Readers] | None = None

    def read(self, asked: str, file: int, spool: int) -> ForkedReader:
        """Start a reader of a file that is open, which writes what it read to another; both are file descriptors.

        What is `asked` of it is JSON: the kind of file, the rows of a part, the limits.
        """
        output, its_output = os.pipe()
        line, its_line = socket.socketpair()
        with its_line:
            try:
                with self._lock:
                    for _ in range(2):  # The process may have been stopped since the last table.
                        with suppress(BrokenPipeError, ConnectionResetError):
                            self._ask(asked.encode(), [file, spool, its_output, its_line.fileno()])
                            break
                        self._channel = None
            finally:
                os.close(its_output)
        return ForkedReader(output, line)

    def _ask(self, text: bytes, descriptors: list[int]) -> None:
        channel = self._open()
        socket.send_fds(channel, [len(text).to_bytes(4, "big")], descriptors)
        channel.sendall(text)

    def _open(self) -> socket.socket:
        # A process that was forked off this one begins its own.
        if self._channel is None or self._owner != os.getpid():
            self._channel, theirs = socket.socketpair()
            self._owner = os.getpid()
            with theirs:
                process = subprocess.Popen(
                    [sys.executable, "-I", "-X", "utf8", "-c", self._start, str(theirs.fileno()), *sys.path],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,  # Who stops this process by the keyboard is answered by this one.
                )
            if self._end:
                self._end()  # Of one that was stopped nothing is left behind.
            self._end = weakref.finalize(self, _ended, self._channel, process)
        return self._channel


def _ended(channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
    channel.close()
    process.kill()
    process.wait()
