"""Somebody of another day, and people without an appointment: found, registered, taken in, or told why not."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from booking.models import Appointment
from tests.factories import NOW
from tests.factories.door import single_slot
from tests.factories.people import RegistrationFactory
from tests.factories.supply import ContingentFactory, SessionFactory
from tests.web.centeradmin.today.pages import at, text

pytestmark = pytest.mark.django_db


def test_somebody_of_another_day_is_taken_today(staff, expect, rules):
    expect(30)
    one = expect(0, days=2)
    assert "Nicht heute" in text(staff.get(at(one)))

    staff.post(at(one, "take"))

    assert Appointment.objects.live().get(registration=one.registration).slot.starts_at == NOW + timedelta(minutes=30)


WALK_IN, NEW = reverse("centeradmin:today_walk_in"), reverse("centeradmin:today_walk_in_new")


@pytest.mark.parametrize(
    "typed",
    [
        {"code": "7h4 k2m"},
        {"first_name": "Klaus", "last_name": "Haenel", "birth_date_day": "12.02.1939"},
    ],
)
def test_a_registered_person_without_an_appointment_is_found_and_taken_in(staff, expect, rules, typed):
    expect(30)
    person = RegistrationFactory(
        first_name="Klaus", last_name="Hänel", birth_date=date(1939, 2, 12), door_code="7H4K2M"
    )

    assert "Diese Person hat keinen Termin." in text(staff.post(WALK_IN, typed))
    response = staff.post(WALK_IN, {**typed, "aufnehmen": "1"})

    assert response.url == reverse("centeradmin:today_person", args=[person.public_id])
    assert AuditEvent.objects.filter(action="day_list.searched").count() == 2


@pytest.mark.parametrize("typed", [{}, {"code": "ZZZZZZ"}, {"last_name": "Hänel"}])
def test_nobody_found_is_answered_in_words(staff, expect, rules, typed):
    assert staff.post(WALK_IN, typed).context["form"].errors


NEWCOMER = {
    "first_name": "Erna", "last_name": "Kurz", "birth_date_day": "1", "birth_date_month": "5",
    "birth_date_year": "1935", "street": "Am Markt 1", "postcode": "01589", "town": "Riesa", "language": "de",
}  # fmt: skip


def test_somebody_new_is_registered_and_taken_in(staff, expect, rules):
    expect(30)

    staff.post(NEW, NEWCOMER)

    one = Appointment.objects.get(registration__last_name="Kurz")
    assert (one.channel, one.status) == ("on_site", "booked")


def test_somebody_new_whose_group_is_not_open_is_refused_with_the_form_filled(staff, expect, rules):
    expect(30)

    page = text(staff.post(NEW, {**NEWCOMER, "birth_date_year": "1990"}))

    assert "noch nicht an der Reihe" in page
    assert "Wir schreiben Ihnen" not in page
    assert 'value="Kurz"' in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [("phone", {"phone": "447112"}), ("birth_date", {"birth_date_year": "1891"})],
)
def test_what_the_service_refuses_of_somebody_new_stands_at_its_field(staff, expect, rules, field, typed):
    expect(30)

    page = staff.post(NEW, {**NEWCOMER, **typed})

    assert list(page.context["form"].errors) == [field]


@pytest.mark.parametrize("url", [WALK_IN, NEW])
def test_the_pages_for_people_without_an_appointment_open(staff, url):
    assert staff.get(url).status_code == 200


# --- Blank forms of a paper day

DAY = NOW.date() - timedelta(days=1)
PAPER_FIND = reverse("centeradmin:today_afterwards_walk_in", kwargs={"day": DAY})
PAPER_NEW = reverse("centeradmin:today_afterwards_new", kwargs={"day": DAY})


@pytest.fixture
def yesterday(session):
    """There was a session, and the power was gone."""
    share = ContingentFactory(code="vor-ort", name="Vor Ort", channels=["on_site"])
    past = SessionFactory(center=session.center, vaccine=session.vaccine, contingent=share, date=DAY)
    return single_slot(session=past, starts_at=NOW - timedelta(days=1), capacity=9)


def test_the_paper_page_leads_to_the_blank_forms_of_its_day(staff, yesterday):
    page = text(staff.get(reverse("centeradmin:today_afterwards_of", kwargs={"day": DAY})))

    assert PAPER_FIND in page
    assert PAPER_NEW in text(staff.get(PAPER_FIND))


def test_somebody_of_the_blank_forms_is_found_and_entered_in_a_line_of_her_own(staff, rules, yesterday):
    person = RegistrationFactory(door_code="7H4K2M", last_name="O'Neill")
    assert "O&#x27;Neill" in text(staff.post(PAPER_FIND, {"code": "7h4 k2m"}))
    typed = {"code": "7h4 k2m", "aufnehmen": "1"}

    wrong = text(staff.post(PAPER_FIND, {**typed, "arrived": "9 Uhr ?", "papers": "on"}))
    assert 'value="9 Uhr ?"' in wrong
    assert not Appointment.objects.exists()
    unseen = text(staff.post(PAPER_FIND, {**typed, "arrived": "9:40"}))
    assert "Noch nicht gesehen: Ausweis" in unseen
    assert 'value="9:40"' in unseen
    response = staff.post(PAPER_FIND, {**typed, "arrived": "9:40", "papers": "on"})

    one = Appointment.objects.get(registration=person)
    assert response.url == f"/zentrum/heute/nachtragen/{DAY}/?seite=1#z-{one.public_id.hex}"
    assert (one.slot, one.status, one.arrival.at) == (yesterday, "arrived", NOW - timedelta(days=1, minutes=20))
    assert f"{one.public_id.hex}-given" in text(staff.get(response.url))


def test_somebody_new_of_the_blank_forms_is_registered_and_entered(staff, rules, yesterday):
    page = text(staff.post(PAPER_NEW, {**NEWCOMER, "arrived": "", "papers": "on"}))
    assert "Bitte tragen Sie die Uhrzeit ein" in page
    assert 'value="Kurz"' in page

    response = staff.post(PAPER_NEW, {**NEWCOMER, "arrived": "9:40", "papers": "on"})

    one = Appointment.objects.get(registration__last_name="Kurz")
    assert (response.status_code, one.slot, one.status) == (302, yesterday, "arrived")


def test_what_a_physician_decided_on_paper_is_entered_with_her_name_and_reason(staff, rules, yesterday):
    """The rules of that day refuse somebody of 82; then the fields for the decision stand open."""
    yesterday.vaccine.age_rules.create(valid_from=date(2021, 1, 1), min_age=18, max_age=64, basis="stiko")
    person = RegistrationFactory(door_code="7H4K2M")
    typed = {"code": "7h4 k2m", "aufnehmen": "1", "arrived": "9:40", "papers": "on"}
    decision = '<details class="panel panel--soft"'
    assert f"{decision}>" in text(staff.post(PAPER_FIND, {"code": "7h4 k2m"}))

    refused = text(staff.post(PAPER_FIND, typed))
    assert f"{decision} open>" in refused
    half = text(staff.post(PAPER_FIND, {**typed, "decided": "Abwägung"}))
    assert "Bitte tragen Sie ein, wer entschieden hat und warum" in half
    assert 'value="Abwägung"' in half
    assert not Appointment.objects.exists()
    staff.post(PAPER_FIND, {**typed, "physician": "Dr. Vogel", "decided": "Abwägung"})

    one = Appointment.objects.get(registration=person)
    assert (one.status, one.arrival.overruled) == ("arrived", ["age"])
    assert (one.arrival.overruled_by, one.arrival.overruled_reason) == ("Dr. Vogel", "Abwägung")


def test_a_decision_on_paper_about_somebody_new_is_offered_where_the_rules_refuse(staff, rules, yesterday):
    yesterday.vaccine.age_rules.create(valid_from=date(2021, 1, 1), min_age=18, max_age=64, basis="stiko")
    typed = {**NEWCOMER, "arrived": "9:40", "papers": "on"}
    assert '<details class="panel panel--soft" open>' in text(staff.post(PAPER_NEW, typed))

    answer = staff.post(PAPER_NEW, {**typed, "physician": "Dr. Vogel", "decided": "Abwägung"})

    assert answer.status_code == 302
    assert Appointment.objects.get(registration__last_name="Kurz").arrival.overruled == ["age"]


def test_blank_forms_of_days_out_of_reach_are_closed(staff, login):
    for days, status in ((0, 200), (14, 200), (15, 404), (-1, 404)):
        day = NOW.date() - timedelta(days=days)
        for name in ("walk_in", "new"):
            page = reverse(f"centeradmin:today_afterwards_{name}", kwargs={"day": day})
            assert staff.get(page).status_code == status
    assert login(Role.CALL_AGENT).get(PAPER_FIND).status_code == 403
