"""The page of a person who has no appointment: what is true now, why, and what comes next. No promised dates."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from booking import availability, entitlement, facts, wording
from booking.models import Appointment, Registration
from centers.models import Channel
from notifications.outbox import Medium
from priority import rules
from priority.rules import Assessment
from web.public.my import sent
from web.public.my.papers import Row
from web.public.my.standing import Stage, Standing
from web.templatetags.impftermin import local_date


def context(registration: Registration, stand: Standing, *, now: datetime) -> dict[str, Any]:
    """Everything templates/public/my/status.html asks for."""
    words = _STAGES[stand.stage](registration, stand, now)
    ended = stand.stage is Stage.WITHDRAWN
    return {
        "registration": registration,
        "panel_kind": "",
        "changes": [*_calendar(registration), *([] if ended else [contact_row(registration), end_row()])],
        "sent": sent.steps(registration, now=now),
        **words,
    }


def contact_row(registration: Registration) -> Row:
    """The way to the contact page, with what is stored now."""
    text = ""
    if registration.medium == Medium.EMAIL:
        text = gettext("E-mail: %(email)s") % {"email": registration.email}
    elif registration.phone:
        text = gettext("Telephone: %(phone)s") % {"phone": wording.phone(registration.phone)}
    return Row(reverse("public:my_contact"), gettext("Change contact"), text)


def end_row() -> Row:
    """The way to give up everything."""
    text = gettext("You do not want an appointment any more, or you have been vaccinated elsewhere.")
    return Row(reverse("public:my_cancel"), gettext("End my registration"), text)


def _calendar(registration: Registration) -> list[Row]:
    """Cancelled appointments may still stand in her calendar; a file takes them out."""
    if not registration.appointments.filter(status=Appointment.Status.CANCELLED).exists():
        return []
    text = gettext("The file deletes the cancelled appointments from it.")
    return [Row(reverse("public:my_calendar"), gettext("Tidy up my calendar"), text)]


def _withdrawn(registration: Registration, stand: Standing, now: datetime) -> dict[str, Any]:
    return {
        "heading": gettext("Your registration has ended"),
        "panel_title": gettext("You will get no more messages from us"),
        "panel_text": gettext("If you want an appointment later, please register anew."),
        "panel_kind": "good",
    }


def _unconfirmed(registration: Registration, stand: Standing, now: datetime) -> dict[str, Any]:
    return {
        "heading": gettext("Please confirm your registration"),
        "panel_title": gettext("Your registration is not confirmed yet"),
        "panel_text": gettext("Please press the link in the e-mail we have sent you. Then you stand in the line."),
        "panel_kind": "stop",
    }


def _waiting(registration: Registration, stand: Standing, now: datetime) -> dict[str, Any]:
    steps = [
        {"title": gettext("You are registered"), "text": gettext("Your place in the line is kept."), "state": "done"},
        {
            "title": gettext("We invite you"),
            "text": gettext("As soon as it is your turn and places are free. Nobody knows the day yet."),
        },
        {"title": gettext("You choose center, day and time"), "text": gettext("Online or by telephone, as you like.")},
    ]
    title = gettext("We will write to you when it is your turn")
    text = gettext("You need not do anything. You need not look here every day.")
    if registration.medium == Medium.LETTER:
        text = gettext(
            "You need not do anything. A letter from us takes some days; an e-mail address makes it quicker."
        )
    return {
        "heading": gettext("You stand in the line"),
        "panel_title": title,
        "panel_text": text,
        "reason": _reason(registration, now=now),
        "next_steps": steps,
    }


def _invited(registration: Registration, stand: Standing, now: datetime) -> dict[str, Any]:
    until = local_date(stand.last_day)
    shared = {"reason": _reason(registration, now=now), "before": _before(registration)}
    if not _anything_free(registration, now=now):
        text = gettext(
            "Your invitation stays valid until %(day)s, and your place in the line stays too."
            " Places become free every day: please look again later."
        )
        return shared | {
            "heading": gettext("It is your turn"),
            "panel_title": gettext("There is no free place for you at the moment"),
            "panel_text": text % {"day": until},
            "panel_kind": "stop",
            "phone_text": gettext("Our staff look in all centers with you and tell you when new places are expected."),
        }
    return shared | {
        "heading": gettext("It is your turn"),
        "panel_title": gettext("You can book your appointments now"),
        "panel_text": gettext("Your invitation is valid until %(day)s.") % {"day": until},
        "panel_kind": "good",
        "deed": gettext("Choose a center"),
        "deed_url": reverse("public:my_centers"),
    }


def _expired(registration: Registration, stand: Standing, now: datetime) -> dict[str, Any]:
    return {
        "heading": gettext("Your invitation has expired"),
        "panel_title": gettext("You have lost nothing"),
        "panel_text": gettext("Your place in the line is kept. With one click you get a new invitation."),
        "panel_kind": "stop",
        "renew": True,
        "deed": gettext("Renew the invitation"),
    }


_STAGES = {
    Stage.WITHDRAWN: _withdrawn,
    Stage.UNCONFIRMED: _unconfirmed,
    Stage.WAITING: _waiting,
    Stage.INVITED: _invited,
    Stage.EXPIRED: _expired,
}


def _anything_free(registration: Registration, *, now: datetime) -> bool:
    scope = entitlement.scope(entitlement.person(registration), channel=Channel.WEB, now=now, facts=facts.load())
    offers = availability.earliest_by_center(scope) if scope.windows else []
    return any(offer.starts_at for offer in offers)


def _before(registration: Registration) -> str:
    """Said once more after cancelling: the appointments are gone, her place in the line is not."""
    if not registration.appointments.filter(status=Appointment.Status.CANCELLED).exists():
        return ""
    return gettext("Your earlier appointments are cancelled. Your registration and your place in the line stay.")


def _reason(registration: Registration, *, now: datetime) -> str:
    """The group and why, with the paragraph; nothing where the rules know no groups."""
    found = assessment(registration, now=now)
    if found is None:
        return ""
    reason = found.reasons[0]
    return gettext("Group %(level)s: %(reason)s (%(paragraph)s).") % {
        "level": found.level,
        "reason": (reason.text_de if wording.german() else reason.text_en).rstrip("."),
        "paragraph": reason.paragraph,
    }


def assessment(registration: Registration, *, now: datetime) -> Assessment | None:
    """Her group today, None without groups."""
    today = timezone.localdate(now)
    try:
        regulation = rules.regulation_on(facts.load().regulations, today)
    except rules.NoRegulation:
        return None
    if not regulation.grouped:
        return None
    return rules.assess(registration.criteria, registration.birth_date, today, regulation)
