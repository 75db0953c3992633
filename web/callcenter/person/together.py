"""Book a household together: neighbouring times in one center, for all of it or, if they agree, for as many as fit.

Who is shown here is opened in the call, and on record. Keeping and booking are those of booking/services (holds.py,
phone.py); a choice comes as "<person>:<slot>,…", because everybody has a place of her own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.refusals import Refused
from booking import clock, earliest, entitlement, facts, papers, standing, together, wording
from booking.earliest import Wish
from booking.entitlement import Scope
from booking.models import Appointment, Call, Hold, Registration
from booking.services import appointments, calls, holds, phone
from booking.services.holds import Wanted
from booking.services.phone import Kept
from booking.standing import Stage, Standing
from booking.together import Member, Proposal
from centers.models import Channel
from priority.rules import age_on
from web.access import user_of
from web.callcenter.new import spoken
from web.callcenter.person import state
from web.callcenter.person.booking import BOOKABLE
from web.callcenter.person.forms import WishForm
from web.callcenter.person.opened import back, named, opened
from web.callcenter.person.page import CONFLICT

TEMPLATE = "callcenter/person/together.html"
LONGEST = 400  # characters of a choice: five people and their slots
KEPT_FOR = "fuer"  # whom the page has shown places for: nobody is left out, nor added, without a word


@dataclass(frozen=True)
class Row:
    """One of the household: what may be kept for her, or why nothing is."""

    person: Registration
    stand: Standing
    scope: Scope
    not_before: datetime | None
    age: int

    @property
    def bookable(self) -> bool:
        return self.stand.stage in BOOKABLE and bool(self.scope.windows)

    @property
    def says(self) -> str:
        """Why she is not booked here; "" when she can be."""
        if self.stand.stage in BOOKABLE:
            return "" if self.scope.windows else self.scope.why_not.text
        if self.stand.stage is Stage.UNCONFIRMED:
            return _("Not confirmed yet: please confirm her on her own page first.")
        coming = self.stand.coming
        return _("Booked: %(when)s.") % {"when": state.when(coming)} if coming else _("Needs no appointment here.")


@dataclass(frozen=True)
class Party:
    """A household in this call: all of it, and for whom times are looked for."""

    request: HttpRequest
    person: Registration
    call: Call
    rows: Sequence[Row]
    wish: Wish
    now: datetime

    @cached_property
    def chosen(self) -> list[Row]:
        """Who is ticked; on the first look everybody who can be booked."""
        bookable = [row for row in self.rows if row.bookable]
        if "gesucht" not in self.request.GET:
            return bookable
        ticked = set(self.request.GET.getlist("mit"))
        return [row for row in bookable if str(row.person.public_id) in ticked]

    @cached_property
    def held(self) -> list[Hold]:
        return holds.standing_of(self.call, [row.person for row in self.rows], now=self.now)

    @property
    def held_for(self) -> set[str]:
        return {str(one.registration.public_id) for one in self.held if one.registration}

    @property
    def held_until(self) -> datetime | None:
        """When the first of them ends."""
        return min((one.expires_at for one in self.held), default=None)

    @property
    def renewable(self) -> bool:
        return not any(one.renewed for one in self.held)

    @property
    def beside(self) -> Appointment | None:
        """The next appointment of one of theirs who needs no other: the earliest."""
        coming = [row.stand.coming for row in self.rows if row.stand.stage is Stage.BOOKED and row.stand.coming]
        return min(coming, key=lambda one: one.slot.starts_at, default=None)

    @cached_property
    def proposals(self) -> list[Proposal]:
        members = [Member(row.person, row.scope) for row in self.chosen]
        return together.proposals(members, wish=self.wish, beside=self.beside) if members else []

    @property
    def done(self) -> bool:
        """Nobody is left to be booked, and somebody has been."""
        return not any(row.bookable for row in self.rows) and self.beside is not None


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """GET lists; POST keeps the places of a proposal, books what is kept, keeps it longer or lets it go."""
    if person.household_id is None or person.withdrawn_at is not None:
        return back(person)
    form = WishForm(request.GET)
    party = _party(request, person, form, now=now)
    refusal = ""
    if request.method == "POST":
        try:
            return _do(party, user_of(request), request.POST)
        except Refused as reason:
            refusal = str(reason)
            party = _party(request, person, form, now=now)
    if party.done:
        return back(person)
    names = facts.load().vaccines
    context = {
        **named(person, now=now),
        "heading": _("Book together"),
        "form": form,
        "refusal": refusal,
        "party": party,
        "kept_for": ",".join(sorted(party.held_for)),
        "options": [_option(one, names) for one in party.proposals],
        "leaves_out": any(one.left_out for one in party.proposals),
        "letter": max((row.not_before for row in party.chosen if row.not_before), default=None),
    }
    return render(request, TEMPLATE, context, status=CONFLICT if refusal else 200)


@opened
@require_safe
def booked(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """What to read out: everybody of the household who comes, with the code for the door."""
    people = [
        one for one in calls.people(calls.begin(user_of(request), now)) if one.pk == person.pk or _same(one, person)
    ]
    told = [_told(one) for one in sorted(people, key=lambda one: (one.pk != person.pk, one.birth_date, one.pk))]
    context = {
        **named(person, now=now),
        "heading": _("Booked together"),
        "told": [one for one in told if one["series"]],
    }
    return render(request, "callcenter/person/together_booked.html", context)


def _party(request: HttpRequest, person: Registration, form: WishForm, *, now: datetime) -> Party:
    agent = user_of(request)
    wish, code_told = form.chosen()
    rows = [_row(one, code_told, now=now) for one in _household(person)]
    call = calls.begin(agent, now)
    there = {one.pk for one in calls.people(call)}
    for row in rows:
        if row.person.pk not in there:
            calls.open_person(agent, row.person, now)
    return Party(request, person, call, rows, wish, now)


def _household(person: Registration) -> list[Registration]:
    """She, and then the others by age."""
    people = Registration.objects.filter(household=person.household_id, withdrawn_at__isnull=True)
    return sorted(people, key=lambda one: (one.pk != person.pk, one.birth_date, one.pk))


def _row(one: Registration, code_told: bool, *, now: datetime) -> Row:
    stand, _all = standing.read(one, now=now)
    not_before = earliest.papers_there(one.medium, code_told=code_told, now=now)
    scope = entitlement.scope(
        entitlement.person(one), channel=Channel.PHONE, now=now, facts=facts.load(), not_before=not_before
    )
    return Row(one, stand, scope, not_before, age_on(one.birth_date, clock.local_day(now)))


def _option(one: Proposal, names: Any) -> dict[str, Any]:
    """A proposal as one radio button; its first seat stands for the vaccine and the second vaccination."""
    value = ",".join(f"{seat.person.public_id}:{seat.offer.slot_id}" for seat in one.seats)
    seats = [(seat, names[seat.offer.vaccine_code].name) for seat in one.seats]
    return {"value": value, "one": one, "seats": seats, "all": not one.left_out}


def _do(party: Party, agent: User, sent: Any) -> HttpResponse:
    """The one service that was chosen."""
    deed = sent.get("deed", "")
    if deed == "book":
        _book(party, agent, set(filter(None, sent.get(KEPT_FOR, "")[:LONGEST].split(","))))
        return redirect("callcenter:find_person_together_booked", person=party.person.public_id)
    if deed == "keep":
        _keep(party, agent, sent)
    elif not party.held and not party.done:
        raise _over()
    for hold in party.held:
        if deed == "renew" and not hold.renewed:
            holds.renew(hold=hold, by=agent, now=party.now)
        elif deed == "release":
            holds.release(hold=hold, by=agent, now=party.now)
    return redirect(party.request.get_full_path())


def _keep(party: Party, agent: User, sent: Any) -> None:
    wanted, agreed = _wanted(party, sent.get("places", "")), sent.get("agreed") == "on"
    if len(wanted) < len(party.chosen) and not agreed:
        raise Refused("agree", _("Not all of them fit in. Please ask them, and tick that they agree."))
    holds.make_all(call=party.call, wanted=wanted, agreed=agreed, by=agent, now=party.now)


def _book(party: Party, agent: User, asked: set[str]) -> None:
    """All for whom the page has shown places; the second click finds nothing kept, and each of them booked."""
    booked = {str(row.person.public_id) for row in party.rows if row.stand.stage is Stage.BOOKED}
    if not party.held:
        if party.done or (asked and asked <= booked):
            return
        raise _over()
    if asked and asked != party.held_for:
        raise Refused("changed", _("What is kept has changed meanwhile. Please look at it once more, then book."))
    limits = {row.person.pk: row.not_before for row in party.rows}
    kept = [Kept(one.registration, one, limits[one.registration.pk]) for one in party.held if one.registration]
    phone.book_all(kept=kept, by=agent, now=party.now)


def _over() -> Refused:
    return Refused("hold_over", _("These places are not kept any more. Please choose again."))


def _wanted(party: Party, text: str) -> list[Wanted]:
    """The places that were chosen, each for somebody who can be booked, everybody once."""
    rows = {str(row.person.public_id): row for row in party.rows if row.bookable}
    pairs = [part.partition(":") for part in text[:LONGEST].split(",")]
    named_once = len({who for who, _colon, _slot in pairs}) == len(pairs)
    if not named_once or not all(who in rows and _number(slot) for who, _colon, slot in pairs):
        raise Refused("nothing", _("Please choose a time for them."))
    return [
        Wanted(entitlement.person(rows[who].person), int(slot), rows[who].not_before, rows[who].person)
        for who, _colon, slot in pairs
    ]


def _number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _same(one: Registration, person: Registration) -> bool:
    return person.household_id is not None and one.household_id == person.household_id


def _told(person: Registration) -> dict[str, Any]:
    """Her appointments as they are spoken, what to bring, and her code letter by letter."""
    series = [one for one in appointments.series_of(person) if one.status == Appointment.Status.BOOKED]
    center = series[0].slot.center if series else None
    on = clock.local_day(series[0].slot.starts_at) if series else None
    return {
        "person": person,
        "series": [(one, spoken.moment(one.slot.starts_at)) for one in series],
        "address": ", ".join(wording.address(center)) if center else "",
        "proofs": papers.proofs(person, on=on, facts=facts.load()) if on else [],
        "spelled": spoken.spell(person.door_code),
    }
