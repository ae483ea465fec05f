"""The first screen of a review: within its bounds whatever a change does, and right about what changes for whom."""

from __future__ import annotations

import re
from dataclasses import replace as changed
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import moves
from copies import copied, toy
from golden_files import FROZEN, ROOT, loaded
from review_changes import TWENTY
from review_mutation.changes import edited
from running import senpolicy
from senpolicy.caseloads.population import margins_of
from senpolicy.checking.opening import AS_IT_IS
from senpolicy.cli import changing
from senpolicy.comparing import populations, review
from senpolicy.comparing.asking import of_answers, of_days
from senpolicy.comparing.budgets import sentences
from senpolicy.comparing.cubes import FactBounds, Region
from senpolicy.comparing.exact import PolicyComparison
from senpolicy.comparing.movement import Moved
from senpolicy.comparing.populations import KEPT, NOT_ASKED, Paid, _moves, day_of, moved_population
from senpolicy.comparing.reach import DifferingWay
from senpolicy.comparing.report import ComparisonReport, Side, speaks_for_itself
from senpolicy.comparing.review import END, MARK, locks, rest_stays, told_by_budgets
from senpolicy.comparing.screen import (
    MOST_CHARACTERS,
    MOST_LINES,
    WIDEST,
    Screen,
    Where,
    _either,
    _fitted,
    beside_lines,
    cut,
    example,
    paid_by,
    pounds_lines,
)
from senpolicy.comparing.telling import nearness
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.policy import corpus as corpora
from senpolicy.policy import timeline
from senpolicy.readings.symbolic_case import SymbolicResult

LONG = "a sentence of many words that goes on, and on, about `a_value` and **what is bold**, " * 6


def first_screen(text: str) -> str:
    """What is read before the first fold; or all, but for the last line."""
    return text.split("<details>")[0].removesuffix(f"{END}\n")


def assert_within_bounds(screen: str) -> None:
    lines = screen.splitlines()
    assert lines[0] == MARK
    assert len(lines) <= MOST_LINES == 25
    assert len(screen) <= MOST_CHARACTERS == 2_500
    assert max(map(len, lines)) <= WIDEST == 200
    for line in lines:
        assert line.count("**") % 2 == 0, line
        assert line.count("`") % 2 == 0, line


@pytest.mark.slow
@pytest.mark.parametrize("change", TWENTY)
def test_the_first_screen_says_what_changes_for_whom(tmp_path: Path, change: str) -> None:
    """Twenty changes of every kind: a person who reads no further than the fold is told the truth, and enough of it."""
    told = TWENTY[change]
    base, head = copied(tmp_path / "base"), copied(tmp_path / "head")
    told.write(head)
    found = changing._review(("base", base), ("head", head), None, 2_000, AS_IT_IS, None)
    text = found.markdown()
    screen = first_screen(text)
    assert_within_bounds(screen)
    for word in told.words:
        assert word in screen, screen
    assert ("**Proved: no decision changes.**" in screen) is told.alike
    assert text.count("<details>") == text.count("</details>") >= 1
    assert text.endswith(f"{END}\n")


@pytest.mark.parametrize("many", [0, 1, 3, 40])
@pytest.mark.parametrize("long", [1, 40])
def test_whatever_is_told_the_screen_keeps_its_bounds(many: int, long: int) -> None:
    """The longest sentences, and any number of them: lines go before they are cut short, and how many is told."""
    said = [LONG[: 12 * long]] * many
    screen = Screen(LONG[:150], said, said, said, said, said, said, said, said)
    lines = [MARK, "## What this change does", "", *screen.lines(), ""]
    text = "\n".join(lines) + "\n"
    assert_within_bounds(text)
    assert "more, below" in text or many < 40


def test_what_is_cut_short_ends_what_it_began() -> None:
    assert cut("A short one.", 20) == "A short one."
    assert cut("**Bold and long, and longer** than a line", 20) == "**Bold and** …"
    assert cut("It is `a_value_of_many_words` there", 20) == "It is …"
    assert len(cut(LONG, 120)) <= 120


