"""What every page shares: who visits, what they may, forms that are bounded, and answers with strict headers."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth import get_user
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from jinja2 import Environment

from senpolicy.readings.say import say_date, say_money
from senpolicy_board import trail
from senpolicy_board.accounts import MAY, may
from senpolicy_board.guessing import GuessWaits
from senpolicy_board.images import Cell
from senpolicy_board.kept_work import AGAIN, SHOWN_AGAIN, KeptWork, keeping, waits
from senpolicy_board.policies import Policies
from senpolicy_board.sessions import BOARD
from senpolicy_board.settings import Settings
from senpolicy_board.stopping import Stop
from senpolicy_board.store import Store
from senpolicy_board.tables import Account

if TYPE_CHECKING:
    from senpolicy_board.gather import Figures

#: Sent with every answer beside what Django's own middleware sends. Nothing is loaded from elsewhere, framed, or kept
#: by a cache on the way.
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
#: A control character in an address, as it is or escaped.
_NUL = re.compile("[\x00-\x1f\x7f]|%[01][0-9A-Fa-f]|%7[Ff]")
#: How the addresses end to which a file may be sent.
_WITH_FILES = ("/caseloads", "/evidence")
#: Pages without which nobody can set another password or a second factor.
_OWN = "see own account"

#: What answers with a page: it is given a request, or a visit, and what the address names.
Answers: TypeAlias = Callable[..., HttpResponse]


@dataclass
class Board:
    """A running board: its settings, database and policy."""

    settings: Settings
    store: Store
    policies: Policies
    figures: Figures
    actions: Mapping[tuple[str, str], str]
    waits: GuessWaits
    kept: KeptWork


class Application(WSGIHandler):
    """A board as an application of WSGI; a process may hold several."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board = board

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request from this board's own database."""
        board = self.board
        request.board = board  # type: ignore[attr-defined]  # What `board_of` reads.
        token = BOARD.set((board.store, board.settings))
        try:
            with board.store.asked():
                return super().get_response(request)
        finally:
            BOARD.reset(token)


def board_of(request: HttpRequest) -> Board:
    """Return the board that a request is put to."""
    board: Board = request.board  # type: ignore[attr-defined]  # `Application` sets it.
    return board


class Guard:
    """What stands before every page: hosts that may be asked for, bodies that are bounded, headers on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass a request on, or answer it at once."""
        settings = board_of(request).settings
        answer = self._refused(request, settings) or self.get_response(request)
        if request.path.startswith("/static/"):
            answer.headers["Cache-Control"] = "max-age=3600"
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if settings.secure:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000"
        return answer

    def _refused(self, request: HttpRequest, settings: Settings) -> HttpResponse | None:
        meta = request.META
        most = settings.most_upload + 10_000 if request.path.endswith(_WITH_FILES) else settings.most_form
        length = meta.get("CONTENT_LENGTH") or "0"
        if _NUL.search(request.path) or _NUL.search(meta.get("QUERY_STRING", "")):
            return _plain(400, "This address holds a character that no address of this board has.")
        if meta.get("HTTP_HOST", "").rsplit(":", 1)[0] not in settings.hosts:
            return _plain(400, "This board is not asked for by that name.")
        if not length.isdigit() or int(length) > most or "HTTP_TRANSFER_ENCODING" in meta:
            return _plain(413, f"This is too large. Send {most // 1_000:,} kB at most.")
        return None

    def process_view(self, request: HttpRequest, *_: Cell) -> HttpResponse | None:
        """Refuse a form from elsewhere, or with characters that are not kept. What Django asks next is its token alone.

        Django would refuse a browser that names no page, as ours are told not to, and one that asks a proxy with TLS.
        """
        if request.method == "POST":
            texts = [text for name, values in request.POST.lists() for text in (name, *values)]
            if any(_NOT_KEPT.search(text) for text in texts):
                says = "Control characters, such as the one with the number 0, are not kept. Type the words again."
                return stopped(request, Stop(422, "This holds a character that cannot be kept", says))
            if not same_site(request):
                return out_of_date(request)
        request.META.pop("HTTP_ORIGIN", None)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page of a request that ended early, or failed."""
        return stopped(request, error) if isinstance(error, Stop) else None


def _plain(status: int, says: str) -> HttpResponse:
    return HttpResponse(says, status=status, content_type="text/plain; charset=utf-8")


def same_site(request: HttpRequest) -> bool:
    """Return whether a form was sent from a page of this board, as far as the browser says."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    return origin in (None, "null") or urlsplit(str(origin)).netloc == request.headers.get("host")


