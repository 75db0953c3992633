"""Where is my e-mail? After sending: what has happened to the message, and what to do when it does not come.

For a person who was registered already the page says the same as for anybody else (domain.md §8, rows 4 and 5): what
was typed is shown, and nothing about what was there before.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking.models import Draft
from booking.services import drafts, registrations
from notifications import outbox
from web import limits
from web.public.forms.register import EmailForm
from web.public.register import METHODS, draft_of
from web.templatetags.impftermin import local_time, spaced_code

# A message of its own does not exist for a person registered already; ours are handed over about as fast.
USUALLY_HANDED_OVER_AFTER = timedelta(seconds=3)


@dataclass(frozen=True)
class Step:
    """One line of includes/steps.html."""

    title: str
    text: str
    state: str = ""


@dataclass(frozen=True)
class Post:
    """What has become of the message. `state`: none, queued, sent, late, bounced."""

    state: str
    at: datetime | None = None
    attempts: int = 0


@login_not_required
@require_http_methods(METHODS)
def status(request: HttpRequest) -> HttpResponse:
    """How far the message is. POST sends it once more; htmx asks again and gets 204 while nothing is new."""
    now = timezone.now()
    draft = _sent_draft(request, now)
    if draft is None:
        return _no_draft(request)
    if request.method == "POST":
        return _resend(request, draft, now)
    page = _context(draft, now)
    if request.htmx and not request.htmx.boosted and request.GET.get("stand") == page["version"]:
        return HttpResponse(status=204)
    return render(request, "public/confirm/status.html", page)


@login_not_required
@require_http_methods(METHODS)
def address(request: HttpRequest) -> HttpResponse:
    """Another address for the message."""
    now = timezone.now()
    draft = _sent_draft(request, now)
    if draft is None:
        return _no_draft(request)
    form = EmailForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _address_page(request, form, draft)
    tries = [("change_email", draft.case_number), ("register_contact", form.cleaned_data["email"].lower())]
    if until := limits.first_refusal(tries, now=now):
        form.add_error(None, limits.wait_text(until, now=now))
        return limits.marked(_address_page(request, form, draft), until, now=now)
    try:
        drafts.change_email(draft=draft, email=form.cleaned_data["email"], now=now)
    except Refused as refusal:
        form.add_error("email", str(refusal))
        return _address_page(request, form, draft)
    return redirect("public:register_status")


def _resend(request: HttpRequest, draft: Draft, now: datetime) -> HttpResponse:
    if until := limits.hit("resend", draft.case_number, now=now):
        page = {**_context(draft, now), "problem": limits.wait_text(until, now=now)}
        return limits.marked(render(request, "public/confirm/status.html", page), until, now=now)
    try:
        if draft.registration is not None:
            registrations.resend_confirmation(registration=draft.registration, by=None, now=now)
    except Refused as refusal:
        page = {**_context(draft, now), "problem": str(refusal)}
        return render(request, "public/confirm/status.html", page, status=409)
    return redirect("public:register_status")


def _sent_draft(request: HttpRequest, now: datetime) -> Draft | None:
    draft = draft_of(request, now=now)
    return draft if draft is not None and draft.submitted_at is not None else None


def _no_draft(request: HttpRequest) -> HttpResponse:
    if request.htmx and not request.htmx.boosted:
        return HttpResponse(status=204)
    return render(request, "public/confirm/gone.html", status=410)


def _address_page(request: HttpRequest, form: EmailForm, draft: Draft) -> HttpResponse:
    return render(request, "public/confirm/address.html", {"form": form, "draft": draft})


def _context(draft: Draft, now: datetime) -> dict[str, object]:
    post = _post(draft, now)
    confirmed = draft.registration is not None and draft.registration.confirmed_at is not None
    email = draft.data["email"]
    provider = outbox.lane_of(email)
    steps = [_stored(draft), *([_mailed(post, provider)] if email else []), _confirming(post, confirmed, provider)]
    version = hashlib.sha256(repr((steps, confirmed)).encode()).hexdigest()[:16]
    return {
        "draft": draft,
        "email": email,
        "provider": provider,
        "state": "confirmed" if confirmed else post.state,
        "steps": steps,
        "version": version,
        "now": now,
        "left": limits.left("resend", draft.case_number),
        "problem": "",
    }


def _post(draft: Draft, now: datetime) -> Post:
    if not draft.data["email"]:
        return Post("none")
    if draft.registration is None:
        handed = (draft.submitted_at or now) + USUALLY_HANDED_OVER_AFTER
        return Post("sent", handed) if now >= handed else Post("queued")
    message = outbox.latest(f"confirm:{draft.registration_id}:")
    if message is None or (message.state in {"queued", "sending"} and message.attempts <= 1):
        return Post("queued")
    if message.state in {"sent", "discarded"}:
        return Post("sent", message.sent_at or message.created_at)
    if message.state == "bounced":
        return Post("bounced")
    return Post("late", message.available_at, message.attempts)


def _stored(draft: Draft) -> Step:
    text = _("At %(time)s. Case number %(number)s.") % {
        "time": local_time(draft.submitted_at),
        "number": spaced_code(draft.case_number),
    }
    return Step(_("Your registration is stored"), text, "done")


def _mailed(post: Post, provider: str) -> Step:
    words = {"provider": provider, "time": local_time(post.at) if post.at else ""}
    if post.state == "sent":
        title = _("Your e-mail provider has accepted the e-mail")
        return Step(title, _("%(provider)s at %(time)s.") % words, "done")
    if post.state == "late":
        tries = ngettext("We have tried %(count)s time", "We have tried %(count)s times", post.attempts)
        again = _("and try again at %(time)s. You need not do anything.") % words
        title = _("Your e-mail provider lets us wait")
        return Step(title, f"{tries % {'count': post.attempts}} {again}", "late")
    if post.state == "bounced":
        title = _("Your e-mail provider has refused the e-mail")
        text = _("%(provider)s does not know this address, or the mailbox is full. Please give another one.") % words
        return Step(title, text, "late")
    return Step(_("We hand the e-mail to your provider"), _("That usually takes a few seconds."))


def _confirming(post: Post, confirmed: bool, provider: str) -> Step:
    title = _("You confirm")
    if confirmed:
        return Step(title, _("Done. Your registration counts."), "done")
    if post.state == "none":
        return Step(title, _("Please call us and name your case number and your date of birth."))
    if post.state == "sent":
        return Step(title, _("Still to come. There is no deadline, and we remind you after a day."))
    return Step(title, _("Nothing lapses: it counts when you confirm, whenever the e-mail comes."))
