"""The registration: one page per question, the draft on the server, "check your answers" last, sent once."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import clock, facts
from booking.models import Draft
from booking.services import drafts
from web import limits
from web.public import summary, verdict
from web.public.check import asked_today
from web.public.forms.check import CarriedForm, CriteriaForm
from web.public.forms.register import ContactForm, PersonForm

COOKIE = "draft"
SALT = "web.public.draft"
METHODS = ["GET", "HEAD", "POST"]
# One key of each page's answers: when it is there, the page has been sent.
PAGES = {"register": "last_name", "register_claim": "criteria", "register_contact": "language"}


def draft_of(request: HttpRequest, *, now: datetime) -> Draft | None:
    """The draft of this browser, sent or not; None when there is none any more."""
    try:
        key = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
    except signing.BadSignature:
        return None
    return drafts.find(key, now=now)


def hand_over(response: HttpResponse, draft: Draft) -> HttpResponse:
    """Let this browser find the draft again; the cookie goes when the browser closes."""
    response.set_cookie(
        COOKIE,
        signing.dumps(draft.key, salt=SALT),
        path="/anmelden/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def draft_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view an unsent draft as `request.draft`; a sent one leads to its status, none to a clear page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = draft_of(request, now=timezone.now())
        if draft is None:
            return render(request, "public/register/expired.html", status=410)
        if draft.submitted_at is not None:
            return redirect("public:register_status")
        request.draft = draft
        return view(request, *args, **kwargs)

    return guarded


def progress(page: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Which step of how many this page is; who comes from the check has answered one of them already."""
    steps = [name for name in (*PAGES, "register_review") if name != "register_claim" or "from_check" not in data]
    number = steps.index(page) + 1 if page in steps else None
    return {"number": number, "total": len(steps), "from_check": "from_check" in data, "changing": "language" in data}


def next_page(data: Mapping[str, Any]) -> str:
    """The first page without answers, else "check your answers"."""
    return f"public:{next((page for page, key in PAGES.items() if key not in data), 'register_review')}"


@login_not_required
@require_http_methods(METHODS)
def person(request: HttpRequest) -> HttpResponse:
    """Who is vaccinated? The first page works without a draft: nothing is stored before it is filled in."""
    now = timezone.now()
    draft = draft_of(request, now=now)
    sent = draft if draft and draft.submitted_at else None
    draft = None if sent else draft
    if "from_check" in request.POST:
        return _from_check(request, draft, now)
    known = draft.data if draft else {}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=_person_initial(known))
    if form.is_bound and form.is_valid() and _old_enough(form, now):
        answers = {**form.cleaned_data, "birth_date": form.cleaned_data["birth_date"].isoformat()}
        return _store(request, draft, answers, form, now)
    return _person_page(request, form, known, sent)


@login_not_required
@require_http_methods(METHODS)
@draft_required
def claim(request: HttpRequest) -> HttpResponse:
    """What applies to the person? Asked when the check has not asked it already, or for a change."""
    known, asked = request.draft.data, asked_today()
    chosen = known.get("criteria", ())
    form = CriteriaForm(
        request.POST if request.method == "POST" else None,
        asked=asked,
        chosen=chosen,
        initial={"none": "criteria" in known and not chosen},
    )
    if not asked or (form.is_bound and form.is_valid()):
        chosen = sorted(form.chosen()) if asked else []
        return _store(request, request.draft, {"criteria": chosen}, form, timezone.now())
    return render(request, "public/register/claim.html", {"form": form, **progress("register_claim", known)})


@login_not_required
@require_http_methods(METHODS)
@draft_required
def contact(request: HttpRequest) -> HttpResponse:
    """How do we reach the person? One way is enough."""
    known = request.draft.data
    initial = known if "language" in known else {"language": (get_language() or "de")[:2]}
    form = ContactForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        answers = {**form.cleaned_data, "phone": str(form.cleaned_data["phone"] or "")}
        return _store(request, request.draft, answers, form, timezone.now())
    return render(request, "public/register/contact.html", {"form": form, **progress("register_contact", known)})


