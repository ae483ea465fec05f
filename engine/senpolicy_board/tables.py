"""The tables of the board. What says something of a pupil stands in columns that retention can empty.

A row that a person confirms has a `salt` and a `seal`: the seal is a digest of the salt and the content, and stands in
the trail too. While the content is there, anyone can check that it is what was confirmed; once content and salt have
been removed, the seal tells nothing.

Columns marked `SEALED` go into the trail under the seal of their row alone. Every other column goes there as it is, so
it must tell nothing of a pupil and hold no secret.
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from senpolicy_board.images import Shape


class Utc(TypeDecorator[datetime]):
    """A moment in UTC, with its zone, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC; SQLite, which knows no zone, is given none."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_key() -> str:
    """Return an id for addresses that says nothing of what it stands for: 16 letters and figures."""
    return secrets.token_hex(8)


def new_salt() -> str:
    """Return 32 random bytes as text."""
    return secrets.token_hex(32)


#: Marks a column of which the trail holds nothing but the seal of its row (`senpolicy_board.images`).
SEALED = {"sealed": True}


class Base(DeclarativeBase):
    """What every table has in common."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSON(none_as_null=True), datetime: Utc}


class Account(Base):
    """Someone who may sign in. `label` is what records show: a role and a number, never a name."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    sign_in: Mapped[str] = mapped_column(String(60), unique=True, info=SEALED)
    label: Mapped[str] = mapped_column(String(60), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(String(200), info=SEALED)
    active: Mapped[bool] = mapped_column(default=True)
    failed: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    made_at: Mapped[datetime]
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)


class SignedIn(Base):
    """A session of an account. The cookie holds a token; only its digest stands here."""

    __tablename__ = "signed_in"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64), info=SEALED)
    since: Mapped[datetime]
    seen: Mapped[datetime]

    account: Mapped[Account] = relationship()


class Loaded(Base):
    """A caseload as it was loaded, and the policy by which its cases were first decided."""

    __tablename__ = "caseload"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    title: Mapped[str] = mapped_column(String(80))
    loaded_at: Mapped[datetime]
    loaded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    file_digest: Mapped[str] = mapped_column(String(71))
    as_of: Mapped[str] = mapped_column(String(40))
    policy_digest: Mapped[str] = mapped_column(String(71))
    scenario: Mapped[str | None] = mapped_column(String(80))
    rows: Mapped[int]
    refused: Mapped[int]
    removed_at: Mapped[datetime | None]

    loaded_by: Mapped[Account] = relationship()
    cases: Mapped[list[BoardCase]] = relationship(back_populates="caseload", order_by="BoardCase.id")
    refused_rows: Mapped[list[RefusedRow]] = relationship(order_by="RefusedRow.number")


class RefusedRow(Base):
    """A row of a caseload that was refused: its number in the file, and why, a line for each; never what it held."""

    __tablename__ = "refused_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    caseload_id: Mapped[int] = mapped_column(ForeignKey("caseload.id"), index=True)
    number: Mapped[int]
    says: Mapped[str | None] = mapped_column(Text, info=SEALED)
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)


