"""Addresses of new sessions, under /zentrum/."""

from django.urls import path

from web.centeradmin.sessions import copying, shares, waiting, wizard

urlpatterns = [
    path("sitzung/neu/", wizard.start, name="new_session"),
    path("sitzung/neu/tage/", wizard.days, name="new_session_days"),
    path("sitzung/neu/tage/auswahl/", wizard.dates, name="new_session_dates"),
    path("sitzung/neu/zeiten/", wizard.times, name="new_session_times"),
    path("sitzung/neu/impfstoff/", wizard.vaccine, name="new_session_vaccine"),
    path("sitzung/neu/anteile/", shares.shares, name="new_session_shares"),
    path("sitzung/neu/pruefen/", shares.check, name="new_session_check"),
    path("sitzung/neu/veroeffentlichen/", shares.publish, name="new_session_publish"),
    path("sitzung/neu/verwerfen/", wizard.discard, name="new_session_discard"),
    path("sitzung/neu/fertig/", shares.done, name="new_session_done"),
    path("sitzung/entwuerfe/", waiting.drafts, name="new_session_drafts"),
    path("sitzung/<uuid:block>/", waiting.change, name="new_session_change"),
    path("woche/kopieren/", copying.copy, name="new_session_copy"),
]
