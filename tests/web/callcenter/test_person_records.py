"""What an agent puts right: contact, household, one person registered twice; what was typed stays."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from booking.models import Appointment, Registration
from booking.services import appointments, calls
from centers.models import Slot
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.web.callcenter.people import booked, open_, phone_places, post, text, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


# --- Contact ---------------------------------------------------------------------------------------------------------

RIGHT = {
    "first_name": "Ursula", "last_name": "Müller", "birth_date_day": "3", "birth_date_month": "2",
    "birth_date_year": "1946", "street": "Elbstraße 12", "postcode": "01587", "town": "Riesa", "email": "u@gmx.de",
    "phone": "03525 4471", "medium": "letter", "large_print": "on", "language": "de", "needs": "companion",
}  # fmt: skip


def test_contact_and_address_are_put_right(agent, jana):
    person = RegistrationFactory()
    open_(jana, person)
    assert person.email in agent.get(url(person, "contact")).content.decode()

    answer = agent.post(url(person, "contact"), RIGHT, follow=True)

    assert "Der neue Kontakt gilt." in text(answer)
    person.refresh_from_db()
    assert (person.last_name, person.town, str(person.phone), person.medium) == (
        "Müller", "Riesa", "+4935254471", "letter",
    )  # fmt: skip
    assert person.large_print
    assert person.needs_companion


def test_a_number_abroad_keeps_its_country(agent, jana):
    person = RegistrationFactory(phone="+436641234567")
    open_(jana, person)
    assert 'value="+43 664 1234567"' in agent.get(url(person, "contact")).content.decode()
    assert "+43 664 1234567" in text(agent.get(url(person, "")))

    agent.post(url(person, "contact"), RIGHT | {"phone": "+43 664 1234567"})

    person.refresh_from_db()
    assert str(person.phone) == "+436641234567"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"phone": "0351 12"}, "mit Vorwahl"),
        ({"email": "u.mueller46@gmx"}, "E-Mail-Adresse"),
        ({"medium": "sms"}, "Handynummer"),
        ({"medium": "email", "email": ""}, "E-Mail-Adresse"),
        ({"postcode": "1587"}, "5 Ziffern"),
        ({"last_name": "Müller 😀"}, "kann hier nicht im Namen stehen"),
        ({"language": "xx"}, "Bitte wählen Sie"),
    ],
)
def test_what_cannot_be_right_comes_back_as_it_was_typed(agent, jana, wrong, words):
    person = RegistrationFactory()
    open_(jana, person)

    answer = agent.post(url(person, "contact"), RIGHT | wrong)

    assert words in text(answer)
    assert "Elbstraße 12" in answer.content.decode()
    person.refresh_from_db()
    assert person.town == "Pirna"


def test_somebody_elses_identity_leads_to_merging(agent, jana):
    known, person = RegistrationFactory(last_name="Müller"), RegistrationFactory(last_name="Muler")
    open_(jana, person)
    same = {"first_name": "Ingeborg", "birth_date_day": "14", "birth_date_month": "3", "birth_date_year": "1938",
            "street": "Schandauer Str. 14", "postcode": "01796", "town": "Pirna"}  # fmt: skip

    answer = agent.post(url(person, "contact"), RIGHT | same)

    assert answer.status_code == 409
    assert "Sind beide dieselbe Person?" in text(answer)
    assert f'name="case_number" value="{known.case_number}"' in answer.content.decode()


# --- Household -------------------------------------------------------------------------------------------------------


def test_the_household_is_joined_shown_and_left(agent, jana):
    person, herbert = RegistrationFactory(), booked(phone_places(), first_name="Herbert")
    open_(jana, person)

    answer = agent.post(url(person, "household"), {"case_number": herbert.case_number}, follow=True)
    assert "Herbert" in text(answer)
    assert "Mittwoch, 24. Februar" in text(answer)
    agent.post(url(person, "household"), {"leave": str(herbert.public_id)})
    assert "Sie kommt allein." in text(agent.get(url(person)))


@pytest.mark.parametrize("typed", ["", "7KQ4", "22222223B", "x" * 300])
def test_a_wrong_number_is_said_and_stays(agent, jana, typed):
    person = RegistrationFactory()
    open_(jana, person)
    for name in ("household", "merge"):
        answer = agent.post(url(person, name), {"case_number": typed})
        assert "Fehler:" in text_of_title(answer)
        assert f'value="{typed}"' in answer.content.decode() or not typed


def text_of_title(answer):
    return re.search(r"(?s)<title>(.*?)</title>", answer.content.decode())[1]


# --- Merging ---------------------------------------------------------------------------------------------------------


def preview(agent, jana, person, other):
    open_(jana, person)
    found = agent.post(url(person, "merge"), {"case_number": other.case_number})
    assert found.status_code == 302
    return found["Location"]


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1]


def test_the_preview_names_what_stays_and_merging_does_it(agent, jana):
    places = phone_places()
    person, other = RegistrationFactory(), booked(places)
    address = preview(agent, jana, person, other)
    assert other.case_number not in address
    assert AuditEvent.objects.filter(action="registration.opened", subject=other.public_id).exists()

    shown = agent.get(address)
    assert "Bleibt: Mittwoch, 24. Februar, 10:00 Uhr, Impfzentrum Riesa" in text(shown)
    data = {"bleibt": hidden(shown, "bleibt"), "gesehen": hidden(shown, "gesehen"), "angaben": str(person.public_id)}
    answer = agent.post(address, {**data, "verglichen": "ja"}, follow=True)

    assert "Die beiden Anmeldungen sind jetzt eine." in text(answer)
    person.refresh_from_db()
    assert person.merged_into_id == other.pk
    assert answer.redirect_chain[-1][0].startswith(url(other))


def test_two_of_other_names_are_merged_with_the_tick_alone(agent, jana):
    person, other = RegistrationFactory(last_name="Müller"), RegistrationFactory(last_name="Schulze")
    address = preview(agent, jana, person, other)
    shown = agent.get(address)
    assert "Die Namen unterscheiden sich." in text(shown)
    data = {"bleibt": str(person.public_id), "gesehen": hidden(shown, "gesehen"), "angaben": str(other.public_id)}

    answer = agent.post(address, data)

    assert answer.status_code == 409
    assert "Bitte vergleichen Sie am Telefon" in text(answer)
    page = answer.content.decode()
    assert re.search(rf'value="{other.public_id}" checked', page)  # what was chosen stays
    assert 'id="verglichen"' in page
    assert not Registration.objects.filter(withdrawn_reason="merged").exists()
    assert "jetzt eine" in text(agent.post(address, {**data, "verglichen": "ja"}, follow=True))


def test_the_same_name_and_birthday_ask_for_no_tick(agent, jana):
    one = RegistrationFactory()
    same = {
        "first_name": one.first_name,
        "last_name": one.last_name,
        "birth_date": one.birth_date,
        "street": "Elbstraße 12",
    }
    address = preview(agent, jana, one, RegistrationFactory(**same))
    shown = agent.get(address)
    assert 'id="verglichen"' not in shown.content.decode()
    data = {"bleibt": hidden(shown, "bleibt"), "gesehen": hidden(shown, "gesehen")}
    assert "jetzt eine" in text(agent.post(address, data, follow=True))


def test_a_booking_in_between_brings_the_preview_once_more(agent, jana):
    phone_places()
    person, other = RegistrationFactory(), RegistrationFactory(invited=True)
    address = preview(agent, jana, person, other)
    shown = agent.get(address)
    data = {"bleibt": str(person.public_id), "gesehen": hidden(shown, "gesehen"), "verglichen": "ja"}
    slot = Slot.objects.order_by("starts_at")[0]
    appointments.book(registration=other, slot_id=slot.pk, channel="phone", by=jana, now=NOW)

    answer = agent.post(address, data)

    assert answer.status_code == 409
    assert "Inzwischen wurden Termine gebucht oder geändert." in text(answer)
    assert "Bleibt: Mittwoch, 24. Februar" in text(answer)
    assert not Registration.objects.filter(withdrawn_reason="merged").exists()


def test_somebody_who_was_not_opened_in_this_call_cannot_be_merged_by_her_id(agent, jana):
    person, other = RegistrationFactory(), RegistrationFactory()
    open_(jana, person)
    address = f"{url(person, 'merge')}?mit={other.public_id}"

    assert other.full_name not in text(agent.get(address))
    agent.post(address, {"bleibt": str(person.public_id), "gesehen": ""})

    assert not Registration.objects.filter(withdrawn_reason="merged").exists()


def test_the_one_that_ended_leads_on_and_her_history_is_read_there(agent, jana):
    person, other = RegistrationFactory(), RegistrationFactory()
    address = preview(agent, jana, person, other)
    shown = agent.get(address)
    agent.post(address, {"bleibt": hidden(shown, "bleibt"), "gesehen": "", "verglichen": "ja"})

    stays = Registration.objects.get(withdrawn_at__isnull=True)
    ends = Registration.objects.exclude(pk=stays.pk).get()
    assert reverse("callcenter:find_open", args=[stays.public_id]) in agent.get(url(ends)).content.decode()
    whole = text(agent.get(url(stays, "history")))
    assert "andere Anmeldung mit dieser zusammengeführt Jana Kretzschmar" in whole
    assert "Anmeldung beendet" in whole


def test_after_the_call_nothing_can_be_done_any_more(agent, jana):
    person = booked(phone_places())
    open_(jana, person)
    calls.finish(jana, NOW)
    for name, data in (("end", {"was": "wunsch", "sicher": "wunsch"}), ("note", {"text": "x"}), ("contact", RIGHT)):
        assert post(agent, person, name, **data)["Location"] == reverse("callcenter:find")
    assert Appointment.objects.live().count() == 2
