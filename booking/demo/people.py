"""Five hundred invented people in every state a registration can be in. The same seed gives the same people."""

import random
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.conf import settings

from booking import clock
from booking.demo import names, supply
from booking.enrolment import Details
from centers.models import Channel
from notifications.outbox import Medium

SEED = 20210216
STAFF = ["P1_HOME_STAFF", "P1_HOMECARE", "P1_MED_VERYHIGH", "P1_VACCINATOR"]
SECOND_GROUP = [
    "P2_ILLNESS", "P2_ILLNESS", "P2_CONTACT_CARE", "P2_CONTACT_PREG", "P2_MED_HIGH", "P2_POLICE", "P2_PUBHEALTH",
    "P2_SHELTER", "P2_INDIVIDUAL", "P2_DISABILITY_STAFF",
]  # fmt: skip
THIRD_GROUP = ["P3_ILLNESS", "P3_FOODRETAIL", "P3_EDUCATION", "P3_STATE", "P3_KRITIS", "P3_MED_LOW", "P3_CONTACT_CARE"]
NEEDS = ["wheelchair", "companion", "sign_language"]
# Numbers that the Bundesnetzagentur keeps free for films: 030 23125 000 to 999.
PHONE_PREFIX = "+493023125"
MOBILE_PREFIX = "+4917139200"  # 0171 39200 00 to 99, likewise

# state: how many people, their groups, earliest and latest day on which they came (days before today).
STATES: dict[str, tuple[int, tuple[int, ...], int, int]] = {
    "both_given": (22, (1,), 35, 25),
    "second_missed": (3, (1,), 35, 25),
    "first_missed": (3, (1,), 16, 5),
    "first_given": (30, (1,), 14, 3),
    "withdrawn": (10, (1, 2, 3), 20, 6),
    "cancelled": (8, (1,), 8, 4),
    "expired": (14, (1,), 16, 10),
    "booked": (112, (1,), 8, 2),
    "booked_vector": (10, (1,), 6, 2),
    "booked_by_phone": (8, (1,), 5, 2),
    "invited": (50, (1,), 5, 1),
    "waiting": (174, (2, 2, 2, 2, 3, 3, 4), 30, 1),
    "waiting_phone_only": (16, (1, 1, 1, 2), 20, 1),
    "unconfirmed": (25, (1, 2, 3, 4), 6, 1),
    "unconfirmed_deferred": (6, (1, 2), 1, 1),
    "unconfirmed_bounced": (5, (1, 2), 3, 1),
    "unconfirmed_phone_only": (4, (1, 2), 5, 2),
}
# A couple shares one address and one mailbox; these states have couples.
COUPLES = {"booked", "waiting", "invited", "both_given"}
SPECIAL_STATE = "waiting"


@dataclass(frozen=True, slots=True)
class Human:
    """One invented person: who, in which state, near which center, and since when."""

    state: str
    group: int
    center: str
    details: Details
    channel: str
    created_at: datetime


def everybody(now: datetime) -> list[Human]:
    """All people, in the order in which they registered."""
    return sorted(_People(now).all(), key=lambda human: human.created_at)


