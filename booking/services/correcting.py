"""Correct what was written down wrong about a person: name, birth date, address, and how she is reached."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import enrolment
from booking.enrolment import Details
from booking.models import Registration
from booking.services import registrations
from booking.services.registrations import Contact
from centers import postcodes
from centers.models import Channel

ONE_PERSON = "registration_one_per_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who she is and where she lives; together this is her identity (booking/identity.py)."""

    first_name: str
    last_name: str
    birth_date: date
    street: str
    postcode: str
    town: str


@dataclass(frozen=True)
class Same:
    """The registration that has this identity already, as an alternative of a refusal."""

    other: Registration


def person_of(registration: Registration) -> Person:
    return Person(
        first_name=registration.first_name,
        last_name=registration.last_name,
        birth_date=registration.birth_date,
        street=registration.street,
        postcode=registration.postcode,
        town=registration.town,
    )


def correct(*, registration: Registration, person: Person, contact: Contact, by: User, now: datetime) -> Registration:
    """Write person and contact; what had not reached her is sent to the new contact.

    Refused("same_person") where somebody else in the line has this identity: `alternatives` holds Same, to be merged.
    """
    details = _details(person, contact)
    enrolment.check(details, channel=Channel.PHONE, now=now)
    key = enrolment.key_of(details)
    try:
        with transaction.atomic():
            _rewrite(registration, person, key, by=by, now=now)
            return registrations.update_contact(registration=registration, contact=contact, by=by, now=now)
    except IntegrityError as error:
        if ONE_PERSON not in str(error):
            raise
        raise _same(registration, key) from None


def _details(person: Person, contact: Contact) -> Details:
    return Details(
        first_name=person.first_name,
        last_name=person.last_name,
        birth_date=person.birth_date,
        street=person.street,
        postcode=person.postcode,
        town=person.town,
        email=contact.email,
        phone=contact.phone,
        language=contact.language,
        medium=contact.medium,
        needs=contact.needs,
    )


def _rewrite(registration: Registration, person: Person, key: str, *, by: User, now: datetime) -> None:
    """Name and address with the key of them, and the district of the postcode; nothing if unchanged."""
    row = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)
    if row.withdrawn_at is not None:
        raise Refused("withdrawn", _("This registration has been ended."))
    if person_of(row) == person:
        return
    moved = row.postcode != person.postcode
    elsewhere = (row.street, row.postcode, row.town) != (person.street, person.postcode, person.town)
    row.first_name, row.last_name, row.birth_date = person.first_name, person.last_name, person.birth_date
    row.street, row.postcode, row.town = person.street, person.postcode, person.town
    row.identity_key = key
    fields = ["first_name", "last_name", "birth_date", "street", "postcode", "town", "identity_key"]
    if moved:
        row.district = postcodes.district_of(person.postcode)
        fields.append("district")
    row.save(update_fields=fields)
    audit.record("registration.corrected", subject=row.public_id, by=by, now=now)
    if elsewhere:
        registrations.follow_address(row, now=now)


def _same(registration: Registration, key: str) -> Refused:
    others = Registration.objects.filter(identity_key=key, withdrawn_at__isnull=True)
    other = others.exclude(pk=registration.pk).first()
    text = _("Somebody is registered with this name, birth date and address already. Are both the same person?")
    return Refused("same_person", text, alternatives=[Same(other)] if other else [])
