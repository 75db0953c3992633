"""Whether the books agree: counters, appointments, series and messages, read after every race."""

from django.db.models import Count, F, Q

from booking.models import Appointment, Registration
from centers.models import Slot
from notifications.models import Message


def balanced() -> None:
    """Every counter is the number of live appointments, every series whole and announced by one message."""
    live = Count("appointments", filter=Q(appointments__status__in=("booked", "arrived", "vaccinated")))
    assert list(Slot.objects.annotate(live=live).exclude(live=F("booked"))) == []
    assert not Slot.objects.filter(booked__gt=F("capacity")).exists()
    doses = Registration.objects.annotate(
        live=Count("appointments", filter=Q(appointments__status="booked")),
        first=Count("appointments", filter=Q(appointments__status="booked", appointments__dose_number=1)),
    ).filter(live__gt=0)
    for person in doses.filter(first__gt=0):
        first = person.appointments.select_related("slot__vaccine").get(dose_number=1, status="booked")
        assert person.live == first.slot.vaccine.doses
    first_doses = Appointment.objects.filter(dose_number=1).values_list("pk", flat=True)
    expected = sorted(f"booked:{pk}" for pk in first_doses)
    assert sorted(Message.objects.filter(template="booked").values_list("dedupe_key", flat=True)) == expected
