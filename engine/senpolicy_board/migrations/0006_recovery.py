"""A recovery code for an account: it opens a lock, and stands in for a second factor that is lost."""

from __future__ import annotations

from django.db import migrations

from senpolicy_board.migrations._steps import text


class Migration(migrations.Migration):
    """The column."""

    dependencies = (("board", "0005_accounts"),)
    operations = (migrations.AddField("account", "recovery", text(64, null=True)),)
