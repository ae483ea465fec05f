"""Caseloads: loading one, and the cases of one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi.responses import Response
from sqlalchemy import func, select

from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy_board import loading
from senpolicy_board.casepage import bear_in_mind
from senpolicy_board.pages.home import PAGE
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import BoardCase, Loaded, Sample
from senpolicy_board.web import Routes, Visit

routes = Routes()
#: How many refused rows a page shows.
_MOST_REFUSED = 500
#: The questions whose answers the list of cases shows.
SHOWN = ("route", "band")


@routes.page("/caseloads", "see caseloads")
def caseloads(visit: Visit) -> Response:
    """Show every caseload, and the form for loading one."""
    return _page(visit)


def _page(visit: Visit, problems: tuple[str, ...] = (), status: int = 200, typed: str = "") -> Response:
    with visit.store.reading() as db:
        loaded = db.scalars(select(Loaded).order_by(Loaded.id.desc())).all()
        for one in loaded:
            _ = one.loaded_by.label
        return visit.page(
            "caseloads.html.j2", status, loaded=loaded, problems=problems, suffixes=loading.SUFFIXES,
            most=visit.board.settings.most_upload, typed=typed,
        )  # fmt: skip


@routes.page("/caseloads", "load a caseload", ["POST"])
def load(visit: Visit) -> Response:
    """Load a caseload from a file; whole, or not at all where the file is at fault."""
    upload, title = visit.upload("file"), visit.text("title", 80)
    if upload is None:
        return _page(visit, ("Choose a file first.",), 422, title)
    suffix = Path(upload.filename or "").suffix.lower()
    if suffix not in loading.SUFFIXES:
        return _page(visit, (f"Choose a file whose name ends in {', '.join(loading.SUFFIXES)}.",), 422, title)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"caseload{suffix}"
        path.write_bytes(upload.file.read(visit.board.settings.most_upload + 1))
        if path.stat().st_size > visit.board.settings.most_upload:
            return _page(visit, ("This file is too large for the board.",), 413, title)
        try:
            found = loading.read(path, visit.policies)
            with visit.store.writing() as db:
                kept = loading.keep(db, visit.board.settings, visit.policies, found, title, visit.account)
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
def take_back(visit: Visit, key: str) -> Response:
    """Take a caseload off the board whole, while nothing rests on it."""
    with visit.store.writing() as db:
        loaded = loading.known(db, key)
        if loaded is None:
            raise Stop(404, "There is no such caseload", "See the list of caseloads.")
        try:
            loading.take_back(db, visit.board.settings, loaded, visit.account)
        except WrongUse as error:
            raise Stop(409, "This caseload is not taken back", str(error)) from None
    return visit.go("/caseloads")


@routes.page("/caseloads/{key}", "see caseloads")
def caseload(visit: Visit, key: str) -> Response:
    """Show the cases of a caseload, a page at a time."""
    asked = visit.request.query_params.get("page", "1")
    number = int(asked) if asked.isdecimal() and 0 < len(asked) < 6 else 1
    with visit.store.writing() as db:
        loaded = loading.known(db, key)
        if loaded is None:
            raise Stop(404, "There is no such caseload", "See the list of caseloads.")
        visit.record(db, "viewed", f"caseload:{key}", page=number)
        cases = db.scalars(
            select(BoardCase)
            .where(BoardCase.caseload_id == loaded.id)
            .order_by(BoardCase.id)
            .limit(PAGE)
            .offset((number - 1) * PAGE)
        ).all()
        total = db.scalar(select(func.count()).where(BoardCase.caseload_id == loaded.id)) or 0
        samples = db.scalars(select(Sample).where(Sample.caseload_id == loaded.id).order_by(Sample.id)).all()
        rows = [
            (case, loading.picked(case), any(one.account_id == visit.account.id for one in case.conflicts))
            for case in cases
        ]
        return visit.page(
            "caseload.html.j2", loaded=loaded, rows=rows, number=number, pages=-(-total // PAGE), samples=samples,
            policies=visit.policies, group_of=loading.group_of, refused=loaded.refused_rows[:_MOST_REFUSED],
            may_take_back=visit.may("take back a caseload") and not loading.rests_on(db, loaded),
            beside=bear_in_mind(visit.policies.policy, filter(None, {one.decision_date for one in cases}), SHOWN),
        )  # fmt: skip
