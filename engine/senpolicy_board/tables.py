"""The tables of the board, once Django is set up: see `senpolicy_board.models`."""

from __future__ import annotations

from senpolicy_board import framework

framework.ready()

from senpolicy_board.mapping_tables import MappedLevel, MappingList  # noqa: E402 - Django must be set up before
from senpolicy_board.models import (  # noqa: E402 - as above
    TABLES,
    Account,
    BoardCase,
    BoardOutcome,
    CaseReview,
    Conflict,
    DecisionRecord,
    Declared,
    Dissent,
    Interest,
    IssuedNotice,
    KnownBrowser,
    LevelTable,
    Loaded,
    Meeting,
    Noted,
    Pick,
    Present,
    RefusedRow,
    Sample,
    Scoring,
    SignedIn,
    TrailEntry,
    shapes,
)
from senpolicy_board.moderation_models import Evidence, Halt, HaltPart, Seed  # noqa: E402 - as above
from senpolicy_board.rows import (  # noqa: E402 - as above
    BoardRow,
    Column,
    Moment,
    new_key,
    new_salt,
    written,
)

__all__ = [
    "TABLES", "Account", "BoardCase", "BoardOutcome", "BoardRow", "CaseReview", "Column", "Conflict",
    "DecisionRecord", "Declared", "Dissent", "Evidence", "Halt", "HaltPart", "Interest", "IssuedNotice",
    "KnownBrowser", "LevelTable", "Loaded", "MappedLevel", "MappingList", "Meeting", "Moment", "Noted", "Pick",
    "Present", "RefusedRow", "Sample", "Scoring", "Seed", "SignedIn", "TrailEntry", "new_key", "new_salt", "shapes",
    "written",
]  # fmt: skip
