"""The horizon: what the coming year asks of the policy's keepers, seen from a day that the caller gives.

Nothing here is wrong yet, so everything is a warning.
"""

from __future__ import annotations

from datetime import date, timedelta

from senpolicy.files.problems import Problem, Problems
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.timeline import policy

#: How far ahead a question must have a version, and how long before its day a review is announced.
YEAR = timedelta(days=365)
SOON = timedelta(days=90)


def warnings(corpus: Corpus, today: date) -> list[Problem]:
    """Return a warning for everything that is due on `today` or comes near.

    For each question that would have no version within a year (what is only proposed is not in force); for each
    decision still proposed although its planned day has come; for each value to be reviewed within 90 days, or before.
    """
    problems = Problems()
    _versions(corpus, today, problems)
    for number, decision in corpus.decisions.items():
        if decision.status == "proposed" and decision.planned and decision.planned <= today:
            problems.add(
                corpus.place(corpus.file_of(number, "decision.yaml"), "planned"),
                "plan-has-passed",
                f"'{number}' was planned for {decision.planned}, and is still recorded as proposed.",
                "Record what became of it: taken, with its day and papers, or planned for another day.",
                warning=True,
            )
    for name, setters in corpus.parameters.items():
        for number, parameter in setters:
            review = parameter.review
            if review is None or review > today + SOON:
                continue
            days = (review - today).days
            when = f"in {days} days" if days > 0 else "today" if days == 0 else f"{-days} days ago"
            problems.add(
                corpus.place(corpus.file_of(number, "parameters.yaml"), "parameters", name, "review"),
                "review-is-due",
                f"'{name}' is to be looked at again on {review}, {when}.",
                "Compare it with its source; set a new day, or record the decision that changes it.",
                warning=True,
            )
    return sorted(problems)


def _versions(corpus: Corpus, today: date, problems: Problems) -> None:
    told: set[str] = set()
    for period in policy(corpus).periods:
        first = max(period.start or date.min, today)
        if first > today + YEAR or (period.end and period.end < today):
            continue
        for name in corpus.questions:
            if name in period.questions or name in told:
                continue
            told.add(name)
            until = f" until {period.end}" if period.end else ""
            problems.add(
                corpus.place(f"rules/{name}.yaml", "versions"),
                "no-version",
                f"'{name}' has no version on {first}{until}.",
                "Add one that starts by then, or record that the decision it waits for has been taken.",
                warning=True,
            )
