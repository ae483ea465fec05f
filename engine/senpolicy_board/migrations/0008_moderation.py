"""Moderation as of exams: evidence beside a case, seed cases, and who is stopped."""

from __future__ import annotations

from django.db import migrations, models

from senpolicy_board.migrations._steps import protect, table, text
from senpolicy_board.rows import Moment, key, salt, to


class Migration(migrations.Migration):
    """The tables and their triggers."""

    dependencies = (("board", "0007_meetings"),)
    operations = (
        table(
            "Evidence", "evidence", key=key(), case=to("board.boardcase", "evidence"), kind=text(40),
            size=models.IntegerField(), added_at=Moment(), added_by=to("board.account", db_index=False),
            title=models.TextField(null=True), content=models.TextField(null=True), withdrawn_at=Moment(null=True),
            withdrawn_by=to("board.account", null=True, db_index=False), because=models.TextField(null=True),
            salt=salt(),
        ),
        table(
            "Seed", "seed", key=key(), case=to("board.boardcase", "seeds"), kind=text(20),
            agreed=models.JSONField(null=True), because=models.TextField(null=True), set_at=Moment(),
            set_by=to("board.account", db_index=False), checker=to("board.account", db_index=False),
            approved_at=Moment(null=True), retired_at=Moment(null=True), salt=salt(),
        ),
        table(
            "Halt", "halt", key=key(), account=to("board.account", "halts"), at=Moment(), beyond=models.IntegerField(),
            seeds=models.IntegerField(), kind=text(20, null=True), reason=models.TextField(null=True),
            proposed_by=to("board.account", null=True, db_index=False), settled_at=Moment(null=True),
            settled_by=to("board.account", null=True, db_index=False), salt=salt(),
        ),
        table(
            "HaltPart", "halt_part", halt=to("board.halt", "parts"), scoring=to("board.scoring", "halted"),
            kind=text(20),
        ),
        protect("0008"),
    )  # fmt: skip
