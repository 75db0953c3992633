"""Choose, preview, decide, watch, result: what a manager sees, and what she cannot break."""

import re
from datetime import time, timedelta
from urllib.parse import unquote

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from booking.changes.wish import Wish
from booking.models import Appointment, Case, Change
from booking.services import caring, changes
from centers.models import Session, Slot
from notifications.models import Message
from tests.factories import NOW
from tests.factories.house import CLOSED_DAY, TODAY
from tests.factories.supply import CenterFactory

pytestmark = pytest.mark.django_db
CHOOSE = reverse("centeradmin:changes")
DAY = (TODAY + timedelta(days=CLOSED_DAY)).isoformat()


def preview(browser, **asked: str) -> str:
    """Where the form leads to; the page with the form, where it leads nowhere."""
    answer = browser.post(CHOOSE, {"was": "close", "von": DAY, "bis": DAY, "grund": "Impfstoff fehlt", **asked})
    return answer.headers.get("Location", CHOOSE)


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def answers(page: str, **values: str) -> dict[str, str]:
    """What the form of this page would send, with the preview read."""
    chosen = dict(re.findall(r'name="(gruppe_\w+)" value="(\w+)" checked', page))
    return {name: hidden(page, name) for name in ("fingerprint", "named", "grund")} | {"ok": "1"} | chosen | values


def text(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def one_way(url: str) -> dict[str, str]:
    return {"was": "close", "sitzung": url}


@pytest.fixture
def moved(house):
    """Two people in a session that is to be closed, and room for one of them."""
    closed = house.slot(CLOSED_DAY)
    house.slot(CLOSED_DAY + 1, capacity=1)
    return [house.booked(closed, first_name="Waltraud"), house.booked(closed, first_name="Siegfried")]


def test_other_pages_fill_in_days_and_vaccine(manager, house):
    slot = house.slot(CLOSED_DAY)
    page = manager.get(CHOOSE, {"von": DAY, "bis": DAY, "impfstoff": "janssen", "sitzung": slot.session.public_id})

    assert page.context["form"]["von"].value() == DAY
    assert page.context["form"]["impfstoff"].value() == "janssen"
    assert page.context["form"]["sitzung"].value() == str(slot.session.block)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"von": "", "bis": ""}, "geben Sie den Tag an, ab dem es gilt"),
        ({"bis": "2021-02-01"}, "Der letzte Tag liegt vor dem ersten"),
        ({"grund": ""}, "Bitte füllen Sie dieses Feld aus"),
        ({"von": "32.13.2021"}, "29.04.2021"),
        ({"was": "reshape"}, "deren Linien oder Zeiten sich ändern"),
        ({"was": "reshape", "linien": "500"}, "zwischen 1 und 60"),
        ({"was": "last_day"}, "letzten Tag an, an dem das Zentrum geöffnet ist"),
        ({"was": "last_day", "letzter_tag": "2020-01-01"}, "nicht in der Vergangenheit"),
        ({"sitzung": "nonsense"}, "geben Sie den Tag an"),
        ({"aenderung": "x"}, "UUID"),
        ({"was": "bomb"}, "Bitte prüfen Sie"),
        ({"impfstoff": "water"}, "Bitte prüfen Sie"),
        ({"von": "2021-05-01", "bis": "2021-05-02"}, "Es gibt keine Sitzung"),
    ],
)
def test_bad_input_gets_words_and_keeps_what_was_typed(manager, house, asked, words):
    house.slot(CLOSED_DAY)
    asked = {"von": DAY, "bis": DAY, **asked} if asked.get("sitzung") != "nonsense" else {"von": "", "bis": "", **asked}
    page = manager.post(CHOOSE, {"was": "close", "grund": "Impfstoff fehlt", **asked}, follow=True)

    assert page.status_code == 200
    assert words in text(page)
    if asked.get("grund") != "":
        assert "Impfstoff fehlt" in page.content.decode()


def test_the_reason_stands_in_no_address_and_is_kept_for_the_deed(manager, moved):
    url = preview(manager, grund="Frau Vogel ist krank")
    page = manager.get(url)
    assert "Vogel" not in unquote(url)
    assert "Grund: Frau Vogel ist krank" in text(page)
    assert "Vogel" not in unquote(page.context["choose_url"] + page.context["suspend_url"])
    assert manager.get(page.context["choose_url"]).context["form"]["grund"].value() == "Frau Vogel ist krank"
    assert "Grund: Frau Vogel ist krank" in text(manager.get(page.context["suspend_url"]))
    other = preview(manager, grund="Impfstoff fehlt")
    assert "Grund: Impfstoff fehlt" in text(manager.get(other))
    manager.post(url, answers(page.content.decode()))
    assert Change.objects.get().reason == "Frau Vogel ist krank"
    # The old way, or a login that has ended meanwhile: she is asked again, and nothing is done.
    stale = url.partition("&entwurf")[0] + "&grund=Alt"
    assert "Bitte füllen Sie dieses Feld aus" in text(manager.get(stale))


