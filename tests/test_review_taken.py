"""What a change takes away is listed, and facts that one version alone knows are carried over: on the toy policy."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace as replaced
from datetime import date
from pathlib import Path

import pytest

from copies import copied, git, replace, toy, write
from golden_files import FROZEN, ROOT, loaded
from review_changes import another_edition
from running import senpolicy
from senpolicy.checking import golden
from senpolicy.checking.opening import AS_IT_IS
from senpolicy.comparing.added import leads
from senpolicy.comparing.asking import of_gaps, of_needed
from senpolicy.comparing.differences import Side, report
from senpolicy.comparing.exact import same_facts
from senpolicy.comparing.recorded import recorded
from senpolicy.comparing.report import ComparisonReport
from senpolicy.comparing.review import asked_first, review, rewritten, untold
from senpolicy.comparing.taken import editions_apart, notes_added, rows_apart, taken_away
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import policy

LIMIT = """\
cost_neutrality:
  says: What is charged in a year may rise by no more than this share.
  share: 0.00
  source: {document: notice, paragraph: "6"}
  assumption: Made up.
"""
PROPERTY = """\
properties:
  - id: one-answer
    says: No loan has two answers.
    one_answer: {question: handling}
"""
HANDLING, FACTS, DOCUMENTS = "rules/handling.yaml", "rules/facts.yaml", "policy/documents.yaml"
CASES = "tests/golden/fines-2026/fines.yaml"


def full(folder: Path) -> Path:
    """A toy policy with a limit, a property, a correction, a change note and a personal fact."""
    made = toy(folder, (FACTS, r"label: Whose card it was$", "label: Whose card it was\n    personal: true"),
               (DOCUMENTS, r"    dated: 2026-01-12$", f"    dated: 2026-01-12\n    file: notice.pdf\n    sha256: {'a' * 64}"))  # fmt: skip
    replace(made, FACTS, r"label: What was borrowed$", "label: What was borrowed\n    personal: false")
    for name in ("days_late", "run_up", "price", "lost"):
        replace(made, FACTS, rf"^(  {name}:(?: {{|\n    ))label:", r"\g<1>@label:")
    text = (made / FACTS).read_text(encoding="utf-8")
    text = text.replace("{@label:", "{personal: false, label:").replace(
        "    @label:", "    personal: false\n    label:"
    )
    write(made, FACTS, text)
    write(made, "policy/limits.yaml", LIMIT)
    write(made, "rules/properties.yaml", PROPERTY)
    write(made, "changelog.d/new-fines.decisions.md", "New fines. Dates affected: all.\n")
    return made


def less(file: str, pattern: str, by: str = "") -> Callable[[Path], None]:
    return lambda folder: replace(folder, file, pattern, by)


def gone(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "golden cases": (lambda folder: shutil.rmtree(folder / "tests/golden"), "The golden case '"),
    "what a golden case pins": (less(CASES, r"(?s)\A(.*?)as_of: fines-2026", r"\g<1>as_of: fines-2024"), "is pinned otherwise"),
    "a property": (less("rules/properties.yaml", r"(?s)- id.*", "[]"), "The property 'one-answer' is gone: No loan"),
    "an open point that blocks": (
        less("policy/fines-2024/open-points.yaml", r"(^  S1-cards-of-schools:\n(?:    .*\n)*?    state: )open", r"\g<1>note"),
        "The open point 'S1-cards-of-schools' of fines-2024 is marked 'note'; it was 'open'."),
    "the limit": (gone("policy/limits.yaml"), "The limit of cost (policy/limits.yaml) is gone."),
    "a lower limit": (less("policy/limits.yaml", r"share: 0.00", "share: 0.10"), "lets a change cost more than it did"),
    "a personal fact": (less(FACTS, r"\n    personal: true"), "The fact 'card' is not marked as personal any more."),
    "a contradiction": (less(FACTS, r"(?s)problems:.*", ""), "The contradiction 'days-without-fine' is gone"),
    "a caution": (less(HANDLING, r"(?s)cautions:.*", ""), "The caution 'hardship' of the question 'handling' is gone"),
    "a digest": (less(DOCUMENTS, r"\n    sha256: a+"), "The document 'notice' has no digest any more."),
    "a file": (less(DOCUMENTS, r"\n    file: notice.pdf\n    sha256: a+"), "The document 'notice'"),
    "a change note": (gone("changelog.d/new-fines.decisions.md"), "The change note 'new-fines.decisions.md' is gone."),
}  # fmt: skip


def sides(base: Path, head: Path) -> tuple[Corpus, Corpus]:
    return corpora.load(base), corpora.load(head)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_away_is_listed(tmp_path: Path, change: str) -> None:
    """In the list, in the comment, and as the first thing to ask; nothing is listed of what stays."""
    base, head = full(tmp_path / "base"), full(tmp_path / "head")
    both = sides(base, head)
    assert taken_away(*both, (golden.every(base), golden.every(head))) == []
    edit, said = CHANGES[change]
    edit(head)
    both = sides(base, head)
    cases = golden.every(base), golden.every(head)
    taken = taken_away(*both, cases)
    assert said in taken[0]
    compared = report(Side("base", both[0]), Side("head", both[1]))
    found = review(Side("base", both[0]), Side("head", both[1]), compared, cases, None, AS_IT_IS)
    first, whole = found.markdown().split("<details>", 1)
    assert "Why is this taken away, or made weaker?" in first
    assert taken[0] in whole
    assert found.to_json()["taken_away"] == taken


def test_a_note_that_is_published_and_a_golden_case_of_another_name_are_not_taken_away(tmp_path: Path) -> None:
    base, head = full(tmp_path / "base"), full(tmp_path / "head")
    gone("changelog.d/new-fines.decisions.md")(head)
    write(head, "CHANGELOG.md", "## Unreleased\n\n- New fines. Dates\n  affected: all.\n")
    (name, *_) = [one.golden.name for one in golden.every(base)]
    less(CASES, name.replace("(", r"\("), "Called otherwise")(head)
    assert taken_away(*sides(base, head), (golden.every(base), golden.every(head))) == []


def test_the_change_notes_that_come_with_a_change_are_read(tmp_path: Path) -> None:
    """None where a policy keeps none."""
    base, head = full(tmp_path / "base"), full(tmp_path / "head")
    write(head, "changelog.d/another.rules.md", "Another. Dates affected: none.\n")
    assert notes_added(base, head) == ["another.rules.md"]
    assert notes_added(base, base) == []
    shutil.rmtree(base / "changelog.d")
    assert notes_added(base, base) is None


# What one version alone knows


def asking(fact: str) -> tuple[str, str, str]:
    """The rows on what is late ask for a fact more, or for a value."""
    return HANDLING, r"^      - id: late\n", f"      - id: {fact}\n"


NEW_FACT = (FACTS, r"^  lost:", "  snow: {label: It snowed, type: boolean, personal: false}\n  lost:")
CAUTION = (HANDLING, r"^cautions:\n", """cautions:
  - id: snowed
    decision: fines-2024
    says: It snowed.
    source: {document: byelaws, paragraph: "6"}
    when: {fact: snow, is: true}
