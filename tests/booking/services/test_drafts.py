"""What somebody has typed, until it is sent once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.refusals import Refused
from booking.models import Draft, Registration
from booking.services import drafts, registrations
from notifications.models import Message
from tests.concurrency import run_at_once
from tests.factories import NOW
from tests.factories.demand import RegulationFactory

ANSWERS = {
    "first_name": "Ingeborg",
    "last_name": "Richter",
    "birth_date": "1938-03-14",
    "street": "Schandauer Straße 14",
    "postcode": "01796",
    "town": "Pirna",
    "criteria": [],
    "email": "i.richter@example.org",
    "phone": "",
    "needs": ["companion"],
    "language": "de",
}


@pytest.fixture
def draft(db) -> Draft:
    RegulationFactory()
    return drafts.start(data=ANSWERS, now=NOW)


def test_draft_is_found_by_its_key_only(draft):
    assert drafts.find(draft.key, now=NOW) == draft
    assert drafts.find(draft.case_number, now=NOW) is None


def test_draft_lives_two_hours_after_the_last_page(draft):
    late = NOW + timedelta(minutes=100)
    drafts.keep(draft=draft, data={"town": "Dresden"}, now=late)

    assert drafts.find(draft.key, now=late + timedelta(minutes=100)) is not None
    assert drafts.find(draft.key, now=late + timedelta(minutes=121)) is None


def test_keep_adds_one_page_and_leaves_the_others(draft):
    assert drafts.keep(draft=draft, data={"town": "Dresden"}, now=NOW)

    draft.refresh_from_db()
    assert draft.data == {**ANSWERS, "town": "Dresden"}


def test_keep_after_sending_changes_nothing(draft):
    drafts.submit(draft=draft, now=NOW)

    assert not drafts.keep(draft=draft, data={"town": "Dresden"}, now=NOW)
    draft.refresh_from_db()
    assert "town" not in draft.data


def test_fingerprint_changes_with_every_answer(draft):
    before = drafts.fingerprint(draft)
    drafts.keep(draft=draft, data={"town": "Dresden"}, now=NOW)

    assert drafts.fingerprint(draft) != before


def test_submit_registers_and_forgets_all_but_the_address(draft):
    sent = drafts.submit(draft=draft, now=NOW)

    assert sent.registration == Registration.objects.get()
    assert sent.registration.case_number == sent.case_number == draft.case_number
    assert sent.data == {"email": "i.richter@example.org"}


def test_submit_again_returns_what_was_sent(draft):
    first = drafts.submit(draft=draft, now=NOW)
    second = drafts.submit(draft=draft, now=NOW + timedelta(minutes=1))

    assert second.submitted_at == first.submitted_at
    assert Registration.objects.count() == 1


def test_submit_of_somebody_registered_already_leads_to_nobody(draft):
    drafts.submit(draft=draft, now=NOW)
    again = drafts.submit(draft=drafts.start(data=ANSWERS, now=NOW), now=NOW)

    assert again.registration is None
    assert again.data == {"email": "i.richter@example.org"}


def test_change_of_address_of_a_stranger_changes_nobody(draft):
    drafts.submit(draft=draft, now=NOW)
    again = drafts.submit(draft=drafts.start(data=ANSWERS, now=NOW), now=NOW)
    drafts.change_email(draft=again, email="stranger@example.org", now=NOW)

    assert Registration.objects.get().email == "i.richter@example.org"


def test_change_of_address_is_refused_once_it_is_confirmed(draft):
    sent = drafts.submit(draft=draft, now=NOW)
    registrations.confirm(registration=sent.registration, by=None, now=NOW)

    with pytest.raises(Refused) as refusal:
        drafts.change_email(draft=drafts.find(draft.key, now=NOW), email="stranger@example.org", now=NOW)

    assert refusal.value.code == "confirmed"
    assert Registration.objects.get().email == "i.richter@example.org"
    assert drafts.find(draft.key, now=NOW).data["email"] == "i.richter@example.org"


def test_who_types_it_anew_after_a_refused_mail_takes_it_from_the_draft_of_then(draft):
    drafts.submit(draft=draft, now=NOW)
    Message.objects.update(state="bounced")
    anew = drafts.submit(draft=drafts.start(data={**ANSWERS, "email": "richter@example.org"}, now=NOW), now=NOW)

    drafts.change_email(draft=drafts.find(draft.key, now=NOW), email="stranger@example.org", now=NOW)

    assert drafts.find(draft.key, now=NOW).registration is None
    assert drafts.find(anew.key, now=NOW).registration == Registration.objects.get()
    assert Registration.objects.get().email == "richter@example.org"


def test_sweep_deletes_what_is_over_and_keeps_the_registration(draft):
    drafts.submit(draft=draft, now=NOW)
    drafts.start(data=ANSWERS, now=NOW)

    assert drafts.sweep(now=NOW + timedelta(hours=3)) == 1
    assert drafts.sweep(now=NOW + timedelta(hours=49)) == 1
    assert Registration.objects.count() == 1


def submitting(draft: Draft) -> Callable[[], Draft]:
    return lambda: drafts.submit(draft=draft, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_one_draft_sent_from_ten_windows_registers_once(draft):
    answers = run_at_once([submitting(draft) for _window in range(10)])

    assert {answer.registration for answer in answers} == {Registration.objects.get()}
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_person_typed_in_ten_browsers_registers_once(draft):
    several = [draft, *(drafts.start(data=ANSWERS, now=NOW) for _browser in range(9))]

    answers = run_at_once([submitting(one) for one in several])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert Registration.objects.count() == 1
    assert sum(answer.registration is not None for answer in answers) == 1