def test_the_preview_names_everybody_once_and_the_button_the_deed(manager, moved):
    page = text(manager.get(preview(manager)))

    assert "Do 25. Februar schließen" in page
    assert "Sie schließen 1 Sitzung. 2 Personen sind betroffen." in page
    assert "1 Sitzung schließen, 1 Person verschieben, 1 behalten" in page
    assert Change.objects.count() == 0


def test_closing_from_the_page_runs_and_ends_in_the_result(manager, moved):
    url = preview(manager)
    answer = manager.post(url, answers(manager.get(url).content.decode()))
    change = Change.objects.get()
    run = reverse("centeradmin:changes_run", kwargs={"change": change.public_id})
    assert answer["Location"] == run
    assert "0 von 2 Personen sind fertig" in text(manager.get(run))

    caring.carry_on(now=NOW)

    result = reverse("centeradmin:changes_result", kwargs={"change": change.public_id})
    assert manager.get(run)["Location"] == result
    assert manager.get(run, headers={"hx-request": "true"})["HX-Redirect"] == result
    page = text(manager.get(result))
    assert "2 von 2 Personen versorgt" in page
    assert "1 verschoben, 1 behalten" in page
    assert "Nachricht wartet auf Versand 2" in page


def test_who_has_not_read_it_changes_nothing(manager, moved):
    url = preview(manager)
    page = manager.post(url, answers(manager.get(url).content.decode(), ok=""))

    assert "Bitte bestätigen Sie" in text(page)
    assert not Change.objects.exists()


def test_another_decision_renames_the_button_before_it_counts(manager, moved):
    url = preview(manager)
    page = manager.post(url, answers(manager.get(url).content.decode(), gruppe_no_place="cancel"))

    assert "Der Knopf nennt jetzt Ihre Entscheidung" in text(page)
    assert "1 Person verschieben, 1 absagen" in text(page)
    assert not Change.objects.exists()

    manager.post(url, answers(page.content.decode(), ok="1"))
    assert Change.objects.get().decisions == {"same_center": "move", "no_place": "cancel"}


def test_something_changed_meanwhile_shows_the_new_preview_and_who_it_was(manager, house, moved):
    url = preview(manager)
    seen = answers(manager.get(url).content.decode())
    house.run(house.wish("suspend"))

    page = manager.post(url, seen)

    assert "Seit Ihrer Vorschau hat sich etwas geändert" in text(page)
    assert "Mandy Vogel" in text(page)
    assert "ausgesetzt" in text(page)
    assert not Change.objects.filter(kind="close").exists()
    manager.post(url, answers(page.content.decode(), ok="1"))
    assert Change.objects.filter(kind="close").count() == 1


def test_suspending_is_done_at_once_and_offers_to_put_the_places_back(manager, moved):
    url = preview(manager, was="suspend")
    page = manager.get(url)
    assert "2 Termine bleiben stehen" in text(page)

    answer = manager.post(url, answers(page.content.decode()))

    result = manager.get(answer["Location"])
    assert "Niemand hat einen Termin verloren" in text(result)
    assert f"was=reinstate&amp;aenderung={Change.objects.get().public_id}" in result.content.decode()


def test_the_last_day_of_a_center_is_named_by_the_button_and_closes_what_comes_after_it(manager, house, moved):
    last = (TODAY + timedelta(days=5)).isoformat()
    url = preview(manager, was="last_day", letzter_tag=last, von="", bis="")
    page = manager.get(url)
    assert "Zentrum nach So 21. Februar schließen, 2 Sitzungen schließen, 2 behalten" in text(page)

    manager.post(url, answers(page.content.decode()))

    house.center.refresh_from_db()
    assert house.center.last_day.isoformat() == last
    assert set(Session.objects.values_list("state", flat=True)) == {"closed"}


def test_a_start_off_the_grid_is_refused_at_its_field(manager, house, moved):
    session = Session.objects.order_by("date").first()
    Session.objects.filter(pk=session.pk).update(slot_minutes=10, ends=time(12))
    page = manager.get(preview(manager, was="reshape", sitzung=str(session.block), von="", bis="", beginn="10:05"))

    assert "10:00 oder 10:10" in text(page)
    assert page.context["form"].errors["beginn"]


def test_stop_and_go_on(manager, house, moved):
    change = house.start()
    names = {
        name: reverse(f"centeradmin:changes_{name}", kwargs={"change": change.public_id})
        for name in ("stop", "resume", "run")
    }

    manager.post(names["stop"])
    assert "Angehalten" in text(manager.get(names["run"]))
    assert caring.carry_on(now=NOW) == 0

    manager.post(names["resume"])
    assert caring.carry_on(now=NOW) == 2


