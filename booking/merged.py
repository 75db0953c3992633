"""Who is left of a person who was registered twice: papers with the code of the one that ended are still at home."""

from booking.models import Registration


def who_is_left(person: Registration) -> Registration:
    """The registration that goes on; herself where she was never merged into another one. A query for each step."""
    while person.merged_into is not None:
        person = person.merged_into
    return person
