"""The call that an agent is in, for the frame of the call center. `{% load calls %}`."""

from typing import Any

from django import template

from accounts.models import User
from booking.models import Call
from booking.services import calls

register = template.Library()


@register.simple_tag(takes_context=True)
def current_call(context: dict[str, Any]) -> Call | None:
    """One query; None without a call, and where nobody is logged in."""
    user = getattr(context.get("request"), "user", None)
    return calls.current(user) if isinstance(user, User) else None
