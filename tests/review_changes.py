"""Twenty changes of every kind, as an officer would write them, and what the first screen of a review must tell of each.

Whoever reads the words beside a change knows what changes for whom; they were read against `decide` and `budgets`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moves
from bending import unfold
from copies import replace
from review_mutation.changes import edited, no_longer_read


@dataclass(frozen=True)
class Told:
    """A change, and the words that its first screen must hold; `alike` where it moves nothing."""

    write: Callable[[Path], None]
    words: tuple[str, ...]
    alike: bool = False


def raised(folder: Path) -> None:
    """The rate below which a plan goes to the Community is £6,500."""
    moves.set_value(folder, "lower_support_limit", "6500.00")


def protected_share(folder: Path) -> None:
    """Claims are protected at 65%, for certain."""
    moves.set_value(folder, "protected_share_low", "0.65")
    moves.set_value(folder, "protected_share_high", "0.65")


def trigger(folder: Path) -> None:
    """A case may go to moderation from £7,000 on."""
    moves.set_value(folder, "moderation_trigger", "7000.00")


def another_answer(folder: Path) -> None:
    """In the Community's time a pupil of an SRP goes by a process that stays as it was."""
    replace(folder, "rules/route.yaml", r"(?s)(\$community_budgets_start.*?- id: srp\n\s+answer: )srp_average_rate",
            r"\g<1>unchanged_process")  # fmt: skip


def new_version(folder: Path) -> None:
    """A new decision closes claims of exceptional need from April 2027."""

    def edit(data: Any) -> None:
        new = deepcopy(data["versions"][-1])
        unfold(new)
        new |= {"from": "$made_up_start", "decision": "26/00041"}
        for row in new["answers"]:
            row["answer"] = next(iter(data["answers"]))
            row.pop("gives", None)
        data["versions"].append({key: new[key] for key in ("from", "decision", "answers", "open") if key in new})

    moves.decision(folder, {"made_up_start": ("date", "2027-04-01")})
    edited(folder, "rules/exceptional_need_claim.yaml", edit)


def fact_with_a_caution(folder: Path) -> None:
    """A fact more, by which a caution goes with the scope."""
    moves.further_fact(folder)
    edited(folder, "rules/scope.yaml", lambda data: data.setdefault("cautions", []).append(
        {"id": "with-transport", "decision": "24/00120", "says": "Transport is decided apart.",
         "source": {"document": "report", "paragraph": "3.20"}, "when": {"fact": "has_transport", "is": True}}))  # fmt: skip


def another_edition(folder: Path) -> None:
    """The facts use an edition of their own: a copy of the draft with one level more."""
    of = (folder / moves.EDITION).parent
    shutil.copytree(of, folder / "descriptors/made-up")
    edited(folder, "descriptors/made-up/edition.yaml", lambda data: data.update(
        edition="made-up", levels=[*data["levels"], {"id": "beyond", "label": "Beyond", "order": 4}]))  # fmt: skip
    path = folder / "rules/facts.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(of.name, "made-up"), encoding="utf-8")


def reading_no_longer(folder: Path) -> None:
    """Moderation at or below the trigger is open again."""
    no_longer_read(folder, "G2-at-or-below-the-trigger")


def caution_gone(folder: Path) -> None:
    edited(folder, "rules/route.yaml", lambda data: data["cautions"].pop(0))


