"""A person comes with a link: confirm, or begin a visit. Opening a link changes nothing; mail scanners open it too.

`/link/<token>/` puts the token into a short-lived signed cookie and redirects, so that it is gone from the address bar,
the history and every log behind it. `/link/code/` does the same with the code of a letter. What the link is for is
asked and done at `/link/`, by POST only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refusals import Refused
from booking import clock, facts
from booking.models import AccessLink, Registration
from booking.services import links, registrations
from priority import rules
from web import limits
from web.public import verdict, visit
from web.public.forms.link import TOKEN, CodeForm, NewLinkForm, PasteForm, VisitForm

COOKIE = "link"
SALT = "web.public.link"
LIFETIME = timedelta(minutes=15)
METHODS = ["GET", "HEAD", "POST"]
CONFIRM, VISIT = AccessLink.Purpose.CONFIRM, AccessLink.Purpose.VISIT


@dataclass(frozen=True)
class Ticket:
    """The link in this browser, or the code that stands for it.

    `after` is "confirmed" or "invited" when this very browser has just confirmed.
    """

    token: str
    after: str = ""


@login_not_required
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address. Nothing is looked up, so every token is answered alike."""
    if not TOKEN.fullmatch(token):
        return _enter_page(request, link=PasteForm({"link": token}), status=404)
    return _with_ticket(Ticket(token))


@login_not_required
@require_http_methods(METHODS)
def link(request: HttpRequest) -> HttpResponse:
    """What the link is for. Only POST does it; an unknown link looks like one that wants the birth date."""
    ticket = _ticket(request)
    if ticket is None:
        return _enter_page(request)
    found, now = links.find(ticket.token), timezone.now()
    if request.method == "POST" and request.POST.get("deed") == "confirm":
        return _confirm(found, now)
    if found is not None and found.purpose == CONFIRM:
        return _confirm_page(request, found, ticket, now)
    if request.method == "POST":
        return _exchange(request, ticket, now)
    state = links.state(found, now) if found else "open"
    if found is None or state == "open":
        return _visit_page(request, VisitForm(), ticket)
    return _closed_page(request, found, state)


@login_not_required
@require_http_methods(METHODS)
def enter(request: HttpRequest) -> HttpResponse:
    """For a link that does not let itself be pressed: paste it."""
    form = PasteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return _with_ticket(Ticket(form.cleaned_data["link"]))
    return _enter_page(request, link=form)


@login_not_required
@require_http_methods(METHODS)
def code(request: HttpRequest) -> HttpResponse:
    """The code of a letter stands for its link. Nothing is looked up here, so every code is answered alike."""
    now = timezone.now()
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _enter_page(request, code=form)
    if until := limits.hit("link_code", limits.address(request), now=now):
        form.add_error(None, limits.wait_text(until, now=now))
        return limits.marked(_enter_page(request, code=form), until, now=now)
    return _with_ticket(Ticket(form.cleaned_data["code"]))