def test_a_cause_is_told_once(tmp_path: Path) -> None:
    """What follows is named on the screen, and told below it; the whole is exactly there, and folded."""
    base = toy(tmp_path / "base")
    head = toy(tmp_path / "head", ("policy/fines-2024/parameters.yaml", r"value: 3$", "value: 4"))
    text = changing._review(("base", base), ("head", head), None, None, AS_IT_IS, None).markdown()
    screen, following, whole = text.split("<details>")
    assert_within_bounds(screen)
    assert "**Handling changes** on every day, only where days late: 4;" in screen
    assert "days late: 4" in screen
    assert "from fined to let off" in screen
    assert "Follows from that, folded below: charge" in screen
    assert "Decided at all changes too" in screen
    assert "Charge" not in screen
    assert "**Charge**, in " in following
    assert re.search(r"\d+ kinds of case are decided otherwise", whole)
    assert "One such case:" in whole


def test_an_open_point_that_is_named_is_explained(tmp_path: Path) -> None:
    """What it is about and how it can be settled, for a reader who does not know its id."""
    base = toy(tmp_path / "base")
    head = toy(
        tmp_path / "head", ("policy/fines-2024/parameters.yaml", r"(?s)(lost_least:.*?value: )0.50", r"\g<1>0.40")
    )
    text = changing._review(("base", base), ("head", head), None, None, AS_IT_IS, None).markdown()
    assert "#### The open points that are named here" in text
    assert (
        "\n- `L1-price-of-lost-items` of fines-2024: What part of the price is charged for a lost item. "
        "To settle it: A part of the price, decided by the library.\n"
    ) in text


def test_an_example_tells_of_a_step_that_is_what_changes(tmp_path: Path) -> None:
    """Where only a step on the way becomes another, the answers are not called the same."""
    head = copied(tmp_path)
    moves.set_value(head, "first_cost_met_by_school", "7000.00")
    base, changed = (timeline.policy(one) for one in (loaded(ROOT), corpora.load(head)))
    pupil = "case_ref: W-0001\ndecision_date: 2026-05-01\nsetting: independent\nadditional_cost: 6500.00\n"
    was, now = SymbolicResult("exceeded"), SymbolicResult("not_exceeded")
    region = Region("threshold", was, now, (), ((None, None),), pupil=pupil)
    said = example(region, Where(PolicyComparison(base, changed, (region,)), ""))
    assert said is not None
    assert said[1] == "threshold exceeded becomes not exceeded"


def test_a_value_that_two_facts_can_have_is_told_with_its_fact() -> None:
    """ "SEN Support" is how needs are recorded, and a level: beside a plan it would read as both."""
    types = loaded(FROZEN).types
    assert not speaks_for_itself("adaptation_level", "SEN Support", types)
    assert not speaks_for_itself("plan", "SEN Support", types)
    assert speaks_for_itself("plan", "an education, health and care plan (EHCP)", types)
    assert speaks_for_itself("setting", "a mainstream school or a special school", types)
    assert not speaks_for_itself("community_start", "1 September 2025", types)


# What is counted


