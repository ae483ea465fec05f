"""The other tools, in their own environment: each reads the same rules and whole numbers, and is timed on its own call.

    python others.py TOOL FOLDER ROWS

FOLDER holds rules.json and cases.npz as `run.py` writes them. It prints one line of JSON, and writes what the tool came
to for each question, as places in the list of outcomes, to FOLDER/TOOL.npz.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

Took = tuple[float, float]
MARKS = {"eq": "==", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


class Start:
    """When something began."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def since(self) -> Took:
        """Return the seconds since then, by the clock and of the processor in all threads."""
        return time.perf_counter() - self.wall, time.process_time() - self.cpu


def zen(rules: list[Any], cases: dict[str, Any], rows: int) -> tuple[Took, dict[str, Any]]:
    """Return the seconds and results of zen-engine: a graph of decision tables, called with the whole batch at once."""
    import zen as engine

    nodes = [{"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}}]
    for question in rules:
        fields = sorted({test[0] for way in question["ways"] for ways in way["any"] for test in ways})
        ids = {name: f"i{place}" for place, name in enumerate(fields)}
        lines = []
        for way in question["ways"]:
            for tests in way["any"]:
                line = {"_id": str(len(lines)), "o1": str(way["answer"]), "o2": str(way["place"])}
                for name in fields:
                    cells = [f"{MARKS[mark]} {number}" for field, mark, number in tests if field == name]
                    line[ids[name]] = " and ".join(cells)
                lines.append(line)
        lines.append({"_id": "none", "o1": "-1", "o2": "-1", **dict.fromkeys(ids.values(), "")})
        content = {
            "hitPolicy": "first",
            "passThrough": True,
            "executionMode": "single",
            "inputField": None,
            "outputPath": None,
            "inputs": [{"id": place, "name": name, "field": name} for name, place in ids.items()],
            "outputs": [
                {"id": "o1", "name": "a", "field": question["name"]},
                {"id": "o2", "name": "r", "field": question["name"] + "_rule"},
            ],
            "rules": lines,
        }
        nodes.append(
            {
                "id": question["name"],
                "type": "decisionTableNode",
                "name": question["name"],
                "position": {"x": 0, "y": 0},
                "content": content,
            }
        )
    nodes.append({"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}})
    edges = [
        {"id": f"e{at}", "sourceId": one["id"], "targetId": two["id"], "type": "edge"}
        for at, (one, two) in enumerate(pairwise(nodes))
    ]
    graph = json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges})
    parsed = engine.ZenDecisionContent(graph)  # Read once, as its manual advises.
    running = engine.ZenEngine({"loader": lambda key: parsed})
    names = list(cases)
    asked = [
        {"key": "policy", "context": dict(zip(names, row))}
        for row in zip(*(cases[name][:rows].tolist() for name in names))
    ]
    running.evaluate_batch(asked[:100])
    start = Start()
    found = running.evaluate_batch(asked)
    took = start.since()
    return took, {q["name"]: np.array([one["data"]["result"][q["name"] + "_rule"] for one in found]) for q in rules}


def rule_engine(rules: list[Any], cases: dict[str, Any], rows: int) -> tuple[Took, dict[str, Any]]:
    """Return the seconds and results of rule-engine: each outcome a rule, tried in order until one matches."""
    import rule_engine as engine

    names = list(cases)
    kinds = dict.fromkeys([*names, *(question["name"] for question in rules)], engine.DataType.FLOAT)
    context = engine.Context(type_resolver=engine.type_resolver_from_dict(kinds))
    written = [
        (question["name"], [(engine.Rule(way["text"], context=context), way) for way in question["ways"]])
        for question in rules
    ]
    things = [dict(zip(names, row)) for row in zip(*(cases[name][:rows].tolist() for name in names))]
    found: dict[str, list[int]] = {question["name"]: [] for question in rules}
    start = Start()
    for thing in things:
        for name, ways in written:
            thing[name], place = -1, -1
            for rule, way in ways:
                if rule.matches(thing):
                    thing[name], place = way["answer"], way["place"]
                    break
            found[name].append(place)
    return start.since(), {name: np.array(places) for name, places in found.items()}


def rule_formula(question: Any) -> Any:
    """Return the formula of a question's rule; openfisca looks at its parameters, so what it needs is bound here."""
    code = [(compile(way["vector"], question["name"], "eval"), way["fields"]) for way in question["ways"]]
    numbers = np.array([way["place"] for way in question["ways"]], dtype=np.int32)

    def formula(persons: Any, period: Any) -> Any:
        facts = {name: persons(name, period) for _, fields in code for name in fields}
        return np.select([eval(one, {}, facts) for one, _ in code], numbers, default=-1)

    return formula


def answer_formula(question: Any) -> Any:
    """Return the formula of a question's answer, from its rule."""
    answers = np.full(1 + max(way["place"] for way in question["ways"]) + 1, -1, dtype=np.int32)
    for way in question["ways"]:
        answers[way["place"]] = way["answer"]

    def formula(persons: Any, period: Any) -> Any:
        return answers[persons(question["name"] + "_rule", period)]  # The last is for none: -1.

    return formula


def openfisca(rules: list[Any], cases: dict[str, Any], rows: int) -> tuple[Took, dict[str, Any]]:
    """Return the seconds and results of openfisca-core: each question a vectorised formula over all cases at once."""
    from openfisca_core import periods, taxbenefitsystems, variables
    from openfisca_core.entities import build_entity
    from openfisca_core.simulation_builder import SimulationBuilder

    person = build_entity(key="person", plural="persons", label="A pupil", is_person=True)
    system = taxbenefitsystems.TaxBenefitSystem([person])

    def add(name: str, **more: Any) -> None:
        body = {"value_type": int, "entity": person, "definition_period": periods.DateUnit.DAY, "label": name, **more}
        system.add_variable(type(name, (variables.Variable,), body))

    for name in cases:
        add(name)
    for question in rules:
        add(question["name"] + "_rule", formula=rule_formula(question))
        add(question["name"], formula=answer_formula(question))

    def run(count: int) -> dict[str, Any]:
        builder = SimulationBuilder()
        simulation = builder.build_default_simulation(system, count=count)
        for name, numbers in cases.items():
            simulation.set_input(name, "2025-10-01", numbers[:count].astype(np.int32))
        return {question["name"]: simulation.calculate(question["name"] + "_rule", "2025-10-01") for question in rules}

    run(1000)
    start = Start()
    found = run(rows)
    return start.since(), found


def main() -> None:
    """Run one tool."""
    tool, folder, rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    rules = json.loads((folder / "rules.json").read_text(encoding="utf-8"))
    with np.load(folder / "cases.npz") as kept:
        cases = {name: kept[name] for name in kept.files}
    (seconds, cpu), found = {"zen-engine": zen, "rule-engine": rule_engine, "openfisca-core": openfisca}[tool](
        rules, cases, rows
    )
    np.savez(folder / f"{tool}.npz", **found)
    print(json.dumps({"tool": tool, "rows": rows, "seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main()
