"""What may be promised of a letter: when it is printed, posted and there."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from notifications import posting


@pytest.mark.parametrize(
    ("now", "batch_at", "post_on", "arrives_by"),
    [
        ("2021-04-14T10:47", "2021-04-14T15:00", date(2021, 4, 15), date(2021, 4, 17)),  # Wed, Thu, Sat
        ("2021-04-14T15:01", "2021-04-15T15:00", date(2021, 4, 16), date(2021, 4, 19)),  # Thu, Fri, Mon
        ("2021-04-16T10:00", "2021-04-16T15:00", date(2021, 4, 19), date(2021, 4, 21)),  # Fri, Mon, Wed
        ("2021-04-17T20:00", "2021-04-18T15:00", date(2021, 4, 19), date(2021, 4, 21)),  # Sat, Mon, Wed
        ("2021-04-01T10:00", "2021-04-01T15:00", date(2021, 4, 6), date(2021, 4, 8)),  # Easter
        ("2021-11-16T10:00", "2021-11-16T15:00", date(2021, 11, 18), date(2021, 11, 20)),  # Buß- und Bettag
        ("2021-12-31T10:00", "2021-12-31T15:00", date(2022, 1, 3), date(2022, 1, 5)),
        ("2021-03-27T16:00", "2021-03-28T15:00", date(2021, 3, 29), date(2021, 3, 31)),  # the clocks change
    ],
)
def test_what_is_promised_keeps_weekends_and_public_holidays(now, batch_at, post_on, arrives_by):
    zone = timezone.get_default_timezone()

    found = posting.promise(datetime.fromisoformat(now).replace(tzinfo=zone))

    assert found.batch_at == datetime.fromisoformat(batch_at).replace(tzinfo=zone)
    assert (found.post_on, found.arrives_by) == (post_on, arrives_by)


def test_other_lands_keep_other_days(settings):
    settings.LAND = "TH"

    assert posting.promise(datetime(2021, 11, 16, 9, tzinfo=UTC)).post_on == date(2021, 11, 17)
