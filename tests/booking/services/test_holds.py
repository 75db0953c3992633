"""Places kept for a caller: what counts as taken, how long, and who gives it back."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import entitlement
from booking.entitlement import Person
from booking.models import Hold
from booking.services import calls, holds, registrations
from booking.services.holds import Wanted
from centers.models import Slot
from tests.factories import NOW
from tests.factories.calls import CallFactory
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import ContingentFactory, SlotFactory, series_slots

pytestmark = pytest.mark.django_db

GERDA = Person(date(1938, 3, 14), frozenset(), "")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def slots():
    """Thursday, and three weeks later: two callers' places each."""
    RegulationFactory()
    OpeningFactory()
    return series_slots(contingent=ContingentFactory(phone=True))


@pytest.fixture
def call(slots):
    return CallFactory()


def keep(call, slot, now=NOW, **more):
    return holds.make(call=call, wanted=Wanted(GERDA, slot.pk, **more), by=call.agent, now=now)


def booked(slots):
    for slot in slots:
        slot.refresh_from_db()
    return [slot.booked for slot in slots]


def test_a_hold_takes_both_places_for_ten_minutes(call, slots):
    hold = keep(call, slots[0])

    assert [hold.first_id, hold.second_id, hold.expires_at] == [slots[0].pk, slots[1].pk, NOW + 10 * MINUTE]
    assert booked(slots) == [1, 1]
    call_command("check_places")


def test_what_is_held_is_gone_for_others_who_hear_of_other_places(call, slots):
    place = {"session__center": slots[0].center, "session__contingent": slots[0].contingent}
    later, _its_second = (SlotFactory(starts_at=slots[0].starts_at + day * DAY, **place) for day in (1, 22))
    for _caller in range(2):
        keep(CallFactory(), slots[0])

    with pytest.raises(Refused) as refused:
        keep(call, slots[0])

    assert refused.value.code == "slot_taken"
    assert [one.slot_id for one in refused.value.alternatives] == [later.pk]
    assert Hold.objects.filter(call=call).count() == 0


def test_without_a_second_place_nothing_is_taken(call, slots):
    slots[1].booked = slots[1].capacity
    slots[1].save(update_fields=["booked"])

    with pytest.raises(Refused) as refused:
        keep(call, slots[0])

    assert refused.value.code == "slot_taken"
    assert booked(slots) == [0, 2]


def test_papers_by_letter_refuse_a_place_that_is_too_near(call, slots):
    with pytest.raises(Refused) as refused:
        keep(call, slots[0], not_before=slots[0].starts_at + MINUTE)

    assert refused.value.code == "too_late"


def test_renewing_goes_once_and_not_after_the_end(call, slots):
    hold = keep(call, slots[0])
    holds.renew(hold=hold, by=call.agent, now=NOW + 9 * MINUTE)

    hold.refresh_from_db()
    assert hold.expires_at == NOW + 19 * MINUTE
    with pytest.raises(Refused):
        holds.renew(hold=hold, by=call.agent, now=NOW + 10 * MINUTE)
    other = keep(call, slots[0], now=NOW)
    with pytest.raises(Refused):
        holds.renew(hold=other, by=call.agent, now=NOW + 10 * MINUTE)


def test_releasing_gives_back_once(call, slots):
    hold = keep(call, slots[0])

    assert holds.release(hold=hold, by=call.agent, now=NOW)
    assert not holds.release(hold=hold, by=call.agent, now=NOW)
    assert booked(slots) == [0, 0]


def test_the_sweeper_takes_what_is_over_and_nothing_else(call, slots):
    her = RegistrationFactory()
    keep(call, slots[0])
    keep(call, slots[0], now=NOW + 5 * MINUTE, registration=her)

    assert holds.sweep(now=NOW + 10 * MINUTE) == 1
    assert booked(slots) == [1, 1]
    left = holds.standing(call, registration=her, now=NOW + 10 * MINUTE)
    assert [one.made_at for one in left] == [NOW + 5 * MINUTE]


def test_the_second_click_keeps_the_same_places(call, slots):
    assert keep(call, slots[0]) == keep(call, slots[0])
    assert booked(slots) == [1, 1]


