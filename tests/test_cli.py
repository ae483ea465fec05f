"""The command line: exit statuses, what goes where, what it looks like, and what it remembers."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import pwd
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_group

import moves
import senpolicy_board.commands
from copies import append, copied
from golden_files import ROOT, loaded
from running import senpolicy
from senpolicy import cli
from senpolicy.checking import exhaustive, opening
from senpolicy.deciding.decide import Decider
from senpolicy.files.problems import Place, Problem

EXAMPLES = ROOT / "tests/cases/every-route.yaml"
CASE = "case_ref: K-1\ndecision_date: 2025-10-01\nage: 10\nsetting: special\n"
COMMAND = [sys.executable, "-c", "from senpolicy.cli import program; program()"]


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are run in the top folder of the repository, as `make` runs them."""
    monkeypatch.chdir(ROOT)


def written(folder: Path, text: str, name: str = "cases.yaml") -> str:
    """Return the name of a file after writing it."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def run(arguments: Sequence[str], **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, its output piped."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, check=False, env=os.environ | environment, timeout=120
    )


# Exit statuses.


def test_a_run_ends_with_its_code_once_everything_that_was_to_be_done_at_its_end_is_done() -> None:
    """A process that ends at once must lose neither what was printed, nor a last act of a library, nor a fault."""
    code = "import atexit, senpolicy.cli as c\nc.main = lambda: {}\nc.program()"

    def ended(main: str) -> tuple[int, str, str]:
        done = subprocess.run([sys.executable, "-c", code.format(main)], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert ended("(atexit.register(print, 'last'), print('first', end=' '))") == (0, "first last\n", "")
    assert ended("(atexit.register(print, 'last'), exit(2))") == (2, "last\n", "")
    status, _, err = ended("1 / 0")
    assert status == 1
    assert "ZeroDivisionError" in err


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (CASE, 0),
        ("case_ref: K-1\ndecision_date: 2025-10-01\n", 0),
        (CASE + "year_group: 9\n", 0),
        (CASE + "community_start: '2025-04-01'\ncommunity_protection: kept\n", 0),
        (CASE + "plan: perhaps\n", 1),
        (f"- {json.dumps({'case_ref': 'K-1', 'decision_date': '2025-10-01'})}\n- 7\n", 1),
        ("", 1),
        (CASE + "plan: &a ehcp\n", 1),
        (CASE + "plan: [\n", 1),
    ],
)
def test_an_undetermined_answer_and_a_warning_are_fine_and_a_refused_case_is_not(
    text: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Contract: 0 fine (undetermined and a warning are fine), 1 the policy or the cases have problems."""
    assert senpolicy(capsys, "decide", written(tmp_path, text))[0] == status


def test_the_examples_are_decided(capsys: pytest.CaptureFixture[str]) -> None:
    """`make decide` shows them."""
    status, out, err = senpolicy(capsys, "decide", str(EXAMPLES))
    assert status == 0
    assert "EX-01" in out
    assert "12 cases: 12 decided" in err


