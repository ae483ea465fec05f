"""The board in a real browser: the whole walk by keyboard and mouse, every page for everybody, and what a kill leaves.

`make browser` runs these. They need Debian's Chromium, and axe-core from npm, which the target fetches.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import waitress
from playwright.sync_api import Browser, Page

import test_board_consistency as consistency
import test_board_evidence as evidence
import test_board_runs as runs
import test_board_standardisation as seeds
from board_app import AREAS, PASSWORD, TOKEN, Running, caseload, copied, faults, running
from golden_files import ROOT
from senpolicy_board import trail
from senpolicy_board.store import Store
from senpolicy_board.tables import BoardCase, Meeting, Scoring, Seed, TrailEntry

pytestmark = pytest.mark.browser

AXE = ROOT / ".axe/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1280, 320)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(board: Running) -> Iterator[str]:
    """The address of a board, served from a thread of this process."""
    port = free_port()
    server = waitress.create_server(board.app, host="127.0.0.1", port=port, threads=12)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.close()
    thread.join(10)


def signed_in(chromium: Browser, at: str, who: str, **more: Any) -> Page:
    """A window of its own in which someone is signed in; it may ask for nothing elsewhere."""
    context = chromium.new_context(base_url=at, **more)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("request", lambda asked: _only(at, asked.url))
    page.on("console", lambda said: _no_error(said.type, said.text))
    page.goto("/sign-in")
    page.fill("#sign_in", who)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    return page


ASKED: list[str] = []
SAID: list[str] = []


def _only(at: str, url: str) -> None:
    if not url.startswith((at, "data:", "blob:")):
        ASKED.append(url)


def _no_error(kind: str, text: str) -> None:
    if kind == "error" and "status of 4" not in text:
        SAID.append(text)


def load(page: Page, folder: Path) -> None:
    file = folder / "cases.csv"
    file.write_text(caseload(12), encoding="utf-8")
    page.goto("/caseloads")
    page.fill("#title", "Autumn 2026")
    page.set_input_files("#file", file)
    page.click("text=Load >> nth=-1")
    page.wait_for_selector("h1:has-text('Autumn 2026')")


def declare(page: Page) -> None:
    """Declare from one's own first page that one has no interest in what is loaded."""
    page.goto("/")
    page.click("text=Declare your interests")
    page.click("main form button")
    page.wait_for_selector("h1:has-text('Your work')")


def rate(page: Page, path: str, choice: int) -> None:
    page.goto(path)
    for area in AREAS:
        page.locator(f"input[name=area_{area}]").nth(choice).check()
    page.click("text=Confirm my ratings")
    page.wait_for_selector("text=Compare them")


