"""How far it is to a center, as the crow flies: good for "about 20 km", never for a decision."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0


def kilometres(from_latitude: float, from_longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Great-circle distance between two positions in degrees (haversine)."""
    north, south = radians(from_latitude), radians(to_latitude)
    height = sin((south - north) / 2) ** 2
    width = sin(radians(to_longitude - from_longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(height + cos(north) * cos(south) * width))


def about(distance_km: float) -> int:
    """The figure to say after "about": exact below 20 km, then by fives, beyond 100 km by tens; at least 1.

    The start is a district's centre and not a front door, so a finer figure would claim more than we know.
    """
    step = 1 if distance_km < 20 else 5 if distance_km < 100 else 10
    return max(1, int(distance_km / step + 0.5) * step)
