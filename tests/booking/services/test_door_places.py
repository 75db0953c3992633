"""The end of the day, people without an appointment, and second doses put elsewhere from the door."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import codes
from booking.enrolment import Details
from booking.models import Appointment, Invitation, Registration
from booking.services import door
from centers.models import Channel, Slot
from notifications.models import Message
from tests.booking.door.books import books_agree
from tests.booking.door.deeds import AT, refused, status
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import AppointmentFactory, booked_series, given, single_slot
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, ContingentFactory, SessionFactory, SlotFactory, VaccineFactory

pytestmark = pytest.mark.django_db
DAY = date(2021, 2, 18)
NIGHT = datetime(2021, 2, 18, 22, 0, tzinfo=UTC)


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def rules():
    RegulationFactory()
    OpeningFactory()


@pytest.fixture
def open_to_all():
    return ContingentFactory(channels=[Channel.WEB, Channel.ON_SITE])


# --- The end of the day


def test_close_day_counts_who_did_not_come_and_gives_the_places_back():
    first, second = booked_series()

    assert door.close_day(center_id=first.slot.center_id, day=DAY, now=NIGHT) == 1

    assert (status(first), status(second)) == ("no_show", "cancelled")
    assert sum(Slot.objects.values_list("booked", flat=True)) == 0
    event = AuditEvent.objects.get(action="appointment.missed")
    assert (event.subject, event.actor) == (first.registration.public_id, None)
    assert Registration.objects.waiting().get() == first.registration  # in the line again, at her rank
    books_agree()


def test_close_day_keeps_the_second_dose_of_nobody_else():
    first, second = booked_series()
    given(first, at=AT)

    assert door.close_day(center_id=first.slot.center_id, day=DAY, now=NIGHT) == 0
    assert (status(first), status(second)) == ("vaccinated", "booked")


def test_close_day_of_a_missed_second_dose_keeps_the_first():
    first, second = booked_series()
    given(first, at=AT)

    later = NIGHT + timedelta(days=21)
    assert door.close_day(center_id=first.slot.center_id, day=DAY + timedelta(days=21), now=later) == 1
    assert (status(first), status(second)) == ("vaccinated", "no_show")


def test_close_day_gives_no_place_back_for_who_had_none():
    one = AppointmentFactory(displaced_at=AT - timedelta(days=1))

    door.close_day(center_id=one.slot.center_id, day=DAY, now=NIGHT)

    assert (status(one), Appointment.objects.get().displaced_at) == ("no_show", None)
    books_agree()


def test_close_day_twice_is_harmless():
    one = AppointmentFactory()
    counts = [door.close_day(center_id=one.slot.center_id, day=DAY, now=NIGHT) for _turn in range(2)]

    assert counts == [1, 0]


def test_close_due_waits_until_an_hour_after_the_last_start_time(settings):
    settings.DOOR_CLOSES_AFTER = timedelta(hours=1)
    one = AppointmentFactory()
    last = single_slot(session=one.slot.session, starts_at=one.slot.starts_at + timedelta(hours=3))

    assert door.close_due(now=last.starts_at + timedelta(minutes=59)) == 0
    assert door.close_due(now=last.starts_at + timedelta(minutes=60)) == 1


def test_close_due_makes_up_for_days_on_which_it_did_not_run():
    AppointmentFactory()

    assert door.close_due(now=NIGHT + timedelta(days=3)) == 1


@pytest.fixture
def closing(settings):
    settings.DOOR_CLOSES_AFTER = timedelta(hours=1)
    return timedelta(hours=1)


def test_close_due_waits_an_hour_for_who_was_taken_in_after_closing(by, rules, open_to_all, closing):
    slot = single_slot(session__contingent=open_to_all)
    now = slot.starts_at + timedelta(hours=2)
    made = door.walk_in(registration=RegistrationFactory(), center=slot.center, vaccine_code="", by=by, now=now)

    assert door.close_due(now=now + timedelta(minutes=59)) == 0
    assert (door.close_due(now=now + closing), status(made)) == (1, "no_show")


def test_close_due_waits_as_long_for_a_second_dose_that_was_brought_forward(by, rules, open_to_all, closing):
    first, second = booked_series(days=28)
    given(first, at=AT)
    slot = SlotFactory(session__center=first.slot.center, session__contingent=open_to_all,
                       starts_at=AT + timedelta(days=21))  # fmt: skip
    now = slot.starts_at + timedelta(hours=2)
    door.walk_in(registration=first.registration, center=slot.center, vaccine_code="", by=by, now=now)

    assert (door.close_due(now=now + timedelta(minutes=1)), status(second)) == (0, "booked")
    assert door.close_due(now=now + closing) == 1


def test_close_due_counts_the_others_of_a_day_on_which_somebody_was_taken_in(by, rules, open_to_all, closing):
    missing = AppointmentFactory(slot=single_slot(session__contingent=open_to_all))
    now = missing.slot.starts_at + timedelta(hours=2)
    center = missing.slot.center
    made = door.walk_in(registration=RegistrationFactory(), center=center, vaccine_code="", by=by, now=now)

    assert door.close_due(now=now) == 1
    assert (status(missing), status(made)) == ("no_show", "booked")


# --- Without an appointment


def test_walk_in_takes_the_next_free_place_of_today(by, rules, open_to_all):
    person = RegistrationFactory(invited=True)
    over = single_slot(session__contingent=open_to_all)
    soon = single_slot(session=over.session, starts_at=over.starts_at + timedelta(minutes=20))

    made = door.walk_in(registration=person, center=over.center, vaccine_code="", by=by, now=AT)

    assert (made.slot, made.channel, made.booked_by, made.status) == (soon, "on_site", by, "booked")
    assert Invitation.objects.get().accepted_at == AT
    assert AuditEvent.objects.get(action="series.walked_in").details["extra_place"] is False
    assert Message.objects.get(template="booked").dedupe_key == f"booked:{made.pk}"
    books_agree()


def test_walk_in_adds_a_place_when_none_is_free(by, rules, open_to_all):
    full = single_slot(session__contingent=open_to_all, capacity=1)
    AppointmentFactory(slot=full)

    door.walk_in(registration=RegistrationFactory(), center=full.center, vaccine_code="", by=by, now=AT)

    full.refresh_from_db()
    assert (full.capacity, full.booked) == (2, 2)
    assert AuditEvent.objects.get(action="series.walked_in").details["extra_place"] is True
    books_agree()


def test_walk_in_takes_no_place_that_is_kept_for_callers(by, rules):
    kept = single_slot(session__contingent=ContingentFactory(phone=True), starts_at=AT + timedelta(minutes=5))

    door.walk_in(registration=RegistrationFactory(), center=kept.center, vaccine_code="", by=by, now=AT)

    kept.refresh_from_db()
    assert (kept.capacity, kept.booked) == (3, 1)


def test_walk_in_of_a_group_that_is_not_open_is_refused(by, rules, open_to_all):
    slot = single_slot(session__contingent=open_to_all)
    young = RegistrationFactory(birth_date=date(1990, 1, 1))

    refused("not_open", door.walk_in, registration=young, center=slot.center, vaccine_code="", by=by, now=AT)

    assert not Appointment.objects.exists()


def test_walk_in_books_the_second_dose_along(by, rules, open_to_all):
    first = SlotFactory(session__contingent=open_to_all)
    second = SlotFactory(
        session__center=first.center, session__contingent=open_to_all, starts_at=first.starts_at + timedelta(days=21)
    )

    person = RegistrationFactory()
    door.walk_in(registration=person, center=first.center, vaccine_code="", by=by, now=AT)

    places = person.appointments.order_by("dose_number").values_list("slot", flat=True)
    assert list(places) == [first.pk, second.pk]
    books_agree()


def test_walk_in_without_a_place_for_the_second_dose_changes_nothing(by, rules, open_to_all):
    first = SlotFactory(session__contingent=open_to_all)

    person = RegistrationFactory()
    refused("no_second_dose", door.walk_in, registration=person, center=first.center, vaccine_code="", by=by, now=AT)

    first.refresh_from_db()
    assert first.booked == 0


def test_walk_in_brings_a_series_forward(by, rules, open_to_all):
    old_first, old_second = booked_series(days=21)
    SlotFactory(session__center=old_first.slot.center, session__contingent=open_to_all,
                starts_at=AT - timedelta(days=1))  # fmt: skip
    now = AT - timedelta(days=1, minutes=5)

    person, center = old_first.registration, old_first.slot.center
    made = door.walk_in(registration=person, center=center, vaccine_code="", by=by, now=now)

    assert (status(old_first), status(old_second), made.dose_number) == ("cancelled", "cancelled", 1)
    assert person.appointments.live().count() == 2
    books_agree()


def test_walk_in_with_an_appointment_today_is_sent_to_the_list(by, rules, open_to_all):
    one = AppointmentFactory(slot=single_slot(session__contingent=open_to_all))

    refused("has_today", door.walk_in, registration=one.registration, center=one.slot.center,
            vaccine_code="", by=by, now=AT)  # fmt: skip


def test_walk_in_for_dose_2_is_judged_by_the_distance(by, rules, open_to_all):
    first, second = booked_series(days=28)
    given(first, at=AT)
    center = first.slot.center
    for days in (20, 21):
        SlotFactory(session__center=center, session__contingent=open_to_all, starts_at=AT + timedelta(days=days))

    person = first.registration
    refused("interval", door.walk_in, registration=person, center=center, vaccine_code="", by=by,
            now=AT + timedelta(days=20))  # fmt: skip
    made = door.walk_in(registration=person, center=center, vaccine_code="", by=by, now=AT + timedelta(days=21))

    assert (made.pk, made.dose_number, made.sequence) == (second.pk, 2, 1)
    books_agree()


def details(**more):
    return Details(
        **{"first_name": "Erna", "last_name": "Kurz", "birth_date": date(1935, 5, 1), "street": "Am Markt 1",
           "postcode": "01589", "town": "Riesa", **more}
    )  # fmt: skip


def test_walk_in_new_registers_and_books_in_one_go(by, rules, open_to_all):
    slot = single_slot(session__contingent=open_to_all)

    made = door.walk_in_new(details=details(), case_number=codes.case_number(), center=slot.center,
                            vaccine_code="", by=by, now=AT)  # fmt: skip

    person = Registration.objects.get()
    assert (person.channel, person.confirmed_at, made.registration) == ("on_site", AT, person)


def test_walk_in_new_registers_nobody_who_gets_no_place(by, rules, open_to_all):
    slot = single_slot(session__contingent=open_to_all)

    refused("not_open", door.walk_in_new, details=details(birth_date=date(1990, 1, 1)),
            case_number=codes.case_number(), center=slot.center, vaccine_code="", by=by, now=AT)  # fmt: skip

    assert not Registration.objects.exists()


def test_walk_in_new_of_somebody_registered_says_so(by, rules, open_to_all):
    slot = single_slot(session__contingent=open_to_all)
    arguments = {"center": slot.center, "vaccine_code": "", "by": by, "now": AT}
    door.walk_in_new(details=details(), case_number=codes.case_number(), **arguments)

    refused("registered", door.walk_in_new, details=details(), case_number=codes.case_number(), **arguments)


# --- Second doses from the door


def second_places(first, open_to_all, *days):
    return [
        SlotFactory(session__center=first.slot.center, session__contingent=open_to_all,
                    starts_at=first.slot.starts_at + timedelta(days=number))
        for number in days
    ]  # fmt: skip


def test_place_second_counts_from_the_day_dose_1_was_given(by, open_to_all):
    first, second = booked_series(days=21)
    given(first, at=first.slot.starts_at + timedelta(days=7))
    early, right = second_places(first, open_to_all, 27, 28)
    arguments = {"registration": first.registration, "center_id": first.slot.center_id, "by": by}
    now = AT + timedelta(days=21)  # her time has come, and it is a week too soon

    refused("outside_window", door.place_second, slot_id=early.pk, now=now, **arguments)
    moved = door.place_second(slot_id=right.pk, now=now, **arguments)

    assert (moved.pk, moved.slot, moved.sequence) == (second.pk, right, 1)
    assert Message.objects.get().template == "moved"
    books_agree()


def test_place_second_books_anew_what_was_put_off(by, open_to_all):
    first, second = booked_series(days=21)
    given(first, at=AT)
    now = AT + timedelta(days=21)
    door.defer(appointment=second, reason="medical", for_good=False, by=by, now=now)
    [later] = second_places(first, open_to_all, 28)

    made = door.place_second(
        registration=first.registration, center_id=first.slot.center_id, slot_id=later.pk, by=by, now=now
    )

    assert (made.slot, status(second)) == (later, "deferred")
    books_agree()


def test_place_second_by_telephone_leaves_alone_what_a_colleague_has_booked_meanwhile(by, open_to_all):
    first, second = booked_series(days=21)
    given(first, at=AT)
    [other] = second_places(first, ContingentFactory(phone=True), 28)
    arguments = {"registration": first.registration, "center_id": first.slot.center_id, "by": by, "now": AT}

    refused("already_booked", door.place_second, slot_id=other.pk, channel=Channel.PHONE, **arguments)

    second.refresh_from_db()
    assert (status(second), second.sequence) == ("booked", 0)
    books_agree()


def test_place_second_goes_on_after_the_window(by, open_to_all):
    first, second = booked_series(days=21)
    given(first, at=AT)
    Appointment.objects.filter(pk=second.pk).update(status="no_show")
    Slot.objects.filter(pk=second.slot_id).update(booked=0)
    [late] = second_places(first, open_to_all, 60)

    made = door.place_second(
        registration=first.registration, center_id=first.slot.center_id, slot_id=late.pk, by=by,
        now=AT + timedelta(days=55),
    )  # fmt: skip

    assert made.slot == late


@pytest.mark.parametrize("wrong", ["center", "vaccine", "full"])
def test_place_second_refuses_another_center_another_product_and_a_full_time(by, open_to_all, wrong):
    first, _second = booked_series(days=21)
    given(first, at=AT)
    at = {"starts_at": AT + timedelta(days=28)}
    if wrong == "center":
        slot = SlotFactory(session__contingent=open_to_all, session__center=CenterFactory(), **at)
    elif wrong == "vaccine":
        vaccine = VaccineFactory(code="moderna", name="Moderna")
        session = SessionFactory(center=first.slot.center, contingent=open_to_all, vaccine=vaccine, date=DAY)
        slot = SlotFactory(session=session, **at)
    else:
        slot = SlotFactory(session__center=first.slot.center, session__contingent=open_to_all, full=True, **at)

    with pytest.raises(Refused):
        door.place_second(
            registration=first.registration, center_id=first.slot.center_id, slot_id=slot.pk, by=by, now=AT
        )

    assert Slot.objects.get(pk=slot.pk).booked == slot.booked


def test_place_second_without_a_first_dose_is_refused(by):
    first, second = booked_series()

    refused("no_first", door.place_second, registration=first.registration, center_id=first.slot.center_id,
            slot_id=second.slot_id, by=by, now=AT)  # fmt: skip
