"""Scenarios: laid over the policy as a further decision would be; one from a file outside; and names of their own.

What a scenario's folder holds is read as a decision's folder is. Laid over the policy it is one more decision, the last
of all, that counts in that policy alone: so binding, checking, proving and comparing know no second way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar

from pydantic import BaseModel

from senpolicy.files.models.names import named_in_file
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import PolicyError, Problems, WrongUse, listed
from senpolicy.policy.corpus import Corpus, read_as
from senpolicy.policy.layout import SCENARIO_FOLDER, each, scenario_in

P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")
FieldValue: TypeAlias = "BaseModel | dict[str, FieldValue] | list[FieldValue] | Hashable"  # Words, numbers, days.


def with_own_names(scenario: ScenarioFile, taken: Collection[str]) -> ScenarioFile:
    """Return a scenario whose own values have names that nothing else has, the `taken` names being the policy's.

    A value is the scenario's own where its rows name it; any other is in the place of the policy's. A decision may
    later set one of the same name: its rules then read the decision's, and the rows of the scenario their own.
    """
    rows = {one.word for one in named_in_file(scenario) if one.names.kind == "parameter" and one.path[0] == "settles"}
    own = {name: f"{scenario.scenario}.{name}" for name in scenario.parameters if name in rows and name in taken}
    if not own:
        return scenario
    parameters = {own.get(name, name): value for name, value in scenario.parameters.items()}
    settles = [_renamed(one, {f"${old}": f"${new}" for old, new in own.items()}) for one in scenario.settles]
    return scenario.model_copy(update={"parameters": parameters, "settles": settles})


def _renamed(held: FieldValue, names: Mapping[str, str]) -> FieldValue:
    """Return a model, or what it holds, with other names for values."""
    if isinstance(held, BaseModel):
        fields = {name: _renamed(getattr(held, name), names) for name in type(held).model_fields}
        return type(held).model_construct(None, **fields)  # A copy would keep what was worked out from the old names.
    if isinstance(held, dict):
        return {key: _renamed(one, names) for key, one in held.items()}
    if isinstance(held, list):
        return [_renamed(one, names) for one in held]
    return names.get(held, held) if isinstance(held, str) else held


def with_scenario(corpus: Corpus, content: bytes, file: str) -> tuple[Corpus, str]:
    """Return the corpus with one more scenario, read from a file outside it, and the scenario's name.

    `file` is the file's name for messages. The digest of the files then tells the two together from the policy
    alone. Raises `PolicyError` with what is wrong with the file; whether its names fit the policy,
    `senpolicy.checking.corpus` says.
    """
    problems = Problems()
    scenario, node = read_as(ScenarioFile, content, file, problems)
    if scenario and scenario.scenario in corpus.scenarios:
        said = f"'{scenario.scenario}' is a scenario of the policy already."
        help = f"Use it by name, as in --scenario {scenario.scenario}; or give this one another."
        problems.add(node.at(("scenario",)), "same-id", said, help)
    problems.stop_on_errors()
    if scenario is None:
        raise PolicyError(problems)
    name = f"policy/scenarios/{scenario.scenario}.yaml"
    digest = hashlib.sha256(f"{corpus.files_digest}\0{hashlib.sha256(content).hexdigest()}".encode()).hexdigest()
    return replace(
        corpus,
        files_digest=f"sha256:{digest}",
        scenarios={**corpus.scenarios, scenario.scenario: scenario},
        files={**corpus.files, name: scenario},
        nodes={**corpus.nodes, name: node},
    ), scenario.scenario


def number_of(scenario: str) -> str:
    """Return what a scenario is called where a decision has its number; no decision can be called so."""
    return f"scenario {scenario}"


def files_of(corpus: Corpus, scenario: str) -> list[str]:
    """Return the paths of a scenario's files."""
    return [name for name in corpus.nodes if name.startswith(SCENARIO_FOLDER) and scenario_in(name) == scenario]


