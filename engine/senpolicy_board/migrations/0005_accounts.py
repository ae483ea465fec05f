"""Accounts: a second factor, resets, leavers, and browsers that are known. The first of Django's own migrations.

A board that an older program made, with the ones before, is taken over as it is: `schema.taken_over`.
"""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from senpolicy_board.migrations._steps import table, text
from senpolicy_board.rows import Moment, to
from senpolicy_board.taking_over import end_sessions


def binary(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Have PostgreSQL hold JSON as Django reads it: an older program made it of another kind."""
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'json' AND table_schema "
            "= current_schema()"
        )
        for name, column in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{name}" ALTER COLUMN "{column}" TYPE jsonb USING "{column}"::jsonb')


class Migration(migrations.Migration):
    """The columns and the table. Sessions end, with an entry in the trail: a token of a form stood in each."""

    dependencies = (("board", "0004_refused_rows"),)
    operations = (
        migrations.RunPython(binary),
        migrations.RunPython(lambda _, editor: end_sessions(editor.connection)),
        migrations.RemoveField("signedin", "csrf"),
        migrations.AddField("account", "second", text(64, null=True)),
        migrations.AddField("account", "second_at", models.BigIntegerField(null=True)),
        migrations.AddField("account", "reset", models.BooleanField(null=True)),
        migrations.AddField("account", "left_at", Moment(null=True)),
        table(
            "KnownBrowser", "known_browser", digest=text(64, primary_key=True, serialize=False),
            account=to("board.account"), since=Moment(), failed=models.IntegerField(default=0),
            locked_until=Moment(null=True),
        ),
        migrations.RunSQL("DROP TABLE IF EXISTS alembic_version"),
    )  # fmt: skip
