"""One door to everybody: by her medium, once, and not at all where it makes no sense."""

import pytest

from booking import telling
from notifications import leases, outbox
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory, visit_link
from tests.factories.supply import DistrictFactory

pytestmark = pytest.mark.django_db
MOBILE = "+4915123456789"


def person(medium: str, **values):
    return RegistrationFactory(email="i@gmx.de", phone=MOBILE, medium=medium, **values)


def ways(message: Message) -> tuple[str, str, str]:
    return message.medium, message.recipient, message.lane


def test_each_medium_has_its_recipient_and_lane():
    somebody = person("letter")

    found = [telling.way(person("email")), telling.way(person("sms")), telling.way(somebody)]

    assert [(one.medium, one.recipient, one.lane) for one in found] == [
        ("email", "i@gmx.de", "gmx.de"),
        ("sms", MOBILE, "sms"),
        ("letter", somebody.case_number, "letter:"),
    ]


def test_letters_wait_by_district():
    district = DistrictFactory(ags="14627")

    assert telling.way(person("letter", district=district)).lane == "letter:14627"


def test_a_message_names_person_and_link_and_is_written_once():
    somebody = person("sms")
    link = visit_link(somebody)

    for _again in range(2):
        told = telling.tell("cancelled", somebody, key="k", now=NOW, link=link, reference={"appointments": [7]})

    message = Message.objects.get()
    assert told
    assert ways(message) == ("sms", MOBILE, "sms")
    assert (message.template, message.language, message.dedupe_key) == ("cancelled", "de", "k")
    assert message.reference == {"registration": somebody.pk, "link": link.pk, "appointments": [7]}


def test_another_place_than_hers():
    somebody = person("letter")

    telling.tell("contact_changed", somebody, key="mail", now=NOW, to="old@web.de")
    telling.tell("contact_changed", somebody, key="sms", now=NOW, to="+4916012345678")

    assert [ways(message) for message in Message.objects.order_by("dedupe_key")] == [
        ("email", "old@web.de", "web.de"),
        ("sms", "+4916012345678", "sms"),
    ]


@pytest.mark.parametrize(
    ("template", "media"),
    [
        ("booked", {"email", "sms", "letter"}),
        ("invited", {"email", "sms", "letter"}),
        ("appointment_reminder", {"email", "sms"}),
        ("invitation_reminder", {"email", "sms"}),
        ("new_link", {"email", "sms"}),
    ],
)
def test_what_makes_no_sense_by_a_medium_is_not_written(template, media):
    told = {medium for medium in outbox.Medium.values if telling.tell(template, person(medium), key=medium, now=NOW)}

    assert told == media
    assert set(Message.objects.values_list("medium", flat=True)) == media
    assert set(telling.media(template)) == media


def test_what_proves_an_address_goes_there_however_she_is_written_to():
    telling.tell("confirm_registration", person("letter"), key="k", now=NOW)

    assert ways(Message.objects.get()) == ("email", "i@gmx.de", "gmx.de")
    assert not telling.can("confirm_registration", RegistrationFactory(email=""))
    assert not telling.tell("confirm_registration", RegistrationFactory(email=""), key="none", now=NOW)


def test_the_mailer_leaves_letters_to_the_printer():
    telling.tell("booked", person("letter"), key="letter", now=NOW)
    telling.tell("booked", person("sms"), key="sms", now=NOW)
    telling.tell("booked", person("email"), key="email", now=NOW)

    assert sorted(leases.due_lanes(NOW)) == ["gmx.de", "sms"]
