"""When a call is over because the next caller is on the line, and who belongs to the one that goes on."""

from datetime import date, timedelta

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from accounts.roles import Role
from booking import call_figures
from booking.models import Call, Hold, Household, Registration
from booking.services import call_backs, call_drafts, calls, notes
from booking.services.call_backs import Wanted
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import SlotFactory

pytestmark = pytest.mark.django_db
SOON, LATER, MUCH_LATER = (NOW + timedelta(seconds=seconds) for seconds in (60, 100, 600))


@pytest.fixture
def jana():
    return UserFactory(roles=[Role.CALL_AGENT])


def somebody(**more):
    """At an address of her own."""
    return RegistrationFactory(**({"street": f"Elbstraße {Registration.objects.count() + 1}"} | more))


def noted(jana, person, at=SOON):
    """Something is done for her, on a page of the call."""
    notes.write(registration=person, text="Kommt mit Rollator", by=jana, now=at)
    calls.seen(jana, at)


def test_after_a_deed_the_next_one_who_is_searched_for_is_the_next_caller(jana):
    first, second = somebody(), somebody()
    old = calls.turn_to(jana, first, NOW)
    noted(jana, first, SOON)

    new = calls.turn_to(jana, second, LATER)

    old.refresh_from_db()
    assert (old.done_at, new.opened_at, new.done_at) == (SOON, LATER, None)  # it ended with its last page
    assert calls.people(new) == [second]
    assert calls.opened(jana, first.public_id) is None
    assert AuditEvent.objects.get(action="call.finished").subject == old.public_id


def test_a_call_back_that_is_noted_is_a_deed(jana):
    first = somebody(phone="+4935254471")
    call = calls.turn_to(jana, first, NOW)
    call_backs.add(Wanted(name="x", phone="+4935254471", registration=first), by=jana, now=SOON)
    assert calls.turn_to(jana, somebody(), LATER) != call


def test_a_wrong_hit_is_put_right_in_the_same_call(jana):
    first, second = somebody(), somebody()
    call = calls.turn_to(jana, first, NOW)

    assert calls.turn_to(jana, second, SOON) == call
    assert calls.opened(jana, first.public_id) == first


def test_what_another_agent_did_for_her_does_not_end_the_call(jana):
    first = somebody()
    call = calls.turn_to(jana, first, NOW)
    notes.write(registration=first, text="x", by=UserFactory(), now=SOON)
    assert calls.turn_to(jana, somebody(), LATER) == call


def test_after_a_silence_the_next_one_is_the_next_caller(jana):
    call = calls.turn_to(jana, somebody(), NOW)
    calls.seen(jana, SOON)

    assert calls.turn_to(jana, somebody(), MUCH_LATER) != call
    call.refresh_from_db()
    assert call.done_at == SOON


def test_places_that_are_kept_are_not_let_go_by_silence_but_by_a_deed(jana):
    first = somebody()
    call = calls.turn_to(jana, first, NOW)
    slot = SlotFactory(capacity=3, booked=1)
    Hold.objects.create(call=call, first=slot, made_at=NOW, expires_at=NOW + timedelta(minutes=20))
    assert calls.turn_to(jana, somebody(), MUCH_LATER) == call

    noted(jana, first, MUCH_LATER)
    calls.turn_to(jana, somebody(), MUCH_LATER + timedelta(seconds=5))

    slot.refresh_from_db()
    assert (slot.booked, Hold.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "family",
    [
        lambda first: {"household": first.household},
        lambda first: {"phone": str(first.phone)},
        lambda first: {"street": "Elb-Str. 12", "postcode": first.postcode},
        lambda _: {"merged": True},
    ],
)
def test_her_family_belongs_to_her_call(jana, family):
    first = somebody(street="Elbstraße 12", phone="+4935254471", household=Household.objects.create(created_at=NOW))
    details = family(first)
    merged = details.pop("merged", False)
    second = somebody(**details)
    if merged:
        Registration.objects.filter(pk=first.pk).update(
            withdrawn_at=NOW, withdrawn_reason="merged", merged_into=second, household=None
        )
    call = calls.turn_to(jana, first, NOW)
    noted(jana, second)
    noted(jana, first)

    assert calls.turn_to(jana, second, MUCH_LATER) == call
    assert calls.turn_to(jana, first, MUCH_LATER) == call


