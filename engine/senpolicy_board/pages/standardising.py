"""Seed cases: set by the chair, agreed by a second member; and how each moderator stands against them."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy_board import casepage, evidence, judging, seeds, standardisation
from senpolicy_board.judging import WHOLE
from senpolicy_board.loading import picked
from senpolicy_board.pages.cases import seen
from senpolicy_board.pages.consistency import cell, signed
from senpolicy_board.policies import Policies
from senpolicy_board.rating import rated
from senpolicy_board.scoring import barred, case_of, must_not_be_barred, must_see_answer, naming, own
from senpolicy_board.stopping import Stop, there
from senpolicy_board.tables import Account, BoardCase, Scoring, Seed
from senpolicy_board.web import Routes, Visit

routes = Routes()


@routes.page("/standardisation", "see standardisation")
def overview(visit: Visit) -> HttpResponse:
    """Show how moderators stand against the seeds; a moderator sees their own, and nothing of seeds in live work."""
    settled, all_of_them = standardisation.asked(visit.policies), not visit.may("score")
    with visit.store.writing():
        visit.record("viewed", "standardisation")
        members = Account.objects.filter(role="moderator", active=True).order_by("label") if all_of_them else ()
        every = Seed.objects.filter(agreed__isnull=False).select_related("case", "checker", "set_by").order_by("-id")
        mine = standardisation.results(visit.account, visit.policies)
        return visit.page(
            "standardisation.html.j2",
            settled_for=settled, kinds=seeds.KINDS, signed=signed, cell=cell,
            standings=[standardisation.standing(one, visit.policies, settled) for one in members] if settled else [],
            seeds=[one for one in every if all_of_them], mine=[one for one in mine if one.kind != "live"],
            checks=[one for one in every if one.checker_id == visit.account.pk and not one.approved_at
                    and not one.retired_at],
            given=standardisation.given(visit.account, visit.policies) if visit.may("score") else None,
        )  # fmt: skip


@routes.page("/cases/{key}/seed", "set seeds")
def form(visit: Visit, key: str) -> HttpResponse:
    """Show the form by which a case becomes a seed."""
    return _form(visit, seen(visit, key, "seed"))


def _form(visit: Visit, case: BoardCase, problems: list[str] | None = None) -> HttpResponse:
    with visit.store.reading():
        return visit.page(
            "seed.html.j2", 422 if problems else 200, case=case, problems=problems or [], kinds=seeds.KINDS,
            policies=visit.policies, judging=judging, checkers=_checkers(visit, case),
            typed=visit.request.POST,
        )  # fmt: skip


def _checkers(visit: Visit, case: BoardCase) -> list[Account]:
    """Return the members who may agree a case as a seed: others, and none who has declared an interest in it."""
    members = Account.objects.filter(role__in=("chair", "moderator"), active=True).exclude(pk=visit.account.pk)
    return [one for one in members.order_by("label").prefetch_related("interests") if not barred(case, one)]


@routes.page("/cases/{key}/seed", "set seeds", ["POST"])
def propose(visit: Visit, key: str) -> HttpResponse:
    """Propose a case as a seed, with its levels and why; another member must agree."""
    kind, because, policies = visit.text("kind", 20), visit.text("because", 1_000), visit.policies
    with visit.store.writing():
        case = case_of(key, changing=True)
        must_see_answer(case, visit.account)
        day, method = case.decision_date, policies.rated_by_method(case.decision_date)
        sent = {area.id: visit.text(f"area_{area.id}", 80) for area in policies.areas}
        sent |= {} if method else {WHOLE: visit.text("level", 80)}
        agreed = judging.read(sent, "", {level.id for level in policies.levels_on(day)})
        made = rated(Scoring(ratings=agreed), policies, day)
        chosen = visit.text("checker", 16)
        checker = next((one for one in _checkers(visit, case) if one.key == chosen), None)
        problems = naming(policies, "The reason", because)
        if kind not in seeds.KINDS:
            problems.append("Choose what the seed is for.")
        if agreed is None or made.level is None or judging.lacking(made, policies, day):
            problems.append("Give every area its level, so that there is an overall level.")
        if len(because) < 10:
            problems.append("Say why these are the levels: who practises on it reads it.")
        if checker is None:
            problems.append("Choose the member who is to agree. They are not given this seed.")
        if not problems and checker is not None:
            _must_be_free(case, policies)
            one = Seed.objects.create(
                case=case, kind=kind, agreed=agreed, because=because, set_at=visit.now, set_by=visit.account,
                checker=checker,
            )  # fmt: skip
            visit.record("seed proposed", f"seed:{one.key}", case=key, kind=kind)
    return _form(visit, case, problems) if problems else visit.go("/standardisation")


def _must_be_free(case: BoardCase, policies: Policies) -> None:
    """Raise `Stop` where a case cannot become a seed: something is done with it, it is one, or none is asked for."""
    seed = seeds.seed_of(case)
    if standardisation.asked(policies) is None:
        raise Stop(409, "This board has no seeds", "Its file, rules/board.yaml, does not ask for standardisation.")
    if picked(case) or case.settled_at or case.outcomes.all() or (seed and not seed.retired_at) or seeds.proposed(case):
        says = "It is in a sample, was decided, or is a seed already. Choose a case that is in none."
        raise Stop(409, "This case cannot be a seed", says)


def _seed(visit: Visit, key: str) -> Seed:
    found = Seed.objects.select_for_update(of=("self",)).select_related("case", "checker", "set_by")
    one: Seed | None = found.filter(key=key, agreed__isnull=False).first()
    return there(one, "seed", "See the list of seeds.")


@routes.page("/seeds/{key}", "approve")
def seed_page(visit: Visit, key: str) -> HttpResponse:
    """Show a seed with its levels and reasons beside its facts and evidence, to its checker and to the chair."""
    with visit.store.writing():
        one = _seed(visit, key)
        case = case_of(one.case.key)
        if visit.account.pk != one.checker_id and not visit.may("set seeds"):
            raise Stop(403, "This seed is not for you", "Who rates it must not know its levels.")
        must_not_be_barred(case, visit.account)
        visit.record("viewed", f"seed:{key}")
        agreed = rated(standardisation.as_ratings(one), visit.policies, case.decision_date)
        return visit.page(
            "seed_page.html.j2", seed=one, case=case, agreed=agreed, judging=judging, policies=visit.policies,
            kinds=seeds.KINDS, evidence=evidence.shown(case),
            facts=list(casepage.facts_in_words(case, visit.policies, blind=True)),
        )  # fmt: skip


@routes.page("/seeds/{key}", "approve", ["POST"])
def settle(visit: Visit, key: str) -> HttpResponse:
    """Agree to a seed or decline it, as its checker; or take it out of use, as the chair."""
    do = visit.text("do", 20)
    with visit.store.writing():
        one = _seed(visit, key)
        case, mine = case_of(one.case.key, changing=True), visit.account.pk == one.checker_id
        if one.retired_at or do not in ("agree", "decline", "retire"):
            raise Stop(409, "This seed is not in use", "See the list of seeds.")
        if not (visit.may("set seeds") if do == "retire" else mine and one.approved_at is None):
            raise Stop(403, "This is not for you to do", "Its checker agrees or declines; the chair can end its use.")
        if do == "agree":
            must_not_be_barred(case, visit.account)
            if picked(case) or case.settled_at:
                raise Stop(409, "This case cannot be a seed", "It came into a sample meanwhile. Decline it.")
            one.approved_at = visit.now
        else:
            one.retired_at = visit.now
        one.save()
        what = {"agree": "seed agreed", "decline": "seed declined", "retire": "seed taken out of use"}[do]
        visit.record(what, f"seed:{key}", case=case.key)
    return visit.go("/standardisation")


@routes.page("/cases/{key}/agreed", "score")
def agreed(visit: Visit, key: str) -> HttpResponse:
    """Show a moderator their ratings of a practice or qualification case beside the agreed levels, with the reasons."""
    case = seen(visit, key, "agreed levels")
    seed, mine, day = seeds.seed_of(case), own(case, visit.account), case.decision_date
    if seed is None or seed.kind == "live" or mine is None:
        raise Stop(404, "There is nothing agreed of this case", "See your work.")
    both = [rated(one, visit.policies, day) for one in (mine, standardisation.as_ratings(seed))]
    with visit.store.reading():
        given = standardisation.given(visit.account, visit.policies)
        after = BoardCase.objects.filter(pk__in=given.seeds).order_by("id").first()
    return visit.page(
        "agreed.html.j2", case=case, seed=seed, both=both, judging=judging, policies=visit.policies, given=given,
        after=after, rows=[*((one.id, one.label) for one in visit.policies.areas), (WHOLE, "Overall level")],
    )  # fmt: skip
