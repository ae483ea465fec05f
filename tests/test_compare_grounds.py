"""On what a change rests: the rows that decide in each region, the kinds of case in short, and proof cell by cell."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
import z3

from bending import bent, row
from generated import drawn, given, values
from golden_files import FROZEN, loaded
from senpolicy.comparing.cells import Encoded
from senpolicy.comparing.cubes import CAUTIONS, kinds_of
from senpolicy.comparing.differences import ComparisonReport, Side, compare
from senpolicy.comparing.exact import PolicyComparison
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.language.partition import FactCell, partition
from senpolicy.policy import timeline
from senpolicy.readings.symbolic_case import SymbolicCase


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> PolicyComparison:
    """A row of a later version answers otherwise, and cites another paragraph."""

    def edit(data: Any) -> None:
        one = row(data, "sen-support", 3)
        one["answer"], one["source"] = "school_budget", {"document": "report", "paragraph": "3.21"}

    head = bent(tmp_path_factory.mktemp("changed"), route=edit)
    return compare(timeline.policy(loaded(FROZEN)), timeline.policy(head))


def test_each_region_names_the_rows_that_decide_its_case(changed: PolicyComparison) -> None:
    """A board sees on what the change rests: the very rows that `decide` names for the case that is shown."""
    by = Decider(changed.base), Decider(changed.head)
    assert changed.regions
    for region in changed.regions:
        if region.about.startswith(CAUTIONS):
            continue
        for decider, grounds in zip(by, region.grounds, strict=True):
            (case,) = read_text(region.pupil, "witness.yaml", decider.policy)
            assert isinstance(case, Case)
            decision = decider.decide(case)
            assert isinstance(decision, Decision)
            because = decision.answers[region.about].because
            named = {(one.outcome.id, one.outcome.decision, one.outcome.source.paragraph) for one in because}
            assert named <= {(one.rule, one.decision, one.paragraph) for one in grounds}, region


def test_rows_that_decide_no_case_of_a_region_are_not_named(changed: PolicyComparison) -> None:
    """The row that was changed, and its paragraph as it is in each version."""
    regions = [one for one in changed.regions if one.about == "route" and one.base.answer == "community_budget"]
    assert regions
    for region in regions:
        ours, theirs = region.grounds
        assert [(one.rule, one.paragraph) for one in ours] == [("route/sen-support", "3.20")]
        assert [(one.rule, one.paragraph) for one in theirs] == [("route/sen-support", "3.21")]


def test_what_a_change_rests_on_is_told_in_text_and_as_json(changed: PolicyComparison) -> None:
    """With the paragraphs in words, and with the ids of the rows as data."""
    base, head = (Side(name, of.corpus) for name, of in (("main", changed.base), ("proposal", changed.head)))
    report = ComparisonReport(base, head, [changed])
    for told in ("\n".join(text for _, text in report.lines()), report.markdown()):
        assert "rests on 24/00120, report 3.21 (before: 24/00120, report 3.20)" in told
    regions = report.to_json()["differences"][0]["regions"]
    found = [one["rests_on"] for one in regions if one["about"] == "route"]
    assert {"rule": "route/sen-support", "decision": "24/00120", "document": "report", "paragraph": "3.21"} in [
        ground for one in found for ground in one["head"]
    ]


def test_a_change_is_told_in_short_before_it_is_told_kind_by_kind(changed: PolicyComparison) -> None:
    """By question: from what to what, for whom roughly, on which days; and how many kinds of case there are."""
    lines = [
        text
        for _, text in ComparisonReport(
            Side("a", changed.base.corpus), Side("b", changed.head.corpus), [changed]
        ).lines()
    ]
    kinds = kinds_of(changed.regions)
    assert any(line.startswith(f"{len(kinds)} kinds of case are decided otherwise") for line in lines)
    short = lines[lines.index("In short") : next(at for at, line in enumerate(lines) if line.startswith("1. "))]
    (said,) = [line for line in short if line.startswith("- Route, in ")]
    assert "on or after" not in said
    assert "from 1 September 2026 on" in said
    assert any("from community budget to school budget" in line for line in short)
    assert sum(line.startswith(f"{number}. ") for number in range(1, 999) for line in lines) == len(kinds)


def test_what_is_told_in_short_stands_in_the_json_too(changed: PolicyComparison) -> None:
    """Every change of a question, how many kinds of case it has, and what these have in common, in the same words."""
    report = ComparisonReport(Side("a", changed.base.corpus), Side("b", changed.head.corpus), [changed])
    lines = [text for _, text in report.lines()]
    summary = report.to_json()["differences"][0]["summary"]
    assert [one["about"] for one in summary] == list(dict.fromkeys(one.about for one in changed.regions))
    (route,) = [one for one in summary if one["about"] == "route"]
    assert f"- Route, in {route['kinds_of_case']} kinds of case: {'; '.join(route['shared'])}" in lines
    for change in route["changes"]:
        only = f": {'; '.join(change['only'])}" if change["only"] else ""
        assert f"  - from {change['base']['says']} to {change['head']['says']}{only}" in lines
    assert ("community_budget", "school_budget") in [
        (change["base"]["answer"], change["head"]["answer"]) for change in route["changes"]
    ]
    for one in summary:
        waits = one.get("fact_not_known", {"kinds_of_case": 0})["kinds_of_case"]
        assert one["kinds_of_case"] <= sum(change["kinds_of_case"] for change in one["changes"]) + waits


def test_questions_that_change_in_the_same_cases_share_a_kind(changed: PolicyComparison) -> None:
    """A kind of case is told once, with all that changes in it."""
    kinds = [[one.about for one in kind] for kind in kinds_of(changed.regions)]
    assert any(kind[0] == "route" and len(kind) > 1 for kind in kinds), kinds


def test_cells_say_of_every_case_what_the_formulas_over_numbers_say() -> None:
    """The encoding that the proof rests on, on drawn cases: each thing that each question can come to."""
    of = timeline.policy(loaded(FROZEN))
    source, tried = random.Random(5), values(of)
    period = of.on(date(2025, 10, 1))
    every = SymbolicCase(of, period)
    cut = {name: partition(kind, every.asked.get(name, ())) for name, kind in every.kinds.items()}
    encoded = Encoded(every.kinds, every.given, cut, ["decision_date"])
    marks = [(z3.Bool(f"mark {at}"), holds) for at, holds in enumerate(
        holds for name in period.questions for holds in every.results(name).values())]  # fmt: skip
    numbers, cells = z3.Solver(), z3.Solver()
    numbers.add(*every.possible, *(mark == holds for mark, holds in marks))
    cells.add(encoded.plain(z3.Not(every.refused)), *(mark == encoded.plain(holds) for mark, holds in marks))
    cells.add(*encoded.unsaid())
    assert period.start
    assert period.end
    tried["decision_date"] = [period.start, date(2025, 10, 1), period.end]
    told = 0
    for _ in range(40):
        facts = drawn(source, tried)
        if not isinstance(given(facts, of), Case):
            continue
        assert numbers.check(*every.gives(facts)) == z3.sat
        model, inside = numbers.model(), []
        for name, fact in every.given.items():
            known = z3.is_true(model.eval(fact.known))
            at = model.eval(fact.value).as_long() if known else None
            inside.append(next(sign for sign, cell in zip(encoded.signs[name], encoded.cells[name], strict=True)
                               if (cell is None) is (at is None) and (cell is None or cell[0] <= (at or 0) <= cell[1])))  # fmt: skip
        assert cells.check(*inside) == z3.sat
        held = cells.model()
        assert [z3.is_true(held.eval(mark)) for mark, _ in marks] == [z3.is_true(model.eval(mark)) for mark, _ in marks]
        told += 1
    assert told > 10


def test_a_cut_that_a_comparison_does_not_keep_to_is_no_proof() -> None:
    """A range within which a rule does tell values apart must stop the proof, and not be taken by one of its ends."""
    of = timeline.policy(loaded(FROZEN))
    every = SymbolicCase(of, of.periods[-1])
    cut = {name: partition(kind, every.asked.get(name, ())) for name, kind in every.kinds.items()}
    cut["element3_rate"] = partition(every.kinds["element3_rate"], ())
    encoded = Encoded(every.kinds, every.given, cut, ["decision_date"])
    with pytest.raises(AssertionError, match="element3_rate"):
        encoded.plain(every.given["element3_rate"].value > 600_000)
    with pytest.raises(AssertionError, match="element3_rate"):
        encoded.plain(every.given["element3_rate"].value == 600_000)


def test_two_facts_that_are_held_against_each_other_are_not_cut_apart() -> None:
    """Issue and decision within one stretch: before, on and after the other; the cells alone do not say which."""
    of = timeline.policy(loaded(FROZEN))
    every = SymbolicCase(of, of.on(date(2025, 10, 1)))
    cut = {name: partition(kind, every.asked.get(name, ())) for name, kind in every.kinds.items()}
    cut["decision_date"] = [FactCell(date(2025, 9, 1).toordinal(), date(2026, 8, 31).toordinal()), None]
    encoded = Encoded(every.kinds, every.given, cut, ["decision_date"])
    later = encoded.plain(every.given["ehcp_issued_on"].value > every.given["decision_date"].value)
    solver = z3.Solver()
    solver.add(*encoded.unsaid())
    issued, decided = encoded.signs["ehcp_issued_on"], encoded.signs["decision_date"]
    after, before, day = issued[-2], issued[0], decided[-2]
    assert solver.check(after, day, later) == z3.sat
    assert solver.check(after, day, z3.Not(later)) == z3.sat
    assert solver.check(before, day, later) == z3.unsat
    assert solver.check(issued[-1], day, later) == z3.sat, "not known, so free; no formula asks"
