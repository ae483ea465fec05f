"""Scenarios beside those that the policy holds: from a file outside it, or for an edition of descriptors alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import PolicyError, Problems, WrongUse, listed
from senpolicy.policy.corpus import Corpus, read_as


def with_edition(corpus: Corpus, edition: str, scenario: str | None) -> tuple[Corpus, str | None]:
    """Return the corpus and the scenario by which facts have the levels of an edition of descriptors.

    Where they have them already, these are those given. Raises `WrongUse` for an edition or a scenario that is not
    known, and for a scenario with the levels of another edition.
    """
    if edition not in corpus.editions:
        raise WrongUse(f"'{edition}' is not an edition of this policy. Use one of {listed(corpus.editions)}.")
    laid = corpus.scenarios.get(scenario or "")
    if scenario and laid is None:
        raise WrongUse(f"'{scenario}' is not a scenario of this policy. Use one of {listed(corpus.scenarios)}.")
    if laid and laid.edition not in (None, edition):
        said = f"The scenario '{scenario}' has the levels of '{laid.edition}', and '{edition}' is asked for."
        raise WrongUse(f"{said} Use one edition for both.")
    used = {fact.values_from for fact in corpus.facts.facts.values() if fact.values_from}
    if (laid and laid.edition) or used <= {edition}:
        return corpus, scenario
    name = f"{scenario} with the edition {edition}" if laid else f"the edition {edition}"
    made = (
        laid.model_copy(update={"scenario": name, "edition": edition})
        if laid
        else ScenarioFile.model_construct(scenario=name, title=name, says="", edition=edition, assumptions=[])
    )
    return replace(corpus, scenarios={**corpus.scenarios, name: made}), name


def with_scenario(corpus: Corpus, content: bytes, file: str) -> tuple[Corpus, str]:
    """Return the corpus with one more scenario, read from a file outside it, and the scenario's name.

    `file` is the file's name for messages. The digest of the files then tells the two together from the policy
    alone. Raises `PolicyError` with what is wrong with the file; whether its names fit the policy,
    `senpolicy.checking.corpus` says.
    """
    problems = Problems()
    scenario, node = read_as(ScenarioFile, content, file, problems)
    if scenario and scenario.scenario in corpus.scenarios:
        said = f"'{scenario.scenario}' is a scenario of the policy already."
        problems.add(
            node.at(("scenario",)),
            "same-id",
            said,
            f"Use it by name, as in --scenario {scenario.scenario}; or give this one another.",
        )
    problems.stop_on_errors()
    if scenario is None:
        raise PolicyError(problems)
    name = f"policy/scenarios/{scenario.scenario}.yaml"
    digest = hashlib.sha256(f"{corpus.files_digest}\0{hashlib.sha256(content).hexdigest()}".encode()).hexdigest()
    return replace(
        corpus,
        files_digest=f"sha256:{digest}",
        scenarios={**corpus.scenarios, scenario.scenario: scenario},
        files={**corpus.files, name: scenario},
        nodes={**corpus.nodes, name: node},
    ), scenario.scenario
