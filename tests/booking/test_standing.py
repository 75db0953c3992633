"""Every stage of a registration follows from its rows."""

from datetime import timedelta

import pytest

from booking import standing
from booking.models import Appointment, Invitation, Registration
from booking.standing import Before, Stage
from centers.models import Slot, Vaccine
from tests.factories import NOW

DAY = timedelta(days=1)


def person(**more):
    return Registration(**({"confirmed_at": NOW - DAY} | more))


def dose(number=1, status="booked", *, away=7, of=2, booked=1, **more):
    slot = Slot(starts_at=NOW + away * DAY, vaccine=Vaccine(code="x", doses=of))
    values = {"booked_at": NOW - booked * DAY, "cancelled_reason": "", **more}
    return Appointment(dose_number=number, status=status, slot=slot, **values)


def invitation(*, until=6, **more):
    return Invitation(issued_at=NOW - 8 * DAY, valid_until=NOW + until * DAY, **more)


def derive(someone=None, doses=(), invitations=()):
    return standing.derive(someone or person(), doses, invitations, now=NOW)


@pytest.mark.parametrize(
    ("expected", "someone", "doses", "invitations"),
    [
        (Stage.UNCONFIRMED, person(confirmed_at=None), (), ()),
        (Stage.WAITING, person(), (), ()),
        (Stage.INVITED, person(), (), (invitation(),)),
        (Stage.EXPIRED, person(), (), (invitation(until=-1),)),
        (Stage.EXPIRED, person(), (), (invitation(until=-1, closed_at=NOW, closed_reason="expired"),)),
        (Stage.WAITING, person(), (), (invitation(until=-1, closed_at=NOW, closed_reason="renewed"),)),
        (Stage.WAITING, person(), (), (invitation(accepted_at=NOW - DAY),)),
        (Stage.INVITED, person(), (), (invitation(until=-1, closed_at=NOW, closed_reason="expired"), invitation())),
        (Stage.BOOKED, person(), (dose(), dose(2, away=28)), ()),
        (Stage.BOOKED, person(confirmed_at=None), (dose(), dose(2, away=28)), ()),
        (Stage.BOOKED, person(), (dose(of=1),), ()),
        (Stage.DISPLACED, person(), (dose(displaced_at=NOW), dose(2, away=28)), ()),
        (Stage.DISPLACED, person(), (dose(1, "vaccinated"), dose(2, away=28, displaced_at=NOW)), ()),
        (Stage.ARRIVED, person(), (dose(1, "arrived", away=0), dose(2, away=28)), ()),
        (Stage.ARRIVED, person(), (dose(1, "arrived", away=0, displaced_at=NOW), dose(2, away=28)), ()),
        (Stage.BEGUN, person(), (dose(1, "vaccinated", away=-7), dose(2, away=28)), ()),
        (Stage.LACKS_SECOND, person(), (dose(1, "vaccinated", away=-7),), ()),
        (Stage.DONE, person(), (dose(1, "vaccinated", away=-30), dose(2, "vaccinated", away=-2)), ()),
        (Stage.DONE, person(), (dose(2, "vaccinated", away=-2),), ()),
        (Stage.DONE, person(), (dose(1, "vaccinated", away=-2, of=1),), ()),
        *(
            (Stage.WITHDRAWN, person(withdrawn_at=NOW, withdrawn_reason=reason), (dose(),), (invitation(),))
            for reason in Registration.Withdrawal.values
        ),
    ],
)
def test_one_stage_follows_from_the_rows(expected, someone, doses, invitations):
    assert derive(someone, doses, invitations).stage is expected


@pytest.mark.parametrize(
    ("expected", "doses"),
    [
        (Before.NOTHING, ()),
        (Before.NOTHING, (dose(), dose(2, away=28))),
        (Before.MISSED, (dose(1, "no_show", away=-1), dose(2, "cancelled", cancelled_reason="by_center"))),
        (Before.DEFERRED, (dose(1, "deferred", away=-1), dose(2, "cancelled", cancelled_reason="by_center"))),
        (Before.BY_CENTER, (dose(1, "cancelled", cancelled_reason="by_center"), dose(2, "cancelled"))),
        (Before.CANCELLED, (dose(1, "cancelled", cancelled_reason="own_wish"), dose(2, "cancelled"))),
        (Before.NOTHING, (dose(1, "no_show", booked=30), dose(), dose(2, away=28))),
        (Before.MISSED, (dose(1, "vaccinated", away=-30), dose(2, "no_show", away=-2))),
    ],
)
def test_what_became_of_the_last_appointments_is_known(expected, doses):
    assert derive(doses=doses).before is expected


def test_who_missed_the_second_dose_lacks_one_and_the_missed_one_is_named():
    second = dose(2, "no_show", away=-2)

    found = derive(doses=(dose(1, "vaccinated", away=-30), second))

    assert (found.stage, found.last, found.given, found.coming) == (Stage.LACKS_SECOND, second, 1, None)


def test_doses_stand_in_order_and_only_what_is_to_come_can_be_moved():
    first, second = dose(away=-1), dose(2, away=27)

    found = derive(doses=(second, first))

    assert found.doses == (first, second)
    assert found.coming is first
    assert found.movable(NOW) == (second,)


def test_a_cancelled_series_leaves_her_invited_again():
    gone = dose(1, "cancelled", cancelled_reason="by_center")

    found = derive(doses=(gone,), invitations=(invitation(accepted_at=NOW - DAY), invitation(until=9)))

    assert (found.stage, found.before, found.last) == (Stage.INVITED, Before.BY_CENTER, gone)
