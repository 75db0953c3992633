"""Letters wait, lie in one batch, are printed once, and what became of them is known."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from accounts.refusals import Refused
from accounts.roles import Role
from notifications import printing
from notifications.models import Message, PrintBatch
from tests.factories import NOW
from tests.factories.staff import UserFactory
from tests.notifications.paper import LANE, case_number, letter, pdf_of, text_of, words

pytestmark = pytest.mark.django_db
TODAY = date(2021, 2, 16)
PERSON = UUID(int=7)


@pytest.fixture
def jana():
    return UserFactory(username="jana", roles=[Role.CALL_AGENT])


@pytest.fixture
def write(post, contexts):
    """write(3) lets three letters wait."""

    def queue(count=1, *, first=1, **values):
        for number in range(first, first + count):
            contexts[case_number(number)] = words(name=f"Person {number}")
        return [letter(post, number, **values) for number in range(first, first + count)]

    return queue


@pytest.fixture
def batch(write, jana):
    """Three letters in a batch."""
    write(3)
    printing.make_now(by=jana, now=NOW)
    return PrintBatch.objects.get()


def states() -> dict[str, str]:
    return dict(Message.objects.order_by("pk").values_list("recipient", "state"))


def trail() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


# --- Making batches


def test_the_clock_takes_what_was_written_before_the_hour(write):
    write(2)
    at = datetime(2021, 2, 16, 14, tzinfo=UTC)
    before, late = at - timedelta(seconds=1), at + timedelta(hours=2)

    assert printing.make_due(now=before).batches == 0
    assert printing.make_due(now=at) == printing.Made(1, 2, left=False)
    write(1, first=3, now=at + timedelta(minutes=1))
    assert printing.make_due(now=late).batches == 0  # tomorrow
    assert printing.make_due(now=late + timedelta(days=1)).letters == 1


def test_a_batch_is_of_one_district(write, post, contexts, jana):
    write(2)
    contexts[case_number(9)] = words()
    post(case_number(9), medium="letter", lane="letter:", now=NOW)

    made = printing.make_now(by=jana, now=NOW)

    assert made == printing.Made(2, 3, left=False)
    assert set(PrintBatch.objects.values_list("lane", "letters", "day")) == {(LANE, 2, TODAY), ("letter:", 1, TODAY)}
    assert set(states().values()) == {"sending"}


def test_a_batch_has_all_its_letters_one_after_the_other(batch):
    pdf = pdf_of(batch)

    assert len(pdf.pages) == 3
    assert [f"Person {number}" in page.extract_text() for number, page in enumerate(pdf.pages, start=1)] == [True] * 3
    assert set(batch.messages.values_list("state", "attempts")) == {("sending", 1)}


def test_no_more_letters_than_a_batch_may_have(write, jana, monkeypatch):
    monkeypatch.setattr(printing, "MOST", 2)
    write(5)

    printing.make_now(by=jana, now=NOW)

    assert list(PrintBatch.objects.order_by("pk").values_list("letters", flat=True)) == [2, 2, 1]


def test_one_press_of_the_button_makes_so_many_and_says_that_others_wait(write, jana, monkeypatch):
    monkeypatch.setattr(printing, "MOST", 2)
    monkeypatch.setattr(printing, "AT_ONCE", 2)
    write(3)

    assert printing.make_now(by=jana, now=NOW) == printing.Made(1, 2, left=True)
    assert printing.make_now(by=jana, now=NOW) == printing.Made(1, 1, left=False)


def test_nothing_lies_in_two_batches(batch, jana):
    assert printing.make_now(by=jana, now=NOW) == printing.Made(0, 0, left=False)
    assert printing.make_due(now=NOW + timedelta(days=9)).letters == 0


def test_what_is_no_longer_true_or_too_late_is_not_printed(write, contexts, jana):
    write(2)
    write(1, first=3, discard_after=NOW - timedelta(minutes=1))
    contexts[case_number(1)] = None

    printing.make_now(by=jana, now=NOW)

    assert list(states().values()) == ["discarded", "sending", "discarded"]
    assert PrintBatch.objects.get().letters == 1


def test_a_batch_of_nothing_is_none(write, contexts, jana):
    write(1)
    contexts[case_number(1)] = None

    assert printing.make_now(by=jana, now=NOW).batches == 0
    assert not PrintBatch.objects.exists()


def test_a_broken_letter_stops_no_other_and_is_tried_later(write, contexts, jana, caplog):
    write(2)
    del contexts[case_number(1)]["address"]

    printing.make_now(by=jana, now=NOW)

    broken = Message.objects.get(recipient=case_number(1))
    assert (broken.state, broken.batch, broken.available_at) == ("deferred", None, NOW + timedelta(hours=1))
    assert broken.last_reply.startswith("not composed: KeyError in sheet")
    assert "Person" not in caplog.text
    assert PrintBatch.objects.get().letters == 1
    contexts[case_number(1)] = words()
    assert printing.make_now(by=jana, now=NOW + timedelta(hours=1)).letters == 1


def test_a_district_that_fails_stops_no_other(write, post, contexts, jana, monkeypatch, caplog):
    write(1)
    contexts[case_number(9)] = words(subject_of_a_failing_press=True)
    post(case_number(9), medium="letter", lane="letter:00000", now=NOW)
    real = printing.letters.pdf

    def press(sheets, **values):
        if len(PrintBatch.objects.all()) == 0 and sheets[0]["address"] == words()["address"] and not caplog.text:
            raise ValueError("Person 9")
        return real(sheets, **values)

    monkeypatch.setattr(printing.letters, "pdf", press)
    made = printing.make_now(by=jana, now=NOW)

    assert made.batches == 1
    assert "letter:00000 could not be made: ValueError" in caplog.text
    assert "Person 9" not in caplog.text
    assert Message.objects.get(lane="letter:00000").state == "queued"


def test_what_waits_is_known_by_district(write, jana):
    write(2)

    assert printing.waiting() == [printing.Pile(LANE, 2, NOW)]
    printing.make_now(by=jana, now=NOW)
    assert printing.waiting() == []


# --- What became of them


def test_printed_letters_count_as_sent(batch, jana):
    later = NOW + timedelta(hours=1)

    found = printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=later)

    assert (found.state, found.settled_by, found.settled_at, found.posted_on) == ("printed", jana, later, TODAY)
    assert set(Message.objects.values_list("state", "sent_at")) == {("sent", later)}
    assert trail() == ["letters.made", "letters.printed"]


def test_printed_twice_is_harmless(batch, jana):
    for hours in (1, 2):
        printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=NOW + timedelta(hours=hours))

    assert trail().count("letters.printed") == 1
    assert set(Message.objects.values_list("sent_at", flat=True)) == {NOW + timedelta(hours=1)}


@pytest.mark.parametrize("days", [-1, 8])
def test_nothing_is_posted_before_it_was_made_or_in_a_far_future(batch, jana, days):
    with pytest.raises(Refused) as refusal:
        printing.printed(batch=batch.public_id, posted_on=TODAY + timedelta(days=days), by=jana, now=NOW)

    assert refusal.value.code == "posted_on"
    assert PrintBatch.objects.get().state == "made"


def failed(batch, jana, now=NOW) -> PrintBatch | None:
    """Its print failed, and a worker has made it anew."""
    printing.failed(batch=batch.public_id, by=jana, now=now)
    printing.remake_due(now=now)
    return PrintBatch.objects.filter(again_of=batch).first()


def test_a_failed_batch_is_made_again_from_what_is_still_true(batch, contexts, jana):
    contexts[case_number(2)] = None
    contexts[case_number(3)] = words(name="Neuer Name")

    new = failed(batch, jana)

    batch.refresh_from_db()
    assert (batch.state, batch.content, batch.remake_at) == ("failed", None, None)
    assert (new.again_of, new.letters, new.lane) == (batch, 2, LANE)
    assert "Neuer Name" in text_of(pdf_of(new))
    assert list(states().values()) == ["sending", "discarded", "sending"]
    assert failed(batch, jana) == new
    assert PrintBatch.objects.count() == 2
    assert trail() == ["letters.made", "letters.failed", "letters.made"]


def test_nothing_is_composed_while_somebody_waits_for_the_page(batch, jana, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(printing.letters, "sheet", None)  # who calls it fails
    with django_assert_max_num_queries(6):
        printing.failed(batch=batch.public_id, by=jana, now=NOW)

    batch.refresh_from_db()
    assert (batch.state, batch.content, batch.remake_at) == ("remaking", None, NOW)
    assert [one.pk for one in printing.batches(now=NOW + timedelta(days=60))] == [batch.pk]


def test_a_batch_that_cannot_be_made_anew_is_tried_later_and_stops_no_other(batch, write, jana, monkeypatch, caplog):
    write(1, first=4, lane="letter:00000")
    printing.make_now(by=jana, now=NOW)
    for one in PrintBatch.objects.all():
        printing.failed(batch=one.public_id, by=jana, now=NOW)
    real = printing.letters.pdf

    def press(sheets, **values):
        if len(sheets) == 3:
            raise ValueError("Person 1")
        return real(sheets, **values)

    monkeypatch.setattr(printing.letters, "pdf", press)
    assert printing.remake_due(now=NOW) == 1

    batch.refresh_from_db()
    assert (batch.state, batch.remake_at) == ("remaking", NOW + printing.REMAKE_AFTER)
    assert f"Batch {batch.public_id} could not be made anew: ValueError in press" in caplog.text
    assert "Person 1" not in caplog.text
    assert printing.remake_due(now=NOW + timedelta(minutes=1)) == 0
    monkeypatch.setattr(printing.letters, "pdf", real)
    assert printing.remake_due(now=NOW + printing.REMAKE_AFTER) == 1


def test_a_failed_batch_of_which_nothing_is_true_any_more(batch, contexts, jana):
    contexts.update({case_number(number): None for number in (1, 2, 3)})

    assert failed(batch, jana) is None
    assert PrintBatch.objects.get().state == "failed"
    assert printing.remake_due(now=NOW) == 0


def test_failed_and_printed_exclude_each_other(batch, jana):
    printing.failed(batch=batch.public_id, by=jana, now=NOW)
    for _before_and_after in range(2):
        with pytest.raises(Refused, match="misslungen"):
            printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=NOW)
        printing.remake_due(now=NOW)

    new = PrintBatch.objects.get(again_of=batch)
    printing.printed(batch=new.public_id, posted_on=TODAY, by=jana, now=NOW)
    with pytest.raises(Refused, match="einzeln"):
        printing.failed(batch=new.public_id, by=jana, now=NOW)


@pytest.mark.parametrize("values", [{"state": "remaking"}, {"remake_at": NOW}])
def test_a_batch_is_due_to_be_made_anew_or_it_is_not(batch, jana, values):
    settled = {"settled_at": NOW, "settled_by": jana} if "state" in values else {}

    with pytest.raises(IntegrityError, match="print_batch_remade_when_due"):
        PrintBatch.objects.filter(pk=batch.pk).update(**values, **settled)


@pytest.mark.parametrize("posted", [False, True])
def test_one_damaged_letter_is_printed_again(batch, jana, posted):
    if posted:
        printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=NOW)

    new = printing.again(batch=batch.public_id, case_number=case_number(2), subject=PERSON, by=jana, now=NOW)

    assert new.letters == 1
    assert "Person 2" in text_of(pdf_of(new))
    assert states()[case_number(2)] == "sending"
    assert AuditEvent.objects.get(action="letter.printed_again").subject == PERSON
    printing.printed(batch=new.public_id, posted_on=TODAY, by=jana, now=NOW)
    assert states()[case_number(2)] == "sent"


def test_a_letter_that_was_taken_out_is_not_sent_with_its_old_batch(batch, jana):
    printing.again(batch=batch.public_id, case_number=case_number(2), subject=None, by=jana, now=NOW)

    printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=NOW)

    assert list(states().values()) == ["sent", "sending", "sent"]


def test_the_same_letter_is_not_printed_again_twice_from_one_batch(batch, jana):
    values = {"batch": batch.public_id, "case_number": case_number(2), "subject": None, "by": jana, "now": NOW}
    printing.again(**values)

    with pytest.raises(Refused, match="schon neu gedruckt"):
        printing.again(**values)
    assert PrintBatch.objects.count() == 2


def test_a_letter_that_comes_back_has_not_reached_her(batch, jana):
    printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=NOW)

    for _again in range(2):
        values = {"case_number": case_number(1), "reason": "verzogen", "subject": PERSON}
        found = printing.returned(**values, by=jana, now=NOW + timedelta(days=4))

    assert (found.state, found.sent_at, found.last_reply) == ("bounced", None, "verzogen")
    assert trail().count("letter.returned") == 1
    assert AuditEvent.objects.get(action="letter.returned").subject == PERSON
    assert list(states().values()) == ["bounced", "sent", "sent"]


def test_the_newest_letter_is_the_one_that_comes_back(batch, write, jana):
    printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=NOW)
    tomorrow = NOW + timedelta(days=1)
    [newer] = write(1, dedupe_key="newer", now=tomorrow)
    printing.make_now(by=jana, now=tomorrow)
    printing.printed(
        batch=PrintBatch.objects.latest("pk").public_id, posted_on=TODAY + timedelta(days=1), by=jana, now=tomorrow
    )

    found = printing.returned(case_number=case_number(1), reason="", subject=None, by=jana, now=tomorrow)

    assert found == newer


def test_whose_letter_came_back_is_found_by_the_index_of_printed_letters(batch, jana):
    printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_hashjoin = off")
        cursor.execute("ANALYZE notifications_message")
    with CaptureQueriesContext(connection) as asked:
        printing.returned(case_number=case_number(1), reason="verzogen", subject=PERSON, by=jana, now=NOW)

    [search] = [one["sql"] for one in asked if "made_at" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {search}")
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "message_printed_for" in plan


def test_nothing_comes_back_that_never_left(batch, jana):
    with pytest.raises(Refused, match="kein Brief zur Post"):
        printing.returned(case_number=case_number(1), reason="", subject=None, by=jana, now=NOW)


def test_reading_is_on_record_and_the_pdf_goes_in_time(batch, jana):
    assert bytes(printing.read(batch=batch.public_id, by=jana, now=NOW).content).startswith(b"%PDF")
    assert trail()[-1] == "letters.read"
    printing.printed(batch=batch.public_id, posted_on=TODAY, by=jana, now=NOW)

    assert printing.forget(now=NOW + printing.KEPT - timedelta(seconds=1)) == 0
    assert printing.forget(now=NOW + printing.KEPT) == 1
    with pytest.raises(Refused, match="nicht mehr aufbewahrt"):
        printing.read(batch=batch.public_id, by=jana, now=NOW + printing.KEPT)


def test_a_batch_that_nobody_has_printed_is_kept(batch):
    assert printing.forget(now=NOW + timedelta(days=60)) == 0
    assert [one.pk for one in printing.batches(now=NOW + timedelta(days=60))] == [batch.pk]
