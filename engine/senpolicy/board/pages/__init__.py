"""The pages of the board, a module for each part; `ROUTES` is all of them."""

from __future__ import annotations

from senpolicy.board.pages import caseloads, cases, consistency, home, precedents
from senpolicy.board.web import Routes

ROUTES: tuple[Routes, ...] = (home.routes, caseloads.routes, cases.routes, consistency.routes, precedents.routes)
