"""The first page, an account's own page, and the trail."""

from __future__ import annotations

import json
from dataclasses import dataclass

from fastapi.responses import Response
from sqlalchemy import case as when
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from senpolicy.files.problems import WrongUse
from senpolicy_board import accounts
from senpolicy_board.loading import picked
from senpolicy_board.replay import ROWS
from senpolicy_board.scoring import barred, confirmed, may_see_answer, own
from senpolicy_board.tables import Account, BoardCase, BoardOutcome, Meeting, Pick, TrailEntry
from senpolicy_board.web import Routes, Visit

routes = Routes()
#: How many rows a page of a long list has.
PAGE = 50
#: How long the detail of an entry may be that is shown.
_SHOWN = 20_000


@dataclass(frozen=True)
class Queued:
    """A case in someone's queue: what they can do with it, and where."""

    case: BoardCase
    does: str
    path: str
    why: str


def queue(db: Session, visit: Visit) -> list[Queued]:
    """Return what waits for an account: cases to score, to decide, to approve. It says nothing of a level."""
    found = []
    account, needed = visit.account, visit.policies.scorers
    statement = (
        select(BoardCase)
        .where(BoardCase.id.in_(select(Pick.case_id).where(Pick.replaced_at.is_(None))))
        .where(BoardCase.settled_at.is_(None), BoardCase.facts.is_not(None))
        .options(
            selectinload(BoardCase.scorings),
            selectinload(BoardCase.conflicts),
            selectinload(BoardCase.outcomes),
            selectinload(BoardCase.picks),
        )
        .order_by(BoardCase.id)
    )
    for case in db.scalars(statement):
        if barred(case, account) or picked(case) is None:
            continue
        mine, done = own(case, account), len(confirmed(case))
        if visit.may("score") and (mine is None or mine.confirmed_at is None):
            does = "Go on rating" if mine else "Rate"
            found.append(Queued(case, does, f"/cases/{case.key}/score", f"{done} of {needed} ratings confirmed"))
        elif visit.may("decide") and may_see_answer(case, account):
            outcome = case.outcome
            if outcome and outcome.state == "proposed" and outcome.proposed_by_id != account.id:
                found.append(Queued(case, "Approve or decline", f"/cases/{case.key}/decide", "a change is proposed"))
            elif outcome is None and done >= needed:
                found.append(Queued(case, "Compare and decide", f"/cases/{case.key}/decide", "all ratings confirmed"))
    return found


@routes.page("/", "see the board")
def home(visit: Visit) -> Response:
    """Show what waits for the account, and how the board stands."""
    with visit.store.reading() as db:
        waiting = queue(db, visit) if visit.may("see a case") else []
        sampled = db.scalar(select(func.count(func.distinct(Pick.case_id))).where(Pick.replaced_at.is_(None))) or 0
        settled = db.scalar(select(func.count()).where(BoardCase.settled_at.is_not(None))) or 0
        stands = select(func.count()).where(BoardOutcome.kind == "changed", BoardOutcome.state == "stands")
        changed = db.scalar(stands) or 0
        meetings = db.scalars(select(Meeting).where(Meeting.closed_at.is_(None)).order_by(Meeting.held_on)).all()
        return visit.page(
            "home.html.j2",
            waiting=waiting[:PAGE],
            more=max(0, len(waiting) - PAGE),
            sampled=sampled,
            settled=settled,
            changed=changed,
            meetings=meetings,
        )


@routes.page("/account", "see own account")
def account_page(visit: Visit) -> Response:
    """Show the account, and the form for another password."""
    return visit.page("account.html.j2", says="", done=False, roles=accounts.ROLES)


@routes.page("/account", "see own account", ["POST"])
def change_password(visit: Visit) -> Response:
    """Set another password, and end every session of the account."""
    old, new, again = (str(visit.form.get(name, ""))[:400] for name in ("old", "new", "again"))
    says = ""
    if not visit.board.hasher.fits(old, visit.account.password):
        says = "The present password does not fit."
    elif new != again:
        says = "The new password was not written the same twice."
    else:
        try:
            accounts.strong(visit.board.settings, new)
        except WrongUse as error:
            says = str(error)
    if says:
        return visit.page("account.html.j2", 422, says=says, done=False, roles=accounts.ROLES)
    hashed = visit.board.hasher.hash(new)
    with visit.store.writing() as db:
        account = db.get_one(Account, visit.account.id)
        account.password = hashed
        accounts.end_sessions(db, account)
        visit.record(db, "password changed", f"account:{account.key}")
    return visit.go("/sign-in")


@dataclass(frozen=True)
class EntryView:
    """An entry of the trail as a row."""

    seq: int
    at: str
    who: str
    action: str
    subject: str
    detail: str
    hash: str


@routes.page("/trail", "see the trail")
def trail_page(visit: Visit) -> Response:
    """Show the trail, the newest entries first."""
    asked = visit.request.query_params.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 12 else None
    with visit.store.writing() as db:
        visit.record(db, "viewed", "trail", before=before)
        last = db.execute(select(TrailEntry.seq, TrailEntry.hash).order_by(TrailEntry.seq.desc()).limit(1)).one()
        statement = select(
            TrailEntry.seq,
            TrailEntry.at,
            TrailEntry.actor,
            TrailEntry.action,
            TrailEntry.subject,
            when((func.length(TrailEntry.detail) <= _SHOWN, TrailEntry.detail)),
            TrailEntry.hash,
        ).order_by(TrailEntry.seq.desc())
        if before:
            statement = statement.where(TrailEntry.seq < before)
        rows = db.execute(statement.limit(PAGE)).all()
        labels = {account.key: account.label for account in db.scalars(select(Account))}
    entries = [
        EntryView(seq, at[:19].replace("T", " "), labels.get(actor, actor), action, subject, _said(detail), hashed)
        for seq, at, actor, action, subject, detail, hashed in rows
    ]
    older = entries[-1].seq if entries and entries[-1].seq > 1 else None
    return visit.page("trail.html.j2", entries=entries, last=last, older=older)


def _said(detail: str | None) -> str:
    if detail is None:
        return "many rows"
    content = json.loads(detail)
    many = {name: len(content.pop(name)) for name in ("seals", ROWS) if name in content}
    said = [f"{name} {value}" for name, value in content.items() if value is not None]
    counted = [f"{number} {name if number != 1 else name.removesuffix('s')}" for name, number in many.items()]
    return ", ".join(said + counted)
