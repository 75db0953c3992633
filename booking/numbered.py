"""The registration with this case number, as it is read out on the telephone; who is left, where it was merged."""

from django.utils.translation import gettext as _

from accounts.refusals import Refused
from booking import codes, merged
from booking.models import Registration


def find(text: str) -> Registration:
    """With or without its check character; Refused with what to do where there is none."""
    try:
        code = codes.typed(text, length=codes.CASE_NUMBER_LENGTH)
    except codes.Misread:
        raise Refused(
            "misread", _("This case number cannot be right: a character is wrong. Please have it read out once more.")
        ) from None
    found = Registration.objects.filter(case_number=code).first() if code else None
    if found is None:
        raise Refused("unknown", _("There is no such case number. Please have it read out once more."))
    return merged.who_is_left(found)