class _People:
    def __init__(self, now: datetime) -> None:
        self._random = random.Random(SEED)  # noqa: S311 - the same demo every time; nothing secret comes from it
        self._today = clock.local_day(now)
        self._now = now
        self._number = 0
        self._special = [*names.SPECIAL]

    def all(self) -> list[Human]:
        people: list[Human] = []
        for state, (count, groups, earliest, latest) in STATES.items():
            centers = self._centers(state, count)
            while len(centers) > 0:
                center, group = centers.pop(), self._random.choice(groups)
                human = self._human(state, group, center, self._moment(earliest, latest))
                people.append(human)
                if state in COUPLES and centers and centers[-1] == center and self._number % 5 == 0:
                    centers.pop()
                    people.append(self._partner(human))
        return self._with_twins(people)

    def _with_twins(self, people: list[Human]) -> list[Human]:
        """Two invited people made into twins: one birth date, one address, two names and two mailboxes."""
        one, other = [index for index, human in enumerate(people) if human.state == "invited"][-2:]
        details = replace(people[one].details, birth_date=self._years_ago(81, 200), criteria=frozenset())
        for index, (first, last) in zip((one, other), names.TWINS, strict=True):
            self._number += 1
            named = replace(details, first_name=first, last_name=last, email=self._email(first, last))
            people[index] = replace(people[one], details=named)
        return people

    def _centers(self, state: str, count: int) -> list[str]:
        """Where they live. Who is booked lives where the few places of the first days are."""
        if state == "booked":
            wanted = [code for code, (begins, _few) in supply.START.items() for _place in range(2 * (begins - 1))]
            return (wanted + list(supply.START) * count)[:count][::-1]
        weighted = [code for code, lines in supply.LINES.items() for _line in range(lines)]
        return sorted(self._random.choices(weighted, k=count))

    def _moment(self, earliest: int, latest: int) -> datetime:
        """When the person registered: between 8 and 20 o'clock, never in the last hour."""
        day = self._today - timedelta(days=self._random.randint(latest, earliest))
        local = datetime.combine(day, time(8), tzinfo=clock.ZONE) + timedelta(seconds=self._random.randrange(43_000))
        return min(local, self._now - timedelta(hours=1))

    def _human(self, state: str, group: int, center: str, created_at: datetime) -> Human:
        self._number += 1
        vector = state == "booked_vector"
        birth, criteria = self._grounds(group, at_work=vector)
        first, last = self._name(birth, state, group)
        postcode, town = self._random.choice(names.TOWNS[center])
        street = f"{self._random.choice(names.STREETS)} {self._random.randint(1, 120)}"
        by_phone = state in ("booked_by_phone", "waiting_phone_only")
        mute = by_phone or state == "unconfirmed_phone_only"
        by_sms = by_phone and self._number % 3 == 0 and bool(settings.SMS)
        details = Details(
            first_name=first,
            last_name=last,
            birth_date=birth,
            street=street,
            postcode=postcode,
            town=town,
            email="" if mute else self._email(first, last),
            phone=self._phone(by_sms=by_sms) if mute or self._number % 3 == 0 else "",
            medium=Medium.SMS if by_sms else "",
            language="en" if self._number % 17 == 0 else "de",
            needs=frozenset(self._random.sample(NEEDS, 1)) if self._number % 12 == 0 else frozenset(),
            criteria=frozenset(criteria),
        )
        return Human(state, group, center, details, Channel.PHONE if by_phone else Channel.WEB, created_at)

    def _partner(self, human: Human) -> Human:
        """The other one of a couple: same name, address and mailbox, registered some minutes later."""
        self._number += 1
        birth, criteria = self._grounds(human.group, at_work=False)
        first, _last = self._name(birth, "", human.group)
        if first == human.details.first_name:
            first = "Margarete"
        details = replace(
            human.details, first_name=first, birth_date=birth, criteria=frozenset(criteria), needs=frozenset()
        )
        return replace(human, details=details, created_at=human.created_at + timedelta(minutes=7))

    def _grounds(self, group: int, *, at_work: bool) -> tuple[date, list[str]]:
        """Birth date and criteria that put somebody into the group, today and in six weeks."""
        pick = self._random.random()
        if at_work:
            return self._born(25, 60), [self._random.choice(STAFF)]
        if group == 1:
            if pick < 0.75:
                return self._born(80, 97), ["P2_ILLNESS"] if pick < 0.15 else []
            return self._born(25, 63), [self._random.choice(STAFF)]
        if group == 2:
            return (self._born(70, 78), []) if pick < 0.5 else (self._born(25, 68), [self._random.choice(SECOND_GROUP)])
        if group == 3:
            return (self._born(60, 68), []) if pick < 0.5 else (self._born(22, 58), [self._random.choice(THIRD_GROUP)])
        return self._born(18, 58), []

    def _born(self, youngest: int, oldest: int) -> date:
        return self._years_ago(self._random.randint(youngest, oldest), self._random.randint(1, 360))

    def _years_ago(self, years: int, days: int) -> date:
        """A birth date that makes somebody so many completed years old, for so many days already."""
        past = self._today - timedelta(days=days)
        return date(past.year - years, past.month, min(past.day, 28))

    def _name(self, birth: date, state: str, group: int) -> tuple[str, str]:
        if state == SPECIAL_STATE and self._special:
            return self._special.pop()
        age = self._today.year - birth.year
        given = names.OLD if age >= 72 else names.MIDDLE if age >= 48 else names.YOUNG
        return self._random.choice(given), self._random.choice(names.LAST)

    def _phone(self, *, by_sms: bool) -> str:
        return f"{MOBILE_PREFIX}{self._number % 100:02d}" if by_sms else f"{PHONE_PREFIX}{self._number:03d}"

    def _email(self, first: str, last: str) -> str:
        """A mailbox at a domain that can never exist; the number keeps strangers apart."""
        plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower().replace("ß", "ss").replace("ł", "l"))
        local = "".join(letter for letter in plain if letter.isascii() and (letter.isalnum() or letter in ".-")).strip(
            ".-"
        )
        return f"{local or 'post'}{self._number}@{self._random.choice(['example.org', 'example.com'])}"
