"""The tables of the mapping exercise: why the pupils of a list are mapped now, and who mapped whom to which level."""

from __future__ import annotations

from django.db import models

from senpolicy_board.rows import BoardRow, Moment, key, salt, to


class MappingList(BoardRow):
    """Why the pupils of a caseload are mapped now: a step of the order in rules/board.yaml. The newest row counts."""

    caseload = to("board.Loaded", "mapping_lists")
    reason = models.CharField(max_length=40)
    at = Moment()
    by = to("board.Account", db_index=False)

    class Meta(BoardRow.Meta):
        db_table = "mapping_list"


class MappedLevel(BoardRow):
    """A level to which an officer mapped a pupil on the board, with the ratings by area; the newest row counts.

    `ratings` are as those of a moderator. The case itself holds the level and the ratings as facts.
    """

    key = key()
    case = to("board.BoardCase", "mapped")
    level = models.CharField(max_length=80, null=True)
    ratings = models.JSONField(null=True)
    at = Moment()
    by = to("board.Account", db_index=False)
    salt = salt()

    sealed = frozenset({"level", "ratings", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "mapped_level"
