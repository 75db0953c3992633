"""A household of up to five at neighbouring times in one center: kept, booked and read out together."""

from datetime import date, timedelta

import pytest

from accounts.models import AuditEvent
from booking.models import Appointment, CallPerson, Hold, Household, Registration
from booking.services import holds, registrations
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.web.callcenter.people import booked, open_, phone_places, post, rules, text, url

pytestmark = pytest.mark.django_db
BORN = (date(1938, 3, 14), date(1936, 5, 2), date(1939, 1, 1))


@pytest.fixture
def home():
    return Household.objects.create(created_at=NOW)


@pytest.fixture
def family(home):
    """Gerda, Karl and Elfriede, invited by nobody yet, told by SMS: no letter has to travel."""
    rules()
    names = zip(("Gerda", "Karl", "Elfriede"), BORN, strict=True)
    return [
        RegistrationFactory(first_name=name, birth_date=born, household=home, medium="sms", phone="+4915112345678")
        for name, born in names
    ]


@pytest.fixture
def gerda(jana, family):
    open_(jana, family[0])
    return family[0]


def choice(people, slot):
    return ",".join(f"{one.public_id}:{slot.pk}" for one in people)


def keep(agent, gerda, people, slot, **more):
    return post(agent, gerda, "together", deed="keep", places=choice(people, slot), **more)


def test_her_page_offers_it_with_the_name_of_the_one_or_for_all(agent, gerda, family):
    phone_places()
    assert "Haushalt gemeinsam buchen" in text(agent.get(url(gerda)))

    family[2].household = None
    family[2].save(update_fields=["household"])
    assert "Mit Karl zusammen buchen" in text(agent.get(url(gerda)))


def test_who_comes_alone_is_led_back_to_her_page(agent, gerda):
    Registration.objects.update(household=None)

    assert agent.get(url(gerda, "together"))["Location"] == url(gerda)


def test_all_three_are_listed_at_once_kept_and_booked(agent, jana, gerda, family):
    places = phone_places(capacity=3)
    page = text(agent.get(url(gerda, "together")))
    assert all(name in page for name in ("Gerda", "Karl", "Elfriede", "SACHSENarena"))

    answer = keep(agent, gerda, family, places[8])
    assert (answer.status_code, answer["Location"]) == (302, url(gerda, "together"))
    assert Hold.objects.count() == 3
    assert "Für alle 3 buchen" in text(agent.get(url(gerda, "together")))

    answer = post(agent, gerda, "together", deed="book")
    assert answer["Location"] == url(gerda, "together_booked")
    assert [one.pk for one in family] == list(
        Appointment.objects.filter(dose_number=1, slot=places[8])
        .order_by("registration")
        .values_list("registration", flat=True)
    )
    said = text(agent.get(answer["Location"]))
    assert "Die Termine von 3 Personen stehen fest." in said
    assert said.count("Ihr Code für den Einlass") == 3


def test_the_others_are_opened_in_this_call_and_on_record(agent, gerda, family):
    for _time in range(2):
        agent.get(url(gerda, "together"))

    assert CallPerson.objects.count() == 3
    opened = AuditEvent.objects.filter(action="registration.opened", subject=family[1].public_id)
    assert opened.count() == 1


def test_not_all_fit_needs_that_they_agree(agent, gerda, family):
    places = phone_places(capacity=2)
    assert "nicht Elfriede" in text(agent.get(url(gerda, "together")))

    answer = keep(agent, gerda, family[:2], places[8])
    assert answer.status_code == 409
    assert "kreuzen Sie an" in text(answer)
    assert not Hold.objects.exists()

    keep(agent, gerda, family[:2], places[8], agreed="on")
    post(agent, gerda, "together", deed="book")
    assert set(Appointment.objects.values_list("registration", flat=True)) == {one.pk for one in family[:2]}
    assert "Gebucht: " in text(agent.get(url(gerda, "together")))


def test_only_who_is_ticked_is_looked_for(agent, gerda, family):
    places = phone_places(capacity=2)
    asked = f"?gesucht=1&mit={gerda.public_id}&mit={family[2].public_id}"
    assert "nicht Karl" not in text(agent.get(url(gerda, "together") + asked))

    agent.post(url(gerda, "together") + asked, {"deed": "keep", "places": choice([gerda, family[2]], places[8])})

    assert set(Hold.objects.values_list("registration", flat=True)) == {gerda.pk, family[2].pk}


def test_nobody_ticked_is_asked_for(agent, gerda):
    phone_places(capacity=3)

    assert "Bitte kreuzen Sie an" in text(agent.get(url(gerda, "together") + "?gesucht=1"))


def test_beside_who_is_booked_already(agent, jana, home):
    rules()
    places = phone_places(capacity=3)
    karl = booked(places, first_name="Karl", birth_date=BORN[1], household=home)
    gerda = RegistrationFactory(birth_date=BORN[0], household=home, medium="sms", phone="+4915112345678")
    open_(jana, gerda)

    answer = agent.get(url(gerda, "together"))

    assert f"{gerda.public_id}:{places[8].pk}" in answer.content.decode()
    assert "Karl" in text(answer)
    keep(agent, gerda, [gerda], places[8])
    post(agent, gerda, "together", deed="book")
    assert Appointment.objects.filter(registration=gerda, slot=places[8]).exists()
    assert Appointment.objects.filter(registration=karl).count() == 2


