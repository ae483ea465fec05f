"""The tables of the board. What says something of a pupil stands in columns that retention can empty.

A row that a person confirms has a `salt` and a `seal`: the seal is a digest of the salt and the content, and stands in
the trail too. While the content is there, anyone can check that it is what was confirmed; once content and salt have
been removed, the seal tells nothing.

The columns that a table names as `sealed` go into the trail under the seal of their row alone. Every other column goes
there as it is, so it must tell nothing of a pupil and hold no secret.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from senpolicy_board.images import Shape
from senpolicy_board.mapping_tables import MappedLevel, MappingList
from senpolicy_board.moderation_models import Evidence, Halt, HaltPart, Seed
from senpolicy_board.rows import BoardRow, Moment, Versioned, key, salt, to


class Account(AbstractBaseUser, BoardRow):
    """Someone who may sign in. `label` is what records show: a role and a number, never a name.

    `failed` and `locked_until` are those of browsers that have not signed in to it before (`KnownBrowser`). `second` is
    the secret of a second factor, `second_at` the last step of time of which a code was used. One whose password was
    `reset` sets another when next signed in. `left_at` is when its holder left the board, for good. `recovery` is the
    digest of a code on paper that does once what a code of the second factor does.
    """

    last_login = None
    key = key()
    sign_in = models.CharField(max_length=60, unique=True)
    label = models.CharField(max_length=60, unique=True)
    role = models.CharField(max_length=20)
    password = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    failed = models.IntegerField(default=0)
    locked_until = Moment(null=True)
    made_at = Moment()
    salt = salt()
    second = models.CharField(max_length=64, null=True)
    second_at = models.BigIntegerField(null=True)
    reset = models.BooleanField(null=True)
    left_at = Moment(null=True)
    recovery = models.CharField(max_length=64, null=True)

    USERNAME_FIELD = "sign_in"
    sealed = frozenset({"sign_in", "password", "salt", "second", "recovery"})

    class Meta(BoardRow.Meta):
        db_table = "account"


class SignedIn(BoardRow):
    """A session of an account. The cookie holds a token; only its digest stands here."""

    digest = models.CharField(max_length=64, primary_key=True)
    account = to("board.Account")
    since = Moment()
    seen = Moment()

    class Meta(BoardRow.Meta):
        db_table = "signed_in"


class KnownBrowser(BoardRow):
    """A browser from which someone has signed in to an account, by the digest of a token that its cookie holds.

    Failures in it are counted for itself: whoever fails elsewhere cannot lock it out.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    account = to("board.Account")
    since = Moment()
    failed = models.IntegerField(default=0)
    locked_until = Moment(null=True)

    class Meta(BoardRow.Meta):
        db_table = "known_browser"


class Loaded(BoardRow):
    """A caseload as it was loaded, and the policy by which its cases were first decided."""

    key = key()
    title = models.CharField(max_length=80)
    loaded_at = Moment()
    loaded_by = to("board.Account", db_index=False)
    file_digest = models.CharField(max_length=71)
    as_of = models.CharField(max_length=40)
    policy_digest = models.CharField(max_length=71)
    scenario = models.CharField(max_length=80, null=True)
    rows = models.IntegerField()
    refused = models.IntegerField()
    removed_at = Moment(null=True)

    class Meta(BoardRow.Meta):
        db_table = "caseload"


