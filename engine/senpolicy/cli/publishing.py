"""The command that writes the site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_group

from senpolicy.checking.opening import open_corpus
from senpolicy.cli import every_command
from senpolicy.cli.shared import Root, app, day_of, find_root, say, today
from senpolicy.files.problems import WrongUse
from senpolicy.site import publish as write_site


@app.command()
def publish(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")] = Path("build"),
    on: Annotated[
        str | None, typer.Option("--on", help="The day whose state the pages show where no script runs: 2026-09-01.")
    ] = None,
    root: Root = None,
) -> None:
    """Write the site's pages as Markdown, and the configuration that builds them.

    Hand-written pages come from docs/, all others from the policy. Nothing is fetched. In a browser a page shows what
    is so on the reader's own day.
    """
    top, commands = find_root(root), get_group(every_command())
    if not (top / "mkdocs.yml").is_file():
        raise WrongUse(f"There is no mkdocs.yml in '{top}'. It gives the site its name and lists its pages.")
    shown = day_of(on) if on else today()
    golden = top / "tests" / "golden"
    site = write_site(open_corpus(top), top / "docs", top / "mkdocs.yml", golden, out, commands, shown)
    say(f"{len(site.pages)} pages and {len(site.files)} further files written to {out}.")
    for name, why in site.left_out.items():
        say(f"Left out: {name}. {why}")
