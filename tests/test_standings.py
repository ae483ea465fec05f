"""The standing of a decision: one that is called in or withdrawn does not count, and one replaced is not in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from copies import append, copied, replace, write
from golden_files import FROZEN, ROOT, decider, loaded
from running import senpolicy
from senpolicy.checking import lock
from senpolicy.checking.corpus import check
from senpolicy.comparing import recorded
from senpolicy.files.problems import Problem, WrongUse
from senpolicy.policy import corpus as corpora
from senpolicy.policy.timeline import policy
from senpolicy.site import policy_pages, trust_pages
from senpolicy.site.pages import Site
from test_as_of import DECISION, PARAMETERS, VERSION, answer

SHOWN = 'shown_by: {document: minutes-24-00120, paragraph: "Made up for a test"}\n'
#: The lines of a made-up later decision that say where it stands, and of one that replaces another.
TAKEN = "status: taken\ntaken: {day: 2026-11-03}\n"
CALLED_IN = f"status: called_in\ntaken: {{day: 2026-11-03}}\nsince: 2026-11-06\n{SHOWN}"
WITHDRAWN = f"status: withdrawn\ntaken: {{day: 2026-11-03}}\nsince: 2026-11-20\n{SHOWN}"
REPLACED = f"status: replaced\ntaken: {{day: 2026-11-03}}\nsince: 2027-04-01\n{SHOWN}"
ON = "    value: 2025-10-01\n"
CASE = """
case_ref: K-1
decision_date: 2025-10-01
age: 9
year_group: 4
setting: mainstream
plan: ehcp
ehcp_issued_on: 2023-06-12
element3_rate: 6000.00
"""
OPEN, ANSWERED = ("undetermined", ("A1-rate-of-exactly-6000",)), ("community_budget", ())


def desk(folder: Path, standing: str) -> Path:
    """Return a copy of the policy with the made-up decision 26/00041, which sets a value and a rule, of a standing."""
    root = copied(folder, FROZEN)
    written = DECISION.replace("status: taken\ntaken: {unknown: It is made up.}\n", standing)
    write(root, "policy/26-00041/decision.yaml", written)
    write(root, "policy/26-00041/parameters.yaml", PARAMETERS.replace(ON, f"{ON}    reaches_back: true\n")
          .replace("    from: 2025-09-01\n", "    from: 2025-09-01\n    reaches_back: true\n"))  # fmt: skip
    replace(root, "policy/decisions.yaml", r"^  - 25/00108$", r"\g<0>\n  - 26/00041")
    append(root, "rules/exceptional_need_claim.yaml", VERSION)
    if standing == REPLACED:
        write(root, "policy/26-00042/decision.yaml", DECISION.replace("26/00041", "26/00042").replace(
            "documents: [report]", "documents: [report]\nreplaces: [26/00041]"))  # fmt: skip
        replace(root, "policy/decisions.yaml", r"^  - 26/00041$", r"\g<0>\n  - 26/00042")
    return root


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the copy of a standing, made once."""
    made: dict[str, Path] = {}

    def of(standing: str) -> Path:
        if standing not in made:
            made[standing] = desk(tmp_path_factory.mktemp("desk"), standing)
        return made[standing]

    return of


def problems(root: Path) -> list[Problem]:
    return [one for one in check(corpora.load(root)) if not one.warning]


