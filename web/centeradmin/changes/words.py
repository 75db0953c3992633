"""Changes in words: what is closed, what becomes of whom, and the button that names it all."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.changes.effect import CANCEL, KEEP, MOVE, Effect
from booking.changes.wish import Kind
from booking.models import Change
from booking.wording import german
from centers.models import Session, Vaccine


def day(of: date) -> str:
    """Fr 30. April."""
    return dateformat.format(of, "D j. F" if german() else "D j F")


def short_day(of: date) -> str:
    """Fr 30.04."""
    return dateformat.format(of, "D d.m.")


def session(one: Session) -> str:
    """10:00-12:00, Comirnaty, 2 lines; suspended."""
    lines = ngettext("%(lines)d line", "%(lines)d lines", one.lines) % {"lines": one.lines}
    state = "" if one.state == Session.State.PUBLISHED else f" ({one.get_state_display()})"
    return f"{one.starts:%H:%M}–{one.ends:%H:%M}, {one.vaccine.name}, {lines}{state}"


def extent(scope: Mapping[str, Any]) -> str:
    """Which days, and of which vaccine; `scope` as Change.scope has it, with `span`."""
    span = scope.get("span", {})
    first, last = scope.get("first") or span.get("first"), scope.get("last") or span.get("last")
    if first is None:
        return _("no session")
    days = day(date.fromisoformat(first))
    if last and last != first:
        days = _("%(first)s to %(last)s") % {"first": days, "last": day(date.fromisoformat(last))}
    if "block" in scope and "starts" in span:
        days = _("%(day)s, session at %(time)s") % {"day": days, "time": f"{time.fromisoformat(span['starts']):%H:%M}"}
    if scope.get("vaccine"):
        name = Vaccine.objects.values_list("name", flat=True).filter(pk=scope["vaccine"]).first()
        days = f"{days}, {name or scope['vaccine']}"
    return days


def title(kind: str, scope: Mapping[str, Any]) -> str:
    """What is to be done: close Fri 30 April to Sun 2 May."""
    if kind == Kind.LAST_DAY:
        return _("Close the center after %(day)s") % {"day": day(date.fromisoformat(scope["last_day"]))}
    pattern = {
        Kind.CLOSE: _("Close: %(what)s"),
        Kind.SUSPEND: _("Suspend: %(what)s"),
        Kind.REINSTATE: _("Put back: %(what)s"),
        Kind.RESHAPE: _("Change: %(what)s"),
    }[Kind(kind)]
    return pattern % {"what": extent(scope)}


def done(change: Change) -> str:
    """What was done: closed Fri 30 April to Sun 2 May."""
    if change.kind == Kind.LAST_DAY:
        return _("Center closed after %(day)s") % {"day": day(date.fromisoformat(change.scope["last_day"]))}
    pattern = {
        Kind.CLOSE: _("Closed: %(what)s"),
        Kind.SUSPEND: _("Suspended: %(what)s"),
        Kind.REINSTATE: _("Put back again: %(what)s"),
        Kind.RESHAPE: _("Changed: %(what)s"),
    }[Kind(change.kind)]
    return pattern % {"what": extent(change.scope)}


def sessions(kind: str, number: int) -> str:
    """Close 12 sessions."""
    patterns = {
        Kind.CLOSE: ngettext("close %(number)d session", "close %(number)d sessions", number),
        Kind.LAST_DAY: ngettext("close %(number)d session", "close %(number)d sessions", number),
        Kind.SUSPEND: ngettext("suspend %(number)d session", "suspend %(number)d sessions", number),
        Kind.REINSTATE: ngettext("put %(number)d session back", "put %(number)d sessions back", number),
        Kind.RESHAPE: ngettext("change %(number)d session", "change %(number)d sessions", number),
    }
    return patterns[Kind(kind)] % {"number": number}


def lead(kind: str, number: int) -> str:
    """You close 12 sessions."""
    patterns = {
        Kind.CLOSE: ngettext("You close %(number)d session.", "You close %(number)d sessions.", number),
        Kind.LAST_DAY: ngettext("You close %(number)d session.", "You close %(number)d sessions.", number),
        Kind.SUSPEND: ngettext("You suspend %(number)d session.", "You suspend %(number)d sessions.", number),
        Kind.REINSTATE: ngettext("You put %(number)d session back.", "You put %(number)d sessions back.", number),
        Kind.RESHAPE: ngettext("You change %(number)d session.", "You change %(number)d sessions.", number),
    }
    return patterns[Kind(kind)] % {"number": number}


def deed(effect: Effect, decisions: Mapping[str, str]) -> str:
    """The button: close 12 sessions, move 32 people, keep 5."""
    numbers = effect.decided(decisions)
    moved, kept, cancelled = numbers[MOVE], numbers[KEEP], numbers[CANCEL]
    parts = [sessions(effect.wish.kind, len(effect.sessions))] if effect.sessions else []
    if effect.wish.kind == Kind.LAST_DAY:
        parts.insert(0, title(effect.wish.kind, effect.wish.as_json()))
    if moved:
        parts.append(ngettext("move %(number)d person", "move %(number)d people", moved) % {"number": moved})
    if kept:
        parts.append(ngettext("keep %(number)d person", "keep %(number)d people", kept) % {"number": kept})
    if cancelled:
        parts.append(
            ngettext("cancel %(number)d person", "cancel %(number)d people", cancelled) % {"number": cancelled}
        )
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def who(change_user: Any) -> str:
    """A member of staff as colleagues know her."""
    return str(change_user.get_full_name() or change_user.get_username())
