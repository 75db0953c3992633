"""Addresses under /personal/ beside logging in (login_urls.py)."""

from django.urls import path

from web.staff import accounts, audit, home

app_name = "staff"
urlpatterns = [
    path("", home.home, name="home"),
    path("konten/", accounts.listing, name="accounts"),
    path("konten/einladen/", accounts.invite, name="accounts_invite"),
    path("konten/<uuid:public_id>/", accounts.one, name="accounts_one"),
    path("konten/<uuid:public_id>/einladung/", accounts.invite_again, name="accounts_invite_again"),
    path("konten/<uuid:public_id>/zugang/", accounts.active, name="accounts_active"),
    path("konten/<uuid:public_id>/zweiter-faktor/", accounts.reset_factor, name="accounts_factor"),
    path("protokoll/", audit.listing, name="audit"),
    path("protokoll/protokoll.csv", audit.as_csv, name="audit_csv"),
]
