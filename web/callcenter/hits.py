"""Who was found, masked: enough to ask which one it is, too little to tell anybody about a stranger."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from booking import clock, identity
from booking.models import Registration
from booking.search import Answer
from priority.rules import age_on
from web.callcenter import stands
from web.callcenter.stands import Stand

KEYS = 9  # so many rows have a key of their own
DOTS = "•••"


@dataclass(frozen=True)
class Line:
    """One row. `key` opens it together with Alt; "" beyond the ninth."""

    key: str
    person: UUID
    name: str
    matched: str
    age: int
    place: str
    phone: str
    stand: Stand
    ended: bool


def lines(answer: Answer, *, now: datetime) -> list[Line]:
    """The hits in their order; two queries more."""
    found = stands.of(answer.hits, now=now)
    return [
        _line(number, person, answer.query.words, found[person.pk], now)
        for number, person in enumerate(answer.hits, start=1)
    ]


def _line(number: int, person: Registration, words: tuple[str, ...], stand: Stand, now: datetime) -> Line:
    return Line(
        key=str(number) if number <= KEYS else "",
        person=person.public_id,
        name=f"{person.first_name} {_initials(person.last_name)}".strip(),
        matched=_matched(person.last_name, words),
        age=age_on(person.birth_date, clock.local_day(now)),
        place=f"{person.postcode[:3]}•• {person.town[:1]}{DOTS}",
        phone=f"{DOTS} {str(person.phone)[-4:]}" if person.phone else _("no telephone"),
        stand=stand,
        ended=person.withdrawn_at is not None,
    )


def _initials(last_name: str) -> str:
    """Müller-Arnold is M.-A."""
    return "-".join(f"{part[:1]}." for part in last_name.split("-") if part)


def _matched(last_name: str, words: tuple[str, ...]) -> str:
    """The last name, as far as the caller has said it; dots for what she has not."""
    own = identity.words(last_name)
    said = any(part.startswith(word) for part in own for word in words)
    return last_name if said or "".join(own) in "".join(words) else DOTS
