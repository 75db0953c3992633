"""A manager closes a day: preview, decision, the run by the real workers, the result; with and without scripts."""

import os
from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from booking import clock
from booking.models import Appointment, Change, Registration
from centers.models import Center, Contingent, Slot, Vaccine
from tests.factories.door import AppointmentFactory
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, SessionFactory
from tests.journeys.staff import sign_in

SLUG = "trebsen"
PATIENCE = 30_000


@pytest.fixture
def manager(house, transactional_db) -> User:
    """Of a center of her own."""
    found = User.objects.filter(username=SLUG).first()
    if found is None:
        center = CenterFactory(slug=SLUG, name="Trebsen", place="Sporthalle", listed=False, first_day=date(2021, 1, 1))
        found = UserFactory(
            username=SLUG, first_name="Thomas", last_name="Beyer", roles=[Role.CENTER_MANAGER], at=[center]
        )
    return found


@transaction.atomic
def crowd(day: date, people: int, room: int) -> None:
    """So many people on that day, half of them with e-mail, and room for some of them on the next."""
    center = Center.objects.get(slug=SLUG)
    slots = [slot(center, day, time(9, minute), people) for minute in (0, 10, 20)]
    slot(center, day + timedelta(days=1), time(9), room)
    for number in range(people):
        person = RegistrationFactory(
            email=f"{SLUG}{number}-{day}@example.org" if number % 2 else "", phone="+4934383600" if number % 4 else "",
            first_name=["Waltraud", "Siegfried", "Renate"][number % 3],
        )  # fmt: skip
        AppointmentFactory(registration=person, slot=slots[number % 3])
    for one in slots:
        Slot.objects.filter(pk=one.pk).update(booked=Appointment.objects.filter(slot=one).count())


def slot(center: Center, day: date, at: time, capacity: int) -> Slot:
    session = SessionFactory(
        center=center, vaccine=Vaccine.objects.get(code="janssen"), contingent=Contingent.objects.get(code="online"),
        date=day, starts=at, ends=time(at.hour, at.minute + 10), lines=capacity, slot_minutes=10,
    )  # fmt: skip
    starts_at = datetime.combine(day, at, tzinfo=clock.ZONE)
    return Slot.objects.create(
        session=session, center=center, vaccine=session.vaccine, contingent=session.contingent, starts_at=starts_at,
        capacity=capacity,
    )  # fmt: skip


def shot(walk, name: str) -> None:
    """A picture to look at, when a folder is named for it."""
    if folder := os.environ.get("SHOTS"):
        walk.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("scripts", "width", "ahead"), [(True, 1440, 40), (False, 360, 55)], ids=["scripts", "plain"])
def test_close_a_day_from_the_preview_to_the_phone_list(walker, manager, house, scripts, width, ahead):
    day = clock.local_day(timezone.now()) + timedelta(days=ahead)
    crowd(day, people=12, room=8)
    walk = walker(scripts=scripts, width=width, axe=scripts)
    sign_in(walk, manager)
    walk.page.goto(f"{house.site}/zentrum/aendern/?von={day}&bis={day}&impfstoff=janssen")
    walk.sees("Ändern und schließen")
    shot(walk, f"choose-{width}")
    _decide(walk, width)

    expect(walk.page.get_by_text("0 von 12 Personen sind fertig.")).to_be_visible()
    shot(walk, f"running-{width}")
    walk.watch.look("running")
    house.task("booking.tasks.carry_on_changes")  # as beat does every two seconds
    result = walk.page.get_by_role("heading", name="Ergebnis:")
    while not scripts and not result.is_visible():
        walk.page.wait_for_timeout(300)
        walk.page.get_by_role("link", name="Stand neu laden").or_(result).first.click()
    expect(result).to_be_visible(timeout=PATIENCE)
    expect(walk.page.get_by_text("12 von 12 Personen versorgt.")).to_be_visible()
    expect(walk.page.get_by_text("8 verschoben, 4 behalten, 0 abgesagt")).to_be_visible()
    shot(walk, f"result-{width}")
    walk.watch.look("result")
    change = Change.objects.filter(center__slug=SLUG).latest("pk")
    assert sorted(change.cases.values_list("outcome", flat=True)) == ["kept"] * 4 + ["moved"] * 8
    _call_somebody(walk, change)


def _decide(walk, width: int) -> None:
    page = walk.page
    page.get_by_label("Schließen", exact=True).check()
    page.get_by_label("Grund").fill("Lieferung fällt aus")
    page.get_by_role("button", name="Vorschau ansehen").click()
    expect(page.get_by_text("Sie schließen 3 Sitzungen. 12 Personen sind betroffen.")).to_be_visible()
    shot(walk, f"preview-{width}")
    walk.watch.look("preview")
    page.get_by_label("Ich habe die Vorschau gelesen.").check()
    page.get_by_role("button", name="3 Sitzungen schließen, 8 Personen verschieben, 4 behalten").click()


def _call_somebody(walk, change: Change) -> None:
    row = walk.page.locator("#telefonliste tbody tr").first
    row.get_by_role("button", name="Erreicht").click()
    expect(walk.page.locator("#telefonliste tbody tr").first).to_contain_text("Thomas Beyer")
    assert change.cases.filter(call="reached").count() == 1
    assert Registration.objects.filter(appointments__slot__center__slug=SLUG).exists()
