"""A policy by whose facts pupils have the levels of another edition of descriptors than the policy's own."""

from __future__ import annotations

from dataclasses import replace

from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import WrongUse, listed
from senpolicy.policy.scenarios import as_decisions, beneath
from senpolicy.policy.timeline import Policy, policy


def under_edition(of: Policy, edition: str, include_proposed: bool = False, readings: str = "all") -> Policy:
    """Return a policy with the levels of an edition, its rules untried: itself, where it has them already.

    `include_proposed` and `readings` are those by which it was made. Raises `WrongUse` for an edition that is not
    known, and for a policy under a scenario with the levels of another one.
    """
    corpus, laid = beneath(of.corpus), of.scenario
    if edition not in corpus.editions:
        raise WrongUse(f"'{edition}' is not an edition of this policy. Use one of {listed(corpus.editions)}.")
    if laid and laid.edition not in (None, edition):
        said = f"The scenario '{laid.scenario}' has the levels of '{laid.edition}', and '{edition}' is asked for."
        raise WrongUse(f"{said} Use one edition for both.")
    used = {fact.values_from for fact in corpus.facts.facts.values() if fact.values_from}
    if (laid and laid.edition) or used <= {edition}:
        return of
    name = f"{laid.scenario} with the edition {edition}" if laid else f"the edition {edition}"
    if laid and laid.scenario in as_decisions(corpus):
        name = laid.scenario  # Its files are found by its name.
    if laid:
        made = laid.model_copy(update={"scenario": name, "edition": edition})
    else:
        made = ScenarioFile.model_construct(scenario=name, title=name, says="", edition=edition, assumptions=[])
    with_it = replace(corpus, scenarios={**corpus.scenarios, name: made})
    return policy(with_it, as_of=of.as_of, include_proposed=include_proposed, readings=readings, scenario=name)
