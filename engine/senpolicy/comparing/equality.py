"""The working of an equality impact assessment: what a change does to each group, beside what the assessments say.

The pupils of a caseload are decided under two versions of the policy, or costed by a plan of bands and rates, and
counted by every declared group. Beside these are the sections of the assessments that the policy holds, with the
actions that they promise, and what is not known.

A pupil loses where all that may be paid after the change is less than all that may have been paid before, and may lose
where only some of it is. Small counts are withheld as in a movement (pounds) and as in a tariff (who loses).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from senpolicy.caseloads.small_counts import few, told
from senpolicy.comparing.intervals import newcombe
from senpolicy.comparing.movement import Moved, Movement, Sum, Told, groups_of, movement, views_of_both
from senpolicy.comparing.suppression import withheld_in_group
from senpolicy.comparing.tariffs import PlanAnswer
from senpolicy.files.digests import PlainData
from senpolicy.files.models import records as r
from senpolicy.files.models.rules import Source
from senpolicy.files.models.views import needed
from senpolicy.language.conditions import pounds
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import Policy
from senpolicy.readings.say import say_document

#: What every output says first.
SAYS = (
    "This is the working for an equality impact assessment, and not the assessment. It counts what the rules pay. It "
    "does not say why, nor whether needs are met. A difference between groups may have another cause than the group."
)
#: The value of pupils for whom a column says nothing; no column can say this, since it begins with a bracket.
NOT_GIVEN = "(not given)"
#: What becomes of a pupil whose pounds are known under both versions.
_KNOWN = ("lose", "may", "keep")
IMPACTS = {"yes": "Yes", "no": "No", "no_and_yes": "No and Yes, both in one field"}


@dataclass(frozen=True)
class GroupEffect:
    """What a change does to the pupils who have one value of a group, or to all.

    Of the `pupils`, `compared` are those whose pounds a year are known under both versions, as a figure or a range.
    `money` are the pounds of these. `lose` are those of them who are surely paid less, `may_lose` those who may be.
    `interval` is the 95% interval of how much larger the share who surely lose is than that of all others. None is what
    is withheld, and an interval with nobody to compare.
    """

    value: str
    pupils: int | None
    compared: int | None
    money: Sum
    lose: int | None
    may_lose: int | None
    interval: tuple[float, float] | None  # Its ends are square roots, which no fraction is.

    @property
    def share(self) -> Fraction | None:
        """The share of those compared who surely lose; None where it is withheld, or nobody is compared."""
        return Fraction(self.lose, self.compared) if self.lose is not None and self.compared else None

    def to_json(self) -> dict[str, PlainData]:
        """Return it as plain data, pounds as text; null for what is withheld or not known."""
        share = self.share
        return {
            "value": self.value,
            "pupils": self.pupils,
            "compared": self.compared,
            "present": _ends(self.money.base),
            "new": _ends(self.money.head),
            "change": _ends(self.money.difference),
            "lose": self.lose,
            "share_who_lose": None if share is None else str(share),
            "may_lose": self.may_lose,
            "interval": [f"{end:.4f}" for end in self.interval] if self.interval else None,
        }


def _ends(told: Told | None) -> PlainData:
    if told is None:
        return None
    return {"low": pounds(told[0]), "high": None if told[1] is None else pounds(told[1])}


@dataclass(frozen=True)
class AssessedSection:
    """A section of an assessment that the policy holds.

    `counted_by` are the groups that tell of its pupils and that the caseload has; where there is none, `why_not` says
    what to do. `figures` are those that the policy takes from the part of the assessment with the section's name.
    """

    group: r.EqualityGroup
    promises: Sequence[r.Promise]
    counted_by: Sequence[str]
    why_not: str
    figures: Sequence[r.CheckedFigure]

    @property
    def impacts(self) -> str:
        """What it answers on negative impacts, in words."""
        return IMPACTS[self.group.negative_impacts]


@dataclass(frozen=True)
class Assessment:
    """An equality assessment as the policy holds it: of which decision, its sections, and notes on the whole."""

    decision: str
    sections: Sequence[AssessedSection]
    notes: Sequence[str]


@dataclass(frozen=True)
class EqualityWorking:
    """All of it. `names` are those of the two versions, `notes` those of the caseload's file."""

    names: tuple[str, str]
    base: Policy
    head: Policy
    file: str
    refused: int
    every: GroupEffect
    groups: dict[str, tuple[GroupEffect, ...]]
    notes: Sequence[str]
    plan: PlanAnswer | None = None

    @property
    def says(self) -> str:
        """What the working is, and what each scenario that is laid over a version says of itself."""
        scenarios = [one.scenario.says for one in (self.base, self.head) if one.scenario]
        return " ".join(dict.fromkeys([SAYS, *scenarios]))

    @cached_property
    def assessments(self) -> tuple[Assessment, ...]:
        """The assessments that the head holds of decisions up to the one as of which it is, in their order."""
        corpus, found = self.head.corpus, []
        until = corpus.order[: corpus.order.index(self.head.as_of) + 1]
        files = [file for file in corpus.files.values() if isinstance(file, r.BackgroundFile)]
        for file in sorted(files, key=lambda one: corpus.order.index(one.background.decision)):
            if file.equality and file.background.decision in until:
                promises = {one.id: one for one in file.mitigations}
                sections = [self._section(one, [promises[name] for name in one.mitigations]) for one in file.equality]
                found.append(Assessment(file.background.decision, sections, file.background.notes))
        return tuple(found)

    def _section(self, group: r.EqualityGroup, promises: Sequence[r.Promise]) -> AssessedSection:
        here = [name for name in group.counted_by if name in self.groups]
        if here:
            why_not = ""
        elif group.counted_by:
            why_not = f"Not counted: the caseload has no column {' or '.join(group.counted_by)}."
        else:
            why_not = "Not counted: no declared column tells of it."
        figures = [
            one
            for file in self.head.corpus.files.values()
            if isinstance(file, r.FiguresFile)
            for one in file.figures
            if any((of.document, of.paragraph) == (group.source[0].document, group.label) for of in one.source)
        ]
        return AssessedSection(group, promises, here, why_not, figures)

    def label(self, group: str) -> str:
        """Return what a group is called."""
        return groups_of(self.base, self.head)[group].label

    def cited(self, sources: Sequence[Source]) -> str:
        """Return sources as people call them, with paragraph and lines."""
        documents = self.head.corpus.documents
        return "; ".join(
            f"{say_document(one.document, documents)} {one.paragraph}{_lines(one.lines)}" for one in sources
        )

    def bears_on(self, promise: r.Promise) -> list[str]:
        """Return what of the head shows whether a promise is kept, in words."""
        return [said for link in promise.bears_on if (said := _borne(link, self.head.corpus))]

    def not_known(self) -> Iterator[str]:
        """Yield what the figures leave out, and what nobody can tell from them."""
        every = self.every
        pays = needed(views_of_both(self.base, self.head).pays, "pays")
        yield f"The pounds are those of the question '{pays.question}'. What other questions pay is not counted."
        if every.pupils is not None and every.compared is not None:
            if left := every.pupils - every.compared:
                yield (
                    f"{left} of {every.pupils} pupils are in no figure of pounds and not among those who lose: what "
                    "they are paid is not known under one version or both."
                )
        else:
            yield "For how many pupils the pounds are not known is withheld."
        if self.refused:
            refused = told(self.refused).capitalize()
            yield f"{refused} rows were refused, and are counted nowhere. senpolicy decide says why."
        yield (
            "Where a range is paid, its two ends are summed, and the change is that of each end. Those who may lose "
            "may also not."
        )
        for name, rows in self.groups.items():
            missing = next((one for one in rows if one.value == NOT_GIVEN), None)
            if missing:
                many = "so few that it is withheld" if missing.pupils is None else str(missing.pupils)
                yield f"{self.label(name)}: of how many pupils the caseload does not tell it: {many}."
        if any(one.why_not for each in self.assessments for one in each.sections):
            yield (
                "Sections that are not counted say so: what a change does to their pupils is not known here. Where a "
                "column tells of them, declare it, and name it in the background.yaml of the assessment as counted_by."
            )
        if not self.assessments:
            yield "No equality assessment is held in the policy, so neither are its sections and actions."
        else:
            yield (
                "Actions are told in this policy's own words. What an assessment says in its own, and who is "
                "responsible, is in the papers."
            )

    def to_json(self) -> dict[str, PlainData]:
        """Return the working as plain data; null for what is withheld."""
        return {
            "base": {"name": self.names[0], "as_of": self.base.as_of, "digest": self.base.digest},
            "head": {"name": self.names[1], "as_of": self.head.as_of, "digest": self.head.digest},
            "says": self.says,
            "caseload": self.file,
            "refused": None if few(self.refused) else self.refused,
            "all": self.every.to_json(),
            "groups": [
                {"group": name, "label": self.label(name), "values": [one.to_json() for one in rows]}
                for name, rows in self.groups.items()
            ],
            "plan": None
            if self.plan is None
            else {
                "plan": self.plan.plan.id,
                "title": self.plan.file.title,
                "says": self.plan.says,
                "groups": [one.to_json() for one in self.plan.groups],
            },
            "assessments": [
                {
                    "decision": each.decision,
                    "notes": list(each.notes),
                    "sections": [self._section_json(one) for one in each.sections],
                }
                for each in self.assessments
            ],
            "not_known": list(self.not_known()),
            "notes": list(self.notes),
        }

    def _section_json(self, one: AssessedSection) -> dict[str, PlainData]:
        return {
            "id": one.group.id,
            "label": one.group.label,
            "section": one.group.section,
            "negative_impacts": one.group.negative_impacts,
            "source": self.cited(one.group.source),
            "counted_by": list(one.counted_by),
            "why_not_counted": one.why_not or None,
            "mitigations": [
                {
                    "id": promise.id,
                    "says": promise.says,
                    "source": self.cited(promise.source),
                    "bears_on": list[PlainData](self.bears_on(promise)),
                    "note": promise.note,
                }
                for promise in one.promises
            ],
            "figures": [figure.id for figure in one.figures],
        }


