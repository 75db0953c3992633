"""How one person stands at this center today: which appointment is meant, what was checked, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from booking import clock, facts
from booking.door import checks, day_list, finding, series, words
from booking.models import Appointment, Arrival, Deferral, Registration, Vaccination
from booking.services import door_end
from centers.models import Center
from priority.rules import age_on

Status = Appointment.Status
LIVE = {Status.BOOKED, Status.ARRIVED, Status.VACCINATED}


@dataclass(frozen=True)
class Checked:
    """One line of "what was checked"."""

    what: str
    tone: str
    result: str
    why: str


@dataclass
class Situation:
    """Read once per page. `one` is the appointment that is meant: today's, else the next one, else the last."""

    center: Center
    person: Registration
    one: Appointment
    now: datetime

    @property
    def today(self) -> date:
        return clock.local_day(self.now)

    @property
    def on(self) -> date:
        """The local day of the appointment."""
        return clock.local_day(self.one.slot.starts_at)

    @property
    def is_today(self) -> bool:
        return self.on == self.today and self.one.status != Status.CANCELLED

    @property
    def age(self) -> int:
        return age_on(self.person.birth_date, self.today)

    @cached_property
    def first(self) -> series.FirstDose | None:
        return series.first_dose(self.person.pk)

    @cached_property
    def dose(self) -> checks.Dose:
        return series.dose_of(self.one, self.first)

    @cached_property
    def against(self) -> tuple[str, ...]:
        return checks.problems(self.dose, on=self.today)

    @cached_property
    def late_by(self) -> int:
        return checks.late_by(self.dose, on=self.today)

    @property
    def waits(self) -> bool:
        """Can still be let in today: expected, counted as missing, or sent home and back again."""
        return self.is_today and self.one.status in {Status.BOOKED, Status.NO_SHOW, Status.DEFERRED} and not self.ended

    @property
    def may_be_taken_today(self) -> bool:
        """Of another day, and nothing speaks against today."""
        if self.one.status == Status.VACCINATED:
            open_ = self.second is not None and self.second.status == Status.BOOKED
        else:
            open_ = self.one.status != Status.ARRIVED
        return not self.is_today and not self.ended and not self.against and open_

    @property
    def closed(self) -> bool:
        """The day of the appointment is over: whoever is not here counts as missing."""
        return door_end.is_closed(self.one.slot, now=self.now)

    @cached_property
    def to_come(self) -> bool:
        """She has an appointment to come to, so there is a confirmation to take along."""
        mine = Appointment.objects.filter(registration=self.person, status=Status.BOOKED, slot__starts_at__gt=self.now)
        return mine.exists()

    @property
    def ended(self) -> bool:
        return self.person.withdrawn_at is not None

    @property
    def overrulable(self) -> bool:
        return bool(self.against) and checks.OVERRULABLE.issuperset(self.against)

    @cached_property
    def needed(self) -> tuple[str, tuple[str, ...]]:
        """The reason in words and the codes of the papers."""
        return day_list.evidence_for(
            self.person.criteria, self.person.birth_date, self.one.dose_number, on=self.on, known=facts.load()
        )

    @property
    def papers(self) -> list[tuple[str, str]]:
        return [(code, words.evidence(code)) for code in self.needed[1]]

    @cached_property
    def arrival(self) -> Arrival | None:
        return Arrival.objects.filter(appointment=self.one).select_related("by").first()

    @cached_property
    def given(self) -> Vaccination | None:
        return Vaccination.objects.filter(appointment=self.one).select_related("vaccine", "entered_by").first()

    @cached_property
    def deferral(self) -> Deferral | None:
        return Deferral.objects.filter(appointment=self.one).select_related("by").first()

    @cached_property
    def second(self) -> Appointment | None:
        """The second dose that stands, at whatever center."""
        found = Appointment.objects.live().filter(registration=self.person, dose_number=2)
        return found.select_related("slot__center").first()

    @property
    def wants_second(self) -> bool:
        """A place for dose 2 is to be found from here: too early today, missed, put off, or there is none."""
        if self.first is None or self.first.status == Status.BOOKED or self.ended:
            return False
        if facts.load().vaccines[self.first.vaccine_code].doses < 2:
            return False
        if self.second is None:
            return self.one.status != Status.NO_SHOW or not self.is_today
        return self.second.pk == self.one.pk and self.waits and checks.INTERVAL in self.against

    @property
    def needs(self) -> list[str]:
        flags = {
            "wheelchair": self.person.needs_wheelchair,
            "companion": self.person.needs_companion,
            "sign_language": self.person.needs_sign_language,
            self.person.language: self.person.language != "de",
        }
        return [words.need(code) for code, true in flags.items() if true]

    @property
    def checked(self) -> list[Checked]:
        """Every line with its result and why."""
        day_ok = self.is_today
        lines = [
            _line(_("Day"), day_ok, _said_day(self)),
            _line(_("Center"), True, self.center.name),
            _line(_("Vaccine"), not {checks.PAUSED, checks.PRODUCT} & set(self.against), _said_vaccine(self)),
            _line(_("Age"), checks.AGE not in self.against, _("%(age)d years") % {"age": self.age}),
        ]
        if self.one.dose_number > 1:
            lines.append(_interval(self))
        lines.append(_evidence(self))
        return lines


