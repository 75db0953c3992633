"""Addresses under /telefon/. Each room of the call center brings its own."""

from django.urls import path

from web.callcenter import find
from web.callcenter.person import urls as person

app_name = "callcenter"
urlpatterns = [
    path("", find.find, name="find"),
    path("erkannt/", find.kind, name="find_kind"),
    path("oeffnen/<uuid:person>/", find.open_person, name="find_open"),
    path("unbekannt/", find.new_person, name="find_new"),
    path("fertig/", find.done, name="done"),
    *person.PATHS,
]
