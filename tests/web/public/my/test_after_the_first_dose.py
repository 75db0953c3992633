"""The first appointment is over and nobody has documented it yet: the pages offer what the services do."""

from datetime import timedelta

import pytest
import time_machine

from booking.models import Appointment
from tests.factories import NOW
from tests.web.public.my.conftest import FIRST, browser
from tests.web.public.my.test_booking import text

MY = "/mein-termin/"
LATER = FIRST + timedelta(hours=1)  # on the same day


@pytest.fixture
def afterwards(booked, person):
    with time_machine.travel(LATER, tick=False):
        yield browser(person, now=LATER)


def test_only_the_second_dose_can_be_moved(afterwards):
    page = text(afterwards.get(MY))

    assert 'href="/mein-termin/verschieben/2/"' in page
    assert 'href="/mein-termin/verschieben/1/"' not in page
    assert 'href="/mein-termin/verschieben/"' not in page
    assert "Absagen" not in page
    assert "Anmeldung beenden" in page
    assert afterwards.get("/mein-termin/verschieben/").url == MY
    assert afterwards.get("/mein-termin/verschieben/1/").url == MY
    assert afterwards.get("/mein-termin/verschieben/2/").status_code == 200


def test_the_appointments_alone_cannot_be_cancelled(afterwards):
    page = text(afterwards.get("/mein-termin/absagen/"))

    assert 'value="nur"' not in page
    assert 'value="ganz"' in page
    assert "Beide gehören zusammen" not in page
    assert afterwards.post("/mein-termin/absagen/", {"was": "nur"}).status_code == 200
    assert Appointment.objects.filter(status="booked").count() == 2


def test_before_it_both_are_offered(booked, person):
    page = text(browser(person, now=NOW).get(MY))

    assert 'href="/mein-termin/verschieben/"' in page
    assert "Absagen" in page
