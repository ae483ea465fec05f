"""The mapping exercise: what is to be mapped, mapping a pupil, how schools map, and a sample of a school first."""

from __future__ import annotations

from contextlib import suppress

from django.core.paginator import Paginator
from django.http import HttpResponse

from senpolicy_board import casepage, communities, exporting, judging, mapping, rating, sampling, trail
from senpolicy_board.drawing import NothingDrawn, draw_sample
from senpolicy_board.images import Cell
from senpolicy_board.loading import known
from senpolicy_board.pages.consistency import Strip
from senpolicy_board.pages.home import PAGE
from senpolicy_board.pages.scores import from_form
from senpolicy_board.scoring import case_of, must_declare
from senpolicy_board.stopping import Stop
from senpolicy_board.tables import BoardCase, MappingList, Scoring
from senpolicy_board.web import Routes, Visit

routes = Routes()
_HEADINGS = ("school", "kind_of_place", "pupils_mapped", "pupils_not_mapped", "maps")


@routes.page("/mapping", "see the mapping")
def mapping_page(visit: Visit) -> HttpResponse:
    """Show which pupils are mapped and which come next, and how schools map; to observers what may be shared."""
    if not visit.may("see caseloads"):
        return shared_page(visit)
    with visit.store.reading():
        lists = mapping.lists(visit.policies)
        for one in lists:
            must_declare(visit.account, one.loaded)
        to_map = mapping.to_map(visit, lists) if visit.may("map pupils") else []
        page = Paginator(to_map, PAGE).get_page(visit.request.GET.get("page"))
        found = mapping.figures(visit)
        answer = visit.page(
            "mapping.html.j2", lists=lists, reasons=mapping.reasons(visit.policies), page=page,
            found=found, verdicts=mapping.VERDICTS, strip_of=lambda one: _strip(one, found), policies=visit.policies,
            settled=mapping.settled(visit.policies), not_said=mapping.NO_REASON, stopped=sorted(communities.stopped()),
        )  # fmt: skip
    with visit.store.writing():
        visit.record("viewed", "mapping", page=page.number)
    return answer


def _strip(one: mapping.SchoolMapping, found: mapping.MappingFigures | None) -> Strip | None:
    """Return where a school's average level lies, and between which it would by chance, from the least to the most."""
    if one.point is None or found is None or len(found.levels) < 2:
        return None
    ends = (one.point.average, one.point.low, one.point.high)
    mark, low, high = (max(0, min(1000, round(1000 * (end - 1) / (len(found.levels) - 1)))) for end in ends)
    return Strip(mark, None, None, (low, high))


@routes.page("/mapping/shared", "see the mapping")
def shared_page(visit: Visit) -> HttpResponse:
    """Show how schools map as it may be shared: counts are rounded, and none under five is told."""
    with visit.store.reading():
        found = mapping.figures(visit)
    with visit.store.writing():
        visit.record("viewed", "mapping", what="to be shared")
    rows = mapping.rows_to_share(found) if found else []
    return visit.page("mapping_shared.html.j2", found=found, rows=rows, settled=mapping.settled(visit.policies))


@routes.page("/mapping/saved/{name}", "see the mapping")
def mapping_file(visit: Visit, name: str) -> HttpResponse:
    """Give how schools map as it may be shared, as CSV or Excel."""
    with visit.store.reading():
        found = mapping.figures(visit)
        answer = exporting.saved(name, "mapping", _HEADINGS, mapping.rows_to_share(found) if found else [])
    with visit.store.writing():
        visit.record("viewed", "mapping", what="to be shared, as a file")
    return answer


@routes.page("/caseloads/{key}/mapping", "map pupils", ["POST"])
def say_why(visit: Visit, key: str) -> HttpResponse:
    """Keep why the pupils of a list are mapped now."""
    reason = visit.text("reason", 40)
    if reason not in mapping.reasons(visit.policies):
        raise Stop(422, "Choose why they are mapped", "Go back, and choose one of the reasons that are listed.")
    with visit.store.writing():
        last = MappingList.objects.filter(caseload=known(key)).order_by("-id").first()
        if visit.text("was", 40) != (last.reason if last else ""):
            raise Stop(409, "Someone else has said why meanwhile", "Look at the list again, and change it if need be.")
        MappingList.objects.create(caseload=known(key), reason=reason, at=visit.now, by=visit.account)
        visit.record("reason of mapping said", f"caseload:{key}", reason=reason)
    return visit.go("/mapping")


