"""The decision notice: a draft until it is issued, then as it was issued; and a case and its notice as PDF."""

from __future__ import annotations

import re
from datetime import datetime

from django.http import HttpResponse
from markupsafe import Markup

from senpolicy.deciding.decide import Decision
from senpolicy_board import casepage, notices, sheets, trail
from senpolicy_board.pages.cases import seen
from senpolicy_board.reopening import since
from senpolicy_board.scoring import case_of, must_see_answer
from senpolicy_board.stopping import Stop, there
from senpolicy_board.tables import BoardCase, IssuedNotice
from senpolicy_board.web import Routes, Visit, rendered

routes = Routes()

#: Of a notice's sheet: what it says, and the line that says that it is illustrative.
_MAIN, _MARK = re.compile(r"<main>(.*)</main>", re.S), re.compile(r'<p class="mark">(.*?)</p>', re.S)


def _sheet(visit: Visit, case: BoardCase, on: datetime, *, draft: bool) -> str | None:
    """Return the sheet of a case's notice as the policy is now; None where no decision is issued for the case."""
    result = visit.policies.decide(case)
    if not isinstance(result, Decision):
        return None
    found = casepage.view(case, result, visit.policies)
    said = notices.notice(case, result, found, visit.policies)
    return visit.render(
        "notice_sheet.html.j2", case=case, found=found, notice=said, policies=visit.policies, today=on, draft=draft
    )


def _sheet_now(visit: Visit, case: BoardCase, *, draft: bool) -> str:
    sheet = _sheet(visit, case, visit.now, draft=draft)
    if sheet is None:
        raise Stop(409, "No decision is issued for this case", "So there is nothing to give notice of.")
    return sheet


# What the templates have written once, and escaped, is put into the page as it is.
def _part(pattern: re.Pattern[str], sheet: str) -> str:
    found = pattern.search(sheet)
    return found[1].strip() if found else ""


def _page(visit: Visit, case: BoardCase, issued: IssuedNotice | None) -> HttpResponse:
    """Show an issued notice as it was issued, and beside it where the policy says otherwise now; or the draft."""
    sheet = (issued.body or "") if issued else _sheet_now(visit, case, draft=True)
    now = _sheet(visit, case, issued.issued_at, draft=False) if issued else sheet
    reopened = since(issued) if issued else None
    mark = _part(_MARK, sheet.partition("<main>")[0])
    return visit.page(
        "notice.html.j2", case=case, issued=issued, body=Markup(_part(_MAIN, sheet)), mark=Markup(mark),
        reopened=reopened, replaced=issued is not None and issued != case.notices.last(),
        changed=now is None or _part(_MAIN, now) != _part(_MAIN, sheet),
        decided=now is not None, stands=case.standing is not None,
    )  # fmt: skip


def _pdf(html: str, name: str) -> HttpResponse:
    # The name says nothing of the pupil: it would stay in folders and histories.
    return HttpResponse(
        sheets.pdf(html), content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )  # fmt: skip


@routes.page("/cases/{key}/notice", "see a notice")
def notice(visit: Visit, key: str) -> HttpResponse:
    """Show the notice of a case that was issued last; the draft where none was, or where ?now asks for it."""
    case = seen(visit, key, "notice")
    asked = "now" in visit.request.GET
    return _page(visit, case, None if asked else case.notices.last())


@routes.page("/cases/{key}/notice", "issue a notice", ["POST"])
def issue(visit: Visit, key: str) -> HttpResponse:
    """Issue the notice of a case on which the board's decision stands: kept from then on as it was issued."""
    with visit.store.writing():
        case = case_of(key)
        must_see_answer(case, visit.account)
        if case.standing is None:
            raise Stop(409, "The board has not decided this case", "A notice is issued once its decision stands.")
        sheet = _sheet_now(visit, case, draft=False)
        policy, salt = visit.policies.policy, trail.new_salt()
        kept = IssuedNotice.objects.create(
            case=case, issued_at=visit.now, issued_by_id=visit.account.id, as_of=policy.as_of,
            policy_digest=policy.digest, body=sheet, salt=salt, seal=trail.seal(salt, sheet),
        )  # fmt: skip
        visit.record("notice issued", f"notice:{kept.key}", case=key, seal=kept.seal)
    return visit.go(f"/cases/{key}/notice")


@routes.page("/cases/{key}/notice.pdf", "see a notice")
def notice_pdf(visit: Visit, key: str) -> HttpResponse:
    """Return the notice of a case that was issued last, as it was issued, as a tagged PDF; or the draft."""
    case = seen(visit, key, "notice as PDF")
    issued = case.notices.last()
    return _pdf(issued.body or "" if issued else _sheet_now(visit, case, draft=True), f"notice-{key}")


def _issued(visit: Visit, key: str, what: str) -> tuple[BoardCase, IssuedNotice]:
    with visit.store.reading():
        found = IssuedNotice.objects.select_related("case").filter(key=key).first()
        of = there(found, "notice", "See the case's page.").case.key
    case = seen(visit, of, what)
    return case, next(one for one in case.notices.all() if one.key == key)


@routes.page("/notices/{key}", "see a notice")
def issued_notice(visit: Visit, key: str) -> HttpResponse:
    """Show a notice as it was issued."""
    return _page(visit, *_issued(visit, key, "notice"))


@routes.page("/notices/{key}/notice.pdf", "see a notice")
def issued_pdf(visit: Visit, key: str) -> HttpResponse:
    """Return a notice as it was issued, as a tagged PDF."""
    return _pdf(_issued(visit, key, "notice as PDF")[1].body or "", f"notice-{key}")


@routes.page("/cases/{key}/case.pdf", "see a case")
def case_pdf(visit: Visit, key: str) -> HttpResponse:
    """Return a case's page as a tagged PDF."""
    case = seen(visit, key, "case as PDF")
    result = visit.policies.decide(case)
    found = casepage.view(case, result, visit.policies)
    html = rendered(
        visit.request, "case_sheet.html.j2", visit=None, case=case, found=found, policies=visit.policies, side=[]
    )
    return _pdf(html, f"case-{key}")
