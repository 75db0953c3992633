"""/telefon/rueckrufe/: the list is masked, one agent takes each, and nobody reads what she has not taken or opened."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from booking.models import CallBack
from booking.services import call_backs, calls
from tests.factories import NOW
from tests.factories.calls import CallBackFactory
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from tests.web.centeradmin.overview.tables import rows, text

pytestmark = pytest.mark.django_db
LIST, MINE, NEW = (reverse(f"callcenter:call_backs{name}") for name in ("", "_mine", "_new"))
NEXT = reverse("callcenter:call_backs_next")
CAPTION = "Wer wartet"


def url(deed: str, row: CallBack) -> str:
    return reverse(f"callcenter:call_backs_{deed}", args=[row.public_id])


@pytest.fixture
def uwe():
    return UserFactory(first_name="Uwe", last_name="Lange", roles=[Role.CALL_AGENT])


def test_the_list_has_the_oldest_first_and_is_masked(agent):
    CallBackFactory(center=CenterFactory(name="Riesa"), tries=1)
    CallBackFactory(name="Nguyen", created_at=NOW - timedelta(hours=3), of=RegistrationFactory())

    page = agent.get(LIST).content.decode()

    assert [row[:5] for row in rows(page, CAPTION)] == [
        ["3 Stunden", "N.", "–", "vormittags", "0"],
        ["26 Minuten", "Ursula M. (nicht registriert)", "Riesa", "vormittags", "1"],
    ]
    assert "+4935254" not in page
    assert "Müller-Arnold" not in page
    assert "2 Rückrufe warten" in text(page)


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_cost_the_same_however_many_wait(agent, jana, django_assert_max_num_queries, number):
    CallBackFactory.create_batch(number, of=RegistrationFactory(), center=CenterFactory())
    CallBackFactory.create_batch(number, of=RegistrationFactory(), taken_by=jana, taken_at=NOW, center=CenterFactory())
    agent.get(LIST)
    with django_assert_max_num_queries(10):
        agent.get(LIST)
    with django_assert_max_num_queries(10):
        agent.get(MINE)


def test_the_next_one_is_taken_and_called(agent, jana):
    row = CallBackFactory(text="2. Termin verlegen")

    page = agent.post(NEXT, follow=True).content.decode()

    assert "Ursula Müller-Arnold" in page
    assert row.phone.as_national in page
    assert "2. Termin verlegen" in page
    assert AuditEvent.objects.get(action="call_back.taken").actor == jana
    assert "Zurzeit wartet niemand" in text(agent.post(NEXT).content.decode())


def test_who_is_second_is_told_who_was_first(agent, uwe):
    row = CallBackFactory()
    call_backs.take(row, by=uwe, now=NOW)

    answer = agent.post(url("take", row))

    assert answer.status_code == 409
    assert "Uwe Lange hat diesen Rückruf um 10:00 Uhr übernommen." in text(answer.content.decode())
    assert "Müller-Arnold" not in answer.content.decode()


def test_somebody_elses_call_back_is_neither_read_nor_changed(agent, uwe):
    row = CallBackFactory()
    call_backs.take(row, by=uwe, now=NOW)

    assert "Müller-Arnold" not in agent.get(MINE).content.decode()
    for deed in ("back", "not_reached", "done"):
        assert agent.post(url(deed, row), {"outcome": "served"}).status_code == 409
    assert CallBack.objects.get(done_at=None, taken_by=uwe, tries=0) == row


@pytest.mark.parametrize(
    ("deed", "told"),
    [("back", "steht wieder in der Liste"), ("not_reached", "Nicht erreicht"), ("done", "ist erledigt")],
)
def test_each_deed_says_what_it_did(agent, deed, told):
    row = CallBackFactory()
    agent.post(url("take", row))

    page = agent.post(url(deed, row), {"outcome": "served"}, follow=True).content.decode()

    assert told in text(page)


def test_the_fifth_try_says_so_on_its_button(agent, jana):
    CallBackFactory(tries=4, taken_by=jana, taken_at=NOW)
    assert "Das war der letzte Versuch" in agent.get(MINE).content.decode()


def test_somebody_who_is_not_registered_is_put_on_the_list(agent, lead):
    center = CenterFactory(name="Riesa")
    sent = {"name": "Erna Krause", "phone": "03525 4471", "center": center.slug, "times": "nur vormittags"}

    page = agent.post(NEW, sent, follow=True).content.decode()

    made = CallBack.objects.get()
    assert (made.name, made.phone.as_e164, made.center, made.registration) == (
        "Erna Krause",
        "+4935254471",
        center,
        None,
    )
    assert "Der Rückruf steht in der Liste." in page
    assert "Der Rückruf steht in der Liste." in agent.post(NEW, sent, follow=True).content.decode()  # the second click
    assert CallBack.objects.count() == 1
    again = lead.post(NEW, sent)
    assert "wartet unter dieser Nummer schon" in again.content.decode()
    assert 'value="nur vormittags"' in again.content.decode()


@pytest.mark.parametrize("phone", ["", "4711", "447112", "keine", "0" * 60, "\x00"])
def test_a_number_that_is_none_keeps_what_was_typed(agent, phone):
    page = agent.post(NEW, {"name": "Erna Krause", "phone": phone, "times": "abends"}).content.decode()

    assert "kern-form-input--error" in page
    assert 'value="Erna Krause"' in page
    assert 'value="abends"' in page
    assert not CallBack.objects.exists()


def test_from_the_page_of_a_person_name_and_number_are_known(agent, jana):
    person = RegistrationFactory(phone="+4935254471")
    url = reverse("callcenter:call_backs_of", args=[person.public_id])
    assert agent.get(url).status_code == 404  # not opened in this call
    calls.open_person(jana, person, NOW)
    assert f'href="{url}"' in agent.get(reverse("callcenter:find_person", args=[person.public_id])).content.decode()

    page = agent.get(url).content.decode()
    agent.post(url, {"name": person.full_name, "phone": "03525 4471"})

    assert f'value="{person.full_name}"' in page
    assert CallBack.objects.get().registration == person


def test_a_call_back_that_is_not_there_is_a_page_that_is_not_there(agent):
    for deed in ("take", "back", "not_reached", "done"):
        assert agent.post(reverse(f"callcenter:call_backs_{deed}", args=[uuid4()])).status_code == 404
