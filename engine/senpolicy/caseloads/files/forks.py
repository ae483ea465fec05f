"""The process from which readers come: it has loaded what they need, reads no table itself, and knows of no policy."""

from __future__ import annotations

import os
import selectors
import signal
import socket  # noqa: TID251  Between two processes of this machine.
from contextlib import suppress

# What a reader imports when it needs it is here already for each that is forked.
from senpolicy.caseloads.files import grids, reader, workbook

__all__ = ["grids", "serve", "workbook"]


def serve(channel: int) -> None:
    """Fork a reader for each table that is asked for, tell how each ends, and end with the process that asks."""
    _Forks(socket.socket(fileno=channel)).run()


class _Forks:
    """The readers that are at work, each with the line on which is told how it ends."""

    def __init__(self, asking: socket.socket) -> None:
        self.asking = asking
        self.running: dict[int, socket.socket] = {}
        self.woken, wake = socket.socketpair()
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.detach())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector = selectors.DefaultSelector()
        for one in (asking, self.woken):
            self.selector.register(one, selectors.EVENT_READ)

    def run(self) -> None:
        """Go on until the process that asks is gone; what is still being read is then ended."""
        asked = True
        while asked:
            for key, _ in self.selector.select():
                if key.fileobj is self.asking:
                    asked = self.begin()
                elif key.fileobj is self.woken:
                    self.woken.recv(1024)
                    self.tell_ends()
                elif key.data in self.running:  # Nobody waits for this one any more.
                    self.selector.unregister(key.fileobj)
                    os.kill(key.data, signal.SIGKILL)
        for pid in self.running:
            os.kill(pid, signal.SIGKILL)

    def begin(self) -> bool:
        """Fork a reader for the next table that is asked for; return whether there was one."""
        head, fds, _, _ = socket.recv_fds(self.asking, 4, 4)
        if len(fds) < 4:
            return False
        file, spool, output, line = fds
        asked = self.asking.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
        pid = os.fork()
        if not pid:
            try:
                signal.set_wakeup_fd(-1)
                os.setsid()
                os.dup2(output, 1)
                self.selector.close()
                for one in (self.asking, self.woken, *self.running.values()):
                    one.close()
                for number in (output, line):
                    os.close(number)
                reader.main(asked, file, spool)
            finally:
                os._exit(1)
        for number in (file, spool, output):
            os.close(number)
        self.running[pid] = socket.socket(fileno=line)
        self.selector.register(self.running[pid], selectors.EVENT_READ, pid)
        return True

    def tell_ends(self) -> None:
        """Tell of each reader that has ended with which exit code it did."""
        for pid in [*self.running]:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                with self.running.pop(pid) as line, suppress(OSError):
                    with suppress(KeyError):
                        self.selector.unregister(line)
                    line.sendall(str(os.waitstatus_to_exitcode(status)).encode())
