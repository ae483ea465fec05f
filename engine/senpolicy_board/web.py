"""What every page shares: who visits, what they may, forms that are bounded, and answers with strict headers."""

from __future__ import annotations

import hmac
import inspect
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile

from senpolicy.readings.say import say_date, say_money
from senpolicy_board import trail
from senpolicy_board.accounts import MAY, Hasher, digest, may, session_of
from senpolicy_board.policies import Policies
from senpolicy_board.settings import Settings
from senpolicy_board.stopping import Stop
from senpolicy_board.store import Store
from senpolicy_board.tables import Account, SignedIn

if TYPE_CHECKING:
    from senpolicy_board.gather import Figures

#: Sent with every answer. Nothing is loaded from elsewhere, framed, or kept by a cache on the way.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
#: What no text holds that somebody types: control characters but tabs and ends of lines, and halves of characters.
_NOT_KEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: The cookie of a session, and that of a sign-in form; with `__Host-` before it where there is TLS.
COOKIE, FORM_COOKIE = "board", "board-form"


@dataclass
class Board:
    """A running board: its settings, database and policy, and the templates of its pages."""

    settings: Settings
    store: Store
    policies: Policies
    templates: Environment
    hasher: Hasher
    figures: Figures
    actions: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass
class Visit:
    """A request of someone who is signed in and may do what its route is for."""

    request: Request
    board: Board
    account: Account
    csrf: str
    form: FormData

    @property
    def store(self) -> Store:
        """The database."""
        return self.board.store

    @property
    def policies(self) -> Policies:
        """The policy."""
        return self.board.policies

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return self.board.settings.now()

    def may(self, action: str) -> bool:
        """Return whether this account's role may do something."""
        return may(self.account.role, action)

    def shows(self, path: str) -> bool:
        """Return whether the board has a page at a path."""
        return ("GET", path) in self.board.actions

    def record(self, db: Session, action: str, subject: str, **detail: Any) -> None:
        """Append an entry of this account to the trail, in the transaction of `db`."""
        trail.append(db, self.now, self.account.key, action, subject, **detail)

    def text(self, name: str, most: int = 2_000) -> str:
        """Return what a form says under a name, "" for nothing. Raises `Stop` where it is longer than `most`."""
        value = self.form.get(name, "")
        said = value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""
        if len(said) > most:
            raise Stop(422, "This is too long", f"Write {most:,} letters at most. Go back: what you wrote is there.")
        return said

    def number(self, name: str, lowest: int, highest: int) -> int:
        """Return the whole number that a form gives. Raises `Stop` for anything else."""
        said = self.text(name, 20)
        if not said.isdecimal() or not lowest <= int(said) <= highest:
            raise Stop(422, "A number is missing", f"Write a whole number from {lowest:,} to {highest:,} for {name}.")
        return int(said)

    def upload(self, name: str) -> UploadFile | None:
        """Return the file that a form carries under a name, None where none was chosen."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def page(self, template: str, status: int = 200, **content: Any) -> HTMLResponse:
        """Return a page, whose template may use what every page has."""
        return HTMLResponse(self.render(template, **content), status)

    def render(self, template: str, **content: Any) -> str:
        """Return a page as text."""
        return self.board.templates.get_template(template).render(
            visit=self, account=self.account, csrf=self.csrf, policy=self.policies.policy, **content
        )

    def go(self, path: str) -> RedirectResponse:
        """Return the answer that sends the browser to another page of the board."""
        return RedirectResponse(path, 303)


def templates() -> Environment:
    """Return the templates of the pages: everything is escaped, and a name that is not there is an error."""
    environment = Environment(
        loader=PackageLoader("senpolicy_board", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"money": say_money, "day": say_date, "moment": say_moment, "words": words}
    return environment


def say_moment(moment: datetime) -> str:
    """Return a moment as people write it, in UTC: "1 April 2025, 14:05 UTC"."""
    return f"{say_date(moment)}, {moment:%H:%M} UTC"


def words(text: str) -> str:
    """Return an id as words."""
    return text.replace("_", " ").replace("-", " ")


def board_of(request: Request) -> Board:
    """Return the board that a request is put to."""
    board: Board = request.app.state.board
    return board


async def form_of(request: Request) -> AsyncIterator[FormData]:
    """Give the form of a request, nothing for a GET; its file is closed after the answer."""
    if request.method != "POST":
        yield FormData()
        return
    async with request.form(max_files=1, max_fields=200) as form:
        texts = [text for name, value in form.multi_items() for text in (name, value) if isinstance(text, str)]
        if any(_NOT_KEPT.search(text) for text in texts):
            says = "Control characters, such as the one with the number 0, are not kept. Type the words again."
            raise Stop(422, "This holds a character that cannot be kept", says)
        yield form


def cookie_name(settings: Settings, name: str) -> str:
    """Return the name of a cookie; with TLS it is one that only this host can set."""
    return f"__Host-{name}" if settings.secure else name


def same_site(request: Request) -> bool:
    """Return whether a form was sent from a page of this board, as far as the browser says."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    return origin in (None, "null") or urlsplit(str(origin)).netloc == request.headers.get("host")


