"""Writing a costed plan into the policy as a proposed decision: what `senpolicy tariff --draft` does last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

from senpolicy.cli.shared import find_root, say
from senpolicy.cli.writing import put
from senpolicy.comparing.tariffs import PlanAnswer
from senpolicy.files.models.tariffs import TariffPlanFile
from senpolicy.files.problems import WrongUse
from senpolicy.policy.corpus import load
from senpolicy.policy.timeline import Policy
from senpolicy.writing.drafting import TariffDraft, draft
from senpolicy.writing.files import refuse_installed

#: Writes a plan that has been costed into the policy.
DraftWriter = Callable[[TariffPlanFile, Policy, PlanAnswer], None]


def drafting(root: Path | None, number: str, plans: Sequence[Path], as_of: str | None) -> DraftWriter:
    """Return what writes a draft of this number, once its plan is costed.

    Raises `WrongUse`, before anything is costed, where no draft could be written.
    """
    top = find_root(root)
    refuse_installed(top)
    if len(plans) > 1:
        raise WrongUse("A draft is of one plan. Name that one alone.")
    if as_of is not None:
        raise WrongUse("A draft follows on what is in force. Leave --as-of out.")
    file = top / "policy" / number.replace("/", "-") / "decision.yaml"
    if file.exists():
        raise WrongUse(f"{number} is recorded already, in {file.relative_to(top)}. Give the draft another number.")
    return partial(_write_draft, top, number)


def _write_draft(root: Path, number: str, plan: TariffPlanFile, policy: Policy, found: PlanAnswer) -> None:
    """Write a plan as it was costed, if the policy passes the check with it and can be proved; all files or none.

    `policy` is that of the cohort's routes, with its own edition. Raises `WrongUse` for what cannot be drafted, and
    `PolicyError` with what the check or the proof finds.
    """
    if found.cost.solved == "no":
        raise WrongUse(f"{found.not_solved()}, so there are no rates to write. Change the plan, or its envelope.")
    if not found.cohort.pupils["counted"]:
        raise WrongUse("Nobody is counted, so nothing is known of what these rates do. Map the cohort first.")
    gain = plan.limits.gain if found.cost.gain_ceiling is None else found.cost.gain_ceiling
    wanted = TariffDraft(number, plan, found.cost.rates, gain, policy, [*_left_out(found)])
    put(root, load(root), draft(root, wanted), proposed=number)
    say(f"{number} is a proposal: it counts with --include-proposed alone, and its figures are the plan author's.")
    say("Next: fill tests/golden, then open a pull request; senpolicy review main HEAD says what it would do.")


def _left_out(found: PlanAnswer) -> Iterator[str]:
    """Yield what of a costing no rule holds."""
    units = [one.unit for one in found.cost.units]
    if any(one.factor != Fraction(1) for one in units):
        yield "Factors of single schools, by which the plan was costed, are not part of this draft."
    if found.cohort.parts != (Fraction(1),):
        yield "Some pupils were costed for a part of the year. A rate here is that of a whole year."
    if found.paid_elsewhere:
        yield "Pupils for whom another authority pays were in averages of the costing. No rule here tells them apart."
    if found.has_places:
        yield "Some schools were costed for more places than pupils. A rate here is that of a pupil."
    if any(one.other for one in units):
        yield (
            "What schools are paid today beside their pupils' rates counts in the limits of the costing. It is not "
            "part of this draft."
        )
    if any(one.lump for one in units):
        yield "What schools are to be paid beside their pupils' rates is not part of this draft."
    if found.cost.gain_scale is not None:
        yield f"Of each gain {found.cost.gain_scale} is kept in the costing; no value or rule of this draft holds that."
