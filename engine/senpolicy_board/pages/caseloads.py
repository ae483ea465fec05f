"""Caseloads: loading one, and the cases of one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.core.paginator import Paginator
from django.http import HttpResponse

from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy_board import loading
from senpolicy_board.casepage import bear_in_mind
from senpolicy_board.pages.home import PAGE
from senpolicy_board.scoring import barred, must_declare, with_all
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import Loaded, Sample
from senpolicy_board.web import Routes, Visit

routes = Routes()
#: How many refused rows a page shows.
_MOST_REFUSED = 500
#: The questions whose answers the list of cases shows.
SHOWN = ("route", "band")


@routes.page("/caseloads", "see caseloads")
def caseloads(visit: Visit) -> HttpResponse:
    """Show every caseload, and the form for loading one."""
    return _page(visit)


def _page(visit: Visit, problems: tuple[str, ...] = (), status: int = 200, typed: str = "") -> HttpResponse:
    with visit.store.reading():
        loaded = list(Loaded.objects.select_related("loaded_by").order_by("-id"))
        return visit.page(
            "caseloads.html.j2", status, loaded=loaded, problems=problems, suffixes=loading.SUFFIXES,
            most=visit.board.settings.most_upload, typed=typed,
        )  # fmt: skip


@routes.page("/caseloads", "load a caseload", ["POST"])
def load(visit: Visit) -> HttpResponse:
    """Load a caseload from a file, without its rows that are at fault; not at all where the file itself is."""
    upload, title = visit.upload("file"), visit.text("title", 80)
    if upload is None:
        return _page(visit, ("Choose a file first.",), 422, title)
    suffix = Path(upload.name or "").suffix.lower()
    if suffix not in loading.SUFFIXES:
        return _page(visit, (f"Choose a file whose name ends in {', '.join(loading.SUFFIXES)}.",), 422, title)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"caseload{suffix}"
        path.write_bytes(upload.read(visit.board.settings.most_upload + 1))
        if path.stat().st_size > visit.board.settings.most_upload:
            return _page(visit, ("This file is too large for the board.",), 413, title)
        try:
            found = loading.read(path, visit.policies)
            with visit.store.writing():
                kept = loading.keep(visit.board.settings, visit.policies, found, title, visit.account)
                key = kept.key
        except WrongUse as error:
            return _page(visit, (str(error),), 422, title)
        except PolicyError as error:
            return _page(visit, tuple(str(problem) for problem in error.problems[:20]), 422, title)
    if found.refused or found.notes:
        said = [str(problem) for one in found.refused for problem in one.problems]
        return visit.page(
            "loaded.html.j2", key=key, kept=len(found.rows), refused=len(found.refused), said=said[:50],
            notes=found.notes[:50],
        )  # fmt: skip
    return visit.go(f"/caseloads/{key}")


@routes.page("/caseloads/{key}/take-back", "take back a caseload", ["POST"])
def take_back(visit: Visit, key: str) -> HttpResponse:
    """Take a caseload off the board whole, while nothing rests on it."""
    with visit.store.writing():
        loaded = loading.known(key)
        try:
            loading.take_back(visit.board.settings, loaded, visit.account)
        except WrongUse as error:
            raise Stop(409, "This caseload is not taken back", str(error)) from None
    return visit.go("/caseloads")


@routes.page("/caseloads/{key}", "see caseloads")
def caseload(visit: Visit, key: str) -> HttpResponse:
    """Show the cases of a caseload, a page at a time."""
    with visit.store.reading():
        loaded = loading.known(key)
        if loaded.removed_at is None:
            must_declare(visit.account, loaded)
        cases = with_all(loaded.cases.order_by("id"))
        page = Paginator(cases, PAGE).get_page(visit.request.GET.get("page"))
        samples = list(Sample.objects.filter(caseload=loaded))
        rows = [(case, loading.picked(case), barred(case, visit.account)) for case in page]
        answer = visit.page(
            "caseload.html.j2", loaded=loaded, rows=rows, number=page.number, pages=page.paginator.num_pages,
            samples=samples, policies=visit.policies, group_of=loading.group_of,
            refused=loaded.refused_rows.all()[:_MOST_REFUSED],
            may_take_back=visit.may("take back a caseload") and not loading.rests_on(loaded),
            beside=bear_in_mind(visit.policies.policy, filter(None, {one.decision_date for one in page}), SHOWN),
        )  # fmt: skip
    with visit.store.writing():
        visit.record("viewed", f"caseload:{key}", page=page.number)
    return answer
