"""The day list: who is on it, who is found, what is said of nobody, and what stands in the trail."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from booking.models import Registration
from tests.factories import NOW
from tests.factories.door import AppointmentFactory, arrived
from tests.factories.people import RegistrationFactory
from web.access import SEEN

pytestmark = pytest.mark.django_db
TODAY = reverse("centeradmin:today")
SEARCH = reverse("centeradmin:today_search")
LIST = reverse("centeradmin:today_list")


def text(response):
    return " ".join(response.content.decode().split())


def person(one):
    return reverse("centeradmin:today_person", args=[one.registration.public_id])


def test_the_list_shows_now_and_who_is_still_open(staff, expect):
    expect(-120, last_name="Offen")
    expect(-120, last_name="Fertig", status="vaccinated")
    expect(10, last_name="Gleich")
    expect(180, last_name="Nachmittag")

    page = text(staff.get(TODAY))

    assert ["Offen" in page, "Fertig" in page, "Gleich" in page, "Nachmittag" in page] == [True, False, True, False]
    assert "10:00 bis 10:45" in page


@pytest.mark.parametrize(("asked", "found"), [("tag", True), ("13:00", True), ("12:00", False), ("99:99", False)])
def test_the_list_shows_another_half_hour_or_the_whole_day(staff, expect, asked, found):
    expect(180, last_name="Nachmittag")

    assert ("Nachmittag" in text(staff.get(TODAY, {"ab": asked}))) is found


def test_the_list_says_when_the_day_is_closed(staff, expect):
    expect(30)
    expect(60)

    assert "Wer um 12:00 Uhr noch erwartet wird, gilt als nicht gekommen." in text(staff.get(TODAY)).replace(
        "\xa0", " "
    )


def test_the_list_sums_up_the_day(staff, expect):
    expect(-60)
    expect(0)
    expect(0, status="vaccinated")

    sums = staff.get(TODAY).context["sums"]

    assert [(label, number) for label, number, _minus in sums] == [
        ("Termine", 3), ("erwartet", 2), ("angekommen", 0), ("geimpft", 1), ("zurückgestellt", 0), ("überfällig", 1),
    ]  # fmt: skip


def test_people_of_another_center_are_not_on_the_list(staff):
    AppointmentFactory(registration=RegistrationFactory(last_name="Fremd"))

    assert "Fremd" not in text(staff.get(TODAY, {"ab": "tag"}))


@pytest.mark.parametrize(
    "typed",
    [
        "Hänel 12.02.1949",
        "haenel",
        "Klaus",
        "kla hä",
        "12.2.1949",
        "7H4K2M",
        "7h4 k2m",
        "7H4-K2N",
        "7h4k2m\t",
        "7H4 K2M2",
        "7h4-kzmz",
    ],
)
def test_one_hit_opens_her_page(staff, expect, typed):
    one = expect(first_name="Klaus", last_name="Hänel", birth_date=date(1949, 2, 12), door_code="7H4K2M")
    expect(last_name="Wünsche", birth_date=date(1950, 8, 8), door_code="XYYX22")
    if typed == "7H4-K2N":  # another code, and nobody has it
        assert "Niemand" in text(staff.post(TODAY, {"wer": typed}))
        return

    assert staff.post(TODAY, {"wer": typed}).url == person(one)


@pytest.mark.parametrize("typed", ["B5Z8UG", "85Z8UG", "BSZ8UG", "B5Y8UG", "B5Z8VG", "B5Z8U6"])
def test_letters_that_look_alike_are_forgiven(staff, expect, typed):
    one = expect(door_code="B5Z8UG")

    assert staff.post(TODAY, {"wer": typed}).url == person(one)


def test_several_hits_are_listed(staff, expect):
    expect(last_name="Müller", first_name="Erika")
    expect(last_name="Mueller", first_name="Hans")
    expect(last_name="Anders")

    page = text(staff.post(TODAY, {"wer": "müller"}))

    assert "Erika Müller" in page
    assert "Hans Mueller" in page
    assert "Anders" not in page


def test_nobody_today_names_the_other_day_at_this_center(staff, expect):
    expect(0)
    one = expect(0, days=2, last_name="Später", birth_date=date(1940, 1, 2))

    page = text(staff.post(TODAY, {"wer": "Später 2.1.1940"}))

    assert "anderen Tag" in page
    assert person(one) in page


def test_a_code_of_another_center_says_so_and_names_nobody(staff, expect):
    expect(0)
    AppointmentFactory(registration=RegistrationFactory(last_name="Fremd", door_code="AAAA22"))

    page = text(staff.post(TODAY, {"wer": "AAAA22"}))

    assert "in einem anderen Zentrum" in page
    assert "Fremd" not in page


def test_a_name_of_another_center_says_nothing_about_her(staff, expect):
    expect(0)
    AppointmentFactory(registration=RegistrationFactory(last_name="Fremd", birth_date=date(1940, 1, 2)))

    known = re.sub(r'value="\w{64}"', "", text(staff.post(TODAY, {"wer": "Fremd 2.1.1940"})))
    unknown = re.sub(r'value="\w{64}"', "", text(staff.post(TODAY, {"wer": "Niemand 2.1.1940"})))

    assert known.replace("Fremd 2.1", "") == unknown.replace("Niemand 2.1", "")


def test_a_code_whose_registration_has_ended_says_so(staff, expect):
    RegistrationFactory(door_code="AAAA22", withdrawn=True)

    assert "beendet" in text(staff.post(TODAY, {"wer": "AAAA22"}))


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "'; DROP", "🙂" * 500, "31.02.1940", "99.99.9999"])
def test_nonsense_is_answered_in_words(staff, expect, typed):
    expect(0)

    assert staff.post(TODAY, {"wer": typed}).status_code == 200


def test_opening_the_list_is_written_down_and_refreshing_it_is_not(staff, expect, center):
    page = staff.get(TODAY)
    staff.get(LIST)
    staff.get(page.context["refresh_url"])

    assert [event.subject for event in AuditEvent.objects.filter(action="day_list.read")] == [center.public_id]


def test_every_search_that_is_sent_off_is_written_down(staff, expect, center):
    expect(0)
    staff.post(TODAY, {"wer": "Richter"})
    staff.post(TODAY, {"wer": "Nixda"})

    events = AuditEvent.objects.filter(action="day_list.searched").order_by("pk")
    assert [(event.subject, event.details) for event in events] == [
        (center.public_id, {"hits": 1}), (center.public_id, {"hits": 0}),
    ]  # fmt: skip


def test_typing_is_one_search_as_long_as_it_goes_on(staff, expect):
    for number, typed in enumerate(("Ri", "Ric", "Rich")):
        with time_machine.travel(NOW + timedelta(seconds=number), tick=False):
            staff.post(SEARCH, {"wer": typed})
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        staff.post(SEARCH, {"wer": "An"})

    assert AuditEvent.objects.filter(action="day_list.searched").count() == 2


@pytest.mark.parametrize(
    ("texts", "events"),
    [
        (("Ri", "Rich", "Richter K"), 1),
        (("Richter", "Rich", "R"), 3),  # fewer letters show more people
        (("Ri", "An", "Ri"), 3),
        (("R", "Ri"), 2),  # one letter shows nobody
        (("Ri", "Ri 12.2.19", "Ri 12.2.1939"), 3),
        (("7H4K2M", "7H4K2N"), 2),
    ],
)
def test_whatever_shows_other_people_is_a_search_of_its_own(staff, expect, texts, events):
    expect(0)
    for typed in texts:
        staff.post(SEARCH, {"wer": typed})

    assert AuditEvent.objects.filter(action="day_list.searched").count() == events
    kept = str(list(AuditEvent.objects.values("reason", "details"))) + str(dict(staff.session.items()))
    assert not any(typed in kept for typed in texts if len(typed) > 2)


def test_a_code_of_another_center_names_in_the_trail_whom_it_found(staff, expect, center):
    mine = expect(0, days=2)
    AppointmentFactory(registration=RegistrationFactory(last_name="Fremd", door_code="AAAA22"))
    free, gone = RegistrationFactory(door_code="AAAA33"), RegistrationFactory(door_code="AAAA44", withdrawn=True)
    for code in (mine.registration.door_code, "AAAA22", "AAAA33", "AAAA44", "ZZZZ99"):
        staff.post(TODAY, {"wer": code})

    events = AuditEvent.objects.filter(action="registration.found").order_by("pk")
    assert [event.subject for event in events] == [
        Registration.objects.get(door_code="AAAA22").public_id, free.public_id, gone.public_id,
    ]  # fmt: skip
    assert {(event.details["center"], event.actor.roles[0]) for event in events} == {(center.slug, "center_staff")}


def test_codes_of_others_cannot_be_tried_through(staff, login, expect, settings):
    settings.RATE_LIMITS = {"door_elsewhere": "2/hour"}
    AppointmentFactory(registration=RegistrationFactory(last_name="Fremd", door_code="AAAA22"))
    expect(0, last_name="Richter")
    for code in ("ZZZZ22", "ZZZZ33"):
        assert "passt" in text(staff.post(TODAY, {"wer": code}))
    page = text(staff.post(TODAY, {"wer": "AAAA22"}))
    assert "sehr oft" in page
    assert "anderen Zentrum" not in page
    assert staff.post(TODAY, {"wer": "Richter"}).status_code == 302  # the own day goes on
    assert "anderen Zentrum" in text(login(Role.CENTER_STAFF).post(TODAY, {"wer": "AAAA22"}))


def test_the_own_list_has_a_limit_beyond_any_day_at_a_door(staff, expect, settings):
    settings.RATE_LIMITS = {"door_search": "2/hour"}
    expect(0, last_name="Richter")
    assert "Richter" in text(staff.post(SEARCH, {"wer": "Rich"}))
    assert staff.post(TODAY, {"wer": "Richter"}).status_code == 302
    for answer in (staff.post(SEARCH, {"wer": "Richter"}), staff.post(TODAY, {"wer": "Richter"})):
        assert "sehr oft" in text(answer)
        assert answer.context["lines"] == []
    assert "Richter" in text(staff.get(TODAY))


def test_typing_filters_the_list_and_stops_its_refresh(staff, expect):
    expect(last_name="Hänel")
    expect(last_name="Wünsche")

    part = text(staff.post(SEARCH, {"wer": "hän"}))

    assert "Hänel" in part
    assert "Wünsche" not in part
    assert "every 5s" not in part


def test_the_list_is_sent_again_only_when_something_changed(staff, expect):
    one = expect(0)
    url = staff.get(TODAY).context["refresh_url"]

    assert staff.get(url).status_code == 204
    arrived(one, at=NOW)
    assert "angekommen 10:00" in text(staff.get(url))


def test_the_list_names_who_made_the_last_entry(staff, expect):
    one = expect(0, first_name="Erika", last_name="Schubert")
    arrived(one, at=NOW)

    assert "Erika Schubert, angekommen, von M. Vogel" in text(staff.get(TODAY))


def test_only_this_page_may_ask_for_the_camera(staff, expect):
    one = expect(0)

    assert "camera=(self)" in staff.get(TODAY).headers["Permissions-Policy"]
    assert "camera=()" in staff.get(person(one)).headers["Permissions-Policy"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_as_many_queries_for_one_as_for_three(staff, expect, number, django_assert_num_queries):
    for minutes in range(number):
        expect(minutes)
    staff.get(TODAY)

    with django_assert_num_queries(6):
        staff.get(LIST)


def test_a_list_that_refreshes_itself_keeps_no_login_alive(staff, expect):
    staff.get(LIST)
    assert SEEN not in staff.session

    staff.get(TODAY)
    assert SEEN in staff.session


def test_a_list_that_is_asked_for_alone_is_a_reading_too(staff, center):
    staff.get(LIST)
    staff.get(LIST)

    assert [event.subject for event in AuditEvent.objects.filter(action="day_list.read")] == [center.public_id]
