"""Decisions that settle open points: from their day on, as far as they count, and never against what the rules say.

Every decision that settles something here is made up.
"""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from copies import TOY, append, copied, replace, toy, write
from golden_files import FROZEN, ROOT, loaded
from running import senpolicy
from senpolicy.checking import lock
from senpolicy.checking.corpus import check
from senpolicy.checking.exhaustive import faults
from senpolicy.checking.recovery import check_all
from senpolicy.checking.settling import contradictions, read, to_come
from senpolicy.comparing.recorded import recorded
from senpolicy.deciding.cases import Case, read_text
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.deciding.text import lines
from senpolicy.explaining import open_points as register
from senpolicy.explaining.open_points import OpenPointEntry, entries, say_state, touched
from senpolicy.explaining.timeline_of_a_case import Timeline, timeline
from senpolicy.files.problems import Problem
from senpolicy.policy import corpus as corpora
from senpolicy.policy.settling import points_on
from senpolicy.policy.timeline import policy
from senpolicy.site import policy_pages, trust_pages
from senpolicy.site.pages import Site
from senpolicy.writing import files, new

A1 = "A1-rate-of-exactly-6000"
SETTLES = f"""\
settles:
  - point: {A1}
    answers: {{route: community_budget}}
    from: 2026-04-01
    says: An existing rate of exactly £6,000 goes to the Community budget (made up).
    source: {{document: report, paragraph: "3.20"}}
"""
TAKEN = "status: taken\ntaken: {day: 2026-02-20}\n"
SHOWN = 'shown_by: {document: report, paragraph: "Made up for a test"}\n'
DECISION = """\
# Illustrative: made up for a test. There is no such decision.
number: 26/00041
title: Illustrative decision, made up for a test
"""
CASE = """
case_ref: K-1
decision_date: {day}
age: 9
year_group: 4
setting: mainstream
plan: ehcp
ehcp_issued_on: 2023-06-12
element3_rate: 6000.00
community_protection: opted_out
"""
BEFORE, FROM = "2026-03-31", "2026-04-01"
OPEN, SETTLED = ("undetermined", (A1,)), ("community_budget", ())


def desk(folder: Path, standing: str = TAKEN, settles: str = SETTLES) -> Path:
    """Return a copy of the policy with the made-up decision 26/00041, which settles A1."""
    root = copied(folder, FROZEN)
    write(root, "policy/26-00041/decision.yaml", f"{DECISION}{standing}documents: [report]\n{settles}")
    replace(root, "policy/decisions.yaml", r"^  - 25/00108$", r"  - 26/00041\n\g<0>")
    return root


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk(tmp_path_factory.mktemp("settled"))


def decided(root: Path, day: str, **asked: Any) -> Decision:
    """Return the decision on an existing plan with a rate of exactly £6,000."""
    by = Decider(policy(loaded(root), **asked))
    (case,) = read_text(CASE.format(day=day), "case.yaml", by.policy)
    assert isinstance(case, Case)
    found = by.decide(case)
    assert isinstance(found, Decision)
    return found


def plain(said: Decision | OpenPointEntry) -> Any:
    """Return a decision or an entry of the register as plain data."""
    return said.to_json()


def route(root: Path, day: str, **asked: Any) -> tuple[str, tuple[str, ...]]:
    answer = decided(root, day, **asked).answers["route"]
    return answer.answer, answer.open_points


def problems(root: Path) -> list[Problem]:
    return [one for one in check(corpora.load(root)) if not one.warning]


def entry(root: Path, point: str = A1, **counted: Any) -> OpenPointEntry:
    return next(one for one in entries(loaded(root), **counted) if one.id == point)


# What a case gets


def test_cases_before_the_day_keep_the_point_open_and_cases_from_it_on_do_not(settled: Path) -> None:
    assert problems(settled) == []
    assert route(settled, BEFORE) == OPEN
    assert route(settled, FROM) == SETTLED
    assert decided(settled, FROM).answers["protection"].answer == "none", "what rests on the route follows"
    assert route(settled, FROM, as_of="25/00092") == OPEN, "it had not been taken then"
    assert route(settled, FROM, readings="none") == SETTLED, "it is the council's word, and no reading"


@pytest.mark.slow
def test_every_kind_of_case_still_has_one_answer_or_one_open_point(settled: Path) -> None:
    assert faults(policy(loaded(settled))) == []


def test_beside_another_point_only_the_other_is_left(settled: Path) -> None:
    """A plan of summer 2025 at exactly £6,000 is left open by two points, of which one is settled."""
    asked = policy(loaded(settled))
    rows = {day: next(one for one in asked.on(date.fromisoformat(day)).questions["route"].outcomes
                      if one.id == "route/summer-plan-of-exactly-6000") for day in (BEFORE, FROM)}  # fmt: skip
    assert rows[BEFORE].open_points == ("B5-ehcp-issued-in-summer-2025", A1)
    assert rows[FROM].open_points == ("B5-ehcp-issued-in-summer-2025",)


