"""Forms of the accounts page."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.roles import AT_A_CENTER, Role
from centers.models import Center, Workplace
from web.forms import EmailField, Form, NameField, PlainTextField, Tile
from web.staff.desk import Work

HINTS = {
    Role.CALL_AGENT: _("registers and books for people who call"),
    Role.CALL_LEAD: _("as an agent, and looks after the agents' work"),
    Role.CENTER_STAFF: _("receives people at the door; counts in the centers below"),
    Role.CENTER_MANAGER: _("opens, changes and closes sessions; counts in the centers below"),
    Role.PLANNER: _("looks after the supply of all centers"),
    Role.AUDITOR: _("reads the audit trail and nothing else"),
    Role.ADMINISTRATOR: _("invites people and gives roles"),
}


class RolesForm(Form):
    """What somebody may do, and where."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(role.value, Tile(role.label, HINTS[role])) for role in Role],
        error_messages={"required": _("Please choose at least one role.")},
    )
    centers = forms.ModelMultipleChoiceField(
        label=_("Centers"),
        queryset=Center.objects.none(),
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Only for the two roles at centers."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["centers"].queryset = Center.objects.order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        """A role at a center needs a center; without such a role nobody works in one."""
        data: dict[str, Any] = super().clean() or {}
        at_a_center = not AT_A_CENTER.isdisjoint(data.get("roles", ()))
        if at_a_center and "centers" in data and not data["centers"]:
            self.add_error("centers", _("Please choose the centers in which this person works."))
        if "roles" in data and not at_a_center and data.get("centers"):
            self.add_error(
                "centers", _("Centers need a role at a center. Please choose the role, or leave the centers out.")
            )
        return data

    def work(self) -> Work:
        """Roles and centers of a valid form."""
        return Work([Role(value) for value in self.cleaned_data["roles"]], list(self.cleaned_data["centers"]))


class FindForm(Form):
    """Which accounts are listed. Sent by POST: a name in an address would stand in logs and histories."""

    name = PlainTextField(label=_("Name or e-mail address"), required=False, max_length=120)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("all")), *Role.choices])
    center = forms.ModelChoiceField(
        Center.objects.none(), label=_("Center"), required=False, to_field_name="slug", empty_label=_("all")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["center"].queryset = Center.objects.order_by("name", "pk")

    def matching(self) -> Q:
        """What a valid form asks for: every word somewhere in the names or the address."""
        asked, found = self.cleaned_data, Q()
        for word in asked["name"].split():
            found &= (
                Q(first_name__icontains=word) | Q(last_name__icontains=word)
                | Q(username__icontains=word) | Q(email__icontains=word)
            )  # fmt: skip
        if asked["role"]:
            found &= Q(roles__contains=[asked["role"]])
        if asked["center"]:
            found &= Q(pk__in=Workplace.objects.filter(center=asked["center"]).values("user"))
        return found


class InviteForm(RolesForm):
    first_name = NameField(label=_("First name"))
    last_name = NameField(label=_("Last name"))
    email = EmailField(label=_("E-mail address"), help_text=_("The invitation goes there; it is the user name, too."))
    field_order = ["first_name", "last_name", "email", "roles", "centers"]