TWENTY: dict[str, Told] = {
    "a value": Told(
        raised,
        (
            "is £6,500 a year; it was £6,000 a year",
            "**Route changes** from 1 April 2025 to 31 August 2026",
            "existing rate: at least £6,000 and at most £6,500; a mainstream school; age: at least 5 and below 16",
            "from direct existing rate to community budget",
            "Follows from that, folded below: protection, amount",
            "route direct existing rate becomes community budget",
        ),
    ),
    "a share": Told(
        protected_share,
        (
            "The change may cost more than the limit allows",
            "**Protection changes** from 1 September 2025 to 31 August 2026",
            "protection kept",
            "about 50% to 75%",
            "folded below: amount",
            "200 of 2,000 made-up pupils",
            "may be -£78,931 to +£118,396.50",
            "Is the cost meant?",
        ),
    ),
    "a trigger": Told(
        trigger,
        (
            "is £7,000 a year; it was £6,000 a year (`moderation_trigger`)",
            "**Moderation changes** from 1 April 2025",
            "community's proposal: more than £6,000 and at most £7,000",
            "from undetermined (G2-moderation-above-the-trigger) to not open",
            "none of 2,000 made-up pupils",
            "Which words settle what was open: G2-moderation-above-the-trigger",
        ),
    ),
    "a row": Told(
        another_answer,
        (
            "The row 'srp' of the question 'route' (24/00120, from 1 September 2025) is changed.",
            "where a specialist resource provision (SRP)",
            "from srp average rate to unchanged process: 68",
            "folded below: amount",
            "of 68 pupils the amount was open, and is nothing after the change",
        ),
    ),
    "a version": Told(
        new_version,
        (
            "26/00041, Made up (taken on 3 November 2026)",
            "(26/00041, from 1 April 2027) is new",
            "**Exceptional need claim changes** from 1 April 2027 on",
            "setting: any but a pupil referral unit, an alternative provision or a hospital school",
            "from not available to available",
            "nothing differs where both sides are known",
        ),
    ),
    "a question": Told(
        moves.paying_question,
        (
            "nothing is proved",
            "The change costs more than the limit allows",
            "'supplement' pays 297 of 2,000 made-up pupils",
            "The question 'supplement' is answered 'paid' where route is community budget",
            "it pays pounds a year of £1,200 a year.",
            "certain +£356,400 (297 pupils)",
            "limit of the base: exceeded",
        ),
    ),
    "a fact": Told(
        fact_with_a_caution,
        (
            "The caution 'with-transport' of the question 'scope' is new.",
            "'has_transport' is asked for by cautions of 'scope'.",
            "**Cautions of scope change** on every day",
            "where whether there is transport: yes",
            "the caution 'with-transport' comes",
            "caution with-transport comes",
            "nothing differs where both sides are known",
        ),
    ),
    "another value of a fact": Told(
        moves.another_value,
        (
            "Of 'setting', 'ship' is answered as 'independent' is, in every case: no rule tells them apart.",
            "(24/00120, from 1 September 2026) is changed",
            "none of 2,000 made-up pupils",
        ),
    ),
    "a level": Told(
        moves.another_level,
        (
            "'Beyond' (`beyond`) is a new level, above 'Specific Allocation",
            "Of 'adaptation_level', 'beyond' is answered as 'specific_allocation' is, in every case",
            "none of 2,000 made-up pupils",
        ),
    ),
    "an edition": Told(
        another_edition,
        (
            "are those of the edition 'made-up'; they were those of 'continuum-draft-2025-06'",
            "'Beyond' (`beyond`) is a new level, above 'Specific Allocation",
            "nothing differs where both sides are known",
        ),
    ),
    "weights": Told(
        moves.weights,
        (
            "**The budgets of the Communities move.**",
            "26/00041, Made up (taken on 3 November 2026)",
            "Years 1, 2 and 3: the part that follows looked-after children, within the basket of deprivation is 30%; it was open",
            "no pupil's answer changes; which of the Communities gain, and which lose, is not counted",
        ),
    ),
    "phases": Told(
        moves.phases,
        (
            "Year 1: the part that follows historic allocations is 70%; it was 75%",
            "follows the formula is 30%; it was 25%",
        ),
    ),
    "a scenario": Told(
        moves.assumed_rate,
        (
            "decided otherwise, but not by the policy as it is",
            "`rate_of_band_1` is £8,000 a year; it was £7,000 a year",
            "**Amount changes** (under the scenario 'illustrative') from 1 September 2026 on",
            "from known, £7,000 a year to known, £8,000 a year",
            "are decided by neither version",
        ),
    ),
    "another scenario": Told(
        moves.another_scenario, ("The scenario 'other' is in the head only.", "nothing is proved")
    ),
    "a proposal": Told(
        moves.proposal_that_counts,
        (
            "decided otherwise, but not by the policy as it is",
            "26/00041, Made up (proposed)",
            "**Route changes** (if the proposed decisions counted) from 1 April 2025 on",
            "existing rate: at least £6,000 and at most £6,000.01",
            "if the proposed decisions counted, on",
        ),
    ),
    "an open point": Told(
        moves.allowed_answers,
        (
            "'G2-moderation-above-the-trigger' would allow other answers to 'moderation' in the head: ",
            "'open_to_further_moderation' in the base only",
            "Where both know the facts and the question, both answer alike, by the policy as it is.",
            "nothing is proved",
        ),
    ),
    "a reading": Told(
        reading_no_longer,
        (
            "Adopts the reading 'G2-at-or-below-the-trigger' no longer.",
            "**Moderation changes**",
            "from not open to undetermined (G2-moderation-at-or-below-the-trigger)",
        ),
    ),
    "a caution": Told(
        caution_gone,
        (
            "**Cautions of route change** on every day, where an education, health and care plan (EHCP)",
            "the caution 'section-f' goes",
            "599 of 2,000 made-up pupils",
            "nothing differs where both sides are known",
            "The caution 'section-f' of the question 'route' is gone",
        ),
    ),
    "text only": Told(moves.reason_of_a_row, (), alike=True),
    "a value that no rule uses": Told(moves.unused_value, ("£7,000 a year (`made_up_rate`)",), alike=True),
}
