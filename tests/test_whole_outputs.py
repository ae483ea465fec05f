"""All that a terminal shows of commands by the frozen policy (tests/frozen), and every option that there is.

What is right is held by the tests of each command; here no line, column or key may go missing or change unread.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from golden_files import FROZEN, ROOT
from senpolicy.cli import every_command, modelling
from test_toy_outputs import calm, shown, visible
from wording import Wording

GUIDE = ROOT / "docs" / "how-to"
COHORT = "illustrative-cohort.csv"
TARIFF = f"tariff illustrative-tariff.yaml --cohort {COHORT} --schools illustrative-schools.csv"
LEDGER = "ledger illustrative-communities.csv --year 1 --quantum 2500000 --claims {out}/claims.csv"
CLAIMS = """\
case_ref,decision_date,age,year_group,setting,plan,ehcp_issued_on,element3_rate,community_protection,community
""" + "".join(
    f"K-{number:02},2025-10-01,9,4,mainstream,ehcp,2024-05-01,{rate},{said},Illustrative Community {whose}\n"
    for number, (rate, said, whose) in enumerate(
        [(4000, "kept", 1), (5500.5, "kept", 1), (3000, "opted_out", 1), (9000, "", 2), (1200, "", 1), (800, "kept", 1),
         (2500, "kept", 1), (750, "kept", 1)], 1)
)  # fmt: skip
#: A pupil of fifteen, whose year of birth leaves days open; and a list as a school has it.
PUPIL = """\
case_ref: K-0015
decision_date: 2025-10-01
age: 15
year_group: 11
setting: mainstream
plan: ehcp
ehcp_issued_on: 2024-05-01
element3_rate: 4000
community_protection: kept
"""
LIST = """Adm No,Date of Birth,Year Group,SEN Status,Top-up,Shoe
40-1,05/11/2018,2,E,"£4,250.50",3
41-2,30/06/2019,Year 1,K - SEN Support,,4
42-,tbc,Mixed,,nil,5
"""
COMMANDS = {
    "tariff": TARIFF,
    "tariff-json": f"{TARIFF} --json",
    "tariff-report": f"{TARIFF} -o {{out}}/written.html",
    "options": f"options {COHORT} --scenarios option-a,model-1",
    "options-json": f"options {COHORT} --scenarios option-a,model-1 --json",
    "options-page": f"options {COHORT} --scenarios option-a,model-1 -o {{out}}/written.html",
    "options-table": f"options {COHORT} --scenarios option-a,model-1 -o {{out}}/written.csv",
    "ledger": LEDGER,
    "ledger-json": f"{LEDGER} --json",
    "ledger-report": f"{LEDGER} -o {{out}}/written.html",
    "budgets-weights": "budgets illustrative-communities.csv --year 1 --quantum 2500000 --scenario illustrative-weights.yaml",
    "timeline": "timeline {out}/pupil.yaml",
    "timeline-json": "timeline {out}/pupil.yaml --json",
    "decide-all": "decide {out}/pupil.yaml --all",
    "model": "model {out}/claims.csv",
    "model-json": "model {out}/claims.csv --json",
    "simulate": "simulate --pupils 60 --seed 1",
    "open-points": "open-points --cases {out}/pupil.yaml",
    "figures": "figures",
    "import": "import {out}/list.csv --on 2025-10-01 --as-at 2025-09-15 -o {out}/written.csv",
    "import-json": "import {out}/list.csv --on 2025-10-01 --as-at 2025-09-15 --json",
    "import-preview": "import {out}/list.csv --on 2025-10-01 --as-at 2025-09-15 --preview",
    "import-learn": "import {out}/list.csv --on 2025-10-01 --learn ours",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_all_of_this(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    snapshot: SnapshotAssertion,
) -> None:  # fmt: skip
    monkeypatch.chdir(GUIDE)
    for file, text in {"claims.csv": CLAIMS, "pupil.yaml": PUPIL, "list.csv": LIST}.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    monkeypatch.setattr(modelling, "today", lambda: date(2026, 12, 1))
    words = COMMANDS[name].format(out=tmp_path).split()
    said = shown(capsys, *words, "--root", str(FROZEN))
    for file in sorted(tmp_path.glob("written.*")):
        text = file.read_text(encoding="utf-8")
        said += calm(visible(text) if file.suffix == ".html" else text)
    assert said.replace(str(FROZEN), "frozen").replace(f"{tmp_path}/", "") == snapshot(extension_class=Wording)


def options_of(command: TyperCommand | TyperGroup, name: str) -> Iterator[str]:
    """Yield a line for a command and for each of its arguments and options: its kind, default and bounds."""
    hidden = " (hidden)" if command.hidden else ""
    yield f"{name}{hidden}: {' '.join((command.help or '').split())}"
    for one in command.params:
        words = vars(one) | vars(vars(one)["type_descriptor"].parameter_info) | vars(one)
        kind = getattr(vars(one)["type_descriptor"].annotation, "__name__", "?")
        more = [word for word in ("required", "multiple", "hidden", "exists", "show_default") if words.get(word)]
        bounds = [f"{word} {words[word]}" for word in ("min", "max", "default") if words.get(word) is not None]
        said = " ".join([kind, *more, *bounds])
        yield f"  {', '.join([*one.opts, *one.secondary_opts])}: {said}. {' '.join((words.get('help') or '').split())}"
    for below, inner in getattr(command, "commands", {}).items():
        yield from options_of(inner, f"{name} {below}")


def test_every_command_has_these_options(snapshot: SnapshotAssertion) -> None:
    """Names, kinds, bounds and defaults: what a script of somebody else may rest on."""
    said = "\n".join(options_of(get_group(every_command()), "senpolicy"))
    assert calm(said).replace(str(Path.cwd()), ".") + "\n" == snapshot(extension_class=Wording)
