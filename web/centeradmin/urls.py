"""Addresses under /zentrum/. Each room of the center brings its own."""

from django.urls import include, path

from web.centeradmin import home

app_name = "centeradmin"
urlpatterns = [
    path("", home.home, name="home"),
    path("vorrat/", include("web.centeradmin.supply.urls")),
    path("", include("web.centeradmin.overview.urls")),
]
