"""Of what every table of the board is made: moments, keys, salts, and rows that are changed one by one."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeAlias

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from senpolicy_board.images import Cell


class Moment(models.DateTimeField):  # type: ignore[type-arg]  # At run time the class takes no type arguments.
    """A moment in UTC, written in SQLite in one way alone: as text to the microsecond."""

    def get_db_prep_value(self, value: Cell, connection: BaseDatabaseWrapper, prepared: bool = False) -> Cell:
        """Return the moment as the database keeps it."""
        made = super().get_db_prep_value(value, connection, prepared)
        if connection.vendor != "sqlite" or not isinstance(value, datetime):
            return made
        return written(value)


#: A column of a table, whatever it holds.
Column: TypeAlias = "models.Field[Any, Any]"


def written(moment: datetime) -> str:
    """Return a moment as SQLite keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def new_key() -> str:
    """Return an id for addresses that says nothing of what it stands for: 16 letters and figures."""
    return secrets.token_hex(8)


def new_salt() -> str:
    """Return 32 random bytes as text."""
    return secrets.token_hex(32)


class OneByOne(models.QuerySet[Any]):
    """Rows of a table, which are changed one by one: no entry would hold what one statement does to many."""

    def _refused(self, *_: Cell, **__: Cell) -> Cell:
        raise RuntimeError("a change of many rows at once would not be in the trail")

    update = delete = bulk_create = bulk_update = update_or_create = _refused


class BoardRow(models.Model):
    """What every table has in common."""

    objects = OneByOne.as_manager()
    #: The columns of which the trail holds nothing but the seal of their row (`senpolicy_board.images`).
    sealed: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True
        ordering = ("pk",)
        base_manager_name = "objects"


def key() -> models.CharField[str, str]:
    """Return the column of an id for addresses."""
    return models.CharField(max_length=16, unique=True, default=new_key)


def salt() -> models.CharField[str | None, str | None]:
    """Return the column of a salt."""
    return models.CharField(max_length=64, null=True, default=new_salt)


def to(model: str, name: str = "+", **more: Cell) -> Cell:
    """Return a column that refers to another table; the database itself refuses to delete what is referred to."""
    return models.ForeignKey(model, models.DO_NOTHING, related_name=name, **more)


class Versioned(BoardRow):
    """A row that several may change: each saving of it counts one on, and a form says which it was made from."""

    version = models.IntegerField()

    class Meta(BoardRow.Meta):
        abstract = True

    def save(self, *args: Cell, **more: Cell) -> None:
        """Save it as its next version."""
        self.version = (self.version or 0) + 1
        super().save(*args, **more)
