"""Letters from the queue to the post: in the browser, on a phone's width, and without scripts."""

import io
import os
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from accounts.models import User
from accounts.roles import Role
from booking import codes, telling
from notifications.models import Message, PrintBatch
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.journeys.staff import sign_in

LEAD = "druckerei"
PAGE = "/telefon/druck/"


@pytest.fixture
def lead(house, transactional_db) -> User:
    """A call lead, and three letters that wait anew, whatever earlier walks have left in the queue."""
    Message.objects.filter(medium="letter").delete()
    PrintBatch.objects.all().delete()
    found = User.objects.filter(username=LEAD).first() or UserFactory(
        username=LEAD, first_name="Petra", last_name="Lehmann", roles=[Role.CALL_LEAD]
    )
    _letters()
    return found


@transaction.atomic
def _letters() -> None:
    now = timezone.now()
    for large in (False, True, False):
        person = RegistrationFactory(
            email="", first_name="Gerda", street="Elbstraße 7", postcode="01587", town="Riesa", large_print=large
        )
        telling.tell("registered", person, key=f"paper:{person.pk}", now=now)


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1440, 360])
def test_from_the_queue_to_the_post(walker, lead, house, width, scripts):
    walk = walker(width=width, axe=scripts, scripts=scripts)
    sign_in(walk, lead)
    page = walk.page
    page.goto(house.site + PAGE)
    expect(page.get_by_text("ohne Kreis").first).to_be_visible()
    look(walk, f"waiting-{width}")

    page.get_by_role("button", name="Stapel jetzt machen").click()
    expect(page.get_by_text("3 Briefe liegen jetzt in Stapeln.")).to_be_visible()
    look(walk, f"made-{width}")
    assert pages_of_the_pdf(page) >= 3
    damaged = Message.objects.filter(state="sending").latest("pk").recipient
    print_one_again(walk, damaged)

    for _batch in range(2):
        page.get_by_role("button", name="Alles gedruckt").first.click()
    expect(page.get_by_text("Alles ist gedruckt.")).to_be_visible()
    look(walk, f"printed-{width}")

    returned = page.locator("section", has=page.get_by_role("heading", name="Ein Brief kam zurück"))
    returned.get_by_label("Vorgangsnummer").fill(damaged)
    returned.get_by_role("button", name="Brief als zurückgekommen vermerken").click()
    expect(page.get_by_text("Vermerkt.")).to_be_visible()
    assert Message.objects.get(recipient=damaged).state == "bounced"
    assert not PrintBatch.objects.filter(state="made").exists()


def pages_of_the_pdf(page) -> int:
    with page.expect_download() as found:
        page.get_by_role("link", name="PDF laden").click()
    content = Path(found.value.path()).read_bytes()
    if folder := os.environ.get("PICTURES"):
        (Path(folder) / "letters.pdf").write_bytes(content)
    return len(PdfReader(io.BytesIO(content)).pages)


def print_one_again(walk, case_number: str) -> None:
    """First misheard, then right."""
    page, batch = walk.page, walk.page.get_by_role("table", name="Stapel, die zu drucken sind")
    if not batch.get_by_label("Vorgangsnummer").is_visible():  # who looked closely has opened it
        batch.locator("summary").click()
    wrong = codes.spoken(case_number)[:-1] + ("2" if codes.spoken(case_number)[-1] != "2" else "3")
    for typed in (wrong, codes.spoken(case_number)):
        batch.get_by_label("Vorgangsnummer").fill(typed)
        batch.get_by_role("button", name="Diesen Brief neu drucken").click()
        if typed == wrong:
            expect(page.get_by_role("alert")).to_contain_text("passt nicht zu den anderen")
            look(walk, "a-wrong-case-number")
    expect(page.get_by_text("Ein neuer Stapel mit 1 Brief liegt zum Drucken bereit.")).to_be_visible()


def look(walk, name: str) -> None:
    """Nothing may be wrong on the page; PICTURES keeps what it looked like."""
    walk.watch.look(f"letters {name}")
    if folder := os.environ.get("PICTURES"):
        walk.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
