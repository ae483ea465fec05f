"""What the database refuses to undo of moderation as of exams: see `senpolicy_board.protections`."""

from __future__ import annotations

#: What is refused: a name, the table, what is done to it, when, and the message.
REFUSED = (
    (
        "evidence_kept",
        "evidence",
        "UPDATE",
        "NEW.content IS NOT NULL OR NEW.title IS NOT NULL OR NEW.id <> OLD.id OR NEW.key <> OLD.key"
        " OR NEW.case_id <> OLD.case_id OR NEW.kind <> OLD.kind OR NEW.size <> OLD.size OR NEW.added_at <> OLD.added_at"
        " OR NEW.added_by_id <> OLD.added_by_id OR (OLD.withdrawn_at IS NOT NULL AND (NEW.because IS NOT NULL"
        " OR NEW.withdrawn_at IS NULL OR NEW.withdrawn_at <> OLD.withdrawn_at"
        " OR COALESCE(NEW.withdrawn_by_id, 0) <> COALESCE(OLD.withdrawn_by_id, 0)))",
        "evidence is withdrawn or removed, never changed",
    ),
    (
        "seed_kept",
        "seed",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.key <> OLD.key OR NEW.case_id <> OLD.case_id OR NEW.kind <> OLD.kind"
        " OR NEW.set_at <> OLD.set_at OR NEW.set_by_id <> OLD.set_by_id OR NEW.checker_id <> OLD.checker_id"
        " OR (NEW.agreed IS NOT NULL AND CAST(NEW.agreed AS TEXT) <> COALESCE(CAST(OLD.agreed AS TEXT), ''))"
        " OR (NEW.because IS NOT NULL AND NEW.because <> COALESCE(OLD.because, ''))"
        " OR (OLD.approved_at IS NOT NULL AND (NEW.approved_at IS NULL OR NEW.approved_at <> OLD.approved_at))"
        " OR (OLD.retired_at IS NOT NULL AND (NEW.retired_at IS NULL OR NEW.retired_at <> OLD.retired_at))",
        "a seed is agreed or retired, never changed",
    ),
    (
        "halt_kept",
        "halt",
        "UPDATE",
        "OLD.settled_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.key <> OLD.key OR NEW.account_id <> OLD.account_id"
        " OR NEW.at <> OLD.at OR NEW.beyond <> OLD.beyond OR NEW.seeds <> OLD.seeds"
        " OR (NEW.settled_at IS NOT NULL AND (NEW.settled_by_id IS NULL OR COALESCE(NEW.kind, '') <>"
        " COALESCE(OLD.kind, '-') OR COALESCE(NEW.proposed_by_id, 0) <> COALESCE(OLD.proposed_by_id, -1)"
        " OR NEW.settled_by_id IN (NEW.proposed_by_id, NEW.account_id)))"
        " OR COALESCE(NEW.proposed_by_id, 0) = NEW.account_id",
        "what stopped a moderator is never changed, and two others decide how it ends",
    ),
    ("halt_whole", "halt", "DELETE", "1 = 1", "what stopped a moderator is never deleted"),
    ("halt_part_kept", "halt_part", "UPDATE", "1 = 1", "what a halt does to a rating is never changed"),
    ("halt_part_whole", "halt_part", "DELETE", "1 = 1", "what a halt does to a rating is never deleted"),
    ("seed_whole", "seed", "DELETE", "1 = 1", "a seed is never deleted"),
    ("evidence_whole", "evidence", "DELETE", "1 = 1", "evidence is never deleted"),
)
#: Tables that are never emptied at a stroke, and rows that are never put in the place of one.
KEPT = ("evidence", "seed", "halt", "halt_part")
ONCE = dict.fromkeys(KEPT[:3], "id = NEW.id OR key = NEW.key") | {"halt_part": "id = NEW.id"}
