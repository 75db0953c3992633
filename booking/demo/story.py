"""What happened to the demo's people so far, told to the real services with the clock of that day."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from accounts import audit
from accounts.models import AuditEvent, User
from accounts.refusals import Refused
from booking import claims, clock, codes, enrolment, inviting, telling
from booking.demo import letters, people, supply
from booking.demo.people import Human
from booking.models import AccessLink, Appointment, Invitation, Registration
from booking.services import appointments, links, registrations
from centers.models import Channel, Slot

INVITED = {
    "both_given", "second_missed", "first_missed", "first_given", "cancelled", "expired", "booked", "booked_vector",
    "booked_by_phone", "invited",
}  # fmt: skip
NEVER_BOOKED = {"expired", "invited"}
CANDIDATES = 6  # slots tried for one person before she simply stays invited
MAIL_STATES = """
UPDATE notifications_message SET state = 'sent', attempts = 1,
       sent_at = created_at + CASE medium WHEN 'letter' THEN interval '1 day' ELSE interval '4 seconds' END,
       last_reply = CASE medium WHEN 'email' THEN '250 2.0.0 Ok: queued' WHEN 'sms' THEN '202 accepted' ELSE '' END
 WHERE state = 'queued' AND (medium <> 'letter' OR created_at < %(printed)s);
UPDATE notifications_message SET state = 'deferred', attempts = 4, sent_at = NULL, available_at = %(later)s,
       last_reply = '451 4.7.1 Greylisting in action, please try again later'
 WHERE (reference->>'registration')::bigint = ANY (%(deferred)s);