def test_only_a_scenario_or_a_proposal_that_is_another_itself_is_counted_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else that a change moves is counted by the policy as it is."""
    counted = list[str]()
    monkeypatch.setattr(review, "moved_population", lambda base, *_: counted.append(base.scenario is not None))
    base = loaded(ROOT)
    for change, ways in (
        (
            moves.assumed_rate,
            ["under the scenario 'illustrative'", "under the scenario 'illustrative', if the proposed"],
        ),
        (moves.proposal_that_counts, ["if the proposed decisions counted"]),
        (moves.limit_by_a_penny, []),
    ):
        head = copied(tmp_path / change.__name__)
        change(head)
        assumed = review._assumed(base, corpora.load(head))
        found = [says for says, _ in review._beside(assumed, None, date(2025, 9, 1), tmp_path)]  # type: ignore[arg-type]
        assert len(found) == len(ways)
        assert all(one.startswith(way) for one, way in zip(found, ways, strict=True))


def test_a_limit_is_not_kept_where_nobody_was_counted_on_the_days_that_differ() -> None:
    """All that differs ends before the day of the made pupils; or there are more days than are counted."""
    policy = timeline.policy(loaded(ROOT))
    days = date(2025, 4, 1), date(2025, 8, 31)
    region = Region("route", SymbolicResult("a"), SymbolicResult("b"), (), (days,))
    side = Side("a", policy.corpus)
    report = ComparisonReport(side, side, [PolicyComparison(policy, policy, (region,))])
    day = date(2025, 9, 1)
    early = list(review._left_out(report, [day], day))
    assert early == ["The made pupils are of 1 September 2025; all that differs ends before that day."]
    assert list(review._left_out(report, [day], date(2025, 8, 31))) == []
    later = Region("route", SymbolicResult("a"), SymbolicResult("b"), (), ((day, None),))
    both = ComparisonReport(side, side, [PolicyComparison(policy, policy, (region, later))])
    assert list(review._left_out(both, [day], day)) == []
    (said,) = review._before(both, day)
    assert said == "What differs only before 1 September 2025, the day of the made pupils, was not counted."
    many = [date(2026, 1, number) for number in range(1, 9)]
    late = list(review._left_out(report, many, date(2025, 8, 31)))
    assert late == ["What begins later, on 7 January 2026 and 8 January 2026, was not counted."]
    for left in (early, late):
        found = review.Review("main", "HEAD", limit=review.limit_of(policy.corpus), left=left)
        assert (found.verdict, found.failed) == ("not known", True)
    assert review.Review("main", "HEAD", limit=review.limit_of(policy.corpus)).verdict == KEPT


def test_the_command_that_is_named_has_its_options(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whoever repeats it is told the same."""
    base = toy(tmp_path / "base")
    head = toy(tmp_path / "head", ("policy/fines-2024/parameters.yaml", r"value: 3$", "value: 4"))
    said = senpolicy(capsys, "review", str(base), str(head), "--pupils", "7", "--readings", "none", "--markdown")[1]
    assert f"Made by `senpolicy review {base} {head} --pupils 7 --readings none --markdown`." in said


def test_what_differs_in_other_ways_alone_is_not_denied_beside_the_pounds() -> None:
    policy = timeline.policy(loaded(ROOT))
    side, day = Side("a", policy.corpus), date(2025, 9, 1)
    region = Region("route", SymbolicResult("a"), SymbolicResult("b"), (), ((day, None),))
    way = DifferingWay("without the adopted readings", (PolicyComparison(policy, policy, (region,)),))
    report = ComparisonReport(side, side, [PolicyComparison(policy, policy, ())], beside=[way], budgets=[])
    found = review.Review("main", "HEAD", report, limit=review.limit_of(policy.corpus))
    (said,) = found._not_counted()
    assert said.endswith("no answer was found that differs, but for other ways to decide")


def test_a_limit_that_nobody_can_look_at_and_golden_cases_that_are_not_there_are_told(tmp_path: Path) -> None:
    corpus = loaded(ROOT)
    side = Side("a", corpus)
    moved = ComparisonReport(side, side, (), budgets=["It moves."])
    found = review.review(side, side, moved, ((), ()), None, AS_IT_IS)
    assert "the limit of cost was not looked at" in "\n".join(found._not_counted())
    assert [*found._golden()][-1] == "There are none."


def test_pounds_are_told_for_certain_and_as_what_may_be() -> None:
    """A figure that becomes another is certain; a range may be anything within it; of what stays nothing is said."""
    paid = Paid.of([((100, 100), (130, 130)), ((50, 75), (65, 65)), ((50, 75), (50, 75)), ((0, 0), (0, 0))])
    assert (paid.certain, paid.possible) == ((1, 30), (1, (-10, 15)))


def test_a_pupil_whom_two_questions_pay_is_counted_once() -> None:
    """More by the one and less by the other is no change of what is paid in all."""
    paid = Paid.together([[((100, 100), (130, 130)), ((0, 0), (20, 20))], [((0, 0), (50, 50)), ((50, 50), (0, 0))], []])
    assert (paid.certain, paid.possible, paid.change) == ((1, 50), (0, (0, 0)), (50, 50))


