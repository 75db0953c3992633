"""The door to every page of a person: only in the call in which she was opened, else back to the box."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from booking import clock
from booking.models import Registration
from booking.services import calls
from priority.rules import age_on
from web.access import user_of

View = Callable[..., HttpResponse]


def opened(view: View) -> View:
    """Give the view the person instead of her id, and `now`; the agent's call counts as seen."""

    @wraps(view)
    def inner(request: HttpRequest, person: UUID, **parts: Any) -> HttpResponse:
        now, agent = timezone.now(), user_of(request)
        found = calls.opened(agent, person)
        if found is None:
            return redirect("callcenter:find")
        calls.seen(agent, now)
        return view(request, found, now=now, **parts)

    return inner


def back(person: Registration, said: str = "") -> HttpResponse:
    """Her page; `said` names the sentence in SAID of page.py that tells what was done."""
    answer = redirect("callcenter:find_person", person=person.public_id)
    if said:
        answer["Location"] += f"?{said}"
    return answer


def named(person: Registration, *, now: datetime) -> dict[str, Any]:
    """What the head of each of her pages shows."""
    return {"person": person, "age": age_on(person.birth_date, clock.local_day(now))}
