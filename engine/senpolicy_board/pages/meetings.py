"""Meetings of the board: opened, with members present and minutes, and closed for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Count
from django.http import HttpResponse

from senpolicy_board import agenda, interests, trail
from senpolicy_board.accounts import may
from senpolicy_board.meeting_papers import papers
from senpolicy_board.meeting_record import must_stay, record_of, set_present
from senpolicy_board.scoring import ASKED, may_see_answer, naming
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import Account, Meeting, Noted, TrailEntry
from senpolicy_board.web import Routes, Visit

routes = Routes()
_INTERESTS = "account__interests"


@routes.page("/meetings", "see meetings")
def meetings(visit: Visit) -> HttpResponse:
    """Show every meeting, and to the chair the form for opening one."""
    return _list(visit)


#: What the form for opening a meeting asks for.
_ASKED = ("title", "area", "day", "month", "year")


def _list(
    visit: Visit, problems: Sequence[str] = (), status: int = 200, typed: Mapping[str, str] | None = None
) -> HttpResponse:
    with visit.store.reading():
        found = Meeting.objects.order_by("-held_on", "-id").annotate(
            members=Count("present", distinct=True), decided=Count("outcomes", distinct=True)
        )
        rows = [(one, one.members, one.decided) for one in found]
    return visit.page(
        "meetings.html.j2", status, rows=rows, problems=problems, typed=typed or dict.fromkeys(_ASKED, ""),
        areas=agenda.areas(visit.policies),
    )  # fmt: skip


@routes.page("/meetings", "hold meetings", ["POST"])
def open_meeting(visit: Visit) -> HttpResponse:
    """Open a meeting on a day."""
    typed = {name: visit.text(name, 80) for name in _ASKED}
    title, area, areas = typed["title"], typed["area"] or None, agenda.areas(visit.policies)
    problems = naming(visit.policies, "The title", title) if title else ["Write a title, such as November meeting."]
    if areas and area not in areas:
        problems = [*problems, "Choose the area board whose meeting it is."]
    try:
        day = date(*(int(typed[name]) for name in ("year", "month", "day")))
    except ValueError:
        day = date.min
    if not 2020 <= day.year <= 2100:
        problems = [*problems, "There is no such day. Write it in figures, with a year from 2020 to 2100."]
    if problems := visit.again or problems:
        return _list(visit, problems, 422, typed)
    with visit.store.writing():
        meeting = Meeting.objects.create(
            title=title, held_on=day, opened_at=visit.now, opened_by_id=visit.account.id, minutes="",
            area=area if areas else None,
        )  # fmt: skip
        visit.record("meeting opened", f"meeting:{meeting.key}", held_on=day.isoformat())
        key = meeting.key
    return visit.go(f"/meetings/{key}")


def _meeting(key: str, *, changing: bool = False) -> Meeting:
    found = Meeting.objects.select_for_update() if changing else Meeting.objects.all()
    meeting: Meeting | None = found.filter(key=key).first()
    if meeting is None:
        raise Stop(404, "There is no such meeting", "See the list of meetings.")
    return meeting


def _page(visit: Visit, key: str, status: int = 200, **more: object) -> HttpResponse:
    with visit.store.reading():
        meeting = _meeting(key)
        members = [
            one for one in Account.objects.filter(active=True).order_by("label")
            if may(one.role, "see a case")
        ]  # fmt: skip
        present = [one.account for one in meeting.present.select_related("account").prefetch_related(_INTERESTS)]
        # What was decided of a case would tell a moderator of it before their own ratings, and a member who is barred.
        decided = meeting.outcomes.select_related("case", "proposed_by", "approved_by").prefetch_related(
            *ASKED, "dissents__account__interests"
        )
        closed = (meeting.record or {}) if meeting.closed_at else {}
        until = meeting.closed_at or visit.now
        then = {one["outcome"]: one["state"] for one in closed.get("outcomes", ())}
        outcomes = [
            (one, one.case, then.get(one.key, one.state), interests.counted_dissents(one.case, one))
            for one in decided
            if not visit.may("see a case") or may_see_answer(one.case, visit.account)
        ]  # fmt: skip
        hidden = len(decided) - len(outcomes)
        # Who sees no pupil's case is told of no interest in one. Facts that were removed leave no reference.
        barred = sorted({
            (who.label, one.case.ref or "") for one, *_ in outcomes for who in present if visit.may("see a case")
            if any(said.account_id == who.pk and said.declared_at <= until for said in one.case.conflicts.all())
        })  # fmt: skip
        closed_by = meeting.closed_by.label if meeting.closed_by else ""
        entries = TrailEntry.objects.filter(subject=f"meeting:{key}")
        closing = entries.filter(action="meeting closed").first()
        saved = entries.filter(action__in=("meeting saved", "meeting closed")).order_by("-seq").first()
        saver = Account.objects.filter(key=saved.actor).first() if saved else None
        saved_by = saver.label if saver else ""
        before = papers(visit, meeting)
    # It has been read by now: whoever writes waits for the entry alone.
    with visit.store.writing():
        visit.record("viewed", f"meeting:{key}")
    content = {"typed": None, "problems": [], "meanwhile": False, "version": meeting.version} | before | more
    return visit.page(
        "meeting.html.j2", status, meeting=meeting, members=members, present=present, outcomes=outcomes,
        closed=closed, conflicts=barred,
        closed_by=closed_by, closing=closing, hidden=hidden, saved_by=saved_by, **content,
    )  # fmt: skip


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
    # The form goes on from what it showed: one that is out of date stays so, and is told of it once it is sound.
    again = {"typed": (chosen, minutes), "version": version}
    if problems := [*visit.again, *naming(visit.policies, "The minutes", minutes)]:
        return _page(visit, key, 422, problems=problems, **again)
    if closing and not chosen:
        return _page(visit, key, 422, problems=["Say who was present before you close it."], **again)
    with visit.store.writing():
        meeting = _meeting(key, changing=True)
        if missing := must_stay(meeting) - chosen:
            labels = Account.objects.filter(key__in=missing).order_by("label").values_list("label", flat=True)
            acted = f"Tick {', '.join(labels)} too: who was present when this meeting decided a case stays present."
        late = meeting.closed_at is not None or meeting.version != version
        waits = closing and not late and meeting.outcomes.filter(state="proposed").exists()
        if not late and not waits and not acted:
            _save(visit, meeting, chosen, minutes, closing=closing)
    if waits:
        says = "A change waits for approval. Approve or decline every change of this meeting first; nothing is saved."
        return _page(visit, key, 409, problems=[says], **again)
    if late:
        return _page(visit, key, 409, typed=(chosen, minutes), meanwhile=True)
    if acted:
        return _page(visit, key, 422, problems=[acted], **again)
    return visit.go(f"/meetings/{key}")


def _save(visit: Visit, meeting: Meeting, chosen: set[str], minutes: str, *, closing: bool) -> None:
    accounts = {one.key: one for one in Account.objects.all() if may(one.role, "see a case")}
    set_present(meeting, {accounts[one].id for one in chosen if one in accounts})
    meeting.minutes = minutes
    # Who is present is part of what two may save at once, so that counts as a change of the meeting too.
    meeting.save()
    if closing:
        for outcome in agenda.outside(meeting.area, visit.policies):
            Noted.objects.create(meeting=meeting, outcome=outcome)
        left = [one.case.key for one in agenda.items(meeting.area, visit.policies)]
        meeting.record = record_of(meeting, agenda.quorum(visit.policies), left)
        meeting.closed_at, meeting.closed_by_id = visit.now, visit.account.id
        meeting.save()
        visit.record("meeting closed", f"meeting:{meeting.key}", seal=trail.seal("", meeting.record))
    else:
        visit.record("meeting saved", f"meeting:{meeting.key}", present=len(chosen))
