"""/telefon/heute/ and /telefon/kontingente/: the figures are right, they add up, and their cost does not grow."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from booking import telling
from booking.services import appointments, fall_back
from centers.models import Contingent, Session
from notifications import printing
from notifications.models import PrintBatch
from tests.factories import NOW
from tests.factories.calls import CallBackFactory, CallFactory
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, ContingentFactory, SlotFactory, VaccineFactory
from tests.web.centeradmin.overview.tables import rows, text

pytestmark = pytest.mark.django_db
TODAY, USAGE, CSV = (reverse(f"callcenter:{name}") for name in ("figures", "usage", "usage_csv"))
BEFORE = timedelta(days=2)


def call(agent, *, ago: int, seconds: int) -> None:
    """One that began so many minutes ago and took so long."""
    opened = NOW - timedelta(minutes=ago)
    CallFactory(agent=agent, opened_at=opened, done_at=opened + timedelta(seconds=seconds))


@pytest.fixture
def planner(db) -> Client:
    client = Client()
    client.force_login(UserFactory(roles=[Role.PLANNER]))
    return client


def test_calls_are_counted_by_agent_and_hour_with_their_median(lead, jana):
    uwe = UserFactory(first_name="Uwe", last_name="Lange", roles=[Role.CALL_AGENT])
    for ago, seconds in ((70, 60), (50, 120), (40, 600)):
        call(jana, ago=ago, seconds=seconds)
    call(uwe, ago=30, seconds=241)
    call(uwe, ago=24 * 60, seconds=9000)  # yesterday
    CallFactory(agent=uwe)  # goes on

    page = lead.get(TODAY).content.decode()

    assert rows(page, "Anrufe nach Person und Stunde") == [
        ["Jana Kretzschmar", "1", "2", "3", "2:00 min"],
        ["Uwe Lange", "0", "1", "1", "4:01 min"],
        ["Summe", "1", "3", "4", "3:00 min"],
        ["Median", "1:00 min", "4:01 min", "", "3:00 min"],
    ]
    assert "Laufende Anrufe 1" in text(page)


def test_what_waits_and_what_is_left(lead):
    phone = ContingentFactory(phone=True)
    center = CenterFactory(name="Riesa")
    for days, capacity in ((1, 3), (14, 2), (15, 50)):
        SlotFactory(
            starts_at=NOW + timedelta(days=days), capacity=capacity, session__center=center, session__contingent=phone
        )
    SlotFactory(starts_at=NOW + timedelta(days=3), session__center=center)  # online
    SlotFactory(
        starts_at=NOW + timedelta(days=3), full=True, session__contingent=phone, session__center__name="Zwickau"
    )
    CallBackFactory()
    CallBackFactory(again_at=NOW + timedelta(minutes=5))

    page = lead.get(TODAY).content.decode()

    assert rows(page, "Plätze für Anrufende, nächste 14 Tage") == [
        ["Riesa", "5", "5", "Mittwoch, 17. Februar, 10:00 Uhr"], ["Zwickau", "2", "0", "voll"], ["Summe", "7", "5", ""],
    ]  # fmt: skip
    assert "1 Rückruf, wartet seit 26 Minuten" in text(page)
    assert "1 weiterer wurde nicht erreicht" in text(page)


def test_a_letter_in_a_batch_is_to_be_printed_until_somebody_has_done_it(lead, jana):
    for person in RegistrationFactory.create_batch(2, email=""):
        telling.tell("registered", person, key=f"registered:{person.pk}", now=NOW)
    waits = "2 Briefe zu drucken, der älteste vom Dienstag, 16. Februar 2021"
    assert waits in text(lead.get(TODAY).content.decode())

    printing.make_now(by=jana, now=NOW)

    assert waits in text(lead.get(TODAY).content.decode())
    for batch in PrintBatch.objects.all():
        printing.printed(batch=batch.public_id, posted_on=batch.day, by=jana, now=NOW)
    assert "Kein Brief zu drucken" in text(lead.get(TODAY).content.decode())


@pytest.mark.parametrize("number", [1, 4])
def test_the_figures_of_today_cost_the_same(lead, django_assert_max_num_queries, number):
    for agent in UserFactory.create_batch(number):
        call(agent, ago=30, seconds=60)
        SlotFactory(starts_at=NOW + timedelta(days=1), session__contingent=ContingentFactory(phone=True))
    lead.get(TODAY)
    with django_assert_max_num_queries(12):
        lead.get(TODAY)


def test_who_only_answers_calls_sees_no_figures_of_others(agent):
    assert {agent.get(url).status_code for url in (TODAY, USAGE, CSV)} == {403}


@pytest.fixture
def block():
    """One start time in Riesa: four places online, three by telephone of which two have fallen; two are booked."""
    RegulationFactory()
    OpeningFactory()
    vaccine = VaccineFactory(single=True)
    online = ContingentFactory()
    phone = ContingentFactory(phone=True, falls_back_to=online, falls_back_before=BEFORE)
    riesa, at = CenterFactory(name="Riesa", slug="riesa"), NOW + timedelta(days=7)
    web = SlotFactory(starts_at=at, capacity=4, session__center=riesa, session__vaccine=vaccine, session__places=4)
    calls = SlotFactory(
        starts_at=at, capacity=3, session__center=riesa, session__vaccine=vaccine, session__contingent=phone,
        session__block=web.session.block, session__places=3,
    )  # fmt: skip
    for slot, channel in ((web, "web"), (calls, "phone")):
        person = RegistrationFactory(invited=True)
        appointments.book(registration=person, slot_id=slot.pk, channel=channel, by=None, now=NOW)
    assert fall_back.fall_due(now=at - BEFORE) == 2
    return web.session.block


def test_opened_and_fallen_make_the_places_and_every_sum_adds_up(planner, block):
    page = planner.get(USAGE).content.decode()

    lines = [["Online", "4", "+2", "6", "1", "5", "16 %"], ["Telefon", "3", "−2", "1", "1", "0", "100 %"]]
    total = ["Summe", "7", "0", "7", "2", "5", "28 %"]
    assert rows(page, "Insgesamt") == [*lines, total]
    assert rows(page, "Nach Wochen") == [["Montag, 22. Februar 2021", *lines[0]], lines[1], total]
    assert rows(page, "Nach Zentren") == [["Riesa", *lines[0]], lines[1], total]
    assert rows(page, "Auf welchem Weg gebucht wurde") == [
        ["Online", "1", "0", "0", "1"], ["Telefon", "0", "1", "0", "1"], ["Summe", "1", "1", "0", "2"],
    ]  # fmt: skip


def test_thousands_are_grouped_for_people_and_never_for_programs(planner, lead):
    """Years, ids and the file for a spreadsheet stay as they are."""
    phone = ContingentFactory(phone=True)
    SlotFactory(
        starts_at=NOW + timedelta(days=7), capacity=1234, session__contingent=phone, session__center__slug="riesa"
    )
    Session.objects.update(fallen=-1000)

    page, today = planner.get(USAGE).content.decode(), lead.get(TODAY).content.decode()

    assert rows(page, "Insgesamt") == [
        [name, "2.234", "−1.000", "1.234", "0", "1.234", "0 %"] for name in ("Telefon", "Summe")
    ]
    assert 'value="2021-01-18"' in page
    assert "22. Februar 2021" in text(page)
    assert rows(today, "Plätze für Anrufende, nächste 14 Tage")[-1][1:3] == ["1.234", "1.234"]
    sheet = b"".join(planner.get(CSV).streaming_content).decode("utf-8-sig").splitlines()
    assert sheet[-1] == "Summe;;;2234;0;1000;1234;0;1234"


def test_suspended_places_count_as_far_as_somebody_has_them(planner, block):
    Session.objects.update(state="suspended")
    assert rows(planner.get(USAGE).content.decode(), "Insgesamt")[-1] == ["Summe", "2", "0", "2", "2", "0", "100 %"]


def test_the_spreadsheet_has_the_same_lines(planner, block):
    sheet = b"".join(planner.get(CSV).streaming_content).decode("utf-8-sig").splitlines()
    assert sheet[1:] == [
        "Riesa;2021-02-22;Online;4;2;0;6;1;5",
        "Riesa;2021-02-22;Telefon;3;0;2;1;1;0",
        "Summe;;;7;0;0;7;2;5",
    ]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"von": "x", "bis": "2021-03-01"}, "Geben Sie beide Tage an"),
        ({"von": "2021-03-01"}, "Geben Sie beide Tage an"),
        ({"von": "2021-03-08", "bis": "2021-03-01"}, "liegt vor dem ersten"),
        ({"von": "2021-01-01", "bis": "2021-12-31"}, "Höchstens ein halbes Jahr"),
        ({"von": "0001-01-01", "bis": "9999-12-31"}, "Geben Sie beide Tage an"),
    ],
)
def test_days_that_are_none_are_told_and_kept(planner, block, asked, told):
    answer = planner.get(USAGE, asked)
    assert answer.status_code == 422
    assert told in text(answer.content.decode())
    assert f'value="{asked["von"]}"' in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_usage_costs_the_same(planner, django_assert_max_num_queries, number):
    SlotFactory.create_batch(number, starts_at=NOW + timedelta(days=2))
    planner.get(USAGE)
    with django_assert_max_num_queries(9):
        planner.get(USAGE)


def test_one_center_alone(planner, block):
    CenterFactory(slug="pirna")
    assert "keine Sitzung" in text(planner.get(USAGE, {"zentrum": "pirna"}).content.decode())
    assert Contingent.objects.count() == 2
    assert "Nach Zentren" not in planner.get(USAGE, {"zentrum": "riesa"}).content.decode()
