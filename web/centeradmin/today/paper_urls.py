"""Addresses of the paper of a day, under /zentrum/heute/."""

from django.urls import path

from web.centeradmin import dates  # noqa: F401 - brings the converter `date`
from web.centeradmin.today import afterwards, paper, walk_in

urlpatterns = [
    path("drucken/", paper.for_the_desk, name="today_print"),
    path("papiermappe/", paper.newest, name="today_paper"),
    path("papiermappe/tage/", paper.days, name="today_paper_days"),
    path("papiermappe/<date:day>/", paper.of_day, name="today_paper_of"),
    path("tagesliste.csv", paper.as_csv, name="today_csv"),
    path("nachtragen/", afterwards.afterwards, name="today_afterwards"),
    path("nachtragen/<date:day>/", afterwards.afterwards, name="today_afterwards_of"),
    path("nachtragen/<date:day>/ohne-termin/", walk_in.find, name="today_afterwards_walk_in"),
    path("nachtragen/<date:day>/ohne-termin/neu/", walk_in.new, name="today_afterwards_new"),
]
