"""Meetings of areas: interests in whole schools and Communities, appeals, reopening, dissent, what a meeting noted."""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from senpolicy_board import protections
from senpolicy_board.migrations._steps import once, protect, table, text
from senpolicy_board.rows import Moment, salt, to

_LIVE = ~models.Q(state__in=("declined", "reopened"))


def unprotect(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take off the triggers that are made again: a valid outcome may be reopened."""
    dialect = editor.connection.vendor
    earlier = (*protections.TRIGGERS["0002"](dialect), *protections.TRIGGERS["0003"](dialect))
    protections.drop(editor, [one for one in earlier if one.name in protections.REOPENED])


class Migration(migrations.Migration):
    """The tables, the area of a meeting, and the triggers."""

    dependencies = (("board", "0006_recovery_and_levels"),)
    operations = (
        migrations.RunPython(unprotect),
        migrations.AddField("meeting", "area", text(40, null=True)),
        migrations.RemoveConstraint("boardoutcome", "uq_outcome_live"),
        migrations.AddConstraint("boardoutcome", once("uq_outcome_live", "case", condition=_LIVE)),
        table(
            "Declared", "declared", once("uq_declared_account_id_caseload_id", "account", "caseload"),
            account=to("board.account"), caseload=to("board.loaded", "declared"), declared_at=Moment(),
        ),
        table(
            "Interest", "interest", account=to("board.account", "interests"), part=text(40),
            value=text(200, null=True), kind=text(40), declared_at=Moment(), salt=salt(),
        ),
        table(
            "CaseReview", "review", outcome=to("board.boardoutcome", "reviews"), kind=text(20),
            because=models.TextField(null=True), at=Moment(), by=to("board.account", db_index=False), salt=salt(),
        ),
        table(
            "Dissent", "dissent", once("uq_dissent_outcome_id_account_id", "outcome", "account"),
            outcome=to("board.boardoutcome", "dissents"), account=to("board.account"),
            because=models.TextField(null=True), at=Moment(), salt=salt(),
        ),
        table(
            "Noted", "noted", meeting=to("board.meeting", "noted"),
            outcome=to("board.boardoutcome", "noted", unique=True),
        ),
        protect("0007"),
    )  # fmt: skip
