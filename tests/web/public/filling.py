"""Fill in the registration as a browser would."""

import html
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.test import Client

from booking.models import Draft
from booking.services import drafts

PERSON = {
    "first_name": "Ingeborg",
    "last_name": "Richter",
    "birth_date_day": "14",
    "birth_date_month": "3",
    "birth_date_year": "1938",
    "street": "Schandauer Straße 14",
    "postcode": "01796",
    "town": "Pirna",
}
CONTACT = {"email": "i.richter@gmx.de", "phone": "", "needs": ["wheelchair"], "language": "de"}


def fill(client: Client, *, person: Mapping[str, Any] = PERSON, contact: Mapping[str, Any] = CONTACT) -> None:
    """Every page up to "check your answers"."""
    for path, data in (
        ("/anmelden/", person),
        ("/anmelden/anspruch/", {"none": "on"}),
        ("/anmelden/kontakt/", contact),
    ):
        response = client.post(path, data)
        assert response.status_code == 302, page_of(response)


def send(client: Client) -> HttpResponse:
    """Press the last button, showing what is stored."""
    return client.post("/anmelden/angaben/", {"shown": drafts.fingerprint(Draft.objects.latest("pk"))})


def page_of(response: HttpResponse) -> str:
    """The page as text: entities resolved, white space made one (no-break spaces stay)."""
    return " ".join(html.unescape(response.content.decode()).split(" ")).replace("\n", " ")
