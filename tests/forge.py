"""A forge to try the workflows of .github on: a repository with git, and their steps by bash, each as the forge runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from copies import git, write
from golden_files import ROOT

FOLDER = ROOT / ".github" / "workflows"
TIDY, POLICY = "tidy.yml", "policy.yml"


def read(name: str) -> Any:
    return yaml.load((FOLDER / name).read_text(encoding="utf-8"), yaml.BaseLoader)  # `on` is a word here.


def script(workflow: str, step: str) -> str:
    (found,) = [
        one["run"] for job in read(workflow)["jobs"].values() for one in job["steps"] if one.get("name") == step
    ]
    return str(found)


@dataclass(frozen=True)
class Ran:
    """What became of a step: its exit status, both streams together, and what it handed to later steps."""

    status: int
    said: str
    outputs: str


def step(folder: Path, workflow: str, name: str, aside: Path, **env: str) -> Ran:
    """Run a step as the forge does: bash, an error ends it; `aside` is the runner's folder for what is passing."""
    outputs, summary = aside / "outputs", aside / "summary"
    outputs.write_text("")
    given = {**os.environ, "RUNNER_TEMP": str(aside), "GITHUB_OUTPUT": str(outputs), "GITHUB_ACTIONS": "true",
             "GITHUB_STEP_SUMMARY": str(summary), "GH_TOKEN": "none", "GIT_CONFIG_GLOBAL": os.devnull,
             "PATH": f"{aside / 'bin'}:{os.environ['PATH']}", **env}  # fmt: skip
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script(workflow, name)], cwd=folder, env=given,
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
    return Ran(done.returncode, done.stdout, outputs.read_text())


def said(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout


class Forge:
    """A repository with a policy, and clones of it for an officer and for each job."""

    def __init__(self, folder: Path, policy: Path) -> None:
        self.folder = folder
        self.aside = folder / "aside"
        for name in ("hosted/us", "aside/bin"):
            (folder / name).mkdir(parents=True)
        gh = self.aside / "bin" / "gh"
        gh.write_text('#!/bin/sh\necho "$*" >> "$RUNNER_TEMP/calls"\n')
        gh.chmod(0o755)
        self.officer = policy
        write(self.officer, "schemas/policy-lock.schema.json", "{}\n")
        write(self.officer, ".gitignore", ".venv/\ntidy.patch\n")
        git(self.officer, "init", "-q", "-b", "main")
        self.commit("The policy")
        self.remote = folder / "hosted/us/policy"
        git(folder, "clone", "-q", "--bare", str(self.officer), str(self.remote))
        git(self.officer, "remote", "add", "origin", str(self.remote))
        git(self.officer, "fetch", "-q", "origin")

    def commit(self, message: str) -> None:
        git(self.officer, "add", "-A")
        git(self.officer, "commit", "-qm", message, "--allow-empty")

    def push(self, branch: str) -> None:
        """Put what the officer's folder holds on a branch, as an editor in the browser does."""
        git(self.officer, "switch", "-q", "-C", branch)
        self.commit("A change")
        git(self.officer, "push", "-qf", "origin", branch)

    def clone(self, branch: str, name: str) -> Path:
        made = self.folder / name
        git(self.folder, "clone", "-q", "--branch", branch, str(self.remote), str(made))
        program = made / ".venv/bin/senpolicy"
        program.parent.mkdir(parents=True)
        program.symlink_to(Path(sys.executable).with_name("senpolicy"))
        return made

    def look(self, branch: str) -> Path:
        """Run the job that looks; return its patch."""
        job = self.clone(branch, f"look-{branch}")
        assert step(job, TIDY, "Tidy", self.aside, MAIN=str(branch == "main").lower()).status == 0
        (self.aside / "tidy.patch").write_bytes((job / "tidy.patch").read_bytes())
        return self.aside / "tidy.patch"

    def take(self, branch: str, name: str = "job") -> tuple[Path, Ran]:
        job, main = self.clone(branch, name), str(branch == "main").lower()
        ran = step(job, TIDY, "Take the patch, or refuse it", self.aside, MAIN=main,
                   PATCH=str(self.aside / "tidy.patch"))  # fmt: skip
        return job, ran

    def send(self, job: Path, branch: str) -> Ran:
        return step(job, TIDY, "Commit and push", self.aside, MAIN=str(branch == "main").lower(), BRANCH=branch,
                    REPOSITORY="us/policy", SERVER=str(self.folder / "hosted"))  # fmt: skip
