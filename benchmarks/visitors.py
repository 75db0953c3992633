"""Invited people with a visit, and what their browsers send: the pages' own form, its cookies and its token."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import connection
from django.utils import timezone

from benchmarks import seed, web
from benchmarks.seed import Invited
from benchmarks.supply import BORN, Supply
from web.public import visit

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
COOKIE = re.compile(rb"csrftoken=([^;]+)")
_OPEN = """
SELECT s.id, c.slug, (s.starts_at AT TIME ZONE 'Europe/Berlin')::date
  FROM centers_slot s JOIN centers_center c ON c.id = s.center_id
 WHERE s.is_open AND s.vaccine_id = %s AND s.contingent_id = %s
   AND s.starts_at >= now() + interval '1 day' AND s.starts_at < now() + %s * interval '1 day'
 ORDER BY s.starts_at, s.id
"""


@dataclass(frozen=True)
class Place:
    """A start time and the page that shows it."""

    slot_id: int
    slug: str
    day: str

    @property
    def path(self) -> str:
        return f"/mein-termin/zentren/{self.slug}/{self.day}/"


def places(supply: Supply, vaccine: str, *, within_days: int) -> list[Place]:
    """Open start times of the next days, earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [vaccine, supply.web, within_days])
        return [Place(slot_id, slug, day.isoformat()) for slot_id, slug, day in cursor.fetchall()]


@dataclass
class Visitors:
    """People enough for all rounds; each books once. `token` is that of a form fetched from the server."""

    supply: Supply
    people: list[Invited]
    port: int
    now: datetime = field(default_factory=timezone.now)
    used: int = 0
    token: dict[str, str] = field(default_factory=dict)

    def take(self, count: int) -> list[Invited]:
        """The next people who have not booked."""
        taken = list(islice(self.people, self.used, self.used + count))
        if len(taken) < count:
            raise RuntimeError("not enough people were invited")
        self.used += count
        return taken

    def jar(self, person: Invited) -> dict[str, str]:
        """The cookies of a visit that has just begun."""
        ticket = visit.ticket(person.link_id, began_at=self.now, now=timezone.now())
        return {"visit": ticket, **({"csrftoken": self.token["cookie"]} if self.token else {})}

    def open_form(self, place: Place) -> None:
        """Fetch the page of a day as a browser does, and keep the form's token and its cookie."""
        answer = web.drive(self.port, [web.get(place.path, self.jar(self.people[0]))], lines=1).answers[0]
        cookie, token = COOKIE.search(answer.head), TOKEN.search(answer.body)
        if answer.status != 200 or cookie is None or token is None:
            raise RuntimeError(f"the page of a day has no form: {answer.status}")
        self.token = {"cookie": cookie[1].decode(), "form": token[1].decode()}

    def page(self, path: str) -> bytes:
        """The body of a page as the first visitor sees it."""
        return web.drive(self.port, [web.get(path, self.jar(self.people[0]))], lines=1).answers[0].body

    def bookings(self, chosen: Sequence[Place]) -> list[bytes]:
        """One POST of a new person for each place."""
        fields = {"csrfmiddlewaretoken": self.token["form"]}
        return [
            web.post(place.path, self.jar(person), {**fields, "slot": place.slot_id})
            for place, person in zip(chosen, self.take(len(chosen)), strict=True)
        ]

    def trivial_posts(self, count: int) -> list[bytes]:
        """The same form sent to the view that does nothing: its token is checked, its fields are read by nobody."""
        fields = {"csrfmiddlewaretoken": self.token["form"], "slot": 1}
        return [web.post("/trivial/", self.jar(self.people[0]), fields)] * count

    def views(self, path: str, count: int) -> list[bytes]:
        """As many GETs of one path with the cookies of a visitor."""
        return [web.get(path, self.jar(self.people[0]))] * count


def crowd(supply: Supply, count: int) -> list[Invited]:
    """`count` invited people of the first group, by their number."""
    return seed.people(count, birth_date=BORN, now=timezone.now(), district=supply.district)


def invite(supply: Supply, port: int, count: int) -> Visitors:
    """`count` people, each inside a visit at the server on `port`, in no order: neighbours do not come together."""
    people = crowd(supply, count)
    random.shuffle(people)
    return Visitors(supply, people, port)