@pytest.mark.parametrize(("now", "told"), [(500, "£5 after, £0"), (600, "£6 after, +£1"), (400, "£4 after, -£1")])
def test_what_a_further_question_pays_is_told_where_its_sum_stays_and_where_it_is_half_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: int, told: str
) -> None:
    policy, pays = timeline.policy(loaded(ROOT)), {"amount": (1, 1)}
    sides = [
        {"a": {"more": (0, 0)}, "b": {"more": (500, 500)}, "c": {"more": None}},
        {"a": {"more": (now, now)}, "b": {"more": (0, 0)}, "c": {"more": (500, 500)}},
    ]
    given = iter(
        ({ref: ("x", pays | one) for ref, one in side.items()}, pa.table({"case_ref": list(side)})) for side in sides
    )
    monkeypatch.setattr(populations, "_decided", lambda *_: next(given))
    monkeypatch.setattr(populations, "paying", lambda _: {"amount": None, "more": None})
    made = populations.Population(margins_of(policy.corpus), {"case_ref": ["a", "b", "c"]}, ())
    day = moved_population(policy, policy, made, date(2026, 9, 1), tmp_path)
    assert (day.others["more"].certain, day.half) == ((2, now - 500), {"more": 1})
    assert day.whole.certain == (2, now - 500)
    lines = "\n".join(review._day(day))
    assert "By the question 'more', the pounds of fewer than 5 pupils are known under one" in lines
    assert "- By the question 'more', for the fewer than 5 pupils whom it pays: withheld.\n" in lines
    (beside,) = beside_lines([("in a scenario", changed(day, refused=4))])
    assert "fewer than 5 are decided by neither version" in beside
    many = "\n".join(review._day(changed(day, others={"more": changed(day.others["more"], pupils=5)})))
    assert f"- By the question 'more', for the 5 pupils whom it pays: £5 a year before, {told}.\n" in many


def test_it_is_counted_who_is_told_anything_else(tmp_path: Path) -> None:
    """By answers, open points, missing facts and figures; a caution alone counts too, and is no move."""
    table = {"case_ref": ["a", "b", "c", "d"], "route|": ["x", "x", "y", "y"], "route|cautions": ["", "", "", ""]}
    after = {**table, "route|": ["x", "y", "y", "y"], "route|cautions": ["", "", "watch", ""]}
    moved, changed = _moves(pa.table(table), pa.table(after))
    assert (moved, changed) == ({"route": {(("x", (), ()), ("y", (), ())): 1}}, 2)
    fewer = {name: column[1:] for name, column in after.items()}
    assert _moves(pa.table(table), pa.table(fewer))[1] == 2


def test_what_the_how_to_says_of_reviews() -> None:
    text = (ROOT / "docs/how-to/write-a-change.md").read_text(encoding="utf-8")
    assert f"one screen, of at most {MOST_LINES} lines" in text


# What a reader who does not know how it is made was told wrong


def counted(
    *, pounds: int = 0, left: bool = False, about: str = "route", was: str = "a",
    now: str = "b", uncounted: bool = False,
) -> review.Review:  # fmt: skip
    """A review of which one answer differs, of made pupils of whom each is paid so many pence more."""
    policy = timeline.policy(loaded(ROOT))
    pupil = "case_ref: W-0001\ndecision_date: 2025-09-01\nsetting: mainstream\nage: 8\n"
    region = Region(about, SymbolicResult(was), SymbolicResult(now), (), ((date(2025, 4, 1), None),), pupil=pupil)
    side = Side("a", policy.corpus)
    report = ComparisonReport(side, side, [PolicyComparison(policy, policy, (region,))], budgets=[])
    cases = [Moved({"route": ("a", "a")}, (100, 100), (100 + pounds, 100 + pounds), {}) for _ in range(6)]
    return review.Review(
        "main", "HEAD", report, limit=review.limit_of(policy.corpus), pupils=6,
        days=[day_of(date(2025, 9, 1), cases, "route")], left=["It ends before that day."] * left,
        uncounted=["what it pays"] * uncounted,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "cost", "limit"),
    [
        ({"pounds": 1}, "costs more", "exceeded"),
        ({"pounds": -1}, "", "kept, as far as both sides are known"),
        ({}, "", "not tested: of no made pupil is an amount that changes known on both sides"),
        ({"uncounted": True}, "may cost more", "not known"),
        ({"left": True}, "", "not tested: of no made pupil is an amount that changes known on both sides"),
        ({"left": True, "about": "amount"}, "not counted", "not known"),
        (
            {"left": True, "about": "amount", "was": UNDETERMINED, "now": UNDETERMINED},
            "",
            "not tested: of no made pupil is an amount that changes known on both sides",
        ),
    ],
)
def test_a_limit_is_told_only_where_an_amount_was_held_against_it(found: dict[str, Any], cost: str, limit: str) -> None:
    """What swaps why an amount is open costs nobody anything that is known, and no limit is kept by it."""
    one = counted(**found)
    text = one.markdown()
    screen = first_screen(text)
    assert one.cost == cost
    assert f"limit of the base: {limit}\n" in screen
    assert f"**{limit.partition(':')[0].partition(',')[0]}**" in text
    assert ("than the limit allows" in screen) is ("more" in cost)
    assert ("Is the cost meant?" in screen) is ("more" in cost)
    assert ("**Whether it costs more was not counted.**" in screen) is (cost == "not counted")


