"""Supply: districts, centers, vaccines, and the sessions whose slots are the places."""

from centers.models.center import Center, District, PostcodeArea, Workplace, district_label
from centers.models.delivery import Delivery, ReserveRule, Waste
from centers.models.session import Channel, Contingent, Session, SessionDraft, Slot
from centers.models.vaccine import Vaccine, VaccineAgeRule, VaccineIntervalRule, VaccinePause

__all__ = [
    "Center",
    "Channel",
    "Contingent",
    "Delivery",
    "District",
    "PostcodeArea",
    "ReserveRule",
    "Session",
    "SessionDraft",
    "Slot",
    "Vaccine",
    "VaccineAgeRule",
    "VaccineIntervalRule",
    "VaccinePause",
    "Waste",
    "Workplace",
    "district_label",
]
