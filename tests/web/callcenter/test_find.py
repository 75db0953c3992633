"""The box of the call center: what is found, what is shown of it, and what goes on record."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent
from booking import codes
from booking.models import Call, CallBack
from booking.services import calls
from notifications.models import Message
from tests.factories import NOW
from tests.factories.door import AppointmentFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, ContingentFactory, SlotFactory
from web.callcenter import carried

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
    person = muller(street="Elbstraße 12", postcode="01591", town="Riesa", phone="+4935254480", email="u@gmx.de")

    answer = agent.post(FIND, {"q": "Mueller 3.2.46"})

    page = answer.content.decode()
    assert "1 Person mit „Mueller“ und Geburtstag 3. Februar 1946" in text(answer)
    for shown in ("Ursula M.", "Müller", "75", "015•• R•••", "••• 4480", "Wartet, Rang"):
        assert shown in text(answer)
    for hidden in ("Elbstraße", "01591", "Riesa", "3525448", "u@gmx.de", person.case_number, person.door_code):
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
    person = muller(last_name="Ebermann", case_number="K7P4XM92")

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
        ("HEERRD", "Falls das ein Code ist, stimmt er nicht"),
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


# --- beside the box ------------------------------------------------------------------------------


def test_what_holds_now_is_said_with_real_figures(agent, settings):
    settings.LETTER_DAYS = 5
    center = CenterFactory()
    for minutes, more in ((0, {}), (10, {"full": True}), (20, {"suspended": True})):
        SlotFactory(
            session__contingent=ContingentFactory(phone=True), session__center=center, capacity=1300,
            starts_at=NOW + timedelta(days=2, minutes=minutes), **more,
        )  # fmt: skip
    SlotFactory(starts_at=NOW + timedelta(days=2))
    for number, (lane, state) in enumerate((("web.de", "deferred"), ("gmx.de", "deferred"), ("posteo.de", "queued"))):
        Message.objects.create(
            lane=lane, state=state, dedupe_key=f"x:{number}", recipient="a@b.de", language="de", template="invited",
            created_at=NOW, available_at=NOW,
        )  # fmt: skip

    page = text(agent.get(FIND))

    assert "Mit Brief: Termine ab Sonntag, 21. Februar (5 Tage für die Post)" in page
    assert "E-Mail kommt verspätet an bei: gmx.de, web.de" in page
    assert "Telefonplätze frei: 1.300 in 1 Zentrum" in page
    assert "Der älteste seit" not in main(agent.get(FIND))


def test_call_backs_that_nobody_has_taken_are_counted(agent, jana):
    for minutes, taken in ((26, False), (3, False), (50, True)):
        CallBack.objects.create(
            name="Gerda Hofmann", phone="+4935254471", created_at=NOW - timedelta(minutes=minutes), created_by=jana,
            taken_at=NOW if taken else None, taken_by=jana if taken else None,
        )  # fmt: skip

    page = text(agent.get(FIND))

    assert "2 Rückrufe warten" in page
    assert "Der älteste seit 26 Minuten." in page


def test_whoever_was_opened_in_the_call_is_a_link_away(agent):
    person = muller()
    agent.post(opening(person))

    page = agent.get(FIND)

    assert f'href="{page_of(person)}"' in page.content.decode()
    assert "In diesem Anruf" in text(page)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("Müller 3.2.46", {"last_name": "Müller", "birth_date": "03.02.1946"}),
        ("Ursula Müller 3.2.46", {"first_name": "Ursula", "last_name": "Müller", "birth_date": "03.02.1946"}),
        ("von Weiß, Ursula 3.2.46", {"first_name": "Ursula", "last_name": "von Weiß", "birth_date": "03.02.1946"}),
        ("3.2.46 01587", {"birth_date": "03.02.1946", "postcode": "01587"}),
        ("03525 4471", {"phone": "+4935254471"}),
        ("u.mueller46@gmx.de", {"email": "u.mueller46@gmx.de"}),
        ("K7P 4XM 92P", {}),
        ("", {}),
    ],
)
def test_what_is_known_of_a_new_person(typed, known):
    assert carried.known(typed, today=NOW.date()) == known


def test_what_was_typed_waits_in_the_draft_of_the_call_and_is_not_overwritten(jana):
    calls.carry(jana, {"last_name": "Müller"}, NOW)
    calls.carry(jana, {"last_name": "Schmidt"}, NOW)

    assert Call.objects.get().draft == {"last_name": "Müller"}


def test_nobody_of_these_leads_on_to_a_new_person_with_what_was_typed(agent):
    page = agent.post(FIND, {"q": "Hofmann, Gerda 12.8.48"}).content.decode()
    assert 'action="/telefon/unbekannt/"' in page
    assert 'value="Hofmann, Gerda 12.8.48"' in page

    answer = agent.post("/telefon/unbekannt/", {"q": "Hofmann, Gerda 12.8.48"})

    assert answer.url == reverse("callcenter:new")
    assert Call.objects.get().draft == {"first_name": "Gerda", "last_name": "Hofmann", "birth_date": "12.08.1948"}
    assert "Mit der neuen Person weitermachen" in text(agent.get(FIND))


def test_what_was_typed_joins_the_address_of_her_family(jana):
    call = calls.begin(jana, NOW)
    Call.objects.filter(pk=call.pk).update(draft={"street": "Elbstraße 12", "phone": "+4935254471", "last_name": ""})

    calls.carry(jana, {"last_name": "Müller", "phone": "+49351"}, NOW)

    assert Call.objects.get().draft == {"street": "Elbstraße 12", "phone": "+4935254471", "last_name": "Müller"}
