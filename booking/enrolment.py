"""What a new registration consists of, what is refused as nonsense, and the one statement that writes it."""

import re
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber
from phonenumber_field.phonenumber import to_python as phone_number

from accounts.models import User
from accounts.refusals import Refused
from booking import clock, codes, facts, identity, tokens
from booking.models import Registration
from centers.models import Channel
from notifications import outbox

INSERT = (Path(__file__).resolve().parent / "sql" / "insert_registration.sql").read_text(encoding="utf-8")
OLDEST = 130  # years; the oldest person ever was 122
LONGEST = (80, 80, 120, 80)  # first name, last name, street, town: the columns of Registration
NEEDS = frozenset({"wheelchair", "companion", "sign_language"})
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """A person as she describes herself. One-word names have an empty first name; `criteria` are codes only.

    `medium` (outbox.Medium) is how she wants what we write; "" is e-mail if she has one, else letter.
    """

    first_name: str
    last_name: str
    birth_date: date
    street: str
    postcode: str
    town: str
    email: str = ""
    phone: str | PhoneNumber = ""
    language: str = Registration.Language.GERMAN
    medium: str = ""
    large_print: bool = False
    needs: frozenset[str] = field(default_factory=frozenset)
    criteria: frozenset[str] = field(default_factory=frozenset)


def check(details: Details, *, channel: str, now: datetime) -> None:
    """Refuse what a form should not have let through: no surface can store nonsense, whoever wrote it."""
    texts = [details.first_name, details.last_name, details.street, details.town]
    if not all(texts[1:]) or any(
        len(text) > size or _UNPRINTABLE.search(text) for text, size in zip(texts, LONGEST, strict=True)
    ):
        raise Refused("invalid_person", _("Please enter name and address completely."))
    today = clock.local_day(now)
    if not today.year - OLDEST <= details.birth_date.year or details.birth_date > today:
        raise Refused("invalid_birth_date", _("Please check the date of birth."))
    if not re.fullmatch(r"[0-9]{5}", details.postcode):
        raise Refused("invalid_postcode", _("A postcode has five digits."))
    if channel == Channel.WEB and not details.email and not details.phone:
        raise Refused("no_contact", _("Without e-mail and telephone it works by telephone: please call us."))
    check_email(details.email)
    check_phone(details.phone)
    check_medium(details.medium, email=details.email, phone=details.phone)
    _check_choices(details)


def check_email(email: str) -> None:
    """Refuse what cannot be an e-mail address; none at all is fine."""
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise Refused("invalid_email", _("This is not a complete e-mail address.")) from None


def has_area_code(typed: str) -> bool:
    """Whether a number begins as one with its area code does: 447112 of Riesa would else be 04471 12 in Cloppenburg."""
    return typed.lstrip(" (/").startswith(("0", "+"))


def check_phone(phone: str | PhoneNumber) -> str:
    """The number as it is stored, +49351123456; "" for none. Refuse what cannot be called."""
    number = phone_number(phone) if phone else None
    local = isinstance(phone, str) and not has_area_code(phone)
    if phone and (local or number is None or not number.is_valid()):
        raise Refused("invalid_phone", _("Please enter the number with its area code, for example 0351 123456."))
    return number.as_e164 if number else ""


def check_medium(medium: str, *, email: str, phone: str | PhoneNumber) -> str:
    """The medium as it is stored; "" becomes e-mail if there is one, else letter. Refuse what does not reach her.

    An SMS needs a mobile number: German landlines read it out, or lose it.
    """
    if not medium:
        return str(outbox.Medium.EMAIL if email else outbox.Medium.LETTER)
    if medium not in outbox.Medium.values:
        raise Refused("invalid_choice", _("Please choose from what is offered."))
    if medium == outbox.Medium.EMAIL and not email:
        raise Refused("no_email", _("Please enter an e-mail address, or choose another way."))
    if medium == outbox.Medium.SMS and not settings.SMS:
        raise Refused("no_sms", _("We cannot send SMS here. Please choose e-mail or letter."))
    if medium == outbox.Medium.SMS and not is_mobile(phone):
        raise Refused("no_mobile", _("An SMS needs a mobile number. Please enter one, or choose a letter."))
    return medium


def is_mobile(phone: str | PhoneNumber) -> bool:
    """True when an SMS can be sent to this number."""
    number = phone_number(phone) if phone else None
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return number is not None and number.is_valid() and phonenumbers.number_type(number) in kinds


def insert(details: Details, *, case_number: str, channel: str, by: User | None, now: datetime) -> Registration | None:
    """Write the person, audit event and, on the web with e-mail, link and message; None when the row is there already.

    Whoever registers by telephone or on site has spoken with us, so nothing is left to confirm.
    """
    asks = channel == Channel.WEB
    nonce = uuid.uuid4() if asks and details.email else None
    row = _row(details, case_number=case_number, channel=channel)
    row["created_at"] = now
    row["confirmed_at"] = None if asks else now
    parameters = {
        **row,
        "link_nonce": str(nonce) if nonce else None,
        "link_hash": tokens.hash_of(tokens.secret(nonce)) if nonce else None,
        "lane": outbox.lane_of(details.email),
        "by": by.pk if by else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, {**parameters, "public_id": str(row["public_id"])})
        found = cursor.fetchone()
    if found is None:
        return None
    registration = Registration(**row, pk=found[0], rank=found[1], district_id=found[2])
    registration._state.adding = False
    registration._state.db = connection.alias
    return registration


def rewrite(person: Registration, details: Details, *, case_number: str) -> None:
    """Put what is typed now into the row, which the caller holds. Rank and door code stay."""
    row = _row(details, case_number=case_number, channel=person.channel)
    for name in ("public_id", "door_code"):
        del row[name]
    for name, value in row.items():
        setattr(person, name, value)
    person.contact_changes += 1
    person.save(update_fields=[*row, "contact_changes"])


def key_of(details: Details) -> str:
    """The identity key of the described person."""
    return identity.key(
        first_name=details.first_name,
        last_name=details.last_name,
        birth_date=details.birth_date,
        street=details.street,
        postcode=details.postcode,
    )


def _check_choices(details: Details) -> None:
    known = {criterion.code for regulation in facts.load().regulations for criterion in regulation.criteria}
    if (
        details.language not in Registration.Language.values
        or details.needs - NEEDS
        or (known and details.criteria - known)
    ):
        raise Refused("invalid_choice", _("Please choose from what is offered."))


def _row(details: Details, *, case_number: str, channel: str) -> dict[str, Any]:
    """The columns of the registration that come from the person."""
    return {
        "public_id": uuid.uuid4(),
        "case_number": case_number,
        "door_code": codes.door_code(),
        "first_name": details.first_name,
        "last_name": details.last_name,
        "birth_date": details.birth_date,
        "street": details.street,
        "postcode": details.postcode,
        "town": details.town,
        "email": details.email,
        "phone": check_phone(details.phone),
        "medium": check_medium(details.medium, email=details.email, phone=details.phone),
        "large_print": details.large_print,
        "language": str(details.language),
        **{f"needs_{need}": need in details.needs for need in sorted(NEEDS)},
        "criteria": sorted(details.criteria),
        "channel": str(channel),
        "identity_key": key_of(details),
    }
