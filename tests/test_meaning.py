"""The digest of meaning: it changes with what decides, and with nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import moves
from copies import TOY, append, copied, replace, write
from golden_files import ROOT, decided, every, loaded
from mutation.mutants import Mutant, written
from mutation.same import difference
from mutation.score import all_mutants
from senpolicy.checking.corpus import sound
from senpolicy.checking.golden import deciders
from senpolicy.deciding.decide import Decision
from senpolicy.files.digests import canonical, digest_of
from senpolicy.files.models import editions
from senpolicy.files.problems import PolicyError
from senpolicy.language import conditions
from senpolicy.language.conditions import AllOf, AnyOf, Condition, FactLimit, Not, Test
from senpolicy.policy import corpus as corpora
from senpolicy.policy import timeline
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.meaning import LEFT_OUT, SETS, plain
from senpolicy.policy.timeline import CautionInForce, Outcome, PortionInForce, QuestionInForce, policy
from senpolicy.proving.proofs import policies

ALWAYS = AllOf(())
#: Ways of asking for the policy: between them every row, value and caution of the files counts in one.
ASKED: dict[str, dict[str, Any]] = {
    "as it is": {},
    "without readings": {"readings": "none"},
    "with proposals": {"include_proposed": True},
    "before": {"as_of": "24/00117"},
    "scenario": {"scenario": "illustrative"},
}


def digests(corpus: Corpus) -> dict[str, str]:
    return {name: policy(corpus, **asked).digest for name, asked in ASKED.items()}


@cache
def real() -> dict[str, str]:
    return digests(loaded(ROOT))


def changed(folder: Path) -> set[str]:
    """Return the ways of asking for the policy in which a copy has another digest than the real one."""
    now = digests(corpora.load(folder))
    return {name for name, digest in real().items() if now[name] != digest}


def bend(folder: Path, file: str, edit: Callable[[Any], Any]) -> None:
    """Change the data of one file."""
    path = folder / file
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


# What it does not rest on.

WORDS = {
    "label", "short", "asks", "says", "title", "because", "note", "notes", "settle", "help", "paragraph", "lines",
    "quote", "address", "points_from",
}  # fmt: skip


def reworded(data: Any, chance: random.Random, key: str = "") -> Any:
    """Return the same data with other words, and with keys in another order."""
    if isinstance(data, dict):
        names = list(data)
        chance.shuffle(names)
        return {name: reworded(data[name], chance, name) for name in names}
    if isinstance(data, list):
        return [reworded(one, chance, key) for one in data]
    if key == "lines" and isinstance(data, str):
        return f"1{data}"  # Lines have a form; these are other lines.
    return f"{data} in other words" if key in WORDS and isinstance(data, str) else data


def nested(when: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return the same condition written otherwise: parts in another order, twice, and within more groups."""
    if "not" in when:
        return {"not": nested(when["not"], chance)}
    word = next((word for word in ("all", "any") if word in when), "")
    if not word:
        if isinstance(when.get("one_of"), list):
            when = {**when, "one_of": chance.sample(when["one_of"], len(when["one_of"]))}
        return {chance.choice(["all", "any"]): [when]} if chance.random() < 0.2 else when
    parts = [nested(part, chance) for part in when[word]]
    chance.shuffle(parts)
    if len(parts) > 1:
        at = chance.randrange(1, len(parts))
        parts = [{word: parts[:at]}, *parts[at:], deepcopy(parts[0])]
    return {word: parts}


def rewritten(data: Any, chance: random.Random) -> Any:
    """Return a file of rules with every condition nested, and the rows of each version in another order."""
    if isinstance(data, dict):
        found = {
            name: nested(one, chance) if name in ("when", "given") else rewritten(one, chance)
            for name, one in data.items()
        }
        for version in found.get("versions", ()):
            for holder in (version, *version.get("sections", ())):
                for rows in ("answers", "open", "sections"):
                    chance.shuffle(holder.get(rows, []))
        return found
    return [rewritten(one, chance) for one in data] if isinstance(data, list) else data


def otherwise(folder: Path, change: Callable[[Any, random.Random], Any], pattern: str) -> None:
    """Write each file that fits the pattern otherwise; no comment and no line of it stays as it was."""
    chance = random.Random(16)
    for path in sorted(folder.glob(pattern)):
        data = change(yaml.safe_load(path.read_text(encoding="utf-8")), chance)
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=60), encoding="utf-8")


