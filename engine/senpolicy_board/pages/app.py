"""The application: its routes, what stands before them, and signing in."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import anyio.to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from senpolicy_board import accounts, trail
from senpolicy_board.gather import Figures
from senpolicy_board.pages import ROUTES
from senpolicy_board.policies import Policies
from senpolicy_board.settings import Settings
from senpolicy_board.stopping import Stop
from senpolicy_board.store import Store, migrate, must_not_own
from senpolicy_board.tables import Account, SignedIn
from senpolicy_board.web import (
    COOKIE,
    FORM_COOKIE,
    HEADERS,
    Board,
    board_of,
    cookie_name,
    form_of,
    same_site,
    same_token,
    stopped,
    templates,
)

#: A control character in an address, as it is or escaped.
_NUL = re.compile("[\x00-\x1f\x7f]|%[01][0-9A-Fa-f]|%7[Ff]")
#: How many requests are worked on at a time.
_THREADS = 12


def create_app(settings: Settings, store: Store | None = None, policies: Policies | None = None) -> FastAPI:
    """Return the application of a board; its database is brought up to date first.

    A store or policies that are given are the caller's to close; others end with the application.

    Raises `WrongUse` where the database cannot be used, or its role owns the tables; `PolicyError` where the policy has
    problems.
    """
    kept = store or Store(settings.database)
    migrate(kept)
    must_not_own(kept)
    held = policies or Policies(settings)
    figures = Figures(kept, held, settings.now)
    board = Board(settings, kept, held, templates(), accounts.Hasher(settings.passwords), figures)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        figures.start()
        yield
        if policies is None:
            board.policies.close()
        if store is None:
            board.store.close()

    app = FastAPI(title="Moderation board", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.state.board = board
    for routes in ROUTES:
        app.include_router(routes.router)
        board.actions |= routes.actions
    app.add_api_route("/sign-in", sign_in_form, methods=["GET"])
    app.add_api_route("/sign-in", sign_in, methods=["POST"])
    app.add_api_route("/sign-out", sign_out, methods=["POST"])
    app.mount("/static", StaticFiles(directory=Path(__file__).parents[1] / "static"), name="static")
    app.add_exception_handler(Stop, _stopped)
    app.add_exception_handler(HTTPException, _not_found)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(Guard, settings=settings)
    return app


class Guard:
    """What stands before every route: hosts that may be asked for, bodies that are bounded, headers on every answer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it at once."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
        most = self.settings.most_upload + 10_000 if scope["path"] == "/caseloads" else self.settings.most_form
        length = headers.get(b"content-length", b"0")
        if _NUL.search(scope["path"]) or _NUL.search(scope["query_string"].decode("latin-1")):
            await _plain(400, "This address holds a character that no address of this board has.")(scope, receive, send)
            return
        if host not in self.settings.hosts:
            await _plain(400, "This board is not asked for by that name.")(scope, receive, send)
            return
        if not length.isdigit() or int(length) > most or b"transfer-encoding" in headers:
            answer = _plain(413, f"This is too large. Send {most // 1_000:,} kB at most.")
            await answer(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message.get("headers", []))
                known = {name for name, _ in said}
                for name, value in HEADERS.items():
                    cached = name == "Cache-Control" and scope["path"].startswith("/static/")
                    if name.lower().encode() not in known:
                        said.append((name.lower().encode(), b"max-age=3600" if cached else value.encode()))
                if self.settings.secure:
                    said.append((b"strict-transport-security", b"max-age=31536000"))
                message = {**message, "headers": said}
            await send(message)

        await self.app(scope, receive, sent)


def _plain(status: int, says: str) -> Response:
    return Response(says, status, HEADERS, "text/plain; charset=utf-8")


def _account_of(request: Request) -> Account | None:
    board = board_of(request)
    token = request.cookies.get(cookie_name(board.settings, COOKIE), "")
    with board.store.reading() as db:
        session = accounts.session_of(db, board.settings, token) if token else None
        return session.account if session else None


def _stopped(request: Request, error: Exception) -> Response:
    assert isinstance(error, Stop)
    return stopped(request, error, _account_of(request))


def _not_found(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    says = "Check the address, or start from the board's first page."
    title = {404: "There is no such page", 405: "This page is not asked for in that way"}.get(
        status, "This does not work"
    )
    return stopped(request, Stop(status, title, says), _account_of(request))


def _failed(request: Request, error: Exception) -> Response:
    return stopped(
        request,
        Stop(
            500,
            "Something went wrong",
            "Nothing was saved by this request; whatever was confirmed before still stands. Try once more, then tell "
            "whoever runs the board.",
        ),
    )


def _sign_in_page(request: Request, says: str = "", status: int = 200) -> HTMLResponse:
    board = board_of(request)
    token = secrets.token_urlsafe(32)
    page = board.templates.get_template("sign_in.html.j2").render(
        visit=None, account=None, csrf=token, says=says, policy=board.policies.policy
    )
    answer = HTMLResponse(page, status)
    _set(answer, board.settings, FORM_COOKIE, token)
    return answer


def _set(answer: Response, settings: Settings, name: str, value: str) -> None:
    answer.set_cookie(
        cookie_name(settings, name), value, httponly=True, samesite="strict", secure=settings.secure, path="/"
    )


def sign_in_form(request: Request) -> Response:
    """Show the form for signing in."""
    if _account_of(request):
        return RedirectResponse("/", 303)
    return _sign_in_page(request)


def sign_in(request: Request, form: Annotated[FormData, Depends(form_of)]) -> Response:
    """Sign someone in; the answer does not say what was wrong."""
    board = board_of(request)
    given, kept = form.get("csrf", ""), request.cookies.get(cookie_name(board.settings, FORM_COOKIE), "")
    if not same_site(request) or not kept or not same_token(given, kept):
        return _sign_in_page(request, "This form was out of date. Try again.", 403)
    name, password = str(form.get("sign_in", ""))[:200].strip().lower(), str(form.get("password", ""))[:400]
    with board.store.reading() as db:
        account = db.scalar(select(Account).where(Account.sign_in == name))
    fits = board.hasher.fits(password, account.password if account else None)
    with board.store.writing() as db:
        tried = accounts.sign_in(db, board.settings, account, fits)
    if tried.account is None:
        minutes = int(board.settings.lock_for.total_seconds() // 60)
        says = f"Name and password do not fit, or the account is locked; a lock ends by itself after {minutes} minutes."
        return _sign_in_page(request, says, 403)
    answer = RedirectResponse("/", 303)
    _set(answer, board.settings, COOKIE, tried.token)
    answer.delete_cookie(
        cookie_name(board.settings, FORM_COOKIE), path="/", secure=board.settings.secure, httponly=True
    )
    return answer


def sign_out(request: Request, form: Annotated[FormData, Depends(form_of)]) -> Response:
    """End the session."""
    board = board_of(request)
    token = request.cookies.get(cookie_name(board.settings, COOKIE), "")
    with board.store.writing() as db:
        session = accounts.session_of(db, board.settings, token) if token else None
        given = form.get("csrf", "")
        if session and same_token(given, session.csrf):
            db.delete(db.get_one(SignedIn, session.digest))
            trail.append(
                db, board.settings.now(), session.account.key, "signed out", f"account:{session.account.key}"
            )  # fmt: skip
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(cookie_name(board.settings, COOKIE), path="/", secure=board.settings.secure, httponly=True)
    return answer