@pytest.mark.parametrize(
    ("side", "money", "said"),
    [
        ("new", (0, 0), "of 719 pupils the amount was open, and is nothing after the change"),
        ("gone", (0, 0), "of 719 pupils the amount was nothing, and is open after the change"),
        ("new", (0, 5), "of 719 pupils the pounds are known after the change only"),
        ("gone", (5, 5), "of 719 pupils the pounds are known before the change only"),
    ],
)
def test_nothing_is_told_as_nothing_where_the_other_side_is_open(side: str, money: tuple[int, int], said: str) -> None:
    """Known pounds would be read as pounds that are paid."""
    days = [changed(one, **{side: (719, money)}) for one in counted().days]
    assert "\n".join(pounds_lines(days)).endswith(said)


def test_of_a_new_question_those_are_counted_whom_it_pays_on_the_first_day_that_it_does() -> None:
    """Everybody is asked, and on the first day that is counted nobody is paid."""
    found = counted()
    assert found.report is not None
    moved = [
        {((NOT_ASKED, (), ()), ("not_paid", (), ())): 6},
        {((NOT_ASKED, (), ()), (one, (), ())): 5 for one in ("paid", "not_paid")},
    ]
    days = [changed(found.days[0], day=date(2025 + at, 9, 1), moves={"supplement": one}, changed=6)
            for at, one in enumerate(moved)]  # fmt: skip
    found = changed(found, days=days)
    assert paid_by(days[1], "supplement", {"paid"}) == 5
    assert paid_by(days[0], "supplement", {"paid"}) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review, "new_paying", lambda _: {"supplement": frozenset({"paid"})})
        assert found._shown(found.report, None) is days[1]
        many = [*found.screen(found.report, None)._many()]
        patch.setattr(review, "new_paying", lambda _: {})
        assert found._shown(found.report, None) is days[0]
    assert many == ["- **How many:** 'supplement' pays 5 of 6 made-up pupils on 1 September 2026."]


def test_what_was_decided_is_told_only_where_somebody_decided(tmp_path: Path) -> None:
    """A value that is written otherwise in an old decision is decided by nobody."""
    base = loaded(ROOT)
    for change, heading in ((moves.limit_by_a_penny, "What is written otherwise"), (moves.weights, "What was decided")):
        change(copied(tmp_path / change.__name__))
        report = ComparisonReport(Side("a", base), Side("b", corpora.load(tmp_path / change.__name__)), [], budgets=[])
        screen = first_screen(review.Review("a", "b", report).markdown())
        assert f"- **{heading}:**" in screen
        assert screen.count("- **What ") == 1


def test_it_is_told_that_made_pupils_hold_no_case_that_changes_where_one_could_be_among_them() -> None:
    """On their day, and by the policy as it is: else "none" says nothing of the change."""
    found = counted()
    assert found.report is not None
    where = review.where_first(found.report)
    assert where is not None
    said = "none of 6 made-up pupils on 1 September 2025; none of them is of a kind that changes."
    assert said in first_screen(found.markdown())
    assert "of a kind" not in first_screen(
        changed(found, days=[changed(found.days[0], day=date(2025, 3, 31))]).markdown()
    )
    assert "of a kind" not in first_screen(changed(found, days=[changed(found.days[0], changed=6)]).markdown())
    assert not found.screen(found.report, changed(where, says="in another way"))._differs_unseen(found.days[0])


