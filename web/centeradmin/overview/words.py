"""The trail of a center in words: what was done to its sessions and its supply, with before and after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from centers.models import Contingent, Delivery, Session, Vaccine
from web.centeradmin.overview import frame

# Beginnings of the actions that tell of sessions and capacity. What is read of people, and what happens to them, has
# its own places.
GROUPS = {
    "sitzungen": (_("Sessions"), ("session.",)),
    "aenderungen": (_("Changes and closures"), ("change.",)),
    "vorrat": (_("Supply"), ("delivery.", "waste.")),
    "rueckfall": (_("Free places that fell to another share"), ("session.fell_back",)),
}
# The clock does these all day long: they are listed when somebody asks for them, so that they hide no person's deed.
BY_THE_CLOCK = {"rueckfall"}
DEEDS = {
    "session.created": _("Session created"),
    "session.changed": _("Session changed"),
    "session.discarded": _("Draft discarded"),
    "session.published": _("Session published"),
    "session.time_set": _("Time of publishing set"),
    "session.stayed_draft": _("Session stayed a draft"),
    "session.suspended": _("Session suspended"),
    "session.reinstated": _("Session reinstated"),
    "session.closed": _("Session closed"),
    "session.fell_back": _("Free places fell to another share"),
    "change.started": _("Change started"),
    "change.stopped": _("Change stopped"),
    "change.resumed": _("Change resumed"),
    "change.finished": _("Change finished"),
    "delivery.entered": _("Delivery entered"),
    "delivery.changed": _("Delivery changed"),
    "delivery.received": _("Delivery received"),
    "delivery.cancelled": _("Delivery cancelled"),
    "waste.recorded": _("Lost doses entered"),
    "waste.taken_back": _("Entry of lost doses taken back"),
}
LABELS = {
    "vaccine": _("Vaccine"),
    "days": _("Days"),
    "day": _("Day"),
    "first": _("From"),
    "last": _("Until"),
    "last_day": _("Last day"),
    "hours": _("Hours"),
    "starts": _("Begins"),
    "ends": _("Ends"),
    "break": _("Break"),
    "minutes": _("Minutes per place"),
    "lines": _("Lines"),
    "shares": _("Shares"),
    "state": _("State"),
    "publish_at": _("Opens"),
    "sessions": _("Sessions"),
    "places": _("Places"),
    "people": _("People"),
    "doses": _("Doses"),
    "due_on": _("Due"),
    "on": _("Day"),
}
# Values that are words of the code.
STATES = {
    **dict(Delivery.State.choices),
    **dict(Session.State.choices),
}
FEW = 6  # so many days are named; of more the first and the last


@dataclass(frozen=True, slots=True)
class Fact:
    """One detail; without `before` it is new, without `after` it is gone."""

    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return bool(self.before and self.after)

    def __str__(self) -> str:
        """Both of them in words; what is gone has its own look in the template."""
        words = {"after": self.after, "before": self.before}
        value = gettext("%(after)s instead of %(before)s") % words if self.changed else self.after
        return f"{self.label}: {value or '–'}"


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `who` is "" when nobody did it but the clock; `change` is the change it belongs to, or None."""

    at: datetime
    who: str
    deed: str
    facts: tuple[Fact, ...]
    reason: str
    change: UUID | None

    @property
    def gist(self) -> str:
        """The deed, with the first thing that is different now."""
        changed = [str(fact) for fact in self.facts if fact.changed]
        return f"{self.deed} ({changed[0]})" if changed else self.deed


class Teller:
    """Puts events into words. Two queries for the names of vaccines and contingents."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {
            **dict(Contingent.objects.values_list("code", "name")),
            **dict(Vaccine.objects.values_list("code", "name")),
        }

    def told(self, event: AuditEvent) -> Told:
        actor = event.actor
        return Told(
            at=event.at,
            who=(actor.get_full_name() or actor.get_username()) if actor else "",
            deed=str(DEEDS.get(event.action, event.action)),
            facts=tuple(self._facts(event.details)),
            reason=event.reason,
            change=_uuid(event.details.get("change")),
        )

    def _facts(self, details: Mapping[str, Any]) -> Iterable[Fact]:
        """What differs between before and after; where one of them is missing, all of the other. Else what is there."""
        both = (details.get("before"), details.get("after"))
        before, after = (part if isinstance(part, dict) else {} for part in both)
        for key, label in LABELS.items():
            if key in before or key in after:
                old, new = (self._value(key, part.get(key)) for part in (before, after))
                if old != new:
                    yield Fact(str(label), old, new)
            elif key in details:
                yield Fact(str(label), "", self._value(key, details[key]))

    def _value(self, key: str, value: Any) -> str:
        if value is None or value in ("", [], {}):
            return ""
        if isinstance(value, dict):
            return ", ".join(f"{self._names.get(name, name)} {number}" for name, number in value.items())
        if key == "days" and isinstance(value, list):
            return _days(value)
        if isinstance(value, list):
            return "–".join(dict.fromkeys(str(one) for one in value))
        if key in ("hours", "break"):
            return str(value).replace("-", "–")
        if key == "state":
            return str(STATES.get(value, value))
        return self._names.get(str(value)) or _moment(str(value))


def _days(listed: list[str]) -> str:
    days = [_moment(one) for one in listed]
    if len(days) <= FEW:
        return ", ".join(days)
    ends = {"number": len(days), "first": days[0], "last": days[-1]}
    return gettext("%(number)d days from %(first)s to %(last)s") % ends


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _moment(value: str) -> str:
    """Days and moments as people write them; anything else as it is."""
    try:
        if len(value) == len("2021-02-18"):
            return frame.short_day(date.fromisoformat(value))
        if len(value) > len("2021-02-18T10"):
            at = timezone.localtime(datetime.fromisoformat(value))
            return f"{frame.short_day(at.date())} {at:%H:%M}"
    except ValueError:
        pass
    return value
