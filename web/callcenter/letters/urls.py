"""Addresses of the print queue. No case number stands in one: it is typed."""

from django.urls import path

from web.callcenter.letters import deeds, page

AT = "druck/<uuid:batch>/"
PATHS = [
    path("druck/", page.letters, name="letters"),
    path("druck/stapel/", deeds.make, name="letters_make"),
    path("druck/zurueck/", deeds.returned, name="letters_returned"),
    path(f"{AT}briefe.pdf", deeds.pdf, name="letters_pdf"),
    path(f"{AT}gedruckt/", deeds.printed, name="letters_printed"),
    path(f"{AT}misslungen/", deeds.failed, name="letters_failed"),
    path(f"{AT}nochmal/", deeds.again, name="letters_again"),
]
