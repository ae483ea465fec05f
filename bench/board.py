"""Fifty people at one moderation board for a minute, on loopback: no error, and how long a page takes.

    .venv/bin/python bench/board.py [--users 50] [--seconds 60] [--think 2]

A board is started as its command does it, on a new database of SQLite, with a made-up caseload, a sample, ratings and
decisions. Each person signs in, follows the links of the pages that they are shown, rates what waits for them, and
reads for a while in between. Times are those of whole pages as a browser would see them; PDFs, and what is asked of the
solver, are left out. Everything is stopped at the end, whatever happens.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from senpolicy_board import accounts, loading, trail
from senpolicy_board.judging import CANNOT_JUDGE
from senpolicy_board.policies import Policies
from senpolicy_board.sampling import Plan
from senpolicy_board.settings import Settings
from senpolicy_board.store import Store, migrate
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, Declared, Pick, Sample, Scoring

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "four words in a row"
CASES, SCENARIO, MEDIAN = 600, "illustrative", 0.150
#: How long to wait for the board to start, and for one page: a board that hangs is stopped, and reported.
PATIENCE = 120
CONSOLE = Console(width=118)
_LINK = re.compile(r'href="(/[^"#]*)"')
#: The name under which a form sends its token.
TOKEN = "csrfmiddlewaretoken"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_RADIO = re.compile(r'<input[^>]*type="radio"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_FORM = re.compile(r"<main.*?<form[^>]*>(.*?)</form>", re.S)


@dataclass
class Seen:
    """What the people met with: the seconds of each page by its kind, and every answer that was an error."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    rated: int = 0


def prepared(folder: Path, users: int, chance: random.Random) -> tuple[str, list[str]]:
    """Return the URL of a new database that is ready for work, and the names with which people sign in."""
    url = f"sqlite:///{folder}/board.db"
    settings = Settings(url, ROOT, scenario=SCENARIO)
    store, policies = Store(url), Policies(settings)
    migrate(store)
    roles = ["chair", "officer", "officer", "observer", *["moderator"] * max(users - 4, 2)][:users]
    names = [f"{role}-{number}" for number, role in enumerate(roles, 1)]
    levels, areas = [level.id for level in policies.levels_on(None)], policies.areas
    rows = []
    for number in range(CASES):
        true = chance.gauss(3, 1.4)
        rated = {area.fact: levels[max(0, min(len(levels) - 1, round(chance.gauss(true, 0.7))))] for area in areas}
        rows.append(
            {"case_ref": f"BN-{number:05}", "decision_date": f"2027-{1 + number % 9:02}-05", "age": 9, "year_group": 4,
             "setting": "mainstream", "plan": "ehcp", "additional_cost": 9000 + number,
             "proposed_allocation": 3000 + 10 * number, "community": f"Community {1 + number % 53}", **rated}
        )  # fmt: skip
    file = folder / "made.json"
    file.write_text(json.dumps(rows))
    read = loading.read(file, policies)
    hashed = accounts.hashed(settings, PASSWORD)
    with store.writing():
        for name, role in zip(names, roles, strict=True):
            label, now = name.replace("-", " "), settings.now()
            Account.objects.create(sign_in=name, label=label, role=role, password=hashed, made_at=now)
        trail.append(settings.now(), "command", "made for measuring", "board")
    with store.writing():
        people = list(Account.objects.all())
        officer = next(one for one in people if one.role == "officer")
        loaded = loading.keep(settings, policies, read, "Made for measuring", officer)
        for one in people:
            Declared.objects.create(account=one, caseload=loaded, declared_at=settings.now())
        chair, moderators = people[0], [one for one in people if one.role == "moderator"]
        sample = Sample.objects.create(
            caseload=loaded, drawn_at=settings.now(), drawn_by=chair, seed=1, plan=Plan().to_json()
        )
        for number, case in enumerate(loaded.cases.all()):
            if number % 2 == 0:
                Pick.objects.create(sample=sample, case=case, why="stratum", stratum="")
            if number % 4 == 0:
                _settled(settings, case, chance.sample(moderators, 2), chair, levels, [a.id for a in areas], chance)
        trail.append(settings.now(), "command", "made for measuring", "board")
    policies.close()
    store.close()
    return url, names