def test_comments_layout_order_of_keys_and_words_leave_it_as_it_is(tmp_path: Path) -> None:
    """A label that reads better is no other policy, and older records stay records of this one."""
    copied(tmp_path)
    for pattern in ("rules/*.yaml", "policy/*/parameters.yaml", "policy/*/open-points.yaml", "policy/readings.yaml",
                    "policy/scenarios/*.yaml", "descriptors/*/edition.yaml"):  # fmt: skip
        otherwise(tmp_path, reworded, pattern)
    assert "in other words" in (tmp_path / "rules/route.yaml").read_text()
    assert corpora.load(tmp_path).files_digest != loaded(ROOT).files_digest
    assert changed(tmp_path) == set()


def test_rules_that_are_written_otherwise_have_the_same_digest_and_decide_alike(tmp_path: Path) -> None:
    """Parts, rows and values in another order, groups within groups: nothing that is decided rests on them."""
    copied(tmp_path)
    otherwise(tmp_path, rewritten, "rules/*.yaml")
    assert changed(tmp_path) == set()
    here, there = deciders(loaded(ROOT)), deciders(corpora.load(tmp_path))
    compared = 0
    for pinned in every()[::8]:
        said = [result(decided(pinned.golden, by(pinned))) for by in (here, there)]
        assert said[0] == said[1], pinned.golden.name
        compared += 1
    assert compared > 50


def result(decision: Any) -> Any:
    """Return what two decisions of one case must have alike."""
    if not isinstance(decision, Decision):
        return sorted(one.code for one in decision.problems)
    return (
        {name: (one.answer, one.held, one.missing_facts, one.open_points, one.gives, [c.id for c in one.cautions])
         for name, one in decision.answers.items()},
        dict(decision.case.facts), sorted(decision.case.followed), [one.code for one in decision.case.warnings],
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: append(folder, "rules/route.yaml", "# One day more.\n"),
        lambda folder: moves.set_value(folder, "lower_support_limit", "6000"),
        lambda folder: (
            replace(folder, "policy/24-00120/parameters.yaml", "lower_support_limit:", "limit_of_support:")
            or renamed(folder, "lower_support_limit", "limit_of_support")
        ),
        lambda folder: replace(
            folder, "rules/threshold.yaml", r"^ask: \[(.*)\]$", "# Asked first of all.\nask:\n  [\\1]"
        ),
        lambda folder: write(folder, "rules/readme.md", "Anything.\n"),
        lambda folder: version_again(folder),
    ],
    ids=["comment", "decimals", "name of a value", "layout", "another file", "a version that says the same"],
)
def test_what_decides_nothing_leaves_it_as_it_is(change: Callable[[Path], Any], tmp_path: Path) -> None:
    change(copied(tmp_path))
    assert changed(tmp_path) == set()


def renamed(folder: Path, name: str, by: str) -> None:
    for path in folder.glob("rules/*.yaml"):
        path.write_text(re.sub(rf"\${name}\b", f"${by}", path.read_text()))


def version_again(folder: Path) -> None:
    """Write a version of a question twice, the second from a later day on, so that a period is cut in two."""

    def twice(data: Any) -> None:
        data["versions"].append({**deepcopy(data["versions"][-1]), "from": "$direct_payment_until"})

    bend(folder, "rules/threshold.yaml", twice)
    assert len(policy(corpora.load(folder)).periods) > len(policy(loaded(ROOT)).periods)


# What it rests on.


def edited(file: str, edit: Callable[[Any], Any]) -> Callable[[Path], Any]:
    return lambda folder: bend(folder, file, edit)


def swap(items: list[Any], one: int = 0, other: int = 1) -> None:
    items[one], items[other] = items[other], items[one]


