"""The messages to one person, found by their keys.

Keys name the cause and its row, so an index answers, and a mailbox that two people share shows each of them her own.
"""

from functools import reduce
from operator import or_

from django.db.models import Q

from booking.models import Registration


def hers(registration: Registration) -> Q:
    """Keys begin with the message and go on with the row that caused it: the person, an appointment, an invitation.

    A message that was sent again, or has followed her to another address, has "@" after the key of the first one.
    """
    person = registration.pk
    appointments = list(registration.appointments.values_list("pk", flat=True))
    invitations = list(registration.invitations.values_list("pk", flat=True))
    exact = [f"{cause}:{person}" for cause in ("registered", "confirm_reminder", "withdrawn")]
    exact += [f"{cause}:{pk}" for cause in ("booked", "cancelled") for pk in appointments]
    exact += [f"{cause}:{pk}" for cause in ("invitation_reminder", "invitation_expired") for pk in invitations]
    exact += [f"change:{pk}:{person}" for pk in registration.cases.values_list("change", flat=True)]
    begun = [f"{key}@" for key in exact]
    begun += [f"{cause}:{person}:" for cause in ("confirm", "already_registered", "new_link", "contact_changed")]
    begun += [f"{cause}:{pk}." for cause in ("moved", "appointment_reminder") for pk in appointments]
    begun += [f"invited:{pk}:" for pk in invitations]
    return reduce(or_, (Q(dedupe_key__startswith=prefix) for prefix in begun), Q(dedupe_key__in=exact))