def load(center: Center, person: UUID, *, now: datetime) -> Situation:
    """404 for everybody who has never had an appointment here."""
    registration = Registration.objects.filter(public_id=person).first()
    mine = finding.of_center(center.pk, registration) if registration else []
    if registration is None or not mine:
        raise Http404
    one = _meant(mine, clock.local_day(now))
    one.registration = registration
    return Situation(center, registration, one, now)


def _meant(mine: Sequence[Appointment], today: date) -> Appointment:
    def order(one: Appointment) -> tuple[int, int]:
        day = clock.local_day(one.slot.starts_at)
        live = one.status in LIVE
        if day == today and one.status != Status.CANCELLED:
            return (0 if live else 1, -one.pk)
        if live and day > today:
            return (2, (day - today).days)
        return (3 if live else 4, (today - day).days if day <= today else 9999)

    return min(mine, key=order)


def _line(what: str, good: bool, why: str) -> Checked:
    if good:
        return Checked(what, "success", _("in order"), why)
    return Checked(what, "danger", _("not possible"), why)


def _said_day(self: Situation) -> str:
    local = self.one.slot.starts_at.astimezone(clock.ZONE)
    if self.one.status == Status.CANCELLED:
        return _("appointment was cancelled")
    if self.is_today:
        return _("appointment today %(time)s") % {"time": f"{local:%H:%M}"}
    return _("appointment on %(day)s") % {"day": f"{local:%d.%m.%Y}"}


def _said_vaccine(self: Situation) -> str:
    name = self.dose.vaccine.name
    if checks.PAUSED in self.against:
        return _("%(vaccine)s is paused") % {"vaccine": name}
    if self.one.dose_number == 1 or self.first is None:
        return name
    if checks.PRODUCT in self.against:
        return _("dose 1 was %(vaccine)s") % {"vaccine": self.first.vaccine_name}
    return _("%(vaccine)s as for dose 1") % {"vaccine": name}


def _interval(self: Situation) -> Checked:
    distance, first = self.dose.distance, self.dose.first
    if first is None or distance is None:
        return Checked(_("Interval"), "danger", _("not possible"), _("no 1st vaccination on record"))
    days = (self.today - first.on).days
    if checks.INTERVAL in self.against:
        why = _("%(days)d of %(needed)d days") % {"days": days, "needed": distance.min_days}
        return Checked(_("Interval"), "danger", _("not possible"), why)
    why = _("day %(days)d, from %(needed)d on") % {"days": days, "needed": distance.min_days}
    if self.late_by:
        why = _("day %(days)d, meant until %(last)s") % {"days": days, "last": distance.max_days}
        return Checked(_("Interval"), "warning", _("late, but right"), why)
    return Checked(_("Interval"), "success", _("in order"), why)


def _evidence(self: Situation) -> Checked:
    what = _("Evidence")
    if self.arrival is not None:
        seen = ", ".join(words.evidence(code) for code in self.arrival.evidence_seen)
        return Checked(what, "success", _("seen"), seen)
    return Checked(what, "", _("not seen yet"), ", ".join(label for _code, label in self.papers))