def same_token(given: str | UploadFile, kept: str) -> bool:
    """Return whether what a form gives is the token that is kept, in a time that does not tell where they differ."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(errors="replace"), kept.encode())


def allowed(action: str) -> Callable[..., Visit]:
    """Return what a route depends on: a visit by someone signed in whose role may do `action`."""
    if action not in MAY:
        raise KeyError(action)

    def visit(request: Request, form: Annotated[FormData, Depends(form_of)]) -> Visit:
        board = board_of(request)
        settings = board.settings
        token = request.cookies.get(cookie_name(settings, COOKIE), "")
        with board.store.reading() as db:
            session = session_of(db, settings, token) if token else None
        if session is None:
            raise Stop(303, to="/sign-in")
        account = session.account
        if request.method == "POST":
            given = form.get("csrf", "")
            if not same_site(request) or not same_token(given, session.csrf):
                raise Stop(
                    403,
                    "This form is out of date",
                    "You may have signed in again since you opened it. Go back, copy what you wrote, and reload it.",
                )
        if (settings.now() - session.seen).total_seconds() > 60:
            with board.store.writing() as db:
                kept = db.get(SignedIn, digest(token))
                if kept:
                    kept.seen = settings.now()
                    trail.append(db, settings.now(), account.key, "session goes on", f"account:{account.key}")
        if not may(account.role, action):
            with board.store.writing() as db:
                trail.append(db, settings.now(), account.key, "refused", f"account:{account.key}", wanted=action)
            raise Stop(403, "This page is not for your role", f"Your role is {account.role}.")
        return Visit(request, board, account, session.csrf, form)

    return visit


class Routes:
    """The routes of a part of the board, each with its action; `router` goes into the application."""

    def __init__(self) -> None:
        self.router = APIRouter()
        self.actions: dict[tuple[str, str], str] = {}

    def page(self, path: str, action: str, methods: Sequence[str] = ("GET",)) -> Callable[..., Any]:
        """Return a decorator for a function of a `Visit` (and what the path names) that answers with a page."""
        visit = allowed(action)

        def decorate(function: Callable[..., Response]) -> Callable[..., Response]:
            if any(name not in ("visit", *_names(path)) for name in function.__annotations__ if name != "return"):
                raise TypeError(f"{function.__name__} asks for what its path does not name")
            wrapped = _with_visit(function, visit)
            for method in methods:
                self.actions[method, path] = action
            self.router.add_api_route(path, wrapped, methods=list(methods), include_in_schema=False)
            return function

        return decorate


def _names(path: str) -> list[str]:
    return [part[1:-1] for part in path.replace(".", "/").split("/") if part.startswith("{")]


def _with_visit(function: Callable[..., Response], visit: Callable[..., Visit]) -> Callable[..., Response]:
    signature = inspect.signature(function)
    kept = [
        parameter.replace(annotation=Annotated[Visit, Depends(visit)])
        if name == "visit"
        else parameter.replace(annotation=str)
        for name, parameter in signature.parameters.items()
    ]

    def answer(**given: Any) -> Response:
        return function(**given)

    answer.__signature__ = signature.replace(parameters=kept, return_annotation=Response)  # type: ignore[attr-defined]
    answer.__name__ = function.__name__
    return answer


def stopped(request: Request, error: Stop, account: Account | None = None) -> Response:
    """Return the answer to a request that was stopped."""
    if error.to:
        return RedirectResponse(error.to, error.status)
    board = board_of(request)
    page = board.templates.get_template("stopped.html.j2")
    content: Mapping[str, Any] = {
        "title": error.title,
        "says": error.says,
        "wrote": error.wrote,
        "policy": board.policies.policy,
    }
    return HTMLResponse(page.render(visit=None, account=account, csrf="", **content), error.status)
