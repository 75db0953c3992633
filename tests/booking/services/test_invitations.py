"""Inviting by group and rank, never more people than places; reminders, ends, renewals."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from booking import clock
from booking.models import AccessLink, Invitation, Registration
from booking.refusals import Refused
from booking.services import invitations, links
from centers.models import Slot
from notifications.models import Message
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory, UserFactory
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import ContingentFactory, SlotFactory, VaccineFactory, series_slots

pytestmark = pytest.mark.django_db
SIXTY = date(1955, 1, 1)


@pytest.fixture(autouse=True)
def _group_one_is_open():
    RegulationFactory()
    OpeningFactory()


def invite(limit=100, *, now=NOW, dry_run=False):
    return invitations.invite(limit=limit, by=None, now=now, dry_run=dry_run)


def invited():
    return [one.registration for one in Invitation.objects.select_related("registration").order_by("pk")]


def invitation(*, sent_at=NOW, now=NOW):
    """Somebody invited by the job, whose message has been handed over."""
    if not Slot.objects.exists():
        series_slots()
    RegistrationFactory()
    invite(1, now=now)
    if sent_at:
        Message.objects.filter(template="invited").update(state="sent", sent_at=sent_at)
    return Invitation.objects.latest("pk")


def templates():
    return list(Message.objects.order_by("pk").values_list("template", flat=True))


# --- invite ------------------------------------------------------------------------------------


def test_invite_by_group_then_rank():
    OpeningFactory(level=3)
    series_slots(capacity=9)
    sixty = RegistrationFactory(birth_date=SIXTY)
    people = RegistrationFactory.create_batch(2)

    plan = invite()

    assert invited() == [*people, sixty]
    assert (plan.invited, dict(plan.by_level), plan.places, plan.stopped) == (3, {1: 2, 3: 1}, 9, "line")


def test_invite_writes_invitation_link_message_and_audit():
    series_slots()
    person = RegistrationFactory()

    invite()

    made, link, message = Invitation.objects.get(), AccessLink.objects.get(), Message.objects.get()
    assert (made.registration, made.issued_at, made.valid_until) == (person, NOW, clock.end_of(date(2021, 2, 23)))
    assert (link.purpose, link.valid_until) == ("visit", made.valid_until)
    assert (message.template, message.recipient) == ("invited", person.email)
    assert message.reference == {"registration": person.pk, "invitation": made.pk, "link": link.pk}
    assert AuditEvent.objects.get().subject == person.public_id


def test_invite_never_more_people_than_places():
    series_slots(capacity=3)
    RegistrationFactory.create_batch(5)

    plan = invite()

    assert (plan.invited, plan.places, plan.stopped) == (3, 3, "no_places")
    assert invite().invited == 0


def test_invite_counts_open_invitations_of_before():
    series_slots(capacity=3)
    RegistrationFactory.create_batch(2, invited=True)
    RegistrationFactory.create_batch(5)

    plan = invite()

    assert (plan.invited, plan.places) == (1, 1)


def test_invite_first_places_without_second_invite_nobody():
    SlotFactory(capacity=50)
    RegistrationFactory()

    assert (invite().stopped, invited()) == ("no_places", [])


def test_invite_gives_no_place_to_people_who_may_not_use_it():
    vaccine = VaccineFactory(code="vaxzevria", name="Vaxzevria")
    vaccine.age_rules.create(valid_from=date(2021, 1, 29), min_age=18, max_age=64, basis="stiko")
    series_slots(vaccine=vaccine, capacity=10)
    series_slots(capacity=1)
    RegistrationFactory.create_batch(3)
    nurse = RegistrationFactory(nurse=True)

    plan = invite()

    assert (plan.invited, plan.stopped) == (2, "line")
    assert nurse in invited()


def test_invite_keeps_the_last_place_of_a_kind_for_who_can_use_nothing_else():
    vaccine = VaccineFactory(code="vaxzevria", name="Vaxzevria")
    vaccine.age_rules.create(valid_from=date(2021, 1, 29), min_age=18, max_age=64, basis="stiko")
    series_slots(capacity=1)
    series_slots(vaccine=vaccine, capacity=1)
    nurse, old = RegistrationFactory(nurse=True), RegistrationFactory()

    invite()

    assert invited() == [nurse, old]


def test_invite_leaves_the_places_of_callers():
    series_slots(contingent=ContingentFactory(phone=True))
    RegistrationFactory()

    assert invite().invited == 0


def test_invite_waits_for_the_opening():
    series_slots()
    RegistrationFactory(birth_date=SIXTY)
    OpeningFactory(level=3, opens_at=NOW + timedelta(hours=1))

    assert invite().invited == 0
    with_opening = invite(now=NOW + timedelta(hours=1))

    assert with_opening.invited == 1


def test_invite_skips_who_has_no_mail_and_counts_her():
    series_slots()
    caller, person = RegistrationFactory(email=""), RegistrationFactory()

    plan = invite()

    assert (invited(), plan.unreachable) == ([person], 1)
    assert caller in Registration.objects.waiting()


def test_invite_stops_at_the_limit():
    series_slots(capacity=9)
    people = RegistrationFactory.create_batch(3)

    assert invite(2).stopped == "limit"
    assert invited() == people[:2]


def test_invite_goes_on_over_many_transactions(monkeypatch):
    monkeypatch.setattr(invitations, "AT_A_TIME", 2)
    series_slots(capacity=9)
    RegistrationFactory.create_batch(5)

    plan = invite(4)

    assert (plan.invited, plan.places, len(invited())) == (4, 9, 4)


def test_invite_dry_run_counts_and_writes_nothing():
    series_slots(capacity=3)
    RegistrationFactory.create_batch(5)

    plan = invite(dry_run=True)

    assert (plan.invited, invited(), templates()) == (3, [], [])
    assert invite().invited == plan.invited


def test_invite_without_rules_invites_nobody():
    series_slots()
    RegistrationFactory()

    assert invite(now=datetime(2020, 12, 1, tzinfo=UTC)).stopped == "no_rules"


def test_invite_a_crash_leaves_whole_people(monkeypatch):
    monkeypatch.setattr(invitations, "AT_A_TIME", 1)
    series_slots(capacity=9)
    RegistrationFactory.create_batch(3)
    queue = invitations.outbox.queue

    def crash_at_second(**message):
        if Invitation.objects.count() == 2:
            raise KeyboardInterrupt
        queue(**message)

    monkeypatch.setattr(invitations.outbox, "queue", crash_at_second)
    with pytest.raises(KeyboardInterrupt):
        invite()

    assert len(invited()) == len(templates()) == AccessLink.objects.count() == 1


# --- issue -------------------------------------------------------------------------------------


def issue(person, by=None):
    return invitations.issue(registration=person, by=by, now=NOW)


def test_issue_invites_who_is_next():
    series_slots()
    person = RegistrationFactory()

    assert issue(person) == Invitation.objects.get()


def test_issue_twice_is_one_invitation():
    series_slots()
    person = RegistrationFactory()

    assert issue(person) == issue(person)
    assert templates() == ["invited"]


@pytest.mark.parametrize("person", [
    {"birth_date": SIXTY}, {"unconfirmed": True}, {"withdrawn": True}, {"email": ""},
])  # fmt: skip
def test_issue_not_now(person):
    series_slots()

    assert issue(RegistrationFactory(**person)) is None


def test_issue_by_staff_needs_no_mail():
    series_slots()

    assert issue(RegistrationFactory(email=""), by=UserFactory()) is not None
    assert templates() == []


def test_issue_lets_nobody_pass_whom_the_place_fits():
    series_slots()
    RegistrationFactory()

    assert issue(RegistrationFactory()) is None


def test_issue_passes_people_whose_group_is_not_open():
    series_slots()
    RegistrationFactory(birth_date=SIXTY)

    assert issue(RegistrationFactory()) is not None


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
