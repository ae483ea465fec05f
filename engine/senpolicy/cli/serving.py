"""The command that answers other systems over HTTP: serve."""

from __future__ import annotations

from typing import Annotated

import typer

from senpolicy.cli.shared import Root, app, find_root, say, without_board


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8400,
    root: Root = None,
) -> None:
    """Answer other systems over HTTP: decide, explain, timeline, budgets, tariff. It keeps and logs nothing."""
    try:
        import uvicorn

        from senpolicy.cli.http import application  # Its libraries are those of the board.
    except ImportError:
        raise without_board("The server") from None
    made_app = application(find_root(root))
    say(f"Listening on http://{host}:{port}; what it answers is described at /openapi.json. Stop it with Ctrl+C.")
    # An access log would hold the options of requests, and a request may hold what it should not.
    uvicorn.run(made_app, host=host, port=port, log_level="warning", access_log=False, server_header=False)