@pytest.mark.parametrize("script", [True, False])
def test_the_whole_walk(chromium: Browser, tmp_path: Path, script: bool) -> None:
    """Load, sample, score blind by two moderators, compare, change, close, print, verify; with JavaScript and without."""
    board = running(tmp_path)
    with served(board) as at:
        windows = {
            who: signed_in(chromium, at, who, java_script_enabled=script)
            for who in ("officer", "chair", "mod-1", "mod-2")
        }
        load(windows["officer"], tmp_path)
        chair, first, second = windows["chair"], windows["mod-1"], windows["mod-2"]
        declare(chair)
        chair.goto("/caseloads")
        chair.click("tbody a")
        chair.click("text=Draw a sample")
        chair.click("button[value=draw]")
        chair.wait_for_selector("h1:has-text('Sample')")
        chair.goto("/meetings")
        for name, value in (("title", "Area board 1"), ("day", "6"), ("month", "10"), ("year", "2026")):
            chair.fill(f"#{name}", value)
        chair.select_option("#area", "area_1")
        chair.click("main form button")
        meeting = chair.url.removeprefix(at)
        for box in chair.locator("input[name=present]").all():
            box.check()
        chair.click("button[value=save]")
        for window in (first, second):
            declare(window)
        first.click("tbody a")
        path = first.url.removeprefix(at)
        assert "Specific allocation" not in first.locator("dl.facts").inner_text()
        rate(first, path, 3)
        rate(second, path, 4)
        where = path.replace("/score", "/decide")
        first.goto(where)
        first.check("#kind-changed")
        first.select_option("#to", "specific_allocation_4")
        first.fill("#reason", "The evidence meets the higher descriptor.")
        first.select_option("#paragraph", "report/3.20")
        first.click("main form button")
        first.wait_for_selector("text=Another member approves")
        second.goto(where)
        second.click("text=Approve the change")
        second.wait_for_selector("h2:has-text('What stands')")
        chair.goto(meeting)
        chair.click("text=Save and close the record")
        chair.wait_for_selector("text=The record was closed")
        assert chair.locator("form[action^='/meetings/']").count() == 0
        if script:
            officer = windows["officer"]
            officer.goto(where.removesuffix("/decide"))
            officer.click("text=Why not this?")
            officer.wait_for_selector("#why-not-answer h3")
            assert officer.url.endswith(where.removesuffix("/decide")), "it comes without another page"
            officer.emulate_media(media="print")
            assert not officer.locator("nav.bar").is_visible()
            printed = officer.pdf(format="A4")
            assert printed.count(b"/Type /Page\n") <= 2
        with board.store.reading():
            head = TrailEntry.objects.order_by("-seq")[0].hash
            found = trail.verify(TrailEntry.objects.order_by("seq"), head=head)
            assert (found.faults, faults(board.store)) == ((), [])
            assert Meeting.objects.get().closed_at
        for window in windows.values():
            window.context.close()
    assert ASKED == [], "no request leaves the machine"
    assert SAID == [], "nothing is refused by the content security policy"


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here: make browser fetches it by npm")
def test_no_page_has_a_fault_that_axe_finds(chromium: Browser, tmp_path: Path) -> None:
    """Every page, by whoever sees most of it, at two widths; no page is wider than its window."""
    board, faults = running(tmp_path), []
    source = AXE.read_text(encoding="utf-8")
    with served(board) as at:
        officer = signed_in(chromium, at, "officer", bypass_csp=True)
        load(officer, tmp_path)
        caseload_path = officer.url.removeprefix(at)
        chair = signed_in(chromium, at, "chair", bypass_csp=True)
        declare(chair)
        chair.goto(f"{caseload_path}/sample")
        chair.click("button[value=draw]")
        sample = chair.url.removeprefix(at)
        chair.goto("/meetings")
        for name, value in (("title", "Area board 1"), ("day", "6"), ("month", "10"), ("year", "2026")):
            chair.fill(f"#{name}", value)
        chair.select_option("#area", "area_1")
        chair.click("main form button")
        meeting = chair.url.removeprefix(at)
        first = signed_in(chromium, at, "mod-1", bypass_csp=True)
        declare(first)
        declaring = f"{caseload_path}/interests"
        first.click("tbody a")
        path = first.url.removeprefix(at)
        case = path.removesuffix("/score")
        wanted = [
            (first, "/"), (first, path), (first, f"{case}/conflict"), (first, declaring),
            (chair, "/interests"), (chair, f"{case}/decide"), (officer, f"{case}/history"), (chair, "/meetings"), (chair, meeting),
            (chair, sample), (chair, f"{caseload_path}/sample"), (officer, "/caseloads"), (officer, caseload_path),
            (officer, case), (officer, f"{case}?as_of=before-24/00120"), (officer, f"{case}/notice"),
            (officer, f"{case}/why-not?answer=scope=out_of_scope"), (officer, "/account"), (officer, "/trail"),
            (officer, "/nowhere"), (officer, "/meetings"), (officer, "/consistency"), (chair, "/precedents"),
        ]  # fmt: skip
        for _, place in board.app.board.actions:
            if "{" not in place and "." not in place and place not in [one for _, one in wanted]:
                wanted.append((officer, place))
        for page, place in wanted:
            faults += _looked_at(page, place, source)
        rate(first, path, 3)
        second = signed_in(chromium, at, "mod-2", bypass_csp=True)
        declare(second)
        rate(second, path, 4)
        faults += _looked_at(second, f"{case}/decide", source)
        second.click("main form button")  # With nothing chosen: the page that says what is wrong.
        faults += _looked_at(second, "", source)
        stranger = chromium.new_context(base_url=at, bypass_csp=True).new_page()
        faults += _looked_at(stranger, "/sign-in", source)
    assert faults == [], "\n".join(faults)


def test_figures_and_precedents_are_for_everybody_too(chromium: Browser, tmp_path: Path) -> None:
    """Charts, tables that become lists on a narrow screen, and a long page: nothing that axe-core objects to."""
    board, faults, source = running(tmp_path), [], AXE.read_text(encoding="utf-8")
    consistency.load(board, consistency.caseload())
    consistency.rate(board)
    with served(board) as at:
        chair = signed_in(chromium, at, "chair", bypass_csp=True)
        observer = signed_in(chromium, at, "observer", bypass_csp=True)
        for page, place in ((chair, "/consistency"), (observer, "/consistency"), (chair, "/precedents")):
            faults += _looked_at(page, place, source)
    assert faults == [], "\n".join(faults)


