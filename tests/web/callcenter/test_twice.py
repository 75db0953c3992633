"""Every button pressed twice: the deed is done once, and the second answer says what the first one did."""

import re
from datetime import timedelta

import pytest
import time_machine

from accounts.models import AuditEvent
from booking.models import Hold, Registration
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.web.callcenter.people import DAYS, booked, open_, phone_places, post, text, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


@pytest.fixture
def twice(agent, jana):
    """twice(person, page, **data) presses the button twice and answers what was done, and where both answers lead."""

    def press(person, name, **data):
        open_(jana, person)
        answers = [post(agent, person, name, **data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302], text(answers[-1])
        assert answers[0]["Location"] == answers[1]["Location"]
        events = AuditEvent.objects.filter(subject=person.public_id).exclude(action="registration.opened")
        return list(events.values_list("action", flat=True)), answers[0]["Location"]

    return press


@pytest.mark.parametrize(
    ("make", "name", "data", "done", "said"),
    [
        (lambda: RegistrationFactory(unconfirmed=True), "confirm", {}, "registration.confirmed", "bestaetigt"),
        (lambda: InvitationFactory(expired=True).registration, "renew", {}, "invitation.renewed", "wartet"),
        (lambda: RegistrationFactory(invited=True), "link", {}, "link.sent", "gesendet"),
        (RegistrationFactory, "note", {"text": "Kommt mit Rollator"}, "note.written", "notiert"),
        (lambda: booked(phone_places()), "end", {"was": "nur"}, "series.cancelled", "abgesagt"),
        (RegistrationFactory, "end", {"was": "wunsch", "sicher": "wunsch"}, "registration.withdrawn", "beendet"),
        (RegistrationFactory, "end", {"was": "geimpft", "sicher": "geimpft"}, "registration.withdrawn", "beendet"),
        (RegistrationFactory, "end", {"was": "gestorben", "sicher": "gestorben"}, "registration.withdrawn", "beendet"),
    ],
)
def test_a_deed_is_done_once(twice, make, name, data, done, said):
    events, location = twice(make(), name, **data)
    assert events == [done]
    assert location.endswith(f"?{said}")


def test_another_link_is_sent_a_while_later(agent, twice):
    person = RegistrationFactory(invited=True)
    twice(person, "link")
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        post(agent, person, "link")
    assert Message.objects.count() == 2


def test_a_message_is_sent_again_once(twice):
    person = RegistrationFactory(invited=True)
    bounced = Message.objects.create(
        template="invited", dedupe_key=f"invited:{person.invitations.get().pk}:0", recipient=person.email, lane="x.de",
        language="de", state="bounced", created_at=NOW, available_at=NOW,
        reference={"registration": person.pk, "invitation": person.invitations.get().pk},
    )  # fmt: skip
    events, location = twice(person, "send", message=str(bounced.public_id))
    assert (events, location[-9:]) == (["message.sent_again"], "?gesendet")
    assert Message.objects.count() == 2


def test_what_has_left_meanwhile_is_not_tried_at_once_but_stays_one_message(agent, jana):
    person = RegistrationFactory(invited=True)
    waits = Message.objects.create(
        template="invited", dedupe_key=f"invited:{person.invitations.get().pk}:0", recipient=person.email, lane="x.de",
        language="de", state="queued", created_at=NOW, available_at=NOW,
        reference={"registration": person.pk, "invitation": person.invitations.get().pk},
    )  # fmt: skip
    open_(jana, person)
    assert f'name="eilig" value="{waits.public_id}"' in agent.get(url(person, "")).content.decode()
    post(agent, person, "send", eilig=str(waits.public_id))
    Message.objects.update(state="sent", sent_at=NOW)
    assert post(agent, person, "send", eilig=str(waits.public_id))["Location"].endswith("?gesendet")
    assert Message.objects.count() == 1


def test_both_doses_are_moved_once(twice):
    places = phone_places((8, 9, 29, 30))
    events, location = twice(booked(places), "move_both", slot=places[9].pk)
    assert (events, location[-11:]) == (["series.moved"], "?verschoben")


def test_one_series_is_kept_lengthened_and_booked_once(agent, jana):
    places, person = phone_places(), RegistrationFactory(invited=True)
    open_(jana, person)
    for _ in range(2):
        assert post(agent, person, "book", slot=places[8].pk).status_code == 200
    hold = Hold.objects.get()
    for _ in range(2):
        assert post(agent, person, "book", deed="renew", hold=str(hold.public_id)).status_code == 200
    where = {post(agent, person, "book", deed="book", hold=str(hold.public_id))["Location"] for _ in range(2)}
    assert where == {f"/telefon/neu/gebucht/{person.public_id}/"}
    assert person.appointments.live().count() == 2


def test_what_else_was_kept_for_her_is_free_when_she_is_booked(agent, jana):
    places, person = phone_places(), RegistrationFactory(invited=True)
    open_(jana, person)
    for day in (8, 9):
        post(agent, person, "book", slot=places[day].pk)
    post(agent, person, "book", deed="book", hold=str(Hold.objects.get(first=places[9]).public_id))
    places[8].refresh_from_db()
    assert (person.appointments.live().count(), Hold.objects.count(), places[8].booked) == (2, 0, 0)


def test_two_are_merged_once(agent, jana):
    person, other = RegistrationFactory(), RegistrationFactory()
    open_(jana, person, other)
    data = {"bleibt": str(other.public_id), "gesehen": "", "verglichen": "ja"}
    where = {agent.post(f"{url(person, 'merge')}?mit={other.public_id}", data)["Location"] for _ in range(2)}
    assert where == {f"{url(other)}?vereint"}
    assert Registration.objects.filter(withdrawn_reason="merged").count() == 1


def test_who_has_cancelled_elsewhere_is_asked_as_before(agent, jana):
    """A cancellation that somebody else made is no second click."""
    person = booked(phone_places())
    person.appointments.update(status="cancelled", cancelled_at=NOW - DAYS, cancelled_reason="own_wish")
    open_(jana, person)
    answer = post(agent, person, "end", was="nur")
    assert answer.status_code == 200
    assert not re.search(r'value="nur"', answer.content.decode())


def test_call_backs_stand_in_her_history(agent, jana):
    person = RegistrationFactory(phone="+4935254471")
    open_(jana, person)
    agent.post(f"/telefon/rueckrufe/neu/{person.public_id}/", {"name": person.full_name, "phone": "03525 4471"})
    agent.post("/telefon/rueckrufe/naechster/")
    history = text(agent.get(url(person, "history")))
    assert "auf die Rückrufliste gesetzt Jana Kretzschmar" in history
    assert "Rückruf übernommen Jana Kretzschmar" in history


def test_where_nobody_else_waits_no_link_leads_there(agent, jana):
    person = RegistrationFactory(phone="+4935254471")
    open_(jana, person)
    agent.post(f"/telefon/rueckrufe/neu/{person.public_id}/", {"name": person.full_name, "phone": "03525 4471"})
    agent.post("/telefon/rueckrufe/naechster/")
    page = agent.get("/telefon/rueckrufe/meine/")
    assert "Niemand sonst wartet" in text(page)
    assert "0 weitere" not in text(page)
