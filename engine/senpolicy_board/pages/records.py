"""The decision record of a case, as a file that proves itself."""

from __future__ import annotations

from django.http import HttpResponse

from senpolicy_board import recording
from senpolicy_board.pages.cases import seen
from senpolicy_board.stopping import Stop
from senpolicy_board.web import Routes, Visit

routes = Routes()


@routes.page("/cases/{key}/record", "see a case")
def record(visit: Visit, key: str) -> HttpResponse:
    """Give the decision record of a case that the board has decided."""
    case = seen(visit, key, "decision record")
    kept = case.record
    text = recording.text_of(kept) if kept else None
    if kept is None or text is None:
        says = "A case has one once the board's decision stands and the policy decides the case."
        raise Stop(404, "There is no decision record", says)
    disposition = f'attachment; filename="{recording.file_name(kept)}"'
    return HttpResponse(
        text, content_type="application/json; charset=utf-8", headers={"Content-Disposition": disposition}
    )
