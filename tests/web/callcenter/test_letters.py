"""/telefon/druck/: what waits, what is to be printed, and saying how it went."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEvent
from booking import codes, telling
from notifications import printing
from notifications.models import Message, PrintBatch
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.supply import DistrictFactory

pytestmark = pytest.mark.django_db
PAGE = "/telefon/druck/"


@pytest.fixture
def riesa():
    return DistrictFactory(ags="14627", name="Meißen")


@pytest.fixture
def people(riesa):
    """Two people in one district and one in none, each with a letter that waits."""
    made = [RegistrationFactory(email="", district=district) for district in (riesa, riesa, None)]
    for person in made:
        telling.tell("registered", person, key=f"registered:{person.pk}", now=NOW)
    return made


@pytest.fixture
def batch(people, jana):
    """That of the district; the other one exists as well."""
    printing.make_now(by=jana, now=NOW)
    return PrintBatch.objects.get(lane="letter:14627")


def page(browser) -> str:
    return browser.get(PAGE).content.decode().replace("\u00a0", " ")


def url(name, batch) -> str:
    return reverse(f"callcenter:letters_{name}", args=[batch.public_id])


def printed(browser, batch, day="2021-02-17"):
    return browser.post(url("printed", batch), {"posted_on": day})


def test_nothing_waits_and_everything_is_printed(agent):
    text = page(agent)

    assert "Es wartet kein Brief." in text
    assert "Alles ist gedruckt." in text
    assert "das nächste Mal am Dienstag, 16. Februar, 15:00 Uhr" in text


def test_what_waits_is_counted_by_district(agent, people):
    text = page(agent)

    assert "Meißen" in text
    assert "ohne Kreis" in text
    assert people[0].last_name not in text
    assert people[0].case_number not in text


def test_the_button_is_the_leads(agent, lead, people):
    assert reverse("callcenter:letters_make") not in page(agent)
    assert agent.post(reverse("callcenter:letters_make")).status_code == 403
    assert not PrintBatch.objects.exists()

    answer = lead.post(reverse("callcenter:letters_make"), follow=True)

    assert "3 Briefe liegen jetzt in Stapeln." in answer.content.decode()
    assert set(PrintBatch.objects.values_list("letters", flat=True)) == {2, 1}
    again = lead.post(reverse("callcenter:letters_make"), follow=True)
    assert "Es war kein Brief zu drucken." in again.content.decode()


def test_the_pdf_is_a_download_that_nobody_keeps_and_is_on_record(agent, batch, people, jana):
    answer = agent.get(url("pdf", batch))

    assert answer["Content-Disposition"] == 'attachment; filename="briefe-14627-2021-02-16-1000.pdf"'
    assert "no-store" in answer["Cache-Control"]
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert [person.last_name in text for person in people] == [True, True, False]
    event = AuditEvent.objects.get(action="letters.read")
    assert (event.subject, event.actor, event.details["letters"]) == (batch.public_id, jana, 2)


def test_printed_and_posted(agent, batch):
    answer = printed(agent, batch)

    assert answer["Location"] == PAGE
    text = page(agent)
    assert "2 Briefe gelten als versandt." in text
    assert "zur Post am 17.02." in text
    assert "Jana Kretzschmar" in text
    assert set(batch.messages.values_list("state", flat=True)) == {"sent"}
    printed(agent, batch)
    assert AuditEvent.objects.filter(action="letters.printed").count() == 1


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2021-02-15", "Die Briefe sind erst danach entstanden."),
        ("2021-02-24", "Das ist mehr als eine Woche hin."),
        ("31.2.2021", "Bitte geben Sie den Tag so an: 29.04.2021."),
        ("", "Bitte geben Sie den Tag an."),
    ],
)
def test_a_wrong_day_is_named_and_kept(agent, batch, day, words):
    answer = printed(agent, batch, day)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert words in text
    assert f'value="{day}"' in text or not day
    assert PrintBatch.objects.get(pk=batch.pk).state == "made"


def test_a_failed_print_becomes_a_new_batch(agent, batch):
    text = agent.post(url("failed", batch), follow=True).content.decode()

    assert "Der Stapel wird gerade neu gemacht." in text
    assert "wird gerade neu gemacht</span>" in page(agent)
    for name in ("pdf", "printed", "failed", "again"):
        assert url(name, batch) not in text
    agent.post(url("failed", batch))
    printing.remake_due(now=NOW)
    text = page(agent)
    assert "wird gerade neu gemacht</span>" not in text
    assert "noch einmal, weil der erste Druck misslungen ist" in text
    assert "misslungen, neu gemacht" in text
    assert PrintBatch.objects.filter(lane=batch.lane).count() == 2
    text = printed(agent, batch).wsgi_request.session["letters_said"]
    assert text.startswith("Dieser Druckstapel wurde als misslungen gemeldet.")


def test_one_damaged_letter(agent, batch, people):
    number = codes.spoken(people[0].case_number)

    text = agent.post(url("again", batch), {"case_number": number}, follow=True).content.decode()

    assert "Ein neuer Stapel mit 1 Brief liegt zum Drucken bereit." in text
    assert AuditEvent.objects.get(action="letter.printed_again").subject == people[0].public_id
    once_more = agent.post(url("again", batch), {"case_number": number}).content.decode()
    assert "oder er wurde schon neu gedruckt" in once_more
    assert f'value="{number}"' in once_more
    assert "1 Brief gilt als versandt." in printed(agent, batch).wsgi_request.session["letters_said"]


def test_on_a_sunday_the_next_working_day_is_proposed(agent, batch, jana, at_phone):
    assert 'value="2021-02-16"' in page(agent)

    with time_machine.travel(NOW + timedelta(days=5), tick=False):
        assert 'value="2021-02-22"' in page(at_phone(jana))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Bitte tragen Sie die Vorgangsnummer ein."),
        ("Richter", "Eine Vorgangsnummer sieht so aus: K7P 4XM 92P."),
        ("K7P 4XM 922", "das letzte Zeichen passt nicht zu den anderen"),
        ("AAAAAAAA", "Zu dieser Vorgangsnummer liegt kein Brief in diesem Druckstapel"),
    ],
)
def test_a_wrong_case_number_is_named(agent, batch, typed, words):
    assert words in agent.post(url("again", batch), {"case_number": typed}).content.decode()
    assert PrintBatch.objects.filter(lane=batch.lane).count() == 1


def test_a_letter_that_came_back(agent, batch, people):
    printed(agent, batch)
    sent = {"case_number": people[1].case_number, "reason": "moved"}

    text = agent.post(reverse("callcenter:letters_returned"), sent, follow=True).content.decode()

    assert "Vermerkt." in text
    message = Message.objects.get(recipient=people[1].case_number)
    assert (message.state, message.last_reply) == ("bounced", "kam zurück: verzogen, keine neue Anschrift")
    assert AuditEvent.objects.get(action="letter.returned").subject == people[1].public_id
    hers = agent.post(reverse("callcenter:find_open", args=[people[1].public_id]), follow=True).content.decode()
    assert "kam zurück: verzogen, keine neue Anschrift" in hers
    assert "Neu senden" in hers


def test_nothing_comes_back_that_never_left(agent, batch, people):
    sent = {"case_number": people[0].case_number, "reason": "moved"}

    text = agent.post(reverse("callcenter:letters_returned"), sent).content.decode()

    assert "Zu dieser Vorgangsnummer ist kein Brief zur Post gegangen." in text
    assert f'value="{people[0].case_number}"' in text


def test_an_old_pdf_is_gone_and_its_link_too(agent, batch):
    printed(agent, batch)
    printing.forget(now=NOW + printing.KEPT)

    assert url("pdf", batch) not in page(agent)
    assert "<small>gelöscht" in page(agent)
    assert url("again", batch) in page(agent)
    answer = agent.get(url("pdf", batch), follow=True)

    assert "werden nicht mehr aufbewahrt" in answer.content.decode()


@pytest.mark.parametrize("name", ["pdf", "printed", "failed", "again"])
def test_a_batch_that_does_not_exist(agent, name):
    address = reverse(f"callcenter:letters_{name}", args=["00000000-0000-0000-0000-000000000001"])
    method = agent.get if name == "pdf" else agent.post

    assert method(address).status_code == 404


def test_the_list_costs_the_same_with_many_batches(agent, batch, jana):
    page(agent)
    before = queries(agent)
    for _again in range(3):
        newest = PrintBatch.objects.filter(lane=batch.lane, state="made").latest("pk")
        printing.failed(batch=newest.public_id, by=jana, now=NOW)
        printing.remake_due(now=NOW)

    assert queries(agent) == before


def queries(browser) -> int:
    with CaptureQueriesContext(connection) as found:
        page(browser)
    return len(found)