@pytest.mark.parametrize(
    ("standing", "counts"),
    [
        (f"status: called_in\ntaken: {{day: 2026-02-20}}\nsince: 2026-02-25\n{SHOWN}", False),
        pytest.param(
            f"status: withdrawn\ntaken: {{day: 2026-02-20}}\nsince: 2026-03-20\n{SHOWN}", False, marks=pytest.mark.slow
        ),
        (f"status: replaced\ntaken: {{day: 2026-02-20}}\nsince: 2027-04-01\n{SHOWN}", True),
        ("status: proposed\nplanned: 2026-04-01\n", False),
    ],
    ids=lambda one: one.split()[1] if isinstance(one, str) else "",
)
@pytest.mark.slow
def test_it_settles_while_it_counts(tmp_path: Path, standing: str, counts: bool) -> None:
    """What was replaced goes on until its successor's day; a proposal settles only where proposals are asked for."""
    root = desk(tmp_path, standing)
    if "replaced" in standing:
        successor = DECISION.replace("26/00041", "26/00042")
        write(root, "policy/26-00042/decision.yaml", f"{successor}{TAKEN}documents: [report]\nreplaces: [26/00041]\n")
        replace(root, "policy/decisions.yaml", r"^  - 26/00041$", r"\g<0>\n  - 26/00042")
    assert problems(root) == []
    assert route(root, FROM) == (SETTLED if counts else OPEN)
    assert entry(root).state == ("settled" if counts else "open")
    proposed = "proposed" in standing
    assert route(root, FROM, include_proposed=True) == (SETTLED if counts or proposed else OPEN)


def test_a_later_decision_settles_it_otherwise_from_its_own_day(tmp_path: Path) -> None:
    root = desk(tmp_path)
    later = SETTLES.replace("community_budget", "direct_existing_rate").replace("2026-04-01", "2026-06-01")
    successor = DECISION.replace("26/00041", "26/00042")
    write(root, "policy/26-00042/decision.yaml", f"{successor}{TAKEN}documents: [report]\n{later}")
    replace(root, "policy/decisions.yaml", r"^  - 26/00041$", r"\g<0>\n  - 26/00042")
    assert problems(root) == []
    assert [route(root, day)[0] for day in (BEFORE, FROM, "2026-05-31", "2026-06-01")] == [
        "undetermined", "community_budget", "community_budget", "direct_existing_rate"]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("community_budget", ["amount/issue-not-known", "amount/rate-not-known"]),
     ("direct_existing_rate", ["amount/rate-not-known"])],
)  # fmt: skip
def test_where_a_fact_not_known_tells_which_point_it_is_the_row_says_when_it_still_counts(
    tmp_path: Path, answer: str, kept: list[str]
) -> None:
    """Paid by the Community, every day of issue leaves the amount open; paid directly, the day has to be asked for."""
    bound = policy(loaded(desk(tmp_path, settles=SETTLES.replace("community_budget", answer))))
    for day, expected in ((BEFORE, ["amount/issue-not-known", "amount/rate-not-known"]), (FROM, kept)):
        rows = {one.id: one for one in bound.on(date.fromisoformat(day)).questions["amount"].outcomes}
        assert [name for name in ("amount/issue-not-known", "amount/rate-not-known") if name in rows] == expected
        assert (A1 in rows["amount/rate-not-known"].open_points) == (day == BEFORE)


# What is told


def test_the_reason_says_by_which_decision_and_from_when(settled: Path) -> None:
    found = decided(settled, FROM)
    (reason,) = plain(found)["answers"]["route"]["because"]
    assert (reason["decision"], reason["open_point"]) == ("26/00041", A1)
    (told,) = reason["settled"]
    assert (told["open_point"], told["decision"], told["from"]) == (A1, "26/00041", "2026-04-01")
    text = "\n".join(words for _, words in lines(found))
    assert "An existing rate of exactly £6,000 goes to the Community budget (made up). (26/00041, report 3.20)" in text
    assert "settled by 26/00041, from 1 April 2026: An existing rate of exactly £6,000" in text
    text = "\n".join(words for _, words in lines(decided(settled, BEFORE)))
    assert "Settled by 26/00041, from 1 April 2026." in text, "who is a day too early is told of the day"


def test_a_case_that_rests_on_nothing_settled_is_told_nothing(settled: Path) -> None:
    before, after = (plain(decided(root, FROM))["answers"]["scope"] for root in (FROZEN, settled))
    assert before == after


def test_the_register_says_so(settled: Path) -> None:
    said = [words for _, words in register.lines(entries(loaded(settled)))]
    assert f"{A1} (24/00120, settled by 26/00041, from 1 April 2026): An existing rate of exactly £6,000" in said
    told = plain(entry(settled))
    assert (told["state"], told["state_before"]) == ("settled", "open")
    assert [(one["decision"], one["from"]) for one in told["settled"]] == [("26/00041", "2026-04-01")]


