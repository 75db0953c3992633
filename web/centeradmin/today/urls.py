"""Addresses under /zentrum/heute/."""

from django.urls import path

from web.centeradmin.today import confirmation, deeds, person, views, walk_in

urlpatterns = [
    path("", views.day, name="today"),
    path("liste/", views.refresh, name="today_list"),
    path("suche/", views.search, name="today_search"),
    path("ohne-termin/", walk_in.find, name="today_walk_in"),
    path("ohne-termin/neu/", walk_in.new, name="today_walk_in_new"),
    path("<uuid:person>/", person.page, name="today_person"),
    path("<uuid:person>/bestaetigung.pdf", confirmation.confirmation, name="today_confirmation"),
    path("<uuid:person>/einlassen/", deeds.arrive, name="today_arrive"),
    path("<uuid:person>/geimpft/", deeds.vaccinate, name="today_vaccinate"),
    path("<uuid:person>/nicht-geimpft/", deeds.defer, name="today_defer"),
    path("<uuid:person>/zweite-impfung/", deeds.place_second, name="today_second"),
    path("<uuid:person>/heute/", deeds.take_today, name="today_take"),
    path("<uuid:person>/berichtigen/", deeds.correct, name="today_correct"),
    path("<uuid:person>/zuruecknehmen/", deeds.undo, name="today_undo"),
]
