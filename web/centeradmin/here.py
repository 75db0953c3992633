"""At which center somebody is working: chosen once per login, checked in every request."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.roles import Role
from centers.models import Center, Workplace
from web.access import TABLE, user_of

KEY = "center"


def centers_of(user: User, *, page: str) -> QuerySet[Center]:
    """Where she works. A planner looks after the supply of all centers: on the pages of planners, and on no other."""
    who = TABLE.get(page, frozenset())
    if user.has_role(Role.PLANNER) and not isinstance(who, str) and Role.PLANNER in who:
        return Center.objects.order_by("name", "pk")
    return Center.objects.filter(workplaces__user=user).order_by("name", "pk")


def works_at(user: User, center: Center) -> bool:
    """Whether her roles at centers count here. A planner who manages another center is a planner here."""
    return Workplace.objects.filter(user=user, center=center).exists()


def chosen(request: HttpRequest) -> Center | None:
    """The center of this login, if she still works there; the only one needs no choice."""
    mine = centers_of(user_of(request), page=request.resolver_match.view_name if request.resolver_match else "")
    found = mine.filter(pk=request.session.get(KEY, 0)).first()
    if found is None:
        several = list(mine[:2])
        found = several[0] if len(several) == 1 else None
    return found


def choose(request: HttpRequest, center: Center) -> None:
    request.session[KEY] = center.pk


def at_center(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view `request.center`; without one she is asked first. Nothing of another center can be reached."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        center = chosen(request)
        if center is None:
            return redirect("centeradmin:home")
        request.center = center
        return view(request, *args, **kwargs)

    return inside
