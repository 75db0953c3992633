"""Register, confirm, invite and book in one go, or nothing of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import entitlement
from booking.enrolment import Details
from booking.models import Appointment, Hold, Invitation, Registration
from booking.services import appointments, holds, phone
from booking.services.holds import Wanted
from booking.services.phone import Caller, Kept, Known
from notifications.models import Message
from tests.factories import NOW
from tests.factories.calls import CallFactory
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import ContingentFactory, series_slots

pytestmark = pytest.mark.django_db

GERDA = Details(
    first_name="Gerda", last_name="Hofmann", birth_date=date(1938, 3, 14),
    street="Meißner Straße 48", postcode="01558", town="Großenhain",
)  # fmt: skip
MINUTE = timedelta(minutes=1)


@pytest.fixture
def slots():
    RegulationFactory()
    OpeningFactory()
    return series_slots(contingent=ContingentFactory(phone=True))


@pytest.fixture
def call(slots):
    return CallFactory()


@pytest.fixture
def hold(call, slots):
    return keep(call, slots[0])


def keep(call, slot, born=GERDA.birth_date):
    person = entitlement.Person(born, frozenset(), "")
    return holds.make(call=call, wanted=Wanted(person, slot.pk), by=call.agent, now=NOW)


def do(call, hold, details=GERDA, now=NOW, **more):
    caller = Caller(details=details, call=call, **more)
    return phone.register_and_book(caller=caller, hold=hold, by=call.agent, now=now)


def test_a_caller_without_email_is_registered_and_booked_with_one_letter(call, hold, slots):
    series = do(call, hold)

    person = Registration.objects.get()
    assert [one.slot_id for one in series.appointments] == [slot.pk for slot in slots]
    assert [one.booked_by_id for one in series.appointments] == [call.agent.pk] * 2
    assert (person.channel, person.medium, person.confirmed_at) == ("phone", "letter", NOW)
    assert [(one.template, one.medium) for one in Message.objects.all()] == [("booked", "letter")]
    assert Invitation.objects.get().accepted_at == NOW
    assert not Hold.objects.exists()
    assert [slot.booked for slot in type(slots[0]).objects.all()] == [1, 1]
    call_command("check_places")


def test_all_of_it_is_on_record_by_the_agent(call, hold):
    do(call, hold)

    trail = AuditEvent.objects.filter(subject=Registration.objects.get().public_id).order_by("pk")
    assert list(trail.values_list("action", "actor")) == [
        (action, call.agent.pk) for action in ("registration.created", "invitation.issued", "series.booked")
    ]


def test_the_second_click_books_nothing_more(call, hold):
    do(call, hold)
    again = do(call, hold)

    assert (again.fresh, Registration.objects.count(), Message.objects.count()) == (False, 1, 1)


def test_who_is_registered_already_is_named_and_nothing_is_done(call, hold):
    known = phone.register(caller=Caller(details=GERDA, call=CallFactory()), by=call.agent, now=NOW)

    with pytest.raises(Known) as refused:
        do(call, hold, replace(GERDA, last_name="HOFMANN"))

    assert refused.value.person == known
    assert Hold.objects.count() == 1


def test_a_hold_that_is_over_registers_nobody(call, hold):
    with pytest.raises(Refused) as refused:
        do(call, hold, now=NOW + 10 * MINUTE)

    assert refused.value.code == "hold_over"
    assert not Registration.objects.exists()


def test_whose_group_is_not_open_cannot_be_booked_by_a_hold_of_somebody_else(call, hold):
    with pytest.raises(Refused) as refused:
        do(call, hold, replace(GERDA, birth_date=date(1990, 1, 1)))

    assert refused.value.code == "not_open"
    assert not Registration.objects.exists()
    assert Hold.objects.count() == 1


def test_papers_by_letter_are_asked_again_when_booking(call, hold, slots):
    with pytest.raises(Refused) as refused:
        do(call, hold, not_before=slots[0].starts_at + MINUTE)

    assert refused.value.code == "too_late"


def test_without_an_appointment_she_stands_in_the_line(call):
    person = phone.register(caller=Caller(details=replace(GERDA, birth_date=date(1990, 1, 1)), call=call),
                            by=call.agent, now=NOW)  # fmt: skip

    assert person.confirmed_at == NOW
    assert not Invitation.objects.exists()
    assert [one.template for one in Message.objects.all()] == ["registered"]
    assert [one.registration for one in call.people.all()] == [person]


def test_a_registered_person_without_email_is_booked_from_a_hold(call, hold):
    person = RegistrationFactory(email="", phone="")

    series = phone.book(registration=person, hold=hold, by=call.agent, now=NOW)
    again = phone.book(registration=person, hold=hold, by=call.agent, now=NOW)

    assert (series.fresh, again.fresh) == (True, False)
    assert len(appointments.series_of(person)) == 2


def test_a_hold_of_somebody_else_books_nobody(call, slots):
    person, other = RegistrationFactory(), RegistrationFactory()
    wanted = Wanted(entitlement.person(other), slots[0].pk, registration=other)
    hold = holds.make(call=call, wanted=wanted, by=call.agent, now=NOW)

    with pytest.raises(Refused) as refusal:
        phone.book(registration=person, hold=hold, by=call.agent, now=NOW)

    assert refusal.value.code == "hold_over"
    assert appointments.series_of(person) == ()
    assert holds.standing(call, now=NOW) == []
    assert holds.standing(call, registration=other, now=NOW) == [hold]


def test_the_next_member_of_a_family_shares_the_household(call, hold, slots):
    do(call, hold)
    first = Registration.objects.get()
    second = keep(call, slots[0])

    do(call, second, replace(GERDA, first_name="Horst"), comes_with=first)

    people = Registration.objects.values_list("household", flat=True)
    assert len(people) == 2
    assert len(set(people)) == 1
    assert None not in people


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [("Gerda", "Hoffmann", 1), ("Gerda Maria", "Hofmann", 1), ("Gertrud", "Hofmann", 0), ("Gerda", "Krause", 0)],
)
def test_nearly_the_same_name_on_the_same_birthday_is_a_doubt(first, last, found):
    RegistrationFactory(first_name=first, last_name=last, birth_date=GERDA.birth_date)
    RegistrationFactory(first_name="Gerda", last_name="Hofmann", birth_date=date(1938, 3, 15))

    assert len(phone.alike(GERDA)) == found


def couple_kept(call, slots):
    """Two people of one household, each with both places held."""
    people = [RegistrationFactory(birth_date=day) for day in (date(1938, 3, 14), date(1936, 5, 2))]
    wanted = [Wanted(entitlement.person(one), slots[0].pk, registration=one) for one in people]
    made = holds.make_all(call=call, wanted=wanted, agreed=False, by=call.agent, now=NOW)
    return [Kept(hold.registration, hold) for hold in made]


def test_a_household_is_booked_in_one_go(call, slots):
    kept = couple_kept(call, slots)

    booked = phone.book_all(kept=kept, by=call.agent, now=NOW)

    assert [[one.slot_id for one in series.appointments] for series in booked] == [[slot.pk for slot in slots]] * 2
    assert [series.fresh for series in booked] == [True, True]
    assert Message.objects.filter(template="booked").count() == 2
    assert not Hold.objects.exists()
    call_command("check_places")


def test_when_the_ten_minutes_of_one_are_over_nobody_is_booked(call, slots):
    kept = couple_kept(call, slots)
    Hold.objects.filter(pk=kept[1].hold.pk).update(expires_at=NOW + MINUTE)

    with pytest.raises(Refused) as refused:
        phone.book_all(kept=kept, by=call.agent, now=NOW + MINUTE)

    assert refused.value.code == "hold_over"
    assert not Appointment.objects.exists()
    assert not Message.objects.exists()
    assert Hold.objects.count() == 2
    call_command("check_places")


def test_the_second_press_for_a_household_changes_nothing(call, slots):
    kept = couple_kept(call, slots)
    phone.book_all(kept=kept, by=call.agent, now=NOW)

    again = phone.book_all(kept=kept, by=call.agent, now=NOW + MINUTE)

    assert [series.fresh for series in again] == [False, False]
    assert Appointment.objects.count() == 4
