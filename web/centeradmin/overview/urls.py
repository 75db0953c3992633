"""Addresses of the views of sessions, under /zentrum/."""

from django.urls import path

from web.centeradmin import dates  # noqa: F401 - brings the converter `date`
from web.centeradmin.overview import day, history, month, week

urlpatterns = [
    path("woche/", week.week, name="week"),
    path("woche/<date:day>/", week.week, name="week_of"),
    path("monat/", month.month, name="week_month"),
    path("monat/<date:day>/", month.month, name="week_month_of"),
    path("tag/", day.day, name="day"),
    path("tag/<date:day>/", day.day, name="day_of"),
    path("verlauf/", history.history, name="day_history"),
]
