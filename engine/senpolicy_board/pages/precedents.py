"""Precedents: the changed decisions of the board, each with its reason, as a file, and as golden cases."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy.comparing.precedents import as_file
from senpolicy_board import precedents as stored
from senpolicy_board.pages.home import PAGE
from senpolicy_board.stopping import Stop, there
from senpolicy_board.web import Routes, Visit

routes = Routes()
FILE = "precedents.json"


@routes.page("/precedents", "see precedents")
def precedents(visit: Visit) -> HttpResponse:
    """Show the newest precedents; the file holds them all."""
    found = _recorded(visit, "precedents", PAGE + 1)
    return visit.page("precedents.html.j2", found=found[:PAGE], more=len(found) > PAGE, policies=visit.policies)


@routes.page("/precedents/saved/{name}", "see precedents")
def precedents_file(visit: Visit, name: str) -> HttpResponse:
    """Give the precedents as a file for `senpolicy compare --precedents`."""
    if name != FILE:
        raise Stop(404, "There is no such file", "Save the precedents from their page.")
    found = _recorded(visit, "precedents, as a file")
    return _file(as_file([one.precedent for one in found]), "application/json", FILE)


@routes.page("/precedents/{key}/golden", "see precedents")
def golden(visit: Visit, key: str) -> HttpResponse:
    """Give a precedent as a golden case, to be added to the tests of the policy by a pull request."""
    found = next((one for one in _recorded(visit, "precedent, as a golden case") if one.precedent.id == key), None)
    found = there(found, "precedent", "Choose one of the list of precedents.")
    return _file(stored.golden(found.precedent, visit.policies), "text/plain", f"precedent-{key[:8]}.yaml")


def _recorded(visit: Visit, what: str, most: int | None = None) -> list[stored.Stored]:
    with visit.store.writing():
        visit.record("viewed", "precedents", what=what)
        return stored.precedents(visit.policies, visit.account, most)


def _file(text: str, kind: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": disposition})
