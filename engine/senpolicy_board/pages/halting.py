"""Who was stopped, moderators and Communities: what it rests on, and how two others end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpResponse

from senpolicy_board import communities, halts, paragraphs, standardisation
from senpolicy_board.pages.consistency import signed
from senpolicy_board.rating import ADJUSTED
from senpolicy_board.scoring import must_declare, naming
from senpolicy_board.stopping import Stop, there
from senpolicy_board.tables import Halt
from senpolicy_board.web import Routes, Visit

routes = Routes()


@routes.page("/halts", "see standardisation")
def overview(visit: Visit) -> HttpResponse:
    """Show who was stopped, and to who may decide it the forms by which two end it."""
    return _overview(visit)


def _overview(visit: Visit, problems: Sequence[str] = (), typed: Mapping[str, str] | None = None) -> HttpResponse:
    policies, settled = visit.policies, standardisation.asked(visit.policies)
    with visit.store.writing():
        visit.record("viewed", "halts")
        every = list(
            Halt.objects.select_related("account", "proposed_by", "settled_by")
            .prefetch_related("parts")
            .order_by("-id")
        )
        mine = (
            [one for one in every if one.settled_at is None and not _barred(visit, one)] if visit.may("decide") else []
        )
        days = {one.pk: [case.decision_date for case in halts.cases_of(one, policies)[:1]] for one in mine}
        return visit.page(
            "halts.html.j2", 422 if problems else 200, problems=list(problems), typed=typed or {}, halts=every,
            mine={one.pk for one in mine}, endings=halts.KINDS, signed=signed, policies=policies,
            versions={one.pk: halts.version(one, policies) for one in mine},
            would_be={one.pk: halts.would_be(one, policies, visit.account) for one in mine if one.kind == ADJUSTED},
            paragraphs={one.pk: paragraphs.listed(day, policies) for one in mine for day in days[one.pk]},
            how=lambda one: halts.how(one, policies), rests=lambda one: halts.place_said(one.rests, policies),
            furthest=len(policies.levels_on(None)) - 1, share=communities.again(policies),
            moderators=settled is not None and settled.last is not None and settled.beyond is not None,
        )  # fmt: skip


def _barred(visit: Visit, halt: Halt) -> bool:
    return halts.barred(halt, visit.account, visit.policies)


def _halt(visit: Visit, key: str) -> Halt:
    """Return a halt that has not ended; raises `Stop` where there is none, or who asks may decide nothing of it."""
    found: Halt | None = Halt.objects.select_for_update().filter(key=key, settled_at=None).first()
    halt = there(found, "halt", "It may have ended already.")
    if _barred(visit, halt):
        raise Stop(403, "This is for others to decide", "Two other members decide how it ends.")
    for loaded in {one.caseload for one in halts.cases_of(halt, visit.policies)}:
        must_declare(visit.account, loaded)
    return halt


@routes.page("/halts/{key}", "decide", ["POST"])
def propose_end(visit: Visit, key: str) -> HttpResponse:
    """Propose how a halt ends, with a reason; an adjustment with its levels, its area, and a paragraph of the list."""
    sent = {"kind": visit.text("kind", 20), "because": visit.text("because", 500), "area": visit.text("area", 80)}
    sent |= {"levels": visit.text("levels", 5), "paragraph": visit.text("paragraph", 300), "key": key}
    problems = naming(visit.policies, "The reason", sent["because"])
    if sent["kind"] not in halts.KINDS or len(sent["because"]) < 10:
        problems.append("Choose how it ends, and say why.")
    with visit.store.writing():
        halt = _halt(visit, key)
        if halt.kind is not None:
            says = "Another member approves or declines it."
            raise Stop(409, "Something is proposed already", says, wrote=sent["because"])
        problems += _lacking(visit, halt, sent) if sent["kind"] == ADJUSTED else ()
        if not problems:
            halt.kind, halt.reason, halt.proposed_by = sent["kind"], sent["because"], visit.account
            if halt.kind == ADJUSTED:
                halt.area, halt.levels, halt.rests = sent["area"] or None, int(sent["levels"]), sent["paragraph"]
            halt.save()
            visit.record("end of a halt proposed", f"halt:{key}", kind=halt.kind, **halts.details(halt))
    return _overview(visit, problems, sent) if problems else visit.go("/halts")


def _lacking(visit: Visit, halt: Halt, sent: Mapping[str, str]) -> Sequence[str]:
    """Return in words what an adjustment lacks before it can be proposed."""
    policies, cases = visit.policies, halts.cases_of(halt, visit.policies, ADJUSTED)
    if not cases:
        return ["There is no rating of a case that nobody has decided or adjusted, so there is nothing to adjust."]
    furthest, found = len(policies.levels_on(None)) - 1, list[str]()
    if sent["levels"] not in {str(one) for one in range(-furthest, furthest + 1) if one}:
        found.append("Choose by how many levels the run is adjusted.")
    if sent["area"] and sent["area"] not in {one.id for one in policies.areas}:
        found.append("Choose what is adjusted.")
    if paragraphs.place_in(sent["paragraph"], cases[0].decision_date, policies) is None:
        found.append("Choose the paragraph or descriptor on which the adjustment rests, from the list.")
    return found


@routes.page("/halts/{key}/approve", "approve", ["POST"])
def approve_end(visit: Visit, key: str) -> HttpResponse:
    """Approve or decline how a halt is to end; never one's own proposal."""
    with visit.store.writing():
        halt, approved = _halt(visit, key), visit.text("do", 20) == "approve"
        if halt.kind is None or halt.proposed_by_id == visit.account.pk:
            raise Stop(403, "This is not for you to approve", "Another member than the one who proposed it does.")
        if visit.text("version", 40) != halts.version(halt, visit.policies):
            says = "Another end is proposed by now, or the run has other cases. Read it before you approve it."
            raise Stop(409, "This page is out of date", says)
        if approved and halts.barred(halt, halt.proposed_by, visit.policies):
            says = "Whoever proposed it has declared an interest in the Community. Decline it; another may propose it."
            raise Stop(409, "This proposal counts no longer", says)
        if approved:
            halts.end(visit, halt)
        else:
            halt.kind = halt.reason = halt.proposed_by = halt.area = halt.levels = halt.rests = None
            halt.save()
            visit.record("end of a halt declined", f"halt:{key}")
    return visit.go("/halts")
