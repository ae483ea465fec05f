"""What both sides read: golden, generated and example cases, written once by this tree, as files.

Made-up pupils all of them; those that are generated are called K-0001 and so on.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from same.trees import ROOT, Side, Stopped

SEED = 20261129
#: The policies under which generated cases are decided, by a word for each.
POLICIES: dict[str, tuple[str, ...]] = {
    "as-it-stands": (),
    "no-readings": ("--readings", "none"),
    "24-00120-no-readings": ("--as-of", "24/00120", "--readings", "none"),
    "24-00117": ("--as-of", "24/00117"),
    "scenario": ("--scenario", "illustrative"),
    "proposals": ("--include-proposed",),
}
#: So many cases go into one caseload.
MOST = 105_000
#: So many of the generated cases are explained, and have their timeline shown.
EXPLAINED = 60
#: Of a precedent's answers these say why, or follow from the others.
ASIDE = ("because", "did_not_hold", "cautions", "part_year")
#: Examples of the guides that are given to both sides, and a list as a school's own system writes it.
ILLUSTRATIVE = ("communities.csv", "cohort.csv", "schools.csv", "tariff.yaml")
LIST = """Adm No,Date of Birth,Year Group,SEN Status,Top-up
1,05/11/2018,2,E,"£4,250.50"
2,30/06/2019,Year 1,K - SEN Support,
"""


@dataclass(frozen=True)
class Cases:
    """A file of cases, by its name among the inputs, how many they are, and the options for the policy it is for."""

    file: str
    count: int
    policy: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return Path(self.file).stem


@dataclass(frozen=True)
class Inputs:
    """The files that both sides read."""

    golden: list[Cases]
    caseloads: list[Cases]
    reasons: list[Cases]
    odd: list[str]


def written(folder: Path, base: Path, number: int, sample: int, odd_files: int) -> Inputs:
    """Write the inputs into a folder and return what they are.

    `number` cases are generated, and as many under a scenario; `sample` of them are decided with reasons, shared out
    among the policies. At most `odd_files` caseloads are odd ones of the tests. The golden cases are this tree's, and
    those of the `base` that this tree has no more.
    """
    for name in ("tests/cases/every-route.yaml", "tests/cases/illustrative.yaml", "docs/tutorials/pupils.csv",
                 *(f"docs/how-to/illustrative-{one}" for one in ILLUSTRATIVE)):  # fmt: skip
        shutil.copy(ROOT / name, folder)
    head, *pupils = (folder / "pupils.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{head},community", *(f"{pupil},Illustrative Community 1" for pupil in pupils)]
    (folder / "claims.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "list.csv").write_text(LIST, encoding="utf-8")
    odd, paths = [], [path for name in ("files", "faulty") for path in (ROOT / "tests" / name).rglob("*.*")]
    for path in spread(sorted(path for path in paths if path.suffix in (".csv", ".xlsx")), odd_files):
        odd.append(f"odd-{path.parent.parent.name}-{path.name}")
        shutil.copy(path, folder / odd[-1])
    caseloads, kept = [], dict[str, list[dict[str, Any]]]()
    for name, policy in (("generated", ()), ("assumed", POLICIES["scenario"])):
        rows, some = generated_rows(number, scenario=policy[-1] if policy else None), list[dict[str, Any]]()
        for place, first in enumerate(range(0, number, MOST), 1):
            piece = list(islice(rows, min(MOST, number - first)))
            _as_csv(folder / f"{name}-{place}.csv", piece)
            caseloads.append(Cases(f"{name}-{place}.csv", len(piece), policy))
            some += piece[: max(sample, EXPLAINED) - len(some)]
        kept[name] = some
    _as_json(folder / "explained.json", kept["generated"][:EXPLAINED])
    _as_csv(folder / "few.csv", kept["generated"][:200])
    reasons, share = [], max(min(sample, number) // len(POLICIES), 1)
    for place, (name, policy) in enumerate(POLICIES.items()):
        rows_of = kept["assumed" if "--scenario" in policy else "generated"]
        if piece := rows_of[place * share : (place + 1) * share]:
            _as_json(folder / f"reasons-{name}.json", piece)
            reasons.append(Cases(f"reasons-{name}.json", len(piece), policy))
    return Inputs(_golden(folder, base), caseloads, reasons, odd)


def spread(every: Sequence[Any], number: int) -> list[Any]:
    """Return at most so many of these, spread evenly over all of them."""
    return [every[place * len(every) // number] for place in range(number)] if number < len(every) else list(every)


def generated_rows(number: int, seed: int = SEED, scenario: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield so many generated cases as rows of a caseload, None for what is not known; the same seed gives the same.

    The policy as it stands, or a scenario, says which values there are: another has other levels, and refuses them.
    """
    import columned
    import generated
    from golden_files import ROOT as TREE
    from golden_files import decider

    policy = decider(TREE, None, "all", scenario).policy
    tried, source = generated.values(policy), random.Random(seed)
    kinds = {name: kind.type for name, kind in policy.types.items()}
    for count in range(1, number + 1):
        facts = columned.drawn(source, tried)
        yield {"case_ref": f"K-{count:04}"} | {name: _cell(kinds[name], value) for name, value in facts.items()}