def test_a_call_that_is_done_keeps_nothing(call, slots):
    keep(call, slots[0])
    calls.finish(call.agent, NOW)
    holds.sweep(now=NOW)

    assert not Hold.objects.exists()
    assert booked(slots) == [0, 0]
    with pytest.raises(Refused) as refused:
        keep(call, slots[0])
    assert refused.value.code == "call_over"


def test_five_series_are_the_most_of_one_call(call, slots):
    for slot in slots:
        slot.capacity = 9
        slot.save(update_fields=["capacity"])
    for _member in range(5):
        keep(call, slots[0], registration=RegistrationFactory())

    with pytest.raises(Refused) as refused:
        keep(call, slots[0])

    assert refused.value.code == "too_many_holds"
    assert holds.release_all(call=call, by=call.agent, now=NOW) == 5
    assert booked(slots) == [0, 0]


def test_the_second_click_on_the_fifth_series_answers_with_what_is_kept(call, slots):
    Slot.objects.update(capacity=9)
    people = household(*[date(1938, 3, day) for day in range(1, 6)])

    kept = [keep(call, slots[0], registration=one) for one in people]

    assert keep(call, slots[0], registration=people[4]) == kept[4]
    assert booked(slots) == [5, 5]


def test_all_of_it_is_on_record(call, slots):
    hold = keep(call, slots[0])
    holds.release(hold=hold, by=call.agent, now=NOW)

    trail = AuditEvent.objects.filter(subject=call.public_id).order_by("pk").values_list("action", "actor")
    assert list(trail) == [("hold.made", call.agent.pk), ("hold.ended", call.agent.pk)]


def household(*born):
    return [RegistrationFactory(birth_date=day) for day in born]


def keep_all(call, slot, people, agreed=False, now=NOW):
    wanted = [Wanted(entitlement.person(one), slot.pk, registration=one) for one in people]
    return holds.make_all(call=call, wanted=wanted, agreed=agreed, by=call.agent, now=now)


COUPLE = date(1938, 3, 14), date(1936, 5, 2)


def test_a_couple_is_kept_together(call, slots):
    people = household(*COUPLE)

    made = keep_all(call, slots[0], people)

    assert [hold.registration for hold in made] == people
    assert booked(slots) == [2, 2]
    call_command("check_places")


def test_where_not_all_fit_nobody_is_kept_unless_they_agree(call, slots):
    people = household(*COUPLE, date(1939, 1, 1))

    with pytest.raises(Refused) as refused:
        keep_all(call, slots[0], people)
    assert (refused.value.code, booked(slots)) == ("slot_taken", [0, 0])

    made = keep_all(call, slots[0], people, agreed=True)

    assert [hold.registration for hold in made] == people[:2]
    assert booked(slots) == [2, 2]


def test_where_nobody_fits_it_helps_nothing_to_agree(call, slots):
    for _caller in range(2):
        keep(CallFactory(), slots[0])

    with pytest.raises(Refused):
        keep_all(call, slots[0], household(*COUPLE), agreed=True)
    assert Hold.objects.filter(call=call).count() == 0


def test_choosing_again_lets_the_first_choice_go(call, slots):
    people = household(*COUPLE)
    keep_all(call, slots[0], people)

    keep_all(call, slots[0], people, now=NOW + MINUTE)

    assert [one.made_at for one in Hold.objects.filter(call=call)] == [NOW + MINUTE] * 2
    assert booked(slots) == [2, 2]


def test_a_choice_that_fails_keeps_what_was_kept_before(call, slots):
    people = household(*COUPLE)
    place = {"session__center": slots[0].center, "session__contingent": slots[0].contingent}
    alone = SlotFactory(starts_at=slots[0].starts_at + DAY, capacity=1, **place)
    keep_all(call, slots[0], people)

    with pytest.raises(Refused):
        keep_all(call, alone, people)
    assert [one.first_id for one in Hold.objects.filter(call=call)] == [slots[0].pk] * 2
    assert booked(slots) == [2, 2]


def test_who_ends_her_registration_keeps_no_place_in_any_call(call, slots):
    ends, stays = household(*COUPLE)
    keep_all(call, slots[0], [ends, stays])

    registrations.withdraw(registration=ends, reason="own_wish", by=call.agent, now=NOW)

    assert [hold.registration for hold in Hold.objects.all()] == [stays]
    assert booked(slots) == [1, 1]
    call_command("check_places")
