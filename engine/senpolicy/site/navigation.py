"""The navigation of the site: that of mkdocs.yml, with each folder that it names opened out into its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Reads a configuration of MkDocs; tags that name Python objects are not followed."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)


def opened(config: Path, pages: list[str]) -> list[Any]:
    """Return the navigation of a mkdocs.yml, its folders opened out.

    An entry that ends in a slash is a folder, and stands for its pages that the navigation does not name itself: its
    index first, then the others in their order, then what lies in folders below. A folder without pages is left out.
    """
    read = yaml.load(config.read_text(encoding="utf-8"), Loader=_Loader)
    entries = read.get("nav") or []
    named = set(_named(entries))
    folders = sorted((one for one in named if one.endswith("/")), key=len)
    # A page belongs to the innermost folder that is named.
    inside = {page: [one for one in folders if page.startswith(one)][-1:] for page in pages if page not in named}
    left = {folder: [page for page, of in inside.items() if of == [folder]] for folder in folders}
    return _opened(entries, left)


def _named(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        value = next(iter(entry.values())) if isinstance(entry, dict) else entry
        if isinstance(value, list):
            yield from _named(value)
        else:
            yield value


def _opened(entries: list[Any], pages: dict[str, list[str]]) -> list[Any]:
    done: list[Any] = []
    for entry in entries:
        title, value = next(iter(entry.items())) if isinstance(entry, dict) else (None, entry)
        if isinstance(value, list):
            done.append({title: _opened(value, pages)})
        elif value.endswith("/"):
            inside = _below(value, pages[value])
            if inside:
                done += inside if title is None else [{title: inside}]
        else:
            done.append(entry)
    return done


def _below(folder: str, pages: list[str]) -> list[Any]:
    here = [page for page in pages if page.startswith(folder) and "/" not in page[len(folder) :]]
    here.sort(key=lambda page: not page.endswith("/index.md"))
    deeper = dict.fromkeys(page[len(folder) :].split("/")[0] for page in pages if page.startswith(folder)
                           and "/" in page[len(folder) :])  # fmt: skip
    return [*here, *({_title(one): _below(f"{folder}{one}/", pages)} for one in deeper)]


def _title(folder: str) -> str:
    return folder[:1].upper() + folder[1:].replace("-", " ")


def written(config: Path, nav: list[Any]) -> str:
    """Return the text of a mkdocs.yml with this navigation, and folders beside itself.

    All else stands as it is written there: what MkDocs inherits from another file, other builders read otherwise.
    """
    text = config.read_text(encoding="utf-8")
    root = yaml.compose(text, Loader=_Loader)
    lines = text.splitlines()
    starts = [(key.value, key.start_mark.line) for key, _ in root.value] if isinstance(root, yaml.MappingNode) else []
    kept = lines[: starts[0][1]] if starts else []
    for (key, start), (_, end) in zip(starts, [*starts[1:], ("", len(lines))], strict=True):
        if key not in ("nav", "docs_dir", "site_dir"):
            kept += lines[start:end]
    own = {"docs_dir": "docs", "site_dir": "site", "nav": nav}
    return "\n".join([*kept, yaml.safe_dump(own, sort_keys=False, allow_unicode=True, width=110)])