def _cell(kind: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if kind == "money" and value is not None:
        return f"{value // 100}.{value % 100:02}"
    return value


def _as_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(rows[0])
        for row in rows:
            lines.writerow(str(cell).lower() if isinstance(cell, bool) else cell for cell in row.values())


def _as_json(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    known = [{name: cell for name, cell in row.items() if cell is not None} for row in rows]
    path.write_text(json.dumps(known, indent=1), encoding="utf-8")


def _golden(folder: Path, base: Path) -> list[Cases]:
    """Write the golden cases, a file for all that are pinned alike, and return the files."""
    from golden_files import FOLDER, every
    from senpolicy.checking import golden

    here, there = every(), []
    if (base / FOLDER.relative_to(ROOT)).is_dir():
        known = [(one.golden.case, _pins(one)) for one in here]
        olds = golden.in_folder(base / FOLDER.relative_to(ROOT), base)
        there = [one for one in olds if (one.golden.case, _pins(one)) not in known]
    found = []
    for word, cases in (("golden", here), ("golden-of-base", there)):
        by_pins: dict[tuple[str, ...], list[Any]] = {}
        for one in cases:
            by_pins.setdefault(_pins(one), []).append(one.golden.case)
        for pins, some in sorted(by_pins.items()):
            name = "_".join([word, *(pin.removeprefix("--").replace("/", "-") for pin in pins if pin not in NAMELESS)])
            (folder / f"{name}.json").write_text(json.dumps(some, indent=1), encoding="utf-8")
            found.append(Cases(f"{name}.json", len(some), pins))
    return found


NAMELESS = ("--as-of", "--readings", "--scenario")


def _pins(one: Any) -> tuple[str, ...]:
    """Return the options by which a golden case is decided."""
    scenario = ("--scenario", one.scenario) if one.scenario else ()
    proposed = ("--include-proposed",) if one.include_proposed else ()
    return ("--as-of", one.as_of, "--readings", one.readings, *scenario, *proposed)


def issued(folder: Path, base: Side) -> None:
    """Write among the inputs what the base has issued: decisions, records, a precedent and a made-up population.

    Raises `Stopped` where the base does not do so.
    """

    def told(*words: str) -> bytes:
        ran = base.run(words)
        if ran.status:
            raise Stopped(f"The base ended '{' '.join(words)}' with {ran.status}: {ran.stderr.decode()[-300:]}")
        return ran.stdout

    root = ("--root", "root")
    decided = told("decide", "inputs/every-route.yaml", "--json", "--records", "out/issued", *root)
    (folder / "decided.json").write_bytes(decided)
    told("simulate", "--pupils", "300", "--seed", str(SEED), "-o", "out/made.csv", *root)
    shutil.copy(base.folder / "out/made.csv", folder / "made.csv")
    records = sorted((base.folder / "out/issued").iterdir())
    for path in records:
        shutil.copy(path, folder / "records" / path.name)
    record = json.loads(records[0].read_text(encoding="utf-8"))
    bare = {name: value for name, value in record.items() if name not in ("facts", "reasons")}
    (folder / "records" / "without-facts.json").write_text(json.dumps(bare, indent=1), encoding="utf-8")
    record["answers"]["scope"]["answer"] = "out_of_scope"
    (folder / "records" / "changed.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    _precedent(folder, told)


def _precedent(folder: Path, told: Any) -> None:
    """Write a precedent of a board that put a case one level higher, its answers decided by the base."""
    areas = ("communication_and_interaction", "cognition_and_learning", "social_emotional_mental_health",
             "sensory_and_physical")  # fmt: skip
    facts = {"age": "9", "year_group": "4", "setting": "mainstream", "plan": "ehcp", "additional_cost": "9000"}
    facts |= {f"rating_{area}": "specific_allocation_1" for area in areas}
    day, level = "2026-10-01", "specific_allocation_2"
    case = {"case_ref": "K-0001", "decision_date": day, **facts, "adaptation_level": level}
    case |= {name: int(facts[name]) for name in ("age", "year_group", "additional_cost")}
    (folder / "precedent.json").write_text(json.dumps([case]), encoding="utf-8")
    scenario = ("--scenario", "illustrative", "--root", "root")
    (decided,) = json.loads(told("decide", "inputs/precedent.json", "--json", *scenario))
    answers = {
        question: {name: value for name, value in answer.items() if name not in ASIDE}
        for question, answer in decided["answers"].items()
    }
    precedent = {
        "id": "0123456789abcdef", "decision_date": day, "facts": facts,
        "changed": {"fact": "adaptation_level", "from": "specific_allocation_1", "to": level},
        "because": "Made up.", "document": "own-illustration", "paragraph": "all", "by": "moderator",
        "approved_by": "chair", "answers": answers, "cautions": {},
        "policy": {"as_of": "25/00092", "digest": "", "readings": "all", "scenario": "illustrative"},
    }  # fmt: skip
    file = {"format": "senpolicy precedents", "version": "1", "precedents": [precedent]}
    (folder / "precedents.json").write_text(json.dumps(file, indent=1) + "\n", encoding="utf-8")


def mistaken(sides: Sequence[Side], number: int) -> tuple[list[str], int]:
    """Make so many copies of each side's policy, each with one mistake of tests/mistakes, spread over all of them.

    Return the names of the copies, and how many mistakes were left out, because one of the sides does not have the text
    in which the mistake is made.
    """
    import mistaking

    found, left_out = list[str](), 0
    for mistake in spread(mistaking.every(), number):
        if any(not _holds(side.tree / mistake.file, mistake.replace) for side in sides):
            left_out += 1
            continue
        name = f"mistakes/{len(found) + 1:03}"
        for side in sides:
            folder = side.copy(name)
            path = folder / mistake.file
            if mistake.rename:
                (folder / mistake.rename).parent.mkdir(parents=True, exist_ok=True)
                path.rename(folder / mistake.rename)
            else:
                text = path.read_text(encoding="utf-8")
                path.write_text(text.replace(mistake.replace, mistake.by, 1), encoding="utf-8")
        found.append(name)
    return found, left_out


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and text in path.read_text(encoding="utf-8")
