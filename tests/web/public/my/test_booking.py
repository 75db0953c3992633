"""From the list of centers to two booked appointments, through HTTP."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking import facts
from booking.models import Appointment
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, ContingentFactory, SlotFactory
from tests.web.public.my.conftest import FIRST, book, browser

CENTERS = "/mein-termin/zentren/"
DAYS = "/mein-termin/zentren/pirna/"
TIMES = "/mein-termin/zentren/pirna/2021-02-18/"


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def test_centers_show_the_earliest_day_and_the_distance(visitor, pirna):
    page = text(visitor.get(CENTERS))

    assert "Donnerstag, 18. Februar" in page
    assert "Landkreis Sächsische Schweiz-Osterzgebirge" in page
    assert "Landkreis Landkreis" not in page
    assert "Pirna-Jessen, stufenfrei, etwa 6 km" in page
    assert "aus der Gegend der Postleitzahl 01796" in page


def test_centers_of_a_person_from_an_unknown_postcode_have_no_distance(pirna):
    page = text(browser(RegistrationFactory(invited=True, postcode="99998")).get(CENTERS))

    assert "etwa" not in page
    assert 'name="umkreis"' not in page


def test_centers_without_places_are_named_as_such(visitor):
    CenterFactory(name="Leipzig", slug="leipzig")

    page = text(visitor.get(CENTERS))

    assert "Zurzeit keine freien Plätze" in page
    assert 'href="/mein-termin/zentren/leipzig/"' not in page


def test_days_name_the_second_vaccination(visitor):
    page = text(visitor.get(DAYS))

    assert "Diese Woche" in page
    assert "2. Impfung: Donnerstag, 11. März" in page


def test_times_name_the_second_vaccination_and_what_the_button_does(visitor):
    page = text(visitor.get(TIMES))

    assert "10:20 Uhr" in page
    assert "2. Impfung: 11. März, 10:20 Uhr" in page
    assert "Beide Termine buchen" in page
    assert "Geplanter Impfstoff: Comirnaty." in page


def test_the_kept_page_has_each_visitors_own_token_and_nothing_of_anybody(pirna):
    people = [RegistrationFactory(invited=True) for _ in range(2)]
    clients = [browser(person) for person in people]
    pages = [text(client.get(TIMES)) for client in clients]
    tokens = [re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)[1] for page in pages]

    assert tokens[0] != tokens[1]
    assert pages[0].replace(tokens[0], "") == pages[1].replace(tokens[1], "")
    for person, page in zip(people, pages, strict=True):
        assert person.last_name not in page
        assert person.case_number not in page


def test_the_token_of_the_kept_page_is_good_for_booking(pirna, person):
    strict = browser(person, enforce_csrf_checks=True)
    for _ in range(2):
        page = text(strict.get(TIMES))
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)[1]

    assert strict.post(TIMES, {"slot": pirna.first.pk}).status_code == 403
    assert strict.post(TIMES, {"slot": pirna.first.pk, "csrfmiddlewaretoken": token}).url == "/mein-termin/gebucht/"


def test_people_with_other_windows_see_their_own_times(pirna):
    kept_for_old = ContingentFactory(code="alt", name="Alt", max_birth_year=1930)
    SlotFactory(starts_at=FIRST + timedelta(minutes=5), session__center=pirna.center, session__contingent=kept_for_old)
    young, old = RegistrationFactory(invited=True), RegistrationFactory(invited=True, birth_date=date(1929, 5, 1))

    assert "10:25 Uhr" not in text(browser(young).get(TIMES))
    assert "10:25 Uhr" in text(browser(old).get(TIMES))
    assert "10:25 Uhr" not in text(browser(young).get(TIMES))


def test_the_kept_page_speaks_the_language_of_the_visitor(visitor):
    german = text(visitor.get(TIMES))
    visitor.cookies["django_language"] = "en"
    english = text(visitor.get(TIMES))

    assert "Beide Termine buchen" in german
    assert "Book both appointments" in english


def test_booking_leads_to_the_page_with_both_appointments(visitor, pirna, person):
    response = visitor.post(TIMES, {"slot": pirna.first.pk})
    page = text(visitor.get(response.url))

    assert response.status_code == 302
    assert response.url == "/mein-termin/gebucht/"
    assert [one.dose_number for one in person.appointments.all()] == [1, 2]
    assert "Ihre beiden Termine sind gebucht" in page
    assert "11. März 2021" in page


def test_booking_is_one_look_at_visit_and_place_and_one_claim(visitor, pirna, django_assert_num_queries):
    facts.load()

    with django_assert_num_queries(2):
        assert visitor.post(TIMES, {"slot": pirna.first.pk}).status_code == 302


def test_booking_after_the_visit_has_ended_books_nothing(visitor, pirna, person):
    visitor.post("/abmelden/")

    assert visitor.post(TIMES, {"slot": pirna.first.pk}).status_code == 403
    assert not person.appointments.exists()


def test_booking_twice_is_one_series_and_the_same_page(visitor, pirna):
    first = visitor.post(TIMES, {"slot": pirna.first.pk})
    second = visitor.post(TIMES, {"slot": pirna.first.pk})

    assert first.url == second.url
    assert Appointment.objects.count() == 2


def test_booking_another_time_in_a_second_tab_keeps_the_first(visitor, pirna):
    visitor.post(TIMES, {"slot": pirna.first.pk})
    response = visitor.post(TIMES, {"slot": pirna.slots[1].pk})

    assert response.status_code == 409
    assert "Sie haben schon Termine" in text(response)
    assert Appointment.objects.count() == 2


def test_booking_without_a_choice_says_so_and_keeps_the_times(visitor):
    response = visitor.post(TIMES, {})
    page = text(response)

    assert response.status_code == 200
    assert "<title>Fehler:" in page
    assert 'href="#id_slot"' in page
    assert "Bitte wählen Sie eine der freien Uhrzeiten." in page


@pytest.mark.parametrize("slot", ["x", "0", "-1", "99999999999999999999", "1; drop table", "\x00", "1e3"])
def test_booking_nonsense_says_so(visitor, slot):
    assert visitor.post(TIMES, {"slot": slot}).status_code == 200
    assert not Appointment.objects.exists()


def test_booking_an_unknown_slot_is_refused(visitor):
    response = visitor.post(TIMES, {"slot": 987654321})

    assert response.status_code == 409
    assert "Sie haben noch keinen Termin" in text(response)


def test_who_has_appointments_is_never_told_that_she_has_none(visitor, booked):
    response = visitor.post(TIMES, {"slot": 987654321})

    assert response.status_code == 409
    assert "Sie haben schon Termine" in text(response)
    assert "noch keinen Termin" not in text(response)


def test_booking_a_place_that_has_gone_offers_three_others(visitor, pirna):
    for _ in range(2):
        book(RegistrationFactory(invited=True), pirna.first.pk)
    leipzig = CenterFactory(name="Leipzig", slug="leipzig")
    for away in (0, 21):
        SlotFactory(starts_at=FIRST + timedelta(days=away), session__center=leipzig)

    response = visitor.post(TIMES, {"slot": pirna.first.pk})
    page = text(response)

    assert response.status_code == 409
    assert "Sie haben noch keinen Termin" in page
    assert "Der Platz wurde gerade vergeben" in page
    assert "Diese drei sind jetzt frei" in page
    assert page.count('name="slot"') == 3


def test_an_alternative_is_booked_with_one_button(visitor, pirna, person):
    for _ in range(2):
        book(RegistrationFactory(invited=True), pirna.first.pk)
    alternative = visitor.post(TIMES, {"slot": pirna.first.pk}).context["alternatives"][0]

    response = visitor.post(alternative.url, {"slot": alternative.slot_id})

    assert response.url == "/mein-termin/gebucht/"
    assert person.appointments.get(dose_number=1).slot_id == alternative.slot_id


def test_without_an_invitation_the_lists_lead_back(pirna):
    client = browser(RegistrationFactory())

    for url in (CENTERS, DAYS, TIMES):
        assert client.get(url).url == reverse("public:my")


def test_without_an_invitation_a_place_sent_by_hand_is_refused(pirna):
    response = browser(RegistrationFactory()).post(TIMES, {"slot": pirna.first.pk})

    assert response.status_code == 409
    assert not Appointment.objects.exists()


def test_a_refusal_promises_an_invitation_to_those_alone_who_have_one(visitor, pirna):
    kept = "Ihre Einladung und Ihr Platz in der Reihe bleiben"

    assert kept in text(visitor.post(TIMES, {"slot": 987654321}))
    assert kept not in text(browser(RegistrationFactory()).post(TIMES, {"slot": 987654321}))


def test_the_success_page_without_appointments_leads_back(visitor):
    assert visitor.get("/mein-termin/gebucht/").url == reverse("public:my")


def test_a_center_that_does_not_exist_is_no_page(visitor):
    assert visitor.get("/mein-termin/zentren/nirgendwo/").status_code == 404


@pytest.mark.parametrize("day", ["2021-02-30", "2021-13-01", "0000-00-00", "9999-12-31", "heute"])
def test_a_day_that_does_not_exist_is_no_page(visitor, day):
    assert visitor.get(f"{DAYS}{day}/").status_code == 404


def test_a_day_without_places_says_so(visitor):
    page = text(visitor.get(f"{DAYS}2021-02-20/"))

    assert "An diesem Tag ist keine Uhrzeit mehr frei" in page


@pytest.mark.parametrize("url", [CENTERS, DAYS, TIMES])
def test_pages_of_a_visit_are_kept_nowhere(visitor, url):
    assert "no-store" in visitor.get(url)["Cache-Control"]


@pytest.mark.parametrize("url", [CENTERS, DAYS, TIMES])
def test_pages_of_a_visit_are_closed_to_others(client, pirna, url):
    response = client.get(url)

    assert response.status_code == 403
    assert "Pirna" not in text(response)


def test_centers_can_be_cut_and_ordered(visitor):
    CenterFactory(name="Plauen", slug="plauen", latitude=50.49, longitude=12.13, step_free=False)

    everything = text(visitor.get(CENTERS))
    near = text(visitor.get(CENTERS, {"umkreis": "30"}))
    step_free = text(visitor.get(CENTERS, {"stufenfrei": "on"}))
    by_distance = text(visitor.get(CENTERS, {"sortierung": "weg"}))

    assert "Plauen" in everything
    assert "Plauen" not in near
    assert "Plauen" not in step_free
    assert "Kürzester Weg zuerst" in by_distance


def test_centers_ignore_nonsense_in_the_address(visitor):
    assert "Pirna" in text(visitor.get(CENTERS, {"sortierung": "'", "umkreis": "-1", "stufenfrei": "\x00"}))


@pytest.mark.parametrize("url", [CENTERS, DAYS])
def test_lists_cost_the_same_queries_with_one_row_and_with_three(visitor, pirna, url):
    one = queries(visitor, url)
    for number in range(2):
        center = CenterFactory(slug=f"weiteres-{number}")
        for away in (0, 21):
            SlotFactory(starts_at=FIRST + timedelta(days=away), session__center=center)
    for away in (4, 5, 25, 26):
        SlotFactory(starts_at=FIRST + timedelta(days=away), session__center=pirna.center)

    assert queries(visitor, url) == one


def queries(client, url):
    """How many queries the page costs while the facts are in the process."""
    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        client.get(url)
    return len(caught)
