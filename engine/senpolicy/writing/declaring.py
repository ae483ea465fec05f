"""Declaring what rules rest on: the limits of facts, and the figures that a question's rows give.

In a policy of an older form neither is declared, and what the rules do today is written down for somebody to look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from senpolicy.checking.names import FACTS
from senpolicy.files.models import rules as m
from senpolicy.files.problems import Place, Problem
from senpolicy.language.conditions import tests
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.figures import Written, given, named
from senpolicy.writing.lines import Flow, FlowList, Lines, Yaml, block


def add_limits(lines: Lines, fact: str, names: Sequence[str]) -> None:
    """Put names among the limits of a fact, in the lines of rules/facts.yaml; raises `PolicyError` where it cannot."""
    path = ("facts", fact)
    node = lines.find(*path)
    if node is None or lines.find(*path, "limits"):
        for name in names:
            lines.add((*path, "limits"), name)
        return
    line = lines.lines[node.place.line - 1]
    if line[node.place.column - 1] == "{" and line.endswith("}"):
        lines.replace(node.place.line - 1, node.place.line, [f"{line[:-1]}, limits: [{', '.join(names)}]}}"])
        return
    start, end = lines.span(*path)
    at = lines.span(*path, "note")[0] if "note" in node.content else end
    indent = len(lines.lines[start]) - len(lines.lines[start].lstrip()) + 2
    lines.put(at, block({"limits": FlowList(names)}, indent))


def older(corpus: Corpus) -> tuple[dict[str, str], list[Problem]]:
    """Return the texts that declare limits and figures where none are, and what somebody is to look at.

    A fact that names limits and a question that declares figures stay as they are: what is missing there is a mistake.
    """
    texts: dict[str, str] = {}
    told: list[Problem] = []
    facts = Lines((corpus.root / FACTS).read_bytes().decode("utf-8-sig"), FACTS)
    for fact, names in _held(corpus).items():
        if not corpus.facts.facts[fact].limits:
            add_limits(facts, fact, names)
            texts[FACTS] = str(facts)
            said = f"The limits of '{fact}' are those that the rules hold it against today: {', '.join(names)}."
            help = "Check that each is meant: from now on no other value is let in."
            told.append(Problem(Place(FACTS), "declared", said, help, warning=True))
    for name, question in corpus.questions.items():
        figures = {} if question.figures else dict(_figures(corpus, name))
        if figures:
            file = f"rules/{name}.yaml"
            lines = Lines((corpus.root / file).read_bytes().decode("utf-8-sig"), file)
            lines.put(lines.span("ask")[0], block({"figures": figures}))
            texts[file] = str(lines)
            said = f"The figures of '{name}' are those that its rows give today: {', '.join(figures)}."
            help = "Add 'always_with', 'not_below' and 'values' where they are meant."
            told.append(Problem(Place(file), "declared", said, help, warning=True))
    return texts, told


def _held(corpus: Corpus) -> dict[str, list[str]]:
    """Return the parameters that each fact with an order is held against by a rule, each once."""
    found: dict[str, dict[str, None]] = {}
    for written in _conditions(corpus):
        for test in tests(written.condition):
            limit = test.operand.by if isinstance(test.operand, m.FactLimitModel) else test.operand
            fact = corpus.facts.facts.get(test.fact)
            if fact and fact.type in ("money", "integer", "date") and isinstance(limit, str) and limit.startswith("$"):
                found.setdefault(test.fact, {})[limit[1:]] = None
    board = corpus.board
    if board and board.always.fact in corpus.facts.facts:
        found.setdefault(board.always.fact, {})[board.always.more_than.removeprefix("$")] = None
    known = {fact: [name for name in names if name in corpus.parameters] for fact, names in found.items()}
    return {fact: names for fact, names in known.items() if names}


def _conditions(corpus: Corpus) -> Iterator[m.ConditionModel]:
    for question in corpus.questions.values():
        yield from (row.when for version in question.versions for row in version.rows)
        yield from (caution.when for caution in question.cautions)
    yield from (one.when for one in corpus.facts.follows)
    yield from (one.when for one in (*corpus.facts.problems, *corpus.facts.warnings))
    for scenario in corpus.scenarios.values():
        yield from (row.when for settles in scenario.settles for row in settles.rows)


def _figures(corpus: Corpus, question: str) -> Iterator[tuple[str, Yaml]]:
    """Yield each figure of a question with its unit, where that can be told from what a row writes."""
    done: set[str] = set()
    for _, figure, written in given(corpus, question):
        if figure not in done and (unit := _unit(corpus, written)):
            done.add(figure)
            yield figure, Flow({"unit": unit})


def _unit(corpus: Corpus, written: Written) -> str:
    if isinstance(written, m.Portion):
        fact = corpus.facts.facts.get(written.of)
        return fact.unit if fact and fact.unit and not written.until else "pounds"
    return "flag" if isinstance(written, bool) else next((one.unit for one in named(corpus, written)), "")
