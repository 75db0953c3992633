from booking.models.appointment import Appointment
from booking.models.invitation import Invitation
from booking.models.link import AccessLink
from booking.models.registration import Draft, Registration

__all__ = ["AccessLink", "Appointment", "Draft", "Invitation", "Registration"]
