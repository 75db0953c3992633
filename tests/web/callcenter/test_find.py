"""The box of the call center: what is found, what is shown of it, and what goes on record."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent
from booking import codes
from booking.models import Call
from booking.services import calls
from tests.factories import NOW
from tests.factories.door import AppointmentFactory
from tests.factories.people import RegistrationFactory

pytestmark = pytest.mark.django_db
FIND = "/telefon/"
BORN = date(1946, 2, 3)


def text(answer):
    """What is read on the page."""
    page = re.sub(r"(?s)<head>.*?</head>|<[^>]+>", " ", answer.content.decode())
    return " ".join(page.replace("&nbsp;", " ").replace("\u00a0", " ").split())


def main(answer):
    return text(answer).split("Suchen", 1)[1]


def muller(**more):
    return RegistrationFactory(**({"first_name": "Ursula", "last_name": "Müller", "birth_date": BORN} | more))


def page_of(person):
    return reverse("callcenter:find_person", args=[person.public_id])


def opening(person):
    return reverse("callcenter:find_open", args=[person.public_id])


def test_the_box_waits_with_the_focus(agent):
    page = agent.get(FIND).content.decode()

    assert re.search(r'<input [^>]*id="find"[^>]* autofocus', page)


def test_what_is_typed_stays_in_the_box(agent):
    assert 'value="Müller &lt;b&gt;"' in agent.post(FIND, {"q": "Müller <b>"}).content.decode()


def test_hits_are_masked_and_open_by_key(agent):
    person = muller(street="Elbstraße 12", postcode="01587", town="Riesa", phone="+4935254471", email="u@gmx.de")

    answer = agent.post(FIND, {"q": "Mueller 3.2.46"})

    page = answer.content.decode()
    assert "1 Person mit „Mueller“ und Geburtstag 3. Februar 1946" in text(answer)
    for shown in ("Ursula M.", "Müller", "75", "015•• R•••", "••• 4471", "Wartet, Rang"):
        assert shown in text(answer)
    for hidden in ("Elbstraße", "01587", "Riesa", "3525", "u@gmx.de", person.case_number, person.door_code):
        assert hidden not in page
    assert f'action="{opening(person)}"' in page
    assert 'accesskey="1"' in page


def test_only_the_spoken_last_name_is_shown(agent):
    muller(last_name="Ebermann", email="paar@gmx.de")

    answer = agent.post(FIND, {"q": "paar@gmx.de"})

    assert "Ebermann" not in text(answer)
    assert "Ursula E." in text(answer)


@pytest.mark.parametrize("shown", [codes.spoken, codes.checked, str, str.lower])
@pytest.mark.parametrize("code", ["case_number", "door_code"])
def test_an_exact_code_opens_at_once(agent, jana, code, shown):
    person = muller(case_number="K7P4XM92", door_code="7H4K2M")

    answer = agent.post(FIND, {"q": shown(getattr(person, code))})

    assert answer.url == page_of(person)
    assert calls.opened(jana, person.public_id) == person


def test_a_number_with_a_mistake_finds_nobody_and_reveals_nobody(agent):
    person = muller(case_number="K7P4XM92")

    answer = agent.post(FIND, {"q": "K7P 4XM 93P"})

    assert "Diese Nummer kann nicht stimmen" in text(answer)
    assert person.last_name not in text(answer)


def test_a_number_that_nobody_has_is_said_to_be_none(agent):
    assert "Diese Vorgangsnummer gibt es nicht" in text(agent.post(FIND, {"q": "K7P 4XM 92P"}))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Müller", "Ein Name allein reicht nicht"),
        ("Wagner", "Ein Name allein reicht nicht"),
        ("3.2.46", "Ein Geburtsdatum allein reicht nicht"),
        ("01587", "Eine Postleitzahl allein reicht nicht"),
        ("Müller 31.2.46", "Dieses Geburtsdatum gibt es nicht"),
        ("u.mueller46@gmx", "keine vollständige E-Mail-Adresse"),
        ("3525 4471", "mit Vorwahl"),
        ("", "Bitte geben Sie Name und Geburtsdatum"),
    ],
)
def test_one_fact_finds_nobody_and_says_what_is_missing(agent, typed, said):
    muller(postcode="01587")

    answer = agent.post(FIND, {"q": typed})

    assert said in text(answer)
    assert "Ursula" not in text(answer)


def test_nobody_is_told_as_nobody(agent):
    assert "Niemand gefunden mit „Müller“ und Geburtstag" in text(agent.post(FIND, {"q": "Müller 3.2.46"}))


def test_withdrawn_people_are_found_and_marked(agent):
    muller(withdrawn=True)
    muller(first_name="Gerda", withdrawn_at=NOW, withdrawn_reason="died")

    answer = agent.post(FIND, {"q": "Müller 3.2.46"})

    assert "Abgemeldet" in text(answer)
    assert "Verstorben" in text(answer)


def test_more_than_twenty_ask_for_one_more_fact(agent):
    for number in range(21):
        muller(first_name=f"Ursula {number}")

    answer = agent.post(FIND, {"q": "Müller 3.2.46"})

    assert "Mehr als 20 Personen" in text(answer)
    assert answer.content.decode().count("oeffnen/") == 20
    assert re.findall(r'accesskey="(\d)"', answer.content.decode()) == list("123456789")


def test_the_number_of_queries_does_not_grow_with_the_hits(agent):
    def queries():
        with CaptureQueriesContext(connection) as counted:
            agent.post(FIND, {"q": "Müller 3.2.46"})
        return len(counted)

    agent.get(FIND)
    muller()
    one = queries()
    muller(first_name="Gerda", invited=True)
    AppointmentFactory(registration=muller(first_name="Elsa"))
    assert queries() == one


# --- on record, and limited ----------------------------------------------------------------------


def test_a_search_is_on_record_without_its_words(agent, jana):
    muller()
    muller(first_name="Gerda")

    agent.post(FIND, {"q": "Müller 3.2.46"})

    event = AuditEvent.objects.get(action="registration.searched")
    assert (event.actor, event.subject, event.details) == (jana, None, {"kind": "name_and_birthday", "hits": 2})


def test_opening_is_on_record(agent, jana):
    person = muller()

    answer = agent.post(opening(person))

    assert answer.url == page_of(person)
    event = AuditEvent.objects.get(action="registration.opened")
    assert (event.actor, event.subject) == (jana, person.public_id)
    assert "Ursula Müller" in text(agent.get(answer.url))


def test_nobody_is_read_who_was_not_opened(agent, lead):
    person = muller()
    lead.post(opening(person))

    assert agent.get(page_of(person)).url == FIND


def test_opening_a_person_who_does_not_exist_is_not_found(agent):
    assert agent.post("/telefon/oeffnen/00000000-0000-0000-0000-000000000001/").status_code == 404
    assert not Call.objects.exists()


def test_searches_are_limited_per_agent(agent, lead, settings):
    settings.RATE_LIMITS = {"find": "2/10 minutes"}
    muller()
    for _ in range(2):
        assert agent.post(FIND, {"q": "Müller 3.2.46"}).status_code == 200

    answer = agent.post(FIND, {"q": "Müller 3.2.46"})

    assert answer.status_code == 429
    assert "Bitte versuchen Sie es um" in text(answer)
    assert "Ursula" not in text(answer)
    assert lead.post(FIND, {"q": "Müller 3.2.46"}).status_code == 200


def test_opened_people_are_limited_per_agent(agent, settings):
    settings.RATE_LIMITS = {"find_open": "1/day"}
    assert agent.post(opening(muller())).status_code == 302

    answer = agent.post(opening(muller(first_name="Gerda")))

    assert answer.status_code == 429
    assert AuditEvent.objects.filter(action="registration.opened").count() == 1


# --- while typing, and at the end ----------------------------------------------------------------


def test_what_is_typed_is_recognised_without_looking_for_anybody(agent):
    answer = agent.post("/telefon/erkannt/", {"q": "Müller 3.2.46"})

    assert text(answer) == "Erkannt: Name und Geburtsdatum"
    assert text(agent.post("/telefon/erkannt/", {"q": ""})) == ""
    assert not AuditEvent.objects.filter(action="registration.searched").exists()


def test_a_finished_call_closes_its_people(agent, jana):
    person = muller()
    agent.post(opening(person))

    assert agent.post("/telefon/fertig/").url == FIND

    assert agent.get(page_of(person)).url == FIND
    assert Call.objects.get().done_at == NOW


def test_a_page_of_the_call_keeps_it_alive(agent):
    person = muller()
    agent.post(opening(person))
    Call.objects.update(opened_at=NOW - timedelta(minutes=20), seen_at=NOW - timedelta(minutes=20))

    agent.get(page_of(person))

    assert Call.objects.get().seen_at == NOW
