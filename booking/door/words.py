"""What the door says: papers, needs, states, and what speaks against a dose, with what to do about it."""

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking import wording
from booking.door import checks
from booking.door.checks import Dose
from booking.models import Appointment


def evidence(code: str) -> str:
    """A paper in one word, as it stands beside its tick-box."""
    return {
        "ID": pgettext("paper", "ID card"),
        "INST": pgettext("paper", "Certificate"),
        "MED": pgettext("paper", "Medical certificate"),
        "MEDX": pgettext("paper", "Decision of the state's body"),
        "CONT": pgettext("paper", "Confirmation"),
        "INS": pgettext("paper", "Insurance"),
    }.get(code, code)


def need(code: str) -> str:
    return {
        "wheelchair": _("Wheelchair"),
        "companion": _("Companion"),
        "sign_language": _("Sign language"),
        "en": _("Language: English"),
    }.get(code, code)


def state(status: str) -> str:
    """How somebody stands today, in small letters."""
    return {
        Appointment.Status.BOOKED: pgettext("state", "expected"),
        Appointment.Status.ARRIVED: pgettext("state", "arrived"),
        Appointment.Status.VACCINATED: pgettext("state", "vaccinated"),
        Appointment.Status.DEFERRED: pgettext("state", "sent home"),
        Appointment.Status.NO_SHOW: pgettext("state", "did not come"),
        Appointment.Status.CANCELLED: pgettext("state", "cancelled"),
    }.get(Appointment.Status(status), status)


def short_problem(code: str) -> str:
    """The problem in one word, for the list."""
    return {
        checks.PAUSED: _("vaccine paused"),
        checks.AGE: _("age"),
        checks.PRODUCT: _("other vaccine"),
        checks.NO_FIRST: _("no first dose"),
        checks.INTERVAL: _("interval"),
    }.get(code, "")


def problem(code: str, dose: Dose, *, on: date) -> str:
    """The one sentence that says what is wrong."""
    name = dose.vaccine.name
    if code == checks.INTERVAL and dose.first is not None and dose.distance is not None:
        return _(
            "Do not vaccinate yet today: it is only %(days)d days since the 1st vaccination, %(needed)d are needed."
        ) % {
            "days": (on - dose.first.on).days,
            "needed": dose.distance.min_days,
        }
    return {
        checks.PAUSED: _("Do not vaccinate today: %(vaccine)s is not given at present."),
        checks.AGE: _("Do not vaccinate with %(vaccine)s: it is not given at this age."),
        checks.PRODUCT: _("Do not vaccinate with %(vaccine)s: the 1st vaccination was with another vaccine."),
        checks.NO_FIRST: _("Ask first: no 1st vaccination is on record for this 2nd one with %(vaccine)s."),
    }.get(code, "") % {"vaccine": name}


def remedy(code: str, dose: Dose) -> str:
    """What can be done about it here."""
    if code == checks.INTERVAL and dose.first is not None and dose.distance is not None:
        earliest = dose.first.on + timedelta(days=dose.distance.min_days)
        return _("The earliest day is %(day)s.") % {"day": wording.full_day(earliest)}
    return {
        checks.PAUSED: _("Send her home for today with the reason “the rules do not allow it”; she keeps her rank."),
        checks.AGE: _("Send her home with the reason “the rules do not allow it”, or let a physician decide."),
        checks.PRODUCT: _("Look for a place with the vaccine of the 1st vaccination, or let a physician decide."),
        checks.NO_FIRST: _("Look into her vaccination record. If she had her 1st one elsewhere, a physician decides."),
    }.get(code, "")


def to_say(code: str) -> str:
    """Words for the person herself."""
    return {
        checks.INTERVAL: _(
            "“Your second vaccination works better with the full distance. "
            "I will give you a new appointment right now, you need not call anybody.”"
        ),
        checks.PAUSED: _(
            "“This vaccine is not given at the moment. You keep your place in the line, and we will write to you.”"
        ),
        checks.AGE: _("“This vaccine is not meant for your age. The physician will look at it with you.”"),
        checks.PRODUCT: _(
            "“The second vaccination is given with the same vaccine as the first. Let us see when that is possible.”"
        ),
        checks.NO_FIRST: _("“May I see your vaccination record? I do not find your first vaccination here.”"),
    }.get(code, "")
