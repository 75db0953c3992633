import pytest
from django.db import IntegrityError, transaction

from notifications import outbox
from notifications.models import Message
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "lane"),
    [
        ("i.richter@gmx.de", "gmx.de"),
        ("I.Richter@GMX.DE", "gmx.de"),
        ("a@müller.de", "xn--mller-kva.de"),
        ("a@web.de.", "web.de"),
        ('"odd@local"@t-online.de', "t-online.de"),
        ("a@" + "x" * 70 + ".de", "x" * 70 + ".de"),
    ],
)
def test_lane_is_the_domain_in_lower_case_ascii(address, lane):
    assert outbox.lane_of(address) == lane


def test_queue_writes_a_row_that_is_due_at_once(post):
    message = post("i.richter@gmx.de", reference={"registration": 7})

    assert (message.state, message.lane, message.reference) == ("queued", "gmx.de", {"registration": 7})
    assert list(Message.objects.due(NOW)) == [message]


def test_queue_with_the_same_key_changes_nothing(post):
    post("i.richter@gmx.de", dedupe_key="booked:7")
    post("other@web.de", dedupe_key="booked:7")

    assert [message.recipient for message in Message.objects.all()] == ["i.richter@gmx.de"]


def test_queue_leaves_with_the_transaction_of_its_cause(post):
    with transaction.atomic():
        post("i.richter@gmx.de")
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_queue_speaks_german_where_it_does_not_know_the_language(post):
    assert post("a@gmx.de", language="fr").language == "de"


def test_latest_finds_the_newest_of_a_kind(post):
    post("a@gmx.de", dedupe_key="confirm:7:1")
    newest = post("a@gmx.de", dedupe_key="confirm:7:2")
    post("a@gmx.de", dedupe_key="confirm:70:1")

    assert outbox.latest("confirm:7:") == newest
    assert outbox.latest("confirm:8:") is None


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("message_once_per_cause", {"dedupe_key": "taken"}),
        ("message_state_exists", {"state": "lost"}),
        ("message_medium_exists", {"medium": "pigeon"}),
        ("message_sent_with_time", {"state": "sent"}),
        ("message_sent_with_time", {"sent_at": NOW}),
        ("message_knows_who_and_what", {"lane": ""}),
        ("message_knows_who_and_what", {"recipient": ""}),
        ("message_knows_who_and_what", {"dedupe_key": ""}),
        ("message_knows_who_and_what", {"template": ""}),
        ("message_recipient_is_one_line", {"recipient": "a@gmx.de\nBcc: all@web.de"}),
    ],
)
def test_database_refuses(post, constraint, values):
    post("first@gmx.de", dedupe_key="taken")
    row = {
        "lane": "gmx.de",
        "recipient": "a@gmx.de",
        "language": "de",
        "template": "withdrawn",
        "dedupe_key": "new",
        "available_at": NOW,
        "created_at": NOW,
    }

    with pytest.raises(IntegrityError, match=constraint):
        Message.objects.create(**row | values)
