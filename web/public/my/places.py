"""The centers that can be chosen."""

from dataclasses import dataclass

from django.http import Http404

from booking import wording
from centers.models import Center
from web.public.my.held import Held


@dataclass(frozen=True)
class Place:
    """The center that was chosen."""

    pk: int
    slug: str
    label: str  # Impfzentrum Pirna, Pirna-Jessen


def place_of(slug: str) -> Place:
    """The listed center of that name, or 404."""
    center = _centers.get().get(slug)
    if center is None:
        raise Http404
    name = wording.center_name(center)
    return Place(center.pk, center.slug, f"{name}, {center.place}" if center.place else name)


def _read() -> dict[str, Center]:
    rows = Center.objects.filter(listed=True).only("pk", "slug", "name", "kind", "place")
    return {center.slug: center for center in rows}


_centers = Held(_read)