def as_decisions(corpus: Corpus) -> list[str]:
    """Return the scenarios that are laid over the policy as a decision would be: with a folder, or that settle points.

    Any other has values and rows of its own alone.
    """
    folders = {scenario_in(name) for name, _ in each(corpus.files, f"{SCENARIO_FOLDER}*/scenario.yaml")}
    return [name for name, one in corpus.scenarios.items() if name in folders or one.settled]


def less(corpus: Corpus, names: Collection[str]) -> Corpus:
    """Return a corpus without some of its scenarios, and without their files."""
    gone = {file for file in corpus.nodes if file.startswith(SCENARIO_FOLDER) and scenario_in(file) in names}
    return replace(
        corpus,
        scenarios={name: one for name, one in corpus.scenarios.items() if name not in names},
        files={name: one for name, one in corpus.files.items() if name not in gone},
        nodes={name: one for name, one in corpus.nodes.items() if name not in gone},
    )


@dataclass(frozen=True)
class LaidCorpus(Corpus):
    """A corpus with a scenario laid over it, and the one beneath, from which any other policy is made."""

    beneath: Corpus | None = field(default=None, repr=False, compare=False)


def beneath(corpus: Corpus) -> Corpus:
    """Return a corpus without a scenario that is laid over it; itself where none is."""
    return corpus.beneath or corpus if isinstance(corpus, LaidCorpus) else corpus


def made_once(make: Callable[Concatenate[Corpus, P], T]) -> Callable[Concatenate[Corpus, P], T]:
    """Let what is made of a corpus be made of the one beneath, and once: the corpus keeps it, by what was asked for."""

    @wraps(make)
    def made(corpus: Corpus, /, *args: P.args, **asked: P.kwargs) -> T:
        below = beneath(corpus)
        kept: dict[Hashable, T] = vars(below).setdefault(f"_{make.__name__}", {})
        what = (*args, *{**(make.__kwdefaults__ or {}), **asked}.items())
        if what not in kept:
            kept[what] = make(below, *args, **asked)
        return kept[what]

    return made


class MadeOnce(Generic[V]):
    """Keeps what was made, with what it rests on and the values that were read by their names while it was made."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, list[tuple[dict[str, V], Any]]] = {}
        self._reading: dict[str, V] = {}

    def read(self, name: str, value: V) -> V:
        """Return a value, and note by which name it was read."""
        self._reading[name] = value
        return value

    def made(self, rests_on: Hashable, value_of: Callable[[str], V], make: Callable[[], T]) -> T:
        """Return what `make` makes, or what it made before of the same: `value_of` tells what each name is now."""
        kept = self._kept.setdefault(rests_on, [])
        for read, held in kept:
            if all(value_of(name) == value for name, value in read.items()):
                before: T = held
                return before
        self._reading = {}
        made = make()
        kept.append((self._reading, made))
        self._reading = {}
        return made


def laid_over(corpus: Corpus, name: str, counted: tuple[str, ...]) -> tuple[Corpus, tuple[str, ...], ScenarioFile]:
    """Return a corpus with a scenario laid over it as its last decision, the decisions that count with it, and itself.

    `counted` are those that count without. A scenario without a folder is laid over by its own values and rows alone:
    the corpus is as it was. Raises `WrongUse` for a scenario that is not known.
    """
    if name not in corpus.scenarios:
        raise WrongUse(f"'{name}' is not a scenario of this policy. Use one of {listed(corpus.scenarios)}.")
    scenario = corpus.scenarios[name]
    later = corpus.order[corpus.order.index(scenario.as_of) + 1 :] if scenario.as_of in corpus.order else ()
    both = tuple(one for one in counted if one not in {*scenario.without_decisions, *later})
    if name in as_decisions(corpus):
        corpus, both = _laid(corpus, name), (*both, number_of(name))
    return corpus, both, with_own_names(scenario, corpus.parameters)


@made_once
def _laid(corpus: Corpus, name: str) -> LaidCorpus:
    from senpolicy.policy.laying import Laid  # Not read where no scenario is asked for.

    return Laid(corpus, corpus.scenarios[name], number_of(name)).corpus(LaidCorpus)
