"""Calendar file and confirmation: about these appointments, kept nowhere, gone with them."""

from icalendar import Calendar

CALENDAR = "/mein-termin/termine.ics"
PDF = "/mein-termin/bestaetigung.pdf"


def events(response):
    file = Calendar.from_ical(response.content)
    return str(file["METHOD"]), {str(event["UID"]): event for event in file.walk("VEVENT")}


def test_the_calendar_file_holds_both_appointments(visitor, booked):
    response = visitor.get(CALENDAR)
    method, found = events(response)

    assert response["Content-Type"].startswith("text/calendar")
    assert "no-store" in response["Cache-Control"]
    assert method == "PUBLISH"
    assert [event["DTSTART"].dt.isoformat() for event in found.values()] == [
        "2021-02-18T10:20:00+01:00",
        "2021-03-11T10:20:00+01:00",
    ]


def test_the_calendar_file_keeps_its_uid_and_counts_up_after_a_move(visitor, booked, pirna):
    _method, before = events(visitor.get(CALENDAR))
    visitor.post("/mein-termin/verschieben/2/2021-03-18/", {"slot": pirna.slots[5].pk})
    _method, after = events(visitor.get(CALENDAR))

    assert list(before) == list(after)
    assert [event["SEQUENCE"] for event in after.values()] == [0, 1]


def test_the_calendar_file_takes_cancelled_appointments_out(visitor, booked):
    visitor.post("/mein-termin/absagen/", {"was": "nur"})
    method, found = events(visitor.get(CALENDAR))

    assert method == "CANCEL"
    assert [str(event["STATUS"]) for event in found.values()] == ["CANCELLED", "CANCELLED"]


def test_the_confirmation_is_a_pdf(visitor, booked):
    response = visitor.get(PDF)

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Disposition"] == 'attachment; filename="terminbestaetigung.pdf"'
    assert "no-store" in response["Cache-Control"]


def test_without_appointments_there_is_nothing_to_download(visitor):
    assert visitor.get(PDF).url == "/mein-termin/"
    assert visitor.get(CALENDAR).url == "/mein-termin/"


def test_downloads_are_closed_to_others(client, booked):
    assert client.get(PDF).status_code == 403
    assert client.get(CALENDAR).status_code == 403
