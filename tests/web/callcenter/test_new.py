"""A new caller: what is typed is kept, what it means stands beside it, and two places and a name become a series."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEvent
from booking import codes, entitlement
from booking.models import Appointment, Call, Hold, Registration
from booking.services import calls, holds
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.web.callcenter.people import booked, phone_places, rules, text
from web.callcenter.new import spoken

pytestmark = pytest.mark.django_db

NEW = "/telefon/neu/"
GERDA = {
    "birth_date": "12.08.1938", "postcode": "01558", "first_name": "Gerda", "last_name": "Hofmann",
    "street": "Meißner Straße 48", "town": "Großenhain", "medium": "letter", "consent": "on", "within": "",
}  # fmt: skip


@pytest.fixture
def places():
    rules()
    return phone_places()


def send(agent, step="", **more):
    return agent.post(NEW, {**GERDA, "step": step, **more})


def keep(agent, slot, **more):
    answer = send(agent, "hold", slot=slot.pk, **more)
    assert answer.status_code == 302, text(answer)


def draft():
    return Call.objects.get(done_at=None).draft


def test_an_empty_page_asks_eight_things(agent, places):
    page = agent.get(NEW)

    assert page.content.decode().count('aria-required="true"') == 6  # and the way of the papers, and the consent
    assert "Pflicht sind die 8 Felder" in text(page)
    assert not Call.objects.exists()


def test_every_answer_is_kept_and_offered_again(agent, places):
    agent.post(NEW, {"birth_date": "12.8.1938", "last_name": "Hofm"})

    page = agent.get(NEW).content.decode()
    assert 'value="12.8.1938"' in page
    assert 'value="Hofm"' in page


def test_birthday_and_postcode_are_enough_for_the_answer_and_the_list(agent, places):
    page = agent.post(NEW, {"birth_date": "12081938", "postcode": "01558", "medium": "letter", "within": ""})

    assert "Darf jetzt buchen." in text(page)
    assert "Früheste Termine überall" in text(page)
    assert f'value="{places[8].pk}"' in page.content.decode()
    assert not Registration.objects.exists()


def test_whose_group_waits_sees_no_places(agent, places):
    page = agent.post(NEW, {"birth_date": "12.08.1990", "postcode": "01558", "medium": "letter", "within": ""})

    assert "Darf noch nicht buchen." in text(page)
    assert 'name="slot"' not in page.content.decode()


def test_by_letter_the_list_begins_when_the_papers_are_there(agent, places):
    near = phone_places(days=(2, 23), slug="pirna", name="Pirna")[2]

    by_letter = send(agent).content.decode()
    told = send(agent, code_told="on").content.decode()

    assert f'value="{near.pk}"' not in by_letter
    assert f'value="{near.pk}"' in told


def test_a_choice_keeps_both_places_for_ten_minutes(agent, places):
    keep(agent, places[8])

    page = text(agent.get(NEW))
    assert "bis 10:10:00" in page
    assert [places[day].pk for day in (8, 29)] == list(Hold.objects.values_list("first", "second")[0])


def test_another_choice_lets_the_first_one_go(agent, places):
    keep(agent, places[8])
    keep(agent, places[9])

    assert list(Hold.objects.values_list("first", flat=True)) == [places[9].pk]
    places[8].refresh_from_db()
    assert places[8].booked == 0


def test_the_last_place_is_kept_once_and_lengthened_once(agent, places):
    places[8].capacity = 1
    places[8].save(update_fields=["capacity"])

    for _ in range(2):  # the second click does not find its own place gone
        keep(agent, places[8])
    first = Hold.objects.get()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        for _ in range(2):
            assert send(agent, "renew").status_code == 302
        keep(agent, places[8])  # and chooses no new ten minutes

    assert Hold.objects.get().pk == first.pk
    assert Hold.objects.get().renewed


def test_what_is_not_kept_any_more_is_not_lengthened(agent, places):
    keep(agent, places[8])
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        answer = send(agent, "renew")

    assert answer.status_code == 409
    assert "werden nicht mehr gehalten" in text(answer)


@pytest.mark.parametrize("step", ["without", "discard"])
def test_what_is_kept_for_others_of_the_call_stays(agent, jana, places, step):
    other = RegistrationFactory(birth_date=date(1938, 1, 1))
    call = calls.open_person(jana, other, NOW)
    wanted = holds.Wanted(entitlement.person(other), places[8].pk, registration=other)
    holds.make(call=call, wanted=wanted, by=jana, now=NOW)
    keep(agent, places[9])

    send(agent, step)

    assert list(Hold.objects.values_list("registration", "first")) == [(other.pk, places[8].pk)]


def test_a_place_that_has_gone_leaves_what_was_typed_and_names_others(agent, places):
    places[8].booked = places[8].capacity
    places[8].save(update_fields=["booked"])

    answer = send(agent, "hold", slot=places[8].pk)

    assert answer.status_code == 409
    assert "ist gerade an jemand anderen gegangen" in text(answer)
    assert 'value="Meißner Straße 48"' in answer.content.decode()
    assert f'value="{places[9].pk}"' in answer.content.decode()


def test_a_new_caller_is_registered_and_booked_with_a_letter(agent, jana, places):
    keep(agent, places[8])

    answer = send(agent, "book")

    person = Registration.objects.get()
    assert answer["Location"] == reverse("callcenter:new_booked", args=[person.public_id])
    assert list(Appointment.objects.order_by("dose_number").values_list("slot", "booked_by")) == [
        (places[day].pk, jana.pk) for day in (8, 29)
    ]
    assert list(Message.objects.values_list("template", "medium")) == [("booked", "letter")]
    assert draft() == {}
    page = text(agent.get(answer["Location"]))
    assert "Beide Termine sind gebucht." in page
    assert f"{codes.checked(person.door_code)[-1]} " in page


def test_ten_minutes_later_nothing_is_booked_and_everything_is_still_there(agent, places):
    keep(agent, places[8])
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        answer = send(agent, "book")

    assert answer.status_code == 409
    assert not Registration.objects.exists()
    assert 'value="Hofmann"' in answer.content.decode()


def test_two_digits_of_a_year_do_where_they_can_mean_one_year_only(agent, places):
    send(agent, "without", birth_date="12.8.38")

    assert Registration.objects.get().birth_date == date(1938, 8, 12)
    answer = send(agent, "without", birth_date="12.8.20", first_name="Otto")
    assert "Jahr mit 4 Ziffern" in text(answer)
    assert Registration.objects.count() == 1


def test_enter_in_a_box_never_opens_somebody_alike(agent, places):
    RegistrationFactory(first_name="Gerda", last_name="Hoffmann", birth_date=date(1938, 8, 12), postcode="01558")

    page = send(agent).content.decode()
    form = page[page.index('id="neu"') :]
    assert "formaction" in form
    assert "formaction" not in re.search(r"<button[^>]*>", form)[0]


def test_without_an_appointment_she_is_registered(agent, places):
    answer = send(agent, "without")

    assert Registration.objects.get().confirmed_at == NOW
    assert "Angemeldet:" in text(agent.get(answer["Location"]))


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"first_name": ""}, "nach dem Vornamen"),
        ({"postcode": "A-1010"}, "fünf Ziffern"),
        ({"medium": "email", "email": "gerda@"}, "E-Mail-Adresse"),
        ({"medium": "sms", "phone": "03522 5180"}, "Mobil"),
        ({"phone": "447112"}, "mit Vorwahl"),
        ({"birth_date": "31.02.1938"}, "hatte nur"),
        ({"consent": ""}, "Ohne ihr Einverständnis"),
    ],
)
def test_what_cannot_be_right_is_said_with_its_cure_and_kept(agent, places, settings, wrong, cure):
    settings.SMS = {"kind": "console"}
    answer = send(agent, "without", **wrong)

    assert answer.status_code == 422
    assert cure in text(answer)
    assert not Registration.objects.exists()
    assert {name: draft()[name] for name in wrong} == wrong


def test_who_has_one_name_only_says_so_with_a_hyphen(agent, places):
    send(agent, "without", first_name="-")

    assert Registration.objects.get().full_name == "Hofmann"


def test_somebody_nearly_the_same_is_a_doubt_that_an_agent_answers(agent, places):
    RegistrationFactory(first_name="Gerda", last_name="Hoffmann", birth_date=date(1938, 8, 12), postcode="01558")

    doubt = send(agent, "without")
    searched = AuditEvent.objects.get(action="registration.searched")
    sure = send(agent, "without", other_person="on")

    assert (doubt.status_code, sure.status_code) == (422, 302)
    assert "G. Hoffmann, 12.08.1938, 015••" in text(doubt)
    assert searched.details == {"kind": "double", "hits": 1}


def test_the_very_same_person_is_not_registered_twice(agent, places):
    send(agent, "without")
    answer = send(agent, "without", other_person="on")

    assert answer.status_code == 409
    assert "ist schon angemeldet" in text(answer)
    assert reverse("callcenter:find_open", args=[Registration.objects.get().public_id]) in answer.content.decode()


def test_the_next_member_of_the_family_keeps_the_address_and_gets_a_time_beside(agent, jana, places):
    keep(agent, places[8])
    first = send(agent, "book", phone="03522 4471")
    person = Registration.objects.get()
    agent.post(reverse("callcenter:new_next", args=[person.public_id]))

    page = agent.get(NEW).content.decode()
    assert 'value="Meißner Straße 48"' in page
    assert "Gerda Hofmann" in page
    assert 'value="Gerda"' not in page
    assert 'value="03522 4471"' in page  # as she says it
    horst = {"first_name": "Horst", "birth_date": "1.1.1936"}
    assert re.search(r'name="slot"[^>]*value="(\d+)"', send(agent, **horst).content.decode())[1] == str(places[8].pk)
    keep(agent, places[8], **horst)
    second = send(agent, "book", **horst)
    assert first["Location"] != second["Location"]
    assert len(set(Registration.objects.values_list("household", flat=True))) == 1


def test_who_has_no_appointment_is_told_of_no_door(agent, jana):
    person = RegistrationFactory()
    calls.open_person(jana, person, NOW)

    page = text(agent.get(reverse("callcenter:new_booked", args=[person.public_id])))

    assert "Wir schreiben Ihnen, sobald Sie an der Reihe sind.“" in page
    assert "Code für den Einlass" not in page


def test_who_is_invited_at_once_is_told_so(agent, jana):
    person = RegistrationFactory(invited=True)
    calls.open_person(jana, person, NOW)

    page = text(agent.get(reverse("callcenter:new_booked", args=[person.public_id])))

    assert "Sie sind angemeldet und können einen Termin wählen" in page
    assert "sobald Sie an der Reihe sind" not in page


def test_what_was_given_is_not_read_out_as_to_come(agent, jana, places):
    person = booked(places)
    person.appointments.update(booked_at=NOW - timedelta(days=3))
    person.appointments.filter(dose_number=1).update(status="vaccinated")
    calls.open_person(jana, person, NOW)
    address = reverse("callcenter:new_booked", args=[person.public_id])

    page = text(agent.get(address))
    assert "Ihre zweite Impfung ist am" in page
    assert "Ihre erste Impfung" not in page
    assert "Der Termin ist gebucht." in page
    assert "Gespeichert: 13. Februar" in page

    person.appointments.update(status="vaccinated")
    assert agent.get(address)["Location"] == reverse("callcenter:find_person", args=[person.public_id])


def test_the_code_that_the_caller_repeats_is_compared(agent, jana, places):
    person = booked(places, door_code="7H4K2M")
    calls.open_person(jana, person, NOW)
    page = reverse("callcenter:new_booked", args=[person.public_id])

    assert "Richtig verstanden" in text(agent.post(page, {"repeated": codes.spoken("7H4K2M").lower()}))
    assert "Noch nicht richtig" in text(agent.post(page, {"repeated": "7H4 K2N"}))


def test_a_booked_page_is_closed_to_who_has_not_opened_her(agent):
    person = RegistrationFactory()

    answer = agent.get(reverse("callcenter:new_booked", args=[person.public_id]))

    assert answer["Location"] == reverse("callcenter:find")


def test_a_code_is_spelled_as_people_spell():
    said = [one.said for one in spoken.spell("R7K4M2")]

    assert said[:6] == ["wie Richard", "sieben", "wie Kaufmann", "vier", "wie Martha", "zwo"]
    assert [one.checks for one in spoken.spell("R7K4M2")] == [False] * 6 + [True]


def test_discarding_forgets_what_was_typed_and_frees_the_places(agent, places):
    keep(agent, places[8])

    send(agent, "discard")

    assert (draft(), Hold.objects.count()) == ({}, 0)


def test_what_no_keyboard_types_is_no_error(agent, places):
    wild = {"last_name": "Hof\x00mann", "birth_date": "\x00", "criteria": ["\x00", "NO_SUCH"], "medium": "pigeon",
            "within": "x", "weekdays": "x" * 900, "half": "9", "town": "T" * 9000}  # fmt: skip

    assert agent.post(NEW, {**GERDA, **wild}).status_code == 200
    assert send(agent, "without", **wild).status_code == 422
    assert draft()["last_name"] == "Hofmann"


@pytest.mark.parametrize("slot", ["", "x", "99999999999999999999", "0"])
def test_a_place_made_up_is_refused(agent, places, slot):
    assert send(agent, "hold", slot=slot).status_code == 409


def box_of(answer, name):
    """The box of this answer, with what stands around it."""
    page = answer.content.decode()
    return re.search(rf'(?s)<div class="kern-form-input[^"]*"><label [^>]*for="id_{name}">.*?</div>', page)[0]


def test_a_box_that_errs_is_marked_as_elsewhere_and_says_why(agent, places):
    answer = send(agent, "without", birth_date="31.2.1938")

    box = box_of(answer, "birth_date")
    assert "kern-form-input--error" in box
    assert "kern-form-input__input--error" in box
    assert re.search(r'aria-invalid="true" aria-describedby="id_birth_date_error"', box)
    assert 'id="id_birth_date_error"' in answer.content.decode()
    assert "--error" not in box_of(answer, "town")


def test_a_way_of_the_papers_that_is_none_is_marked_too(agent, places):
    page = send(agent, "without", medium="pigeon").content.decode()
    assert 'class="kern-fieldset kern-fieldset--error" aria-describedby="id_medium_error"' in page
    assert '<p class="kern-error" id="id_medium_error">' in page


def test_half_a_form_is_no_mistake(agent, places):
    answer = agent.post(NEW, {"birth_date": "31.2.1938", "last_name": "Hofm"})
    assert "aria-invalid" not in answer.content.decode()
    assert "--error" not in answer.content.decode()
    assert 'value="31.2.1938"' in box_of(answer, "birth_date")
