"""Changes of the policy, as an officer would write them into its files: such as move something, and such as do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from bending import unfold
from copies import append, replace, write
from golden_files import ROOT, loaded

Change = Callable[[Path], None]
PARAMETERS = "policy/24-00120/parameters.yaml"
SCENARIO = "policy/scenarios/illustrative.yaml"
#: From when on a value settles what was open.
SETTLED = "2025-04-01"
SOURCE = 'source: {document: report, paragraph: "3.20"}'


def set_value(folder: Path, name: str, value: str, file: str = PARAMETERS) -> None:
    """Set a value that a decision, or a scenario, holds already."""
    replace(folder, file, rf"(^  {name}:\n(?:    .*\n)*?    value: ).*$", rf"\g<1>{value}")


def decision(folder: Path, values: dict[str, tuple[str, str]], *, status: str = "taken", extra: str = "") -> None:
    """Record a made-up decision 26/00041 after all others, with values as name: (unit, value).

    Each reaches back to the beginning, so that it moves what the older value decided on every day.
    """
    taken = "" if status == "proposed" else "taken: {day: 2026-11-03}\n"
    # A value that was open is settled by who sets it.
    points: dict[str, list[str]] = {}
    for name in values:
        for point in {one.open_point for _, one in loaded(ROOT).parameters.get(name, []) if one.open_point}:
            points.setdefault(point, []).append(f"${name}")
    settles = "".join(f"  - {{point: {point}, by: [{', '.join(names)}], from: {SETTLED}, reaches_back: true}}\n"
                      for point, names in points.items())  # fmt: skip
    settling = {name[1:] for names in points.values() for name in names}
    text = f"number: 26/00041\ntitle: Made up\nstatus: {status}\n{taken}"
    write(folder, "policy/26-00041/decision.yaml", text + (f"settles:\n{settles}" if settles else ""))
    rows = [
        f"  {name}:\n    label: {name} (made up)\n    unit: {unit}\n    value: {value}\n"
        f"{extra}    {SOURCE}\n"
        + (f"    from: {SETTLED}\n" if name in settling else "")
        + "    reaches_back: true\n    note: Made up.\n"
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
figures: {{{figure}: {{unit: pounds_a_year, says: What is paid in a year (made up).}}}}
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


def another_value(folder: Path) -> None:
    """A value more of a fact, which a row asks for."""
    replace(folder, "rules/facts.yaml", r"^      independent: .*$", "\\g<0>\n      ship: a school on a ship")
    text = (folder / "rules/scope.yaml").read_text(encoding="utf-8")
    write(folder, "rules/scope.yaml", text.replace("independent", "independent, ship"))


EDITION = "descriptors/continuum-draft-2025-06/edition.yaml"
ILLUSTRATIVE = "descriptors/illustrative/edition.yaml"


def levels_in_another_order(folder: Path) -> None:
    replace(folder, EDITION, r"id: sen_support$", "id: for_a_moment")
    replace(folder, EDITION, r"id: wider_support_and_strategies$", "id: sen_support")
    replace(folder, EDITION, r"id: for_a_moment$", "id: wider_support_and_strategies")


def another_level(folder: Path) -> None:
    replace(folder, EDITION, r"^levels_held:", "  - {id: beyond, label: Beyond, order: 4}\n\\g<0>")


def needed_by_every_case(folder: Path) -> None:
    replace(
        folder, "rules/facts.yaml", r"^    label: How the pupil's needs are recorded$", "\\g<0>\n    required: true"
    )


def a_step_no_longer(folder: Path) -> None:
    replace(folder, "rules/threshold.yaml", r"^step: true\n", "")


def formula_halves(folder: Path) -> None:
    set_value(folder, "population_share", "0.60")
    set_value(folder, "deprivation_share", "0.40")


def phases(folder: Path) -> None:
    set_value(folder, "historic_share_year_1", "0.70")
    set_value(folder, "formula_share_year_1", "0.30")


def formula_a_year_later(folder: Path) -> None:
    set_value(folder, "formula_in_full_from_year", "4")


def taken_off_first(folder: Path) -> None:
    decision(folder, {"top_slice": ("share", "0.02")})


def column_in_another_unit(folder: Path) -> None:
    replace(folder, "rules/budgets.yaml", r"label: Historic allocations, unit: pounds", "label: Historic, unit: count")


def no_budgets(folder: Path) -> None:
    (folder / "rules/budgets.yaml").unlink()


def assumed_rate(folder: Path) -> None:
    set_value(folder, "rate_of_band_1", "8000.00", SCENARIO)


def another_scenario(folder: Path) -> None:
    text = (folder / SCENARIO).read_text(encoding="utf-8").replace("scenario: illustrative", "scenario: other", 1)
    write(folder, "policy/scenarios/other.yaml", text)


def weights_assumed(folder: Path) -> None:
    """A scenario assumes the weights of the basket."""
    names = {"weight_idaci": "0.50", "weight_looked_after": "0.30", "weight_low_prior_attainment": "0.20"}
    rows = [
        f"  {name}:\n    label: {name} (made up)\n    unit: share\n    value: {value}\n    assumption: made-up-rates\n"
        for name, value in names.items()
    ]
    replace(folder, SCENARIO, r"^parameters:\n", "\\g<0>" + "".join(rows))


def proposal_that_counts(folder: Path) -> None:
    """A proposed decision would raise a limit by a penny."""
    decision(folder, {"lower_support_limit": ("pounds_a_year", "6000.01")}, status="proposed")


def limit_by_a_penny(folder: Path) -> None:
    set_value(folder, "lower_support_limit", "6000.01")


def answered_without_its_reading(folder: Path) -> None:
    """What a reading answers becomes a row of the rules: with the readings all stays as it was."""
    path, point = folder / "rules/moderation.yaml", "G2-moderation-at-or-below-the-trigger"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for version in data["versions"]:
        unfold(version)
        rows = [one for one in version.get("open", []) if one["point"] == point and "either" not in one]
        if rows:
            version["open"] = [one for one in version["open"] if one not in rows]
            row = {"id": "at-or-below", "answer": "not_open", "source": {"document": "analysis", "paragraph": "Q11"}}
            version["answers"].append({**row, "when": {"any": [one["when"] for one in rows]}})
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def allowed_answers(folder: Path) -> None:
    """An open point would allow one answer less."""
    found = r"(^  G2-moderation-above-the-trigger:\n(?:    .*\n)*?      moderation: )\[.*\]"
    replace(folder, "policy/24-00120/open-points.yaml", found, r"\g<1>[not_open]")


def label(folder: Path) -> None:
    replace(folder, PARAMETERS, r"label: The youngest age of the new process", "label: Youngest")


def comment(folder: Path) -> None:
    append(folder, "rules/route.yaml", "# Another comment.\n")


def wording_of_a_question(folder: Path) -> None:
    replace(folder, "rules/scope.yaml", r"^asks: .*$", "asks: In other words?")


def reason_of_a_row(folder: Path) -> None:
    replace(folder, "rules/band.yaml", r"says: The arrangements before the reform have no tariff\.", "says: None then.")


def title_of_a_paper(folder: Path) -> None:
    text = (folder / "policy/documents.yaml").read_text(encoding="utf-8")
    write(folder, "policy/documents.yaml", text.replace("    publisher: ", "    note: Read again.\n    publisher: ", 1))


def unused_value(folder: Path) -> None:
    """A decision that was taken sets a value that no rule uses."""
    decision(folder, {"made_up_rate": ("pounds_a_year", "7000.00")})


def unused_proposal(folder: Path) -> None:
    decision(folder, {"made_up_rate": ("pounds_a_year", "7000.00")}, status="proposed")


def value_written_otherwise(folder: Path) -> None:
    set_value(folder, "lower_support_limit", "6000")


def budgets_by_a_value_of_the_same(folder: Path) -> None:
    """Another parameter of the same value in the formula of the budgets, which no scenario leaves out or sets."""
    replace(folder, PARAMETERS, r"^  historic_share_year_1:$",
            f"  another_half:\n    label: Half (made up)\n    unit: share\n    value: 0.50\n    {SOURCE}\n\\g<0>")  # fmt: skip
    replace(folder, "rules/budgets.yaml", r"\$deprivation_share", "$another_half")


def negated_twice(folder: Path) -> None:
    """A row says in other words the same."""
    path = folder / "rules/band.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    one = data["versions"][0]["answers"][0]
    one["when"] = {"not": {"not": one["when"]}}
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def own_limit(folder: Path) -> None:
    """The change sets its own limit of cost."""
    replace(folder, "policy/limits.yaml", r"share: 0\.00", "share: 0.05")


def roles(folder: Path) -> None:
    append(folder, "policy/roles.yaml", "# Read again.\n")


def descriptor(folder: Path) -> None:
    replace(folder, ILLUSTRATIVE, r"Extra practice once or twice a week", "Practice now and then")


#: What moves something, and words by which whoever reads the review is told of it.
MOVES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "protection at 65% beside a further fact": (
        protection_of_65,
        ("the fact 'has_transport' is in the head only", "is 65%; it was 50%", "made_up_rate_4"),
    ),
    "a question that pays": (paying_question, ("the question 'supplement' is in the head only", "£1,200 a year")),
    "weights of the basket": (weights, ("budgets of the Communities move", "weight_looked_after", "30%; it was open")),
    "another value of a fact": (another_value, ("'setting' has other values in the head: 'ship' in the head only",)),
    "levels in another order": (levels_in_another_order, ("levels in another order",)),
    "a level more": (another_level, ("'beyond' in the head only",)),
    "a fact that every case needs": (needed_by_every_case, ("every case needs the fact 'plan' in the head only",)),
    "a step no longer": (a_step_no_longer, ("'threshold' is a step on the way in the base only",)),
    "halves of the formula": (formula_halves, ("60%; it was 50% (`population_share`)",)),
    "phases": (phases, ("Year 1:", "70%; it was 75% (`historic_share_year_1`)")),
    "the formula a year later": (formula_a_year_later, ("Year 3: only the base", "Year 4: only the head")),
    "what is taken off first": (taken_off_first, ("taken off first is 2%; it was left open", "top_slice")),
    "a column in another unit": (column_in_another_unit, ("'historic' is in count; it was in pounds",)),
    "no budgets": (no_budgets, ("Only the base says how budgets are divided",)),
    "a rate of a scenario": (assumed_rate, ("under the scenario 'illustrative'", "£8,000 a year; it was £7,000")),
    "another scenario": (another_scenario, ("the scenario 'other' is in the head only",)),
    "weights of a scenario": (weights_assumed, ("weight_idaci", "under the scenario 'illustrative'")),
    "a proposal": (proposal_that_counts, ("if the proposed decisions counted", "£6,000.01")),
    "a limit by a penny": (limit_by_a_penny, ("decided otherwise", "£6,000.01 a year; it was £6,000 a year")),
    "answers that a point would allow": (
        allowed_answers,
        ("the open point 'G2-moderation-above-the-trigger' would allow other answers to 'moderation'",),
    ),
    "a row for a reading": (answered_without_its_reading, ("decided otherwise without the adopted readings",)),
}
#: Those of both that are left to `make slow`.
SLOW = {
    "a rate of a scenario",
    "answers that a point would allow",
    "the wording of a question",
    "a value that no rule uses",
    "a value written otherwise",
    "its own limit",
    "a row for a reading",
    "a question that pays",
    "a level more",
    "a limit by a penny",
    "a proposal",
    "levels in another order",
    "a step no longer",
    "another value of a fact",
    "what is taken off first",
    "weights of a scenario",
    "no budgets",
    "protection at 65% beside a further fact",
    "a fact that every case needs",
    "halves of the formula",
    "phases",
    "the formula a year later",
    "a column in another unit",
    "another scenario",
    "a note on a paper",
    "a proposal that no rule uses",
    "another parameter of the same value",
    "a row that is negated twice",
    "the reason of a row",
    "roles",
    "the text of a descriptor",
    "a label",
}
#: What moves nothing.
STAYS: dict[str, Change] = {
    "a label": label,
    "a comment": comment,
    "the wording of a question": wording_of_a_question,
    "the reason of a row": reason_of_a_row,
    "a note on a paper": title_of_a_paper,
    "a value that no rule uses": unused_value,
    "a proposal that no rule uses": unused_proposal,
    "a value written otherwise": value_written_otherwise,
    "another parameter of the same value": budgets_by_a_value_of_the_same,
    "a row that is negated twice": negated_twice,
    "its own limit": own_limit,
    "roles": roles,
    "the text of a descriptor": descriptor,
}
