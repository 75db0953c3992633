"""Doses that are lost, entered and taken back; and the rules by which second doses are kept."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from centers.models import ReserveRule, Waste
from tests.factories.supply import CenterFactory, DeliveryFactory, ReserveRuleFactory, VaccineFactory, WasteFactory

pytestmark = pytest.mark.django_db
NEW = reverse("centeradmin:supply_new")
WASTE = reverse("centeradmin:supply_waste")
RESERVE = reverse("centeradmin:supply_reserve")


def text(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


@pytest.fixture
def vaccine():
    return VaccineFactory()


def test_waste_is_entered_and_taken_back(manager, center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    loss = {"vaccine": "comirnaty", "doses": "6", "on": "2021-02-16", "reason": "Flasche zerbrochen"}

    page = text(manager.post(WASTE, loss, follow=True))
    assert "Flasche zerbrochen" in page

    back = reverse("centeradmin:supply_waste_back", args=[Waste.objects.get().public_id])
    assert manager.post(back).status_code == 302
    assert manager.post(back).status_code == 302
    assert not Waste.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("doses", "61", "Bis zu diesem Tag waren 60 Dosen gekommen"),
        ("doses", "0", "Geben Sie eine Zahl von 1 bis 60 an."),
        ("on", "2021-02-17", "Dieser Tag kommt erst noch."),
        ("reason", " ", "Bitte geben Sie an, was geschehen ist."),
        ("vaccine", "", "Bitte wählen Sie einen Impfstoff."),
    ],
)
def test_waste_that_cannot_be_gets_its_cure(manager, center, vaccine, field, value, words):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    loss = {"vaccine": "comirnaty", "doses": "6", "on": "2021-02-16", "reason": "Flasche zerbrochen"}

    assert words in text(manager.post(WASTE, {**loss, field: value}))
    assert not Waste.objects.exists()


def test_waste_of_another_center_stays(manager, vaccine):
    foreign = WasteFactory(center=CenterFactory(name="Kamenz"), vaccine=vaccine)

    manager.post(reverse("centeradmin:supply_waste_back", args=[foreign.public_id]))

    assert Waste.objects.get() == foreign
    assert "Bisher ist nichts verloren." in text(manager.get(WASTE))


@pytest.mark.parametrize("rows", [1, 3])
def test_waste_asks_the_same_number_of_questions(manager, center, vaccine, rows, django_assert_num_queries):
    for _number in range(rows):
        WasteFactory(center=center, vaccine=vaccine)

    manager.get(NEW)  # the first page of a login writes down that she works
    with django_assert_num_queries(6):
        manager.get(WASTE)


def test_manager_sees_the_rules_and_cannot_add_one(manager, vaccine):
    ReserveRuleFactory(vaccine=vaccine, percent=50, note="Land Sachsen")

    page = text(manager.get(RESERVE))
    answer = manager.post(RESERVE, {"vaccine": "comirnaty", "valid_from": "2021-03-01", "percent": "0"})

    assert "Land Sachsen" in page
    assert "Nur die Planung kann eine Regel hinzufügen." in page
    assert (answer.status_code, ReserveRule.objects.count()) == (403, 1)


def test_planner_adds_a_rule_for_all_centers(login, vaccine):
    rule = {"vaccine": "comirnaty", "valid_from": "2021-03-01", "percent": "10", "note": "Erlass"}

    assert login(Role.PLANNER).post(RESERVE, rule).status_code == 302
    assert ReserveRule.objects.get().percent == 10


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("percent", "101", "Geben Sie eine Zahl von 0 bis 100 an."),
        ("valid_from", "2021-02-15", "Eine Regel kann frühestens heute beginnen"),
        ("valid_from", "2021-03-02", "Für diesen Tag gibt es schon eine Regel."),
    ],
)
def test_rule_that_cannot_be_gets_its_cure(login, vaccine, field, value, words):
    ReserveRuleFactory(vaccine=vaccine, valid_from=date(2021, 3, 2))
    rule = {"vaccine": "comirnaty", "valid_from": "2021-03-01", "percent": "10", "note": "Erlass", field: value}

    assert words in text(login(Role.PLANNER).post(RESERVE, rule))
    assert ReserveRule.objects.count() == 1
