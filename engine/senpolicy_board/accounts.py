"""Who may sign in, who may do what, and the sessions in which they do it.

`MAY` is the one table of what each role may do; every route names one of its actions, and the server asks it each time.
What a table cannot say (a conflict bars from a case, ratings come before answers) stands in `senpolicy_board.scoring`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from senpolicy.deciding.cases import identifying
from senpolicy.files.problems import WrongUse
from senpolicy_board import trail
from senpolicy_board.settings import Passwords, Settings
from senpolicy_board.tables import Account, SignedIn

#: The roles, each with what it is for.
ROLES = {
    "chair": "draws samples, holds meetings, decides and approves; does not score",
    "moderator": "scores blind, then decides and approves",
    "officer": "loads caseloads and sees every case; decides nothing",
    "observer": "sees meetings, figures and the trail; sees no pupil's case",
}
_CHAIR, _MODERATOR, _OFFICER, _OBSERVER = ROLES
_ALL = frozenset(ROLES)
_CASES = frozenset({_CHAIR, _MODERATOR, _OFFICER})
_RUN = frozenset({_CHAIR, _OFFICER})
_MEMBERS = frozenset({_CHAIR, _MODERATOR})

#: Who may do what: each action with the roles that may.
MAY: dict[str, frozenset[str]] = {
    "see own account": _ALL,
    "see the board": _ALL,
    "see caseloads": _RUN,
    "load a caseload": _RUN,
    "take back a caseload": _RUN,
    "see a sample": _RUN,
    "draw a sample": frozenset({_CHAIR}),
    "see a case": _CASES,
    "see a notice": _RUN,
    "issue a notice": _RUN,
    "score": frozenset({_MODERATOR}),
    "declare a conflict": _CASES,
    "decide": _MEMBERS,
    "approve": _MEMBERS,
    "see meetings": _ALL,
    "hold meetings": frozenset({_CHAIR}),
    "see the trail": frozenset({_CHAIR, _OFFICER, _OBSERVER}),
    "see consistency": _ALL,
    "see precedents": _CASES,
}

#: The name by which someone signs in: letters, figures, dots and hyphens.
_SIGN_IN = re.compile(r"[a-z][a-z0-9.-]{2,39}")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .-]{1,39}")


def may(role: str, action: str) -> bool:
    """Return whether a role may do something; raises KeyError for an action that does not stand in `MAY`."""
    return role in MAY[action]


class Hasher:
    """Hashes passwords by argon2id, and checks them; takes as long for an account that is not there."""

    def __init__(self, passwords: Passwords) -> None:
        self._hasher = PasswordHasher(passwords.time_cost, passwords.memory_cost, passwords.parallelism)
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """Return the hash of a password, with its salt and parameters."""
        return self._hasher.hash(password)

    def fits(self, password: str, hashed: str | None) -> bool:
        """Return whether a password has this hash; never for None, after the same work."""
        try:
            self._hasher.verify(hashed or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None


def add(db: Session, settings: Settings, sign_in: str, label: str, role: str, password: str) -> Account:
    """Add an account, with its entry in the trail, and return it.

    Raises `WrongUse` for a role that is not one, a name that is taken or may be a person's, or a short password.
    """
    if role not in ROLES:
        raise WrongUse(f"'{role}' is not a role. Use one of {', '.join(ROLES)}.")
    if not _SIGN_IN.fullmatch(sign_in):
        raise WrongUse("A sign-in name has 3 to 40 small letters, figures, dots or hyphens: moderator-3.")
    if not _LABEL.fullmatch(label) or identifying(label):
        raise WrongUse("A label stands in records. Use a role and a number, not a name: Moderator 3.")
    if db.scalar(select(Account).where((Account.sign_in == sign_in) | (Account.label == label))):
        raise WrongUse("This sign-in name or label is taken. Choose another.")
    strong(settings, password)
    account = Account(
        sign_in=sign_in,
        label=label,
        role=role,
        password=Hasher(settings.passwords).hash(password),
        active=True,
        failed=0,
        made_at=settings.now(),
    )
    db.add(account)
    db.flush()
    trail.append(db, settings.now(), "command", "account added", f"account:{account.key}", role=role, label=label)
    return account


def strong(settings: Settings, password: str) -> None:
    """Raise `WrongUse` where a password is too short, too long, or one letter over and over."""
    shortest = settings.passwords.shortest
    if not shortest <= len(password) <= 200 or len(set(password)) < 4:
        raise WrongUse(f"A password has {shortest} letters or more, and not the same few throughout.")


@dataclass(frozen=True)
class Tried:
    """What came of an attempt to sign in: the account and the new token; without them, it failed."""

    account: Account | None = None
    token: str = ""


def sign_in(db: Session, settings: Settings, account: Account | None, fits: bool) -> Tried:
    """Start a session where the password fitted and the account may sign in; count the failure otherwise.

    After `settings.lock_after` failures in a row the account is locked for `settings.lock_for`.
    """
    now = settings.now()
    if account is None:
        trail.append(db, now, "nobody", "sign-in refused", "account:unknown")
        return Tried()
    account = db.get_one(Account, account.id, with_for_update=True)
    locked = account.locked_until is not None and now < account.locked_until
    if not account.active or locked or not fits:
        if account.active and not locked:
            account.failed += 1
            if account.failed >= settings.lock_after:
                account.failed, account.locked_until = 0, now + settings.lock_for
                trail.append(db, now, account.key, "account locked", f"account:{account.key}")
        trail.append(db, now, account.key, "sign-in refused", f"account:{account.key}")
        return Tried()
    account.failed, account.locked_until = 0, None
    for ended in db.scalars(select(SignedIn).where(SignedIn.since < now - settings.absolute)):
        db.delete(ended)
    token = secrets.token_urlsafe(32)
    db.add(
        SignedIn(digest=digest(token), account_id=account.id, csrf=secrets.token_urlsafe(32), since=now, seen=now)
    )  # fmt: skip
    trail.append(db, now, account.key, "signed in", f"account:{account.key}")
    return Tried(account, token)


def digest(token: str) -> str:
    """Return the digest by which a session's token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(db: Session, settings: Settings, token: str) -> SignedIn | None:
    """Return the session of a token, None where there is none, it has ended, or its account may not sign in."""
    found = db.get(SignedIn, digest(token))
    if found is None or not alive(found, settings, settings.now()) or not found.account.active:
        return None
    return found


def alive(session: SignedIn, settings: Settings, now: datetime) -> bool:
    """Return whether a session has neither been idle too long nor gone on too long."""
    return now - session.seen <= settings.idle and now - session.since <= settings.absolute


def end_sessions(db: Session, account: Account) -> None:
    """End every session of an account."""
    for session in db.scalars(select(SignedIn).where(SignedIn.account_id == account.id)):
        db.delete(session)