def test_the_second_click_shows_what_is_booked(agent, gerda, family):
    places = phone_places(capacity=3)
    keep(agent, gerda, family, places[8])
    first, second = (post(agent, gerda, "together", deed="book") for _click in range(2))

    assert first["Location"] == second["Location"] == url(gerda, "together_booked")
    assert Appointment.objects.count() == 6


def kept_for(*people):
    return ",".join(str(one.public_id) for one in people)


def test_the_second_click_shows_what_is_booked_where_somebody_was_left_out(agent, gerda, family):
    places = phone_places(capacity=2)
    keep(agent, gerda, family[:2], places[8], agreed="on")
    assert f'name="fuer" value="{kept_for(*sorted(family[:2], key=lambda one: str(one.public_id)))}"' in (
        agent.get(url(gerda, "together")).content.decode()
    )

    first, second = (post(agent, gerda, "together", deed="book", fuer=kept_for(*family[:2])) for _click in range(2))

    assert first["Location"] == second["Location"] == url(gerda, "together_booked")
    assert Appointment.objects.count() == 4


def test_for_whom_a_place_was_taken_away_meanwhile_is_said_before_the_others_are_booked(agent, gerda, family):
    places = phone_places(capacity=3)
    keep(agent, gerda, family, places[8])
    holds.release(hold=Hold.objects.get(registration=family[2]), by=None, now=NOW)

    answer = post(agent, gerda, "together", deed="book", fuer=kept_for(*family))

    assert answer.status_code == 409
    assert "hat sich inzwischen geändert" in text(answer)
    assert not Appointment.objects.exists()
    assert "Für alle 2 buchen" in text(answer)


def test_who_is_ended_in_another_window_meanwhile_is_said_and_the_others_are_booked(agent, jana, gerda, family):
    places = phone_places(capacity=3)
    keep(agent, gerda, family, places[8])
    registrations.withdraw(registration=family[2], reason="vaccinated_elsewhere", by=jana, now=NOW)

    answer = post(agent, gerda, "together", deed="book", fuer=kept_for(*family))
    assert (answer.status_code, Appointment.objects.count()) == (409, 0)
    assert "Elfriede" not in text(answer)

    post(agent, gerda, "together", deed="book", fuer=kept_for(*family[:2]))
    assert set(Appointment.objects.values_list("registration", flat=True)) == {one.pk for one in family[:2]}


def test_a_second_click_on_ten_minutes_more_is_no_mistake(agent, gerda, family):
    places = phone_places(capacity=3)
    keep(agent, gerda, family, places[8])

    assert [post(agent, gerda, "together", deed="renew").status_code for _click in range(2)] == [302, 302]
    assert Hold.objects.filter(renewed=True).count() == 3


def test_what_is_over_is_said_and_nothing_is_booked(agent, gerda, family):
    places = phone_places(capacity=3)
    keep(agent, gerda, family, places[8])
    Hold.objects.update(made_at=NOW - timedelta(minutes=10), expires_at=NOW)

    answer = post(agent, gerda, "together", deed="book")

    assert answer.status_code == 409
    assert "nicht mehr gehalten" in text(answer)
    assert not Appointment.objects.exists()


def test_kept_places_are_prolonged_and_let_go_together(agent, gerda, family):
    places = phone_places(capacity=3)
    keep(agent, gerda, family, places[8])

    post(agent, gerda, "together", deed="renew")
    assert set(Hold.objects.values_list("renewed", flat=True)) == {True}
    post(agent, gerda, "together", deed="release")
    assert not Hold.objects.exists()
    places[8].refresh_from_db()
    assert places[8].booked == 0


@pytest.mark.parametrize(
    "nonsense", ["", ",", "x:y", "{other}:{slot}", "{gerda}:{slot},{gerda}:{slot}", "{gerda}:9" * 60]
)
def test_a_choice_that_cannot_be_is_asked_for_again(agent, gerda, nonsense):
    places = phone_places(capacity=3)
    other = RegistrationFactory()
    sent = nonsense.format(gerda=gerda.public_id, other=other.public_id, slot=places[8].pk)

    answer = post(agent, gerda, "together", deed="keep", places=sent, agreed="on")

    assert answer.status_code == 409
    assert not Hold.objects.exists()


def test_who_may_not_yet_says_why_and_the_others_are_booked(agent, gerda, family):
    phone_places(capacity=3)
    young = family[1]
    young.birth_date = date(1990, 1, 1)
    young.save(update_fields=["birth_date"])

    page = agent.get(url(gerda, "together"))

    assert str(young.public_id) not in page.content.decode().split('<form method="get"')[1]
    assert "nicht Karl" not in text(page)


def test_what_was_kept_last_is_the_others_own(agent, gerda, family):
    """A place that went meanwhile is said; what is free now stands below."""
    places = phone_places(capacity=3)
    places[8].booked = 3
    places[8].save(update_fields=["booked"])

    answer = keep(agent, gerda, family, places[8])

    assert answer.status_code == 409
    assert "gerade an jemand anderen gegangen" in text(answer)
    assert str(places[9].pk) in answer.content.decode()
