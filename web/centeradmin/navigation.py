"""The bar of the staff's pages: what somebody may open, in the order of the day's work."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from web.access import TABLE, may

ENTRIES = (
    ("centeradmin:today", _("Today")),
    ("centeradmin:week", _("Week")),
    ("centeradmin:day", _("Day")),
    ("centeradmin:new_session", _("New session")),
    ("centeradmin:changes", _("Change and close")),
    ("centeradmin:supply", _("Supply")),
)
CALLS = (
    ("callcenter:find", _("Search")),
    ("callcenter:new", _("New person")),
    ("callcenter:call_backs", _("Call-backs")),
    ("callcenter:letters", _("Print")),
    ("callcenter:figures", _("Today")),
    ("callcenter:usage", _("Contingents")),
)
CENTER = ("centeradmin:home", _("Center"))  # where no center is chosen yet
OFFICE = (("staff:accounts", _("Accounts")), ("staff:audit", _("Audit trail")))


@dataclass(frozen=True)
class Entry:
    """One word of the bar."""

    url: str
    label: str
    current: bool


def entries(request: HttpRequest) -> list[Entry]:
    """Only what exists and what her roles open."""
    room = request.resolver_match.view_name if request.resolver_match else ""
    center = ENTRIES if hasattr(request, "center") else (CENTER,)
    return [
        Entry(reverse(name), str(label), room == name or room.startswith(f"{name}_"))
        for name, label in (*CALLS, *center, *OFFICE)
        if name in TABLE and may(request.user, TABLE[name])
    ]
