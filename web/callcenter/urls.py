"""Addresses under /telefon/. Each room of the call center brings its own."""

from django.urls import path

from web.callcenter import call_backs, figures, find, usage
from web.callcenter.letters import urls as letters
from web.callcenter.new import urls as new
from web.callcenter.person import urls as person

app_name = "callcenter"
urlpatterns = [
    path("", find.find, name="find"),
    path("erkannt/", find.kind, name="find_kind"),
    path("oeffnen/<uuid:person>/", find.open_person, name="find_open"),
    path("unbekannt/", find.new_person, name="find_new"),
    path("fertig/", find.done, name="done"),
    *person.PATHS,
    *new.PATHS,
    *letters.PATHS,
    path("rueckrufe/", call_backs.listing, name="call_backs"),
    path("rueckrufe/neu/", call_backs.new, name="call_backs_new"),
    path("rueckrufe/neu/<uuid:person>/", call_backs.of, name="call_backs_of"),
    path("rueckrufe/meine/", call_backs.mine, name="call_backs_mine"),
    path("rueckrufe/naechster/", call_backs.take_next, name="call_backs_next"),
    path("rueckrufe/<uuid:call_back>/uebernehmen/", call_backs.take, name="call_backs_take"),
    path("rueckrufe/<uuid:call_back>/zurueckgeben/", call_backs.give_back, name="call_backs_back"),
    path("rueckrufe/<uuid:call_back>/nicht-erreicht/", call_backs.not_reached, name="call_backs_not_reached"),
    path("rueckrufe/<uuid:call_back>/erledigt/", call_backs.done, name="call_backs_done"),
    path("heute/", figures.figures, name="figures"),
    path("kontingente/", usage.figures, name="usage"),
    path("kontingente/kontingente.csv", usage.csv, name="usage_csv"),
]
