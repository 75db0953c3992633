"""Letters that wait together for one person: the newest says all of it, and the others are not printed."""

from datetime import timedelta

import pytest

from booking import telling
from booking.services import appointments
from centers.models import Channel
from notifications import printing
from notifications.models import Message, PrintBatch
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import SlotFactory, series_slots
from tests.notifications.paper import pdf_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


@pytest.fixture
def by_post():
    return RegistrationFactory(invited=True, email="", medium="letter")


def booked(person):
    first, second = series_slots()
    appointments.book(registration=person, slot_id=first.pk, channel=Channel.WEB, by=None, now=NOW)
    return second


def moved(person, second, *, days, now=NOW):
    """The second dose lies so many days later than it was first."""
    later = SlotFactory(session=second.session, starts_at=second.starts_at + timedelta(days=days))
    appointments.move(registration=person, dose_number=2, slot_id=later.pk, channel=Channel.WEB, by=None, now=now)


def states(person) -> list[tuple[str, str]]:
    hers = Message.objects.filter(recipient=person.case_number).order_by("created_at", "pk")
    return list(hers.values_list("template", "state"))


def test_booked_and_moved_twice_become_one_letter_that_says_all(by_post):
    second = booked(by_post)
    moved(by_post, second, days=1)
    moved(by_post, second, days=2)

    made = printing.make_now(by=UserFactory(), now=NOW)

    assert (made.batches, made.letters) == (1, 1)
    assert states(by_post) == [("booked", "discarded"), ("moved", "discarded"), ("moved", "sending")]
    assert set(Message.objects.filter(state="discarded").values_list("last_reply", "batch")) == {
        ("said by a newer letter", None)
    }
    text = text_of(pdf_of(PrintBatch.objects.get()))
    assert "Ihre Termine haben sich geändert" in text
    for day in ("18. Februar", "13. März"):
        assert day in text
    for overtaken in ("11. März", "12. März"):
        assert overtaken not in text


def test_everybody_gets_her_own_newest_letter(by_post):
    other = RegistrationFactory(invited=True, email="", medium="letter")
    moved(by_post, booked(by_post), days=1)
    booked(other)

    assert printing.make_now(by=UserFactory(), now=NOW).letters == 2

    assert states(by_post) == [("booked", "discarded"), ("moved", "sending")]
    assert states(other) == [("booked", "sending")]


def test_what_is_written_after_the_hour_of_the_batch_holds_up_no_letter(by_post):
    second = booked(by_post)
    at = NOW.replace(hour=14)
    moved(by_post, second, days=1, now=at + timedelta(minutes=1))

    printing.make_due(now=at + timedelta(minutes=2))

    assert states(by_post) == [("booked", "sending"), ("moved", "queued")]


def test_the_newer_one_may_lie_in_the_next_batch(by_post, monkeypatch):
    monkeypatch.setattr(printing, "MOST", 1)
    moved(by_post, booked(by_post), days=1)

    assert printing.make_now(by=UserFactory(), now=NOW) == printing.Made(1, 1, left=False)
    assert states(by_post) == [("booked", "discarded"), ("moved", "sending")]


@pytest.mark.parametrize("template", ["moved_by_center", "kept_by_center", "cancelled_by_center", "invited"])
def test_a_letter_with_words_of_its_own_is_overtaken_by_none(by_post, template, monkeypatch):
    monkeypatch.setattr(printing.letters, "sheet", lambda message, now: printing.Sheet())
    monkeypatch.setattr(printing.letters, "pdf", lambda _sheets, **_values: b"%PDF")
    telling.tell(template, by_post, key="older", reference={"change": 1}, now=NOW)
    telling.tell("moved", by_post, key="newer", now=NOW)

    printing.make_now(by=UserFactory(), now=NOW)

    assert states(by_post) == [(template, "sending"), ("moved", "sending")]


def test_an_email_is_not_a_letter():
    person = RegistrationFactory(invited=True)
    moved(person, booked(person), days=1)

    printing.make_now(by=UserFactory(), now=NOW)

    assert [state for _template, state in Message.objects.order_by("pk").values_list("template", "state")] == [
        "queued"
    ] * 2
