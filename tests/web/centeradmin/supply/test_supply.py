"""The pages of supply: what stands there, what is counted, what is refused, and what belongs to another center."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from centers.models import Delivery
from tests.factories.supply import (
    CenterFactory,
    DeliveryFactory,
    ReserveRuleFactory,
    SlotFactory,
    VaccineFactory,
    WasteFactory,
)

pytestmark = pytest.mark.django_db
SUPPLY = reverse("centeradmin:supply")
NEW = reverse("centeradmin:supply_new")
WASTE = reverse("centeradmin:supply_waste")
RESERVE = reverse("centeradmin:supply_reserve")
VACCINE = reverse("centeradmin:supply_vaccine", args=["comirnaty"])
TODAY = date(2021, 2, 16)
GOOD = {"vaccine": "comirnaty", "doses": "1.170", "due_on": "2021-02-22", "state": "expected", "note": "Charge EM0477"}


def page_of(delivery):
    return reverse("centeradmin:supply_delivery", args=[delivery.public_id])


def text(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


@pytest.fixture
def vaccine():
    return VaccineFactory()


@pytest.fixture
def delivery(center, vaccine):
    return DeliveryFactory(center=center, vaccine=vaccine, doses=390, due_on=date(2021, 2, 20), expected=True)


def opening(center, day, capacity, booked=0, vaccine=None):
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    extra = {"session__vaccine": vaccine} if vaccine else {}
    return SlotFactory(session__center=center, starts_at=at, capacity=capacity, booked=booked, **extra)


def test_empty_center_says_what_to_do(manager):
    page = text(manager.get(SUPPLY))

    assert "Für dieses Zentrum ist noch keine Lieferung eingetragen." in page
    assert f'href="{NEW}"' in page


def test_sessions_without_any_delivery_are_named(manager, center, vaccine):
    opening(center, date(2021, 2, 18), 10)

    assert "Es ist keine Lieferung eingetragen, aber Plätze sind veröffentlicht." in text(manager.get(SUPPLY))


def test_stock_that_is_enough_says_until_when_and_what_is_free(manager, center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    opening(center, date(2021, 2, 18), 10, booked=4)

    page = text(manager.get(SUPPLY))

    assert "Reicht für alle veröffentlichten Sitzungen, bis Do 18.02." in page
    assert "<dt>frei für neue Sitzungen</dt><dd>50</dd>" in page


def test_stock_that_is_not_enough_says_from_when_and_for_whom(manager, center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, doses=8)
    opening(center, date(2021, 2, 17), 5)
    opening(center, date(2021, 2, 18), 10, booked=4)

    page = text(manager.get(SUPPLY))

    assert "Reicht bis Mi 17.02. Danach fehlen 7 Dosen." in page
    assert "Bis Do 18.02. ist 1 Sitzung mit 10 Plätzen nicht gedeckt, davon sind 4 gebucht." in page


def test_late_delivery_shows_at_once_what_it_leaves_uncovered(manager, center, vaccine):
    opening(center, date(2021, 2, 22), 10, booked=4)
    late = DeliveryFactory(center=center, vaccine=vaccine, doses=60, due_on=date(2021, 2, 20), confirmed=True)
    assert "Reicht für alle veröffentlichten Sitzungen" in text(manager.get(SUPPLY))

    change = {"deed": "change", "version": "1", "doses": "60", "due_on": "2021-02-24", "state": "confirmed", "note": ""}
    answer = manager.post(page_of(late), change, follow=True)

    page = text(answer)
    assert "Die Lieferung von 60 Dosen kommt am Mi 24.02. statt am Sa 20.02." in page
    assert "ist 1 Sitzung mit 10 Plätzen nicht gedeckt, davon sind 4 gebucht." in page
    assert "verspätet" in page


def test_overdue_delivery_does_not_count(manager, center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60, due_on=date(2021, 2, 15), confirmed=True)
    opening(center, date(2021, 2, 18), 10)

    page = text(manager.get(SUPPLY))

    assert "Die Lieferung von 60 Dosen vom Mo 15.02. ist nicht gekommen." in page
    assert "überfällig" in page


def test_last_vial_of_a_day_is_told(manager, center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    opening(center, date(2021, 2, 18), 10)

    assert '<td class="num">2<small>, Rest 2</small></td>' in text(manager.get(VACCINE))


@pytest.mark.parametrize("rows", [1, 3])
def test_overview_asks_the_same_number_of_questions(manager, center, vaccine, rows, django_assert_num_queries):
    for number in range(rows):
        opening(center, date(2021, 2, 18) + timedelta(days=number), 10)
        DeliveryFactory(center=center, vaccine=vaccine, doses=1, due_on=TODAY + timedelta(days=number), expected=True)
        WasteFactory(center=center, vaccine=vaccine)

    manager.get(NEW)  # the first page of a login writes down that she works
    with django_assert_num_queries(16):
        manager.get(SUPPLY)


def test_older_deliveries_are_folded_away(manager, center, vaccine):
    for number in range(12):
        DeliveryFactory(center=center, vaccine=vaccine, due_on=TODAY - timedelta(days=number))

    assert "<summary>2 ältere Lieferungen</summary>" in text(manager.get(SUPPLY))


def test_days_of_a_vaccine_begin_today(manager, center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    ReserveRuleFactory(vaccine=vaccine, percent=50)

    page = text(manager.get(VACCINE))

    assert "Tag für Tag, Di 16.02. bis Mo 15.03." in page
    assert "Von jeder Lieferung werden 50 % für zweite Dosen zurückgelegt und nach 21 Tagen frei." in page


@pytest.mark.parametrize("since", ["", "morgen", "2021-02-30", "0001-01-01", "9999-12-31", "2021-02-16%00"])
def test_day_that_makes_no_sense_is_today(manager, center, vaccine, since):
    DeliveryFactory(center=center, vaccine=vaccine)

    assert "Tag für Tag, Di 16.02." in text(manager.get(f"{VACCINE}?ab={since}"))


def test_weeks_before_can_be_looked_up(manager, center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, due_on=date(2021, 1, 20))

    assert "Tag für Tag, Di 19.01." in text(manager.get(f"{VACCINE}?ab=2021-01-19"))


def test_unknown_vaccine_is_no_page(manager):
    assert manager.get(reverse("centeradmin:supply_vaccine", args=["globuli"])).status_code == 404


def test_vaccine_that_nobody_has_entered_says_so(manager, vaccine):
    assert "Über diesen Impfstoff ist noch nichts bekannt." in text(manager.get(VACCINE))


def test_delivery_is_entered(manager, center, vaccine):
    answer = manager.post(NEW, GOOD)

    delivery = Delivery.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, SUPPLY)
    assert (delivery.center, delivery.doses, delivery.note) == (center, 1170, "Charge EM0477")
    assert AuditEvent.objects.get(action="delivery.entered").actor == delivery.entered_by


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("vaccine", "globuli", "Bitte wählen Sie einen Impfstoff."),
        ("doses", "", "Bitte geben Sie eine Zahl an."),
        ("doses", "viele", "Bitte geben Sie eine ganze Zahl an, zum Beispiel 390."),
        ("doses", "-6", "Geben Sie eine Zahl von 1 bis 100000 Dosen an."),
        ("doses", "99999999999999999999", "Bitte geben Sie eine ganze Zahl an"),
        ("due_on", "30.2.2021", "Bitte geben Sie den Tag so an: 29.04.2021."),
        ("due_on", "0202-02-20", "Bitte geben Sie den Tag so an: 29.04.2021."),
        ("due_on", "2021-02-15", "Dieser Tag ist vorbei."),
        ("due_on", "2031-02-20", "Dieser Tag ist mehr als ein Jahr entfernt."),
        ("state", "cancelled", "Bitte"),
        ("note", "x" * 201, "höchstens"),
    ],
)
def test_wrong_entry_gets_its_cure_and_is_kept(manager, vaccine, field, value, words):
    answer = manager.post(NEW, {**GOOD, field: value})

    page = text(answer)
    assert (answer.status_code, Delivery.objects.count()) == (200, 0)
    assert words in page
    assert "Charge EM0477" in page or field == "note"


def test_same_delivery_is_asked_about_and_can_be_confirmed(manager, vaccine):
    manager.post(NEW, GOOD)

    again = text(manager.post(NEW, GOOD))
    assert "Genau diese Lieferung ist schon eingetragen. Ist das eine zweite?" in again
    assert 'name="again"' in again

    manager.post(NEW, {**GOOD, "again": "on"})
    assert Delivery.objects.count() == 2


def test_delivery_is_received(manager, delivery):
    manager.post(page_of(delivery), {"deed": "receive", "version": "1", "doses": "384", "on": "16.2.2021"})

    delivery.refresh_from_db()
    assert (delivery.state, delivery.doses, delivery.due_on) == ("received", 384, TODAY)


def test_delivery_is_cancelled_with_a_reason(manager, delivery):
    missing = manager.post(page_of(delivery), {"deed": "cancel", "version": "1", "reason": ""})
    assert "Bitte geben Sie den Grund an." in text(missing)

    manager.post(page_of(delivery), {"deed": "cancel", "version": "1", "reason": "Hersteller liefert nicht"})

    delivery.refresh_from_db()
    assert delivery.state == "cancelled"
    assert "Hersteller liefert nicht" in text(manager.get(page_of(delivery)))


def test_second_editor_sees_the_difference_and_loses_nothing(manager, login, delivery):
    first = {"deed": "change", "version": "1", "doses": "200", "due_on": "2021-02-20", "state": "confirmed", "note": ""}
    second = {**first, "doses": "390", "due_on": "2021-02-25", "state": "expected", "note": "Anruf"}
    manager.post(page_of(delivery), first)

    page = text(login(Role.PLANNER).post(page_of(delivery), second))

    assert "Jemand anderes hat diese Lieferung inzwischen geändert." in page
    assert '<th scope="row">Dosen</th><td>200</td><td>390</td>' in page
    assert '<th scope="row">Tag</th><td>Sa 20.02.</td><td>Do 25.02.</td>' in page
    assert 'value="2021-02-25"' in page
    assert 'name="version" value="2"' in page

    login(Role.PLANNER).post(page_of(delivery), {**second, "version": "2"})
    delivery.refresh_from_db()
    assert (delivery.doses, delivery.note, delivery.version) == (390, "Anruf", 3)


def test_slip_of_the_keys_does_not_hide_what_the_first_editor_wrote(manager, login, delivery):
    good = {"deed": "change", "version": "1", "doses": "200", "due_on": "2021-02-20", "state": "confirmed", "note": ""}
    manager.post(page_of(delivery), good)

    page = text(login(Role.PLANNER).post(page_of(delivery), {**good, "doses": "viele"}))

    assert 'name="version" value="1"' in page
    assert 'name="version" value="2"' not in page


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "²"])
def test_forged_version_is_an_old_one(manager, delivery, version):
    change = {
        "deed": "change",
        "version": version,
        "doses": "5",
        "due_on": "2021-02-20",
        "state": "expected",
        "note": "",
    }

    assert manager.post(page_of(delivery), change).status_code == 200
    delivery.refresh_from_db()
    assert delivery.doses == 390


@pytest.mark.parametrize("deed", ["", "burn"])
def test_deed_that_is_none_changes_nothing(manager, delivery, deed):
    assert manager.post(page_of(delivery), {"deed": deed, "version": "1"}).status_code == 200
    assert not AuditEvent.objects.filter(action__startswith="delivery.").exists()


def test_delivery_of_another_center_is_no_page(manager, vaccine):
    foreign = DeliveryFactory(center=CenterFactory(name="Kamenz"), vaccine=vaccine, expected=True)

    assert manager.get(page_of(foreign)).status_code == 404
    cancel = {"deed": "cancel", "version": "1", "reason": "x"}
    assert manager.post(page_of(foreign), cancel).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == "expected"


def test_delivery_shows_who_changed_what(manager, center, vaccine):
    manager.post(NEW, GOOD)
    delivery = Delivery.objects.get()
    change = {
        "deed": "change",
        "version": "1",
        **{key: GOOD[key] for key in ("due_on", "state", "note")},
        "doses": "90",
    }
    manager.post(page_of(delivery), change)

    page = text(manager.get(page_of(delivery)))

    assert "Lieferung geändert" in page
    assert "Dosen: 1170 → 90" in page


@pytest.mark.parametrize("role", [Role.CENTER_STAFF, Role.CALL_AGENT, Role.AUDITOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("address", [SUPPLY, NEW, WASTE, RESERVE, VACCINE])
def test_supply_is_closed_to_other_roles(login, role, address):
    assert login(role).get(address).status_code == 403


def test_planner_looks_after_every_center(login):
    CenterFactory(name="Kamenz", slug="kamenz")
    planner = login(Role.PLANNER, at=[])
    planner.post(reverse("centeradmin:home"), {"center": "kamenz"})

    assert "Kamenz" in text(planner.get(SUPPLY))
