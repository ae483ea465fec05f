"""The addresses of the board, for Django, and signing in. Each page names its own, by `Routes.page` in `web`."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.static import serve

from senpolicy_board import accounts, trail
from senpolicy_board.kept_work import waits
from senpolicy_board.pages import ROUTES
from senpolicy_board.tables import Account
from senpolicy_board.web import SeeOther, board_of, failed, not_found, sign_in_page, signed_in, view

__all__ = ["handler404", "handler500", "urlpatterns"]

_REFUSED = (
    "Name, password and code do not fit, or the account is locked. A lock ends by itself within {}; a code of your "
    "second factor, or your recovery code, opens it."
)
_WAITS = (
    "This name was tried too often from here. Wait {}, or type a code of your second factor or your recovery code with "
    "the password."
)
_PAPER_WAITS = "This recovery code was given too often with a wrong password. Wait {}."
#: Where the guesses of whoever has a recovery code are counted, from whatever address.
_PAPER = "a recovery code"


def _minutes(time: timedelta) -> str:
    """Return how many minutes a time has, in words; a part of one counts as one."""
    minutes = -(-time // timedelta(minutes=1))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form for signing in, and sign someone in; the answer does not say what was wrong."""
    board = board_of(request)
    if request.method != "POST":
        return SeeOther("/") if signed_in(request) else sign_in_page(request)
    name = request.POST.get("sign_in", "")[:200].strip().lower()
    password, code = (request.POST.get(one, "")[:400] for one in ("password", "code"))
    code, source = re.sub(r"[\s-]", "", code), str(request.META.get("REMOTE_ADDR", ""))
    account = Account.objects.filter(sign_in=name).first()
    known = request.COOKIES.get(accounts.known_cookie(account), "") if account else ""
    found = accounts.shown(board.settings, account, known, code)
    until = None if found.browser else board.waits.until(name, source)
    # Who waits is answered before any work; it depends on nothing but what was tried from here.
    if until and not found.code:
        return sign_in_page(request, _WAITS.format(_minutes(until - board.settings.now())), 403)
    # The paper opens every lock, and is not used up by a wrong password: whoever found it must not guess without end.
    held = board.waits.until(name, _PAPER) if found.recovered else None
    if held:
        return sign_in_page(request, _PAPER_WAITS.format(_minutes(held - board.settings.now())), 403)
    fits = authenticate(request, sign_in=name, password=password) is not None
    with board.store.writing():
        allowed, token = accounts.sign_in(board.settings, account, known, code, fits=fits, waits=until is not None)
        if allowed:
            login(request, allowed)
            request.session.save()
            key = allowed.key
            trail.append(board.settings.now(), key, "signed in", f"account:{key}")
    if allowed is None:
        longest = max(board.settings.lock_for, board.settings.lock_all_for)
        return sign_in_page(request, _REFUSED.format(_minutes(longest)), 403)
    board.waits.forget(name, source)
    board.waits.forget(name, _PAPER)
    answer = SeeOther("/kept" if waits(request, board.kept, allowed) else "/")
    if token:
        answer.set_cookie(
            accounts.known_cookie(allowed), token, max_age=accounts.KNOWN_FOR, httponly=True,
            samesite="Strict", path="/sign-in", secure=board.settings.secure,
        )  # fmt: skip
    return answer


def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.method == "POST":
        logout(request)
    return SeeOther("/sign-in")


def _pattern(address: str) -> str:
    return address.removeprefix("/").replace("{", "<str:").replace("}", ">")


urlpatterns = [
    path("sign-in", sign_in),
    path("sign-out", sign_out),
    path("static/<path:path>", serve, {"document_root": Path(__file__).parents[1] / "static"}),
    *(path(_pattern(address), view(answers)) for routes in ROUTES for address, answers in routes.answers.items()),
]
handler404 = not_found
handler500 = failed
