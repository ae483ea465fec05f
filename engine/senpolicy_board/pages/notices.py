"""The decision notice, and a case and its notice as PDF."""

from __future__ import annotations

from fastapi.responses import Response

from senpolicy.deciding.decide import Decision
from senpolicy_board import casepage, notices, sheets
from senpolicy_board.pages.cases import seen
from senpolicy_board.stopping import Stop
from senpolicy_board.web import Routes, Visit

routes = Routes()


def _notice(visit: Visit, key: str, what: str, template: str) -> str:
    case = seen(visit, key, what)
    result = visit.policies.decide(case)
    if not isinstance(result, Decision):
        raise Stop(409, "No decision is issued for this case", "So there is nothing to give notice of.")
    found = casepage.view(case, result, visit.policies)
    said = notices.notice(case, result, found, visit.policies)
    return visit.render(template, case=case, found=found, notice=said, policies=visit.policies, today=visit.now)


def _pdf(html: str, name: str) -> Response:
    # The name says nothing of the pupil: it would stay in folders and histories.
    return Response(
        sheets.pdf(html), 200, {"Content-Disposition": f'attachment; filename="{name}.pdf"'}, "application/pdf"
    )


@routes.page("/cases/{key}/notice", "see a notice")
def notice(visit: Visit, key: str) -> Response:
    """Show the decision notice of a case."""
    return Response(_notice(visit, key, "notice", "notice.html.j2"), 200, None, "text/html; charset=utf-8")


@routes.page("/cases/{key}/notice.pdf", "see a notice")
def notice_pdf(visit: Visit, key: str) -> Response:
    """Return the decision notice of a case as a tagged PDF."""
    return _pdf(_notice(visit, key, "notice as PDF", "notice_sheet.html.j2"), f"notice-{key}")


@routes.page("/cases/{key}/case.pdf", "see a case")
def case_pdf(visit: Visit, key: str) -> Response:
    """Return a case's page as a tagged PDF."""
    case = seen(visit, key, "case as PDF")
    result = visit.policies.decide(case)
    found = casepage.view(case, result, visit.policies)
    html = visit.board.templates.get_template("case_sheet.html.j2").render(
        visit=None, case=case, found=found, policies=visit.policies, policy=visit.policies.policy, side=[]
    )  # fmt: skip
    return _pdf(html, f"case-{key}")
