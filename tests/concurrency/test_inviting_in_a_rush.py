"""Inviting while invited people book and cancel: places and invitations are counted as of one moment."""

from functools import partial

import pytest

from booking import facts, places
from booking.models import Appointment, Invitation
from booking.services import appointments, invitations
from centers.models import Channel
from tests.concurrency import run_at_once, tally
from tests.factories.people import RegistrationFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, PEOPLE = 4, 24


def test_open_invitations_never_outnumber_the_free_series(world):
    terms = {"channel": Channel.WEB, "by": None, "now": world.now}
    invite = partial(invitations.invite, limit=100, by=None, now=world.now)
    RegistrationFactory.create_batch(10 * PEOPLE)
    for number in range(ROUNDS):
        first = world.slot(2 + number, capacity=PEOPLE)
        invite()
        people = [one.registration for one in Invitation.objects.open(world.now).select_related("registration")]
        book = [partial(appointments.book, registration=one, slot_id=first.pk, **terms) for one in people]
        half = [
            partial(
                appointments.cancel,
                registration=one.registration,
                reason=Appointment.Cancellation.OWN_WISH,
                by=None,
                now=world.now,
            )
            for one in Appointment.objects.live().select_related("registration")[: PEOPLE // 2]
        ]
        mixed = [deed for pair in zip(book, [*half, *[invite] * len(book)], strict=False) for deed in pair]

        answers = run_at_once([invite, *mixed, *[invite] * 6], at_once=12)

        assert not tally(answers).keys() - {"done", "slot_taken"}
        free = sum(places.free_series(now=world.now, facts=facts.load()).values())
        assert Invitation.objects.open(world.now).count() <= free


def test_callers_and_the_web_are_invited_at_once_and_never_beyond_the_places_of_their_own(world):
    """Twelve places for callers and eight online; letters may have both, e-mails those online alone."""
    for day, share, number in ((3, world.phone, 12), (4, world.web, 8)):
        world.slot(day, capacity=number, contingent=share)
    letters = RegistrationFactory.create_batch(PEOPLE // 2, email="")
    mails = RegistrationFactory.create_batch(PEOPLE)
    letters += RegistrationFactory.create_batch(PEOPLE // 2, email="")
    issues = [partial(invitations.issue, registration=one, by=None, now=world.now) for one in (*mails, *letters)]
    invite = partial(invitations.invite, limit=3, by=None, now=world.now)

    answers = run_at_once([deed for pair in zip(issues, [invite] * len(issues), strict=True) for deed in pair])
    invitations.invite(limit=100, by=None, now=world.now)

    assert not tally(answers).keys() - {"done"}
    standing = Invitation.objects.open(world.now)
    assert standing.count() == 20
    assert standing.filter(registration__medium="email").count() <= 8
