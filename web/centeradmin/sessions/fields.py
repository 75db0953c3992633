"""Times of day as people type them."""

import re
from datetime import time
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class ClockField(forms.CharField):
    """A time of day: 8, 8:00, 08.00, 0800, 8 Uhr."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please give a time."),
        "invalid": _("Please give a time like 8:00 or 13:30."),
    }

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "size": 6})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        bare = re.sub(r"\s*(uhr|h)\s*$", "", text, flags=re.IGNORECASE | re.ASCII)
        found = re.fullmatch(r"([0-9]{1,2})(?:[:. ]?([0-9]{2}))?", bare)
        hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
        if hour > 23 or minute > 59:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return time(hour, minute)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value
