"""The pages of the board, a module for each part; `ROUTES` is all of them."""

from __future__ import annotations

from senpolicy_board.pages import (
    attachments,
    caseloads,
    cases,
    columns,
    consistency,
    halting,
    home,
    interests,
    kept,
    mapping,
    meetings,
    notices,
    precedents,
    reopening,
    reviews,
    samples,
    scores,
    standardising,
    work,
)
from senpolicy_board.web import Routes

ROUTES: tuple[Routes, ...] = (
    work.routes,
    home.routes,
    caseloads.routes,
    columns.routes,
    samples.routes,
    cases.routes,
    attachments.routes,
    interests.routes,
    scores.routes,
    standardising.routes,
    halting.routes,
    reviews.routes,
    reopening.routes,
    notices.routes,
    kept.routes,
    mapping.routes,
    meetings.routes,
    consistency.routes,
    precedents.routes,
)
