"""The centers that can be chosen, kept in this process for as long as the facts are (booking/facts.py: a second)."""

from dataclasses import dataclass

from django.http import Http404

from booking import facts, wording
from booking.facts import Facts
from centers.models import Center


@dataclass(frozen=True)
class Place:
    """The center that was chosen."""

    pk: int
    slug: str
    label: str  # Impfzentrum Pirna, Pirna-Jessen


_held: tuple[Facts, dict[str, Center]] | None = None


def place_of(slug: str) -> Place:
    """The listed center of that name, or 404."""
    center = _centers().get(slug)
    if center is None:
        raise Http404
    name = wording.center_name(center)
    return Place(center.pk, center.slug, f"{name}, {center.place}" if center.place else name)


def _centers() -> dict[str, Center]:
    global _held
    known, held = facts.load(), _held
    if held is None or held[0] is not known:
        rows = Center.objects.filter(listed=True).only("pk", "slug", "name", "kind", "place")
        held = _held = (known, {center.slug: center for center in rows})
    return held[1]
