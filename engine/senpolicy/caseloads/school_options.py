"""What is still to be chosen by others: each value of a fact that nobody can look up yet, tried for those who lack it.

Nothing of this counts in a model's sums. Each option is decided like the caseload itself, with the one fact filled in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing, nullcontext
from dataclasses import replace

import numpy as np
import pyarrow as pa

from senpolicy.caseloads.engines import DEFAULT, Engine, engine
from senpolicy.caseloads.files.cells import as_text
from senpolicy.caseloads.run import decided
from senpolicy.caseloads.school_model import (
    Dated,
    ModelledPupil,
    ModelOption,
    ModelPeriod,
    OptionPeriod,
    SchoolModel,
    Sums,
    label,
    take,
)
from senpolicy.caseloads.tables import Caseload, RowBatch
from senpolicy.language.conditions import FactType
from senpolicy.policy.timeline import Policy
from senpolicy.readings.columns import compiled


class Filled:
    """Some rows of a caseload, with one fact filled in."""

    def __init__(self, caseload: Caseload, refs: Collection[str], fact: str, value: str) -> None:
        self._caseload, self._refs, self._fact, self._value = caseload, pa.array(sorted(refs), pa.string()), fact, value
        self.name, self.notes = caseload.name, ()
        self.headings = list(dict.fromkeys([*caseload.headings, fact]))

    def pieces(self, types: dict[str, FactType], only: list[str] | None = None) -> Iterator[RowBatch]:
        """Yield the rows; see `Caseload`."""
        for piece in self._caseload.pieces(types, None):
            refs = as_text(piece.columns["case_ref"], None)
            places = np.flatnonzero(pa.compute.is_in(refs, self._refs).to_numpy(zero_copy_only=False))
            if not len(places):
                continue
            kept = {name: column.take(pa.array(places)) for name, column in piece.columns.items()}
            kept[self._fact] = pa.array([self._value] * len(places), pa.string())
            chosen = {name: column for name, column in kept.items() if only is None or name in only}
            faults = {at: piece.faults[place] for at, place in enumerate(places.tolist()) if place in piece.faults}
            yield RowBatch(piece.rows[places], chosen, faults)


def with_options(found: SchoolModel, caseload: Caseload, *, engine_name: str | Engine = DEFAULT) -> SchoolModel:
    """Return a model with its options, fact by fact as rules/views.yaml names them; raises what `model` does."""
    policy, every = found.policy, found.spans
    columns, options = compiled(policy), []
    lacking = {
        fact: [
            {one.ref for one in found.pupils if at in one.fates and any(fact in said.missing for said in one.fates[at])}
            for at in range(len(every))
        ]
        for fact in every[0].modelled.beside.options
    }
    if not any(refs for several in lacking.values() for refs in several):
        return found
    with closing(engine(engine_name, columns)) if isinstance(engine_name, str) else nullcontext(engine_name) as running:
        for fact, several in lacking.items():
            kind = policy.types[fact]
            for value, says in zip(kind.values, kind.value_labels or kind.values, strict=True):
                periods = []
                for at, refs in enumerate(several):
                    made: dict[str, ModelledPupil] = {}
                    filled = Dated(Filled(caseload, refs, fact, value), every[at])
                    for done in decided(filled, columns, by=running, verify=0) if refs else ():
                        take(done.table, at, every[at], None, policy, made)
                    if made:
                        periods.append(_period(made, at, every[at], policy))
                if periods:
                    options.append(ModelOption(fact, kind.label, value, says, tuple(periods)))
    return replace(found, options=tuple(options))


def _period(made: dict[str, ModelledPupil], at: int, span: ModelPeriod, policy: Policy) -> OptionPeriod:
    sums, routes = Sums(), Counter[str]()
    for one in made.values():
        sums.add(one.sums[at])
        routes[label(span.modelled.route, one.fates[at].route, policy)] += 1
    return OptionPeriod(span, made, tuple(sorted(routes.items(), key=lambda one: (-one[1], one[0]))), sums)
