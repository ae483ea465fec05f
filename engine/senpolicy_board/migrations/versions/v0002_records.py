"""The decision records of what the board decides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from senpolicy_board.migrations.refusing import Trigger, make, never_emptied, never_replaced, refusing

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REFUSED = (
    (
        "record_kept",
        "decision_record",
        "UPDATE",
        "NEW.content IS NOT NULL OR NEW.id <> OLD.id OR NEW.key <> OLD.key OR NEW.outcome_id <> OLD.outcome_id"
        " OR NEW.made_at <> OLD.made_at OR NEW.digest <> OLD.digest OR NEW.policy_digest <> OLD.policy_digest",
        "a decision record is never changed",
    ),
    ("record_whole", "decision_record", "DELETE", "1 = 1", "a decision record is never deleted"),
)
#: Rows that are kept, and when two are the same one.
_ID = "(id = NEW.id OR key = NEW.key)"
KEPT = {
    "decision_record": f"{_ID} OR outcome_id = NEW.outcome_id",
    "outcome": f"{_ID} OR (case_id = NEW.case_id AND state <> 'declined' AND NEW.state <> 'declined')",
    "scoring": f"confirmed_at IS NOT NULL AND ({_ID} OR (case_id = NEW.case_id AND account_id = NEW.account_id))",
    "conflict": "id = NEW.id OR (case_id = NEW.case_id AND account_id = NEW.account_id)",
    "meeting": f"closed_at IS NOT NULL AND {_ID}",
}


def triggers(dialect: str) -> tuple[Trigger, ...]:
    """Return the triggers that it makes."""
    return (
        *refusing(dialect, REFUSED),
        *never_emptied(dialect, ["decision_record"]),
        *never_replaced(dialect, KEPT),
    )


def upgrade() -> None:
    """Make the table, and the triggers by which the database refuses to change or delete a record."""
    op.create_table(
        "decision_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("outcome_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("policy_digest", sa.String(length=71), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["outcome_id"], ["outcome.id"], name=op.f("fk_decision_record_outcome_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_record")),
        sa.UniqueConstraint("key", name=op.f("uq_decision_record_key")),
        sa.UniqueConstraint("outcome_id", name=op.f("uq_decision_record_outcome_id")),
    )
    make(triggers(op.get_bind().dialect.name))
