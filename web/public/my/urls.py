"""Addresses under /mein-termin/, included by web/public/urls.py (namespace `public`)."""

from django.urls import path, register_converter

from web.public.my import appointment, cancel, choose, contact, downloads, move
from web.public.my.converters import DayConverter

register_converter(DayConverter, "day")

visit_urls = [
    path("", appointment.overview, name="my"),
    path("erneuern/", appointment.renew, name="my_renew"),
    path("gebucht/", appointment.booked, name="my_booked"),
    path("verschoben/", appointment.moved, name="my_moved"),
    path("zentren/", choose.centers, {"moving": False}, name="my_centers"),
    path("zentren/<slug:slug>/", choose.days, {"moving": False}, name="my_days"),
    path("zentren/<slug:slug>/<day:day>/", choose.times, {"moving": False}, name="my_times"),
    path("verschieben/", choose.centers, {"moving": True}, name="my_move_centers"),
    path("verschieben/zentren/<slug:slug>/", choose.days, {"moving": True}, name="my_move_days"),
    path("verschieben/zentren/<slug:slug>/<day:day>/", choose.times, {"moving": True}, name="my_move_times"),
    path("verschieben/<int:dose>/", move.days, name="my_move_dose"),
    path("verschieben/<int:dose>/<day:day>/", move.times, name="my_move_dose_times"),
    path("absagen/", cancel.ask, name="my_cancel"),
    path("kontakt/", contact.change, name="my_contact"),
    path("termine.ics", downloads.calendar, name="my_calendar"),
    path("bestaetigung.pdf", downloads.confirmation, name="my_pdf"),
]