CHANGES: dict[str, Callable[[Path], Any]] = {
    "a value": lambda folder: moves.set_value(folder, "lower_support_limit", "6000.01"),
    "a day": lambda folder: moves.set_value(folder, "transition_start", "2025-04-02"),
    "a day from which a value counts": lambda folder: replace(
        folder, "policy/24-00120/parameters.yaml", r"^(  protected_share_low:\n(?:    .*\n)*?)(    value:)",
        "\\1    from: 2026-01-01\n\\2"),
    "a level": lambda folder: replace(folder, "policy/24-00120/parameters.yaml", r"^      - wider_support_and_strategies\n", ""),
    "a comparison": edited("rules/threshold.yaml", lambda data: at_least(data["versions"][1]["answers"][0]["when"]["any"][0])),
    "all for any": edited("rules/threshold.yaml", lambda data: data["versions"][1]["answers"][0].update(
        when={"all": data["versions"][1]["answers"][0]["when"]["any"]})),
    "a not": edited("rules/threshold.yaml", lambda data: data["versions"][1]["answers"][1].update(
        when={"not": data["versions"][1]["answers"][1]["when"]})),
    "an answer": edited("rules/threshold.yaml", lambda data: data["versions"][1]["answers"][1].update(answer="exceeded")),
    "the words of an answer": edited("rules/threshold.yaml", lambda data: data["answers"].update(exceeded="It does not.")),
    "an answer more": edited("rules/threshold.yaml", lambda data: data["answers"].update(other="Neither.")),
    "a row's id": edited("rules/threshold.yaml", lambda data: data["versions"][1]["answers"][1].update(id="other")),
    "a row's decision": edited("rules/threshold.yaml", lambda data: data["versions"][1].update(decision="24/00121")),
    "a row": edited("rules/threshold.yaml", lambda data: data["versions"][1]["answers"].pop()),
    "order of ask": edited("rules/threshold.yaml", lambda data: swap(data["ask"])),
    "order of questions": edited("rules/questions.yaml", lambda data: swap(data["questions"], 3, 4)),
    "a step": edited("rules/threshold.yaml", lambda data: data.update(step=False)),
    "a figure": edited("rules/protection.yaml", lambda data: first(data, "gives", bool)["gives"].update(more="1")),
    "rounding": edited("rules/amount.yaml", lambda data: turned(first(data, "round", str))),
    "an open point": edited("rules/route.yaml", lambda data: data["versions"][1]["sections"][2]["open"].pop(0)),
    "a point more for the same cases": edited("rules/route.yaml", lambda data: data["versions"][1]["sections"][2]["open"][
        0].update(also=["G2-moderation-above-the-trigger"])),
    "what a point allows": edited("policy/24-00120/open-points.yaml", lambda data: allowed(data["open_points"])),
    "a reading": edited("policy/readings.yaml", lambda data: data["readings"].pop()),
    "a caution gone": edited("rules/route.yaml", lambda data: data["cautions"].pop(0)),
    "a caution's condition": edited("rules/route.yaml", lambda data: data["cautions"][0].update(
        when={"fact": "plan", "is": "none"})),
    "a fact more": moves.further_fact,
    "a fact that every case needs": edited("rules/facts.yaml", lambda data: data["facts"]["age"].update(required=True)),
    "a bound of a fact": edited("rules/facts.yaml", lambda data: data["facts"]["age"].update(highest=24)),
    "the unit of a fact": edited("rules/facts.yaml", lambda data: data["facts"]["age"].update(unit="count")),
    "a value of a fact": edited("rules/facts.yaml", lambda data: data["facts"]["plan"]["values"].pop("none")),
    "an area that is rated": edited("rules/facts.yaml", lambda data: data["facts"]["rating_cognition_and_learning"].update(
        area="other")),
    "a consequence": edited("rules/facts.yaml", lambda data: data["follows"][0].update(value=False)),
    "order of consequences": edited("rules/facts.yaml", lambda data: swap(data["follows"])),
    "a contradiction": edited("rules/facts.yaml", lambda data: data["problems"].pop()),
    "a warning": edited("rules/facts.yaml", lambda data: data["warnings"][0].update(when={"fact": "plan", "known": True})),
    "what a fact is compared with": edited("rules/facts.yaml", lambda data: first(
        data["problems"], "more_than", dict)["more_than"].update(by=1)),
    "standing of a decision": lambda folder: replace(folder, "policy/24-00121/decision.yaml", "^status: .*$", "status: proposed"),
    "order of decisions": edited("policy/decisions.yaml", lambda data: swap(data["order"], 1, 2)),
}  # fmt: skip


