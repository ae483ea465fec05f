"""Changes of the policy, as an officer would write them into its files: such as move something, and such as do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from copies import replace, write

Change = Callable[[Path], None]
PARAMETERS = "policy/24-00120/parameters.yaml"
SCENARIO = "policy/scenarios/illustrative.yaml"
SOURCE = 'source: {document: report, paragraph: "3.20"}'


def set_value(folder: Path, name: str, value: str, file: str = PARAMETERS) -> None:
    """Set a value that a decision, or a scenario, holds already."""
    replace(folder, file, rf"(^  {name}:\n(?:    .*\n)*?    value: ).*$", rf"\g<1>{value}")


def decision(folder: Path, values: dict[str, tuple[str, str]], *, status: str = "taken", extra: str = "") -> None:
    """Record a made-up decision 26/00041 after all others, with values as name: (unit, value)."""
    taken = "" if status == "proposed" else "taken: {day: 2026-11-03}\n"
    write(folder, "policy/26-00041/decision.yaml", f"number: 26/00041\ntitle: Made up\nstatus: {status}\n{taken}")
    rows = [
        f"  {name}:\n    label: {name} (made up)\n    unit: {unit}\n    value: {value}\n{extra}    {SOURCE}\n"
        for name, (unit, value) in values.items()
    ]
    if rows:
        write(folder, "policy/26-00041/parameters.yaml", "parameters:\n" + "".join(rows))
    replace(folder, "policy/decisions.yaml", r"^  - 25/00108$", r"\g<0>\n  - 26/00041")


def further_fact(folder: Path) -> None:
    """A fact more, of which no rule asks."""
    replace(
        folder,
        "rules/facts.yaml",
        r"^  proposed_allocation:$",
        "  has_transport:\n    label: Whether there is transport\n    type: boolean\n    personal: true\n\\g<0>",
    )


def protection_of_65(folder: Path) -> None:
    """Existing claims are protected at 65%, beside a further fact and four made-up band rates."""
    set_value(folder, "protected_share_low", "0.65")
    set_value(folder, "protected_share_high", "0.65")
    further_fact(folder)
    decision(folder, {f"made_up_rate_{band}": ("pounds_a_year", f"{band}000.00") for band in (1, 2, 3, 4)})


def paying_question(folder: Path, figure: str = "pounds_a_year") -> None:
    """A question more, which pays every pupil of a Community £1,200 a year."""
    decision(folder, {"made_up_supplement": ("pounds_a_year", "1200.00")})
    replace(folder, "rules/questions.yaml", r"^  - amount$", r"\g<0>\n  - supplement")
    write(
        folder,
        "rules/supplement.yaml",
        f"""\
question: supplement
asks: Is a made-up supplement paid for this pupil?
answers: {{paid: It is., not_paid: It is not.}}
ask: [route]
versions:
  - decision: 26/00041
    answers:
      - id: paid
        answer: paid
        {SOURCE}
        when: {{fact: route, is: community_budget}}
        gives: {{{figure}: $made_up_supplement}}
      - id: not-paid
        answer: not_paid
        {SOURCE}
        when: {{not: {{fact: route, is: community_budget}}}}
""",
    )


def weights(folder: Path) -> None:
    """The weights of the basket are set, and so the whole pot is divided anew."""
    names = {"weight_idaci": "0.50", "weight_looked_after": "0.30", "weight_low_prior_attainment": "0.20"}
    decision(folder, {name: ("share", value) for name, value in names.items()})
