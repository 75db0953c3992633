"""Access links: exchanged once, in the same words for every wrong way, renewed to the stored contact only."""

import base64
import hashlib
from datetime import date, timedelta

import pytest

from accounts.refusals import Refused
from booking.models import AccessLink
from booking.services import links
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory

pytestmark = pytest.mark.django_db
BORN = date(1938, 3, 14)
WRONG = date(1938, 4, 13)


def visit_link(**person):
    return links.issue(registration=RegistrationFactory(**person), purpose="visit", now=NOW)


def exchange(link, *, birth_date=BORN, now=NOW):
    return links.exchange(token=links.token(link), birth_date=birth_date, now=now)


def refusal(*args, **kwargs):
    with pytest.raises(Refused) as refused:
        exchange(*args, **kwargs)
    return refused.value


def test_token_has_256_bit_and_is_kept_only_as_a_hash():
    link = visit_link()
    token = links.token(link)

    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(AccessLink.objects.values().get())


def test_token_depends_on_the_key(settings):
    link = visit_link()
    before = links.token(link)
    settings.LINK_KEY = "another-" * 8

    assert links.token(link) != before


def test_url_is_an_address_of_the_site():
    link = visit_link()

    assert links.url(link) == f"http://testserver/link/{links.token(link)}/"


@pytest.mark.parametrize("token", ["", "x", "ä" * 43, "A" * 43, "../../etc", "\x00"])
def test_find_knows_no_other_token(token):
    visit_link()

    assert links.find(token) is None


def test_exchange_begins_a_visit_once():
    link = visit_link()

    visited = exchange(link)

    link.refresh_from_db()
    assert (visited.pk, visited.used_at, link.used_at, link.failed_tries) == (link.pk, NOW, NOW, 0)
    assert refusal(link).code == "link_used"


def test_exchange_says_the_same_for_a_wrong_link_and_a_wrong_date():
    link = visit_link()
    with pytest.raises(Refused) as unknown:
        links.exchange(token="A" * 43, birth_date=BORN, now=NOW)

    wrong = refusal(link, birth_date=WRONG)

    assert (wrong.code, str(wrong)) == (unknown.value.code, str(unknown.value))


def test_exchange_locks_the_link_after_five_wrong_dates():
    link = visit_link()
    for _time in range(links.MAX_TRIES):
        assert refusal(link, birth_date=WRONG).code == "link_wrong"

    assert refusal(link).code == "link_blocked"
    link.refresh_from_db()
    assert (link.failed_tries, links.state(link, NOW)) == (5, "blocked")


def test_exchange_forgives_four_wrong_dates():
    link = visit_link()
    for _time in range(4):
        refusal(link, birth_date=WRONG)

    assert exchange(link).used_at == NOW


def test_exchange_refuses_a_link_that_confirms():
    link = links.issue(registration=RegistrationFactory(unconfirmed=True), purpose="confirm", now=NOW)

    assert refusal(link).code == "link_wrong"


def test_exchange_refuses_after_the_end(settings):
    link = visit_link()

    assert refusal(link, now=NOW + timedelta(hours=settings.LINK_HOURS)).code == "link_expired"


def test_state_of_a_link_that_confirms_never_ends_by_time():
    link = links.issue(registration=RegistrationFactory(unconfirmed=True), purpose="confirm", now=NOW)

    assert links.state(link, NOW + timedelta(days=400)) == "open"


def test_state_after_withdrawal_shows_nothing():
    assert links.state(visit_link(withdrawn=True), NOW) == "withdrawn"


def test_send_new_goes_to_the_stored_contact_and_replaces_older_links():
    link = visit_link(email="alt@example.org")

    links.send_new(link=link, now=NOW + timedelta(hours=1))

    newer = AccessLink.objects.latest("pk")
    message = Message.objects.get()
    link.refresh_from_db()
    assert (message.template, message.recipient) == ("new_link", "alt@example.org")
    assert message.reference == {"registration": link.registration_id, "link": newer.pk}
    assert links.state(link, NOW + timedelta(hours=1)) == "renewed"
    assert links.state(newer, NOW + timedelta(hours=1)) == "open"


@pytest.mark.parametrize("state", ["used", "blocked", "expired"])
def test_send_new_helps_whatever_became_of_the_link(state):
    link = visit_link()
    change = {
        "used": {"used_at": NOW}, "blocked": {"failed_tries": 5}, "expired": {"valid_until": NOW + timedelta(hours=1)},
    }[state]  # fmt: skip
    AccessLink.objects.filter(pk=link.pk).update(**change)
    link.refresh_from_db()
    assert links.state(link, NOW + timedelta(hours=2)) == state

    links.send_new(link=link, now=NOW + timedelta(hours=2))

    assert Message.objects.count() == 1


def test_send_new_is_limited_per_day():
    link = visit_link()
    for minute in range(links.NEW_LINKS_PER_DAY):
        links.send_new(link=link, now=NOW + timedelta(minutes=minute))

    with pytest.raises(Refused) as refused:
        links.send_new(link=link, now=NOW + timedelta(minutes=9))
    links.send_new(link=link, now=NOW + timedelta(days=1))

    assert refused.value.code == "too_many_messages"
    assert Message.objects.count() == links.NEW_LINKS_PER_DAY + 1


def test_send_new_to_a_withdrawn_person_says_and_sends_nothing():
    links.send_new(link=visit_link(withdrawn=True), now=NOW)

    assert not Message.objects.exists()


def test_send_new_for_an_unconfirmed_person_confirms():
    person = RegistrationFactory(unconfirmed=True)
    link = links.issue(registration=person, purpose="confirm", now=NOW)

    links.send_new(link=link, now=NOW)

    assert AccessLink.objects.latest("pk").purpose == "confirm"
    assert links.state(link, NOW) == "open"


def test_request_sends_a_link_for_case_number_and_birth_date():
    person = RegistrationFactory()

    links.request(case_number=person.case_number, birth_date=BORN, now=NOW)

    assert Message.objects.get().recipient == person.email


def test_request_answers_nothing_for_anything_else():
    person = RegistrationFactory()
    for _time in range(links.NEW_LINKS_PER_DAY + 2):
        links.request(case_number=person.case_number, birth_date=BORN, now=NOW)
    links.request(case_number=person.case_number, birth_date=WRONG, now=NOW)
    links.request(case_number="22222222", birth_date=BORN, now=NOW)
    links.request(case_number=RegistrationFactory(email="").case_number, birth_date=BORN, now=NOW)

    assert Message.objects.count() == links.NEW_LINKS_PER_DAY


def test_end_visit_keeps_its_first_moment():
    link = exchange(visit_link())

    links.end_visit(link_id=link.pk, now=NOW + timedelta(minutes=5))
    links.end_visit(link_id=link.pk, now=NOW + timedelta(minutes=9))

    link.refresh_from_db()
    assert link.visit_ended_at == NOW + timedelta(minutes=5)


def test_a_link_goes_by_sms_and_never_by_letter():
    by_sms = RegistrationFactory(phone="+4915123456789", medium="sms")
    links.request(case_number=by_sms.case_number, birth_date=BORN, now=NOW)

    with pytest.raises(Refused) as answer:
        links.send_new(link=visit_link(email=""), now=NOW)

    assert (answer.value.code, [one.recipient for one in Message.objects.all()]) == ("no_email", ["+4915123456789"])