def at_least(test: dict[str, Any]) -> None:
    test["at_least"] = test.pop("more_than")


def turned(figure: dict[str, Any]) -> None:
    figure["round"] = "up" if figure["round"] == "down" else "down"


def allowed(points: dict[str, Any]) -> None:
    for point in points.values():
        for answers in point.get("allows", {}).values():
            answers.append("out_of_scope")


def first(data: Any, key: str, kind: type) -> Any:
    """Return the first map that has a key whose value is of a kind, or holds one."""
    if isinstance(data, dict):
        value = data.get(key)
        if isinstance(value, kind) or (
            isinstance(value, dict) and any(isinstance(one, kind) for one in value.values())
        ):
            return data
    for one in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        found = first(one, key, kind)
        if found:
            return found
    return None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_decides_changes_it(change: Callable[[Path], Any], tmp_path: Path) -> None:
    """Otherwise a record could be decided again by a policy that is not its own."""
    change(copied(tmp_path))
    assert "as it is" in changed(tmp_path)


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: order(data["levels"]),
        lambda data: data["areas"].pop(),
        lambda data: data["areas"][0]["strands"].pop(),
        lambda data: data["banding"].update(method="points_table"),
        lambda data: data["banding"]["bands"][0].update(level="universal"),
        lambda data: data["statements"].pop(),
    ],
    ids=["order of levels", "area", "strand", "method", "band", "statement"],
)
def test_what_leads_from_ratings_to_a_level_changes_it(edit: Callable[[Any], Any], tmp_path: Path) -> None:
    bend(copied(tmp_path), "descriptors/illustrative/edition.yaml", edit)
    assert changed(tmp_path) == {"scenario"}


def order(levels: list[dict[str, Any]]) -> None:
    levels[0]["order"], levels[1]["order"] = levels[1]["order"], levels[0]["order"]


def test_each_way_of_asking_for_the_policy_has_a_digest_of_its_own() -> None:
    """As of another decision, with fewer readings or under a scenario, other cases are decided."""
    assert len(set(real().values())) == len(ASKED)


# Wrong edits.


@cache
def sample() -> list[Mutant]:
    """Return a wrong edit of each kind."""
    kinds: dict[str, list[Mutant]] = {}
    for mutant in all_mutants(ROOT):
        kinds.setdefault(mutant.kind, []).append(mutant)
    return [found[len(found) // 2] for found in kinds.values()]


def missed(mutants: list[Mutant], folder: Path) -> tuple[list[str], int]:
    """Return the wrong edits that change a decision and no digest, and how many change a digest."""
    corpus = loaded(ROOT)
    before = [one.digest for one in policies(corpus)]
    copied(folder)
    wrong, noticed = [], 0
    for mutant in mutants:
        written(mutant, folder)
        try:
            bent = sound(corpora.load(folder))
        except PolicyError:
            continue
        finally:
            (folder / mutant.file).write_bytes((ROOT / mutant.file).read_bytes())
        if [one.digest for one in policies(bent)] != before:
            noticed += 1
        elif difference(corpus, bent) is not None:
            wrong.append(str(mutant))
    return wrong, noticed


@pytest.mark.slow
def test_no_wrong_edit_that_changes_a_decision_leaves_it_as_it_is(tmp_path: Path) -> None:
    """Where the digests are the same, the solver proves that the edit changes no decision."""
    wrong, noticed = missed(sample(), tmp_path)
    assert wrong == []
    assert noticed > len(sample()) // 3


@pytest.mark.slow
def test_none_of_many_wrong_edits_does(tmp_path: Path) -> None:
    wrong, noticed = missed(all_mutants(ROOT)[3::40], tmp_path)
    assert wrong == []
    assert noticed > 40


# Its form, which must stay: with another, every older record would be one of another policy.

A, B, C = (Test(name, "is", True, limit=True) for name in "abc")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (AllOf((A, B)), AllOf((B, A, B))),
        (AllOf((A, AllOf((B, C)))), AllOf((AllOf((C, A)), B))),
        (AnyOf((A, AnyOf((B, C)))), AnyOf((C, B, A))),
        (AllOf((AnyOf((A,)), ALWAYS)), A),
        (Test("f", "one_of", ["y", "x"], limit=("y", "x")), Test("f", "one_of", "$v", "why", ("x", "y"), "v")),
    ],
)
def test_conditions_that_hold_alike_whatever_they_test_have_one_form(one: Condition, other: Condition) -> None:
    assert canonical(plain(one)) == canonical(plain(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (AllOf((A, B)), AnyOf((A, B))),
        (AllOf((A, AnyOf((B, C)))), AnyOf((A, AllOf((B, C))))),
        (AllOf((A, AnyOf((B, C)))), AllOf((AnyOf((A, B)), C))),
        (A, Not(A)),
        (ALWAYS, AnyOf(())),
        (Test("f", "below", 1, limit=1), Test("f", "below", 1, limit=FactLimit("g"))),
        (Test("f", "below", 1, limit=FactLimit("g", 1)), Test("f", "below", 1, limit=FactLimit("g"))),
        (Test("f", "is", 1, limit=date(2025, 4, 1)), Test("f", "is", 1, limit="2025-04-01")),
        (Test("f", "is", "x", limit="x"), Test("f", "is", "$v")),
        (Test("f", "is", 1, limit=1), Test("f", "is", True, limit=True)),
    ],
)
def test_conditions_that_do_not_hold_alike_have_two_forms(one: Condition, other: Condition) -> None:
    assert canonical(plain(one)) != canonical(plain(other))


