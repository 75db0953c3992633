"""The citizen's addresses: start and text pages, check, registration, link, and the visit under /mein-termin/."""

from django.urls import include, path

from web.public import check, confirm, link, register
from web.public.my.urls import visit_urls
from web.public.pages import page_urls
from web.public.start import start_urls

app_name = "public"
urlpatterns = [
    path("mein-termin/", include(visit_urls)),  # first: in a rush nearly every request is one of these
    *start_urls,
    path("pruefen/", check.check, name="check"),
    path("anmelden/", register.person, name="register"),
    path("anmelden/anspruch/", register.claim, name="register_claim"),
    path("anmelden/kontakt/", register.contact, name="register_contact"),
    path("anmelden/angaben/", register.review, name="register_review"),
    path("anmelden/bestaetigung/", confirm.status, name="register_status"),
    path("anmelden/bestaetigung/adresse/", confirm.address, name="register_address"),
    path("link/", link.link, name="link_entry"),
    path("link/eingeben/", link.enter, name="link_enter"),
    path("link/code/", link.code, name="link_code"),
    path("link/anfordern/", link.new, name="link_new"),
    path("link/erneuern/", link.renew, name="link_renew"),
    path("link/gesendet/", link.sent, name="link_sent"),
    path("link/<str:token>/", link.open_link, name="link_open"),
    path("abmelden/", link.leave, name="leave"),
    *page_urls,
]
