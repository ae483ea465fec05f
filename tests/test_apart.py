"""Two decisions in two pull requests do not meet where they need not: real merges by git, and the check of the result.

The forge's merge heeds no merge driver of .gitattributes, so what two may add is in files of its own.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from copies import git, replace, toy, write
from running import senpolicy
from senpolicy.checking import lock
from senpolicy.checking.corpus import check
from senpolicy.policy import corpus as corpora
from senpolicy.writing import locking


def record(folder: Path, number: str, day: str, value: str = "4.00", *, sets: str = "extra_fine") -> None:
    """Record a decision as an officer does by hand: what its folder holds, its paper among it, and a change note."""
    source = f'{{document: paper-{number}, paragraph: "1"}}'
    taken = f"status: taken\ntaken: {{day: {day}}}" if day else "status: proposed"
    write(
        folder,
        f"policy/{number}/decision.yaml",
        f"number: {number}\ntitle: Made up\n{taken}\ndecides:\n  - id: fine\n    says: Sets a made-up fine.\n"
        f"    source: {source}\ndocuments: [paper-{number}]\n",
    )
    write(folder, f"policy/{number}/documents.yaml",
          f"documents:\n  paper-{number}:\n    title: Made up\n    publisher: Nobody\n")  # fmt: skip
    write(folder, f"policy/{number}/parameters.yaml",
          f"parameters:\n  {sets}:\n    label: A fine, made up\n    unit: pounds\n    value: {value}\n"
          f"    from: 2028-01-01\n    source: {source}\n")  # fmt: skip
    write(folder, f"changelog.d/{number}.decisions.md", "Made up. Dates affected: from 1 January 2028.\n")


def errors(folder: Path) -> list[str]:
    corpus = corpora.load(folder)
    return [str(one) for one in [*check(corpus), *lock.check(corpus)] if not one.warning]


def test_two_branches_that_each_record_a_decision_merge_without_a_conflict(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With values, papers, locks and notes; the order follows from the days, whichever is merged first."""
    folder = toy(tmp_path)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "base")
    for number, day in (("fines-2028", "2027-11-02"), ("fines-2029", "2027-10-01")):
        git(folder, "switch", "-q", "-c", number, "main")
        record(folder, number, day, sets=f"extra_{number[-4:]}")
        assert senpolicy(capsys, "lock", "--root", str(folder))[0] == 0
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", number)
    git(folder, "switch", "-q", "main")
    # As a forge merges, which reads no attributes.
    git(folder, "merge", "-q", "--no-ff", "fines-2028")
    git(folder, "merge", "-q", "--no-ff", "fines-2029")
    assert errors(folder) == []
    assert senpolicy(capsys, "lock", "--check", "--root", str(folder))[0] == 0
    assert corpora.load(folder).order == ("fines-2024", "fines-2026", "fines-2029", "fines-2028")
    changed = subprocess.run(["git", "-C", str(folder), "diff", "--name-only", "main~2", "main"], check=True,
                             capture_output=True, text=True).stdout.split()  # fmt: skip
    assert [one for one in changed if "fines-202" not in one] == [], "a file that both would have to change"


def test_two_decisions_of_one_day_that_set_one_value_are_to_be_listed(tmp_path: Path) -> None:
    """Their merge is clean, and what it says would be a guess: it is refused until somebody says which was first."""
    folder = toy(tmp_path)
    record(folder, "fines-2028", "2027-11-02")
    record(folder, "fines-2029", "2027-11-02", "5.00")
    (said,) = errors(folder)
    assert said.startswith("policy/fines-2029/decision.yaml:4:14: 'fines-2028' and 'fines-2029' were taken on one day")
    assert "value of 'extra_fine'" in said
    replace(folder, "policy/decisions.yaml", r"fines-2026\]", "fines-2026, fines-2029, fines-2028]")
    assert errors(folder) == []
    assert corpora.load(folder).parameters["extra_fine"][-1][0] == "fines-2028"


@pytest.mark.parametrize(
    ("day", "place"),
    [("2027-11-02", 2), ("", 2), ("2020-01-01", None)],
    ids=["taken after all that are listed", "proposed", "taken before one that is listed"],
)
def test_a_decision_is_placed_by_its_day_or_is_to_be_listed(tmp_path: Path, day: str, place: int | None) -> None:
    """A day before the last that is listed leaves its place to be said: others of the list may have no day."""
    folder = toy(tmp_path)
    record(folder, "fines-2028", day)
    order = corpora.load(folder).order
    if place is None:
        assert "fines-2028" not in order
        assert any("its day does not say where it belongs" in one for one in errors(folder))
    else:
        assert order.index("fines-2028") == place


def test_a_paper_of_a_decisions_own_is_one_of_the_policy_and_has_an_id_of_its_own(tmp_path: Path) -> None:
    folder = toy(tmp_path)
    record(folder, "fines-2028", "2027-11-02")
    known = corpora.load(folder).documents
    assert known["paper-fines-2028"].publisher == "Nobody"
    replace(folder, "policy/fines-2028/documents.yaml", "paper-fines-2028", next(iter(known)))
    with pytest.raises(Exception, match=r"is a document of policy/documents\.yaml already"):
        corpora.load(folder)


def test_locks_in_one_file_are_read_and_given_to_each_decision(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A base of before has them so: the review holds the new ones against them, and a correction stays locked."""
    folder = toy(tmp_path)
    write(folder, "policy/fines-2026/corrections.yaml",
          "corrections:\n  - {id: one, mends: standing, says: x, because: x, corrected_on: 2026-11-27, by: The committee, "
          "from: 2026-01-01}\n")  # fmt: skip
    senpolicy(capsys, "lock", "--root", str(folder))
    before = lock.locks_of(corpora.load(folder))
    text = ["locked:"]
    for number, one in before.items():
        text += [f"  {number}:", *(f'    {name}: "{digest}"' for name, digest in one.digests.items())]
        (folder / "policy" / number / "lock.yaml").unlink()
    write(folder, "policy/lock.yaml", "\n".join([*text, "corrections:", "  fines-2026: [one]", ""]))
    earlier = corpora.load(folder)
    assert errors(folder) == []
    assert {number: one.digests for number, one in lock.locks_of(earlier).items()} == {
        number: one.digests for number, one in before.items()
    }
    assert len(locking.texts(earlier)) == len(before) == 2
    assert senpolicy(capsys, "lock", "--root", str(folder))[0] == 0
    assert not (folder / "policy/lock.yaml").exists()
    assert lock.locks_of(corpora.load(folder)) == before