class RefusedRow(BoardRow):
    """A row of a caseload that was refused: its number in the file, and why, a line for each; never what it held."""

    caseload = to("board.Loaded", "refused_rows")
    number = models.IntegerField()
    says = models.TextField(null=True)
    salt = salt()

    sealed = frozenset({"says", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "refused_row"


class BoardCase(BoardRow):
    """A pupil's case on the board.

    `facts` are the facts that the case gives, as plain text; `groups` the school and Community; `level`, `answers`,
    `size` (pence a year, None where not known) and `above_trigger` what the engine made of them when they were loaded.
    Retention empties all of these and `ref`. `settled_at` is when the board's decision stood.
    """

    key = key()
    caseload = to("board.Loaded", "cases")
    ref = models.CharField(max_length=20, null=True)
    decision_date = models.DateField(null=True)
    facts = models.JSONField(null=True)
    groups = models.JSONField(null=True)
    level = models.CharField(max_length=80, null=True)
    answers = models.JSONField(null=True)
    size = models.BigIntegerField(null=True)
    above_trigger = models.BooleanField(null=True)
    salt = salt()
    seal = models.CharField(max_length=71)
    settled_at = Moment(null=True)
    removed_at = Moment(null=True)

    sealed = frozenset(
        {"ref", "decision_date", "facts", "groups", "level", "answers", "size", "above_trigger", "salt"}
    )  # fmt: skip

    class Meta(BoardRow.Meta):
        db_table = "board_case"
        constraints = (
            models.UniqueConstraint(fields=("caseload", "ref"), name="uq_board_case_caseload_id_ref"),
        )  # fmt: skip

    @property
    def outcome(self) -> BoardOutcome | None:
        """The outcome that is proposed or stands, None where there is none."""
        return next((one for one in self.outcomes.all() if one.state in ("proposed", "stands")), None)

    @property
    def standing(self) -> BoardOutcome | None:
        """The outcome that is valid, None where there is none."""
        return self.outcome if self.outcome and self.outcome.state == "stands" else None

    @property
    def record(self) -> DecisionRecord | None:
        """The decision record of the outcome that stands, None where there is none."""
        return self.outcome.record if self.outcome else None


class Sample(BoardRow):
    """A sampling plan as it was drawn: the seed, what was asked for, and the strata."""

    key = key()
    caseload = to("board.Loaded")
    drawn_at = Moment()
    drawn_by = to("board.Account", db_index=False)
    seed = models.BigIntegerField()
    plan = models.JSONField()

    class Meta(BoardRow.Meta):
        db_table = "sample"


class Pick(BoardRow):
    """A case in a sample. `why` is stratum, above_trigger, replacement or added; `stratum` goes with retention."""

    key = key()
    sample = to("board.Sample", "picks")
    case = to("board.BoardCase", "picks")
    why = models.CharField(max_length=20)
    stratum = models.CharField(max_length=200, null=True)
    replaced_at = Moment(null=True)
    replaced_because = models.TextField(null=True)
    replaced_by = to("board.Pick", null=True, db_index=False)
    salt = salt()

    sealed = frozenset({"stratum", "replaced_because", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "pick"
        constraints = (
            models.UniqueConstraint(fields=("sample", "case"), name="uq_pick_sample_id_case_id"),
        )  # fmt: skip


class Scoring(Versioned):
    """A moderator's own ratings of a case: {"areas": {area: level or None}, "level": level or None}, and a note.

    A draft until it is confirmed; then the database refuses any change but its removal.
    """

    key = key()
    case = to("board.BoardCase", "scorings")
    account = to("board.Account")
    ratings = models.JSONField(null=True)
    note = models.TextField(null=True)
    saved_at = Moment()
    confirmed_at = Moment(null=True)
    salt = salt()
    seal = models.CharField(max_length=71, null=True)

    sealed = frozenset({"ratings", "note", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "scoring"
        constraints = (
            models.UniqueConstraint(fields=("case", "account"), name="uq_scoring_case_id_account_id"),
        )  # fmt: skip


class Conflict(BoardRow):
    """A moderator's declared conflict of interest: it bars them from the case for good."""

    case = to("board.BoardCase", "conflicts")
    account = to("board.Account")
    kind = models.CharField(max_length=40)
    declared_at = Moment()

    class Meta(BoardRow.Meta):
        db_table = "conflict"
        constraints = (
            models.UniqueConstraint(fields=("case", "account"), name="uq_conflict_case_id_account_id"),
        )  # fmt: skip


class BoardOutcome(Versioned):
    """What the board decides of a case: agreed, or changed to a level with reason and paragraph.

    `content` is {"kind": "agreed" | "changed", "from": level, "to": level, "reason", "document", "paragraph"} and goes
    with retention. `state` is proposed, declined, stands, or reopened: it was valid until the case was reopened. Of
    those that are proposed or valid a case has one. An approver is never the one who proposed it.
    """

    key = key()
    case = to("board.BoardCase", "outcomes")
    kind = models.CharField(max_length=20)
    content = models.JSONField(null=True)
    state = models.CharField(max_length=20)
    declined_because = models.TextField(null=True)
    proposed_at = Moment()
    proposed_by = to("board.Account", db_index=False)
    approved_at = Moment(null=True)
    approved_by = to("board.Account", null=True, db_index=False)
    meeting = to("board.Meeting", "outcomes", null=True)
    salt = salt()
    seal = models.CharField(max_length=71)

    sealed = frozenset({"content", "declined_because", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "outcome"
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=~models.Q(state__in=("declined", "reopened")), name="uq_outcome_live"
            ),
        )  # fmt: skip

    @property
    def record(self) -> DecisionRecord | None:
        """Its decision record, None where there is none."""
        return next(iter(self.records.all()), None)


class DecisionRecord(BoardRow):
    """The decision record of an outcome that stands: what the policy made of the case, with every test.

    `content` is the record as canonical JSON (`senpolicy.files.digests`) and goes with retention; `digest`, which
    stands in the trail too, stays. `policy_digest` is the policy by which it was decided.
    """

    key = key()
    outcome = to("board.BoardOutcome", "records", unique=True)
    made_at = Moment()
    digest = models.CharField(max_length=71)
    policy_digest = models.CharField(max_length=71)
    content = models.TextField(null=True)
    salt = salt()

    sealed = frozenset({"content", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "decision_record"


class Meeting(Versioned):
    """A meeting of the board: its day, who was there, and a record that closes. Closed, it is never changed.

    `area` is the id of the area board whose meeting it is (rules/board.yaml), None where the board has no areas.
    `record` is what was closed: members, numbers, and the seal of every outcome; it holds nothing of a pupil.
    """

    key = key()
    title = models.CharField(max_length=80)
    area = models.CharField(max_length=40, null=True)
    held_on = models.DateField()
    opened_at = Moment()
    opened_by = to("board.Account", db_index=False)
    minutes = models.TextField(default="")
    closed_at = Moment(null=True)
    closed_by = to("board.Account", null=True, db_index=False)
    record = models.JSONField(null=True)
    salt = salt()

    sealed = frozenset({"minutes", "record", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "meeting"


class Present(BoardRow):
    """A member who was present at a meeting."""

    meeting = to("board.Meeting", "present")
    account = to("board.Account", db_index=False)

    class Meta(BoardRow.Meta):
        db_table = "present"
        constraints = (
            models.UniqueConstraint(fields=("meeting", "account"), name="uq_present_meeting_id_account_id"),
        )  # fmt: skip


class Declared(BoardRow):
    """That a member has declared their interests in the schools and Communities of a caseload, if only that of none."""

    account = to("board.Account")
    caseload = to("board.Loaded", "declared")
    declared_at = Moment()

    class Meta(BoardRow.Meta):
        db_table = "declared"
        constraints = (
            models.UniqueConstraint(fields=("account", "caseload"), name="uq_declared_account_id_caseload_id"),
        )  # fmt: skip


class Interest(BoardRow):
    """A member's interest in a whole school or Community: it bars them from each of its cases for good.

    `part` is the group of a caseload (rules/facts.yaml), `value` which one of it.
    """

    account = to("board.Account", "interests")
    part = models.CharField(max_length=40)
    value = models.CharField(max_length=200, null=True)
    kind = models.CharField(max_length=40)
    declared_at = Moment()
    salt = salt()

    sealed = frozenset({"value", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "interest"


class CaseReview(BoardRow):
    """What is said against an outcome that was valid: an entry of its own, which leaves the outcome as it was.

    `kind` is appeal, dismissed (the appeal), asked (to be reopened), kept (not reopened), reopened, or interest:
    reopened, since who decided it has declared one.
    """

    outcome = to("board.BoardOutcome", "reviews")
    kind = models.CharField(max_length=20)
    because = models.TextField(null=True)
    at = Moment()
    by = to("board.Account", db_index=False)
    salt = salt()

    sealed = frozenset({"because", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "review"


class Dissent(BoardRow):
    """A member's dissent from an outcome, with the reason."""

    outcome = to("board.BoardOutcome", "dissents")
    account = to("board.Account")
    because = models.TextField(null=True)
    at = Moment()
    salt = salt()

    sealed = frozenset({"because", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "dissent"
        constraints = (
            models.UniqueConstraint(fields=("outcome", "account"), name="uq_dissent_outcome_id_account_id"),
        )  # fmt: skip


class Noted(BoardRow):
    """An outcome that was decided outside a meeting, and noted by the next one when its record was closed."""

    meeting = to("board.Meeting", "noted")
    outcome = to("board.BoardOutcome", "noted", unique=True)

    class Meta(BoardRow.Meta):
        db_table = "noted"


class IssuedNotice(BoardRow):
    """A decision notice as it was issued to a school and a parent: what was sent stays, whatever the policy says later.

    `body` is the notice as HTML and goes with retention; its `seal`, which is in the trail too, stays. `as_of` and
    `policy_digest` are the policy by which it was issued.
    """

    key = key()
    case = to("board.BoardCase", "notices")
    issued_at = Moment()
    issued_by = to("board.Account", db_index=False)
    as_of = models.CharField(max_length=40)
    policy_digest = models.CharField(max_length=71)
    seal = models.CharField(max_length=71)
    body = models.TextField(null=True)
    salt = salt()

    sealed = frozenset({"body", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "notice"


class LevelTable(BoardRow):
    """A table of the council's own by which levels of one edition of the descriptors are read in another.

    `digest` is that of its file, `levels` the new level of each old one. Of two between the same editions the newer
    counts; none is ever changed.
    """

    key = key()
    digest = models.CharField(max_length=71)
    from_edition = models.CharField(max_length=80)
    to_edition = models.CharField(max_length=80)
    levels = models.JSONField()
    taken_at = Moment()
    taken_by = to("board.Account", db_index=False)

    class Meta(BoardRow.Meta):
        db_table = "level_table"


class TrailEntry(BoardRow):
    """An entry of the trail. The database refuses to change or delete it, and any that does not continue the chain."""

    seq = models.IntegerField(primary_key=True)
    at = models.CharField(max_length=40)
    actor = models.CharField(max_length=16)
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)
    detail = models.TextField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta(BoardRow.Meta):
        db_table = "trail"


#: Every table by its name, each behind those that it refers to.
TABLES: Mapping[str, type[BoardRow]] = {
    one._meta.db_table: one
    for one in (
        TrailEntry, Account, SignedIn, KnownBrowser, Loaded, RefusedRow, BoardCase, Sample, Pick, Scoring, Conflict,
        Meeting, Present, BoardOutcome, DecisionRecord, IssuedNotice, LevelTable, Declared, Interest, CaseReview,
        Dissent, Noted, Evidence, Seed, Halt, HaltPart, MappingList, MappedLevel,
    )
}  # fmt: skip


def shapes() -> dict[str, Shape]:
    """Return the shape of each table but the trail itself, by its name."""
    found = {}
    for name, table in TABLES.items():
        if table is not TrailEntry:
            columns = tuple(field.attname for field in table._meta.concrete_fields)
            found[name] = Shape(name, table._meta.pk.attname, columns, table.sealed)
    return found
