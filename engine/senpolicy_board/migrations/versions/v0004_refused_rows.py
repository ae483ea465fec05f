"""The rows of a caseload that were refused, so that they stay to be seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from senpolicy_board.migrations.refusing import Trigger

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def triggers(dialect: str) -> tuple[Trigger, ...]:
    """Return the triggers that it makes: none."""
    return ()


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "refused_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("caseload_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("says", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["caseload_id"], ["caseload.id"], name=op.f("fk_refused_row_caseload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_row")),
    )
    op.create_index(op.f("ix_refused_row_caseload_id"), "refused_row", ["caseload_id"], unique=False)