def test_the_phone_list_is_ticked_off_with_name_and_every_look_is_kept(manager, house, moved):
    change = house.run()
    person = change.cases.get(outcome="kept").registration
    result = reverse("centeradmin:changes_result", kwargs={"change": change.public_id})
    page = text(manager.get(result))
    assert f"{person.full_name} 82 Jahre" in page
    assert "behalten: kein Platz in der Frist" in page

    tick = reverse("centeradmin:changes_call", kwargs={"change": change.public_id, "person": person.public_id})
    assert manager.post(tick, {"reached": "nein"})["Location"].endswith("#telefonliste")
    assert "nicht erreicht, 1 Versuch" in text(manager.get(result))
    manager.post(tick, {"reached": "ja"})
    assert "Mandy Vogel" in text(manager.get(result))
    printed = manager.get(reverse("centeradmin:changes_list", kwargs={"change": change.public_id}))
    assert person.full_name in text(printed)
    looks = AuditEvent.objects.filter(action="phone_list.read", subject=change.public_id)
    assert looks.count() == 4
    center = change.center.slug
    assert {one.details["center"] for one in looks} == {center}
    ticks = AuditEvent.objects.filter(action__startswith="case.")
    assert {one.details["center"] for one in ticks} == {center}


def test_who_could_not_be_reached_by_mail_comes_onto_the_phone_list(manager, house, moved):
    change = house.run()
    person = change.cases.get(outcome="moved").registration
    Message.objects.filter(recipient=person.email, template="moved_by_center").update(state="bounced")

    page = text(manager.get(reverse("centeradmin:changes_result", kwargs={"change": change.public_id})))

    assert "Nachricht unzustellbar, Telefonliste 1" in page
    assert "verschoben: Nachricht unzustellbar" in page


def test_nothing_of_another_center_can_be_seen_or_changed(login, house, moved):
    change = house.run()
    foreign = login(Role.CENTER_MANAGER, at=[CenterFactory()])
    person = moved[0].public_id

    for name in ("result", "run", "list"):
        url = reverse(f"centeradmin:changes_{name}", kwargs={"change": change.public_id})
        assert foreign.get(url).status_code == 404
    for name in ("stop", "resume"):
        url = reverse(f"centeradmin:changes_{name}", kwargs={"change": change.public_id})
        assert foreign.post(url).status_code == 404
    tick = reverse("centeradmin:changes_call", kwargs={"change": change.public_id, "person": person})
    assert foreign.post(tick, {"reached": "ja"}).status_code == 404
    block = str(Session.objects.order_by("date").first().block)
    asked = {"was": "close", "grund": "Impfstoff fehlt", "sitzung": block}
    assert "Bitte" in text(foreign.post(CHOOSE, asked))
    assert "Es gibt keine Sitzung" in text(
        foreign.get(preview(foreign, was="reinstate", von="", bis="", aenderung=str(change.public_id)))
    )


def test_center_staff_cannot_open_it(staff, house):
    assert staff.get(CHOOSE).status_code == 403
    assert staff.get(preview(staff)).status_code == 403


@pytest.mark.parametrize("people", [1, 3])
def test_the_result_asks_as_often_for_three_people_as_for_one(manager, house, people, django_assert_num_queries):
    closed = house.slot(CLOSED_DAY, capacity=3)
    for _number in range(people):
        house.booked(closed)
    change = house.run()
    url = reverse("centeradmin:changes_result", kwargs={"change": change.public_id})
    manager.get(url)

    with django_assert_num_queries(QUERIES):
        manager.get(url)


QUERIES = 16


def test_the_result_of_an_old_change_still_opens_after_later_reshapes(manager, house):
    closed, new = house.slot(CLOSED_DAY), house.slot(CLOSED_DAY + 1)
    house.booked(closed)
    house.slot(CLOSED_DAY + 2)
    first = house.run()
    house.run(Wish("reshape", block=new.session.block, ends=time(10, 20)))
    house.run(house.wish(day=CLOSED_DAY + 1))

    page = manager.get(reverse("centeradmin:changes_result", kwargs={"change": first.public_id}))

    assert "Riesa, 26.02. 1" in text(page)


def test_a_start_time_that_is_gone_hinders_no_page_of_a_change_that_names_it(manager, house, moved):
    change = house.start()
    caring.work(change, now=NOW, limit=1)
    changes.stop(change=change, by=house.manager, now=NOW)
    gone = max(Slot.objects.values_list("pk", flat=True)) + 1
    case = change.cases.get(outcome="moved")
    Case.objects.filter(pk=case.pk).update(details=case.details | {"from": {"1": gone}, "to": {"1": gone + 1}})

    result, running = (
        text(manager.get(reverse(f"centeradmin:changes_{name}", kwargs={"change": change.public_id})))
        for name in ("result", "run")
    )

    assert "Riesa 1" in result
    assert "verschoben von (Startzeit gestrichen)" in running


def test_the_appointments_of_the_kept_stand(manager, house, moved):
    house.run()
    assert Appointment.objects.live().count() == 2
