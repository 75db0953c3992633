"""The call center: calls, and people who want to be called back."""

from datetime import timedelta

import factory
from factory.django import DjangoModelFactory

from accounts.roles import Role
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
    """An open call of an agent of her own."""

    class Meta:
        model = Call

    agent = factory.SubFactory(UserFactory, roles=[Role.CALL_AGENT])
    opened_at = NOW
    seen_at = factory.SelfAttribute("opened_at")