class SeeOther(HttpResponseRedirect):
    """Sends a browser to another page, which it asks for by GET."""

    status_code = 303


@dataclass
class Visit:
    """A request of someone who is signed in and may do what its route is for."""

    request: HttpRequest
    board: Board
    store: Store
    policies: Policies
    account: Account

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return self.board.settings.now()

    @property
    def again(self) -> list[str]:
        """What to say of a form that is shown again after signing in, and never saved by that; else nothing."""
        return [AGAIN] if self.request.META.get(SHOWN_AGAIN) else []

    def may(self, action: str) -> bool:
        """Return whether this account's role may do something."""
        return may(self.account.role, action)

    def shows(self, path: str) -> bool:
        """Return whether the board has a page at a path."""
        return ("GET", path) in self.board.actions

    def record(self, action: str, subject: str, **detail: Cell) -> None:
        """Append an entry of this account to the trail, in the transaction that writes."""
        trail.append(self.now, self.account.key, action, subject, **detail)

    def text(self, name: str, most: int = 2_000) -> str:
        """Return what a form says under a name, "" for nothing. Raises `Stop` where it is longer than `most`."""
        said = self.request.POST.get(name, "").replace("\r\n", "\n")
        try:
            return str(forms.CharField(max_length=most, required=False).clean(said))
        except ValidationError:
            raise Stop(
                422, "This is too long", f"Write {most:,} letters at most. Go back: what you wrote is there."
            ) from None

    def number(self, name: str, lowest: int, highest: int) -> int:
        """Return the whole number that a form gives. Raises `Stop` for anything else."""
        says = f"Write a whole number from {lowest:,} to {highest:,} for {name}."
        said = self.text(name, 20)
        with suppress(ValidationError):
            if said.isdecimal():
                return int(forms.IntegerField(min_value=lowest, max_value=highest).clean(said))
        raise Stop(422, "A number is missing", says)

    def upload(self, name: str) -> UploadedFile[bytes] | None:
        """Return the file that a form carries under a name, None where none was chosen."""
        return self.request.FILES.get(name)

    def page(self, template: str, status: int = 200, **content: Cell) -> HttpResponse:
        """Return a page, whose template may use what every page has."""
        return HttpResponse(self.render(template, **content), status=status)

    def render(self, template: str, **content: Cell) -> str:
        """Return a page as text."""
        return rendered(self.request, template, visit=self, account=self.account, **content)

    def go(self, path: str) -> HttpResponse:
        """Return the answer that sends the browser to another page of the board."""
        return SeeOther(path)


def rendered(request: HttpRequest, template: str, **content: Cell) -> str:
    """Return a page as text, with the policy of the board and the token of a form."""
    said: str = render_to_string(template, {"policy": board_of(request).policies.policy, **content}, request)
    return said


def environment(**options: Cell) -> Environment:
    """Return what reads the templates: everything is escaped, and a name that is not there is an error."""
    made = Environment(**options)
    made.filters |= {"money": say_money, "day": say_date, "moment": say_moment, "words": words}
    return made


def say_moment(moment: datetime) -> str:
    """Return a moment as people write it, in UTC: "1 April 2025, 14:05 UTC"."""
    return f"{say_date(moment)}, {moment:%H:%M} UTC"


def words(text: str) -> str:
    """Return an id as words."""
    return text.replace("_", " ").replace("-", " ")


def signed_in(request: HttpRequest) -> Account | None:
    """Return the account that is signed in, None where nobody is."""
    account = get_user(request) if hasattr(request, "session") else None
    return account if isinstance(account, Account) else None