UPDATE notifications_message SET state = 'bounced', attempts = 1, sent_at = NULL,
       last_reply = '550 5.1.1 Recipient address rejected: user unknown'
 WHERE (reference->>'registration')::bigint = ANY (%(bounced)s);
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A human and her registration."""

    human: Human
    registration: Registration


def tell(*, now: datetime, first_day: date, agent: User) -> int:
    """Register, confirm, invite, book, vaccinate and cancel everybody; how many people there are now."""
    cases = [_register(human, agent) for human in people.everybody(now)]
    chance = random.Random(people.SEED)  # noqa: S311 - the same demo every time; nothing secret comes from it
    _confirm(cases, now=now)
    for case in cases:
        if case.human.state in INVITED:
            _invite(case)
        elif case.registration.confirmed_at:
            _tell_waiting(case)
    _Bookings(cases, now=now, first_day=first_day, agent=agent, chance=chance).all()
    _vaccinate(cases, now=now)
    for case in _in(cases, "withdrawn"):
        _withdraw(case, now=now)
    _deliver(cases, now=now)
    letters.put_in_order(by=agent, zone=str(clock.ZONE), now=now)
    return len(cases)


def _in(cases: Iterable[Case], *states: str) -> Iterator[Case]:
    return (case for case in cases if case.human.state in states)


def _register(human: Human, agent: User) -> Case:
    by = agent if human.channel == Channel.PHONE else None
    registration = enrolment.insert(
        human.details, case_number=codes.case_number(), channel=human.channel, by=by, now=human.created_at
    )
    if registration is None:
        raise RuntimeError(f"two people of the demo are the same: {human.details}")
    return Case(human, registration)


def _confirm(cases: list[Case], *, now: datetime) -> None:
    """All of them at once: the services would look for a place for each."""
    confirmed = [
        case
        for case in cases
        if case.registration.confirmed_at is None and not case.human.state.startswith("unconfirmed")
    ]
    for number, case in enumerate(confirmed):
        at = min(case.human.created_at + timedelta(minutes=3 + number % 55), now)
        case.registration.confirmed_at = at
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=one.registration.confirmed_at or now,
            action="registration.confirmed",
            subject=one.registration.public_id,
        )
        for one in confirmed
    )
    Registration.objects.bulk_update([case.registration for case in confirmed], ["confirmed_at"])
    AccessLink.objects.filter(
        registration__in=[case.registration for case in confirmed], purpose=AccessLink.Purpose.CONFIRM
    ).update(used_at=now)


def _invite(case: Case) -> None:
    """The invitation that the service wrote on the day of the confirmation; run out for `expired`."""
    person, at = case.registration, case.registration.confirmed_at or case.human.created_at
    until = inviting.valid_until(person.medium, now=at)
    over = case.human.state == "expired"
    invitation = Invitation.objects.create(
        registration=person,
        issued_at=at,
        valid_until=until,
        closed_at=until if over else None,
        closed_reason=Invitation.Closing.EXPIRED if over else "",
    )
    audit.record("invitation.issued", subject=person.public_id, by=None, now=at)
    ids = {"registration": person.pk, "invitation": invitation.pk}
    _message(person, "invited", f"invited:{invitation.pk}:{person.contact_changes}", ids, now=at, until=until)
    if over:
        audit.record("invitation.expired", subject=person.public_id, by=None, now=until)
        _message(person, "invitation_expired", f"invitation_expired:{invitation.pk}", ids, now=until)


def _tell_waiting(case: Case) -> None:
    person, at = case.registration, case.registration.confirmed_at or case.human.created_at
    _message(person, "registered", f"registered:{person.pk}", {"registration": person.pk}, now=at)


def _message(
    person: Registration, template: str, key: str, ids: dict[str, int], *, now: datetime, until: datetime | None = None
) -> None:
    link = links.issue(registration=person, purpose=AccessLink.Purpose.VISIT, now=now, valid_until=until)
    telling.tell(template, person, key=key, link=link, reference=ids, now=now)


class _Bookings:
    """Series for everybody who got one, each booked by the service at the moment at which it was booked."""

    def __init__(
        self, cases: list[Case], *, now: datetime, first_day: date, agent: User, chance: random.Random
    ) -> None:
        self._cases = cases
        self._now = now
        self._first_day = first_day
        self._agent = agent
        self._chance = chance

    def all(self) -> None:
        next_days: Callable[[Case], tuple[date, date]] = self._next_days
        plans: list[tuple[str, str, str, Callable[[Case], tuple[date, date]]]] = [
            ("both_given", supply.ONLINE, "comirnaty", next_days),
            ("second_missed", supply.ONLINE, "comirnaty", next_days),
            ("first_missed", supply.ONLINE, "comirnaty", next_days),
            ("first_given", supply.ONLINE, "comirnaty", next_days),
            ("cancelled", supply.ONLINE, "comirnaty", self._in_full_supply),
            ("booked_vector", supply.ONLINE, "vaxzevria", self._in_full_supply),
            ("booked_by_phone", supply.PHONE, "comirnaty", self._in_full_supply),
            ("booked", supply.ONLINE, "comirnaty", self._as_early_as_possible),
        ]
        for state, share, vaccine, days in plans:
            for case in _in(self._cases, state):
                self._book(case, share, vaccine, days(case))

    def _book(self, case: Case, share: str, vaccine: str, days: tuple[date, date]) -> None:
        """The first of a few slots that the service gives; when it gives none, the person stays invited."""
        person = case.registration
        at = min(
            (person.confirmed_at or case.human.created_at) + timedelta(minutes=self._chance.randint(5, 90)), self._now
        )
        phone = case.human.channel == Channel.PHONE
        for slot_id in self._slots(case, share, vaccine, days):
            try:
                appointments.book(
                    registration=person, slot_id=slot_id, channel=case.human.channel,
                    by=self._agent if phone else None, now=at,
                )  # fmt: skip
            except Refused:
                continue
            if case.human.state == "cancelled":
                reason = Appointment.Cancellation.OWN_WISH
                appointments.cancel(
                    registration=person, reason=reason, by=None, now=min(at + timedelta(days=1), self._now)
                )
            return

    def _slots(self, case: Case, share: str, vaccine: str, days: tuple[date, date]) -> list[int]:
        found = Slot.objects.filter(
            center__code=case.human.center,
            contingent__code=share,
            vaccine_id=vaccine,
            is_open=True,
            starts_at__gte=clock.start_of(days[0]),
            starts_at__lt=clock.end_of(days[1]),
        ).order_by("starts_at", "pk")
        ids = list(found.values_list("pk", flat=True)[:200])
        if case.human.state != "booked":
            self._chance.shuffle(ids)
        return ids[:CANDIDATES]

    def _next_days(self, case: Case) -> tuple[date, date]:
        """The day after the booking, while places were still easy to get."""
        day = clock.local_day(case.human.created_at) + timedelta(days=1)
        return day, day + timedelta(days=1)

    def _in_full_supply(self, case: Case) -> tuple[date, date]:
        begins, _few = supply.START[case.human.center]
        day = self._first_day + timedelta(days=max(begins, supply.PHONE_FROM) + 1)
        return day, day + timedelta(days=4)

    def _as_early_as_possible(self, _case: Case) -> tuple[date, date]:
        return self._first_day + timedelta(days=1), self._first_day + timedelta(days=20)


def _vaccinate(cases: list[Case], *, now: datetime) -> None:
    """Who had an appointment before now came, except those who did not."""
    missed: list[int] = []
    for state, dose in (("first_missed", 1), ("second_missed", 2)):
        found = Appointment.objects.filter(
            registration__in=[case.registration for case in _in(cases, state)],
            dose_number=dose,
            slot__starts_at__lt=now,
        )
        missed += found.values_list("pk", flat=True)
    for case in _in(cases, "first_missed"):
        first = case.registration.appointments.filter(pk__in=missed).select_related("slot").first()
        if first is not None:  # who did not come has no second dose: given up in time, before the first was over
            appointments.cancel(
                registration=case.registration,
                reason=Appointment.Cancellation.OWN_WISH,
                by=None,
                now=first.slot.starts_at - timedelta(minutes=1),
            )
            Invitation.objects.filter(registration=case.registration, closed_at__isnull=True).update(accepted_at=now)
    rows = Appointment.objects.filter(pk__in=missed)
    claims.give_back(list(rows.exclude(status=Appointment.Status.CANCELLED).values_list("slot_id", flat=True)))
    rows.update(status=Appointment.Status.NO_SHOW, cancelled_at=None, cancelled_by=None, cancelled_reason="")
    Appointment.objects.filter(status=Appointment.Status.BOOKED, slot__starts_at__lt=now).update(
        status=Appointment.Status.VACCINATED
    )


def _withdraw(case: Case, *, now: datetime) -> None:
    at = min(case.human.created_at + timedelta(days=5), now)
    elsewhere = case.registration.pk % 2
    kinds = Registration.Withdrawal
    registrations.withdraw(
        registration=case.registration,
        reason=kinds.VACCINATED_ELSEWHERE if elsewhere else kinds.OWN_WISH,
        by=None,
        now=at,
    )


def _deliver(cases: list[Case], *, now: datetime) -> None:
    """All mail has left long ago, except what a provider delays or refused, and what waits for the printer."""
    keys = {
        name: [case.registration.pk for case in _in(cases, f"unconfirmed_{name}")] for name in ("deferred", "bounced")
    }
    with connection.cursor() as cursor:
        moments = {"later": now + timedelta(hours=2), "printed": now - timedelta(days=2)}
        cursor.execute(MAIL_STATES, {**keys, **moments})
