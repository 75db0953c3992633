"""What a member of staff may be. Several per person; the roles at centers count where she works (centers.Workplace)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """One per kind of work; which page asks for which is the table in web/access.py."""

    CALL_AGENT = "call_agent", _("call-center agent")
    CALL_LEAD = "call_lead", _("call-center lead")
    CENTER_STAFF = "center_staff", _("center staff")
    CENTER_MANAGER = "center_manager", _("center manager")
    PLANNER = "planner", _("planner")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


AT_A_CENTER = frozenset({Role.CENTER_STAFF, Role.CENTER_MANAGER})
