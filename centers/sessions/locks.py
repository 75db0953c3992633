"""Taking hold of drafts before anything about them is decided."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext

from accounts.refusals import Refused
from centers.models import Center, Session


def drafts_of(center: Center, blocks: Sequence[UUID]) -> list[Session]:
    """The rows of these blocks, locked; Refused when one of them is gone or is no draft any more."""
    rows = list(
        Session.objects.select_for_update(of=("self",), no_key=True)
        .filter(center=center, block__in=blocks)
        .select_related("center", "vaccine", "contingent")
        .order_by("date", "starts", "pk")
    )
    if not blocks or {row.block for row in rows} != set(blocks):
        raise Refused("gone", gettext("Somebody has thrown this draft away meanwhile. Nothing was changed."))
    if any(row.state != Session.State.DRAFT for row in rows):
        raise Refused("published", gettext("Somebody has published this session meanwhile. Nothing was changed."))
    return rows
