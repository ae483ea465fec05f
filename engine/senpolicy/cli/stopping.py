"""Stopping in order: what a command does that is asked to stop before its end."""

from __future__ import annotations

import _thread
import signal
import sys
import threading

from senpolicy.cli.shared import say


def stop_in_order() -> None:
    """Have a command that is asked to stop (SIGTERM) clear away what it has begun, say so, and end with status 143."""

    def stopped(*_: object) -> None:
        say("Stopped before the end; nothing was written.")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        # Where it came while a library let go of something, the exit goes no further than that: it is asked for again.
        sys.unraisablehook = lambda _: threading.Timer(0.01, _thread.interrupt_main, [signal.SIGTERM]).start()
        sys.exit(143)

    signal.signal(signal.SIGTERM, stopped)
