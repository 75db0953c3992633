"""What becomes of an invitation: its reminder, its end, its renewal."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.refusals import Refused
from booking import clock
from booking.models import AccessLink, Invitation, Registration
from booking.services import invitations, links
from notifications.models import Message
from tests.booking.services.inviting import invitation, invite, invited, templates
from tests.factories import NOW
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import SlotFactory, VaccineFactory, series_slots

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


# --- the end of an invitation ------------------------------------------------------------------


def test_expire_due_closes_and_says_so_without_a_loss_of_rank():
    made = invitation()
    rank = made.registration.rank

    closed = invitations.expire_due(now=made.valid_until)

    made.refresh_from_db()
    assert (closed, made.closed_at, made.closed_reason) == (1, made.valid_until, "expired")
    assert templates() == ["invited", "invitation_expired"]
    assert Registration.objects.get().rank == rank


def test_expire_due_leaves_what_still_runs():
    made = invitation()

    assert invitations.expire_due(now=made.valid_until - timedelta(seconds=1)) == 0


@pytest.mark.parametrize("state", ["queued", "sending", "deferred"])
def test_expire_due_moves_the_end_while_the_mail_is_not_delivered(state):
    made = invitation(sent_at=None)
    Message.objects.update(state=state)
    later = made.valid_until + timedelta(hours=1)

    assert invitations.expire_due(now=later) == 0

    made.refresh_from_db()
    assert made.valid_until == clock.end_of(clock.local_day(later) + timedelta(days=7))
    assert AccessLink.objects.get().valid_until == made.valid_until


def test_expire_due_starts_the_time_when_the_mail_has_left():
    made = invitation(sent_at=None)
    invitations.expire_due(now=NOW + timedelta(days=5))
    Message.objects.update(state="sent", sent_at=NOW + timedelta(days=5))

    made.refresh_from_db()

    assert invitations.expire_due(now=NOW + timedelta(days=11)) == 0
    assert invitations.expire_due(now=made.valid_until) == 1


def test_expire_due_after_a_refused_mail_sends_none():
    made = invitation(sent_at=None)
    Message.objects.update(state="bounced")

    assert invitations.expire_due(now=made.valid_until) == 1
    assert templates() == ["invited"]


def test_expire_due_frees_the_place_for_the_next():
    SlotFactory(session__vaccine=VaccineFactory(single=True), starts_at=NOW + timedelta(days=20), capacity=1)
    made = invitation()
    following = RegistrationFactory()
    assert invite().invited == 0

    invitations.expire_due(now=made.valid_until)
    invite(now=made.valid_until)

    assert invited()[-1] == following


@pytest.mark.parametrize("month", [3, 10])
def test_valid_until_is_a_midnight_in_the_weeks_when_the_clocks_change(month):
    now = datetime(2021, month, 25, 9, tzinfo=UTC)
    SlotFactory(session__vaccine=VaccineFactory(single=True), starts_at=now + timedelta(days=1))

    made = invitation(now=now, sent_at=now)

    local = made.valid_until.astimezone(clock.ZONE)
    assert (local.hour, local.minute) == (0, 0)
    assert local.date() == now.date() + timedelta(days=8)


def test_remind_due_two_days_before_the_end_once():
    made = invitation()

    early = invitations.remind_due(now=made.valid_until - timedelta(days=2, seconds=1))
    due = invitations.remind_due(now=made.valid_until - timedelta(days=2))
    again = invitations.remind_due(now=made.valid_until - timedelta(days=1))

    assert (early, due, again) == (0, 1, 0)
    assert templates() == ["invited", "invitation_reminder"]


def test_remind_due_only_whom_the_invitation_has_reached():
    made = invitation(sent_at=None)

    assert invitations.remind_due(now=made.valid_until - timedelta(days=1)) == 0


def test_remind_due_not_who_has_booked():
    made = invitation()
    Invitation.objects.update(accepted_at=NOW)

    assert invitations.remind_due(now=made.valid_until - timedelta(days=1)) == 0


# --- an invitation that the center owes ---------------------------------------------------------


def given_again(**person):
    """She had booked and had been reminded before; the center has cancelled, and its message invites her."""
    registration = RegistrationFactory(**person)
    used = InvitationFactory(registration=registration, accepted_at=NOW - timedelta(hours=1))
    Message.objects.create(
        template="invitation_reminder", recipient="x@example.org", lane="example.org", language="de", reference={},
        dedupe_key=f"invitation_reminder:{used.pk}", created_at=NOW, available_at=NOW,
    )  # fmt: skip
    return invitations.give_again(registration, by=None, now=NOW)


def test_an_invitation_given_again_is_reminded_of_and_its_end_is_told():
    made = given_again()

    assert invitations.remind_due(now=made.valid_until - timedelta(days=1)) == 1
    assert invitations.expire_due(now=made.valid_until) == 1

    assert templates()[1:] == ["invitation_reminder", "invitation_expired"]
    assert set(Message.objects.values_list("recipient", flat=True)[1:]) == {made.registration.email}


def test_an_invitation_given_again_by_letter_is_not_reminded_of_and_its_end_is_told():
    made = given_again(email="")

    assert invitations.remind_due(now=made.valid_until - timedelta(days=1)) == 0
    assert invitations.expire_due(now=made.valid_until) == 1
    assert templates()[1:] == ["invitation_expired"]
    assert Message.objects.latest("pk").medium == "letter"


def test_an_invitation_that_is_open_is_given_again_as_it_is():
    standing = invitation()
    later = NOW + timedelta(days=3)

    again = invitations.give_again(standing.registration, by=None, now=later)

    assert again == standing
    assert again.valid_until > standing.valid_until


# --- renew -------------------------------------------------------------------------------------


def lapsed(**person):
    return InvitationFactory(
        expired=True, closed_at=NOW, closed_reason="expired", registration=RegistrationFactory(**person)
    ).registration


def test_invite_does_not_come_back_by_itself_to_who_let_it_run_out():
    series_slots()
    lapsed()

    assert invite().invited == 0


def test_renew_brings_a_new_invitation_at_the_old_rank():
    series_slots(capacity=1)
    person = lapsed()
    RegistrationFactory()

    made = invitations.renew(registration=person, now=NOW)

    assert made is not None
    assert made.valid_until > NOW
    assert templates() == ["invited"]


def test_renew_without_a_place_puts_her_back_into_the_line():
    person = lapsed()
    RegistrationFactory()

    assert invitations.renew(registration=person, now=NOW) is None

    series_slots(capacity=1)
    invite()
    assert invited()[-1] == person


def test_renew_works_before_the_sweep():
    series_slots()
    person = InvitationFactory(expired=True).registration

    assert invitations.renew(registration=person, now=NOW) is not None


def test_renew_twice_is_one_invitation():
    series_slots()
    person = lapsed()

    assert invitations.renew(registration=person, now=NOW) == invitations.renew(registration=person, now=NOW)
    assert templates() == ["invited"]


def test_renew_refuses_a_withdrawn_person():
    with pytest.raises(Refused):
        invitations.renew(registration=lapsed(withdrawn=True), now=NOW)


def test_a_new_address_brings_back_who_was_never_reached():
    series_slots()
    person = lapsed(email="falsch@example.org")
    invitations.readdress(person, now=NOW)

    assert invite().invited == 1


def test_links_of_invitations_open_the_page():
    made = invitation()

    assert links.state(AccessLink.objects.get(registration=made.registration), NOW) == "open"
