"""The call that an agent is in, and the boxes of the form of a conversation. `{% load calls %}`."""

from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from accounts.models import User
from booking.models import Call
from booking.services import calls

register = template.Library()


@register.simple_tag(takes_context=True)
def current_call(context: dict[str, Any]) -> Call | None:
    """One query; None without a call, and where nobody is logged in."""
    user = getattr(context.get("request"), "user", None)
    return calls.current(user) if isinstance(user, User) else None


@register.simple_tag
def box(field: BoundField, strict: bool) -> SafeString:
    """One line of text. What is wrong is marked only where it is said as well: half a form is no mistake."""
    css = field.field.widget.attrs["class"]
    if strict and field.errors:
        return field.as_widget(attrs={"class": f"{css} {css}--error"})
    plain: SafeString = field.field.widget.render(field.html_name, field.value(), attrs={"id": field.id_for_label})
    return plain
