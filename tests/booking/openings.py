"""Sessions with all their start times, shared by contingents, and people in them, for tests of what a center sees."""

import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from booking import clock
from booking.models import Appointment
from centers.models import Center, Session, Slot
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.supply import ContingentFactory, SessionFactory

DAY = clock.local_day(NOW)


def opening(center: Center, shares: Sequence[int] = (2,), *, slots: int = 4, **fields: object) -> list[Session]:
    """One block: `shares` places at each of `slots` start times for Online, Telefon, and so on, from 8 o'clock."""
    names = ("Online", "Telefon", "Vor Ort")
    fields = {"date": DAY, "starts": time(8), "ends": time(18), "slot_minutes": 15, "lines": sum(shares), **fields}
    block = uuid.uuid4()
    found = []
    for name, places in zip(names, shares, strict=False):
        contingent = ContingentFactory(code=name.lower().replace(" ", "-"), name=name)
        session = SessionFactory(
            center=center, contingent=contingent, block=block, places=places * slots,
            **{key: value for key, value in fields.items() if key != "suspended"},
        )  # fmt: skip
        begins = datetime.combine(session.date, session.starts, tzinfo=clock.ZONE)
        for number in range(slots):
            Slot.objects.create(
                session=session, center=center, vaccine=session.vaccine, contingent=contingent, capacity=places,
                starts_at=begins + number * timedelta(minutes=session.slot_minutes),
                suspended=bool(fields.get("suspended")),
            )  # fmt: skip
        found.append(session)
    return found


def book(slot: Slot, number: int = 1) -> list[Appointment]:
    """So many more people in the slot, each with a second dose."""
    made = [
        Appointment.objects.create(
            registration=RegistrationFactory(), slot=slot, dose_number=2, channel="web", booked_at=NOW
        )
        for _person in range(number)
    ]
    slot.booked += number
    slot.save(update_fields=["booked"])
    return made


def keep(slot: Slot, number: int = 1) -> list[Appointment]:
    """So many who stand at that time without a place."""
    return [
        Appointment.objects.create(
            registration=RegistrationFactory(), slot=slot, dose_number=2, channel="web", booked_at=NOW,
            displaced_at=NOW,
        )
        for _person in range(number)
    ]  # fmt: skip
