"""Addresses under /telefon/. Each room of the call center brings its own."""

from django.urls import path

from web.callcenter import find

app_name = "callcenter"
urlpatterns = [
    path("", find.find, name="find"),
]
