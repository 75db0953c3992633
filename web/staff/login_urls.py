"""Logging in: django-allauth's views under our addresses, and no more of them than we need.

No sign-up, no e-mail addresses to add, no accounts of other houses. The names are allauth's, which looks them up.
"""

from allauth.account import views as account
from allauth.account.views import password_reset_from_key as new_password
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkey
from django.urls import path
from django.views.generic import RedirectView

urlpatterns = [
    path("anmelden/", account.login, name="account_login"),
    path("anmelden/code/", factor.authenticate, name="mfa_authenticate"),
    path("abmelden/", account.logout, name="account_logout"),
    path("bestaetigen/", account.reauthenticate, name="account_reauthenticate"),
    path("bestaetigen/code/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("bestaetigen/passkey/", passkey.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passwort/", account.password_change, name="account_change_password"),
    # allauth leads there who is logged in without a password; only a link from a mail sets a first one.
    path("passwort/setzen/", RedirectView.as_view(pattern_name="account_reset_password"), name="account_set_password"),
    path("passwort/vergessen/", account.password_reset, name="account_reset_password"),
    path("passwort/vergessen/gesendet/", account.password_reset_done, name="account_reset_password_done"),
    path("passwort/neu/fertig/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("passwort/neu/<str:uidb36>/<str:key>/", new_password, name="account_reset_password_from_key"),
    path("zweiter-faktor/", factor.index, name="mfa_index"),
    path("zweiter-faktor/app/", app.activate_totp, name="mfa_activate_totp"),
    path("zweiter-faktor/app/entfernen/", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("zweiter-faktor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("zweiter-faktor/codes/neu/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("zweiter-faktor/passkeys/", passkey.list_webauthn, name="mfa_list_webauthn"),
    path("zweiter-faktor/passkeys/neu/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path("zweiter-faktor/passkeys/<int:pk>/entfernen/", passkey.remove_webauthn, name="mfa_remove_webauthn"),
]
