"""What a caseload holds: its columns explained, a template, and a caseload of the board as a file."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy_board import columns as kept
from senpolicy_board import exporting, loading
from senpolicy_board.casepage import bear_in_mind
from senpolicy_board.halts import adjustments
from senpolicy_board.interests import parts
from senpolicy_board.judging import missing
from senpolicy_board.policies import Policies
from senpolicy_board.rating import mapped
from senpolicy_board.scoring import barred, confirmed, must_declare, with_all
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import BoardCase
from senpolicy_board.web import Routes, Visit

routes = Routes()


@routes.page("/columns", "load a caseload")
def columns(visit: Visit) -> HttpResponse:
    """Show the columns of a caseload, each with what may be written there."""
    return visit.page("columns.html.j2", columns=kept.columns(visit.policies))


@routes.page("/columns/saved/{name}", "load a caseload")
def template(visit: Visit, name: str) -> HttpResponse:
    """Give a caseload without a case: the columns as headings, as CSV or Excel."""
    headings = [one.name for one in kept.columns(visit.policies)]
    return exporting.saved(name, "caseload", headings, [])


@routes.page("/caseloads/{key}/saved/{name}", "see caseloads")
def caseload_file(visit: Visit, key: str, name: str) -> HttpResponse:
    """Give the cases of a caseload, but for those that bar the member, as CSV or Excel."""
    policies, named = visit.policies, parts(visit.policies)
    with visit.store.reading():
        loaded = loading.known(key)
        if loaded.removed_at is not None:
            raise Stop(404, "There is no such caseload", "Its facts may have been removed.")
        must_declare(visit.account, loaded)
        questions = [one for one, asked in policies.policy.periods[-1].questions.items() if not asked.step]
        rows = [
            _row(case, policies, [*named], questions)
            for case in with_all(loaded.cases.order_by("id")) if not barred(case, visit.account)
        ]  # fmt: skip
        headings = ("case", "decision_day", *named, "level_as_mapped", "level_as_adjusted", "adjusted_because",
                    *questions, "size_pounds", "above_trigger", "ratings_number",
                    "could_not_judge_number", "level_decided", "state", "bear_in_mind")  # fmt: skip
        answer = exporting.saved(name, "cases", headings, rows)
    with visit.store.writing():
        visit.record("viewed", f"caseload:{key}", what="cases, as a file", cases=len(rows))
    return answer


def _row(case: BoardCase, policies: Policies, named: list[str], questions: list[str]) -> tuple[exporting.Cell, ...]:
    outcome, answers, day = case.outcome, case.answers or {}, case.decision_date
    decided, theirs = (case.standing.content or {}).get("to") if case.standing else None, mapped(case, policies)
    names = (case.level, theirs.level if theirs.before else None, decided)
    as_mapped, as_adjusted, to = (policies.level_label(one, day) if one else None for one in names)
    why = " ".join(f"{one.whose}: {one.how}. {one.reason} ({one.rests})" for one in adjustments(case, policies))
    state = "settled" if case.settled_at else "proposed" if outcome else "in a sample" if loading.picked(case) else ""
    # What of these fits a case its own page says: to decide each case again would take minutes.
    cautions = [says for says, _ in bear_in_mind(policies.policy, [day] if day else [], questions)]
    return (
        case.ref, day, *(loading.group_of(case, name) for name in named), as_mapped, as_adjusted, why or None,
        *(str(answers.get(name, "")) for name in questions), exporting.pounds(case.size),
        "yes" if case.above_trigger else "no", len(confirmed(case)), len(missing(case, confirmed(case), policies)),
        to, state, " ".join(cautions),
    )  # fmt: skip
