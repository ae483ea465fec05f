"""The pages of a tariff and of the years of budgets at a glance: on a desk and on a phone, and all by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from senpolicy.caseloads.glance_report import html as glance_page
from senpolicy.comparing.tariff_report import html as tariff_page
from test_glance import made as years
from test_workbook import made as tariff


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return both pages, of made schools and Communities."""
    folder = tmp_path_factory.mktemp("money")
    for name, page in (("tariff", tariff_page([tariff(1)])), ("years", glance_page(years(folder / "claims", 1)))):
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in ("tariff", "years")}


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("name", ["tariff", "years"])
def test_nothing_runs_off_the_side_and_nothing_is_asked_for(
    page: Page, pages: dict[str, Path], name: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri())
    assert asked == [pages[name].as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["tariff", "years"])
def test_each_chart_is_told_to_a_screen_reader_and_each_table_has_a_name(
    page: Page, pages: dict[str, Path], name: str
) -> None:
    page.goto(pages[name].as_uri())
    charts, tables = page.get_by_role("img").all(), page.get_by_role("table").all()
    assert len(charts) > 5
    assert len(tables) > 2
    assert all(chart.get_attribute("aria-label") for chart in charts)
    assert page.locator("table:not(:has(caption))").count() == 0
