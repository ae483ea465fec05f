"""The board as a web application on this machine, as `senpolicy board` starts it."""

from __future__ import annotations

import logging

import waitress

from senpolicy.cli.shared import say
from senpolicy_board.pages.app import create_app
from senpolicy_board.settings import Settings

#: How many requests are worked on at a time.
_THREADS = 12


def serve(host: str, port: int, settings: Settings) -> None:
    """Serve the board at a host and port until it is told to stop."""
    application = create_app(settings)
    application.board.figures.start()
    say(f"The board is at http://{host}:{port}/ until you press Ctrl+C.")
    # No access log: it would keep who looked at what outside the trail. Nor is it told how many wait.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waitress.serve(
        application, host=host, port=port, threads=_THREADS, ident=None,
        max_request_body_size=settings.most_upload + 100_000,
    )  # fmt: skip
