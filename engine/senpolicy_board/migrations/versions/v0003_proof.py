"""A trail that gives every row: salts for what is sealed, notices as they were issued, and stricter triggers.

What an older trail did not write down is not filled in: every row that there is goes into one entry that takes it over.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from senpolicy_board.migrations.refusing import Trigger, drop, make, never_emptied, never_replaced, refusing
from senpolicy_board.migrations.taking_over import take_over
from senpolicy_board.migrations.versions import v0001_first, v0002_records

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Tables whose rows get a salt.
SALTED = ("account", "pick", "decision_record", "meeting")
#: Triggers that are made again, stricter, or that would refuse the salts.
AGAIN = ("scoring_confirmed", "outcome_standing", "meeting_closed", "record_kept")
_SAME = "NEW.id <> OLD.id OR NEW.key <> OLD.key"
REFUSED = (
    (
        "scoring_confirmed",
        "scoring",
        "UPDATE",
        "OLD.confirmed_at IS NOT NULL AND (NEW.ratings IS NOT NULL OR NEW.note IS NOT NULL"
        " OR NEW.confirmed_at IS NULL OR NEW.confirmed_at <> OLD.confirmed_at OR NEW.saved_at <> OLD.saved_at"
        f" OR NEW.seal <> OLD.seal OR NEW.case_id <> OLD.case_id OR NEW.account_id <> OLD.account_id OR {_SAME})",
        "confirmed ratings are never changed",
    ),
    (
        "outcome_standing",
        "outcome",
        "UPDATE",
        "OLD.state = 'stands' AND (NEW.state <> 'stands' OR NEW.content IS NOT NULL OR NEW.seal <> OLD.seal"
        " OR NEW.kind <> OLD.kind OR NEW.case_id <> OLD.case_id OR NEW.proposed_at <> OLD.proposed_at"
        " OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.approved_at <> OLD.approved_at"
        " OR COALESCE(NEW.approved_by_id, 0) <> COALESCE(OLD.approved_by_id, 0)"
        f" OR COALESCE(NEW.meeting_id, 0) <> COALESCE(OLD.meeting_id, 0) OR {_SAME})",
        "an outcome that stands is never changed",
    ),
    ("meeting_closed", "meeting", "UPDATE", "OLD.closed_at IS NOT NULL", "a closed meeting is never changed"),
    next(one for one in v0002_records.REFUSED if one[0] == "record_kept"),
    (
        "notice_kept",
        "notice",
        "UPDATE",
        "NEW.body IS NOT NULL OR NEW.case_id <> OLD.case_id OR NEW.issued_at <> OLD.issued_at"
        " OR NEW.issued_by_id <> OLD.issued_by_id OR NEW.as_of <> OLD.as_of OR NEW.seal <> OLD.seal"
        f" OR NEW.policy_digest <> OLD.policy_digest OR {_SAME}",
        "an issued notice is never changed",
    ),
    ("notice_whole", "notice", "DELETE", "1 = 1", "an issued notice is never deleted"),
    ("sample_kept", "sample", "UPDATE", "1 = 1", "a sample is never changed"),
    ("sample_whole", "sample", "DELETE", "1 = 1", "a sample is never deleted"),
    (
        "pick_kept",
        "pick",
        "UPDATE",
        f"NEW.sample_id <> OLD.sample_id OR NEW.case_id <> OLD.case_id OR NEW.why <> OLD.why OR {_SAME}",
        "a case of a sample is replaced, never changed",
    ),
    ("pick_whole", "pick", "DELETE", "1 = 1", "a case of a sample is never deleted"),
    ("account_whole", "account", "DELETE", "1 = 1", "an account is never deleted"),
)
#: Tables that are never emptied at a stroke, and rows that are never put in the place of one.
EMPTIED = ("notice", "sample", "pick", "account")
_ID = "(id = NEW.id OR key = NEW.key)"
KEPT = {
    "notice": _ID,
    "sample": _ID,
    "pick": f"{_ID} OR (sample_id = NEW.sample_id AND case_id = NEW.case_id)",
    "account": f"{_ID} OR sign_in = NEW.sign_in OR label = NEW.label",
}


def triggers(dialect: str) -> tuple[Trigger, ...]:
    """Return the triggers that it makes."""
    return *refusing(dialect, REFUSED), *never_emptied(dialect, EMPTIED), *never_replaced(dialect, KEPT)


def upgrade() -> None:
    """Make the columns, the table and the triggers, and take over what an older board holds."""
    bind = op.get_bind()
    earlier = (*v0001_first.triggers(bind.dialect.name), *v0002_records.triggers(bind.dialect.name))
    drop([one for one in earlier if one.name in AGAIN])
    for table in SALTED:
        op.add_column(table, sa.Column("salt", sa.String(length=64), nullable=True))
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.String(length=40), nullable=False),
        sa.Column("policy_digest", sa.String(length=71), nullable=False),
        sa.Column("seal", sa.String(length=71), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["board_case.id"], name=op.f("fk_notice_case_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["account.id"], name=op.f("fk_notice_issued_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index(op.f("ix_notice_case_id"), "notice", ["case_id"], unique=False)
    _salted()
    make(triggers(bind.dialect.name))
    take_over(bind)


def _salted() -> None:
    """Give a salt to each row that holds something to be sealed; what retention has emptied stays empty."""
    unsealed = {"pick": "stratum IS NOT NULL OR replaced_because IS NOT NULL", "decision_record": "content IS NOT NULL",
                "scoring": "confirmed_at IS NULL"}  # fmt: skip
    bind = op.get_bind()
    for table in (*SALTED, "scoring"):
        rows = bind.execute(sa.text(f"SELECT id FROM {table} WHERE {unsealed.get(table, '1 = 1')}")).scalars().all()
        for key in rows:
            bind.execute(
                sa.text(f"UPDATE {table} SET salt = :salt WHERE id = :id"), {"salt": secrets.token_hex(32), "id": key}
            )