def _settled(settings, case: BoardCase, pair, chair, levels, areas, chance: random.Random) -> None:
    now = settings.now()
    for one in pair:
        rated = {area: chance.choice(levels[2:6]) for area in areas}
        scoring = Scoring(case_id=case.id, account_id=one.id, ratings={"areas": rated}, saved_at=now, confirmed_at=now,
                          salt=trail.new_salt())  # fmt: skip
        scoring.seal = trail.seal(scoring.salt or "", trail.content_of(scoring))
        scoring.save()
    to = chance.choice(levels[2:6])
    kind = "agreed" if to == case.level else "changed"
    content = {"kind": kind, "from": case.level, "to": to, "reason": "Made up.", "document": "own-illustration",
               "paragraph": "all"}  # fmt: skip
    outcome = BoardOutcome(case_id=case.id, kind=kind, content=content, state="stands", proposed_at=now,
                      proposed_by_id=pair[0].id, approved_at=now, approved_by_id=chair.id,
                      salt=trail.new_salt())  # fmt: skip
    outcome.seal = trail.seal(outcome.salt or "", content)
    outcome.save()
    case.settled_at = now
    case.save()


class Person:
    """Someone at the board: signs in, follows links, rates what waits, and reads in between."""

    def __init__(self, name: str, client: httpx.AsyncClient, seen: Seen, think: float, chance: random.Random) -> None:
        self.name, self.client, self.seen, self.think, self.chance = name, client, seen, think, chance

    async def arrive(self, door: asyncio.Semaphore) -> str:
        """Sign in, a few at a time, as people come to a meeting; return the first page."""
        async with door:
            page = await self.get("/sign-in")
            return await self.send("/sign-in", page, {"sign_in": self.name, "password": PASSWORD})

    async def work(self, page: str, until: float) -> None:
        """Work from a page on until a moment of the monotonic clock."""
        await asyncio.sleep(self.chance.uniform(0, self.think))
        while time.monotonic() < until:
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) * self.think)
            links = [unescape(link) for link in _LINK.findall(page) if not link.startswith(("/static", "/sign"))]
            links = [link for link in links if not link.endswith((".pdf", ".json", "/golden"))] or ["/"]
            waiting = [link for link in links if link.endswith("/score")]
            link = self.chance.choice(waiting if waiting and self.chance.random() < 0.5 else links)
            page = await self.get(link)
            if link.endswith("/score") and page:
                page = await self.rate(link, page)

    async def rate(self, link: str, page: str) -> str:
        """Choose a level for each area, and confirm."""
        choices: dict[str, list[str]] = {}
        for radio in _RADIO.findall(page):
            found = dict(_ATTRIBUTE.findall(radio))
            choices.setdefault(found.get("name", ""), []).append(found.get("value", ""))
        if not choices:
            return page
        await asyncio.sleep(self.think)
        form = _FORM.search(page)
        data = {name: value for name, value in _HIDDEN.findall(form.group(1) if form else "") if name != TOKEN}
        data |= {name: self.chance.choice([one for one in values if one] or values) for name, values in choices.items()}
        if any(one.endswith(CANNOT_JUDGE) for one in data.values()):
            data["missing"] = "Made up: a report that is not here."
        self.seen.rated += 1
        return await self.send(link, page, {**data, "do": "confirm"})

    async def get(self, path: str) -> str:
        """Return a page, "" where there is an error."""
        return await self._timed(path, lambda: self.client.get(path))

    async def send(self, path: str, page: str, data: dict[str, str]) -> str:
        """Send a form with the token of its page, and return the page that answers."""
        tokens = _TOKEN.findall(page)
        form = {TOKEN: unescape(tokens[-1]) if tokens else "", **data}
        return await self._timed(f"{path} (sent)", lambda: self.client.post(path, data=form))

    async def _timed(self, path: str, ask) -> str:
        kind = re.sub(r"[0-9a-f]{16}", "…", path.split("?")[0])
        start = time.monotonic()
        try:
            answer = await ask()
        except httpx.HTTPError as error:
            self.seen.errors[f"{kind}: {type(error).__name__}"] += 1
            return ""
        self.seen.times.setdefault(kind, []).append(time.monotonic() - start)
        # What is not for a role, or a case that another has settled meanwhile, is said on a page of its own: no error.
        if answer.status_code >= 500 or (answer.status_code >= 400 and answer.status_code not in (403, 409, 410)):
            self.seen.errors[f"{kind}: {answer.status_code}"] += 1
        return answer.text


