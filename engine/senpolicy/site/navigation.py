"""The navigation of both sites: that of mkdocs.yml, with each folder that it names opened out into its pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

#: A page, a folder, or either or several under a title.
Entry: TypeAlias = "str | dict[str, str | list[Entry]]"


class _Loader(yaml.SafeLoader):
    """Reads a configuration of MkDocs; tags that name Python objects are not followed."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)


@dataclass(frozen=True)
class Contents:
    """What stands in which site: the navigation of the handbook, as MkDocs takes it, and that of the schools' site.

    `schools` is empty where mkdocs.yml has none; every page is then one of the handbook. `name` is that of the site,
    `audience` whom the schools' site is for, `handbook_home` the page of the handbook to which it leads, and `address`
    where the whole is to be served; the last three are empty where mkdocs.yml does not say.
    """

    handbook: list[Entry]
    schools: list[Entry]
    name: str
    audience: str
    handbook_home: str
    address: str

    @property
    def school_pages(self) -> list[str]:
        """Return the pages of the schools' site, in their order."""
        return list(named(self.schools))


def contents(config: Path, pages: list[str]) -> Contents:
    """Return the navigation of a mkdocs.yml, its folders opened out; that for schools is `extra: schools: nav`.

    An entry that ends in a slash is a folder, and stands for its pages that neither navigation names itself: its index
    first, then the others in their order, then what lies in folders below. A folder without pages is left out.
    """
    read = yaml.load(config.read_text(encoding="utf-8"), Loader=_Loader)
    schools = (read.get("extra") or {}).get("schools") or {}
    entries = [read.get("nav") or [], schools.get("nav") or []]
    listed = {one for of in entries for one in named(of)}
    folders = sorted((one for one in listed if one.endswith("/")), key=len)
    # A page belongs to the innermost folder that is named.
    inside = {page: [one for one in folders if page.startswith(one)][-1:] for page in pages if page not in listed}
    left = {folder: [page for page, of in inside.items() if of == [folder]] for folder in folders}
    handbook, own = (_opened(of, left) for of in entries)
    return Contents(handbook, own, schools.get("name") or "", schools.get("audience") or "",
                    schools.get("handbook") or "", read.get("site_url") or "")  # fmt: skip


def named(entries: list[Entry]) -> Iterator[str]:
    """Yield the pages and folders that a navigation names, in their order."""
    for entry in entries:
        value = next(iter(entry.values())) if isinstance(entry, dict) else entry
        if isinstance(value, list):
            yield from named(value)
        else:
            yield value


def _opened(entries: list[Entry], pages: dict[str, list[str]]) -> list[Entry]:
    done: list[Entry] = []
    for entry in entries:
        title, value = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
        if isinstance(value, list):
            done.append({title: _opened(value, pages)})
        elif value.endswith("/"):
            inside = _below(value, pages[value])
            if inside:
                done += [{title: inside}] if title else inside
        else:
            done.append(entry)
    return done


def _below(folder: str, pages: list[str]) -> list[Entry]:
    here = [page for page in pages if page.startswith(folder) and "/" not in page[len(folder) :]]
    here.sort(key=lambda page: not page.endswith("/index.md"))
    deeper = dict.fromkeys(page[len(folder) :].split("/")[0] for page in pages if page.startswith(folder)
                           and "/" in page[len(folder) :])  # fmt: skip
    folders: list[Entry] = [{_title(one): _below(f"{folder}{one}/", pages)} for one in deeper]
    return [*here, *folders]


def _title(folder: str) -> str:
    return folder[:1].upper() + folder[1:].replace("-", " ")


def written(config: Path, nav: list[Entry]) -> str:
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
