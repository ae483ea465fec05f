"""The page on which a school reads and models its own list, as it is built; `make browser` tries it in a browser."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re

import pytest

from golden_files import ROOT, decider
from senpolicy.files.problems import WrongUse
from senpolicy.policy import corpus
from senpolicy.policy.timeline import Policy
from senpolicy.policy.timeline import policy as policy_of
from senpolicy.site import school_tool

#: The kept libraries, as their authors published them: umd/index.js of fflate, dist/js-yaml.min.js of js-yaml.
PUBLISHED = {
    "fflate-0.8.2": "c3b34f2e9f5e74d4d7d64e01cac7a0c01954c6c406414d42185c7b53d6875ddf",
    "js-yaml-4.1.1": "0de3dec92d20eab9e0b46a5d928cd45ec025d73e348ddf458dbfb01da00cb473",
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return decider(ROOT, None, "all").policy


@pytest.fixture(scope="module")
def page(policy: Policy) -> str:
    return school_tool.page(policy).decode()


def test_the_page_weighs_no_more_than_is_recorded_for_it(page: str) -> None:
    """It cannot load anything later, so it is not within the bound of the other pages (record 39)."""
    sent = page.encode()
    assert (len(sent) < 500_000, len(gzip.compress(sent, 9)) < 130_000) == (True, True)


@pytest.mark.parametrize("name", school_tool.LIBRARIES)
def test_a_kept_library_is_the_published_file_and_its_licence_is_in_the_page(page: str, name: str) -> None:
    library = school_tool.KEPT / f"{name}.min.js"
    assert hashlib.sha256(library.read_bytes()).hexdigest() == PUBLISHED[name]
    assert (school_tool.KEPT / f"{name}.LICENSE.txt").read_text(encoding="utf-8") in page


def test_a_browser_is_told_to_run_these_scripts_alone_and_to_ask_for_nothing(page: str) -> None:
    [told] = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    allowed = dict(part.split(" ", 1) for part in told.split("; "))
    scripts = re.findall(r"<script(?: id=\"engine\")?>(.*?)</script>", page, re.S)
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert allowed["script-src"] == " ".join(f"'sha256-{one}'" for one in digests)
    assert len(scripts) == 2
    assert allowed["default-src"] == allowed["connect-src"] == allowed["form-action"] == allowed["base-uri"] == "'none'"
    # Nothing in it could ask either: neither a source nor an address of another host, but for names of formats.
    assert not re.search(r"<(?:img|link|iframe|object|embed|audio|video)\b|\bsrc=", page)
    assert set(re.findall(r"https?://[^\s\"'`)]+", page)) <= {
        "http://x/xl/", "https://github.com/nodeca/js-yaml", "http://www.w3.org/2000/svg", "http://schemas.openxmlformats.org",
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    }  # fmt: skip


def test_the_data_of_the_page_is_plain_and_knows_every_flag_and_fact_of_the_imports(page: str) -> None:
    [text] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    data = json.loads(text)
    facts = {one["name"] for one in data["policy"]["facts"]}
    assert {name for name, _ in data["imports"]["facts"]} <= facts
    assert {name for _, name in data["imports"]["headings"]} <= facts
    assert data["imports"]["limits"]["transition_start"][-1][1] == "2025-04-01"
    codes = [code for codes in data["imports"]["lists"].values() for _, code in codes]
    assert {one["flag"] for one in codes if "flag" in one} <= data["imports"]["flags"].keys()


def test_a_policy_that_does_not_say_how_files_are_read_has_no_such_page() -> None:
    with pytest.raises(WrongUse, match="does not say how files are read"):
        school_tool.page(policy_of(corpus.load(ROOT / "tests" / "toy")))
