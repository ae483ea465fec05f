"""What the migrations share: columns as they were, and triggers made and taken off."""

from __future__ import annotations

from django.db import migrations, models

from senpolicy_board import protections
from senpolicy_board.images import Cell, Image
from senpolicy_board.rows import Column


def text(most: int, **more: Cell) -> models.CharField[str, str]:
    """Return a column of short text."""
    return models.CharField(max_length=most, **more)


def table(model: str, name: str, *constraints: models.UniqueConstraint, **columns: Column) -> migrations.CreateModel:
    """Return what makes a table."""
    if not any(one.primary_key for one in columns.values()):
        number = models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
        columns = {"id": number, **columns}
    options: Image = {"db_table": name, "ordering": ("pk",), "base_manager_name": "objects"}
    if constraints:
        options["constraints"] = list(constraints)
    return migrations.CreateModel(model, list(columns.items()), options)


def once(name: str, *fields: str, condition: models.Q | None = None) -> models.UniqueConstraint:
    """Return what keeps two rows from being alike."""
    return models.UniqueConstraint(fields=fields, name=name, condition=condition)


def protect(revision: str) -> migrations.RunPython:
    """Return what makes the triggers of a migration."""
    return migrations.RunPython(
        lambda _, editor: protections.make(editor, protections.TRIGGERS[revision](editor.connection.vendor))
    )
