"""Two vaccines on one day, a vaccine of one dose, and the Sunday in October when the clock goes back."""

from datetime import UTC, datetime, timedelta

import time_machine

from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import SlotFactory, VaccineFactory
from tests.web.public.my.conftest import FIRST, browser
from tests.web.public.my.test_booking import DAYS, TIMES, text

OCTOBER = datetime(2021, 10, 5, 9, 0, tzinfo=UTC)


def test_two_vaccines_on_a_day_are_named_with_their_times(visitor, pirna, person):
    other = VaccineFactory(code="moderna", name="Spikevax", maker="Moderna")
    slots = [
        SlotFactory(starts_at=FIRST + timedelta(days=away), session__center=pirna.center, session__vaccine=other)
        for away in (0, 28)
    ]

    days, times = text(visitor.get(DAYS)), text(visitor.get(TIMES))
    visitor.post(TIMES, {"slot": slots[0].pk})

    assert "Comirnaty · Spikevax" in days
    assert "2. Impfung: ab Donnerstag, 11. März, je nach Impfstoff" in days
    assert "Comirnaty<br>2. Impfung: 11. März, 10:20 Uhr" in times
    assert "Spikevax<br>2. Impfung: 18. März, 10:20 Uhr" in times
    assert "Der geplante Impfstoff steht bei jeder Uhrzeit." in times
    assert {one.slot.vaccine_id for one in person.appointments.all()} == {"moderna"}


def test_a_vaccine_of_one_dose_needs_one_appointment(visitor, pirna, person):
    single = VaccineFactory(single=True)
    slot = SlotFactory(starts_at=FIRST + timedelta(days=5), session__center=pirna.center, session__vaccine=single)

    times = text(visitor.get(f"{DAYS}2021-02-23/"))
    response = visitor.post(f"{DAYS}2021-02-23/", {"slot": slot.pk})
    page = text(visitor.get(response.url))

    assert "Diesen Termin buchen" in times
    assert "2. Impfung" not in times
    assert "Ihr Termin ist gebucht" in page
    assert "Der Code gilt für beide Termine" not in page
    assert person.appointments.count() == 1


def test_the_sunday_in_october_is_shown_right(pirna):
    with time_machine.travel(OCTOBER, tick=False):
        person = RegistrationFactory()
        InvitationFactory(registration=person, issued_at=OCTOBER, valid_until=OCTOBER + timedelta(days=6))
        # Ten past ten in Berlin both times, in summer and in winter time.
        first = SlotFactory(starts_at=datetime(2021, 10, 10, 8, 10, tzinfo=UTC), session__center=pirna.center)
        SlotFactory(starts_at=datetime(2021, 11, 21, 9, 10, tzinfo=UTC), session__center=pirna.center)
        client = browser(person, now=OCTOBER)

        times = text(client.get("/mein-termin/zentren/pirna/2021-10-10/"))
        client.post("/mein-termin/zentren/pirna/2021-10-10/", {"slot": first.pk})
        mine = text(client.get("/mein-termin/"))
        on_sunday = SlotFactory(starts_at=datetime(2021, 10, 31, 9, 10, tzinfo=UTC), session__center=pirna.center)
        person.appointments.filter(dose_number=1).update(slot=on_sunday)
        sunday = text(client.get("/mein-termin/"))

    assert "10:10 Uhr" in times
    assert "21. November, 10:10 Uhr" in times
    assert "Sonntag,<br>10. Oktober 2021<br>10:10 Uhr" in mine
    assert "Sonntag,<br>31. Oktober 2021<br>10:10 Uhr" in sunday
