"""A message once more: tried at once while it waits, again under a key of its own later, never when untrue."""

from datetime import timedelta

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking.services import resending
from notifications import outbox
from notifications.models import Message
from notifications.outbox import Envelope
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import booked_series
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=30)


def message(person, template, key, *, state, **more):
    values = {
        "recipient": person.email,
        "lane": "gmx.de",
        "language": "de",
        "created_at": NOW,
        "available_at": NOW + LATER,
    }
    return Message.objects.create(
        template=template, dedupe_key=key, state=state, sent_at=NOW if state == "sent" else None,
        reference={"registration": person.pk, **more.pop("reference", {})}, **{**values, **more},
    )  # fmt: skip


def again(person, one):
    resending.send_again(
        registration=person, template=one.template, key=one.dedupe_key, reference=one.reference, by=UserFactory(),
        now=NOW,
    )  # fmt: skip


def booked(**person):
    return booked_series(**person)[0]


@pytest.mark.parametrize("state", ["queued", "deferred"])
def test_what_waits_is_tried_at_once_and_stays_one_message(state):
    first = booked()
    one = message(first.registration, "booked", f"booked:{first.pk}", state=state)

    again(first.registration, one)

    one.refresh_from_db()
    assert one.available_at == NOW
    assert Message.objects.count() == 1
    assert AuditEvent.objects.get(action="message.hurried").subject == first.registration.public_id


@pytest.mark.parametrize("state", ["sent", "bounced"])
def test_what_has_left_goes_out_again_to_where_she_is_now(state):
    first = booked(email="neu@gmx.de")
    one = message(first.registration, "booked", f"booked:{first.pk}", state=state, recipient="alt@gmx.de")

    again(first.registration, one)

    made = Message.objects.exclude(pk=one.pk).get()
    assert (made.template, made.recipient, made.state) == ("booked", "neu@gmx.de", "queued")
    assert AuditEvent.objects.get(action="message.sent_again").details == {"message": "booked"}
    RegulationFactory()
    OpeningFactory()
    envelope = Envelope(made.template, made.recipient, made.reference, "de", made.dedupe_key)
    assert outbox.compose(envelope, now=NOW) is not None


def test_three_times_a_day_and_no_more():
    first = booked()
    one = message(first.registration, "booked", f"booked:{first.pk}", state="sent")
    for _time in range(resending.PER_DAY):
        again(first.registration, one)
        Message.objects.filter(state="queued").update(state="sent", sent_at=NOW)
    with pytest.raises(Refused) as refused:
        again(first.registration, one)
    assert refused.value.code == "too_many_messages"
    assert Message.objects.count() == 1 + resending.PER_DAY


def test_what_is_no_longer_true_is_refused():
    person = RegistrationFactory(invited=True)
    one = message(person, "registered", f"registered:{person.pk}", state="sent")
    with pytest.raises(Refused) as refused:
        again(person, one)
    assert refused.value.code == "not_true"


def test_who_has_died_is_written_to_by_nobody():
    person = RegistrationFactory(withdrawn_at=NOW, withdrawn_reason="died")
    one = message(person, "invited", "invited:1:0", state="deferred")
    with pytest.raises(Refused):
        again(person, one)
    one.refresh_from_db()
    assert one.available_at == NOW + LATER


def test_the_link_that_confirms_is_sent_again():
    person = RegistrationFactory(unconfirmed=True)
    one = message(person, "confirm_registration", f"confirm:{person.pk}:1", state="bounced")
    again(person, one)
    assert Message.objects.exclude(pk=one.pk).get().template == "confirm_registration"


def test_a_letter_that_waits_for_the_printer_is_not_written_twice():
    first = booked(email="")
    one = message(
        first.registration, "booked", f"booked:{first.pk}", state="queued", medium="letter", lane="letter:",
        recipient=first.registration.case_number,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        again(first.registration, one)
    assert refused.value.code == "on_its_way"
    assert Message.objects.count() == 1

    Message.objects.update(state="sent", sent_at=NOW)
    again(first.registration, one)
    assert Message.objects.filter(medium="letter").count() == 2
