"""The tables of moderation as of exams: evidence, seed cases, and who is stopped. See `senpolicy_board.models`."""

from __future__ import annotations

from django.db import models

from senpolicy_board.rows import BoardRow, Moment, key, salt, to


class Evidence(BoardRow):
    """A document or a note beside a case, for those who judge it.

    `kind` is what it is by its content (`senpolicy_board.evidence.KINDS`), `size` its bytes. `content` is the text of a
    note, and of a file base64; it goes with retention, or is withdrawn with a reason, `because`. `title` goes with it.
    """

    key = key()
    case = to("board.BoardCase", "evidence")
    kind = models.CharField(max_length=40)
    size = models.IntegerField()
    added_at = Moment()
    added_by = to("board.Account", db_index=False)
    title = models.TextField(null=True)
    content = models.TextField(null=True)
    withdrawn_at = Moment(null=True)
    withdrawn_by = to("board.Account", null=True, db_index=False)
    because = models.TextField(null=True)
    salt = salt()

    sealed = frozenset({"title", "content", "because", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "evidence"


class Seed(BoardRow):
    """A seed: a case whose levels were agreed beforehand, by which moderators are held against each other.

    `kind` is practice, qualification or live. `agreed` is as the ratings of a `Scoring`, `because` says why; both go
    with retention. It counts once the member `checker` has agreed too (`approved_at`). `retired_at` is when it was
    declined, or taken out of use.
    """

    key = key()
    case = to("board.BoardCase", "seeds")
    kind = models.CharField(max_length=20)
    agreed = models.JSONField(null=True)
    because = models.TextField(null=True)
    set_at = Moment()
    set_by = to("board.Account", db_index=False)
    checker = to("board.Account", db_index=False)
    approved_at = Moment(null=True)
    retired_at = Moment(null=True)
    salt = salt()

    sealed = frozenset({"agreed", "because", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "seed"


class Halt(BoardRow):
    """That a moderator (`account`) or a Community was stopped: one of the two.

    Of a moderator's last `seeds` in live work `beyond` lay beyond the tolerance; of as many cases of a Community, whose
    mean lay `apart` hundredths of a level from the board's. `kind` is what is proposed or decided: lifted; set_aside:
    their ratings of undecided cases count no longer; or adjusted: these are read `levels` higher (lower where negative)
    in an `area` (None: in all), by the paragraph `rests`. It is decided once another member has approved it
    (`settled_at`); `reason` says why.
    """

    key = key()
    account = to("board.Account", "halts", null=True)
    at = Moment()
    beyond = models.IntegerField()
    seeds = models.IntegerField()
    kind = models.CharField(max_length=20, null=True)
    reason = models.TextField(null=True)
    proposed_by = to("board.Account", null=True, db_index=False)
    settled_at = Moment(null=True)
    settled_by = to("board.Account", null=True, db_index=False)
    salt = salt()
    community = models.CharField(max_length=200, null=True)
    apart = models.IntegerField(null=True)
    area = models.CharField(max_length=80, null=True)
    levels = models.IntegerField(null=True)
    rests = models.CharField(max_length=300, null=True)

    sealed = frozenset({"reason", "community", "salt"})

    class Meta(BoardRow.Meta):
        db_table = "halt"

    @property
    def who(self) -> str:
        """Who was stopped: a moderator's label, or the name of a Community."""
        return str(self.community or self.account.label)


class HaltPart(BoardRow):
    """What a halt does to a rating: a moderator's `scoring`, or that with which a `case` of a Community came.

    `kind`: the case is rated by one more (again) or put into a sample (sampled); or it is set aside, or adjusted.
    """

    halt = to("board.Halt", "parts")
    scoring = to("board.Scoring", "halted", null=True)
    kind = models.CharField(max_length=20)
    case = to("board.BoardCase", "halted", null=True)

    class Meta(BoardRow.Meta):
        db_table = "halt_part"
