"""What the tests of the door do and look at, five minutes after the start time of the factories."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from accounts.refusals import Refused
from booking.models import Appointment
from booking.services import door

AT = datetime(2021, 2, 18, 9, 25, tzinfo=UTC)


def injection(**given: object) -> door.Injection:
    return door.Injection(
        **{"vaccine_code": "janssen", "batch_number": "EJ6789", "responsible": "Dr. F. Seidel", "given_at": AT, **given}
    )


def refused(code: str, deed: Callable[..., object], **arguments: object) -> str:
    """The words with which the deed is refused."""
    with pytest.raises(Refused) as refusal:
        deed(**arguments)
    assert refusal.value.code == code
    return str(refusal.value)


def status(one: Appointment) -> str:
    """As it stands in the database."""
    return Appointment.objects.get(pk=one.pk).status
