"""A recovery code for an account; and tables by which levels of one edition are read in another."""

from __future__ import annotations

from django.db import migrations, models

from senpolicy_board.migrations._steps import protect, table, text
from senpolicy_board.rows import Moment, key, to


class Migration(migrations.Migration):
    """The column, the table and its triggers."""

    dependencies = (("board", "0005_accounts"),)
    operations = (
        migrations.AddField("account", "recovery", text(64, null=True)),
        table(
            "LevelTable", "level_table", key=key(), digest=text(71), from_edition=text(80), to_edition=text(80),
            levels=models.JSONField(), taken_at=Moment(), taken_by=to("board.account", db_index=False),
        ),
        protect("0006"),
    )  # fmt: skip
