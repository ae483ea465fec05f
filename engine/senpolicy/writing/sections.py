"""Gathering the rows of a version into sections: those that begin with the same conditions share them as `given`.

It is done where it saves more than it costs, and only in a version without sections: where an author has made some, the
rows are as they are wanted. Rows are moved line by line; of their words only the condition is written again.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from senpolicy.files.models import rules as m
from senpolicy.files.problems import Place, PolicyError, Problem, Problems
from senpolicy.files.source import Node, read
from senpolicy.language.conditions import AllOf, AnyOf, Condition, Not, Test
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import typed
from senpolicy.readings.say import lowered, say_asked, say_test
from senpolicy.writing.lines import WIDTH, Flow, Lines, Quoted, Yaml, block, wrapped

#: What a section costs, in tests: heading, `given` and a key. Four rows that share one test stay; five are gathered.
COST = 3
WORDS = ("answers", "open")


class RowAt(NamedTuple):
    """A row outside sections: where it is written, and the parts of its condition, each as text."""

    word: str
    number: int
    parts: tuple[str, ...]


def gathered(rows: Sequence[RowAt]) -> dict[RowAt, int]:
    """Return how many of its first conditions each row shares with others in a section, 0 where it stays outside.

    Of all ways to gather rows it is the one that leaves the fewest tests to be written; of equals, it shares the least.
    """
    return _best(rows, 0, 0)[1]


def _best(rows: Sequence[RowAt], depth: int, above: int) -> tuple[int, dict[RowAt, int]]:
    """Return how many tests are saved, and the same, for rows that agree in their first `depth` conditions.

    `above` is how many of these the nearest section around them shares.
    """
    found = []
    for shared in sorted({above, depth}):
        saved, of = -(depth + COST) if shared > above else 0, {}
        further: dict[str, list[RowAt]] = {}
        for row in rows:
            if len(row.parts) > depth:
                further.setdefault(row.parts[depth], []).append(row)
            else:
                saved, of[row] = saved + shared, shared
        for group in further.values():
            more, within = _best(group, depth + 1, shared)
            saved, of = saved + more, of | within
        found.append((saved, of))
    return max(found, key=lambda one: one[0])


def in_sections(text: str, name: str, question: m.QuestionFile, corpus: Corpus) -> str:
    """Return the text of a question's file with the rows of its versions in sections, where that saves something.

    Raises `PolicyError` where the text would then say something else, or lose a comment, or where its rows are not
    written in lines of their own.
    """
    lines = Lines(text, name)
    for number in reversed(range(len(question.versions))):  # The last first: the places of the others stay.
        if not question.versions[number].sections:
            _Gathering(lines, number, question.versions[number]).gather(corpus)
    if lines.lines == text.splitlines():
        return text
    made, node = str(lines), lines.node
    if node is None or _rows(m.validated(m.QuestionFile, node)) != _rows(question) or remarks(made) != remarks(text):
        raise PolicyError([refused(Place(name, 1, 1))])
    return made


def _rows(question: m.QuestionFile) -> tuple[m.QuestionFile, list[Counter[str]]]:
    """Return all that a question says, each row with its whole condition, whether in sections or not."""
    rows = [Counter(row.model_dump_json() for row in version.rows) for version in question.versions]
    versions = [
        version.model_copy(update={key: [] for key in ("own_answers", "own_open", "sections")})
        for version in question.versions
    ]
    return question.model_copy(update={"versions": versions}), rows


def refused(place: Place) -> Problem:
    """Return the problem of rows that cannot be moved by a command."""
    said = "The rows cannot be gathered into sections without losing something."
    return Problem(place, "not-upgraded", said, "Run senpolicy fmt first; or write the sections by hand.")


def remarks(text: str) -> Counter[str]:
    """Return the comments of a text, each as often as it is there."""
    lines = Lines(text, "")
    return Counter(found for number in range(len(lines.lines)) if (found := _remark(lines, number)))


def _remark(lines: Lines, number: int) -> str:
    """Return the comment on a line, counted from 0; "" where there is none."""
    line = lines.lines[number]
    for at, letter in enumerate(line):
        if letter == "#" and not line[:at].strip():
            cut = [*lines.lines[:number], "", *lines.lines[number + 1 :]]
        elif letter == "#" and line[at - 1].isspace():
            cut = [*lines.lines[:number], line[:at], *lines.lines[number + 1 :]]
        else:
            continue
        try:  # Text that has the sign in it says something else without what follows the sign.
            if read("\n".join(cut) + "\n", lines.name, Problems()) == lines.node:
                return line[at:].strip()
        except PolicyError:
            continue
    return ""


class _Gathering:
    """One version of a question, in the lines of its file, whose rows are gathered."""

    def __init__(self, lines: Lines, number: int, version: m.Version) -> None:
        self.lines, self.path = lines, ("versions", number)
        self.own: dict[str, Sequence[m.AnswerRow | m.OpenRow]] = dict(
            zip(WORDS, (version.own_answers, version.own_open), strict=True)
        )

    def gather(self, corpus: Corpus) -> None:
        """Put the version with its rows in sections in the place of its lines; nothing where that saves nothing."""
        rows = [
            RowAt(word, number, tuple(part.model_dump_json() for part in parts(row.when)))
            for word, own in self.own.items()
            for number, row in enumerate(own)
        ]
        shared = gathered(rows)
        sections: dict[tuple[str, ...], list[RowAt]] = {}
        for row in rows:
            if shared[row]:
                sections.setdefault(row.parts[: shared[row]], []).append(row)
        if not sections:
            return
        node = self.node(*self.path)
        column = node.place.column - 1
        start, end = self.lines.span(*self.path)
        if next(iter(node.keys)) in WORDS:  # Its dash is on the line of a key that may go.
            raise PolicyError([refused(node.place)])
        made: list[str] = []
        above: dict[RowAt, list[str]] = {}
        at = start
        for key in node.keys:
            first, last = self.lines.span(*self.path, key)
            here = [row for row in rows if row.word == key]
            stays = [row for row in here if not shared[row]]
            if not here or stays:
                made += self.lines.lines[at : first + 1]
            else:  # The key goes, and what is written above or beside it goes with its first row.
                notes = [note for number in range(at, first + 1) if (note := _remark(self.lines, number))]
                above[here[0]] = [" " * (column + 2) + note for note in notes]
            at = first + 1
            for row in here:
                own, after = self.lines.span(*self.path, row.word, row.number)
                above[row] = [*above.get(row, []), *self.lines.lines[at:own]]
                if not shared[row]:
                    made += [*above[row], *self.lines.lines[own:after]]
                at = after
            if not here:
                made += self.lines.lines[at:last]
                at = last
        made.append(" " * column + "sections:")
        for inside in sections.values():
            made += self.section(inside, shared[inside[0]], above, column + 2, corpus)
        try:
            self.lines.replace(start, end, [*made, *self.lines.lines[at:end]])
        except PolicyError:
            raise PolicyError([refused(node.place)]) from None

    def section(
        self, rows: Sequence[RowAt], shared: int, above: Mapping[RowAt, Sequence[str]], column: int, corpus: Corpus
    ) -> Iterator[str]:
        """Yield the lines of a section whose dash is in a column."""
        first = self.own[rows[0].word][rows[0].number]
        yield from block([{"heading": heading(parts(first.when)[:shared], corpus)}], column)
        yield from wrapped("given", joined(self.parts(rows[0])[:shared]), column + 2)
        for word in WORDS:
            here = [row for row in rows if row.word == word]
            if here:
                yield f"{' ' * (column + 2)}{word}:"
            for row in here:
                notes = list(above[row])
                while row is here[0] and notes and not notes[0].strip():
                    notes.pop(0)
                yield from self.row(row, shared, notes, column + 4)

    def row(self, row: RowAt, shared: int, above: Sequence[str], column: int) -> Iterator[str]:
        """Yield the lines of a row, its dash in a column, and of its condition only what its section does not share."""
        path = (*self.path, row.word, row.number)
        node = self.node(*path)
        at, end = self.lines.span(*path)
        by = column - self.lines.lines[at].index("-")
        indent = node.place.column - 1 + by
        if next(iter(node.keys)) == "when":
            raise PolicyError([refused(node.place)])
        yield from _moved(above, by)
        for key in node.keys:
            first, last = self.lines.span(*path, key)
            yield from _moved(self.lines.lines[at:first], by)
            moved = list(_moved(self.lines.lines[first:last], by))
            value = self.node(*path, key)
            if key == "when":
                notes = (_remark(self.lines, number) for number in range(first, last))
                yield from (" " * indent + note for note in notes if note)
                left = self.parts(row)[shared:]
                moved = wrapped("when", joined(left), indent) if left else []
            elif (
                max(map(len, moved)) > WIDTH + 2
                and value.kind == "scalar"
                and all(moved)
                and not any(_remark(self.lines, number) for number in range(first, last))
            ):
                moved = _folded_again(moved, value, by, indent + 2)
            yield from moved
            at = last
        yield from _moved(self.lines.lines[at:end], by)

    def parts(self, row: RowAt) -> list[Node]:
        """Return the parts of a row's condition as they are written."""
        when = self.node(*self.path, row.word, row.number, "when")
        return list(when.content["all"].content) if list(when.content) == ["all"] else [when]

    def node(self, *path: str | int) -> Node:
        found = self.lines.find(*path)
        assert found is not None
        return found