def test_no_telephone_makes_no_family(jana):
    first = somebody(phone="")
    call = calls.turn_to(jana, first, NOW)
    noted(jana, first)
    assert calls.turn_to(jana, somebody(phone=""), LATER) != call


def test_the_next_family_member_who_is_registered_already_belongs_to_the_call(jana):
    first = somebody()
    call = calls.turn_to(jana, first, NOW)
    noted(jana, first)
    call_drafts.next_member(jana, first, SOON)
    assert calls.turn_to(jana, somebody(), LATER) == call


def test_a_draft_with_somebody_in_it_is_not_lost(jana):
    first, second = somebody(), somebody()
    call = calls.turn_to(jana, first, NOW)
    noted(jana, first)
    call_drafts.keep(jana, {"last_name": "Neumann"}, SOON)

    with pytest.raises(Refused) as refused:
        calls.turn_to(jana, second, LATER)

    assert refused.value.code == "half_typed"
    call.refresh_from_db()
    assert (call.done_at, call.draft) == (None, {"last_name": "Neumann"})
    assert calls.opened(jana, second.public_id) is None

    new = calls.turn_to(jana, second, LATER, discard=True)
    call.refresh_from_db()
    assert (call.done_at, call.draft, new.draft) == (SOON, {}, {})


def test_somebody_new_after_a_deed_is_the_next_caller_too(jana):
    first = somebody()
    call = calls.turn_to(jana, first, NOW)
    assert calls.carry(jana, {}, SOON) == call  # nothing was done yet
    noted(jana, first)

    new = calls.carry(jana, {"last_name": "Neumann"}, LATER)

    assert new != call
    assert new.draft == {"last_name": "Neumann"}
    assert calls.carry(jana, {"last_name": "Anders"}, MUCH_LATER).draft == {"last_name": "Neumann"}
    assert calls.current(jana) == new


def typed(jana, at, **data):
    return call_drafts.keep(jana, data, at, begins=True)


def test_somebody_new_who_is_typed_without_a_search_is_the_next_caller_too(jana):
    first = somebody()
    call = calls.turn_to(jana, first, NOW)
    assert typed(jana, SOON) == call  # the page alone is nobody
    noted(jana, first)

    assert typed(jana, SOON, birth_date="1.2.1936") == call  # what was typed before arrives late
    call_drafts.empty(call)
    new = typed(jana, LATER, birth_date="3.4.1936", postcode="01067")

    assert new != call
    assert new.draft == {"birth_date": "3.4.1936", "postcode": "01067"}
    assert typed(jana, MUCH_LATER, last_name="Neumann") == new
    assert calls.opened(jana, first.public_id) is None


def test_the_second_click_and_the_family_stay_in_their_call(jana):
    first = somebody()
    call = calls.turn_to(jana, first, NOW)
    noted(jana, first)
    assert call_drafts.keep(jana, {"last_name": "Neumann"}, LATER) == call
    call_drafts.next_member(jana, first, LATER)
    assert typed(jana, MUCH_LATER, birth_date="1.2.1936") == call


def test_the_family_that_is_taken_in_goes_on(jana):
    first = somebody()
    call = calls.turn_to(jana, first, NOW)
    noted(jana, first)
    call_drafts.next_member(jana, first, SOON)
    assert calls.carry(jana, {"first_name": "Karl", "birth_date": date(1950, 1, 1).isoformat()}, MUCH_LATER) == call


def test_the_figures_count_every_caller_and_the_time_until_her_last_page(jana):
    for number in range(3):
        at = NOW + number * timedelta(minutes=20)
        person = somebody()
        calls.turn_to(jana, person, at)
        noted(jana, person, at + timedelta(seconds=90))
    calls.leave_idle(NOW + timedelta(hours=3))

    total = call_figures.handled(now=NOW + timedelta(hours=3)).total

    assert (total.calls, total.median) == (3, 90)
    assert not Call.objects.filter(done_at__isnull=True).exists()
