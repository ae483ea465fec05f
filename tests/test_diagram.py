"""A question's diagram says of every case what *judge* says of it, and shows in its leaves what the rules leave out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

import generated
from golden_files import ROOT, loaded
from senpolicy.deciding.cases import Case
from senpolicy.deciding.decide import decide_question
from senpolicy.language import diagram
from senpolicy.language.conditions import UNDETERMINED, AllOf, AnyOf, Condition, FactType, Not, Test, Value
from senpolicy.language.diagram import Diagrams, Ending, Leaf, Node, Split, TooLarge, followed, paths
from senpolicy.language.partition import FactCell
from senpolicy.policy.timeline import Policy, QuestionInForce, policy
from senpolicy.readings.judge import judge, trace

AGE = FactType("age", "integer", lowest=0, highest=25)
PLAN = FactType("plan", "choice", values=("none", "support", "ehcp"))
YES = {name: FactType(name, "boolean") for name in (f"f{number}" for number in range(14))}
TYPES = {"age": AGE, "plan": PLAN, **YES}
CHILD = Test("age", "below", 16, limit=16)
WITH_PLAN = Test("plan", "one_of", ("support", "ehcp"), limit=("support", "ehcp"))


def yes(name: str) -> Test:
    return Test(name, "is", True, limit=True)


def endings(node: Node) -> set[Ending]:
    return {ending for _, ending in paths(node)}


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for _, child in node.branches if isinstance(node, Split) else ():
        yield from nodes(child)


@pytest.mark.parametrize("as_of", ["24/00117", None])
def test_a_diagram_leads_each_case_to_what_the_rules_say_of_it(as_of: str | None) -> None:
    """Each question of each period, with earlier answers and facts not known among what is drawn."""
    of = policy(loaded(ROOT), as_of=as_of)
    source, tried = random.Random(7), generated.values(of)
    made = {id(period): {name: _made(of, one) for name, one in period.questions.items()} for period in of.periods}
    met = Counter[str]()
    for _ in range(1_500):
        case = generated.given(generated.drawn(source, tried), of)
        if not isinstance(case, Case):
            continue
        period, facts = of.on(case.day), dict(case.facts)
        for name, question in period.questions.items():
            ending = followed(made[id(period)][name], facts, of.types)
            answer = decide_question(question, facts, {})
            if answer.held:
                assert [question.outcomes[place].id for place in ending.held] == [answer.held]
            else:
                assert ending == Ending(missing=answer.missing_facts[0])
            facts[name] = None if answer.answer == UNDETERMINED else answer.answer
            met["held" if answer.held else "missing"] += 1
    assert min(met["held"], met["missing"]) > 500


def _made(of: Policy, question: QuestionInForce) -> Node:
    return Diagrams(of.types).question([one.condition for one in question.outcomes], question.ask)


def test_the_first_fact_in_order_that_is_missing_is_the_one_that_is_told() -> None:
    conditions = [AllOf((CHILD, WITH_PLAN)), AnyOf((Not(CHILD), Not(WITH_PLAN)))]
    by_age = Diagrams(TYPES).question(conditions, ["age", "plan"])
    by_plan = Diagrams(TYPES).question(conditions, ["plan", "age"])
    assert followed(by_age, {}, TYPES) == Ending(missing="age")
    assert followed(by_plan, {}, TYPES) == Ending(missing="plan")
    assert followed(by_age, {"age": 15}, TYPES) == followed(by_plan, {"age": 15}, TYPES) == Ending(missing="plan")
    # Whatever the plan is, a pupil of 16 is not in the first, and is in the second.
    assert followed(by_age, {"age": 16}, TYPES) == followed(by_plan, {"age": 16}, TYPES) == Ending((1,))


def test_what_no_condition_covers_is_a_leaf_without_an_answer() -> None:
    made = Diagrams(TYPES).question([CHILD], ["age"])
    assert isinstance(made, Split)
    assert [(cells, child.gives) for cells, child in made.branches if isinstance(child, Leaf)] == [
        ((None,), Ending(missing="age")), ((FactCell(0, 15),), Ending((0,))), ((FactCell(16, 25),), Ending()),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="'age' cannot be 26"):
        made.child(26)


def test_two_that_hold_are_found_where_all_are_looked_for() -> None:
    """A path that ends at the first that holds never sees the second."""
    conditions = [CHILD, Test("age", "more_than", 14, limit=14), Not(WITH_PLAN)]
    assert Ending((0, 2)) not in endings(Diagrams(TYPES).question(conditions, ["age", "plan"]))
    made = Diagrams(TYPES).question(conditions, ["age", "plan"], every=True)
    assert followed(made, {"age": 15}, TYPES) == Ending((0, 1))
    assert followed(made, {"age": 14, "plan": "none"}, TYPES) == Ending((0, 2))
    assert followed(made, {"age": 14, "plan": "ehcp"}, TYPES) == Ending((0,))
    # With the plan not known the third can neither hold nor fail.
    assert followed(made, {"age": 14}, TYPES) == Ending((0,))
    ways = {ending: way for way, ending in paths(made)}
    assert ways[Ending((0, 1))] == {"age": FactCell(15, 15)}


def test_a_fact_that_the_order_leaves_out_is_told_without_its_name() -> None:
    made = Diagrams(TYPES).question([AllOf((CHILD, WITH_PLAN)), AnyOf((Not(CHILD), Not(WITH_PLAN)))], ["age"])
    assert followed(made, {"age": 5}, TYPES) == Ending(missing="")


def test_equal_parts_are_one_node() -> None:
    """Of 14 facts that count alike there are 16,384 kinds of case, but a node needs to know only which fact lacks first."""
    some: Condition = AnyOf(tuple(yes(name) for name in YES))
    every: Condition = AllOf(tuple(yes(name) for name in YES))
    maker = Diagrams(TYPES)
    made = maker.question([every, Not(some), AllOf((some, Not(every)))], list(YES))
    assert made is maker.question([every, Not(some), AllOf((some, Not(every)))], list(YES))
    assert len(set(nodes(made))) < 300
    assert followed(made, dict.fromkeys(YES, True), TYPES) == Ending((0,))
    assert followed(made, dict.fromkeys(YES, False), TYPES) == Ending((1,))
    assert followed(made, dict.fromkeys(YES, True) | {"f13": False}, TYPES) == Ending((2,))
    assert followed(made, dict.fromkeys(YES, True) | {"f13": None}, TYPES) == Ending(missing="f13")
    # Once one holds and one fails, what is not known no longer matters.
    assert followed(made, {"f3": True, "f4": False}, TYPES) == Ending((2,))


def test_a_diagram_that_would_be_too_large_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagram, "MOST_NODES", 5)
    with pytest.raises(TooLarge):
        Diagrams(TYPES).question([AllOf(tuple(yes(name) for name in YES))], list(YES))


def test_a_gap_only_while_a_fact_is_not_known_is_found_where_all_is_looked_for() -> None:
    """The second row asks that f0 is known. Once f1 fails neither row can hold without it, and nothing is waited for."""
    both = AllOf((yes("f0"), yes("f1")))
    conditions = [both, AllOf((Test("f0", "known", True, limit=True), Not(both)))]
    made = Diagrams(TYPES).question(conditions, ["f0", "f1"], every=True)
    assert followed(made, {"f1": False}, TYPES) == Ending()
    assert followed(made, {"f1": True}, TYPES) == Ending(missing="f0")
    assert followed(made, {"f0": True, "f1": False}, TYPES) == Ending((1,))


def test_where_all_is_looked_for_a_diagram_says_of_random_rows_what_judge_says_of_them() -> None:
    """Rows that nobody has checked: with gaps, overlaps, and tests of whether a fact is known."""
    source, names = random.Random(11), ["f0", "f1", "f2", "age"]

    def drawn(depth: int) -> Condition:
        if depth and source.random() < 0.7:
            parts = tuple(drawn(depth - 1) for _ in range(2))
            return source.choice([AllOf(parts), AnyOf(parts), Not(parts[0])])
        name = source.choice(names)
        known = Test(name, "known", True, limit=source.random() < 0.5)
        return source.choice([known, yes(name) if name != "age" else CHILD, yes(name) if name != "age" else CHILD])

    met = Counter[str]()
    for _ in range(400):
        conditions = [drawn(2) for _ in range(3)]
        made = Diagrams(TYPES).question(conditions, names, every=True)
        for _ in range(10):
            facts: dict[str, Value] = {name: source.choice([None, True, False]) for name in names[:3]}
            facts["age"] = source.choice([None, 15, 16])
            held = [judge(one, facts) for one in conditions]
            ending = followed(made, facts, TYPES)
            assert isinstance(ending, Ending)
            true = {place for place, one in enumerate(held) if one is True}
            assert set(ending.held) <= true
            assert len(ending.held) >= min(2, len(true))
            if not true:
                waited = set[str]().union(*(facts_not_known(one, facts) for one in conditions))
                assert ending == Ending(missing=next((name for name in names if name in waited), None))
            met["overlap" if len(true) > 1 else "held" if true else "missing" if ending.missing else "gap"] += 1
    assert min(met[kind] for kind in ("overlap", "held", "missing", "gap")) > 100


def facts_not_known(condition: Condition, facts: dict[str, Value]) -> set[str]:
    """Return the facts for which a condition waits."""
    if judge(condition, facts) is not None:
        return set()
    return {result.test.fact for result in trace(condition, facts).supporting}
