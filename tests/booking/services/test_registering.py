"""Registering: who is stored, who is refused, who is known already."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import codes
from booking.models import AccessLink, Registration
from booking.services import links
from centers.models import Channel, PostcodeArea
from notifications.models import Message
from tests.booking.services.registering import DETAILS, messages, register
from tests.factories import NOW
from tests.factories.demand import RegulationFactory, UserFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import DistrictFactory

pytestmark = pytest.mark.django_db


def test_register_keeps_what_the_person_said():
    DistrictFactory(ags="14628", name="Sächsische Schweiz-Osterzgebirge", kind="LK")
    DistrictFactory()
    PostcodeArea.objects.create(prefix="01", district_id="14612")
    PostcodeArea.objects.create(prefix="017", district_id="14628")

    person = register()

    stored = Registration.objects.get()
    assert stored == person
    assert (stored.case_number, stored.full_name, stored.district_id) == ("K7P4XM92", "Ingeborg Richter", "14628")
    assert (str(stored.phone), stored.criteria, stored.language) == ("+493514567890", ["P1_HOMECARE"], "de")
    assert (stored.needs_wheelchair, stored.needs_companion) == (True, False)
    assert stored.confirmed_at is None
    assert (person.rank, person.public_id, person.district_id) == (stored.rank, stored.public_id, "14628")


def test_register_writes_link_message_and_audit_with_the_person():
    person = register()

    link = AccessLink.objects.get()
    message = Message.objects.get()
    assert (link.registration, link.purpose, link.valid_until) == (person, "confirm", None)
    assert links.find(links.token(link)) == link
    assert (message.template, message.recipient) == ("confirm_registration", "ingeborg@example.org")
    assert message.reference == {"registration": person.pk, "link": link.pk}
    assert message.dedupe_key == f"confirm:{person.pk}:{link.pk}"
    assert message.lane == "example.org"
    event = AuditEvent.objects.get()
    assert (event.action, event.subject, event.details) == (
        "registration.created",
        person.public_id,
        {"channel": "web"},
    )


def test_register_is_one_statement():
    register(case_number="22222222", last_name="Erste")  # fills the snapshot of the facts

    with CaptureQueriesContext(
        connection,
    ) as queries:
        register()

    own = [query for query in queries.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(own) == 1


def test_register_by_phone_only_keeps_the_person_and_writes_no_message():
    person = register(email="")

    assert (person.confirmed_at, messages(), AccessLink.objects.count()) == (None, [], 0)


def test_register_by_an_agent_needs_no_confirmation():
    person = register(channel=Channel.PHONE, by=UserFactory(), email="", phone="")

    assert person.confirmed_at == NOW
    assert AuditEvent.objects.get(action="registration.created").actor_id is not None


def test_register_gives_ranks_in_order():
    first, second = register(), register(case_number="22222222", last_name="Zweite")

    assert first.rank < second.rank


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"last_name": ""}, "invalid_person"),
        ({"last_name": "x" * 81}, "invalid_person"),
        ({"town": "Pir\x00na"}, "invalid_person"),
        ({"street": ""}, "invalid_person"),
        ({"birth_date": date(2021, 2, 17)}, "invalid_birth_date"),
        ({"birth_date": date(1850, 1, 1)}, "invalid_birth_date"),
        ({"postcode": "1796"}, "invalid_postcode"),
        ({"postcode": "٠١٧٩٦"}, "invalid_postcode"),
        ({"email": "", "phone": ""}, "no_contact"),
        ({"email": "nobody"}, "invalid_email"),
        ({"email": "a@example.org\nBcc: b@example.org"}, "invalid_email"),
        ({"phone": "12"}, "invalid_phone"),
        ({"phone": "447112"}, "invalid_phone"),  # a number of her town, which would be one of another town
        ({"language": "xx"}, "invalid_choice"),
        ({"needs": frozenset({"dragon"})}, "invalid_choice"),
    ],
)
def test_register_refuses_nonsense_and_stores_nothing(changes, code):
    with pytest.raises(Refused) as refusal:
        register(**changes)

    assert (refusal.value.code, Registration.objects.count()) == (code, 0)


def test_register_refuses_unknown_answers():
    RegulationFactory()

    with pytest.raises(Refused) as refusal:
        register(criteria=frozenset({"P1_INVENTED"}))

    assert refusal.value.code == "invalid_choice"


def test_register_takes_names_of_one_word_and_any_script():
    person = register(first_name="", last_name="Nguyễn 🌸 שלום")

    person.refresh_from_db()
    assert person.full_name == "Nguyễn 🌸 שלום"


def test_register_same_person_tells_the_stored_contact_and_nobody_else():
    known = RegistrationFactory(last_name="Müller", first_name="Jürgen", email="alt@example.org")

    again = register(
        case_number="22222222", first_name="Juergen", last_name="Mueller", street="Schandauer Str. 14",
        email="fremd@example.org",
    )  # fmt: skip

    assert again is None
    assert list(Registration.objects.all()) == [known]
    assert messages() == [("already_registered", "alt@example.org")]
    assert Message.objects.get().reference["link"] == AccessLink.objects.get(purpose="visit").pk


def test_register_same_person_is_told_once_a_day():
    register()
    for day in (0, 0, 1):
        register(case_number=codes.case_number(), now=NOW + timedelta(days=day))

    assert [template for template, _to in messages()] == ["confirm_registration", *["already_registered"] * 2]


def test_register_same_person_unconfirmed_gets_her_confirmation_link_again():
    register()

    register(case_number="22222222")

    link = AccessLink.objects.get()
    assert [one.reference["link"] for one in Message.objects.all()] == [link.pk, link.pk]


def test_register_again_after_a_refused_mail_counts_at_the_old_rank():
    mistyped = register(email="typo@example.org")
    Message.objects.update(state="bounced")

    again = register(case_number="22222222", email="right@example.org", criteria=frozenset())

    stored = Registration.objects.get()
    assert again == stored
    assert (stored.pk, stored.rank, stored.email) == (mistyped.pk, mistyped.rank, "right@example.org")
    assert (stored.case_number, stored.criteria) == ("22222222", [])
    assert messages()[-1] == ("confirm_registration", "right@example.org")


def test_register_again_after_a_refused_mail_cannot_take_a_confirmed_registration():
    person = register()
    Message.objects.update(state="bounced")
    Registration.objects.update(confirmed_at=NOW)

    assert register(case_number="22222222", email="fremd@example.org") is None
    assert messages()[-1] == ("already_registered", person.email)


def test_register_same_form_again_answers_with_the_same_registration():
    first = register()

    assert register() == first
    assert len(messages()) == 1


def test_register_after_withdrawal_is_a_new_registration():
    RegistrationFactory(withdrawn=True, first_name=DETAILS.first_name, last_name=DETAILS.last_name)

    assert register() is not None


def test_register_gives_a_new_number_when_somebody_else_has_it():
    RegistrationFactory(case_number="K7P4XM92")

    assert register().case_number != "K7P4XM92"


def test_register_lets_a_couple_share_their_address():
    assert register() is not None
    assert register(case_number="22222222", first_name="Karl") is not None


def test_register_keeps_twins_apart():
    assert register(first_name="Hanna") is not None
    assert register(case_number="22222222", first_name="Anna") is not None