def test_a_question_to_ask_keeps_its_end_and_who_decided_is_asked_before_what_is_to_hand() -> None:
    asked = f"Why is this taken away, or made weaker? The caution 'x' is gone: {LONG}the duty stays with the council."
    screen = Screen("All.", [], [], [], [], [], [], [], [asked])
    (line,) = [one for one in screen.lines() if "To ask" in one]
    assert line.startswith("- **To ask:** Why is this taken away, or made weaker? The caution 'x' is")
    assert line.endswith("the duty stays with the council.")
    assert len(line) <= WIDEST
    found = counted()
    assert found.report is not None
    region = Region(
        "route", SymbolicResult("a"), SymbolicResult("b", missing=("plan",)), (), ((date(2025, 4, 1), None),)
    )
    policy = timeline.policy(loaded(ROOT))
    asks = [*found._asks(found.report, Where(PolicyComparison(policy, policy, (region,)), ""))]
    assert [one.partition(" ")[0] for one in asks] == ["Which", "Is"]
    assert asks[1] == "Is what is asked for now, and was not, to hand at schools: plan?"


def test_an_example_says_what_a_caution_says(tmp_path: Path) -> None:
    caution = """cautions:
  - id: watch
    decision: fines-2024
    says: Look at the card first.
    source: {document: byelaws, paragraph: "6"}
    when: {fact: item, is: book}
"""
    both = [toy(tmp_path / "base"), toy(tmp_path / "head", ("rules/handling.yaml", r"^cautions:\n", caution))]
    base, head = (timeline.policy(corpora.load(one)) for one in both)
    pupil = "case_ref: L-0001\ndecision_date: 2026-05-01\nitem: book\ncard: adult\ndays_late: 2\nlost: false\n"
    region = Region("cautions: handling", SymbolicResult("a"), SymbolicResult("b"), (), ((None, None),), pupil=pupil)
    for sides, said in (
        ((base, head), "caution watch comes: Look at the card first"),
        ((head, base), "caution watch goes"),
    ):
        found = example(region, Where(PolicyComparison(*sides, (region,)), ""))
        assert found is not None
        assert found[1] == said


def region(about: str, **facts: tuple[int, int]) -> Region:
    """A region of one range of each fact, from September 2026 on."""
    bounds = tuple((name, FactBounds((span,), False)) for name, span in facts.items())
    return Region(about, SymbolicResult("a"), SymbolicResult("b"), bounds, ((date(2026, 9, 1), None),))


def test_what_sets_the_cases_apart_comes_first(tmp_path: Path) -> None:
    """An age and a kind of school are asked by every question: where a line has an end, they go first."""
    edited(copied(tmp_path), moves.PARAMETERS, lambda data: data["parameters"]["community_levels"]["value"].pop())
    base, head = (timeline.policy(one) for one in (loaded(ROOT), corpora.load(tmp_path)))
    one = region("route", age=(5, 15), setting=(0, 0), plan=(0, 0), adaptation_level=(1, 1))
    where = Where(PolicyComparison(base, head, (one,)), "")
    assert where.common([one]) == [
        "from 1 September 2026 on", "level of adaptation: Wider Support and Strategies",
        "how the pupil's needs are recorded: SEN Support", "a mainstream school", "age: at least 5 and at most 15",
    ]  # fmt: skip
    # Of a matter of which no row differs, what differs first counts.
    other = changed(one, about="exceptional_need_claim")
    both = Where(PolicyComparison(base, head, (one, other)), "")
    assert both.common([other]) == where.common([one])
    assert nearness(base, head, [other]) == {}
    near = nearness(base, head, [one])
    assert [near[name][1] for name in ("age", "setting", "adaptation_level", "plan")] == [True, True, False, False]


