"""Evidence of a case: the list with the forms for attaching and withdrawing, and each file by itself."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy_board import evidence, file_kinds
from senpolicy_board.pages.cases import seen
from senpolicy_board.scoring import case_of, must_see_answer, sound_words
from senpolicy_board.stopping import there
from senpolicy_board.tables import BoardCase, Evidence
from senpolicy_board.web import Routes, Visit

routes = Routes()


@routes.page("/cases/{key}/evidence", "attach evidence")
def form(visit: Visit, key: str) -> HttpResponse:
    """Show the evidence of a case, and the forms for attaching and withdrawing it."""
    return _form(visit, seen(visit, key, "evidence"))


def _form(visit: Visit, case: BoardCase, status: int = 200, **more: str | list[str]) -> HttpResponse:
    typed = {"title": "", "note": "", "problems": []} | more
    settings = visit.board.settings
    with visit.store.reading():
        return visit.page(
            "evidence.html.j2", status, case=case, evidence=evidence.shown(case),
            withdrawn=list(case.evidence.exclude(withdrawn_at=None).select_related("withdrawn_by")),
            most=settings.most_evidence, largest=settings.most_upload // 1_000_000, **typed,
        )  # fmt: skip


@routes.page("/cases/{key}/evidence", "attach evidence", ["POST"])
def attach(visit: Visit, key: str) -> HttpResponse:
    """Attach a file or a note to a case, once its kind is known and nothing that can be read in it names anybody."""
    upload, title = visit.upload("file"), visit.text("title", evidence.MOST_TITLE)
    note, most = visit.text("note", 5_000), visit.board.settings.most_upload
    case, content = seen(visit, key, "evidence"), upload.read(most + 1) if upload else b""
    problems, found = list[str](), None
    # What a file is, is looked at before the transaction: others write meanwhile.
    try:
        if len(content) > most:
            raise file_kinds.Unfit(f"This file is larger than {most // 1_000_000} MB. Attach the part that matters.")
        if bool(content) is not bool(note):
            found = file_kinds.known(content or note.encode())
    except file_kinds.Unfit as error:
        problems = [str(error)]
    with visit.store.writing():
        case = case_of(key, changing=True)
        must_see_answer(case, visit.account)
        problems = problems or list(evidence.problems(visit, case, title, found, looked=bool(visit.text("looked", 5))))
        if not problems and found is not None:
            evidence.attach(visit, case, title, found)
    if problems:
        return _form(visit, case, 422, title=title, note=note, problems=problems)
    return visit.go(f"/cases/{key}/evidence")


@routes.page("/evidence/{key}/withdraw", "attach evidence", ["POST"])
def withdraw(visit: Visit, key: str) -> HttpResponse:
    """Withdraw a piece of evidence, with a reason: what was attached by mistake is gone."""
    because = sound_words(visit.policies, visit.text("because", 300), "Say why it is withdrawn.")
    with visit.store.writing():
        found = Evidence.objects.select_for_update().filter(key=key, content__isnull=False).first()
        one = there(found, "evidence", "It may have been withdrawn already.")
        # The case is locked as for every other change of it: what is counted of its evidence stays true meanwhile.
        must_see_answer(case_of(one.case.key, changing=True), visit.account)
        evidence.withdraw(visit, one, because)
    return visit.go(f"/cases/{one.case.key}/evidence")


@routes.page("/evidence/{key}/file", "see a case")
def file(visit: Visit, key: str) -> HttpResponse:
    """Give a file of evidence, to be saved: a browser runs nothing of it. A page may draw it where it is a picture."""
    with visit.store.writing():
        one, content = evidence.to_give(key, visit.account, visit.policies)
        visit.record("viewed", f"evidence:{key}", case=one.case.key)
    kind = f"{one.kind}; charset=utf-8" if one.kind == file_kinds.TEXT else one.kind
    disposition = f'attachment; filename="{evidence.file_name(one)}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition, **evidence.HEADERS})
