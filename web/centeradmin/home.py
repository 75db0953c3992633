"""/zentrum/: choose the center; with a single one straight on to its work."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from web.access import TABLE, may, user_of
from web.centeradmin import here

# The first of these that her roles open is where her work begins.
FIRST = ("centeradmin:today", "centeradmin:week", "centeradmin:supply")


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """POST chooses one of her centers by its slug; anything else shows the list again."""
    centers = list(here.centers_of(user_of(request), page="centeradmin:home"))
    wanted = [center for center in centers if center.slug == request.POST.get("center")]
    if wanted:
        here.choose(request, wanted[0])
    if wanted or (len(centers) == 1 and request.method != "POST"):
        return redirect(_first(request))
    return render(request, "centeradmin/home.html", {"centers": centers, "current": here.chosen(request)})


def _first(request: HttpRequest) -> str:
    return next(reverse(name) for name in FIRST if name in TABLE and may(request.user, TABLE[name]))
