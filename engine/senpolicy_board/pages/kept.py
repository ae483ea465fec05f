"""What was typed before a session ended: its page again, filled in, or the words to copy."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.urls import resolve

from senpolicy_board.kept_work import COOKIE, SHOWN_AGAIN, TypedForm
from senpolicy_board.stopping import Stop
from senpolicy_board.web import Routes, Visit

routes = Routes()
#: The fields of forms that hold words of a person, which are shown where the page cannot be.
_WORDS = {"note": "Note", "reason": "Reason", "minutes": "Minutes", "title": "Title", "because": "Reason"}


@routes.page("/kept", "see own account")
def kept(visit: Visit) -> HttpResponse:
    """Show a form again as it was sent when its session had ended; nothing of it is saved by that.

    Where its page is not for the account any longer, such as that of a case which was decided meanwhile, the words are
    shown, and why.
    """
    form = visit.board.kept.of(visit.request.COOKIES.get(COOKIE, ""), visit.account.pk)
    if form is None:
        return visit.go("/")
    if not form.restored:
        return _words(visit, form, "It can be sent again from its own page.")
    sent = QueryDict(urlencode(form.fields, doseq=True))
    match = resolve(form.path)
    visit.request.POST, visit.request.method = sent, "POST"
    visit.request.META[SHOWN_AGAIN] = True
    try:
        answer: HttpResponse = match.func(visit.request, **match.kwargs)
    except Stop as stop:
        if stop.to == "/account":
            raise
        return _words(visit, form, " ".join((stop.title, stop.says)).strip() or "Its page is another by now.")
    answer.status_code = 200
    return answer


def _words(visit: Visit, form: TypedForm, says: str) -> HttpResponse:
    words = [(_WORDS[name], several[0]) for name, several in form.fields.items() if name in _WORDS and several[0]]
    return visit.page("kept.html.j2", words=words, says=says)
