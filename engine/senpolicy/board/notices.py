"""The plain decision notice for school and parent, and pages as tagged PDF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from senpolicy.board.casepage import CaseView, Open, open_view
from senpolicy.board.policies import Policies
from senpolicy.board.tables import BoardCase
from senpolicy.problems import WrongUse


@dataclass(frozen=True)
class Notice:
    """What a notice says: what was decided, why, what it rests on, what is open, and what is held on disputes."""

    decided: list[tuple[str, str]]
    board: str
    reason: str
    why: list[tuple[str, str]]
    rests_on: list[tuple[str, str]]
    open: list[Open]
    missing: list[str]
    cautions: list[str]
    disputes: Open | None


def notice(case: BoardCase, found: CaseView, policies: Policies) -> Notice:
    """Return the notice of a case; the board's own decision stands in it only once it stands."""
    outcome = case.outcome if case.outcome and case.outcome.state == "stands" else None
    board = reason = ""
    if outcome and outcome.content:
        level = policies.level_label(outcome.content["to"])
        if outcome.kind == "changed":
            mapped = policies.level_label(case.level)
            board = f"The moderation board changed the level to {level}. It had been mapped to {mapped}."
            reason = (
                f"{outcome.content['reason']} ({outcome.content['document']}, {outcome.content['paragraph']})"
            )  # fmt: skip
        else:
            board = f"The moderation board looked at the case and agreed with the level, {level}."
    settled = [one for one in found.answers if one.state != "undetermined" and one.says != "Not applicable"]
    places = {
        why.place.short: why.place.document for one in found.answers for why in one.why if why.place.document
    }  # fmt: skip
    named = policies.corpus.board.disputes if policies.corpus.board else ""
    disputes = open_view(named, "", policies.policy) if named in policies.corpus.open_points else None
    return Notice(
        [(one.title, one.says) for one in found.answers if one.says != "Not applicable"],
        board,
        reason,
        [(one.title, why.says) for one in settled for why in one.why],
        sorted(places.items()),
        found.open,
        found.missing,
        list(dict.fromkeys(says for one in found.answers for says, _ in one.cautions)),
        disputes,
    )


def pdf(html: str) -> bytes:
    """Return a page as a tagged PDF (PDF/UA-1), made here from the page's own template and the board's style sheet.

    Raises `WrongUse` where this machine lacks what draws text.
    """
    weasyprint = _weasyprint()
    static = Path(__file__).parent / "static"

    # The module is imported only where it is there, so the checker of types knows nothing of its classes.
    class Nothing(weasyprint.urls.URLFetcher):  # type: ignore[misc, name-defined]
        """Fetches nothing, so that no request leaves the machine."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """Refuse."""
            raise ValueError(f"not fetched: {url}")

    document = weasyprint.HTML(string=html, url_fetcher=Nothing(), base_url="board:")
    sheet = weasyprint.CSS(string=(static / "board.css").read_text(encoding="utf-8"), url_fetcher=Nothing())
    made: bytes = document.write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1", presentational_hints=False)
    return made


def _weasyprint() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError):
        raise WrongUse(
            "This machine cannot make a PDF: WeasyPrint needs the library pango (on Debian: apt-get install "
            "libpango-1.0-0 libpangoft2-1.0-0). Print the page from the browser meanwhile."
        ) from None
    return weasyprint
