"""What a machine needs is said alike wherever it is said: who follows one of the places must not fail at another."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

import senpolicy
import senpolicy_board
from golden_files import ROOT

SAID = "3.11, 3.12 or 3.13"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BOARD = tomllib.loads((ROOT / "engine" / "senpolicy_board" / "pyproject.toml").read_text())["project"]


def checked(version: tuple[int, int, int]) -> subprocess.CompletedProcess[str]:
    """What tools/check_python.py says to a Python that says it is of another version."""
    tool = ROOT / "tools" / "check_python.py"
    program = f"import sys, runpy; sys.version_info = {version}; runpy.run_path({str(tool)!r})"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", [(3, 11, 2), (3, 12, 0), (3, 13, 9)])
def test_a_python_that_will_do_is_not_refused(version: tuple[int, int, int]) -> None:
    """Debian 12 has 3.11.2, and Debian 13 has 3.13."""
    assert "will not do" not in checked(version).stderr
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["project"]["requires-python"]).groups()  # type: ignore[union-attr]
    assert int(low) <= version[1] < int(high)


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 14, 0)])
def test_another_python_is_refused_with_the_versions_that_will_do(version: tuple[int, int, int]) -> None:
    done = checked(version)
    assert done.returncode == 1
    assert f"will not do: {SAID} is needed.\n  help: Name another one" in done.stderr


@pytest.mark.parametrize("page", ["README.md", "docs/tutorials/first-case.md", "Makefile"])
def test_every_place_that_says_what_is_needed_names_the_same_versions(page: str) -> None:
    assert SAID in " ".join((ROOT / page).read_text(encoding="utf-8").split())


def test_the_tools_are_held_to_the_oldest_python() -> None:
    """So that style and types refuse what it does not have."""
    tools = PROJECT["tool"]
    assert (tools["ruff"]["target-version"], tools["mypy"]["python_version"]) == ("py311", "3.11")


def test_the_board_needs_what_is_pinned_for_it() -> None:
    """The dependencies of its package are those of requirements/board.in, beside senpolicy of the same version."""
    asked = (ROOT / "requirements" / "board.in").read_text(encoding="utf-8")
    wanted = [line.split("#")[0].strip() for line in asked.splitlines()]
    assert [line for line in wanted if line and not line.startswith("-")] == BOARD["dependencies"][1:]
    assert BOARD["dependencies"][0] == f"{PROJECT['project']['name']}=={senpolicy.__version__}"
    assert senpolicy_board.__version__ == senpolicy.__version__
    assert (ROOT / "engine/senpolicy_board/LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert BOARD["requires-python"] == PROJECT["project"]["requires-python"]
    assert PROJECT["project"]["optional-dependencies"]["board"] == [BOARD["name"]]


def without_the_board(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `senpolicy` says where no package adds anything to it."""
    program = "import importlib.metadata as m; m.entry_points = lambda **_: (); import senpolicy.cli as c; c.program()"
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["board"], "The board"),
        (["board", "add-account", "--database", "sqlite:///b.db", "chair", "chair"], "The board"),
        (["verify-record", "--trail", "trail.jsonl"], "A trail"),
    ],
)
def test_where_the_board_is_not_installed_its_commands_say_what_to_install(arguments: list[str], what: str) -> None:
    done = without_the_board(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"{what} needs more libraries. In a copy of the repository 'make .venv' installs them, elsewhere "
        "pip install 'sen-funding-policy[board]'.\n"
    )


def test_where_the_board_is_not_installed_the_help_still_names_it() -> None:
    done = without_the_board("--help")
    assert done.returncode == 0
    assert "Run the moderation board, which is not installed here." in done.stdout
    assert "verify-record" in done.stdout


def test_what_adds_commands_and_lacks_a_library_stops_no_other_command() -> None:
    """A board that was installed without its libraries, or whose folder is gone."""
    program = (
        "import importlib.metadata as m\n"
        "m.entry_points = lambda **_: [m.EntryPoint('board', 'not_there.commands:board', 'senpolicy.commands')]\n"
        "import senpolicy.cli as c\n"
        "c.program()"
    )
    done = subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "which is not installed here" in done.stdout
