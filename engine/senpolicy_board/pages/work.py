"""The first page: what waits for the account, searched and filtered, page by page; and the list as a file."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse

from senpolicy_board import exporting, interests, queue
from senpolicy_board.group_filters import groups_to_choose
from senpolicy_board.queue import Filters
from senpolicy_board.standardisation import given
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, Declared, Loaded, Meeting, Pick
from senpolicy_board.web import Routes, Visit

routes = Routes()
#: How many rows a page of the list has.
PAGE = 50


def _filters(visit: Visit) -> Filters:
    asked = {name: str(value)[:200].strip() for name, value in visit.request.GET.items()}
    state, show = asked.get("state", ""), asked.get("show", "")
    return Filters(
        asked.get("reference", ""),
        show if show in queue.SHOW else "mine",
        state if state in queue.STATES else "",
        asked.get("moderator", ""),
        {name: asked[name] for name in interests.parts(visit.policies) if asked.get(name)},
    )


@routes.page("/", "see the board")
def home(visit: Visit) -> HttpResponse:
    """Show what waits for the account, and how the board stands."""
    filters, sees = _filters(visit), visit.may("see a case")
    with visit.store.reading():
        cases = list(queue.waiting(visit, filters)) if sees else []
        page = Paginator(cases, PAGE).get_page(visit.request.GET.get("page"))
        kept = {name: value for name, value in visit.request.GET.items() if name != "page" and value}
        groups = groups_to_choose(visit) if sees else ()
        moderators = Account.objects.filter(role="moderator").order_by("label").values_list("label", flat=True)
        return visit.page(
            "home.html.j2",
            waiting=page,
            filters=filters,
            narrowed=bool(kept),
            asked=urlencode(kept),
            labels=interests.parts(visit.policies),
            there=interests.values(visit.policies, groups),
            moderators=list(moderators),
            zip=zip,
            shows=queue.SHOW,
            states=queue.STATES,
            undeclared=_undeclared(visit),
            given=given(visit.account, visit.policies) if visit.may("score") else None,
            sampled=Pick.objects.filter(replaced_at=None).aggregate(cases=Count("case", distinct=True))["cases"],
            settled=BoardCase.objects.filter(settled_at__isnull=False).count(),
            changed=BoardOutcome.objects.filter(kind="changed", state="stands").count(),
            meetings=list(Meeting.objects.filter(closed_at=None).order_by("held_on")),
        )


def _undeclared(visit: Visit) -> list[Loaded]:
    """Return the caseloads for which a member has still to declare their interests."""
    if not visit.may("decide"):
        return []
    declared = Declared.objects.filter(account=visit.account).values("caseload")
    return list(Loaded.objects.filter(removed_at=None).exclude(pk__in=declared).order_by("id"))


@routes.page("/queue/saved/{name}", "see a case")
def work_file(visit: Visit, name: str) -> HttpResponse:
    """Give the list as it is searched and filtered, whole, as CSV or Excel."""
    with visit.store.reading():
        rows = [
            (one.case.ref, one.case.decision_date, one.state, one.does)
            for one in queue.waiting(visit, _filters(visit))
        ]  # fmt: skip
        answer = exporting.saved(name, "work", ("case", "decision_day", "state", "to_do"), rows)
    with visit.store.writing():
        visit.record("viewed", "work", what="list, as a file", cases=len(rows))
    return answer
