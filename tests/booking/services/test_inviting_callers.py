"""Places kept for callers: who is told a number to call is invited to them, and never more people than there are."""

from collections import Counter
from datetime import date, timedelta

import pytest

from booking import facts, places
from booking.models import Invitation
from booking.services import invitations
from centers.models import Channel
from tests.booking.services.inviting import invite, invited
from tests.factories import NOW
from tests.factories.demand import OpeningFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, ContingentFactory, SlotFactory, series_slots

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]
MOBILE = "+4915123456789"


def by_letter(number=1):
    return RegistrationFactory.create_batch(number, email="")


def by_sms(number=1):
    return RegistrationFactory.create_batch(number, phone=MOBILE, medium="sms")


def by_mail(number=1):
    return RegistrationFactory.create_batch(number)


def kept_for_callers(number, **more):
    return series_slots(contingent=ContingentFactory(phone=True), capacity=number, **more)


def test_places_for_callers_go_to_those_who_are_told_to_call_in_their_turn():
    kept_for_callers(5)
    mails, letters, texted = by_mail(4), by_letter(4), by_sms(3)

    plan = invite()

    assert invited() == [*letters, texted[0]]
    assert (plan.invited, plan.places, plan.letters, plan.stopped) == (5, 5, 4, "no_places")
    assert not Invitation.objects.filter(registration__in=mails).exists()
    assert invite().invited == 0


def test_open_invitations_of_callers_count():
    kept_for_callers(3)
    RegistrationFactory.create_batch(2, email="", invited=True)
    by_letter(4)

    assert (invite().invited, invite().invited) == (1, 0)


def test_both_kinds_of_places_serve_one_line_and_nobody_is_invited_twice_on_a_place():
    """Five series; in the line by turns a letter and an e-mail: as many as there are, and the e-mails only online."""
    center = CenterFactory()
    kept_for_callers(2, center=center)
    series_slots(center, capacity=3)
    people = [one for _pair in range(5) for one in (*by_letter(), *by_mail())]

    plan = invite()

    assert invited() == people[:5]
    assert (plan.invited, plan.places, plan.stopped) == (5, 5, "no_places")


def test_a_letter_makes_room_online_for_an_e_mail():
    """She is counted where nobody else can be: the last place online is for who can use nothing else."""
    ContingentFactory(phone=True)
    series_slots(capacity=1)
    [letter], [mail] = by_letter(), by_mail()
    assert invite().invited == 1
    kept_for_callers(1)

    assert invite().invited == 1
    assert invited() == [letter, mail]


def test_second_doses_that_both_ways_share_are_counted_once():
    both = ContingentFactory(code="zweittermine", channels=[Channel.WEB, Channel.PHONE])
    first = SlotFactory(capacity=3)
    SlotFactory(
        capacity=3, starts_at=first.starts_at, session__center=first.center,
        session__contingent=ContingentFactory(phone=True),
    )  # fmt: skip
    SlotFactory(
        capacity=4, starts_at=first.starts_at + timedelta(days=21), session__center=first.center,
        session__contingent=both,
    )  # fmt: skip
    by_letter(10)
    by_mail(10)

    found = Counter()
    for bucket, number in places.free_series(now=NOW, facts=facts.read()).items():
        found[bucket.channel] += number

    assert found == {Channel.WEB: 3, Channel.PHONE: 1}
    assert invite().invited == 4


def test_a_series_is_of_one_way():
    """Dose 1 online and dose 2 by telephone alone is nothing that anybody could book."""
    first = SlotFactory(capacity=3)
    SlotFactory(
        capacity=3, starts_at=first.starts_at + timedelta(days=21), session__center=first.center,
        session__contingent=ContingentFactory(phone=True),
    )  # fmt: skip
    by_letter(3)

    assert invite().invited == 0


def test_places_that_are_too_soon_for_a_call_are_not_counted(settings):
    settings.LEAD_TIME = {**settings.LEAD_TIME, Channel.PHONE: timedelta(days=3)}
    kept_for_callers(2)  # in two days
    by_letter(2)

    assert invite().invited == 0


@pytest.mark.parametrize(("channel", "number"), [(Channel.PHONE, 1), (Channel.WEB, 0)])
def test_the_opening_must_be_for_callers(channel, number):
    OpeningFactory(level=3, channel=channel)
    kept_for_callers(2)
    RegistrationFactory(email="", birth_date=date(1955, 1, 1))

    assert invite().invited == number


def test_who_registers_is_invited_at_once_where_a_call_serves_her():
    kept_for_callers(1)
    [mail], [letter] = by_mail(), by_letter()

    assert invitations.issue(registration=mail, by=None, now=NOW) is None
    assert invitations.issue(registration=letter, by=None, now=NOW) is not None


def test_nobody_who_is_told_to_call_passes_another_one():
    kept_for_callers(1)
    _first, second = by_letter(2)

    assert invitations.issue(registration=second, by=None, now=NOW) is None
