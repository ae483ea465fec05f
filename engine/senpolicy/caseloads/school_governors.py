"""One page for a school's governors: the head's own figures, each told whole or withheld, and none of fewer than five.

Nothing is worked out here. A figure that is told is that of the head's report. What would tell of a few pupils, by
itself or beside the others, is withheld; what matters most is told first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from senpolicy.caseloads.school_model import ModelledPupil, PupilResult, SchoolModel, Sums, changes_of, label
from senpolicy.caseloads.school_report import amount_words, people, protected_words, template
from senpolicy.caseloads.small_counts import LEAST, WITHHELD, Withholding
from senpolicy.deciding.decide import UNDETERMINED
from senpolicy.readings.say import say_date, say_money

#: What is said where there is nothing of the kind.
NOTHING = "–"
#: So many lines of a kind fit on the page.
MOST_LINES = 5


@dataclass
class GovernorsRow:
    """A line of the page's first table: what it is about, and its figures in words."""

    name: str
    stands: str
    certain: str
    protected: str
    unknown: str
    assumed: str = ""


@dataclass
class GovernorsPage:
    """What the page says: its tables and lists. `left` counts for each list what is withheld or has no room."""

    pupils: str
    rows: list[GovernorsRow] = field(default_factory=list)
    years: list[GovernorsRow] = field(default_factory=list)
    changes: dict[str, list[str]] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    proposal: str = ""
    left: dict[str, int] = field(default_factory=dict)

    @property
    def nothing_set(self) -> bool:
        """Whether of the period that is now no amount is told, and for some it is not known: what is asked of first."""
        return any(
            (one.stands, one.certain, one.protected, one.assumed or NOTHING) == ("now", *[NOTHING] * 3)
            and one.unknown != NOTHING
            for one in self.rows
        )


def html(found: SchoolModel) -> str:
    """Return the page."""
    page = page_of(found)
    return template("governors.html.j2").render(found=found, page=page, fewest=LEAST, withheld=WITHHELD)


def page_of(found: SchoolModel) -> GovernorsPage:
    """Return what the page says of all pupils of the file."""
    return _Governors(found).page()


