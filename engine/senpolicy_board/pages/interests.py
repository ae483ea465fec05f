"""Declaring interests in whole schools and Communities, before anything of a caseload is read, and at any time."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy_board import interests
from senpolicy_board.accounts import may
from senpolicy_board.loading import known
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import Account, Declared, Loaded
from senpolicy_board.web import Routes, Visit

routes = Routes()


@routes.page("/caseloads/{key}/interests", "declare a conflict")
def form(visit: Visit, key: str) -> HttpResponse:
    """Show the schools and Communities of a caseload, to be looked through for one's own."""
    return _form(visit, key)


@routes.page("/caseloads/{key}/interests", "declare a conflict", ["POST"])
def declare(visit: Visit, key: str) -> HttpResponse:
    """Keep what a member declares; with nothing ticked, that they have no interest in any."""
    kind = visit.text("kind", 20)
    with visit.store.writing():
        caseload = _caseload(key)
        there = interests.values(visit.policies, caseload.cases.values_list("groups", flat=True))
        chosen = {
            part: [one for number, one in enumerate(several) if visit.request.POST.get(f"{part}-{number}")]
            for part, several in there.items()
        }
        missing = any(chosen.values()) and kind not in interests.KINDS
        if not missing:
            interests.declare(visit, caseload, chosen, kind if any(chosen.values()) else "")
    if missing:
        return _form(visit, key, 422, chosen)
    return visit.go("/")


def _form(visit: Visit, key: str, status: int = 200, chosen: dict[str, list[str]] | None = None) -> HttpResponse:
    with visit.store.reading():
        caseload = _caseload(key)
        declared = Declared.objects.filter(account=visit.account, caseload=caseload).exists()
        there = interests.values(visit.policies, caseload.cases.values_list("groups", flat=True))
        return visit.page(
            "interests.html.j2", status, caseload=caseload, plurals=interests.parts(visit.policies, many=True),
            there=there, kinds=interests.KINDS, declared=declared,
            mine={(one.part, one.value) for one in visit.account.interests.all()}, chosen=chosen or {},
            problems=["Choose what your interest is."] if chosen else [],
        )  # fmt: skip


def _caseload(key: str) -> Loaded:
    caseload = known(key)
    if caseload.removed_at is not None:
        raise Stop(404, "There is no such caseload", "It may have been taken back, or its facts removed.")
    return caseload


@routes.page("/interests", "see meetings")
def every(visit: Visit) -> HttpResponse:
    """Show every interest that a member has declared, and which caseloads somebody has still to declare for."""
    with visit.store.reading():
        members = [
            one for one in Account.objects.filter(active=True).prefetch_related("interests").order_by("label")
            if may(one.role, "decide") or one.interests.all()
        ]  # fmt: skip
        declared = set(Declared.objects.values_list("account_id", "caseload_id"))
        loaded = list(Loaded.objects.filter(removed_at=None).order_by("-id"))
        return visit.page(
            "interests_all.html.j2", members=members, loaded=loaded, declared=declared, kinds=interests.KINDS,
            labels=interests.parts(visit.policies),
        )  # fmt: skip
