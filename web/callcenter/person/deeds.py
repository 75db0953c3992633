"""What is done for her by one button, from her page; each leads back to it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.refusals import Refused
from booking.models import Registration
from booking.services import invitations, links, notes, registrations, resending
from web.access import user_of
from web.callcenter.person import mail, page
from web.callcenter.person.forms import NoteForm
from web.callcenter.person.opened import back, opened


def deed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """POST only, in the call in which she was opened; what is refused is said on her page."""

    @wraps(view)
    def inner(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
        try:
            return view(request, person, now=now)
        except Refused as reason:
            return page.refused(request, person, reason, now=now)

    return opened(require_POST(inner))


@deed
def confirm(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """She has said that she registered herself."""
    registrations.confirm(registration=person, by=user_of(request), now=now)
    return back(person, "bestaetigt")


@deed
def renew(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """A new invitation for one that ran out, at her rank."""
    found = invitations.renew(registration=person, by=user_of(request), now=now)
    return back(person, "erneuert" if found else "wartet")


@deed
def link(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """A new link to her pages, by her medium."""
    links.send_to(registration=person, by=user_of(request), now=now)
    return back(person, "gesendet")


@deed
def send(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """One of her messages once more (`message`), or at once what waits (`eilig`): that may have left meanwhile."""
    hurried = request.POST.get("eilig", "")
    asked = hurried or request.POST.get("message", "")
    message = next((one for one in mail.of(person) if str(one.public_id) == asked), None)
    if message is None:
        return back(person)
    if hurried and message.state in mail.LEFT:
        return back(person, "gesendet")
    try:
        resending.send_again(
            registration=person, template=message.template, key=message.dedupe_key, reference=message.reference,
            by=user_of(request), now=now,
        )  # fmt: skip
    except Refused as reason:
        if reason.code != "on_its_way":  # the second click: that is what she wanted
            raise
    return back(person, "gesendet")


@opened
@require_POST
def note(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Write a note; what was typed stays when it cannot be one."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return page.show(request, person, now=now, note_form=form, form=form)
    try:
        notes.write(registration=person, text=form.cleaned_data["text"], by=user_of(request), now=now)
    except Refused as reason:
        form.add_error("text", str(reason))
        return page.show(request, person, now=now, note_form=form, form=form)
    return back(person, "notiert")
