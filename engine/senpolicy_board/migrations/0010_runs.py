"""Halts of Communities beside those of moderators, and runs that two members adjust."""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from senpolicy_board import protections
from senpolicy_board.migrations._steps import protect, text
from senpolicy_board.rows import to


def earlier(editor: BaseDatabaseSchemaEditor) -> list[protections.Trigger]:
    """Return the triggers of halts as they were: SQLite drops them with the table, which it makes again."""
    made = protections.TRIGGERS["0008"](editor.connection.vendor)
    return [one for one in made if one.table in ("halt", "halt_part")]


def unprotect(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take off the triggers of halts."""
    protections.drop(editor, earlier(editor))


def protect_again(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Put back those that stay as they were; the others are made stricter."""
    new = {one.name for one in protections.TRIGGERS["0010"](editor.connection.vendor)}
    protections.make(editor, [one for one in earlier(editor) if one.name not in new])


class Migration(migrations.Migration):
    """The columns and their triggers; rows that are there stay as they are, and so do their images in the trail."""

    dependencies = (("board", "0009_mapping"),)
    operations = (
        migrations.RunPython(unprotect),
        migrations.AlterField("halt", "account", to("board.account", "halts", null=True)),
        migrations.AddField("halt", "community", text(200, null=True)),
        migrations.AddField("halt", "apart", models.IntegerField(null=True)),
        migrations.AddField("halt", "area", text(80, null=True)),
        migrations.AddField("halt", "levels", models.IntegerField(null=True)),
        migrations.AddField("halt", "rests", text(300, null=True)),
        migrations.AlterField("haltpart", "scoring", to("board.scoring", "halted", null=True)),
        migrations.AddField("haltpart", "case", to("board.boardcase", "halted", null=True)),
        migrations.RunPython(protect_again),
        protect("0010"),
    )
