"""The call center: calls, and people who want to be called back."""

from datetime import timedelta

import factory
from factory.django import DjangoModelFactory

from booking.models import Call, CallBack
from tests.factories import NOW
from tests.factories.staff import UserFactory


class CallBackFactory(DjangoModelFactory):
    """Somebody who asked 26 minutes ago; `of=<registration>` names her."""

    class Meta:
        model = CallBack

    class Params:
        of = None

    name = factory.LazyAttribute(lambda made: made.of.full_name if made.of else "Ursula Müller-Arnold")
    phone = factory.Sequence(lambda n: f"+4935254{n:03}")
    registration = factory.SelfAttribute("of")
    times = "vormittags"
    created_at = NOW - timedelta(minutes=26)
    created_by = factory.SubFactory(UserFactory)


class CallFactory(DjangoModelFactory):
    """A call that began five minutes ago and is over; `open=True` goes on."""

    class Meta:
        model = Call

    class Params:
        open = factory.Trait(done_at=None)

    agent = factory.SubFactory(UserFactory)
    opened_at = NOW - timedelta(minutes=5)
    seen_at = factory.SelfAttribute("opened_at")
    done_at = factory.LazyAttribute(lambda made: made.opened_at + timedelta(minutes=3))
