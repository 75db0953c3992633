"""Sending a list of deliveries: first looked at, then entered, whole or not at all; by planners."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from centers.models import Delivery
from tests.factories.supply import CenterFactory, VaccineFactory

pytestmark = pytest.mark.django_db
IMPORT = reverse("centeradmin:supply_import")
LIST = (
    "zentrum;impfstoff;dosen;tag;stand\n"
    "SN10;comirnaty;1170;22.02.2021;bestätigt\n"
    "SN11;comirnaty;60;16.02.2021;eingetroffen\n"
)


@pytest.fixture(autouse=True)
def centers(center):
    VaccineFactory()
    return [CenterFactory(code="SN10", name="Belgern"), CenterFactory(code="SN11", name="Kamenz")]


@pytest.fixture
def planner(login):
    return login(Role.PLANNER)


def send(client, data):
    return client.post(IMPORT, {"file": SimpleUploadedFile("lieferungen.csv", data)})


def test_list_is_shown_before_anything_is_entered(planner):
    page = send(planner, LIST.encode("cp1252")).content.decode()

    assert "Belgern" in page
    assert "2 Lieferungen eintragen" in page
    assert not Delivery.objects.exists()


def test_list_is_entered_once(planner, centers):
    first = planner.post(IMPORT, {"list": LIST}, follow=True).content.decode()
    again = planner.post(IMPORT, {"list": LIST}, follow=True).content.decode()

    assert "2 Lieferungen sind eingetragen." in first
    assert "2 waren schon da und blieben, wie sie waren." in again
    assert set(Delivery.objects.values_list("center__name", "doses", "state")) == {
        ("Belgern", 1170, "confirmed"),
        ("Kamenz", 60, "received"),
    }
    assert AuditEvent.objects.filter(action="delivery.entered", subject=centers[0].public_id).count() == 1


def test_broken_list_is_refused_whole_with_line_and_reason(planner):
    broken = LIST + "SN12;comirnaty;60;22.02.2021;erwartet\n"

    for page in (send(planner, broken.encode()), planner.post(IMPORT, {"list": broken})):
        text = page.content.decode()
        assert "Es ist nichts eingetragen." in text
        assert '<th scope="row" class="num">4</th><td>Es gibt kein Zentrum mit dem Kürzel „SN12“.</td>' in text
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Die Datei ist leer."),
        (b"PK\x03\x04", "Das ist eine Arbeitsmappe."),
        (b"\x00\x01", "Diese Datei enthält keinen lesbaren Text."),
        (b"x" * 150_000, "Die Liste ist zu lang."),
    ],
)
def test_file_that_is_no_list_gets_its_cure(planner, data, words):
    assert words in send(planner, data).content.decode()


def test_nothing_sent_asks_for_the_file(planner):
    assert "Bitte wählen Sie die Datei." in planner.post(IMPORT).content.decode()


def test_markup_in_a_list_is_text(planner):
    page = send(planner, LIST.replace("SN10", "<script>").encode()).content.decode()

    assert "„&lt;script&gt;“" in page
    assert "<script>" not in page.split("<main")[1]


def test_managers_send_no_lists(manager):
    assert manager.get(IMPORT).status_code == 403
    assert manager.post(IMPORT, {"list": LIST}).status_code == 403
