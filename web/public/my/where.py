"""Where a person lives, as far as "about 20 km" needs it."""

from dataclasses import dataclass

from booking.models import Registration
from centers.distance import kilometres
from centers.models import District, PostcodeArea


@dataclass(frozen=True)
class Origin:
    """The middle of the district the postcode lies (mostly) in."""

    postcode: str
    latitude: float
    longitude: float

    def distance(self, latitude: float | None, longitude: float | None) -> float | None:
        """Kilometres to a position, None when it is not known."""
        if latitude is None or longitude is None:
            return None
        return kilometres(self.latitude, self.longitude, latitude, longitude)


def of(registration: Registration) -> Origin | None:
    """From the postcode, the longest known prefix wins; else from her district; None when neither is known."""
    prefixes = [registration.postcode[:length] for length in range(1, 6)]
    areas = PostcodeArea.objects.filter(prefix__in=prefixes, district__latitude__isnull=False)
    found = list(areas.values_list("prefix", "district__latitude", "district__longitude"))
    if found:
        _prefix, latitude, longitude = max(found, key=lambda area: len(area[0]))
        return Origin(registration.postcode, latitude, longitude)
    districts = District.objects.filter(pk=registration.district_id, latitude__isnull=False)
    position = districts.values_list("latitude", "longitude").first()
    return Origin(registration.postcode, *position) if position else None
