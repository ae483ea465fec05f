"""The application: a board put together."""

from __future__ import annotations

from senpolicy_board import framework
from senpolicy_board.gather import Figures
from senpolicy_board.guessing import GuessWaits
from senpolicy_board.kept_work import KeptWork
from senpolicy_board.pages import ROUTES
from senpolicy_board.policies import Policies
from senpolicy_board.settings import Settings
from senpolicy_board.store import Store, migrate, must_not_own
from senpolicy_board.web import Application, Board


def create_app(settings: Settings, store: Store | None = None, policies: Policies | None = None) -> Application:
    """Return the application of a board; its database is brought up to date first.

    Raises `WrongUse` where the database cannot be used, or its role owns the tables; `PolicyError` where the policy has
    problems.
    """
    if settings.secure:
        framework.secure()
    kept = store or Store(settings.database)
    migrate(kept)
    must_not_own(kept)
    held = policies or Policies(settings)
    actions = {
        (method, path): action
        for routes in ROUTES
        for path, answers in routes.answers.items()
        for method, (action, _) in answers.items()
    }
    return Application(
        Board(
            settings,
            kept,
            held,
            Figures(kept, held, settings.now),
            actions,
            GuessWaits(settings.now),
            KeptWork(settings.now),
        )
    )