""")  # fmt: skip
NEW_VALUE = (FACTS, r"atlas: an atlas of the reading room", "atlas: an atlas of the reading room, map: a map")
LENT = ("rules/lent.yaml", r"one_of: \[book, film\]", "one_of: [book, film, map]")
NEW_CARD = (FACTS, r"school: a school}", "school: a school, staff: one of our own}")
#: From the day of the half fines a card of staff has a promise; and it is never fined.
ROWS_OF_STAFF = [
    (HANDLING, r"{fact: card, is: school}", "{fact: card, one_of: [school, staff]}"),
    ("rules/amnesty.yaml", r"{fact: card, is: young}", "{fact: card, one_of: [young, staff]}"),
]
LIMIT_OF_YOUNG = ("policy/fines-2026/parameters.yaml", r"value: 2.50$", "value: 2.00")
BOUND = (FACTS, r"highest: 3650", "highest: 365")
NEEDED = (FACTS, r"label: Days late, type", "label: Days late, required: true, type")


@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize(
    ("edits", "gap", "about"),
    [
        ([NEW_FACT], "The fact 'snow' is in the", []),
        ([NEW_FACT, CAUTION], "The fact 'snow' is in the", ["cautions: handling"]),
        ([NEW_VALUE], "The fact 'item' has other values in the head: 'map' in the", []),
        ([NEW_VALUE, LIMIT_OF_YOUNG], "The fact 'item' has other values in the head: 'map' in the", ["charge"]),
        ([BOUND], "The fact 'days_late' has other bounds", []),
        ([BOUND, LIMIT_OF_YOUNG], "The fact 'days_late' has other bounds", ["charge"]),
        ([NEEDED, LIMIT_OF_YOUNG], "Every case needs the fact 'days_late' in the", ["charge"]),
    ],
)
def test_a_version_is_carried_over_onto_the_facts_of_both(
    tmp_path: Path, edits: list[tuple[str, str, str]], gap: str, about: list[str], way: str
) -> None:
    """What differs of the cases that both can read is found, what cannot be is named, and nothing is called proved."""
    both = [toy(tmp_path / "base"), toy(tmp_path / "head", *edits)]
    ours, theirs = both if way == "on" else both[::-1]
    found = report(Side("a", corpora.load(ours)), Side("b", corpora.load(theirs)))
    assert found.compared is not None
    assert list(dict.fromkeys(region.about for one in found.compared for region in one.regions)) == about
    assert gap in found.not_compared[0]
    assert not found.proved_alike
    named = [name for one in found.compared for region in one.regions for name, _ in region.facts]
    assert ("snow" in named) is (CAUTION in edits)


def led(tmp_path: Path, *edits: tuple[str, str, str]) -> list[str]:
    """What new values lead to, as the report, its text, its data and the first screen of the review have it."""
    both = sides(toy(tmp_path / "base"), toy(tmp_path / "head", *edits))
    ours, theirs = Side("a", both[0]), Side("b", both[1])
    found = report(ours, theirs)
    screen = review(ours, theirs, found, ([], []), None, AS_IT_IS).markdown().split("<details>")[0]
    for one in found.leads[:1]:
        assert (
            f"**New, so not compared:** {one[:80]}" in screen or f"**New, so not compared:**\n  - {one[:80]}" in screen
        )
    for one in found.leads:
        assert one in found.markdown()
    assert found.to_json().get("leads", []) == list(found.leads)
    return list(found.leads)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([NEW_VALUE, LENT], "Of 'item', 'map' is answered as 'book' is, in every case: no rule tells them apart."),
        (
            [NEW_CARD, *ROWS_OF_STAFF],
            "Of 'card', 'staff' is answered as no other value is. What it can lead to: lent loan or no loan; "
            "handling desk, billed, let off or left open (S1-cards-of-schools); "
            "amnesty does not arise, no promise or promised; "
            "charge nothing owed, left open (L1-price-of-lost-items) or left open (S1-cards-of-schools).",
        ),
    ],
)
def test_it_is_told_what_a_new_value_leads_to(tmp_path: Path, edits: list[tuple[str, str, str]], said: str) -> None:
    """As which other value it is answered; where there is none, all that a case with it can be answered."""
    assert led(tmp_path, *edits) == [said]


def test_a_new_value_is_called_like_another_only_where_every_rule_and_day_takes_it_so(tmp_path: Path) -> None:
    """A caution, a contradiction or a version of a later day that names one of two values tells them apart."""
    lenient = (
        FACTS,
        r"^problems:\n",
        "problems:\n  - {id: no-maps, when: {fact: item, is: map}, field: item, says: No., help: No.}\n",
    )
    assert led(tmp_path / "1", NEW_VALUE, LENT, lenient) == [
        "Of 'item', 'map' is answered as no other value is; try a case with it."
    ]
    caution = (HANDLING, r"when: {fact: handling, is: fined}", "when: {fact: item, one_of: [book, film]}")
    (said,) = led(tmp_path / "2", NEW_VALUE, LENT, caution)
    assert "as no other value is. What it can lead to: lent loan;" in said
    # Until August 2026 a card of staff is answered as one of an adult is.
    (said,) = led(
        tmp_path / "3",
        NEW_CARD,
        *ROWS_OF_STAFF[1:],
        (HANDLING, r"one_of: \[adult, young\]", "one_of: [adult, young, staff]"),
    )
    assert "as no other value is" in said


def test_a_new_value_is_not_called_like_one_that_a_day_refuses(tmp_path: Path) -> None:
    ends = (
        FACTS,
        r"(values: {book: a book.*})\n",
        r"\g<1>\n    days: {book: {until: $open_until, decision: fines-2026}}\n",
    )
    (said,) = led(tmp_path, NEW_VALUE, LENT, ends)
    assert said == "Of 'item', 'map' is answered as 'film' is, in every case: no rule tells them apart."


def test_a_reading_that_answers_otherwise_is_told_by_its_answers(tmp_path: Path) -> None:
    """The file alone would not say for what it is another reading."""
    both = [
        sides(copied(tmp_path / "base", FROZEN), copied(tmp_path / "head", FROZEN))[0],
        corpora.load(tmp_path / "head"),
    ]
    name = "G2-at-or-below-the-trigger"
    ours = next(one for one in both[0].readings if one.id == name).answers["moderation"]
    readings = [one.model_copy(update={"answers": {"moderation": "not_applicable"}}) if one.id == name else one
                for one in both[1].readings]  # fmt: skip
    said = [*recorded(both[0], dataclasses.replace(both[1], readings=readings))]
    assert said == [f"The reading '{name}' answers 'not_applicable' to 'moderation'; it answered '{ours}'."]


def test_a_new_question_is_told_with_whom_it_pays(tmp_path: Path) -> None:
    extra = """\
