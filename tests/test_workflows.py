"""The workflows of .github, as far as they can be tried without a forge: each step by bash, in a clone, with real git.

What commits is tried against what a branch's own code could hand to it; what tells is tried on an officer's mistakes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from copies import append, git, replace, toy, write
from forge import FOLDER, POLICY, TIDY, Forge, Ran, read, said, step
from golden_files import ROOT


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path, toy(tmp_path))


def a_decision(folder: Path) -> None:
    """Record a decision by hand, its keys in no order, and without a lock."""
    source = '{document: paper, paragraph: "1"}'
    write(folder, "policy/fines-2028/decision.yaml",
          f"title: Made up\nnumber: fines-2028\ndocuments: [paper]\nstatus: taken\ntaken: {{day: 2026-07-06}}\n"
          f"decides:\n  - id: fine\n    says: Sets a made-up fine.\n    source: {source}\n")  # fmt: skip
    write(folder, "policy/fines-2028/documents.yaml",
          "documents:\n  paper:\n    title: Made up\n    publisher: Nobody\n")  # fmt: skip
    write(folder, "policy/fines-2028/parameters.yaml",
          f"parameters:\n  extra_fine:\n    unit: pounds\n    label: A fine, made up\n    value: 4.00\n"
          f"    source: {source}\n")  # fmt: skip


@pytest.mark.slow
def test_what_is_out_of_order_and_not_locked_is_committed_to_the_branch(forge: Forge) -> None:
    """Nobody needs a terminal for it; the checks are then started for the new commit, and a second run has no work."""
    a_decision(forge.officer)
    forge.push("a-decision")
    before = said(forge.remote, "rev-parse", "a-decision")
    forge.look("a-decision")
    job, ran = forge.take("a-decision")
    assert (ran.status, ran.outputs) == (0, "taken=true\n"), ran.said
    assert forge.send(job, "a-decision").status == 0
    assert said(forge.remote, "rev-parse", "a-decision^") == before
    changed = said(forge.remote, "diff", "--name-status", "a-decision^", "a-decision").split()
    assert changed == ["M", "policy/fines-2028/decision.yaml", "A", "policy/fines-2028/lock.yaml",
                       "M", "policy/fines-2028/parameters.yaml"]  # fmt: skip
    calls = (forge.aside / "calls").read_text().splitlines()
    assert calls == ["auth setup-git", "workflow run policy.yml --repo us/policy --ref a-decision"]
    after = forge.clone("a-decision", "after")
    for words in (["fmt", "--check"], ["lock", "--check"], ["check"]):
        assert (
            subprocess.run([".venv/bin/senpolicy", *words], cwd=after, check=False, capture_output=True).returncode == 0
        )
    git(forge.officer, "pull", "-q", "--no-rebase", "origin", "a-decision")
    append(forge.officer, "policy/fines-2028/decision.yaml", "# Nothing else.\n")
    forge.push("a-decision-2")
    assert forge.look("a-decision-2").read_bytes() == b""
    assert "Nothing is to be tidied." in forge.take("a-decision-2", "second")[1].said


@pytest.mark.slow
def test_a_correction_is_added_to_the_lock_and_no_line_of_it_changes(forge: Forge) -> None:
    """A changed locked value without one is refused by the check, with the way to correct it."""
    file = "policy/fines-2026/parameters.yaml"
    replace(forge.officer, file, r"value: 2.50", "value: 2.00")
    forge.push("a-slip")
    assert forge.look("a-slip").read_bytes() == b""
    look = forge.folder / "look-a-slip"
    told = step(look, POLICY, "Check", forge.aside)
    assert told.status == 1
    assert f"::error file={file}," in told.said
    assert "title=locked" in told.said
    assert "to mend a mistake, say in policy/fines-2026/corrections.yaml" in told.said
    name = re.search(r"^  (\w+):\n(?:    .*\n)*?    value: 2\.00", (forge.officer / file).read_text(), re.M)
    assert name
    write(forge.officer, "policy/fines-2026/corrections.yaml",
          f"corrections:\n  - {{id: slip, mends: {name[1]}, says: It is £2., because: The byelaws say so., "
          "corrected_on: 2026-11-27, by: The committee, from: 2026-01-01}\n")  # fmt: skip
    forge.push("a-correction")
    forge.look("a-correction")
    job, ran = forge.take("a-correction")
    assert ran.outputs == "taken=true\n", ran.said
    assert said(job, "diff", "--cached", "--numstat").split("\t")[1] == "0", "lines are added alone"


#: What a branch's own code might put into its patch, and what is said of it.
MORE: list[tuple[Callable[[Path], object], str]] = [
    (lambda job: write(job, ".github/workflows/tidy.yml", "name: mine\n"), ".github/workflows/tidy.yml"),
    (lambda job: write(job, "engine/x.py", "x = 1\n"), "engine/x.py"),
    (lambda job: write(job, "policy/readings.yml", "x: 1\n"), "policy/readings.yml"),
    (lambda job: write(job, "policy/a b.yaml", "x: 1\n"), "policy/a b.yaml"),
    (lambda job: (job / "policy/link.yaml").symlink_to("/etc/passwd"), "policy/link.yaml"),
    (lambda job: (job / "policy/roles.yaml").chmod(0o755), "policy/roles.yaml"),
    (lambda job: (job / "policy/roles.yaml").unlink(), "policy/roles.yaml"),
    (lambda job: (job / "policy/roles.yaml").rename(job / "policy/roll.yaml"), "policy/roles.yaml"),
    (
        lambda job: replace(job, "policy/fines-2026/lock.yaml", r"  standing: .*", '  standing: "0"'),
        "A line of this",
    ),
    (lambda job: (job / "policy/fines-2026/lock.yaml").unlink(), "policy/fines-2026/lock.yaml"),
    (lambda job: write(job, "schemas/policy-lock.schema.json", "[]\n"), "schemas/policy-lock.schema.json"),
]


def test_a_patch_that_does_more_is_refused(forge: Forge) -> None:
    """The code of the branch made it: it may hold anything. What may write takes what it is for, and no more."""
    forge.push("mine")
    look, job = forge.clone("mine", "look"), forge.clone("mine", "job")
    for edit, names in MORE:
        edit(look)
        git(look, "add", "--intent-to-add", ".")
        (forge.aside / "tidy.patch").write_text(said(look, "diff", "--binary", "HEAD"))
        ran = step(job, TIDY, "Take the patch, or refuse it", forge.aside, MAIN="false",
                   PATCH=str(forge.aside / "tidy.patch"))  # fmt: skip
        assert (ran.status, ran.outputs) == (1, ""), names
        assert "::error" in ran.said
        assert names in ran.said
        for folder in (look, job):
            git(folder, "reset", "-q", "--hard")
            git(folder, "clean", "-qfd")


def test_a_branch_that_has_moved_on_is_left_as_it_is(forge: Forge) -> None:
    """Who pushed in the meantime has a run of their own."""
    a_decision(forge.officer)
    forge.push("a-decision")
    forge.look("a-decision")
    job, _ = forge.take("a-decision")
    append(forge.officer, "policy/fines-2028/decision.yaml", "# More.\n")
    forge.push("a-decision")
    newest = said(forge.remote, "rev-parse", "a-decision")
    ran = forge.send(job, "a-decision")
    assert (ran.status, "The branch has moved on" in ran.said) == (0, True)
    assert said(forge.remote, "rev-parse", "a-decision") == newest


def test_on_main_the_names_for_editors_go_to_a_pull_request_of_their_own(forge: Forge) -> None:
    """No commit of a program gets into main without a person, and no two pull requests change these files."""
    forge.look("main")
    job, ran = forge.take("main")
    assert ran.outputs == "taken=true\n", ran.said
    before = said(forge.remote, "rev-parse", "main")
    assert forge.send(job, "main").status == 0
    assert said(forge.remote, "rev-parse", "main") == before == said(forge.remote, "rev-parse", "editor-names^")
    assert {one.split("/")[0] for one in said(forge.remote, "diff", "--name-only", "main", "editor-names").split()} == {
        "schemas"
    }
    calls = (forge.aside / "calls").read_text()
    assert "pr create --repo us/policy --head editor-names --base main" in calls
    assert "workflow run policy.yml --repo us/policy --ref editor-names" in calls


def made(folder: Path, aside: Path) -> dict[str, Ran]:
    """Run the steps that tell what is wrong, each where its condition holds, as the forge would; by their names."""
    (steps,) = [
        job["steps"] for job in read(POLICY)["jobs"].values() if any(one.get("id") == "check" for one in job["steps"])
    ]
    found: dict[str, Ran] = {}
    for one in steps:
        if one.get("name") not in (
            "Check",
            "Files in order",
            "Golden cases",
            "Change notes say which dates they affect",
        ):
            continue
        condition = one.get("if", "")
        assert ("cancelled()" in condition) == (one["name"] != "Check"), "a step before it that fails ends none"
        if "steps.check.outcome" not in condition or found["Check"].status == 0:
            found[one["name"]] = step(folder, POLICY, one["name"], aside)
    return found


@pytest.mark.slow
def test_one_run_tells_all_that_is_wrong_each_on_its_line(forge: Forge) -> None:
    """Files, change notes and golden cases; nobody mends one thing to be told of the next."""
    a_decision(forge.officer)
    replace(forge.officer, "tests/golden/fines-2026/fines.yaml", r'to_pay: "2.40"', 'to_pay: "2.50"')
    write(forge.officer, "changelog.d/fines.decisions.md", "Made up.\n")
    write(forge.officer, "tools/changelog.py", (ROOT / "tools/changelog.py").read_text())
    forge.push("several")
    job = forge.clone("several", "policy")
    (job / ".venv/bin/python").symlink_to(sys.executable)
    ran = made(job, forge.aside)
    told = "".join(one.said for one in ran.values())
    assert {name: one.status for name, one in ran.items()} == {
        "Check": 0, "Files in order": 1, "Change notes say which dates they affect": 1, "Golden cases": 1
    }  # fmt: skip
    for part in (
        "::warning file=policy/fines-2028/decision.yaml,line=2,col=9,title=not-locked",
        "::error file=policy/fines-2028/decision.yaml,line=1,col=1,title=not-in-order",
        "::error file=policy/fines-2028/parameters.yaml,line=3,col=1,title=not-in-order",
        "::error file=changelog.d/fines.decisions.md,line=1,title=change-note::It does not say which dates",
        "::error file=tests/golden/fines-2026/fines.yaml,line=8,col=31,title=golden-differs",
        "::warning file=policy/fines-2028/decision.yaml,line=2,col=9,title=golden-lacks",
    ):
        assert part in told
    assert not re.search(r"Traceback|assert|Error\b", told), "no word of a program"
    summary = (forge.aside / "summary").read_text()
    assert [line for line in summary.splitlines() if line.startswith("## ")] == [
        "## Check of the policy", "## Files in order", "## Golden cases"
    ]  # fmt: skip


def test_no_workflow_lends_a_right_to_code_that_it_did_not_write() -> None:
    """Whoever opens a pull request can write what runs in it; so what runs it can only read, and has no secrets."""
    for path in sorted(FOLDER.iterdir()):
        text, workflow = path.read_text(encoding="utf-8"), read(path.name)
        assert workflow["permissions"] == {}
        assert not set(workflow["on"]) & {"pull_request_target", "workflow_run", "issue_comment"}
        assert "secrets." not in text
        for job in workflow["jobs"].values():
            runs = "\n".join(one.get("run", "") for one in job["steps"])
            writes = "write" in job["permissions"].values()
            assert not (writes and re.search(r"\.venv|\bmake\b|python|npm|\./|\.ci/", runs)), path.name
            # Text that others choose reaches a script as a variable, never as a part of it.
            assert "${{" not in runs
            for one in job["steps"]:
                assert "uses" not in one or re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", one["uses"])
                if one.get("uses", "").startswith("actions/checkout@"):
                    assert one["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize(("words", "first", "last"), [(["quick"], "test", "test"), ([], "test", "bare")])
def test_the_quick_part_runs_on_every_pull_request(tmp_path: Path, words: list[str], first: str, last: str) -> None:
    """The same script as on every machine; a program in the place of `make` notes what it is asked for."""
    program = tmp_path / "make"
    program.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\n')
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run([str(ROOT / ".ci/run"), *words], env=env, check=True)
    calls = (tmp_path / "calls").read_text().split()
    assert (calls[0], calls[-1]) == (first, last)
    assert "pull_request" in read(POLICY)["on"]
    assert ".ci/run quick" in [one.get("run") for one in read(POLICY)["jobs"]["quick"]["steps"]]
