"""Every case as formulas: for any case that can be given, they come to what the engine decides."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
import z3

from bending import bent, row
from generated import drawn, given, values
from golden_files import FROZEN, decider
from senpolicy.checking.examples import plain_case
from senpolicy.deciding.cases import Refused
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.language.conditions import FactType, Test, Value
from senpolicy.language.partition import cells_of
from senpolicy.policy import timeline
from senpolicy.policy.timeline import Policy
from senpolicy.proving.plain import result_of, say_ranges
from senpolicy.readings.symbolic_case import SymbolicCase, SymbolicResult

MONEY = FactType("rate", "money", "The rate")
AGE = FactType("age", "integer", "Age", lowest=0, highest=25)


def comes_to(every: SymbolicCase, facts: dict[str, Value]) -> tuple[bool, dict[str, list[SymbolicResult]]]:
    """Return whether the formulas refuse a case, and everything that each question comes to."""
    solver = z3.Solver()
    solver.add(*every.within, *every.gives(facts))
    assert solver.check() == z3.sat
    model = solver.model()

    def holds(what: z3.BoolRef) -> bool:
        return z3.is_true(model.eval(what, model_completion=True))

    refused = holds(every.refused)
    found = {name: [one for one, what in every.results(name).items() if holds(what)] for name in every.period.questions}
    return refused, found


def differences(of: Policy, number: int, seed: int, **fixed: Value) -> list[str]:
    """Return where formulas and engine differ on so many drawn cases, all with these facts."""
    source, by, tried = random.Random(seed), Decider(of), values(of)
    every = {period.start: SymbolicCase(of, period) for period in of.periods}
    found, decided = [], 0
    while decided < number:
        facts = {**drawn(source, tried), **fixed}
        case = given(facts, of)
        day = facts["decision_date"]
        refused, results = comes_to(every[of.on(day).start], facts)  # type: ignore[arg-type]
        if refused is not isinstance(case, Refused):
            found.append(f"refused: {refused}, {facts}")
        if isinstance(case, Refused):
            continue
        decided += 1
        decision = by.decide(case)
        assert isinstance(decision, Decision)
        questions = decision.period.questions
        expected = {name: [result_of(answer, questions[name])] for name, answer in decision.answers.items()}
        if results != expected:
            found.append(f"{results}, not {expected}: {facts}")
    return found


@pytest.mark.parametrize("as_of", [None, "24/00117"])
def test_the_formulas_come_to_what_the_engine_decides(as_of: str | None) -> None:
    """Two evaluators compared (Cedar's model against the product): answers, open points, missing facts, refusals."""
    assert differences(decider(FROZEN, as_of, "all").policy, 250, 7) == []


def test_a_level_that_follows_from_ratings_is_the_engine_s() -> None:
    """Ratings by area lead to a level where an edition has a method; the formulas work it out as the engine does."""
    named = sorted(decider(FROZEN, None, "all").policy.corpus.scenarios)
    assert named
    for name in named:
        of = timeline.policy(decider(FROZEN, None, "all").policy.corpus, scenario=name)
        rated = {"decision_date": date(2026, 10, 1), "adaptation_level": None, "setting": "mainstream", "age": 9}
        assert differences(of, 60, 11, **rated, plan="ehcp", ehcp_issued_on=None, additional_cost=900_000) == []


def test_the_comparison_itself_can_fail(tmp_path: Path) -> None:
    """Formulas of one policy against the engine of another: the differences are seen."""

    def edit(data: object) -> None:
        row(data, "new-plan", 2)["answer"] = "tariff"

    other = timeline.policy(bent(tmp_path, route=edit))
    by, every = Decider(decider(FROZEN, None, "all").policy), SymbolicCase(other, other.periods[-2])
    facts = plain_case(every, [*every.possible, every.results("route")[SymbolicResult("tariff")]])
    assert facts is not None
    case = given(facts, by.policy)
    assert not isinstance(case, Refused)
    decision = by.decide(case)
    assert isinstance(decision, Decision)
    assert decision.answers["route"].answer == "community_budget"


def test_a_range_holds_no_limit_but_its_own() -> None:
    """Within a range the tests cannot tell values apart: each limit stands alone, one below and one above do not."""
    asked = [Test("age", "at_least", "$youngest", limit=5), Test("age", "below", "$oldest", limit=16)]
    assert cells_of(AGE, asked) == [(0, 4), (5, 5), (6, 15), (16, 16), (17, 25)]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([(0, 4)], "below 5"),
        ([(5, 5), (6, 15)], "at least 5 and below 16"),
        ([(6, 15)], "more than 5 and below 16"),
        ([(16, 16)], "16"),
        ([(0, 4), (17, 25)], "below 5 or more than 16"),
        ([(0, 25)], "any"),
    ],
)
def test_ranges_are_told_in_the_words_of_the_tests(found: list[tuple[int, int]], words: str) -> None:
    """An officer reads 'below 16', never 'at most 15'."""
    assert say_ranges(found, AGE, [5, 16]) == words


def test_amounts_are_told_in_pounds() -> None:
    """Money is integer pence inside and pounds outside."""
    asked = [Test("rate", "more_than", "$limit", limit=600_000)]
    below, at, above = cells_of(MONEY, asked)
    assert [say_ranges([one], MONEY, [600_000]) for one in (below, at, above)] == [
        "below £6,000",
        "£6,000",
        "more than £6,000",
    ]


def test_a_plain_case_is_one_that_people_know() -> None:
    """A case to paste gives few facts, days of these years and amounts of an everyday size."""
    of = decider(FROZEN, None, "all").policy
    every = SymbolicCase(of, of.periods[-2])
    wanted = every.results("route")[SymbolicResult("direct_existing_rate")]
    facts = plain_case(every, [*every.possible, wanted], [of.periods[-2].start])  # type: ignore[list-item]
    assert facts is not None
    assert set(facts) == {"decision_date", "age", "setting", "ehcp_issued_on", "element3_rate"}
    assert facts["decision_date"] == of.periods[-2].start
    assert isinstance(facts["element3_rate"], int)
    assert 600_000 < facts["element3_rate"] <= 5_000_000


def test_what_no_case_can_be_has_no_plain_case() -> None:
    """None, and not some case that nearly fits."""
    of = decider(FROZEN, None, "all").policy
    every = SymbolicCase(of, of.periods[-2])
    results = every.results("route")
    both = [results[SymbolicResult("direct_existing_rate")], results[SymbolicResult("community_budget")]]
    assert plain_case(every, [*every.possible, *both]) is None


def test_ranges_of_a_choice_name_every_value_in_them() -> None:
    """Two levels that stand beside each other are one range, and both are meant."""
    kind = FactType("level", "choice", "The level", values=("a", "b", "c"), value_labels=("A", "B", "C"))
    assert say_ranges([(0, 1)], kind) == "A or B"
    assert say_ranges([(0, 0), (2, 2)], kind) == "A or C"
