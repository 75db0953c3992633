from booking.models.appointment import Appointment
from booking.models.call import Call, CallBack, CallPerson, Hold, Household, Note
from booking.models.change import Case, Change
from booking.models.door import Arrival, Deferral, Vaccination
from booking.models.invitation import Invitation
from booking.models.link import AccessLink
from booking.models.paper import PaperPack
from booking.models.registration import Draft, Registration

__all__ = [
    "AccessLink",
    "Appointment",
    "Arrival",
    "Call",
    "CallBack",
    "CallPerson",
    "Case",
    "Change",
    "Deferral",
    "Draft",
    "Hold",
    "Household",
    "Invitation",
    "Note",
    "PaperPack",
    "Registration",
    "Vaccination",
]
