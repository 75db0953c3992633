"""What an agent does for a person: move, book, cancel, end; what has gone meanwhile leaves the list."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent
from centers.models import Slot
from notifications.models import Message, PrintBatch
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.web.callcenter.people import booked, open_, phone_places, text, told, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


def slots(answer):
    """The places that are listed, in their order; and the one that is chosen beforehand with the focus."""
    page = answer.content.decode()
    listed = [int(found) for found in re.findall(r'name="slot" value="(\d+)"', page)]
    chosen = re.findall(r'name="slot" value="(\d+)" checked autofocus', page)
    return listed, [int(found) for found in chosen]


def starts(person):
    return [one.slot_id for one in person.appointments.live().order_by("dose_number")]


# --- Moving ----------------------------------------------------------------------------------------------------------


def test_dose_2_moves_to_the_place_chosen_beforehand_and_dose_1_stays(agent, jana):
    places = phone_places()
    person = booked(places)
    open_(jana, person)

    listed, chosen = slots(agent.get(url(person, "move", dose=2)))
    assert listed == [places[30].pk, places[31].pk]
    assert chosen == listed[:1]
    answer = agent.post(url(person, "move", dose=2), {"slot": chosen[0]}, follow=True)

    assert "Verschoben." in text(answer)
    assert starts(person) == [places[8].pk, places[30].pk]
    event = AuditEvent.objects.get(action="series.moved")
    assert (event.actor, event.subject) == (jana, person.public_id)
    assert Message.objects.filter(template="moved").count() == 1


def test_a_place_that_has_gone_leaves_the_old_one_and_shows_what_is_free(agent, jana):
    places = phone_places()
    person = booked(places)
    open_(jana, person)
    agent.get(url(person, "move", dose=2))
    Slot.objects.filter(pk=places[30].pk).update(booked=2)

    answer = agent.post(url(person, "move", dose=2), {"slot": places[30].pk})

    assert answer.status_code == 409
    assert "Es wurde nichts geändert; diese Zeiten sind jetzt frei." in text(answer)
    assert slots(answer) == ([places[31].pk], [places[31].pk])
    assert starts(person) == [places[8].pk, places[29].pk]


def test_the_days_outside_the_distance_are_not_listed_and_refused_when_sent_by_hand(agent, jana):
    places = phone_places((8, 9, 20, 29, 60))
    person = booked(places)
    open_(jana, person)

    assert slots(agent.get(url(person, "move", dose=2)))[0] == []
    for day in (20, 60):
        answer = agent.post(url(person, "move", dose=2), {"slot": places[day].pk})
        assert answer.status_code == 409
        assert "Dieser Termin lässt sich auf einen Tag vom" in text(answer)
    assert starts(person) == [places[8].pk, places[29].pk]


def test_a_day_shows_all_its_times_and_stays_chosen_after_a_refusal(agent, jana):
    places = phone_places()
    later = [
        Slot.objects.create(
            session=places[30].session, center=places[30].center, vaccine=places[30].vaccine, capacity=1,
            contingent=places[30].contingent, starts_at=places[30].starts_at + timedelta(minutes=10 * number),
        )
        for number in (1, 2)
    ]  # fmt: skip
    person = booked(places)
    open_(jana, person)
    day = f"{url(person, 'move', dose=2)}?tag=2021-03-18"

    assert slots(agent.get(day))[0] == [places[30].pk, *(one.pk for one in later)]
    Slot.objects.filter(pk=later[0].pk).update(booked=1)
    answer = agent.post(day, {"slot": later[0].pk})
    assert answer.status_code == 409
    assert slots(answer)[0] == [places[30].pk, later[1].pk]
    assert '<option value="2021-03-18" selected>' in answer.content.decode()


def test_both_move_to_another_center(agent, jana):
    person = booked(phone_places())
    elsewhere = phone_places((10, 31), slug="pirna", name="Pirna")
    open_(jana, person)

    answer = agent.get(f"{url(person, 'move_both')}?zentrum=pirna")
    assert slots(answer)[1] == [elsewhere[10].pk]
    assert "Impfzentrum Pirna" in text(answer)
    agent.post(url(person, "move_both"), {"slot": elsewhere[10].pk})

    assert starts(person) == [elsewhere[10].pk, elsewhere[31].pk]


@pytest.mark.parametrize("sent", ["", "x", "-1", "9" * 40, "٣", "1;DROP"])
def test_nonsense_moves_nothing(agent, jana, sent):
    places = phone_places()
    person = booked(places)
    open_(jana, person)
    for name, parts in (("move", {"dose": 2}), ("move_both", {})):
        assert agent.post(url(person, name, **parts), {"slot": sent}).status_code in (200, 409)
        assert agent.get(url(person, name, **parts), {"tag": sent, "zentrum": sent}).status_code == 200
    assert starts(person) == [places[8].pk, places[29].pk]


def test_a_dose_that_is_not_there_leads_back(agent, jana):
    person = booked(phone_places())
    open_(jana, person)
    assert agent.get(url(person, "move", dose=3))["Location"] == url(person)
    nobody = RegistrationFactory()
    open_(jana, nobody)
    assert agent.get(url(nobody, "move_both"))["Location"] == url(nobody)


def test_the_list_asks_the_database_as_often_for_many_people_in_a_slot(agent, jana):
    person = booked(phone_places(capacity=50))
    open_(jana, person)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            agent.get(url(person, "move", dose=2))
        return len(asked)

    queries()
    once = queries()
    for _number in range(3):
        RegistrationFactory()
    assert queries() == once
    assert once < 30


# --- Booking ---------------------------------------------------------------------------------------------------------


def keep(agent, person, slot):
    return agent.post(url(person, "book"), {"slot": slot.pk})


def kept(answer):
    return re.findall(r'name="hold" value="([0-9a-f-]+)"', answer.content.decode())


@pytest.mark.parametrize("make", [lambda: RegistrationFactory(invited=True), RegistrationFactory])
def test_what_is_chosen_is_kept_and_then_booked(agent, jana, make):
    places = phone_places()
    person = make()
    open_(jana, person)

    listed, chosen = slots(agent.get(url(person, "book")))
    assert listed == [places[8].pk, places[9].pk]
    answer = agent.post(url(person, "book"), {"slot": chosen[0]})
    assert "bis 10:10:00 gehalten:" in text(answer)
    assert free(places)[8] == free(places)[29] == 1
    assert starts(person) == []
    answer = agent.post(url(person, "book"), {"deed": "book", "hold": kept(answer)[0]})

    assert answer["Location"] == reverse("callcenter:new_booked", args=[person.public_id])
    assert "Mittwoch, 24. Februar" in text(agent.get(url(person)))
    assert starts(person) == [places[8].pk, places[29].pk]
    assert {one.channel for one in person.appointments.all()} == {"phone"}
    assert {one.booked_by for one in person.appointments.all()} == {jana}


def test_what_is_kept_can_be_let_go_and_kept_longer_once(agent, jana):
    places = phone_places()
    person = RegistrationFactory(invited=True)
    open_(jana, person)
    hold = kept(keep(agent, person, places[8]))[0]

    assert "Zehn Minuten mehr" not in text(agent.post(url(person, "book"), {"deed": "renew", "hold": hold}))
    answer = agent.post(url(person, "book"), {"deed": "release", "hold": hold})

    assert kept(answer) == []
    assert set(free(places).values()) == {0}


def test_what_is_kept_for_one_is_never_booked_for_another_person_of_the_same_call(agent, jana):
    places = phone_places()
    person, other = RegistrationFactory(invited=True), RegistrationFactory(invited=True)
    open_(jana, person, other)
    hold = kept(keep(agent, person, places[8]))[0]

    assert kept(agent.get(url(other, "book"))) == []
    assert agent.post(url(other, "book"), {"deed": "book", "hold": hold}).status_code == 409
    assert starts(other) == []
    assert kept(agent.get(url(person, "book"))) == [hold]


def test_when_the_place_has_gone_the_next_ones_stand_there(agent, jana):
    places = phone_places(capacity=1)
    person = RegistrationFactory(invited=True)
    open_(jana, person)
    Slot.objects.filter(pk=places[8].pk).update(booked=1)

    answer = keep(agent, person, places[8])

    assert answer.status_code == 409
    assert slots(answer)[0] == [places[9].pk]
    assert starts(person) == []


@pytest.mark.parametrize("sent", ["", "x", "00000000-0000-0000-0000-000000000001"])
def test_a_hold_of_nobody_books_nothing(agent, jana, sent):
    phone_places()
    person = RegistrationFactory(invited=True)
    open_(jana, person)
    answer = agent.post(url(person, "book"), {"deed": "book", "hold": sent})
    assert answer.status_code == 409
    assert starts(person) == []


def test_a_letter_needs_its_days_unless_the_code_is_told(agent, jana):
    places = phone_places((1, 8, 22, 29))
    person = RegistrationFactory(invited=True, email="")
    open_(jana, person)

    assert slots(agent.get(url(person, "book")))[0] == [places[8].pk]
    assert slots(agent.get(url(person, "book"), {"code": "on"}))[0] == [places[1].pk, places[8].pk]


def test_what_cannot_be_filtered_by_is_left_out(agent, jana):
    places = phone_places()
    person = RegistrationFactory(invited=True)
    open_(jana, person)
    wish = {"tage": "x", "zeit": "9" * 300, "umkreis": "-1", "stufenfrei": "on"}
    assert slots(agent.get(url(person, "book"), wish))[0] == [places[8].pk, places[9].pk]
    assert slots(agent.get(url(person, "book"), {"zeit": "pm"}))[0] == []


# --- Ending ----------------------------------------------------------------------------------------------------------


def free(places):
    return {day: Slot.objects.get(pk=slot.pk).booked for day, slot in places.items()}


def test_cancelling_keeps_registration_and_rank(agent, jana):
    places = phone_places()
    person = booked(places)
    open_(jana, person)

    answer = agent.post(url(person, "end"), {"was": "nur"}, follow=True)

    assert "Abgesagt." in text(answer)
    assert set(free(places).values()) == {0}
    person.refresh_from_db()
    assert person.withdrawn_at is None
    assert AuditEvent.objects.get(action="series.cancelled").actor == jana


@pytest.mark.parametrize(
    ("was", "reason", "told"),
    [("wunsch", "own_wish", 1), ("geimpft", "vaccinated_elsewhere", 1), ("gestorben", "died", 0)],
)
def test_what_ends_for_good_is_asked_once_more(agent, jana, was, reason, told):
    places = phone_places()
    person = booked(places)
    open_(jana, person)

    asked = agent.post(url(person, "end"), {"was": was})
    assert "2 Termine werden frei:" in text(asked)
    person.refresh_from_db()
    assert person.withdrawn_at is None

    agent.post(url(person, "end"), {"was": was, "sicher": was})
    person.refresh_from_db()
    assert person.withdrawn_reason == reason
    shown = text(agent.get(url(person)))
    assert "Rang behalten" not in shown
    assert "Jetzt buchen" not in shown
    assert set(free(places).values()) == {0}
    assert Message.objects.filter(template="withdrawn").count() == told


def test_a_letter_that_waits_for_the_dead_is_not_sent_and_one_at_the_printer_is_named(agent, jana):
    person = booked(phone_places(), email="")
    first = person.appointments.get(dose_number=1)
    waits = told(person, "booked", key=f"booked:{first.pk}", medium="letter", lane="letter:14612")
    batch = PrintBatch.objects.create(lane="letter:14612", day=NOW.date(), letters=1, made_at=NOW)
    moved = told(person, "moved", key=f"moved:{first.pk}.1", medium="letter", lane="letter:14612", state="sending")
    Message.objects.filter(pk=moved.pk).update(batch=batch)
    open_(jana, person)

    asked = text(agent.post(url(person, "end"), {"was": "gestorben"}))
    assert "1 wartende Nachricht geht nicht mehr hinaus" in asked
    assert "1 Brief liegt schon beim Drucker: Bitte lassen Sie ihn aus dem Stapel nehmen." in asked

    agent.post(url(person, "end"), {"was": "gestorben", "sicher": "gestorben"})
    shown = text(agent.get(url(person)))
    assert "wartet auf den Druck" not in shown
    assert "nicht gesendet, trifft nicht mehr zu" in shown
    assert "Ein Brief an sie liegt schon beim Drucker: Bitte lassen Sie ihn aus dem Stapel nehmen." in shown
    Message.objects.filter(pk=waits.pk).delete()
    Message.objects.filter(pk=moved.pk).update(state="sent", sent_at=NOW)
    assert "Ein Brief an sie" not in text(agent.get(url(person)))


def test_another_reason_than_the_one_that_was_asked_about_is_asked_again(agent, jana):
    person = booked(phone_places())
    open_(jana, person)
    agent.post(url(person, "end"), {"was": "gestorben", "sicher": "wunsch"})
    person.refresh_from_db()
    assert person.withdrawn_at is None


@pytest.mark.parametrize("sent", ["", "x", "nur "])
def test_nothing_chosen_is_said(agent, jana, sent):
    person = booked(phone_places())
    open_(jana, person)
    assert "Bitte wählen Sie einen der angezeigten Gründe." in text(agent.post(url(person, "end"), {"was": sent}))
    assert starts(person)


def test_of_one_who_has_left_only_her_death_can_be_told(agent, jana):
    person = RegistrationFactory(withdrawn=True)
    open_(jana, person)
    shown = agent.get(url(person, "end")).content.decode()
    assert 'value="gestorben"' in shown
    assert 'value="wunsch"' not in shown
    agent.post(url(person, "end"), {"was": "gestorben", "sicher": "gestorben"})
    person.refresh_from_db()
    assert person.withdrawn_reason == "died"
