"""Evidence beside a case: documents and notes, seen by those who judge it, kept with the case and removed with it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from senpolicy_board.file_kinds import JPEG, KINDS, PNG, TEXT, KnownFile
from senpolicy_board.scoring import may_score, may_see_answer, must_not_be_barred
from senpolicy_board.seeds import checks
from senpolicy_board.standardisation import given
from senpolicy_board.stopping import Stop, there
from senpolicy_board.tables import Account, BoardCase, Evidence

if TYPE_CHECKING:
    from senpolicy_board.policies import Policies
    from senpolicy_board.web import Visit

#: How many letters a title has at most.
MOST_TITLE = 80
#: How many of the words at which the scanner stopped are told.
_TOLD = 12
#: What a browser may do with a file that it is given: nothing.
HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}


@dataclass(frozen=True)
class EvidenceView:
    """A piece of evidence as a page shows it: its row, what it is in words, and the text of a note ("": a file)."""

    row: Evidence
    what: str
    text: str
    picture: bool


def may_see(case: BoardCase, account: Account, policies: Policies) -> bool:
    """Return whether an account may see the evidence of a case: who may see its answer, or is given it to rate blind.

    So may the second member of a seed, who is to agree its levels.
    """
    if may_see_answer(case, account) or checks(case, account):
        return True
    return may_score(case, account) and given(account, policies).allows(case)


def shown(case: BoardCase) -> list[EvidenceView]:
    """Return the evidence of a case that has not been withdrawn, the first first; files without their content."""
    found = []
    for one in case.evidence.filter(withdrawn_at=None).defer("content"):
        text = one.content or "" if one.kind == TEXT else ""
        found.append(EvidenceView(one, said_kind(one), text, one.kind in (PNG, JPEG)))
    return found


def said_kind(one: Evidence) -> str:
    """Return what a file is and how large: "PDF, 120 kB"."""
    name = "Text" if one.kind == TEXT else KINDS[one.kind].removeprefix(".").upper()
    return f"{name}, {max(1, round(one.size / 1000)):,} kB"


def problems(visit: Visit, case: BoardCase, title: str, found: KnownFile | None, *, looked: bool) -> Iterator[str]:
    """Yield in words why something is not attached to a case; the words that name somebody are for who sent them."""
    most = visit.board.settings.most_evidence
    if found is None:
        yield "Choose a file, or write a note: one of the two."
    if not title:
        yield "Give it a title, such as 'Report on reading, spring term'."
    if not looked:
        yield "Read it first, and say that you did."
    if case.evidence.filter(withdrawn_at=None).count() >= most:
        yield f"This case has {most} pieces of evidence, which is the most. Withdraw one first."
    for what, said in (("The title", title), ("What you attach", found.words if found else "")):
        if named := visit.policies.names_in(said):
            whole = [one for one in dict.fromkeys(named) if not any(one != other and one in other for other in named)]
            words = ", ".join(f"“{one}”" for one in whole[:_TOLD])
            yield f"{what} may name somebody, or tell who a child is, by {words}. Take that out, and attach it again."


def attach(visit: Visit, case: BoardCase, title: str, found: KnownFile) -> None:
    """Keep a file or a note with a case, with its entry in the trail."""
    kept = found.words if found.kind == TEXT else base64.b64encode(found.content).decode("ascii")
    one = Evidence.objects.create(
        case=case, kind=found.kind, size=len(found.content), added_at=visit.now, added_by=visit.account, title=title,
        content=kept,
    )  # fmt: skip
    visit.record("evidence attached", f"evidence:{one.key}", case=case.key, kind=one.kind, bytes=one.size)


def withdraw(visit: Visit, one: Evidence, because: str) -> None:
    """Take a piece of evidence away, with a reason; that it was there stays."""
    one.title = one.content = None
    one.because, one.withdrawn_at, one.withdrawn_by = because, visit.now, visit.account
    one.save()
    visit.record("evidence withdrawn", f"evidence:{one.key}", case=one.case.key)


def to_give(key: str, account: Account, policies: Policies) -> tuple[Evidence, bytes]:
    """Return a piece of evidence that an account may see, and its bytes; raises `Stop` where there is none."""
    says = "It may have been withdrawn, or removed with its case."
    one: Evidence | None = Evidence.objects.filter(key=key, content__isnull=False).first()
    one = there(one, "evidence", says)
    case = one.case
    must_not_be_barred(case, account)
    if not may_see(case, account, policies):
        raise Stop(403, "This evidence is not open to you", "It is for those who may rate or decide its case.")
    kept = one.content or ""
    return one, kept.encode() if one.kind == TEXT else base64.b64decode(kept)


def file_name(one: Evidence) -> str:
    """Return the name of a file that is given: it says nothing of the pupil, since it stays in folders."""
    return f"evidence-{one.key[:8]}{KINDS[one.kind]}"
