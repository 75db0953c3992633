"""Two registrations of one person become one, and nothing is lost."""

from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import codes, numbered, search
from booking.door import finding
from booking.models import Appointment, CallBack, Note, Registration
from booking.services import merging, notes
from booking.services.merging import Choice
from notifications import outbox
from notifications.models import Message
from notifications.outbox import Envelope
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import booked_series, given
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def jana():
    return UserFactory()


def booked(**person):
    return booked_series(**person)[0].registration


def live(person):
    return [one.pk for one in person.appointments.live().order_by("dose_number")]


def seen(*people):
    return frozenset(pk for person in people for pk in live(person))


def merge(stays, ends, jana, *, data_of=None, shown=None, compared=True):
    choice = Choice(
        stays=stays, ends=ends, data_of=data_of or stays, seen=seen(stays, ends) if shown is None else shown,
        compared=compared,
    )  # fmt: skip
    return merging.merge(choice=choice, by=jana, now=NOW)


def complete():
    """No first dose without its second: checked at commit, so here by hand."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_earlier_rank_stays_whichever_goes_on(jana):
    early, late = RegistrationFactory(), booked()
    rank = early.rank = Registration.objects.get(pk=early.pk).rank
    late.refresh_from_db()
    assert rank < late.rank

    merged = merge(late, early, jana)

    assert (merged.pk, merged.rank) == (late.pk, rank)
    early.refresh_from_db()
    assert (early.withdrawn_reason, early.merged_into_id, early.withdrawn_at) == ("merged", late.pk, NOW)


def test_the_one_with_appointments_goes_on_and_keeps_them(jana):
    one, other = RegistrationFactory(), booked()
    kept = live(other)

    found = merging.preview(one, other, now=NOW)
    assert (found.stays.pk, found.choice, found.released) == (other.pk, False, ())
    merge(found.stays, found.ends, jana)

    assert live(other) == kept
    complete()


def test_of_two_series_the_chosen_one_stays_and_the_other_gives_its_places_back(jana):
    one, other = booked(), booked()
    given_back = [each.slot for each in other.appointments.all()]

    found = merging.preview(one, other, stays=one, now=NOW)
    assert found.choice
    assert {each.pk for each in found.released} == set(live(other))
    merge(one, other, jana)

    assert len(live(one)) == 2
    assert live(other) == []
    for slot in given_back:
        slot.refresh_from_db()
        assert slot.booked == 0
    complete()


def test_where_something_changed_since_the_preview_nothing_is_done(jana):
    one, other = RegistrationFactory(), RegistrationFactory()
    shown = seen(one, other)
    first, second = booked_series()
    Appointment.objects.filter(pk__in=[first.pk, second.pk]).update(registration=other)

    with pytest.raises(Refused) as refused:
        merge(one, other, jana, shown=shown)

    assert refused.value.code == "changed"
    assert Registration.objects.filter(withdrawn_at__isnull=False).count() == 0


def test_who_has_a_dose_goes_on_and_two_of_them_are_refused(jana):
    one, other = booked(), booked()
    given(one.appointments.get(dose_number=1), at=NOW - timedelta(hours=1))

    found = merging.preview(other, one, stays=other, now=NOW)
    assert (found.stays.pk, found.choice) == (one.pk, False)
    with pytest.raises(Refused):
        merge(other, one, jana)

    given(other.appointments.get(dose_number=1), at=NOW - timedelta(hours=1))
    with pytest.raises(Refused) as refused:
        merging.preview(one, other, now=NOW)
    assert refused.value.code == "both_given"


def test_one_that_has_ended_and_the_same_one_are_refused(jana):
    one = RegistrationFactory()
    for other, code in ((RegistrationFactory(withdrawn=True), "withdrawn"), (one, "herself")):
        with pytest.raises(Refused) as refused:
            merging.preview(one, other, now=NOW)
        assert refused.value.code == code


def test_notes_call_backs_answers_needs_and_household_go_along(jana):
    one, other = RegistrationFactory(criteria=["A"]), RegistrationFactory(criteria=["B"], needs_wheelchair=True)
    notes.write(registration=other, text="Kommt mit Rollator", by=jana, now=NOW)
    call_back = CallBack.objects.create(
        registration=other, name="x", phone="+4935254471", created_at=NOW, created_by=jana
    )

    merged = merge(one, other, jana)

    assert merged.criteria == ["A", "B"]
    assert merged.needs_wheelchair
    assert Note.objects.get().registration_id == one.pk
    call_back.refresh_from_db()
    assert call_back.registration_id == one.pk
    event = AuditEvent.objects.get(action="registration.merged")
    assert (event.subject, event.actor, event.details["merged"]) == (one.public_id, jana, str(other.public_id))


def test_an_open_invitation_goes_along_and_is_not_doubled(jana):
    one, other = RegistrationFactory(), RegistrationFactory(invited=True)
    InvitationFactory(registration=one, expired=True)

    merge(one, other, jana)
    assert one.invitations.open(NOW).count() == 1

    third = RegistrationFactory(invited=True)
    merge(one, third, jana)
    assert one.invitations.open(NOW).count() == 1
    assert not third.invitations.unanswered().exists()


def test_who_confirmed_one_of_them_has_confirmed(jana):
    RegulationFactory()
    OpeningFactory()
    one, other = RegistrationFactory(unconfirmed=True), RegistrationFactory()
    assert merge(one, other, jana).confirmed_at == NOW


def test_name_address_and_contact_of_the_other_one_can_count(jana):
    one = RegistrationFactory(last_name="Müller", email="alt@example.org")
    other = RegistrationFactory(
        last_name="Müller-Arnold", street="Elbstraße 12", phone="+4935254471", email="neu@example.org"
    )
    key = other.identity_key

    merged = merge(one, other, jana, data_of=other)

    assert (merged.last_name, merged.street, merged.identity_key) == ("Müller-Arnold", "Elbstraße 12", key)
    assert (merged.email, str(merged.phone)) == ("neu@example.org", "+4935254471")
    assert Message.objects.filter(template="contact_changed", recipient="alt@example.org").exists()


def test_what_waits_for_the_one_that_ends_is_not_sent_and_none_is_written(jana):
    one, other = RegistrationFactory(), RegistrationFactory(invited=True)
    invitation = other.invitations.get()
    envelope = Envelope(
        "invited",
        other.email,
        {"registration": other.pk, "invitation": invitation.pk},
        "de",
        f"invited:{invitation.pk}:0",
    )
    assert outbox.compose(envelope, now=NOW) is not None

    merge(one, other, jana)

    assert outbox.compose(envelope, now=NOW) is None
    assert not Message.objects.filter(template="withdrawn").exists()


def test_who_was_merged_into_the_one_that_ends_is_led_to_the_one_that_goes_on(jana):
    first, second, third = RegistrationFactory(), RegistrationFactory(), RegistrationFactory()
    merge(second, first, jana)
    merge(third, second, jana)
    first.refresh_from_db()
    assert first.merged_into_id == third.pk


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"last_name": "Schulze"}, ["name"]),
        ({"first_name": "Ursel"}, ["name"]),
        ({"birth_date": date(1946, 3, 2)}, ["birth_date"]),
        ({"last_name": "Schulze", "birth_date": date(1946, 3, 2)}, ["name", "birth_date"]),
    ],
)
def test_who_differs_is_merged_only_by_somebody_who_has_compared(jana, other, differs):
    her = {"first_name": "Ursula", "last_name": "Müller", "birth_date": date(1946, 2, 3)}
    one, two = RegistrationFactory(**her), RegistrationFactory(**{**her, **other})
    assert list(merging.preview(one, two, now=NOW).differs) == differs

    with pytest.raises(Refused) as refused:
        merge(one, two, jana, compared=False)
    assert refused.value.code == "not_compared"
    assert not Registration.objects.filter(withdrawn_at__isnull=False).exists()

    merge(one, two, jana)
    details = AuditEvent.objects.get(action="registration.merged").details
    assert details == {"merged": str(two.public_id), "differs": differs, "compared": True}


def test_another_spelling_of_the_same_name_asks_for_nothing(jana):
    her = {"first_name": "Ursula", "birth_date": date(1946, 2, 3)}
    one, two = (
        RegistrationFactory(last_name="Müller", street="Elbstraße 12", **her),
        RegistrationFactory(last_name="MUELLER", **her),
    )

    merge(one, two, jana, compared=False)

    assert AuditEvent.objects.get(action="registration.merged").details == {"merged": str(two.public_id)}


def test_the_codes_of_all_who_were_merged_name_the_one_who_is_left(jana):
    first, second, third = RegistrationFactory(), RegistrationFactory(), RegistrationFactory()
    merge(second, first, jana)
    merge(third, second, jana)
    Registration.objects.filter(pk=first.pk).update(merged_into=second)  # a chain as rows of before may have it

    for paper in (first, second, third):
        assert numbered.find(paper.case_number) == third
        assert finding.by_code(finding.parse(paper.door_code, today=NOW.date())) == third
        for typed in (paper.case_number, codes.checked(paper.door_code)):
            answer = search.run(search.parse(typed, today=NOW.date()))
            assert (answer.hits, answer.exact) == ((third,), True)


def test_a_door_code_of_letters_alone_leads_to_who_is_left_too(jana):
    one, two = RegistrationFactory(), RegistrationFactory(door_code="FRANKE")
    merge(one, two, jana)
    assert search.run(search.parse("Franke", today=NOW.date())).hits == (one,)