def test_a_condition_that_has_no_room_is_counted_and_many_kinds_are_not_told_as_one() -> None:
    """What all cases have in common others can have too: then it is not said that they change."""
    one, other = region("route", age=(5, 15)), region("route", age=(4, 4))
    bounds = ["a first condition", "another one", "a third"]
    assert _fitted("It changes, ", [one], bounds, 80) == (
        "It changes, where a first condition; another one; a third", [],
    )  # fmt: skip
    assert _fitted("It changes, ", [one, other], bounds, 56) == (
        "It changes, only where a first condition; and 2 more, below", ["another one", "a third"],
    )  # fmt: skip
    # A rule about several facts holds besides, and is not told.
    related = changed(one, related=(("the start is before the end", True),))
    assert _fitted("It changes, ", [related], bounds, 80)[0].startswith("It changes, only where")
    assert _fitted("It changes, ", [one], [], 80)[0] == "It changes, of cases that have nothing in common"


def test_each_kind_of_case_is_told_where_there_are_few(tmp_path: Path) -> None:
    policy = timeline.policy(loaded(ROOT))
    one, other = region("scope", age=(4, 4), setting=(0, 0)), region("scope", age=(5, 15), setting=(0, 0))
    where = Where(PolicyComparison(policy, policy, (one, other)), "")
    shared = where.shared(where.main[0])
    assert shared == ["from 1 September 2026 on", "age: at least 4 and at most 15", "a mainstream school"]
    said = _either(where, where.main[0], shared, 2)
    assert said == ["either age: 4", "or age: at least 5 and at most 15"]
    assert _either(where, where.main[0], shared, 1) == ["either age: 4", "or of 1 other kind of case, below"]
    both = (one, changed(one, days=((None, date(2025, 3, 31)),)))
    alike = Where(PolicyComparison(policy, policy, both), "")
    assert _either(alike, alike.main[0], alike.shared(alike.main[0]), 2) == []


def test_none_of_the_made_pupils_is_told_with_its_reason_where_what_differs_is_over() -> None:
    found = counted()
    assert found.report is not None
    early = changed(found, days=[changed(one, day=date(2025, 9, 1)) for one in found.days])
    (compared,) = found.report.compared or ()
    over = [changed(one, days=((None, date(2025, 3, 31)),)) for one in compared.regions]
    report = changed(found.report, compared=[changed(compared, regions=tuple(over))])
    screen = first_screen(changed(early, report=report).markdown())
    assert "none of 6 made-up pupils on 1 September 2025; what differs first ends before that day." in screen
    told = changed(early, report=report, left=["The made pupils are older; all that differs ends before that day."])
    assert first_screen(told.markdown()).count("ends before that day") == 1
    assert "ends before" not in first_screen(found.markdown())


def test_one_cause_is_told_in_one_list(tmp_path: Path) -> None:
    """A share that is written otherwise moves budgets: its figures, and that it was locked, are told once each."""
    base, head = loaded(ROOT), copied(tmp_path)
    moves.set_value(head, "population_share", "0.51")
    moves.set_value(head, "deprivation_share", "0.49")
    sides = Side("a", base), Side("b", corpora.load(head))
    budgets = sentences([("", *(timeline.policy(one.corpus) for one in sides))])
    report = ComparisonReport(*sides, [], budgets=budgets)
    found = review.Review(
        "a", "b", report, locks(*(one.corpus for one in sides)), limit=review.limit_of(base), pupils=6
    )
    screen = first_screen(found.markdown())
    assert_within_bounds(screen)
    assert screen.count("51%") == screen.count("49%") == 1
    assert screen.count("[locked]") == 1
    assert "'population_share' of 24/00120 differs from what was locked; so does 'deprivation_share' (line " in screen
    assert "- **Budgets (24/00120):**\n  - Years 1, 2 and 3: the part that follows pupils" in screen
    assert "no pupil's answer changes; which of the Communities gain, and which lose, is not counted" in screen
    assert "Which decision says so? None is recorded with this change." in screen
    # What moves under a scenario alone does not tell what a decision sets.
    told = ["24/00120: a share is 51%; it was 50% (`a_share`)."]
    assert told_by_budgets(told, ["Year 1: a part is 51%; it was 50% (`a_share`)."]) == ([], ["24/00120"])
    assert told_by_budgets(told, ["Year 1: a part is 51%; it was 50% (`a_share`) (in a scenario)."]) == (told, [])
    # Of pupils whom no comparison reached nothing is claimed.
    unsure = changed(found, report=changed(report, not_compared=["The file 'x' differs."]))
    assert "no pupil's answer changes" not in unsure.markdown()


