"""The first tables of the board, and what the database itself refuses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from senpolicy_board.migrations.refusing import Trigger, make, never_emptied, refusing

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

START = "0" * 64

#: What is refused: a name, the table, what is done to it, when (by the row before and after), and the message.
REFUSED = (
    ("trail_kept", "trail", "UPDATE", "1 = 1", "an entry of the trail is never changed"),
    ("trail_whole", "trail", "DELETE", "1 = 1", "an entry of the trail is never deleted"),
    (
        "trail_chained",
        "trail",
        "INSERT",
        "NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM trail) OR NEW.previous <> "
        f"COALESCE((SELECT hash FROM trail ORDER BY seq DESC LIMIT 1), '{START}')",
        "an entry of the trail continues the last one",
    ),
    (
        "scoring_confirmed",
        "scoring",
        "UPDATE",
        "OLD.confirmed_at IS NOT NULL AND (NEW.ratings IS NOT NULL OR NEW.note IS NOT NULL"
        " OR NEW.confirmed_at IS NULL OR NEW.seal <> OLD.seal)",
        "confirmed ratings are never changed",
    ),
    (
        "scoring_kept",
        "scoring",
        "DELETE",
        "OLD.confirmed_at IS NOT NULL",
        "confirmed ratings are never deleted",
    ),
    (
        "outcome_standing",
        "outcome",
        "UPDATE",
        "OLD.state = 'stands' AND (NEW.state <> 'stands' OR NEW.content IS NOT NULL OR NEW.seal <> OLD.seal"
        " OR NEW.kind <> OLD.kind)",
        "an outcome that stands is never changed",
    ),
    ("outcome_kept", "outcome", "DELETE", "1 = 1", "an outcome is never deleted"),
    ("conflict_kept", "conflict", "UPDATE", "1 = 1", "a declared conflict is never changed"),
    ("conflict_whole", "conflict", "DELETE", "1 = 1", "a declared conflict is never deleted"),
    ("meeting_closed", "meeting", "UPDATE", "OLD.closed_at IS NOT NULL", "a closed meeting is never changed"),
    ("meeting_kept", "meeting", "DELETE", "OLD.closed_at IS NOT NULL", "a closed meeting is never deleted"),
    (
        "present_closed",
        "present",
        "INSERT",
        "(SELECT closed_at FROM meeting WHERE id = NEW.meeting_id) IS NOT NULL",
        "a closed meeting is never changed",
    ),
    (
        "present_kept",
        "present",
        "DELETE",
        "(SELECT closed_at FROM meeting WHERE id = OLD.meeting_id) IS NOT NULL",
        "a closed meeting is never changed",
    ),
    ("present_same", "present", "UPDATE", "1 = 1", "who was present is added or taken off, never changed"),
)
#: Tables that PostgreSQL must not be asked to empty at a stroke.
KEPT = ("trail", "scoring", "outcome", "conflict", "meeting", "present")


def triggers(dialect: str) -> tuple[Trigger, ...]:
    """Return the triggers that it makes."""
    return *refusing(dialect, REFUSED), *never_emptied(dialect, KEPT)


def upgrade() -> None:
    """Make the tables, and the triggers by which the database refuses what would undo the record."""
    tables()
    make(triggers(op.get_bind().dialect.name))


def tables() -> None:
    """Make the tables."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("sign_in", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("key", name=op.f("uq_account_key")),
        sa.UniqueConstraint("label", name=op.f("uq_account_label")),
        sa.UniqueConstraint("sign_in", name=op.f("uq_account_sign_in")),
    )
    op.create_table(
        "trail",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_trail")),
    )
    op.create_table(
        "caseload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by_id", sa.Integer(), nullable=False),
        sa.Column("file_digest", sa.String(length=71), nullable=False),
        sa.Column("as_of", sa.String(length=40), nullable=False),
        sa.Column("policy_digest", sa.String(length=71), nullable=False),
        sa.Column("scenario", sa.String(length=80), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["loaded_by_id"], ["account.id"], name=op.f("fk_caseload_loaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caseload")),
        sa.UniqueConstraint("key", name=op.f("uq_caseload_key")),
    )
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("record", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["account.id"], name=op.f("fk_meeting_closed_by_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["account.id"], name=op.f("fk_meeting_opened_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("key", name=op.f("uq_meeting_key")),
    )
    op.create_table(
        "signed_in",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_signed_in_account_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_signed_in")),
    )
    op.create_index(op.f("ix_signed_in_account_id"), "signed_in", ["account_id"], unique=False)
    op.create_table(
        "board_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("caseload_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=True),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("groups", sa.JSON(), nullable=True),
        sa.Column("level", sa.String(length=80), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("above_trigger", sa.Boolean(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("seal", sa.String(length=71), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["caseload_id"], ["caseload.id"], name=op.f("fk_board_case_caseload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_case")),
        sa.UniqueConstraint("caseload_id", "ref", name=op.f("uq_board_case_caseload_id_ref")),
        sa.UniqueConstraint("key", name=op.f("uq_board_case_key")),
    )
    op.create_index(op.f("ix_board_case_caseload_id"), "board_case", ["caseload_id"], unique=False)
    op.create_table(
        "present",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_present_account_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_present_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_present")),
        sa.UniqueConstraint("meeting_id", "account_id", name=op.f("uq_present_meeting_id_account_id")),
    )
    op.create_index(op.f("ix_present_meeting_id"), "present", ["meeting_id"], unique=False)
    op.create_table(
        "sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("caseload_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["caseload_id"], ["caseload.id"], name=op.f("fk_sample_caseload_id")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["account.id"], name=op.f("fk_sample_drawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
        sa.UniqueConstraint("key", name=op.f("uq_sample_key")),
    )
    op.create_index(op.f("ix_sample_caseload_id"), "sample", ["caseload_id"], unique=False)
    op.create_table(
        "conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_conflict_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["board_case.id"], name=op.f("fk_conflict_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint("case_id", "account_id", name=op.f("uq_conflict_case_id_account_id")),
    )
    op.create_index(op.f("ix_conflict_account_id"), "conflict", ["account_id"], unique=False)
    op.create_index(op.f("ix_conflict_case_id"), "conflict", ["case_id"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("declined_because", sa.Text(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("seal", sa.String(length=71), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["account.id"], name=op.f("fk_outcome_approved_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["board_case.id"], name=op.f("fk_outcome_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_outcome_meeting_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["account.id"], name=op.f("fk_outcome_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint("key", name=op.f("uq_outcome_key")),
    )
    op.create_index(op.f("ix_outcome_case_id"), "outcome", ["case_id"], unique=False)
    op.create_index(op.f("ix_outcome_meeting_id"), "outcome", ["meeting_id"], unique=False)
    op.create_index(
        "uq_outcome_live",
        "outcome",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'declined'"),
        postgresql_where=sa.text("state <> 'declined'"),
    )
    op.create_table(
        "pick",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("stratum", sa.String(length=200), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_because", sa.Text(), nullable=True),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["board_case.id"], name=op.f("fk_pick_case_id")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["pick.id"], name=op.f("fk_pick_replaced_by_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_pick_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick")),
        sa.UniqueConstraint("key", name=op.f("uq_pick_key")),
        sa.UniqueConstraint("sample_id", "case_id", name=op.f("uq_pick_sample_id_case_id")),
    )
    op.create_index(op.f("ix_pick_case_id"), "pick", ["case_id"], unique=False)
    op.create_index(op.f("ix_pick_sample_id"), "pick", ["sample_id"], unique=False)
    op.create_table(
        "scoring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("ratings", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("seal", sa.String(length=71), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_scoring_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["board_case.id"], name=op.f("fk_scoring_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring")),
        sa.UniqueConstraint("case_id", "account_id", name=op.f("uq_scoring_case_id_account_id")),
        sa.UniqueConstraint("key", name=op.f("uq_scoring_key")),
    )
    op.create_index(op.f("ix_scoring_account_id"), "scoring", ["account_id"], unique=False)
    op.create_index(op.f("ix_scoring_case_id"), "scoring", ["case_id"], unique=False)
