"""Addresses under /mein-termin/, included by web/public/urls.py (namespace `public`)."""

from django.urls import path, register_converter

from web.public.my import appointment, cancel, choose, contact, downloads, move
from web.public.my.converters import DayConverter

register_converter(DayConverter, "day")

visit_urls = [
    path("mein-termin/", appointment.overview, name="my"),
    path("mein-termin/erneuern/", appointment.renew, name="my_renew"),
    path("mein-termin/gebucht/", appointment.booked, name="my_booked"),
    path("mein-termin/verschoben/", appointment.moved, name="my_moved"),
    path("mein-termin/zentren/", choose.centers, {"moving": False}, name="my_centers"),
    path("mein-termin/zentren/<slug:slug>/", choose.days, {"moving": False}, name="my_days"),
    path("mein-termin/zentren/<slug:slug>/<day:day>/", choose.times, {"moving": False}, name="my_times"),
    path("mein-termin/verschieben/", choose.centers, {"moving": True}, name="my_move_centers"),
    path("mein-termin/verschieben/zentren/<slug:slug>/", choose.days, {"moving": True}, name="my_move_days"),
    path(
        "mein-termin/verschieben/zentren/<slug:slug>/<day:day>/", choose.times, {"moving": True}, name="my_move_times"
    ),
    path("mein-termin/verschieben/<int:dose>/", move.days, name="my_move_dose"),
    path("mein-termin/verschieben/<int:dose>/<day:day>/", move.times, name="my_move_dose_times"),
    path("mein-termin/absagen/", cancel.ask, name="my_cancel"),
    path("mein-termin/kontakt/", contact.change, name="my_contact"),
    path("mein-termin/termine.ics", downloads.calendar, name="my_calendar"),
    path("mein-termin/bestaetigung.pdf", downloads.confirmation, name="my_pdf"),
]
