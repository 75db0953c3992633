"""Which district a postcode lies in, as far as the list of the Länder says it."""

from centers.models import District, PostcodeArea


def district_of(postcode: str) -> District | None:
    """The longest beginning that is known counts; None where none is. One query.

    Whoever registers gets it in the statement that writes her (booking/sql/insert_registration.sql), by the same rule.
    """
    beginnings = [postcode[:length] for length in range(1, len(postcode) + 1)]
    areas = PostcodeArea.objects.filter(prefix__in=beginnings).select_related("district")
    found = max(areas, key=lambda area: len(area.prefix), default=None)
    return found.district if found else None
