"""The templates of reports that are one HTML page each."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


def page_template(name: str, **filters: Callable[..., str]) -> Template:
    """Return a template of this room with further filters by name; it escapes whatever a file holds."""
    environment = Environment(
        loader=PackageLoader("senpolicy.caseloads", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment.get_template(name)