class _Governors:
    def __init__(self, found: SchoolModel) -> None:
        self.found = found
        self.telling = Withholding(len(found.pupils))
        self.bit = {pupil.ref: 1 << at for at, pupil in enumerate(found.pupils)}

    def of(self, refs: Iterable[str]) -> int:
        """Return a set of pupils as bits."""
        found = 0
        for ref in refs:
            found |= self.bit[ref]
        return found

    def where(self, fits: Callable[[ModelledPupil], bool]) -> int:
        """Return the pupils of whom something is so."""
        return self.of(one.ref for one in self.found.pupils if fits(one))

    def told(self, pupils: int, says: str) -> str:
        """Return a figure over some pupils, or that it is withheld; over nobody it is a dash."""
        if not pupils:
            return "–"
        return says if self.telling.may_tell(pupils) else WITHHELD

    @cached_property
    def order(self) -> list[int]:
        """The places of the periods: the one that runs, those to come, those that are over."""
        rank = {"now": 0, "to come": 1, "ended": 2, "": 0}
        spans = self.found.spans
        return sorted(range(len(spans)), key=lambda at: (rank[self.found.stands(spans[at])], at))

    def page(self) -> GovernorsPage:
        """Return the page, the figures that matter most asked about first."""
        found = self.found
        number = len(found.pupils)
        page = GovernorsPage(people(number) if number >= LEAST else f"Fewer than {LEAST} pupils")
        if number < LEAST or not found.whole.views:
            return page
        paid, pupils, unknown = found.paid_before
        rows = {at: self.row(at) for at in self.order if found.stands(found.spans[at]) != "ended"}
        before = self.told(self.where(lambda one: bool(one.before)), say_money(paid))
        rows |= {at: self.row(at) for at in self.order if at not in rows}
        if pupils:
            silent = self.told(self.where(lambda one: one.before is None), people(unknown))
            page.rows.append(GovernorsRow("Before", "", before, "–", silent))
        for at in self.order:
            more = people(found.whole.views[at].total.unknown)
            rows[at].unknown = self.told(self.has(at)[3], more)
        page.rows += [rows[at] for at in range(len(found.spans))]
        page.years = [self.year(place) for place in range(len(found.whole.years))]
        self.lists(page)
        self.beside(page)
        return page

    def has(self, at: int) -> tuple[int, int, tuple[int, ...], int]:
        """Return of whom there is a certain amount in a period, an assumed one, a protected part, and more unknown.

        Of a protected part there are several, see `_PROTECTED`.
        """

        def where(fits: Callable[[Sums], bool]) -> int:
            return self.where(lambda one: fits(one.sums.get(at, Sums())))

        return where(_known), where(_supposed), tuple(map(where, _PROTECTED)), where(_unknown)

    def row(self, at: int) -> GovernorsRow:
        """Return the line of a period; for how many more is not known is asked about later."""
        view, (known, supposed, protected, _) = self.found.whole.views[at], self.has(at)
        total = view.total
        return GovernorsRow(
            str(view.span),
            self.found.stands(view.span),
            self.told(known, say_money(total.known)),
            self.all_told(protected, protected_words(total)),
            WITHHELD,
            self.told(supposed, f"{say_money(total.supposed)} (assumed)"),
        )

    def year(self, place: int) -> GovernorsRow:
        """Return the line of a year: each figure told only where those of its periods may be."""
        year, due = self.found.whole.years[place]
        counted = {self.found.days[at].period for at in year.stretches}
        known, supposed, protected, _ = zip(*(self.has(at) for at in sorted(counted)), strict=True)
        unknown = self.where(lambda one: any(one.sums[at].unknown for at in counted if at in one.sums))
        part = protected_words(Sums(low=due.low, high=due.high, assumed=due.assumed))
        return GovernorsRow(
            str(year),
            "",
            self.all_told(known, say_money(due.known)),
            self.all_told([one for some in protected for one in some], part),
            self.told(unknown, people(due.unknown)),
            self.all_told(supposed, f"{say_money(due.supposed)} (assumed)"),
        )

    def all_told(self, sets: Sequence[int], says: str) -> str:
        """Return a figure that is made of several, or that it is withheld."""
        some = [one for one in sets if one]
        if not some:
            return "–"
        return says if all(self.telling.may_tell(one) for one in some) else WITHHELD

    def lists(self, page: GovernorsPage) -> None:
        """Fill in what has changed, what will, and what nobody knows."""
        found = self.found
        for at in self.order:
            if not at:
                continue
            span, changed = found.spans[at], dict[tuple[str, str], int]()
            for pupil in found.pupils:
                if at - 1 in pupil.fates and at in pupil.fates:
                    before, after = pupil.fates[at - 1], pupil.fates[at]
                    for question, was, now in changes_of(before, found.spans[at - 1], after, span):
                        key = tuple(label(question, one, found.policy) for one in (was, now))
                        if key[0] != key[1]:
                            changed[key[0], key[1]] = changed.get((key[0], key[1]), 0) | self.bit[pupil.ref]
            heading = f"{'Since' if found.stands(span) != 'to come' else 'From'} {say_date(span.first)}"
            self.list(
                page, page.changes.setdefault(heading, []), heading, changed, lambda key: f"{key[0]} Then: {key[1]}"
            )
        unsettled = dict[tuple[str, str], int]()
        for at in (one for one in self.order if found.stands(found.spans[one]) != "ended"):
            for pupil in found.pupils:
                for point in self.unsettled(pupil.fates.get(at)):
                    unsettled[point] = unsettled.get(point, 0) | self.bit[pupil.ref]
        self.list(page, page.open, "open", unsettled, lambda key: f"{key[0]}: {key[1]}")

    def unsettled(self, fate: PupilResult | None) -> set[tuple[str, str]]:
        """Return what keeps the answers of a pupil open: facts that are missing, and points that the papers leave."""
        policy = self.found.policy
        said = [one for one in fate or () if one.answer == UNDETERMINED]
        facts = {("A fact is missing", policy.types[name].label) for one in said for name in one.missing}
        points = {
            ("The papers leave it open", policy.corpus.open_points[name][1].title)
            for one in said
            for name in one.points
        }
        return facts | points

    def list(
        self,
        page: GovernorsPage,
        lines: list[str],
        name: str,
        sets: dict[tuple[str, str], int],
        says: Callable[[tuple[str, str]], str],
    ) -> None:
        """Fill a list with what may be told, the most pupils first."""
        for key, pupils in sorted(sets.items(), key=lambda one: (-one[1].bit_count(), one[0])):
            if len(lines) < MOST_LINES and self.telling.may_tell(pupils):
                lines.append(f"{people(pupils.bit_count())}. {says(key)}")
            else:
                page.left[name] = page.left.get(name, 0) + 1

    def beside(self, page: GovernorsPage) -> None:
        """Fill in what others still choose, and what is proposed."""
        for option in self.found.options:
            for one in option.periods:
                kinds = [
                    self.of(ref for ref, pupil in one.pupils.items() for sums in pupil.sums.values() if fits(sums))
                    for fits in (_known, _supposed, *_PROTECTED, _unknown)
                ]
                if all(self.telling.may_tell(pupils) for pupils in (self.of(one.pupils), *kinds) if pupils):
                    said = f"{option.asks}: {option.says}. {one.span}, {people(len(one.pupils))}"
                    page.options.append(f"{said}, a year: {amount_words(one.sums)}.")
                else:
                    page.left["options"] = page.left.get("options", 0) + 1
        plan = self.found.proposal
        if plan is not None:
            mapped = self.of(ref for band in plan.bands for ref in band.paid)
            what = f"{say_money(plan.sum)} a year for {people(plan.mapped)}, before any limit on gains and losses"
            page.proposal = (
                f"{plan.title}, from {say_date(plan.day)}: {self.told(mapped, what)}. {' '.join(plan.notes)}"
            )


def _known(sums: Sums) -> bool:
    return sums.known > 0


def _supposed(sums: Sums) -> bool:
    return sums.supposed > 0


def _protected(sums: Sums) -> bool:
    return sums.high > 0


def _low(sums: Sums) -> bool:
    return sums.low > 0


def _ranged(sums: Sums) -> bool:
    return sums.high > sums.low


def _unknown(sums: Sums) -> bool:
    return sums.unknown > 0


#: Whose a protected part is, whose low end is above 0, and whose ends differ: each end is a sum, and what lies between.
_PROTECTED = (_protected, _low, _ranged)
