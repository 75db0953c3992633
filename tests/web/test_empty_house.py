"""A house in which no rules are in force: migrated and nothing loaded yet, or before the first day of the rules."""

from datetime import date

import pytest
import time_machine
from django.core import signing

from booking.models import Invitation
from booking.services import drafts, links
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import series_slots
from tests.web.public.my.conftest import browser
from web.public import register

pytestmark = pytest.mark.django_db

OLD = {"birth_date_day": "14", "birth_date_month": "3", "birth_date_year": "1938"}
NO_RULES = "Im Moment gelten keine Regeln"


@pytest.fixture(autouse=True)
def _day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(params=["empty", "before"])
def _house(request, db):
    if request.param == "before":
        RegulationFactory(valid_from=date(2021, 2, 17))


def text(response):
    return " ".join(response.content.decode().split())


@pytest.mark.usefixtures("_house")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/impfangebote/", 200),
        ("/regeln/", 503),
        ("/pruefen/", 503),
        ("/anmelden/", 200),
        ("/anmelden/angaben/", 410),
        ("/mein-termin/", 403),
        ("/so-funktioniert-es/", 200),
        ("/datenschutz/", 200),
    ],
)
def test_a_page_answers_without_rules(client, path, status, settings):
    response = client.get(path, headers={"accept-language": "de"})

    assert response.status_code == status
    assert settings.HOTLINE in text(response)
    assert (NO_RULES in text(response)) == (path in {"/", "/impfangebote/", "/regeln/", "/pruefen/"})


@pytest.mark.usefixtures("_house")
@pytest.mark.parametrize("step", ["", "criteria"])
def test_the_check_says_that_no_rules_are_in_force(client, step, settings):
    response = client.post("/pruefen/", {**OLD, "birth_date": "1938-03-14", "step": step})

    assert response.status_code == 503
    assert NO_RULES in text(response)
    assert settings.HOTLINE in text(response)


@pytest.mark.usefixtures("_house")
def test_a_visitor_sees_her_registration(settings):
    response = browser(RegistrationFactory()).get("/mein-termin/")

    assert response.status_code == 200
    assert settings.HOTLINE in text(response)


@pytest.mark.usefixtures("_house")
def test_a_complete_draft_waits_for_the_rules(client):
    data = {
        "first_name": "Ingeborg", "last_name": "Richter", "birth_date": "1938-03-14", "criteria": [],
        "street": "Markt 1", "postcode": "01796", "town": "Pirna",
        "email": "i@example.org", "phone": "", "language": "de", "needs": [],
    }  # fmt: skip
    draft = drafts.start(data=data, now=NOW)
    client.cookies[register.COOKIE] = signing.dumps(draft.key, salt=register.SALT)

    response = client.get("/anmelden/angaben/")

    assert (response.status_code, NO_RULES in text(response)) == (503, True)
    assert drafts.find(draft.key, now=NOW) == draft


@pytest.mark.usefixtures("_house")
def test_a_registration_is_confirmed_and_invited_later(client):
    OpeningFactory()
    series_slots()
    person = RegistrationFactory(unconfirmed=True)
    link = links.issue(registration=person, purpose="confirm", now=NOW)
    client.get(f"/link/{links.token(link)}/")

    response = client.post("/link/", {"deed": "confirm"}, follow=True)

    person.refresh_from_db()
    assert (response.status_code, person.confirmed_at) == (200, NOW)
    assert not Invitation.objects.exists()


def test_a_birthday_after_the_last_day_of_the_rules_is_not_judged(client):
    RegulationFactory(valid_until=date(2021, 2, 20))
    OpeningFactory()

    response = client.post("/pruefen/", {"birth_date": "1951-03-01", "step": "criteria", "none": "on"})

    assert response.status_code == 200
