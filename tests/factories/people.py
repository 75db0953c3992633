"""Registered people, their invitations and links."""

from datetime import date, timedelta

import factory
from factory.django import DjangoModelFactory

from booking import codes, identity
from booking.models import AccessLink, Invitation, Registration
from booking.services import links
from centers.models import Channel
from tests.factories import NOW


class RegistrationFactory(DjangoModelFactory):
    """Somebody aged 82 who has confirmed; `unconfirmed=True` has not, `invited=True` may book."""

    class Meta:
        model = Registration
        skip_postgeneration_save = True

    class Params:
        unconfirmed = factory.Trait(confirmed_at=None)
        withdrawn = factory.Trait(withdrawn_at=NOW, withdrawn_reason="own_wish")
        nurse = factory.Trait(birth_date=date(1990, 1, 1), criteria=["P1_HOMECARE"])

    case_number = factory.LazyFunction(codes.case_number)
    door_code = factory.LazyFunction(codes.door_code)
    first_name = "Ingeborg"
    last_name = factory.Sequence(lambda n: f"Richter-{n}")
    birth_date = date(1938, 3, 14)
    street = "Schandauer Straße 14"
    postcode = "01796"
    town = "Pirna"
    email = factory.Sequence(lambda n: f"richter{n}@example.org")
    medium = factory.LazyAttribute(lambda person: "email" if person.email else "letter")
    channel = Channel.WEB
    created_at = NOW - timedelta(days=3)
    confirmed_at = NOW - timedelta(days=2)
    identity_key = factory.LazyAttribute(
        lambda person: identity.key(
            first_name=person.first_name,
            last_name=person.last_name,
            birth_date=person.birth_date,
            street=person.street,
            postcode=person.postcode,
        )
    )

    @factory.post_generation
    def invited(self, create: bool, extracted: object, **_: object) -> None:
        if extracted:
            InvitationFactory(registration=self)


class InvitationFactory(DjangoModelFactory):
    """Open for six more days; `expired=True` ended yesterday."""

    class Meta:
        model = Invitation

    class Params:
        expired = factory.Trait(issued_at=NOW - timedelta(days=8), valid_until=NOW - timedelta(days=1))

    registration = factory.SubFactory(RegistrationFactory)
    issued_at = NOW - timedelta(days=1)
    valid_until = NOW + timedelta(days=6)


def visit_link(registration: Registration) -> AccessLink:
    """A link that opens the person's pages."""
    return links.issue(registration=registration, purpose="visit", now=NOW)
