"""Changes of the policy, made by a seed: of eleven kinds that may move something, and such as move nothing.

Each is written into the files of a copy as an officer would write it. What `check` refuses is no change of the policy,
and another of its kind is made in its place (see `score`).
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import moves
from bending import unfold
from copies import append, replace
from golden_files import ROOT, loaded
from mutation.mutants import Mutant, mutants, written
from senpolicy.policy.corpus import Corpus

#: Slips of `mutation.mutants` by the kind of change that they are here. What most often passes `check` comes first.
OF_ROWS = ("answer replaced", "figure changed", "figures swapped", "figure dropped", "caution removed",
           "asked in another order", "caution's date dropped", "limit slipped", "another value")  # fmt: skip
OF_VERSIONS = ("start moved", "version removed")
OF_FACTS = ("consequence removed", "consequence changed", "contradiction removed")
OF_POINTS = ("open points swapped", "open point removed")
DRAFT, ILLUSTRATIVE = moves.EDITION, moves.ILLUSTRATIVE


@dataclass(frozen=True)
class Change:
    """A change: its kind, what it does in words, and how it is written into a folder; `moves` unless it may not."""

    kind: str
    says: str
    write: Callable[[Path], None]
    moves: bool = True


@cache
def slips() -> dict[str, list[Mutant]]:
    """Return the slips in the real policy by kind."""
    found: dict[str, list[Mutant]] = {}
    for one in mutants(loaded(ROOT)):
        found.setdefault(one.kind, []).append(one)
    return found


def slip(kind: str, of: tuple[str, ...], source: random.Random, files: str = "rules/") -> Change:
    """Return a slip in the real rules as a change."""
    found = [one for one in slips()[source.choice(of)] if one.file.startswith(files)]
    one = source.choice(found)
    return Change(kind, str(one), lambda folder: written(one, folder))


def edited(folder: Path, file: str, edit: Callable[[Any], None]) -> None:
    """Write what an edit makes of the data of a file."""
    path = folder / file
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def another(value: Any, source: random.Random) -> Any:
    """Return another value of the same sort: a penny, a tenth or a day away, say."""
    if isinstance(value, date):
        return value + timedelta(days=source.choice((-365, -31, -1, 1, 31, 365)))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value[:-1] if isinstance(value, list) and len(value) > 1 else value
    if isinstance(value, float) and value < 1:
        return round(min(1.0, max(0.0, value + source.choice((-0.1, -0.01, 0.01, 0.1)))), 4)
    by = source.choice((1, -1, 10)) if isinstance(value, int) else source.choice((0.01, -0.01, 500.0, -500.0, 1000.0))
    return round(value + by, 2)


def _values(corpus: Corpus, *, shares: bool) -> list[tuple[str, str]]:
    """Return the file and name of each value that a decision sets, of shares of a pot or of all else."""
    pot = (ROOT / "rules/budgets.yaml").read_text(encoding="utf-8")
    return [(corpus.file_of(number, "parameters.yaml"), name) for name, setters in corpus.parameters.items()
            for number, one in setters if one.value is not None and (f"${name}" in pot) is shares]  # fmt: skip


def value(source: random.Random) -> Change:
    """A value that a decision set is another one."""
    file, name = source.choice(_values(loaded(ROOT), shares=False))
    return _set("value", file, name, source)


def _set(kind: str, file: str, name: str, source: random.Random) -> Change:
    seed = source.random()

    def edit(data: Any) -> None:
        one = data["parameters"][name]
        one["value"] = another(one["value"], random.Random(seed))

    return Change(kind, f"{file}: {name} is another", lambda folder: edited(folder, file, edit))


def row(source: random.Random) -> Change:
    """A row says something else."""
    return slip("row", OF_ROWS if source.random() < 0.3 else OF_ROWS[:6], source)


def version(source: random.Random) -> Change:
    """A version begins on another day or is gone; or a new decision writes one in which a row answers otherwise."""
    if source.random() < 0.4:
        return slip("version", OF_VERSIONS, source)
    corpus = loaded(ROOT)
    name = source.choice([one for one in corpus.questions if not corpus.questions[one].step])
    day, seed = source.choice(("2026-01-01", "2026-09-01", "2027-04-01")), source.random()

    def edit(data: Any) -> None:
        new = deepcopy(data["versions"][-1])
        new |= {"from": "$made_up_start", "decision": "26/00041"}
        chance = random.Random(seed)
        unfold(new)
        one = chance.choice(new["answers"])
        one["answer"] = chance.choice([answer for answer in data["answers"] if answer != one["answer"]])
        one.pop("gives", None)
        data["versions"].append({key: new[key] for key in ("from", "decision", "answers", "open") if key in new})

    def write(folder: Path) -> None:
        moves.decision(folder, {"made_up_start": ("date", day)})
        edited(folder, f"rules/{name}.yaml", edit)

    return Change("version", f"26/00041 writes a version of {name} from {day}", write)


def question(source: random.Random) -> Change:
    """A question more, which pays so much on some route, or which asks whether something is so."""
    corpus = loaded(ROOT)
    route = source.choice([*corpus.questions["route"].answers])
    amount = source.choice(("1200.00", "0.01", "950.50"))
    figure = source.choice(("pounds_a_year", "made_up_bonus"))

    def write(folder: Path) -> None:
        moves.paying_question(folder, figure)
        text = (folder / "rules/supplement.yaml").read_text(encoding="utf-8").replace("community_budget", route)
        (folder / "rules/supplement.yaml").write_text(text, encoding="utf-8")
        moves.set_value(folder, "made_up_supplement", amount, "policy/26-00041/parameters.yaml")

    return Change("question", f"supplement of £{amount} ({figure}) on {route}", write)


def fact(source: random.Random) -> Change:
    """A fact more, which a caution or a contradiction asks for; other bounds, values or needs of a fact; other rules."""
    way = source.randrange(7)
    if way == 0:
        return slip("fact", OF_FACTS, source, "rules/facts.yaml")
    if way == 1:
        return Change("fact", "another value of setting", moves.another_value)
    if way == 2:
        name = source.choice(("plan", "setting", "age"))
        return Change("fact", f"every case needs {name}", lambda folder: edited(
            folder, "rules/facts.yaml", lambda data: data["facts"][name].update(required=True)))  # fmt: skip
    if way == 3:
        end, by = source.choice(("lowest", "highest")), source.choice((-1, 1))
        name = source.choice(("age", "year_group"))
        return Change("fact", f"{end} of {name} by {by}", lambda folder: edited(
            folder, "rules/facts.yaml", lambda data: data["facts"][name].update({end: data["facts"][name][end] + by})))  # fmt: skip
    if way == 4:
        return Change("fact", "a fact more that no rule asks for", moves.further_fact)
    asked, name = source.choice((True, False)), source.choice(("scope", "route", "protection", "amount"))
    test = {"fact": "has_transport", "is": asked}

    def write(folder: Path) -> None:
        moves.further_fact(folder)
        if way == 5:
            edited(folder, f"rules/{name}.yaml", lambda data: data.setdefault("cautions", []).append(
                {"id": "with-transport", "decision": "24/00120", "says": "There is transport.",
                 "source": {"document": "report", "paragraph": "3.20"}, "when": test}))  # fmt: skip
        else:
            edited(folder, "rules/facts.yaml", lambda data: data["problems"].append(
                {"id": "no-transport-there", "field": "has_transport", "says": "There is none.", "help": "Look again.",
                 "when": {"all": [test, {"fact": "setting", "is": "srp"}]}}))  # fmt: skip

    return Change(
        "fact", f"a fact more, asked for by {f'a caution of {name}' if way == 5 else 'a contradiction'}", write
    )


def level(source: random.Random) -> Change:
    """A level more or less, in another order, or of another name, in one edition."""
    file, seed = source.choice((DRAFT, ILLUSTRATIVE)), source.random()
    way = source.choice(("more", "less", "order", "name"))

    def edit(data: Any) -> None:
        chance, levels = random.Random(seed), data["levels"]
        one = chance.choice(levels)
        if way == "more":
            at = chance.randrange(len(levels) + 1)
            levels.insert(at, {"id": "made_up", "label": "Made up", "order": 0})
        elif way == "less":
            levels.remove(one)
        elif way == "order":
            chance.shuffle(levels)
        else:
            one["id"] = "called_otherwise"
        for number, one in enumerate(levels, 1):
            one["order"] = number

    return Change("level", f"{file}: levels, {way}", lambda folder: edited(folder, file, edit))


def edition(source: random.Random) -> Change:
    """The facts use another edition: the other one, or a copy of one with levels of its own."""
    way = source.randrange(3)
    old = (ROOT / DRAFT).parent.name

    def use(folder: Path, name: str) -> None:
        text = (folder / "rules/facts.yaml").read_text(encoding="utf-8")
        (folder / "rules/facts.yaml").write_text(text.replace(old, name), encoding="utf-8")

    def write(folder: Path) -> None:
        if way == 0:
            return use(folder, "illustrative")
        of = Path(DRAFT if way == 1 else ILLUSTRATIVE).parent
        shutil.copytree(folder / of, folder / "descriptors/made-up")
        file = "descriptors/made-up/edition.yaml"

        def edit(data: Any) -> None:
            data["edition"] = "made-up"
            if chance.random() < 0.5:
                data["levels"].append({"id": "beyond", "label": "Beyond", "order": len(data["levels"]) + 1})
            elif data.get("banding"):
                data.pop("banding")

        chance = random.Random(seed)
        edited(folder, file, edit)
        return use(folder, "made-up")

    seed = source.random()
    return Change("edition", f"facts use another edition ({way})", write)


def budget_share(source: random.Random) -> Change:
    """A share of the pot is another, or is set that was open."""
    shares = _values(loaded(ROOT), shares=True)
    if source.random() < 0.6:
        file, name = source.choice(shares)
        seed = source.random()
        pairs = {"population_share": "deprivation_share", "historic_share_year_1": "formula_share_year_1"}
        pairs |= {other: one for one, other in pairs.items()}

        def edit(data: Any) -> None:
            found = data["parameters"]
            was = found[name]["value"]
            found[name]["value"] = now = another(was, random.Random(seed))
            if name in pairs and isinstance(was, float):  # Both parts of one whole.
                found[pairs[name]]["value"] = round(found[pairs[name]]["value"] + was - now, 4)

        return Change("budget share", f"{name} is another", lambda folder: edited(folder, file, edit))
    names = ("weight_idaci", "weight_looked_after", "weight_low_prior_attainment")
    first = source.choice(("0.20", "0.25", "0.50"))
    rest = f"{1 - float(first) - 0.3:.2f}"
    if source.random() < 0.3:
        share = source.choice(("0.01", "0.02", "0.005"))
        return Change("budget share", f"top slice of {share}",
                      lambda folder: moves.decision(folder, {"top_slice": ("share", share)}))  # fmt: skip
    values = dict(zip(names, (first, "0.30", rest), strict=True))
    return Change("budget share", f"weights {', '.join(values.values())}",
                  lambda folder: moves.decision(folder, {one: ("share", to) for one, to in values.items()}))  # fmt: skip


def scenario(source: random.Random) -> Change:
    """A scenario assumes another value, settles otherwise or less; or there is one more."""
    way, seed = source.choice(("value", "value", "answer", "less", "more")), source.random()

    def edit(data: Any) -> None:
        chance = random.Random(seed)
        if way == "value":
            one = chance.choice([*data["parameters"].values()])
            one["value"] = another(one["value"], chance)
        elif way == "less":
            chance.choice(data["settles"])["rows"].pop()
        else:
            rows = [one for settles in data["settles"] for one in settles["rows"]]
            one, other = chance.sample(rows, 2)
            one["answer"], other["answer"] = other["answer"], one["answer"]

    def write(folder: Path) -> None:
        if way == "more":
            moves.another_scenario(folder)
        else:
            edited(folder, moves.SCENARIO, edit)

    return Change("scenario", f"{way} ({seed:.4f})", write)


def proposal(source: random.Random) -> Change:
    """A proposed decision would set another value, or one that is proposed is taken."""
    corpus = loaded(ROOT)
    if source.random() < 0.25:
        number = source.choice([one.number for one in corpus.decisions.values() if one.status == "proposed"])

        def take(data: Any) -> None:
            data.pop("planned", None)
            data |= {"status": "taken", "taken": {"day": date(2026, 11, 3)}}

        file = corpus.file_of(number, "decision.yaml")
        return Change("proposal", f"{number} is taken", lambda folder: edited(folder, file, take))
    named = [(name, one.unit, one.value) for name, setters in corpus.parameters.items() for _, one in setters[-1:]
             if one.unit in ("pounds_a_year", "share", "years")]  # fmt: skip
    name, unit, was = source.choice([one for one in named if one[2] is not None])
    new = another(float(was) if unit != "years" else int(was), source)
    return Change("proposal", f"26/00041 would set {name} to {new}",
                  lambda folder: moves.decision(folder, {name: (unit, f"{new}")}, status="proposed"))  # fmt: skip


def open_point(source: random.Random) -> Change:
    """An open point is gone from a row, allows other answers, or is read otherwise or no longer."""
    corpus, way = loaded(ROOT), source.randrange(4)
    if way == 0:
        return slip("open point", OF_POINTS, source)
    if way == 1:
        named = [(number, name, asked) for name, (number, point) in corpus.open_points.items()
                 for asked, answers in point.allows.items() if len(answers) > 2]  # fmt: skip
        number, name, asked = source.choice(named)
        file = corpus.file_of(number, "open-points.yaml")

        def fewer(data: Any) -> None:
            data["open_points"][name]["allows"][asked].pop()

        return Change("open point", f"{name} allows one answer less to {asked}",
                      lambda folder: edited(folder, file, fewer))  # fmt: skip
    readings = [one for one in corpus.readings if one.answers]
    one = source.choice(readings)
    if way == 2:

        def otherwise(data: Any) -> None:
            (found,) = [reading for reading in data["readings"] if reading["id"] == one.id]
            for asked, answer in found["answers"].items():
                allowed = [other for other in corpus.questions[asked].answers if other != answer]
                found["answers"][asked] = allowed[0]

        return Change("open point", f"{one.id} answers otherwise",
                      lambda folder: edited(folder, "policy/readings.yaml", otherwise))  # fmt: skip

    return Change("open point", f"{one.id} is adopted no longer", lambda folder: no_longer_read(folder, one.id))


def no_longer_read(folder: Path, reading: str) -> None:
    """Adopt a reading no longer: its point is open again."""
    (point,) = [one.point for one in loaded(ROOT).readings if one.id == reading]
    number, _ = loaded(ROOT).open_points[point]
    edited(folder, "policy/readings.yaml", lambda data: data.update(
        readings=[one for one in data["readings"] if one["id"] != reading]))  # fmt: skip
    edited(folder, loaded(ROOT).file_of(number, "open-points.yaml"),
           lambda data: data["open_points"][point].update(state="open"))  # fmt: skip


KINDS: dict[str, Callable[[random.Random], Change]] = {
    "value": value, "row": row, "version": version, "question": question, "fact": fact, "level": level,
    "edition": edition, "budget share": budget_share, "scenario": scenario, "proposal": proposal,
    "open point": open_point,
}  # fmt: skip


def still(source: random.Random) -> Change:
    """A change that moves nothing: words, order, comments, or a value that nothing reads."""
    corpus, way = loaded(ROOT), source.randrange(7)
    name = source.choice([*corpus.questions])
    file, seed = f"rules/{name}.yaml", source.random()
    if way == 0:
        chosen = source.choice([*moves.STAYS])
        return Change("still", chosen, moves.STAYS[chosen], moves=False)
    if way == 1:
        return Change(
            "still", f"comment in {file}", lambda folder: append(folder, file, "# Read again.\n"), moves=False
        )
    if way == 2:
        return Change("still", f"{file} asks in other words", lambda folder: replace(
            folder, file, r"^asks: .*$", "asks: In other words?"), moves=False)  # fmt: skip

    def rows(data: Any) -> Iterator[Any]:
        for one in data["versions"]:
            yield from (one, *one.get("sections", []))

    def turned(data: Any) -> None:
        for part in rows(data):
            for word in ("answers", "open"):
                if word in part:
                    random.Random(seed).shuffle(part[word])

    def reworded(data: Any) -> None:
        for part in rows(data):
            for one in part.get("answers", []):
                one["says"] = "In other words."

    def doubled(data: Any) -> None:
        one = random.Random(seed).choice(
            [row for part in rows(data) for row in part.get("answers", []) if "when" in row]
        )
        one["when"] = {"not": {"not": one["when"]}}

    ways: dict[int, tuple[str, Callable[[Any], None]]] = {
        3: ("rows in another order", turned), 4: ("reasons in other words", reworded), 5: ("not not", doubled),
    }  # fmt: skip
    if way in ways:
        says, edit = ways[way]
        return Change("still", f"{file}: {says}", lambda folder: edited(folder, file, edit), moves=False)
    amount = source.choice(("7000.00", "1.00", "250.00"))
    return Change("still", f"a value of £{amount} that nothing reads", lambda folder: moves.decision(
        folder, {"made_up_rate": ("pounds_a_year", amount)}), moves=False)  # fmt: skip