def test_as_of_an_earlier_decision_the_register_has_it_open(settled: Path) -> None:
    counted = policy(loaded(settled), as_of="25/00092").decisions
    told = entry(settled, counted=counted)
    assert told.to_json() == entry(FROZEN).to_json()


def test_the_timeline_of_a_case_says_what_happens_on_that_day(settled: Path) -> None:
    by = Decider(policy(loaded(settled)))
    (case,) = read_text(CASE.format(day=BEFORE), "case.yaml", by.policy)
    assert isinstance(case, Case)
    found = timeline(by, case)
    assert isinstance(found, Timeline)
    assert "An existing rate of exactly £6,000: settled by 26/00041" in found.stretches[1].because


def test_the_register_counts_the_cases_that_it_decides(settled: Path) -> None:
    found = touched(loaded(settled), [decided(settled, FROM)])[A1]
    assert (found.by_decision, found.undetermined) == (["K-1"], [])


def words_of(page: str) -> str:
    return " ".join(BeautifulSoup(page, "html.parser").get_text().split())


def test_pages_say_so(settled: Path) -> None:
    corpus = loaded(settled)
    site = Site(corpus, policy(corpus))
    site.shared |= {"assumption": ""}
    trust_pages.prepare(site)
    policy_pages._decisions(site)
    policy_pages._questions(site, [])
    policy_pages._registers(site)
    told = "Settled by 26/00041, from 1 April 2026"
    assert told in words_of(site.pages["policy/open-points.md"])
    assert "What it settles" in words_of(site.pages["policy/decisions/26-00041.md"])
    cells = BeautifulSoup(site.pages["policy/decisions/26-00041.md"], "html.parser").find_all(["th", "td"])
    assert [cell.get_text() for cell in cells[3:5]] == ["An existing rate of exactly £6,000", "1 April 2026"]
    question = words_of(site.pages["policy/questions/route.md"])
    assert "Community budget, by 26/00041" in question
    assert "settled by 26/00041, from 1 April 2026" in question
    points = site.files["downloads/open-points.csv"].decode()
    assert next(line for line in points.splitlines() if line.startswith(A1)).endswith(",26/00041,2026-04-01")


def test_the_review_of_a_change_says_so(settled: Path) -> None:
    told = list(recorded(loaded(FROZEN), loaded(settled)))
    assert f"26/00041 settles {A1}, from 1 April 2026: An existing rate of exactly £6,000 goes to the Community budget (made up)." in told  # fmt: skip
    gone = list(recorded(loaded(settled), loaded(FROZEN)))
    assert "Records 26/00041 no longer." in gone


def test_what_is_settled_is_locked_with_the_decision(tmp_path: Path) -> None:
    root = desk(tmp_path)
    held = lock.digests(corpora.load(root), "26/00041")
    replace(root, "policy/26-00041/decision.yaml", r"from: 2026-04-01", "from: 2026-05-01")
    now = lock.digests(corpora.load(root), "26/00041")
    assert lock.changed(held, now) == ["settles"]
    assert "settles" not in lock.digests(corpora.load(root), "24/00120"), "a decision that settles nothing is as it was"


# A small policy, made up: the fines of a library. What settles by a row, a value and a reading is tried on it.

NEW = """\
number: words-2026
title: A word on schools and closed days
status: taken
taken: {day: 2026-02-02}
documents: [notice]
settles:
"""
BY_ROW = """\
  - point: S1-cards-of-schools
    by: handling/schools
    from: 2026-05-01
"""
BY_READING = """\
  - point: D1-which-days-count
    by: D1-closed-days-count
    from: 2026-05-01
    source: {document: notice, paragraph: "1"}
"""
BY_VALUE = """\
  - point: L1-price-of-lost-items
    by: $lost_part
    from: 2026-05-01
"""
VALUES = """\
parameters:
  school_start: {label: A day, unit: date, value: 2026-05-01, source: {document: notice, paragraph: "1"}}
  lost_part:
    label: The part of the price that is charged for a lost item
    unit: share
    value: 0.75
    from: 2026-05-01
    source: {document: notice, paragraph: "1"}
"""
HANDLING = """\
  - from: $school_start
    decision: words-2026
    answers:
      - {id: room, answer: desk, source: {document: byelaws, paragraph: "1"}, when: {fact: lent, is: no_loan}}
      - id: gone
        answer: billed
        source: {document: byelaws, paragraph: "5"}
        when: {all: [{fact: lent, is: loan}, {fact: lost, is: true}]}
      - id: grace
        answer: let_off
        source: {document: byelaws, paragraph: "2"}
        when: {all: [{fact: lent, is: loan}, {fact: lost, is: false}, {fact: days_late, at_most: $grace_days}]}
      - id: late
        answer: fined
        source: {document: byelaws, paragraph: "3"}
        reads: [D1-closed-days-count]
        when: {all: [{fact: lent, is: loan}, {fact: lost, is: false}, {fact: days_late, more_than: $grace_days},
                     {fact: card, one_of: [adult, young]}]}
      - id: schools
        answer: let_off
        source: {document: notice, paragraph: "1"}
        when: {all: [{fact: lent, is: loan}, {fact: lost, is: false}, {fact: days_late, more_than: $grace_days},
                     {fact: card, is: school}]}
"""
CHARGED = (r"^      - point: L1-price-of-lost-items\n.*\n.*\n.*\n.*\n\Z",
           """      - point: L1-price-of-lost-items
        when: {fact: handling, is: billed}
  - from: $school_start
    decision: words-2026
    answers:
      - {id: nothing, answer: nothing_owed, source: {document: byelaws, paragraph: "2"},
         when: {fact: handling, one_of: [desk, let_off, fined]}}
      - {id: lost, answer: owed, source: {document: notice, paragraph: "1"}, when: {fact: handling, is: billed},
         gives: {to_pay: {of: price, share: $lost_part}}}
""")  # fmt: skip


