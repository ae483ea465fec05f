"""Rating a case blind, declaring a conflict, comparing, and deciding."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError
from django.http import HttpResponse

from senpolicy.files.digests import PlainData
from senpolicy_board import (
    casepage,
    communities,
    decisions,
    evidence,
    halts,
    judging,
    paragraphs,
    recording,
    standardisation,
    trail,
)
from senpolicy_board.agenda import deciders, not_quorate
from senpolicy_board.interests import disqualified, set_aside
from senpolicy_board.judging import WHOLE
from senpolicy_board.pages.cases import seen
from senpolicy_board.pages.reviews import to_change
from senpolicy_board.queue import next_to_rate
from senpolicy_board.rating import rated
from senpolicy_board.scoring import (
    CONFLICTS,
    STUCK,
    barred,
    case_of,
    confirmed,
    may_score,
    must_not_be_barred,
    must_see_answer,
    naming,
    needed,
    own,
    sound_words,
    stuck,
    who_rate,
)
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import BoardCase, BoardOutcome, Conflict, Meeting, Scoring
from senpolicy_board.web import Routes, Visit

routes = Routes()


def _must_score(case: BoardCase, visit: Visit) -> None:
    must_not_be_barred(case, visit.account)
    if not may_score(case, visit.account):
        mine = own(case, visit.account)
        if mine and mine.confirmed_at:
            raise Stop(303, to=f"/cases/{case.key}/decide")
        raise Stop(403, "This case is not open to you", "It is not in a sample, is decided, or is a seed of yours.")
    standardisation.must_be_given(case, visit.account, visit.policies)


def from_form(visit: Visit, day: date | None) -> dict[str, PlainData]:
    """Return the ratings that a form gives; raises `Stop` for a level that the edition of the day does not have."""
    policies, rest = visit.policies, visit.text("rest", 80)
    sent = {area.id: visit.text(f"area_{area.id}", 80) or rest for area in policies.areas}
    sent |= {} if policies.rated_by_method(day) else {WHOLE: visit.text("level", 80)}
    found = judging.read(sent, visit.text("missing", 1_000), {level.id for level in policies.levels_on(day)})
    if found is None:
        raise Stop(422, "There is no such level", "Go back and choose one of those that are listed.")
    return found


def _rate(visit: Visit, case: BoardCase, scoring: Scoring | None, **more: object) -> HttpResponse:
    ratings = scoring.ratings if scoring and scoring.ratings else {"areas": {}, "level": None}
    content: dict[str, object] = {
        "case": case,
        "facts": list(casepage.facts_in_words(case, visit.policies, blind=True)),
        "ratings": ratings,
        "note": (scoring.note or "") if scoring else "",
        "version": scoring.version if scoring else 0,
        "problems": [],
        "saved": scoring.saved_at if scoring else None,
        "policies": visit.policies,
        "theirs": None,
        "before": None,
        "judging": judging,
        "evidence": evidence.shown(case),
    }
    status = more.pop("status", 200)
    return visit.page("score.html.j2", status if isinstance(status, int) else 200, **(content | more))


@routes.page("/cases/{key}/score", "score")
def score_form(visit: Visit, key: str) -> HttpResponse:
    """Show the form for rating a case: the facts that say nothing of a level, and the descriptors."""
    with visit.store.writing():
        case = case_of(key)
        _must_score(case, visit)
        visit.record("viewed", f"case:{key}", what="ratings, blind")
        mine, done = own(case, visit.account), visit.request.GET.get("done", "")
        before = BoardCase.objects.filter(key=done, scorings__account=visit.account).first()
    return _rate(visit, case, mine, before=before)


@routes.page("/cases/{key}/score", "score", ["POST"])
def score(visit: Visit, key: str) -> HttpResponse:
    """Save the ratings of a form, and confirm them where that is asked and they are complete.

    Ratings that were saved elsewhere since the form was opened are never overwritten: both are shown.
    """
    note = visit.text("note")
    version, confirming = visit.number("version", 0, 1_000_000), visit.text("do", 20) == "confirm"
    with visit.store.writing():
        case = case_of(key, changing=True)
        _must_score(case, visit)
        mine, day = own(case, visit.account), case.decision_date
        ratings, kept = from_form(visit, day), mine.version if mine else 0
        typed = Scoring(ratings=ratings, note=note, version=version, saved_at=visit.now)
        made = rated(typed, visit.policies, day)
        problems = [*visit.again, *naming(visit.policies, "The note", note)]
        problems += naming(visit.policies, "What is missing", made.missing)
        problems += judging.lacking(made, visit.policies, day) if confirming and not problems else []
        if problems:
            return _rate(visit, case, typed, problems=problems, saved=mine.saved_at if mine else None, status=422)
        if kept != version:
            return _rate(visit, case, typed, theirs=mine, version=kept, status=409)
        mine = mine or Scoring(case=case, account_id=visit.account.id)
        mine.ratings, mine.note, mine.saved_at = ratings, note or None, visit.now
        if confirming:
            mine.confirmed_at, mine.salt = visit.now, trail.new_salt()
            mine.seal = trail.seal(mine.salt, trail.content_of(mine))
        mine.save()
        seal = {"seal": mine.seal} if confirming else {}
        visit.record("ratings confirmed" if confirming else "ratings saved", f"scoring:{mine.key}", case=key, **seal)
        communities.after_rating(visit, case) if confirming else None
        following = next_to_rate(visit.account, case, visit.policies) if confirming else None
    return visit.go(standardisation.after(case, following) if confirming else f"/cases/{key}/score")


@routes.page("/cases/{key}/conflict", "declare a conflict")
def conflict_form(visit: Visit, key: str) -> HttpResponse:
    """Show the form for declaring a conflict of interest. It shows nothing of the case but its reference."""
    with visit.store.reading():
        case = case_of(key)
        if barred(case, visit.account):
            raise Stop(409, "You have declared it already", "The case is barred for you.")
    return visit.page("conflict.html.j2", case=case, kinds=CONFLICTS, problems=[])


@routes.page("/cases/{key}/conflict", "declare a conflict", ["POST"])
def conflict(visit: Visit, key: str) -> HttpResponse:
    """Record a conflict of interest; it bars the account from the case for good."""
    kind = visit.text("kind", 20)
    with visit.store.writing():
        case = case_of(key, changing=True)
        if kind not in CONFLICTS:
            return visit.page("conflict.html.j2", 422, case=case, kinds=CONFLICTS, problems=["Choose what it is."])
        if not barred(case, visit.account):
            Conflict.objects.create(case=case, account_id=visit.account.id, kind=kind, declared_at=visit.now)
            visit.record("conflict declared", f"case:{key}", kind=kind)
            set_aside(visit, case_of(key), visit.account)
    return visit.go("/")


def _decide(visit: Visit, case: BoardCase, status: int = 200, **more: object) -> HttpResponse:
    ratings, effects = standardisation.beside(case, visit.account), decisions.effects(case, visit.policies)
    with visit.store.reading():
        meetings = [
            (one, not_quorate(visit, one, case), [who.label for who in deciders(one, case)])
            for one in Meeting.objects.filter(closed_at=None).order_by("held_on")
        ]  # fmt: skip
    content: dict[str, object] = {
        "case": case,
        "columns": judging.columns(case, ratings, visit.policies),
        "policies": visit.policies,
        "outcome": case.outcome,
        "declined": [one for one in case.outcomes.all() if one.state == "declined"],
        "stuck": STUCK if stuck(case, who_rate(), visit.policies) else "",
        "done": len(ratings),
        "needed": needed(case, visit.policies),
        "typed": {},
        "theirs": None,
        "before": len(case.outcomes.all()),
        "problems": [],
        "disqualified": disqualified(case),
        "evidence": evidence.shown(case),
        "missing": judging.missing(case, ratings, visit.policies),
        "meetings": meetings,
        "effects": effects,
        "careful": list(dict.fromkeys(one for effect in effects for one in effect.cautions)),
        "like": decisions.like_cases(case, visit.policies, visit.account),
        "among": decisions.AMONG,
        "precedents": decisions.precedents_for(case, visit.policies, visit.account),
        "paragraphs": paragraphs.listed(case.decision_date, visit.policies),
        "not_agreed": communities.not_agreed(case, visit.policies),
        "adjustments": halts.adjustments(case, visit.policies),
        "agreeing_takes_two": decisions.takes_two(case, case.level, visit.policies),
    }
    return visit.page("decide.html.j2", status, **(content | more))


@routes.page("/cases/{key}/decide", "decide")
def decide_form(visit: Visit, key: str) -> HttpResponse:
    """Show every confirmed rating beside the school's, and the form for deciding or approving."""
    case = seen(visit, key, "comparison")
    return _decide(visit, case, typed=halts.offered(case, visit.policies))


