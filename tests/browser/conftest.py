"""Chromium for the tests that need a browser. Whatever a page asks of another host fails the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
HERE = ("file:", "data:", "blob:", "about:", "http://127.0.0.1", "http://localhost")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Return an empty page that fails on an error in a script, and on a request to another host."""
    wrong: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith(HERE):
            wrong.append(f"asked another host: {request.url}")

    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.on("request", asked)
    page.on("pageerror", lambda error: wrong.append(f"a script failed: {error}"))
    yield page
    context.close()
    assert not wrong


# Playwright keeps a loop in the thread of a test, in which nothing waits for the database but the test itself.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
