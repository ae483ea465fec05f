"""The addresses of the board, for Django, and signing in."""

from __future__ import annotations

from pathlib import Path

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.static import serve

from senpolicy_board import accounts, trail
from senpolicy_board.pages import ROUTES
from senpolicy_board.tables import Account
from senpolicy_board.web import SeeOther, board_of, failed, not_found, sign_in_page, signed_in, view

__all__ = ["handler404", "handler500", "urlpatterns"]


def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form for signing in, and sign someone in; the answer does not say what was wrong."""
    board = board_of(request)
    if request.method != "POST":
        return SeeOther("/") if signed_in(request) else sign_in_page(request)
    name = request.POST.get("sign_in", "")[:200].strip().lower()
    password, code = request.POST.get("password", "")[:400], request.POST.get("code", "")[:20].replace(" ", "")
    account = Account.objects.filter(sign_in=name).first()
    fits = authenticate(request, sign_in=name, password=password) is not None
    known = request.COOKIES.get(accounts.known_cookie(account), "") if account else ""
    with board.store.writing():
        allowed, token = accounts.sign_in(board.settings, account, known, code, fits=fits)
        if allowed:
            login(request, allowed)
            request.session.save()
            key = allowed.key
            trail.append(board.settings.now(), key, "signed in", f"account:{key}")
    if allowed is None:
        minutes = int(board.settings.lock_for.total_seconds() // 60)
        says = f"Name and password do not fit, or the account is locked; a lock ends by itself after {minutes} minutes."
        return sign_in_page(request, says, 403)
    answer = SeeOther("/")
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
