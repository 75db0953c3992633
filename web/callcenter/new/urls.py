"""Addresses of the pages for a new caller."""

from django.urls import path

from web.callcenter.new import booked, page

PATHS = [
    path("neu/", page.new, name="new"),
    path("neu/gebucht/<uuid:person>/", booked.booked, name="new_booked"),
    path("neu/familie/<uuid:person>/", booked.next_member, name="new_next"),
]
