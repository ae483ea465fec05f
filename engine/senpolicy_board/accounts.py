"""Who may sign in, who may do what, and the sessions in which they do it.

`MAY` is the one table of what each role may do; every route names one of its actions, and the server asks it each time.
What a table cannot say (a conflict bars from a case, ratings come before answers) stands in `senpolicy_board.scoring`.
"""

from __future__ import annotations

import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import pyotp
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest

from senpolicy.deciding.cases import identifying
from senpolicy.files.problems import WrongUse
from senpolicy_board import sessions, trail
from senpolicy_board.images import Image
from senpolicy_board.settings import Passwords, Settings
from senpolicy_board.tables import Account, KnownBrowser, SignedIn

#: The roles, each with what it is for.
ROLES = {
    "chair": "draws samples, holds meetings, decides and approves; does not score",
    "moderator": "scores blind, then decides and approves",
    "officer": "loads caseloads, maps pupils and sees every case; decides nothing",
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
    "attach evidence": _RUN,
    "see a notice": _RUN,
    "issue a notice": _RUN,
    "score": frozenset({_MODERATOR}),
    "set seeds": frozenset({_CHAIR}),
    "see standardisation": _CASES,
    "declare a conflict": _CASES,
    "decide": _MEMBERS,
    "approve": _MEMBERS,
    "record an appeal": _RUN,
    "reopen a case": frozenset({_CHAIR}),
    "see meetings": _ALL,
    "hold meetings": frozenset({_CHAIR}),
    "see the trail": frozenset({_CHAIR, _OFFICER, _OBSERVER}),
    "see consistency": _ALL,
    "see precedents": _CASES,
    "see the mapping": frozenset({_CHAIR, _OFFICER, _OBSERVER}),
    "map pupils": frozenset({_OFFICER}),
}

#: The name by which someone signs in: letters, figures, dots and hyphens.
_SIGN_IN = re.compile(r"[a-z][a-z0-9.-]{2,39}")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .-]{1,39}")


def may(role: str, action: str) -> bool:
    """Return whether a role may do something; raises KeyError for an action that does not stand in `MAY`."""
    return role in MAY[action]


#: Before a hash, where Django asks for it; the table holds it as argon2 writes it.
_ALGORITHM = "argon2"
#: For how long a browser is known from which someone has signed in, and how many steps of time a code may be off.
KNOWN_FOR = timedelta(days=365)
_OFF = 1


class Argon2(Argon2PasswordHasher):
    """Django's argon2id, with as much work as `Passwords` says."""

    def __init__(self, passwords: Passwords | None = None) -> None:
        one = passwords or Passwords()
        self.time_cost, self.memory_cost, self.parallelism = one.time_cost, one.memory_cost, one.parallelism


def hashed(settings: Settings, password: str) -> str:
    """Return the hash of a password, with its salt and parameters."""
    return make_password(password, hasher=Argon2(settings.passwords)).removeprefix(_ALGORITHM)


def fits(account: Account | None, password: str) -> bool:
    """Return whether a password is that of an account; never for None, after the same work."""
    if account is None:
        hashed(sessions.BOARD.get()[1], password)
        return False
    return check_password(password, f"{_ALGORITHM}{account.password}")


class Backend:
    """Who signs in, for Django: by name and password; whether they may is for `sign_in` to say."""

    def authenticate(
        self, request: HttpRequest | None, sign_in: str | None = None, password: str | None = None, **_: str
    ) -> Account | None:
        """Return the account with this name where its password fits."""
        account = Account.objects.filter(sign_in=sign_in).first()
        return account if fits(account, password or "") else None

    def get_user(self, user_id: int) -> Account | None:
        """Return the account of a session, None where it may not sign in."""
        found: Account | None = Account.objects.filter(pk=user_id, active=True).first()
        return found


def add(settings: Settings, sign_in: str, label: str, role: str, password: str) -> Account:
    """Add an account, with its entry in the trail, and return it.

    Raises `WrongUse` for a role that is not one, a name that is taken or may be a person's, or a weak password.
    """
    if role not in ROLES:
        raise WrongUse(f"'{role}' is not a role. Use one of {', '.join(ROLES)}.")
    if not _SIGN_IN.fullmatch(sign_in):
        raise WrongUse("A sign-in name has 3 to 40 small letters, figures, dots or hyphens: moderator-3.")
    if not _LABEL.fullmatch(label) or identifying(label):
        raise WrongUse("A label stands in records. Use a role and a number, not a name: Moderator 3.")
    if Account.objects.filter(Q(sign_in=sign_in) | Q(label=label)).exists():
        raise WrongUse("This sign-in name or label is taken. Choose another.")
    account = Account(sign_in=sign_in, label=label, role=role, made_at=settings.now())
    strong(settings, password, account)
    account.password = hashed(settings, password)
    account.save(force_insert=True)
    trail.append(settings.now(), "command", "account added", f"account:{account.key}", role=role, label=label)
    return account


