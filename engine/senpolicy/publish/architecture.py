"""The layers of the code as a drawing and a table, from the contract by which import-linter holds them apart."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from senpolicy.problems import WrongUse
from senpolicy.publish.drawings import Storey, stack
from senpolicy.publish.html import joined, table

#: Where a hand-written page wants the drawing and the table.
MARK = "<!-- layers -->"
#: The layers from the top, in the order of the contract: what each is called, what it is for, what goes in or out.
LAYERS = (
    ("Faces", "what people use", "out: decisions with reasons, pages, reports"),
    ("Uses", "many decisions, two versions, proofs", ""),
    ("Deciding", "from a case to answers with reasons", "in: a case"),
    ("Readings", "one condition, read in several ways", ""),
    ("Policy", "what is in force, and what is wrong with it", ""),
    ("Words", "what files may say, each with its place", "in: policy/, rules/, descriptors/"),
    ("Ground", "a problem, and where it stands", ""),
)
#: The modules through which every decision passes.
CORE = ("source", "model", "corpus", "timeline", "conditions", "judge", "fire", "durable", "decide")
#: So many names of a layer are drawn; the table has them all.
MOST = 6


def layers(project: Path) -> list[list[str]]:
    """Return the modules of each layer from the top, as a pyproject.toml gives them to import-linter.

    The layer of the readings is opened out into its modules. Raises `WrongUse` where there are not as many layers as
    have a name here.
    """
    contracts = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    of = {one["id"]: [_names(layer) for layer in one["layers"]] for one in contracts if "layers" in one}
    found = [of["readings"][0] + of["readings"][1] if layer == ["readings"] else layer for layer in of["layers"]]
    if len(found) != len(LAYERS):
        raise WrongUse(
            f"'{project.name}' has {len(found)} layers, and {len(LAYERS)} have a name in {Path(__file__).name}."
        )
    return found


def _names(layer: str) -> list[str]:
    return [one.strip(" ()") for one in re.split(r"[:|]", layer)]


def drawn(project: Path) -> Markup:
    """Return the drawing of the layers, and the table that says the same."""
    found = layers(project)
    storeys = [
        Storey(name, says, _drawn_names(modules), beside)
        for (name, says, beside), modules in zip(LAYERS, found, strict=True)
    ]
    said = " ".join(
        f"{place}. {name}: {says}{'; ' + beside if beside else ''}."
        for place, (name, says, beside) in enumerate(LAYERS, 1)
    )
    heads = ["Layer", "What it is for", "Modules"]
    rows = [
        [name, f"{says[:1].upper()}{says[1:]}.{' ' + beside[:1].upper() + beside[1:] + '.' if beside else ''}",
         joined(_code(one) for one in modules)]
        for (name, says, beside), modules in zip(LAYERS, found, strict=True)
    ]  # fmt: skip
    picture = stack("layers", "The layers of the code, the highest first", said, storeys)
    return Markup("\n\n").join([picture, table("The layers, the highest first", heads, rows)])


def _drawn_names(modules: Sequence[str]) -> list[str]:
    first = [one for one in modules if one in CORE] or list(modules[:MOST])
    more = len(modules) - len(first)
    return [*first, f"and {more} more"] if more else first


def _code(module: str) -> Markup:
    of_core = module in CORE
    return Markup("<strong><code>{}</code></strong>" if of_core else "<code>{}</code>").format(module)
