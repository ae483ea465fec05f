"""The pages for officers and developers that are made: commands, codes of problems, facts, words and files."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from senpolicy.checking.schemas import meaning
from senpolicy.files.codes import Code, codes
from senpolicy.files.models import rules as m
from senpolicy.files.models.documents import Document
from senpolicy.files.models.notes import field_notes
from senpolicy.language import conditions
from senpolicy.policy.layout import KINDS, model_of
from senpolicy.readings.say import lowered
from senpolicy.site import words as w
from senpolicy.site.addresses import FACTS
from senpolicy.site.pages import Site


@dataclass(frozen=True)
class CommandParameter:
    """An argument or option of a command: how it is written, what it is for, and what it is when it is left out."""

    written: str
    says: str
    needed: bool
    default: str = ""


@dataclass(frozen=True)
class Command:
    """A command, as it says itself."""

    name: str
    says: str
    usage: str
    parameters: tuple[CommandParameter, ...]

    @property
    def first(self) -> str:
        """The first sentence of what it says."""
        return self.says.split("\n\n")[0].strip()


def add(site: Site, commands: Iterable[Command]) -> None:
    """Add the reference pages to the site."""
    site.made("reference/commands.md", "commands.md.j2", commands=list(commands))
    site.made("reference/problems/index.md", "problems.md.j2", groups=_by_group(codes()))
    for name, code in codes().items():
        site.put(f"reference/problems/{name}.md", code.page())
    site.made(FACTS, "facts.md.j2")
    site.made("reference/glossary.md", "glossary.md.j2", terms=terms(site))
    site.made("reference/files.md", "files.md.j2", kinds=kinds())


def _by_group(known: Mapping[str, Code]) -> dict[str, list[Code]]:
    found: dict[str, list[Code]] = {}
    for code in known.values():
        found.setdefault(code.group, []).append(code)
    return found


def commands_of(group: Any) -> list[Command]:
    """Return every command of a group of commands (typer's own, as `typer.main.get_command` gives it), by name."""
    found = []
    for name, command in sorted(group.commands.items()):
        context = type(command).context_class(command, info_name=name)
        shown = [_parameter(one) for one in command.params if not getattr(one, "hidden", False)]
        # A form feed ends what is meant for the help text.
        says = inspect.cleandoc(command.help or "").split("\f")[0]
        usage = " ".join(["senpolicy", name, *command.collect_usage_pieces(context)])
        found.append(Command(name, says, usage, tuple(one for one in shown if one.written != "--help")))
    return found


def _parameter(one: Any) -> CommandParameter:
    is_option = one.param_type_name == "option"
    written = ", ".join([*one.opts, *one.secondary_opts]) if is_option else (one.metavar or one.name.upper())
    plain = one.default if isinstance(one.default, (str, int)) and not isinstance(one.default, bool) else ""
    return CommandParameter(written, one.help or "", bool(one.required), str(plain))


@dataclass(frozen=True)
class Term:
    """A word of this site, what it means, and where that is written."""

    word: str
    means: str
    of: str


#: The models whose first line says what a word of the policy means.
_MODELS: dict[str, type[BaseModel]] = {
    "decision": m.DecisionFile,
    "parameter": m.Parameter,
    "source": m.Source,
    "document": Document,
    "open point": m.OpenPoint,
    "reading": m.Reading,
    "question": m.QuestionFile,
    "version": m.Version,
    "answer": m.AnswerRow,
    "caution": m.Caution,
    "fact": m.Fact,
}


def terms(site: Site) -> list[Term]:
    """Return the words of the models, of the language of rules, and of every choice and answer, by the alphabet."""
    found = [Term(word, _first(kind), "a word of the files") for word, kind in _MODELS.items()]
    found.append(Term("test", _first(conditions.Test), "a word of the files"))
    # A word that stands for several things is none to look up.
    meant = Counter(name for one in site.corpus.questions.values() for name in one.answers)
    meant.update(name for one in site.corpus.facts.facts.values() for name in one.values)
    for question in site.corpus.questions.values():
        for name, says in question.answers.items():
            if meant[name] == 1:
                found.append(Term(site.words(name), says, f"an answer to: {question.asks}"))
    for fact in site.corpus.facts.facts.values():
        if isinstance(fact.values, dict):
            found += [Term(site.words(name), w.heading(says) + ".", f"a value of: {lowered(fact.label)}")
                      for name, says in fact.values.items() if not name[:1].isdigit()]  # fmt: skip
    return sorted(found, key=lambda term: (term.word.lower(), term.of))


def _first(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")


@dataclass(frozen=True)
class Key:
    """A key of a file: its name, whether it is needed, and what it holds."""

    name: str
    needed: bool
    says: str


@dataclass(frozen=True)
class FileKind:
    """A kind of file: where it stands, what it is, and its keys."""

    path: str
    says: str
    keys: tuple[Key, ...]


def kinds() -> list[FileKind]:
    """Return every kind of file that the policy knows, from the models that check them."""
    models = {path: model_of(path) for path in KINDS}
    return [FileKind(path, _first(model), tuple(_keys(model))) for path, model in models.items()]


def _keys(model: type[BaseModel]) -> Iterable[Key]:
    notes = field_notes(model)
    for name, info in model.model_fields.items():
        key = info.alias or name
        yield Key(key, info.is_required(), meaning(model.__name__, key, notes.get(name, ""))[0])