def strong(settings: Settings, password: str, account: Account) -> None:
    """Raise `WrongUse` where a password is too short or long, a common one, like the account's name, or figures."""
    shortest = settings.passwords.shortest
    if not shortest <= len(password) <= 200 or len(set(password)) < 4:
        raise WrongUse(f"A password has {shortest} letters or more, and not the same few throughout.")
    try:
        validate_password(password, account)
        _not_joined(password)
    except ValidationError as error:
        raise WrongUse(" ".join(error.messages)) from None


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def _not_joined(password: str) -> None:
    """Raise `WrongUse` where a password is a common one several times over, or two common ones joined."""
    common, said = _common().passwords, re.sub(r"[\s._-]", "", password.lower())
    for at in range(1, len(said)):
        one, rest = said[:at], said[at:]
        if one in common and (rest in common or (len(one) > 2 and not rest.replace(one, ""))):
            raise WrongUse(
                "This password is a common one several times over, or two common ones joined. Choose another."
            )


def change_password(settings: Settings, account: Account, password: str) -> None:
    """Set another password of one's own, and end every session of the account; raises `WrongUse` for a weak one."""
    strong(settings, password, account)
    account.password, account.reset = hashed(settings, password), None
    account.save()
    sessions.end(account)
    trail.append(settings.now(), account.key, "password changed", f"account:{account.key}")


# What whoever runs the board does to an account.

#: What can be done to an account: the action in the trail, and what it sets. Its sessions end, and a lock too.
DONE: dict[str, tuple[str, Image]] = {
    "disable": ("account disabled", {"active": False}),
    "enable": ("account enabled", {"active": True}),
    "reset": ("password reset", {"reset": True, "recovery": None}),
    "leave": ("member left", {"active": False, "second": None, "recovery": None}),
    "drop-second-factor": ("second factor taken off", {"second": None, "second_at": None}),
    "recovery-code": ("recovery code asked for", {}),
}


def do(settings: Settings, sign_in: str, what: str, password: str = "") -> str:
    """Do one of `DONE` to an account, with its entry in the trail. `leave` is for good: its label stays in records.

    Returns the code that `recovery-code` makes, else "".

    With `reset` the password is set, and its holder must set another when next signed in. Raises `WrongUse` where there
    is no such account, its holder has left, `what` is not one of them, or the password is weak.
    """
    account: Account | None = Account.objects.select_for_update().filter(sign_in=sign_in).first()
    if account is None:
        raise WrongUse(f"'{sign_in}' is not an account of this board.")
    if account.left_at is not None:
        raise WrongUse(f"The holder of '{sign_in}' has left the board, for good. Add another account.")
    if what not in DONE:
        raise WrongUse(f"'{what}' is not done to an account. Say one of {', '.join(DONE)}.")
    action, sets = DONE[what]
    if what == "reset":
        strong(settings, password, account)
        sets = {**sets, "password": hashed(settings, password)}
    if what == "leave":
        sets = {**sets, "left_at": settings.now()}
    for name, value in {**sets, "failed": 0, "locked_until": None}.items():
        setattr(account, name, value)
    account.save()
    sessions.end(account)
    trail.append(settings.now(), "command", action, f"account:{account.key}")
    return new_recovery(settings, account, "command") if what == "recovery-code" else ""


# The second factor.


def new_second() -> str:
    """Return a new secret of a second factor, as an app for codes takes it."""
    return pyotp.random_base32()