def _moved(lines: Sequence[str], by: int) -> Iterator[str]:
    """Yield lines further in by so many columns, or further out, but no further than their spaces allow."""
    for line in lines:
        bare = line.lstrip(" ")
        yield " " * max(len(line) - len(bare) + by, 0) + bare if bare else line


def _folded_again(lines: list[str], value: Node, by: int, indent: int) -> list[str]:
    """Return the lines of a key and its text, moved `by` columns, within the width, where folding says the same."""
    above, head = [], ""
    if value.plain:
        head = f"{lines[0]} " if lines[0].endswith(":") else lines[0][: value.place.column - 1 + by]
    elif lines[0].endswith(">-") and len({len(line) - len(line.lstrip()) for line in lines[1:]}) == 1:
        above, head = lines[:1], " " * indent
    else:
        return lines
    words = " ".join(str(value.content).split())
    return above + textwrap.wrap(words, WIDTH, initial_indent=head, subsequent_indent=" " * indent,
                                 break_long_words=False, break_on_hyphens=False)  # fmt: skip


def joined(written: Sequence[Node]) -> Yaml:
    """Return what parts of a condition say together, as it is to be written: tests in braces, quotes kept."""
    made = [_data(one) for one in written]
    return made[0] if len(made) == 1 else {"all": made}


