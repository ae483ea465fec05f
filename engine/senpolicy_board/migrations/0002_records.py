"""The decision records of what the board decides."""

from __future__ import annotations

from django.db import migrations, models

from senpolicy_board.migrations._steps import protect, table, text
from senpolicy_board.rows import Moment, key, to


class Migration(migrations.Migration):
    """The table, and the triggers by which the database refuses to change or delete a record."""

    dependencies = (("board", "0001_first"),)
    operations = (
        table(
            "DecisionRecord", "decision_record", key=key(), outcome=to("board.boardoutcome", "records", unique=True),
            made_at=Moment(), digest=text(71), policy_digest=text(71), content=models.TextField(null=True),
        ),
        protect("0002"),
    )  # fmt: skip
