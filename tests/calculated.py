"""The calculator's script and the engine, brought to one form so that they can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from senpolicy.deciding.answers import figure
from senpolicy.deciding.cases import Refused, read_row
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.language.conditions import Value, written
from senpolicy.policy.timeline import Policy
from senpolicy.site import calculator

SCRIPT = calculator.ASSETS / "evaluator.js"
#: What the script makes of rows of cells, in the form that `engine` below gives.
RUN = """
(policy, rows) => rows.map((cells) => {
  const read = senpolicyEvaluator.readCase(policy, cells);
  if (read.problems) return {refused: read.problems.map((one) => one.code).sort()};
  const answers = senpolicyEvaluator.decide(policy, read.facts);
  return {
    warnings: read.warnings.map((one) => one.code),
    followed: Object.fromEntries(Object.keys(read.followed).sort().map((name) => [name, read.facts[name]])),
    answers: Object.fromEntries(Object.entries(answers).map(([name, one]) => [name, {
      answer: one.answer,
      rules: one.because.map((reason) => reason.outcome.id),
      tests: one.because.map((reason) => reason.tests.map(({test, held, negated}) => [test.fact, held, negated])),
      missing: one.missing_facts,
      open: one.open_points,
      gives: one.gives,
      cautions: one.cautions.map((caution) => caution.id),
      reading: one.because[0].outcome.reading,
    }])),
  };
})
"""


def cells(facts: Mapping[str, Value], policy: Policy) -> list[list[str]]:
    """Return facts as the cells of a row; what is not known is an empty cell."""
    row = [["case_ref", "G-1"]]
    for name, value in facts.items():
        text = "" if value is None else str(written(policy.types[name].type, value))
        row.append([name, text.lower() if isinstance(value, bool) else text])
    return row


def engine(rows: Iterable[list[list[str]]], by: Decider) -> list[dict[str, Any]]:
    """Return what the engine makes of rows of cells."""
    found = []
    for row in rows:
        case = read_row([(name, text) for name, text in row], 1, "rows", by.policy)
        if isinstance(case, Refused):
            found.append({"refused": sorted(problem.code for problem in case.problems)})
            continue
        decision = by.decide(case)
        assert isinstance(decision, Decision)
        found.append(
            {
                "warnings": [one.code for one in case.warnings],
                "followed": {name: _plain(case.facts[name]) for name in sorted(case.followed)},
                "answers": {
                    name: {
                        "answer": one.answer,
                        "rules": [reason.outcome.id for reason in one.because],
                        "tests": [
                            [[result.test.fact, result.held, result.negated] for result in reason.supporting]
                            for reason in one.because
                        ],
                        "missing": list(one.missing_facts),
                        "open": list(one.open_points),
                        "gives": {key: figure(value) for key, value in one.gives.items()},
                        "cautions": [caution.id for caution in one.cautions],
                        "reading": one.because[0].outcome.reading,
                    }
                    for name, one in decision.answers.items()
                },
            }
        )
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
