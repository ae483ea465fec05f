"""An account's own page, and the trail."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.db.models import Case, TextField, When
from django.db.models.functions import Length
from django.http import HttpResponse

from senpolicy.files.problems import WrongUse
from senpolicy_board import accounts, trail
from senpolicy_board.replay import ROWS
from senpolicy_board.tables import Account, TrailEntry
from senpolicy_board.web import Routes, Visit

routes = Routes()
TextField.register_lookup(Length)
#: How many rows a page of a long list has.
PAGE = 50
#: How long the detail of an entry may be that is shown.
_SHOWN = 20_000


def _account(visit: Visit, says: str = "", status: int = 200, secret: str = "", recovery: str = "") -> HttpResponse:
    """Return an account's own page; `secret` is that of a second factor, `recovery` the code, that is being set."""
    secret = secret or accounts.new_second()
    return visit.page(
        "account.html.j2", status, says=says, roles=accounts.ROLES, secret=secret,
        link=accounts.second_link(visit.account, secret), wanted=visit.board.settings.second_factor, recovery=recovery,
    )  # fmt: skip


@routes.page("/account", "see own account")
def account_page(visit: Visit) -> HttpResponse:
    """Show the account, and the forms for another password and for a second factor."""
    return _account(visit)


def _done(visit: Visit, does: Callable[[Account], None]) -> str:
    """Do something to the account of a visit, and return why it cannot be done, "" where it was."""
    try:
        with visit.store.writing():
            does(Account.objects.select_for_update().get(pk=visit.account.pk))
    except WrongUse as error:
        return str(error)
    return ""


@routes.page("/account", "see own account", ["POST"])
def change_password(visit: Visit) -> HttpResponse:
    """Set another password, and end every session of the account."""
    old, new, again = (visit.request.POST.get(name, "")[:400] for name in ("old", "new", "again"))
    says = ""
    if not accounts.fits(visit.account, old):
        says = "The present password does not fit."
    elif new != again:
        says = "The new password was not written the same twice."
    elif new == old:
        says = "The new password is the present one. Choose another."
    says = says or _done(visit, lambda account: accounts.change_password(visit.board.settings, account, new))
    return _account(visit, says, 422) if says else visit.go("/sign-in?changed")


@routes.page("/account/second", "see own account", ["POST"])
def set_second(visit: Visit) -> HttpResponse:
    """Set a second factor, once a code shows that the app has its secret; the password is asked for."""
    secret, code = visit.text("secret", 40), visit.text("code", 20).replace(" ", "")
    says = "The password does not fit."
    if accounts.fits(visit.account, visit.request.POST.get("password", "")[:400]):
        says = _done(visit, lambda account: accounts.set_second(visit.board.settings, account, secret, code))
    return _account(visit, says, 422, secret) if says else visit.go("/account")


@routes.page("/account/recovery", "see own account", ["POST"])
def set_recovery(visit: Visit) -> HttpResponse:
    """Make a recovery code, and show it once; the password is asked for."""
    if not accounts.fits(visit.account, visit.request.POST.get("password", "")[:400]):
        return _account(visit, "The password does not fit.", 422)
    with visit.store.writing():
        account = Account.objects.select_for_update().get(pk=visit.account.pk)
        code = accounts.new_recovery(visit.board.settings, account)
    return _account(visit, recovery=code)


@routes.page("/trail", "see the trail")
def trail_page(visit: Visit) -> HttpResponse:
    """Show the trail, the newest entries first."""
    asked = visit.request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 12 else None
    with visit.store.writing():
        visit.record("viewed", "trail", before=before)
        last = trail.last()
        found = TrailEntry.objects.order_by("-seq")
        if before:
            found = found.filter(seq__lt=before)
        # What is long is not read.
        short = When(detail__length__lte=_SHOWN, then="detail")
        rows = found.annotate(shown=Case(short)).values_list("seq", "at", "actor", "action", "subject", "shown")[:PAGE]
        labels = dict(Account.objects.values_list("key", "label"))
    entries = [
        (seq, at[:19].replace("T", " "), labels.get(actor, actor), action, subject, _said(detail))
        for seq, at, actor, action, subject, detail in rows
    ]
    older = entries[-1][0] if entries and entries[-1][0] > 1 else None
    return visit.page("trail.html.j2", entries=entries, last=last, older=older)


def _said(detail: str | None) -> str:
    if detail is None:
        return "many rows"
    content = json.loads(detail)
    many = {name: len(content.pop(name)) for name in ("seals", ROWS) if name in content}
    said = [f"{name} {value}" for name, value in content.items() if value is not None]
    counted = [f"{number} {name if number != 1 else name.removesuffix('s')}" for name, number in many.items()]
    return ", ".join(said + counted)
