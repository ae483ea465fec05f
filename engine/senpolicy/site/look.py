"""The colours of the site, in one place: each style begins with them, and holds none of its own that another has."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("assets") / "colours.yaml"

#: The handbook's builder lets its reader choose; all other pages follow the screen, and print as on a light one.
HANDBOOK_DARK = '[data-md-color-scheme="slate"]'
#: Where the handbook's configuration looks for them.
HANDBOOK = "assets/stylesheets/colours.css"


@cache
def _pairs() -> dict[str, tuple[str, str]]:
    read: dict[str, list[str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: (light, dark) for name, (light, dark) in read.items()}


def colours(dark: str = "") -> str:
    """Return the colours as a style: the light ones, and the dark ones under the selector `dark`.

    Without one the dark colours are for a dark screen. Each is a variable, such as `--sen-ink`.
    """
    light, other = (_block(place) for place in (0, 1))
    under = (
        f"{dark} {{\n{other}}}" if dark else f"@media screen and (prefers-color-scheme: dark) {{ :root {{\n{other}}} }}"
    )
    return f":root {{\n{light}}}\n{under}\n"


def _block(place: int) -> str:
    return "".join(f"  --sen-{name}: {pair[place]};\n" for name, pair in _pairs().items())
