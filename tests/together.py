"""Copies of the corpus with questions and facts that are made up, to be checked as a whole."""

from __future__ import annotations

from pathlib import Path

import copies

SOURCE = 'source: {document: report, paragraph: "3.7"}'


def with_question(folder: Path, name: str, asks: list[str], **rows: str) -> None:
    """Add a question to a copy of the corpus, with a row for each answer: its condition."""
    answers = ", ".join(f"{answer}: It is so." for answer in rows)
    text = f"question: {name}\nasks: Is it so?\nanswers: {{{answers}}}\nask: [{', '.join(asks)}]\nversions:\n"
    text += "  - decision: 24/00120\n    answers:\n"
    text += "".join(f"      - {{id: {row}, answer: {row}, {SOURCE}, when: {when}}}\n" for row, when in rows.items())
    copies.write(folder, f"rules/{name}.yaml", text)
    copies.append(folder, "rules/questions.yaml", f"  - {name}\n")


def with_yes_or_no(folder: Path, names: list[str]) -> None:
    """Add facts that are yes or no."""
    facts = "".join(
        f"  {name}: {{label: Whether it is so ({name}), type: boolean, personal: true}}\n" for name in names
    )
    copies.replace(folder, "rules/facts.yaml", r"^facts:\n", f"facts:\n{facts}")
