"""Meetings of the board: opened, with members present and minutes, and closed for good."""

from __future__ import annotations

from datetime import date

from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from senpolicy_board import trail
from senpolicy_board.accounts import may
from senpolicy_board.meetings import record_of
from senpolicy_board.scoring import may_see_answer, naming
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import Account, Meeting, Present, TrailEntry
from senpolicy_board.web import Routes, Visit

routes = Routes()


class _WaitsError(Exception):
    """A change of the meeting waits for approval, so that it is not closed."""


@routes.page("/meetings", "see meetings")
def meetings(visit: Visit) -> Response:
    """Show every meeting, and to the chair the form for opening one."""
    return _list(visit)


def _list(visit: Visit, problems: tuple[str, ...] = (), status: int = 200, typed: str = "") -> Response:
    with visit.store.reading() as db:
        found = db.scalars(select(Meeting).order_by(Meeting.held_on.desc(), Meeting.id.desc())).all()
        rows = [(one, len(one.present), len(one.outcomes)) for one in found]
    return visit.page("meetings.html.j2", status, rows=rows, problems=problems, typed=typed)


@routes.page("/meetings", "hold meetings", ["POST"])
def open_meeting(visit: Visit) -> Response:
    """Open a meeting on a day."""
    title = visit.text("title", 80)
    try:
        day = date(visit.number("year", 2020, 2100), visit.number("month", 1, 12), visit.number("day", 1, 31))
    except ValueError:
        return _list(visit, ("There is no such day.",), 422, typed=title)
    problems = naming(visit.policies, "The title", title) if title else ["Write a title, such as Area board 1."]
    if problems:
        return _list(visit, tuple(problems), 422, typed=title)
    with visit.store.writing() as db:
        meeting = Meeting(
            title=title, held_on=day, opened_at=visit.now, opened_by_id=visit.account.id, minutes=""
        )  # fmt: skip
        db.add(meeting)
        db.flush()
        visit.record(db, "meeting opened", f"meeting:{meeting.key}", held_on=day.isoformat())
        key = meeting.key
    return visit.go(f"/meetings/{key}")


def _meeting(db: Session, key: str) -> Meeting:
    meeting = db.scalar(select(Meeting).where(Meeting.key == key))
    if meeting is None:
        raise Stop(404, "There is no such meeting", "See the list of meetings.")
    return meeting


def _page(visit: Visit, key: str, status: int = 200, **more: object) -> Response:
    with visit.store.writing() as db:
        meeting = _meeting(db, key)
        visit.record(db, "viewed", f"meeting:{key}")
        members = [
            one for one in db.scalars(select(Account).where(Account.active).order_by(Account.label))
            if may(one.role, "see a case")
        ]  # fmt: skip
        present = [one.account for one in meeting.present]
        # What was decided of a case would tell a moderator of it before their own ratings, and a member who is barred.
        outcomes = [
            (one, one.case, one.proposed_by.label, one.approved_by.label if one.approved_by else "")
            for one in meeting.outcomes
            if not visit.may("see a case") or may_see_answer(one.case, visit.account)
        ]
        hidden = len(meeting.outcomes) - len(outcomes)
        closed_by = meeting.closed_by.label if meeting.closed_by else ""
        closing = db.scalar(
            select(TrailEntry).where(TrailEntry.subject == f"meeting:{key}", TrailEntry.action == "meeting closed")
        )
        saved = db.scalars(
            select(TrailEntry)
            .where(TrailEntry.subject == f"meeting:{key}", TrailEntry.action.in_(("meeting saved", "meeting closed")))
            .order_by(TrailEntry.seq.desc()).limit(1)
        ).first()  # fmt: skip
        saver = db.scalar(select(Account).where(Account.key == saved.actor)) if saved else None
        saved_by = saver.label if saver else ""
    content = {"typed": None, "problems": [], "meanwhile": False} | more
    return visit.page(
        "meeting.html.j2", status, meeting=meeting, members=members, present=present, outcomes=outcomes,
        closed_by=closed_by, closing=closing, hidden=hidden, saved_by=saved_by, **content,
    )  # fmt: skip


@routes.page("/meetings/{key}", "see meetings")
def meeting_page(visit: Visit, key: str) -> Response:
    """Show a meeting: who is present, its minutes, its outcomes; once closed, its record."""
    return _page(visit, key)


@routes.page("/meetings/{key}", "hold meetings", ["POST"])
def change(visit: Visit, key: str) -> Response:
    """Save who is present and the minutes; or close the meeting, after which nothing of it changes.

    Where someone else has saved or closed it since the form was opened, nothing is overwritten: both are shown.
    """
    minutes, version = visit.text("minutes", 8_000), visit.number("version", 1, 1_000_000)
    closing = visit.text("do", 20) == "close"
    chosen = {str(one) for one in visit.form.getlist("present")}
    if problems := naming(visit.policies, "The minutes", minutes):
        return _page(visit, key, 422, typed=(chosen, minutes), problems=problems)
    if closing and not chosen:
        return _page(visit, key, 422, typed=(chosen, minutes), problems=["Say who was present before you close it."])
    try:
        with visit.store.writing() as db:
            meeting = _meeting(db, key)
            if meeting.closed_at is not None or meeting.version != version:
                raise StaleDataError
            accounts = {one.key: one for one in db.scalars(select(Account)) if may(one.role, "see a case")}
            _set_present(db, meeting, {accounts[one].id for one in chosen if one in accounts})
            meeting.minutes = minutes
            # Who is present is part of what two may save at once, so that counts as a change of the meeting too.
            flag_modified(meeting, "minutes")
            db.flush()
            if closing:
                waiting = [one for one in meeting.outcomes if one.state == "proposed"]
                if waiting:
                    raise _WaitsError
                meeting.record = record_of(db, meeting)
                meeting.closed_at, meeting.closed_by_id = visit.now, visit.account.id
                db.flush()
                visit.record(db, "meeting closed", f"meeting:{key}", seal=trail.seal("", meeting.record))
            else:
                visit.record(db, "meeting saved", f"meeting:{key}", present=len(chosen))
    except _WaitsError:
        says = "A change waits for approval. Approve or decline every change of this meeting first; nothing is saved."
        return _page(visit, key, 409, typed=(chosen, minutes), problems=[says])
    except (StaleDataError, IntegrityError):
        return _page(visit, key, 409, typed=(chosen, minutes), meanwhile=True)
    return visit.go(f"/meetings/{key}")


def _set_present(db: Session, meeting: Meeting, wanted: set[int]) -> None:
    for one in list(meeting.present):
        if one.account_id not in wanted:
            db.delete(one)
    there = {one.account_id for one in meeting.present}
    for account_id in sorted(wanted - there):
        db.add(Present(meeting_id=meeting.id, account_id=account_id))
    db.flush()
    db.expire(meeting, ["present"])
