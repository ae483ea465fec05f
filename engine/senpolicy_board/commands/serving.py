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
    # A proxy says from where somebody asks, by which guesses at passwords are counted; nobody else is believed.
    proxy = {"trusted_proxy": "*", "trusted_proxy_headers": {"x-forwarded-for"}} if settings.secure else {}
    waitress.serve(
        application, host=host, port=port, threads=_THREADS, ident=None, clear_untrusted_proxy_headers=True,
        max_request_body_size=settings.most_upload + 100_000, **proxy,
    )  # fmt: skip
