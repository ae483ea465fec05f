"""The pages of a tariff and of the years of budgets at a glance: on a desk and on a phone, and all by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from senpolicy.caseloads.glance_report import html as glance_page
from senpolicy.comparing.tariff_report import html as tariff_page
from test_glance import made as years
from test_tariff import twice_the_example
from test_workbook import made as tariff


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return both pages, of made schools and Communities, and that of a plan with further fields."""
    folder = tmp_path_factory.mktemp("money")
    made = {
        "tariff": tariff_page([tariff(1)]),
        "further": tariff_page([twice_the_example()]),
        "years": glance_page(years(folder / "claims", 1)),
    }
    for name, page in made.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("name", ["tariff", "further", "years"])
def test_nothing_runs_off_the_side_and_nothing_is_asked_for(
    page: Page, pages: dict[str, Path], name: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri())
    assert asked == [pages[name].as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["tariff", "further"])
def test_no_table_is_cut_off_in_print(page: Page, pages: dict[str, Path], name: str) -> None:
    """A page of A4 with Chromium's margins is 718 pixels wide; what is wider is cut off or shrinks all else."""
    page.set_viewport_size({"width": 718, "height": 900})
    page.emulate_media(media="print")
    page.goto(pages[name].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 718


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