class BoardCase(Base):
    """A pupil's case on the board.

    `facts` are the facts that the case gives, as plain text; `groups` the school and Community; `level`, `answers`,
    `size` (pence a year, None where not known) and `above_trigger` what the engine made of them when they were loaded.
    Retention empties all of these and `ref`. `settled_at` is when the board's decision stood.
    """

    __tablename__ = "board_case"
    __table_args__ = (UniqueConstraint("caseload_id", "ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    caseload_id: Mapped[int] = mapped_column(ForeignKey("caseload.id"), index=True)
    ref: Mapped[str | None] = mapped_column(String(20), info=SEALED)
    decision_date: Mapped[date | None] = mapped_column(info=SEALED)
    facts: Mapped[dict[str, Any] | None] = mapped_column(info=SEALED)
    groups: Mapped[dict[str, Any] | None] = mapped_column(info=SEALED)
    level: Mapped[str | None] = mapped_column(String(80), info=SEALED)
    answers: Mapped[dict[str, Any] | None] = mapped_column(info=SEALED)
    size: Mapped[int | None] = mapped_column(BigInteger, info=SEALED)
    above_trigger: Mapped[bool | None] = mapped_column(info=SEALED)
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)
    seal: Mapped[str] = mapped_column(String(71))
    settled_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    caseload: Mapped[Loaded] = relationship(back_populates="cases")
    scorings: Mapped[list[Scoring]] = relationship(back_populates="case", order_by="Scoring.id")
    conflicts: Mapped[list[Conflict]] = relationship(back_populates="case", order_by="Conflict.id")
    outcomes: Mapped[list[BoardOutcome]] = relationship(back_populates="case", order_by="BoardOutcome.id")
    picks: Mapped[list[Pick]] = relationship(back_populates="case", order_by="Pick.id")
    notices: Mapped[list[IssuedNotice]] = relationship(back_populates="case", order_by="IssuedNotice.id")

    @property
    def outcome(self) -> BoardOutcome | None:
        """The outcome that is proposed or stands, None where there is none."""
        return next((one for one in self.outcomes if one.state != "declined"), None)

    @property
    def record(self) -> DecisionRecord | None:
        """The decision record of the outcome that stands, None where there is none."""
        return self.outcome.record if self.outcome else None


class Sample(Base):
    """A sampling plan as it was drawn: the seed, what was asked for, and the strata."""

    __tablename__ = "sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    caseload_id: Mapped[int] = mapped_column(ForeignKey("caseload.id"), index=True)
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seed: Mapped[int] = mapped_column(BigInteger)
    plan: Mapped[dict[str, Any]]

    caseload: Mapped[Loaded] = relationship()
    drawn_by: Mapped[Account] = relationship()
    picks: Mapped[list[Pick]] = relationship(back_populates="sample", order_by="Pick.id")


class Pick(Base):
    """A case in a sample. `why` is stratum, above_trigger, replacement or added; `stratum` goes with retention."""

    __tablename__ = "pick"
    __table_args__ = (UniqueConstraint("sample_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("board_case.id"), index=True)
    why: Mapped[str] = mapped_column(String(20))
    stratum: Mapped[str | None] = mapped_column(String(200), info=SEALED)
    replaced_at: Mapped[datetime | None]
    replaced_because: Mapped[str | None] = mapped_column(Text, info=SEALED)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("pick.id"))
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)

    sample: Mapped[Sample] = relationship(back_populates="picks")
    case: Mapped[BoardCase] = relationship(back_populates="picks")


class Scoring(Base):
    """A moderator's own ratings of a case: {"areas": {area: level or None}, "level": level or None}, and a note.

    A draft until it is confirmed; then the database refuses any change but its removal.
    """

    __tablename__ = "scoring"
    __table_args__ = (UniqueConstraint("case_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    case_id: Mapped[int] = mapped_column(ForeignKey("board_case.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    ratings: Mapped[dict[str, Any] | None] = mapped_column(info=SEALED)
    note: Mapped[str | None] = mapped_column(Text, info=SEALED)
    saved_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)
    seal: Mapped[str | None] = mapped_column(String(71))
    version: Mapped[int] = mapped_column()

    case: Mapped[BoardCase] = relationship(back_populates="scorings")
    account: Mapped[Account] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Conflict(Base):
    """A moderator's declared conflict of interest: it bars them from the case for good."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("case_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("board_case.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    declared_at: Mapped[datetime]

    case: Mapped[BoardCase] = relationship(back_populates="conflicts")
    account: Mapped[Account] = relationship()


class BoardOutcome(Base):
    """What the board decides of a case: agreed, or changed to a level with reason and paragraph.

    `content` is {"kind": "agreed" | "changed", "from": level, "to": level, "reason", "document", "paragraph"} and goes
    with retention. `state` is proposed, declined or stands; of those that are not declined a case has one. An approver
    is never the one who proposed it.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        Index(
            "uq_outcome_live",
            "case_id",
            unique=True,
            sqlite_where=text("state <> 'declined'"),
            postgresql_where=text("state <> 'declined'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    case_id: Mapped[int] = mapped_column(ForeignKey("board_case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any] | None] = mapped_column(info=SEALED)
    state: Mapped[str] = mapped_column(String(20))
    declined_because: Mapped[str | None] = mapped_column(Text, info=SEALED)
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)
    seal: Mapped[str] = mapped_column(String(71))
    version: Mapped[int] = mapped_column()

    case: Mapped[BoardCase] = relationship(back_populates="outcomes")
    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id])
    approved_by: Mapped[Account | None] = relationship(foreign_keys=[approved_by_id])
    meeting: Mapped[Meeting | None] = relationship(back_populates="outcomes")
    record: Mapped[DecisionRecord | None] = relationship(back_populates="outcome")

    __mapper_args__ = {"version_id_col": version}