def test_evidence_and_seeds_are_for_everybody_too(chromium: Browser, tmp_path: Path) -> None:
    """Evidence beside the ratings, seeds and their levels, and a moderator who was stopped."""
    faults, source = [], AXE.read_text(encoding="utf-8")
    folders = [tmp_path / name for name in ("drawn", "qualified", "board")]
    for folder in folders:
        folder.mkdir()
    ready = seeds.qualified(folders[1], seeds.drawn(folders[0]))
    asked = seeds.asking(**seeds.FIGURES, last=2, beyond=0, again=50)
    board = copied(ready, folders[2], policy=asked)
    case, spare = seeds.live(board)[3], seeds.spare(board)
    sent = {"title": "Report on reading", "looked": "yes"}
    board["officer"].post(f"/cases/{case.key}/evidence", sent | {"note": "Reads two years behind."})
    board["officer"].post(f"/cases/{case.key}/evidence", sent, files={"file": ("a.png", evidence.png())})
    seeds.propose(board, spare[0])
    with board.store.reading():
        seed = Seed.objects.order_by("-id")[0].key
    with served(board) as at:
        chair, first, third, officer = (
            signed_in(chromium, at, who, bypass_csp=True) for who in ("chair", "mod-1", "mod-3", "officer")
        )
        faults += _looked_at(first, f"/cases/{case.key}/score", source)
        faults += _looked_at(first, f"/cases/{seeds.seeds_of(board)[0].key}/agreed", source)
        seeds.rate(board, "mod-1", seeds.seeds_of(board)[3], seeds.FAR)
        for page, place in (
            (first, "/"), (first, "/standardisation"), (third, "/standardisation"), (third, f"/seeds/{seed}"),
            (chair, "/standardisation"), (chair, f"/cases/{spare[1].key}/seed"), (chair, f"/seeds/{seed}"),
            (officer, f"/cases/{case.key}/evidence"), (officer, f"/cases/{case.key}"),
        ):  # fmt: skip
            faults += _looked_at(page, place, source)
    assert faults == [], "\n".join(faults)


def test_who_was_stopped_and_an_adjusted_run_are_for_everybody_too(chromium: Browser, tmp_path: Path) -> None:
    """A Community that was stopped, the form by which it ends, what an adjustment would do, and what it did."""
    faults, source = [], AXE.read_text(encoding="utf-8")
    for folder in ("rated", "board"):
        (tmp_path / folder).mkdir()
    board = copied(runs.rated_low(tmp_path / "rated"), tmp_path / "board", policy=runs.stopping())
    runs.confirm(board)
    case, rated = runs.case_of(board, "RB-0001"), runs.case_of(board, "RA-0002")
    with served(board) as at:
        chair, second, officer = (
            signed_in(chromium, at, who, bypass_csp=True) for who in ("chair", "mod-2", "officer")
        )
        faults += _looked_at(chair, "/halts", source)
        assert chair.locator("details").count() == 1
        chair.click("details summary")
        chair.click("section button")  # With nothing chosen: the page that says what is wrong.
        runs.propose(board)
        faults += _looked_at(second, "/halts", source)
        runs.approve(board)
        for page, place in (
            (officer, "/halts"), (officer, f"/cases/{case.key}"), (officer, f"/cases/{case.key}/notice"),
            (second, f"/cases/{rated.key}/decide"), (officer, "/consistency"), (officer, "/mapping"),
        ):  # fmt: skip
            faults += _looked_at(page, place, source)
    assert faults == [], "\n".join(faults)


def _looked_at(page: Page, place: str, source: str) -> list[str]:
    if place:
        page.goto(place)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{page.url} at {width}: wider than its window")
        page.evaluate(source)
        told = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
        found += [f"{page.url} at {width}: {one['id']} {one['nodes'][0]['html'][:200]}" for one in told["violations"]]
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


def test_everything_can_be_reached_and_seen_by_keyboard(chromium: Browser, tmp_path: Path) -> None:
    """The first stop skips to the content; every link, button and field is a stop, and each shows its focus."""
    board = running(tmp_path)
    with served(board) as at:
        page = signed_in(chromium, at, "officer")
        page.goto("/caseloads")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.goto("/caseloads")
        wanted = page.evaluate("document.querySelectorAll('a[href], button, input:not([type=hidden]), select').length")
        met = set()
        for _ in range(wanted + 2):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                "(() => {const one = document.activeElement, style = getComputedStyle(one);"
                " return [one.outerHTML, style.outlineStyle !== 'none' && style.outlineWidth !== '0px']})()"
            )
            if seen[0].startswith("<body"):
                break
            met.add(seen[0])
            assert seen[1], seen[0][:200]
        assert len(met) == wanted


