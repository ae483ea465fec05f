"""What a period makes of cases, and no more: two periods of one shape decide every case alike."""

from __future__ import annotations

from collections.abc import Hashable

from senpolicy.language.conditions import Condition, Not, Test
from senpolicy.policy.timeline import CaseRuleInForce, Period, Policy

#: What a condition asks, without words.
ConditionShape = tuple[Hashable, ...]
#: The questions of a period, the contradictions, the consequences, how ratings lead to a level, and the facts' values.
PeriodShape = tuple[
    list[tuple[Hashable, ...]],
    frozenset[ConditionShape],
    list[tuple[Hashable, ...]],
    tuple[str, tuple[str, ...], tuple[str, ...]] | None,
    dict[str, tuple[str, ...]],
]


def shape(of: Policy, period: Period) -> PeriodShape:
    """Return what a period makes of cases, without words, sources and the order of rows.

    Two periods of one shape decide every case alike; of two shapes they may.
    """
    edition = period.edition
    banding = edition.banding if edition else None
    levels = tuple(level.id for level in sorted(edition.levels, key=lambda one: one.order)) if edition else ()
    mapped = (banding.method, tuple(area.id for area in edition.areas), levels) if edition and banding else None
    questions: list[tuple[Hashable, ...]] = [
        (name, question.step, question.ask,
         frozenset((plain_condition(one.condition), one.answer, one.open_points,
                    tuple(sorted(one.gives.items(), key=lambda figure: figure[0])))
                   for one in question.outcomes),
         frozenset((one.id, plain_condition(one.condition)) for one in question.cautions))
        for name, question in period.questions.items()
    ]  # fmt: skip
    rules = [plain_rule(rule) for rule in period.problems]
    follows: list[tuple[Hashable, ...]] = [
        (rule.field, rule.value, plain_condition(rule.condition)) for rule in period.follows
    ]
    return questions, frozenset(rules), follows, mapped, {name: kind.values for name, kind in of.types.items()}


def plain_rule(rule: CaseRuleInForce) -> ConditionShape:
    """Return what a rule about facts asks, without words."""
    return plain_condition(rule.condition)


def plain_condition(condition: Condition) -> ConditionShape:
    """Return what a condition asks, without words: of two that are the same, each holds where the other does."""
    if isinstance(condition, Test):
        limit = condition.limit
        return condition.fact, condition.operator, frozenset(limit) if isinstance(limit, tuple) else limit
    if isinstance(condition, Not):
        return "not", plain_condition(condition.part)
    return type(condition).__name__, frozenset(plain_condition(part) for part in condition.parts)
