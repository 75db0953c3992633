"""Places that a contingent would leave empty: when they fall, what moves, and that everything adds up."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.management import call_command
from django.db.models import Sum

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking.changes.wish import Wish
from booking.models import Appointment
from booking.services import appointments, fall_back
from centers.models import Contingent, Session, Slot
from centers.sessions import plans
from tests.factories import NOW
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import ContingentFactory

pytestmark = pytest.mark.django_db
BEFORE = timedelta(days=2)
DAY = 9  # days from now; the places are at 10
LINES = 6
DUE = datetime(2021, 2, 25, 9, tzinfo=UTC) - BEFORE


@pytest.fixture(autouse=True)
def _books_agree():
    yield
    call_command("check_places", verbosity=0)


@pytest.fixture
def phone(house) -> Contingent:
    return ContingentFactory(phone=True, falls_back_to=house.web, falls_back_before=BEFORE)


def made(house, contingent, capacity: int, *, day: int = DAY, at: time = time(10), **session) -> Slot:
    slot = house.slot(day, capacity=capacity, at=at, contingent=contingent, **{"places": capacity, **session})
    Session.objects.filter(pk=slot.session_id).update(lines=LINES)
    return slot


@pytest.fixture
def shares(house, phone) -> tuple[Slot, Slot]:
    """One start time of six lines: four places online, two by telephone."""
    web = made(house, house.web, 4)
    return web, made(house, phone, 2, block=web.session.block)


def sizes(*slots: Slot) -> list[tuple[int, int]]:
    """(capacity, booked) of each."""
    return [Slot.objects.values_list("capacity", "booked").get(pk=slot.pk) for slot in slots]


def book(slot: Slot, channel: str, *, now: datetime = NOW):
    person = RegistrationFactory()
    InvitationFactory(registration=person, valid_until=now + timedelta(days=6))
    appointments.book(registration=person, slot_id=slot.pk, channel=channel, by=None, now=now)
    return person


def events():
    return AuditEvent.objects.filter(action="session.fell_back").order_by("pk")


def test_the_phone_contingent_stays_while_the_web_is_full_and_falls_back_at_the_set_time(shares):
    web, phone = shares
    for _person in range(4):
        book(web, "web")
    for slot in (web, phone):
        with pytest.raises(Refused):
            book(slot, "web", now=DUE - timedelta(seconds=1))
    assert fall_back.fall_due(now=DUE - timedelta(seconds=1)) == 0
    book(phone, "phone")

    assert fall_back.fall_due(now=DUE) == 1

    book(web, "web", now=DUE)
    assert sizes(web, phone) == [(5, 5), (1, 1)]


def test_a_call_is_worth_as_much_as_a_click_when_places_have_fallen(shares):
    """Before the set time the places of the web are its own; then what is free there is for both."""
    web, phone = shares
    with pytest.raises(Refused) as refused:
        book(web, "phone", now=DUE - timedelta(seconds=1))
    assert refused.value.code == "other_contingent"
    assert fall_back.fall_due(now=DUE) == 2

    for channel in ("phone", "web") * 3:
        book(web, channel, now=DUE)

    assert sizes(web, phone) == [(6, 6), (0, 0)]
    assert set(Appointment.objects.filter(dose_number=1).values_list("channel", flat=True)) == {"phone", "web"}


def test_it_is_told_once_with_numbers_and_running_it_again_changes_nothing(house, shares):
    web, _phone = shares
    assert [fall_back.fall_due(now=DUE) for _run in range(3)] == [2, 0, 0]

    (event,) = events()
    assert (event.subject, event.actor, event.at) == (house.center.public_id, None, DUE)
    assert {key: event.details[key] for key in ("places", "from", "to", "day")} == {
        "places": 2, "from": "telefon", "to": "online", "day": "2021-02-25",
    }  # fmt: skip
    assert event.details["before"] == {"shares": {"online": 4, "telefon": 2}}
    assert event.details["after"] == {"shares": {"online": 6, "telefon": 0}}
    rows = Session.objects.filter(block=web.session.block).order_by("contingent__code")
    assert list(rows.values_list("contingent__code", "places", "fallen")) == [("online", 6, 2), ("telefon", 0, -2)]


def test_a_share_that_was_not_there_is_opened_in_the_same_block(house, phone):
    alone = made(house, phone, 3, places=None)

    assert fall_back.fall_due(now=DUE) == 3

    session = Session.objects.get(block=alone.session.block, contingent=house.web)
    assert (session.state, session.lines, session.starts, session.places) == ("published", LINES, time(10), 3)
    assert list(session.slots.values_list("capacity", "starts_at", "is_open")) == [(3, alone.starts_at, True)]
    assert Session.objects.filter(block=session.block).aggregate(n=Sum("places"), f=Sum("fallen")) == {"n": 6, "f": 0}
    book(Slot.objects.get(session=session), "web", now=DUE)


def test_another_block_with_the_same_start_and_lines_is_no_obstacle(house, phone):
    made(house, phone, 2)
    made(house, house.web, 2)

    assert fall_back.fall_due(now=DUE) == 2

    lines = Session.objects.filter(contingent=house.web).order_by("first_line").values_list("first_line", flat=True)
    assert list(lines) == [1, 2]


@pytest.mark.parametrize("state", ["suspended", "closed", "draft"])
@pytest.mark.parametrize("share", [0, 1])
def test_a_session_that_is_not_open_is_passed_over_on_either_side(shares, state, share):
    Session.objects.filter(pk=shares[share].session_id).update(state=state)

    assert fall_back.fall_due(now=DUE) == 0

    assert sizes(*shares) == [(4, 0), (2, 0)]
    assert not events().exists()


def test_reinstated_sessions_fall_afterwards_and_add_up(house, shares):
    house.run(house.wish("suspend"))
    assert fall_back.fall_due(now=DUE) == 0
    house.run(house.wish("reinstate"))

    assert fall_back.fall_due(now=DUE) == 2
    assert sizes(*shares) == [(6, 0), (0, 0)]


def test_a_later_reshape_still_adds_up_to_the_lines(house, shares):
    web, phone = shares
    book(phone, "phone")
    fall_back.fall_due(now=DUE)

    house.run(Wish("reshape", block=web.session.block, lines=4), at=DUE)

    slots = Slot.objects.filter(session__block=web.session.block)
    assert slots.aggregate(Sum("capacity"))["capacity__sum"] == 4
    assert sizes(phone) == [(1, 1)]
    for session in Session.objects.filter(block=web.session.block):
        assert session.places == (session.slots.aggregate(Sum("capacity"))["capacity__sum"] or 0)


def test_what_comes_free_later_falls_with_the_next_run(shares):
    web, phone = shares
    person = book(phone, "phone")
    assert fall_back.fall_due(now=DUE) == 1

    appointments.cancel(registration=person, reason="by_person", by=None, now=DUE)

    assert fall_back.fall_due(now=DUE + timedelta(minutes=1)) == 1
    assert sizes(web, phone) == [(6, 0), (0, 0)]
    assert [event.details["places"] for event in events()] == [1, 1]


def test_who_is_kept_without_a_place_gets_the_free_one_first(shares):
    web, phone = shares
    person = book(phone, "phone")
    Slot.objects.filter(pk=phone.pk).update(booked=0)
    Appointment.objects.filter(registration=person).update(displaced_at=NOW)

    assert fall_back.fall_due(now=DUE) == 1

    assert sizes(web, phone) == [(5, 0), (1, 0)]


def test_a_copied_week_has_the_shares_of_the_opening(shares):
    fall_back.fall_due(now=DUE)

    block = Session.objects.filter(block=shares[0].session.block).select_related("center", "vaccine", "contingent")
    plan = plans.plan_of(list(block.order_by("contingent__code")))

    assert [(share.contingent.code, share.places) for share in plan.shares] == [("online", 4), ("telefon", 2)]


def test_places_go_on_along_a_chain_and_never_in_a_circle(house, shares, caplog):
    web, phone = shares
    on_site = ContingentFactory(
        code="vor-ort", channels=["on_site"], falls_back_to=phone.contingent, falls_back_before=BEFORE
    )
    third = made(house, on_site, 1, block=web.session.block)
    assert fall_back.fall_due(now=DUE) + fall_back.fall_due(now=DUE) == 4
    assert sizes(web, phone, third) == [(7, 0), (0, 0), (0, 0)]

    Contingent.objects.filter(pk=house.web.pk).update(falls_back_to=on_site, falls_back_before=BEFORE)
    assert fall_back.fall_due(now=DUE) == 0
    assert "falls back to itself" in caplog.text


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2021, 3, 28), datetime(2021, 3, 26, 7, tzinfo=UTC)),  # the clocks are put forward at 2 that night
        (date(2021, 10, 31), datetime(2021, 10, 29, 8, tzinfo=UTC)),  # and back at 3
    ],
)
def test_the_set_time_is_an_instant_whatever_the_clocks_do(house, phone, day, due):
    slot = made(house, phone, 2, day=(day - date(2021, 2, 16)).days, at=time(9))
    assert slot.starts_at.astimezone(UTC) - BEFORE == due

    assert fall_back.fall_due(now=due - timedelta(seconds=1)) == 0
    assert fall_back.fall_due(now=due) == 2


def test_a_start_time_that_has_begun_stays_as_it_was(shares):
    assert fall_back.fall_due(now=shares[0].starts_at) == 0


def test_sessions_without_a_rule_and_an_empty_house_cost_one_query(house, django_assert_num_queries):
    made(house, house.web, 3)
    with django_assert_num_queries(1):
        assert fall_back.fall_due(now=DUE) == 0