def library(folder: Path, *edits: tuple[str, str, str], settles: str = BY_ROW + BY_READING + BY_VALUE) -> Path:
    """Return the library's policy with a decision that settles three points: by a row, a reading and a value."""
    root = toy(folder, ("policy/decisions.yaml", r"fines-2026\]", "fines-2026, words-2026]"),
               ("rules/charge.yaml", *CHARGED))  # fmt: skip
    write(root, "policy/words-2026/decision.yaml", NEW + settles)
    write(root, "policy/words-2026/parameters.yaml", VALUES)
    replace(root, "rules/handling.yaml", r"^cautions:$", HANDLING + "cautions:")
    for file, pattern, by in edits:
        replace(root, file, pattern, by)
    return root


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library(tmp_path_factory.mktemp("small"))


LOAN = "case_ref: K-1\ndecision_date: {day}\nitem: book\ncard: {card}\ndays_late: 9\nrun_up: 1.80\nprice: 10\nlost: {lost}\n"


def returned(root: Path, day: str, card: str = "school", lost: str = "false", **asked: Any) -> Decision:
    by = Decider(policy(loaded(root), **asked))
    (case,) = read_text(LOAN.format(day=day, card=card, lost=lost), "case.yaml", by.policy)
    assert isinstance(case, Case)
    found = by.decide(case)
    assert isinstance(found, Decision)
    return found


@pytest.mark.parametrize("readings", ["all", "none"])
def test_a_row_a_value_and_a_confirmed_reading_settle_from_their_day(small: Path, readings: str) -> None:
    assert problems(small) == []
    assert faults(policy(loaded(small), readings=readings)) == []
    before, after = (
        returned(small, day, readings=readings).answers["handling"] for day in ("2026-04-30", "2026-05-01")
    )
    assert (before.answer, before.open_points) == ("undetermined", ("S1-cards-of-schools",))
    assert after.answer == "let_off"
    lost = [
        returned(small, day, lost="true", readings=readings).answers["charge"] for day in ("2026-04-30", "2026-05-01")
    ]
    assert lost[0].open_points == ("L1-price-of-lost-items",)
    assert (lost[1].answer, lost[1].gives) == ("owed", {"to_pay": 750})
    assert [say_state(entry(small, point)) for point in ("S1-cards-of-schools", "L1-price-of-lost-items")] == [
        "settled by words-2026, from 1 May 2026"] * 2  # fmt: skip


def test_each_reason_names_what_is_settled_by_the_row_its_value_or_its_reading(small: Path) -> None:
    def points(found: Decision, question: str) -> set[str]:
        (reason,) = found.answers[question].because
        return {one.point for _, one in reason.settled(found.policy)}

    assert points(returned(small, "2026-05-01"), "handling") == {"S1-cards-of-schools"}
    assert points(returned(small, "2026-05-01", lost="true"), "charge") == {"L1-price-of-lost-items"}
    assert points(returned(small, "2026-05-01", card="adult"), "handling") == {"D1-which-days-count"}
    assert points(returned(small, "2026-04-30", card="adult"), "handling") == set()


def test_a_value_that_a_scenario_assumes_settles_nothing(tmp_path: Path) -> None:
    root = library(tmp_path)
    values = "parameters:\n  lost_part: {label: Made up, unit: share, value: 0.50, assumption: half}\n"
    half = "assumptions: [{id: half, says: Half is charged., because: A test needs some part.}]\n"
    write(root, "policy/scenarios/halves.yaml", f"scenario: halves\ntitle: Halves\nsays: Made up.\n{half}{values}")
    found = returned(root, "2026-05-01", lost="true", scenario="halves")
    (reason,) = found.answers["charge"].because
    assert (found.answers["charge"].gives["to_pay"], reason.settled(found.policy)) == (500, [])


def test_what_a_scenario_assumes_itself_does_not_read_a_value_of_that_name() -> None:
    """Else a decision's rate that no row gives would pass as read, for the illustration has one of the same name."""
    corpus = loaded(FROZEN)
    assert "rate_of_band_1" in corpus.scenarios["illustrative"].parameters
    assert "rate_of_band_1" not in read(corpus)
    assert "lower_support_limit" in read(corpus)


