"""Sessions, as Django asks for them: rows of `signed_in`, by the digest of the token that the cookie holds.

They end when idle or after a day's work, and no session begins, goes on or ends without its entry in the trail.
"""

from __future__ import annotations

import hashlib
from contextvars import ContextVar

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from senpolicy_board import trail
from senpolicy_board.settings import Settings
from senpolicy_board.store import Store
from senpolicy_board.tables import Account, SignedIn

#: The database and the settings of the board to which a request is put.
BOARD: ContextVar[tuple[Store, Settings]] = ContextVar("board")
_BACKEND = "senpolicy_board.accounts.Backend"
#: After so many seconds a session that goes on is noted to do so.
_NOTED = 60


def digest(token: str) -> str:
    """Return the digest by which a token is kept."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


class SessionStore(SessionBase):
    """The session of a request: who is signed in, and nothing else."""

    row: SignedIn | None = None

    def exists(self, session_key: str) -> bool:
        """Return whether there is a session with this token."""
        return SignedIn.objects.filter(digest=digest(session_key)).exists()

    def load(self) -> dict[str, str]:
        """Return what Django keeps of a session; nothing where it has ended, or its account may not sign in."""
        _, settings = BOARD.get()
        row = SignedIn.objects.select_related("account").filter(digest=digest(str(self.session_key))).first()
        if row is None or not alive(row, settings) or not row.account.active:
            self._session_key = None
            return {}
        self.row = row
        return {
            SESSION_KEY: str(row.account_id),
            BACKEND_SESSION_KEY: _BACKEND,
            HASH_SESSION_KEY: row.account.get_session_auth_hash(),
        }

    def create(self) -> None:
        """Give the session a token of its own; it is kept once it is saved."""
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # Django has it, django-stubs does not.
        self._session_cache: dict[str, str] = {}
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Keep a session that is new, in the transaction that signs in; nothing else of one is ever changed."""
        account = self._session.get(SESSION_KEY)  # type: ignore[attr-defined]  # Django has it, django-stubs does not.
        if account is None or self.session_key is None or self.exists(self.session_key):
            return
        now = BOARD.get()[1].now()
        self.row = SignedIn.objects.create(
            digest=digest(self.session_key), account_id=int(account), since=now, seen=now
        )  # fmt: skip

    def delete(self, session_key: str | None = None) -> None:
        """End the session, with its entry in the trail."""
        store, settings = BOARD.get()
        token = session_key or self.session_key
        if token is None:
            return
        with store.writing():
            row = SignedIn.objects.select_related("account").filter(digest=digest(token)).first()
            if row:
                who = row.account.key
                row.delete()
                trail.append(settings.now(), who, "signed out", f"account:{who}")

    def go_on(self) -> None:
        """Note that the session goes on, once a minute at most."""
        store, settings = BOARD.get()
        if self.row is None or (settings.now() - self.row.seen).total_seconds() <= _NOTED:
            return
        with store.writing():
            row = SignedIn.objects.select_related("account").filter(digest=self.row.digest).first()
            if row:
                row.seen = settings.now()
                row.save()
                trail.append(settings.now(), row.account.key, "session goes on", f"account:{row.account.key}")


def alive(session: SignedIn, settings: Settings) -> bool:
    """Return whether a session has neither been idle too long nor gone on too long."""
    now = settings.now()
    return bool(now - session.seen <= settings.idle and now - session.since <= settings.absolute)


def end(account: Account) -> None:
    """End every session of an account, in the transaction of what ends them."""
    for session in SignedIn.objects.filter(account=account):
        session.delete()
