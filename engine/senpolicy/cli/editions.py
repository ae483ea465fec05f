"""A policy with the levels of other editions, its rules tried: for the commands that cost a plan of rates."""

from __future__ import annotations

from collections.abc import Iterable

from senpolicy.cli.shared import faults_of
from senpolicy.files.problems import PolicyError
from senpolicy.policy.editions import under_edition
from senpolicy.policy.timeline import Policy


def under_editions(of: Policy, editions: Iterable[str], include_proposed: bool, readings: str) -> dict[str, Policy]:
    """Return a policy with the levels of each edition; raises `PolicyError` for what is wrong with its rules then."""
    found = {edition: under_edition(of, edition, include_proposed, readings) for edition in dict.fromkeys(editions)}
    problems = [problem for one in found.values() for problem in faults_of(one)]
    if problems:
        raise PolicyError(problems)
    return found
