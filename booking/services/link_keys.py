"""A new LINK_KEY: what was sent under the old one opens nothing any more, what is sent from now on does.

What the database keeps of a link is a hash of its secret, so a new key alone voids nothing, and a message that is built
later would carry a secret that nothing here knows. This makes the hashes of all open links anew, from their nonces.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from booking import tokens
from booking.models import AccessLink

AT_ONCE = 1000


def follow(*, now: datetime) -> int:
    """Bring every open link under the LINK_KEY of this process; returns how many were under another one.

    Run it when no process with the old key is left; it may run again, and be cut off. Links whose time is over stay
    as they are: they open nothing under any key.
    """
    found, after = 0, 0
    while links := list(_open(now).filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = links[-1].pk
        found += _bring(links)
    return found


def _open(now: datetime) -> QuerySet[AccessLink]:
    return AccessLink.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now), used_at__isnull=True)


def _bring(links: list[AccessLink]) -> int:
    """Write what differs, and nothing else of the rows: meanwhile a try may be counted, or a letter composed, which
    gives a link its code.
    """
    strange = []
    for link in links:
        known = (link.token_hash, link.code_hash)
        link.token_hash = tokens.hash_of(tokens.secret(link.nonce))
        if link.code_hash is not None:
            link.code_hash = tokens.code_hash_of(tokens.code(link.nonce))
        if known != (link.token_hash, link.code_hash):
            strange.append(link)
    with transaction.atomic():
        AccessLink.objects.bulk_update(strange, ["token_hash"])
        AccessLink.objects.bulk_update([link for link in strange if link.code_hash is not None], ["code_hash"])
    return len(strange)
