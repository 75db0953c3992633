"""The answers of a draft as "check your answers" shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from phonenumber_field.phonenumber import PhoneNumber

from booking import clock, facts
from booking.models import Registration
from centers import postcodes
from centers.models import Center
from priority import rules
from web.public import verdict
from web.public.forms.check import english
from web.public.forms.register import NEEDS


@dataclass(frozen=True)
class Answers:
    """Words to show, one attribute per line of the page."""

    group: str
    reasons: tuple[str, ...]
    papers: tuple[str, ...]
    name: str
    birth_date: date
    street: str
    place: str
    elsewhere: bool
    email: str
    phone: str
    language: str
    language_code: str
    needs: tuple[str, ...]


def of(data: Mapping[str, Any], *, now: datetime) -> Answers:
    """The complete draft in words; group and reasons as judged today."""
    today, birth_date = clock.local_day(now), date.fromisoformat(data["birth_date"])
    regulation = rules.regulation_on(facts.load().regulations, today)
    assessment = rules.assess(data["criteria"], birth_date, today, regulation)
    return Answers(
        group=verdict.group_name(assessment.level),
        reasons=tuple(reason.label_en if english() else reason.label_de for reason in assessment.reasons),
        papers=verdict.papers(assessment),
        name=f"{data['first_name']} {data['last_name']}".strip(),
        birth_date=birth_date,
        street=data["street"],
        place=f"{data['postcode']} {data['town']}",
        elsewhere=not _served(data["postcode"]),
        email=data["email"],
        phone=PhoneNumber.from_string(data["phone"]).as_international if data["phone"] else "",
        language=str(Registration.Language(data["language"]).label),
        language_code=data["language"],
        needs=tuple(str(text) for code, text in NEEDS if code in data["needs"]),
    )


def _served(postcode: str) -> bool:
    """True when the postcode lies in a Land that has centers here; nobody is refused for living elsewhere."""
    district = postcodes.district_of(postcode)
    return (
        district is not None and Center.objects.filter(listed=True, district__ags__startswith=district.ags[:2]).exists()
    )
