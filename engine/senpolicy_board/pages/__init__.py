"""The pages of the board, a module for each part; `ROUTES` is all of them."""

from __future__ import annotations

from senpolicy_board.pages import (
    attachments,
    caseloads,
    cases,
    columns,
    consistency,
    home,
    interests,
    meetings,
    notices,
    precedents,
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
    reviews.routes,
    notices.routes,
    meetings.routes,
    consistency.routes,
    precedents.routes,
)
