"""The rows of a caseload that were refused, so that they stay to be seen."""

from __future__ import annotations

from django.db import migrations, models

from senpolicy_board.migrations._steps import table
from senpolicy_board.rows import salt, to


class Migration(migrations.Migration):
    """The table."""

    dependencies = (("board", "0003_proof"),)
    operations = (
        table(
            "RefusedRow", "refused_row", caseload=to("board.loaded", "refused_rows"),
            number=models.IntegerField(), says=models.TextField(null=True), salt=salt(),
        ),
    )  # fmt: skip
