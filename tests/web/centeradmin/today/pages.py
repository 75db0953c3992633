"""Pages of one person at the door, and what tests read from them."""

from django.http import HttpResponse
from django.urls import reverse

from booking.models import Appointment


def at(one: Appointment, name: str = "person") -> str:
    return reverse(f"centeradmin:today_{name}", args=[one.registration.public_id])


def text(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def status(one: Appointment) -> str:
    return Appointment.objects.get(pk=one.pk).status
