"""People at once: registering, opening a link, inviting. Each race with a control that shows it is one."""

from datetime import date, timedelta
from functools import partial
from time import sleep

import pytest
from django.db import connection, transaction

from accounts.refusals import Refused
from booking import codes, tokens
from booking.models import AccessLink, Invitation, Registration
from booking.services import appointments, invitations, links, registrations
from booking.services.registrations import Details
from centers.models import Channel
from notifications.models import Message
from tests.concurrency import run_at_once, tally
from tests.factories.people import RegistrationFactory, visit_link

pytestmark = pytest.mark.django_db(transaction=True)

BORN = date(1938, 3, 14)
DETAILS = Details(
    first_name="Ingeborg",
    last_name="Richter",
    birth_date=BORN,
    street="Schandauer Straße 14",
    postcode="01796",
    town="Pirna",
    email="ingeborg@example.org",
)


def invite(now, limit=100):
    return invitations.invite(limit=limit, by=None, now=now)


# --- registering -------------------------------------------------------------------------------


def test_one_person_registering_12_times_at_once_is_one_row(world):
    deed = partial(registrations.register, details=DETAILS, channel=Channel.WEB, by=None, now=world.now)

    answers = run_at_once([partial(deed, case_number=codes.case_number()) for _ in range(12)])

    assert tally(answers) == {"done": 12}
    assert sum(answer is not None for answer in answers) == Registration.objects.count() == 1
    assert sorted(Message.objects.values_list("template", flat=True)) == ["already_registered", "confirm_registration"]


def test_one_form_sent_12_times_at_once_answers_the_same(world):
    deed = partial(
        registrations.register, details=DETAILS, case_number="K7P4XM92", channel=Channel.WEB, by=None, now=world.now
    )

    answers = run_at_once([deed] * 12)

    assert set(answers) == {Registration.objects.get()}
    assert [one.template for one in Message.objects.all()] == ["confirm_registration"]


def test_confirming_12_times_at_once_tells_once(world):
    person = RegistrationFactory(unconfirmed=True)
    deed = partial(registrations.confirm, registration=person, by=None, now=world.now)

    answers = run_at_once([deed] * 12)

    assert tally(answers) == {"done": 12}
    assert [one.template for one in Message.objects.all()] == ["registered"]


# --- opening a link ----------------------------------------------------------------------------


def test_a_link_opened_by_12_at_once_begins_one_visit(world):
    token = links.token(visit_link(RegistrationFactory()))

    answers = run_at_once([partial(links.exchange, token=token, birth_date=BORN, now=world.now)] * 12)

    assert tally(answers)["done"] == 1
    assert tally(answers).total() - 1 == sum(isinstance(answer, Refused) for answer in answers)


def test_control_a_link_checked_before_it_is_used_begins_many(world):
    token = links.token(visit_link(RegistrationFactory()))

    def naive():
        link = AccessLink.objects.get(token_hash=tokens.hash_of(token))
        if link.used_at is None:
            sleep(0.05)
            AccessLink.objects.filter(pk=link.pk).update(used_at=world.now)
            return link
        raise Refused("link_used", "")

    assert tally(run_at_once([naive] * 12))["done"] > 1


def test_40_guesses_at_once_are_five(world):
    link = visit_link(RegistrationFactory())
    dates = [BORN + timedelta(days=number) for number in range(1, 41)]

    answers = run_at_once(
        [partial(links.exchange, token=links.token(link), birth_date=day, now=world.now) for day in dates]
    )

    assert tally(answers)["link_wrong"] == links.MAX_TRIES
    assert AccessLink.objects.get().failed_tries == links.MAX_TRIES


# --- inviting ----------------------------------------------------------------------------------


def test_eight_jobs_at_once_never_invite_more_than_places(world, deadlocks):
    world.pair(capacity=30)
    RegistrationFactory.create_batch(60)

    answers = run_at_once([partial(invite, world.now)] * 8)

    assert tally(answers) == {"done": 8}
    assert sum(plan.invited for plan in answers) == Invitation.objects.count() == 30
    assert Message.objects.filter(template="invited").count() == AccessLink.objects.count() == 30
    assert deadlocks() == 0


def test_control_jobs_that_count_without_the_lock_invite_too_many(world):
    world.pair(capacity=30)
    RegistrationFactory.create_batch(60)

    @transaction.atomic
    def naive(part):
        free = 30 - Invitation.objects.count()
        sleep(0.1)
        people = Registration.objects.waiting().order_by("rank")[part * 20 : part * 20 + 20][:free]
        for person in people:
            Invitation.objects.create(
                registration=person, issued_at=world.now, valid_until=world.now + timedelta(days=7)
            )

    run_at_once([partial(naive, part) for part in range(3)])

    assert Invitation.objects.count() > 30


def test_confirming_while_jobs_invite_keeps_to_the_places(world, deadlocks):
    world.pair(capacity=10)
    waiting = RegistrationFactory.create_batch(20)
    fresh = RegistrationFactory.create_batch(20, unconfirmed=True)
    confirmations = [partial(registrations.confirm, registration=one, by=None, now=world.now) for one in fresh]

    answers = run_at_once([*confirmations[:10], *[partial(invite, world.now)] * 4, *confirmations[10:]])

    assert tally(answers) == {"done": 24}
    invited = set(Invitation.objects.values_list("registration_id", flat=True))
    assert len(invited) == 10
    assert invited <= {one.pk for one in waiting}  # nobody who came later passed those who stood in the line
    assert deadlocks() == 0


def test_somebody_who_withdraws_while_she_is_invited_has_no_open_invitation(world):
    world.pair(capacity=40)
    people = RegistrationFactory.create_batch(30)
    leave = [
        partial(registrations.withdraw, registration=one, reason="own_wish", by=None, now=world.now) for one in people
    ]

    answers = run_at_once([*leave[:15], partial(invite, world.now), *leave[15:], partial(invite, world.now)])

    assert tally(answers) == {"done": 32}
    assert not Invitation.objects.unanswered().exists()


def test_booking_at_the_end_of_an_invitation_books_or_expires(world):
    slot, _second = world.pair(capacity=40)
    people = world.people(20)
    end = Invitation.objects.latest("valid_until").valid_until
    assert Invitation.objects.filter(valid_until=end).count() == 20
    Message.objects.update(state="sent", sent_at=world.now)
    book = [
        partial(appointments.book, registration=one, slot_id=slot.pk, channel=Channel.WEB, by=None, now=world.now)
        for one in people
    ]

    answers = run_at_once([*book[:10], partial(invitations.expire_due, now=end), *book[10:]])

    assert set(tally(answers)) <= {"done", "not_invited"}
    booked = Invitation.objects.filter(accepted_at__isnull=False)
    assert booked.filter(closed_at__isnull=False).count() == 0
    assert booked.count() + Invitation.objects.filter(closed_reason="expired").count() == 20


def test_a_renewal_clicked_12_times_at_once_is_one_invitation(world):
    world.pair(capacity=40)
    person = RegistrationFactory()
    Invitation.objects.create(
        registration=person,
        issued_at=world.now - timedelta(days=9),
        valid_until=world.now - timedelta(days=1),
        closed_at=world.now,
        closed_reason="expired",
    )

    answers = run_at_once([partial(invitations.renew, registration=person, now=world.now)] * 12)

    assert {answer.pk for answer in answers if answer is not None} == {Invitation.objects.unanswered().get().pk}
    assert connection.vendor == "postgresql"