@routes.page("/cases/{key}/decide", "decide", ["POST"])
def decide(visit: Visit, key: str) -> HttpResponse:
    """Agree with the level as it was mapped, or change it; another member must approve what departs from a rating.

    Where someone else has decided since the form was opened, nothing is overwritten: both are shown.
    """
    typed = {name: visit.text(name) for name in ("kind", "to", "reason", "paragraph", "meeting")}
    case = seen(visit, key, "comparison")
    problems = visit.again or _problems(visit, typed, case)
    if problems:
        # What someone else decided meanwhile is shown beside what was typed; the form goes on from what it showed.
        theirs, before = case.outcome is not None or None, visit.text("outcomes", 20)
        return _decide(visit, case, 422, typed=typed, problems=problems, theirs=theirs, before=before)
    try:
        problems, clash = _decided(visit, key, typed)
    except IntegrityError:  # Another's came between, and the database keeps to one.
        clash = True
    if problems:
        return _decide(visit, seen(visit, key, "comparison"), 422, typed=typed, problems=problems)
    if clash:
        return _decide(visit, seen(visit, key, "comparison"), 409, typed=typed, theirs=True)
    return visit.go(f"/cases/{key}/decide")


def _decided(visit: Visit, key: str, typed: dict[str, str]) -> tuple[list[str], bool]:
    """Keep a decision; return what is wrong with it, and whether someone else has decided meanwhile."""
    with visit.store.writing():
        case = case_of(key, changing=True)
        must_see_answer(case, visit.account)
        if len(confirmed(case)) < needed(case, visit.policies):
            says = "A case is decided once enough moderators have rated it."
            raise Stop(409, "The ratings are not all confirmed", says)
        if case.outcome is not None or visit.number("outcomes", 0, 10_000) != len(case.outcomes.all()):
            return [], True
        if typed["kind"] == "changed" and typed["to"] == case.level:
            return ["This is the level as it was mapped. Agree with it, or choose another."], False
        meeting = Meeting.objects.filter(key=typed["meeting"], closed_at=None).first() if typed["meeting"] else None
        if typed["meeting"] and meeting is None:
            return ["This meeting has been closed meanwhile. Choose another, or decide outside a meeting."], False
        if meeting and (says := not_quorate(visit, meeting, case)):
            return [says], False
        _propose(visit, case, typed, meeting)
    return [], False


