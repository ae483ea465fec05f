"""The mapping exercise: which pupils are mapped to a level, by whom and in which order, and how each school maps.

The response says in which order pupils are mapped (rules/board.yaml). A list that is loaded is of one reason. Where a
school maps higher than chance explains, its cases are moderated first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from senpolicy.caseloads.small_counts import LEAST, shared
from senpolicy.comparing.funnels import FunnelPoint, funnel_point
from senpolicy.deciding.decide import Decision
from senpolicy.files.models.board import MappingSettled
from senpolicy.files.models.views import views_of
from senpolicy_board import editions, trail
from senpolicy_board.loading import group_of
from senpolicy_board.policies import Policies, answers_of
from senpolicy_board.scoring import barred, must_not_be_barred
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import BoardCase, Loaded, MappedLevel, MappingList

if TYPE_CHECKING:
    from senpolicy_board.rating import Rated
    from senpolicy_board.web import Visit

#: Of a list whose reason nobody has said yet, and of a level that a case was loaded with.
NO_REASON, AS_LOADED = "Reason not said yet", "As loaded"


def settled(policies: Policies) -> MappingSettled | None:
    """Return in which order pupils are mapped, None where rules/board.yaml does not say."""
    return policies.corpus.board.mapping if policies.corpus.board else None


def reasons(policies: Policies) -> dict[str, str]:
    """Return the reasons for which pupils are mapped, in their order, by id, with their labels."""
    found = settled(policies)
    return {one.id: one.label for one in found.order} if found else {}


@dataclass(frozen=True)
class ListToMap:
    """A list of pupils: why they are mapped, None where nobody has said, and how many are mapped, and not, by whom."""

    loaded: Loaded
    reason: str | None
    mapped: int
    left: int
    by: Mapping[str, int]


def lists(policies: Policies) -> list[ListToMap]:
    """Return every list whose facts are there, in the order in which pupils are mapped."""
    found, order = [], list(reasons(policies))
    of = {one.caseload_id: one.reason for one in MappingList.objects.order_by("id")}
    by: dict[int, dict[int, str]] = {}
    for one in MappedLevel.objects.select_related("by", "case").order_by("id"):
        by.setdefault(one.case.caseload_id, {})[one.case_id] = one.by.label
    for loaded in Loaded.objects.filter(removed_at=None).order_by("id"):
        cases = loaded.cases.filter(facts__isnull=False)
        mapped, every = cases.filter(level__isnull=False).count(), cases.count()
        who = Counter(by.get(loaded.pk, {}).values())
        as_loaded = {AS_LOADED: mapped - who.total()} if mapped > who.total() else {}
        found.append(
            ListToMap(loaded, of.get(loaded.pk), mapped, every - mapped, {**as_loaded, **dict(sorted(who.items()))})
        )
    return sorted(found, key=lambda one: order.index(one.reason) if one.reason in order else len(order))


def to_map(visit: Visit, among: Iterable[ListToMap]) -> list[tuple[BoardCase, ListToMap]]:
    """Return the pupils of lists who are not mapped yet, each with their list, in the order of these.

    Those whose case bars the member are left out.
    """
    return [
        (case, one)
        for one in among if one.left
        for case in one.loaded.cases.filter(level=None, facts__isnull=False).prefetch_related("conflicts")
        if not barred(case, visit.account)
    ]  # fmt: skip


def must_be_to_map(case: BoardCase, visit: Visit) -> None:
    """Raise `Stop` where a pupil cannot be mapped now by a member.

    A level with which a case was loaded stays. One that was mapped here can be mapped again until the case is in a
    sample: moderation is of decisions already made (response, lines 908-909).
    """
    must_not_be_barred(case, visit.account)
    if not reasons(visit.policies):
        raise Stop(404, "Nobody is mapped on this board", "rules/board.yaml does not say in which order.")
    if case.picks.all() or case.scorings.all() or case.outcomes.all() or case.seeds.all():
        raise Stop(409, "This pupil is mapped", "The case is moderated already. The board decides its level now.")
    if case.level is not None and not case.mapped.all():
        raise Stop(409, "This pupil is mapped", "The case was loaded with its level. The board can change it.")


def keep(visit: Visit, case: BoardCase, ratings: Rated) -> MappedLevel:
    """Keep the level to which a pupil is mapped, as facts of the case and as a row of its own, and return the row.

    Raises `Stop` where the policy decides no case with these facts.
    """
    policies = visit.policies
    given = {area.fact: ratings.areas.get(area.id) for area in policies.areas} | {policies.level_fact: ratings.level}
    facts = {**(case.facts or {}), **{name: level for name, level in given.items() if level}}
    found = policies.decided_as(case.ref or "", facts)
    if not isinstance(found, Decision):
        raise Stop(422, "No case can be decided with this level", "Look at the facts of the case. Nothing is saved.")
    case.facts, case.level, case.answers = facts, ratings.level, answers_of(found)
    case.salt = trail.new_salt()
    case.seal = trail.seal(case.salt, trail.content_of(case))
    case.save()
    row: MappedLevel = MappedLevel.objects.create(
        case=case, level=ratings.level, ratings={"areas": dict(ratings.areas), "level": ratings.level}, at=visit.now,
        by=visit.account,
    )  # fmt: skip
    visit.record("pupil mapped", f"case:{case.key}", seal=case.seal, mapped=row.key)
    return row


# How each school maps, beside all of its kind.


@dataclass
class SchoolMapping:
    """A school and kind of place: its pupils by level, numbered from the least need, and how many are not mapped.

    `point` is that of the funnel, None where too few are mapped. `cases` are the keys of those who are mapped, with the
    key of their list; `barred` that the member has an interest in it.
    """

    school: str
    setting: str
    levels: Counter[int] = field(default_factory=Counter)
    left: int = 0
    cases: list[tuple[str, str]] = field(default_factory=list)
    point: FunnelPoint | None = None
    barred: bool = False

    @property
    def verdict(self) -> str:
        """How it maps beside all of its kind: "high", "low", "no" (as they do), or "" where too few are mapped."""
        return self.point.stands_out if self.point else ""


@dataclass(frozen=True)
class MappingFigures:
    """How schools map: those that map high first; `whole` are all pupils of a kind of place by level.

    `levels` are the names of the levels in use; `few` is from how many pupils a school has a verdict, and `elsewhere`
    how many have a level that no table reads in the edition in use, and are not counted.
    """

    levels: tuple[str, ...]
    schools: list[SchoolMapping]
    whole: Mapping[str, Counter[int]]
    few: int
    elsewhere: int

    def count(self, setting: str, level: int) -> int | str:
        """Return how many of a kind of place are at a level, as it may be shared."""
        return _shared(self.whole[setting][level])


def _shared(number: int) -> int | str:
    """Return a count as it may be shared: none under five is told, and not that there is nobody either.

    Of a school with a few pupils left, or a level of a few pupils, 0 elsewhere would tell where all of them are.
    """
    return shared(max(number, 1))


def figures(visit: Visit) -> MappingFigures | None:
    """Return how schools map, with levels as mapped, not as the board changed them.

    None where rules/views.yaml does not say which fact is the place and which group the school. A pupil of several
    lists counts once, as in the newest.
    """
    policies, few = visit.policies, max(LEAST, visit.policies.bounds.least_of_group)
    of, by, elsewhere = views_of(policies.corpus.files).tariff, editions.tables(), 0
    if of is None:
        return None
    found, whole = dict[tuple[str, str], SchoolMapping](), dict[str, Counter[int]]()
    order = cache(lambda day: editions.order_on(day, policies, by) if day else {})
    for case in newest():
        where = (group_of(case, of.school), str((case.facts or {}).get(of.place) or ""))
        one = found.setdefault(where, SchoolMapping(*where))
        one.barred |= barred(case, visit.account)
        level = order(case.decision_date).get(str(case.level))
        if case.level is None:
            one.left += 1
        elif level is None:
            elsewhere += 1
        else:
            one.levels[level] += 1
            one.cases.append((case.key, case.caseload.key))
            whole.setdefault(where[1], Counter())[level] += 1
    for one in found.values():
        if one.levels.total() >= few and one.school:
            one.point = funnel_point(one.school, one.setting, one.levels, whole[one.setting])
    labels = tuple(level.label for level in policies.levels_on(None))
    return MappingFigures(labels, sorted(found.values(), key=_first), dict(sorted(whole.items())), few, elsewhere)


def _first(one: SchoolMapping) -> tuple[bool, float, str, str]:
    """Return by what schools are ordered: those that map high first, the furthest above first."""
    above = one.point.average - one.point.high if one.point and one.verdict == "high" else 0.0
    return not above > 0, -above, one.school, one.setting


def newest() -> Iterator[BoardCase]:
    """Yield each pupil's case whose facts are there, that of the newest list where several have the reference."""
    cases = BoardCase.objects.filter(facts__isnull=False).select_related("caseload").prefetch_related("conflicts")
    last = dict(cases.order_by("id").values_list("ref", "pk"))
    yield from (case for case in cases.defer("answers").order_by("id") if last[case.ref] == case.pk)


#: What a table of how schools map says in a file or on a page that may be shared.
VERDICTS = {
    "high": "higher than chance explains", "low": "lower than chance explains", "no": "as schools of its kind",
    "": "too few to say",
}  # fmt: skip


def rows_to_share(found: MappingFigures) -> list[Sequence[str]]:
    """Return a row for each school that may be shared: every count rounded, and none under five told."""
    return [
        (one.school or "not known", one.setting, str(_shared(one.levels.total())), str(_shared(one.left)),
         VERDICTS[one.verdict])
        for one in found.schools
    ]  # fmt: skip
