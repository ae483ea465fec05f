"""The mapping exercise: why the pupils of a list are mapped now, and who mapped a pupil to which level."""

from __future__ import annotations

from django.db import migrations, models

from senpolicy_board.migrations._steps import protect, table, text
from senpolicy_board.rows import Moment, key, salt, to


class Migration(migrations.Migration):
    """The tables and their triggers."""

    dependencies = (("board", "0008_moderation"),)
    operations = (
        table(
            "MappingList", "mapping_list", caseload=to("board.loaded", "mapping_lists"), reason=text(40), at=Moment(),
            by=to("board.account", db_index=False),
        ),
        table(
            "MappedLevel", "mapped_level", key=key(), case=to("board.boardcase", "mapped"), level=text(80, null=True),
            ratings=models.JSONField(null=True), at=Moment(), by=to("board.account", db_index=False), salt=salt(),
        ),
        protect("0009"),
    )  # fmt: skip
