"""The board as a web application on this machine, as `senpolicy board` starts it."""

from __future__ import annotations

import uvicorn

from senpolicy.cli.shared import say
from senpolicy_board.pages.app import create_app
from senpolicy_board.settings import Settings


def serve(host: str, port: int, settings: Settings) -> None:
    """Serve the board at a host and port until it is told to stop."""
    application = create_app(settings)
    say(f"The board is at http://{host}:{port}/ until you press Ctrl+C.")
    # No access log: it would keep who looked at what outside the trail.
    uvicorn.run(
        application, host=host, port=port, access_log=False, log_level="warning", server_header=False,
        proxy_headers=False,
    )  # fmt: skip