def _propose(visit: Visit, case: BoardCase, typed: dict[str, str], meeting: Meeting | None) -> None:
    changed = typed["kind"] == "changed"
    rests, to = typed["paragraph"] if changed else "", typed["to"] if changed else case.level
    document, paragraph = paragraphs.place_in(rests, case.decision_date, visit.policies) or (None, None)
    waits = decisions.takes_two(case, to, visit.policies)
    content = {
        "kind": typed["kind"],
        "from": case.level,
        "to": to,
        "reason": typed["reason"] or None,
        "document": document,
        "paragraph": paragraph,
    }
    salt = trail.new_salt()
    outcome = BoardOutcome(
        case=case, kind=typed["kind"], content=content, state="proposed" if waits else "stands",
        proposed_at=visit.now, proposed_by_id=visit.account.id, salt=salt, seal=trail.seal(salt, content),
        meeting=meeting,
    )  # fmt: skip
    if not waits:
        outcome.approved_at = visit.now
        case.settled_at = visit.now
        case.save()
    outcome.save()
    what = "change proposed" if changed else "agreement proposed" if waits else "agreed"
    visit.record(
        what, f"outcome:{outcome.key}", case=case.key, seal=outcome.seal, meeting=meeting.key if meeting else None,
        **({} if waits else _recorded(visit, outcome)),
    )  # fmt: skip
    communities.look(visit, case)


