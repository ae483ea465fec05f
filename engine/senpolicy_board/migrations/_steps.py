"""What the migrations share: columns as they were, and triggers made and taken off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from senpolicy_board import protections
from senpolicy_board.models import Moment, new_key, new_salt

Does = Callable[[Any, BaseDatabaseSchemaEditor], None]


def text(most: int, **more: Any) -> Any:
    """Return a column of short text."""
    return models.CharField(max_length=most, **more)


def key() -> Any:
    """Return the column of an id for addresses."""
    return text(16, unique=True, default=new_key)


def salt() -> Any:
    """Return the column of a salt."""
    return text(64, null=True, default=new_salt)


def to(model: str, name: str = "+", **more: Any) -> Any:
    """Return a column that refers to another table."""
    return models.ForeignKey(on_delete=models.DO_NOTHING, related_name=name, to=f"board.{model}", **more)


def moment(**more: Any) -> Any:
    """Return the column of a moment."""
    return Moment(**more)


def table(model: str, name: str, *constraints: Any, by: str = "pk", **columns: Any) -> migrations.CreateModel:
    """Return what makes a table."""
    if not any(one.primary_key for one in columns.values()):
        number = models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
        columns = {"id": number, **columns}
    options = {"db_table": name, "ordering": (by,), "base_manager_name": "objects"}
    if constraints:
        options["constraints"] = list(constraints)
    return migrations.CreateModel(model, list(columns.items()), options)


def once(name: str, *fields: str, **more: Any) -> models.UniqueConstraint:
    """Return what keeps two rows from being alike."""
    return models.UniqueConstraint(fields=fields, name=name, **more)


def run(does: Does) -> migrations.RunPython:
    """Return a step in code."""
    return migrations.RunPython(does)


def protect(revision: str) -> migrations.RunPython:
    """Return what makes the triggers of a migration."""
    return run(lambda _, editor: protections.make(editor, protections.TRIGGERS[revision](editor.connection.vendor)))
