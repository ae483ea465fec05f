"""The stretches of time in which the policy decides cases in one and the same way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from senpolicy.language.conditions import AllOf, Condition, tests
from senpolicy.language.days import years_after
from senpolicy.language.partition import limits_of
from senpolicy.policy.timeline import CaseRuleInForce, CautionInForce, Period, Policy, QuestionInForce
from senpolicy.readings.judge import judge
from senpolicy.site.words import format_date, format_stretch, is_school_year, slug

#: The fact for which a case is decided: a rule may ask for it as for any other.
DAY = "decision_date"


@dataclass(frozen=True)
class PagePeriod:
    """Days, both ends included (None: without end), in which no rule changes; `period` is the policy in them."""

    first: date | None
    last: date | None
    period: Period

    @property
    def title(self) -> str:
        """Its days as a heading; a whole school year by its name."""
        return format_stretch(self.first, self.last)

    @property
    def label(self) -> str:
        """Its days in a list of several: those of a school year beside its name."""
        if self.first is None or self.last is None or not is_school_year(self.first, self.last):
            return self.title
        return f"School year {self.title} ({format_date(self.first)} to {format_date(self.last)})"

    @property
    def slug(self) -> str:
        """Its days as part of an address."""
        return slug(self.title)

    @property
    def day(self) -> date:
        """A day by which all that can happen in it has happened: its last, or a year after its first."""
        return self.last or (years_after(self.first, 1) if self.first else date.max)

    @property
    def banners(self) -> list[CautionInForce]:
        """The cautions that go with every answer in these days."""
        return [one for one in self.cautions if one.condition == AllOf(())]

    @property
    def cautions(self) -> list[CautionInForce]:
        """The cautions that can go with an answer in these days, each once; none that speaks of other days alone."""
        found = {one.id: one for asked in self.period.questions.values() for one in asked.cautions}
        return [one for one in found.values() if self.can_hold(one.condition)]

    def can_hold(self, condition: Condition) -> bool:
        """Return whether a condition holds, or may hold, on one of these days."""
        limits = limits_of(test for test in tests(condition) if test.fact == DAY)
        beside = {limit + timedelta(days=one) for limit in limits for one in (-1, 0, 1)}
        days = [day for day in (self.first, self.last, *beside)
                if day and (self.first or day) <= day <= (self.last or day)]  # fmt: skip
        return not limits or any(judge(condition, {DAY: day}) is not False for day in days)


def stretches(policy: Policy) -> list[PagePeriod]:
    """Return the stretches in order of time, periods that decide alike joined."""
    found: list[PagePeriod] = []
    for period in policy.periods:
        if found and found[-1].period.questions == period.questions and _cases(found[-1].period) == _cases(period):
            found[-1] = PagePeriod(found[-1].first, period.end, found[-1].period)
        else:
            found.append(PagePeriod(period.start, period.end, period))
    return found


def _cases(period: Period) -> tuple[tuple[CaseRuleInForce, ...], ...]:
    return period.follows, period.problems, period.warnings


def versions(policy: Policy, name: str) -> list[tuple[PagePeriod, QuestionInForce]]:
    """Return a question as it stands stretch by stretch, stretches in which it stands alike joined."""
    found: list[tuple[PagePeriod, QuestionInForce]] = []
    for one in stretches(policy):
        asked = one.period.questions.get(name)
        if asked is None:
            continue
        if found and found[-1][1] == asked and _ends(found[-1][0], one):
            found[-1] = PagePeriod(found[-1][0].first, one.last, found[-1][0].period), found[-1][1]
        else:
            found.append((one, asked))
    return found


def _ends(before: PagePeriod, after: PagePeriod) -> bool:
    return before.last is not None and after.first == before.last + timedelta(days=1)