def _recorded(visit: Visit, outcome: BoardOutcome) -> dict[str, str | None]:
    """Keep the decision record of an outcome that stands, and return what the trail says of it."""
    kept = recording.write(visit.board.settings, visit.policies, outcome)
    return {"record": kept.digest if kept else None}


def _problems(visit: Visit, typed: dict[str, str], case: BoardCase) -> list[str]:
    policies, levels = visit.policies, {level.id for level in visit.policies.levels_on(case.decision_date)}
    if typed["kind"] not in ("agreed", "changed"):
        return ["Choose whether you agree with the level or change it."]
    found = naming(policies, "The reason", typed["reason"])
    if typed["kind"] == "agreed":
        if why := communities.not_agreed(case, policies):
            found.append(f"The level as it was mapped {why}. Choose the level yourself.")
        elif decisions.takes_two(case, case.level, policies) and len(typed["reason"]) < 10:
            found.append("Two members agree to this level. Give the reason, in words for the school.")
        return found
    if typed["to"] not in levels:
        found.append("Choose the level to which it is changed.")
    if len(typed["reason"]) < 10:
        found.append("Give the reason, in words that the school can read.")
    if paragraphs.place_in(typed["paragraph"], case.decision_date, policies) is None:
        found.append("Choose the paragraph or descriptor on which the change rests, from the list.")
    elif typed["to"] in levels and (other := paragraphs.other_level(typed["paragraph"], typed["to"], case, policies)):
        found.append(f"This descriptor is of {other}. Choose one of the level to which it is changed, or a paragraph.")
    return found


@routes.page("/outcomes/{key}/approve", "approve", ["POST"])
def approve(visit: Visit, key: str) -> HttpResponse:
    """Approve or decline what another member proposed."""
    declined = visit.text("do", 20) == "decline"
    because = visit.text("because", 500)
    return visit.go(f"/cases/{_settled(visit, key, declined, because)}/decide")


def _meanwhile(because: str) -> Stop:
    """Return the end of a request that came too late, with what was typed, so that it can be brought up elsewhere."""
    wrote = f" What you wrote has not been saved: {because}" if because else ""
    return Stop(409, "This proposal has been settled meanwhile", f"See the case's page for what stands.{wrote}")


def _settled(visit: Visit, key: str, declined: bool, because: str) -> str:
    """Approve or decline a proposal, and return the key of its case."""
    with visit.store.writing():
        case, outcome = to_change(visit, key)
        if outcome.meeting and (says := not_quorate(visit, outcome.meeting, case)):
            raise Stop(409, "This meeting cannot settle it now", says, wrote=because)
        if not declined and len(confirmed(case)) < needed(case, visit.policies):
            raise Stop(409, "The ratings are not all confirmed", "Another member rates the case first.")
        if outcome.proposed_by_id == visit.account.id:
            says = "A proposal is approved by another member than the one who made it."
            raise Stop(403, "You proposed this yourself", says)
        if outcome.state != "proposed" or visit.number("version", 1, 1_000_000) != outcome.version:
            raise _meanwhile(because)
        if declined:
            outcome.declined_because = sound_words(visit.policies, because, "Say why it is declined.")
            outcome.state = "declined"
        else:
            outcome.state, case.settled_at = "stands", visit.now
            case.save()
        outcome.approved_at, outcome.approved_by_id = visit.now, visit.account.id
        outcome.save()
        visit.record(
            f"{'change' if outcome.kind == 'changed' else 'agreement'} {'declined' if declined else 'approved'}",
            f"outcome:{outcome.key}", case=case.key,
            seal=outcome.seal, **({} if declined else _recorded(visit, outcome)),
        )  # fmt: skip
        communities.look(visit, case)
        return str(case.key)
