"""Every message with a state in which it is sent, and how tests send and read one."""

from datetime import UTC, datetime

from django.core.mail import EmailMultiAlternatives

from booking.models import Appointment, Change
from booking.services import appointments, links, registrations
from centers.models import Channel
from notifications import delivery, outbox
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import series_slots

IN_TIME = datetime(2021, 2, 17, 9, 0, tzinfo=UTC)  # the day before dose 1


def person(**values):
    return RegistrationFactory(
        **{"first_name": "Ingeborg", "last_name": "Richter", "email": "i.richter@gmx.de", **values}
    )


def message(template, registration, **reference) -> Message:
    recipient = reference.pop("to", registration.email)
    language = reference.pop("language", "de")
    outbox.queue(
        template=template,
        recipient=recipient,
        language=language,
        reference={"registration": registration.pk, **reference},
        dedupe_key=f"test:{template}",
        now=NOW,
    )
    return Message.objects.get(dedupe_key=f"test:{template}")


def sent(template, registration, now=NOW, **reference) -> EmailMultiAlternatives | None:
    return delivery.compose(message(template, registration, **reference), now=now)


def confirm_link(registration):
    return links.issue(registration=registration, purpose="confirm", now=NOW)


def visit_link(registration):
    return links.issue(registration=registration, purpose="visit", now=NOW)


def booked_person(**values):
    registration = person(invited=True, **values)
    first, _second = series_slots()
    appointments.book(registration=registration, slot_id=first.pk, channel=Channel.WEB, by=None, now=NOW)
    return registration


def first_dose(registration) -> Appointment:
    return registration.appointments.get(dose_number=1)


# Every template with a state in which it is sent.


def case_confirm_registration():
    registration = person(unconfirmed=True)
    return registration, {"link": confirm_link(registration).pk}


def case_already_registered():
    registration = person()
    return registration, {"link": visit_link(registration).pk}


def case_registered():
    registration = person()
    return registration, {"link": visit_link(registration).pk}


def case_invited():
    registration = person()
    invitation = InvitationFactory(registration=registration, valid_until=datetime(2021, 2, 22, 23, 0, tzinfo=UTC))
    return registration, {"link": visit_link(registration).pk, "invitation": invitation.pk}


def case_booked():
    registration = booked_person()
    return registration, {"link": visit_link(registration).pk}


def case_cancelled():
    registration = booked_person()
    appointments.cancel(registration=registration, reason="own_wish", by=None, now=NOW)
    return registration, {"link": visit_link(registration).pk}


def case_withdrawn():
    registration = booked_person()
    registrations.withdraw(registration=registration, reason="own_wish", by=None, now=NOW)
    return registration, {"appointments": [1, 2]}


def case_appointment_reminder():
    registration = booked_person()
    return registration, {"appointment": first_dose(registration).pk, "now": IN_TIME}


def case_contact_changed():
    return person(), {"to": "old@web.de"}


def change_of(center) -> Change:
    return Change.objects.create(
        center=center, kind="close", scope={}, sessions=[], reason="Impfstoff fehlt", fingerprint="x",
        started_at=NOW, started_by=UserFactory(),
    )  # fmt: skip


def case_by_center():
    registration = booked_person()
    return registration, {
        "change": change_of(first_dose(registration).slot.center).pk,
        "link": visit_link(registration).pk,
    }


def case_cancelled_by_center():
    registration, reference = case_by_center()
    appointments.cancel(registration=registration, reason="by_center", by=None, now=NOW)
    return registration, reference


CASES = {
    "confirm_registration": (case_confirm_registration, "Anmeldung bestätigen"),
    "confirm_reminder": (case_confirm_registration, "ein Schritt fehlt noch"),
    "already_registered": (case_already_registered, "schon angemeldet"),
    "registered": (case_registered, "Sie stehen jetzt in der Reihe"),
    "invited": (case_invited, "Ihre Einladung gilt bis Montag, 22. Februar 2021."),
    "invitation_reminder": (case_invited, "bis Montag, 22. Februar 2021"),
    "invitation_expired": (case_registered, "Ihr Platz in der Reihe bleibt"),
    "new_link": (case_registered, "hier ist der neue Link"),
    "booked": (case_booked, "Donnerstag, 18. Februar 2021, 10:20 Uhr"),
    "moved": (case_booked, "Es gelten nur noch diese Zeiten"),
    "cancelled": (case_cancelled, "Sie haben jetzt keinen Termin mehr"),
    "moved_by_center": (case_by_center, "Die Begründung des Zentrums: Impfstoff fehlt"),
    "kept_by_center": (case_by_center, "er gilt weiter"),
    "cancelled_by_center": (case_cancelled_by_center, "Bitte kommen Sie nicht"),
    "withdrawn": (case_withdrawn, "Anmeldung beendet"),
    "appointment_reminder": (case_appointment_reminder, "Donnerstag, 18. Februar 2021, 10:20 Uhr"),
    "contact_changed": (case_contact_changed, "auf einem anderen Weg"),
}


def joined(text: str) -> str:
    return " ".join(text.split())


def words(email: EmailMultiAlternatives) -> str:
    """The plain text without its line breaks."""
    return joined(email.body)
