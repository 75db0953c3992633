"""Where somebody stands, as a list of hits says it."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from tests.factories.door import AppointmentFactory
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import series_slots
from web.callcenter import stands

pytestmark = pytest.mark.django_db


def said(person):
    return stands.of([person], now=NOW)[person.pk].text.replace("\u00a0", " ")


def booked(*states, **more):
    person = RegistrationFactory()
    for number, (slot, status) in enumerate(zip(series_slots(), states, strict=False), start=1):
        AppointmentFactory(registration=person, slot=slot, dose_number=number, status=status, **more)
    return person


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (("booked", "booked"), "2 Termine gebucht"),
        (("vaccinated", "booked"), "1. Impfung erhalten, 1 Termin gebucht"),
        (("vaccinated", "vaccinated"), "Geimpft, alle 2 Impfungen"),
        (("vaccinated",), "1. Impfung erhalten, die 2. fehlt"),
        (("arrived", "booked"), "Ist gerade im Zentrum"),
        (("no_show", "no_show"), "Wartet"),
    ],
)
def test_doses_in_words(states, words):
    assert said(booked(*states)).startswith(words)


def test_who_was_kept_without_a_place_is_named():
    assert said(booked("booked", "booked", displaced_at=NOW)) == "Gebucht, ohne Platz"


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"unconfirmed": True}, "Noch nicht bestätigt"),
        ({"invited": True}, "Eingeladen, kein Termin"),
        ({"withdrawn": True}, "Abgemeldet"),
        ({"withdrawn_at": NOW, "withdrawn_reason": "died"}, "Verstorben"),
        ({"withdrawn_at": NOW, "withdrawn_reason": "merged"}, "Geht als andere Anmeldung weiter"),
        ({"withdrawn_at": NOW, "withdrawn_reason": "vaccinated_elsewhere"}, "Woanders geimpft"),
    ],
)
def test_without_appointments_in_words(person, words):
    assert said(RegistrationFactory(**person)) == words


def test_an_invitation_that_is_over_is_told_from_one_that_is_open():
    person = RegistrationFactory()
    InvitationFactory(registration=person, issued_at=NOW - timedelta(days=8), valid_until=NOW)

    assert said(person) == "Einladung abgelaufen"


def test_who_waits_is_told_with_her_rank():
    person = RegistrationFactory(rank=12408)

    assert said(person) == "Wartet, Rang 12.408"
