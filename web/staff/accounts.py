"""/personal/konten/: administrators invite people, give roles and centers, close accounts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services, trail
from accounts.models import User
from accounts.refusals import Refused
from centers.models import Workplace
from web.access import user_of
from web.staff import desk, words
from web.staff.account_forms import FindForm, InviteForm, RolesForm
from web.staff.adapters import FACTORS

PAGE = 50
INVITED = ("account.invited", "account.invited_again")


def _users() -> QuerySet[User]:
    """Accounts of people. Those without an e-mail address belong to the reference data and the demo's past."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    places = Workplace.objects.select_related("center").order_by("center__name")
    return (
        User.objects.exclude(email="")
        .annotate(has_factor=Exists(factors))
        .prefetch_related(Prefetch("workplaces", queryset=places))
        .order_by("-is_active", "last_name", "first_name", "pk")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """GET shows everybody in pages; POST those who are asked for, `seite` being the page."""
    form, users, number = FindForm(), _users(), request.GET.get("seite")
    if request.method == "POST":
        form, number = FindForm(request.POST), request.POST.get("seite")
        users = users.filter(form.matching()) if form.is_valid() else users.none()
    page = Paginator(users, PAGE).get_page(number)
    context = {"form": form, "rows": [words.row(user) for user in page], "page": page}
    return render(request, "staff/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        person = desk.Person(data["first_name"], data["last_name"], data["email"], form.work())
        try:
            user = desk.invite(person, by=user_of(request), now=timezone.now())
            return _done(user, "eingeladen")
        except Refused as refusal:
            form.add_error("email" if refusal.code in ("taken", "too_long") else None, str(refusal))
    return render(request, "staff/accounts_invite.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Roles and centers of one account, and what else can be done with it."""
    user = get_object_or_404(_users(), public_id=public_id)
    form = RolesForm(request.POST or None, initial=_initial(user))
    if form.is_valid():
        seen = request.POST.get("stand", "")
        try:
            desk.change(user, form.work(), seen=seen, by=user_of(request), now=timezone.now())
            return _done(user, "rollen")
        except Refused as refusal:
            if refusal.code == "own":
                return _one(request, user, form=form, refusal=str(refusal))
            form.add_error("roles", str(refusal))
    return _one(request, user, form=form)


@require_POST
def invite_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _deed(request, public_id, "eingeladen", desk.invite_again)


@require_POST
def active(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """`to=on` opens the account again, anything else closes it."""

    def deed(user: User, **who: Any) -> None:
        (services.activate if request.POST.get("to") == "on" else services.deactivate)(user=user, **who)

    return _deed(request, public_id, "zugang", deed)


@require_POST
def reset_factor(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _deed(request, public_id, "faktor", lambda user, **who: services.reset_second_factor(user=user, **who))


def _deed(request: HttpRequest, public_id: UUID, note: str, deed: Callable[..., object]) -> HttpResponse:
    user = get_object_or_404(_users(), public_id=public_id)
    try:
        deed(user, by=user_of(request), now=timezone.now())
    except Refused as refusal:
        return _one(request, user, form=RolesForm(initial=_initial(user)), refusal=str(refusal))
    return _done(user, note)


def _done(user: User, note: str) -> HttpResponse:
    response = redirect("staff:accounts_one", public_id=user.public_id)
    response["Location"] += f"?{note}"
    return response


def _initial(user: User) -> dict[str, Any]:
    return {"roles": user.roles, "centers": [place.center.slug for place in user.workplaces.all()]}


def _invitation(user: User) -> str:
    sent = None if user.has_usable_password() else trail.newest(user.public_id, INVITED)
    return words.invitation(sent, now=timezone.now()) if sent else ""


def _one(request: HttpRequest, user: User, *, form: RolesForm, refusal: str = "") -> HttpResponse:
    context = {
        "account": words.row(user),
        "form": form,
        "refusal": refusal,
        "note": words.note(request.GET, user),
        "own": user.pk == user_of(request).pk,
        "stand": desk.as_it_stands(user),
        "invitation": _invitation(user),
    }
    return render(request, "staff/accounts_one.html", context)