@login_not_required
@require_http_methods(METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """Case number and birth date: a new link goes to the contact we know. Nobody learns whether there is one."""
    now = timezone.now()
    form = NewLinkForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return render(request, "public/link/new.html", {"form": form})
    # Both together: who knows a case number alone must not be able to use up the tries of the person it belongs to.
    whom = f"{form.cleaned_data['case_number']} {form.cleaned_data['birth_date']}"
    if until := _too_many_new(request, whom, now):
        form.add_error(None, limits.wait_text(until, now=now))
        return limits.marked(render(request, "public/link/new.html", {"form": form}), until, now=now)
    links.request(**form.cleaned_data, now=now)
    return redirect("public:link_sent")


@login_not_required
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """The link in this browser is over: send another one to the contact we know."""
    now, ticket = timezone.now(), _ticket(request)
    if ticket is None:
        return redirect("public:link_new")
    if until := _too_many_new(request, ticket.token, now):
        return limits.too_many(request, until, now=now)
    found = links.find(ticket.token)
    try:
        if found is not None:
            links.send_new(link=found, now=now)
    except Refused as refusal:
        return render(request, "public/link/closed.html", {"text": str(refusal), "renewable": False}, status=409)
    return redirect("public:link_sent")


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The same words whether a mail has left or not."""
    return render(request, "public/link/sent.html")


@login_not_required
@require_http_methods(METHODS)
def leave(request: HttpRequest) -> HttpResponse:
    """End the visit on the server; afterwards, or without one, the page says that nobody is signed in."""
    now = timezone.now()
    visitor = visit.of(request, now=now)
    if request.method == "POST":
        if visitor is not None:
            links.end_visit(link_id=visitor.link_id, now=now)
        response = redirect("public:leave")
        visit.forget(response)
        return response
    return render(request, "public/link/leave.html", {"visitor": visitor})


def _confirm(found: AccessLink | None, now: datetime) -> HttpResponse:
    """Confirm, then show the result on a page that may be loaded again."""
    if found is None or found.purpose != CONFIRM or links.state(found, now) == "withdrawn":
        return redirect("public:link_entry")
    person = registrations.confirm(registration=found.registration, by=None, now=now)
    onward = links.onward(registration=person, now=now)
    if onward is not None:
        return _with_ticket(Ticket(links.token(onward), after="invited"))
    just = person.confirmed_at is not None and now < person.confirmed_at + LIFETIME
    return _with_ticket(Ticket(links.token(found), after="confirmed" if just else ""))


def _exchange(request: HttpRequest, ticket: Ticket, now: datetime) -> HttpResponse:
    """Link and birth date for a visit. Tries are counted alike for links that do not exist."""
    form = VisitForm(request.POST)
    if not form.is_valid():
        return _visit_page(request, form, ticket)
    tries = [("link_address", limits.address(request)), ("link_token", ticket.token)]
    if until := limits.first_refusal(tries, now=now):
        form.add_error(None, limits.wait_text(until, now=now))
        return limits.marked(_visit_page(request, form, ticket), until, now=now)
    try:
        opened = links.exchange(token=ticket.token, birth_date=form.cleaned_data["birth_date"], now=now)
    except Refused as refusal:
        if refusal.code != "link_wrong":
            return redirect("public:link_entry")
        form.add_error("birth_date", str(refusal))
        return _visit_page(request, form, ticket)
    response = redirect("public:my")
    visit.begin(response, opened, now=now)
    response.delete_cookie(COOKIE, path="/link/", samesite="Lax")
    return response


def _too_many_new(request: HttpRequest, whom: str, now: datetime) -> datetime | None:
    return limits.first_refusal([("new_link_address", limits.address(request)), ("new_link_case", whom)], now=now)


def _confirm_page(request: HttpRequest, found: AccessLink, ticket: Ticket, now: datetime) -> HttpResponse:
    state, person = links.state(found, now), found.registration
    if state == "open":
        return render(request, "public/link/confirm.html", {"case_number": person.case_number})
    if state != "used":
        return _closed_page(request, found, state)
    # The group is shown to the browser that has just confirmed, not to whoever opens an old mail.
    return render(request, "public/link/confirmed.html", {"group": _group(person, now) if ticket.after else ""})


def _group(person: Registration, now: datetime) -> str:
    """Today's group in words; "" on a day without rules: she has confirmed all the same."""
    today = clock.local_day(now)
    try:
        regulation = rules.regulation_on(facts.load().regulations, today)
    except rules.NoRegulation:
        return ""
    return verdict.group_name(rules.assess(person.criteria, person.birth_date, today, regulation).level)


def _closed_page(request: HttpRequest, found: AccessLink, state: str) -> HttpResponse:
    renewable = state != "withdrawn" and links.renewable(found)
    context = {"text": links.state_text(state), "renewable": renewable, "state": state}
    return render(request, "public/link/closed.html", context)


def _visit_page(request: HttpRequest, form: VisitForm, ticket: Ticket) -> HttpResponse:
    return render(request, "public/link/visit.html", {"form": form, "invited": ticket.after == "invited"})


def _enter_page(
    request: HttpRequest, *, link: PasteForm | None = None, code: CodeForm | None = None, status: int = 200
) -> HttpResponse:
    """Both ways on one page; the form that was sent comes back with what is wrong."""
    context = {"paste_form": link or PasteForm(), "code_form": code or CodeForm(), "wrong": link or code}
    return render(request, "public/link/enter.html", context, status=status)


def _ticket(request: HttpRequest) -> Ticket | None:
    try:
        token, after = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Ticket(token, after)


def _with_ticket(ticket: Ticket) -> HttpResponse:
    response = redirect("public:link_entry")
    response.set_cookie(
        COOKIE,
        signing.dumps([ticket.token, ticket.after], salt=SALT),
        max_age=LIFETIME,
        path="/link/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    response["Referrer-Policy"] = "no-referrer"
    return response