question: stamp
asks: Is the card stamped?
answers: {stamped: It is., plain: It is not.}
ask: [handling]
figures: {to_pay_too: {unit: pounds}}
versions:
  - decision: fines-2024
    answers:
      - id: stamped
        answer: stamped
        source: {document: byelaws, paragraph: "1"}
        when: {fact: handling, is: billed}
        gives: {to_pay_too: $most_charged}
      - id: plain
        answer: plain
        source: {document: byelaws, paragraph: "1"}
        when: {not: {fact: handling, is: billed}}
"""
    head = toy(tmp_path / "head", ("rules/questions.yaml", "charge]", "charge, stamp]"))
    write(head, "rules/stamp.yaml", extra)
    both = sides(toy(tmp_path / "base"), head)
    found = report(Side("a", both[0]), Side("b", both[1]))
    assert found.leads == [
        "The question 'stamp' is answered 'stamped' where handling is billed, "
        "on every day: the question has no first day; it pays to pay too of £5."
    ]
    assert untold(found) == []
    assert asked_first(found) == {"stamp": date.min}
    screen = review(found.base, found.head, found, ([], []), None, AS_IT_IS).markdown().split("<details>")[0]
    assert "Which decision says so? None is recorded with this change" in screen
    later = toy(tmp_path / "later", ("rules/questions.yaml", "charge]", "charge, stamp]"))
    write(
        later, "rules/stamp.yaml", extra.replace("decision: fines-2024", "from: $open_until\n    decision: fines-2026")
    )
    found = report(Side("a", both[0]), Side("b", corpora.load(later)))
    assert [one.rpartition(", ")[2] for one in found.leads] == ["from 31 August 2026 on; it pays to pay too of £5."]
    assert asked_first(found) == {"stamp": date(2026, 8, 31)}


def test_a_new_level_is_told_with_its_place_and_its_first_day_and_what_is_alike_once(tmp_path: Path) -> None:
    """A level between two others takes plans from the one above it, from the day on which rules ask for levels."""
    edition = "descriptors/continuum-draft-2025-06/edition.yaml"
    base, head = loaded(ROOT), copied(tmp_path)
    replace(
        head,
        edition,
        r"(?s)( +- id: wider_support.*?order: )2(.*?order: )3",
        r"  - {id: new, label: New, order: 2}\n\g<1>3\g<2>4",
    )
    both = [policy(one) for one in (base, corpora.load(head))]
    assert [*leads(*both)] == [
        "'New' (`new`) is a new level, above 'SEN Support' and below 'Wider Support and Strategies'. "
        "No rule but a warning asks for 'adaptation_level' before 1 September 2026.",
        "Of 'adaptation_level', 'new' is answered as 'specific_allocation' is, in every case: no rule tells them apart.",
        "All else the same, 'New' leads to route tariff where 'Wider Support and Strategies', above it, and 'SEN Support', "
        "below it, lead to school budget or community budget.",
    ]
    (problem,) = same_facts(*both)
    assert problem.message.startswith("The fact 'adaptation_level' has other values in the head: 'new' in the head only; "
                                      "so have 'rating_communication_and_interaction', ")  # fmt: skip


def test_an_edition_that_takes_the_place_of_another_is_named(tmp_path: Path) -> None:
    base, head = loaded(ROOT), copied(tmp_path)
    another_edition(head)
    after = corpora.load(head)
    said = rewritten(ComparisonReport(Side("a", base), Side("b", after), [], notes=["rules/facts.yaml: changed"]))
    assert said == ["The levels of 'adaptation_level' (and of 4 more facts) are those of the edition 'made-up'; "
                    "they were those of 'continuum-draft-2025-06'."]  # fmt: skip
    assert [*editions_apart(base, base)] == []


def test_rules_about_facts_and_cautions_that_are_rewritten_are_named(tmp_path: Path) -> None:
    """Else a file is all that is named, which says nothing of what it does."""
    base = corpora.load(toy(tmp_path / "base"))

    def apart(*edits: tuple[str, str, str]) -> list[str]:
        return [*rows_apart(base, corpora.load(toy(tmp_path / str(len(list(tmp_path.iterdir()))), *edits)))]

    assert apart(NEW_FACT, CAUTION) == ["The caution 'snowed' of the question 'handling' is new."]
    facts = (tmp_path / "base/toy" / FACTS).read_text(encoding="utf-8")
    (rule, *_) = base.facts.problems
    assert f"id: {rule.id}\n" in facts
    assert apart((FACTS, f"id: {rule.id}$", "id: called_otherwise")) == [
        f"The contradiction '{rule.id}' is gone.", "The contradiction 'called_otherwise' is new.",
    ]  # fmt: skip
    assert apart((FACTS, re.escape(rule.says), "In other words.")) == []
    corpus = loaded(FROZEN)
    (first, *others) = corpus.facts.follows
    fewer = replaced(corpus, facts=corpus.facts.model_copy(update={"follows": others}))
    assert (
        [*rows_apart(corpus, fewer)]
        == [*rows_apart(fewer, corpus)]
        == [f"From what '{first.fact}' follows is changed."]
    )


def test_what_asks_for_a_new_fact_is_told_and_nothing_where_nothing_is_new(tmp_path: Path) -> None:
    assert led(tmp_path / "1", LIMIT_OF_YOUNG) == []
    assert led(tmp_path / "2", NEW_FACT) == ["No rule asks for 'snow', so no answer rests on it."]
    assert led(tmp_path / "4", NEW_FACT, CAUTION) == ["'snow' is asked for by cautions of 'handling'."]
    many = (FACTS, NEW_VALUE[1], "atlas: an atlas, " + ", ".join(f"map_{number}: a map" for number in range(11)))
    said = led(tmp_path / "3", many)
    assert said[-1] == "Of more new values it is not told here what they lead to: 3."
    assert len(said) == 9


def test_a_fact_that_every_case_needs_is_told_as_what_is_refused(tmp_path: Path) -> None:
    both = sides(toy(tmp_path / "base"), toy(tmp_path / "head", NEEDED))
    found = report(Side("a", both[0]), Side("b", both[1]))
    said = "Every case needs the fact 'days_late' in the head only, which refuses a case without it."
    assert found.not_compared == [said]
    assert found.leads == ["A case without 'days_late' is refused from this change on, on every day."]
    assert untold(found) == []
    assert [*of_needed(found.not_compared)] == [
        "Is what every case needs now to hand at schools, of each pupil: days_late?"
    ]
    screen = review(found.base, found.head, found, ([], []), None, AS_IT_IS).markdown().split("<details>")[0]
    assert screen.count("days_late") == 2  # What becomes of such a case, and what to ask.
    assert "Who looks at" not in screen
    back = report(found.head, found.base)
    assert (untold(back), [*of_needed(back.not_compared)]) == (back.not_compared, [])
    assert next(iter(of_gaps(["The file 'x' differs."]))).startswith("Who looks at what could not be compared?")


def test_a_fact_of_another_type_cannot_be_carried_over(tmp_path: Path) -> None:
    head = toy(
        tmp_path / "head", (FACTS, r"label: What the item costs new, type: money", "label: Its price, type: integer")
    )
    found = report(Side("a", corpora.load(toy(tmp_path / "base"))), Side("b", corpora.load(head)))
    assert found.compared is None
    assert "The fact 'price' is of another type in the head: integer; it was money." in found.not_compared


def test_revisions_are_read_with_their_golden_cases_and_change_notes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the head of a pull request has dropped is listed; what it has published is not."""
    made = full(tmp_path)
    git(made, "init", "-q")
    for name in ("base", "published", "dropped"):
        if name == "dropped":
            gone(CASES)(made)
            write(made, "CHANGELOG.md", "## Unreleased\n")
        if name == "published":
            gone("changelog.d/new-fines.decisions.md")(made)
            write(made, "CHANGELOG.md", "## Unreleased\n\n- New fines. Dates affected: all.\n")
        git(made, "add", "-A")
        git(made, "commit", "-qm", name)
        git(made, "tag", name)
    monkeypatch.chdir(made)
    _, out, _ = senpolicy(capsys, "review", "base", "published", "--json")
    assert json.loads(out)[0]["taken_away"] == []
    _, out, _ = senpolicy(capsys, "review", "base", "dropped", "--json")
    said = json.loads(out)[0]["taken_away"]
    assert said[-1] == "The change note 'new-fines.decisions.md' is gone."
    assert all("golden case" in one for one in said[:-1])


