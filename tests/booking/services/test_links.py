"""Access links: exchanged once, in the same words for every wrong way, renewed to the stored contact only."""

import base64
import hashlib
import re
import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import translation

from accounts.refusals import Refused
from booking import codes, tokens
from booking.models import AccessLink
from booking.services import links, registrations
from notifications.models import Message
from tests.booking.services.registering import contact
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory

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


def letter_link(**person):
    return visit_link(**{"email": "", "medium": "letter", **person})


def typed(link):
    """The code as it is looked for: without groups and check character."""
    return codes.typed(links.code(link), length=codes.LINK_CODE_LENGTH)


def test_the_code_of_a_letter_can_be_said_and_stands_nowhere():
    link = letter_link()

    code = links.code(link)

    assert re.fullmatch(rf"([{codes.ALPHABET}]{{4}} ){{3}}[{codes.ALPHABET}]", code)
    stored = str(AccessLink.objects.values().get())
    assert typed(link) not in stored
    assert hashlib.sha256(typed(link).encode()).hexdigest() not in stored  # a plain hash could be searched


def test_the_code_and_what_is_kept_of_it_depend_on_the_key(settings):
    link = letter_link()
    before, kept = links.code(link), link.code_hash
    settings.LINK_KEY = "another-" * 8

    assert links.code(link) != before
    assert tokens.code_hash_of(codes.plain(before)[:-1]) != kept


def test_codes_use_the_whole_alphabet_at_every_place():
    found = {tokens.code(uuid.UUID(int=number)) for number in range(600)}

    assert len(found) == 600
    assert all({code[place] for code in found} == set(codes.ALPHABET) for place in range(codes.LINK_CODE_LENGTH))


def test_only_a_link_that_goes_by_letter_has_a_code():
    assert visit_link().code_hash is None
    assert letter_link().code_hash is not None
    person = RegistrationFactory(unconfirmed=True, medium="letter")
    assert links.issue(registration=person, purpose="confirm", now=NOW).code_hash is None


def test_a_link_made_for_an_email_gets_its_code_when_it_goes_by_letter(django_assert_num_queries):
    link = visit_link()
    assert links.find(tokens.code(link.nonce)) is None

    assert links.find(typed(link)) == link
    with django_assert_num_queries(0):
        links.code(link)


def test_the_code_is_looked_up_by_its_index():
    link = letter_link()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM booking_accesslink WHERE code_hash = %s", [link.code_hash])
        assert "link_code_once" in str(cursor.fetchall())


def test_code_and_link_are_one_key_with_one_number_of_tries():
    link = letter_link()
    for _time in range(3):
        refusal(link, birth_date=WRONG)
    for _time in range(2):
        with pytest.raises(Refused, match="passen nicht zusammen"), translation.override("de"):
            links.exchange(token=typed(link), birth_date=WRONG, now=NOW)

    assert refusal(link).code == "link_blocked"
    with pytest.raises(Refused) as blocked:
        links.exchange(token=typed(link), birth_date=BORN, now=NOW)
    assert blocked.value.code == "link_blocked"


def test_code_opens_once_and_the_link_is_used_then():
    link = letter_link()

    assert links.exchange(token=typed(link), birth_date=BORN, now=NOW).pk == link.pk

    assert refusal(link).code == "link_used"


@pytest.mark.parametrize("values", [{"code_hash": "7H4K2MXP9RDW"}, {"code_hash": "a" * 64, "purpose": "confirm"}])
def test_the_database_keeps_of_a_code_only_the_hash_of_a_visit(values):
    link = letter_link()

    with pytest.raises(IntegrityError, match="link_code_keeps_only_a_hash"):
        AccessLink.objects.filter(pk=link.pk).update(**values)


def test_no_two_links_have_one_code():
    first, second = letter_link(), letter_link()

    with pytest.raises(IntegrityError, match="link_code_once"):
        AccessLink.objects.filter(pk=second.pk).update(code_hash=first.code_hash)


def test_url_is_an_address_of_the_site():
    link = visit_link()

    assert links.url(link) == f"http://testserver/link/{links.token(link)}/"


@pytest.mark.parametrize("token", ["", "x", "ä" * 43, "A" * 43, "../../etc", "\x00", "7H4K2MXP9RDW", "ä" * 12])
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


def test_send_to_sends_nothing_at_the_second_click_but_where_the_contact_was_corrected_in_between():
    person, jana = RegistrationFactory(email="tippfehler@example.org"), UserFactory()

    def send(seconds):
        links.send_to(registration=person, by=jana, now=NOW + timedelta(seconds=seconds))

    send(0)
    send(5)
    right = contact(email="richtig@example.org")
    registrations.update_contact(registration=person, contact=right, by=jana, now=NOW + timedelta(seconds=20))
    send(25)
    send(29)

    sent = Message.objects.filter(template="new_link").order_by("pk").values_list("recipient", flat=True)
    assert list(sent) == ["tippfehler@example.org", "richtig@example.org"]


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
