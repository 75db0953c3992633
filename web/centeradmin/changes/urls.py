"""Addresses under /zentrum/aendern/. A change and its people are named by their public ids."""

from django.urls import path

from web.centeradmin.changes import choose, preview, result, running

urlpatterns = [
    path("", choose.changes, name="changes"),
    path("vorschau/", preview.preview, name="changes_preview"),
    path("<uuid:change>/", result.result, name="changes_result"),
    path("<uuid:change>/laeuft/", running.run, name="changes_run"),
    path("<uuid:change>/anhalten/", running.stop, name="changes_stop"),
    path("<uuid:change>/weiter/", running.resume, name="changes_resume"),
    path("<uuid:change>/liste/", result.phone_list, name="changes_list"),
    path("<uuid:change>/anruf/<uuid:person>/", result.call, name="changes_call"),
]
