"""/personal/: straight on to the first room that the roles open, or the page with one's own account."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from web.access import TABLE, may

# In the order of a working day; the first that is open is where a login leads.
ROOMS = ("callcenter:find", "centeradmin:home", "staff:accounts", "staff:audit")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """With `?konto` the account's own page, whatever the roles open."""
    room = next((name for name in ROOMS if may(request.user, TABLE[name])), None)
    if room is not None and "konto" not in request.GET:
        return redirect(room)
    hours = int(settings.STAFF_LOGIN_ENDS_AFTER.total_seconds()) // 3600
    return render(request, "staff/home.html", {"room": room, "hours": hours})
