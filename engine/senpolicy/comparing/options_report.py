"""Options side by side as one page that asks for nothing else."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from senpolicy.comparing.options import SAYS, Options


def html(found: Options) -> str:
    """Return the options over one caseload as one HTML page."""
    environment = Environment(
        loader=PackageLoader("senpolicy.caseloads", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("options.html.j2").render(found=found, says=SAYS)
