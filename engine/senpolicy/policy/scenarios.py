"""Scenarios: one from a file outside the policy, laid beside those that it holds; and names of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from senpolicy.files.models.names import named
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import PolicyError, Problems
from senpolicy.policy.corpus import Corpus, read_as


def with_own_names(scenario: ScenarioFile, taken: Collection[str]) -> ScenarioFile:
    """Return a scenario whose own values have names that nothing else has, the `taken` names being the policy's.

    A value is the scenario's own where its rows name it; any other is in the place of the policy's. A decision may
    later set one of the same name: its rules then read the decision's, and the rows of the scenario their own.
    """
    rows = {one.word for one in named(scenario) if one.names.kind == "parameter" and one.path[0] == "settles"}
    own = {name: f"{scenario.scenario}.{name}" for name in scenario.parameters if name in rows and name in taken}
    if not own:
        return scenario
    parameters = {own.get(name, name): value for name, value in scenario.parameters.items()}
    settles = [_renamed(one, {f"${old}": f"${new}" for old, new in own.items()}) for one in scenario.settles]
    return scenario.model_copy(update={"parameters": parameters, "settles": settles})


def _renamed(held: Any, names: Mapping[str, str]) -> Any:
    """Return a model, or what it holds, with other names for values."""
    if isinstance(held, BaseModel):
        fields = {name: _renamed(getattr(held, name), names) for name in type(held).model_fields}
        return type(held).model_construct(**fields)  # A copy would keep what was worked out from the old names.
    if isinstance(held, dict):
        return {key: _renamed(one, names) for key, one in held.items()}
    if isinstance(held, list):
        return [_renamed(one, names) for one in held]
    return names.get(held, held) if isinstance(held, str) else held


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
