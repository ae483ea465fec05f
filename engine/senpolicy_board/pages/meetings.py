"""Meetings of the board: opened, with members present and minutes, and closed for good."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Count
from django.http import HttpResponse

from senpolicy.files.digests import PlainData
from senpolicy_board import agenda, interests, trail
from senpolicy_board.accounts import may
from senpolicy_board.images import Cell
from senpolicy_board.scoring import ASKED, may_see_answer, naming
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import Account, BoardCase, Meeting, Noted, Present, TrailEntry
from senpolicy_board.web import Routes, Visit

routes = Routes()
_INTERESTS = "account__interests"


@routes.page("/meetings", "see meetings")
def meetings(visit: Visit) -> HttpResponse:
    """Show every meeting, and to the chair the form for opening one."""
    return _list(visit)


def _list(visit: Visit, problems: tuple[str, ...] = (), status: int = 200, typed: str = "") -> HttpResponse:
    with visit.store.reading():
        found = Meeting.objects.order_by("-held_on", "-id").annotate(
            members=Count("present", distinct=True), decided=Count("outcomes", distinct=True)
        )
        rows = [(one, one.members, one.decided) for one in found]
    return visit.page(
        "meetings.html.j2", status, rows=rows, problems=problems, typed=typed, areas=agenda.areas(visit.policies)
    )


@routes.page("/meetings", "hold meetings", ["POST"])
def open_meeting(visit: Visit) -> HttpResponse:
    """Open a meeting on a day."""
    title = visit.text("title", 80)
    try:
        day = date(visit.number("year", 2020, 2100), visit.number("month", 1, 12), visit.number("day", 1, 31))
    except ValueError:
        return _list(visit, ("There is no such day.",), 422, typed=title)
    problems = naming(visit.policies, "The title", title) if title else ["Write a title, such as November meeting."]
    area, areas = visit.text("area", 40) or None, agenda.areas(visit.policies)
    if areas and area not in areas:
        problems = [*problems, "Choose the area board whose meeting it is."]
    if problems:
        return _list(visit, tuple(problems), 422, typed=title)
    with visit.store.writing():
        meeting = Meeting.objects.create(
            title=title, held_on=day, opened_at=visit.now, opened_by_id=visit.account.id, minutes="",
            area=area if areas else None,
        )  # fmt: skip
        visit.record("meeting opened", f"meeting:{meeting.key}", held_on=day.isoformat())
        key = meeting.key
    return visit.go(f"/meetings/{key}")


def _meeting(key: str) -> Meeting:
    meeting: Meeting | None = Meeting.objects.select_for_update().filter(key=key).first()
    if meeting is None:
        raise Stop(404, "There is no such meeting", "See the list of meetings.")
    return meeting


def _page(visit: Visit, key: str, status: int = 200, **more: object) -> HttpResponse:
    with visit.store.writing():
        meeting = _meeting(key)
        visit.record("viewed", f"meeting:{key}")
        members = [
            one for one in Account.objects.filter(active=True).order_by("label")
            if may(one.role, "see a case")
        ]  # fmt: skip
        present = [one.account for one in meeting.present.select_related("account").prefetch_related(_INTERESTS)]
        # What was decided of a case would tell a moderator of it before their own ratings, and a member who is barred.
        decided = meeting.outcomes.select_related("case", "proposed_by", "approved_by").prefetch_related(
            *ASKED, "dissents__account"
        )
        outcomes = [
            (one, one.case, one.proposed_by.label, one.approved_by.label if one.approved_by else "")
            for one in decided
            if not visit.may("see a case") or may_see_answer(one.case, visit.account)
        ]
        hidden = len(decided) - len(outcomes)
        closed_by = meeting.closed_by.label if meeting.closed_by else ""
        entries = TrailEntry.objects.filter(subject=f"meeting:{key}")
        closing = entries.filter(action="meeting closed").first()
        saved = entries.filter(action__in=("meeting saved", "meeting closed")).order_by("-seq").first()
        saver = Account.objects.filter(key=saved.actor).first() if saved else None
        saved_by = saver.label if saver else ""
        before = _before_it(visit, meeting)
    content = {"typed": None, "problems": [], "meanwhile": False} | before | more
    return visit.page(
        "meeting.html.j2", status, meeting=meeting, members=members, present=present, outcomes=outcomes,
        closed_by=closed_by, closing=closing, hidden=hidden, saved_by=saved_by, **content,
    )  # fmt: skip


def _before_it(visit: Visit, meeting: Meeting) -> dict[str, Cell]:
    """Return what an open meeting has before it; of a case that the visitor may not see, only that there is one."""
    policies, is_open = visit.policies, meeting.closed_at is None
    items = agenda.items(meeting.area, policies) if is_open else []
    appeals = agenda.appeals(meeting.area, policies) if is_open else []
    noted = meeting.noted.select_related("outcome__case").prefetch_related(*(f"outcome__{one}" for one in ASKED))
    outside = agenda.outside(meeting.area, policies) if is_open else [one.outcome for one in noted]

    def seen(case: BoardCase) -> bool:
        return visit.may("see a case") and may_see_answer(case, visit.account)

    shown = [one for one in items if seen(one.case)]
    return {
        "agenda": shown, "unseen": len(items) - len(shown), "waiting": len(items), "kinds": interests.KINDS,
        "appeals": [one for one in appeals if seen(one.outcome.case)], "appealed": len(appeals),
        "outside": [one for one in outside if seen(one.case)], "decided_outside": len(outside),
        "area": agenda.areas(policies).get(meeting.area or ""), "quorum": agenda.quorum(policies),
        "labels": interests.parts(policies), "policies": policies,
    }  # fmt: skip


@routes.page("/meetings/{key}", "see meetings")
def meeting_page(visit: Visit, key: str) -> HttpResponse:
    """Show a meeting: who is present, its minutes, its outcomes; once closed, its record."""
    return _page(visit, key)


@routes.page("/meetings/{key}", "hold meetings", ["POST"])
def change(visit: Visit, key: str) -> HttpResponse:
    """Save who is present and the minutes; or close the meeting, after which nothing of it changes.

    Where someone else has saved or closed it since the form was opened, nothing is overwritten: both are shown.
    """
    minutes, version = visit.text("minutes", 8_000), visit.number("version", 1, 1_000_000)
    closing, acted = visit.text("do", 20) == "close", ""
    chosen = {str(one) for one in visit.request.POST.getlist("present")}
    if problems := naming(visit.policies, "The minutes", minutes):
        return _page(visit, key, 422, typed=(chosen, minutes), problems=problems)
    if closing and not chosen:
        return _page(visit, key, 422, typed=(chosen, minutes), problems=["Say who was present before you close it."])
    with visit.store.writing():
        meeting = _meeting(key)
        if missing := _acted(meeting) - chosen:
            labels = Account.objects.filter(key__in=missing).order_by("label").values_list("label", flat=True)
            acted = f"Tick {', '.join(labels)} too: who decided, approved or dissented at this meeting was present."
        late = meeting.closed_at is not None or meeting.version != version
        waits = closing and not late and meeting.outcomes.filter(state="proposed").exists()
        if not late and not waits and not acted:
            _save(visit, meeting, chosen, minutes, closing=closing)
    if waits:
        says = "A change waits for approval. Approve or decline every change of this meeting first; nothing is saved."
        return _page(visit, key, 409, typed=(chosen, minutes), problems=[says])
    if late:
        return _page(visit, key, 409, typed=(chosen, minutes), meanwhile=True)
    if acted:
        return _page(visit, key, 422, typed=(chosen, minutes), problems=[acted])
    return visit.go(f"/meetings/{key}")


def _acted(meeting: Meeting) -> set[str]:
    """Return the keys of those who proposed, approved, declined or dissented at a meeting."""
    outcomes = meeting.outcomes.select_related("proposed_by", "approved_by").prefetch_related("dissents__account")
    found = {who.key for one in outcomes for who in (one.proposed_by, one.approved_by) if who}
    return found | {one.account.key for outcome in outcomes for one in outcome.dissents.all()}


def _save(visit: Visit, meeting: Meeting, chosen: set[str], minutes: str, *, closing: bool) -> None:
    accounts = {one.key: one for one in Account.objects.all() if may(one.role, "see a case")}
    _set_present(meeting, {accounts[one].id for one in chosen if one in accounts})
    meeting.minutes = minutes
    # Who is present is part of what two may save at once, so that counts as a change of the meeting too.
    meeting.save()
    if closing:
        for outcome in agenda.outside(meeting.area, visit.policies):
            Noted.objects.create(meeting=meeting, outcome=outcome)
        meeting.record = record_of(meeting, agenda.quorum(visit.policies))
        meeting.closed_at, meeting.closed_by_id = visit.now, visit.account.id
        meeting.save()
        visit.record("meeting closed", f"meeting:{meeting.key}", seal=trail.seal("", meeting.record))
    else:
        visit.record("meeting saved", f"meeting:{meeting.key}", present=len(chosen))


def record_of(meeting: Meeting, quorum: int) -> dict[str, PlainData]:
    """Return what a meeting comes to: members, numbers, the seal of every outcome, and where the trail stood.

    `quorum` is how many members had to be present who may decide. Keys and seals are there for cases and reasons: with
    them the record can be checked, and tells nothing by itself.
    """
    counts = Counter(
        f"{one.kind}" if one.state == "stands" else f"{one.kind}, {one.state}" for one in meeting.outcomes.all()
    )  # fmt: skip
    last = trail.last()
    return {
        "title": meeting.title,
        "area": meeting.area,
        "held_on": meeting.held_on.isoformat(),
        "present": [{"account": one.account.key, "label": one.account.label} for one in meeting.present.all()],
        "quorum": {
            "needed": quorum,
            "present": sum(may(one.account.role, "decide") for one in meeting.present.all()),
        },
        "minutes": meeting.minutes,
        "noted": [{"outcome": one.outcome.key, "seal": one.outcome.seal} for one in meeting.noted.all()],
        "outcomes": [
            {
                "case": one.case.key,
                "outcome": one.key,
                "kind": one.kind,
                "state": one.state,
                "seal": one.seal,
                "proposed_by": one.proposed_by.label,
                "approved_by": one.approved_by.label if one.approved_by else None,
                "dissent": sorted(said.account.label for said in one.dissents.all()),
            }
            for one in meeting.outcomes.all()
        ],
        "counts": dict(sorted(counts.items())),
        "trail": {"entries": last[0], "hash": last[1]} if last else None,
    }


def _set_present(meeting: Meeting, wanted: set[int]) -> None:
    there = {one.account_id: one for one in meeting.present.all()}
    for account_id in sorted(there.keys() - wanted):
        there[account_id].delete()
    for account_id in sorted(wanted - there.keys()):
        Present.objects.create(meeting=meeting, account_id=account_id)