def test_the_form_of_a_question_is_as_it_has_always_been() -> None:
    """A field that is renamed, or gains another default, would change the digest of every policy there ever was."""
    source: Any = None
    rows = (
        Outcome("q/b", "q", Test("f", "below", "$x", "why", 1, "x"), "1/1", source, "yes", says="In words",
                gives={"low": PortionInForce("f", Decimal("0.750"), until=date(2026, 8, 31)), "n": Decimal("0.10"), "t": "a\n b"}),
        Outcome("q/a", "q", Not(A), "1/1", source, None, "P1", others=("P2",), allows=("yes", "no")),
    )  # fmt: skip
    cautions = (CautionInForce("c", Test("f", "known", True, limit=True), "In words", "1/1", source),)
    said = plain(QuestionInForce("q", False, ("f", "a"), "1/1", rows, cautions, 3))
    assert said == {
        "name": "q", "step": False, "ask": ["f", "a"], "decision": "1/1",
        "outcomes": [
            {"id": "q/a", "question": "q", "condition": {"not": {"fact": "a", "operator": "is", "limit": True}},
             "decision": "1/1", "point": "P1", "others": ["P2"], "allows": ["no", "yes"]},
            {"id": "q/b", "question": "q", "condition": {"fact": "f", "operator": "below", "limit": 1},
             "decision": "1/1", "answer": "yes",
             "gives": {"low": {"fact": "f", "share": {"number": "0.75"}, "until": {"date": "2026-08-31"}},
                       "n": {"number": "0.1"}, "t": "a\n b"}},
        ],
        "cautions": [{"id": "c", "condition": {"fact": "f", "operator": "known", "limit": True}, "decision": "1/1"}],
    }  # fmt: skip
    assert digest_of(said) == "sha256:de8d989524cfa13da76915a14f492de9b23118a5c33cd1100eedbcb9554a130b"


def test_the_form_of_a_policy_is_as_it_has_always_been() -> None:
    """Every record holds such a digest: where it becomes another, no record can be decided again by it."""
    assert policy(loaded(TOY)).digest == "sha256:cf6ce94c4c3b41cab40cfa99f9916b111b741e15c7f5ef0f8dd609050eb944cd"


def test_what_is_left_out_or_a_set_is_a_field_of_its_class() -> None:
    """After a rename here alone, words would count, and every digest change."""
    kinds = {name: kind for module in (timeline, conditions, editions) for name, kind in vars(module).items()}
    for name, of in [*((kind, one) for kind, left in LEFT_OUT.items() for one in left), *SETS]:
        assert any(of in vars(kind).get("__annotations__", ()) for kind in kinds[name].__mro__), (name, of)


def test_what_has_no_form_is_refused() -> None:
    """A kind of value that is new to the language is given a form, or no digest is taken."""
    with pytest.raises(TypeError, match="float has no form in a digest"):
        plain(Test("f", "below", 1.5, limit=1.5))
