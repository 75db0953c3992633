"""Where is my e-mail? The page after sending."""

from datetime import timedelta

import pytest
import time_machine

from booking import codes
from booking.models import Draft, Registration
from booking.services import registrations
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.web.public.filling import fill, page_of, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign")]

STATUS = "/anmelden/bestaetigung/"
ADDRESS = "/anmelden/bestaetigung/adresse/"


@pytest.fixture
def sent(client):
    """A browser that has just sent a registration."""
    fill(client)
    send(client)
    return client


def mail(**changes):
    Message.objects.filter(template="confirm_registration").update(**changes)


def test_status_of_a_queued_message(sent):
    page = page_of(sent.get(STATUS))

    assert "Ihre E-Mail ist unterwegs" in page
    assert "i.richter@gmx.de" in page
    assert "Um 10:00\u00a0Uhr. Vorgangsnummer" in page


def test_status_of_a_message_handed_over(sent):
    mail(state="sent", sent_at=NOW, attempts=1)

    page = page_of(sent.get(STATUS))

    assert "Wir haben Ihnen eine E-Mail geschickt" in page
    assert "gmx.de um 10:00\u00a0Uhr." in page
    assert "Es gibt keine Frist" in page


def test_status_of_a_delayed_message_names_the_next_try_and_offers_no_resend(sent):
    mail(state="deferred", attempts=3, available_at=NOW + timedelta(minutes=20))

    page = page_of(sent.get(STATUS))

    assert "Ihre E-Mail kommt später" in page
    assert "Wir haben es 3-mal versucht und versuchen es um 10:20\u00a0Uhr wieder" in page
    assert "E-Mail noch einmal senden" not in page


def test_status_of_a_bounced_message_says_so_and_offers_another_address(sent):
    mail(state="bounced", attempts=1)

    page = page_of(sent.get(STATUS))

    assert "Ihre E-Mail konnte nicht zugestellt werden" in page
    assert "gmx.de kennt diese Adresse nicht" in page
    assert "Andere E-Mail-Adresse angeben" in page


def test_status_without_email_asks_to_call_with_the_case_number(client):
    fill(client, contact={"phone": "0351 123456", "language": "de"})
    send(client)

    page = page_of(client.get(STATUS))

    number = Registration.objects.get().case_number
    assert "Bitte bestätigen Sie am Telefon" in page
    assert f"{number[:3]}\u00a0{number[3:6]}\u00a0{number[6:]}" in page
    assert "hx-get" not in page


def test_status_says_when_the_registration_is_confirmed(sent):
    registrations.confirm(registration=Registration.objects.get(), by=None, now=NOW)

    assert "Ihre Anmeldung ist bestätigt" in page_of(sent.get(STATUS))


def test_resend_sends_the_same_link_again_and_counts_down(sent):
    assert "heute noch 3-mal" in page_of(sent.get(STATUS))

    response = sent.post(STATUS)

    assert response.url == STATUS
    assert "heute noch 2-mal" in page_of(sent.get(STATUS))
    assert Message.objects.filter(template="confirm_registration").count() == 2


def test_resend_ends_after_three_a_day_with_a_time(sent):
    for _time in range(3):
        sent.post(STATUS)

    response = sent.post(STATUS)

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 80000
    assert "Bitte versuchen Sie es am 17.\u00a0Februar 2021" in page_of(response)
    assert Message.objects.count() == 4


def test_another_address_gets_the_message(sent):
    response = sent.post(ADDRESS, {"email": "ingeborg@web.de"})

    assert response.url == STATUS
    assert Registration.objects.get().email == "ingeborg@web.de"
    assert "ingeborg@web.de" in page_of(sent.get(STATUS))
    assert Message.objects.latest("pk").recipient == "ingeborg@web.de"


def test_another_address_gets_no_more_than_it_would_by_registering(sent, settings):
    settings.RATE_LIMITS = {"register_contact": "1/day"}
    sent.post(ADDRESS, {"email": "ingeborg@web.de"})

    response = sent.post(ADDRESS, {"email": "Ingeborg@web.de"})

    assert response.status_code == 429
    assert 'value="Ingeborg@web.de"' in page_of(response)
    assert Message.objects.filter(recipient="ingeborg@web.de").count() == 1


def test_another_address_that_is_none_is_explained(sent):
    page = page_of(sent.post(ADDRESS, {"email": "ingeborg@webde"}))

    assert "Bitte prüfen Sie eine Angabe" in page
    assert 'value="ingeborg@webde"' in page


def test_duplicate_person_sees_the_same_at_every_step(client, sent):
    for_a_stranger = type(client)()
    fill(for_a_stranger)
    send(for_a_stranger)
    later = NOW + timedelta(minutes=1)
    mail(state="sent", sent_at=NOW + timedelta(seconds=3), attempts=1)

    def seen(browser):
        with time_machine.travel(later, tick=False):
            page = page_of(browser.get(STATUS))
        case_number = Draft.objects.get(key=key_of(browser)).case_number
        spaced = codes.spoken(case_number).replace(" ", "\u00a0")
        return page.replace(spaced, "NUMBER").split('name="csrfmiddlewaretoken"')[0]

    def key_of(browser):
        return Draft.objects.order_by("pk")[0 if browser is sent else 1].key

    assert Registration.objects.count() == 1
    first, second = (cut_version(seen(browser)) for browser in (sent, for_a_stranger))
    assert first == second


def cut_version(page):
    before, _, after = page.partition("?stand=")
    return before + after[16:]


def test_duplicate_person_may_resend_and_change_the_address_like_anybody(client):
    RegistrationFactory(first_name="Ingeborg", last_name="Richter", email="old@example.org")
    fill(client)
    send(client)
    before = Message.objects.count()

    assert client.post(STATUS).url == STATUS
    assert client.post(ADDRESS, {"email": "x@example.org"}).url == STATUS
    assert "x@example.org" in page_of(client.get(STATUS))
    assert Message.objects.count() == before
    assert Registration.objects.get().email == "old@example.org"


def test_poll_gets_nothing_while_nothing_is_new(sent):
    version = page_of(sent.get(STATUS)).partition("?stand=")[2][:16]
    asked = {"headers": {"HX-Request": "true"}}

    assert sent.get(STATUS, {"stand": version}, **asked).status_code == 204
    mail(state="sent", sent_at=NOW, attempts=1)
    assert sent.get(STATUS, {"stand": version}, **asked).status_code == 200


def test_status_costs_few_queries(sent, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        sent.get(STATUS)


def test_status_without_a_draft_shows_nothing(client):
    response = client.get(STATUS)

    assert response.status_code == 410
    assert "Hier gibt es nichts anzuzeigen" in page_of(response)


def test_status_ends_after_two_days(sent):
    with time_machine.travel(NOW + timedelta(hours=49), tick=False):
        assert sent.get(STATUS).status_code == 410
