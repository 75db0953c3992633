"""Name, address and contact put right: the identity follows, and two people never become one unnoticed."""

from dataclasses import replace

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import identity
from booking.models import Registration
from booking.services import correcting
from booking.services.correcting import Same
from booking.services.registrations import Contact
from centers.models import PostcodeArea
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import DistrictFactory

pytestmark = pytest.mark.django_db


def contact(person, **more):
    values = {
        "email": person.email, "phone": str(person.phone), "language": person.language, "needs": frozenset(),
        "medium": person.medium, "large_print": person.large_print,
    }  # fmt: skip
    return Contact(**{**values, **more})


def correct(person, *, by=None, reached=None, **more):
    wanted = replace(correcting.person_of(person), **more)
    return correcting.correct(
        registration=person, person=wanted, contact=reached or contact(person), by=by or UserFactory(), now=NOW
    )


def test_the_identity_follows_name_and_address():
    person = RegistrationFactory(last_name="Muler")

    found = correct(person, last_name="Müller", street="Elbstr. 12")

    wanted = {
        "first_name": "Ingeborg",
        "last_name": "Müller",
        "birth_date": person.birth_date,
        "street": "Elbstraße 12",
    }
    assert found.identity_key == identity.key(**wanted, postcode="01796")
    assert Registration.objects.get(pk=person.pk).last_name == "Müller"
    assert AuditEvent.objects.filter(action="registration.corrected", subject=person.public_id).count() == 1


def test_another_spelling_of_the_same_is_written_and_keeps_the_key():
    person = RegistrationFactory(last_name="Mueller")
    key = person.identity_key
    assert correct(person, last_name="Müller").identity_key == key


def test_nothing_changed_is_not_on_record():
    person = RegistrationFactory()
    correct(person)
    assert not AuditEvent.objects.filter(action="registration.corrected").exists()


def test_the_district_follows_the_postcode():
    meissen = DistrictFactory(ags="14627", name="Meißen", kind="LK")
    PostcodeArea.objects.create(prefix="01", district=DistrictFactory())
    PostcodeArea.objects.create(prefix="0158", district=meissen)
    assert correct(RegistrationFactory(), postcode="01587", town="Riesa").district_id == "14627"


def test_somebody_elses_identity_is_refused_and_named_for_merging():
    known = RegistrationFactory(last_name="Müller")
    person = RegistrationFactory(last_name="Muler", email="neu@example.org")

    with pytest.raises(Refused) as refused:
        correct(person, last_name="MÜLLER", reached=contact(person, email="anders@example.org"))

    assert refused.value.code == "same_person"
    assert refused.value.alternatives == (Same(known),)
    person.refresh_from_db()
    assert (person.last_name, person.email) == ("Muler", "neu@example.org")


def test_one_who_has_left_does_not_stand_in_the_way():
    RegistrationFactory(last_name="Müller", withdrawn=True)
    assert correct(RegistrationFactory(last_name="Muler"), last_name="Müller").last_name == "Müller"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"last_name": ""}, "invalid_person"),
        ({"postcode": "1587"}, "invalid_postcode"),
        ({"birth_date": NOW.date().replace(year=2031)}, "invalid_birth_date"),
    ],
)
def test_nonsense_is_refused(values, code):
    person = RegistrationFactory()
    with pytest.raises(Refused) as refused:
        correct(person, **values)
    assert refused.value.code == code


def test_a_landline_gets_no_sms_and_nothing_is_changed():
    person = RegistrationFactory()
    with pytest.raises(Refused) as refused:
        correct(person, town="Heidenau", reached=contact(person, phone="03525 4471", medium="sms"))
    assert refused.value.code == "no_mobile"
    person.refresh_from_db()
    assert person.town == "Pirna"


def test_what_bounced_goes_to_the_new_address():
    person = RegistrationFactory(invited=True)
    pk = person.invitations.get().pk
    Message.objects.create(
        template="invited", recipient=person.email, lane="example.org", language="de", state="bounced",
        dedupe_key=f"invited:{pk}:0", created_at=NOW, available_at=NOW,
        reference={"registration": person.pk, "invitation": pk},
    )  # fmt: skip

    correct(person, reached=contact(person, email="richtig@gmx.de"))

    again = Message.objects.get(template="invited", recipient="richtig@gmx.de")
    assert (again.state, again.lane) == ("queued", "gmx.de")


def test_who_has_left_cannot_be_corrected():
    with pytest.raises(Refused) as refused:
        correct(RegistrationFactory(withdrawn=True), town="Riesa")
    assert refused.value.code == "withdrawn"
