"""Where she stands in one sentence, what follows from it, and what can be done next, the most sensible thing first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from booking import telling, wording
from booking.models import Appointment, Registration
from booking.standing import Before, Stage, Standing
from notifications.models import Message
from web.callcenter.person import mail
from web.callcenter.stands import GOOD, NEWS, WARNING
from web.public.my.words import dose_name
from web.templatetags.impftermin import local_time, plain_date, weekday_date

State = Message.State
STANDS = ("booked", "moved", "moved_by_center", "kept_by_center")
# The message that a stage depends on: as long as it has not arrived she may not know.
TELLS = {
    Stage.UNCONFIRMED: ("confirm_registration", "confirm_reminder"),
    Stage.WAITING: ("registered", "cancelled", "cancelled_by_center"),
    Stage.INVITED: ("invited", "invitation_reminder", "cancelled", "cancelled_by_center"),
    Stage.EXPIRED: ("invitation_expired",),
    Stage.BOOKED: STANDS,
    Stage.DISPLACED: STANDS,
    Stage.BEGUN: STANDS,
}


@dataclass(frozen=True)
class Said:
    """The sentence, its consequence, and the icon."""

    title: str
    text: str
    icon: str


@dataclass(frozen=True)
class Deed:
    """A button: a page to go to, or with `post` something done at once. What `gives_up` is never the main one."""

    label: str
    url: str
    post: bool = False
    gives_up: bool = False


@dataclass(frozen=True)
class Here:
    """The person and all that her state is made of. `may` says whether the rules let her book by telephone; `company`
    are the first names of those who come together with her.
    """

    person: Registration
    stand: Standing
    messages: Sequence[Message]
    may: bool
    now: datetime
    company: Sequence[str] = ()


def say(here: Here) -> Said:
    """One sentence for each stage; then what it means, and what she may not know because a message is late."""
    title, text, icon = _SENTENCES[here.stand.stage](here)
    parts = [_before(here), _late(here), text]
    late = any(parts[:2])
    return Said(title, " ".join(part for part in parts if part), WARNING if late and icon != GOOD else icon)


def deeds(here: Here) -> list[Deed]:
    """What can be done, the next sensible thing first."""
    return list(_deeds(here))


def last_day(valid_until: datetime) -> date:
    """An invitation ends with the day: `valid_until` is the first moment after it."""
    return timezone.localdate(valid_until - timedelta.resolution)


def when(one: Appointment) -> str:
    """Thu 18 February 2021, 10:20, Vaccination center Pirna."""
    at = one.slot.starts_at
    return f"{weekday_date(at)}, {local_time(at)}, {wording.center_name(one.slot.center)}"


# --- Sentences -------------------------------------------------------------------------------------------------------


def _unconfirmed(here: Here) -> tuple[str, str, str]:
    text = _("Who says on the telephone that she registered herself is confirmed here; she need not press the link.")
    return _("Registered, not confirmed yet."), text, WARNING


def _waiting(here: Here) -> tuple[str, str, str]:
    title = _("Waits for her turn, rank %(rank)s.") % {"rank": number_format(here.person.rank, force_grouping=True)}
    if here.may:
        return title, _("The rules let her book: on the telephone right away, where a place is free."), NEWS
    return title, _("She cannot book yet; below you see why. We write to her when it is her turn."), NEWS


def _invited(here: Here) -> tuple[str, str, str]:
    invitation = here.stand.invitation
    day = plain_date(last_day(invitation.valid_until)) if invitation else ""
    return _("Invited until %(day)s, no appointment yet.") % {"day": day}, _("Book on the telephone."), NEWS


def _expired(here: Here) -> tuple[str, str, str]:
    invitation = here.stand.invitation
    day = plain_date(last_day(invitation.valid_until)) if invitation else ""
    text = _("Nothing is lost, her rank is kept. Book on the telephone, or renew the invitation.")
    return _("The invitation ended on %(day)s.") % {"day": day}, text, WARNING


def _booked(here: Here) -> tuple[str, str, str]:
    return _("Booked: %(doses)s.") % {"doses": _doses(here.stand.doses)}, "", GOOD


def _displaced(here: Here) -> tuple[str, str, str]:
    gone = next(one for one in here.stand.doses if one.displaced_at is not None)
    said = {"dose": dose_name(gone.dose_number), "when": when(gone)}
    text = _("The appointment stands and she is let in. The center looks for a place; you can move it now.")
    return _("Kept without a place: %(dose)s, %(when)s.") % said, text, WARNING


def _arrived(here: Here) -> tuple[str, str, str]:
    one = next(dose for dose in here.stand.doses if dose.status == Appointment.Status.ARRIVED)
    text = _("The staff there have her before them. Nothing can be changed from here until the dose is entered.")
    return _("Is at the center now: %(dose)s.") % {"dose": dose_name(one.dose_number)}, text, NEWS


def _begun(here: Here) -> tuple[str, str, str]:
    coming = here.stand.coming
    said = {"given": dose_name(here.stand.doses[0].dose_number), "next": _doses((coming,)) if coming else ""}
    return _("%(given)s given; booked: %(next)s.") % said, "", GOOD


def _lacks_second(here: Here) -> tuple[str, str, str]:
    given = here.stand.doses[-1]
    said = {"given": dose_name(given.dose_number), "day": plain_date(timezone.localdate(given.slot.starts_at))}
    text = _("The second dose can be booked here, on the days that the first one allows; it was given at: %(center)s.")
    title = _("%(given)s given on %(day)s, no appointment for the next one.") % said
    return title, text % {"center": wording.center_name(given.slot.center)}, WARNING


def _done(here: Here) -> tuple[str, str, str]:
    day = plain_date(timezone.localdate(here.stand.doses[-1].slot.starts_at))
    return _("Vaccinated, the last dose on %(day)s.") % {"day": day}, _("Nothing is left to do."), GOOD


def _withdrawn(here: Here) -> tuple[str, str, str]:
    reasons = Registration.Withdrawal
    person = here.person
    again = _("Who wants an appointment after all registers anew.")
    words = {
        reasons.OWN_WISH: (_("Registration ended at her own wish."), again),
        reasons.VACCINATED_ELSEWHERE: (_("Registration ended: vaccinated elsewhere."), again),
        reasons.DIED: (_("Has died."), _("No message leaves any more, and the places have been given back.")),
        reasons.MERGED: (
            _("Was registered twice; goes on as another registration."),
            _("Nothing can be done here any more. Notes and history stay readable there."),
        ),
    }
    title, text = words[reasons(person.withdrawn_reason)]
    if person.withdrawn_reason in telling.SILENT and any(mail.at_printer(one) for one in here.messages):
        text += " " + _("A letter to her lies at the printer already: please have it taken out of its batch.")
    day = plain_date(timezone.localdate(person.withdrawn_at)) if person.withdrawn_at else ""
    return title, _("Since %(day)s.") % {"day": day} + f" {text}", WARNING


_SENTENCES = {
    Stage.UNCONFIRMED: _unconfirmed,
    Stage.WAITING: _waiting,
    Stage.INVITED: _invited,
    Stage.EXPIRED: _expired,
    Stage.BOOKED: _booked,
    Stage.DISPLACED: _displaced,
    Stage.ARRIVED: _arrived,
    Stage.BEGUN: _begun,
    Stage.LACKS_SECOND: _lacks_second,
    Stage.DONE: _done,
    Stage.WITHDRAWN: _withdrawn,
}


def _doses(doses: Sequence[Appointment]) -> str:
    return _(" and ").join(f"{dose_name(one.dose_number)} {when(one)}" for one in doses)


def _before(here: Here) -> str:
    """What became of the appointments that she had last."""
    last = here.stand.last
    if last is None:
        return ""
    words = {
        Before.MISSED: _("She did not come on %(day)s."),
        Before.DEFERRED: _("She was sent home without a dose on %(day)s."),
        Before.BY_CENTER: _("The center had to cancel her appointment on %(day)s; her rank is kept."),
        Before.CANCELLED: _("Her appointment on %(day)s was cancelled; her rank is kept."),
    }
    return words[here.stand.before] % {"day": plain_date(timezone.localdate(last.slot.starts_at))}


def _late(here: Here) -> str:
    """The message that tells her where she stands has not arrived, and why."""
    tells = TELLS.get(here.stand.stage, ())
    newest = next((one for one in here.messages if one.template in tells), None)
    if newest is None:
        return ""
    if newest.medium == Message.Medium.LETTER:
        return _late_letter(newest)
    said = {"provider": newest.lane}
    if newest.state == State.DEFERRED:
        return _("Our message about it has not arrived: %(provider)s does not accept it at the moment.") % said
    if newest.state == State.BOUNCED:
        return _("Our message about it came back: %(provider)s refused it. Please check the contact.") % said
    return ""


def _late_letter(letter: Message) -> str:
    waits = _("Our letter about it waits for the printer; she does not have it yet.")
    words = {
        State.QUEUED: waits,
        State.DEFERRED: waits,
        State.SENDING: _("Our letter about it lies at the printer; she does not have it yet."),
        State.BOUNCED: _("Our letter about it came back. Please ask for the right address."),
    }
    return words.get(State(letter.state), "")


# --- Deeds -----------------------------------------------------------------------------------------------------------


def _deeds(here: Here) -> Iterator[Deed]:
    stage = here.stand.stage
    if stage is Stage.WITHDRAWN:
        if here.person.withdrawn_reason not in telling.SILENT:
            yield Deed(_("Cancel or end"), _url(here, "end"), gives_up=True)
        return
    yield from _toward_booking(here)
    yield from _moves(here)
    if here.stand.movable(here.now):
        yield Deed(_("Read out appointments and code"), reverse("callcenter:new_booked", args=[here.person.public_id]))
    if stage is not Stage.DONE and telling.can(_link(here.person), here.person):
        sms = here.person.medium == Message.Medium.SMS
        label = _("Send a link by SMS") if sms else _("Send a link by e-mail")
        yield Deed(label, _url(here, "link"), post=True)
    if stage not in {Stage.DONE, Stage.ARRIVED}:
        yield Deed(_("Cancel or end"), _url(here, "end"), gives_up=True)


def _toward_booking(here: Here) -> Iterator[Deed]:
    stage = here.stand.stage
    if stage is Stage.UNCONFIRMED:
        yield Deed(_("Confirm on the telephone"), _url(here, "confirm"), post=True)
    if stage is Stage.INVITED or (here.may and stage in {Stage.WAITING, Stage.EXPIRED}):
        yield Deed(_("Search and book an appointment"), _url(here, "book"))
        if here.company:
            alone = len(here.company) == 1
            label = _("Book together with %(name)s") % {"name": here.company[0]} if alone else _("Book the household")
            yield Deed(label, _url(here, "together"))
    if stage is Stage.LACKS_SECOND:
        yield Deed(_("Book the second vaccination"), _url(here, "second"))
    if stage is Stage.EXPIRED:
        yield Deed(_("Renew the invitation"), _url(here, "renew"), post=True)


def _moves(here: Here) -> Iterator[Deed]:
    """The last dose first: that is the one most call about."""
    movable = here.stand.movable(here.now)
    for one in reversed(movable):
        label = _("Move the %(dose)s") % {"dose": dose_name(one.dose_number)}
        yield Deed(label, _url(here, "move", dose=one.dose_number))
    if len(movable) > 1:
        yield Deed(_("Move both"), _url(here, "move_both"))


def _link(person: Registration) -> str:
    return "confirm_registration" if person.confirmed_at is None else "new_link"


def _url(here: Here, name: str, **parts: Any) -> str:
    return reverse(f"callcenter:find_person_{name}", kwargs={"person": here.person.public_id, **parts})
