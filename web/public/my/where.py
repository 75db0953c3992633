"""Where a person lives, as far as "about 20 km" needs it."""

from dataclasses import dataclass

from booking.models import Registration
from centers.distance import kilometres
from centers.models import District, PostcodeArea
from web.public.my.held import Held

Position = tuple[float, float]


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
    areas, districts = _positions.get()
    prefixes = (registration.postcode[:length] for length in range(5, 0, -1))
    found = next((areas[prefix] for prefix in prefixes if prefix in areas), None)
    found = found or districts.get(registration.district_id or "")
    return Origin(registration.postcode, *found) if found else None


def _read() -> tuple[dict[str, Position], dict[str, Position]]:
    """Positions by beginning of the postcode, and by district: about a hundred and a few dozen rows."""
    rows = District.objects.values_list("ags", "latitude", "longitude")
    districts = {ags: (north, east) for ags, north, east in rows if north is not None and east is not None}
    areas = PostcodeArea.objects.values_list("prefix", "district_id")
    return {prefix: districts[ags] for prefix, ags in areas if ags in districts}, districts


_positions = Held(_read)
