"""How Django is set up: one module of settings in code. Nothing is read from the environment, and nothing is debugged.

What differs between boards (the database, hosts, limits) stands in `senpolicy_board.settings.Settings`.
"""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from jinja2 import StrictUndefined

_HERE = Path(__file__).parent


#: What Django is told.
SETTINGS: dict[str, Any] = {
    # It signs nothing that outlives the process: sessions stand in the database, by the digest of their token.
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DEBUG": False,
    # A board knows its own hosts (`pages.app.Guard`).
    "ALLOWED_HOSTS": ["*"],
    "INSTALLED_APPS": ["django.contrib.contenttypes", "django.contrib.auth", "senpolicy_board.apps.BoardConfig"],
    "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
    "AUTH_USER_MODEL": "board.Account",
    "AUTHENTICATION_BACKENDS": ["senpolicy_board.accounts.Backend"],
    "AUTH_PASSWORD_VALIDATORS": [
        {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
        for name, options in (
            ("UserAttributeSimilarityValidator", {"user_attributes": ("sign_in", "label")}),
            ("MinimumLengthValidator", {"min_length": 12}),
            ("CommonPasswordValidator", {}),
            ("NumericPasswordValidator", {}),
        )
    ],
    "PASSWORD_HASHERS": ["senpolicy_board.accounts.Argon2"],
    "DATABASES": {},
    "DATABASE_ROUTERS": ["senpolicy_board.store.Router"],
    "MIDDLEWARE": [
        "senpolicy_board.web.Guard",
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    "ROOT_URLCONF": "senpolicy_board.pages.urls",
    "APPEND_SLASH": False,
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.jinja2.Jinja2",
            "DIRS": [_HERE / "templates"],
            "OPTIONS": {
                "environment": "senpolicy_board.web.environment",
                "undefined": StrictUndefined,
                "trim_blocks": True,
                "lstrip_blocks": True,
            },
        }
    ],
    "SESSION_ENGINE": "senpolicy_board.sessions",
    "SESSION_COOKIE_NAME": "board",
    "SESSION_COOKIE_SAMESITE": "Strict",
    "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
    "CSRF_COOKIE_NAME": "board-form",
    "CSRF_COOKIE_AGE": None,
    "CSRF_COOKIE_HTTPONLY": True,
    "CSRF_COOKIE_SAMESITE": "Strict",
    "CSRF_FAILURE_VIEW": "senpolicy_board.web.out_of_date",
    "SECURE_REFERRER_POLICY": "no-referrer",
    "X_FRAME_OPTIONS": "DENY",
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": 200,
    "DATA_UPLOAD_MAX_NUMBER_FILES": 1,
    # The guard bounds what is sent, by the kind of page.
    "DATA_UPLOAD_MAX_MEMORY_SIZE": None,
    "LOGGING_CONFIG": None,
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    "USE_I18N": False,
    "LANGUAGE_CODE": "en-gb",
}


def ready() -> None:
    """Set Django up, once in a process; whoever needs a table asks for `senpolicy_board.tables`, which does it."""
    if settings.configured:
        return
    settings.configure(**SETTINGS)
    # What Django says of an error may hold what a row holds: `web.failed` says where it was, and no more.
    log = logging.getLogger("django")
    log.propagate = False
    log.addHandler(logging.NullHandler())
    django.setup()


def secure() -> None:
    """Have cookies sent over TLS alone, under names that this host alone can set: a proxy with TLS stands before it."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-board", "__Host-board-form"
