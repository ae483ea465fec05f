"""The command that writes the site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_group

from senpolicy.checking.opening import open_corpus
from senpolicy.cli import every_command
from senpolicy.cli.shared import Root, app, find_root, say
from senpolicy.files.problems import WrongUse
from senpolicy.site import publish as write_site


@app.command()
def publish(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")] = Path("build"),
    root: Root = None,
) -> None:
    """Write the site's pages as Markdown, and the configuration that builds them.

    Hand-written pages come from docs/, all others from the policy. Nothing is fetched.
    """
    top, commands = find_root(root), get_group(every_command())
    if not (top / "mkdocs.yml").is_file():
        raise WrongUse(f"There is no mkdocs.yml in '{top}'. It gives the site its name and lists its pages.")
    site = write_site(open_corpus(top), top / "docs", top / "mkdocs.yml", top / "tests" / "golden", out, commands)
    say(f"{len(site.pages)} pages and {len(site.files)} further files written to {out}.")
