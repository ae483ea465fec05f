"""Checks of rules/board.yaml: what a board settles is within its range, and explained."""

from __future__ import annotations

from collections.abc import Iterator

from senpolicy.checking.names import bare_value
from senpolicy.checking.values import limit_fault
from senpolicy.files.models.board import BoardFile, FigureRange, Settled
from senpolicy.files.models.rules import Model
from senpolicy.files.problems import Problem, Problems
from senpolicy.policy.corpus import Corpus

FILE = "rules/board.yaml"


def check(corpus: Corpus) -> list[Problem]:
    """Return the problems of rules/board.yaml, except those of names (`checking.names`); none without the file."""
    problems, board = Problems(), corpus.board
    if board is None:
        return []
    if not board.always.more_than.startswith("$"):
        problems.found.append(bare_value(corpus, corpus.place(FILE, "always", "more_than"), board.always.more_than))
    fact, name = board.always.fact, board.always.more_than[1:]
    known = fact in corpus.facts.facts and name in corpus.parameters
    if known and (found := limit_fault(corpus, fact, name)):
        place = corpus.place(FILE, "always", "more_than")
        problems.add(place, "not-a-limit", found.message, found.help, fix=found.fix)
    for path, one, within in _settled(board):
        name = path[1]
        if not within.lowest <= one.value <= within.highest or (within.whole and one.value != int(one.value)):
            said = f"'{name}' is outside its range."
            number = "a whole number" if within.whole else "a number"
            help = f"Write {number} from {within.lowest:,} to {within.highest:,}."
            problems.add(corpus.place(FILE, *path, "value"), "settled-range", said, help)
        if one.source is None and one.assumption is None:
            said = f"'{name}' has neither a source nor an assumption."
            help = "Name the paragraph under source, or say under assumption that no source gives the figure."
            problems.add(corpus.place(FILE, *path, key=True), "settled-unexplained", said, help)
    _areas(corpus, problems)
    return list(problems)


def _settled(board: BoardFile) -> Iterator[tuple[tuple[str, str], Settled, FigureRange]]:
    """Yield each figure that the file settles: its section and name, the figure, and its range."""
    for section, held in board:
        for name, field in type(held).model_fields.items() if isinstance(held, Model) else ():
            one = getattr(held, name)
            if isinstance(one, Settled):
                yield (section, name), one, next(found for found in field.metadata if isinstance(found, FigureRange))


def _areas(corpus: Corpus, problems: Problems) -> None:
    """Add a problem for each Community that is listed twice among the areas."""
    met: set[str] = set()
    for number, area in enumerate(corpus.board.meetings.areas if corpus.board and corpus.board.meetings else ()):
        for at, name in enumerate(area.communities):
            if name in met:
                place = corpus.place(FILE, "meetings", "areas", number, "communities", at)
                help = "Leave it in one area: its cases go to the meetings of that one."
                problems.add(place, "community-of-two-areas", f"'{name}' is listed twice among the areas.", help)
            met.add(name)
