"""By which schools and Communities a list can be narrowed, without telling who rates blind of which a case is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import Q

from senpolicy_board.images import Image
from senpolicy_board.queue import sampled
from senpolicy_board.tables import Scoring

if TYPE_CHECKING:
    from senpolicy_board.web import Visit


def groups_to_choose(visit: Visit) -> Iterator[Image | None]:
    """Yield the groups of the sampled cases whose answer a member may see: others would tell something to who rates."""
    cases = sampled()
    if visit.may("score"):
        rated = Scoring.objects.filter(account=visit.account, confirmed_at__isnull=False).values("case")
        cases = cases.filter(Q(settled_at__isnull=False) | Q(pk__in=rated))
    yield from cases.values_list("groups", flat=True)
