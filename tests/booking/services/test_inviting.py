"""Who is invited: by group and rank, never more people than places."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from booking import clock
from booking.models import AccessLink, Invitation
from booking.services import invitations
from notifications.models import Message
from tests.booking.services.inviting import invite, invited, templates
from tests.factories import NOW
from tests.factories.demand import OpeningFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import ContingentFactory, SlotFactory, VaccineFactory, series_slots

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]
SIXTY = date(1955, 1, 1)


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


def test_invite_takes_everybody_in_turn_and_tells_each_by_her_medium():
    series_slots(capacity=3)
    by_letter, by_sms = RegistrationFactory(email=""), RegistrationFactory(phone="+4915123456789", medium="sms")
    by_mail = RegistrationFactory()

    plan = invite()

    assert invited() == [by_letter, by_sms, by_mail]
    assert plan.letters == 1
    told = Message.objects.order_by("pk").values_list("medium", "recipient")
    assert list(told) == [("letter", by_letter.case_number), ("sms", "+4915123456789"), ("email", by_mail.email)]


def test_an_invitation_by_letter_is_valid_longer(settings):
    series_slots(capacity=2)
    letter, mail = RegistrationFactory(email=""), RegistrationFactory()

    invite()

    longer = letter.invitations.get().valid_until - mail.invitations.get().valid_until
    assert longer == timedelta(days=settings.LETTER_DAYS)
    assert letter.links.get().valid_until == letter.invitations.get().valid_until


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
    {"birth_date": SIXTY}, {"unconfirmed": True}, {"withdrawn": True},
])  # fmt: skip
def test_issue_not_now(person):
    series_slots()

    assert issue(RegistrationFactory(**person)) is None


def test_issue_by_letter():
    series_slots()

    assert issue(RegistrationFactory(email="")) is not None
    assert list(Message.objects.values_list("template", "medium")) == [("invited", "letter")]


def test_issue_lets_nobody_pass_whom_the_place_fits():
    series_slots()
    RegistrationFactory()

    assert issue(RegistrationFactory()) is None


def test_issue_passes_people_whose_group_is_not_open():
    series_slots()
    RegistrationFactory(birth_date=SIXTY)

    assert issue(RegistrationFactory()) is not None
