"""Every page of the staff that needs no object, as each role may open it: narrow, accessible, alone with its server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from booking.models import Call, CallBack, Registration
from booking.services import call_backs
from centers.models import Session, Slot, Vaccine
from tests.factories.calls import CallBackFactory, CallFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import ContingentFactory, SessionFactory
from tests.journeys.staff import sign_in, staff_world
from tests.journeys.test_keyboard import Keys
from web.access import TABLE, may

WIDTHS = [320, 1440]
LEAVES = {"account_logout"}  # whoever looks at it has gone
WORKING = list(Role)


@pytest.mark.parametrize("role", WORKING)
def test_every_page_of_a_role_fits_320_pixels(walker, house, role):
    user = staff_world(timezone.now()).users[role]
    walk = walker(width=320, axe=True)
    sign_in(walk, user)
    if role == Role.PLANNER:  # works everywhere, so she is asked where
        walk.page.goto(f"{house.site}/zentrum/")
        walk.page.get_by_role("button", name="Niesky, Bürgerhaus").click()

    for name, address in addresses(user):
        answer = walk.page.request.get(house.site + address)
        assert answer.status < 500, (name, answer.status)
        if answer.status == 200 and answer.headers["content-type"].startswith("text/html") and "<html" in answer.text():
            walk.page.goto(house.site + address)
            walk.watch.look(f"{role} {name}")

    assert walk.watch.seen


def addresses(user: User) -> Iterator[tuple[str, str]]:
    """What the table opens to her, by name."""
    for name, who in TABLE.items():
        if name in LEAVES or isinstance(who, str) or not may(user, who):
            continue
        try:
            yield name, reverse(name)
        except NoReverseMatch:  # needs an object; its owner's journey goes there
            continue


# --- Call-backs and figures with somebody in them


@pytest.fixture
def world(house, transactional_db):
    """The staff, and a call center that is left as it was found."""
    yield staff_world(timezone.now())
    CallBack.objects.all().delete()
    Call.objects.filter(agent__username__startswith="niesky-").delete()
    mine = Session.objects.filter(center__slug="niesky")
    Slot.objects.filter(session__in=mine).delete()
    mine.delete()


@transaction.atomic
def three_wait(by: User) -> list[CallBack]:
    """An hour ago somebody of two long names, half an hour ago somebody registered; one did not answer."""
    now = timezone.now()
    names = {"first_name": "Thị Ánh", "last_name": "Nguyễn-von Schönberg"}
    person = Registration.objects.filter(**names).first() or RegistrationFactory(**names)
    waiting = [
        CallBackFactory(created_at=now - timedelta(hours=1), created_by=by, times="vormittags, nicht am Freitag"),
        CallBackFactory(created_at=now - timedelta(minutes=30), created_by=by, of=person),
    ]
    later = now + timedelta(minutes=20)
    return [*waiting, CallBackFactory(created_at=now - timedelta(hours=2), created_by=by, again_at=later, tries=1)]


@pytest.mark.parametrize("width", WIDTHS)
def test_call_backs_by_keyboard_from_the_list_to_the_outcome(walker, house, world, width):
    agent = world.users[Role.CALL_AGENT]
    first, second, _rests = three_wait(agent)
    walk = walker(width=width, axe=True)
    page, keys = walk.page, Keys(walk.page)
    sign_in(walk, agent)
    page.goto(f"{house.site}/telefon/rueckrufe/")
    walk.sees("2 Rückrufe warten")

    keys.enter("Nächsten Rückruf übernehmen")
    walk.sees("Ihre Rückrufe")
    walk.reads(first.name)
    keys.enter("Nicht erreicht")
    walk.sees("1 Rückruf wartet")
    keys.enter("Übernehmen")
    walk.sees("Ihre Rückrufe")
    walk.reads("Thị Ánh Nguyễn-von Schönberg")
    # In another window she was faster.
    call_backs.finish(second, outcome=CallBack.Outcome.SERVED, by=agent, now=timezone.now())
    keys.enter("Erreicht und erledigt")
    expect(page.get_by_role("alert")).to_be_visible()
    walk.watch.look(f"refused-{width}")

    assert CallBack.objects.get(pk=first.pk).tries == 1
    assert keys.invisible == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_call_back_with_errors_leads_by_keyboard_to_the_field(walker, house, world, width):
    walk = walker(width=width, axe=True)
    page, keys = walk.page, Keys(walk.page)
    sign_in(walk, world.users[Role.CALL_AGENT])
    page.goto(f"{house.site}/telefon/rueckrufe/neu/")
    keys.type("Name", "Ursula Müller-Arnold")
    keys.enter("Rückruf aufnehmen")
    expect(page.get_by_role("alert")).to_be_focused()
    walk.watch.look(f"errors-{width}")
    keys.to("Telefon: Ohne Nummer")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Telefon", exact=False).first).to_be_focused()
    page.keyboard.type("03525 4471")
    keys.enter("Rückruf aufnehmen")
    walk.sees("1 Rückruf wartet")

    assert CallBack.objects.get().name == "Ursula Müller-Arnold"
    assert keys.invisible == []


@transaction.atomic
def busy_day(center, agent: User) -> None:
    """Calls of two agents, call-backs, and 1,200 places for callers in one session of next week."""
    now = timezone.now()
    for minutes in (50, 40, 10):
        opened = now - timedelta(minutes=minutes)
        CallFactory(agent=agent, opened_at=opened, done_at=opened + timedelta(seconds=250))
    three_wait(agent)
    share, day = ContingentFactory(phone=True), (now + timedelta(days=7)).date()
    made = SessionFactory(
        center=center, vaccine=Vaccine.objects.get(code="comirnaty"), contingent=share, date=day, lines=1200
    )
    at = (now + timedelta(days=7)).replace(hour=9, minute=0, second=0, microsecond=0)
    Slot.objects.create(
        session=made, center=center, vaccine=made.vaccine, contingent=share, capacity=1200, starts_at=at
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_with_much_in_them_fit_and_scroll_by_keyboard(walker, house, world, width):
    lead = world.users[Role.CALL_LEAD]
    busy_day(world.center, world.users[Role.CALL_AGENT])
    walk = walker(width=width, axe=True)
    page, keys = walk.page, Keys(walk.page)
    sign_in(walk, lead)

    page.goto(f"{house.site}/telefon/heute/")
    walk.sees("Zahlen von heute")
    walk.reads("1.200")
    keys.to("Wie die Kontingente")
    page.keyboard.press("Enter")
    walk.sees("Wie die Kontingente genutzt werden")
    walk.reads("1.200")
    keys.to("Nach Wochen")  # the table itself: on a narrow page it scrolls
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    if page.evaluate("document.activeElement.scrollWidth > document.activeElement.clientWidth"):
        page.keyboard.press("ArrowRight")
        house.until(lambda: page.evaluate("document.activeElement.scrollLeft > 0"))

    # The button in a date field is the browser's own, and so is what it draws around it: once for each of the two.
    assert [one for one in keys.invisible if 'type="date"' not in one] == []
    assert len(keys.invisible) == 2
