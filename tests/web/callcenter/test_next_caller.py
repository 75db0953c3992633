"""Whose call it is: finished from every page, ended by the next caller, and nobody half taken in is lost."""

import re

import pytest
from django.urls import reverse

from booking import codes
from booking.models import Call
from booking.services import calls
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.web.callcenter.people import text, url

pytestmark = pytest.mark.django_db
FIND = "/telefon/"


def muller(**more):
    return RegistrationFactory(**({"first_name": "Ursula", "last_name": "Müller"} | more))


def opening(person):
    return reverse("callcenter:find_open", args=[person.public_id])


def test_the_call_is_finished_from_every_page_of_it(agent):
    person = muller()
    assert "/telefon/fertig/" not in agent.get(FIND).content.decode()
    agent.post(opening(person))

    pages = [FIND, url(person), f"{url(person)}kontakt/", f"{url(person)}beenden/",
             f"{url(person)}verlauf/", "/telefon/neu/", "/telefon/rueckrufe/"]  # fmt: skip
    for page in pages:
        form = re.search(r'(?s)<form class="find".*?</form>', agent.get(page).content.decode())[0]
        assert form.index("Suchen") < form.index('formaction="/telefon/fertig/" accesskey="e"')  # Enter searches

    agent.post("/telefon/fertig/", {"q": "Müller"})
    assert "/telefon/fertig/" not in agent.get(FIND).content.decode()


def test_a_search_after_a_deed_begins_the_next_call(agent):
    first, second = muller(), muller(first_name="Gerda", street="Elbstraße 12")
    agent.post(opening(first))
    agent.post(f"{url(first)}notiz/", {"text": "Kommt mit Rollator"})

    assert agent.post(FIND, {"q": codes.checked(second.case_number)}).url == url(second)

    assert [call.done_at for call in Call.objects.order_by("pk")] == [NOW, None]
    assert agent.get(url(first)).url == FIND
    assert agent.get(url(second)).status_code == 200


@pytest.fixture
def half_typed(agent, jana):
    """Ursula Müller is open, and Karl Neumann half taken in; Gerda is searched for."""
    first, second = muller(), muller(first_name="Gerda", street="Elbstraße 12")
    agent.post(opening(first))
    calls.carry(jana, {"first_name": "Karl", "last_name": "Neumann"}, NOW)
    return first, second


def test_who_is_half_typed_is_asked_about_before_another_one_opens(agent, half_typed):
    _first, second = half_typed

    answer = agent.post(opening(second))

    assert answer.status_code == 409
    assert "Bisher eingetippt: Karl Neumann" in text(answer)
    assert second.street not in text(answer)
    assert 'href="/telefon/neu/"' in answer.content.decode()
    assert agent.get(url(second)).url == FIND
    assert Call.objects.get().draft["last_name"] == "Neumann"


def test_the_same_caller_keeps_what_is_half_typed(agent, half_typed):
    first, second = half_typed
    assert agent.post(opening(second), {"anruf": "selber"}).url == url(second)
    assert Call.objects.get().draft["last_name"] == "Neumann"
    assert agent.get(url(first)).status_code == 200


def test_another_caller_discards_what_was_half_typed(agent, half_typed):
    first, second = half_typed
    assert agent.post(opening(second), {"anruf": "naechster"}).url == url(second)
    assert Call.objects.get(done_at__isnull=True).draft == {}
    assert agent.get(url(first)).url == FIND


def test_somebody_alike_is_compared_without_being_asked(agent, half_typed):
    """The buttons of the new person's form open her in the same call."""
    agent.post("/telefon/neu/", {"last_name": "Müller", "first_name": "Ursula", "birth_date": "14.3.1938"})
    page = agent.get("/telefon/neu/").content.decode()
    assert re.search(r'name="anruf" value="selber" formaction="/telefon/oeffnen/', page)
