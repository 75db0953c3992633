"""Addresses under /zentrum/. Each room of the center brings its own."""

from django.urls import include, path

from web.centeradmin import home

app_name = "centeradmin"
urlpatterns = [
    path("", home.home, name="home"),
    path("aendern/", include("web.centeradmin.changes.urls")),
    path("heute/", include("web.centeradmin.today.urls")),
    path("vorrat/", include("web.centeradmin.supply.urls")),
    path("", include("web.centeradmin.overview.urls")),
    path("", include("web.centeradmin.sessions.urls")),
    path("heute/", include("web.centeradmin.today.paper_urls")),
]