def _lines(lines: str | None) -> str:
    return f", line{'s' if '-' in lines else ''} {lines}" if lines else ""


def _borne(link: r.Link, corpus: Corpus) -> str:
    if link.open_point and link.open_point in corpus.open_points:
        return f"open point: {corpus.open_points[link.open_point][1].title}"
    if link.parameter and link.parameter in corpus.parameters:
        return f"value: {corpus.parameters[link.parameter][-1][1].label}"
    return f"rule: {link.rule}" if link.rule else ""


def working(
    cases: Sequence[Moved], names: tuple[str, str], base: Policy, head: Policy, file: str, notes: Sequence[str],
    plan: PlanAnswer | None = None,
) -> EqualityWorking:  # fmt: skip
    """Return the working for a caseload, from what becomes of each of its cases under two policies.

    Raises `WrongUse` where no views say by which question cases move, or which one pays.
    """
    views = views_of_both(base, head)
    route, school = needed(views.route, "route"), views.tariff.school if views.tariff else ""
    decided = [one for one in cases if one.answers]
    counted = [name for name in groups_of(base, head) if name != school and any(name in one.groups for one in decided)]
    placed = [replace(one, groups={name: one.groups.get(name, NOT_GIVEN) for name in counted}) for one in decided]
    moved, results = movement(placed, route), [_result(one) for one in placed]
    groups = {}
    for name in counted:
        values = sorted({one.groups[name] for one in placed}, key=lambda one: (one == NOT_GIVEN, one))
        of = [one.groups[name] for one in placed]
        money = [moved.by[name][value] for value in values]
        groups[name] = tuple(_effects(values, of, results, [(count, told) for count, _, told in money]))
    return EqualityWorking(
        names, base, head, file, len(cases) - len(decided), _all(moved, results), groups, tuple(notes), plan
    )