# What counts


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (TAKEN, ANSWERED),
        (CALLED_IN, OPEN),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in ((REPLACED, ANSWERED), (WITHDRAWN, OPEN))),
    ],
)
def test_its_values_and_rules_count_or_not(
    at: Callable[[str], Path], standing: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    root = at(standing)
    assert problems(root) == []
    found = decider(root, None, "all")
    assert answer(found) == expected
    needs = "available" if expected == ANSWERED else "not_available"
    assert answer(found, "exceptional_need_claim")[0] == needs
    assert ("26/00041" in found.policy.decisions) == (expected == ANSWERED)


@pytest.mark.parametrize(("standing", "words"), [(CALLED_IN, "until it is released"), (WITHDRAWN, "withdrawn")])
def test_one_that_does_not_count_says_so_when_it_is_asked_for_by_number(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, at: Callable[[str], Path], standing: str, words: str
) -> None:
    """Not with --include-proposed either: it is no proposal."""
    (tmp_path / "case.yaml").write_text(CASE, encoding="utf-8")
    ask = ("decide", str(tmp_path / "case.yaml"), "--as-of", "26/00041", "--root", str(at(standing)))
    for more in ((), ("--include-proposed",)):
        status, out, err = senpolicy(capsys, *ask, *more)
        assert (status, out) == (2, "")
        assert "26/00041" in err
        assert words in " ".join(err.split())


def test_a_replaced_one_is_still_asked_for_by_number(at: Callable[[str], Path]) -> None:
    """What was decided by it stays decided by it; the rules of its successor say from which day they count."""
    assert answer(decider(at(REPLACED), "26/00041", "all")) == ANSWERED


def test_the_reform_called_in_leaves_what_went_before(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Every rule and every value of 24/00120 waits; the four systems go on, and a later decision changes none of it."""
    root = copied(tmp_path / "root", FROZEN)
    replace(root, "policy/24-00120/decision.yaml", r"^status: taken$", "status: called_in\n" + SHOWN.rstrip())
    replace(root, "policy/before-24-00120/decision.yaml", r"^status: replaced\nsince: .*\nshown_by: .*$",
            "status: in_force")  # fmt: skip
    assert problems(root) == []
    waits = [one for one in check(corpora.load(root)) if one.code == "not-yet-set"]
    assert all("25/00108" in one.message for one in waits), "the proposal that builds on it is worth a warning"
    assert answer(decider(root, None, "all")) == ("mainstream_claim", ())
    assert decider(root, None, "all").policy.as_of == "25/00092"
    with pytest.raises(WrongUse, match="called in"):
        policy(loaded(root), as_of="24/00120")


@pytest.mark.slow
def test_what_stands_beside_the_order_counts_only_where_it_counts_too(tmp_path: Path) -> None:
    """A proposal or a withdrawn decision beside the order would otherwise set its values for everybody."""
    for standing, value in ((TAKEN, "7000.00"), (CALLED_IN, "6000.00"), (WITHDRAWN, "6000.00"),
                            ("status: proposed\n", "6000.00")):  # fmt: skip
        root = copied(tmp_path / str(len(list(tmp_path.iterdir()))), FROZEN)
        written = DECISION.replace("status: taken\ntaken: {unknown: It is made up.}\n", standing)
        write(root, "policy/26-00041/decision.yaml", written)
        write(root, "policy/26-00041/parameters.yaml", PARAMETERS)
        replace(root, "policy/decisions.yaml", r"^  - 25/00085$", r"\g<0>\n  - 26/00041")
        found = decider(root, "24/00120", "all").policy.parameter("lower_support_limit", date(2026, 1, 1))
        assert found is not None
        assert str(found[1].value) == value, standing


# What the check asks


STANDING = "policy/26-00041/decision.yaml"


@pytest.mark.parametrize(
    ("standing", "file", "pattern", "by", "code", "words"),
    [
        (CALLED_IN, STANDING, r"^shown_by: .*\n", "", "later-standing", "nothing shows it"),
        (CALLED_IN, STANDING, r"^taken: .*\n", "", "no-date", "nothing says when it was taken"),
        (WITHDRAWN, STANDING, r"^since: 2026-11-20$", "since: 2026-11-02", "dates-reversed", "not taken before"),
        (REPLACED, STANDING, r"^since: .*\n", "", "later-standing", "nothing says from when"),
        (REPLACED, "policy/26-00042/decision.yaml", r"^replaces: .*\n", "", "nothing-replaces", "replaces it"),
        (REPLACED, STANDING, r"^status: replaced\n(taken: .*\n)since: .*\nshown_by: .*$", r"status: taken\n\1", "later-standing",
         "26/00042 replaces it"),
        (TAKEN, STANDING, r"^taken: .*$", r"\g<0>\nsince: 2026-11-06", "later-standing", "since when"),
        (CALLED_IN, "rules/exceptional_need_claim.yaml", r"^    decision: 26/00041$", "    decision: 25/00092",
         "not-yet-set", "which is called in"),
    ],
)  # fmt: skip
def test_a_standing_is_told_in_full_and_by_one_decision_alone(
    tmp_path: Path, standing: str, file: str, pattern: str, by: str, code: str, words: str
) -> None:
    root = desk(tmp_path, standing)
    replace(root, file, pattern, by)
    if code == "not-yet-set":  # The decision that names the value stands later than the one that sets it.
        replace(root, "policy/decisions.yaml", r"^  - 25/00092\n  - 25/00108\n  - 26/00041$",
                "  - 26/00041\n  - 25/00092\n  - 25/00108")  # fmt: skip
    found = [one for one in problems(root) if one.code == code and words in one.message]
    assert len(found) == 1, [str(one) for one in problems(root)]
    assert found[0].help


def test_a_policy_in_which_nothing_counts_is_refused(tmp_path: Path) -> None:
    root = copied(tmp_path, FROZEN)
    for path in (root / "policy").glob("*/decision.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("status: taken", "status: withdrawn").replace("status: replaced", "status: withdrawn"),
                        encoding="utf-8")  # fmt: skip
    assert "nothing-counts" in {one.code for one in problems(root)}


def test_what_was_decided_stays_locked_whatever_becomes_of_it(tmp_path: Path) -> None:
    """Calling in a locked decision needs no note of a mistake: nothing that it set has changed. Its values stay locked."""
    root = copied(tmp_path, FROZEN)
    standing = "status: withdrawn\nsince: 2026-11-20\n" + SHOWN.rstrip()
    replace(root, "policy/25-00092/decision.yaml", r"^status: taken$", standing)
    assert [str(one) for one in lock.check(corpora.load(root))] == []
    replace(root, "policy/25-00092/parameters.yaml", r"value: 17400000.00", "value: 17500000.00")
    assert [one.code for one in lock.check(corpora.load(root))] == ["locked"]


# What pages and the review of a change say


def pages(root: Path) -> dict[str, str]:
    """Return the pages of the decisions below `root`, by path."""
    site = Site(loaded(root), policy(loaded(root)))
    site.shared |= {"assumption": ""}
    policy_pages._decisions(site)
    return site.pages


@pytest.mark.parametrize(
    ("standing", "banner", "says", "does"),
    [
        (CALLED_IN, "Called in. It does not count until it is released.", "Called in on 6 November 2026.", "would do"),
        (WITHDRAWN, "Withdrawn. It never counts.", "Withdrawn on 20 November 2026.", "would have done"),
        (REPLACED, "", "Replaced by 26/00042 from 1 April 2027.", "did"),
    ],
)
def test_the_page_of_a_decision_says_where_it_stands(
    at: Callable[[str], Path], standing: str, banner: str, says: str, does: str
) -> None:
    made = pages(at(standing))
    text = " ".join(BeautifulSoup(made["policy/decisions/26-00041.md"], "html.parser").get_text().split())
    assert banner in text
    assert says in text
    assert "Taken on 3 November 2026." in text
    assert f"## What it {does}" in text
    assert "in force" not in text.lower()
    (row,) = (one for one in BeautifulSoup(made["policy/decisions/index.md"], "html.parser").select("tbody tr")
              if one.th.get_text() == "26/00041")  # fmt: skip
    assert row.select("td")[1].get_text() == says[:1].lower() + says[1:-1]


def test_no_decision_of_this_policy_is_both_in_force_and_replaced() -> None:
    made = pages(ROOT)
    text = BeautifulSoup(made["policy/decisions/before-24-00120.md"], "html.parser").get_text()
    assert "Replaced by 24/00120 from 1 April 2025" in " ".join(text.split())
    assert "In force" not in text


@pytest.mark.parametrize(
    ("standing", "says"),
    [(CALLED_IN, "called in"), (WITHDRAWN, "withdrawn"), (REPLACED, "replaced")],
)
def test_a_review_says_what_became_of_a_decision(at: Callable[[str], Path], standing: str, says: str) -> None:
    before, after = loaded(at(TAKEN)), loaded(at(standing))
    assert f"26/00041 is now {says}; it was taken." in list(recorded.recorded(before, after))


def test_the_downloads_say_what_became_of_a_decision_and_what_it_did_not_set(at: Callable[[str], Path]) -> None:
    rows = {one[0]: one for one in trust_pages.decision_rows(loaded(at(REPLACED)))}
    assert rows["26/00041"][2:] == ["replaced", "2026-11-03", "", "", "2027-04-01", "26/00042"]
    assert rows["before-24/00120"][2:] == ["replaced", "", "", "", "2025-04-01", "24/00120"]
    recorded = {(one[5], one[0]) for one in trust_pages.value_rows(loaded(ROOT)) if one[-1] == "yes"}
    assert ("24/00026", "communities") in recorded
    assert ("24/00120", "lower_support_limit") not in recorded


def test_the_page_of_a_decision_tells_what_it_set_from_what_is_only_recorded_with_it() -> None:
    """24/00026 set no number, so nothing stands under the values that it sets."""
    made = pages(ROOT)
    locality = made["policy/decisions/24-00026.md"]
    assert "## The values that it sets" not in locality
    assert "## Values recorded with it" in locality
    reform = made["policy/decisions/24-00120.md"]
    sets, _, recorded = reform.partition("## Values recorded with it")
    assert "above which further moderation was proposed" in recorded.partition("\n## ")[0]
    assert "above which further moderation was proposed" not in sets