def test_what_stays_is_told_only_where_it_is_proved() -> None:
    """By the policy as it is, and where all was compared."""
    found = counted()
    assert found.report is not None
    where = review.where_first(found.report)
    said = ["No other answer changes, by the policy as it is: amount stays as it is."]
    assert [*rest_stays(found.report, where)] == said
    assert [*rest_stays(changed(found.report, not_compared=["x"]), where)] == []
    (compared,) = found.report.compared or ()
    more = changed(compared, regions=(*compared.regions, changed(compared.regions[0], about="amount")))
    assert [*rest_stays(changed(found.report, compared=[more]), where)] == []
    waits = [changed(one, head=SymbolicResult(UNDETERMINED, (), ("plan",))) for one in compared.regions]
    waiting = changed(found.report, compared=[changed(compared, regions=tuple(waits))])
    assert next(iter(rest_stays(waiting, where))).startswith(
        "Only where a fact is not known: a case with all its facts"
    )
    assert len([*rest_stays(waiting, where)]) == 2


def test_a_figure_that_is_given_no_longer_is_asked_about_and_points_that_are_swapped_settle_nothing() -> None:
    policy = timeline.policy(loaded(ROOT))

    def asked(*both: tuple[SymbolicResult, SymbolicResult]) -> list[str]:
        regions = [changed(region("protection", age=(5 + at, 5 + at)), base=was, head=now)
                   for at, (was, now) in enumerate(both)]  # fmt: skip
        return [*of_answers(Where(PolicyComparison(policy, policy, tuple(regions)), ""), policy.corpus)]

    until = (("until", date(2026, 8, 31)),)
    assert asked((SymbolicResult("x", figures=until), SymbolicResult("x"))) == [
        "Why does protection give no 'until' any longer?"
    ]
    assert asked((SymbolicResult("x", figures=until), SymbolicResult("y"))) == []
    one, other = (SymbolicResult(UNDETERMINED, (name,)) for name in ("P-tariff-rates", "P-what-a-community-pays"))
    assert [line.partition(" (")[0] for line in asked((one, other), (other, one))] == [
        "Is it meant that cases are left open by P-what-a-community-pays"
    ]
    both = SymbolicResult(UNDETERMINED, (*one.open_points, *other.open_points))
    assert asked((both, other)) == []
    assert asked((one, SymbolicResult("x"))) == ["Which words settle what was open: P-tariff-rates?"]


def test_ways_that_differ_alike_are_told_once() -> None:
    (day,) = counted().days
    lines = [
        *beside_lines(
            [("under 'a'", day), ("under 'a', if proposals counted", day), ("under 'b'", changed(day, changed=9))]
        )
    ]
    assert len(lines) == 2
    assert lines[0].endswith("; so too if proposals counted")
    assert lines[1].startswith("under 'b', on 1 September 2025: 9 decided otherwise")


def test_a_decision_that_reaches_back_over_every_day_is_told_so(tmp_path: Path) -> None:
    moves.weights(copied(tmp_path))
    base = loaded(ROOT)
    report = ComparisonReport(Side("a", base), Side("b", corpora.load(tmp_path)), [], budgets=[])
    taken = "It was taken on 3 November 2026."
    assert [*of_days(report, date.min)] == [f"Does 26/00041 reach back over every earlier day? {taken}"]
    assert [*of_days(report, date(2026, 9, 1))] == [f"Does 26/00041 reach back to 1 September 2026? {taken}"]
    assert [*of_days(report, date(2026, 12, 1))] == []
    none = ComparisonReport(Side("a", base), Side("a", base), [], budgets=[])
    assert [*of_days(none, None)] == []
    assert [*of_days(changed(none, budgets=["It moves."]), None)] == [
        "Which decision says so? None is recorded with this change."
    ]
    assert [*of_days(changed(none, not_compared=["The scenario 'x' is in the head only."]), None)] == []