def test_a_caseload_is_told_on_the_first_screen_as_far_as_it_may_be(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many of the council's own cases move: five of a kind are told, fewer are not."""
    base, head = (
        toy(tmp_path / "base"),
        toy(tmp_path / "head", (HANDLING, r"at_most: \$grace_days", "at_most: $grace_days")),
    )
    replace(head, "policy/fines-2024/parameters.yaml", r"(^  grace_days:\n(?:    .*\n)*?    value: ).*$", r"\g<1>20")
    rows = [f"L-{number},2026-05-01,book,adult,{12 if number <= late else 40},2.40,false\n" for late in (3,)
            for number in range(1, 31)]  # fmt: skip
    write(tmp_path, "loans.csv", "case_ref,decision_date,item,card,days_late,run_up,lost\n" + "".join(rows))
    monkeypatch.chdir(base)
    found = senpolicy(capsys, "review", str(base), str(head), "--cases", str(tmp_path / "loans.csv"), "--markdown")[1]
    first = found.split("<details>")[0]
    assert "some, too few to be told, of the 30 cases of the caseload given" in first, first
    many = [one.replace(",40,", ",12,") if at < 10 else one for at, one in enumerate(rows)]
    write(tmp_path, "loans.csv", "case_ref,decision_date,item,card,days_late,run_up,lost\n" + "".join(many))
    found = senpolicy(capsys, "review", str(base), str(head), "--cases", str(tmp_path / "loans.csv"), "--markdown")[1]
    assert "10 of the 30 cases of the caseload given" in found.split("<details>")[0]
