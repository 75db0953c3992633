"""The page of a new caller: every answer is kept as it is typed; what it means for her stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.refusals import Refused
from booking import clock, earliest, entitlement, facts
from booking.earliest import Series
from booking.enrolment import Details
from booking.entitlement import Person, Scope
from booking.models import Appointment, Call, Hold, Registration
from booking.services import call_drafts, calls, holds, phone
from booking.services.holds import Wanted
from booking.services.phone import Caller, Known
from centers import postcodes
from centers.models import Channel
from priority import rules
from priority.rules import CriterionRule
from web.access import user_of
from web.callcenter.new.forms import NewForm, typed, wish
from web.callcenter.person import why

CONFLICT, UNFIT = 409, 422
SHOWN, MORE = 7, 40
TEMPLATE = "callcenter/new/page.html"


@dataclass
class Conversation:
    """What is known at this moment, and what follows from it."""

    draft: Mapping[str, Any]
    call: Call | None
    now: datetime
    strict: bool = False
    limit: int = SHOWN
    refusal: str = ""
    known: Registration | None = None
    others: list[Any] = field(default_factory=list)

    @cached_property
    def form(self) -> NewForm:
        data = {"medium": "letter", "within": "50", **self.draft}
        form = NewForm(data, asked=asked(clock.local_day(self.now)), sms=bool(settings.SMS))
        form.is_valid()
        return form

    @property
    def focus(self) -> str:
        """The answer that is asked for next; "book" when all are given and places are kept."""
        missing = [name for name, one in self.form.fields.items() if one.required and not self.form.data.get(name)]
        return missing[0] if missing else "book" if self.held else ""

    @cached_property
    def hints(self) -> list[tuple[str, str]]:
        """What cannot be right of what was typed so far, with its cure; nothing that is merely missing."""
        found = []
        for name, errors in self.form.errors.items():
            if self.draft.get(name) and name in self.form.fields:
                found.append((str(self.form.fields[name].label), " ".join(map(str, errors))))
        return found

    @cached_property
    def person(self) -> Person | None:
        """Enough to judge: birthday and postcode."""
        said = self.form.cleaned_data
        if not said.get("birth_date") or not said.get("postcode"):
            return None
        district = postcodes.district_of(said["postcode"])
        criteria = frozenset(said.get("criteria", ()))
        return Person(said["birth_date"], criteria, district.ags if district else "")

    @property
    def not_before(self) -> datetime | None:
        said = self.form.cleaned_data
        return earliest.papers_there(said.get("medium", ""), code_told=bool(said.get("code_told")), now=self.now)

    @cached_property
    def scope(self) -> Scope | None:
        if self.person is None:
            return None
        return entitlement.scope(
            self.person, channel=Channel.PHONE, now=self.now, facts=facts.load(), not_before=self.not_before
        )

    @cached_property
    def verdict(self) -> why.Row | None:
        """May she book, in the words that the citizen reads."""
        if self.person is None:
            return None
        own = self.person
        someone = Registration(
            birth_date=own.birth_date, criteria=sorted(own.answers), district_id=own.district_ags or None
        )
        return why.rows(someone, now=self.now)[0]

    @cached_property
    def held(self) -> list[Hold]:
        return holds.standing(self.call, now=self.now) if self.call else []

    @cached_property
    def series(self) -> list[Series]:
        """The ranked list; first the times beside those of whom she comes with."""
        if self.scope is None or not self.scope.windows:
            return []
        postcode = self.form.cleaned_data["postcode"]
        found = earliest.everywhere(self.scope, postcode=postcode, wish=wish(self.draft), limit=self.limit)
        near = self._beside()
        return [*near, *(one for one in found if one.slot_id not in {other.slot_id for other in near})]

    @cached_property
    def comes_with(self) -> Registration | None:
        try:
            return calls.opened(self.call.agent, UUID(self.draft["comes_with"])) if self.call else None
        except (KeyError, ValueError):
            return None

    @cached_property
    def doubles(self) -> list[Registration]:
        said = self.form.cleaned_data
        if not said.get("birth_date") or not said.get("last_name"):
            return []
        details = Details(
            first_name=said.get("first_name", ""), last_name=said["last_name"], birth_date=said["birth_date"],
            street="", postcode="", town="",
        )  # fmt: skip
        return [one for one in phone.alike(details) if self.comes_with is None or one.pk != self.comes_with.pk]

    @property
    def begun(self) -> Call:
        """The call: whoever sends the form is in one."""
        if self.call is None:
            raise ValueError("no call has begun")
        return self.call

    def caller(self) -> Caller:
        """Only of a valid form."""
        return Caller(
            details=self.form.details(),
            call=self.begun,
            comes_with=self.comes_with,
            not_before=self.not_before,
        )

    def _beside(self) -> list[Series]:
        if self.comes_with is None or self.scope is None:
            return []
        first = Appointment.objects.live().filter(registration=self.comes_with).select_related("slot").first()
        if first is None:
            return []
        postcode = self.form.cleaned_data["postcode"]
        return earliest.beside(
            self.scope, center_id=first.slot.center_id, starts_at=first.slot.starts_at, postcode=postcode
        )


def asked(today: date) -> tuple[CriterionRule, ...]:
    """The criteria that may be asked for today; none where no rules are in force."""
    try:
        return rules.regulation_on(facts.load().regulations, today).asked(today)
    except rules.NoRegulation:
        return ()


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """GET shows the draft of the call. Every POST keeps what was typed first; the button `step` says what else."""
    now, agent = timezone.now(), user_of(request)
    if request.method != "POST":
        holds.sweep(now=now)
        call = calls.current(agent)
        return _show(request, Conversation(call.draft if call else {}, call, now))
    deed = DEEDS.get(request.POST.get("step", ""))
    call = call_drafts.keep(agent, typed(request.POST), now, begins=deed is None)
    talk = Conversation(call.draft, call, now, limit=MORE if request.POST.get("step") == "more" else SHOWN)
    if talk.doubles:  # masked people of the register are shown: that is a search
        details = {"kind": "double", "hits": len(talk.doubles)}
        audit.record("registration.searched", subject=None, by=agent, now=now, details=details)
    if deed is None:
        holds.sweep(now=now)
        return _show(request, talk)
    try:
        return deed(request, talk)
    except Known as reason:
        talk.refusal, talk.known = str(reason), reason.person
    except Refused as reason:
        talk.refusal, talk.others = str(reason), list(reason.alternatives)
    return _show(request, talk, status=CONFLICT)


def _hold(request: HttpRequest, talk: Conversation) -> HttpResponse:
    """Keep the chosen series instead of what was kept before."""
    slot = request.POST.get("slot", "")
    if talk.person is None or not slot.isdecimal() or len(slot) > 18:
        raise Refused("nothing", _("Please type birthday and postcode, and choose a time."))
    before = talk.held
    wanted = Wanted(talk.person, int(slot), talk.not_before)
    made = holds.make(call=talk.begun, wanted=wanted, by=user_of(request), now=talk.now)
    for hold in before:
        if hold.pk != made.pk:
            holds.release(hold=hold, by=user_of(request), now=talk.now)
    return redirect("callcenter:new")


def _renew(request: HttpRequest, talk: Conversation) -> HttpResponse:
    """Ten minutes more, once; the second click changes nothing."""
    if not talk.held:
        raise Refused("hold_over", _("These places are not kept any more. Please choose again."))
    for hold in (one for one in talk.held if not one.renewed):
        holds.renew(hold=hold, by=user_of(request), now=talk.now)
    return redirect("callcenter:new")


def _drop(request: HttpRequest, talk: Conversation) -> HttpResponse:
    for hold in talk.held:
        holds.release(hold=hold, by=user_of(request), now=talk.now)
    return redirect("callcenter:new")


def _discard(request: HttpRequest, talk: Conversation) -> HttpResponse:
    call_drafts.discard(user_of(request), talk.now)
    return redirect("callcenter:find")


def _book(request: HttpRequest, talk: Conversation) -> HttpResponse:
    """Register and book what is kept, or say what is missing."""
    if not _complete(talk):
        return _show(request, talk, status=UNFIT)
    hold = talk.held[0] if talk.held else None
    series = phone.register_and_book(caller=talk.caller(), hold=hold, by=user_of(request), now=talk.now)
    return _registered(request, talk, series.registration)


def _without(request: HttpRequest, talk: Conversation) -> HttpResponse:
    """Register; she stands in the line and is written to."""
    if not _complete(talk):
        return _show(request, talk, status=UNFIT)
    person = phone.register(caller=talk.caller(), by=user_of(request), now=talk.now)
    return _registered(request, talk, person)


def _registered(request: HttpRequest, talk: Conversation, person: Registration) -> HttpResponse:
    for hold in talk.held:  # what is kept for others of this call stays
        holds.release(hold=hold, by=user_of(request), now=talk.now)
    call_drafts.empty(talk.begun)
    return redirect("callcenter:new_booked", person=person.public_id)


def _complete(talk: Conversation) -> bool:
    """Whether nothing is missing or wrong; a doubt about who she is has to be answered."""
    talk.strict = True
    if talk.form.is_valid() and talk.doubles and not talk.form.cleaned_data["other_person"]:
        talk.form.add_error("other_person", _("Somebody with nearly the same name is registered. Please compare."))
    return not talk.form.errors


def _show(request: HttpRequest, talk: Conversation, *, status: int = 200) -> HttpResponse:
    focus = "" if request.htmx or talk.strict else talk.focus  # a quiet answer leaves the agent where she types
    if focus in talk.form.fields:
        talk.form.fields[focus].widget.attrs["autofocus"] = True
    context: dict[str, Any] = {
        "talk": talk,
        "form": talk.form if talk.strict else None,
        "fields": talk.form,
        "focus": focus,
        "wish": wish({"within": "50", **talk.draft}),
        "draft": talk.draft,
        "now": talk.now,
    }
    return render(request, TEMPLATE, context, status=status)


DEEDS = {
    "hold": _hold, "renew": _renew, "drop": _drop, "discard": _discard, "book": _book, "without": _without,
}  # fmt: skip