def second_link(account: Account, secret: str) -> str:
    """Return the secret as a link that an app for codes opens."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.label, issuer_name="Moderation board")


def set_second(settings: Settings, account: Account, secret: str, code: str) -> None:
    """Set a second factor, once a code shows that an app has it; raises `WrongUse` where the code does not fit."""
    step = _step(settings, secret, code, 0) if re.fullmatch(r"[A-Z2-7]{32}", secret) else None
    if step is None:
        raise WrongUse("The code does not fit. Check the time of your telephone, and type the code that it shows now.")
    account.second, account.second_at = secret, step
    account.save()
    trail.append(settings.now(), account.key, "second factor set", f"account:{account.key}")


def _step(settings: Settings, secret: str, code: str, after: int) -> int | None:
    """Return the step of time whose code this is, later than `after`: no code is used twice. None: it does not fit."""
    one = pyotp.TOTP(secret)
    now = one.timecode(settings.now())
    steps = range(max(now - _OFF, after + 1), now + _OFF + 1)
    typed = code.encode()
    return next((step for step in steps if secrets.compare_digest(one.generate_otp(step).encode(), typed)), None)


def new_recovery(settings: Settings, account: Account, by: str = "") -> str:
    """Set another recovery code, in the place of the one before, and return it; only its digest is kept.

    `by` is who sets it, in the trail; "" for the holder of the account.
    """
    code = b32encode(secrets.token_bytes(10)).decode()
    account.recovery = sessions.digest(code)
    account.save()
    trail.append(settings.now(), by or account.key, "recovery code set", f"account:{account.key}")
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


# Signing in.


@dataclass(frozen=True)
class AttemptProof:
    """What an attempt shows beside a password, that no stranger has.

    `browser` is one from which someone has signed in before; `step` the step of time of a code that fits and was not
    used yet; `recovered` says that the code is the one on paper. None of it needs the work of a password's hash.
    """

    browser: KnownBrowser | None = None
    step: int | None = None
    recovered: bool = False

    @property
    def code(self) -> bool:
        """Whether there is a code that fits: it opens what is locked, and ends a wait."""
        return self.step is not None or self.recovered


def shown(settings: Settings, account: Account | None, known: str, code: str) -> AttemptProof:
    """Return what an attempt shows: `known` is the token of its browser's cookie, `code` what was typed."""
    if account is None:
        return AttemptProof()
    browsers = KnownBrowser.objects.filter(account=account, since__gt=settings.now() - KNOWN_FOR)
    browser = browsers.filter(digest=sessions.digest(known)).first() if known else None
    step = _step(settings, account.second, code, account.second_at or 0) if account.second else None
    recovered = secrets.compare_digest(account.recovery or "", sessions.digest(code.upper()))
    return AttemptProof(browser, step, recovered)


def known_cookie(account: Account) -> str:
    """Return the name of the cookie by which a browser is known for an account."""
    return f"board-known-{account.key}"


def sign_in(
    settings: Settings, account: Account | None, known: str, code: str, *, fits: bool, waits: bool
) -> tuple[Account | None, str]:
    """Return the account, and a token for a browser that is new; None and "" where the attempt failed, and count it.

    `fits`: the password does. It is let in where the code does too, or the account asks for none, and it may sign in.

    After `settings.lock_after` failures in a row a known browser is locked, alone; so nobody else can lock it. After
    `settings.lock_all_after` in browsers that are not known the account is locked for all of these. A code that fits
    opens both: whoever has the password and the code is never kept out. A code of the second factor that opened a lock,
    or ended a wait (`waits`), for a wrong password is used up, so that it is good for one guess there. A recovery code
    is not, since its holder may mistype the password.
    """
    now = settings.now()
    if account is None:
        trail.append(now, "nobody", "sign-in refused", "account:unknown")
        return None, ""
    account = Account.objects.select_for_update().get(pk=account.pk)
    found = shown(settings, account, known, code)
    counted: Account | KnownBrowser = found.browser or account
    locked = counted.locked_until is not None and now < counted.locked_until
    if not (account.active and fits and (found.code or not (locked or account.second))):
        if account.active and not locked:
            _count(settings, account, counted)
        if found.step is not None and (locked or waits):
            account.second_at = found.step
            account.save()
        trail.append(now, account.key, "sign-in refused", f"account:{account.key}")
        return None, ""
    counted.failed, counted.locked_until = 0, None
    counted.save()
    if found.code:
        account.second_at = found.step or account.second_at
        account.recovery = None if found.recovered else account.recovery
        account.save()
    for ended in SignedIn.objects.filter(since__lt=now - settings.absolute):
        ended.delete()
    token = ""
    if found.browser is None:
        token = secrets.token_urlsafe(32)
        KnownBrowser.objects.create(digest=sessions.digest(token), account=account, since=now)
        for old in KnownBrowser.objects.filter(account=account, since__lte=now - KNOWN_FOR):
            old.delete()
    return account, token


def _count(settings: Settings, account: Account, counted: Account | KnownBrowser) -> None:
    """Count a failure, and lock what it is counted for where there were too many, with an entry in the trail."""
    whole = counted is account
    most = settings.lock_all_after if whole else settings.lock_after
    counted.failed += 1
    if counted.failed >= most:
        until = settings.now() + (settings.lock_all_for if whole else settings.lock_for)
        counted.failed, counted.locked_until = 0, until
    counted.save()
    if counted.failed == 0:
        what = "account locked" if whole else "browser locked"
        trail.append(settings.now(), account.key, what, f"account:{account.key}")
