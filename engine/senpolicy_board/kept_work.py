"""What someone typed into a form whose session had ended, until they sign in again: in the memory of one process alone.

It is kept for who typed it and for their browser, which holds a token that says nothing. Where another person signs in
there, it is gone. Neither the database nor the trail nor an address has any of it, and it is lost with the process.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from senpolicy_board.sessions import digest
from senpolicy_board.tables import Account, SignedIn

#: For how long it is kept, and of how many at most: the oldest goes first.
KEPT_FOR, MOST = timedelta(hours=2), 200
#: How many letters a form has at most that is kept: the address of evidence takes far larger ones.
MOST_LETTERS = 100_000
#: The cookie of the token, and how the addresses of forms look whose page can be shown again with what was typed.
COOKIE = "board-kept"
RESTORED = re.compile(r"/cases/[0-9a-f]{16}/(score|decide|map)|/meetings(/[0-9a-f]{16})?")
#: Of all other forms the fields that are kept, to be copied: a reason, and a note beside a case with its title.
WORDS = ("title", "because", "note")
#: Said on a page that shows again what was typed.
AGAIN = "You have signed in again. What you typed is below, and is not saved yet: look through it, and send it again."

#: Set in a request's META where a form is shown again. Nothing of a client has such a name: its headers begin HTTP_.
SHOWN_AGAIN = "senpolicy.shown_again"


@dataclass(frozen=True)
class TypedForm:
    """A form as it was sent: by which account, to which address, and when."""

    account: int
    path: str
    fields: Mapping[str, Sequence[str]]
    at: datetime

    @property
    def restored(self) -> bool:
        """Whether its page can be shown again with what was typed."""
        return RESTORED.fullmatch(self.path) is not None


class KeptWork:
    """The forms that are kept, by the digest of the token of a browser."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._lock = now, Lock()
        self._forms: OrderedDict[str, TypedForm] = OrderedDict()

    def keep(self, account: int, path: str, fields: Mapping[str, Sequence[str]]) -> str:
        """Keep a form of an account, in the place of any before, and return the token for its browser."""
        token, now = secrets.token_urlsafe(32), self._now()
        with self._lock:
            self._drop(lambda one: one.account == account or now - one.at > KEPT_FOR)
            self._forms[digest(token)] = TypedForm(account, path, fields, now)
            if len(self._forms) > MOST:
                self._forms.popitem(last=False)
        return token

    def of(self, token: str, account: int | None = None) -> TypedForm | None:
        """Return the form of a browser; None where none is kept, or it is that of another account, and is gone now."""
        with self._lock:
            found = self._forms.get(digest(token)) if token else None
            if found is not None and (self._now() - found.at > KEPT_FOR or account not in (None, found.account)):
                del self._forms[digest(token)]
                return None
            return found

    def forget(self, account: int, path: str) -> None:
        """Forget the form of an account to an address: it has been sent again."""
        with self._lock:
            self._drop(lambda one: (one.account, one.path) == (account, path))

    def _drop(self, gone: Callable[[TypedForm], bool]) -> None:
        for key in [key for key, one in self._forms.items() if gone(one)]:
            del self._forms[key]


def keeping(request: HttpRequest, kept: KeptWork, answer: HttpResponse, *, secure: bool) -> HttpResponse:
    """Return the answer to a request of nobody; a form of someone whose session has ended is kept with it."""
    whole = RESTORED.fullmatch(request.path) is not None
    if request.method != "POST" or not (whole or any(map(request.POST.get, WORDS))):
        return answer
    # The row of a session stays until somebody signs in after its day; its account is who typed this.
    session = SignedIn.objects.select_related("account").filter(
        digest=digest(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    ).first()  # fmt: skip
    if session is not None and session.account.active:
        names = request.POST if whole else [name for name in WORDS if request.POST.get(name)]
        fields = {name: request.POST.getlist(name) for name in names if name != "csrfmiddlewaretoken"}
        if sum(len(one) for several in fields.values() for one in several) > MOST_LETTERS:
            return answer
        token = kept.keep(session.account_id, request.path, fields)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=secure)
    return answer


def waits(request: HttpRequest, kept: KeptWork, account: Account | None = None) -> bool:
    """Return whether something is kept for a browser; for an account, what is another's is forgotten."""
    return kept.of(request.COOKIES.get(COOKIE, ""), account.pk if account else None) is not None