@login_not_required
@require_http_methods(METHODS)
@draft_required
def review(request: HttpRequest) -> HttpResponse:
    """Check your answers; the button registers, once."""
    now, draft = timezone.now(), request.draft
    missing = next_page(draft.data)
    if missing != "public:register_review":
        return redirect(missing)
    if request.method != "POST":
        return _review_page(request, draft, now)
    if request.POST.get("shown") != drafts.fingerprint(draft):
        text = gettext("Your answers were changed in another window. Please check once more what will be sent.")
        return _review_page(request, draft, now, problem=text, status=409)
    if until := _too_often(request, draft, now):
        return limits.marked(
            _review_page(request, draft, now, problem=limits.wait_text(until, now=now)), until, now=now
        )
    try:
        drafts.submit(draft=draft, now=now)
    except Refused as refusal:
        return _review_page(request, draft, now, problem=str(refusal), status=409)
    return redirect("public:register_status")


def _from_check(request: HttpRequest, draft: Draft | None, now: datetime) -> HttpResponse:
    """Take over birth date and answers of the check. Another birth date means another person: a new draft."""
    form = CarriedForm(request.POST, asked=asked_today())
    if not form.is_valid() or form.cleaned_data["birth_date"] is None:
        return redirect("public:check")
    answers = {
        "birth_date": form.cleaned_data["birth_date"].isoformat(),
        "criteria": sorted(form.cleaned_data["criteria"]),
        "from_check": True,
    }
    if draft and draft.data.get("birth_date", answers["birth_date"]) != answers["birth_date"]:
        draft = None
    return _store(request, draft, answers, PersonForm(initial=_person_initial(answers)), now, stay=True)


def _store(
    request: HttpRequest,
    draft: Draft | None,
    answers: Mapping[str, Any],
    form: BaseForm,
    now: datetime,
    *,
    stay: bool = False,
) -> HttpResponse:
    """Keep one page's answers and go on; `stay` shows the first page, with what is known filled in."""
    if draft is None:
        if until := limits.hit("register_start", limits.address(request), now=now):
            return _wait(request, form, until, now)
        draft = drafts.start(data=answers, now=now)
    elif not drafts.keep(draft=draft, data=answers, now=now):
        return redirect("public:register_status")
    return hand_over(redirect("public:register" if stay else next_page(draft.data)), draft)


def _wait(request: HttpRequest, form: BaseForm, until: datetime, now: datetime) -> HttpResponse:
    """Too many drafts from this address: what was typed stays on the page."""
    if not form.is_bound:
        return limits.too_many(request, until, now=now)
    form.add_error(None, limits.wait_text(until, now=now))
    return limits.marked(_person_page(request, form, {}, None), until, now=now)


def _old_enough(form: PersonForm, now: datetime) -> bool:
    """Say it here, not after weeks in the line: no vaccine is licensed at this age."""
    today, known = clock.local_day(now), facts.load()
    if not verdict.too_young(form.cleaned_data["birth_date"], today, known):
        return True
    text = gettext("At this age no vaccine is licensed yet. Registration is possible from the age of %(age)s.")
    form.add_error("birth_date", text % {"age": verdict.youngest(known, today)})
    return False


def _too_often(request: HttpRequest, draft: Draft, now: datetime) -> datetime | None:
    contacts = [("register_contact", draft.data[way].lower()) for way in ("email", "phone") if draft.data[way]]
    return limits.first_refusal([("register_send", limits.address(request)), *contacts], now=now)


def _person_initial(known: Mapping[str, Any]) -> dict[str, Any]:
    born = known.get("birth_date")
    return {**known, "birth_date": date.fromisoformat(born)} if born else dict(known)


def _person_page(request: HttpRequest, form: BaseForm, known: Mapping[str, Any], sent: Draft | None) -> HttpResponse:
    context = {"form": form, "sent": sent, **progress("register", known)}
    return render(request, "public/register/person.html", context)


def _review_page(
    request: HttpRequest, draft: Draft, now: datetime, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "answers": summary.of(draft.data, now=now),
        "shown": drafts.fingerprint(draft),
        "problem": problem,
        **progress("register_review", draft.data),
    }
    return render(request, "public/register/review.html", context, status=status)