class Process:
    """A board in a process of its own, on a database that stays when it is killed."""

    def __init__(self, folder: Path) -> None:
        self.board = running(folder)
        self.board.store.close()
        self.url, self.clients = self.board.settings.database, list[httpx.Client]()
        self.start()

    def start(self) -> None:
        self.port, self.clients = free_port(), []
        self.process = self._start()

    def kill(self) -> None:
        """Kill it outright."""
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        for client in self.clients:
            client.close()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "from senpolicy.cli import program; program()", "board", "--database", self.url,
                   "--port", str(self.port), "--scenario", "illustrative", "--root", str(ROOT)]  # fmt: skip
        started = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for _ in range(600):
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.at}/sign-in", timeout=1).status_code == 200:
                    return started
            time.sleep(0.1)
        raise AssertionError("the board did not start")

    @property
    def at(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, who: str) -> httpx.Client:
        client = httpx.Client(base_url=self.at, follow_redirects=True, timeout=60)
        self.clients.append(client)
        token = _token(client.get("/sign-in").text)
        assert client.post("/sign-in", data={TOKEN: token, "sign_in": who, "password": PASSWORD}).status_code == 200
        return client


def _token(page: str) -> str:
    return page.rsplit(f'name="{TOKEN}" value="', 1)[1].split('"', 1)[0]


def checked(url: str) -> tuple[trail.Verified, list[str]]:
    store = Store(url)
    with store.reading():
        found = trail.verify(TrailEntry.objects.order_by("seq")), faults(store)
    store.close()
    return found


def test_a_kill_in_the_middle_of_a_save_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    """Moderators confirm ratings while the process is killed outright; what was answered is there, and all verifies."""
    running_board = Process(tmp_path)
    officer, chair = running_board.client("officer"), running_board.client("chair")
    answer = officer.post(
        "/caseloads", data={TOKEN: _token(officer.get("/account").text), "title": "Autumn 2026"},
        files={"file": ("cases.csv", caseload(60).encode(), "text/csv")},
    )  # fmt: skip
    where = answer.url.path
    plan = {"by_level": "1", "per_cent": "100", "fewest": "1", "most": "100", "crossed": "1"}
    chair.post(f"{where}/sample", data={TOKEN: _token(chair.get("/account").text), **plan})
    store = Store(running_board.url)
    with store.reading():
        keys = [case.key for case in BoardCase.objects.order_by("id")]
    store.close()
    confirmed: list[tuple[str, str]] = []

    def work(who: str) -> None:
        client = running_board.client(who)
        token = _token(client.get("/account").text)
        client.post(f"{where}/interests", data={TOKEN: token})
        for key in keys:
            ratings = {f"area_{area}": "specific_allocation_1" for area in AREAS}
            with suppress(httpx.HTTPError):
                said = client.post(
                    f"/cases/{key}/score", data={TOKEN: token, "version": "0", "do": "confirm", **ratings},
                    follow_redirects=False,
                )  # fmt: skip
                if said.status_code == 303:
                    confirmed.append((who, key))
                    continue
            return

    hands = [threading.Thread(target=work, args=(who,)) for who in ("mod-1", "mod-2", "mod-3")]
    for hand in hands:
        hand.start()
    while len(confirmed) < 12:
        time.sleep(0.01)
    # Copied as the files lie while it writes: stopped for a moment, as a snapshot of a disk is.
    os.kill(running_board.process.pid, signal.SIGSTOP)
    restored = tmp_path / "restored"
    restored.mkdir()
    for name in ("board.db", "board.db-wal"):
        shutil.copyfile(tmp_path / name, restored / name)
    by_then = len(confirmed)
    os.kill(running_board.process.pid, signal.SIGCONT)
    while len(confirmed) < by_then + 6:
        time.sleep(0.01)
    running_board.kill()
    for hand in hands:
        hand.join(60)
    running_board.close()
    assert len(confirmed) < 3 * len(keys), "it was killed in the middle"
    for url, least in ((running_board.url, len(confirmed)), (f"sqlite:///{restored}/board.db", by_then)):
        found, broken = checked(url)
        assert (found.faults, broken) == ((), [])
        store = Store(url)
        with store.reading():
            kept = {(one.account.sign_in, one.case.key) for one in Scoring.objects.all() if one.confirmed_at}
        store.close()
        assert len(kept) >= least
        assert url != running_board.url or set(confirmed) <= kept
    with closing(sqlite3.connect(restored / "board.db")) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    running_board.start()
    assert "Your work" in running_board.client("mod-1").get("/").text
    running_board.close()
    running_board.kill()