@routes.page("/cases/{key}/map", "map pupils")
def map_form(visit: Visit, key: str) -> HttpResponse:
    """Show the form for mapping a pupil: the facts, and the descriptors."""
    with visit.store.writing():
        case = case_of(key)
        mapping.must_be_to_map(case, visit)
        visit.record("viewed", f"case:{key}", what="to be mapped")
        done = BoardCase.objects.filter(key=visit.request.GET.get("done", "")).first()
    return _form(visit, case, done=done if done and done.mapped.filter(by=visit.account).exists() else None)


def _form(visit: Visit, case: BoardCase, status: int = 200, **more: Cell) -> HttpResponse:
    last = max(case.mapped.all(), key=lambda one: one.pk, default=None)
    content: dict[str, Cell] = {
        "case": case, "facts": list(casepage.facts_in_words(case, visit.policies, blind=True)), "last": last,
        "ratings": last.ratings if last else {"areas": {}, "level": None}, "problems": [], "meanwhile": False,
        "policies": visit.policies, "done": None, "before": len(case.mapped.all()),
    }  # fmt: skip
    return visit.page("mapping_form.html.j2", status, **(content | more))


@routes.page("/cases/{key}/map", "map pupils", ["POST"])
def map_pupil(visit: Visit, key: str) -> HttpResponse:
    """Keep the level to which a pupil is mapped; where someone else has mapped them meanwhile, both are shown."""
    with visit.store.writing():
        case = case_of(key, changing=True)
        mapping.must_be_to_map(case, visit)
        ratings = from_form(visit, case.decision_date)
        made = rating.rated(Scoring(ratings=ratings), visit.policies, case.decision_date)
        if visit.again:
            return _form(
                visit, case, 422, ratings=ratings, problems=visit.again, before=visit.number("mapped", 0, 1_000)
            )
        if visit.number("mapped", 0, 1_000) != len(case.mapped.all()):
            return _form(visit, case, 409, ratings=ratings, meanwhile=True)
        lacking = judging.lacking(made, visit.policies, case.decision_date)
        if lacking or made.level is None or made.unjudged:
            return _form(visit, case, 422, ratings=ratings, problems=lacking or ["Choose an overall level."])
        mapping.keep(visit, case, made)
        following = next(iter(mapping.to_map(visit, mapping.lists(visit.policies))), None)
    return visit.go(f"/cases/{following[0].key}/map?done={key}" if following else "/mapping")


@routes.page("/mapping/sample", "draw a sample", ["POST"])
def moderate_first(visit: Visit) -> HttpResponse:
    """Draw a sample of the pupils of one school, by level, so that it is moderated before others.

    Its plan and its entries do not name the school, nor are its cases put before others in the work of a moderator:
    who rates blind is not to know that it maps high.
    """
    school, setting = visit.text("school", 200), visit.text("setting", 80)
    plan = sampling.Plan(("level",), visit.policies.plan.per_cent, visit.policies.plan.fewest, visit.policies.plan.most)
    with visit.store.writing():
        found = mapping.figures(visit)
        schools = found.schools if found else ()
        one = next((one for one in schools if (one.school, one.setting) == (school, setting)), None)
        if one is None or not one.cases:
            raise Stop(404, "Nobody of this school is mapped", "Choose a school of the list.")
        if one.barred:
            raise Stop(403, "This school is barred for you", "You have declared an interest in it.")
        keys, samples = {key for key, _ in one.cases}, []
        for caseload in dict.fromkeys(key for _, key in one.cases):
            loaded = known(caseload)
            must_declare(visit.account, loaded)
            asked = trail.append(
                visit.now, visit.account.key, "sample asked for", f"caseload:{caseload}", plan=plan.to_json()
            )
            # A list of the school that has no case left to draw does not keep the others from being moderated.
            with suppress(NothingDrawn):
                samples.append(draw_sample(visit, loaded, plan, asked.hash, asked.seq, keys))
        if not samples:
            raise NothingDrawn
    return visit.go(f"/samples/{samples[-1].key}")