def _data(node: Node) -> Yaml:
    if node.kind == "list":
        return [_data(one) for one in node.content]
    if node.kind == "map":
        made = {key: _data(one) for key, one in node.content.items()}
        return Flow(made) if "fact" in made else made
    value: Yaml = node.data()
    return value if node.plain else Quoted(node.content)


def parts(when: m.ConditionModel) -> list[m.ConditionModel]:
    """Return what must hold for a condition to hold, one by one."""
    return list(when.all) if isinstance(when, m.AllModel) else [when]


def heading(given: Sequence[m.ConditionModel], corpus: Corpus) -> str:
    """Return the heading of a section for which nobody has written one: its condition, in the words of the facts."""
    said = _phrase(AllOf(tuple(part.condition for part in given)), corpus)
    return said[:1].upper() + said[1:]


def _phrase(condition: Condition, corpus: Corpus, negated: bool = False) -> str:
    if isinstance(condition, Not):
        return _phrase(condition.part, corpus, not negated)
    if not isinstance(condition, Test):
        said = [_phrase(part, corpus, negated) for part in condition.parts]
        if len(said) > 1:
            groups = [isinstance(part, (AllOf, AnyOf)) and len(part.parts) > 1 for part in condition.parts]
            said = [f"({one})" if group else one for one, group in zip(said, groups, strict=True)]
        return (" and " if isinstance(condition, AllOf) is not negated else " or ").join(said)
    kind, operand = corpus.types[condition.fact], condition.operand
    if isinstance(operand, m.FactLimitModel):
        limit = lowered(corpus.types[operand.fact].label) + (f" and {operand.by.lstrip('$')}" if operand.by else "")
    elif isinstance(operand, str) and operand.startswith("$"):
        limit = lowered(corpus.parameters[operand[1:]][-1][1].label)
    else:
        bound = Test(condition.fact, condition.operator, operand, limit=typed(operand, kind.type))
        return say_test(bound, corpus.types, negated=negated)
    return f"{lowered(kind.label or condition.fact)} {say_asked(condition, kind, negated=negated)} {limit}"
