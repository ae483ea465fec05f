"""A case's page: the answer, why, what is open, and how it would be otherwise; and its decision record as a file."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy.deciding.decide import Decision
from senpolicy.files.problems import WrongUse
from senpolicy_board import casepage, communities, editions, evidence, halts, judging, recording
from senpolicy_board.scoring import barred, case_of, confirmed, may_score, must_see_answer
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import BoardCase
from senpolicy_board.web import Routes, Visit

routes = Routes()


def seen(visit: Visit, key: str, what: str = "case") -> BoardCase:
    """Return a case that this account may see, its view recorded; raises `Stop` where it may not."""
    with visit.store.writing():
        case = case_of(key)
        must_see_answer(case, visit.account)
        visit.record("viewed", f"case:{key}", what=what)
    return case


@routes.page("/cases/{key}", "see a case")
def case_page(visit: Visit, key: str) -> HttpResponse:
    """Show a case; with ?as_of=, how the policy stood as of an earlier decision beside it."""
    case = seen(visit, key)
    policies = visit.policies
    result = policies.decide(case)
    earlier = visit.request.GET.get("as_of", "")
    side: list[casepage.NowAndThen] = []
    if earlier:
        if earlier not in policies.earlier:
            raise Stop(404, "There is no such decision", "Choose one of the list on the case's page.")
        side = casepage.beside(result, policies.decide(case, earlier))
    return visit.page(
        "case.html.j2",
        case=case,
        found=casepage.view(case, result, policies),
        policies=policies,
        earlier=earlier,
        side=side,
        others=casepage.others(result) if isinstance(result, Decision) else [],
        wanted="",
        nearest=None,
        late=False,
        elsewhere=editions.elsewhere(case, policies),
        may_score=may_score(case, visit.account),
        barred=barred(case, visit.account),
        unjudged=judging.missing(case, confirmed(case), policies),
        evidence=evidence.shown(case),
        adjustments=halts.adjustments(case, policies),
        waits=communities.waits(case, policies),
    )


@routes.page("/cases/{key}/why-not", "see a case")
def why_not(visit: Visit, key: str) -> HttpResponse:
    """Show why not another answer and the smallest change that would lead there: as a page, or as a part of one."""
    case = seen(visit, key, "why not")
    policies = visit.policies
    result = policies.decide(case)
    wanted = visit.request.GET.get("answer", "")[:200]
    if not isinstance(result, Decision):
        raise Stop(404, "No decision is issued for this case", "See the case's page.")
    found = None
    if wanted:
        try:
            found = policies.explain(result, wanted)
        except WrongUse:
            raise Stop(404, "There is no such answer", "Choose one of the list on the case's page.") from None
    part = visit.request.headers.get("hx-request") == "true"
    return visit.page(
        "why_not_part.html.j2" if part else "why_not.html.j2",
        case=case,
        others=casepage.others(result),
        wanted=wanted,
        nearest=casepage.nearest_view(found, wanted) if found else None,
        late=bool(wanted) and found is None,
    )


@routes.page("/cases/{key}/record", "see a case")
def record(visit: Visit, key: str) -> HttpResponse:
    """Give the decision record of a case that the board has decided."""
    case = seen(visit, key, "decision record")
    kept = case.record
    text = recording.text_of(kept) if kept else None
    if kept is None or text is None:
        says = "A case has one once the board's decision stands and the policy decides the case."
        raise Stop(404, "There is no decision record", says)
    disposition = f'attachment; filename="{recording.file_name(kept)}"'
    return HttpResponse(
        text, content_type="application/json; charset=utf-8", headers={"Content-Disposition": disposition}
    )
