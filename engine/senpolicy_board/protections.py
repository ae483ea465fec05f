"""Triggers by which the database itself refuses what would undo the record, in SQLite and in PostgreSQL.

Each is a text that follows from what it refuses, so that a check can ask whether it is there still, as it was made.
`TRIGGERS` names those of each migration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from senpolicy_board import protections_moderation as moderation
from senpolicy_board import protections_runs as runs

#: What is refused: a name, the table, what is done to it, when (by the row before and after), and the message.
Refused = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Trigger:
    """A trigger: its name, its table, when it is asked, and what it does: in PostgreSQL the text of its function."""

    name: str
    table: str
    when: str
    does: str

    def make(self, dialect: str) -> Iterator[str]:
        """Yield the statements that make it."""
        if dialect == "sqlite":
            yield self.text
            return
        each, function = ("STATEMENT", "never_emptied") if "TRUNCATE" in self.when else ("ROW", self.name)
        yield f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${self.does}$$"
        yield f"CREATE TRIGGER {self.name} {self.when} ON {self.table} FOR EACH {each} EXECUTE FUNCTION {function}()"

    @property
    def text(self) -> str:
        """The one statement by which SQLite makes it, and which it keeps."""
        return f"CREATE TRIGGER {self.name} {self.when} ON {self.table} FOR EACH ROW {self.does}"


def refusing(dialect: str, refused: Iterable[Refused]) -> Iterator[Trigger]:
    """Yield a trigger for each of what is refused."""
    for name, table, doing, when, says in refused:
        if dialect == "sqlite":
            does = f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"
        else:
            back = "OLD" if doing == "DELETE" else "NEW"
            does = f" BEGIN IF {when} THEN RAISE EXCEPTION '{says}'; END IF; RETURN {back}; END "
        yield Trigger(name, table, f"BEFORE {doing}", does)


def never_emptied(dialect: str, tables: Iterable[str]) -> Iterator[Trigger]:
    """Yield what makes PostgreSQL refuse to empty these tables at a stroke; SQLite has no such statement."""
    for table in tables if dialect == "postgresql" else ():
        yield Trigger(
            f"{table}_emptied", table, "BEFORE TRUNCATE", " BEGIN RAISE EXCEPTION 'this table is never emptied'; END "
        )


def never_replaced(dialect: str, tables: Mapping[str, str]) -> Iterator[Trigger]:
    """Yield what makes SQLite refuse to put a row in the place of one: REPLACE deletes it without asking a trigger.

    `tables` are those that are kept, each with what is the same in both rows, as a condition on NEW and on the table.
    """
    if dialect == "sqlite":
        refused = (
            (f"{table}_once", table, "INSERT", f"EXISTS (SELECT 1 FROM {table} WHERE {same})",
             f"a row of {table.replace('_', ' ')} is never replaced")
            for table, same in tables.items()
        )  # fmt: skip
        yield from refusing(dialect, refused)


def make(editor: BaseDatabaseSchemaEditor, triggers: Iterable[Trigger]) -> None:
    """Make triggers in the database that is being brought up to date."""
    for one in triggers:
        for said in one.make(editor.connection.vendor):
            _say(editor, said)


def drop(editor: BaseDatabaseSchemaEditor, triggers: Iterable[Trigger]) -> None:
    """Take triggers off the database that is being brought up to date; their functions go with them."""
    dialect = editor.connection.vendor
    for one in triggers:
        _say(editor, f"DROP TRIGGER {one.name}" + (f" ON {one.table}" if dialect == "postgresql" else ""))
        if dialect == "postgresql" and "TRUNCATE" not in one.when:
            _say(editor, f"DROP FUNCTION {one.name}()")


def _say(editor: BaseDatabaseSchemaEditor, said: str) -> None:
    editor.execute(said, None)  # It has no parameters.


_START = "0" * 64

# What each migration refuses, and what it keeps from being emptied or replaced.

_FIRST = (
    ("trail_kept", "trail", "UPDATE", "1 = 1", "an entry of the trail is never changed"),
    ("trail_whole", "trail", "DELETE", "1 = 1", "an entry of the trail is never deleted"),
    (
        "trail_chained",
        "trail",
        "INSERT",
        "NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM trail) OR NEW.previous <> "
        f"COALESCE((SELECT hash FROM trail ORDER BY seq DESC LIMIT 1), '{_START}')",
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
_FIRST_KEPT = ("trail", "scoring", "outcome", "conflict", "meeting", "present")
_RECORDS = (
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
_ONCE = {
    "decision_record": f"{_ID} OR outcome_id = NEW.outcome_id",
    "outcome": f"{_ID} OR (case_id = NEW.case_id AND state <> 'declined' AND NEW.state <> 'declined')",
    "scoring": f"confirmed_at IS NOT NULL AND ({_ID} OR (case_id = NEW.case_id AND account_id = NEW.account_id))",
    "conflict": "id = NEW.id OR (case_id = NEW.case_id AND account_id = NEW.account_id)",
    "meeting": f"closed_at IS NOT NULL AND {_ID}",
}
#: Triggers that are made again, stricter, or that would refuse the salts.
AGAIN = ("scoring_confirmed", "outcome_standing", "meeting_closed", "record_kept")
_SAME = "NEW.id <> OLD.id OR NEW.key <> OLD.key"
_PROOF = (
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
    next(one for one in _RECORDS if one[0] == "record_kept"),
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
_PROOF_KEPT = ("notice", "sample", "pick", "account")
_PROOF_ONCE = {
    "notice": _ID,
    "sample": _ID,
    "pick": f"{_ID} OR (sample_id = NEW.sample_id AND case_id = NEW.case_id)",
    "account": f"{_ID} OR sign_in = NEW.sign_in OR label = NEW.label",
}
#: Made again with the meetings: a valid outcome may be reopened, and stays as it was in all else.
REOPENED = ("outcome_standing", "outcome_once")
_MEETINGS = (
    (
        "outcome_standing",
        "outcome",
        "UPDATE",
        "OLD.state IN ('stands', 'reopened') AND ((NEW.state <> OLD.state AND (OLD.state <> 'stands'"
        " OR NEW.state <> 'reopened' OR COALESCE(CAST(NEW.content AS TEXT), '') <>"
        " COALESCE(CAST(OLD.content AS TEXT), '')"
        " OR COALESCE(NEW.salt, '') <> COALESCE(OLD.salt, ''))) OR (NEW.state = OLD.state AND NEW.content IS NOT NULL)"
        " OR NEW.seal <> OLD.seal OR NEW.kind <> OLD.kind OR NEW.case_id <> OLD.case_id"
        " OR NEW.proposed_at <> OLD.proposed_at OR NEW.proposed_by_id <> OLD.proposed_by_id"
        " OR NEW.approved_at <> OLD.approved_at"
        " OR COALESCE(NEW.approved_by_id, 0) <> COALESCE(OLD.approved_by_id, 0)"
        f" OR COALESCE(NEW.meeting_id, 0) <> COALESCE(OLD.meeting_id, 0) OR {_SAME})",
        "an outcome that stands is never changed",
    ),
    ("interest_kept", "interest", "UPDATE", "1 = 1", "a declared interest is never changed"),
    ("interest_whole", "interest", "DELETE", "1 = 1", "a declared interest is never deleted"),
    (
        "review_kept",
        "review",
        "UPDATE",
        "NEW.because IS NOT NULL OR NEW.id <> OLD.id OR NEW.outcome_id <> OLD.outcome_id OR NEW.kind <> OLD.kind"
        " OR NEW.at <> OLD.at OR NEW.by_id <> OLD.by_id",
        "an appeal or a reopening is never changed",
    ),
    ("review_whole", "review", "DELETE", "1 = 1", "an appeal or a reopening is never deleted"),
    (
        "dissent_kept",
        "dissent",
        "UPDATE",
        "NEW.because IS NOT NULL OR NEW.id <> OLD.id OR NEW.outcome_id <> OLD.outcome_id OR NEW.at <> OLD.at"
        " OR NEW.account_id <> OLD.account_id",
        "a dissent is never changed",
    ),
    ("dissent_whole", "dissent", "DELETE", "1 = 1", "a dissent is never deleted"),
    ("noted_kept", "noted", "UPDATE", "1 = 1", "what a meeting noted is never changed"),
    ("noted_whole", "noted", "DELETE", "1 = 1", "what a meeting noted is never deleted"),
    ("declared_kept", "declared", "UPDATE", "1 = 1", "a declaration is never changed"),
)
_MEETINGS_KEPT = ("interest", "review", "dissent", "noted")
_LIVE = "('declined', 'reopened')"
_MEETINGS_ONCE = {
    "outcome": f"{_ID} OR (case_id = NEW.case_id AND state NOT IN {_LIVE} AND NEW.state NOT IN {_LIVE})",
    "interest": "id = NEW.id",
    "review": "id = NEW.id",
    "dissent": "id = NEW.id OR (outcome_id = NEW.outcome_id AND account_id = NEW.account_id)",
    "noted": "id = NEW.id OR outcome_id = NEW.outcome_id",
}

_LEVELS = (
    ("level_table_kept", "level_table", "UPDATE", "1 = 1", "a table of levels is never changed"),
    ("level_table_whole", "level_table", "DELETE", "1 = 1", "a table of levels is never deleted"),
)

_MAPPING = (
    ("mapping_list_kept", "mapping_list", "UPDATE", "1 = 1", "why a list is mapped is said again, never changed"),
    (
        "mapped_level_kept",
        "mapped_level",
        "UPDATE",
        "NEW.level IS NOT NULL OR NEW.ratings IS NOT NULL OR NEW.case_id <> OLD.case_id OR NEW.at <> OLD.at"
        f" OR NEW.by_id <> OLD.by_id OR {_SAME}",
        "a mapped level is never changed",
    ),
    ("mapped_level_whole", "mapped_level", "DELETE", "1 = 1", "a mapped level is never deleted"),
)


def _of(refused: Iterable[Refused], kept: Iterable[str], once: Mapping[str, str], dialect: str) -> tuple[Trigger, ...]:
    return *refusing(dialect, refused), *never_emptied(dialect, kept), *never_replaced(dialect, once)


#: The triggers of each migration that makes any, by the beginning of its name.
TRIGGERS: Mapping[str, Callable[[str], tuple[Trigger, ...]]] = {
    "0001": partial(_of, _FIRST, _FIRST_KEPT, {}),
    "0002": partial(_of, _RECORDS, ["decision_record"], _ONCE),
    "0003": partial(_of, _PROOF, _PROOF_KEPT, _PROOF_ONCE),
    "0006": partial(_of, _LEVELS, ["level_table"], {"level_table": _ID}),
    "0007": partial(_of, _MEETINGS, _MEETINGS_KEPT, _MEETINGS_ONCE),
    "0008": partial(_of, moderation.REFUSED, moderation.KEPT, moderation.ONCE),
    "0009": partial(_of, _MAPPING, ["mapped_level"], {"mapped_level": _ID, "mapping_list": "id = NEW.id"}),
    "0010": partial(_of, runs.REFUSED, (), {}),
}
