"""The demo: everything that lists will show, and not one row that the rules would not allow.

Filled once for all tests here (it takes seconds); each test looks at one thing.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from accounts.models import User
from booking import clock, entitlement, facts, reference_facts
from booking.demo import fill, names, people, supply
from booking.entitlement import Place
from booking.models import AccessLink, Appointment, Invitation, Registration
from centers.models import Center, Delivery, Session, Slot
from centers.supply import outlook
from notifications.models import Message, PrintBatch
from priority.models import Opening, Regulation
from tests.factories import NOW

# Each test runs in a savepoint inside the one big transaction of the fixture.
pytestmark = pytest.mark.django_db
LIVE = ["booked", "arrived", "vaccinated"]


class Undo(Exception):
    """Leaves a transaction without a trace."""


@pytest.fixture(scope="module", autouse=True)
def filled(django_db_setup: object, django_db_blocker: pytest.FixtureDef) -> Iterator[fill.Filled]:
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                done = fill.fill(now=NOW)
                connection.check_constraints()  # what a commit would check
                yield done
                raise Undo
        except Undo:
            facts.forget()


def test_there_are_500_people_in_every_state(filled):
    confirmed = Registration.objects.filter(confirmed_at__isnull=False)

    assert filled.people == Registration.objects.count() == 500
    assert confirmed.count() == 460
    assert Registration.objects.filter(withdrawn_at__isnull=False).count() == 10
    assert Invitation.objects.open(NOW).count() == 58
    assert Invitation.objects.filter(closed_reason="expired").count() == 14
    assert Counter(Appointment.objects.values_list("status", "dose_number")) == {
        ("booked", 1): 130, ("booked", 2): 160, ("vaccinated", 1): 55, ("vaccinated", 2): 22,
        ("no_show", 1): 3, ("no_show", 2): 3, ("cancelled", 1): 8, ("cancelled", 2): 11,
    }  # fmt: skip


def test_every_taken_place_is_an_appointment_and_no_other_is():
    live = Count("appointments", filter=Q(appointments__status__in=LIVE))

    assert not Slot.objects.annotate(live=Coalesce(live, 0)).exclude(booked=F("live")).exists()


def test_every_series_is_at_one_center_with_one_vaccine_at_an_allowed_distance():
    for person in Registration.objects.filter(appointments__status="booked").distinct():
        first, second = person.appointments.live().select_related("slot").order_by("dose_number")
        days = (clock.local_day(second.slot.starts_at) - clock.local_day(first.slot.starts_at)).days
        low, high = {"comirnaty": (21, 42), "vaxzevria": (63, 84)}[first.slot.vaccine_id]
        assert (first.slot.center_id, first.slot.vaccine_id) == (second.slot.center_id, second.slot.vaccine_id)
        assert low <= days <= high


def test_everybody_with_a_first_dose_ahead_was_entitled_to_it():
    known = facts.load()
    for first in Appointment.objects.filter(dose_number=1, status="booked").select_related("slot", "registration"):
        place = Place(first.slot.vaccine_id, first.slot.contingent_id, first.slot.starts_at)
        person = entitlement.person(first.registration)
        assert entitlement.decide(person, place, channel=first.channel, now=first.booked_at, facts=known).allowed


def test_sessions_stand_in_all_centers_on_every_day_of_six_weeks():
    today = clock.local_day(NOW)
    days = {today + timedelta(days=number) for number in range(1, 43)}
    online = Session.objects.filter(contingent__code="online", state="published", date__gt=today)

    for center in Center.objects.all():
        assert set(online.filter(center=center).values_list("date", flat=True)) == days, center


def test_sessions_have_two_to_ten_lines_and_keep_opening_hours():
    assert set(Session.objects.filter(lines__lt=2) | Session.objects.filter(lines__gt=10)) == set()
    for session in Session.objects.filter(date__gt=clock.local_day(NOW)).only("date", "starts", "ends"):
        opens, closes = (time(9), time(17)) if session.date.weekday() >= 5 else (time(8), time(18))
        assert opens <= session.starts < session.ends <= closes


def test_start_times_are_local_on_both_sides_of_the_change_of_clocks():
    starts = Slot.objects.filter(center__code="SN10", vaccine="comirnaty", contingent__code="online")
    first = {
        day: starts.filter(session__date=day).order_by("starts_at").values_list("starts_at", flat=True)[0]
        for day in (date(2021, 3, 27), date(2021, 3, 28), date(2021, 3, 29))
    }

    assert first == {
        date(2021, 3, 27): datetime(2021, 3, 27, 8, tzinfo=UTC),
        date(2021, 3, 28): datetime(2021, 3, 28, 7, tzinfo=UTC),
        date(2021, 3, 29): datetime(2021, 3, 29, 6, tzinfo=UTC),
    }


def test_second_doses_exist_for_the_last_day_of_first_ones():
    last = clock.local_day(NOW) + timedelta(days=42)
    for vaccine, days in (("comirnaty", 42), ("vaxzevria", 84)):
        on = Session.objects.filter(vaccine=vaccine, date=last + timedelta(days=days))
        assert on.values("center").distinct().count() == 13


def test_some_centers_are_full_for_days_some_have_few_places_and_some_many():
    first_open = {}
    for center in Center.objects.all():
        slots = Slot.objects.open(NOW).filter(center=center, contingent__code="online", vaccine="comirnaty")
        day = clock.local_day(slots.order_by("starts_at").values_list("starts_at", flat=True)[0])
        number = slots.filter(starts_at__lt=clock.end_of(day)).count()
        first_open[center.code] = ((day - clock.local_day(NOW)).days, number < 8)

    assert first_open == supply.START


def test_openings_are_for_group_1_now_and_group_2_later_each_approved_by_somebody_else():
    rows = [
        (one.level, one.opens_at.astimezone(clock.ZONE).isoformat(), one.created_by_id != one.approved_by_id)
        for one in Opening.objects.all()
    ]

    assert rows == [(1, "2020-12-27T08:00:00+01:00", True), (2, "2021-03-08T09:00:00+01:00", True)]


def test_nobody_of_the_demo_staff_can_log_in():
    staff = User.objects.filter(username__startswith="demo-")

    assert staff.count() == 3
    assert not any(user.is_active or user.has_usable_password() for user in staff)


def test_mail_was_sent_is_delayed_or_bounced_and_goes_to_nobody_real():
    states = Counter(Message.objects.exclude(medium="letter").values_list("state", flat=True))
    domains = {
        address.rpartition("@")[2] for address in Registration.objects.values_list("email", flat=True) if address
    }

    assert (states["deferred"], states["bounced"], states["queued"]) == (6, 5, 0)
    assert domains == {"example.org", "example.com"}


def test_every_message_leads_to_a_link_of_its_person():
    without = ("withdrawn", "booked", "moved")  # the last two get theirs when they are composed
    for reference in Message.objects.exclude(template__in=without).values_list("reference", flat=True):
        assert AccessLink.objects.filter(pk=reference["link"], registration=reference["registration"]).exists()


def test_names_that_break_forms_are_among_them():
    there = set(Registration.objects.values_list("first_name", "last_name"))

    assert there >= {*names.SPECIAL, *names.TWINS}


def test_twins_are_two_people_and_couples_share_a_mailbox():
    twins = Registration.objects.filter(last_name="Hantzsch")
    shared = Registration.objects.exclude(email="").values("email").annotate(n=Count("pk")).filter(n=2)

    assert twins.values("birth_date", "street", "postcode").distinct().count() == 1
    assert twins.values("email").distinct().count() == twins.count() == 2
    assert shared.count() >= 10


PREFIXES = {"letter": "+493023125", "sms": "+4917139200"}  # telephone numbers of films


def test_some_can_be_reached_by_telephone_only():
    silent = Registration.objects.filter(email="")

    assert silent.count() == 28
    assert all(str(one.phone).startswith(PREFIXES[one.medium]) for one in silent)
    assert {one.medium for one in silent} == set(PREFIXES)


def test_sms_and_letters_are_written_and_some_letters_wait_for_the_printer():
    states = Message.objects.exclude(medium="email").values_list("medium", "state").distinct()

    assert set(states) == {("sms", "sent"), ("letter", "sent"), ("letter", "queued")}


def test_everybody_lives_in_a_saxon_district():
    assert set(Registration.objects.values_list("district__ags", flat=True)) == set(
        Center.objects.values_list("district__ags", flat=True)
    )


def test_groups_are_those_that_were_meant():
    known = facts.load()
    humans = {
        (one.details.first_name, one.details.birth_date, one.details.street): one for one in people.everybody(NOW)
    }

    for row in Registration.objects.all():
        human = humans[row.first_name, row.birth_date, row.street]
        level = entitlement.level_on(entitlement.person(row), clock.local_day(NOW), now=NOW, facts=known)
        assert level == human.group, human


def test_the_same_day_gives_the_same_people():
    assert people.everybody(NOW) == people.everybody(NOW)


def test_a_second_run_on_the_same_day_changes_nothing():
    before = [model.objects.count() for model in (Registration, Appointment, Session, Slot, Message, Opening)]

    again = fill.fill(now=NOW)

    assert (again.people, again.sessions, again.slots) == (0, 0, 0)
    assert [model.objects.count() for model in (Registration, Appointment, Session, Slot, Message, Opening)] == before


def test_a_run_ten_days_later_adds_the_days_that_are_missing_and_keeps_the_shift():
    later = NOW + timedelta(days=10)
    taken = sum(Slot.objects.values_list("booked", flat=True))

    again = fill.fill(now=later)

    last = clock.local_day(later) + timedelta(days=42)
    assert again.people == 0
    assert Session.objects.filter(contingent__code="online", date=last).values("center").distinct().count() == 13
    assert sum(Slot.objects.values_list("booked", flat=True)) == taken
    assert set(Regulation.objects.values_list("shift_days", flat=True)) == {0}


@pytest.mark.parametrize("now", [datetime(2024, 2, 29, 22, 59, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)])
def test_people_can_be_made_up_on_any_day(now):
    made = people.everybody(now)

    assert len(made) == 500
    assert all(human.created_at <= now for human in made)


def test_real_facts_are_never_mixed_with_a_demo(capsys):
    with transaction.atomic():
        User.objects.filter(username=fill.PLANNER).update(username="somebody-else")

        call_command("fill_demo")

        assert "needs an empty database" in capsys.readouterr().err
        assert reference_facts.recorded_shift() == 0


def test_no_two_sessions_of_a_day_share_a_line():
    taken = Counter(
        (center, day, line)
        for center, day, first, lines in Session.objects.values_list("center_id", "date", "first_line", "lines")
        for line in range(first, first + lines)
    )

    assert max(taken.values()) == 1


def test_a_session_that_a_manager_closed_is_not_opened_again(filled):
    number = Session.objects.count()
    Session.objects.filter(pk=Session.objects.order_by("-date", "pk")[:1]).update(state="closed")

    supply.top_up(first_day=filled.first_day, today=filled.first_day)

    assert Session.objects.count() == number


def test_there_is_vaccine_for_all_sessions_but_those_of_two_deliveries(filled):
    today = filled.first_day
    short = {
        (center.slug, one.stock.vaccine.pk)
        for center in Center.objects.order_by("pk")
        for one in outlook.of_center(center, on=today)
        if one.gaps
    }

    assert short == {("riesa", "vaxzevria"), ("dresden", "comirnaty")}
    assert not Delivery.objects.filter(due_on__lte=today).exclude(state="received").exists()


def test_letters_wait_and_others_have_been_printed():
    waiting = Message.objects.filter(medium="letter", state="queued")
    printed = Message.objects.filter(medium="letter", state="sent")

    assert waiting.filter(available_at=NOW).count() == 2
    assert waiting.count() > 2
    assert printed.exists()
    assert not printed.filter(batch=None).exists()
    for batch in PrintBatch.objects.all():
        assert (batch.state, batch.letters) == ("printed", batch.messages.count())