async def people(base: str, names: list[str], seconds: float, think: float, chance: random.Random) -> Seen:
    """Return what people met with who worked at a board for so many seconds, once all had signed in."""
    seen, door = Seen(), asyncio.Semaphore(2)
    # A browser opens a connection anew where the board has closed it; so none is kept for longer than the board does.
    kept = httpx.Limits(keepalive_expiry=2)
    clients = [httpx.AsyncClient(base_url=base, follow_redirects=True, timeout=PATIENCE, limits=kept) for _ in names]
    crowd = [Person(name, client, seen, think, random.Random(chance.random()))
             for name, client in zip(names, clients, strict=True)]  # fmt: skip
    try:
        pages = await asyncio.wait_for(asyncio.gather(*(one.arrive(door) for one in crowd)), 3 * PATIENCE)
        until = time.monotonic() + seconds
        work = [one.work(page, until) for one, page in zip(crowd, pages, strict=True)]
        await asyncio.wait_for(asyncio.gather(*work), seconds + PATIENCE)
    finally:
        for client in clients:
            await client.aclose()
    return seen


def started(url: str, port: int) -> subprocess.Popen[bytes]:
    """Start a board on loopback, and return its process once it answers."""
    command = [sys.executable, "-m", "senpolicy", "board"] if (ROOT / "engine/senpolicy/__main__.py").exists() else [
        str(Path(sys.executable).with_name("senpolicy")), "board"]  # fmt: skip
    process = subprocess.Popen([*command, "--database", url, "--port", str(port), "--scenario", SCENARIO], cwd=ROOT)
    for _ in range(PATIENCE * 5):
        if process.poll() is not None:
            raise SystemExit("The board did not start; its message stands above.")
        try:
            httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=1)
            return process
        except httpx.HTTPError:
            time.sleep(0.2)
    process.kill()
    raise SystemExit("The board did not answer in time.")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def shown(seen: Seen, users: int, seconds: float, think: float, busy: float) -> bool:
    """Print what was measured, keep it in build/bench-board.json, and return whether it is as it should be."""
    every = [one for kind, times in seen.times.items() if not kind.startswith("/sign-in") for one in times]
    median = statistics.median(every) if every else float("inf")
    table = Table(title=f"{users} people at one board for {seconds:g} seconds", title_justify="left")
    for place, heading in enumerate(("page", "times", "median ms", "95% within ms", "slowest ms")):
        table.add_column(heading, justify="right" if place else "left")
    rows = sorted(seen.times.items(), key=lambda one: -len(one[1]))
    for kind, times in [*rows, ("all pages but signing in", every or [0.0])]:
        most = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        told = (statistics.median(times), most, max(times))
        table.add_row(kind, f"{len(times):,}", *(f"{1000 * one:,.0f}" for one in told))
    CONSOLE.print(table)
    errors = sum(seen.errors.values())
    CONSOLE.print(
        f"{len(every) / seconds:.1f} pages a second, {seen.rated} cases rated, {errors} errors; "
        f"median {1000 * median:.0f} ms (aim: no error, under {1000 * MEDIAN:.0f} ms). "
        f"Each reads for about {think:g} s between pages. "
        f"The board was busy for {busy:.1f} s of one core, its start and signing in among them. "
        f"Load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    )  # fmt: skip
    for said, times in seen.errors.most_common(10):
        CONSOLE.print(f"  {times} x {said}")
    found = {"users": users, "seconds": seconds, "think": think, "pages": len(every), "median_ms": 1000 * median,
             "errors": dict(seen.errors), "rated": seen.rated, "cpu_seconds": busy}  # fmt: skip
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "bench-board.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    return not errors and median < MEDIAN


def main() -> None:
    """Measure and print; exit with 1 where there was an error, or the median page took too long."""
    parser = argparse.ArgumentParser(description="Fifty people at one board.")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=2, help="seconds that each reads between pages, on average")
    args = parser.parse_args()
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        url, names = prepared(Path(folder), args.users, chance)
        port = free_port()
        process = started(url, port)
        try:
            seen = asyncio.run(people(f"http://127.0.0.1:{port}", names, args.seconds, args.think, chance))
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    raise SystemExit(0 if shown(seen, args.users, args.seconds, args.think, used.ru_utime + used.ru_stime) else 1)


if __name__ == "__main__":
    main()