class DecisionRecord(Base):
    """The decision record of an outcome that stands: what the policy made of the case, with every test.

    `content` is the record as canonical JSON (`senpolicy.files.digests`) and goes with retention; `digest`, which
    stands in the trail too, stays. `policy_digest` is the policy by which it was decided.
    """

    __tablename__ = "decision_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcome.id"), unique=True)
    made_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(71))
    policy_digest: Mapped[str] = mapped_column(String(71))
    content: Mapped[str | None] = mapped_column(Text, info=SEALED)
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)

    outcome: Mapped[BoardOutcome] = relationship(back_populates="record")


class Meeting(Base):
    """A meeting of the board: its day, who was there, and a record that closes. Closed, it is never changed.

    `record` is what was closed: members, numbers, and the seal of every outcome; it holds nothing of a pupil.
    """

    __tablename__ = "meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    title: Mapped[str] = mapped_column(String(80))
    held_on: Mapped[date]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    minutes: Mapped[str] = mapped_column(Text, default="", info=SEALED)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    record: Mapped[dict[str, Any] | None] = mapped_column(info=SEALED)
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)
    version: Mapped[int] = mapped_column()

    opened_by: Mapped[Account] = relationship(foreign_keys=[opened_by_id])
    closed_by: Mapped[Account | None] = relationship(foreign_keys=[closed_by_id])
    present: Mapped[list[Present]] = relationship(back_populates="meeting", order_by="Present.id")
    outcomes: Mapped[list[BoardOutcome]] = relationship(back_populates="meeting", order_by="BoardOutcome.id")

    __mapper_args__ = {"version_id_col": version}


class Present(Base):
    """A member who was present at a meeting."""

    __tablename__ = "present"
    __table_args__ = (UniqueConstraint("meeting_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))

    meeting: Mapped[Meeting] = relationship(back_populates="present")
    account: Mapped[Account] = relationship()


class IssuedNotice(Base):
    """A decision notice as it was issued to a school and a parent: what was sent stays, whatever the policy says later.

    `body` is the notice as HTML and goes with retention; its `seal`, which is in the trail too, stays. `as_of` and
    `policy_digest` are the policy by which it was issued.
    """

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True, default=new_key)
    case_id: Mapped[int] = mapped_column(ForeignKey("board_case.id"), index=True)
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    as_of: Mapped[str] = mapped_column(String(40))
    policy_digest: Mapped[str] = mapped_column(String(71))
    seal: Mapped[str] = mapped_column(String(71))
    body: Mapped[str | None] = mapped_column(Text, info=SEALED)
    salt: Mapped[str | None] = mapped_column(String(64), default=new_salt, info=SEALED)

    case: Mapped[BoardCase] = relationship(back_populates="notices")
    issued_by: Mapped[Account] = relationship()


class TrailEntry(Base):
    """An entry of the trail. The database refuses to change or delete it, and any that does not continue the chain."""

    __tablename__ = "trail"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60))
    detail: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


def shapes() -> dict[str, Shape]:
    """Return the shape of each table but the trail itself, by its name."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name != TrailEntry.__tablename__:
            sealed = frozenset(column.name for column in table.columns if column.info.get("sealed"))
            columns = tuple(column.name for column in table.columns)
            found[table.name] = Shape(table.name, next(iter(table.primary_key)).name, columns, sealed)
    return found
