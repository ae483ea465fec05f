"""A scenario from a file outside the policy, laid beside those that it holds."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import PolicyError, Problems
from senpolicy.policy.corpus import Corpus, read_as


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
