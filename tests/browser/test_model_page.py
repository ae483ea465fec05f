"""The page of a model as a school sees it: on a desk and on a phone, and all by itself."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Page

from golden_files import ROOT, decider
from senpolicy.caseloads import school_report as report
from senpolicy.caseloads.population import simulate
from senpolicy.caseloads.run import open_caseload
from senpolicy.caseloads.school_model import model
from senpolicy.policy import corpus


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a few schools of one made county, with a scenario laid over it."""
    folder = tmp_path_factory.mktemp("model")
    population = simulate(corpus.load(ROOT), 400, random.Random(4))
    (folder / "pupils.csv").write_text(population.to_csv(), encoding="utf-8")
    policy = decider(ROOT, None, "all", "illustrative").policy
    found = model(open_caseload(folder / "pupils.csv"), policy, by="sex", verify=0)
    (folder / "report.html").write_text(report.html(found), encoding="utf-8")
    return folder / "report.html"


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_nothing_runs_off_the_side_and_nothing_is_asked_for(page: Page, made: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(made.as_uri())

    assert asked == [made.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for box in page.locator("svg.bar").all():
        seen = box.bounding_box()
        assert seen is not None
        assert seen["x"] >= 0
        assert seen["x"] + seen["width"] <= width


def test_each_chart_is_told_to_a_screen_reader_and_each_table_has_a_name(page: Page, made: Path) -> None:
    page.goto(made.as_uri())

    charts, tables = page.get_by_role("img").all(), page.get_by_role("table").all()
    assert len(charts) > 5
    assert len(tables) > 5
    assert all(chart.get_attribute("aria-label") for chart in charts)
    assert page.locator("table:not(:has(caption))").count() == 0
