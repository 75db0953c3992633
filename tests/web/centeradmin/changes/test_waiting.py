"""Places that vaccine is missing for, and people who still wait for word: what the pages of a change say of them."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.roles import Role
from booking.changes.wish import Wish
from booking.models import Appointment, Case, Change
from booking.services import caring, changes
from centers.models import Delivery, Session
from tests.factories import NOW
from tests.factories.house import CLOSED_DAY, TODAY
from tests.web.centeradmin.changes.test_pages import CHOOSE, DAY, answers, preview, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(house):
    """Two people in a session that is to be closed, and room for one of them."""
    closed = house.slot(CLOSED_DAY)
    house.slot(CLOSED_DAY + 1, capacity=1)
    return [house.booked(closed, first_name="Waltraud"), house.booked(closed, first_name="Siegfried")]


@pytest.fixture
def scarce(house):
    """A suspended session of two places, and vaccine for one."""
    house.slot(CLOSED_DAY)
    house.run(house.wish("suspend"))
    Delivery.objects.update(doses=1)


def test_places_without_vaccine_are_not_put_back_by_a_manager(manager, scarce):
    url = preview(manager, was="reinstate")
    page = manager.get(url)
    assert "fehlt 1 Dosis" in text(page)
    assert 'trotzdem"' not in page.content.decode()

    page = manager.post(url, answers(page.content.decode()))

    assert "fehlt 1 Dosis" in text(page)
    assert not Change.objects.filter(kind="reinstate").exists()


def test_a_planner_puts_them_back_with_a_reason_and_keeps_what_she_typed(login, scarce):
    planner = login(Role.PLANNER, Role.CENTER_MANAGER)
    url = preview(planner, was="reinstate")
    page = planner.get(url)
    assert "Begründung, warum" in text(page)

    page = planner.post(url, answers(page.content.decode(), ok="", trotzdem="Lieferung unterwegs"))
    assert 'value="Lieferung unterwegs"' in page.content.decode()
    planner.post(url, answers(page.content.decode(), trotzdem="Lieferung unterwegs"))

    assert Change.objects.filter(kind="reinstate", state="done").count() == 1
    assert set(Session.objects.values_list("uncovered_reason", flat=True)) == {"Lieferung unterwegs"}


def result_of(change: Change) -> str:
    return reverse("centeradmin:changes_result", kwargs={"change": change.public_id})


def test_the_result_of_a_stopped_change_lists_whose_time_is_near_or_over(login, manager, house, moved):
    change = house.start()
    changes.stop(change=change, by=house.manager, now=NOW)
    page = text(manager.get(result_of(change)))
    assert "2 Personen warten noch, ohne Platz und ohne Nachricht" in page
    assert "Niemand muss angerufen werden" in page

    with time_machine.travel(NOW + timedelta(days=CLOSED_DAY + 1), tick=False):
        page = text(login(Role.CENTER_MANAGER).get(result_of(change)))
    assert "2 Personen rufen Sie bitte an" in page
    assert "noch nicht versorgt: die Änderung wurde angehalten" in page


def test_a_case_that_failed_stands_on_the_result_and_on_the_phone_list(manager, house, moved):
    change = house.start()
    case = change.cases.first()
    Case.objects.filter(pk=case.pk).update(decision="nonsense")
    for _turn in range(caring.FAILURES):
        caring.carry_on(now=NOW)

    page = text(manager.get(result_of(change)))
    assert "1 Person konnte wegen eines Fehlers nicht versorgt werden" in page
    assert "ein Fehler, bitte noch einmal versuchen" in page
    running = text(manager.get(reverse("centeradmin:changes_run", kwargs={"change": change.public_id})))
    assert "Wenn Sie fortsetzen, wird es noch einmal versucht" in running


def test_whose_day_passed_while_suspended_is_named_until_somebody_closes(login, manager, house, moved):
    suspension = house.run(house.wish("suspend"))
    assert "verstrichen" not in text(manager.get(CHOOSE))

    late = NOW + timedelta(days=CLOSED_DAY + 1)
    with time_machine.travel(late, tick=False):
        manager = login(Role.CENTER_MANAGER)
        for page in (manager.get(CHOOSE), manager.get(result_of(suspension))):
            assert "Der Tag von 2 Personen ist" in text(page)
        assert f"was=close&amp;von={DAY}&amp;bis={DAY}" in manager.get(result_of(suspension)).content.decode()
        url = preview(manager, von=DAY, bis=DAY)
        page = manager.get(url)
        assert "2 Personen sind betroffen" in text(page)
        manager.post(url, answers(page.content.decode()))
        caring.carry_on(now=late)
        assert "verstrichen" not in text(manager.get(CHOOSE))

    assert not Appointment.objects.filter(slot__session__in=suspension.sessions, status="booked").exists()


def test_a_case_that_a_later_change_took_over_says_so(manager, house):
    first = house.slot(2, vaccine=house.double)
    house.slot(23, vaccine=house.double)
    house.booked(first)
    earlier = house.start(house.wish(day=2))
    house.run(house.wish(day=23))
    Change.objects.filter(pk=earlier.pk).update(state="stopped", finished_at=None)

    page = manager.get(reverse("centeradmin:changes_run", kwargs={"change": earlier.public_id}))

    assert "von einer späteren Änderung versorgt" in text(page)


def test_a_center_closed_for_good_by_mistake_is_opened_again_in_two_steps(manager, house):
    house.slot(CLOSED_DAY)
    closing = house.run(Wish("last_day", last_day=TODAY + timedelta(days=5)))
    page = manager.get(result_of(closing)).content.decode()
    assert "was=last_day" in page
    assert "was=reinstate" not in page

    house.run(Wish("last_day", last_day=TODAY + timedelta(days=30)))

    assert f"was=reinstate&amp;aenderung={closing.public_id}" in manager.get(result_of(closing)).content.decode()
    house.run(Wish("reinstate", of=closing.public_id))
    assert set(Session.objects.values_list("state", flat=True)) == {"published"}
