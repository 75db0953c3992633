"""Somebody has had the first dose and has no appointment for the second one: it is booked by telephone."""

import re
from datetime import timedelta

import pytest

from accounts.models import AuditEvent
from booking.models import Appointment
from centers.models import Channel, Slot
from notifications.models import Message
from tests.factories import NOW
from tests.factories.door import given
from tests.factories.people import RegistrationFactory
from tests.web.callcenter.people import DAYS, booked, open_, phone_places, post, text, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


@pytest.fixture
def places():
    """A week ago, and from today on; three weeks after the first dose is the 14th day from now."""
    return phone_places((-7, 13, 14, 20, 35, 36))


@pytest.fixture
def person(jana, places):
    """Dose 1 was given a week ago, and the center had to cancel dose 2."""
    someone = booked(places, -7, 20, medium="letter")
    given(someone.appointments.get(dose_number=1), at=NOW - 7 * DAYS)
    second = someone.appointments.filter(dose_number=2)
    second.update(status="cancelled", cancelled_at=NOW, cancelled_reason="by_center")
    Slot.objects.filter(pk=places[20].pk).update(booked=0)
    open_(jana, someone)
    return someone


def listed(answer):
    return [int(found) for found in re.findall(r'name="slot" value="(\d+)"', answer.content.decode())]


def live(person):
    return [(one.dose_number, one.slot_id) for one in person.appointments.live().order_by("dose_number")]


def test_the_days_that_the_first_dose_allows_are_offered_and_one_is_booked(agent, jana, person, places):
    assert url(person, "second") in agent.get(url(person)).content.decode()
    page = agent.get(url(person, "second"))
    assert "wurde am 9. Februar 2021 im Impfzentrum Riesa gegeben: die zweite Impfung ist möglich" in text(page)
    assert listed(page) == [places[14].pk, places[20].pk, places[35].pk]  # 13 is too early, 36 too late

    answer = agent.post(url(person, "second"), {"slot": places[20].pk}, follow=True)

    assert "Die zweite Impfung ist gebucht" in text(answer)
    assert live(person) == [(1, places[-7].pk), (2, places[20].pk)]
    made = person.appointments.live().get(dose_number=2)
    assert (made.channel, made.booked_by, made.booked_at) == (Channel.PHONE, jana, NOW)
    assert Slot.objects.get(pk=places[20].pk).booked == 1
    event = AuditEvent.objects.get(action="series.second_booked")
    assert (event.actor, event.subject, event.details["channel"]) == (jana, person.public_id, "phone")
    assert Message.objects.get(template="moved").medium == "letter"


def test_the_second_click_books_once(agent, person, places):
    for _ in range(2):
        answer = post(agent, person, "second", slot=places[20].pk)
        assert answer["Location"].endswith("?zweite")
    assert Message.objects.filter(template="moved").count() == 1
    assert Slot.objects.get(pk=places[20].pk).booked == 1


def test_what_a_colleague_has_booked_meanwhile_stands(agent, person, places):
    post(agent, person, "second", slot=places[20].pk)

    answer = post(agent, person, "second", slot=places[14].pk)

    assert answer.status_code == 409
    assert "Inzwischen wurde ihre zweite Impfung gebucht." in text(answer)
    assert live(person)[1] == (2, places[20].pk)


@pytest.mark.parametrize("wrong", [13, 36])
def test_a_day_outside_the_window_is_refused_with_its_days(agent, person, places, wrong):
    answer = post(agent, person, "second", slot=places[wrong].pk)
    assert answer.status_code == 409
    assert "vom 2. März" in text(answer)
    assert len(live(person)) == 1


def test_a_place_that_has_gone_leads_to_those_that_are_free(agent, person, places):
    Slot.objects.filter(pk=places[14].pk).update(booked=2)
    answer = post(agent, person, "second", slot=places[14].pk)
    assert answer.status_code == 409
    assert "Dieser Platz wurde gerade vergeben" in text(answer)
    assert listed(answer) == [places[20].pk, places[35].pk]


def test_a_place_of_the_web_alone_is_not_to_be_had(agent, person, places):
    contingent = places[14].contingent
    contingent.channels = ["web"]
    contingent.save()
    page = agent.get(url(person, "second"))
    assert listed(page) == []
    assert "Rückrufliste" in text(page)
    assert post(agent, person, "second", slot=places[14].pk).status_code == 409
    assert len(live(person)) == 1


def test_another_center_can_be_chosen_where_hers_has_no_place(agent, person, places):
    Slot.objects.filter(center=places[14].center).update(suspended=True)
    other = phone_places((21,), slug="pirna", name="Pirna", place="")[21]
    page = agent.get(url(person, "second"), {"zentrum": "pirna"})
    assert listed(page) == [other.pk]
    post(agent, person, "second", slot=other.pk)
    assert live(person)[1] == (2, other.pk)


def test_who_has_no_first_dose_or_both_appointments_is_led_back(agent, jana):
    for someone in (RegistrationFactory(), booked(phone_places())):
        open_(jana, someone)
        assert agent.get(url(someone, "second"))["Location"] == url(someone)
        assert post(agent, someone, "second", slot=1)["Location"] == url(someone)
    assert not AuditEvent.objects.filter(action="series.second_booked").exists()


def test_late_is_better_than_never(agent, jana, person, places):
    """The longest distance is over: the next places there are."""
    Appointment.objects.filter(registration=person, dose_number=1).update(booked_at=NOW - timedelta(days=60))
    person.appointments.get(dose_number=1).vaccination.delete()
    given_at = NOW - timedelta(days=50)
    one = person.appointments.get(dose_number=1)
    one.arrival.delete()
    given(one, at=given_at)
    assert listed(agent.get(url(person, "second")))[0] == places[13].pk
