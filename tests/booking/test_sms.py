"""Every message that goes by SMS: what it says, in both languages, and that it fits into two parts."""

import pytest

from booking import codes, telling
from booking.models import Registration
from booking.services import links
from notifications import delivery, outbox, sms
from notifications.models import Message
from notifications.outbox import Medium
from tests.booking.mails import CASES
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]
MOBILE = "+4915123456789"
BY_SMS = sorted(template for template in CASES if telling.suits(template, Medium.SMS))


@pytest.fixture(autouse=True)
def long_words(settings):
    settings.SITE_URL = "https://impftermin.sachsen.example"
    settings.HOTLINE = "+49 351 65 65 99 77"


def text(template: str, *, language: str = "de") -> str:
    """What the person of this template's case reads on her telephone; her name and her center's are long ones."""
    case, _words = CASES[template]
    person, reference = case()
    now, to = reference.pop("now", NOW), reference.pop("to", "")
    person.refresh_from_db()
    person.first_name, person.last_name = "Ąžuolas-Żółć " * 5, "Müller-Lüdenscheidt-Đorđević " * 2
    person.phone, person.medium, person.language = MOBILE, "sms", language
    person.save()
    for appointment in person.appointments.select_related("slot__center"):
        center = appointment.slot.center
        center.name, center.place = "Annaberg-Buchholz-Frohnau", "Mehrzweckhalle „Silberlandhalle“ am Rande der Stadt"
        center.save()
    key = f"test:{template}"
    telling.tell(template, person, key=key, reference=reference, now=NOW, to="+4916012345678" if to else "")
    found = delivery.compose_sms(Message.objects.get(dedupe_key=key), now=now)
    assert found is not None
    return found.text


def test_every_message_has_words_for_a_telephone():
    assert {template for template in outbox.templates() if not template.startswith("staff_")} == set(CASES)
    assert len(BY_SMS) == len(CASES) - 2


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("template", BY_SMS)
def test_it_fits_into_two_parts_whatever_names_are_in_it(template, language):
    words = text(template, language=language)

    assert sms.parts(words) <= 2, (len(words), words)
    assert sms.plain(words) == words
    assert words.startswith("Impftermin: ")
    assert words.endswith("+49 351 65 65 99 77")
    assert "uolas" not in words, "nobody's name"


@pytest.mark.parametrize("template", sorted(set(BY_SMS) - {"contact_changed", "withdrawn"}))
def test_it_carries_a_link_that_opens(template):
    words = text(template)

    [address] = [word for word in words.split() if word.startswith("https://")]
    link = links.find(address.removeprefix("https://impftermin.sachsen.example/link/").rstrip("/"))
    assert link is not None
    assert links.state(link, NOW) == "open"


def test_what_is_booked():
    words = text("booked")
    person = Registration.objects.get()

    assert f"Code {codes.spoken(person.door_code)}. Ändern: https://" in words
    assert person.case_number not in words
    assert "1. Impfung Do 18.02. 10:20 Uhr, 2. Impfung" in words
    assert "Impfzentrum Annaberg-Buchholz-Frohnau, Mehrzweckhalle..." in words


def test_english():
    assert "1st vaccination Thu 18 Feb 10:20 am" in text("booked", language="en")


def test_what_was_told_to_the_old_number_says_nothing_of_the_new_one():
    words = text("contact_changed")

    assert MOBILE not in words
    assert "letzte Nachricht an diese Nummer" in words
