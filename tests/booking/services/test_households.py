"""Who comes together: joined by case number, at most five, taken out again."""

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import codes
from booking.models import Household
from booking.services import households
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def join(person, other, *, number=None):
    return households.join(registration=person, case_number=number or other.case_number, by=UserFactory(), now=NOW)


def leave(person, other):
    households.leave(registration=person, other=other.public_id, by=UserFactory(), now=NOW)


def together(person):
    person.refresh_from_db()
    return set(person.household.people.values_list("pk", flat=True)) if person.household else set()


@pytest.mark.parametrize("shown", [codes.spoken, codes.checked, str.lower])
def test_two_come_together_by_the_number_as_it_is_read_out(shown):
    one, other = RegistrationFactory(), RegistrationFactory()

    join(one, other, number=shown(other.case_number))

    assert together(one) == {one.pk, other.pk}
    assert AuditEvent.objects.filter(action="registration.joined").count() == 2


def test_twice_is_harmless():
    one, other = RegistrationFactory(), RegistrationFactory()
    assert join(one, other) == join(one, other) == join(other, one)
    assert AuditEvent.objects.filter(action="registration.joined").count() == 2


def test_whoever_has_a_household_brings_it_and_an_empty_one_goes():
    people = [RegistrationFactory() for _number in range(4)]
    join(people[0], people[1])
    join(people[2], people[3])

    join(people[0], people[2])

    assert together(people[3]) == {one.pk for one in people}
    assert Household.objects.count() == 1


def test_the_sixth_is_refused():
    first, *others = [RegistrationFactory() for _number in range(6)]
    for other in others[:4]:
        join(first, other)
        first.refresh_from_db()
    with pytest.raises(Refused) as refused:
        join(first, others[4])
    assert refused.value.code == "too_many"


@pytest.mark.parametrize(("number", "code"), [("22222222", "unknown"), ("22222223B", "misread"), ("?", "unknown")])
def test_a_wrong_number_is_refused_with_the_cure(number, code):
    with pytest.raises(Refused) as refused:
        join(RegistrationFactory(), None, number=number)
    assert refused.value.code == code


def test_herself_and_one_who_has_left_are_refused():
    one = RegistrationFactory()
    for other, code in ((one, "herself"), (RegistrationFactory(withdrawn=True), "withdrawn")):
        with pytest.raises(Refused) as refused:
            join(one, other)
        assert refused.value.code == code


def test_who_leaves_leaves_and_one_alone_is_no_household():
    one, other = RegistrationFactory(), RegistrationFactory()
    join(one, other)
    one.refresh_from_db()

    leave(one, other)
    leave(one, other)

    assert together(one) == together(other) == set()
    assert not Household.objects.exists()


def test_a_stranger_is_not_taken_out_of_her_own_household():
    one, other = RegistrationFactory(), RegistrationFactory()
    join(one, other)
    leave(RegistrationFactory(), other)
    assert together(other) == {one.pk, other.pk}