def visit_of(request: HttpRequest, action: str) -> Visit:
    """Return the visit of someone signed in whose role may do `action`; raises `Stop` for others."""
    board = board_of(request)
    account = signed_in(request)
    if account is None:
        raise Stop(303, to="/sign-in")
    request.session.go_on()  # type: ignore[attr-defined]  # Of the board's own sessions.
    if not may(account.role, action):
        with board.store.writing():
            trail.append(board.settings.now(), account.key, "refused", f"account:{account.key}", wanted=action)
        raise Stop(403, "This page is not for your role", f"Your role is {account.role}.")
    if action != _OWN and (account.reset or (board.settings.second_factor and not account.second)):
        raise Stop(303, to="/account")
    prefetch_related_objects([account], "interests")
    return Visit(request, board, board.store, board.policies, account)


class Routes:
    """The routes of a part of the board: of each path, by method, the action that it names and what answers it."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, tuple[str, Answers]]] = {}

    def page(self, path: str, action: str, methods: Sequence[str] = ("GET",)) -> Callable[[Answers], Answers]:
        """Return a decorator for a function of a `Visit` (and what the path names) that answers with a page.

        Raises KeyError for an action that does not stand in `MAY`.
        """
        if action not in MAY:
            raise KeyError(action)

        def decorate(function: Answers) -> Answers:
            for method in methods:
                self.answers.setdefault(path, {})[method] = (action, function)
            return function

        return decorate


def view(answers: Mapping[str, tuple[str, Answers]]) -> Answers:
    """Return what Django asks for the pages of one path."""

    def answer(request: HttpRequest, **named: str) -> HttpResponse:
        method = request.method or ""
        if method not in answers:
            raise Stop(405, "This page is not asked for in that way", _START)
        action, function = answers[method]
        visit = visit_of(request, action)
        answer = function(visit, **named)
        if method == "POST":
            visit.board.kept.forget(visit.account.pk, request.path)
        return answer

    return answer


_START = "Check the address, or start from the board's first page."


def stopped(request: HttpRequest, error: Stop) -> HttpResponse:
    """Return the answer to a request that was stopped."""
    if error.to:
        board = board_of(request)
        go = SeeOther(error.to)
        return go if signed_in(request) else keeping(request, board.kept, go, secure=board.settings.secure)
    board, account = board_of(request), signed_in(request)
    visit = Visit(request, board, board.store, board.policies, account) if account else None
    page = rendered(
        request, "stopped.html.j2", visit=visit, account=account, title=error.title, says=error.says,
        wrote=error.wrote,
    )  # fmt: skip
    return HttpResponse(page, status=error.status)


def sign_in_page(request: HttpRequest, says: str = "", status: int = 200) -> HttpResponse:
    """Return the form for signing in."""
    kept = waits(request, board_of(request).kept)
    changed = "changed" in request.GET and not says
    page = rendered(request, "sign_in.html.j2", visit=None, account=None, says=says, kept=kept, changed=changed)
    return HttpResponse(page, status=status)


def out_of_date(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the answer to a form without its token, for Django."""
    if request.path == "/sign-in":
        return sign_in_page(request, "This form was out of date. Try again.", 403)
    if signed_in(request) is None:
        return SeeOther("/sign-in")
    return stopped(
        request,
        Stop(
            403,
            "This form is out of date",
            "You may have signed in again since you opened it. Go back, copy what you wrote, and reload it.",
        ),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the answer where there is no such page."""
    return stopped(request, Stop(404, "There is no such page", _START))


def failed(request: HttpRequest) -> HttpResponse:
    """Return the answer where something went wrong, and tell whoever runs the board where: never of whom."""
    kind, _, where = sys.exc_info()
    # Not the message of the error, which may hold what a row holds.
    print(f"{kind.__name__ if kind else 'error'} at", *traceback.format_tb(where), file=sys.stderr, flush=True)
    says = (
        "Nothing was saved by this request; whatever was confirmed before still stands. Try once more, then tell "
        "whoever runs the board."
    )
    return stopped(request, Stop(500, "Something went wrong", says))