def test_the_command_lists_what_is_settled(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = senpolicy(capsys, "open-points", "--json", "--root", str(small))
    assert status == 0
    assert "3 points: 0 open, 0 read, 0 notes, 3 settled." in err
    assert {one["state"] for one in json.loads(out)} == {"settled"}
    status, out, err = senpolicy(capsys, "open-points", "--as-of", "fines-2026", "--root", str(small))
    assert "3 points: 2 open, 1 read, 0 notes." in err
    assert "settled" not in out


def test_a_confirmed_reading_goes_on_and_says_so(small: Path) -> None:
    told = entry(small, "D1-which-days-count")
    (reading,) = told.readings
    assert told.ended(reading) is None
    assert told.confirmed(reading) is not None


def test_a_later_decision_ends_a_reading_that_an_earlier_one_confirmed(tmp_path: Path) -> None:
    """The rows that rest on the reading do not go on by the word of a decision that has been overtaken."""
    root = library(tmp_path)
    later = NEW.replace("words-2026", "words-2027").replace("2026-02-02", "2026-03-02")
    settles = BY_READING.replace("by: D1-closed-days-count", "answers: {handling: let_off}").replace("05-01", "06-01")
    write(root, "policy/words-2027/decision.yaml", later + settles)
    replace(root, "policy/decisions.yaml", r"words-2026\]", "words-2026, words-2027]")
    corpus = corpora.load(root)  # It is not sound: that rows go on resting on what has ended is told, below.
    bound = policy(corpus, readings="none")
    read = {day: points_on(date.fromisoformat(day), bound.settled, corpus, ()).read
            for day in ("2026-05-01", "2026-05-31", "2026-06-01")}  # fmt: skip
    assert [len(one) for one in read.values()] == [1, 1, 0]
    told = next(one for one in entries(corpus) if one.id == "D1-which-days-count")
    ended = told.ended(told.readings[0])
    assert ended is not None
    assert ended[0] == "words-2027"
    at = [(one.code, one.place.file) for one in contradictions(corpus)]
    assert at == [("reading-goes-on", "policy/words-2027/decision.yaml")]


def test_in_part_the_point_stays_open_with_what_is_left(tmp_path: Path) -> None:
    part = BY_ROW + "    leaves: What becomes of a card of a nursery.\n"
    root = library(tmp_path, settles=part + BY_READING + BY_VALUE)
    assert problems(root) == []
    told = entry(root, "S1-cards-of-schools")
    assert say_state(told) == "open; settled in part by words-2026, from 1 May 2026"
    assert plain(told)["settled"][0]["leaves"] == "What becomes of a card of a nursery."


DECIDES, RULES = "policy/words-2026/decision.yaml", "rules/handling.yaml"
SET = "policy/words-2026/parameters.yaml"


@pytest.mark.parametrize(
    ("file", "pattern", "by", "code", "words"),
    [
        (DECIDES, "handling/schools", "handling/school", "settled-by", "not a row of a version"),
        (DECIDES, "handling/schools", "handling/within-grace", "settled-by", "not a row of a version"),
        (DECIDES, "handling/schools", "handlin/schools", "unknown-row-of-a-rule", "not a row of a rule"),
        (DECIDES, "handling/schools", "$young_share", "settled-by", "not a value that words-2026 sets"),
        (DECIDES, "handling/schools", "$schol_start", "unknown-parameter", "schol_start"),
        (DECIDES, "handling/schools", "D1-closed-days-count\n    source: {document: notice, paragraph: '1'}",
         "settled-by", "a reading of 'D1-which-days-count'"),
        (DECIDES, "by: D1-closed-days-count", "by: D1-closed-day-count", "unknown-reading", "not a reading"),
        (DECIDES, r"^    by: handling/schools\n", "", "settles-nothing", "nothing says by what"),
        (DECIDES, r"D1-closed-days-count\n    from: 2026-05-01\n.*", r"D1-closed-days-count\n    from: 2026-05-01",
         "settled-by", "nothing shows where"),
        (DECIDES, "S1-cards-of-schools", "S1-card-of-schools", "unknown-open-point", "S1-card-of-schools"),
        (DECIDES, r"handling/schools\n    from: 2026-05-01", r"handling/schools\n    from: 2026-06-01", "settled-day",
         "counts from 2026-05-01"),
        (SET, r"^    from: 2026-05-01\n", "", "settled-day", "counts from the beginning"),
        (SET, r"^    value: 0.75\n", "    value: null\n    open_point: L1-price-of-lost-items\n", "settled-by",
         "has no value"),
        (DECIDES, "by: handling/schools", "answers: {handling: let_off}\n    source: {document: notice, paragraph: '1'}\n"
         "    reaches_back: true", "", ""),
        (DECIDES, "by: handling/schools", "answers: {handling: billed}\n    source: {document: notice, paragraph: '1'}",
         "not-allowed", "would allow"),
        (DECIDES, "by: handling/schools", "answers: {charge: owed}\n    source: {document: notice, paragraph: '1'}",
         "point-does-not-block", "'charge' has no row"),
        (DECIDES, r"by: handling/schools\n    from: 2026-05-01",
         r"answers: {handling: let_off}\n    source: {document: notice, paragraph: '1'}\n    from: 2025-05-01",
         "starts-before-decision", "not taken before"),
        (DECIDES, r"^  - point: D1", f"{BY_ROW}  - point: D1", "written-twice", "settles 'S1-cards-of-schools' twice"),
        # What the rules and values of the policy contradict.
        (RULES, r"^      - id: schools\n        answer: let_off\n.*\n((?:.*\n){2})",
         r"      - {id: schools, answer: let_off, source: {document: notice, paragraph: '1'}, when: {all: [{fact: lent, is: loan},"
         r" {fact: lost, is: false}, {fact: days_late, more_than: $grace_days}, {fact: card, is: young}]}}"
         r"\n    open:\n      - point: S1-cards-of-schools\n\1", "still-open", "is left open here"),
        (DECIDES, r"handling/schools\n    from: 2026-05-01", r"D1-closed-days-count\n    from: 2026-05-01", "settled-by", ""),
        (DECIDES, r"  - point: D1-which(?:.*\n){4}",
         "  - point: D1-which-days-count\n    by: handling/late\n    from: 2026-05-01\n", "reading-goes-on",
         "rests on the reading 'D1-closed-days-count'"),
    ],
)  # fmt: skip
def test_what_does_not_settle_is_refused_with_its_line(
    tmp_path: Path, file: str, pattern: str, by: str, code: str, words: str
) -> None:
    root = library(tmp_path, (file, pattern, by))
    found = problems(root)
    if not code:
        assert found == []
        return
    told = [one for one in found if one.code == code and words in one.message]
    assert told, [str(one) for one in found]
    assert all(one.place.line and one.help for one in told)


def test_a_row_that_was_left_out_is_asked_for_and_no_other_that_settles_too_is_suggested(tmp_path: Path) -> None:
    """Numbered rows are near each other; and where two days may be wrong, the help names both."""
    row = r"^    by: handling/schools\n"
    root = library(tmp_path / "1", (DECIDES, row, "    by: [handling/schools, handling/schools2]\n"))
    (told,) = [one for one in problems(root) if one.code == "settled-by"]
    assert "Write the row 'schools2' in rules/handling.yaml, or name one of" in told.help
    assert told.fix is None
    root = library(tmp_path / "2", (DECIDES, row, "    by: handling/schols\n"))
    (told,) = [one for one in problems(root) if one.code == "settled-by"]
    assert told.help == "Did you mean 'handling/schools'?"
    root = library(tmp_path / "3", (SET, r"^    from: 2026-05-01$", "    from: 2026-06-01"))
    (told,) = [one for one in problems(root) if one.code == "settled-day"]
    assert (
        told.help
        == "Write one day in both: 'from: 2026-05-01' in policy/words-2026/parameters.yaml, or 'from: 2026-06-01' here."
    )


def test_what_only_follows_from_a_rule_that_cannot_be_read_is_not_told(tmp_path: Path) -> None:
    """Its rows are not unknown; nor does a version whose day has no mark begin on another day."""
    root = library(tmp_path / "1", (RULES, r"^question: handling$", "question: Hand ling"))
    assert {one.place.file for one in check_all(root).problems if not one.warning} == {RULES}
    root = library(tmp_path / "2", (RULES, r"from: \$school_start", "from: school_start"))
    assert {one.code for one in check_all(root).problems if not one.warning} == {"bare-value"}


def test_an_open_row_beside_the_word_that_settles_it_is_told_once_with_what_to_do(tmp_path: Path) -> None:
    """A row has one point or an answer, so a point that is taken out of it leaves nothing: the answer has its place."""
    word = BY_ROW.replace(
        "by: handling/schools", "answers: {handling: let_off}\n    source: {document: notice, paragraph: '1'}"
    )
    root = library(tmp_path, (RULES, r"^      - id: schools\n        answer: let_off\n.*\n",
                              "    open:\n      - point: S1-cards-of-schools\n"), settles=word + BY_READING)  # fmt: skip
    found = [one for one in problems(root) if one.code == "still-open"]
    assert [(one.place.file, one.help) for one in found] == [
        (RULES, "Give the row an answer; or say under 'leaves' in words-2026 what of the point stays open.")
    ]


def test_a_row_that_a_confirmed_reading_keeps_from_counting_leaves_nothing_open(tmp_path: Path) -> None:
    """`senpolicy new answer` takes over the rows of the version before, those with `if_open` too."""
    row = """    open:
      - point: S1-cards-of-schools
        either: [D1-which-days-count]
        if_open: [D1-which-days-count]
        when: {all: [{fact: lent, is: loan}, {fact: lost, is: false}, {fact: days_late, more_than: $grace_days},
                     {fact: card, is: school}]}
"""
    assert problems(library(tmp_path / "confirmed", (RULES, r"^cautions:$", row + "cautions:"))) == []
    unread = row.replace("        if_open: [D1-which-days-count]\n", "")
    found = problems(library(tmp_path / "open", (RULES, r"^cautions:$", unread + "cautions:")))
    assert {one.code for one in found} == {"still-open"}


def test_a_point_that_an_earlier_version_leaves_open_after_the_day_is_refused(tmp_path: Path) -> None:
    """The question of the charge has no version by the decision: the one of 2026 still leaves its cases open."""
    by_row = BY_ROW.replace("S1-cards-of-schools", "L1-price-of-lost-items")
    root = library(tmp_path, settles=BY_ROW + BY_READING + by_row)
    shutil.copy(TOY / "rules" / "charge.yaml", root / "rules" / "charge.yaml")
    (found,) = problems(root)
    assert (found.code, found.place.file) == ("still-open", DECIDES)
    assert "'charge/L1-price-of-lost-items' by fines-2026 leaves it open still" in found.message
    assert "Give its answer to 'charge' under 'answers'" in found.help


def test_a_reading_that_the_councils_word_replaces_ends_on_that_day(tmp_path: Path) -> None:
    """With no version by a row: the decision answers what the reading answered, otherwise."""
    g2 = "G2-moderation-at-or-below-the-trigger"
    root = desk(tmp_path, settles=SETTLES.replace(A1, g2).replace("route: community_budget",
                                                                  "moderation: open_to_further_moderation"))  # fmt: skip
    allows = r"(  G2-moderation-at-or-below-the-trigger:\n(?:.*\n)*?      moderation: \[)[^\]]*\]"
    replace(root, "policy/24-00120/open-points.yaml", allows, r"\1open_to_further_moderation, not_open]")
    assert problems(root) == []
    case = CASE.replace("element3_rate: 6000.00", "element3_rate: 5000.00\nproposed_allocation: 4000.00")
    by = Decider(policy(loaded(root)))
    found = []
    for day in (BEFORE, FROM):
        (one,) = read_text(case.format(day=day), "case.yaml", by.policy)
        assert isinstance(one, Case)
        result = by.decide(one)
        assert isinstance(result, Decision)
        found.append(result.answers["moderation"])
    assert [one.answer for one in found] == ["not_open", "open_to_further_moderation"]
    assert [one.because[0].outcome.reading for one in found] == ["G2-at-or-below-the-trigger", None]
    told = entry(root, g2)
    (reading,) = told.readings
    ended = told.ended(reading)
    assert ended is not None
    assert ended[1].start == date(2026, 4, 1)
    assert plain(told)["readings"][0]["ends"] == "2026-04-01"
    corpus = loaded(root)
    site = Site(corpus, policy(corpus))
    policy_pages._registers(site)
    page = words_of(site.pages["policy/readings.md"])
    assert "It counts for days before 1 April 2026: its point is settled by 26/00041, from 1 April 2026." in page
    assert "The reading 'G2-at-or-below-the-trigger' ends on that day." in list(recorded(loaded(FROZEN), corpus))


# Values


VALUE = """\
# Illustrative: made up for a test.
parameters:
  year_2_historic_share:
    label: The share of history in year 2 (made up)
    unit: share
    value: 0.40
    from: 2026-09-01
    source: {document: report, paragraph: "5.9"}
"""
START = (
    VALUE.partition("  year")[0]
    + """  made_up_start:
    label: First day (made up)
    unit: date
    value: 2026-04-01
    source: {document: report, paragraph: "5.9"}
"""
)
C1 = "settles:\n  - point: C1-year-two-share\n    by: $year_2_historic_share\n    from: 2026-09-01\n"


def test_a_value_that_an_open_point_says_is_not_decided_settles_the_point(tmp_path: Path) -> None:
    root = desk(tmp_path, settles=C1)
    write(root, "policy/26-00041/parameters.yaml", VALUE)
    assert problems(root) == []
    assert say_state(entry(root, "C1-year-two-share")) == "settled by 26/00041, from 1 September 2026"
    replace(root, "policy/26-00041/decision.yaml", r"(?s)^settles:.*\Z", "")
    (found,) = problems(root)
    assert (found.code, found.place.file) == ("not-settled", "policy/26-00041/parameters.yaml")
    assert "{point: C1-year-two-share, by: $year_2_historic_share, from: 2026-09-01}" in found.help


def test_a_version_that_was_taken_over_does_not_stand_in_the_way_of_settling_its_points(tmp_path: Path) -> None:
    """Rows of the decision's own version name the points as those of the older one do: word and reading answer both."""
    root = desk(tmp_path, settles=SETTLES.replace("2025-10-01", "2026-04-01"))
    write(root, "policy/26-00041/parameters.yaml", START)
    asked = new.NewAnswer("moderation", "26/00041", "made_up_start", "G2-moderation-above-the-trigger", "above",
                          "open_to_further_moderation", "Made up.", new.Cited("report", "3.20"))  # fmt: skip
    files.put(root, new.answer(corpora.load(root), asked))
    by = new.NewSettlement("26/00041", "G2-moderation-at-or-below-the-trigger", date(2026, 4, 1),
                           ("G2-at-or-below-the-trigger",), source=new.Cited("report", "3.20"))  # fmt: skip
    files.put(root, new.settlement(corpora.load(root), by))
    assert problems(root) == []
    assert say_state(entry(root, by.point)) == "settled by 26/00041, from 1 April 2026"


@pytest.mark.parametrize(
    ("wrong", "code", "help"),
    [
        (C1.replace("$year", "year"), "unknown-reading", "Write '$year_2_historic_share'."),
        (C1.replace("share\n    by", "shares\n    by"), "unknown-open-point", "Did you mean 'C1-year-two-share'?"),
        (C1.replace("by: $year_2_historic_share", "by: C7-opt-out\n    source: {document: report, paragraph: '3.20'}"),
         "not-settled", "by: [C7-opt-out, $year_2_historic_share]"),
        ("settles: 2026-09-01\n", "shape", "Compare it with the same key in another file."),
    ],
)  # fmt: skip
def test_one_mistake_about_what_a_value_settles_is_told_once(tmp_path: Path, wrong: str, code: str, help: str) -> None:
    """Where the point, the value or the whole file cannot be read, it is not said too that nothing settles the point."""
    root = desk(tmp_path, settles=wrong)
    write(root, "policy/26-00041/parameters.yaml", VALUE)
    found = [one for one in check_all(root).problems if one.code != "settled-by"]
    assert [(one.code, help in one.help) for one in found] == [(code, True)], [str(one) for one in found]


def test_a_point_with_a_value_that_is_not_held_yet_is_not_settled_wholly(tmp_path: Path) -> None:
    root = desk(tmp_path, settles=C1.replace("C1-year-two-share", "C4-weights-of-the-basket").replace(
        "$year_2_historic_share", "$weight_idaci"))  # fmt: skip
    write(root, "policy/26-00041/parameters.yaml", VALUE.replace("year_2_historic_share", "weight_idaci"))
    found = [one for one in problems(root) if one.code == "still-open"]
    assert {one.message.split("'")[3] for one in found} == {"weight_looked_after", "weight_low_prior_attainment"}
    append(root, "policy/26-00041/decision.yaml", "    leaves: The other two weights.\n")
    assert problems(root) == []


def test_a_value_that_nothing_reads_is_told(tmp_path: Path) -> None:
    """A slip in the name is told with the name that is near; figures that are only recorded are not."""
    assert [one for one in check(loaded(ROOT)) if one.code == "nothing-reads"] == []
    root = desk(tmp_path, settles="")
    write(root, "policy/26-00041/parameters.yaml", VALUE.replace("year_2_historic_share", "protected_share_lwo"))
    (found,) = [one for one in check(corpora.load(root)) if one.code == "nothing-reads"]
    assert found.warning
    assert "'protected_share_low'" in found.help
    told = list(recorded(loaded(FROZEN), corpora.load(root)))
    assert "Nothing reads `protected_share_lwo`, so no answer rests on it." in told


def test_a_point_that_is_said_to_be_open_and_blocks_nothing_is_told(tmp_path: Path) -> None:
    assert [one for one in check(loaded(ROOT)) if one.code == "blocks-nothing"] == []
    root = toy(tmp_path, ("policy/fines-2024/open-points.yaml", r"^  S1", """\
  X1-bags:
    title: Bags
    state: open
    says: Whether bags are lent is not said.
    where: [{document: byelaws, paragraph: "2"}]
    allows: {handling: [let_off]}
    settle: A word.
  S1"""))  # fmt: skip
    (found,) = [one for one in check(corpora.load(root)) if one.code == "blocks-nothing"]
    assert found.warning
    assert "'state: note'" in found.help


# Days to come


@pytest.mark.parametrize(
    ("file", "pattern", "by"),
    [
        ("policy/readings.yaml", r"(- id: F7(?:.*\n){2}    adopted_on: )2026-11-29", r"\g<1>2062-11-29"),
        ("policy/25-00092/decision.yaml", "day: 2026-02-18", "day: 2036-02-18"),
    ],
)
def test_what_is_dated_on_a_day_to_come_is_refused(tmp_path: Path, file: str, pattern: str, by: str) -> None:
    root = copied(tmp_path)
    replace(root, file, pattern, by)
    (found,) = to_come(corpora.load(root), date(2026, 11, 30))
    assert (found.code, found.place.file) == ("yet-to-come", file)


def test_a_slow_clock_puts_no_record_into_the_future() -> None:
    """What is dated before another act of the record has happened, whatever the clock of the computer says."""
    for today in (date(2001, 1, 1), date(2026, 11, 28), date(2030, 1, 1)):
        assert to_come(loaded(ROOT), today) == []
