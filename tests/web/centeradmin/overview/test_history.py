"""Who changed what in a center: in words, page by page, and nothing about citizens or other centers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import audit
from accounts.models import User
from accounts.roles import Role
from tests.factories import NOW
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, ContingentFactory, VaccineFactory
from tests.web.centeradmin.overview.tables import rows, text
from web.access import TABLE, may
from web.centeradmin.overview import history

pytestmark = pytest.mark.django_db
HISTORY = reverse("centeradmin:day_history")
CAPTION = "Wer hat was geändert"


@pytest.fixture
def kerstin() -> User:
    return UserFactory(first_name="Kerstin", last_name="Vogel")


def record(action: str, center, by, *, ago: int = 5, **fields) -> None:
    audit.record(action, subject=center.public_id, by=by, now=NOW - timedelta(minutes=ago), **fields)


def test_a_changed_session_is_told_with_before_and_after(manager, center, kerstin):
    ContingentFactory()
    ContingentFactory(phone=True)
    VaccineFactory()
    before = {"vaccine": "comirnaty", "hours": "09:00-16:00", "lines": [5, 6], "shares": {"online": 28, "telefon": 20}}
    after = {**before, "hours": "10:00-16:00", "shares": {"online": 24, "telefon": 20}}
    record("session.changed", center, kerstin, details={"blocks": [], "before": before, "after": after})

    page = manager.get(HISTORY).content.decode()

    assert rows(page, CAPTION) == [
        ["16.02.2021 09:55", "Kerstin Vogel", "Sitzung geändert",
         "Zeit: 10:00–16:00 statt 09:00–16:00 Anteile: Online 24, Telefon 20 statt Online 28, Telefon 20"],
    ]  # fmt: skip


def test_a_created_session_a_late_delivery_and_the_clock_are_told(manager, center, kerstin):
    VaccineFactory()
    days = [f"2021-03-{day:02}" for day in range(1, 11)]
    made = {"vaccine": "comirnaty", "days": days, "break": ""}  # no break is nothing to tell
    record("session.created", center, kerstin, ago=9, details={"after": made})
    opened = {"before": {"state": "draft"}, "after": {"state": "published"}}
    record("session.published", center, None, ago=8, details=opened)
    late = {"before": {"doses": 60, "due_on": "2021-02-18"}, "after": {"doses": 60, "due_on": "2021-02-22"}}
    record("delivery.changed", center, kerstin, ago=7, details={"vaccine": "comirnaty", **late})

    told = [row[1:] for row in rows(manager.get(HISTORY).content.decode(), CAPTION)]

    assert told == [
        ["Kerstin Vogel", "Lieferung geändert", "Impfstoff: Comirnaty Kommt am: Mo 22.02. statt Do 18.02."],
        ["von selbst", "Sitzung veröffentlicht", "Stand: veröffentlicht statt Entwurf"],
        ["Kerstin Vogel", "Sitzung angelegt",
         "Impfstoff: Comirnaty Tage: 10 Tage von Mo 01.03. bis Mi 10.03."],
    ]  # fmt: skip


def test_other_centers_and_what_happens_to_people_are_not_told(manager, center, kerstin):
    record("session.closed", CenterFactory(), kerstin)
    record("day_list.read", center, kerstin)
    record("appointment.arrived", center, kerstin)

    assert "Bisher wurde nichts geändert." in text(manager.get(HISTORY).content.decode())


def test_filters_by_kind_and_days(manager, center, kerstin):
    record("session.closed", center, kerstin, ago=24 * 60, reason="Strom fällt aus")
    record("delivery.received", center, kerstin)

    def deeds(**query: str) -> list[str]:
        page = manager.get(HISTORY, query).content.decode()
        return [row[2] for row in rows(page, CAPTION)] if "<tbody" in page else [text(page).split("alles")[-1][:3]]

    assert deeds(art="vorrat") == ["Lieferung eingegangen"]
    assert deeds(art="sitzungen") == ["Sitzung geschlossen"]
    assert deeds(von="2021-02-16") == ["Lieferung eingegangen"]
    assert deeds(bis="2021-02-15") == ["Sitzung geschlossen"]
    assert deeds(art="gibt-es-nicht", von="2021-02-15", bis="2021-02-16") == [
        "Lieferung eingegangen", "Sitzung geschlossen",
    ]  # fmt: skip
    assert "Grund: Strom fällt aus" in text(manager.get(HISTORY).content.decode())


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"von": "31.2.2021"}, "Bitte geben Sie Tage so ein: 2021-04-19."),
        ({"bis": "9999-99-99"}, "Bitte geben Sie Tage so ein: 2021-04-19."),
        ({"von": "2021-02-17", "bis": "2021-02-16"}, "Der letzte Tag liegt vor dem ersten."),
    ],
)
def test_days_that_are_none_are_refused_with_the_cure_and_kept(manager, query, words):
    page = manager.get(HISTORY, query).content.decode()

    assert words in text(page)
    assert all(f'value="{typed}"' in page for typed in query.values())


def test_pages_go_on_where_the_last_one_ended(manager, center, kerstin, monkeypatch):
    monkeypatch.setattr(history, "PAGE", 2)
    for number in range(5):
        record("waste.recorded", center, kerstin, ago=1, details={"doses": number})  # all in the same moment

    seen, address = [], HISTORY
    for _page in range(3):
        page = manager.get(address).content.decode()
        seen += [row[3] for row in rows(page, CAPTION)]
        older = [part.split('"')[0] for part in page.split('href="') if "vor=" in part.split('"')[0]]
        address = older[0].replace("&amp;", "&") if older else ""

    assert seen == [f"Dosen: {number}" if number else "Dosen: 0" for number in (4, 3, 2, 1, 0)]
    assert not address


@pytest.mark.parametrize("typed", ["x", "_", "2021-02-16_1", "2021-02-16T09:00:00+00:00_99999999999999999999", "'--_1"])
def test_a_bent_page_number_shows_the_newest(manager, center, kerstin, typed):
    record("session.closed", center, kerstin)

    assert "Sitzung geschlossen" in manager.get(HISTORY, {"vor": typed}).content.decode()


def test_the_history_is_the_manager_s(login):
    assert [role for role in Role if may(UserFactory(roles=[role]), TABLE["centeradmin:day_history"])] == [
        Role.CENTER_MANAGER
    ]
    assert login(Role.CENTER_STAFF).get(HISTORY).status_code == 403


def test_places_that_fell_back_are_told_on_their_own_and_hide_nobodys_deed(manager, center, kerstin):
    ContingentFactory()
    ContingentFactory(phone=True)
    VaccineFactory()
    record("session.suspended", center, kerstin)
    fell = {
        "blocks": [], "vaccine": "comirnaty", "day": "2021-02-18", "starts": "10:00 – 11:50", "places": 12,
        "from": "telefon", "to": "online",
        "before": {"shares": {"online": 65, "telefon": 32}}, "after": {"shares": {"online": 77, "telefon": 20}},
    }  # fmt: skip
    record("session.fell_back", center, None, details=fell)

    everything = manager.get(HISTORY).content.decode()
    fallen = manager.get(HISTORY, {"art": "rueckfall"}).content.decode()

    assert [row[1:3] for row in rows(everything, CAPTION)] == [["Kerstin Vogel", "Sitzung ausgesetzt"]]
    assert 'href="?art=rueckfall"' in everything
    ((_at, who, deed, facts),) = rows(fallen, CAPTION)
    assert (who, deed) == ("von selbst", "Freie Plätze zurückgefallen")
    assert "Online 77, Telefon 20 statt Online 65, Telefon 32" in facts
    assert "Plätze: 12" in facts
