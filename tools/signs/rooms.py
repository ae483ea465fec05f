"""Which module imports which, as grimp reads it: the rooms, how high they are built, and who goes round in circles."""

from __future__ import annotations

import graphlib
import importlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import grimp

PACKAGE = "senpolicy"
#: The board's package, which older trees have as a room of the engine.
BOARD = "senpolicy_board"
Arrows = Mapping[str, set[str]]


def figures(tree: Path) -> dict[str, int]:
    """Return the figures of the signs about rooms.

    A room is a package, or a module that lies flat beside them. Imports within functions and those for types alone
    count as well; the steps that make a database do not, which nothing imports.
    """
    modules = _imports(tree / "engine")
    packages = {name.rpartition(".")[0] for name in modules} - {"", PACKAGE}
    home = {name: _room(name, packages) for name in modules}
    rooms: dict[str, set[str]] = {room: set() for room in home.values()}
    for name, imported in modules.items():
        rooms[home[name]] |= {home[other] for other in imported} - {home[name]}
    flat = {name for name in modules if name.rpartition(".")[0] == PACKAGE} - packages
    return {
        "flat modules": len(flat),
        "rooms": len(rooms),
        "floors": floors(rooms),
        "circles of modules": sum(len(one) > 1 for one in circles(modules)),
        "circles of rooms": sum(len(one) > 1 for one in circles(rooms)),
    }


def _imports(engine: Path) -> dict[str, set[str]]:
    """Return each module of the packages in this folder, with those of them that it imports."""
    packages = [name for name in (PACKAGE, BOARD) if (engine / name).is_dir()]
    sys.path.insert(0, str(engine))
    importlib.invalidate_caches()
    try:
        graph = grimp.build_graph(*packages, cache_dir=None)
    finally:
        sys.path.remove(str(engine))
    kept = {name for name in graph.modules if ".migrations" not in name}
    return {name: graph.find_modules_directly_imported_by(name) & kept for name in sorted(kept)}


def _room(name: str, packages: Iterable[str]) -> str:
    above = name.rpartition(".")[0]
    return name if name in packages or above in ("", PACKAGE) else above


def floors(rooms: Arrows) -> int:
    """Return how many rooms the longest chain of imports goes through, where a circle of rooms is one floor."""
    of = {room: circle for circle in circles(rooms) for room in circle}
    below = {circle: {of[other] for room in circle for other in rooms[room]} - {circle} for circle in of.values()}
    height: dict[frozenset[str], int] = {}
    for circle in graphlib.TopologicalSorter(below).static_order():
        height[circle] = 1 + max((height[other] for other in below[circle]), default=0)
    return max(height.values(), default=0)


def circles(arrows: Arrows) -> set[frozenset[str]]:
    """Return the groups of those that reach each other; who is in no circle is a group alone."""
    reached = {name: _reached(name, arrows) for name in arrows}
    return {frozenset({name} | {other for other in reached[name] if name in reached[other]}) for name in arrows}


def _reached(name: str, arrows: Arrows) -> set[str]:
    found: set[str] = set()
    waiting = list(arrows[name])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += arrows[other]
    return found
