"""What the database refuses to undo of halts of moderators and Communities: see `senpolicy_board.protections`."""

from __future__ import annotations


def _other(*columns: str) -> str:
    """Return the condition that any of these columns is not as it was."""
    return " OR ".join(
        f"COALESCE(CAST(NEW.{one} AS TEXT), '') <> COALESCE(CAST(OLD.{one} AS TEXT), '')" for one in columns
    )


#: What is refused: a name, the table, what is done to it, when, and the message. Two others decide how a halt ends:
#: what is approved is what was proposed, and nothing is set aside or adjusted before.
REFUSED = (
    (
        "halt_kept",
        "halt",
        "UPDATE",
        "OLD.settled_at IS NOT NULL OR"
        f" {_other('id', 'key', 'account_id', 'community', 'at', 'beyond', 'seeds', 'apart')}"
        " OR (NEW.settled_at IS NOT NULL AND (NEW.settled_by_id IS NULL OR OLD.kind IS NULL OR"
        f" {_other('kind', 'reason', 'proposed_by_id', 'area', 'levels', 'rests')}"
        " OR NEW.settled_by_id = NEW.proposed_by_id OR NEW.settled_by_id = COALESCE(NEW.account_id, 0)))"
        " OR COALESCE(NEW.proposed_by_id, 0) = COALESCE(NEW.account_id, -1)",
        "what stopped a moderator or a Community is never changed, and two others decide how it ends",
    ),
    (
        "halt_of_one",
        "halt",
        "INSERT",
        "(NEW.account_id IS NULL) = (NEW.community IS NULL) OR NEW.settled_at IS NOT NULL",
        "one moderator or one Community is stopped, and it is never ended with that",
    ),
    (
        "halt_part_of_one",
        "halt_part",
        "INSERT",
        "(NEW.scoring_id IS NULL) = (NEW.case_id IS NULL) OR (NEW.kind IN ('aside', 'adjusted') AND NOT EXISTS"
        " (SELECT 1 FROM halt WHERE id = NEW.halt_id AND settled_at IS NOT NULL AND kind ="
        " CASE NEW.kind WHEN 'aside' THEN 'set_aside' ELSE NEW.kind END))",
        "a rating is never set aside or adjusted unless two others have decided it",
    ),
)
