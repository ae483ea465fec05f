"""What the board asks of the engine: cases from rows, decisions, areas and levels, and what lies nearest.

The rule engine and the solver each run in one thread of their own, whoever asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from contextlib import closing
from datetime import date
from functools import lru_cache
from typing import TypeVar

from senpolicy.checking.opening import Asked, open_corpus
from senpolicy.deciding.cases import Case, Refused, read_row
from senpolicy.deciding.decide import Decider, Decision, NotIssued
from senpolicy.explaining.explainer import Explained, Explainer
from senpolicy.files.digests import PlainData
from senpolicy.files.identifiers import told_in, vocabulary
from senpolicy.files.models.editions import EditionFile, Level, Statement
from senpolicy.language.conditions import pence, written
from senpolicy.policy.banding import banded
from senpolicy.policy.layout import RECORDS
from senpolicy.policy.timeline import Policy
from senpolicy.proving.nearest import OutOfTime, given_facts
from senpolicy_board.agreement import AgreementSettings
from senpolicy_board.rating import RatedArea, counts_at
from senpolicy_board.sampling import BY, Plan
from senpolicy_board.settings import Settings
from senpolicy_board.tables import BoardCase

#: The questions whose answers the board shows by these names, where the policy has them.
BAND, ROUTE = "band", "route"
#: How many decided cases are remembered.
REMEMBERED = 2_000

T = TypeVar("T")
Result = Decision | NotIssued | Refused


def policies_of(settings: Settings) -> closing[Policies]:
    """Return the policy of a board, whose threads end with the block that it is used in."""
    return closing(Policies(settings))


class Policies:
    """The policy of the board, as of every decision, and what it comes to for the board's cases.

    Raises `PolicyError` where the corpus has problems, `WrongUse` for a name that is not known.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.corpus = open_corpus(settings.root, RECORDS)
        self._made: dict[str | None, Policy] = {}
        self._deciders: dict[str, Decider] = {}
        self._deciding = ThreadPoolExecutor(1, "deciding")
        self._solving = ThreadPoolExecutor(1, "solving")
        self.policy = self.as_of(settings.as_of)
        self._decided = lru_cache(REMEMBERED)(self._decide)
        self._words = vocabulary(settings.root)

    def names_in(self, text: str) -> list[str]:
        """Return the words of a free text that may tell who somebody is; the policy's own words are not names."""
        return told_in(text, self._words)

    def close(self) -> None:
        """Let the two threads end."""
        self._deciding.shutdown(wait=False, cancel_futures=True)
        self._solving.shutdown(wait=False, cancel_futures=True)

    def as_of(self, number: str | None) -> Policy:
        """Return the policy as it stood once a decision had been taken; raises `WrongUse` for one that is not known."""
        if number not in self._made:
            one = self.settings
            asked = Asked(number, one.include_proposed, one.readings, one.scenario)
            self._made[number] = asked.of(self.corpus)
        return self._made[number]

    @property
    def earlier(self) -> tuple[str, ...]:
        """The decisions as of which a case can be looked at, in the order in which they were taken."""
        return self.policy.decisions

    def decide(self, row: BoardCase, as_of: str | None = None) -> Result:
        """Return what the policy makes of a case; raises ValueError once its facts are removed.

        Where the board has changed the level, or two members have adjusted it with its run, the case has that level.
        """
        if row.facts is None or row.ref is None:
            raise ValueError("the facts of this case have been removed")
        facts, level = dict(row.facts), counts_at(row, self)
        if level and level != row.level:
            facts[self.level_fact] = level
        return self._decided(row.ref, tuple(sorted(facts.items())), as_of)

    def decided_as(self, ref: str, cells: Mapping[str, str]) -> Result:
        """Return what the policy makes of a case with other cells than its own; remembered as that of a case is."""
        return self._decided(ref, tuple(sorted(cells.items())), None)

    def _decide(self, ref: str, facts: tuple[tuple[str, str], ...], as_of: str | None) -> Result:
        policy = self.as_of(as_of)
        return self.decide_cells({"case_ref": ref, **dict(facts)}, policy)

    def decide_cells(self, cells: Mapping[str, str], policy: Policy) -> Result:
        """Return what the policy makes of the cells of one row."""
        case = read_row(cells.items(), 1, "", policy)
        return case if isinstance(case, Refused) else self.decide_case(case, policy)

    def decide_case(self, case: Case, policy: Policy) -> Result:
        """Return what the policy makes of a case."""
        return self._deciding.submit(self._decider(policy, "deciding").decide, case).result()

    def _decider(self, policy: Policy, who: str) -> Decider:
        # Ids of policies that live as long as this object does.
        return self._deciders.setdefault(f"{who}/{id(policy)}", Decider(policy))

    def explain(self, decision: Decision, wanted: str | None = None) -> Explained | None:
        """Return why not another answer, and the smallest changes that lead there (or anywhere); None if out of time.

        `wanted` is "question=answer". Raises `WrongUse` for one that is not known.
        """
        policy, seconds = decision.policy, self.settings.nearest_seconds
        explainer = Explainer(self._decider(policy, "solving"), wanted, nearest=True)

        def work() -> Explained:
            start = time.monotonic()
            return explainer.explain(decision, lambda: seconds - (time.monotonic() - start))

        waiting = self._solving.submit(work)
        try:
            return waiting.result(seconds * 1.5)
        except OutOfTime:
            return None
        except LateError:  # Someone else's is being worked out.
            waiting.cancel()
            return None

    def begin(self, work: Callable[[], T]) -> Future[T]:
        """Begin some work with the solver, in its thread, once what it does now is done."""
        return self._solving.submit(work)

    # What the edition holds.

    @property
    def level_fact(self) -> str:
        """The fact that holds the level to which a pupil is mapped, "" where there is none."""
        facts = self.corpus.facts.facts
        return next((name for name, fact in facts.items() if fact.from_ratings), "")

    def edition_on(self, day: date | None) -> EditionFile | None:
        """Return the edition of descriptors in use on a day (None: the last), None where no fact has levels."""
        return (self.policy.on(day) if day else self.policy.periods[-1]).edition

    @property
    def areas(self) -> list[RatedArea]:
        """The areas that are rated, as the facts name them; labels as the edition has them where it does."""
        edition = self.edition_on(None)
        labels = {area.id: area.label for area in edition.areas} if edition else {}
        found = []
        for name, fact in self.corpus.facts.facts.items():
            if fact.area:
                label = labels.get(fact.area) or fact.area.replace("_", " ").capitalize()
                found.append(RatedArea(fact.area, name, label))
        return found

    def levels_on(self, day: date | None) -> list[Level]:
        """Return the levels of the edition in use on a day (None: the last), from the least need to the most."""
        edition = self.edition_on(day)
        return sorted(edition.levels, key=lambda level: level.order) if edition else []

    def level_label(self, level: str | None, day: date | None = None) -> str:
        """Return the name of a level as the edition in use on a day has it (None: the last), "not known" for None.

        A level that this edition does not have is named as another edition has it, or by its id in words.
        """
        if level is None:
            return "not known"
        others = (one for edition in self.corpus.editions.values() for one in edition.levels)
        known = (one.label for one in (*self.levels_on(day), *self.levels_on(None), *others) if one.id == level)
        return next(known, level.replace("_", " "))

    def document(self, name: str) -> str:
        """Return the title of a document, its id where it is not known."""
        found = self.corpus.documents.get(name)
        return found.title if found else name

    def stratum(self, name: str) -> str:
        """Return a stratum with its level by name: "Community 2, SEN Support, smaller"."""
        return ", ".join(self.level_label(part) for part in name.split(" | "))

    def statements(self, area: str, level: str, day: date | None) -> list[Statement]:
        """Return what the edition of a day describes for an area at a level; empty where it is not held."""
        edition = self.edition_on(day)
        return [one for one in edition.statements if (one.area, one.level) == (area, level)] if edition else []

    def rated_by_method(self, day: date | None) -> bool:
        """Return whether the edition of a day says how ratings come to a level; if not, a moderator says it too."""
        edition = self.edition_on(day)
        return bool(edition and edition.banding and edition.banding.method == "highest_area")

    def level_of(self, ratings: Mapping[str, str | None], day: date | None) -> str | None:
        """Return the level to which ratings by area lead, None where areas are missing or there is no method."""
        edition = self.edition_on(day)
        if edition is None or not self.rated_by_method(day):
            return None
        known = {level.id for level in edition.levels}
        found = banded(edition, {name: level if level in known else None for name, level in ratings.items()}).level
        return found.id if found else None

    def band_of(self, level: str | None, day: date | None) -> str | None:
        """Return the name of the band for which a level stands, None where the edition of the day has none."""
        edition = self.edition_on(day)
        bands = edition.banding.bands if edition and edition.banding else ()
        return next((band.label for band in bands if level and band.level == level), None)

    # What is kept of a case.

    def size(self, case: Case) -> int | None:
        """Return the size of a case in pence a year: the first fact known of those that rules/board.yaml names."""
        named = self.corpus.board.sizes if self.corpus.board else ()
        known = (case.facts.get(name) for name in named)
        return next((value for value in known if isinstance(value, int)), None)

    @property
    def bounds(self) -> AgreementSettings:
        """By what consistency is judged, as rules/board.yaml has it."""
        if self.corpus.board is None:
            return AgreementSettings()
        one = self.corpus.board.consistency
        return AgreementSettings(
            least=int(one.floor.value),
            least_of_group=int(one.floor_of_group.value),
            tolerance=float(one.tolerance.value),
            baseline=int(one.baseline.value),
            doubt=float(one.doubt.value),
            upper=float(one.upper.value),
            near=int(one.near.value),
        )

    @property
    def plan(self) -> Plan:
        """The sampling plan where the chair says nothing else, as rules/board.yaml has it."""
        if self.corpus.board is None:
            return Plan()
        one = self.corpus.board.sample
        crossed = one.crossed is None or bool(one.crossed.value)
        return Plan(BY, int(one.per_cent.value), int(one.fewest.value), int(one.most.value), crossed)

    @property
    def scorers(self) -> int:
        """How many moderators must confirm their ratings before the board decides a case."""
        return int(self.corpus.board.sample.moderators.value) if self.corpus.board else 2

    @property
    def furthest(self) -> float | None:
        """How many levels two ratings may lie apart before a further moderator rates, None where none ever does."""
        third = self.corpus.board.sample.third if self.corpus.board else None
        return float(third.value) if third else None

    def triggers(self, days: Iterable[date]) -> list[int]:
        """Return the amounts above which a case is seen whatever the sample, on these days: pence, each once."""
        return sorted({limit for day in set(days) if (limit := self._trigger(day)) is not None})

    def _trigger(self, day: date) -> int | None:
        board = self.corpus.board
        found = self.policy.parameter(board.always.more_than.removeprefix("$"), day) if board else None
        return pence(found[1].value) if found and found[1].value is not None else None

    def above_trigger(self, case: Case) -> bool:
        """Return whether a case is one that the board sees whatever its sample."""
        board = self.corpus.board
        if board is None:
            return False
        value, limit = case.facts.get(board.always.fact), self._trigger(case.day)
        return isinstance(value, int) and limit is not None and value > limit

    def given(self, case: Case) -> dict[str, str]:
        """Return the facts that a case gives, as the text of cells, the day among them."""
        types = self.policy.types
        cells = {"decision_date": case.day.isoformat()}
        for name, value in given_facts(case).items():
            text = written(types[name].type, value)
            cells[name] = str(text).lower() if isinstance(text, bool) else str(text)
        return cells


def answers_of(result: Decision) -> dict[str, PlainData]:
    """Return each question with its answer, the steps left out, as plain data."""
    return {name: answer.answer for name, answer in result.answers.items() if not answer.step}
