"""The site for schools, readers who check, officers and developers, made from the policy that decides.

Plain Markdown with tables in HTML: what builds the handbook of it is a detail, and the schools' site needs no builder.
Hand-written pages stand in docs/; one that ends in
.md.j2 has slots. This package knows the policy only by its files: every word that is particular to a council comes from
them, or from docs/.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from senpolicy.files.problems import WrongUse
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import policy as policy_of
from senpolicy.site import (
    calculator,
    changes,
    look,
    navigation,
    policy_pages,
    reference_pages,
    school_pages,
    school_site,
    school_tool,
    trust_pages,
)
from senpolicy.site.budget_example import budget_example
from senpolicy.site.golden import golden_cases
from senpolicy.site.pages import Site
from senpolicy.site.today import Today

#: The map of both sites, for search engines.
SITEMAP = "sitemap.xml"


def publish(corpus: Corpus, docs: Path, config: Path, golden: Path, out: Path, commands: Any, today: date) -> Site:
    """Write the pages below `out`/docs and the configuration that builds them to `out`/mkdocs.yml; return the site.

    Pages of the schools' site are written as HTML that is ready to read, those of the handbook as Markdown. `docs`
    holds the hand-written pages, `config` is the mkdocs.yml whose navigation they stand in, `golden` the folder of
    golden cases, `commands` the group of all commands, for the page that lists them. `today` is the day whose state
    the pages show where no script runs. What `out`/docs held is taken away first. Raises `WrongUse` for a page of which
    there are two, a page for schools without a heading or description of its own, or a folder that is not the site's.
    """
    site = made(corpus, docs, golden, commands, today)
    contents = navigation.contents(config, list(site.pages))
    ready = school_site.files(site, contents) if contents.schools else {}
    if contents.address:
        ready[SITEMAP] = school_site.sitemap(contents.address, addresses(site)).encode()
    else:
        site.left_out[SITEMAP] = "It holds whole addresses: give yours as site_url in mkdocs.yml."
    site.write(out / "docs", school_site.handbook(site, contents), ready)
    calculator.write(site.policy, out / "docs" / "assets" / "calculator")
    text = navigation.written(config, contents.handbook)
    (out / "mkdocs.yml").write_text(text, encoding="utf-8")
    return site


def addresses(site: Site) -> list[str]:
    """Return the path of every page of both sites, below the address at which they are served."""
    pages = [f"{name.removesuffix('.md')}.html" for name in site.pages]
    return [*pages, *(name for name in site.files if name.endswith(".html"))]


def made(corpus: Corpus, docs: Path, golden: Path, commands: Any, today: date) -> Site:
    """Return the site with every page, nothing written yet."""
    order: Any = corpus.files["policy/decisions.yaml"]
    site = Site(corpus, policy_of(corpus), Today(today), docs=docs)
    site.shared |= {"assumption": order.assumption}
    school_pages.add(site, docs)
    site.shared["budget_example"] = budget_example(site.policy, docs / "how-to" / "illustrative-communities.csv")
    trust_pages.prepare(site)
    cases = golden_cases(corpus, golden)
    site.shared["golden_count"] = len(cases)
    site.shared["meanings"] = school_site.words_of(docs)
    changes.add(site)
    site.written(docs)
    site.files[look.HANDBOOK] = look.colours(look.HANDBOOK_DARK).encode()
    try:
        site.files[school_tool.PAGE] = school_tool.page(site.policy)
    except WrongUse as error:
        site.left_out[school_tool.PAGE] = str(error)
    policy_pages.add(site, cases)
    reference_pages.add(site, reference_pages.commands_of(commands))
    return site
