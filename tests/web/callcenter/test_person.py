"""A person's page: where she stands and what comes first, in every state; messages, notes, who else has her open."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from booking.models import Appointment, Note, Registration
from booking.services import calls, notes, registrations
from centers.models import VaccineAgeRule
from notifications.models import Message, PrintBatch
from tests.factories import NOW
from tests.factories.door import arrived, given
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import VaccineFactory
from tests.web.callcenter.people import DAYS, booked, open_, phone_places, post, text, told, url
from web.callcenter.person import trail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


def show(agent, jana, person):
    open_(jana, person)
    answer = agent.get(url(person))
    assert answer.status_code == 200
    return answer


def first_button(answer):
    """What Alt B does."""
    found = re.findall(
        r'(?s)<(?:a|button)[^>]*accesskey="b"[^>]*><span class="kern-label">(.*?)</span>', answer.content.decode()
    )
    assert len(found) <= 1
    return found[0] if found else ""


def unconfirmed():
    return RegistrationFactory(unconfirmed=True)


def too_young(**more):
    return RegistrationFactory(birth_date=NOW.date().replace(year=1990), **more)


def invited():
    return RegistrationFactory(invited=True)


def expired():
    return InvitationFactory(expired=True).registration


def in_a_series():
    return booked(phone_places())


def displaced():
    person = in_a_series()
    Appointment.objects.filter(registration=person, dose_number=2).update(displaced_at=NOW)
    return person


def at_the_center():
    person = booked(phone_places((0, 29)), 0)
    arrived(person.appointments.get(dose_number=1), at=NOW)
    return person


def begun():
    person = booked(phone_places((-7, 21, 22)), -7, 21)
    given(person.appointments.get(dose_number=1), at=NOW - 7 * DAYS)
    return person


def lacks_second():
    person = begun()
    second = person.appointments.filter(dose_number=2)
    second.update(status="cancelled", cancelled_at=NOW, cancelled_reason="by_center")
    return person


def done():
    person = booked(phone_places((-30, -2)), -30, -2)
    for one in person.appointments.order_by("dose_number"):
        given(one, at=one.slot.starts_at)
    return person


def missed():
    person = booked(phone_places((-1, 29)), -1)
    person.appointments.filter(dose_number=1).update(status="no_show")
    person.appointments.filter(dose_number=2).update(status="cancelled", cancelled_at=NOW, cancelled_reason="by_center")
    return person


def deferred():
    person = missed()
    person.appointments.filter(dose_number=1).update(status="deferred")
    return person


def by_center():
    person = in_a_series()
    person.appointments.update(status="cancelled", cancelled_at=NOW, cancelled_reason="by_center")
    InvitationFactory(registration=person)
    return person


def ended(reason):
    return lambda: RegistrationFactory(withdrawn_at=NOW, withdrawn_reason=reason)


@pytest.mark.parametrize(
    ("make", "sentence", "button"),
    [
        (unconfirmed, "Angemeldet, noch nicht bestätigt.", "Am Telefon bestätigen"),
        (too_young, "Wartet, bis sie an der Reihe ist, Rang", "Link per E-Mail senden"),
        (invited, "Eingeladen bis 22. Februar 2021, noch kein Termin.", "Termin suchen und buchen"),
        (expired, "Die Einladung endete am", "Einladung erneuern"),
        (in_a_series, "Gebucht: 1. Impfung Mittwoch, 24. Februar, 10:00 Uhr, Impfzentrum Riesa", "2. Impfung"),
        (displaced, "Ohne Platz behalten: 2. Impfung", "2. Impfung verschieben"),
        (at_the_center, "Ist gerade im Zentrum: 1. Impfung.", "2. Impfung verschieben"),
        (begun, "1. Impfung gegeben; gebucht: 2. Impfung", "2. Impfung verschieben"),
        (lacks_second, "1. Impfung gegeben am 9. Februar 2021, kein Termin für die nächste.", "Zweite Impfung buchen"),
        (done, "Geimpft, zuletzt am 14. Februar 2021.", ""),
        (missed, "Sie kam am 15. Februar 2021 nicht.", "Termin suchen"),
        (deferred, "Sie wurde am 15. Februar 2021 ohne Impfung nach Hause geschickt.", "Termin suchen"),
        (by_center, "Das Zentrum musste ihren Termin am 24. Februar 2021 absagen; ihr Rang bleibt.", "Termin suchen"),
        (ended("own_wish"), "Anmeldung auf eigenen Wunsch beendet.", ""),
        (ended("vaccinated_elsewhere"), "Anmeldung beendet: woanders geimpft.", ""),
        (ended("died"), "Ist verstorben.", ""),
        (ended("merged"), "War doppelt angemeldet", ""),
    ],
)  # fmt: skip
def test_every_state_is_one_sentence_with_the_next_step_first(agent, jana, make, sentence, button):
    answer = show(agent, jana, make())

    assert sentence in text(answer)
    assert first_button(answer).startswith(button)
    assert bool(first_button(answer)) is bool(button)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("deferred", "gmx.de nimmt sie zurzeit nicht an"),
        ("bounced", "gmx.de hat sie abgelehnt"),
    ],
)
def test_who_may_not_know_of_her_invitation_is_told_so_by_the_agent(agent, jana, state, words):
    person = invited()
    told(person, "invited", key=f"invited:{person.invitations.get().pk}:0", state=state)

    answer = show(agent, jana, person)

    assert words in text(answer)
    assert "Bitte am Telefon buchen" in text(answer)


def test_a_person_who_was_not_opened_in_this_call_stays_closed(agent, jana):
    person = invited()

    for name in ("", "contact", "household", "history", "book", "move_both", "end", "merge"):
        assert agent.get(url(person, name))["Location"] == reverse("callcenter:find")
    open_(jana, person)
    calls.finish(jana, NOW)
    assert agent.get(url(person))["Location"] == reverse("callcenter:find")


def test_opening_is_on_record_once_and_looking_again_is_not(agent, jana):
    person = invited()
    open_(jana, person)

    agent.get(url(person))
    agent.get(url(person))

    assert AuditEvent.objects.filter(action="registration.opened", subject=person.public_id).count() == 1


def test_the_second_agent_hears_who_has_her_open_since_when(agent, jana):
    person = invited()
    other = UserFactory(first_name="Petra", last_name="Lehmann", roles=[Role.CALL_AGENT])
    calls.open_person(other, person, NOW - timedelta(minutes=5))

    assert "Petra Lehmann hat diese Person seit 9:55 Uhr geöffnet." in text(show(agent, jana, person))


def test_why_and_why_not_stand_with_paragraph_and_version(agent, jana):
    phone_places()
    shown = text(show(agent, jana, too_young(medium="letter")))

    assert "Darf sie, und warum?" in shown
    assert "Coronavirus-Impfverordnung vom 8. Februar 2021" in shown
    assert "Ihre Gruppe kann noch nicht buchen." in shown
    assert "Erst ab 60 Jahren (§ 4), bei ihr ab 16. Februar 2050." in shown
    assert "Termin vor Sonntag, 21. Februar mit Brief" in shown


def test_who_is_not_written_to_by_letter_hears_nothing_of_the_post(agent, jana):
    phone_places()
    assert "mit Brief" not in text(show(agent, jana, too_young()))


def test_who_may_book_sees_what_to_bring_and_the_distance_of_the_doses(agent, jana):
    phone_places()
    shown = text(show(agent, jana, invited()))

    assert "Jetzt buchen Ja P1_AGE80. Gruppe 1: höchste Priorität (§ 2 Coronavirus-Impfverordnung" in shown
    assert "Mitbringen:" in shown
    assert "Zweite Impfung nach 3 Wochen." in shown


def test_a_vaccine_that_a_coming_rule_allows_says_from_when(agent, jana):
    phone_places()
    vaccine = VaccineFactory(code="vaxzevria", name="Vaxzevria")
    young = {"valid_from": NOW.date() - 9 * DAYS, "min_age": 18, "max_age": 64}
    VaccineAgeRule.objects.create(vaccine=vaccine, basis="stiko", **young)
    VaccineAgeRule.objects.create(vaccine=vaccine, basis="stiko", valid_from=NOW.date() + 30 * DAYS, min_age=60)

    shown = text(show(agent, jana, invited()))

    assert "Vaxzevria Ja Für Termine ab 18. März 2021. Ab 60 Jahren (STIKO-Empfehlung, 18. März 2021)." in shown


def test_messages_say_what_became_of_them(agent, jana):
    person = invited()
    pk = person.invitations.get().pk
    told(person, "invited", key=f"invited:{pk}:0", state="deferred", attempts=3, available_at=NOW + timedelta(hours=1))
    told(person, "registered", key=f"registered:{person.pk}", state="sent")
    told(RegistrationFactory(), "registered", key="registered:999999", state="bounced")

    shown = text(show(agent, jana, person))

    assert "verzögert: 3 Versuche, nächster heute 11:00 Uhr" in shown
    assert "angenommen heute 10:00 Uhr" in shown
    assert "abgelehnt" not in shown


def test_a_letter_says_where_it_lies(agent, jana):
    person = booked(phone_places(), email="")
    first = person.appointments.get(dose_number=1)
    letter = told(person, "booked", key=f"booked:{first.pk}", medium="letter", lane="letter:14612")
    assert "wartet auf den Druck" in text(show(agent, jana, person))
    assert "Unser Brief dazu wartet auf den Druck und ist noch nicht da." in text(agent.get(url(person)))

    batch = PrintBatch.objects.create(lane="letter:14612", day=NOW.date(), letters=1, made_at=NOW)
    Message.objects.filter(pk=letter.pk).update(batch=batch, state="sending")
    assert "liegt beim Drucker" in text(agent.get(url(person)))
    assert "Unser Brief dazu liegt beim Drucker und ist noch nicht da." in text(agent.get(url(person)))

    PrintBatch.objects.update(state="printed", settled_at=NOW, settled_by=jana, posted_on=NOW.date() + DAYS)
    Message.objects.filter(pk=letter.pk).update(state="sent", sent_at=NOW)
    shown = text(agent.get(url(person)))
    assert "zur Post am 17. Februar" in shown
    assert "Unser Brief dazu" not in shown

    Message.objects.filter(pk=letter.pk).update(state="bounced", sent_at=None, last_reply="kam zurück: verzogen")
    shown = text(agent.get(url(person)))
    assert "Unser Brief dazu kam zurück. Bitte fragen Sie nach der richtigen Anschrift." in shown


def test_confirming_on_the_telephone_puts_her_in_the_line_and_is_on_record(agent, jana):
    person = unconfirmed()
    open_(jana, person)

    answer = agent.post(url(person, "confirm"), follow=True)

    assert "Die Anmeldung ist bestätigt." in text(answer)
    assert Registration.objects.get(pk=person.pk).confirmed_at == NOW
    assert AuditEvent.objects.get(action="registration.confirmed").actor == jana


def test_renewing_brings_an_invitation_or_says_that_no_place_is_free(agent, jana):
    person = expired()
    open_(jana, person)
    assert "Kein Platz ist zurzeit frei" in text(agent.post(url(person, "renew"), follow=True))
    assert AuditEvent.objects.get(action="invitation.renewed").actor == jana


def test_a_link_goes_out_by_her_medium_and_at_most_three_times_a_day(agent, jana):
    person = invited()
    open_(jana, person)

    for minute in range(4):
        with time_machine.travel(NOW + timedelta(minutes=minute), tick=False):
            answer = agent.post(url(person, "link"), follow=True)
        assert ("Die Nachricht ist unterwegs." in text(answer)) == (minute < 3)

    assert answer.status_code == 409
    assert Message.objects.filter(template="new_link").count() == 3


def test_a_note_is_kept_and_a_long_one_comes_back_as_it_was_typed(agent, jana):
    person = invited()
    open_(jana, person)

    shown = text(post_note(agent, person, "Kommt mit Rollator,\nstufenlos nötig.", follow=True))
    assert "Kommt mit Rollator," in shown
    assert "Jana Kretzschmar" in shown

    long = "x" * 501
    answer = post_note(agent, person, long)
    assert long in answer.content.decode()
    assert "<details open>" in answer.content.decode()
    assert Note.objects.count() == 1


def post_note(agent, person, words, **more):
    return agent.post(url(person, "note"), {"text": words}, **more)


def test_a_note_sent_twice_is_written_once(jana):
    person = RegistrationFactory()
    for _time in range(2):
        notes.write(registration=person, text="Kommt mit Rollator", by=jana, now=NOW)
    assert Note.objects.count() == 1


def test_the_history_is_in_words_and_whole_on_its_own_page(agent, jana):
    person = unconfirmed()
    registrations.confirm(registration=person, by=None, now=NOW)
    open_(jana, person)

    shown = text(agent.get(url(person, "history")))

    assert "heute 10:00 Uhr geöffnet Jana Kretzschmar" in shown
    assert "Anmeldung bestätigt online" in shown
    assert "registration." not in shown


def test_the_page_asks_the_database_as_often_for_many_rows_as_for_one(agent, jana):
    person = invited()
    open_(jana, person)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            agent.get(url(person))
        return len(asked)

    def more(number):
        told(person, "registered", key=f"registered:{person.pk}@{number}", state="sent")
        notes.write(registration=person, text=f"Notiz {number}", by=jana, now=NOW)

    queries()
    more(1)
    once = queries()
    more(2)
    more(3)
    assert queries() == once


def test_nothing_of_a_stranger_opens_by_guessing(agent, jana):
    person = invited()
    open_(jana, person)
    message = told(RegistrationFactory(), "registered", key="registered:999999", state="sent")

    answer = post(agent, person, "send", message=str(message.public_id))

    assert answer.status_code == 302
    assert Message.objects.count() == 1


def test_every_deed_on_record_about_a_person_has_words():
    """Whatever a service writes into the trail of a person is read there in words."""
    nouns = "registration|invitation|series|appointment|link|message|note"
    sources = [path.read_text(encoding="utf-8") for path in (settings.BASE_DIR / "booking").rglob("*.*") if _code(path)]
    written = {found for source in sources for found in re.findall(rf"[\"']((?:{nouns})\.[a-z_]+)[\"']", source)} - {
        "registration.searched"
    }  # its subject is nobody

    assert len(written) > 20
    assert written <= set(trail.WORDS)


def _code(path):
    return path.suffix in {".py", ".sql"} and "migrations" not in path.parts


def test_to_give_up_is_never_what_is_offered_first(agent, jana):
    """Nothing can be done yet for who waits and may not book: no key ends her registration."""
    person = RegistrationFactory(birth_date=date(1990, 1, 1), email="", medium="letter")
    open_(jana, person)

    page = agent.get(url(person)).content.decode()

    [end] = re.findall(rf'<a [^>]*href="{url(person, "end")}"[^>]*>', page)
    assert "accesskey" not in end
    assert "kern-btn--secondary" in end