def _result(one: Moved) -> str:
    """Return what becomes of a pupil: whether less is paid, for sure or perhaps, or whether that is not known."""
    if one.base is None or one.head is None:
        return "unknown"
    if one.base == one.head or one.head[0] >= one.base[1]:
        return "keep"
    return "lose" if one.head[1] < one.base[0] else "may"


def _all(moved: Movement, results: Sequence[str]) -> GroupEffect:
    """Return what becomes of all; small counts are withheld, that of those whose pounds are not known too."""
    count = Counter(results)
    known = [count[kind] for kind in _KNOWN]
    if moved.cases is None or few(sum(known)):
        return GroupEffect("all", moved.cases, None, Sum(None, None, None, ""), None, None, None)
    hidden = few(*known)
    compared = None if few(moved.cases - sum(known)) else sum(known)
    lose, may = (None if hidden else count[kind] for kind in ("lose", "may"))
    return GroupEffect("all", moved.cases, compared, moved.total, lose, may, None)


def _effects(
    values: Sequence[str], of: Sequence[str], results: Sequence[str], shown: Sequence[tuple[int | None, Sum]]
) -> Iterator[GroupEffect]:
    """Yield what becomes of each value's pupils: `of` is the value of each, `shown` each count and its pounds."""
    place = {value: at for at, value in enumerate(values)}
    counts = {kind: [0] * len(values) for kind in (*_KNOWN, "unknown")}
    for value, result in zip(of, results, strict=True):
        counts[result][place[value]] += 1
    unknown = counts.pop("unknown")
    hidden = withheld_in_group(counts, unknown)
    known = [sum(some) for some in zip(*counts.values(), strict=True)]
    everybody, losing = sum(known), sum(counts["lose"])
    for at, (value, (count, money)) in enumerate(zip(values, shown, strict=True)):
        if count is None or (at, "pupils") in hidden:
            yield GroupEffect(value, None, None, Sum(None, None, None, ""), None, None, None)
            continue
        compared = None if (at, "known") in hidden else known[at]
        lose, may = (None if compared is None or (at, kind) in hidden else counts[kind][at] for kind in ("lose", "may"))
        rest = everybody - known[at]
        # An interval is of the total too, and tells it.
        told = compared and rest and lose is not None and not hidden & {(-1, "known"), (-1, "lose")}
        interval = newcombe(counts["lose"][at], known[at], losing - counts["lose"][at], rest) if told else None
        told_money = money if compared is not None else Sum(None, None, None, "")
        yield GroupEffect(value, count, compared, told_money, lose, may, interval)
