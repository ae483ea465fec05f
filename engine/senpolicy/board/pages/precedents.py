"""Precedents: the changed decisions of the board, each with its reason, as a file, and as golden cases."""

from __future__ import annotations

from fastapi.responses import Response

from senpolicy.board import precedents as stored
from senpolicy.board.web import Routes, Stop, Visit
from senpolicy.compare.precedents import as_file

routes = Routes()


@routes.page("/precedents", "see precedents")
def precedents(visit: Visit) -> Response:
    """Show every precedent, the newest first."""
    found = _recorded(visit, "precedents")
    labels = {level.id: level.label for level in visit.policies.levels}
    return visit.page("precedents.html.j2", found=found, labels=labels)


@routes.page("/precedents.json", "see precedents")
def precedents_file(visit: Visit) -> Response:
    """Give the precedents as a file for `senpolicy compare --precedents`."""
    found = _recorded(visit, "precedents, as a file")
    return _file(as_file([one.precedent for one in found]), "application/json", "precedents.json")


@routes.page("/precedents/{key}/golden", "see precedents")
def golden(visit: Visit, key: str) -> Response:
    """Give a precedent as a golden case, to be added to the tests of the policy by a pull request."""
    found = next((one for one in _recorded(visit, "precedent, as a golden case") if one.precedent.id == key), None)
    if found is None:
        raise Stop(404, "There is no such precedent", "Choose one of the list of precedents.")
    return _file(stored.golden(found.precedent, visit.policies), "text/plain", f"precedent-{key[:8]}.yaml")


def _recorded(visit: Visit, what: str) -> list[stored.Stored]:
    with visit.store.writing() as db:
        visit.record(db, "viewed", "precedents", what=what)
        return stored.precedents(db, visit.policies, visit.account)


def _file(text: str, kind: str, name: str) -> Response:
    return Response(text, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, f"{kind}; charset=utf-8")
