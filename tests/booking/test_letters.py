"""Every message that goes by letter, as paper: true to the state of the day it is printed, and fit for paper."""

import io
import json
from datetime import timedelta

import pytest
from pypdf import PdfReader

from booking import codes, telling
from booking.models import Registration
from booking.services import links
from notifications import letters
from notifications.models import Message
from notifications.outbox import Medium, letter_lane, queue
from tests.booking.mails import CASES, booked_person
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.notifications.paper import text_of

pytestmark = pytest.mark.django_db
BY_LETTER = sorted(name for name in CASES if telling.suits(name, Medium.LETTER))


@pytest.fixture(autouse=True)
def _rules():
    RegulationFactory()
    OpeningFactory()


def paper(template, registration, *, language="de", **reference) -> dict | None:
    """The letter that would be printed now."""
    reference.pop("to", None)
    Registration.objects.filter(pk=registration.pk).update(medium="letter")
    queue(
        template=template,
        recipient=registration.case_number,
        medium="letter",
        lane=letter_lane(""),
        language=language,
        reference={"registration": registration.pk, **reference},
        dedupe_key=f"letter:{template}",
        now=NOW,
    )
    return letters.sheet(Message.objects.get(dedupe_key=f"letter:{template}"), now=NOW)


def said(sheet: dict) -> str:
    return json.dumps({**sheet, "blocks": [{**one, "qr": ""} for one in sheet["blocks"]]}, ensure_ascii=False)


def block(sheet: dict, kind: str) -> dict:
    [found] = [one for one in sheet["blocks"] if one["kind"] == kind]
    return found


def test_all_of_them_are_here():
    assert set(BY_LETTER) == telling._BY_LETTER


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("template", BY_LETTER)
def test_a_letter_speaks_of_paper_and_telephone_not_of_mails_and_clicks(template, language):
    case, _words = CASES[template]
    registration, reference = case()

    sheet = paper(template, registration, language=language, **reference)

    words = said(sheet).lower()
    assert sheet["address"] == [registration.full_name, "Schandauer Straße 14", "01796 Pirna"]
    assert sheet["subject"]
    assert "0800 0899 089" in words
    for wrong in ("e-mail", "klick", "click", "this link", "diesem link", "drucken sie", "none"):
        assert wrong not in words
    assert letters.pdf([sheet], title="Brief", now=NOW).startswith(b"%PDF")


def test_appointments_are_a_table_and_the_code_stands_beside_its_picture():
    registration = booked_person()

    sheet = paper("booked", registration)

    first, second, place = block(sheet, "facts")["rows"]
    assert first == ["1. Impfung", "Donnerstag, 18. Februar 2021, 10:20 Uhr"]
    assert second == ["2. Impfung", "Donnerstag, 11. März 2021, 10:20 Uhr"]
    assert place[0] == "Ort"
    assert place[1].endswith("Messering 6, 01067 Dresden")
    code = block(sheet, "code")
    assert (code["text"], code["holds"]) == (codes.spoken(registration.door_code), registration.door_code)
    assert "Diesen Brief" in block(sheet, "points")["items"]


def test_the_letter_says_that_the_forms_lie_at_the_center():
    sheet = paper("booked", booked_person())

    assert "liegen diesem Brief nicht bei" in said(sheet)
    assert "mRNA-Impfstoffe" in said(sheet)
    assert "falls Sie sie schon ausgefüllt haben" not in said(sheet)


def test_the_link_is_a_picture_and_a_code_to_type_that_open_when_the_letter_is_there(settings):
    registration = booked_person()
    sheet = paper("booked", registration)

    link = block(sheet, "link")

    newest = registration.links.latest("pk")
    assert (link["url"], link["code"]) == (links.url(newest), links.code(newest))
    assert links.find(codes.typed(link["code"], length=codes.LINK_CODE_LENGTH)) == newest
    printed = text_of(PdfReader(io.BytesIO(letters.pdf([sheet], title="Brief", now=NOW))))
    assert f"geben Sie den Code ein: testserver/link/ {link['code']}" in printed
    assert links.token(newest) not in printed  # nobody can type that
    assert newest.valid_until == NOW + timedelta(days=settings.LETTER_DAYS, hours=settings.LINK_HOURS)


def test_large_print_and_address_are_those_of_the_day_of_printing():
    registration = booked_person()
    Registration.objects.filter(pk=registration.pk).update(large_print=True, street="Neue Straße 1")

    sheet = paper("booked", registration)

    assert sheet["large"] is True
    assert sheet["address"][1] == "Neue Straße 1"


def test_who_is_written_to_by_mail_now_gets_no_letter():
    registration = booked_person()
    paper("booked", registration)
    Registration.objects.filter(pk=registration.pk).update(medium="email")

    assert letters.sheet(Message.objects.get(dedupe_key="letter:booked"), now=NOW) is None
    assert Message.objects.filter(template="booked", medium="email", dedupe_key__startswith="letter:booked@").exists()
