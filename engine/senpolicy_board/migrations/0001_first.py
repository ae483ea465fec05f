"""The first tables of the board, and what the database itself refuses."""

from __future__ import annotations

from django.db import migrations, models

from senpolicy_board.migrations._steps import once, protect, table, text
from senpolicy_board.rows import Moment, key, salt, to


class Migration(migrations.Migration):
    """The tables, and the triggers by which the database refuses what would undo the record."""

    initial = True
    operations = (
        table(
            "Account", "account", key=key(), sign_in=text(60, unique=True), label=text(60, unique=True), role=text(20),
            password=text(200), active=models.BooleanField(default=True), failed=models.IntegerField(default=0),
            locked_until=Moment(null=True), made_at=Moment(),
        ),
        table(
            "TrailEntry", "trail", seq=models.IntegerField(primary_key=True, serialize=False), at=text(40),
            actor=text(16), action=text(40), subject=text(60), detail=models.TextField(), previous=text(64),
            hash=text(64),
        ),
        table(
            "Loaded", "caseload", key=key(), title=text(80), loaded_at=Moment(),
            loaded_by=to("board.account", db_index=False), file_digest=text(71), as_of=text(40), policy_digest=text(71),
            scenario=text(80, null=True), rows=models.IntegerField(), refused=models.IntegerField(),
            removed_at=Moment(null=True),
        ),
        table(
            "Meeting", "meeting", key=key(), title=text(80), held_on=models.DateField(), opened_at=Moment(),
            opened_by=to("board.account", db_index=False), minutes=models.TextField(default=""),
            closed_at=Moment(null=True), closed_by=to("board.account", null=True, db_index=False),
            record=models.JSONField(null=True), version=models.IntegerField(),
        ),
        table(
            "SignedIn", "signed_in", digest=text(64, primary_key=True, serialize=False), account=to("board.account"),
            csrf=text(64), since=Moment(), seen=Moment(),
        ),
        table(
            "BoardCase", "board_case", once("uq_board_case_caseload_id_ref", "caseload", "ref"), key=key(),
            caseload=to("board.loaded", "cases"), ref=text(20, null=True), decision_date=models.DateField(null=True),
            facts=models.JSONField(null=True), groups=models.JSONField(null=True), level=text(80, null=True),
            answers=models.JSONField(null=True), size=models.BigIntegerField(null=True),
            above_trigger=models.BooleanField(null=True), salt=salt(), seal=text(71), settled_at=Moment(null=True),
            removed_at=Moment(null=True),
        ),
        table(
            "Present", "present", once("uq_present_meeting_id_account_id", "meeting", "account"),
            meeting=to("board.meeting", "present"), account=to("board.account", db_index=False),
        ),
        table(
            "Sample", "sample", key=key(), caseload=to("board.loaded"), drawn_at=Moment(),
            drawn_by=to("board.account", db_index=False), seed=models.BigIntegerField(), plan=models.JSONField(),
        ),
        table(
            "Conflict", "conflict", once("uq_conflict_case_id_account_id", "case", "account"),
            case=to("board.boardcase", "conflicts"), account=to("board.account"), kind=text(40), declared_at=Moment(),
        ),
        table(
            "BoardOutcome", "outcome", once("uq_outcome_live", "case", condition=~models.Q(state="declined")),
            key=key(), case=to("board.boardcase", "outcomes"), kind=text(20), content=models.JSONField(null=True),
            state=text(20), declined_because=models.TextField(null=True), proposed_at=Moment(),
            proposed_by=to("board.account", db_index=False), approved_at=Moment(null=True),
            approved_by=to("board.account", null=True, db_index=False),
            meeting=to("board.meeting", "outcomes", null=True), salt=salt(), seal=text(71),
            version=models.IntegerField(),
        ),
        table(
            "Pick", "pick", once("uq_pick_sample_id_case_id", "sample", "case"), key=key(),
            sample=to("board.sample", "picks"), case=to("board.boardcase", "picks"), why=text(20),
            stratum=text(200, null=True), replaced_at=Moment(null=True), replaced_because=models.TextField(null=True),
            replaced_by=to("board.pick", null=True, db_index=False),
        ),
        table(
            "Scoring", "scoring", once("uq_scoring_case_id_account_id", "case", "account"), key=key(),
            case=to("board.boardcase", "scorings"), account=to("board.account"), ratings=models.JSONField(null=True),
            note=models.TextField(null=True), saved_at=Moment(), confirmed_at=Moment(null=True), salt=salt(),
            seal=text(71, null=True), version=models.IntegerField(),
        ),
        protect("0001"),
    )  # fmt: skip
