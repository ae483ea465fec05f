"""A copy of the corpus in which conditions with no test left stand wherever a condition can."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import copies
from senpolicy.checking.corpus import sound
from senpolicy.policy import timeline
from senpolicy.policy.corpus import load
from senpolicy.policy.timeline import Policy

SOURCE = 'source: {document: report, paragraph: "3.7"}'
#: Each form with the decision and the day from which it counts; below the youngest age the last one waits for the age.
FORMS = (
    ("before-24/00120", "", "{all: []}", "{not: {all: []}}"),
    ("24/00120", "$transition_start", "{any: [{fact: age, at_least: $youngest_age}, {all: []}]}", "{not: {any: [{all: []}]}}"),
    ("24/00120", "$community_budgets_start", "{not: {not: {all: [{all: []}]}}}",
     "{all: [{fact: age, below: $youngest_age}, {not: {all: []}}]}"),
    ("24/00120", "$tariff_start", "{all: [{all: []}, {fact: age, at_least: $youngest_age}]}",
     "{all: [{fact: age, below: $youngest_age}, {any: [{all: []}]}]}"),
)  # fmt: skip
RULE = "  - {{id: {0}, when: {1}, field: age, says: Made up., help: Made up.}}\n"


def question() -> str:
    """Return the file of a question whose rows hold always, or never, in every form."""
    text = "question: always\nasks: Does it hold?\nanswers: {holds: It does., fails: It does not.}\nask: [age]\nversions:\n"
    for decision, start, holds, fails in FORMS:
        text += f"  - decision: {decision}\n" + (f"    from: {start}\n" if start else "") + "    answers:\n"
        text += f"      - {{id: a, answer: holds, {SOURCE}, when: {holds}}}\n"
        text += f"      - {{id: b, answer: fails, {SOURCE}, when: {fails}}}\n"
    return text + (
        f"cautions:\n  - {{id: made-up, decision: before-24/00120, says: Made up., {SOURCE}, when: {{not: {{not: {{all: []}}}}}}}}\n"
    )


def write(folder: Path) -> Path:
    """Return the folder after copying the corpus into it, with the question, and rules about facts of the same kind."""
    copies.copied(folder)
    copies.write(folder, "rules/always.yaml", question())
    copies.append(folder, "rules/questions.yaml", "  - always\n")
    follows = "  - {when: {all: []}, fact: community_protection, value: kept, because: Made up.}\n"
    for key, more in (("follows", follows), ("problems", RULE.format("never", "{not: {all: []}}")),
                      ("warnings", RULE.format("always-so", "{any: [{all: []}]}"))):  # fmt: skip
        copies.replace(folder, "rules/facts.yaml", rf"^{key}:\n", f"{key}:\n{more}")
    return folder


@cache
def policy() -> Policy:
    """Return the policy of such a copy."""
    return timeline.policy(sound(load(write(Path(mkdtemp())))))
