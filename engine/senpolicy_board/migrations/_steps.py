"""What the migrations share: columns as they were, and triggers made and taken off."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from senpolicy_board import protections


def text(most: int, **more: Any) -> Any:
    """Return a column of short text."""
    return models.CharField(max_length=most, **more)


def table(model: str, name: str, *constraints: Any, **columns: Any) -> migrations.CreateModel:
    """Return what makes a table."""
    if not any(one.primary_key for one in columns.values()):
        number = models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
        columns = {"id": number, **columns}
    options = {"db_table": name, "ordering": ("pk",), "base_manager_name": "objects"}
    if constraints:
        options["constraints"] = list(constraints)
    return migrations.CreateModel(model, list(columns.items()), options)


def once(name: str, *fields: str, **more: Any) -> models.UniqueConstraint:
    """Return what keeps two rows from being alike."""
    return models.UniqueConstraint(fields=fields, name=name, **more)


def protect(revision: str) -> migrations.RunPython:
    """Return what makes the triggers of a migration."""
    return migrations.RunPython(
        lambda _, editor: protections.make(editor, protections.TRIGGERS[revision](editor.connection.vendor))
    )