def test_a_file_that_is_not_there_is_a_problem_of_the_cases(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1, and nothing on standard output."""
    status, out, err = senpolicy(capsys, "decide", "nowhere.yaml")
    assert (status, out) == (1, "")
    assert "nowhere.yaml: This file is not there." in err
    assert "1 problem." in err


def proposed() -> str:
    """Return a decision that is only proposed."""
    corpus = loaded(ROOT)
    return next(number for number in corpus.order if corpus.decisions[number].status == "proposed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["decide", str(EXAMPLES), "--as-of", "24/99999"], "'24/00120'"),
        (["decide", str(EXAMPLES), "--as-of", "24-00120"], "'24/00120'"),
        (["decide", str(EXAMPLES), "--as-of", "PROPOSED"], "--include-proposed"),
        (["decide", str(EXAMPLES), "--readings", "A9-unknown"], "all, none, or one of"),
        (["decide", str(EXAMPLES), "--scenario", "unknown"], "scenario"),
        (["decide", str(EXAMPLES), "--root", "tests"], "policy/, rules/ and descriptors/"),
        (["decide", str(EXAMPLES), "--root", "nowhere"], "policy/, rules/ and descriptors/"),
        (["check", "--root", "nowhere"], "policy/, rules/ and descriptors/"),
        (["decide", str(EXAMPLES), "--unknown"], "No such option"),
        (["decide", str(EXAMPLES), "--as-of"], "requires an argument"),
        (["decide", str(EXAMPLES), "another.yaml"], "unexpected extra argument"),
        (["decide"], "Missing argument"),
        (["decides", str(EXAMPLES)], "No such command"),
    ],
)
def test_wrong_use_is_status_2_and_says_what_there_is(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Contract: 2 wrong use; the message names what can be used."""
    status, out, err = senpolicy(capsys, *(proposed() if one == "PROPOSED" else one for one in arguments))
    assert (status, out) == (2, "")
    assert said.lower() in re.sub(r"\s+", " ", err).lower()


def test_a_proposed_decision_is_seen_when_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """The other side of the refusal."""
    status, out, _ = senpolicy(capsys, "decide", str(EXAMPLES), "--as-of", proposed(), "--include-proposed")
    assert status == 0
    assert f"policy as of {proposed()}" in out


@pytest.mark.parametrize("command", ["check", "decide"])
def test_each_command_says_what_it_does(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` is fine, and names the options of the contract."""
    status, out, _ = senpolicy(capsys, command, "--help")
    assert status == 0
    assert {"--json", "--root"} <= set(re.findall(r"--[a-z-]+", out))


def test_no_command_at_all_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """And decides nothing."""
    _, out, err = senpolicy(capsys)
    assert "decide" in out + err
    assert "check" in out + err


# What goes where.


@pytest.mark.parametrize(
    ("text", "decided"),
    [(CASE, [True]), (CASE + "plan: perhaps\n", [False]), ("", []), (CASE + "plan: [\n", []),
     ("- {case_ref: K-1, decision_date: 2025-10-01}\n- 7\n- {case_ref: K-2, decision_date: 2025-10-01}\n",
      [True, False, True])],
)  # fmt: skip
def test_json_is_one_list_on_standard_output_and_nothing_else(
    text: str, decided: list[bool], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Contract: one JSON list; the problems of a case stand in its place, messages on standard error."""
    status, out, err = senpolicy(capsys, "decide", written(tmp_path, text), "--json")
    data = json.loads(out)
    assert isinstance(data, list)
    assert ["answers" in one for one in data] == decided
    for one in data:
        assert set(one) == {"case_ref", "problems"} or {"case_ref", "decision_date", "policy", "answers"} <= set(one)
    assert err
    assert status == (0 if decided and all(decided) else 1)


def test_json_holds_no_float(capsys: pytest.CaptureFixture[str]) -> None:
    """Contract: money is a string with two decimals, a share a string."""

    def no_float(text: str) -> None:
        raise AssertionError(text)

    _, out, _ = senpolicy(capsys, "decide", str(EXAMPLES), "--json", "--all")
    json.loads(out, parse_float=no_float)


def test_warnings_go_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In both forms; they change nothing in the result."""
    warned = written(tmp_path, CASE + "year_group: 9\n")
    for form in ([], ["--json"]):
        _, out, err = senpolicy(capsys, "decide", warned, *form)
        assert "age-and-year-apart" not in out
        assert "warning: case 1, year_group: " in err


def test_a_warning_that_rests_on_an_answer_goes_to_standard_error_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Contract: a proposal off the Community's route is a warning; that is known once the route is decided."""
    status, _, err = senpolicy(capsys, "decide", written(tmp_path, CASE + "proposed_allocation: 7000\n"))
    assert "warning: case 1, proposed_allocation: " in err
    assert status == 0


@pytest.mark.parametrize("command", ["decide", "explain", "timeline"])
def test_every_command_for_single_cases_tells_their_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """An age three years from its year group's is warned of, whatever is asked of the case."""
    case = re.sub(r"age: .*", "age: 9\nyear_group: 1", CASE)
    status, _, err = senpolicy(capsys, command, written(tmp_path, case))
    assert "warning: case 1, " in err
    assert status == 0


def test_the_problems_of_a_refused_case_stand_where_its_answers_would(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In text they are part of the result, with row and field."""
    _, out, err = senpolicy(capsys, "decide", written(tmp_path, CASE + "plan: perhaps\n"))
    assert "K-1: not decided" in out
    assert "case 1, plan: This is not one of the values of this field. [not-choice]" in out
    assert "1 case: 0 decided" in err


#: `test_cases` tries every kind at every place; here it is what the commands print.
SECRETS = ["Anneliese Quackenbush", "H801200001001", "12/03/2016"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "text",
    [
        "{case}plan: '{secret}'\n",
        "{case}'{secret}': 1\n",
        "case_ref: '{secret}'\ndecision_date: 2025-10-01\n",
        "{case}plan: ['{secret}']\n",
        "{case}'{secret}': 1\n'{secret}': 2\n",
        "{case}plan: '{secret}\n",
        "{case}{secret}: {secret}: x\n",
        "{case}plan: &x '{secret}'\n",
        '[{{"case_ref": "K-1", "plan": "{secret}"}}, {{"{secret}": 1 "x": 2}}]',
    ],
)
def test_nothing_that_is_printed_repeats_what_identifies_a_child(
    text: str, secret: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard output and on standard error, as text and as JSON."""
    file = written(tmp_path, text.format(case=CASE, secret=secret))
    for form in ("--json", "--all"):
        status, out, err = senpolicy(capsys, "decide", file, form)
        assert status == 1
        for part in (secret, *(word for word in secret.split() if len(word) > 3)):
            assert part.lower() not in (out + err).lower()


# What it looks like.


ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.mark.parametrize(
    "arguments",
    [
        ["decide", str(EXAMPLES), "--all"],
        ["decide", "nowhere.yaml"],
        ["check"],
        ["decide", "--unknown"],
        ["decide", "--help"],
    ],
)
def test_what_is_piped_is_plain(arguments: list[str]) -> None:
    """No escape code reaches a file, also where a variable asks for colours on a terminal."""
    done = run(arguments, TERM="xterm-256color", FORCE_COLOR="1", CLICOLOR_FORCE="1", COLUMNS="40")
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


def on_a_terminal(arguments: Sequence[str], columns: int) -> str:
    """Return what a command prints on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = os.environ | {"TERM": "xterm-256color"}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        environment.pop(name, None)
    with subprocess.Popen([*COMMAND, *arguments], stdout=theirs, stderr=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        printed = b""
        while chunk := read(ours):
            printed += chunk
        assert process.wait(120) == 0
    os.close(ours)
    return printed.decode().replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    """Return what has been printed meanwhile, nothing at the end."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_on_a_terminal_answers_are_coloured_and_lines_wrap_below_their_own_start() -> None:
    """The answer first, then why; no line is left to the terminal to break."""
    printed = on_a_terminal(["decide", str(EXAMPLES)], 60)
    assert "\x1b[1mEX-01" in printed
    assert "\x1b[32m" in printed
    lines = ESCAPE.sub("", printed).splitlines()
    assert max(len(line) for line in lines) <= 60
    assert "    The pupil is in one of the settings for which the four" in lines
    assert "      systems pay. (before-24/00120, report 3.7)" in lines


def test_on_a_terminal_the_words_are_those_of_the_pipe() -> None:
    """Wrapping and colours change no word."""
    shown = ESCAPE.sub("", on_a_terminal(["decide", str(EXAMPLES)], 70))
    piped = run(["decide", str(EXAMPLES)]).stdout.decode()
    assert shown.split() == piped.split()


def test_a_reader_that_leaves_early_gets_no_traceback(tmp_path: Path) -> None:
    """As in `senpolicy decide cases.yaml | head -1`."""
    rows = "".join(f"- {{case_ref: K-{number}, decision_date: 2025-10-01}}\n" for number in range(300))
    arguments = [*COMMAND, "decide", written(tmp_path, rows), "--all"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(b"K-0, decided for")
        process.stdout.close()
        err = process.stderr.read()
        process.wait(120)
    assert err == b""


@pytest.mark.parametrize("form", ["--json", "--all"])
def test_the_same_cases_and_policy_give_the_same_bytes(form: str) -> None:
    """Whatever the seed of the hashes, the language of the machine and the folder of the command."""
    arguments = ["decide", str(EXAMPLES), form, "--root", str(ROOT)]
    first = run(arguments, PYTHONHASHSEED="1", PYTHONIOENCODING="utf-8")
    other = run(
        arguments, PYTHONHASHSEED="2", PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0"
    )
    assert (first.returncode, other.returncode) == (0, 0), other.stderr
    assert "£".encode() in first.stdout or form == "--json"
    assert first.stdout == other.stdout
    assert first.stderr == other.stderr


def test_a_message_can_be_printed_in_any_language_of_the_machine(tmp_path: Path) -> None:
    """A file name may hold letters that the machine's encoding does not."""
    (tmp_path / "Fälle £.yaml").write_text("a: b: c", encoding="utf-8")
    done = run(["decide", str(tmp_path / "Fälle £.yaml")], PYTHONIOENCODING="ascii", LC_ALL="C.UTF-8")
    assert done.returncode == 1
    assert "Fälle £.yaml:1:5: " in done.stderr.decode()


# Where the policy is.


def test_the_policy_is_found_from_a_folder_below_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As git finds its repository."""
    monkeypatch.chdir(ROOT / "tests/cases")
    assert senpolicy(capsys, "decide", "every-route.yaml")[0] == 0


def test_an_installed_package_finds_the_policy_that_it_carries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wheel carries the policy that it was built with; there is no checkout around it."""
    (tmp_path / "senpolicy" / "data").mkdir(parents=True)
    copied(tmp_path / "senpolicy" / "data")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(cli.shared, "__file__", str(tmp_path / "senpolicy" / "cli" / "shared.py"))
    assert senpolicy(capsys, "decide", str(EXAMPLES))[0] == 0


def test_another_policy_is_named_with_root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its digest tells it from the one of the checkout."""
    moves.set_value(copied(tmp_path), "lower_support_limit", "6000.01")
    digests = []
    for root in (ROOT, tmp_path):
        _, out, _ = senpolicy(capsys, "decide", str(EXAMPLES), "--json", "--root", str(root))
        digests.append({one["policy"]["digest"] for one in json.loads(out)})
    assert len(digests[0] | digests[1]) == 2


def test_a_folder_that_is_gone_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder of the command was removed by another."""

    def gone() -> Path:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "cwd", gone)
    status, _, err = senpolicy(capsys, "check")
    assert status == 2
    assert "--root" in err


# Which modules hold the commands.


@pytest.mark.parametrize("of", [cli.shared, senpolicy_board.commands], ids=["senpolicy", "board"])
def test_the_help_says_of_each_command_what_its_own_help_says(of: Any) -> None:
    """The list of commands is shown without reading them."""
    cli.every_command()
    app, package = (of.app, "senpolicy.cli") if of is cli.shared else (of.board, "senpolicy_board.commands")
    commands: Any = get_group(app).commands
    assert [name for name in commands if name != "board"] == list(of.COMMANDS)
    for name, (module, says) in of.COMMANDS.items():
        command = commands[name]
        assert " ".join(command.help.split("\n\n")[0].split()) == says
        one = command if name != "new" else command.commands["case"]
        assert one.callback.__module__ == f"{package}.{module}"


def test_a_command_is_found_and_a_slip_in_its_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = senpolicy(capsys, "boards")
    assert (status, "Did you mean 'board'?" in err) == (2, True)
    assert "Check the whole corpus" in senpolicy(capsys, "check", "--help")[1]


# What it remembers.


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """Every check of every kind of case, as it is made; it finds nothing, and the cache is empty at first."""
    made: list[Any] = []

    def faults(policy: Any, progress: Any = None) -> list[Problem]:
        made.append(policy)
        return []

    monkeypatch.setattr(exhaustive, "faults", faults)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return made


def test_a_check_that_passed_is_not_made_again_until_the_policy_changes(
    walks: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue: it runs whenever the corpus has changed, and its pass is remembered by digest."""
    (tmp_path / "policy-of-its-own").mkdir()
    root = copied(tmp_path / "policy-of-its-own")
    arguments = ["decide", str(EXAMPLES), "--root", str(root)]
    made = []
    for _ in range(2):
        assert senpolicy(capsys, *arguments)[0] == 0
        made.append(len(walks))
    for file in ("rules/route.yaml", "policy/readings.yaml", "descriptors/continuum-draft-2025-06/edition.yaml"):
        with (root / file).open("a", encoding="utf-8") as changed:
            changed.write("# Another byte.\n")
        for _ in range(2):
            assert senpolicy(capsys, *arguments)[0] == 0
            made.append(len(walks))
    assert made == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_pass_counts_for_its_decisions_and_readings_and_scenario_alone(
    walks: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Another policy may fail where this one passes."""
    pins = [[], ["--as-of", "24/00026"], ["--readings", "none"], ["--include-proposed"], ["--scenario", "illustrative"]]
    for number, pinned in enumerate(pins, 1):
        for _ in range(2):
            senpolicy(capsys, "decide", str(EXAMPLES), *pinned)
            assert len(walks) == number


def test_a_pass_counts_for_the_engine_that_made_it_alone(
    walks: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A change of the engine may break what passed before."""
    (tmp_path / "engine.py").write_text("one\n", encoding="utf-8")
    monkeypatch.setattr(opening, "__file__", str(tmp_path / "checking" / "opening.py"))
    for text, made in (("one\n", 1), ("one\n", 1), ("other\n", 2)):
        (tmp_path / "engine.py").write_text(text, encoding="utf-8")
        senpolicy(capsys, "decide", str(EXAMPLES), "--root", str(ROOT))
        assert len(walks) == made


def test_a_check_that_failed_is_never_remembered_and_nothing_is_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fail closed, each time."""
    fault = Problem(Place("rules/route.yaml", 9, 3), "evaluators-differ", "The two evaluators differ.", "Report it.")
    monkeypatch.setattr(exhaustive, "faults", lambda policy, progress=None: [fault])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for _ in range(2):
        for command in (["decide", str(EXAMPLES)], ["check"]):
            status, out, err = senpolicy(capsys, *command)
            assert (status, out) == (1, "")
            assert "rules/route.yaml:9:3: The two evaluators differ. [evaluators-differ]" in err


#: Decides without trying every kind of case, which takes long, and says whether the check of files was read.
LOOKING = """
import sys
from types import SimpleNamespace
from senpolicy.cli import main
sys.modules["senpolicy.checking.exhaustive"] = SimpleNamespace(faults=lambda policy, progress=None: [])
try:
    main()
finally:
    print("senpolicy.checking.corpus" in sys.modules)
"""


def checks_files(root: Path, *arguments: str) -> bool:
    """Whether a decision reads the check of files, in a process of its own."""
    words = [sys.executable, "-c", LOOKING, "decide", str(EXAMPLES), "--root", str(root), *arguments]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert "12 cases: " in ran.stderr, ran.stderr
    return ran.stdout.splitlines()[-1] == "True"


@pytest.mark.slow
def test_files_that_were_sound_are_not_checked_again_until_a_byte_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "policy-of-its-own").mkdir()
    root = copied(tmp_path / "policy-of-its-own")
    assert [checks_files(root) for _ in range(2)] == [True, False]
    for file in ("rules/route.yaml", "policy/readings.yaml"):
        append(root, file, "# Another byte.\n")
        assert checks_files(root)
        assert not checks_files(root)
    given = tmp_path / "given.yaml"
    text = (root / "policy/scenarios/illustrative.yaml").read_text(encoding="utf-8")
    given.write_text(text.replace("scenario: illustrative", "scenario: other"), encoding="utf-8")
    assert [checks_files(root, "--scenario", str(given)) for _ in range(2)] == [True, False]
    append(tmp_path, "given.yaml", "# Another byte.\n")
    assert checks_files(root, "--scenario", str(given))


def test_files_with_a_fault_are_refused_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fail closed, after a pass of the files as they were too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "policy-of-its-own").mkdir()
    root = copied(tmp_path / "policy-of-its-own")
    assert checks_files(root)
    before = (root / "rules/route.yaml").read_text(encoding="utf-8")
    (root / "rules/route.yaml").write_text(before.replace("fact: setting", "fact: settting", 1), encoding="utf-8")
    for _ in range(2):
        status, out, err = senpolicy(capsys, "decide", str(EXAMPLES), "--root", str(root))
        assert (status, out) == (1, "")
        assert "'settting' is not a fact" in err
    (root / "rules/route.yaml").write_text(before, encoding="utf-8")
    assert not checks_files(root)


def no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is a file."""
    (tmp_path / "cache").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def not_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache may be read and not written, also where the tests run as a user who may write everything."""

    def refuse(self: Path, *args: Any, **others: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(Path, "touch", refuse)


def not_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One may not even look whether something stands there."""
    looked = Path.exists

    def refuse(self: Path, *args: Any, **others: Any) -> bool:
        if "senpolicy" in self.parts and "agreed" in self.parts:
            raise PermissionError(13, "Permission denied", str(self))
        return looked(self, *args, **others)

    monkeypatch.setattr(Path, "exists", refuse)
    not_writable(tmp_path, monkeypatch)


def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom the system does not know, as in some containers."""

    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


@pytest.mark.parametrize("spoilt", [no_folder, not_writable, not_readable, no_home])
def test_without_a_place_to_remember_the_check_is_made_each_time(
    spoilt: Any, walks: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cache is a convenience: nothing fails without it."""
    spoilt(tmp_path, monkeypatch)
    for made in (1, 2):
        assert senpolicy(capsys, "decide", str(EXAMPLES))[0] == 0
        assert len(walks) == made


def test_a_cache_is_never_made_below_the_folder_of_the_command(
    walks: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the XDG standard a relative path counts as none; it would leave a folder wherever a command is run."""
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(home))
    for _ in range(2):
        assert senpolicy(capsys, "decide", str(EXAMPLES), "--root", str(ROOT))[0] == 0
    assert (len(walks), list(here.iterdir()), home.is_dir()) == (1, [], True)


def test_a_command_that_is_interrupted_leaves_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control and C."""

    def interrupted(self: Decider, *args: Any, **others: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Decider, "decide_all", interrupted)
    status, out, err = senpolicy(capsys, "decide", str(EXAMPLES))
    assert status != 0
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.parametrize("option", ["--root", "--scenario"])
def test_a_name_that_no_file_can_have_is_said_without_a_traceback(
    capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """What the machine refuses of a file is said with its name."""
    status, out, err = senpolicy(capsys, "decide", str(EXAMPLES), option, "long" * 100)
    assert (status, out) == (1, "")
    assert "cannot be used" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["--json"], ["--all"]])
def test_a_full_disk_behind_the_screen_is_said_without_a_traceback(tmp_path: Path, arguments: list[str]) -> None:
    """Results sent into a file on a full disk: a sentence and exit status 1, however short they are."""
    (tmp_path / "case.yaml").write_text("case_ref: K-1\ndecision_date: 2025-10-01\n")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "decide", str(tmp_path / "case.yaml"), *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.endswith("The disk is full; what was printed is not whole. Make room, or print elsewhere.\n")
    assert "Traceback" not in done.stderr
